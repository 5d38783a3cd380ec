//! What the router is told (`reconcileTrafficRouting` in `rollout/trafficrouting.go`).
//!
//! Weights follow pods, never the other way round: a share moves only to a side that has the available pods for it.

use super::View;
use super::weight;
use crate::controllers::argo::gates::{Share, can_carry};
use crate::controllers::argo::state::{Destination, ReplicaSet, Weights};
use crate::id::VersionId;

/// How traffic is to be split now; `None` leaves it as it is, because the stable set could not carry its share.
#[must_use]
pub fn weights(view: &View<'_>) -> Option<Weights> {
    let (share, canary) = match leaving(view) {
        Some(version) => (on_way_back(view), Some(version)),
        None => (share(view), view.sets.new.map(|new| new.version)),
    };
    let stable = view.sets.stable;
    can_carry(view.canary.threshold, stable, share.rest(), view.spec.replicas).then(|| Weights {
        canary: Destination { version: canary, weight: share.weight() },
        stable: Destination { version: stable.map(|set| set.version), weight: share.rest().weight() },
    })
}

/// The canary's share in an update, or at rest.
fn share(view: &View<'_>) -> Share {
    let (status, max) = (view.status, view.canary.max_weight());
    let nothing = Share::new(0, max);
    let new = view.sets.new.filter(|new| new.available > 0);
    match new {
        _ if status.is_fully_promoted() => nothing,
        _ if status.abort => on_way_back(view),
        None => nothing,
        Some(new) if status.promote_full => on_full_promotion(view, new),
        Some(_) if weight::index(view.canary, status).is_none() => nothing,
        Some(_) if view.is_at_sizes(None) => weight::of_steps(view.canary, status),
        Some(_) => weight::of_earlier_steps(view.canary, status),
    }
}

/// As much as its pods can carry where the stable set follows; else what it has already, until it is stable.
fn on_full_promotion(view: &View<'_>, new: &ReplicaSet) -> Share {
    let max = view.canary.max_weight();
    if view.canary.is_dynamic() {
        Share::new(carried(new, view.spec.replicas, max), max)
    } else {
        Share::new(view.status.weights.map_or(0, |weights| weights.canary.weight), max)
    }
}

/// The share that the available pods of a set can carry, rounded down.
fn carried(set: &ReplicaSet, replicas: u32, max: u32) -> u32 {
    let share = u64::from(max) * u64::from(set.available) / u64::from(replicas.max(1));
    u32::try_from(share).unwrap_or(u32::MAX).min(max)
}

/// The canary's share after an abort, or when the target is the stable version again
/// (`calculateDesiredWeightOnAbortOrStableRollback`): nothing at once where the stable set is in full; else as much as
/// it cannot carry yet, never more than the canary has now.
#[must_use]
pub fn on_way_back(view: &View<'_>) -> Share {
    let (replicas, max) = (view.spec.replicas, view.canary.max_weight());
    let (Some(stable), Some(_)) = (view.sets.stable, view.sets.new) else { return Share::new(0, max) };
    if !view.canary.is_dynamic() || replicas == 0 {
        return Share::new(0, max);
    }
    let wanted = weight::desired(view).weight();
    let carried = carried(stable, replicas, max);
    let weight = match view.status.weights.map(|weights| weights.canary.weight) {
        None => wanted.max(max - carried),
        Some(now) if wanted == 0 => now.min(max - carried),
        Some(now) if carried < max - wanted => now,
        Some(now) => now.min(wanted),
    };
    Share::new(weight, max)
}

/// The version that still has traffic when the target was set back to the stable version in the middle of an update
/// and the stable set, having shrunk, is not there yet (`IsDynamicallyRollingBackToStable`).
#[must_use]
pub fn leaving(view: &View<'_>) -> Option<VersionId> {
    let canary = view.status.weights?.canary.version;
    let new = view.sets.new?;
    let is_on_way = view.canary.is_dynamic() && view.status.is_fully_promoted();
    let is_short = new.available < view.spec.replicas;
    canary.filter(|version| is_on_way && is_short && *version != new.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controllers::argo::spec::{Canary, RolloutSpec, Routing, Step, Strategy};
    use crate::controllers::argo::state::{Sets, Status};

    /// The canary's share on the way back from `now`, with these available pods of 5.
    fn on_way_back_from(now: u32, weights: &[u32], stable: u32, canary: u32) -> u32 {
        let steps = weights.iter().copied().map(Step::SetWeight).collect();
        let routing = Some(Routing { dynamic_stable_scale: true, ..Routing::default() });
        let strategy = Canary { steps, routing, ..Canary::default() };
        let spec = RolloutSpec { replicas: 5, strategy: Strategy::Canary(strategy.clone()), ..RolloutSpec::default() };
        let set = |index, available| ReplicaSet { version: VersionId::new(index), available, ..ReplicaSet::default() };
        let sets = [set(1, stable), set(2, canary)];
        let to = |weight| Destination { version: None, weight };
        let status = Status {
            stable: Some(VersionId::new(1)),
            current: Some(VersionId::new(2)),
            abort: true,
            weights: Some(Weights { canary: to(now), stable: to(100 - now) }),
            ..Status::default()
        };
        let sets = Sets::of(&sets, VersionId::new(2), status.stable);
        on_way_back(&View { spec: &spec, canary: &strategy, status: &status, sets }).weight()
    }

    /// argo-rollouts `rollout/trafficrouting_test.go`, `TestDynamicScaling*`.
    #[test]
    fn traffic_goes_back_as_far_as_stable_pods_carry_it() {
        for (now, weights, stable, canary, expected) in [
            (0, &[50][..], 4, 0, 0),
            (100, &[50], 3, 4, 50),
            (100, &[50], 2, 4, 100),
            (100, &[], 1, 4, 80),
            (20, &[50], 3, 4, 20),
        ] {
            let weight = on_way_back_from(now, weights, stable, canary);
            assert_eq!(weight, expected, "from {now}, steps {weights:?}, {stable} stable and {canary} canary pods");
        }
    }
}
