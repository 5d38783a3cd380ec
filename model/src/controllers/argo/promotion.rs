//! When the target becomes the stable version (`shouldFullPromote` in `rollout/sync.go`).

use super::analysis::Phase;
use super::canary::weight;
use super::gates;
use super::rollback::Rollback;
use super::spec::{BlueGreen, Canary, RolloutSpec, Strategy};
use super::state::{RunKind, Sets, Status};
use std::fmt;

/// Why the target becomes stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promotion {
    /// There was nothing before it.
    InitialDeploy,
    /// Somebody asked to skip what is left.
    Requested,
    /// It is a rollback within the window.
    WithinWindow,
    /// It is a rollback of another fast kind.
    FastRollback,
    /// All steps are done.
    AllSteps(u32),
    /// The switch was made, and the analysis after it is content.
    BlueGreen,
}

/// As the API words it.
impl fmt::Display for Promotion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InitialDeploy => write!(f, "Initial deploy"),
            Self::Requested => write!(f, "Full promotion requested"),
            Self::WithinWindow => write!(f, "Rollback within window"),
            Self::FastRollback => write!(f, "Fast rollback"),
            Self::AllSteps(steps) => write!(f, "Completed all {steps} canary steps"),
            Self::BlueGreen => write!(f, "Completed blue-green update"),
        }
    }
}

/// Whether the target becomes stable in this pass, and why. `status` knows the active version and the runs of this
/// pass; `rollback` is the kind of way back that the update is.
#[must_use]
pub fn due(spec: &RolloutSpec, status: &Status, sets: &Sets<'_>, rollback: Option<Rollback>) -> Option<Promotion> {
    if sets.stable.is_none() {
        return Some(Promotion::InitialDeploy);
    }
    match &spec.strategy {
        Strategy::Canary(canary) => of_canary(spec, canary, status, sets, rollback),
        Strategy::BlueGreen(it) => of_blue_green(it, status, rollback),
    }
}

/// Whatever the reason, the new set has to have all its pods available first, or what the threshold calls enough.
fn of_canary(
    spec: &RolloutSpec,
    canary: &Canary,
    status: &Status,
    sets: &Sets<'_>,
    rollback: Option<Rollback>,
) -> Option<Promotion> {
    let new = sets.new?;
    let has_pods =
        new.available >= spec.replicas || gates::is_threshold_met(canary.threshold, Some(new), spec.replicas);
    if status.abort || !has_pods {
        return None;
    }
    let is_through = weight::index(canary, status).is_none_or(|index| index == canary.len());
    requested_or_fast(status, rollback).or(is_through.then(|| Promotion::AllSteps(canary.len())))
}

fn of_blue_green(spec: &BlueGreen, status: &Status, rollback: Option<Rollback>) -> Option<Promotion> {
    if status.active.is_none() {
        return Some(Promotion::InitialDeploy);
    }
    if status.active != status.current {
        return None;
    }
    let is_content = |kind| status.runs.iter().any(|run| run.kind == kind && run.phase == Phase::Successful);
    let has_passed = spec.post_promotion.is_none() || is_content(RunKind::PostPromotion);
    let is_done = !status.abort && has_passed;
    requested_or_fast(status, rollback).or(is_done.then_some(Promotion::BlueGreen))
}

fn requested_or_fast(status: &Status, rollback: Option<Rollback>) -> Option<Promotion> {
    match rollback {
        _ if status.promote_full => Some(Promotion::Requested),
        Some(Rollback::Window) => Some(Promotion::WithinWindow),
        Some(Rollback::Stable | Rollback::StillUp) => Some(Promotion::FastRollback),
        Some(Rollback::Full) | None => None,
    }
}
