//! StatefulSets: every replica has a place, and a host that goes with it, whatever version it runs.

use super::super::{Phase, Replica, ReplicaKey};
use super::Written;
use crate::kernel::slab::Slab;
use crate::world::World;
use model::controllers::rollout_status::StatefulSetReport;
use model::controllers::statefulset::{
    self, Health, PodState, Revision, StatefulSetSpec, StatefulSetState, Step, Strategy,
};
use model::id::{ServiceId, VersionId};
use model::rollout::Template;
use model::system::System;
use model::time::Span;
use std::collections::BTreeMap;

/// The places of a StatefulSet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Places {
    /// Who is in them; one who is gone is found no more.
    at: BTreeMap<u32, ReplicaKey>,
    /// What the controller has written down; its pods are looked up.
    state: StatefulSetState,
}

impl Places {
    pub(super) fn replace(&mut self, dead: ReplicaKey, fresh: ReplicaKey) {
        self.at.values_mut().filter(|key| **key == dead).for_each(|key| *key = fresh);
    }

    /// The version of which the controller takes all to be that it has not replaced yet.
    pub(super) fn current(&self, system: &System) -> Option<VersionId> {
        self.state.current.map(|number| Template::version(number, system))
    }

    /// Whether all from a place on are like this.
    pub(super) fn all(&self, from: u32, replicas: &Slab<Replica>, is_so: impl Fn(&Replica) -> bool) -> bool {
        self.at.range(from..).filter_map(|(_, key)| replicas.get(*key)).all(is_so)
    }

    /// How many from a place on are like this.
    pub(super) fn count(&self, from: u32, replicas: &Slab<Replica>, is_so: impl Fn(&Replica) -> bool) -> usize {
        self.at.range(from..).filter_map(|(_, key)| replicas.get(*key)).filter(|replica| is_so(replica)).count()
    }
}

impl World {
    /// Whether a replica has a place below the partition of its StatefulSet: no rollout replaces it.
    pub(crate) fn is_below_partition(&self, service: ServiceId, key: ReplicaKey) -> bool {
        let Written::Places(places) = &self.fleet.pool(service).written else { return false };
        places.at.range(..self.control.desired(service).partition).any(|(_, own)| *own == key)
    }

    pub(super) fn boot_places(&mut self, service: ServiceId, version: VersionId) {
        let known = self.control.desired(service).revisions(&self.model.system).into_iter();
        let revisions = known.map(|set| Revision { version: set.version, number: set.revision }).collect();
        let state = StatefulSetState { current: Some(version), revisions, ..StatefulSetState::default() };
        self.fleet.pool_mut(service).written = Written::Places(Places { at: BTreeMap::new(), state });
        for ordinal in 0..self.control.desired(service).replicas {
            let key = self.take_place(service, ordinal, version);
            self.become_ready(key);
        }
    }

    /// What `kubectl rollout status` says, once something was changed. With a partition it never waits for what is
    /// below.
    pub(super) fn places_shown(&self, service: ServiceId, spec: &StatefulSetSpec) -> Option<String> {
        let desired = self.control.desired(service);
        let target = desired.template().number(&self.model.system);
        let pods = self.observe_places(service, spec.min_ready).pods;
        let count = |is_so: &dyn Fn(&PodState) -> bool| {
            u32::try_from(pods.iter().filter(|pod| !pod.terminating && is_so(pod)).count()).unwrap_or(u32::MAX)
        };
        let rolls = matches!(spec.strategy, Strategy::RollingUpdate { .. });
        let report = StatefulSetReport {
            generation: 1,
            observed: u64::from(self.has_seen(service)),
            rolls,
            wanted: desired.replicas,
            partition: rolls.then_some(desired.partition),
            ready: count(&PodState::is_ready),
            current: count(&|pod| pod.version != target),
            updated: count(&|pod| pod.version == target),
            current_revision: "",
            update_revision: "",
        };
        let is_told = desired.partition > 0 || !report.status().is_done();
        (desired.changes > 0 && is_told).then(|| report.status().told())
    }

    /// One look; whether it took a step.
    pub(super) fn reconcile_places(&mut self, service: ServiceId, spec: &StatefulSetSpec) -> bool {
        let desired = self.control.desired(service);
        let target = desired.template().number(&self.model.system);
        let spec = spec.clone().sized(desired.replicas, desired.partition);
        let steps = statefulset::reconcile(&spec, target, &self.observe_places(service, spec.min_ready));
        let done = steps.iter().take_while(|step| self.take_step(service, **step)).count();
        if done == steps.len() {
            self.fleet.pool_mut(service).refused.clear();
        }
        done > 0
    }

    /// Does what the controller says; not, when it is refused, which ends the pass.
    fn take_step(&mut self, service: ServiceId, step: Step) -> bool {
        match step {
            Step::Create { version, .. } if self.room_for(service) == Some(0) => {
                self.refuse_replica(service, version.into());
                return false;
            }
            Step::Create { ordinal, version } => {
                let key = self.take_place(service, ordinal, version);
                self.come_up(key);
            }
            Step::Delete { ordinal } => self.leave_place(service, ordinal),
            Step::Revise(_) | Step::SetCurrent { .. } | Step::Forget { .. } => {
                if let Step::Forget { version } = step {
                    let system = &self.model.system;
                    self.control.forget(service, |past| past.number(system) == version);
                }
                if let Written::Places(places) = &mut self.fleet.pool_mut(service).written {
                    statefulset::apply(step, &mut places.state);
                }
            }
        }
        true
    }

    /// The set as its controller sees it.
    fn observe_places(&self, service: ServiceId, min_ready: Span) -> StatefulSetState {
        let Written::Places(places) = &self.fleet.pool(service).written else { return StatefulSetState::default() };
        let there = places.at.iter().filter_map(|(ordinal, key)| Some((*ordinal, self.fleet.replicas.get(*key)?)));
        let pods = there.map(|(ordinal, replica)| PodState {
            ordinal,
            version: replica.template,
            health: self.health(replica, min_ready),
            terminating: replica.phase == Phase::Draining,
        });
        StatefulSetState { pods: pods.collect(), ..places.state.clone() }
    }

    fn health(&self, replica: &Replica, min_ready: Span) -> Health {
        match replica.phase {
            Phase::Ready if replica.is_available(min_ready, self.now) => Health::Available,
            Phase::Ready => Health::Ready,
            Phase::Starting | Phase::Crashed | Phase::Draining | Phase::Stopped => Health::Unready,
        }
    }

    /// A new replica in a place, without a process yet.
    fn take_place(&mut self, service: ServiceId, ordinal: u32, version: VersionId) -> ReplicaKey {
        let host = self.open_host(service, ordinal as usize);
        let key = self.place_on(service, version.into(), (host, ordinal));
        if let Written::Places(places) = &mut self.fleet.pool_mut(service).written {
            places.at.insert(ordinal, key);
        }
        key
    }

    fn leave_place(&mut self, service: ServiceId, ordinal: u32) {
        let Written::Places(places) = &self.fleet.pool(service).written else { return };
        if let Some(key) = places.at.get(&ordinal).copied() {
            self.retire(key);
        }
    }
}
