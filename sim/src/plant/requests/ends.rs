//! Ends: a frame is over, its replica is free of it, whoever waits hears of it.

use super::contracts::Heard;
use super::{Answer, Asker, Caller, Frame, FrameKey, Leg, OriginKey};
use crate::event::Event;
use crate::fact::{Cause, Failure, Served};
use crate::kernel::stream::StreamKey;
use crate::plant::fleet::{Phase, ReplicaKey};
use crate::plant::network::GIVEN_UP;
use crate::world::World;
use model::time::{Span, Time};

impl World {
    /// The end of a frame: its replica is free of it, its answer goes to its caller.
    pub(crate) fn end(&mut self, key: FrameKey, failure: Option<&Failure>) {
        if let Some(failure) = failure {
            self.abandon_saga(key, *failure);
        }
        match self.way_back(key) {
            Some(Span::ZERO) => self.close(key, failure),
            Some(way) => self.send_back(key, failure, way),
            None => {
                let lost = self.failure(key, Cause::Lost);
                self.send_back(key, Some(&lost), GIVEN_UP);
            }
        }
    }

    /// A request never arrived, and nobody waits for its answer any more: its replica knows nothing of it.
    #[inline(never)]
    pub(crate) fn give_up_request(&mut self, key: FrameKey) {
        let &Frame { origin, caller, replica, twin, endpoint, began, path, .. } = self.frame(key);
        let failure = Failure { version: None, ..self.failure(key, Cause::Lost) };
        let asked_by = self.origins.get(origin).expect("its frames hold it");
        let served = Served {
            endpoint,
            version: None,
            class: asked_by.class,
            misled: asked_by.misled,
            took: self.now.since(began),
            travelled: Span::ZERO,
            failure: Some(failure),
            wrong: false,
            outside: self.is_outside(origin, caller),
            undelivered: self.is_delivery(origin, caller),
        };
        self.frames.discard(key);
        self.report_end(served);
        self.leave(replica);
        let caller = twin.map_or(caller, |twin| self.settle_pair(origin, caller, twin, true));
        let answer = Answer { asked: began, path, place: None, failure: Some(failure), wrong: false, subject: None };
        self.answer(origin, caller, &answer);
        self.release_origin(origin);
    }

    /// An answer is on its way for so long.
    #[inline(never)]
    fn send_back(&mut self, key: FrameKey, failure: Option<&Failure>, way: Span) {
        let frame = self.frame_mut(key);
        frame.leg = Leg::Back;
        frame.failure = failure.copied();
        let replica = frame.replica;
        self.schedule(way, Event::Reply(key));
        self.leave(replica);
    }

    /// The answer of a frame is where it was asked, and the frame is gone.
    pub(crate) fn close(&mut self, key: FrameKey, failure: Option<&Failure>) {
        if failure.is_none() && self.model.door(self.frame(key).endpoint).has_contract {
            let heard = self.hear_answer(key);
            self.close_heard(key, None, heard);
        } else {
            self.close_heard(key, failure, Heard::default());
        }
    }

    /// The same when it is known how the answer is heard. Most have no contract, and carry nothing of that around.
    #[inline(always)]
    fn close_heard(&mut self, key: FrameKey, failure: Option<&Failure>, heard: Heard) {
        let travelled = self.travelled(key);
        let frame = self.frame(key);
        let (origin, caller, replica, leg, twin) = (frame.origin, frame.caller, frame.replica, frame.leg, frame.twin);
        let (outside, wrong) = (self.is_outside(origin, caller), frame.is_wrong() | heard.wrong);
        let answered = failure.or(heard.failure.as_ref());
        // Clients outside report nothing of their own: what they cannot read is told where they asked.
        let (failure, known) = if outside { (answered, wrong) } else { (failure, frame.is_wrong()) };
        let answer = Answer {
            asked: frame.began,
            path: frame.path,
            place: Some(frame.place()),
            failure: answered.copied(),
            wrong,
            subject: frame.subject,
        };
        let asked_by = self.origins.get(origin).expect("its frames hold it");
        let served = Served {
            endpoint: frame.endpoint,
            version: Some(frame.version),
            class: asked_by.class,
            misled: asked_by.misled,
            took: self.now.since(frame.began),
            travelled,
            failure: failure.copied(),
            wrong: known && failure.is_none(),
            outside,
            undelivered: failure.is_some() && self.is_delivery(origin, caller),
        };
        self.frames.discard(key);
        self.end_fetches(key);
        self.report_end(served);
        if leg == Leg::At {
            self.leave(replica);
        }
        let caller = twin.map_or(caller, |twin| self.settle_pair(origin, caller, twin, answered.is_some()));
        self.answer(origin, caller, &answer);
        self.release_origin(origin);
    }

