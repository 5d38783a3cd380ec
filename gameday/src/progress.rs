//! How far a long run is: a line on standard error while somebody watches, gone when the run is over.

use crate::console::{can_show_progress, complain};
use model::time::{Span, Time};
use std::time::{Duration, Instant};

/// A run that takes no longer shows nothing.
const PATIENCE: Duration = Duration::from_secs(2);
/// From one line to the next at least.
const PAUSE: Duration = Duration::from_millis(500);
/// To the start of the line, and nothing on it.
const CLEAR: &str = "\r\u{1b}[K";

/// The progress of a run.
#[derive(Debug)]
pub(crate) struct Progress {
    until: Span,
    watched: bool,
    /// Not before this is the next line shown.
    due: Instant,
    shown: bool,
}

impl Progress {
    /// Of a run that begins now and simulates so much.
    pub(crate) fn of(until: Span) -> Self {
        Progress { until, watched: can_show_progress(), due: Instant::now() + PATIENCE, shown: false }
    }

    /// Says where the run is, if it is time to.
    pub(crate) fn tell(&mut self, now: Time) {
        if self.watched && self.is_due(Instant::now()) {
            complain(&format!("{CLEAR}{}", line(now, self.until)));
            self.shown = true;
        }
    }

    /// Whether a line is due at an instant; if so, the next one is due a while later.
    fn is_due(&mut self, at: Instant) -> bool {
        let due = at >= self.due;
        if due {
            self.due = at + PAUSE;
        }
        due
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        if self.shown {
            complain(CLEAR);
        }
    }
}

/// `simulated 00:12:30 of 1h 00m 00s, 20 %`.
fn line(now: Time, until: Span) -> String {
    let whole = u128::from(until.nanos()).max(1);
    let percent = u128::from(now.since(Time::ZERO).nanos()) * 100 / whole;
    format!("simulated {now} of {until}, {percent} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_due_after_a_while_and_then_now_and_then() {
        let start = Instant::now();
        let until = Span::from_secs(3600);
        let mut progress = Progress { until, watched: true, due: start + PATIENCE, shown: false };
        let due = [1999, 2000, 2100, 2499, 2500, 9000, 9499, 9500];
        let due = due.map(|millis| progress.is_due(start + Duration::from_millis(millis)));
        assert_eq!(due, [false, true, false, false, true, true, false, true]);
    }

    #[test]
    fn a_line_says_how_far_it_is() {
        let now = Time::ZERO + Span::from_secs(750);
        assert_eq!(line(now, Span::from_secs(3600)), "simulated 00:12:30 of 1h 00m 00s, 20 %");
        assert_eq!(line(Time::ZERO, Span::ZERO), "simulated 00:00:00 of 0s, 0 %");
    }
}
