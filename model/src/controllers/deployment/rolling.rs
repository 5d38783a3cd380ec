//! The rolling update: `pkg/controller/deployment/rolling.go`.
//!
//! Two limits hold it: specs never add up to more than replicas + surge, and no healthy old pod
//! goes while fewer than replicas - unavailable are available. Everything else follows, a broken
//! version that stalls by itself included: its pods never become available, so the old ones that
//! are left may not go, so there is no room for more of the new.
//!
//! Both limits are about *specs* and *observed availability*. A pod that is terminating is
//! already gone here, and a pod that breaks on its own can push availability below the limit;
//! the controller only promises not to do it.

use super::{DeploymentSpec, ReplicaSetState, Step, Strategy, View};
use super::{pods, total_available, total_spec};
use std::fmt;

/// One pass: size the new set, else shrink the old ones, else prune (`rolloutRolling`).
pub(super) fn roll(spec: &DeploymentSpec, view: View<'_>) -> Vec<Step> {
    let mut steps = Vec::from_iter(view.revise());
    let new = view.new_or_empty();
    if let Some(to) = resized_new(spec, pods(total_spec(view.all)), new.spec) {
        steps.push(Step::Scale { version: view.target, to });
        return steps;
    }
    let old: Vec<_> = view.old().copied().collect();
    let shrunk = shrink_old(spec, &old, &new);
    if !shrunk.is_empty() {
        steps.extend(shrunk);
    } else if view.is_complete(spec) {
        steps.extend(view.prune(spec));
    }
    steps
}

/// The size the new set, now of `new` pods, shall have if it is another; `total` as for
/// [`new_set_size`] (`reconcileNewReplicaSet`). A set above the replicas is cut down at once.
#[must_use]
pub fn resized_new(spec: &DeploymentSpec, total: u32, new: u32) -> Option<u32> {
    let to = if new > spec.replicas { spec.replicas } else { new_set_size(spec, total, new) };
    (to != new).then_some(to)
}

/// How many pods a new set of `new` pods shall have when all sets together, itself included, are
/// told to have `total`: what is free below replicas + surge, but not more than the replicas
/// (`NewRSNewReplicas` in `util/deployment_util.go`).
#[must_use]
pub fn new_set_size(spec: &DeploymentSpec, total: u32, new: u32) -> u32 {
    if spec.strategy == Strategy::Recreate {
        return spec.replicas;
    }
    let free = spec.sizing().max.saturating_sub(total);
    if free == 0 { new } else { new.saturating_add(free).min(spec.replicas) }
}

/// The scale-downs of one pass over the old sets, oldest first (`reconcileOldReplicaSets`).
///
/// The budget for all of them is what remains above the minimum after setting aside the pods of
/// the new set that are not available *yet*: without that, each pass would take old pods away on
/// the strength of new ones that may never work.
#[must_use]
pub fn shrink_old(spec: &DeploymentSpec, old: &[ReplicaSetState], new: &ReplicaSetState) -> Vec<Step> {
    // What a set told to stop still reports as available is on its way out: it counts for nobody.
    let active: Vec<_> = old.iter().filter(|set| set.is_active()).copied().collect();
    let mut shrunk = active.clone();
    let starting = i64::from(new.spec) - i64::from(new.available);
    let all = total_spec(old) + i64::from(new.spec);
    let budget = pods(all - i64::from(spec.min_available()) - starting);
    // Unhealthy pods first: they cost nothing to remove, and kept they would block the rollout
    // until it times out (kubernetes issue 16737).
    if budget > 0 && clean_up_unhealthy(&mut shrunk, budget).is_ok() {
        scale_down_healthy(spec, &mut shrunk, new.available);
    }
    changed(&active, &shrunk).collect()
}

fn changed(before: &[ReplicaSetState], after: &[ReplicaSetState]) -> impl Iterator<Item = Step> {
    let pairs = before.iter().zip(after);
    pairs.filter(|(was, is)| was.spec != is.spec).map(|(_, is)| Step::Scale { version: is.version, to: is.spec })
}

/// More pods available than asked for: the status is older than the last change of the spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaleStatus;

impl fmt::Display for StaleStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the set has more pods available than it was asked for: its status is stale")
    }
}

impl std::error::Error for StaleStatus {}

/// Removes up to `limit` pods that are not available from `old`, oldest set first, and returns
/// how many (`cleanupUnhealthyReplicas`). Only a set's spec changes; that a shrinking set stops
/// its unhealthy pods first is the ReplicaSet's own doing.
///
/// # Errors
/// At the first active set whose status is stale, as upstream. Sets before it have been shrunk.
pub fn clean_up_unhealthy(old: &mut [ReplicaSetState], limit: u32) -> Result<u32, StaleStatus> {
    let mut left = limit;
    for set in old.iter_mut().filter(|set| set.is_active()) {
        if left == 0 {
            break;
        }
        let unhealthy = set.spec.checked_sub(set.available).ok_or(StaleStatus)?;
        let removed = unhealthy.min(left);
        set.spec -= removed;
        left -= removed;
    }
    Ok(limit - left)
}

/// Removes pods from `old`, oldest set first, as many as are available above the minimum, and
/// returns how many (`scaleDownOldReplicaSetsForRollingUpdate`).
pub fn scale_down_healthy(spec: &DeploymentSpec, old: &mut [ReplicaSetState], new_available: u32) -> u32 {
    let available = total_available(&*old) + i64::from(new_available);
    let limit = pods(available - i64::from(spec.min_available()));
    let mut left = limit;
    for set in old {
        let removed = set.spec.min(left);
        set.spec -= removed;
        left -= removed;
    }
    limit - left
}

