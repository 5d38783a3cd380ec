//! Rollouts: what the controller of a service sees, and how its steps are carried out.
//!
//! Which controller it is, the scenario says; each has a file here that shows it what there is, and does what it
//! writes.

mod deployment;
mod probes;
mod progressive;
mod stateful;

use super::{Phase, Replica, ReplicaKey};
use crate::event::Event;
use crate::world::World;
use model::action::Stopped;
use model::controllers::deployment::ReplicaSetState;
use model::id::{ServiceId, VersionId};
use model::rollout::Rollout;
use model::system::Service;
use model::time::Span;
use progressive::Canaries;
use stateful::Places;

/// What the controller of a service has written down.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    /// The replica sets of a Deployment, in order of creation.
    Sets(Vec<ReplicaSetState>),
    /// The places of a StatefulSet.
    Places(Places),
    /// The sets of an Argo Rollout, and how far it is.
    Canaries(Box<Canaries>),
}

/// Replicas of a version, as a controller counts its pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pods {
    /// All but those on their way out.
    created: u32,
    /// Of those, the ones that serve.
    ready: u32,
    /// Of those, the ones that have done so for long enough.
    available: u32,
    /// Those on their way out.
    terminating: u32,
}

impl Default for Written {
    fn default() -> Self {
        Written::Sets(Vec::new())
    }
}

impl Written {
    /// A process has died, and its replica has another key.
    pub(super) fn replace(&mut self, dead: ReplicaKey, fresh: ReplicaKey) {
        match self {
            Written::Sets(_) | Written::Canaries(_) => {}
            Written::Places(places) => places.replace(dead, fresh),
        }
    }

    /// How many replicas of each version its sets are told to have; none, where replicas have places.
    fn sizes(&self) -> Vec<(VersionId, u32)> {
        match self {
            Written::Sets(sets) => sets.iter().map(|set| (set.version, set.spec)).collect(),
            Written::Canaries(canaries) => canaries.sets.iter().map(|set| (set.version, set.spec)).collect(),
            Written::Places(_) => Vec::new(),
        }
    }
}

impl World {
    /// Brings up a service as it was before the run: complete, at its first revision.
    pub(super) fn boot_rollout(&mut self, service: ServiceId, spec: &Service) {
        match &spec.rollout {
            Rollout::Deployment(deployment) => self.boot_deployment(service, spec.initial, deployment),
            Rollout::StatefulSet(_) => self.boot_places(service, spec.initial),
            Rollout::Progressive(rollout) => self.boot_progressive(service, spec.initial, rollout),
        }
    }

    /// Lets the controller take one look, and once more after each step it takes.
    pub(crate) fn reconcile(&mut self, service: ServiceId) {
        let model = self.model.clone();
        let acted = match &model.system.service(service).rollout {
            Rollout::Deployment(spec) => self.reconcile_deployment(service, spec),
            Rollout::StatefulSet(spec) => self.reconcile_places(service, spec),
            Rollout::Progressive(rollout) => self.reconcile_progressive(service, rollout),
        };
        if acted {
            self.schedule(Span::ZERO, Event::Reconcile(service));
        }
    }

    /// Whether the controller has brought a version as far as it was told to.
    pub(crate) fn has_rolled_out(&self, service: ServiceId, version: VersionId) -> bool {
        match &self.fleet.pool(service).written {
            Written::Sets(_) => self.runs_only(service, version),
            Written::Canaries(canaries) => canaries.has_promoted(version),
            Written::Places(places) => {
                let from = self.control.desired(service).partition;
                self.is_at_strength(service) && places.run(version, from, &self.fleet.replicas)
            }
        }
    }

    /// Whether some replica does not serve, and is not on its way out.
    pub(crate) fn has_stuck(&self, service: ServiceId) -> bool {
        self.fleet.members(service).any(|(_, replica)| replica.is_stuck())
    }

    /// Somebody stops replicas by hand: their controller makes new ones.
    pub(crate) fn stop_by_hand(&mut self, service: ServiceId, which: Stopped) {
        let chosen = |replica: &Replica| match which {
            Stopped::Stuck => replica.is_stuck(),
            Stopped::All => replica.phase != Phase::Draining,
        };
        let members = self.fleet.members(service).filter(|(_, replica)| chosen(replica));
        let members: Vec<_> = members.map(|(key, _)| key).collect();
        members.into_iter().for_each(|key| self.retire(key));
        let sizes = self.fleet.pool(service).written.sizes();
        sizes.into_iter().for_each(|(version, to)| self.scale(service, version, to));
    }

    /// So many replicas of a version that serve, as they do before the run.
    fn place_ready(&mut self, service: ServiceId, version: VersionId, count: u32) {
        for _ in 0..count {
            let key = self.place(service, version);
            self.become_ready(key);
        }
    }

    /// The replicas of a version.
    fn count_pods(&self, service: ServiceId, version: VersionId, min_ready: Span) -> Pods {
        let mut pods = Pods::default();
        for (_, replica) in self.fleet.members(service).filter(|(_, replica)| replica.version == version) {
            let is_ready = replica.phase == Phase::Ready;
            let is_draining = replica.phase == Phase::Draining;
            pods.created += u32::from(!is_draining);
            pods.terminating += u32::from(is_draining);
            pods.ready += u32::from(is_ready);
            pods.available += u32::from(is_ready && self.now.since(replica.ready_at) >= min_ready);
        }
        pods
    }

    /// Ends a replica: one that serves may finish what it has begun.
    fn retire(&mut self, key: ReplicaKey) {
        match self.fleet.replicas.get(key).map(|replica| replica.phase) {
            Some(Phase::Ready) => self.drain(key),
            Some(Phase::Starting | Phase::Crashed) => self.stop(key),
            Some(Phase::Draining | Phase::Stopped) | None => {}
        }
    }
}
