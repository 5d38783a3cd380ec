//! Why answers are late, as far as anything tells: what bears on the services on the way of a request, who has come to
//! ask them more, and what a fault has left behind.

use super::EntryId;
use crate::fact::{Cause, Failure};
use crate::world::World;
use model::action::{Action, DataAction};
use model::fault::FaultKind;
use model::id::{CacheId, EndpointId, FaultId, ServiceId, VersionId};
use std::collections::BTreeSet;

impl World {
    /// What makes a service, or one that it depends on, slow; else what brought new versions of them in, or the one
    /// back that has no room for more; else who has come to ask more of them, and what faults on the way of its
    /// requests have left behind.
    pub(super) fn behind_lateness(&self, failure: Failure) -> Vec<EntryId> {
        let services = self.depended_on(failure.endpoint);
        let mut behind: BTreeSet<_> = self.behind_slowness(failure.endpoint).into_iter().collect();
        if behind.is_empty() {
            behind = self.newcomers(&services);
            behind.extend(self.filled_up(failure));
        }
        if behind.is_empty() {
            behind.extend(self.asking_more(services[0]));
            behind.extend(self.left_by_faults(services[0]));
        }
        behind.into_iter().collect()
    }

    /// What brought a version to where its queue is full, if that was not full before.
    fn filled_up(&self, failure: Failure) -> Vec<EntryId> {
        let brought = self.brought(failure.version.filter(|_| failure.cause == Cause::Overloaded));
        let was_full = |since: &EntryId| self.chronicle.has_failed(failure, *since);
        brought.into_iter().filter(|since| !was_full(since)).collect()
    }

    /// What brought in versions that ask more of a service, or of one by whose way it is asked, than those before the
    /// run did for a request of the same endpoint.
    pub(crate) fn asking_more(&self, service: ServiceId) -> BTreeSet<EntryId> {
        let (system, asking) = (&self.model.system, self.asking(service));
        let asks = |version: VersionId, endpoint: EndpointId| -> u32 {
            let calls = system.program(version, endpoint).calls.iter();
            let calls = calls.filter(|call| asking.contains(&system.endpoint(call.endpoint).service));
            calls.map(|call| 1 + u32::from(call.retries) + u32::from(call.hedge.is_some())).sum()
        };
        let asks_more = |version: &&VersionId| {
            let own = system.service(system.version(**version).service);
            own.endpoints.iter().any(|endpoint| asks(**version, *endpoint) > asks(own.initial, *endpoint))
        };
        self.served.iter().filter(asks_more).flat_map(|version| self.brought(Some(*version))).collect()
    }

    /// A service, and those whose requests lead to it.
    fn asking(&self, service: ServiceId) -> BTreeSet<ServiceId> {
        let system = &self.model.system;
        let all = (0..system.services.len()).map(ServiceId::new);
        let (mut asking, mut next) = (BTreeSet::from([service]), vec![service]);
        while let Some(asked) = next.pop() {
            let new = all.clone().filter(|one| !asking.contains(one) && system.called_by(*one).contains(&asked));
            next.extend(new.collect::<Vec<_>>());
            asking.extend(&next);
        }
        asking
    }

    /// The faults that have struck a service on the way of the requests that lead to this one, and that are on, or over
    /// while some of those services are still all at work, or have requests that wait.
    fn left_by_faults(&self, service: ServiceId) -> Vec<EntryId> {
        let asking = self.asking(service).into_iter();
        let way: BTreeSet<ServiceId> = asking.flat_map(|asking| self.services_behind(asking)).collect();
        let is_queued = self.fleet.replicas.iter().any(|(_, replica)| {
            way.contains(&replica.service) && (!replica.waiting.is_empty() || replica.busy >= replica.workers)
        });
        let struck = self.chronicle.struck.iter();
        let there = struck.filter(|(fault, _)| way.iter().any(|service| self.lies_at(**fault, *service)));
        let left = there.filter(|(fault, _)| is_queued || self.control.faults.contains(fault));
        left.map(|(_, entry)| *entry).collect()
    }

    /// Whether a fault strikes a service itself, or what it asks or needs.
    pub(super) fn lies_at(&self, fault: FaultId, service: ServiceId) -> bool {
        let system = &self.model.system;
        match system.fault(fault).kind {
            FaultKind::Slow { service: struck, .. }
            | FaultKind::Kill { service: struck, .. }
            | FaultKind::Change { service: struck, .. }
            | FaultKind::Quota { service: struck, .. }
            | FaultKind::Stuck { service: struck, .. }
            | FaultKind::Lock { service: struck } => struck == service,
            FaultKind::Wipe { cache, .. } => system.stands_behind(service, cache),
            FaultKind::Outage { provider, .. } => system.provider(provider).service == Some(service),
            FaultKind::Expire { version } => system.version(version).service == service,
            FaultKind::Rotate { secret } => {
                let mut versions = system.service(service).versions.iter();
                versions.any(|version| system.version(*version).needs.iter().any(|need| need.secret == secret))
            }
            FaultKind::Lose { .. } | FaultKind::Network { .. } => system.bears_on(fault, service),
            FaultKind::Registry { .. }
            | FaultKind::Down { .. }
            | FaultKind::Rings { .. }
            | FaultKind::Mutes { .. }
            | FaultKind::Unreach { .. } => false,
        }
    }

    /// The last orders by which caches were emptied that stood before a service.
    fn flushed_before(&self, service: ServiceId) -> Vec<EntryId> {
        let caches = (0..self.model.system.caches.len()).map(CacheId::new);
        let before = caches.filter(|cache| self.model.system.stands_behind(service, *cache));
        let flush = |cache| self.last_order(|action| *action == Action::Data(DataAction::Flush(cache)));
        before.filter_map(flush).collect()
    }

    /// What makes a service slow now, whatever it is asked: the faults it is under, the flags and orders that bear on
    /// how busy it is, and a cache that somebody has emptied before it.
    pub(super) fn slowing(&self, service: ServiceId) -> Vec<EntryId> {
        let mut behind = self.faults_on(service);
        behind.extend(self.seen(self.model.asking().busy(service)));
        behind.extend(self.chronicle.handled[service.index()]);
        behind.extend(self.flushed_before(service));
        behind
    }

    /// The faults a service is under now.
    pub(super) fn faults_on(&self, service: ServiceId) -> Vec<EntryId> {
        self.struck_by(self.control.faults_of(&self.model.system, service))
    }

    /// The faults that are on among the services an endpoint's own depends on, and there, and the migrations for whose
    /// locks they wait: why its answers are late.
    pub(crate) fn behind_slowness(&self, endpoint: EndpointId) -> Vec<EntryId> {
        let behind = self.depended_on(endpoint).into_iter().flat_map(|service| self.slowing(service));
        behind.chain(self.locks_behind(endpoint)).collect()
    }

    /// The service of an endpoint, and those it depends on.
    pub(crate) fn depended_on(&self, endpoint: EndpointId) -> Vec<ServiceId> {
        self.services_behind(self.model.system.endpoint(endpoint).service)
    }

    /// A service, and those it depends on.
    pub(super) fn services_behind(&self, service: ServiceId) -> Vec<ServiceId> {
        let system = &self.model.system;
        let mut services = vec![service];
        let mut next = 0;
        while let Some(service) = services.get(next).copied() {
            next += 1;
            let called = system.called_by(service);
            services.extend(called.into_iter().filter(|called| !services.contains(called)).collect::<Vec<_>>());
        }
        services
    }
}
