//! What a person is shown of a Rollout (`CalculateRolloutPhase` in `utils/rollout/rolloututil.go`).

use super::analysis::Phase as RunPhase;
use super::pause;
use super::progress::Reason;
use super::spec::{BlueGreen, Canary, RolloutSpec, Strategy};
use super::state::{RunKind, Status};

/// How it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Something is on its way.
    #[default]
    Progressing,
    /// It waits.
    Paused,
    /// All is done and well.
    Healthy,
    /// It was given up, or does not move.
    Degraded,
}

impl Phase {
    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Progressing => "Progressing",
            Self::Paused => "Paused",
            Self::Healthy => "Healthy",
            Self::Degraded => "Degraded",
        }
    }
}

/// Why it is so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Message {
    /// Nothing to say.
    #[default]
    None,
    /// The update was given up.
    Aborted,
    /// The deadline passed.
    TimedOut,
    /// A person paused it.
    PausedByHand,
    /// It waits for this.
    Waits(pause::Reason),
    /// Pods of the target are missing.
    MoreToUpdate,
    /// They are there and not available.
    Unavailable,
    /// Old pods are still there.
    OldPods,
    /// There are steps left.
    Steps,
    /// The active service is still to be switched.
    Switch,
    /// The analysis after the switch runs.
    Analysis,
    /// The new version is still to be marked as stable.
    Verification,
}

impl Message {
    /// In a few words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Aborted => "the update was aborted",
            Self::TimedOut => "no progress within the deadline",
            Self::PausedByHand => "paused by hand",
            Self::Waits(pause::Reason::CanaryPauseStep) => "at a pause step",
            Self::Waits(pause::Reason::BlueGreenPause) => "before the switch",
            Self::Waits(pause::Reason::InconclusiveAnalysis) => "an analysis came to no verdict",
            Self::Waits(pause::Reason::InconclusiveExperiment) => "an experiment came to no verdict",
            Self::MoreToUpdate => "more pods to update",
            Self::Unavailable => "updated pods are not available yet",
            Self::OldPods => "old pods are still to stop",
            Self::Steps => "steps are left",
            Self::Switch => "the active service is still to be switched",
            Self::Analysis => "an analysis is under way",
            Self::Verification => "still to be marked as stable",
        }
    }
}

/// Phase and reason of a status.
#[must_use]
pub fn of(spec: &RolloutSpec, status: &Status) -> (Phase, Message) {
    match status.progress.map(|progress| progress.reason) {
        Some(Reason::RolloutAborted) => return (Phase::Degraded, Message::Aborted),
        Some(Reason::ProgressDeadlineExceeded) => return (Phase::Degraded, Message::TimedOut),
        Some(_) | None => {}
    }
    if spec.paused {
        return (Phase::Paused, Message::PausedByHand);
    }
    if let Some(pause) = status.pauses.first() {
        return (Phase::Paused, Message::Waits(pause.reason));
    }
    let left = pods_left(spec, status).or_else(|| match &spec.strategy {
        Strategy::BlueGreen(it) => switch_left(it, status),
        Strategy::Canary(canary) => steps_left(canary, status),
    });
    left.map_or((Phase::Healthy, Message::None), |message| (Phase::Progressing, message))
}

fn pods_left(spec: &RolloutSpec, status: &Status) -> Option<Message> {
    let counts = &status.counts;
    if counts.updated < spec.replicas {
        Some(Message::MoreToUpdate)
    } else {
        (counts.available < counts.updated).then_some(Message::Unavailable)
    }
}

fn steps_left(canary: &Canary, status: &Status) -> Option<Message> {
    if canary.routing.is_none() && status.counts.replicas > status.counts.updated {
        Some(Message::OldPods)
    } else {
        (!status.is_completed()).then_some(Message::Steps)
    }
}

fn switch_left(spec: &BlueGreen, status: &Status) -> Option<Message> {
    let is_over = status.runs.iter().any(|run| run.kind == RunKind::PostPromotion && RunPhase::is_completed(run.phase));
    if status.active.is_none() || status.active != status.current {
        Some(Message::Switch)
    } else if status.is_completed() {
        None
    } else if spec.post_promotion.is_some() && !is_over {
        Some(Message::Analysis)
    } else {
        Some(Message::Verification)
    }
}
