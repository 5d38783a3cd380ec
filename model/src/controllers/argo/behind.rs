//! Sets that are neither new nor stable: how long they stay, and how many.

use super::state::{Change, ReplicaSet};
use super::work::Work;
use super::{delay, history};
use crate::time::Span;
use std::cmp::Reverse;

/// The older sets with pods, newest revision first.
pub(super) fn newest_first(work: &Work<'_>) -> Vec<ReplicaSet> {
    let others = work.sets().others;
    let mut sets: Vec<ReplicaSet> = others.into_iter().filter(|set| set.spec > 0).copied().collect();
    sets.sort_by_key(|set| Reverse((set.revision, set.created_at)));
    sets
}

/// How many pods a set that stays behind shall have: all, for the delay, unless more sets than the limit stay
/// (`scaleDownDelayHelper`). `staying` counts them; `full` is its size while its time is not over.
pub(super) fn keep(work: &mut Work<'_>, set: &ReplicaSet, staying: &mut u32, full: u32) -> u32 {
    let limit = delay::revision_limit(&work.spec.strategy);
    let may_stay = *staying < limit;
    match set.scale_down_at {
        None if !may_stay => 0,
        None => {
            *staying += 1;
            begin(work, set);
            set.spec
        }
        Some(at) => {
            *staying = staying.saturating_add(1);
            if !may_stay || at <= work.now {
                return 0;
            }
            work.recheck_at(at);
            full
        }
    }
}

/// A delay of zero sets no deadline, and without one a set stays until there are too many.
fn begin(work: &mut Work<'_>, set: &ReplicaSet) {
    let delay = delay::after_promotion(&work.spec.strategy);
    if delay > Span::ZERO {
        let at = work.now + delay;
        work.set_deadline(set.version, Some(at));
        work.recheck_at(at);
    }
}

/// Whether traffic may still go to a set (`isReplicaSetReferenced`).
pub(super) fn is_referenced(work: &Work<'_>, set: &ReplicaSet) -> bool {
    [work.before, &work.status].into_iter().any(|status| {
        let weights = status.weights.unwrap_or_default();
        let versions = [
            status.stable,
            status.current,
            status.active,
            status.preview,
            weights.canary.version,
            weights.stable.version,
        ];
        versions.contains(&Some(set.version))
    })
}

/// Deletes empty sets beyond the limit, as [`history::beyond_limit`] says.
pub(super) fn prune(work: &mut Work<'_>) {
    let others = work.sets().others;
    let deleted = history::beyond_limit(work.spec.revision_history_limit, &others);
    work.changes.extend(deleted.into_iter().map(|version| Change::Delete { version }));
}
