//! A warm standby: replicas of one version that nobody asks, until the traffic of their service is switched to them.
//!
//! They belong to no controller: no rollout replaces them and no autoscaler counts them. They are processes like any
//! other all the same: they hear of flags, crash, and are restarted.

use super::{Phase, Replica, ReplicaKey, Set, Side};
use crate::world::World;
use model::capacity::Standby;
use model::id::{ServiceId, VersionId};

impl World {
    /// Brings up the standby of a service, if it has one.
    pub(super) fn boot_standby(&mut self, service: ServiceId) {
        let Some(Standby { version, replicas }) = self.model.system.service(service).standby else { return };
        self.fleet.hold_image(version, &self.model.system.service(service).hosts);
        for _ in 0..replicas {
            let key = self.place(service, Set { template: version, side: Side::Standby });
            let pool = self.fleet.pool_mut(service);
            pool.members.retain(|own| *own != key);
            pool.standby.push(key);
            self.become_ready(key);
        }
    }

    /// The traffic of a service goes to its standby, or back.
    pub(crate) fn switched(&mut self, service: ServiceId, stands_in: bool) {
        self.fleet.pool_mut(service).stands_in = stands_in;
        self.fleet.serving_moved = true;
        self.kept_out_changed();
        self.judge_records();
        self.may_serve_others(service);
    }

    /// The version that answers for a service where its standby does.
    pub(crate) fn standing_in(&self, service: ServiceId) -> Option<VersionId> {
        let standby = self.model.system.service(service).standby?;
        self.fleet.pool(service).stands_in.then_some(standby.version)
    }

    /// Replicas of the standby of a service.
    pub(crate) fn standby(&self, service: ServiceId) -> impl Iterator<Item = (ReplicaKey, &Replica)> {
        let keys = self.fleet.pool(service).standby.iter();
        keys.filter_map(|key| Some((*key, self.fleet.replicas.get(*key)?)))
    }

    /// Of those, how many are up.
    pub(crate) fn standby_up(&self, service: ServiceId) -> usize {
        self.standby(service).filter(|(_, replica)| replica.phase == Phase::Ready).count()
    }
}
