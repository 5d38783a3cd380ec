//! Deadlines: how long a caller waits, and what it tells its callee of it.
//!
//! A caller waits for one attempt as long as its call states, but no longer than its own caller waits for it, if
//! it has been told. A callee that has been told makes no call, no further attempt and no step of its own after
//! that: nobody would look at what comes of it.

use super::{Caller, FrameKey};
use crate::compiled::Site;
use crate::event::Event;
use crate::world::World;
use model::time::Time;

/// How long a caller waits for one attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// When it stops waiting; [`Time::MAX`] when it never does.
    until: Time,
    /// The line of the timeout its call states, when that starts now and nothing cuts it short.
    line: Option<usize>,
    /// What the callee is told.
    pub(super) deadline: Time,
    /// When the attempt is sent once more, and the line for that.
    pub(super) hedge: Option<(Time, usize)>,
}

impl Patience {
    /// That of somebody outside, who waits for ever.
    pub(super) const ENDLESS: Patience = Patience { until: Time::MAX, line: None, deadline: Time::MAX, hedge: None };

    /// That of a caller for an attempt it makes now, when it is waited for itself until `deadline`.
    pub(super) fn of(site: &Site, deadline: Time, now: Time) -> Self {
        let call = &site.call;
        let own = call.timeout.map_or(Time::MAX, |timeout| now + timeout);
        let until = own.min(deadline);
        Patience {
            until,
            line: site.timeout.filter(|_| own == until),
            deadline: if call.pass_deadline { until } else { Time::MAX },
            hedge: call.hedge.zip(site.hedge).map(|(hedge, line)| (now + hedge, line)),
        }
    }
}

impl World {
    /// How long a caller goes on waiting for an attempt it made at `asked`.
    pub(crate) fn patience(&self, caller: Caller, asked: Time) -> Patience {
        let Caller::Branch(attempt) = caller else { return Patience::ENDLESS };
        let Some(parent) = self.frames.get(attempt.parent) else { return Patience::ENDLESS };
        let patience = Patience::of(self.model.site(parent.program, attempt.site), parent.deadline, asked);
        // Only what starts now is as long as its call states.
        Patience { line: patience.line.filter(|_| asked == self.now), ..patience }
    }

    /// Starts the caller's clock on one attempt. Only stated timeouts have lines in the queue: what is left of a
    /// deadline has any length.
    pub(crate) fn set_timeout(&mut self, key: FrameKey, patience: &Patience) {
        if let Some(line) = patience.line {
            self.schedule_timeout(line, patience.until, Event::Expire(key));
        } else if patience.until < Time::MAX {
            self.schedule(patience.until.since(self.now), Event::Expire(key));
        }
    }

    /// Whether nobody waits for a frame any more, as far as it can know.
    pub(crate) fn is_expired(&self, key: FrameKey) -> bool {
        let frame = self.frame(key);
        matches!(frame.caller, Caller::Gone(_)) || frame.deadline < self.now
    }
}
