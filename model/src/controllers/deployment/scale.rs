//! Changes of size outside a rollout: `scale` in `pkg/controller/deployment/sync.go`.
//!
//! When `replicas` changes in the middle of a rollout, every active set grows or shrinks by its
//! share, so that the change neither hastens nor reverts the rollout. The consequence to know:
//! an autoscaler answering an overload gives pods to the *broken* version too.
//!
//! Two corners of the original are kept, because users meet them:
//!
//! - Pausing a rollout fills the free surge: 8 old + 3 new of 10 become 10 + 3.
//! - A lone active set that happens to have the new size already keeps its old stamp, so the
//!   controller goes on seeing a change of size and does not roll until `replicas` changes again.

use super::{DeploymentSpec, ReplicaSetState, Sizing, Status, Step, Strategy, View};
use super::{pods, total_spec};
use crate::id::VersionId;
use std::cmp::Reverse;

/// Whether `replicas` changed since any active set was last sized (`isScalingEvent`).
#[must_use]
pub fn is_scaling_event(spec: &DeploymentSpec, observed: &[ReplicaSetState]) -> bool {
    let stamps = observed.iter().filter(|set| set.is_active()).filter_map(|set| set.sizing);
    stamps.into_iter().any(|sizing| sizing.desired != spec.replicas)
}

/// One pass of a Deployment that is paused or changing size (`sync`). Never creates a set.
pub(super) fn resize(spec: &DeploymentSpec, view: View<'_>) -> Vec<Step> {
    let mut steps = Vec::from_iter(view.revise_existing());
    steps.extend(scale(spec, view));
    if spec.paused {
        steps.extend(view.prune(spec));
    }
    steps
}

fn scale(spec: &DeploymentSpec, view: View<'_>) -> Vec<Step> {
    let active: Vec<_> = view.all.iter().filter(|set| set.is_active()).copied().collect();
    match (active.as_slice(), spec.strategy) {
        ([], _) => Vec::from_iter(latest(view).and_then(|set| to_full_size(spec, set))),
        ([only], _) => Vec::from_iter(to_full_size(spec, only)),
        _ if is_saturated(spec, view.new_set()) => stop_all_but(view.target, &active),
        (_, Strategy::RollingUpdate { .. }) => {
            let running = Status::of(view.target, view.all).replicas;
            scale_proportionally(spec, &active, running)
        }
        // Sets that overlap while recreating are on their way to zero already.
        (_, Strategy::Recreate) => Vec::new(),
    }
}

/// The new set, or the youngest of the old (`FindActiveOrLatest`).
fn latest(view: View<'_>) -> Option<&ReplicaSetState> {
    view.new_set().or_else(|| view.old().next_back())
}

fn to_full_size(spec: &DeploymentSpec, set: &ReplicaSetState) -> Option<Step> {
    let step = Step::Scale { version: set.version, to: spec.replicas };
    (set.spec != spec.replicas).then_some(step)
}

/// Whether the new set can carry everything: size, stamp and available pods all equal the
/// replicas wanted (`IsSaturated` in `util/deployment_util.go`).
fn is_saturated(spec: &DeploymentSpec, new: Option<&ReplicaSetState>) -> bool {
    let wanted = spec.replicas;
    let stamped = |set: &ReplicaSetState| set.sizing.is_some_and(|sizing| sizing.desired == wanted);
    new.is_some_and(|set| set.spec == wanted && set.available == wanted && stamped(set))
}

fn stop_all_but(target: VersionId, active: &[ReplicaSetState]) -> Vec<Step> {
    let others = active.iter().filter(|set| set.version != target);
    others.map(|set| Step::Scale { version: set.version, to: 0 }).collect()
}

/// Spreads the change of size over `active` sets, given oldest first, by their shares, largest
/// set first. What rounding leaves over goes to the largest. Among equals, the newer grows first
/// and the older shrinks first.
///
/// `running` is the number of pods of the whole Deployment, against which the share of a set
/// without a stamp is measured.
#[must_use]
pub fn scale_proportionally(spec: &DeploymentSpec, active: &[ReplicaSetState], running: u32) -> Vec<Step> {
    let to_add = allowed_size(spec) - total_spec(active);
    let sets = largest_first(active, to_add > 0);
    let mut left = to_add;
    let mut sizes = Vec::with_capacity(sets.len());
    for set in &sets {
        let share = if left == 0 { 0 } else { bounded(growth(spec, set, running), left, to_add) };
        sizes.push(i64::from(set.spec) + share);
        left -= share;
    }
    if let Some(largest) = sizes.first_mut() {
        *largest += left;
    }
    let resized = sets.iter().zip(sizes).map(|(set, size)| (set, pods(size)));
    resized.filter_map(|(set, to)| rewritten(set, to, spec.sizing())).collect()
}

