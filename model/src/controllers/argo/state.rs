//! What a pass sees, remembers and changes.

use super::analysis::Phase as RunPhase;
use super::pause::{self, Pause};
use super::phase::{Message, Phase};
use super::progress::Progress;
use super::promotion::Promotion;
use super::rollback::Rollback;
use crate::id::VersionId;
use crate::time::Time;

/// A ReplicaSet as the controller sees it. Counts are pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaSet {
    /// The version its pods run.
    pub version: VersionId,
    /// Its number in the history.
    pub revision: u64,
    /// When it was created. A rollback reuses the set, so this tells older versions from newer ones.
    pub created_at: Time,
    /// Pods it was told to have.
    pub spec: u32,
    /// Pods it has, not counting terminating ones.
    pub created: u32,
    /// Pods of those that answer their readiness probe.
    pub ready: u32,
    /// Pods of those that have been ready for long enough.
    pub available: u32,
    /// The Rollout's replicas when it was last sized; `None` when it never was.
    pub desired: Option<u32>,
    /// When it is to be scaled down.
    pub scale_down_at: Option<Time>,
    /// Whether an experiment made it.
    pub is_experiment: bool,
    /// Whether it is already being deleted.
    pub is_deleting: bool,
}

/// Where traffic goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// To pods of this version.
    pub version: Option<VersionId>,
    /// This share, of the strategy's `max_weight`.
    pub weight: u32,
}

/// How the router was told to split the traffic. Both weights add up to the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// To the new version; to the stable one, too, when nothing is on its way.
    pub canary: Destination,
    /// To the stable version.
    pub stable: Destination,
}

/// The number of a run of an analysis, counted over the life of a Rollout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub u32);

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunKind {
    /// The analysis of this step of a canary, from 0.
    Step(u32),
    /// The analysis beside the steps of a canary.
    Background,
    /// Before the switch of a blue-green rollout.
    PrePromotion,
    /// After it.
    PostPromotion,
}

/// A run that the Rollout waits for or listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// What it is for.
    pub kind: RunKind,
    /// What is known of it.
    pub phase: RunPhase,
}

/// Pods, summed over sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// That exist, of any version.
    pub replicas: u32,
    /// Of these, those of the target version.
    pub updated: u32,
    /// Ready ones.
    pub ready: u32,
    /// Available ones. In a blue-green rollout `ready` and `available` are those of the active version.
    pub available: u32,
}

/// What a Rollout remembers from one pass to the next: `status` of the API object. [`Default`] is one that has never
/// been looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The version last promoted; `None` until the first one is.
    pub stable: Option<VersionId>,
    /// The target as of the last pass.
    pub current: Option<VersionId>,
    /// The step it is at, from 0; the number of steps when all are done.
    pub step: Option<u32>,
    /// What the steps were at the last pass, as [`super::canary::steps::fingerprint`] tells them apart.
    pub steps: Option<u64>,
    /// Whether the update is given up.
    pub abort: bool,
    /// Since when. Together with no [`Status::abort`] it means that a person tries again.
    pub aborted_at: Option<Time>,
    /// Whether somebody asked to skip everything that is left.
    pub promote_full: bool,
    /// Whether the controller has paused by itself. Together with no [`Status::pauses`] it means that a person resumed.
    pub controller_pause: bool,
    /// Why it is paused.
    pub pauses: Vec<Pause>,
    /// How the router splits the traffic; `None` without a router.
    pub weights: Option<Weights>,
    /// The version that gets the traffic of a blue-green rollout.
    pub active: Option<VersionId>,
    /// The version that its preview service shows.
    pub preview: Option<VersionId>,
    /// Whether the small preview has done its part and the new set may grow (`scaleUpPreviewCheckPoint`).
    pub is_preview_done: bool,
    /// The runs that count, at most one of a kind.
    pub runs: Vec<Run>,
    /// How many runs there have been.
    pub runs_started: u32,
    /// Pods as of the last pass.
    pub counts: Counts,
    /// What the deadline counts from.
    pub progress: Option<Progress>,
    /// Whether it was complete at the last pass; `None` until it has been once.
    pub is_healthy: Option<bool>,
    /// What a person is shown.
    pub phase: Phase,
    /// And why.
    pub message: Message,
}

impl Status {
    /// Whether nothing is on its way: the target is the stable version (`IsFullyPromoted`).
    #[must_use]
    pub fn is_fully_promoted(&self) -> bool {
        self.stable == self.current
    }

    /// Whether the update reached its end, which a Rollout that never had a stable version has not
    /// (`RolloutCompleted`).
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.stable.is_some() && self.is_fully_promoted()
    }
}

/// What a pass sees.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a> {
    /// Every set of the Rollout.
    pub sets: &'a [ReplicaSet],
    /// What the last pass left behind, with what people did to it since ([`super::command`]). The phases of its runs
    /// are up to date.
    pub status: &'a Status,
    /// Whether the router has done what it was told; `None` when it cannot tell.
    pub is_weight_verified: Option<bool>,
    /// The time.
    pub now: Time,
}

