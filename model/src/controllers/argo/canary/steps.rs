//! When a step is done (`completedCurrentCanaryStep` in `rollout/canary.go`).

use super::View;
use super::weight;
use crate::controllers::argo::analysis::Phase;
use crate::controllers::argo::pause;
use crate::controllers::argo::spec::{Canary, CanaryScale, Step};
use crate::controllers::argo::state::{RunKind, Weights};
use crate::id::mix;
use crate::time::{Span, Time};

/// Whether the present step is done. `weights` are what the router was told last, and `is_verified` whether it has
/// done so, where it can tell. No step ends while a person has paused the Rollout.
#[must_use]
pub fn is_done(view: &View<'_>, weights: Option<&Weights>, is_verified: Option<bool>, now: Time) -> bool {
    if view.spec.paused {
        return false;
    }
    match weight::step(view.canary, view.status) {
        None => false,
        Some(Step::Pause(length)) => pause::is_step_over(view.status, *length, now),
        Some(Step::SetCanaryScale(_)) => view.is_at_sizes(weights),
        Some(Step::SetWeight(_)) => view.is_at_sizes(weights) && is_verified != Some(false),
        Some(Step::Analysis(_)) => {
            let kind = weight::index(view.canary, view.status).map(RunKind::Step);
            view.status.runs.iter().any(|run| Some(run.kind) == kind && run.phase == Phase::Successful)
        }
    }
}

/// What tells steps apart: a Rollout whose steps were changed starts them anew (`ComputeStepHash`).
#[must_use]
pub fn fingerprint(canary: &Canary) -> u64 {
    canary.steps.iter().flat_map(words).fold(0, |hash, word| mix(hash ^ word.wrapping_add(1)))
}

fn words(step: &Step) -> Vec<u64> {
    match step {
        Step::SetWeight(weight) => vec![1, u64::from(*weight)],
        Step::SetCanaryScale(CanaryScale::Replicas(replicas)) => vec![2, u64::from(*replicas)],
        Step::SetCanaryScale(CanaryScale::Weight(weight)) => vec![3, u64::from(*weight)],
        Step::SetCanaryScale(CanaryScale::MatchTrafficWeight) => vec![4],
        Step::Pause(length) => vec![5, length.map_or(u64::MAX, Span::nanos)],
        Step::Analysis(analysis) => vec![6, analysis.metrics.len() as u64],
    }
}
