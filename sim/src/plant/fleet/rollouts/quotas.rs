//! Quotas: replicas that are not created because there are too many already.
//!
//! Whoever creates them tries again with longer and longer pauses (`DefaultTypedControllerRateLimiter` of client-go:
//! 5 ms, doubled each time, 1000 s at most), and at once when one of its own replicas changes or it is told another
//! number. A set that gets some of what it lacks has failed all the same. The batches of 1, 2, 4, 8 in which Kubernetes
//! creates (`slowStartBatch`) say how many attempts are refused, and not how many replicas there are.

use super::super::Set;
use super::Rolled;
use crate::event::Event;
use crate::fact::Fact;
use crate::world::World;
use model::id::{FaultId, ServiceId};
use model::time::{Span, Time};

/// The first pause.
const FIRST: Span = Span::from_nanos(5_000_000);
/// The longest one.
const LONGEST: Span = Span::from_secs(1000);

/// What is not created of a service.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Refusals {
    /// By set: those that lack replicas. A service has a handful.
    short: Vec<Short>,
    /// The faults of which it has been told.
    told: Vec<FaultId>,
}

/// A set that lacks replicas.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Short {
    set: Set,
    /// How often it has failed to get them, one after the other.
    failures: u32,
    /// When it tries again.
    again: Time,
}

/// The pause after so many failures, the first one being 0.
fn pause(failures: u32) -> Span {
    let nanos = FIRST.nanos().saturating_mul(1_u64.checked_shl(failures).unwrap_or(u64::MAX));
    Span::from_nanos(nanos).min(LONGEST)
}

impl Refusals {
    /// One failure more; when the next attempt is, unless one is due anyhow.
    fn note(&mut self, set: Set, now: Time) -> Option<Time> {
        let known = self.short.iter().find(|own| own.set == set).copied();
        self.forget(set);
        let failures = known.map_or(0, |own| own.failures);
        let pending = known.map(|own| own.again).filter(|again| *again > now);
        let again = pending.unwrap_or(now + pause(failures));
        self.short.push(Short { set, failures: failures.saturating_add(1), again });
        pending.is_none().then_some(again)
    }

    fn forget(&mut self, set: Set) {
        self.short.retain(|own| own.set != set);
    }

    /// Every set has what it was told to have.
    pub(super) fn clear(&mut self) {
        self.short.clear();
    }
}

impl World {
    /// How many more replicas of a service may be created; any number, without a quota.
    pub(super) fn room_for(&self, service: ServiceId) -> Option<usize> {
        let (_, quota) = self.control.quota_of(&self.model.system, service)?;
        Some((quota as usize).saturating_sub(self.fleet.pool(service).members.len()))
    }

    /// Creates so many replicas of a set, or as many as may be.
    pub(super) fn create_replicas(&mut self, service: ServiceId, set: Set, wanted: usize) {
        let granted = self.room_for(service).map_or(wanted, |room| room.min(wanted));
        for _ in 0..granted {
            self.start(service, set);
        }
        if granted < wanted {
            self.refuse_replica(service, set);
        } else {
            self.fleet.pool_mut(service).refused.forget(set);
        }
    }

    /// A replica of a set is not created. It is told once of each quota.
    pub(super) fn refuse_replica(&mut self, service: ServiceId, set: Set) {
        let now = self.now;
        let quota = self.control.quota_of(&self.model.system, service);
        let refused = &mut self.fleet.pool_mut(service).refused;
        let again = refused.note(set, now);
        let news = quota.filter(|(fault, _)| !refused.told.contains(fault));
        if let Some((fault, quota)) = news {
            refused.told.push(fault);
            self.report(Fact::Rolled { service, event: Rolled::Refused { quota } });
        }
        if let Some(again) = again {
            self.schedule(again.since(now), Event::Reconcile(service));
        }
    }

    /// A replica of a set has changed: whoever sees to the set looks at it.
    pub(in super::super) fn stir(&mut self, service: ServiceId, set: Set) {
        let now = self.now;
        let short = &mut self.fleet.pool_mut(service).refused.short;
        if let Some(own) = short.iter_mut().find(|own| own.set == set) {
            own.again = now;
            self.reconcile_soon(service);
        }
    }

    /// Tries again what was refused, where it is time.
    pub(super) fn create_refused(&mut self, service: ServiceId) {
        let now = self.now;
        let short = &self.fleet.pool(service).refused.short;
        if short.is_empty() || !self.keeps_sets(service) {
            return;
        }
        let due: Vec<_> = short.iter().filter(|own| own.again <= now).map(|own| own.set).collect();
        let sizes = self.fleet.pool(service).written.sizes();
        for (set, to) in sizes.into_iter().filter(|(set, _)| due.contains(set)) {
            self.scale(service, set, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_thousand_seconds() {
        let millis = |failures| pause(failures).nanos() / 1_000_000;
        assert_eq!([0, 1, 2, 10].map(millis), [5, 10, 20, 5_120]);
        assert_eq!([17, 18, 63, 64, u32::MAX].map(millis), [655_360, 1_000_000, 1_000_000, 1_000_000, 1_000_000]);
    }
}
