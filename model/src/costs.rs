//! What it costs to be able to go back, and what harm costs.
//!
//! Amounts are integers, in millionths of one currency.

use crate::id::{ServiceId, StoreId};
use crate::price::Price;
use crate::ratio::Ratio;
use crate::system::System;
use crate::time::Span;
use std::collections::BTreeMap;

/// As many as there are workload tiers.
pub const TIERS: usize = 5;
/// A month: a twelfth of 365 days, which is 730 hours.
pub const MONTH: Span = Span::from_secs(730 * 3600);
const HOUR: Span = Span::from_secs(3600);

/// What things cost. What has no price is not in the bill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// The currency of all of them, as of ISO 4217: `USD`.
    pub currency: String,
    /// What is paid for as long as it is there.
    pub upkeep: BTreeMap<Upkeep, u64>,
    /// The pipelines of services, a month of each.
    pub pipelines: BTreeMap<ServiceId, u64>,
    /// A release that a controller takes back although nothing was wrong with it.
    pub false_abort: Option<u64>,
    /// Somebody who responds, for an hour.
    pub responder_hour: Option<u64>,
    /// Harm of each kind, by workload tier, the first one first.
    pub harm: [BTreeMap<Harmed, u64>; TIERS],
    /// What a month is like, if that is stated.
    pub month: Option<Month>,
}

/// What a month is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Releases.
    pub releases: u32,
    /// The share of them that go wrong as this one does.
    pub failing: Ratio,
}

/// What is paid for as long as it is there, so that one can go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Upkeep {
    /// K1: replicas beside those wanted, as a second colour, a canary or a surge.
    SecondSet,
    /// K2: replicas of a warm standby.
    Standby,
    /// K3: artifacts of versions before the one wanted.
    Artifact,
    /// K4: values of a table in the old form, beside those in the new one.
    OldValue,
    /// K5: flags that the code of the version wanted looks at.
    Flag,
}

impl Upkeep {
    /// All, in the order of their rows.
    pub const ALL: [Upkeep; 5] = [Upkeep::SecondSet, Upkeep::Standby, Upkeep::Artifact, Upkeep::OldValue, Upkeep::Flag];

    /// The time its price is for.
    #[must_use]
    pub const fn period(self) -> Span {
        match self {
            Upkeep::SecondSet | Upkeep::Standby => HOUR,
            Upkeep::Artifact | Upkeep::OldValue | Upkeep::Flag => MONTH,
        }
    }

    /// Whether it is there because of a release, and not all the time.
    #[must_use]
    pub const fn is_of_release(self) -> bool {
        match self {
            Upkeep::SecondSet | Upkeep::OldValue => true,
            Upkeep::Standby | Upkeep::Artifact | Upkeep::Flag => false,
        }
    }
}

/// Harm that has a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harmed {
    /// A request from outside without a result.
    Failed,
    /// One whose result came too late, or has not come and is late.
    Slow,
    /// One with a wrong result.
    Wrong,
    /// A record that was damaged, has lost a field, or was taken away by a restore.
    Record,
    /// An update that a restore has undone.
    Update,
    /// An effect outside that should not be there, whatever became of it.
    Effect,
    /// A message that has not done what it is for.
    Message,
}

impl Harmed {
    /// All, in the order of their rows.
    pub const ALL: [Harmed; 7] =
        [Harmed::Failed, Harmed::Slow, Harmed::Wrong, Harmed::Record, Harmed::Update, Harmed::Effect, Harmed::Message];
}

/// What so much costs that is paid for by time: `unit_seconds` of it at a price for each `period`, to the nearest
/// millionth.
#[must_use]
pub fn amount(unit_seconds: u64, price: u64, period: Span) -> u64 {
    share(u128::from(unit_seconds) * u128::from(price), u128::from(period.whole_secs()))
}

/// The same in a month that goes on as `seconds` did.
#[must_use]
pub fn in_a_month(unit_seconds: u64, price: u64, period: Span, seconds: u64) -> u64 {
    let product = u128::from(unit_seconds) * u128::from(price) * u128::from(MONTH.whole_secs());
    share(product, u128::from(period.whole_secs()) * u128::from(seconds))
}

/// The whole, divided and rounded; nothing of nothing.
fn share(whole: u128, by: u128) -> u64 {
    let rounded = whole.saturating_add(by / 2).checked_div(by).unwrap_or(0);
    u64::try_from(rounded).unwrap_or(u64::MAX)
}

impl Month {
    /// What comes with each release that goes wrong, in a month.
    #[must_use]
    pub fn of_failing(self, run: u64) -> u64 {
        share(u128::from(run) * u128::from(self.releases) * u128::from(self.failing.ppb()), 1_000_000_000)
    }
}

impl Costs {
    /// What a replica costs in an hour, if that is stated.
    #[must_use]
    pub fn replica_hour(&self) -> Option<Price> {
        self.upkeep.get(&Upkeep::Standby).map(|millionths| self.price(*millionths))
    }

    /// What harm to a service of a tier costs, each time, if that is stated.
    #[must_use]
    pub fn of_harm(&self, tier: u8, kind: Harmed) -> Option<u64> {
        self.harm.get(usize::from(tier).saturating_sub(1))?.get(&kind).copied()
    }

    /// So many millionths of the currency.
    #[must_use]
    pub fn price(&self, millionths: u64) -> Price {
        Price { millionths, currency: self.currency.clone() }
    }
}

impl System {
    /// Whose a store is: of those who touch it, the service of the first tier, the first of equals.
    #[must_use]
    pub fn owner_of(&self, store: StoreId) -> Option<ServiceId> {
        self.first_of(self.users_of(store))
    }

    /// Of some services, the one of the first tier; the first of equals.
    pub fn first_of(&self, services: impl IntoIterator<Item = ServiceId>) -> Option<ServiceId> {
        services.into_iter().min_by_key(|id| (self.service(*id).tier, *id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_for_its_time_and_rounded_once() {
        assert_eq!(amount(3600, 100_000, HOUR), 100_000, "a replica for an hour");
        assert_eq!(amount(2 * 1800, 100_000, HOUR), 100_000, "two for half of one");
        assert_eq!(amount(1, 100_000, HOUR), 28, "27.8 millionths");
        assert_eq!(amount(730 * 3600, 40_000_000, MONTH), 40_000_000);
        assert_eq!(amount(u64::MAX, u64::MAX, HOUR), u64::MAX, "the most there can be");
        assert_eq!(
            in_a_month(1200, 1000, MONTH, 600),
            2000,
            "two artifacts for a month, not what is left of ten minutes"
        );
        assert_eq!(in_a_month(3, 13_000, HOUR, 1), 28_470_000, "three replicas for 730 hours");
        assert_eq!(in_a_month(0, 1, HOUR, 0), 0);
        let month = Month { releases: 7, failing: Ratio::from_ppb(100_000).expect("a share") };
        assert_eq!(month.of_failing(992), 1, "0.69 millionths");
    }
}
