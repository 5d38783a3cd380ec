//! Who comes to a move when, and what they do then.

use super::notes::{Failing, Notes, Turn};
use super::rules::{self, Move};
use crate::event::Event;
use crate::fact::{Fact, OperationStep};
use crate::kernel::stream::StreamKey;
use crate::people::operations::OperationId;
use crate::world::World;
use model::action::{Action, Look, RoomAction};
use model::authority::{Actor, Asked};
use model::id::SeatId;
use model::scenario::Step;
use model::time::Span;

impl World {
    /// The same world in which the seats respond by themselves.
    #[must_use]
    pub fn with_policy(mut self) -> Self {
        self.notes = Some(Notes::default());
        self
    }

    /// Those who respond hear of a fact, if it is one they can hear of.
    pub(crate) fn hear_of(&mut self, fact: &Fact) {
        if let Fact::Operation { id, step, .. } = *fact {
            self.hear_of_order(id, step);
            self.consider();
        }
        if let Fact::Alert { .. } = fact {
            self.hear_of_alert();
            self.consider();
        }
    }

    fn hear_of_alert(&mut self) {
        let is_calm = self.telemetry.firing.iter().all(Option::is_none);
        let since = is_calm.then_some(self.now);
        self.write_down(|notes| notes.calm_since = since);
    }

    fn write_down(&mut self, what: impl FnOnce(&mut Notes)) {
        if let Some(notes) = &mut self.notes {
            what(notes);
        }
    }

    fn hear_of_order(&mut self, id: OperationId, step: OperationStep) {
        let (who, action) = (self.operations[id.index()].who, self.operations[id.index()].action);
        match step {
            OperationStep::Given => self.take_down(id, who, action),
            OperationStep::Done => self.take_in(who, action),
            OperationStep::Approved
            | OperationStep::Refused
            | OperationStep::Agreed
            | OperationStep::Started
            | OperationStep::Applied
            | OperationStep::Overtaken
            | OperationStep::Again
            | OperationStep::Mistaken
            | OperationStep::Held
            | OperationStep::BrokeGlass
            | OperationStep::Late
            | OperationStep::Unopposed => {}
        }
    }

    /// What somebody had come to has been said.
    fn take_down(&mut self, id: OperationId, who: Actor, action: Action) {
        let Some(notes) = &mut self.notes else { return };
        let is_it = |turn: &Turn| Actor::Seat(turn.seat) == who && turn.comes_to.action() == Some(action);
        let Some(turn) = notes.turn.take_if(|turn| is_it(turn)) else { return };
        if let Move::Order(order) = turn.comes_to {
            notes.cure = if order.cures { Some(id) } else { notes.cure };
        }
    }

    /// What somebody has found, and that it is over.
    fn take_in(&mut self, who: Actor, action: Action) {
        if self.notes.is_none() || !self.seats.responds(who) {
            return;
        }
        match action {
            Action::Room(RoomAction::Look(Look::Errors(service))) => {
                let failing = Failing { at: self.now, versions: self.seen_failing(service) };
                self.write_down(|notes| drop(notes.errors.insert(service, failing)));
            }
            Action::Room(RoomAction::Resolve) => {
                let (operations, now) = (self.operations.len(), self.now);
                self.write_down(|notes| notes.close(operations, now));
            }
            Action::Room(RoomAction::Declare(_)) => self.begin_updates(),
            Action::Room(
                RoomAction::Acknowledge(_)
                | RoomAction::Look(Look::Data(_))
                | RoomAction::Update(_)
                | RoomAction::Follow(_)
                | RoomAction::HandOver(_),
            )
            | Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Fault { .. } => {}
        }
    }

    /// Those who respond think again: whoever is next begins to make up their mind.
    pub(crate) fn consider(&mut self) {
        let Some(notes) = &self.notes else { return };
        if notes.turn.is_some() {
            return;
        }
        let comes_to = rules::next(&self.what_is_known());
        if comes_to.is_page() && !notes.takes_pages() {
            return;
        }
        let Some(seat) = self.whose_turn(comes_to) else { return };
        let takes = self.thinks(seat, comes_to);
        self.announce(seat, comes_to);
        self.write_down(|notes| notes.turn = Some(Turn { seat, comes_to }));
        self.schedule(takes, Event::Turn);
    }

