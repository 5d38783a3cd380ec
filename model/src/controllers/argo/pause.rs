//! Why a rollout waits, and until when (`rollout/pause.go`).
//!
//! The controller writes down a reason and the time. A person resumes by striking the reasons out: that the controller
//! had paused, and no reason is left, is how it notices.

use super::canary::weight;
use super::spec::{BlueGreen, RolloutSpec, Step, Strategy};
use super::state::Status;
use crate::time::{Span, Time};

/// A reason to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// What for.
    pub reason: Reason,
    /// Since when.
    pub since: Time,
}

/// What a rollout waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A pause among the steps.
    CanaryPauseStep,
    /// The preview is up, and not switched to yet.
    BlueGreenPause,
    /// An analysis came to no verdict.
    InconclusiveAnalysis,
    /// An experiment came to none.
    InconclusiveExperiment,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::CanaryPauseStep, Self::BlueGreenPause, Self::InconclusiveAnalysis, Self::InconclusiveExperiment];

    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CanaryPauseStep => "CanaryPauseStep",
            Self::BlueGreenPause => "BlueGreenPause",
            Self::InconclusiveAnalysis => "InconclusiveAnalysisRun",
            Self::InconclusiveExperiment => "InconclusiveExperiment",
        }
    }
}

/// The pause for this reason.
#[must_use]
pub fn of(status: &Status, reason: Reason) -> Option<Pause> {
    status.pauses.iter().copied().find(|pause| pause.reason == reason)
}

/// Whether sizes and services have to stay as they are (`haltProgress`): a person paused the Rollout, or an analysis
/// came to no verdict. Any other pause lets changes of size through.
#[must_use]
pub fn halts(spec: &RolloutSpec, status: &Status) -> bool {
    spec.paused || of(status, Reason::InconclusiveAnalysis).is_some()
}

/// Whether a pause among the steps is over (`CompletedCanaryPauseStep`): a person resumed, or more than its `length`
/// has gone by. One without a length waits for a person.
#[must_use]
pub fn is_step_over(status: &Status, length: Option<Span>, now: Time) -> bool {
    match of(status, Reason::CanaryPauseStep) {
        None => status.controller_pause,
        Some(pause) => length.is_some_and(|length| now > pause.since + length),
    }
}

/// Whether a blue-green rollout has waited (`CompletedBlueGreenPause`). `adds_pause` says that this pass has just begun
/// to.
#[must_use]
pub fn is_switch_due(spec: &BlueGreen, status: &Status, adds_pause: bool, now: Time) -> bool {
    let pause = of(status, Reason::BlueGreenPause);
    if adds_pause {
        false
    } else if status.is_preview_done {
        true
    } else if spec.auto_promotion {
        let is_over = |pause: Pause| now > pause.since + spec.auto_promotion_after;
        spec.auto_promotion_after == Span::ZERO || pause.is_some_and(is_over)
    } else {
        status.controller_pause && pause.is_none()
    }
}

/// Whether a blue-green rollout waits before the switch at all (`needsBlueGreenControllerPause`).
#[must_use]
pub fn precedes_switch(spec: &BlueGreen) -> bool {
    !spec.auto_promotion || spec.auto_promotion_after > Span::ZERO
}

/// Whether only a person ends a pause of this kind (`requiresManualAction`).
#[must_use]
pub fn needs_person(reason: Reason, spec: &RolloutSpec, status: &Status) -> bool {
    match (reason, &spec.strategy) {
        (Reason::InconclusiveAnalysis | Reason::InconclusiveExperiment, _) => true,
        (Reason::CanaryPauseStep, Strategy::Canary(canary)) => {
            matches!(weight::step(canary, status), Some(Step::Pause(None)))
        }
        (Reason::BlueGreenPause, Strategy::BlueGreen(it)) => !it.auto_promotion,
        (Reason::CanaryPauseStep, Strategy::BlueGreen(_)) | (Reason::BlueGreenPause, Strategy::Canary(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::Canary;
    use super::*;

    fn paused(reason: Reason) -> Status {
        let pauses = vec![Pause { reason, since: Time::ZERO }];
        Status { controller_pause: true, pauses, ..Status::default() }
    }

    fn at(secs: u64) -> Time {
        Time::ZERO + Span::from_secs(secs)
    }

    /// argo-rollouts `rollout/pause_test.go`, `TestCompletedCanaryPauseStep`.
    #[test]
    fn a_pause_ends_after_its_length_or_by_hand() {
        let (status, minute) = (paused(Reason::CanaryPauseStep), Some(Span::from_secs(60)));
        assert!(!is_step_over(&status, minute, at(60)), "at its length it is not over yet");
        assert!(is_step_over(&status, minute, at(61)));
        assert!(!is_step_over(&status, None, at(1_000_000)));
        let resumed = Status { pauses: Vec::new(), ..status };
        assert!(is_step_over(&resumed, None, at(0)));
        assert!(!is_step_over(&Status::default(), None, at(0)), "one that has not begun is not over");
    }

    /// argo-rollouts `rollout/pause_test.go`, `TestCompletedBlueGreenPause`.
    #[test]
    fn the_switch_comes_at_once_after_a_while_or_by_hand() {
        let due = |spec: &BlueGreen, status: &Status, secs| is_switch_due(spec, status, false, at(secs));
        let (fresh, waiting) = (Status::default(), paused(Reason::BlueGreenPause));
        let at_once = BlueGreen::default();
        assert!(due(&at_once, &fresh, 0) && !is_switch_due(&at_once, &fresh, true, at(0)));
        let later = BlueGreen { auto_promotion_after: Span::from_secs(10), ..BlueGreen::default() };
        assert!(!due(&later, &fresh, 99), "it never paused");
        assert!(!due(&later, &waiting, 10) && due(&later, &waiting, 11));
        let by_hand = BlueGreen { auto_promotion: false, ..later };
        assert!(!due(&by_hand, &waiting, 1_000_000));
        assert!(due(&by_hand, &Status { pauses: Vec::new(), ..waiting }, 0));
        assert!(due(&by_hand, &Status { is_preview_done: true, ..fresh }, 0));
    }

    /// argo-rollouts `rollout/pause_test.go`, `TestRequiresManualAction`.
    #[test]
    fn who_waits_for_a_person_says_so() {
        let needs = |reason, strategy| {
            needs_person(reason, &RolloutSpec { strategy, ..RolloutSpec::default() }, &Status::default())
        };
        let canary = |length| Strategy::Canary(Canary { steps: vec![Step::Pause(length)], ..Canary::default() });
        let blue_green = |auto_promotion| Strategy::BlueGreen(BlueGreen { auto_promotion, ..BlueGreen::default() });
        assert!(needs(Reason::InconclusiveAnalysis, canary(None)));
        assert!(needs(Reason::CanaryPauseStep, canary(None)));
        assert!(!needs(Reason::CanaryPauseStep, canary(Some(Span::SECOND))));
        assert!(needs(Reason::BlueGreenPause, blue_green(false)) && !needs(Reason::BlueGreenPause, blue_green(true)));
        assert!(!needs(Reason::CanaryPauseStep, blue_green(false)));
    }
}