/// One write of a pass outside of the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Create an empty set.
    Create {
        /// Of this version.
        version: VersionId,
        /// With this number.
        revision: u64,
    },
    /// Give a set another number.
    Revise {
        /// Its version.
        version: VersionId,
        /// The number.
        revision: u64,
    },
    /// Tell a set how many pods to have, and stamp it with the replicas. The number may be the present one.
    Scale {
        /// Its version.
        version: VersionId,
        /// Pods it shall have.
        to: u32,
    },
    /// Set or remove the time at which a set is to be scaled down.
    ScaleDownAt {
        /// Its version.
        version: VersionId,
        /// The time.
        at: Option<Time>,
    },
    /// Delete an empty set.
    Delete {
        /// Its version.
        version: VersionId,
    },
    /// Tell the router.
    Route(Weights),
    /// Point the preview service to a version.
    Preview(VersionId),
    /// Point the active service to a version: all traffic, at once.
    Switch(VersionId),
    /// Start a run.
    StartRun {
        /// Its number.
        id: RunId,
        /// What it is for, which says what it measures.
        kind: RunKind,
    },
    /// End a run early. It comes to a verdict on what it has measured.
    TerminateRun {
        /// Its number.
        id: RunId,
    },
}

/// Something worth telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A rollback goes to its end without steps.
    StepsSkipped(Rollback),
    /// A step of a canary is done.
    StepCompleted {
        /// Which one, from 0.
        step: u32,
    },
    /// The target became the stable version.
    Promoted(Promotion),
    /// The update is given up.
    Aborted(AbortReason),
    /// It waits for a person.
    Waits(pause::Reason),
}

/// Who gave an update up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbortReason {
    /// An analysis that failed or could not measure.
    Analysis(RunKind),
    /// The progress deadline, where it is told to.
    Deadline,
}

/// What comes of a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// What is written, in this order.
    pub changes: Vec<Change>,
    /// What is remembered.
    pub status: Status,
    /// What happened.
    pub events: Vec<Event>,
    /// When to look again, whatever happens until then.
    pub recheck: Option<Time>,
}

impl Pass {
    /// Whether nothing came of it that was not so before.
    #[must_use]
    pub fn is_idle(&self, before: &Status) -> bool {
        self.changes.is_empty() && self.status == *before
    }
}

/// Writes a change into `sets`. Statuses are untouched: pods follow in their own time.
pub fn apply(change: Change, replicas: u32, now: Time, sets: &mut Vec<ReplicaSet>) {
    match change {
        Change::Create { version, revision } => {
            sets.push(ReplicaSet { version, revision, created_at: now, ..ReplicaSet::default() });
        }
        Change::Revise { version, revision } => on(version, sets, |set| set.revision = revision),
        Change::Scale { version, to } => on(version, sets, |set| {
            set.spec = to;
            set.desired = Some(replicas);
        }),
        Change::ScaleDownAt { version, at } => on(version, sets, |set| set.scale_down_at = at),
        Change::Delete { version } => sets.retain(|set| set.version != version),
        Change::Route(_)
        | Change::Preview(_)
        | Change::Switch(_)
        | Change::StartRun { .. }
        | Change::TerminateRun { .. } => {}
    }
}

fn on(version: VersionId, sets: &mut [ReplicaSet], change: impl Fn(&mut ReplicaSet)) {
    sets.iter_mut().filter(|set| set.version == version).for_each(change);
}

/// The sets, told apart by the target and the stable version.
#[derive(Clone, Debug)]
pub struct Sets<'a> {
    /// The target's.
    pub new: Option<&'a ReplicaSet>,
    /// The stable one, which may be the new one.
    pub stable: Option<&'a ReplicaSet>,
    /// All that are neither (`GetOtherRSs`).
    pub others: Vec<&'a ReplicaSet>,
}

impl<'a> Sets<'a> {
    /// Tells them apart.
    #[must_use]
    pub fn of(all: &'a [ReplicaSet], target: VersionId, stable: Option<VersionId>) -> Self {
        let find = |version| all.iter().find(|set| set.version == version && !set.is_experiment);
        let is_other = |set: &&ReplicaSet| set.version != target && Some(set.version) != stable;
        Self {
            new: find(target),
            stable: stable.and_then(find),
            others: all.iter().filter(|set| is_other(set) && !set.is_experiment).collect(),
        }
    }

    /// The stable set when it is another than the new one (`CheckStableRSExists`).
    #[must_use]
    pub fn other_stable(&self) -> Option<&'a ReplicaSet> {
        self.stable.filter(|stable| self.new.is_none_or(|new| new.version != stable.version))
    }

    /// Each set once.
    pub fn all(&self) -> impl Iterator<Item = &'a ReplicaSet> {
        self.others.iter().copied().chain(self.new).chain(self.other_stable())
    }
}