/// What all sets together may have. Nothing surges above nothing.
fn allowed_size(spec: &DeploymentSpec) -> i64 {
    if spec.replicas == 0 { 0 } else { i64::from(spec.sizing().max) }
}

fn largest_first(active: &[ReplicaSetState], growing: bool) -> Vec<ReplicaSetState> {
    let mut sets = active.to_vec();
    if growing {
        sets.reverse();
    }
    // A stable sort: sets of one size stay newest first when growing, oldest first otherwise.
    sets.sort_by_key(|set| Reverse(set.spec));
    sets
}

/// By how much a set should change to keep its share (`getReplicaSetFraction`), rounded half up.
fn growth(spec: &DeploymentSpec, set: &ReplicaSetState, running: u32) -> i64 {
    let size = i64::from(set.spec);
    if spec.replicas == 0 {
        return -size;
    }
    let stamped = set.sizing.map_or(0, |sizing| sizing.max);
    match i64::from(if stamped == 0 { running } else { stamped }) {
        0 => 0,
        before => {
            let after = i64::from(spec.sizing().max);
            let scaled = i128::from(size) * i128::from(after) * 2 + i128::from(before);
            i64::try_from(scaled / (i128::from(before) * 2)).unwrap_or(i64::MAX) - size
        }
    }
}

/// Not past what is `left` to add or, when shrinking, to remove (`GetProportion`).
fn bounded(growth: i64, left: i64, to_add: i64) -> i64 {
    if to_add > 0 { growth.min(left) } else { growth.max(left) }
}

/// A write for a set whose size *or* stamp is out of date: an unchanged set must be stamped too,
/// or the change of size would be seen again on the next pass.
fn rewritten(set: &ReplicaSetState, to: u32, stamp: Sizing) -> Option<Step> {
    let due = set.spec != to || set.sizing != Some(stamp);
    due.then_some(Step::Scale { version: set.version, to })
}

#[cfg(test)]
mod tests {
    use super::super::CountOrShare::Count;
    use super::super::{apply, reconcile};
    use super::*;

    fn spec(replicas: u32, surge: u32) -> DeploymentSpec {
        let strategy = Strategy::RollingUpdate { max_surge: Count(surge), max_unavailable: Count(0) };
        DeploymentSpec { replicas, strategy, ..DeploymentSpec::default() }
    }

    /// Sets 1, 2, ... of these sizes, oldest first, sized under `before`.
    fn sets(before: &DeploymentSpec, sizes: &[u32]) -> Vec<ReplicaSetState> {
        let set = |(index, &size): (usize, &u32)| ReplicaSetState {
            version: VersionId::new(index + 1),
            revision: index as u64 + 1,
            spec: size,
            created: size,
            sizing: Some(before.sizing()),
            ..ReplicaSetState::default()
        };
        sizes.iter().enumerate().map(set).collect()
    }

    fn resized(after: &DeploymentSpec, target: usize, mut sets: Vec<ReplicaSetState>) -> Vec<u32> {
        let view = View { target: VersionId::new(target), all: &sets };
        let steps = resize(after, view);
        steps.into_iter().for_each(|step| apply(step, after, &mut sets));
        sets.iter().map(|set| set.spec).collect()
    }

