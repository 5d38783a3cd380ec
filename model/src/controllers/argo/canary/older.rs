//! What becomes of sets that are neither new nor stable (`scaleDownOldReplicaSetsForCanary` in `rollout/canary.go`).

use crate::controllers::argo::behind;
use crate::controllers::argo::spec::Canary;
use crate::controllers::argo::state::ReplicaSet;
use crate::controllers::argo::work::Work;

/// Takes pods away from older sets, unhealthy ones first, as far as enough stay available; whether it did.
///
/// Without a router all of them have to go, because they would serve. With one, the set that was stable until now stays
/// for its delay, and one that never became stable goes at once.
pub(super) fn scale_down(work: &mut Work<'_>, canary: &Canary) -> bool {
    let mut sets = behind::newest_first(work);
    let Some(cleaned) = clean_up(work, &mut sets) else { return false };
    let available: u64 = work.sets().all().map(|set| u64::from(set.available)).sum();
    let spare = available.saturating_sub(u64::from(work.spec.min_available()));
    if spare == 0 {
        return false;
    }
    let taken = take(work, canary, &sets, u32::try_from(spare).unwrap_or(u32::MAX));
    cleaned || taken
}

/// Takes unavailable pods away (`cleanupUnhealthyReplicas`); whether there were any. `None` while a set is still losing
/// pods it was told to lose: then nothing else happens.
fn clean_up(work: &mut Work<'_>, sets: &mut [ReplicaSet]) -> Option<bool> {
    let mut cleaned = false;
    for set in sets {
        if set.available > set.spec {
            return None;
        }
        if set.available < set.spec {
            work.scale(set, set.available);
            set.spec = set.available;
            cleaned = true;
        }
    }
    Some(cleaned)
}

/// Takes at most `spare` pods away, newest revision first.
fn take(work: &mut Work<'_>, canary: &Canary, sets: &[ReplicaSet], mut spare: u32) -> bool {
    let (mut staying, mut taken) = (0, false);
    for set in sets.iter().filter(|set| set.spec > 0) {
        if canary.routing.is_some() && behind::is_referenced(work, set) {
            continue;
        }
        if spare == 0 {
            break;
        }
        let size = size(work, canary, set, &mut staying, spare);
        if size != set.spec {
            work.scale(set, size);
            spare = spare.saturating_sub(set.spec.saturating_sub(size));
            taken |= size < set.spec;
        }
    }
    taken
}

fn size(work: &mut Work<'_>, canary: &Canary, set: &ReplicaSet, staying: &mut u32, spare: u32) -> u32 {
    let was_stable = work.before.is_fully_promoted() || set.scale_down_at.is_some();
    if canary.routing.is_none() {
        set.spec.saturating_sub(spare)
    } else if was_stable && !canary.is_dynamic() {
        behind::keep(work, set, staying, set.spec)
    } else {
        0
    }
}
