//! What a seat can do now, with what is known about each choice and what nobody has checked.

mod around;
mod known;
mod offered;

use crate::observers::story::Teller;
use crate::people::operations::{Operation, State};
use crate::world::World;
use model::action::{Action, Effects, Look, Refusal, RoomAction, ServiceAction};
use model::authority::{Actor, Asked};
use model::control::Change;
use model::id::{SeatId, StoreId};
use model::time::Span;
use std::collections::BTreeSet;

/// One thing a seat can do.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What it is called.
    pub label: String,
    /// What is sent when it is chosen.
    pub action: Action,
    /// The authority it takes.
    pub authority: String,
    /// Whose approval this seat has to wait for.
    pub asks: Vec<String>,
    /// Whether this seat may act at once all the same, and answer for it afterwards.
    pub glass: bool,
    /// Whom this seat can give it to as a task: whoever is on call for it, or else responds.
    pub other: Option<Other>,
    /// Whether it changes what runs, or ends the drill: it must be confirmed.
    pub dangerous: bool,
    /// What is known of its effect.
    pub known: Vec<String>,
    /// What has not been checked.
    pub unchecked: Vec<String>,
    /// Why it cannot be done now.
    pub refused: Option<String>,
}

/// Somebody else who can do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Who.
    pub seat: SeatId,
    /// What they are called.
    pub name: String,
}

impl World {
    /// What a seat can do now: people first, looking next, then what changes something.
    pub(crate) fn choices(&self, seat: SeatId) -> Vec<Choice> {
        let actions = self.people_actions(seat).into_iter().chain(self.looks()).chain(self.remedies());
        actions.map(|action| self.described(seat, action, self.attempt_as_known(&action))).collect()
    }

    /// What an action would do as far as the tools know: whether there is anything to repair, to take back or to accept
    /// is found out by whoever tries.
    fn attempt_as_known(&self, action: &Action) -> Result<Effects, Refusal> {
        let effects = self.attempt_action(action);
        match effects {
            Err(Refusal::NothingToConvert(_) | Refusal::NothingToCompensate(_) | Refusal::NothingToAccept(_)) => {
                action.effects(&self.model.system, &self.control)
            }
            known => known,
        }
    }

    /// What there is to an action, and what nobody has checked.
    pub(crate) fn choice(&self, seat: SeatId, action: Action) -> Choice {
        self.described(seat, action, self.attempt_action(&action))
    }

    fn described(&self, seat: SeatId, action: Action, effects: Result<Effects, Refusal>) -> Choice {
        let teller = Teller(&self.model);
        let authority = self.seats.matrix.needs(action.blast(&self.model.system));
        let words = self.seats.words_for(seat, authority);
        let glass = !words.is_empty() && self.seats.matrix.break_glass;
        let unheld = words.iter().find(|part| !glass && self.seats.holder(**part).is_none());
        let unheld = unheld.map(|part| Refusal::NobodyToAsk(*part));
        let refused = effects.as_ref().err().or(unheld.as_ref()).map(|refusal| teller.refusal(refusal));
        let effects = effects.unwrap_or_default();
        let changes = &effects.after_lead;
        Choice {
            label: self.label(&action, changes),
            authority: authority.to_string(),
            asks: self.asks(seat, &words),
            glass,
            other: self.other_hand(seat, &action),
            dangerous: action.is_weighed(),
            known: self
                .known(&effects)
                .into_iter()
                .chain(self.when_due(&action))
                .chain(self.hops_of(&action))
                .collect(),
            unchecked: self.unchecked(changes),
            refused,
            action,
        }
    }

    /// Who could do it for a seat. What people do among themselves is not given on.
    fn other_hand(&self, seat: SeatId, action: &Action) -> Option<Other> {
        let others = self.others_than(&[Actor::Seat(seat)], action);
        let first = others.first().copied().filter(|_| action.mitigates())?;
        Some(Other { seat: first, name: self.seats.get(first).name.to_string() })
    }

    /// The action in words; a rollback says where it leads.
    fn label(&self, action: &Action, changes: &[Change]) -> String {
        let words = Teller(&self.model).action(action);
        let undone_to = changes
            .iter()
            .filter(|_| matches!(action, Action::Service(_, ServiceAction::Undo)))
            .find_map(Change::target);
        match undone_to {
            Some((_, version)) => format!("{words} to {}", self.model.system.version(version).label),
            None => words,
        }
    }

    /// Who has to be asked for these words, and how long they take.
    fn asks(&self, seat: SeatId, words: &[Asked]) -> Vec<String> {
        let told = words.iter().filter(|part| self.seats.holder(**part) != Some(seat)).map(|part| {
            let Some(holder) = self.seats.holder(*part) else { return format!("{}: nobody", part.name()) };
            let holder = self.seats.get(holder);
            match self.median(holder.answers) {
                Span::ZERO => holder.name.to_string(),
                takes => format!("{} (about {takes})", holder.name),
            }
        });
        let mut told: Vec<String> = told.collect();
        told.dedup();
        told
    }

    /// What the tools say about a choice.
    fn known(&self, effects: &Effects) -> Vec<String> {
        let mut lines: Vec<_> = effects.after_lead.iter().filter_map(|change| self.known_of(*change)).collect();
        let total = effects.lead.iter().fold(Span::ZERO, |sum, stage| sum + self.median(stage.takes));
        if total > Span::ZERO {
            lines.push(format!("takes about {total} before it takes effect"));
        }
        let goes_well = effects.lead.iter().fold(1.0, |share, stage| share * stage.fails.complement().as_f64());
        if goes_well < 1.0 {
            lines.push(format!("{:.0} % of such runs fail on the way, and begin again", 100.0 * (1.0 - goes_well)));
        }
        let built = effects.after_lead.iter().find_map(Change::published);
        if let Some(wrong) = built.and_then(|version| self.model.system.version(version).wrong) {
            lines.push(format!("{} of such fixes are none", wrong.share));
        }
        lines
    }

    /// What nobody has looked at that bears on a choice: can the version that comes back read what has
    /// been written since?
    fn unchecked(&self, changes: &[Change]) -> Vec<String> {
        let system = &self.model.system;
        let audited = self.audited();
        let mut lines = Vec::new();
        for change in changes {
            let Some((service, version)) = change.decided() else { continue };
            let stores = (0..system.stores.len()).map(StoreId::new);
            let own = stores.filter(|store| system.users_of(*store).contains(&service) && !audited.contains(store));
            lines.extend(own.map(|store| {
                format!("can {} read what is in {} by now?", system.version(version).name, system.store(store).name)
            }));
        }
        lines
    }

    /// Stores somebody has audited since the last change of what runs: what an audit found before that says
    /// little about what is written now.
    fn audited(&self) -> BTreeSet<StoreId> {
        let moves =
            |operation: &Operation| operation.planned().iter().any(|c| c.decided().is_some() || c.flag().is_some());
        let changed = self.operations.iter().rposition(moves).map_or(0, |index| index + 1);
        let done = self.operations[changed..].iter().filter(|operation| operation.state == State::Done);
        let looks = done.filter_map(|operation| match operation.action {
            Action::Room(RoomAction::Look(Look::Data(store))) => Some(store),
            Action::Room(_)
            | Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Fault { .. } => None,
        });
        looks.collect()
    }
}
