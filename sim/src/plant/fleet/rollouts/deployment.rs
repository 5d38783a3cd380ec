//! Deployments: replica sets grow and shrink, and replicas of a version are all alike.

use super::super::{Phase, Replica, ReplicaKey};
use super::{Pods, Written};
use crate::world::World;
use model::controllers::deployment::{self, DeploymentSpec, ReplicaSetState, Step};
use model::id::{ServiceId, VersionId};
use model::time::Span;

impl World {
    pub(super) fn boot_deployment(&mut self, service: ServiceId, version: VersionId, spec: &DeploymentSpec) {
        let (replicas, sizing) = (spec.replicas, Some(spec.sizing()));
        let first = ReplicaSetState { version, revision: 1, spec: replicas, sizing, ..ReplicaSetState::default() };
        self.fleet.pool_mut(service).written = Written::Sets(vec![first]);
        self.place_ready(service, version, replicas);
    }

    /// One look; whether it took a step.
    pub(super) fn reconcile_deployment(&mut self, service: ServiceId, spec: &DeploymentSpec) -> bool {
        let desired = self.control.desired(service);
        let target = desired.version;
        let spec = DeploymentSpec { replicas: desired.replicas, paused: desired.paused, ..*spec };
        let steps = deployment::reconcile(&spec, target, &self.observe_sets(service, spec.min_ready));
        for step in &steps {
            if let Written::Sets(sets) = &mut self.fleet.pool_mut(service).written {
                deployment::apply(*step, &spec, sets);
            }
            if let Step::Scale { version, to } = *step {
                self.scale(service, version, to);
            }
        }
        !steps.is_empty()
    }

    /// The replica sets of a service as its controller sees them.
    fn observe_sets(&self, service: ServiceId, min_ready: Span) -> Vec<ReplicaSetState> {
        match &self.fleet.pool(service).written {
            Written::Sets(sets) => sets.iter().map(|set| self.observe_set(service, *set, min_ready)).collect(),
            Written::Places(_) | Written::Canaries(_) => Vec::new(),
        }
    }

    fn observe_set(&self, service: ServiceId, set: ReplicaSetState, min_ready: Span) -> ReplicaSetState {
        let Pods { created, ready, available, terminating } = self.count_pods(service, set.version, min_ready);
        ReplicaSetState { created, ready, available, terminating, ..set }
    }

    /// Starts or stops replicas until a version has as many as wanted. Those that do not serve go first, then
    /// those that have crashed most, then the youngest.
    pub(super) fn scale(&mut self, service: ServiceId, version: VersionId, to: u32) {
        let alive = |(_, r): &(ReplicaKey, &Replica)| r.version == version && r.phase != Phase::Draining;
        let crashes = |replica: &Replica| replica.crash.map_or(0, |crash| crash.count);
        let members = self.fleet.members(service).filter(alive);
        let mut members: Vec<_> = members.map(|(key, r)| (r.phase != Phase::Ready, crashes(r), key)).collect();
        for _ in members.len()..to as usize {
            self.start(service, version);
        }
        members.sort_by_key(|(idle, crashes, _)| (*idle, *crashes));
        for (_, _, key) in members.into_iter().skip(to as usize).rev() {
            self.retire(key);
        }
    }
}
