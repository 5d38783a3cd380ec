//! A replica's own clock: it goes as fast as the replica works, and stands still with it.
//!
//! Work is done when this clock says so. A replica that slows down therefore keeps what each piece of work
//! has left without touching any of them; only the instants at which the clock gets there move.

use model::ratio::Ratio;
use model::time::{Span, Time};

/// Parts per billion of full speed.
const FULL: u128 = Ratio::ONE.ppb() as u128;

/// How much work a replica has had time for, in nanoseconds at full speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    pace: Ratio,
    /// When the pace last changed.
    since: Time,
    /// What it showed then, rounded down to a nanosecond.
    showed: Time,
}

impl Default for Clock {
    /// One that shows what every clock shows, until it is slowed down.
    fn default() -> Self {
        Clock { pace: Ratio::ONE, since: Time::ZERO, showed: Time::ZERO }
    }
}

impl Clock {
    /// What it shows.
    pub(crate) fn read(self, now: Time) -> Time {
        let past = now.since(self.since);
        if self.pace == Ratio::ONE {
            return self.showed + past;
        }
        let worked = u128::from(past.nanos()) * u128::from(self.pace.ppb()) / FULL;
        self.showed + Span::from_nanos(u64::try_from(worked).expect("no more than has passed"))
    }

    /// How long from now until it shows `then`, rounded up; none when it never will.
    pub(crate) fn wait(self, now: Time, then: Time) -> Option<Span> {
        if then == Time::MAX || self.pace == Ratio::ZERO {
            return None;
        }
        let when = self.since + self.takes(then.since(self.showed))?;
        (when < Time::MAX).then(|| when.since(now))
    }

    /// How long so much work takes at its pace, which is above nothing.
    fn takes(self, work: Span) -> Option<Span> {
        if self.pace == Ratio::ONE {
            return Some(work);
        }
        let takes = (u128::from(work.nanos()) * FULL).div_ceil(u128::from(self.pace.ppb()));
        u64::try_from(takes).ok().map(Span::from_nanos)
    }

    /// Lets it go at another pace from now on. Says whether that is a change.
    pub(crate) fn set_pace(&mut self, now: Time, pace: Ratio) -> bool {
        let changed = pace != self.pace;
        if changed {
            *self = Clock { pace, since: now, showed: self.read(now) };
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    fn pace(percent: u32) -> Ratio {
        Ratio::percent(percent).expect("a share")
    }

    #[test]
    fn at_full_speed_it_shows_the_time() {
        let clock = Clock::default();
        assert_eq!(clock.read(at(77)), at(77));
        assert_eq!(clock.wait(at(77), at(100)), Some(Span::from_nanos(23)));
        assert_eq!(clock.wait(at(77), at(70)), Some(Span::ZERO));
    }

    #[test]
    fn half_the_speed_takes_twice_the_time_for_what_is_left() {
        let mut clock = Clock::default();
        assert!(clock.set_pace(at(100), pace(50)));
        assert!(!clock.set_pace(at(120), pace(50)));
        assert_eq!(clock.read(at(141)), at(120));
        assert_eq!(clock.wait(at(141), at(130)), Some(Span::from_nanos(19)));
        clock.set_pace(at(140), pace(100));
        assert_eq!(clock.read(at(150)), at(130));
    }

    #[test]
    fn a_clock_that_stands_still_goes_on_where_it_stood() {
        let mut clock = Clock::default();
        clock.set_pace(at(100), Ratio::ZERO);
        assert_eq!(clock.read(at(1_000_000)), at(100));
        assert_eq!(clock.wait(at(200), at(100)), None);
        clock.set_pace(at(1000), Ratio::ONE);
        assert_eq!(clock.wait(at(1000), at(150)), Some(Span::from_nanos(50)));
    }

    /// Whenever the wait is over the clock shows what was waited for, and a nanosecond earlier it does not.
    #[test]
    fn it_is_there_when_the_wait_is_over_and_not_before() {
        for ppb in [1, 7, 333_333_333, 999_999_999, 1_000_000_000] {
            let mut clock = Clock::default();
            clock.set_pace(at(1_000_003), Ratio::from_ppb(ppb).expect("a share"));
            for then in [1_000_004, 1_000_100, 1_234_567] {
                let over = at(1_000_003) + clock.wait(at(1_000_003), at(then)).expect("it moves");
                assert!(clock.read(over) >= at(then), "{ppb}: {then}");
                assert!(clock.read(at(over.nanos() - 1)) < at(then), "{ppb}: {then}");
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_never_reached() {
        let mut clock = Clock::default();
        assert_eq!(clock.wait(at(5), Time::MAX), None);
        clock.set_pace(at(5), Ratio::from_ppb(1).expect("a share"));
        assert_eq!(clock.wait(at(5), at(u64::MAX - 1)), None);
        assert_eq!(clock.read(Time::MAX), at(5 + (u64::MAX - 5) / 1_000_000_000));
    }
}
