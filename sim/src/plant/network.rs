//! The network: requests on their way to a replica, and answers on their way back.
//!
//! A request is in flight at its replica from the moment it is sent, for that is what its balancer counts; it
//! arrives one latency later, and may find the queue full, or the replica gone. What has been done leaves the
//! replica at once, and its answer arrives another latency later. Where messages take no time there is no event:
//! they arrive as they are sent.

use super::requests::{Caller, FrameKey, Leg, OriginKey};
use crate::event::Event;
use crate::fact::Cause;
use crate::world::World;
use model::id::ZoneId;
use model::time::Span;

/// Purposes of draws.
const THERE: u64 = 0x0074_6865_7265;
const BACK: u64 = 0x6261_636b;

impl World {
    /// Where whoever waits for an answer is; nowhere, when nobody waits any more, or it is the runner of background
    /// jobs, which asks from next door.
    pub(crate) fn zone_of_caller(&self, origin: OriginKey, caller: Caller) -> Option<ZoneId> {
        match caller {
            Caller::Root => self.origins.get(origin).and_then(|origin| origin.zone),
            Caller::Branch(attempt) => self.frames.get(attempt.parent).map(|parent| parent.zone),
            Caller::Gone(_) => None,
        }
    }

    /// Sends a frame to its replica.
    pub(crate) fn set_off(&mut self, key: FrameKey) {
        let way = self.latency(key, THERE);
        if way == Span::ZERO {
            self.runnable.push(key);
        } else {
            self.frame_mut(key).leg = Leg::There;
            self.schedule(way, Event::Deliver(key));
        }
    }

    /// A request arrives at its replica, if that still runs.
    pub(crate) fn deliver(&mut self, key: FrameKey) {
        let Some(frame) = self.frames.get_mut(key) else { return };
        frame.leg = Leg::At;
        let (at, origin) = (frame.replica, frame.origin);
        let Some(replica) = self.fleet.replicas.get(at) else {
            let failure = self.failure(key, Cause::Stopped);
            return self.end(key, Some(&failure));
        };
        if self.control.is_isolated(&self.model.system, replica.version, replica.host) {
            let failure = self.failure(key, Cause::Isolated);
            return self.end(key, Some(&failure));
        }
        self.frame_mut(key).flags = self.flags_at(at, origin);
        self.runnable.push(key);
    }

    /// An answer arrives.
    pub(crate) fn reply(&mut self, key: FrameKey) {
        let Some(frame) = self.frames.get(key) else { return };
        let failure = frame.failure;
        self.close(key, failure.as_ref());
    }

    /// How long an answer is on its way.
    pub(crate) fn way_back(&self, key: FrameKey) -> Span {
        self.latency(key, BACK)
    }

    /// How long a frame has been on its way altogether, its answer being where it was asked: the same draws again.
    /// A caller that has stopped waiting has still sent it from somewhere; one that has crashed is not known any more.
    pub(crate) fn travelled(&self, key: FrameKey) -> Span {
        if self.model.system.network.is_instant() { Span::ZERO } else { self.way_of(key) }
    }

    #[inline(never)]
    fn way_of(&self, key: FrameKey) -> Span {
        let frame = self.frame(key);
        let sender = match frame.caller {
            Caller::Gone(zone) => zone,
            Caller::Root | Caller::Branch(_) => self.zone_of_caller(frame.origin, frame.caller),
        };
        let way = |purpose| sender.map_or(Span::ZERO, |zone| self.latency_from(key, zone, purpose));
        way(THERE) + if frame.leg == Leg::Back { way(BACK) } else { Span::ZERO }
    }

    /// How long a message between a frame's caller and its replica takes.
    fn latency(&self, key: FrameKey, purpose: u64) -> Span {
        if self.model.system.network.is_instant() { Span::ZERO } else { self.latency_on_the_way(key, purpose) }
    }

    #[inline(never)]
    fn latency_on_the_way(&self, key: FrameKey, purpose: u64) -> Span {
        let frame = self.frame(key);
        let Some(caller) = self.zone_of_caller(frame.origin, frame.caller) else { return Span::ZERO };
        self.latency_from(key, caller, purpose)
    }

    fn latency_from(&self, key: FrameKey, caller: ZoneId, purpose: u64) -> Span {
        let law = self.model.system.network.latency(caller, self.frame(key).zone);
        self.sample(law, self.draw(key, purpose))
    }

    /// A frame whose process is gone: it waits for nothing any more, and only its answer is still to come. What
    /// knew it by its key has lost it, but for its caller.
    pub(crate) fn cut_off(&mut self, key: FrameKey) -> FrameKey {
        if self.model.system.network.is_instant() {
            return key; // its answer is there at once
        }
        let frame = self.frames.remove(key).expect("it is there to be cut off");
        self.end_fetches(key);
        let (caller, twin) = (frame.caller, frame.twin);
        let asked = match caller {
            Caller::Branch(attempt) => self.first_sent(attempt, frame.path, frame.began),
            Caller::Root | Caller::Gone(_) => frame.began,
        };
        let remains = self.frames.insert(frame);
        if let Some(twin) = twin.and_then(|twin| self.frames.get_mut(twin)) {
            twin.twin = Some(remains);
        }
        let patience = self.patience(caller, asked);
        self.set_timeout(remains, &patience);
        remains
    }
}
