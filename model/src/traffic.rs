//! Traffic: who asks, and when.
//!
//! *Open* traffic comes whatever becomes of it, at a rate that may change; *closed* traffic comes from users
//! who wait for an answer before they ask again (Schroeder, Wierman, Harchol-Balter, "Open Versus Closed: A
//! Cautionary Tale", NSDI 2006).
//!
//! A changing rate is a change of time. A gap is drawn for a nominal rate, the highest, and that many
//! nanoseconds times that rate are *work*: the expected number of requests to live through until the next one
//! comes. It is used up at the rate of each moment. For exponential gaps this is the inhomogeneous Poisson
//! process by inversion (E. Çinlar, "Introduction to Stochastic Processes", 1975, section 4.7); even gaps stay
//! even in the number of requests. All of it is integer arithmetic, so that a rate that never changes gives the
//! gaps as drawn, bit for bit.

use crate::id::{ClassId, DialectId, EndpointId, ZoneId};
use crate::law::Law;
use crate::name::Name;
use crate::ratio::Ratio;
use crate::time::{Span, Time};
use std::sync::Arc;

/// A source of traffic.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name.
    pub name: Name,
    /// Where its requests go.
    pub endpoint: EndpointId,
    /// Where its requests come from: one of these zones, drawn evenly.
    pub from: Vec<ZoneId>,
    /// What makes them come.
    pub demand: Demand,
    /// The classes of its requests, each with the upper end of its share: ascending, the last one whole.
    pub mix: Vec<(ClassId, Ratio)>,
    /// What its requests are about.
    pub keys: Option<Keys>,
    /// How it speaks, where it is held to the contract of its endpoint.
    pub dialect: Option<DialectId>,
    /// How those who ask find a region by its name; without, somebody on their way sends them on, and changes his mind
    /// at once.
    pub dns: Option<Dns>,
}

/// How names are kept by those who ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dns {
    /// How long an answer is kept. Who asks when is spread evenly over that.
    pub ttl: Span,
    /// The share of those who keep it for ever.
    pub keep: Ratio,
}

/// What makes requests come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// They come whatever becomes of them.
    Open {
        /// The gaps between requests at the nominal rate.
        spacing: Law,
        /// The rate the gaps are drawn for: the highest there is.
        nominal: Intensity,
        /// What the rate really is.
        course: Course,
    },
    /// Users ask, wait for the answer, think, and ask again.
    Closed {
        /// How many, 1 to a million.
        users: u32,
        /// From an answer to the next request, and before the first one.
        think: Law,
    },
}

/// How a rate changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course {
    /// It does not: it is the nominal one.
    Steady,
    /// At known times, once or over and over.
    Pieces(Pieces),
    /// Now and then, for a while, at times that are drawn.
    Bursts(Bursts),
}

/// Requests per second, in trillionths: 0 to 10¹⁸, a million a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Intensity(u64);

/// So much work is a number of requests.
#[allow(clippy::cast_precision_loss)]
fn requests(work: Work) -> f64 {
    work as f64 / 1e21 // trillionths, and nanoseconds in a second
}

/// Work: intensity times nanoseconds. 128 bits hold what the highest intensity comes to in all of time.
pub type Work = u128;

/// A piecewise constant rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces {
    /// Where each piece begins, from the start of the run or of the cycle, and its rate: ascending, the first
    /// one at zero.
    starts: Vec<(Span, Intensity)>,
    /// How long it takes until all of it comes again; the last piece has no end without one.
    cycle: Option<Span>,
}

/// A rate that is raised now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bursts {
    /// The rate between bursts.
    pub base: Intensity,
    /// The rate while one lasts.
    pub burst: Intensity,
    /// From the beginning of one to the beginning of the next, the first counted from the start of the run. One
    /// that would begin while another lasts begins when that is over.
    pub every: Law,
    /// How long one lasts.
    pub lasts: Law,
}

/// What requests are about, as numbers from 0, the most popular first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    count: u32,
    popularity: Popularity,
}

/// How popular keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Popularity {
    /// All alike.
    Uniform,
    /// By key, the last of the words that pick it, ascending. Shared: it may be long.
    Table(Arc<[u64]>),
}

