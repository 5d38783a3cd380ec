//! Runbooks: somebody goes through what was written down, hop by hop.
//!
//! Each hop's order is given like any other: whoever has to be asked is asked, and what is refused is refused. What
//! has to be seen then is looked for in what monitoring has collected, or by an audit: nobody knows more than a seat
//! does. A hop that is thwarted, or not verified in its time, is where it ends.

use super::operations::{Operation, OperationId, State};
use crate::event::Event;
use crate::fact::{Fact, OperationStep};
use crate::observers::story::Teller;
use crate::world::World;
use model::action::{Action, Look, Refusal, RoomAction, RoomRefusal};
use model::id::{RunbookId, StoreId, VersionId};
use model::runbook::{Check, Hop, Unmet};
use model::scenario::{Manner, Step, Task};
use model::slo::Rule;
use model::time::{Span, Time};

/// Where somebody is in a runbook.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Following {
    /// The order to go through it.
    order: OperationId,
    runbook: RunbookId,
    /// The hop, counted from 0.
    hop: usize,
    /// When the hop was begun.
    begun: Time,
    stage: Stage,
}

/// How far a hop is.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    /// What it orders is on its way.
    Ordered(OperationId),
    /// That is in effect since then, and it is looked for what has to be seen.
    Verifying { since: Time, audits: Vec<OperationId> },
}

/// How a hop stands.
enum Standing {
    UnderWay,
    Verified,
    Failed(Unmet),
}

impl Following {
    fn waits_for(&self, id: OperationId) -> bool {
        match &self.stage {
            Stage::Ordered(ordered) => *ordered == id,
            Stage::Verifying { audits, .. } => audits.contains(&id),
        }
    }
}

impl Operation {
    /// The runbook that it goes through, if it does.
    pub(crate) const fn follows(&self) -> Option<RunbookId> {
        match self.action {
            Action::Room(RoomAction::Follow(runbook)) => Some(runbook),
            Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Room(_)
            | Action::Fault { .. } => None,
        }
    }
}

impl World {
    /// Whether somebody goes through a runbook.
    pub(super) fn is_followed(&self, runbook: RunbookId) -> bool {
        self.following.iter().any(|following| following.runbook == runbook)
    }

    /// The order to go through a runbook that has given another one, and waits for it.
    pub(crate) fn given_by_runbook(&self, id: OperationId) -> Option<OperationId> {
        self.following.iter().find(|following| following.waits_for(id)).map(|following| following.order)
    }

    /// A hop is begun; behind the last one the runbook is over.
    pub(super) fn take_hop(&mut self, order: OperationId, runbook: RunbookId, hop: usize) {
        let Some(spec) = self.model.system.runbook(runbook).hops.get(hop).cloned() else {
            self.operations[order.index()].state = State::Done;
            return self.report_step(order, OperationStep::Done);
        };
        let stage = match spec.order {
            Some(action) => Stage::Ordered(self.give_in_hop(order, &spec, action)),
            None => self.verifying(order, &spec),
        };
        self.following.push(Following { order, runbook, hop, begun: self.now, stage });
        self.schedule(spec.within, Event::Hop(order));
        self.schedule(Span::ZERO, Event::Hop(order));
    }

    /// What was ordered is in effect: audits are made where what has to be seen is in no metric.
    fn verifying(&mut self, order: OperationId, hop: &Hop) -> Stage {
        let stores = hop.checks.iter().filter_map(|check| check.audits());
        let looks = stores.map(|store| Action::Room(RoomAction::Look(Look::Data(store))));
        let audits = looks.map(|look| self.give_in_hop(order, hop, look)).collect();
        Stage::Verifying { since: self.now, audits }
    }

    /// By whoever goes through the runbook, as a task for whoever the hop names.
    fn give_in_hop(&mut self, order: OperationId, hop: &Hop, action: Action) -> OperationId {
        let step = Step::new(self.now, self.operations[order.index()].who, action);
        let task = hop.who.map(|to| Task { to, within: None });
        let id = self.command(&Step { manner: Manner { task, ..Manner::default() }, ..step });
        self.operations[id.index()].runbook = Some(order);
        id
    }

    /// Whoever goes through a runbook hears that what they wait for is over.
    pub(crate) fn hear_for_runbooks(&mut self, fact: &Fact) {
        let Fact::Operation { id, step, .. } = *fact else { return };
        if matches!(step, OperationStep::Done | OperationStep::Refused | OperationStep::Overtaken) {
            let waiting = self.given_by_runbook(id);
            waiting.into_iter().for_each(|order| self.schedule(Span::ZERO, Event::Hop(order)));
        }
    }

    /// Metrics were collected: whoever waits to see something looks at them.
    pub(crate) fn read_metrics(&mut self) {
        let orders: Vec<_> = self.following.iter().map(|following| following.order).collect();
        orders.into_iter().for_each(|order| self.schedule(Span::ZERO, Event::Hop(order)));
    }

