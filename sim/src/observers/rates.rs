//! Rates: how many requests a second, over the whole run, in bounded memory.
//!
//! Counted in intervals of a second, each closed when the measures look. When a run has more of them than are kept,
//! neighbours are merged, and an interval is twice as long from then on: every request is counted in exactly one
//! interval, however long the run.
//!
//! What was asked and what came of it are different curves: a request counts as asked when it is sent, and as failed
//! or answered when it comes to its end.

use crate::fact::Served;
use crate::world::World;
use model::System;
use model::id::{ServiceId, VersionId};
use model::time::Span;
use std::sync::Arc;

/// Intervals kept at most: an even number, because pairs of them are merged.
const KEPT: usize = 1024;

/// The rates of a run: requests by service and version, interval by interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Seconds in an interval.
    interval: u64,
    /// Whole seconds of the present interval that have passed.
    passed: u64,
    /// By curve: counted in the present interval.
    open: Vec<u64>,
    /// The intervals before: shared by forks until one of them closes another.
    closed: Arc<Curves>,
    services: usize,
}

/// Closed intervals, by curve: two for each service, asked and failed, then one for each version.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Curves {
    intervals: usize,
    /// Nothing was counted in intervals missing at the end.
    counts: Vec<Vec<u64>>,
}

impl Curves {
    fn close(&mut self, open: &mut [u64]) {
        for (counts, open) in self.counts.iter_mut().zip(open).filter(|(_, open)| **open > 0) {
            counts.resize(self.intervals, 0);
            counts.push(std::mem::take(open));
        }
        self.intervals += 1;
    }

    /// Makes one interval of each two neighbours.
    fn merge(&mut self) {
        for counts in &mut self.counts {
            *counts = counts.chunks(2).map(|pair| pair.iter().sum()).collect();
        }
        self.intervals /= 2;
    }
}

impl Rates {
    pub(crate) fn of(system: &System) -> Self {
        let services = system.services.len();
        let curves = 2 * services + system.versions.len();
        let closed = Arc::new(Curves { intervals: 0, counts: vec![Vec::new(); curves] });
        Rates { interval: 1, passed: 0, open: vec![0; curves], closed, services }
    }

    /// Counts the end of a request.
    pub(crate) fn note(&mut self, served: &Served, system: &System) {
        let curve = match (served.failure, served.version) {
            (None, Some(version)) => self.answered_by(version),
            (Some(_), _) | (None, None) => failed_at(system.endpoint(served.endpoint).service),
        };
        self.open[curve] += 1;
    }

    /// A second is over.
    fn tick(&mut self) {
        self.passed += 1;
        if self.passed < self.interval {
            return;
        }
        self.passed = 0;
        let closed = Arc::make_mut(&mut self.closed);
        closed.close(&mut self.open);
        if closed.intervals == KEPT {
            closed.merge();
            self.interval *= 2;
        }
    }

    /// The length of an interval. The last one of each curve is the present one, which may be shorter.
    #[must_use]
    pub const fn interval(&self) -> Span {
        Span::from_secs(self.interval)
    }

    /// Requests sent to a service, every attempt of every caller.
    #[must_use]
    pub fn asked(&self, service: ServiceId) -> Vec<u64> {
        self.curve(asked_of(service))
    }

    /// Requests to a service that came to an end without a result.
    #[must_use]
    pub fn failed(&self, service: ServiceId) -> Vec<u64> {
        self.curve(failed_at(service))
    }

    /// Requests a version answered with a result.
    #[must_use]
    pub fn answered(&self, version: VersionId) -> Vec<u64> {
        self.curve(self.answered_by(version))
    }

    fn curve(&self, curve: usize) -> Vec<u64> {
        let mut all = self.closed.counts[curve].clone();
        all.resize(self.closed.intervals, 0);
        let is_open = self.passed > 0 || self.open.iter().any(|count| *count > 0);
        all.extend(is_open.then_some(self.open[curve]));
        all
    }

    fn answered_by(&self, version: VersionId) -> usize {
        2 * self.services + version.index()
    }

    /// What all curves of a system take when they are full, in bytes.
    pub(crate) const fn bytes_at_most(system: &System) -> u64 {
        let curves = 2 * system.services.len() + system.versions.len();
        (curves * KEPT * size_of::<u64>()) as u64
    }
}

fn asked_of(service: ServiceId) -> usize {
    2 * service.index()
}

fn failed_at(service: ServiceId) -> usize {
    2 * service.index() + 1
}

impl World {
    /// How many requests a second there have been.
    #[must_use]
    pub const fn rates(&self) -> &Rates {
        &self.rates
    }

    /// A request is sent to a service. No fact tells of it: nobody else counts what has not been answered.
    pub(crate) fn count_asked(&mut self, service: ServiceId) {
        self.rates.open[asked_of(service)] += 1;
    }

    /// The measures look: a second is over.
    pub(crate) fn close_second(&mut self) {
        self.rates.tick();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One service without versions.
    fn rates() -> Rates {
        let closed = Arc::new(Curves { intervals: 0, counts: vec![Vec::new(); 2] });
        Rates { interval: 1, passed: 0, open: vec![0; 2], closed, services: 1 }
    }

    /// So many asked in each second.
    fn counted(asked: &[u64]) -> Rates {
        let mut rates = rates();
        for count in asked {
            rates.open[asked_of(ServiceId::ZERO)] += count;
            rates.tick();
        }
        rates
    }

    #[test]
    fn a_short_run_is_told_by_the_second() {
        let mut rates = counted(&[3, 0, 5]);
        assert_eq!(rates.asked(ServiceId::ZERO), [3, 0, 5]);
        assert_eq!(rates.failed(ServiceId::ZERO), [0, 0, 0]);
        rates.open[failed_at(ServiceId::ZERO)] += 2;
        assert_eq!(rates.asked(ServiceId::ZERO), [3, 0, 5, 0]);
        assert_eq!(rates.failed(ServiceId::ZERO), [0, 0, 0, 2]);
    }

    #[test]
    fn a_long_run_is_told_by_intervals_of_a_power_of_two() {
        let rates = counted(&[7; 3600]);
        assert_eq!(rates.interval(), Span::from_secs(4));
        assert_eq!(rates.asked(ServiceId::ZERO), [28; 900]);
        assert_eq!(rates.closed.counts[1].len(), 0, "what never happened takes no memory");
    }

    #[test]
    fn a_year_takes_no_more_than_is_kept() {
        let rates = counted(&vec![1; 31_622_400]);
        assert_eq!(rates.interval(), Span::from_secs(32_768));
        assert!(rates.asked(ServiceId::ZERO).len() <= KEPT);
        assert_eq!(rates.asked(ServiceId::ZERO).iter().sum::<u64>(), 31_622_400);
    }

    proptest! {
        #[test]
        fn every_request_is_in_the_interval_of_its_second(asked in prop::collection::vec(0_u64..4, 0..5000)) {
            let rates = counted(&asked);
            let interval = usize::try_from(rates.interval).expect("a few seconds");
            let expected: Vec<u64> = asked.chunks(interval).map(|seconds| seconds.iter().sum()).collect();
            prop_assert_eq!(rates.asked(ServiceId::ZERO), expected);
        }
    }
}
