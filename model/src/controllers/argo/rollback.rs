//! Ways back by setting the target to an older version, and which of them skip the steps (`rollout/sync.go`).
//!
//! 1. Back to the *stable* version in the middle of an update: at its end at once.
//! 2. To a version within the *rollback window*: no steps, pauses or analyses, but all of its pods have to be there.
//! 3. In a blue-green rollout, to a set that is *still up* after its promotion: a switch.
//! 4. Anything else is an update like any other, with every step.

use super::spec::{RolloutSpec, Strategy};
use super::state::{ReplicaSet, Sets};
use crate::time::Time;

/// A kind of way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollback {
    /// To the stable version.
    Stable,
    /// To a version within the window.
    Window,
    /// To a set that has not been scaled down.
    StillUp,
    /// To any other older version.
    Full,
}

impl Rollback {
    /// Whether it skips steps, pauses and analyses (`isFastRollback`).
    #[must_use]
    pub fn is_fast(self) -> bool {
        match self {
            Self::Stable | Self::Window | Self::StillUp => true,
            Self::Full => false,
        }
    }

    /// How the API calls an update that ends so.
    #[must_use]
    pub fn completion_status(self) -> &'static str {
        if self.is_fast() { "FastRolledBack" } else { "RolledBack" }
    }
}

/// The kind of way back that the new set is, seen from the stable one; `None` for a way forward. At rest, when both are
/// the same set, it is [`Rollback::Stable`], as upstream.
#[must_use]
pub fn of(spec: &RolloutSpec, sets: &Sets<'_>, all: &[ReplicaSet], now: Time) -> Option<Rollback> {
    let (new, stable) = (sets.new?, sets.stable?);
    if new.version == stable.version {
        Some(Rollback::Stable)
    } else if new.created_at >= stable.created_at {
        None
    } else if is_within(spec.rollback_window, all, new, stable) {
        Some(Rollback::Window)
    } else {
        let is_blue_green = matches!(spec.strategy, Strategy::BlueGreen(_));
        let is_up = is_blue_green && new.scale_down_at.is_some_and(|at| at > now);
        Some(if is_up { Rollback::StillUp } else { Rollback::Full })
    }
}

/// Whether the new set is within the window (`isRollbackWithinWindow`): fewer than `revisions` sets were created
/// between it and the stable one, not counting those of experiments.
#[must_use]
pub fn is_within(revisions: u32, all: &[ReplicaSet], new: &ReplicaSet, stable: &ReplicaSet) -> bool {
    let is_between =
        |set: &&ReplicaSet| !set.is_experiment && set.created_at > new.created_at && set.created_at < stable.created_at;
    new.created_at < stable.created_at && all.iter().filter(is_between).count() < revisions as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::VersionId;

    /// Sets of versions 0, 1, 2 ..., created one after the other; the second last by an experiment.
    fn sets() -> Vec<ReplicaSet> {
        let set = |index: usize| ReplicaSet {
            version: VersionId::new(index),
            created_at: Time::from_nanos(index as u64),
            is_experiment: index == 4,
            ..ReplicaSet::default()
        };
        (0..6).map(set).collect()
    }

    /// argo-rollouts `rollout/sync_test.go`, `TestRollbackWindow`.
    #[test]
    fn a_window_counts_the_versions_between() {
        let all = sets();
        let within = |stable: usize, new: usize, revisions| is_within(revisions, &all, &all[new], &all[stable]);
        assert!(within(1, 0, 1) && !within(0, 1, 1) && !within(1, 1, 9));
        assert!(within(5, 3, 1), "an experiment between does not count");
        assert!(!within(5, 2, 1) && within(5, 2, 2));
        assert!(!within(1, 0, 0), "no window");
        let allowed: Vec<usize> = (0..5).filter(|new| within(5, *new, 3)).collect();
        assert_eq!(allowed, [1, 2, 3, 4], "3 revisions allow three versions back");
    }

    #[test]
    fn an_older_version_outside_every_window_takes_all_steps() {
        let (all, spec) = (sets(), RolloutSpec::default());
        let kind = |stable: usize, new: usize| {
            let sets = Sets::of(&all, VersionId::new(new), Some(VersionId::new(stable)));
            of(&spec, &sets, &all, Time::ZERO)
        };
        assert_eq!(kind(5, 1), Some(Rollback::Full));
        assert_eq!(kind(5, 5), Some(Rollback::Stable));
        assert_eq!(kind(1, 5), None);
    }
}
