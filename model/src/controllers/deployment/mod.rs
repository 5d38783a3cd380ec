//! The Kubernetes Deployment controller.
//!
//! A Deployment owns one ReplicaSet per version of its pod template. The set whose version is
//! the *target* is the **new** set, every other one is **old**, however recently it was made: an
//! undo makes an old set new again and the set that was new becomes old. A set is **active** when
//! its spec asks for at least one pod.
//!
//! What one pass does ([`reconcile`]) follows `pkg/controller/deployment/deployment_controller.go`
//! of kubernetes/kubernetes:
//!
//! 1. Paused, or the number of replicas changed: resize in proportion ([`scale`]), no rollout.
//! 2. Otherwise roll ([`rolling`]) or recreate ([`recreate`]): one change per pass, then stop.
//! 3. Nothing left to change and complete: prune history ([`history`]).
//!
//! [`progress`] judges a rollout from outside; its verdict changes no pod.
//!
//! Where the model is simpler than the original:
//!
//! - A template *is* a [`VersionId`], so one version has at most one set, and hash collisions
//!   and adopted strangers do not exist.
//! - Observation is one consistent snapshot; there are no unobserved generations and no failed
//!   writes. Status lagging behind spec, the case that matters, can be expressed.
//! - Upstream creates the new set and looks at the old ones in the same pass. Here, creating a
//!   set with pods in it ends the pass; the sizes go through the same sequence.
//! - The alpha `podReplacementPolicy` is off, as it is by default: terminating pods are not
//!   counted, so the real number of pods can exceed replicas + surge for a grace period.

pub mod budget;
pub mod history;
pub mod progress;
pub mod recreate;
pub mod rolling;
pub mod scale;

#[cfg(test)]
mod tests;

use crate::id::VersionId;
use crate::time::Span;

pub use budget::{CountOrShare, Fenceposts, SpecError};
pub use progress::Status;

/// What a Deployment asks for, apart from the version: that is the `target` of [`reconcile`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentSpec {
    /// Pods wanted.
    pub replicas: u32,
    /// How pods of one version make way for pods of another.
    pub strategy: Strategy,
    /// How long a pod must have been ready to count as available. The caller who observes the
    /// pods applies it; no rule here reads it but [`DeploymentSpec::validate`].
    pub min_ready: Span,
    /// How long a rollout may go without progress before it is reported; `None` is never.
    pub progress_deadline: Option<Span>,
    /// Old sets kept for undo; `None` keeps all, 0 makes undo impossible.
    pub revision_history_limit: Option<u32>,
    /// Whether rollouts are suspended. Changes of size are not.
    pub paused: bool,
}

/// How pods of one version make way for pods of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Step by step, within [`Fenceposts`].
    RollingUpdate {
        /// Pods allowed above `replicas`.
        max_surge: CountOrShare,
        /// Pods allowed to be missing from `replicas`.
        max_unavailable: CountOrShare,
    },
    /// All old pods gone before the first new one starts.
    Recreate,
}

/// The defaults of `pkg/apis/apps/v1/defaults.go`.
impl Default for DeploymentSpec {
    fn default() -> Self {
        Self {
            replicas: 1,
            strategy: Strategy::default(),
            min_ready: Span::ZERO,
            progress_deadline: Some(Span::from_secs(600)),
            revision_history_limit: Some(10),
            paused: false,
        }
    }
}

/// A rolling update with 25 % surge and 25 % unavailable.
impl Default for Strategy {
    fn default() -> Self {
        let quarter = CountOrShare::Percent(25);
        Self::RollingUpdate { max_surge: quarter, max_unavailable: quarter }
    }
}

impl DeploymentSpec {
    /// The limits of a rolling update, in pods; both zero when recreating
    /// (`MaxSurge` and `MaxUnavailable` of `util/deployment_util.go`).
    #[must_use]
    pub fn fenceposts(&self) -> Fenceposts {
        match self.strategy {
            Strategy::RollingUpdate { max_surge, max_unavailable } => {
                Fenceposts::resolve(max_surge, max_unavailable, self.replicas).clamped_to(self.replicas)
            }
            Strategy::Recreate => Fenceposts { surge: 0, unavailable: 0 },
        }
    }

    /// Available pods below which a rolling update takes no healthy pod away.
    #[must_use]
    pub fn min_available(&self) -> u32 {
        self.replicas - self.fenceposts().unavailable
    }

    /// What a set sized under this spec is stamped with.
    #[must_use]
    pub fn sizing(&self) -> Sizing {
        let surge = self.fenceposts().surge;
        Sizing { desired: self.replicas, max: self.replicas.saturating_add(surge) }
    }
}

/// A ReplicaSet as the controller sees it. Counts are pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaSetState {
    /// The version its pods run.
    pub version: VersionId,
    /// Its number in the history; the new set has the highest.
    pub revision: u64,
    /// Pods it was told to have.
    pub spec: u32,
    /// Pods it has (`status.replicas`), not counting terminating ones.
    pub created: u32,
    /// Pods of those that answer their readiness probe.
    pub ready: u32,
    /// Pods of those that have been ready for at least `min_ready`.
    pub available: u32,
    /// Pods told to stop that have not stopped yet. Only recreating waits for them.
    pub terminating: u32,
    /// The stamp left by whoever sized it last; `None` when somebody removed it.
    pub sizing: Option<Sizing>,
    /// Whether it is already being deleted.
    pub deleting: bool,
}

