//! Rollouts: what the deployment controller sees of a service, and how its steps are carried out.

use super::{Phase, Replica, ReplicaKey};
use crate::event::Event;
use crate::world::World;
use model::controllers::deployment::{self, DeploymentSpec, ReplicaSetState, Step};
use model::id::{ServiceId, VersionId};
use model::system::Service;
use model::time::Span;

impl World {
    /// Lets the controller take one look, and once more after each step it takes.
    pub(crate) fn reconcile(&mut self, service: ServiceId) {
        let desired = self.control.desired(service);
        let (target, replicas, paused) = (desired.version, desired.replicas, desired.paused);
        let spec = DeploymentSpec { replicas, paused, ..self.model.system.service(service).rollout };
        let steps = deployment::reconcile(&spec, target, &self.observe_sets(service));
        if steps.is_empty() {
            return;
        }
        for step in steps {
            deployment::apply(step, &spec, &mut self.fleet.pool_mut(service).sets);
            if let Step::Scale { version, to } = step {
                self.scale(service, version, to);
            }
        }
        self.schedule(Span::ZERO, Event::Reconcile(service));
    }

    /// The replica sets of a service as its controller sees them.
    fn observe_sets(&self, service: ServiceId) -> Vec<ReplicaSetState> {
        let sets = self.fleet.pool(service).sets.iter();
        sets.map(|set| self.observe_set(service, *set)).collect()
    }

    fn observe_set(&self, service: ServiceId, set: ReplicaSetState) -> ReplicaSetState {
        let min_ready = self.model.system.service(service).rollout.min_ready;
        let mut seen = ReplicaSetState { created: 0, ready: 0, available: 0, terminating: 0, ..set };
        for (_, replica) in self.fleet.members(service).filter(|(_, replica)| replica.version == set.version) {
            let ready = replica.phase == Phase::Ready;
            let draining = replica.phase == Phase::Draining;
            seen.created += u32::from(!draining);
            seen.terminating += u32::from(draining);
            seen.ready += u32::from(ready);
            seen.available += u32::from(ready && self.now.since(replica.ready_at) >= min_ready);
        }
        seen
    }

    /// Starts or stops replicas until a version has as many as wanted. Those that do not serve go first, then
    /// those that have crashed most, then the youngest.
    fn scale(&mut self, service: ServiceId, version: VersionId, to: u32) {
        let alive = |(_, r): &(ReplicaKey, &Replica)| r.version == version && r.phase != Phase::Draining;
        let crashes = |replica: &Replica| replica.crash.map_or(0, |crash| crash.count);
        let members = self.fleet.members(service).filter(alive);
        let mut members: Vec<_> = members.map(|(key, r)| (r.phase != Phase::Ready, crashes(r), key)).collect();
        for _ in members.len()..to as usize {
            self.start(service, version);
        }
        members.sort_by_key(|(idle, crashes, _)| (*idle, *crashes));
        for (idle, _, key) in members.into_iter().skip(to as usize).rev() {
            if idle { self.stop(key) } else { self.drain(key) }
        }
    }
}

/// The replica set of a service before the run: complete, at its first revision.
pub(super) fn first_set(service: &Service) -> ReplicaSetState {
    ReplicaSetState {
        version: service.initial,
        revision: 1,
        spec: service.rollout.replicas,
        sizing: Some(service.rollout.sizing()),
        ..ReplicaSetState::default()
    }
}