impl Keys {
    /// So many keys, each as popular as any other; `None` without any.
    #[must_use]
    pub const fn uniform(count: u32) -> Option<Self> {
        if count > 0 { Some(Keys { count, popularity: Popularity::Uniform }) } else { None }
    }

    /// Keys by popularity: for each, the last of the 64-bit words that pick it.
    ///
    /// `None` unless the words ascend (a key as high as the one before is never picked) and end at the highest.
    #[must_use]
    pub fn by_last_words(words: Vec<u64>) -> Option<Self> {
        let whole = words.last() == Some(&u64::MAX) && words.is_sorted();
        let count = u32::try_from(words.len()).ok().filter(|_| whole)?;
        Some(Keys { count, popularity: Popularity::Table(words.into()) })
    }

    /// How many there are, at least 1.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// What the table of their popularity takes, in bytes, if there is one.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match &self.popularity {
            Popularity::Uniform => 0,
            Popularity::Table(words) => size_of_val(&words[..]) as u64,
        }
    }

    /// The key a uniform word picks.
    #[must_use]
    pub fn pick(&self, word: u64) -> u64 {
        match &self.popularity {
            Popularity::Uniform => ((u128::from(word) * u128::from(self.count)) >> 64) as u64,
            Popularity::Table(words) => words.partition_point(|last| *last < word) as u64,
        }
    }
}

impl Source {
    /// The class a uniform word picks.
    ///
    /// # Panics
    /// When the mix does not end at one, which the scenario compiler rules out.
    #[must_use]
    pub fn class_of(&self, word: u64) -> ClassId {
        let (class, _) = self.mix.iter().find(|(_, upto)| upto.admits(word)).expect("the last share is whole");
        *class
    }

    /// The gaps between requests, when that is all there is to say: of open traffic at a rate that never changes.
    #[must_use]
    pub const fn steady_spacing(&self) -> Option<Law> {
        match &self.demand {
            Demand::Open { spacing, nominal: _, course: Course::Steady } => Some(*spacing),
            Demand::Open { spacing: _, nominal: _, course: Course::Pieces(_) | Course::Bursts(_) }
            | Demand::Closed { .. } => None,
        }
    }
}

impl Intensity {
    /// The highest: a million requests a second.
    pub const MAX: Intensity = Intensity(1_000_000_000_000_000_000);

    /// So many trillionths of a request per second; `None` above a million requests.
    #[must_use]
    pub const fn from_trillionths(rate: u64) -> Option<Self> {
        if rate <= Intensity::MAX.0 { Some(Intensity(rate)) } else { None }
    }

    /// Trillionths of a request per second.
    #[must_use]
    pub const fn trillionths(self) -> u64 {
        self.0
    }

    /// What comes to pass at this rate in `length`.
    #[must_use]
    pub fn over(self, length: Span) -> Work {
        Work::from(self.0) * Work::from(length.nanos())
    }

    /// Lives through `work` at this rate for at most `length`: how long that takes, to the nearest nanosecond.
    ///
    /// # Errors
    /// The work that is left when `length` is over.
    pub fn live_through(self, work: Work, length: Span) -> Result<Span, Work> {
        let within = self.over(length);
        if self.0 == 0 || work > within {
            return Err(work - within);
        }
        let rate = Work::from(self.0);
        let nanos = work / rate + Work::from(work % rate >= rate.div_ceil(2));
        Ok(Span::from_nanos(u64::try_from(nanos).expect("at most the length")))
    }
}

impl Pieces {
    /// A rate by pieces: where each begins, and the cycle they fill when they come again.
    ///
    /// `None` unless the first piece begins at zero, each later than the one before, and the cycle ends after
    /// the last one has begun.
    #[must_use]
    pub fn new(starts: Vec<(Span, Intensity)>, cycle: Option<Span>) -> Option<Self> {
        let begins = starts.first().is_some_and(|(start, _)| *start == Span::ZERO);
        let ascends = starts.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let ends = starts.last().zip(cycle).is_none_or(|((start, _), end)| *start < end);
        (begins && ascends && ends).then_some(Pieces { starts, cycle })
    }

