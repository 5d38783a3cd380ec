//! Whether a rollout is complete, moving, or stuck: `pkg/controller/deployment/progress.go`.
//!
//! The verdict is a *condition* others may watch. It removes no pod and rolls nothing back:
//! a Deployment past its deadline stays as it is until somebody acts.

use super::{DeploymentSpec, ReplicaSetState};
use crate::id::VersionId;
use crate::time::{Span, Time};

/// What a Deployment reports about its pods (`calculateStatus` in `sync.go`). Terminating pods
/// are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Pods of any version.
    pub replicas: u32,
    /// Pods of the target version.
    pub updated: u32,
    /// Ready pods of any version.
    pub ready: u32,
    /// Available pods of any version.
    pub available: u32,
}

impl Status {
    /// Sums up the observed sets.
    #[must_use]
    pub fn of(target: VersionId, observed: &[ReplicaSetState]) -> Self {
        let mut status = Self::default();
        for set in observed {
            status.replicas = status.replicas.saturating_add(set.created);
            status.ready = status.ready.saturating_add(set.ready);
            status.available = status.available.saturating_add(set.available);
            if set.version == target {
                status.updated = status.updated.saturating_add(set.created);
            }
        }
        status
    }

    /// Pods of other versions. Signed, because a snapshot under way may not add up.
    fn old(&self) -> i64 {
        i64::from(self.replicas) - i64::from(self.updated)
    }
}

/// Whether all pods wanted are there, available and of the target version, and no other is
/// (`DeploymentComplete` in `util/deployment_util.go`).
#[must_use]
pub fn is_complete(replicas: u32, status: &Status) -> bool {
    let Status { replicas: total, updated, available, .. } = *status;
    [total, updated, available] == [replicas; 3]
}

/// Whether the rollout moved between two reports: more updated, fewer old, more ready or more
/// available pods (`DeploymentProgressing`). Any one is enough, whatever the others did.
#[must_use]
pub fn is_progressing(before: &Status, after: &Status) -> bool {
    after.updated > before.updated
        || after.old() < before.old()
        || after.ready > before.ready
        || after.available > before.available
}

/// The `Progressing` condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Why it is what it is.
    pub reason: Reason,
    /// The last progress; the deadline counts from here.
    pub updated_at: Time,
}

/// The reasons of the `Progressing` condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The set of a new version was created.
    NewReplicaSetCreated,
    /// The set of the target version existed when progress was first judged.
    FoundNewReplicaSet,
    /// The rollout moved.
    ReplicaSetUpdated,
    /// The rollout is complete.
    NewReplicaSetAvailable,
    /// The rollout did not move for longer than the deadline.
    ProgressDeadlineExceeded,
    /// The Deployment was paused.
    DeploymentPaused,
    /// The Deployment was resumed.
    DeploymentResumed,
}

impl Reason {
    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewReplicaSetCreated => "NewReplicaSetCreated",
            Self::FoundNewReplicaSet => "FoundNewReplicaSet",
            Self::ReplicaSetUpdated => "ReplicaSetUpdated",
            Self::NewReplicaSetAvailable => "NewReplicaSetAvailable",
            Self::ProgressDeadlineExceeded => "ProgressDeadlineExceeded",
            Self::DeploymentPaused => "DeploymentPaused",
            Self::DeploymentResumed => "DeploymentResumed",
        }
    }

    /// The status of the condition: progressing, not, or (`None`) unknown.
    #[must_use]
    pub fn is_true(self) -> Option<bool> {
        match self {
            Self::NewReplicaSetCreated
            | Self::FoundNewReplicaSet
            | Self::ReplicaSetUpdated
            | Self::NewReplicaSetAvailable => Some(true),
            Self::ProgressDeadlineExceeded => Some(false),
            Self::DeploymentPaused | Self::DeploymentResumed => None,
        }
    }
}

/// `progressDeadlineSeconds` as a span; the largest 32-bit integer means no deadline
/// (`HasProgressDeadline`).
#[must_use]
pub fn deadline_from_seconds(seconds: u32) -> Option<Span> {
    (seconds != i32::MAX.unsigned_abs()).then(|| Span::from_secs(u64::from(seconds)))
}