    /// Who makes a move. Nobody, where nobody may.
    fn whose_turn(&self, next: Move) -> Option<SeatId> {
        let seats = &self.seats;
        let paged = || Some(self.notes.as_ref()?.page?.1);
        match next {
            Move::Wait => None,
            Move::Say(Action::Room(RoomAction::Acknowledge(alert))) => self.model.paged_by(alert, &self.seats),
            Move::Say(_) | Move::Diagnose => paged(),
            Move::Close => seats.holder(Asked::Commander).or_else(paged),
            Move::Order(order) => {
                let own = seats.decider(paged()?, order.action.blast(&self.model.system))?;
                let commander = seats.holder(Asked::Commander).filter(|_| order.is_tie);
                Some(commander.unwrap_or(own))
            }
        }
    }

    /// The page goes out; whoever may not decide says what they would do.
    fn announce(&mut self, seat: SeatId, next: Move) {
        let paged = self.notes.as_ref().and_then(|notes| notes.page).map(|(_, paged)| paged);
        match (next, paged) {
            (Move::Say(Action::Room(RoomAction::Acknowledge(alert))), _) => {
                self.write_down(|notes| {
                    notes.page = Some((alert, seat));
                    notes.incidents += 1;
                });
                self.report(Fact::Paged { alert, seat });
            }
            (Move::Order(order), Some(paged)) if paged != seat => {
                self.report(Fact::Proposed { seat: paged, action: order.action });
            }
            (Move::Order(_) | Move::Say(_) | Move::Wait | Move::Diagnose | Move::Close, _) => {}
        }
    }

    /// How long somebody takes to come to a move. What they say among themselves takes no time of its own: looking
    /// does, and is counted there.
    fn thinks(&self, seat: SeatId, next: Move) -> Span {
        let spec = self.seats.get(seat);
        let (law, purpose, about) = match next {
            Move::Say(Action::Room(RoomAction::Acknowledge(alert))) => {
                (spec.pace.acknowledges, "acknowledges", self.model.alerts[alert.index()].name.hash())
            }
            Move::Diagnose => (spec.pace.diagnoses, "diagnoses", self.page_hash()),
            Move::Order(order) => (spec.pace.decides, "decides", order.action.key(&self.model.system)),
            Move::Say(_) | Move::Close | Move::Wait => return Span::ZERO,
        };
        let nth = match next {
            Move::Order(order) => self.times_ordered(order.action),
            Move::Wait | Move::Diagnose | Move::Say(_) | Move::Close => self.incidents(),
        };
        self.sample(law, StreamKey::new(self.seed, spec.name.as_str(), purpose).word(about, nth))
    }

    fn page_hash(&self) -> u64 {
        let page = self.notes.as_ref().and_then(|notes| notes.page);
        page.map_or(0, |(alert, _)| self.model.alerts[alert.index()].name.hash())
    }

    fn incidents(&self) -> u64 {
        self.notes.as_ref().map_or(0, |notes| notes.incidents)
    }

    /// Whether it is those who respond by themselves that give an order now.
    pub(crate) fn comes_to(&self, who: Actor, action: &Action) -> bool {
        let turn = self.notes.as_ref().and_then(|notes| notes.turn);
        turn.is_some_and(|turn| Actor::Seat(turn.seat) == who && turn.comes_to.action().as_ref() == Some(action))
    }

    /// Somebody has made up their mind. What they had come to may no longer be what is to be done.
    pub(crate) fn take_turn(&mut self) {
        let comes_to = rules::next(&self.what_is_known());
        let Some(notes) = &mut self.notes else { return };
        let Some(turn) = notes.turn else { return };
        if turn.comes_to != comes_to {
            notes.turn = None;
            return self.consider();
        }
        match comes_to.action() {
            Some(action) => self.follow([Step::new(self.now, Actor::Seat(turn.seat), action)]),
            None => {
                notes.turn = None;
                notes.is_diagnosed |= comes_to == Move::Diagnose;
                self.consider();
            }
        }
    }
}

impl Move {
    /// Whether somebody is paged by it.
    const fn is_page(self) -> bool {
        matches!(self, Move::Say(Action::Room(RoomAction::Acknowledge(_))))
    }

    /// What is said or ordered, if something is.
    const fn action(self) -> Option<Action> {
        match self {
            Move::Wait | Move::Diagnose => None,
            Move::Say(action) => Some(action),
            Move::Close => Some(Action::Room(RoomAction::Resolve)),
            Move::Order(order) => Some(order.action),
        }
    }
}
