//! The clock of the play screen: whether time passes, and how much of it a stretch of real time is worth.
//!
//! Time is lived slice by slice. Slices end at the same instants whatever the machine and its frames do, so that the
//! clock stops at the same ones, too, and whoever chooses only when it stands has the same drill each time.

use crate::pace::{Pace, Speed};
use model::time::{Span, Time};
use std::time::Duration;

/// Simulated at a stretch before looking whether a key waits.
const SLICE: Span = Span::from_millis(250);

/// What the clock does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// It runs.
    Runs,
    /// The player stopped it.
    Paused,
    /// It stopped by itself: something calls for the player.
    Stopped,
    /// It runs as fast as it can to the next stop.
    Skips,
    /// It runs as fast as it can to the end: the player has declared it over.
    Closes,
    /// It runs as fast as it can to an instant.
    Seeks(Time),
}

impl Flow {
    /// Whether time passes.
    pub(crate) const fn moves(self) -> bool {
        matches!(self, Flow::Runs | Flow::Skips | Flow::Closes | Flow::Seeks(_))
    }
}

/// The clock of the play screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) flow: Flow,
    pub(crate) pace: Pace,
    /// Time that should have passed and has not: less than a slice, if the machine keeps up.
    owed: Span,
}

impl Clock {
    pub(crate) fn new(flow: Flow, speed: Speed) -> Self {
        Clock { flow, pace: Pace::new(speed), owed: Span::ZERO }
    }

    /// Takes in that real time passes: how much simulated time is due for it, while the clock runs at a speed.
    pub(crate) fn pass(&mut self, elapsed: Duration) -> Option<Span> {
        let due = (self.flow == Flow::Runs).then(|| self.pace.worth(elapsed))?;
        self.owed = self.owed + due;
        Some(due)
    }

    /// The end of the slice that is to be lived now, if one is.
    pub(crate) fn slice(&mut self, now: Time) -> Option<Time> {
        let end = slice_after(now);
        match self.flow {
            Flow::Runs => self.takes(end.since(now)).then_some(end),
            Flow::Skips | Flow::Closes => Some(end),
            Flow::Seeks(instant) => Some(end.min(instant)),
            Flow::Paused | Flow::Stopped => None,
        }
    }

    /// Takes a span off what is owed, if that much is.
    fn takes(&mut self, span: Span) -> bool {
        let enough = self.owed >= span;
        if enough {
            self.owed = self.owed - span;
        }
        enough
    }

    /// Lets go of what is owed and could not be lived: the clock may run slow, it never jumps.
    pub(crate) const fn forgive(&mut self) {
        self.owed = Span::ZERO;
    }

    /// Comes to stand.
    pub(crate) fn stand(&mut self, flow: Flow) {
        self.flow = flow;
        self.forgive();
        self.pace.start_over();
    }

    /// Goes on at another speed.
    pub(crate) fn set_speed(&mut self, speed: Speed) {
        self.pace = Pace::new(speed);
    }
}

/// Where the clock stands when what happens at an instant has just been seen: the end of the slice that leads there.
pub(crate) const fn seen_at(instant: Time) -> Time {
    Time::from_nanos(instant.nanos().div_ceil(SLICE.nanos()) * SLICE.nanos())
}

/// The end of the slice that begins at, or holds, an instant.
fn slice_after(now: Time) -> Time {
    Time::from_nanos((now.nanos() / SLICE.nanos() + 1) * SLICE.nanos())
}
