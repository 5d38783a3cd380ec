//! The network: requests on their way to a replica, and answers on their way back.
//!
//! A request is in flight at its replica from the moment it is sent, for that is what its balancer counts; it
//! arrives one latency later, and may find the queue full, or the replica gone. What has been done leaves the
//! replica at once, and its answer arrives another latency later. Where messages take no time there is no event:
//! they arrive as they are sent.
//!
//! What the network loses never arrives. Its caller hears nothing until it stops waiting; nobody waits for ever for a
//! network. A request that was lost is no request at its replica, but was sent there.

use super::requests::{Caller, FrameKey, Leg, OriginKey};
use crate::event::Event;
use crate::fact::Cause;
use crate::world::World;
use model::fault::{End, NetworkTrouble};
use model::id::{FaultId, ZoneId, mix};
use model::time::Span;

/// Purposes of draws.
const THERE: u64 = 0x0074_6865_7265;
const BACK: u64 = 0x6261_636b;
const LOST: u64 = 0x6c6f_7374;
const WHERE: u64 = 0x0077_6865_7265;

/// When whoever waits for ever gives up what was lost: with `tcp_syn_retries` of 6, the default of Linux, after 1 + 2 +
/// 4 + 8 + 16 + 32 + 64 s.
pub(crate) const GIVEN_UP: Span = Span::from_secs(127);

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
        match self.latency(key, THERE) {
            Some(Span::ZERO) => self.runnable.push(key),
            way => self.send_off(key, way),
        }
    }

    /// A request is on its way for so long, or for ever.
    #[inline(never)]
    fn send_off(&mut self, key: FrameKey, way: Option<Span>) {
        let lost = way.is_none().then(|| self.failure(key, Cause::Lost));
        let frame = self.frame_mut(key);
        frame.leg = Leg::There;
        frame.failure = lost.or(frame.failure);
        self.schedule(way.unwrap_or(GIVEN_UP), Event::Deliver(key));
    }

    /// A request arrives at its replica, if that still runs.
    pub(crate) fn deliver(&mut self, key: FrameKey) {
        let Some(frame) = self.frames.get_mut(key) else { return };
        if frame.is_lost() {
            return self.give_up_request(key);
        }
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

    /// How long an answer is on its way; none comes, where it is lost.
    pub(crate) fn way_back(&self, key: FrameKey) -> Option<Span> {
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
        let both = way(THERE) + if frame.leg == Leg::Back { way(BACK) } else { Span::ZERO };
        both.min(self.now.since(frame.began)) // what holds messages up now may not have done so then
    }

    /// How long a message between a frame's caller and its replica takes; none arrives, where it is lost.
    fn latency(&self, key: FrameKey, purpose: u64) -> Option<Span> {
        if self.model.system.network.is_instant() { Some(Span::ZERO) } else { self.latency_on_the_way(key, purpose) }
    }

    #[inline(never)]
    fn latency_on_the_way(&self, key: FrameKey, purpose: u64) -> Option<Span> {
        let frame = self.frame(key);
        let Some(caller) = self.zone_of_caller(frame.origin, frame.caller) else { return Some(Span::ZERO) };
        let is_lost = self.model.system.network.is_troubled() && self.loses(key, caller, purpose);
        (!is_lost).then(|| self.latency_from(key, caller, purpose))
    }

    fn latency_from(&self, key: FrameKey, caller: ZoneId, purpose: u64) -> Span {
        let network = &self.model.system.network;
        let law = network.latency(caller, self.frame(key).zone);
        let way = self.sample(law, self.draw(key, purpose));
        if network.is_troubled() { way + self.held_up(key, caller, purpose) } else { way }
    }

    /// What the network does now on the way of a frame's messages.
    fn on_its_way(&self, key: FrameKey, caller: ZoneId) -> impl Iterator<Item = (FaultId, NetworkTrouble)> + '_ {
        let (frame, system) = (self.frame(key), &self.model.system);
        let service = match frame.caller {
            Caller::Branch(attempt) => self.frames.get(attempt.parent).map(|parent| parent.endpoint),
            Caller::Root | Caller::Gone(_) => None,
        };
        let service_of = |endpoint| system.endpoint(endpoint).service;
        let caller = End { zone: caller, service: service.map(service_of) };
        let callee = End { zone: frame.zone, service: Some(service_of(frame.endpoint)) };
        let troubles = self.control.network_troubles(system);
        let own = troubles.filter(move |(_, way, _)| way.leads(caller, callee, system));
        own.map(|(fault, _, trouble)| (fault, trouble))
    }

    /// Whether the network loses a message. Which calls lose one is drawn once for both ways: the more are lost, the
    /// more besides those.
    fn loses(&self, key: FrameKey, caller: ZoneId, purpose: u64) -> bool {
        let (chance, goes_there) = (self.draw(key, LOST), self.draw(key, WHERE) & 1 == 0);
        self.on_its_way(key, caller).any(|(_, trouble)| match trouble {
            NetworkTrouble::Cut => true,
            NetworkTrouble::Drop(share) => share.admits(chance) && goes_there == (purpose == THERE),
            NetworkTrouble::Delay(_) => false,
        })
    }

    /// How much longer a message takes than it would.
    fn held_up(&self, key: FrameKey, caller: ZoneId, purpose: u64) -> Span {
        let delays = self.on_its_way(key, caller).filter_map(|(fault, trouble)| {
            let NetworkTrouble::Delay(law) = trouble else { return None };
            let name = self.model.system.fault(fault).name.hash();
            Some(self.sample(law, self.draw(key, mix(purpose ^ name))))
        });
        delays.fold(Span::ZERO, |all, one| all + one)
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