    /// kubernetes `sync_test.go`, `TestScale`. Sizes oldest first; the last set is the new one.
    #[test]
    fn every_set_keeps_its_share_when_the_size_changes() {
        for (before, after, sizes, expected) in [
            ((10, 0), (12, 0), &[10][..], &[12][..]),
            ((10, 0), (5, 0), &[10], &[5]),
            ((5, 0), (10, 0), &[3, 2], &[6, 4]),
            ((5, 0), (3, 0), &[3, 2], &[2, 1]),
            ((9, 0), (4, 0), &[1, 8], &[0, 4]),
            ((7, 0), (10, 0), &[2, 3, 2], &[3, 4, 3]),
            ((13, 0), (8, 0), &[3, 8, 2], &[2, 5, 1]),
            ((3, 0), (4, 0), &[1, 1, 1], &[1, 1, 2]),
            ((3, 0), (2, 0), &[1, 1, 1], &[0, 1, 1]),
            ((6, 0), (0, 0), &[1, 2, 3], &[0, 0, 0]),
            ((6, 0), (6, 0), &[0, 0, 0], &[0, 0, 6]),
            ((10, 2), (20, 2), &[6, 6], &[11, 11]),
            ((10, 3), (50, 6), &[8, 5], &[34, 22]),
            ((2, 1), (2, 1), &[1, 2], &[1, 2]),
        ] {
            let (before, after) = (spec(before.0, before.1), spec(after.0, after.1));
            let sets = sets(&before, sizes);
            assert_eq!(resized(&after, sizes.len(), sets), expected, "{sizes:?}");
        }
    }

    /// kubernetes `sync_test.go`, `TestScale`: no new replica set; size and template changed.
    #[test]
    fn a_change_of_size_comes_before_the_set_of_a_new_version_exists() {
        let missing = 9;
        assert_eq!(resized(&spec(5, 0), missing, sets(&spec(4, 0), &[2, 2])), [2, 3]);
        assert_eq!(resized(&spec(14, 0), missing, sets(&spec(10, 0), &[3, 7])), [4, 10]);
    }

    /// kubernetes `sync_test.go`, `TestScale`: failed rs update.
    #[test]
    fn a_set_missed_by_the_last_change_of_size_catches_up() {
        let mut sets = sets(&spec(5, 0), &[1, 1, 2]);
        sets[1].sizing = Some(spec(3, 0).sizing());
        assert_eq!(resized(&spec(5, 0), 3, sets), [1, 2, 2]);
    }

    #[test]
    fn once_nothing_is_left_to_add_no_other_set_is_touched() {
        let mut sets = sets(&spec(3, 0), &[2, 3]);
        sets[0].sizing = Some(spec(10, 0).sizing());
        assert_eq!(resized(&spec(6, 0), 2, sets), [2, 4]);
    }

    #[test]
    fn a_saturated_new_set_ends_the_old_ones() {
        let mut sets = sets(&spec(2, 1), &[1, 2]);
        sets[1].available = 2;
        assert_eq!(resized(&spec(2, 1), 2, sets), [0, 2]);
    }

    #[test]
    fn a_set_without_a_stamp_is_measured_against_the_running_pods() {
        let mut sets = sets(&spec(5, 0), &[3, 2]);
        sets.iter_mut().for_each(|set| set.sizing = None);
        assert_eq!(resized(&spec(10, 0), 2, sets.clone()), [6, 4]);
        sets.iter_mut().for_each(|set| set.created = 0);
        assert_eq!(resized(&spec(10, 0), 2, sets), [8, 2]);
    }

    #[test]
    fn growing_during_a_broken_rollout_grows_the_broken_version_too() {
        let before = DeploymentSpec { replicas: 10, ..DeploymentSpec::default() };
        let after = DeploymentSpec { replicas: 20, ..DeploymentSpec::default() };
        assert_eq!(resized(&after, 2, sets(&before, &[8, 5])), [15, 10]);
    }

    #[test]
    fn pausing_a_rollout_fills_the_free_surge() {
        let running = DeploymentSpec { replicas: 10, ..DeploymentSpec::default() };
        let paused = DeploymentSpec { paused: true, ..running.clone() };
        assert_eq!(resized(&paused, 2, sets(&running, &[8, 3])), [10, 3]);
    }

    #[test]
    fn a_change_of_size_is_seen_once() {
        let (before, after) = (spec(5, 0), spec(6, 0));
        let mut sets = sets(&before, &[4, 1]);
        let target = VersionId::new(2);
        assert!(is_scaling_event(&after, &sets));
        for step in reconcile(&after, target, &sets) {
            apply(step, &after, &mut sets);
        }
        assert!(!is_scaling_event(&after, &sets));
    }

    #[test]
    fn a_lone_set_already_at_the_new_size_holds_up_the_rollout() {
        let (before, after) = (spec(10, 0), spec(8, 0));
        assert_eq!(reconcile(&after, VersionId::new(2), &sets(&before, &[8])), []);
    }
}
