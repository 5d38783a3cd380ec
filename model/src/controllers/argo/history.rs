//! How long versions can be gone back to.

use super::state::ReplicaSet;
use crate::id::VersionId;

/// The empty sets beyond the limit, oldest first (`reconcileRevisionHistoryLimit`). One with pods is skipped and not
/// replaced by the next, so the history can be longer for a while.
#[must_use]
pub fn beyond_limit(limit: u32, others: &[&ReplicaSet]) -> Vec<VersionId> {
    let mut alive: Vec<&ReplicaSet> = others.iter().copied().filter(|set| !set.is_deleting).collect();
    alive.sort_by_key(|set| set.created_at);
    let excess = alive.len().saturating_sub(limit as usize);
    let empty = alive[..excess].iter().filter(|set| set.spec == 0 && set.created == 0);
    empty.map(|set| set.version).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;

    /// argo-rollouts `rollout/sync_test.go`, `TestReconcileRevisionHistoryLimit`. Sets are (spec, status).
    #[test]
    fn only_empty_sets_beyond_the_limit_go() {
        for (limit, old, deleted) in [
            (1, &[(0, 0), (0, 0), (0, 0)][..], &[0, 1][..]),
            (0, &[(0, 0), (0, 1), (1, 0), (1, 1)], &[0]),
            (1, &[(1, 1), (0, 0)], &[]),
            (10, &[(0, 0)], &[]),
        ] {
            let set = |(index, &(spec, created)): (usize, &(u32, u32))| ReplicaSet {
                version: VersionId::new(index),
                created_at: Time::from_nanos(index as u64),
                spec,
                created,
                ..ReplicaSet::default()
            };
            let sets: Vec<_> = old.iter().enumerate().map(set).collect();
            let gone = beyond_limit(limit, &sets.iter().rev().collect::<Vec<_>>());
            assert_eq!(gone.into_iter().map(VersionId::index).collect::<Vec<_>>(), deleted, "{limit} {old:?}");
        }
    }
}
