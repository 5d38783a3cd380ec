//! Workers: who works on what, and when it is done.
//!
//! A replica has so many workers. What is at work is done when the replica's own [`clock`] says so, so a
//! replica that slows down, stands still or goes on loses nothing. First come, first served unless the service
//! says otherwise.

pub(crate) mod clock;

use crate::event::Event;
use crate::fact::Cause;
use crate::kernel::variate;
use crate::plant::fleet::ReplicaKey;
use crate::plant::requests::{Caller, Flow, FrameKey};
use crate::world::World;
use model::law::Law;
use model::program::Op;
use model::ratio::Ratio;
use model::time::{Span, Time};

/// Purpose of draws: the n-th work step of a frame draws for `WORK + n`.
const WORK: u64 = 0;

impl World {
    /// Takes a worker now, or queues for one.
    pub(crate) fn seek_worker(&mut self, key: FrameKey, law: Law) -> Flow {
        let replica = self.frame(key).replica;
        let service = self.model.system.endpoint(self.frame(key).endpoint).service;
        let workers = self.model.system.service(service).concurrency;
        let taker = self.fleet.replicas.get_mut(replica).expect("frames die with their replica");
        if taker.busy < workers {
            taker.engage(self.now);
            self.work(key, law);
        } else {
            taker.waiting.push_back(key);
        }
        Flow::Wait
    }

    /// A worker begins a piece of work.
    fn work(&mut self, key: FrameKey, law: Law) {
        let amount = self.amount(key, law);
        let now = self.now;
        let frame = self.frame(key);
        let clock = self.fleet.replicas.get(frame.replica).expect("frames die with their replica").clock;
        let due = clock.read(now) + amount;
        self.frame_mut(key).due = due;
        self.schedule_finish(key, clock.wait(now, due));
    }

    /// How much work the next step of a frame is.
    fn amount(&mut self, key: FrameKey, law: Law) -> Span {
        let frame = self.frame_mut(key);
        let index = u64::from(frame.worked);
        frame.worked += 1;
        variate::draw(law, self.draw(key, WORK + index))
    }

    fn schedule_finish(&mut self, key: FrameKey, wait: Option<Span>) {
        if let Some(wait) = wait {
            self.schedule(wait, Event::Finish(key));
        }
    }

    /// A worker is done, unless the replica has been slowed down since: the next in the queue gets it, and
    /// the frame goes on.
    pub(crate) fn finish(&mut self, key: FrameKey) {
        let Some(frame) = self.frames.get_mut(key) else { return };
        let replica = frame.replica;
        let clock = self.fleet.replicas.get(replica).expect("frames die with their replica").clock;
        if clock.read(self.now) < frame.due {
            return;
        }
        frame.due = Time::MAX;
        self.runnable.push_back(key);
        match self.next_waiting(replica) {
            None => self.fleet.replicas.get_mut(replica).expect("frames die with their replica").release(self.now),
            Some(next) => {
                let law = self.law_waited_for(next);
                self.work(next, law);
            }
        }
    }

    /// The next frame in a replica's queue that somebody waits for, where the others are dropped.
    fn next_waiting(&mut self, key: ReplicaKey) -> Option<FrameKey> {
        loop {
            let replica = self.fleet.replicas.get_mut(key)?;
            let next = replica.waiting.pop_front()?;
            let drops = self.model.system.service(replica.service).drops_expired;
            if !drops || self.frame(next).caller != Caller::Gone {
                return Some(next);
            }
            if let Flow::End(failure) = self.fail(next, Cause::Expired) {
                self.end(next, failure);
            }
        }
    }

    /// The law of the work step a queued frame waits to begin.
    fn law_waited_for(&self, key: FrameKey) -> Law {
        let frame = self.frame(key);
        match self.model.system.program(frame.version, frame.endpoint).ops[usize::from(frame.at) - 1] {
            Op::Work(law) => law,
            _ => unreachable!("only work steps queue for a worker"),
        }
    }

    /// Lets a replica work at the pace it is to have now; what is at work keeps what it has left.
    pub(crate) fn pace_changed(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get(key) else { return };
        let pace = self.pace_of(replica.service);
        let now = self.now;
        let replica = self.fleet.replicas.get_mut(key).expect("looked at above");
        if replica.clock.set_pace(now, pace) {
            self.reschedule(key);
        }
    }

    fn pace_of(&self, service: model::id::ServiceId) -> Ratio {
        self.control.pace(&self.model.system, service)
    }

    /// Says anew when what is at work on a replica will be done, in an order that is not that of the slab.
    fn reschedule(&mut self, key: ReplicaKey) {
        let clock = self.fleet.replicas.get(key).expect("its pace has changed").clock;
        let at_work = self.frames.iter().filter(|(_, frame)| frame.replica == key && frame.due < Time::MAX);
        let mut at_work: Vec<_> = at_work.map(|(key, frame)| (frame.due, frame.began, frame.path, key)).collect();
        at_work.sort();
        for (due, _, _, frame) in at_work {
            self.schedule_finish(frame, clock.wait(self.now, due));
        }
    }
}