    /// Whoever goes through a runbook sees how its hop stands, and goes on if it is verified.
    pub(crate) fn go_on(&mut self, order: OperationId) {
        let Some(place) = self.following.iter().position(|following| following.order == order) else { return };
        if self.has_taken_effect(&self.following[place].stage) {
            let hop = self.hop_of(&self.following[place]).clone();
            self.following[place].stage = self.verifying(order, &hop);
        }
        let Following { runbook, hop, .. } = self.following[place];
        match self.standing_of(&self.following[place]) {
            Standing::UnderWay => {}
            Standing::Verified => {
                self.following.remove(place);
                self.report(Fact::Verified { order, runbook, hop });
                self.take_hop(order, runbook, hop + 1);
            }
            Standing::Failed(why) => {
                self.following.remove(place);
                self.refuse(order, Refusal::Room(RoomRefusal::Ended(runbook, hop, why)));
            }
        }
    }

    /// What was so already when it was ordered is in effect, too.
    fn has_taken_effect(&self, stage: &Stage) -> bool {
        let Stage::Ordered(id) = stage else { return false };
        match &self.operations[id.index()].state {
            State::Done => true,
            State::Refused(refusal) => refusal.is_so_already(),
            State::Asking | State::Leading | State::Spreading | State::Overtaken => false,
        }
    }

    fn standing_of(&self, following: &Following) -> Standing {
        let hop = self.hop_of(following);
        let is_late = following.begun + hop.within <= self.now;
        let in_time = |unmet| if is_late { Standing::Failed(unmet) } else { Standing::UnderWay };
        let (since, audits) = match &following.stage {
            Stage::Ordered(id) => {
                return match self.operations[id.index()].state {
                    State::Refused(_) | State::Overtaken => Standing::Failed(Unmet::Thwarted),
                    State::Asking | State::Leading | State::Spreading | State::Done => in_time(Unmet::NotInEffect),
                };
            }
            Stage::Verifying { since, audits } => (*since, audits),
        };
        let seen: Result<Vec<bool>, Unmet> =
            hop.checks.iter().map(|check| self.has_come_true(*check, since, audits)).collect();
        match seen.map(|seen| seen.iter().position(|is_seen| !is_seen)) {
            Err(unmet) => Standing::Failed(unmet),
            Ok(Some(place)) => in_time(Unmet::Unseen(place)),
            Ok(None) => Standing::Verified,
        }
    }

    fn hop_of(&self, following: &Following) -> &Hop {
        &self.model.system.runbook(following.runbook).hops[following.hop]
    }

    /// Whether something has been seen since an instant. Where it has not, it may yet be, as long as no audit says that
    /// it is not so.
    fn has_come_true(&self, check: Check, since: Time, audits: &[OperationId]) -> Result<bool, Unmet> {
        let is_fresh = self.telemetry.collected.is_some_and(|collected| collected >= since);
        let seen = &self.telemetry.seen;
        Ok(match check {
            Check::Safe { store, version } => return self.is_found_safe(store, version, audits),
            Check::Clear(alert) => is_fresh && self.telemetry.firing[alert.index()].is_none(),
            Check::Errors { slo, most, window } => {
                let rule = Rule::Errors { slo, over: most, window, lasts: Span::ZERO };
                let is_whole = self.telemetry.collected.is_some_and(|collected| collected >= since + window);
                is_whole && self.silent_for(slo) == 0 && self.is_bad_over(rule, window) == Some(false)
            }
            Check::Backlog { job, most } => is_fresh && seen.backlogs[job.index()].back().is_some_and(|n| *n <= most),
            Check::Lag { group, most } => is_fresh && seen.lags[group.index()].back().is_some_and(|n| *n <= most),
        })
    }

    /// What an audit says, once it is over.
    fn is_found_safe(&self, store: StoreId, version: VersionId, audits: &[OperationId]) -> Result<bool, Unmet> {
        let look = Action::Room(RoomAction::Look(Look::Data(store)));
        let made = |id: &OperationId| {
            let audit = &self.operations[id.index()];
            audit.action == look && audit.state == State::Done
        };
        match audits.iter().any(made) {
            true if self.audits.get(&store).is_some_and(|audit| audit.not_safe_for.contains(&version)) => {
                Err(Unmet::Unsafe(version))
            }
            is_over => Ok(is_over),
        }
    }

    /// What a runbook is for, and its hops, for whoever thinks of going through it.
    pub(super) fn hops_of(&self, action: &Action) -> Vec<String> {
        let Action::Room(RoomAction::Follow(id)) = *action else { return vec![] };
        let runbook = self.model.system.runbook(id);
        let hops = (0..runbook.hops.len()).map(|hop| Teller(&self.model).told_hop(id, hop));
        [runbook.about.clone()].into_iter().chain(hops).collect()
    }

    /// Where somebody is in a runbook, in words.
    pub(super) fn progress_in_runbook(&self, order: &Operation) -> Option<String> {
        let runbook = order.follows().filter(|_| order.state == State::Spreading)?;
        let following = self.following.iter().find(|following| following.runbook == runbook)?;
        let hop = self.hop_of(following);
        let teller = Teller(&self.model);
        let does = match (&following.stage, hop.order) {
            (Stage::Ordered(_), Some(action)) => teller.action(&action),
            (Stage::Ordered(_) | Stage::Verifying { .. }, _) => format!("verify: {}", teller.checks(hop)),
        };
        let all = self.model.system.runbook(following.runbook).hops.len();
        Some(format!("hop {} of {all}: {does}", following.hop + 1))
    }
}
