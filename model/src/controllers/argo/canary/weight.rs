//! Which share of the traffic the steps ask for (`utils/replicaset/canary.go`).

use super::View;
use crate::controllers::argo::delay::AfterAbort;
use crate::controllers::argo::gates::Share;
use crate::controllers::argo::spec::{Canary, CanaryScale, Step};
use crate::controllers::argo::state::{ReplicaSet, Status};

/// What the new set's size goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This many pods.
    Replicas(u32),
    /// This share.
    Share(Share),
}

/// The index of the step a canary is at, from 0; `None` without steps. It is the number of steps after the last one.
#[must_use]
pub fn index(canary: &Canary, status: &Status) -> Option<u32> {
    (!canary.is_empty()).then(|| status.step.unwrap_or(0))
}

/// The step a canary is at (`GetCurrentCanaryStep`); `None` after the last one.
#[must_use]
pub fn step<'a>(canary: &'a Canary, status: &Status) -> Option<&'a Step> {
    canary.steps.get(index(canary, status)? as usize)
}

/// The steps up to the present one, backwards; none after the last.
fn backwards<'a>(canary: &'a Canary, status: &Status) -> impl Iterator<Item = &'a Step> {
    let reached = step(canary, status).and(index(canary, status)).map_or(0, |index| index as usize + 1);
    canary.steps[..reached].iter().rev()
}

fn set_weight(step: &Step) -> Option<u32> {
    match step {
        Step::SetWeight(weight) => Some(*weight),
        Step::SetCanaryScale(_) | Step::Pause(_) | Step::Analysis(_) => None,
    }
}

/// The last weight set by a step, this one included: 0 before the first and when aborted, all after the last step
/// (`GetCurrentSetWeight`).
#[must_use]
pub fn of_steps(canary: &Canary, status: &Status) -> Share {
    let max = canary.max_weight();
    let weight = match step(canary, status) {
        _ if status.abort => 0,
        None => max,
        Some(_) => backwards(canary, status).find_map(set_weight).unwrap_or(0),
    };
    Share::new(weight, max)
}

/// The last weight set by a step *before* this one; 0 when there is none.
#[must_use]
pub fn of_earlier_steps(canary: &Canary, status: &Status) -> Share {
    let done = index(canary, status).unwrap_or(0) as usize;
    let earlier = &canary.steps[..done.min(canary.steps.len())];
    Share::new(earlier.iter().rev().find_map(set_weight).unwrap_or(0), canary.max_weight())
}

/// What the last step that set the canary's size said, if it still counts (`UseSetCanaryScale`). After an abort it
/// counts only where the canary is to stay for ever.
#[must_use]
pub fn scale(view: &View<'_>) -> Option<CanaryScale> {
    let stays = || AfterAbort::of(&view.spec.strategy).delay.is_none();
    if view.canary.routing.is_none() || (view.status.abort && !stays()) {
        return None;
    }
    let scale = |step: &Step| match step {
        Step::SetCanaryScale(scale) => Some(*scale),
        Step::SetWeight(_) | Step::Pause(_) | Step::Analysis(_) => None,
    };
    let last = backwards(view.canary, view.status).find_map(scale);
    last.filter(|scale| *scale != CanaryScale::MatchTrafficWeight)
}

/// What the new set's size goes by (`GetCanaryReplicasOrWeight`): everything when nothing is on its way or everything
/// is to be skipped.
#[must_use]
pub fn wanted(view: &View<'_>) -> Wanted {
    let (status, max) = (view.status, view.canary.max_weight());
    if status.promote_full || status.stable.is_none() || status.is_fully_promoted() {
        return Wanted::Share(Share::new(max, max));
    }
    match scale(view) {
        Some(CanaryScale::Replicas(replicas)) => Wanted::Replicas(replicas),
        Some(CanaryScale::Weight(weight)) => Wanted::Share(Share::new(weight, max)),
        Some(CanaryScale::MatchTrafficWeight) | None => Wanted::Share(desired(view)),
    }
}

/// The share the new version should have (`GetDesiredCanaryWeight`).
#[must_use]
pub fn desired(view: &View<'_>) -> Share {
    match (view.sets.new, view.sets.stable) {
        (Some(new), Some(stable)) if view.status.abort && view.canary.is_dynamic() => {
            on_dynamic_abort(view, new, stable)
        }
        _ => of_steps(view.canary, view.status),
    }
}

/// Back down the steps, as far as the stable set has grown again: the last weight that takes fewer pods than the
/// canary still has to carry. An explicit delay keeps the canary in full, so its size says nothing then.
fn on_dynamic_abort(view: &View<'_>, new: &ReplicaSet, stable: &ReplicaSet) -> Share {
    let (replicas, max) = (view.spec.replicas, view.canary.max_weight());
    let missing = replicas.saturating_sub(stable.available);
    let keeps_size = AfterAbort::of(&view.spec.strategy).is_explicit_delay();
    let carried = if keeps_size { missing } else { missing.max(new.available) };
    let weights = view.canary.steps.iter().rev().filter_map(set_weight).map(|weight| Share::new(weight, max));
    let next = weights.into_iter().find(|share| share.rounded_up(replicas) < carried);
    next.unwrap_or(Share::new(0, max))
}
