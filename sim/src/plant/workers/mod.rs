//! Workers: who works on what, and when it is done.
//!
//! A replica has so many workers. What is at work is done when the replica's own [`clock`] says so, so a
//! replica that slows down, stands still or goes on loses nothing ([`pace`]). First come, first served, or all at
//! once ([`sharing`]).

pub(crate) mod clock;
pub(crate) mod pace;
pub(crate) mod sharing;

use crate::event::Event;
use crate::fact::Cause;
use crate::plant::fleet::{Replica, ReplicaKey};
use crate::plant::requests::{Flow, FrameKey};
use crate::world::World;
use model::law::Law;
use model::program::Op;
use model::system::Service;
use model::time::{Span, Time};
use model::workers::Discipline;

/// Purpose of draws: the n-th work step of a frame draws for `WORK + n`.
const WORK: u64 = 0;

impl Replica {
    /// Whether it takes no more requests: all workers are busy, and no place to wait is left. Where workers are
    /// shared nobody waits, and as many requests have room.
    pub(crate) fn is_full(&self, service: &Service) -> bool {
        let inside = u64::from(self.busy) + self.waiting.len() as u64;
        inside >= u64::from(service.concurrency) + u64::from(service.queue)
    }

    /// How long so much work takes at full speed, as warm as it is now. The replicas of the start are warm.
    fn takes(&self, work: Span, service: &Service, now: Time) -> Span {
        match service.warmup {
            Some(warmup) if self.ready_at > Time::ZERO => warmup.slowed(work, now.since(self.ready_at)),
            Some(_) | None => work,
        }
    }
}

impl World {
    /// Begins a piece of work, or queues for a worker.
    pub(crate) fn seek_worker(&mut self, key: FrameKey, law: Law) -> Flow {
        let service = self.model.system.endpoint(self.frame(key).endpoint).service;
        let Service { discipline, concurrency, .. } = *self.model.system.service(service);
        match discipline {
            Discipline::FirstComeFirstServed => self.take_worker(key, law, concurrency),
            Discipline::ProcessorSharing => self.share_workers(key, law),
        }
        Flow::Wait
    }

    /// Takes a worker now, or queues for one.
    fn take_worker(&mut self, key: FrameKey, law: Law, workers: u32) {
        let replica = self.frame(key).replica;
        let taker = self.fleet.replicas.get_mut(replica).expect("frames die with their replica");
        if taker.busy < workers {
            taker.engage(self.now);
            self.work(key, law);
        } else {
            taker.waiting.push_back(key);
        }
    }

    /// A worker begins a piece of work.
    fn work(&mut self, key: FrameKey, law: Law) {
        let drawn = self.next_work(key, law);
        let frame = self.frames.get_mut(key).expect("driven frames are alive");
        let replica = self.fleet.replicas.get(frame.replica).expect("frames die with their replica");
        let takes = replica.takes(drawn, self.model.system.service(replica.service), self.now);
        frame.due = replica.clock.read(self.now) + takes;
        let wait = replica.clock.wait(self.now, frame.due);
        self.schedule_finish(key, wait);
    }

    /// How much work the next step of a frame is.
    fn next_work(&mut self, key: FrameKey, law: Law) -> Span {
        let frame = self.frame_mut(key);
        let index = u64::from(frame.worked);
        frame.worked += 1;
        self.sample(law, self.draw(key, WORK + index))
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
            if !drops || !self.is_expired(next) {
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
}