/// Whether the deadline has passed, strictly, since the last progress (`DeploymentTimedOut`).
/// Never after a complete rollout, and once true true until there is progress.
#[must_use]
pub fn is_timed_out(deadline: Option<Span>, condition: Option<Progress>, now: Time) -> bool {
    let (Some(deadline), Some(condition)) = (deadline, condition) else { return false };
    match condition.reason {
        Reason::NewReplicaSetAvailable => false,
        Reason::ProgressDeadlineExceeded => true,
        _ => condition.updated_at + deadline < now,
    }
}

/// The condition after a report during a rollout (`syncRolloutStatus`): complete before
/// progressing before timed out, else as it was. Without a deadline there is no condition.
///
/// Paused and resizing Deployments are not judged: do not call this for them.
#[must_use]
pub fn observed(
    spec: &DeploymentSpec,
    condition: Option<Progress>,
    before: &Status,
    after: &Status,
    now: Time,
) -> Option<Progress> {
    spec.progress_deadline?;
    if has_finished(condition, after) {
        return condition;
    }
    if is_complete(spec.replicas, after) {
        Some(with_reason(Reason::NewReplicaSetAvailable, condition, now))
    } else if is_progressing(before, after) {
        Some(Progress { reason: Reason::ReplicaSetUpdated, updated_at: now })
    } else if is_timed_out(spec.progress_deadline, condition, now) {
        Some(with_reason(Reason::ProgressDeadlineExceeded, condition, now))
    } else {
        condition
    }
}

/// Whether the last rollout completed and no other has begun: lost pods are then no regression.
fn has_finished(condition: Option<Progress>, status: &Status) -> bool {
    let available = condition.is_some_and(|it| it.reason == Reason::NewReplicaSetAvailable);
    available && status.replicas == status.updated
}

/// A condition that has this reason already keeps its time (`SetDeploymentCondition`).
fn with_reason(reason: Reason, condition: Option<Progress>, now: Time) -> Progress {
    match condition {
        Some(same) if same.reason == reason => same,
        _ => Progress { reason, updated_at: now },
    }
}

/// The condition after the set of the target version was created (`getNewReplicaSet` in
/// `sync.go`): the clock starts anew.
#[must_use]
pub fn created(spec: &DeploymentSpec, was: Option<Progress>, now: Time) -> Option<Progress> {
    spec.progress_deadline.map(|_| with_reason(Reason::NewReplicaSetCreated, was, now))
}

/// The condition when the set of the target version exists already. An undo therefore starts
/// *without* a fresh clock: a timed-out rollout stays timed out until the undo makes progress.
#[must_use]
pub fn found(spec: &DeploymentSpec, was: Option<Progress>, now: Time) -> Option<Progress> {
    spec.progress_deadline?;
    was.or(Some(Progress { reason: Reason::FoundNewReplicaSet, updated_at: now }))
}

/// The condition after looking at `paused` (`checkPausedConditions` in `sync.go`): resuming
/// starts the clock anew, so time spent paused does not count; a timeout already reported stays.
#[must_use]
pub fn pause_checked(spec: &DeploymentSpec, was: Option<Progress>, now: Time) -> Option<Progress> {
    let reason = was.map(|condition| condition.reason);
    if spec.progress_deadline.is_none() || reason == Some(Reason::ProgressDeadlineExceeded) {
        return was;
    }
    match (spec.paused, reason == Some(Reason::DeploymentPaused)) {
        (true, false) => Some(Progress { reason: Reason::DeploymentPaused, updated_at: now }),
        (false, true) => Some(Progress { reason: Reason::DeploymentResumed, updated_at: now }),
        (true, true) | (false, false) => was,
    }
}

/// How long until the deadline has to be looked at again (`requeueStuckDeployment`): `None` when
/// it need not be, zero when less than a second is left. Upstream waits one second longer than
/// this, against clock skew.
#[must_use]
pub fn recheck_after(spec: &DeploymentSpec, condition: Option<Progress>, status: &Status, now: Time) -> Option<Span> {
    let (deadline, condition) = (spec.progress_deadline?, condition?);
    let settled = condition.reason == Reason::ProgressDeadlineExceeded;
    if settled || is_complete(spec.replicas, status) {
        return None;
    }
    let left = (condition.updated_at + deadline).since(now);
    Some(if left < Span::SECOND { Span::ZERO } else { left })
}

