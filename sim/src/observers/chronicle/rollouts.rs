//! What the chronicle says of rollouts, and of what is in their way.

use super::{EntryId, Happening, Who};
use crate::plant::fleet::Rolled;
use crate::world::World;
use model::action::Refusal;
use model::control::{Change, ServiceChange};
use model::id::ServiceId;
use model::tool::Tool;

impl World {
    /// Because of whoever brought the version in that is rolled out, and of what is in its way.
    pub(super) fn record_rollout(&mut self, service: ServiceId, event: Rolled) {
        let mut because = self.brought(Some(self.control.desired(service).version));
        if let Rolled::Refused { .. } = event {
            let quota = self.control.quota_of(&self.model.system, service);
            because.extend(self.struck_by(quota.map(|(fault, _)| fault)));
        }
        self.chronicle.tell(self.now, Who::Service(service), Happening::Rolls(event), because);
    }

    /// Why a tool is out: the faults that put it there, and those of the service it runs on, with what brought in what
    /// that is to run.
    fn behind_outage(&self, tool: Tool) -> Vec<EntryId> {
        let mut behind = self.struck_by(self.control.downs_of(&self.model.system, tool));
        if let Some(service) = self.model.system.tools.get(&tool).copied() {
            let struck = self.chronicle.struck.iter().filter(|(fault, _)| self.lies_at(**fault, service));
            behind.extend(struck.map(|(_, entry)| *entry));
            behind.extend(self.brought(Some(self.control.desired(service).version)));
        }
        behind
    }

    /// Flagger goes on with a canary that is up, whoever holds its Deployment: who waits for the hold waits in vain.
    pub(super) fn tell_idle_hold(&mut self, change: &Change, hold: EntryId) {
        let Change::Service(service, ServiceChange::Paused(true)) = *change else { return };
        if self.has_canary_up(service) {
            self.chronicle.tell(self.now, Who::Service(service), Happening::HoldsNothing, vec![hold]);
        }
    }

    /// What is in the way of something that came to nothing.
    pub(super) fn prevented_by(&self, what: &Happening) -> Vec<EntryId> {
        if let Happening::Held(tool) = what {
            return self.behind_outage(*tool);
        }
        let Happening::Refused(refusal) = what else { return Vec::new() };
        match refusal {
            Refusal::Locked(service) => self.struck_by(self.control.locks_of(&self.model.system, *service)),
            Refusal::Migration(migration, why) => self.stopped_by(*migration, *why),
            _ => Vec::new(),
        }
    }
}
