//! The steps of a program that need no other endpoint: work, branches, defects, effects.

use super::{Flow, FrameKey};
use crate::event::Event;
use crate::fact::{Cause, Fact};
use crate::kernel::variate;
use crate::plant::fleet::ReplicaKey;
use crate::plant::jobs::JobKey;
use crate::world::World;
use model::id::{DefectId, EffectId};
use model::law::Law;
use model::program::{Op, Test};

/// Purposes of draws: the n-th work step of a frame draws for `WORK + n`; a defect for the hash of its name.
const WORK: u64 = 0;

impl World {
    pub(super) fn branch(&mut self, key: FrameKey, test: Test, skip: u16) -> Flow {
        let holds = match test {
            Test::Class(classes) => classes.has(self.class_of(key)),
            Test::Flag(flag) => self.frame(key).flags.has(flag),
        };
        if !holds {
            self.frame_mut(key).at += skip;
        }
        Flow::Next
    }

    /// Takes a worker now, or queues for one.
    pub(super) fn seek_worker(&mut self, key: FrameKey, law: Law) -> Flow {
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

    pub(super) fn work(&mut self, key: FrameKey, law: Law) {
        let frame = self.frame_mut(key);
        let index = u64::from(frame.worked);
        frame.worked += 1;
        let word = self.draw(key, WORK + index);
        self.schedule(variate::draw(law, word), Event::Finish(key));
    }

    /// A worker is done: the next in the queue gets it, and the frame goes on.
    pub(crate) fn finish(&mut self, key: FrameKey) {
        let Some(frame) = self.frames.get(key) else { return };
        let replica = frame.replica;
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
    pub(super) fn law_waited_for(&self, key: FrameKey) -> Law {
        let frame = self.frame(key);
        match self.model.system.program(frame.version, frame.endpoint).ops[usize::from(frame.at) - 1] {
            Op::Work(law) => law,
            _ => unreachable!("only work steps queue for a worker"),
        }
    }

    /// A defect strikes, or does not.
    pub(super) fn strike(&mut self, key: FrameKey, id: DefectId) -> Flow {
        let class = self.class_of(key);
        let defect = self.model.system.defect(id);
        let luck = self.draw(key, defect.name.hash());
        if !(defect.classes.has(class) && defect.share.admits(luck)) {
            return Flow::Next;
        }
        if !defect.crashes {
            return self.fail(key, Cause::Defect(id));
        }
        self.crash(self.frame(key).replica, id); // this frame has ended with the others
        Flow::Wait
    }

    pub(crate) fn fail(&self, key: FrameKey, cause: Cause) -> Flow {
        Flow::End(Some(self.failure(key, cause)))
    }

    /// Does something outside the system: once, unless a retry does it again.
    pub(super) fn cause(&mut self, key: FrameKey, effect: EffectId) -> Flow {
        let (origin, version) = (self.frame(key).origin, self.frame(key).version);
        let bit = 1 << effect.index();
        let origin = self.origins.get_mut(origin).expect("its frames hold it");
        let again = origin.effects & bit != 0;
        origin.effects |= bit;
        let (late, job) = (origin.failed && !again, origin.job);
        let repeated = again && !self.model.system.effect(effect).idempotent;
        self.report(Fact::Effect { effect, version, repeated });
        if late {
            self.effect_after_failure(job, bit);
        }
        Flow::Next
    }

    /// Late work does something outside after whoever asked was told that it failed: it has escaped, or, for a
    /// job, the next attempt would repeat it.
    fn effect_after_failure(&mut self, job: Option<JobKey>, bit: u32) {
        match job {
            Some(job) => self.remember_effect(job, bit),
            None => self.report(Fact::Escaped { effects: bit }),
        }
    }
}
