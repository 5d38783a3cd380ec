//! Whether an update moves, and what happens when it does not (`utils/conditions/conditions.go`, `rollout/sync.go`).
//!
//! The deadline alone removes no pod and goes nowhere: it is shown. Only where the Rollout says so is the update
//! aborted, too. Paused and aborted updates never time out.

use super::canary::weight;
use super::spec::{RolloutSpec, Step, Strategy};
use super::state::{ReplicaSet, Status};
use crate::id::VersionId;
use crate::time::{Span, Time};

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
    /// The set of the target existed when progress was first looked at.
    FoundNewReplicaSet,
    /// The update moved.
    ReplicaSetUpdated,
    /// All is done and well.
    NewReplicaSetAvailable,
    /// All was done, and pods were lost since.
    ReplicaSetNotAvailable,
    /// Nothing moved for longer than the deadline.
    ProgressDeadlineExceeded,
    /// It waits.
    RolloutPaused,
    /// It waited.
    RolloutResumed,
    /// It was given up.
    RolloutAborted,
    /// It was given up, and is tried again.
    RolloutRetry,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::NewReplicaSetCreated,
        Self::FoundNewReplicaSet,
        Self::ReplicaSetUpdated,
        Self::NewReplicaSetAvailable,
        Self::ReplicaSetNotAvailable,
        Self::ProgressDeadlineExceeded,
        Self::RolloutPaused,
        Self::RolloutResumed,
        Self::RolloutAborted,
        Self::RolloutRetry,
    ];

    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewReplicaSetCreated => "NewReplicaSetCreated",
            Self::FoundNewReplicaSet => "FoundNewReplicaSet",
            Self::ReplicaSetUpdated => "ReplicaSetUpdated",
            Self::NewReplicaSetAvailable => "NewReplicaSetAvailable",
            Self::ReplicaSetNotAvailable => "ReplicaSetNotAvailable",
            Self::ProgressDeadlineExceeded => "ProgressDeadlineExceeded",
            Self::RolloutPaused => "RolloutPaused",
            Self::RolloutResumed => "RolloutResumed",
            Self::RolloutAborted => "RolloutAborted",
            Self::RolloutRetry => "RolloutRetry",
        }
    }
}

/// A condition with this reason; one that has it already keeps its time (`SetRolloutCondition`).
#[must_use]
pub fn with_reason(reason: Reason, was: Option<Progress>, now: Time) -> Progress {
    match was {
        Some(same) if same.reason == reason => same,
        Some(_) | None => Progress { reason, updated_at: now },
    }
}

/// Whether more than the deadline has gone by since the last progress (`RolloutTimedOut`). What timed out stays so
/// until it moves.
#[must_use]
pub fn is_timed_out(deadline: Span, condition: Option<Progress>, now: Time) -> bool {
    let Some(Progress { reason, updated_at }) = condition else { return false };
    match reason {
        Reason::RolloutAborted | Reason::RolloutPaused => false,
        Reason::ProgressDeadlineExceeded => true,
        Reason::NewReplicaSetCreated
        | Reason::FoundNewReplicaSet
        | Reason::ReplicaSetUpdated
        | Reason::NewReplicaSetAvailable
        | Reason::ReplicaSetNotAvailable
        | Reason::RolloutResumed
        | Reason::RolloutRetry => updated_at + deadline < now,
    }
}

/// Whether the update moved between two passes (`RolloutProgressing`): another number of updated pods, fewer old, more
/// ready or available ones, another stable version or step, or a service that was switched.
#[must_use]
pub fn is_progressing(strategy: &Strategy, before: &Status, after: &Status) -> bool {
    let (was, is) = (&before.counts, &after.counts);
    let old = |status: &Status| i64::from(status.counts.replicas) - i64::from(status.counts.updated);
    is.updated != was.updated
        || old(after) < old(before)
        || is.ready > was.ready
        || is.available > was.available
        || match strategy {
            Strategy::BlueGreen(_) => before.active != after.active || before.preview != after.preview,
            Strategy::Canary(_) => {
                let stepped = before.step.zip(after.step).is_some_and(|(was, is)| was != is);
                before.stable != after.stable || stepped || before.steps != after.steps
            }
        }
}

