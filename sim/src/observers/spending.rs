//! What is there to be paid for so that one can go back, added up second by second; and which releases controllers gave
//! up by themselves. Kept only where a scenario says what things cost.

use crate::fact::Fact;
use crate::observers::chronicle::{Happening, Who};
use crate::plant::fleet::Rolled;
use crate::world::World;
use model::controllers::argo::state::Event as Argo;
use model::controllers::flagger::{Event as Flagger, RollbackReason};
use model::costs::Upkeep;
use model::flag::Delivery;
use model::id::{ServiceId, StoreId, VersionId};
use model::time::Span;
use std::collections::BTreeMap;

/// What there was to be paid for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spending {
    /// So many of them for a second, added up.
    unit_seconds: BTreeMap<(ServiceId, Upkeep), u64>,
    /// Versions whose release a controller gave up, once for each time, and what they were to take the place of.
    given_up: Vec<(VersionId, Option<VersionId>)>,
}

impl Spending {
    /// What there was of something, in units times seconds.
    pub(crate) fn unit_seconds(&self, service: ServiceId, upkeep: Upkeep) -> u64 {
        self.unit_seconds.get(&(service, upkeep)).copied().unwrap_or(0)
    }

    fn add(&mut self, service: ServiceId, upkeep: Upkeep, units: u64) {
        if units > 0 {
            *self.unit_seconds.entry((service, upkeep)).or_default() += units;
        }
    }
}

impl World {
    /// Another second has to be paid for.
    pub(crate) fn spend(&mut self) {
        let Some(mut spending) = self.spending.take() else { return };
        for service in (0..self.model.system.services.len()).map(ServiceId::new) {
            for upkeep in Upkeep::ALL {
                spending.add(service, upkeep, self.units(service, upkeep));
            }
        }
        for store in (0..self.model.system.stores.len()).map(StoreId::new) {
            let values = self.old_values(store);
            // Whose they are is asked only of tables on their way.
            let owner = if values > 0 { self.model.system.owner_of(store) } else { None };
            owner.into_iter().for_each(|owner| spending.add(owner, Upkeep::OldValue, values));
        }
        self.spending = Some(spending);
    }

    /// How many there are now of what a service itself keeps.
    fn units(&self, service: ServiceId, upkeep: Upkeep) -> u64 {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let count = |count: usize| count as u64;
        match upkeep {
            Upkeep::SecondSet => {
                let there = self.fleet.pool(service).members.len();
                count(there.saturating_sub(desired.replicas as usize))
            }
            Upkeep::Standby => count(self.standby(service).count()),
            Upkeep::Artifact => {
                let versions = &system.service(service).versions;
                let before = versions.iter().take_while(|version| **version != desired.version);
                count(before.filter(|version| self.control.retains(**version)).count())
            }
            Upkeep::Flag => {
                let is_flag = |delivery: Delivery| delivery.config().is_none();
                let flags = system.version(desired.version).knows.iter();
                count(flags.filter(|flag| is_flag(system.flag(*flag).delivery)).count())
            }
            Upkeep::OldValue => 0,
        }
    }

    /// Values of a table that are there in an old form and in a new one: of as many columns as have come and do not yet
    /// stand in the place of one that has gone, and of no more than have yet to go.
    fn old_values(&self, store: StoreId) -> u64 {
        let (spec, state) = (self.model.system.store(store), self.control.schema(store));
        let formats = &spec.entity.formats;
        let (true, Some(first), Some(last)) = (spec.is_table(), formats.first(), formats.last()) else { return 0 };
        let now = formats[state.index()].slots();
        let (come, gone, to_go) = (now - first.slots(), first.slots() - now, now - last.slots());
        let beside = come.len().saturating_sub(gone.len());
        u64::from(beside.min(to_go.len())) * u64::from(self.stores[store.index()].kept())
    }

    /// A controller gives up a release by itself.
    pub(crate) fn note_given_up(&mut self, fact: &Fact) {
        let Fact::Rolled { service, event } = *fact else { return };
        if self.spending.is_none() || !is_given_up(event) {
            return;
        }
        let version = self.control.desired(service).version;
        let before = self.standing(service).and_then(|standing| standing.stable);
        self.spending.iter_mut().for_each(|spending| spending.given_up.push((version, before)));
    }

