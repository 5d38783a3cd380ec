//! Sizing the new set, and keeping it for a while after an abort (`reconcileNewReplicaSet` in `rollout/replicaset.go`).

use super::delay::AfterAbort;
use super::state::ReplicaSet;
use super::work::Work;
use crate::time::Span;

/// A controller looks at every Rollout this often (`DefaultRolloutResyncPeriod`). A deadline farther away than this
/// does not hold the new set: an abort delay of more than a quarter of an hour is none.
const RESYNC: Span = Span::from_secs(15 * 60);

/// Tells the new set to have `size` pods, or, after an abort that keeps it, does so when the time has come; whether its
/// size changes.
pub(super) fn reconcile(work: &mut Work<'_>, size: u32) -> bool {
    let Some(new) = work.new_set() else { return false };
    if !work.holds_new_set() {
        return work.scale(&new, size);
    }
    match (new.scale_down_at, AfterAbort::of(&work.spec.strategy).delay) {
        (Some(at), _) if at <= work.now => work.scale(&new, 0),
        (Some(at), _) if at.since(work.now) > RESYNC => work.scale(&new, size),
        (Some(at), _) => {
            work.recheck_at(at);
            work.scale(&new, new.spec)
        }
        (None, Some(delay)) => hold(work, &new, delay),
        (None, None) => work.scale(&new, size),
    }
}

/// The time counts from when the stable set can carry everything.
fn hold(work: &mut Work<'_>, new: &ReplicaSet, delay: Span) -> bool {
    work.scale(new, new.spec);
    let has_stable = work.sets().stable.is_some_and(|stable| stable.available >= work.spec.replicas);
    if has_stable {
        let at = work.now + delay;
        work.set_deadline(new.version, Some(at));
        work.recheck_at(at);
    }
    false
}
