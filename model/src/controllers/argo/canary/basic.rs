//! Sizes without a router (`CalculateReplicaCountsForBasicCanary`).
//!
//! Towards the nearest pods of the step's weight, under surge and unavailability: grow first, stable before canary;
//! shrink one side afterwards, and none while older sets have pods. The side that gives way is counted by what it was
//! told to have, the other by what is available: broken pods that are on their way out hold nothing up.

use super::weight::{Wanted, wanted};
use super::{Sizes, View, approximation};
use crate::controllers::argo::gates::Share;
use crate::controllers::argo::pods;
use crate::controllers::argo::state::ReplicaSet;

/// What new and stable set shall have in this pass.
#[must_use]
pub fn sizes(view: &View<'_>) -> Sizes {
    let desired = desired(view);
    let grown = grow(view, desired);
    if view.sets.others.iter().any(|set| set.spec > 0) {
        return grown.sizes();
    }
    shrink(view, desired, grown).sizes()
}

/// Both sides, where differences may be negative.
#[derive(Clone, Copy)]
struct Both {
    canary: i64,
    stable: i64,
}

impl Both {
    fn sizes(self) -> Sizes {
        Sizes { canary: pods(self.canary), stable: pods(self.stable) }
    }
}

/// Where the weight wants both. Without another stable set there are no steps to follow.
fn desired(view: &View<'_>) -> Both {
    if view.sets.other_stable().is_none() {
        return Both { canary: i64::from(view.spec.replicas), stable: 0 };
    }
    let share = match wanted(view) {
        Wanted::Share(share) => share,
        // Only a router lets a step set the size.
        Wanted::Replicas(_) => Share::new(0, view.canary.max_weight()),
    };
    let can_surge = view.spec.fenceposts().surge > 0;
    let Sizes { canary, stable } = approximation::sizes(view.spec.replicas, share, can_surge);
    Both { canary: i64::from(canary), stable: i64::from(stable) }
}

/// Fills what is free below replicas + surge, stable first.
fn grow(view: &View<'_>, desired: Both) -> Both {
    let now = Both { canary: spec(view.sets.new), stable: spec(view.sets.other_stable()) };
    let total: i64 = view.sets.all().map(|set| i64::from(set.spec)).sum();
    let free = (i64::from(view.spec.max_pods()) - total).max(0);
    let stable = now.stable.max(desired.stable.min(now.stable + free));
    let free = free - (stable - now.stable);
    let canary = match view.sets.new {
        Some(_) => now.canary.max(desired.canary.min(now.canary + free)),
        None => 0,
    };
    Both { canary, stable }
}

/// Takes away from the side that gives way what is more than the least that has to be available.
fn shrink(view: &View<'_>, desired: Both, grown: Both) -> Both {
    let (new, stable) = (view.sets.new, view.sets.stable);
    let is_growing = new.is_none_or(|new| desired.canary >= i64::from(new.spec));
    let counted = counted(new, !is_growing) + counted(stable, is_growing);
    let limits = Limits { most: i64::from(view.spec.max_pods()), least: i64::from(view.spec.min_available()) };
    let spare = counted - limits.least;
    if spare <= 0 {
        return grown;
    }
    if !is_growing {
        let drained = Side { set: new, size: drained(new, desired.canary, spare, grown.canary) };
        let (canary, stable) = limits.adjust(drained, Side { set: stable, size: grown.stable });
        Both { canary, stable }
    } else if view.sets.other_stable().is_some() {
        let drained = Side { set: stable, size: drained(stable, desired.stable, spare, grown.stable) };
        let (stable, canary) = limits.adjust(drained, Side { set: new, size: grown.canary });
        Both { canary, stable }
    } else {
        grown
    }
}

fn spec(set: Option<&ReplicaSet>) -> i64 {
    set.map_or(0, |set| i64::from(set.spec))
}

fn available(set: Option<&ReplicaSet>) -> i64 {
    set.map_or(0, |set| i64::from(set.available))
}

/// What counts of a set when pods are to be taken away (`GetReplicasForScaleDown`): what is available, or, of the side
/// that gives way, what it was told to have. Never more than that: the rest is leaving already.
#[must_use]
pub fn counted(set: Option<&ReplicaSet>, gives_way: bool) -> i64 {
    if gives_way { spec(set) } else { available(set).min(spec(set)) }
}

/// The size of the side that gives way (`calculateScaleDownReplicaCount`).
fn drained(set: Option<&ReplicaSet>, desired: i64, spare: i64, size: i64) -> i64 {
    match spec(set) {
        now if now > desired => desired.max(now - spare),
        _ => size,
    }
}

/// A set and what it shall have.
#[derive(Clone, Copy)]
struct Side<'a> {
    set: Option<&'a ReplicaSet>,
    size: i64,
}

impl Side<'_> {
    /// Pods that are available and may stay.
    fn staying(self) -> i64 {
        available(self.set).min(self.size)
    }
}

/// Pods told to be there at most, and available at least.
#[derive(Clone, Copy)]
struct Limits {
    most: i64,
    least: i64,
}

impl Limits {
    /// Takes from the side that stays what is above the limit, unless those pods are needed to have enough available;
    /// then from the side that gives way (`adjustReplicaWithinLimits`). Answers with both sizes, in this order.
    fn adjust(self, drained: Side<'_>, other: Side<'_>) -> (i64, i64) {
        if other.set.is_none() {
            return (drained.size, other.size);
        }
        let above = |size: i64| (size + drained.size - self.most).max(0);
        let cut = Side { size: other.size - above(other.size), ..other };
        let lost = (available(cut.set) - cut.size).max(0);
        let missing = (self.least - drained.staying() - cut.staying()).max(0);
        let size = cut.size + lost.min(missing);
        (drained.size - above(size), size)
    }
}
