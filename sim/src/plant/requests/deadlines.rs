//! Deadlines: how long a caller waits, and what it tells its callee of it.
//!
//! A caller waits for one attempt as long as its call states, but no longer than its own caller waits for it, if
//! it has been told. A callee that has been told makes no call, no further attempt and no step of its own after
//! that: nobody would look at what comes of it.

use super::{Caller, FrameKey};
use crate::event::Event;
use crate::world::World;
use model::program::CallSite;
use model::time::{Span, Time};

/// How long a caller waits for one attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// When it stops waiting; [`Time::MAX`] when it never does.
    until: Time,
    /// The timeout its call states, when that starts now and nothing cuts it short.
    stated: Option<Span>,
    /// What the callee is told.
    pub(super) deadline: Time,
    /// When the attempt is sent once more.
    pub(super) hedge: Option<Span>,
}

impl Patience {
    /// That of somebody outside, who waits for ever.
    pub(super) const ENDLESS: Patience = Patience { until: Time::MAX, stated: None, deadline: Time::MAX, hedge: None };

    /// That of a caller for an attempt it makes now, when it is waited for itself until `deadline`.
    pub(super) fn of(call: &CallSite, deadline: Time, now: Time) -> Self {
        let own = call.timeout.map_or(Time::MAX, |timeout| now + timeout);
        let until = own.min(deadline);
        Patience {
            until,
            stated: call.timeout.filter(|_| own == until),
            deadline: if call.pass_deadline { until } else { Time::MAX },
            hedge: call.hedge,
        }
    }
}

impl World {
    /// How long a caller goes on waiting for an attempt it made at `asked`.
    pub(crate) fn patience(&self, caller: Caller, asked: Time) -> Patience {
        let Caller::Branch(attempt) = caller else { return Patience::ENDLESS };
        let Some(parent) = self.frames.get(attempt.parent) else { return Patience::ENDLESS };
        let call = &self.model.program(parent.program).calls[usize::from(attempt.site)];
        let patience = Patience::of(call, parent.deadline, asked);
        // Only what starts now is as long as its call states.
        Patience { stated: patience.stated.filter(|_| asked == self.now), ..patience }
    }

    /// Starts the caller's clock on one attempt. Only stated timeouts have lines in the queue: what is left of a
    /// deadline has any length.
    pub(crate) fn set_timeout(&mut self, key: FrameKey, patience: Patience) {
        if let Some(timeout) = patience.stated {
            self.schedule_timeout(timeout, Event::Expire(key));
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
