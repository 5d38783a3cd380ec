//! A recorded run, at any of its instants.
//!
//! Going back is living through it again, from the nearest fork that was kept on the way. For most of the library a
//! fork takes some 50 us. In the middle of a retry storm it takes 0.1 s and 50 MB, while half an hour of the storm is
//! lived in five seconds. Forks share what they have in common, but how much that is nobody knows: so they are counted
//! as if they shared nothing, and when they come to more than [`MEMORY`], or to more than [`KEPT`], every other goes.

use model::time::{Span, Time};
use sim::{Ended, Rerun, Session};

/// Simulated time between two forks, at first.
const APART: Span = Span::from_secs(10);
/// Forks at most.
const KEPT: usize = 64;
/// What they may take together, in bytes.
const MEMORY: u64 = 256 << 20;

/// A recorded run, and where it is.
#[derive(Debug)]
pub(crate) struct Reel {
    run: Rerun,
    /// Forks of it at growing instants, the first at its start.
    kept: Vec<Rerun>,
    /// Simulated time between two of them, at least.
    apart: Span,
    end: Time,
}

impl Reel {
    /// At the start of a run that is known up to `end`.
    pub(crate) fn new(mut run: Rerun, end: Time) -> Self {
        run.live_to(Time::ZERO);
        Reel { kept: vec![run.clone()], run, apart: APART, end }
    }

    pub(crate) const fn now(&self) -> Time {
        self.run.session().now()
    }

    /// The run as it is now.
    pub(crate) const fn session(&self) -> &Session {
        self.run.session()
    }

    /// How far it can go.
    pub(crate) const fn end(&self) -> Time {
        self.end
    }

    pub(crate) fn is_over(&self) -> bool {
        self.now() >= self.end
    }

    /// Lives on to an instant, or to the end.
    pub(crate) fn live_to(&mut self, instant: Time) {
        if let Ended::Stopped(_) = self.run.live_to(instant.min(self.end)) {
            self.end = self.now(); // at a bound, as it was then
        }
        let last = self.kept.last().map_or(Time::ZERO, |fork| fork.session().now());
        if self.now() >= last + self.apart {
            self.kept.push(self.run.clone());
            self.thin_out(MEMORY);
        }
    }

    /// Goes to the last instant that is at hand from which an instant can be lived to.
    pub(crate) fn wind_to(&mut self, instant: Time) {
        let at_hand = self.kept.partition_point(|fork| fork.session().now() <= instant).saturating_sub(1);
        let fork = &self.kept[at_hand];
        if instant < self.now() || fork.session().now() > self.now() {
            self.run = fork.clone();
        }
    }

    /// Lets every other fork go until they are few enough and take no more than this; never the first.
    fn thin_out(&mut self, memory: u64) {
        while self.kept.len() > 1 && (self.kept.len() > KEPT || self.memory() > memory) {
            let mut number = 0;
            self.kept.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.apart = self.apart.times(2);
        }
    }

    fn memory(&self) -> u64 {
        self.kept.iter().map(|fork| fork.session().footprint()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn at(reel: &Reel, instant: Time) -> (Time, u64) {
        let mut straight = fixture::recorded().run;
        straight.live_to(instant.min(reel.end()));
        (straight.session().now(), straight.session().digest())
    }

    /// Instants back and forth: a walk over a run of a quarter of an hour.
    fn walk() -> impl Iterator<Item = Time> {
        (1..40_u64).map(|step| Time::ZERO + Span::from_millis(step * step * 7919 * 250 % 900_000))
    }

    #[test]
    fn it_is_the_same_run_however_one_came_to_an_instant() {
        let recorded = fixture::recorded();
        let mut reel = Reel::new(recorded.run, recorded.end);
        let mut turns = 0;
        for instant in walk() {
            turns += u32::from(instant < reel.now());
            reel.wind_to(instant);
            reel.live_to(instant);
            assert_eq!((reel.now(), reel.session().digest()), at(&reel, instant), "at {instant}");
        }
        assert!(turns > 10, "it went back {turns} times");
    }

    #[test]
    fn forks_are_few_and_reach_far() {
        let recorded = fixture::recorded();
        let end = Time::ZERO + Span::from_secs(900);
        let mut reel = Reel::new(recorded.run, end);
        for second in 1..=900 {
            reel.live_to(Time::ZERO + Span::from_secs(second));
            assert!(reel.kept.len() <= KEPT);
        }
        let kept: Vec<_> = reel.kept.iter().map(|fork| fork.session().now().seconds()).collect();
        assert_eq!((kept[0], kept[1]), (0.0, 20.0), "every other went, once");
        assert_eq!(kept.last(), Some(&900.0));
        let third = reel.memory() / 3;
        reel.thin_out(third);
        let kept: Vec<_> = reel.kept.iter().map(|fork| fork.session().now().seconds()).collect();
        assert!(reel.memory() <= third, "{} of {third}", reel.memory());
        assert_eq!((kept[0], kept[1]), (0.0, 80.0), "every other went, twice");
        reel.thin_out(0);
        assert_eq!(reel.kept.len(), 1, "the start is always at hand");
    }

    #[test]
    fn going_back_starts_from_the_nearest_fork_and_going_on_from_here() {
        let recorded = fixture::recorded();
        let mut reel = Reel::new(recorded.run, recorded.end);
        for second in [30, 60, 90, 95] {
            reel.live_to(Time::ZERO + Span::from_secs(second));
        }
        let mut wound = |second| {
            reel.wind_to(Time::ZERO + Span::from_secs(second));
            reel.now().seconds()
        };
        assert_eq!(wound(200), 95.0, "nothing nearer is at hand");
        assert_eq!(wound(94), 90.0);
        assert_eq!(wound(60), 60.0, "that very instant");
        assert_eq!(wound(89), 60.0);
        assert_eq!(wound(100), 90.0, "on over what is at hand");
        assert_eq!(wound(5), 0.0);
    }

    #[test]
    fn a_run_that_came_to_a_bound_ends_there() {
        let recorded = fixture::recorded();
        let bounds = sim::Bounds { events: 2_000, ..sim::Bounds::default() };
        let bounded = sim::Rerun::new(fixture::session().within(bounds), vec![]);
        let mut reel = Reel::new(bounded, recorded.end);
        reel.live_to(recorded.end);
        assert!(reel.is_over() && reel.end() < recorded.end, "{} of {}", reel.now(), recorded.end);
    }
}
