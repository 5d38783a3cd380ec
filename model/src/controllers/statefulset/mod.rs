//! The Kubernetes StatefulSet controller.
//!
//! Its pods have **ordinals** from 0 on and keep them: pod 2 of the old version makes way, and pod 2 of the new one
//! comes in its place. The version to reach is the **update** revision; the one that pods below the partition have is
//! the **current** one. A pod whose ordinal is too high for the number of replicas is **condemned**.
//!
//! What one pass does ([`reconcile`]) follows `pkg/controller/statefulset/stateful_set_control.go` of
//! kubernetes/kubernetes:
//!
//! 1. The update revision gets the highest number ([`history`]).
//! 2. Missing pods are created and ended ones deleted, by ascending ordinal; then condemned ones go, from the top; then
//!    pods of other revisions make way, from the top down to the partition ([`pods`]).
//! 3. When every pod is ready and of the update revision, that becomes the current one.
//! 4. Revisions beyond the limit are forgotten.
//!
//! **The rollback that blocks itself** (kubernetes#67250): under [`Management::OrderedReady`] step 2 ends at the
//! first pod that is not available, before it comes to the pods that should make way. A bad version whose pod never
//! becomes ready is therefore not left when the old template is applied again: somebody has to delete that pod by
//! hand ([`waits_for`] says which).
//!
//! Where the model is simpler than the original:
//!
//! - A template *is* a [`VersionId`]; there are no volumes, claims or identities to repair.
//! - Observation is one consistent snapshot, and no write fails. Ordinals start at 0.
//! - In one pass no more than 500 pods are created; the next pass goes on.

pub mod history;
mod pods;

#[cfg(test)]
mod tests;

use crate::controllers::deployment::CountOrShare;
use crate::id::VersionId;
use crate::time::Span;

pub use history::Revision;
pub use pods::waits_for;

/// What a StatefulSet asks for, apart from the version: that is the `target` of [`reconcile`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatefulSetSpec {
    /// Pods wanted; their ordinals are those below.
    pub replicas: u32,
    /// Whether pods wait for each other.
    pub management: Management,
    /// How pods of one revision make way for pods of another.
    pub strategy: Strategy,
    /// How long a pod must have been ready to count as available. Whoever observes the pods applies it.
    pub min_ready: Span,
    /// Revisions kept beside those that are in use.
    pub revision_history_limit: u32,
}

/// Whether pods wait for each other (`podManagementPolicy`). It is fixed when the set is created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Management {
    /// One at a time: nothing happens beyond the first pod that is not available.
    #[default]
    OrderedReady,
    /// All at once, when the set is created or changes its size. Updates go one by one all the same.
    Parallel,
}

/// How pods of one revision make way for pods of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// From the highest ordinal down.
    RollingUpdate {
        /// The lowest ordinal that is updated. Pods below keep the current revision, even when they are created anew.
        partition: u32,
        /// Pods that may be missing at a time, at least 1 whatever is written. `None` is the older loop, in which pods
        /// that are not available never keep others from being replaced unless they are visited first.
        max_unavailable: Option<CountOrShare>,
    },
    /// Only pods that somebody deletes come back on the update revision.
    OnDelete,
}

/// The defaults of `pkg/apis/apps/v1/defaults.go`.
impl Default for StatefulSetSpec {
    fn default() -> Self {
        Self {
            replicas: 1,
            management: Management::default(),
            strategy: Strategy::default(),
            min_ready: Span::ZERO,
            revision_history_limit: 10,
        }
    }
}

/// A rolling update of all pods, one by one.
impl Default for Strategy {
    fn default() -> Self {
        Self::RollingUpdate { partition: 0, max_unavailable: None }
    }
}

impl StatefulSetSpec {
    /// The same for another number of pods, and from another ordinal on.
    #[must_use]
    pub fn sized(self, replicas: u32, partition: u32) -> Self {
        let strategy = match self.strategy {
            Strategy::RollingUpdate { max_unavailable, .. } => Strategy::RollingUpdate { partition, max_unavailable },
            Strategy::OnDelete => Strategy::OnDelete,
        };
        Self { replicas, strategy, ..self }
    }

    /// The lowest ordinal that a rolling update touches; nobody's when pods wait for somebody to delete them.
    #[must_use]
    pub fn partition(&self) -> u32 {
        match self.strategy {
            Strategy::RollingUpdate { partition, .. } => partition,
            Strategy::OnDelete => 0,
        }
    }
}

/// A pod as the controller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodState {
    /// Its place, from 0.
    pub ordinal: u32,
    /// The version it runs.
    pub version: VersionId,
    /// What it is good for.
    pub health: Health,
    /// Whether it was told to stop and has not stopped yet.
    pub terminating: bool,
}