/// Whether all is done and well (`RolloutHealthy`): every pod wanted is there, available and of the target, which is
/// stable and gets the traffic; and, in a canary, no other pod is.
#[must_use]
pub fn is_healthy(spec: &RolloutSpec, status: &Status) -> bool {
    let counts = &status.counts;
    let has_all = counts.updated == spec.replicas && counts.available == spec.replicas;
    has_all
        && match &spec.strategy {
            Strategy::BlueGreen(it) => {
                status.active == status.current && (!it.has_preview_service || status.preview == status.current)
            }
            Strategy::Canary(canary) => {
                let is_through = status.step.is_none_or(|step| canary.is_empty() || step == canary.len());
                is_through && status.is_completed() && counts.replicas == spec.replicas
            }
        }
}

/// Whether the update waits by design: at a pause or an analysis (`isIndefiniteStep`), or for older sets to pass their
/// delay (`isWaitingForReplicaSetScaleDown`). That does not count against it.
#[must_use]
pub fn waits_by_design(spec: &RolloutSpec, status: &Status, target: VersionId, sets: &[ReplicaSet]) -> bool {
    let at_gate = match &spec.strategy {
        Strategy::Canary(canary) => {
            matches!(weight::step(canary, status), Some(Step::Pause(_) | Step::Analysis(_)))
        }
        Strategy::BlueGreen(_) => false,
    };
    let is_other = |set: &&ReplicaSet| set.version != target && Some(set.version) != status.stable;
    at_gate || is_paused(spec, status) || sets.iter().filter(is_other).any(|set| set.scale_down_at.is_some())
}

/// Whether it is paused, by whomever.
#[must_use]
pub fn is_paused(spec: &RolloutSpec, status: &Status) -> bool {
    spec.paused || !status.pauses.is_empty()
}

/// The condition after a look at pauses and aborts, before anything else in a pass (`checkPausedConditions`): time
/// spent paused does not count, and neither does time before a retry.
#[must_use]
pub fn pause_checked(spec: &RolloutSpec, status: &Status, now: Time) -> Option<Progress> {
    let was = status.progress;
    let is = |reason| was.is_some_and(|it| it.reason == reason);
    let set = |reason| Some(with_reason(reason, was, now));
    if is(Reason::RolloutAborted) {
        return if status.abort { was } else { set(Reason::RolloutRetry) };
    }
    match (is_paused(spec, status), is(Reason::RolloutPaused)) {
        _ if status.is_completed() => was,
        (true, false) => set(Reason::RolloutPaused),
        (false, true) => set(Reason::RolloutResumed),
        (true, true) | (false, false) => was,
    }
}

/// The condition at the end of a pass that went from `before` to `after` (`calculateRolloutConditions`), whose own is
/// that of `before` still. `waits` as [`waits_by_design`] says.
///
/// What is held and not complete is not said to be available, as it is upstream: there the next pass says that it is
/// paused, the one after it that it is available, and so on, without end.
#[must_use]
pub fn judged(spec: &RolloutSpec, before: &Status, after: &Status, waits: bool, now: Time) -> Option<Progress> {
    let was = after.progress;
    let lost = before.is_healthy == Some(true) && after.is_healthy == Some(false);
    let is_held = is_paused(spec, after) && !after.is_completed();
    if after.abort {
        Some(with_reason(Reason::RolloutAborted, was, now))
    } else if is_healthy(spec, after) && !is_held {
        Some(with_reason(Reason::NewReplicaSetAvailable, was, now))
    } else if is_progressing(&spec.strategy, before, after) || lost {
        let is_lost = lost && after.is_fully_promoted();
        let reason = if is_lost { Reason::ReplicaSetNotAvailable } else { Reason::ReplicaSetUpdated };
        Some(Progress { reason, updated_at: now })
    } else if !waits && is_timed_out(spec.progress_deadline, was, now) {
        Some(with_reason(Reason::ProgressDeadlineExceeded, was, now))
    } else {
        was
    }
}

