//! Workers of a service: how requests share them, how they get warm, how they break down.

use crate::law::Law;
use crate::time::Span;

/// How the requests at a replica share its workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discipline {
    /// Each worker works on one piece of work; the others wait in the order in which they came.
    #[default]
    FirstComeFirstServed,
    /// All are worked on at once, each at an even share of the workers, and at one worker at most.
    ProcessorSharing,
}

/// Breakdowns of the replicas of a service: each on its own, whether or not there is work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breakdowns {
    /// From being ready, or repaired, to the next breakdown.
    pub up: Law,
    /// From a breakdown to the end of its repair. Work stands still meanwhile.
    pub down: Law,
}

/// How much slower a replica is that has just become ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warmup {
    /// From being ready to full speed, above zero.
    pub lasts: Span,
    /// How many times longer work takes that begins at once, in thousandths: from 1,000 to 1,000,000.
    pub slowdown_thousandths: u64,
}

impl Warmup {
    /// How long `work` takes that begins when the replica has been ready for `age`. The factor falls evenly
    /// from `slowdown` to one, and stays as it was when the work began.
    #[must_use]
    pub fn slowed(self, work: Span, age: Span) -> Span {
        const BILLION: u128 = 1_000_000_000;
        let cold = u128::from((self.lasts - age).nanos());
        let most = u128::from(self.slowdown_thousandths - 1000) * 1_000_000; // parts per billion on top
        let extra = u128::from(work.nanos()) * (most * cold / u128::from(self.lasts.nanos())) / BILLION;
        work + Span::from_nanos(u64::try_from(extra).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cold_replica_gets_faster_evenly() {
        let warmup = Warmup { lasts: Span::from_secs(60), slowdown_thousandths: 3000 };
        let takes = [0, 15, 30, 45, 60, 61].map(|age| warmup.slowed(Span::from_secs(6), Span::from_secs(age)));
        assert_eq!(takes.map(|span| span.nanos() / 100_000_000), [180, 150, 120, 90, 60, 60]);
    }

    #[test]
    fn the_ends_of_every_scale_stay_in_range() {
        let forever = Span::from_nanos(u64::MAX);
        let slow = Warmup { lasts: forever, slowdown_thousandths: 1_000_000 };
        assert_eq!(slow.slowed(forever, Span::ZERO), forever);
        assert_eq!(slow.slowed(Span::ZERO, Span::ZERO), Span::ZERO);
        let none = Warmup { lasts: Span::from_nanos(1), slowdown_thousandths: 1000 };
        assert_eq!(none.slowed(Span::SECOND, Span::ZERO), Span::SECOND);
    }
}