    /// What a frame fails of.
    pub(crate) fn failure(&self, key: FrameKey, cause: Cause) -> Failure {
        let frame = self.frame(key);
        Failure { cause, endpoint: frame.endpoint, version: Some(frame.version) }
    }

    /// One frame less on a replica; a draining one goes when it was the last.
    pub(super) fn leave(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        replica.in_flight -= 1;
        // Few are draining, which is foreseen; whether it was the last at a quiet replica is not.
        if replica.phase == Phase::Draining && replica.in_flight == 0 {
            self.stop(key);
        }
    }

    /// Every frame at a replica that is gone, or out of reach, fails; so does what waits for them. Those on their way
    /// find out when they arrive.
    pub(crate) fn fail_all_on(&mut self, replica: ReplicaKey, cause: Cause) {
        let at_it = self.frames.iter().filter(|(_, frame)| frame.replica == replica && frame.leg == Leg::At);
        let mut lost: Vec<_> = at_it.map(|(key, frame)| (self.seniority(frame), key)).collect();
        lost.sort();
        for (_, key) in lost {
            if self.frames.get(key).is_none() {
                continue; // it failed with a callee on the same replica
            }
            let failure = self.failure(key, cause);
            let key = self.cut_off(key);
            self.end(key, Some(&failure));
        }
    }

    /// Orders the frames of a replica by when they were asked. Where they are in the slab depends on everything else
    /// in the world; this does not.
    pub(crate) fn seniority(&self, frame: &Frame) -> (Time, u64, StreamKey, u64) {
        let origin = self.origins.get(frame.origin).expect("its frames hold it");
        (frame.began, frame.path, origin.stream, origin.index)
    }

    /// Brings an answer to whoever waits for it.
    pub(super) fn answer(&mut self, origin: OriginKey, caller: Caller, answer: &Answer) {
        match caller {
            Caller::Root => self.root_ended(origin, answer),
            Caller::Branch(attempt) => self.branch_ended(attempt, answer),
            Caller::Gone(_) => {}
        }
    }

    #[inline(never)]
    pub(super) fn root_ended(&mut self, key: OriginKey, answer: &Answer) {
        let Some(origin) = self.origins.get_mut(key) else { return };
        origin.failed = answer.failure.is_some();
        let (asker, index, effects) = (origin.asker, origin.index, origin.effects);
        match asker {
            Asker::Job(job) => self.job_ended(job, answer.failure, effects),
            Asker::User(source) => self.think(source, index + 1),
            Asker::Background(job) => self.run_ended(job, answer.failure.is_some()),
            Asker::Group(group, lane) => self.delivered(group, lane, answer.failure, effects),
            Asker::Customer => {}
        }
        if answer.failure.is_some() && !asker.tries_again() {
            self.escape(key, effects.escaping(), answer);
        }
        if self.origins.get(key).is_some_and(|origin| origin.holders == 0) {
            self.origins.remove(key);
        }
    }

    pub(super) fn release_origin(&mut self, key: OriginKey) {
        let Some(origin) = self.origins.get_mut(key) else { return };
        origin.holders -= 1;
        if origin.holders == 0 {
            self.origins.remove(key);
        }
    }
}
