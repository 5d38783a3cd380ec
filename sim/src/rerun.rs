//! A run lived through once more: how it began, and what was given in it, at the same instants.
//!
//! A clone is a fork, as of a [`Session`]: going back is going on from one that was kept.

use crate::bounds::Ended;
use crate::session::Session;
use model::scenario::Step;
use model::time::Time;

/// A run that is lived through once more.
#[derive(Clone, Debug)]
pub struct Rerun {
    session: Session,
    /// What is given when, oldest first.
    given: Vec<(Time, Step)>,
    /// Those that have been given.
    done: usize,
}

impl Rerun {
    /// A run that begins like this, and in which these steps are given at these instants, oldest first.
    #[must_use]
    pub const fn new(start: Session, given: Vec<(Time, Step)>) -> Self {
        Rerun { session: start, given, done: 0 }
    }

    /// The run as it is now.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Goes on to an instant. What is given at it is given; of something given later nobody knows yet.
    pub fn live_to(&mut self, instant: Time) -> Ended {
        while let Some((at, step)) = self.given.get(self.done).filter(|(at, _)| *at <= instant) {
            if let stopped @ Ended::Stopped(_) = self.session.live_to(*at) {
                return stopped;
            }
            self.session.give(step.clone());
            self.done += 1;
        }
        self.session.live_to(instant)
    }

    /// The instants at which something that was given is begun, each once.
    #[must_use]
    pub fn moments(&self) -> Vec<Time> {
        let mut moments: Vec<_> = self.given.iter().map(|(_, step)| step.at).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }
}
