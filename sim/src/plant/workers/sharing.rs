//! Processor sharing: all requests at a replica are worked on at once.
//!
//! With c workers and n requests at work each gets min(1, c/n) of a worker. What every one of them has got by
//! now is the same, so a single number, the *share*, says how far all of them are: a request that comes when
//! it is V with work S is done when it is V + S. An arrival or an end is a step in a tree, whatever n.
//!
//! The share is counted in fractions of a nanosecond by the replica's own clock, so faults and breakdowns slow
//! it down like everything else. Rounding is down, and never more than one fraction per change of n.

use crate::event::Event;
use crate::plant::fleet::ReplicaKey;
use crate::plant::requests::FrameKey;
use crate::world::World;
use model::time::{Span, Time};
use std::collections::BTreeMap;

/// Fractions in a nanosecond, as a power of two: with 366 days and a million workers, products stay below 2^128.
const FRACTION_BITS: u32 = 20;

/// The requests that share the workers of a replica.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sharing {
    /// By the share at which they are done; those of the same in the order in which they came.
    at_work: BTreeMap<(u128, u64), FrameKey>,
    /// What each of them has got since the replica began, in fractions.
    share: u128,
    /// When that was so, by the clock of the replica.
    told: Time,
    /// Requests that have come so far.
    came: u64,
    /// When an event is pending that looks who is done, the earliest last. One that comes too early does
    /// nothing; a later one is left for later.
    alarms: Vec<Time>,
}

impl Sharing {
    /// What one at work takes, in bytes.
    pub(crate) const ENTRY_BYTES: u64 = size_of::<((u128, u64), FrameKey)>() as u64;

    /// Lets the share grow up to `clock`.
    fn advance(&mut self, clock: Time, workers: u32) {
        let worked = u128::from(clock.since(self.told).nanos()) << FRACTION_BITS;
        self.told = clock;
        if let Some((crowd, workers)) = self.crowd(workers) {
            self.share += worked.saturating_mul(workers) / crowd;
        }
    }

    /// How many are at work, and how many workers they share.
    fn crowd(&self, workers: u32) -> Option<(u128, u128)> {
        let crowd = self.at_work.len() as u128;
        (crowd > 0).then(|| (crowd, crowd.min(u128::from(workers))))
    }

    /// One more is at work.
    fn begin(&mut self, frame: FrameKey, work: Span) {
        let due = self.share + (u128::from(work.nanos()) << FRACTION_BITS);
        self.at_work.insert((due, self.came), frame);
        self.came += 1;
    }

    /// Nobody is at work any more.
    pub(super) fn put_down(&mut self) {
        self.at_work.clear();
    }

    /// Takes out one that is done.
    fn take_done(&mut self) -> Option<FrameKey> {
        let first = self.at_work.first_entry().filter(|first| first.key().0 <= self.share)?;
        Some(first.remove())
    }

    /// Takes out one that is not done.
    fn take(&mut self, frame: FrameKey) {
        self.at_work.retain(|_, other| *other != frame);
    }

    /// What the replica's clock shows when the next one is done, if nobody comes meanwhile; rounded up.
    fn next_done(&self, workers: u32) -> Option<Time> {
        let (crowd, workers) = self.crowd(workers)?;
        let ((due, _), _) = self.at_work.first_key_value()?;
        let missing = due.saturating_sub(self.share).saturating_mul(crowd);
        let takes = missing.div_ceil(workers << FRACTION_BITS);
        Some(self.told + Span::from_nanos(u64::try_from(takes).unwrap_or(u64::MAX)))
    }
}

impl World {
    /// A request shares the workers of its replica from now on.
    pub(super) fn share_workers(&mut self, home: ReplicaKey, key: FrameKey, work: Span) {
        let replica = self.fleet.replicas.get_mut(home).expect("frames die with their replica");
        let takes = replica.takes(work, self.model.system.service(replica.service), self.now);
        replica.engage(self.now);
        self.with_shares(home, |sharing| sharing.begin(key, takes));
        self.set_alarm(home);
    }

    /// A request that shares the workers of its replica is stopped: the others have more of them.
    pub(super) fn stop_sharing(&mut self, home: ReplicaKey, key: FrameKey) {
        self.with_shares(home, |sharing| sharing.take(key));
        self.fleet.replicas.get_mut(home).expect("its workers are shared").release(self.now);
        self.set_alarm(home);
    }

    /// Whoever is done goes on; the others have more of the workers. Nothing is rounded when nobody is done yet.
    pub(crate) fn look_who_is_done(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        replica.sharing.alarms.pop();
        let workers = replica.workers;
        if replica.sharing.next_done(workers).is_some_and(|next| next <= replica.clock.read(self.now)) {
            self.let_go_on(key);
        }
        self.set_alarm(key);
    }

    fn let_go_on(&mut self, key: ReplicaKey) {
        while let Some(done) = self.with_shares(key, Sharing::take_done) {
            self.fleet.replicas.get_mut(key).expect("its workers are shared").release(self.now);
            self.runnable.push(done);
        }
    }

    /// Does something with the shares of a replica as they are now.
    fn with_shares<R>(&mut self, key: ReplicaKey, act: impl FnOnce(&mut Sharing) -> R) -> R {
        let replica = self.fleet.replicas.get_mut(key).expect("frames die with their replica");
        let workers = replica.workers;
        replica.sharing.advance(replica.clock.read(self.now), workers);
        act(&mut replica.sharing)
    }

    /// So many workers are shared from now on.
    pub(super) fn share_among(&mut self, key: ReplicaKey, workers: u32) {
        self.with_shares(key, |_| ());
        self.fleet.replicas.get_mut(key).expect("its workers are shared").workers = workers;
        self.set_alarm(key);
    }

    /// Has somebody look when the next one is done, unless somebody looks before anyway.
    pub(super) fn set_alarm(&mut self, key: ReplicaKey) {
        let replica = self.fleet.replicas.get_mut(key).expect("its workers are shared");
        let workers = replica.workers;
        let next = replica.sharing.next_done(workers);
        let Some(wait) = next.and_then(|next| replica.clock.wait(self.now, next)) else { return };
        let (alarms, when) = (&mut replica.sharing.alarms, self.now + wait);
        if alarms.last().is_none_or(|earliest| when < *earliest) {
            alarms.push(when);
            self.schedule(wait, Event::Shared(key));
        }
    }
}
