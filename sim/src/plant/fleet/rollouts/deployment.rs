//! Deployments: replica sets grow and shrink, and replicas of a version are all alike.

use super::super::{Phase, Replica, ReplicaKey, Set, Side};
use super::{Pods, Written};
use crate::world::World;
use model::controllers::deployment::{self, DeploymentSpec, ReplicaSetState, Step};
use model::id::{ServiceId, VersionId};
use model::time::Span;

impl World {
    pub(super) fn boot_deployment(&mut self, service: ServiceId, version: VersionId, spec: &DeploymentSpec) {
        self.fleet.pool_mut(service).written = Written::Sets(vec![full_set(version, spec)]);
        self.place_ready(service, version.into(), spec.replicas);
    }

    /// One look; whether it took a step.
    pub(super) fn reconcile_deployment(&mut self, service: ServiceId, spec: &DeploymentSpec) -> bool {
        let desired = self.control.desired(service);
        let target = desired.version;
        let spec = DeploymentSpec { replicas: desired.replicas, paused: desired.paused, ..*spec };
        self.roll_sets(service, Side::Primary, target, &spec)
    }

    /// One look at one of the Deployments of a service; whether it took a step.
    pub(super) fn roll_sets(
        &mut self,
        service: ServiceId,
        side: Side,
        target: VersionId,
        spec: &DeploymentSpec,
    ) -> bool {
        let steps = deployment::reconcile(spec, target, &self.observe_sets(service, side, spec.min_ready));
        for step in &steps {
            if let Some(sets) = self.fleet.pool_mut(service).written.sets_mut(side) {
                deployment::apply(*step, spec, sets);
            }
            if let Step::Scale { version, to } = *step {
                self.scale(service, Set { version, side }, to);
            }
        }
        !steps.is_empty()
    }

    /// The replica sets of a Deployment as its controller sees them.
    pub(super) fn observe_sets(&self, service: ServiceId, side: Side, min_ready: Span) -> Vec<ReplicaSetState> {
        let sets = self.fleet.pool(service).written.sets(side).iter();
        let seen = sets.map(|set| {
            let own = Set { version: set.version, side };
            let Pods { created, ready, available, terminating } = self.count_pods(service, own, min_ready);
            ReplicaSetState { created, ready, available, terminating, ..*set }
        });
        seen.collect()
    }

    /// Starts or stops replicas until a set has as many as wanted. Those that do not serve go first, then
    /// those that have crashed most, then the youngest.
    pub(super) fn scale(&mut self, service: ServiceId, set: Set, to: u32) {
        let alive = |(_, r): &(ReplicaKey, &Replica)| r.is_of(set) && r.phase != Phase::Draining;
        let crashes = |replica: &Replica| replica.crash.map_or(0, |crash| crash.count);
        let members = self.fleet.members(service).filter(alive);
        let mut members: Vec<_> = members.map(|(key, r)| (r.phase != Phase::Ready, crashes(r), key)).collect();
        for _ in members.len()..to as usize {
            self.start(service, set);
        }
        members.sort_by_key(|(idle, crashes, _)| (*idle, *crashes));
        for (_, _, key) in members.into_iter().skip(to as usize).rev() {
            self.retire(key);
        }
    }
}

/// The only set of a Deployment that is complete.
pub(super) fn full_set(version: VersionId, spec: &DeploymentSpec) -> ReplicaSetState {
    let sizing = Some(spec.sizing());
    ReplicaSetState { version, revision: 1, spec: spec.replicas, sizing, ..ReplicaSetState::default() }
}
