//! Deployments: replica sets grow and shrink, and replicas of a version are all alike.
//!
//! Its controller also keeps the time since a rollout last came further. When that is too long it says so, once, and
//! does nothing about it.

use super::super::{Phase, Replica, ReplicaKey, Set, Side};
use super::{Pods, Rolled, Written};
use crate::fact::Fact;
use crate::world::World;
use model::controllers::deployment::progress::{self, Progress, Reason};
use model::controllers::deployment::scale::is_scaling_event;
use model::controllers::deployment::{self, DeploymentSpec, ReplicaSetState, Status, Step};
use model::controllers::rollout_status::DeploymentReport;
use model::id::{ServiceId, VersionId};
use model::time::Span;

/// How much later than the deadline the controller looks whether it has passed (`requeueStuckDeployment`).
const SKEW: Span = Span::SECOND;

/// What the controller of a Deployment has written down.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Sets {
    /// The replica sets, in order of creation.
    pub(super) all: Vec<ReplicaSetState>,
    /// What it reported last.
    status: Status,
    /// How the rollout comes along.
    progress: Option<Progress>,
}

impl Sets {
    /// What `kubectl rollout status` says, until it says that it is done. It looks at what the controller reported
    /// last.
    pub(super) fn shown(&self, wanted: u32, is_seen: bool) -> Option<String> {
        let Status { replicas, updated, available, .. } = self.status;
        let is_past_deadline = self.progress.is_some_and(|own| own.reason == Reason::ProgressDeadlineExceeded);
        let (generation, observed) = (1, u64::from(is_seen));
        let report =
            DeploymentReport { generation, observed, is_past_deadline, wanted, pods: replicas, updated, available };
        Some(report.status()).filter(|status| !status.is_done()).map(|status| status.told())
    }
}

impl World {
    pub(super) fn boot_deployment(&mut self, service: ServiceId, version: VersionId, spec: &DeploymentSpec) {
        let DeploymentSpec { replicas, .. } = *spec;
        let status = Status { replicas, updated: replicas, ready: replicas, available: replicas };
        let progress = Progress { reason: Reason::NewReplicaSetAvailable, updated_at: self.now };
        let progress = spec.progress_deadline.map(|_| progress);
        let all = self.known_sets(service, version, spec);
        self.fleet.pool_mut(service).written = Written::Sets(Sets { all, status, progress });
        self.place_ready(service, version.into(), spec.replicas);
    }

    /// The sets of a Deployment as they are before the run: that of the version is complete, and those of earlier ones
    /// are kept, empty.
    pub(super) fn known_sets(&self, service: ServiceId, of: VersionId, spec: &DeploymentSpec) -> Vec<ReplicaSetState> {
        let known = self.control.desired(service).revisions(&self.model.system).into_iter();
        let full = |set: ReplicaSetState| ReplicaSetState { revision: set.revision, ..full_set(of, spec) };
        known.map(|set| if set.version == of { full(set) } else { set }).collect()
    }

    /// One look; whether it took a step.
    pub(super) fn reconcile_deployment(&mut self, service: ServiceId, spec: &DeploymentSpec) -> bool {
        let desired = self.control.desired(service);
        let target = desired.template().number(&self.model.system);
        let spec = DeploymentSpec { replicas: desired.replicas, paused: desired.paused, ..*spec };
        let observed = self.observe_sets(service, Side::Primary, spec.min_ready);
        self.judge(service, &spec, target, &observed);
        self.roll_sets(service, (Side::Primary, target), &spec, &observed)
    }

    /// Whether the rollout has come further since the last look, as its controller judges (`syncRolloutStatus`). One
    /// that is held, or changes its size, is not judged.
    fn judge(&mut self, service: ServiceId, spec: &DeploymentSpec, target: VersionId, observed: &[ReplicaSetState]) {
        let now = self.now;
        let Written::Sets(sets) = &mut self.fleet.pool_mut(service).written else { return };
        let (was, status) = (sets.progress, Status::of(target, observed));
        let mut condition = progress::pause_checked(spec, was, now);
        if !spec.paused {
            let is_there = observed.iter().any(|set| set.version == target);
            let looked_up = if is_there { progress::found } else { progress::created };
            condition = looked_up(spec, condition, now);
            if !is_scaling_event(spec, observed) {
                condition = progress::observed(spec, condition, &sets.status, &status, now);
            }
        }
        (sets.status, sets.progress) = (status, condition);
        let is_late = |progress: Option<Progress>| {
            progress.is_some_and(|progress| progress.reason == Reason::ProgressDeadlineExceeded)
        };
        if let Some(deadline) = spec.progress_deadline.filter(|_| is_late(condition) && !is_late(was)) {
            self.report(Fact::Rolled { service, event: Rolled::Stalled(deadline) });
        }
        if let Some(after) = progress::recheck_after(spec, condition, &status, now) {
            self.come_back(service, now + after + SKEW);
        }
    }

    /// One look at one of the Deployments of a service; whether it took a step.
    pub(super) fn roll_sets(
        &mut self,
        service: ServiceId,
        (side, target): (Side, VersionId),
        spec: &DeploymentSpec,
        observed: &[ReplicaSetState],
    ) -> bool {
        let steps = deployment::reconcile(spec, target, observed);
        for step in &steps {
            if let Some(sets) = self.fleet.pool_mut(service).written.sets_mut(side) {
                deployment::apply(*step, spec, sets);
            }
            match *step {
                Step::Scale { version, to } => self.scale(service, Set { template: version, side }, to),
                Step::Delete { version } => self.forget_set(service, side, version),
                Step::Revise { .. } => {}
            }
        }
        !steps.is_empty()
    }

    /// A set is deleted. Where Flagger sees to a service, people go back to what its canary's Deployment keeps.
    fn forget_set(&mut self, service: ServiceId, side: Side, number: VersionId) {
        let kept_by = match self.fleet.pool(service).written {
            Written::Flagged(_) => Side::Canary,
            Written::Sets(_) | Written::Places(_) | Written::Canaries(_) | Written::Hosts(_) => Side::Primary,
        };
        if side == kept_by {
            let system = &self.model.system;
            self.control.forget(service, |past| past.number(system) == number);
        }
    }

    /// The replica sets of a Deployment as its controller sees them.
    pub(super) fn observe_sets(&self, service: ServiceId, side: Side, min_ready: Span) -> Vec<ReplicaSetState> {
        let sets = self.fleet.pool(service).written.sets(side).iter();
        let seen = sets.map(|set| {
            let own = Set { template: set.version, side };
            let Pods { created, ready, available, terminating } = self.count_pods(service, own, min_ready);
            ReplicaSetState { created, ready, available, terminating, ..*set }
        });
        seen.collect()
    }

    /// Starts or stops replicas until a set has as many as wanted. Those that do not serve go first, then
    /// those that have crashed most, then the youngest.
    pub(super) fn scale(&mut self, service: ServiceId, set: Set, to: u32) {
        let there = self.count_pods(service, set, Span::ZERO).created;
        self.create_replicas(service, set, to.saturating_sub(there) as usize);
        if there <= to {
            return;
        }
        let alive = |(_, r): &(ReplicaKey, &Replica)| r.is_of(set) && r.phase != Phase::Draining;
        let crashes = |replica: &Replica| replica.crash.map_or(0, |crash| crash.count);
        let members = self.fleet.members(service).filter(alive);
        let mut members: Vec<_> = members.map(|(key, r)| (r.phase != Phase::Ready, crashes(r), key)).collect();
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