    /// Where each piece begins, and its rate.
    #[must_use]
    pub fn starts(&self) -> &[(Span, Intensity)] {
        &self.starts
    }

    /// How long it takes from `now` to live through `work`; `None` when so many requests never come.
    #[must_use]
    pub fn wait(&self, now: Time, work: Work) -> Option<Span> {
        let Some(cycle) = self.cycle else {
            let end = Span::from_nanos(u64::MAX);
            return self.live_through(now.since(Time::ZERO), end, work).ok().map(|at| (Time::ZERO + at).since(now));
        };
        let into = Span::from_nanos(now.nanos() % cycle.nanos());
        let left = match self.live_through(into, cycle, work) {
            Ok(at) => return Some(at - into),
            Err(left) => left,
        };
        let whole = self.work_in(cycle);
        let cycles = left.saturating_sub(1).checked_div(whole)?; // what is left ends in a cycle, not after it
        let at = self.live_through(Span::ZERO, cycle, left - cycles * whole).ok()?;
        Some((cycle - into) + cycle.times(u64::try_from(cycles).unwrap_or(u64::MAX)) + at)
    }

    /// Lives through `work` from `from` to `end`: where it is used up, or how much is left.
    fn live_through(&self, from: Span, end: Span, mut work: Work) -> Result<Span, Work> {
        let mut at = from;
        let first = self.starts.partition_point(|(start, _)| *start <= from) - 1;
        for index in first..self.starts.len() {
            let until = self.end_of(index, end);
            match self.starts[index].1.live_through(work, until - at) {
                Ok(span) => return Ok(at + span),
                Err(left) => work = left,
            }
            at = until;
        }
        Err(work)
    }