#[cfg(test)]
mod tests {
    use super::super::CountOrShare::Count;
    use super::*;
    use crate::id::VersionId;

    fn spec(replicas: u32, surge: u32, unavailable: u32) -> DeploymentSpec {
        let (max_surge, max_unavailable) = (Count(surge), Count(unavailable));
        let strategy = Strategy::RollingUpdate { max_surge, max_unavailable };
        DeploymentSpec { replicas, strategy, ..DeploymentSpec::default() }
    }

    fn set(version: usize, spec: u32, available: u32) -> ReplicaSetState {
        let version = VersionId::new(version);
        ReplicaSetState { version, spec, available, ..ReplicaSetState::default() }
    }

    fn sizes(sets: &[ReplicaSetState]) -> Vec<u32> {
        sets.iter().map(|set| set.spec).collect()
    }

    /// kubernetes `rolling_test.go`, `TestDeploymentController_reconcileNewReplicaSet`, and the
    /// worked example in `rolling.go`.
    #[test]
    fn the_new_set_takes_the_room_below_replicas_plus_surge() {
        for (surge, old, new, expected) in [
            (0, 10, 0, None),
            (2, 10, 0, Some(2)),
            (2, 5, 0, Some(7)),
            (2, 10, 2, None),
            (2, 2, 11, Some(10)),
            (3, 1, 8, Some(10)),
        ] {
            assert_eq!(resized_new(&spec(10, surge, 0), old + new, new), expected, "{old} + {new}");
        }
    }

    /// kubernetes `util/deployment_util_test.go`, `TestNewRSNewReplicas`.
    #[test]
    fn the_new_set_never_grows_past_the_replicas() {
        assert_eq!(new_set_size(&spec(6, 10, 1), 5, 2), 6);
        assert_eq!(new_set_size(&spec(1, 3, 1), 5, 5), 5);
        let recreate = DeploymentSpec { strategy: Strategy::Recreate, ..spec(3, 1, 1) };
        assert_eq!(new_set_size(&recreate, 1, 1), 3);
    }

    /// kubernetes `rolling_test.go`, `TestDeploymentController_reconcileOldReplicaSets`.
    #[test]
    fn old_sets_shrink_to_the_minimum_that_must_stay_available() {
        for (unavailable, old, old_available, new, expected) in [
            (0, 10, 10, 0, Some(9)),
            (2, 10, 10, 0, Some(8)),
            (2, 10, 8, 0, Some(8)),
            (2, 10, 9, 0, Some(8)),
            (2, 8, 8, 2, None),
        ] {
            let (old, new) = (set(1, old, old_available), set(2, new, 0));
            let steps = shrink_old(&spec(10, 0, unavailable), &[old], &new);
            let expected = expected.map(|to| Step::Scale { version: old.version, to });
            assert_eq!(steps, Vec::from_iter(expected), "{old:?}");
        }
    }

    /// kubernetes `rolling_test.go`, `TestDeploymentController_cleanupUnhealthyReplicas`.
    #[test]
    fn only_unhealthy_pods_are_cleaned_up() {
        for (available, limit, expected) in [(8, 1, 1), (8, 3, 2), (8, 0, 0), (10, 3, 0)] {
            assert_eq!(clean_up_unhealthy(&mut [set(1, 10, available)], limit), Ok(expected));
        }
    }

    /// kubernetes `rolling_test.go`,
    /// `TestDeploymentController_scaleDownOldReplicaSetsForRollingUpdate`.
    #[test]
    fn healthy_pods_go_only_above_the_minimum() {
        for (unavailable, old, available, expected) in
            [(0, 10, 10, 10), (2, 10, 10, 8), (2, 10, 8, 10), (2, 0, 10, 0), (2, 1, 10, 0)]
        {
            // Unavailable 0 is legal here because surge is 1; with surge 0 it would become 1.
            let mut sets = [set(1, old, available)];
            scale_down_healthy(&spec(10, 1, unavailable), &mut sets, 0);
            assert_eq!(sizes(&sets), [expected], "{available} of {old}");
        }
    }

    #[test]
    fn the_oldest_set_shrinks_first() {
        let mut sets = [set(3, 4, 3), set(1, 4, 3), set(2, 4, 3)];
        assert_eq!(clean_up_unhealthy(&mut sets, 2), Ok(2));
        assert_eq!(sizes(&sets), [3, 3, 4]);
        assert_eq!(scale_down_healthy(&spec(10, 1, 6), &mut sets, 0), 5);
        assert_eq!(sizes(&sets), [0, 1, 4]);
    }

    #[test]
    fn pods_of_a_set_told_to_stop_do_not_make_up_for_others() {
        let (stopping, old) = (set(1, 0, 5), set(3, 8, 8));
        assert_eq!(shrink_old(&spec(10, 3, 2), &[stopping, old], &set(2, 5, 0)), []);
    }

    #[test]
    fn a_stale_status_halts_the_pass_over_old_sets() {
        let old = [set(1, 8, 10), set(3, 4, 0)];
        assert_eq!(shrink_old(&spec(10, 3, 2), &old, &set(2, 0, 0)), []);
        assert_eq!(shrink_old(&spec(10, 3, 2), &old[..1], &set(2, 0, 0)), []);
    }
}
