//! Faults: what those that have struck, and those that are over, do to what runs.

use crate::plant::fleet::Death;
use crate::world::World;
use model::control::{Change, ServiceChange};
use model::fault::FaultKind;
use model::id::{FaultId, ServiceId, VersionId};

impl World {
    /// A fault has struck, or is over.
    pub(crate) fn fault_changed(&mut self, fault: FaultId, strikes: bool) {
        self.bear_fault(fault);
        if !strikes || !self.model.system.fault(fault).kind.is_state() {
            self.fault_over(fault);
        }
    }

    fn bear_fault(&mut self, fault: FaultId) {
        match self.model.system.fault(fault).kind {
            FaultKind::Slow { service, .. } => {
                self.service_paced(service);
                self.may_serve_others(service);
            }
            FaultKind::Wipe { cache, share } => self.wipe(cache, share),
            FaultKind::Kill { service, replicas } => self.kill(fault, service, replicas),
            FaultKind::Change { service, version } => self.change(service, version),
            FaultKind::Outage { provider, .. } => self.flag_service_changed(provider),
            // Whoever fetches, asks, sends, starts, creates, orders or evaluates alerts next finds out.
            FaultKind::Registry { .. }
            | FaultKind::Rotate { .. }
            | FaultKind::Quota { .. }
            | FaultKind::Network { .. }
            | FaultKind::Rings { .. }
            | FaultKind::Mutes { .. }
            | FaultKind::Lock { .. } => {}
            FaultKind::Stuck { service, .. } => self.stuck_changed(service),
            FaultKind::Unreach { .. } => self.reach_changed(),
            FaultKind::Down { .. } => self.tools_changed(),
            FaultKind::Lose { area } => self.lost_changed(fault, area),
            FaultKind::Expire { version } => self.control.expire(version),
        }
    }

    /// Every replica of a service may work at another pace from now on.
    fn service_paced(&mut self, service: ServiceId) {
        let members: Vec<_> = self.fleet.members(service).map(|(key, _)| key).collect();
        members.into_iter().for_each(|key| self.pace_changed(key));
    }

    /// Whoever runs a service elsewhere rolls another version out. Nobody here decides what it is meant to run.
    fn change(&mut self, service: ServiceId, version: VersionId) {
        self.intent.settle(service, version);
        self.apply(Change::Service(service, ServiceChange::Target(version)));
    }

    /// The processes of that many replicas die, those that have been ready longest; of all without a number.
    fn kill(&mut self, fault: FaultId, service: ServiceId, replicas: Option<u32>) {
        let many = replicas.map_or(usize::MAX, |replicas| replicas as usize);
        let struck: Vec<_> = self.fleet.pool(service).ready.iter().take(many).copied().collect();
        struck.into_iter().for_each(|key| self.crash(key, Death::Fault(fault)));
    }
}
