//! Who runs which version where, when asked: a rollback or a rollout that has come half way is a state of its own.

use crate::plant::fleet::Replica;
use crate::world::World;
use model::id::{HostId, ServiceId, VersionId};
use model::rollout::Rollout;
use std::collections::BTreeMap;

/// Where the versions of a service run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The service.
    pub service: String,
    /// Its hosts, each with a version that runs there; with two versions, twice.
    pub hosts: Vec<OnHost>,
}

/// A version on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnHost {
    /// The host.
    pub host: String,
    /// The label of the version.
    pub version: String,
    /// Replicas of it that serve or drain there.
    pub replicas: u32,
}

impl World {
    /// Where the versions of each service run.
    #[must_use]
    pub fn placements(&self) -> Vec<Whereabouts> {
        (0..self.model.system.services.len()).map(|index| self.whereabouts_of(ServiceId::new(index))).collect()
    }

    /// Services of which more than one version runs, and those that are rolled out from host to host.
    pub(super) fn whereabouts(&self) -> Vec<Whereabouts> {
        let ids = (0..self.model.system.services.len()).map(ServiceId::new);
        ids.filter(|service| self.is_worth_telling(*service)).map(|service| self.whereabouts_of(service)).collect()
    }

    fn is_worth_telling(&self, service: ServiceId) -> bool {
        let mut versions: Vec<_> = self.running(service).map(|replica| replica.version).collect();
        versions.sort_unstable();
        versions.dedup();
        versions.len() > 1 || matches!(self.model.system.service(service).rollout, Rollout::InPlace(_))
    }

    fn running(&self, service: ServiceId) -> impl Iterator<Item = &Replica> {
        let all = self.fleet.members(service).chain(self.standby(service));
        all.map(|(_, replica)| replica).filter(|replica| replica.is_running())
    }

    fn whereabouts_of(&self, service: ServiceId) -> Whereabouts {
        let system = &self.model.system;
        let mut counts: BTreeMap<(HostId, VersionId), u32> = BTreeMap::new();
        for replica in self.running(service) {
            *counts.entry((replica.host, replica.version)).or_insert(0) += 1;
        }
        let hosts = counts.into_iter().map(|((host, version), replicas)| OnHost {
            host: system.host(host).name.to_string(),
            version: system.version(version).label.clone(),
            replicas,
        });
        Whereabouts { service: system.service(service).name.to_string(), hosts: hosts.collect() }
    }
}