/// What a pod is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does not answer its readiness probe: it starts, or it crashes again and again, or its image is gone.
    Unready,
    /// It has answered, for less than `min_ready`.
    Ready,
    /// It has answered for at least `min_ready`.
    Available,
    /// It is over (`Failed` or `Succeeded`) and will not come back by itself.
    Ended,
}

impl PodState {
    /// Whether it is missing to those who count on it (`isUnavailable`).
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.terminating || self.health != Health::Available
    }

    /// Whether it answers its readiness probe.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.health, Health::Ready | Health::Available)
    }
}

/// A StatefulSet and what belongs to it: what a pass looks at, and what its steps change ([`apply`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatefulSetState {
    /// The version that pods below the partition have; `None` before the first pass.
    pub current: Option<VersionId>,
    /// Its pods, at most one of an ordinal.
    pub pods: Vec<PodState>,
    /// Its revisions.
    pub revisions: Vec<Revision>,
}

/// One write of the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Give the revision of this version this number, creating it if there is none.
    Revise(Revision),
    /// Create a pod.
    Create {
        /// Its place.
        ordinal: u32,
        /// The version it shall run.
        version: VersionId,
    },
    /// Tell the pod in this place to stop. Once it is gone, a pass creates another one there, if it is wanted.
    Delete {
        /// Its place.
        ordinal: u32,
    },
    /// Take this version as the current one: the rolling update is complete, or there was none yet.
    SetCurrent {
        /// The update revision.
        version: VersionId,
    },
    /// Forget a revision: nobody can go back to it.
    Forget {
        /// Its version.
        version: VersionId,
    },
}

/// What the controller would write in one pass; empty when there is nothing to do, or when it waits.
///
/// Applying the steps ([`apply`]), letting pods follow and calling again until nothing comes back is a whole rollout.
#[must_use]
pub fn reconcile(spec: &StatefulSetSpec, target: VersionId, observed: &StatefulSetState) -> Vec<Step> {
    let current = history::current(observed).unwrap_or(target);
    let mut steps = Vec::from_iter(history::revise(target, &observed.revisions));
    steps.extend(pods::steps(spec, [current, target], &observed.pods));
    let version = if is_complete(spec, target, &observed.pods) { target } else { current };
    if observed.current != Some(version) {
        steps.push(Step::SetCurrent { version });
    }
    steps.extend(history::truncate(spec.revision_history_limit, [current, target], observed));
    steps
}

/// Whether all pods wanted are there, ready and of the update revision, and no other is (`completeRollingUpdate`).
/// Under [`Strategy::OnDelete`] a rollout is never complete.
#[must_use]
pub fn is_complete(spec: &StatefulSetSpec, target: VersionId, pods: &[PodState]) -> bool {
    let rolls = matches!(spec.strategy, Strategy::RollingUpdate { .. });
    let updated = |pod: &PodState| pod.version == target && !pod.terminating && pod.is_ready();
    rolls && u32::try_from(pods.len()) == Ok(spec.replicas) && pods.iter().all(updated)
}

/// Writes `step` into `state`. A pod that is created is not ready, and one that is deleted is still there: pods
/// follow in their own time.
pub fn apply(step: Step, state: &mut StatefulSetState) {
    match step {
        Step::Revise(revision) => {
            state.revisions.retain(|known| known.version != revision.version);
            state.revisions.push(revision);
        }
        Step::Create { ordinal, version } => {
            state.pods.push(PodState { ordinal, version, health: Health::Unready, terminating: false });
        }
        Step::Delete { ordinal } => {
            state.pods.iter_mut().filter(|pod| pod.ordinal == ordinal).for_each(|pod| pod.terminating = true);
        }
        Step::SetCurrent { version } => state.current = Some(version),
        Step::Forget { version } => state.revisions.retain(|known| known.version != version),
    }
}

/// What a StatefulSet reports about its pods (`computeReplicaStatus`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Pods of any revision.
    pub replicas: u32,
    /// Those that are ready.
    pub ready: u32,
    /// Those that have been ready for at least `min_ready`.
    pub available: u32,
    /// Pods of the current revision that are not terminating.
    pub current: u32,
    /// Pods of the update revision that are not terminating.
    pub updated: u32,
}

impl Status {
    /// Sums up the observed pods.
    #[must_use]
    pub fn of(target: VersionId, state: &StatefulSetState) -> Self {
        let count = |holds: &dyn Fn(&PodState) -> bool| {
            let pods = state.pods.iter().filter(|pod| holds(pod)).count();
            u32::try_from(pods).unwrap_or(u32::MAX)
        };
        let current = history::current(state).unwrap_or(target);
        Self {
            replicas: count(&|_| true),
            ready: count(&PodState::is_ready),
            available: count(&|pod| pod.health == Health::Available),
            current: count(&|pod| !pod.terminating && pod.version == current),
            updated: count(&|pod| !pod.terminating && pod.version == target),
        }
    }
}