#[cfg(test)]
mod tests {
    use super::Reason::*;
    use super::*;

    fn status([replicas, updated, ready, available]: [u32; 4]) -> Status {
        Status { replicas, updated, ready, available }
    }

    fn spec(replicas: u32, deadline_secs: Option<u32>) -> DeploymentSpec {
        let progress_deadline = deadline_secs.and_then(deadline_from_seconds);
        DeploymentSpec { replicas, progress_deadline, ..DeploymentSpec::default() }
    }

    fn at(seconds: u64) -> Time {
        Time::ZERO + Span::from_secs(seconds)
    }

    fn since_start(reason: Reason) -> Option<Progress> {
        Some(Progress { reason, updated_at: Time::ZERO })
    }

    /// kubernetes `util/deployment_util_test.go`, `TestDeploymentComplete`.
    #[test]
    fn complete_means_all_updated_all_available_and_nothing_else() {
        for (replicas, report, expected) in [
            (5, [5, 5, 5, 5], true),
            (5, [5, 5, 4, 4], false),
            (5, [5, 4, 5, 5], false),
            (5, [6, 5, 5, 5], false),
            (1, [2, 1, 1, 1], false),
            (0, [0, 0, 0, 0], true),
        ] {
            assert_eq!(is_complete(replicas, &status(report)), expected, "{report:?}");
        }
    }

    /// kubernetes `util/deployment_util_test.go`, `TestDeploymentProgressing`.
    #[test]
    fn any_sign_of_movement_is_progress() {
        for (before, after, expected) in [
            ([10, 4, 4, 4], [10, 6, 4, 4], true),
            ([10, 4, 4, 4], [10, 4, 4, 4], false),
            ([10, 4, 4, 4], [8, 4, 4, 4], true),
            ([10, 7, 3, 3], [10, 6, 3, 3], false),
            ([10, 7, 3, 3], [8, 8, 2, 2], true),
            ([10, 7, 1, 1], [10, 7, 2, 1], true),
            ([10, 7, 2, 1], [10, 7, 2, 2], true),
        ] {
            let moved = is_progressing(&status(before), &status(after));
            assert_eq!(moved, expected, "{before:?} {after:?}");
        }
    }

    /// kubernetes `util/deployment_util_test.go`, `TestDeploymentTimedOut`.
    #[test]
    fn the_deadline_is_strict_sticky_and_void_after_completion() {
        for (deadline, reason, now, expected) in [
            (None, ReplicaSetUpdated, 11, false),
            (Some(i32::MAX.unsigned_abs()), ReplicaSetUpdated, 11, false),
            (Some(10), ReplicaSetUpdated, 11, true),
            (Some(10), ReplicaSetUpdated, 10, false),
            (Some(10), ReplicaSetUpdated, 9, false),
            (Some(10), ProgressDeadlineExceeded, 0, true),
            (Some(10), NewReplicaSetAvailable, 11, false),
        ] {
            let deadline = deadline.and_then(deadline_from_seconds);
            let timed_out = is_timed_out(deadline, since_start(reason), at(now));
            assert_eq!(timed_out, expected, "{deadline:?} {reason:?} {now}");
        }
        assert!(!is_timed_out(Some(Span::ZERO), None, at(11)));
    }

