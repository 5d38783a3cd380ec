//! Pace: how much simulated time a stretch of real time is worth, and how much it really was.

use model::time::Span;
use std::time::Duration;

/// Simulated seconds per real second, one of [`Speed::STEPS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speed(u32);

impl Default for Speed {
    /// A minute a second: an incident of half an hour in half a minute.
    fn default() -> Self {
        Speed(60)
    }
}

impl Speed {
    /// The speeds there are.
    pub const STEPS: [u32; 10] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

    /// The fastest speed that is not faster than `times`; the slowest, when all are.
    #[must_use]
    pub fn at_most(times: u32) -> Self {
        let slow_enough = Self::STEPS.into_iter().rev().find(|step| *step <= times);
        Speed(slow_enough.unwrap_or(Self::STEPS[0]))
    }

    /// Simulated seconds per real second.
    #[must_use]
    pub const fn times(self) -> u32 {
        self.0
    }

    /// One step up, if there is one.
    pub(crate) fn faster(self) -> Self {
        Speed(Self::STEPS.into_iter().find(|step| *step > self.0).unwrap_or(self.0))
    }

    /// One step down, if there is one.
    pub(crate) fn slower(self) -> Self {
        Speed(Self::STEPS.into_iter().rev().find(|step| *step < self.0).unwrap_or(self.0))
    }
}

/// Real time after which the real speed is worked out anew.
const WINDOW: Duration = Duration::from_secs(1);

/// Keeps the clock at its speed, and notices when it cannot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    pub(crate) speed: Speed,
    /// Since the real speed was last worked out.
    real: Duration,
    owed: Span,
    lived: Span,
    held_back: Option<u32>,
}

impl Pace {
    pub(crate) fn new(speed: Speed) -> Self {
        Pace { speed, ..Pace::default() }
    }

    /// Simulated time that `elapsed` is worth.
    pub(crate) fn worth(self, elapsed: Duration) -> Span {
        let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        Span::from_nanos(nanos).times(u64::from(self.speed.times()))
    }

    /// Notes that `lived` passed where `owed` was due.
    pub(crate) fn note(&mut self, elapsed: Duration, owed: Span, lived: Span) {
        self.real += elapsed;
        self.owed = self.owed + owed;
        self.lived = self.lived + lived;
        if self.real >= WINDOW {
            self.held_back = self.shortfall();
            self.start_over();
        }
    }

    /// Forgets a stretch that was cut short by a stop.
    pub(crate) fn start_over(&mut self) {
        (self.real, self.owed, self.lived) = (Duration::ZERO, Span::ZERO, Span::ZERO);
    }

    /// The real speed, when it is clearly below the one asked for.
    pub(crate) const fn real(self) -> Option<u32> {
        self.held_back
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // below the speed, which is small
    fn shortfall(&self) -> Option<u32> {
        let behind = self.lived.nanos() < self.owed.nanos() / 10 * 9;
        behind.then(|| (self.lived.seconds() / self.real.as_secs_f64()) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_stay_on_their_steps() {
        assert_eq!(Speed::at_most(0).times(), 1);
        assert_eq!(Speed::at_most(100).times(), 60);
        assert_eq!(Speed::at_most(600).faster().times(), 600);
        assert_eq!(Speed::at_most(1).slower().times(), 1);
        assert_eq!(Speed::default().faster().slower(), Speed::default());
    }

    #[test]
    fn a_speed_that_cannot_be_held_is_reported() {
        let mut pace = Pace::new(Speed::at_most(600));
        let second = Duration::from_secs(1);
        pace.note(second, pace.worth(second), Span::from_secs(150));
        assert_eq!(pace.real(), Some(150));
        pace.note(second, pace.worth(second), pace.worth(second));
        assert_eq!(pace.real(), None);
    }
}