impl ReplicaSetState {
    /// Whether its spec asks for any pod.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.spec > 0
    }
}

/// The size of the whole Deployment when a set was last sized: the annotations
/// `deployment.kubernetes.io/desired-replicas` and `max-replicas`. They are how the controller
/// notices that `replicas` was changed, and what a set's share is measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizing {
    /// `replicas` at the time.
    pub desired: u32,
    /// `replicas` + surge at the time.
    pub max: u32,
}

/// One write of the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Give the set of `version` this number in the history; create it, empty, if there is none.
    Revise {
        /// The target version.
        version: VersionId,
        /// One more than the highest among the old sets.
        revision: u64,
    },
    /// Tell the set of `version` to have `to` pods and stamp it with [`DeploymentSpec::sizing`].
    /// `to` may be the present size: then only the stamp is renewed.
    Scale {
        /// The version of the set.
        version: VersionId,
        /// Pods it shall have.
        to: u32,
    },
    /// Delete the empty set of `version`: it can no longer be undone to.
    Delete {
        /// The version of the set.
        version: VersionId,
    },
}

/// What the controller would write in one pass; empty when there is nothing to do.
///
/// `observed` lists the sets in the order they were **created**, oldest first, which after an
/// undo is not the order of their revisions. Applying the steps ([`apply`]), letting pods follow
/// and calling again until nothing comes back is a whole rollout.
#[must_use]
pub fn reconcile(spec: &DeploymentSpec, target: VersionId, observed: &[ReplicaSetState]) -> Vec<Step> {
    let view = View { target, all: observed };
    if spec.paused || scale::is_scaling_event(spec, observed) {
        return scale::resize(spec, view);
    }
    match spec.strategy {
        Strategy::RollingUpdate { .. } => rolling::roll(spec, view),
        Strategy::Recreate => recreate::recreate(spec, view),
    }
}

/// Writes `step` into the specs of `sets`. Statuses are untouched: pods follow in their own time.
pub fn apply(step: Step, spec: &DeploymentSpec, sets: &mut Vec<ReplicaSetState>) {
    match step {
        Step::Revise { version, revision } => entry(version, sets).revision = revision,
        Step::Scale { version, to } => {
            let set = entry(version, sets);
            set.spec = to;
            set.sizing = Some(spec.sizing());
        }
        Step::Delete { version } => sets.retain(|set| set.version != version),
    }
}

fn entry(version: VersionId, sets: &mut Vec<ReplicaSetState>) -> &mut ReplicaSetState {
    let known = sets.iter().position(|set| set.version == version);
    let index = known.unwrap_or_else(|| {
        sets.push(ReplicaSetState { version, ..ReplicaSetState::default() });
        sets.len() - 1
    });
    &mut sets[index]
}

/// The observed sets, told apart by the target.
#[derive(Clone, Copy)]
struct View<'a> {
    target: VersionId,
    all: &'a [ReplicaSetState],
}

impl<'a> View<'a> {
    fn new_set(self) -> Option<&'a ReplicaSetState> {
        self.all.iter().find(|set| set.version == self.target)
    }

    /// The new set, or what it would be if it were created now.
    fn new_or_empty(self) -> ReplicaSetState {
        let empty = ReplicaSetState { version: self.target, ..ReplicaSetState::default() };
        self.new_set().copied().unwrap_or(empty)
    }

    /// Oldest first.
    fn old(self) -> impl DoubleEndedIterator<Item = &'a ReplicaSetState> {
        self.all.iter().filter(move |set| set.version != self.target)
    }

    /// Gives the new set the highest revision, creating it if needed
    /// (`getNewReplicaSet` in `sync.go`).
    fn revise(self) -> Option<Step> {
        let revision = self.old().map(|set| set.revision).max().unwrap_or(0).saturating_add(1);
        match self.new_set() {
            Some(new) if new.revision >= revision => None,
            _ => Some(Step::Revise { version: self.target, revision }),
        }
    }

    /// Like [`View::revise`], but leaves a set that does not exist uncreated.
    fn revise_existing(self) -> Option<Step> {
        self.new_set().and_then(|_| self.revise())
    }

    fn is_complete(self, spec: &DeploymentSpec) -> bool {
        progress::is_complete(spec.replicas, &Status::of(self.target, self.all))
    }

    fn prune(self, spec: &DeploymentSpec) -> Vec<Step> {
        history::prune(spec.revision_history_limit, self.old())
    }
}

fn total_spec<'a>(sets: impl IntoIterator<Item = &'a ReplicaSetState>) -> i64 {
    sets.into_iter().map(|set| i64::from(set.spec)).sum()
}

fn total_available<'a>(sets: impl IntoIterator<Item = &'a ReplicaSetState>) -> i64 {
    sets.into_iter().map(|set| i64::from(set.available)).sum()
}

/// Back from the signed arithmetic of budgets, where differences may be negative, to a count.
fn pods(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}
