//! What monitoring says, and what people say about it.

use super::{EntryId, FIRINGS_TOLD, Happening, Who};
use crate::people::operations::OperationId;
use crate::world::World;
use model::action::{Action, Refusal, RoomRefusal};
use model::authority::Actor;
use model::fault::FaultKind;
use model::id::{AlertId, RunbookId, SeatId};
use model::slo::Expected;
use model::tool::Tool;

impl World {
    pub(super) fn record_alert(&mut self, alert: AlertId, firing: bool) {
        let firings = self.chronicle.firings.entry(alert).or_default();
        *firings += usize::from(firing);
        if *firings > FIRINGS_TOLD {
            return;
        }
        let because = if firing && self.telemetry.is_pending(alert) {
            self.alert_causes(alert)
        } else if firing {
            self.struck_where(|kind| *kind == FaultKind::Rings { alert })
        } else {
            self.chronicle.fired.get(&alert).copied().into_iter().collect()
        };
        let entry = self.chronicle.tell(self.now, Who::Alert(alert), Happening::Alert(firing), because);
        if firing {
            self.chronicle.fired.insert(alert, entry);
        }
    }

    /// Why something is absent: what keeps those who would answer from it, or takes monitoring out.
    pub(super) fn behind_silence(&self, what: Expected) -> Vec<EntryId> {
        match what {
            Expected::Answers(slo) => self.behind_slowness(self.model.slos[slo.index()].endpoint),
            Expected::Metrics => self.struck_where(|kind| *kind == FaultKind::Down { tool: Tool::Monitoring }),
        }
    }

    /// The faults of a kind that are on.
    fn struck_where(&self, is_it: impl Fn(&FaultKind) -> bool) -> Vec<EntryId> {
        let on = self.control.faults.iter().copied();
        self.struck_by(on.filter(|fault| is_it(&self.model.system.fault(*fault).kind)))
    }

    /// Tells of a page, because of the alert.
    pub(super) fn record_page(&mut self, alert: AlertId, seat: SeatId) {
        let because = self.chronicle.fired.get(&alert).copied().into_iter().collect();
        self.chronicle.tell(self.now, Who::Alert(alert), Happening::Pages(seat), because);
    }

    /// Tells that somebody agrees, or takes the task that they were given.
    pub(super) fn record_word(&mut self, id: OperationId) {
        let operation = &self.operations[id.index()];
        let (who, action) = (operation.last_word().unwrap_or(operation.who), operation.action);
        let takes = operation.manner.task.is_some() && who == operation.who;
        let what = if takes { Happening::Taken(action) } else { Happening::Approved(action) };
        let because = vec![self.chronicle.commanded[id.index()]];
        self.chronicle.tell(self.now, Who::Actor(who), what, because);
    }

    /// Tells of a hop that is verified: because of the hop before.
    pub(super) fn record_hop(&mut self, order: OperationId, runbook: RunbookId, hop: usize) {
        let who = Who::Actor(self.operations[order.index()].who);
        let because = vec![self.last_hop(order)];
        let told = self.chronicle.tell(self.now, who, Happening::Verified(runbook, hop), because);
        self.chronicle.verified.insert(order, told);
    }

    /// The hop before what an order does, where a runbook has given it.
    pub(super) fn hop_behind(&self, id: OperationId) -> Option<EntryId> {
        self.given_by_runbook(id).map(|order| self.last_hop(order))
    }

    /// What became of the order of the hop at which a runbook ended, or what was found there.
    pub(super) fn behind_the_end(&self, id: OperationId, what: &Happening) -> Option<EntryId> {
        let Happening::Refused(Refusal::Room(RoomRefusal::Ended(..))) = what else { return None };
        let (entries, hop) = (&self.chronicle.entries, self.last_hop(id));
        let given = |line: &EntryId| entries[*line as usize - 1].because.contains(&hop);
        let told = entries.iter().rev().find(|entry| entry.because.iter().any(given));
        told.map(|entry| entry.id)
    }

    /// The last hop that was verified; before the first one, that somebody goes through the runbook.
    fn last_hop(&self, order: OperationId) -> EntryId {
        let verified = self.chronicle.verified.get(&order).copied();
        verified.unwrap_or(self.chronicle.commanded[order.index()])
    }

    /// Tells what somebody would do: what was found last is why.
    pub(super) fn record_proposal(&mut self, seat: SeatId, action: Action) {
        let mut entries = self.chronicle.entries.iter().rev();
        let found = entries.find(|entry| matches!(entry.what, Happening::Found(..))).map(|entry| entry.id);
        let who = Who::Actor(Actor::Seat(seat));
        self.chronicle.tell(self.now, who, Happening::Proposes(action), found.into_iter().collect());
    }
}