    /// How often a controller gave up a release of a service with which nothing was wrong.
    pub(crate) fn false_aborts(&self, service: ServiceId) -> u64 {
        let given_up = self.spending.iter().flat_map(|spending| &spending.given_up);
        let own = given_up.filter(|(version, _)| self.model.system.version(*version).service == service);
        own.filter(|(version, before)| !self.is_at_fault(*version, *before)).count() as u64
    }

    /// Whether a version carries a mistake, did anything amiss in the whole run, or answered worse than the one whose
    /// place it was to take.
    fn is_at_fault(&self, version: VersionId, before: Option<VersionId>) -> bool {
        let of_it = |who: Who| who == Who::Version(version);
        let mut told = self.chronicle.entries.iter();
        !self.model.system.defects_of(version).is_empty()
            || told.any(|entry| of_it(entry.who) && is_harm(&entry.what))
            || self.answers_worse(version, before)
    }

    /// Whether more of the requests that a version took came to nothing than of those that another one took, or nine in
    /// ten of them needed half as long again: engineering judgement.
    fn answers_worse(&self, version: VersionId, before: Option<VersionId>) -> bool {
        let latencies = self.latencies();
        let of = |version: VersionId| {
            let (times, good) = (latencies.version(version), self.rates.answered(version).iter().sum::<u64>());
            let slowest = times.quantile(0.9).unwrap_or(Span::ZERO);
            (Share { of: times.count(), failed: times.count().saturating_sub(good) }, slowest)
        };
        let ((own, slowest), (other, slowest_before)) = (of(version), before.map(of).unwrap_or_default());
        let is_slower = slowest_before > Span::ZERO && slowest.nanos() > slowest_before.nanos() / 2 * 3;
        own.is_larger(other) || is_slower
    }
}

/// So many requests, and how many of them came to nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    of: u64,
    failed: u64,
}

impl Share {
    fn value(self) -> f64 {
        self.failed as f64 / self.of.max(1) as f64
    }

    /// Whether it is larger than another one by a hundredth, and by more than luck makes it: three standard errors of
    /// the difference of two shares.
    fn is_larger(self, other: Share) -> bool {
        let [own, before, both] = [self, other, self.and(other)].map(Share::value);
        let error_squared = both * (1.0 - both) * (1.0 / self.of.max(1) as f64 + 1.0 / other.of.max(1) as f64);
        own - before > 0.01 && (own - before) * (own - before) > 9.0 * error_squared
    }

    const fn and(self, other: Share) -> Share {
        Share { of: self.of + other.of, failed: self.failed + other.failed }
    }
}

/// Whether a controller gives up a release, and nobody has asked it to.
const fn is_given_up(event: Rolled) -> bool {
    match event {
        Rolled::Argo(Argo::Aborted(_)) => true,
        Rolled::Flagger { event: Flagger::RolledBack(reason), .. } => !matches!(reason, RollbackReason::Asked),
        Rolled::Argo(_)
        | Rolled::Flagger { .. }
        | Rolled::Synced(_)
        | Rolled::Stalled(_)
        | Rolled::PassedOver(_)
        | Rolled::Refused { .. }
        | Rolled::Through { .. }
        | Rolled::Idle { .. } => false,
    }
}

/// Whether something tells of what went wrong at a version.
const fn is_harm(what: &Happening) -> bool {
    matches!(
        what,
        Happening::Crashes(_)
            | Happening::Misfits { .. }
            | Happening::Harms { .. }
            | Happening::Stale { .. }
            | Happening::Repeats { .. }
            | Happening::Escapes { .. }
            | Happening::Mistakes { .. }
            | Happening::Mishears(..)
            | Happening::Rejected { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_larger_where_luck_does_not_make_it() {
        let share = |failed, of| Share { of, failed };
        assert!(share(30, 1000).is_larger(share(0, 9000)));
        assert!(!share(520, 1000).is_larger(share(4500, 9000)), "two hundredths of a thousand are luck");
        assert!(share(560, 1000).is_larger(share(4500, 9000)));
        assert!(!share(9, 1000).is_larger(share(0, 1_000_000)), "less than a hundredth");
        assert!(!share(0, 0).is_larger(share(0, 0)));
    }
}