    /// kubernetes `progress_test.go`, `TestRequeueStuckDeployment`. Times in nanoseconds.
    #[test]
    fn a_stuck_rollout_is_looked_at_again_when_its_deadline_passes() {
        let second = Span::SECOND.nanos();
        for (deadline, reason, report, now, expected) in [
            (None, None, [3, 3, 2, 2], 0, None),
            (Some(60), None, [3, 3, 2, 2], 0, None),
            (Some(60), Some(ProgressDeadlineExceeded), [3, 3, 0, 0], 0, None),
            (Some(60), Some(ReplicaSetUpdated), [4, 4, 4, 4], 0, None),
            (Some(60), Some(ReplicaSetUpdated), [3, 3, 1, 1], 10 * second, Some(50 * second)),
            (Some(60), Some(ReplicaSetUpdated), [3, 3, 1, 1], 59 * second, Some(second)),
            (Some(60), Some(ReplicaSetUpdated), [3, 3, 1, 1], 59 * second + 1, Some(0)),
            (Some(60), Some(ReplicaSetUpdated), [3, 3, 1, 1], 60 * second, Some(0)),
            (Some(60), Some(ReplicaSetUpdated), [3, 3, 1, 1], 61 * second, Some(0)),
        ] {
            let condition = reason.and_then(since_start);
            let now = Time::from_nanos(now);
            let after = recheck_after(&spec(4, deadline), condition, &status(report), now);
            assert_eq!(after.map(Span::nanos), expected, "{deadline:?} {reason:?} {now:?}");
        }
    }

    /// kubernetes `progress_test.go`, `TestSyncRolloutStatus`.
    #[test]
    fn a_report_turns_the_condition() {
        let (old, complete, stuck) = ([2, 2, 2, 2], [3, 3, 3, 3], [3, 2, 2, 2]);
        let (grown, timeout) = ([3, 2, 3, 3], ProgressDeadlineExceeded);
        for (deadline, was, before, after, now, expected) in [
            (None, Some(ReplicaSetUpdated), old, grown, 9, None),
            (Some(60), Some(ReplicaSetUpdated), old, grown, 9, Some((ReplicaSetUpdated, 9))),
            (Some(60), Some(timeout), old, grown, 99, Some((ReplicaSetUpdated, 99))),
            (Some(60), None, old, grown, 9, Some((ReplicaSetUpdated, 9))),
            (Some(60), None, complete, complete, 9, Some((NewReplicaSetAvailable, 9))),
            (Some(60), Some(ReplicaSetUpdated), old, complete, 9, Some((NewReplicaSetAvailable, 9))),
            (Some(60), Some(NewReplicaSetAvailable), old, old, 99, Some((NewReplicaSetAvailable, 0))),
            (Some(60), Some(ReplicaSetUpdated), stuck, stuck, 61, Some((timeout, 61))),
            (Some(60), Some(ReplicaSetUpdated), stuck, stuck, 60, Some((ReplicaSetUpdated, 0))),
            (Some(60), Some(timeout), stuck, stuck, 99, Some((timeout, 0))),
            (Some(60), None, stuck, stuck, 99, None),
        ] {
            let was = was.and_then(since_start);
            let (before, after) = (status(before), status(after));
            let condition = observed(&spec(3, deadline), was, &before, &after, at(now));
            let expected = expected.map(|(reason, seconds)| (reason, at(seconds)));
            let condition = condition.map(|it| (it.reason, it.updated_at));
            assert_eq!(condition, expected, "{was:?} {after:?} {now}");
        }
    }

    #[test]
    fn a_timed_out_rollout_stays_so_when_an_undo_begins() {
        let (spec, was) = (spec(3, Some(60)), since_start(ProgressDeadlineExceeded));
        assert_eq!(found(&spec, was, at(99)), was);
        let reason = created(&spec, was, at(99)).map(|it| it.reason);
        assert_eq!(reason, Some(NewReplicaSetCreated));
    }

    #[test]
    fn time_spent_paused_does_not_count() {
        let running = spec(3, Some(60));
        let paused = DeploymentSpec { paused: true, ..running.clone() };
        let condition = pause_checked(&paused, since_start(ReplicaSetUpdated), at(1));
        assert_eq!(condition, Some(Progress { reason: DeploymentPaused, updated_at: at(1) }));
        assert_eq!(pause_checked(&paused, condition, at(2)), condition);
        let resumed = pause_checked(&running, condition, at(500));
        assert_eq!(resumed, Some(Progress { reason: DeploymentResumed, updated_at: at(500) }));
        assert!(!is_timed_out(running.progress_deadline, resumed, at(560)));
    }
}
