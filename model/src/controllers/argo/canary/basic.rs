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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controllers::argo::spec::{Canary, RolloutSpec, Step, Strategy};
    use crate::controllers::argo::state::{Sets, Status};
    use crate::controllers::deployment::CountOrShare::{self, Count, Percent};
    use crate::id::VersionId;

    /// What was told and what is available.
    type Pods = (u32, u32);

    fn set(version: usize, (spec, available): Pods) -> ReplicaSet {
        let version = VersionId::new(version);
        ReplicaSet { version, spec, created: spec, available, ..ReplicaSet::default() }
    }

    /// Sizes of stable and canary for sets of these pods: older, stable, canary.
    fn sized(replicas: u32, weight: u32, limits: (u32, CountOrShare), pods: [Pods; 3]) -> (u32, u32) {
        let (max_surge, max_unavailable) = (Count(limits.0), limits.1);
        let canary = Canary { steps: vec![Step::SetWeight(weight)], max_surge, max_unavailable, ..Canary::default() };
        let spec = RolloutSpec { replicas, strategy: Strategy::Canary(canary.clone()), ..RolloutSpec::default() };
        let sets: Vec<ReplicaSet> = pods.into_iter().enumerate().map(|(version, pods)| set(version, pods)).collect();
        let (stable, target) = (VersionId::new(1), VersionId::new(2));
        let status = Status { stable: Some(stable), current: Some(target), ..Status::default() };
        let sets = Sets::of(&sets, target, Some(stable));
        let sizes = sizes(&View { spec: &spec, canary: &canary, status: &status, sets });
        (sizes.stable, sizes.canary)
    }

    /// argo-rollouts `utils/replicaset/canary_test.go`, `TestCalculateReplicaCountsForCanary`.
    #[test]
    fn sizes_move_within_the_limits() {
        for (replicas, weight, limits, stable, canary, expected) in [
            (10, 100, (3, Count(0)), (7, 8), (6, 3), (7, 6)),
            (10, 30, (2, Count(0)), (10, 10), (0, 0), (10, 2)),
            (10, 20, (0, Percent(20)), (10, 10), (0, 0), (8, 0)),
            (10, 100, (1, Count(1)), (1, 1), (10, 10), (0, 10)),
            (1, 49, (0, Count(1)), (1, 1), (0, 0), (1, 0)),
            (1, 51, (0, Count(1)), (1, 1), (0, 0), (0, 0)),
            (10, 100, (1, Count(0)), (10, 2), (10, 8), (2, 9)),
            (10, 5, (0, Count(1)), (9, 9), (0, 0), (9, 1)),
            (3, 99, (0, Count(2)), (1, 1), (0, 0), (1, 2)),
            (4, 0, (1, Count(0)), (1, 0), (4, 4), (1, 4)),
            (4, 0, (1, Count(0)), (1, 1), (4, 4), (1, 3)),
        ] {
            let sizes = sized(replicas, weight, limits, [(0, 0), stable, canary]);
            assert_eq!(sizes, expected, "{weight} % of {replicas}, {limits:?}, {stable:?} {canary:?}");
        }
    }

    /// What was told to be more than the limits is cut down to them, however it came about.
    #[test]
    fn what_is_above_the_limits_is_cut() {
        for (replicas, weight, limits, stable, canary, expected) in [
            (12, 33, (3, Percent(25)), (10, 7), (6, 2), (10, 4)),
            (19, 99, (0, Percent(10)), (15, 9), (9, 0), (15, 9)),
            (23, 100, (1, Percent(10)), (17, 10), (11, 3), (17, 11)),
            (22, 75, (3, Percent(10)), (22, 9), (19, 16), (8, 17)),
            (14, 20, (2, Percent(10)), (12, 12), (8, 0), (12, 3)),
            (10, 1, (0, Count(1)), (8, 7), (5, 4), (8, 2)),
            (5, 99, (2, Count(1)), (4, 4), (4, 2), (2, 4)),
            (1, 50, (0, Count(1)), (1, 0), (1, 0), (0, 1)),
            (24, 5, (1, Count(2)), (22, 16), (18, 7), (19, 6)),
            (10, 50, (2, Count(1)), (10, 5), (8, 7), (7, 5)),
            (16, 0, (0, Percent(25)), (16, 0), (15, 6), (4, 12)),
            (7, 50, (0, Percent(10)), (4, 4), (5, 2), (4, 3)),
            (8, 25, (3, Count(2)), (5, 4), (7, 5), (5, 2)),
            (24, 5, (3, Count(0)), (13, 7), (18, 2), (10, 17)),
        ] {
            let sizes = sized(replicas, weight, limits, [(0, 0), stable, canary]);
            assert_eq!(sizes, expected, "{weight} % of {replicas}, {limits:?}, {stable:?} {canary:?}");
        }
    }

    #[test]
    fn older_sets_hold_up_shrinking_and_not_growing() {
        assert_eq!(sized(10, 30, (1, Count(0)), [(3, 3), (1, 1), (0, 0)]), (7, 1));
        assert_eq!(sized(10, 0, (1, Count(0)), [(3, 3), (5, 5), (3, 3)]), (5, 3));
    }

    #[test]
    fn without_a_stable_set_all_pods_are_the_new_ones() {
        let spec = RolloutSpec { replicas: 10, ..RolloutSpec::default() };
        let Strategy::Canary(canary) = &spec.strategy else { panic!("a canary by default") };
        let (sets, status) = ([set(2, (0, 0))], Status::default());
        let sets = Sets::of(&sets, VersionId::new(2), None);
        let view = View { spec: &spec, canary, status: &status, sets };
        assert_eq!(sizes(&view).canary, 10);
    }
}
