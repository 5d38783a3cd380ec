//! What a person can do to a Rollout (`pkg/kubectl-argo-rollouts/cmd`).
//!
//! Each changes the status; the next pass makes of it what it does. Setting another target is the update itself, an
//! undo included: it restores the version and nothing else.

use super::analysis::Phase;
use super::canary::weight;
use super::spec::{RolloutSpec, Strategy};
use super::state::{RunKind, Status};

/// Gives the update up. The target stays what it is: Git still wants the new version.
pub fn abort(status: &mut Status) {
    status.abort = true;
}

/// Tries an update again that was given up, from its first step.
pub fn retry(status: &mut Status) {
    status.abort = false;
}

/// Goes on from a pause; where there is none, past the present step. A canary that waits because its analysis came to
/// no verdict goes past it.
///
/// Whoever calls it lets a Rollout go on that is paused as a whole ([`RolloutSpec::paused`]), as the plug-in does.
pub fn promote(spec: &RolloutSpec, status: &mut Status) {
    let next = match &spec.strategy {
        Strategy::Canary(canary) => {
            weight::index(canary, status).map(|index| index.saturating_add(1).min(canary.len()))
        }
        Strategy::BlueGreen(_) => None,
    };
    let is_undecided = |status: &Status| {
        status.runs.iter().any(|run| matches!(run.kind, RunKind::Step(_)) && run.phase == Phase::Inconclusive)
    };
    let was_paused = !status.pauses.is_empty();
    status.pauses.clear();
    if was_paused && status.controller_pause && is_undecided(status) {
        status.controller_pause = false;
        status.step = next;
    } else if !was_paused {
        status.step = next;
    }
}

/// Skips everything that is left: steps, pauses and analyses. Does nothing when nothing is on its way.
pub fn promote_fully(status: &mut Status) {
    status.promote_full |= !status.is_fully_promoted();
}
