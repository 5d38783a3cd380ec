//! Faults: what those that have struck, and those that are over, do to what runs.

use crate::world::World;
use model::fault::FaultKind;
use model::id::{FaultId, ServiceId};

impl World {
    /// A fault has struck, or is over.
    pub(crate) fn fault_changed(&mut self, fault: FaultId) {
        match self.model.system.fault(fault).kind {
            FaultKind::Slow { service, .. } => self.service_paced(service),
        }
    }

    /// Every replica of a service may work at another pace from now on.
    fn service_paced(&mut self, service: ServiceId) {
        let members: Vec<_> = self.fleet.members(service).map(|(key, _)| key).collect();
        members.into_iter().for_each(|key| self.pace_changed(key));
    }
}