    /// How many requests come until `end`, on the mean.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn requests_until(&self, end: Time) -> f64 {
        let end = end.since(Time::ZERO);
        let Some(cycle) = self.cycle else { return requests(self.work_before(end)) };
        let cycles = end.nanos() / cycle.nanos();
        let rest = Span::from_nanos(end.nanos() % cycle.nanos());
        cycles as f64 * requests(self.work_in(cycle)) + requests(self.work_before(rest))
    }

    /// What comes to pass until any time of the first cycle.
    fn work_before(&self, end: Span) -> Work {
        let pieces = self.starts.iter().enumerate().filter(|(_, (start, _))| *start < end);
        pieces.map(|(index, (start, rate))| rate.over(self.end_of(index, end).min(end) - *start)).sum()
    }

    /// What comes to pass from the beginning to `end`.
    fn work_in(&self, end: Span) -> Work {
        let pieces = self.starts.iter().enumerate();
        pieces.map(|(index, (start, rate))| rate.over(self.end_of(index, end) - *start)).sum()
    }

    fn end_of(&self, index: usize, end: Span) -> Span {
        self.starts.get(index + 1).map_or(end, |(start, _)| *start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PER_SECOND: u64 = 1_000_000_000_000;

    fn rate(per_second: u64) -> Intensity {
        Intensity::from_trillionths(per_second * PER_SECOND).unwrap()
    }

    fn pieces(starts: &[(u64, u64)], cycle: Option<u64>) -> Option<Pieces> {
        let starts = starts.iter().map(|(start, own)| (Span::from_secs(*start), rate(*own))).collect();
        Pieces::new(starts, cycle.map(Span::from_secs))
    }

    fn requests(count: u64) -> Work {
        rate(1).over(Span::from_secs(count))
    }

    /// How many seconds after second `now` the `count`-th next request comes.
    fn wait(pieces: &Pieces, now: u64, count: u64) -> Option<f64> {
        pieces.wait(Time::ZERO + Span::from_secs(now), requests(count)).map(Span::seconds)
    }

    #[test]
    fn pieces_begin_at_zero_and_ascend() {
        assert!(pieces(&[(0, 1), (5, 2)], Some(6)).is_some());
        for bad in [&[][..], &[(1, 1)], &[(0, 1), (0, 2)], &[(0, 1), (5, 2), (4, 1)]] {
            assert!(pieces(bad, None).is_none(), "{bad:?}");
        }
        assert!(pieces(&[(0, 1), (5, 2)], Some(5)).is_none(), "the last piece has a length");
    }

    #[test]
    fn work_is_used_up_at_the_rate_of_each_moment() {
        let steps = pieces(&[(0, 2), (10, 0), (20, 5)], None).unwrap();
        assert_eq!(wait(&steps, 0, 20), Some(10.0), "ten seconds at two a second");
        assert_eq!(wait(&steps, 0, 21), Some(20.2), "and nothing for ten seconds");
        assert_eq!(wait(&steps, 15, 1), Some(5.2));
        assert_eq!(wait(&steps, 30, 5), Some(1.0), "the last piece has no end");
    }

    #[test]
    fn a_rate_that_falls_to_nothing_brings_no_more() {
        let steps = pieces(&[(0, 2), (10, 0)], None).unwrap();
        assert_eq!(wait(&steps, 0, 21), None);
        let never = pieces(&[(0, 0), (1, 0)], Some(2)).unwrap();
        assert_eq!(wait(&never, 0, 1), None);
    }

    #[test]
    fn a_cycle_comes_again() {
        let cycle = pieces(&[(0, 0), (5, 2), (8, 0)], Some(10)).unwrap(); // six requests in ten seconds
        assert_eq!(wait(&cycle, 0, 6), Some(8.0), "the last of a cycle comes in it");
        assert_eq!(wait(&cycle, 0, 12), Some(18.0));
        assert_eq!(wait(&cycle, 7, 4), Some(9.0), "two at once, two in the next cycle");
        assert_eq!(wait(&cycle, 1_000_009, 6_000_001), Some(10_000_006.5));
    }

    #[test]
    fn the_extremes_do_not_overflow() {
        let end = Time::from_nanos(u64::MAX - 1);
        for cycle in [None, Some(Span::from_nanos(1)), Some(Span::from_nanos(u64::MAX))] {
            let fast = Pieces::new(vec![(Span::ZERO, Intensity::MAX)], cycle).unwrap();
            let slow = Pieces::new(vec![(Span::ZERO, Intensity(1))], cycle).unwrap();
            for work in [0, 1, Intensity::MAX.over(Span::from_nanos(u64::MAX))] {
                for now in [Time::ZERO, end] {
                    let (fast, slow) = (fast.wait(now, work), slow.wait(now, work));
                    assert!(fast.is_none_or(|fast| slow.is_none_or(|slow| fast <= slow)), "{work} at {now:?}");
                }
            }
        }
    }

    #[test]
    fn a_key_is_picked_by_its_words() {
        let keys = Keys::by_last_words(vec![9, 10, 10, u64::MAX]).unwrap();
        let picked = [0, 9, 10, 11, u64::MAX].map(|word| keys.pick(word));
        assert_eq!((keys.count(), picked), (4, [0, 0, 1, 3, 3]), "the third is never picked");
        assert_eq!(Keys::by_last_words(vec![10, 9, u64::MAX]), None);
        assert_eq!(Keys::by_last_words(vec![10]), None);
        assert_eq!(Keys::by_last_words(vec![]), None);
    }

    #[test]
    fn equal_keys_have_equal_shares() {
        let keys = Keys::uniform(4).unwrap();
        let picked = [0, u64::MAX / 4, u64::MAX / 4 + 1, u64::MAX].map(|word| keys.pick(word));
        assert_eq!((picked, Keys::uniform(0)), ([0, 0, 1, 3], None));
    }

    #[test]
    fn one_rate_gives_the_gaps_as_drawn() {
        let own = Intensity::from_trillionths(333_333_333_333).unwrap();
        let alone = Pieces::new(vec![(Span::ZERO, own)], None).unwrap();
        let equal =
            Pieces::new((0..96).map(|i| (Span::from_nanos(i * 17), own)).collect(), Some(Span::SECOND)).unwrap();
        for gap in [1, 999, 123_456_789, 1 << 40].map(Span::from_nanos) {
            assert_eq!(alone.wait(Time::from_nanos(77), own.over(gap)), Some(gap));
            assert_eq!(equal.wait(Time::from_nanos(77), own.over(gap)), Some(gap));
        }
    }
}