/// When the deadline has to be looked at (`requeueStuckRollout`), a second late as upstream; `None` when it need not
/// be.
#[must_use]
pub fn recheck_at(spec: &RolloutSpec, status: &Status, waits: bool, now: Time) -> Option<Time> {
    let condition = status.progress?;
    let is_settled = condition.reason == Reason::ProgressDeadlineExceeded || status.abort;
    let at = condition.updated_at + spec.progress_deadline + Span::SECOND;
    (!is_settled && !waits && !is_healthy(spec, status) && at > now).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::super::pause::{self, Pause};
    use super::super::spec::BlueGreen;
    use super::super::state::Counts;
    use super::*;

    fn at(secs: u64) -> Time {
        Time::ZERO + Span::from_secs(secs)
    }

    fn since_start(reason: Reason) -> Option<Progress> {
        Some(Progress { reason, updated_at: Time::ZERO })
    }

    /// argo-rollouts `utils/conditions/rollouts_test.go`, `TestRolloutTimedOut`.
    #[test]
    fn paused_and_aborted_updates_never_time_out() {
        let late = |reason| is_timed_out(Span::from_secs(5), since_start(reason), at(10));
        let never = [Reason::RolloutAborted, Reason::RolloutPaused];
        for reason in Reason::ALL {
            assert_eq!(late(reason), !never.contains(&reason), "{reason:?}");
        }
        let timed_out = |now| is_timed_out(Span::from_secs(5), since_start(Reason::ReplicaSetUpdated), at(now));
        assert!(!timed_out(5) && timed_out(6) && !is_timed_out(Span::ZERO, None, at(10)));
    }

    /// argo-rollouts `utils/conditions/rollouts_test.go`, `TestRolloutProgressing`.
    #[test]
    fn any_sign_of_movement_is_progress() {
        let canary = Strategy::Canary(super::super::spec::Canary::default());
        let blue_green = Strategy::BlueGreen(BlueGreen::default());
        let one = Counts { replicas: 1, updated: 1, ready: 1, available: 1 };
        let before = Status { counts: one, step: Some(1), stable: Some(VersionId::ZERO), ..Status::default() };
        let moved = |change: &dyn Fn(&mut Status)| {
            let mut after = before.clone();
            change(&mut after);
            [is_progressing(&canary, &before, &after), is_progressing(&blue_green, &before, &after)]
        };
        assert_eq!(moved(&|_| ()), [false, false]);
        assert_eq!(moved(&|it| it.counts.updated = 0), [true, true], "even fewer updated pods");
        assert_eq!(moved(&|it| it.counts.ready = 0), [false, false]);
        assert_eq!(moved(&|it| it.counts.available = 2), [true, true]);
        assert_eq!(moved(&|it| it.counts.replicas = 0), [true, true], "fewer old pods");
        assert_eq!(moved(&|it| it.step = Some(2)), [true, false]);
        assert_eq!(moved(&|it| it.stable = None), [true, false]);
        assert_eq!(moved(&|it| it.active = Some(VersionId::ZERO)), [false, true]);
        assert_eq!(moved(&|it| it.preview = Some(VersionId::ZERO)), [false, true]);
    }

    #[test]
    fn time_spent_paused_does_not_count() {
        let spec = RolloutSpec::default();
        let pauses = vec![Pause { reason: pause::Reason::CanaryPauseStep, since: at(1) }];
        let current = Some(VersionId::ZERO);
        let paused = Status { current, pauses, progress: since_start(Reason::ReplicaSetUpdated), ..Status::default() };
        let condition = pause_checked(&spec, &paused, at(1));
        assert_eq!(condition, Some(Progress { reason: Reason::RolloutPaused, updated_at: at(1) }));
        let resumed = Status { pauses: Vec::new(), progress: condition, ..paused };
        let condition = pause_checked(&spec, &resumed, at(5000));
        assert_eq!(condition, Some(Progress { reason: Reason::RolloutResumed, updated_at: at(5000) }));
        assert!(!is_timed_out(spec.progress_deadline, condition, at(5600)));
    }

    #[test]
    fn a_retry_starts_the_clock_anew() {
        let progress = since_start(Reason::RolloutAborted);
        let aborted = Status { abort: true, progress, ..Status::default() };
        assert_eq!(pause_checked(&RolloutSpec::default(), &aborted, at(9000)), progress);
        let retried = Status { abort: false, ..aborted };
        let condition = pause_checked(&RolloutSpec::default(), &retried, at(9000));
        assert_eq!(condition, Some(Progress { reason: Reason::RolloutRetry, updated_at: at(9000) }));
    }
}
