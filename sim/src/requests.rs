//! Requests: a tree of plain frames, one per endpoint asked, each running its static program.
//!
//! A frame waits for a worker only during a work step; while it waits for the endpoints it called it
//! holds none. A caller that stops waiting lets go of its callee, which works on: late work still
//! consumes capacity. Frames that can go on are put on a list and driven from one loop, so a chain
//! of answers never grows the stack.

use crate::event::{Attempt, Event};
use crate::fact::{Cause, Fact, Failure, Served};
use crate::fleet::{Phase, ReplicaKey};
use crate::jobs::JobKey;
use crate::kernel::slab::Key;
use crate::kernel::variate;
use crate::stores::RecordRef;
use crate::world::World;
use model::id::{ClassId, DefectId, EffectId, EndpointId, VersionId, mix};
use model::law::Law;
use model::program::{FlagSet, Op, Test};
use model::time::{Span, Time};

/// A frame, for as long as it lives.
pub(crate) type FrameKey = Key<Frame>;
/// A request tree, for as long as a frame of it lives.
pub(crate) type OriginKey = Key<Origin>;

/// One endpoint at work on one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) origin: OriginKey,
    pub(crate) caller: Caller,
    pub(crate) endpoint: EndpointId,
    pub(crate) version: VersionId,
    pub(crate) replica: ReplicaKey,
    /// Flags as the process saw them when the request came in.
    pub(crate) flags: FlagSet,
    /// The next operation.
    pub(crate) at: u16,
    /// Work steps done: the index of the next one's draw.
    pub(crate) worked: u16,
    /// Where in the request tree this is: random draws are indexed by it.
    pub(crate) path: u64,
    /// Branches of the current fork still out.
    pub(crate) pending: u16,
    pub(crate) failure: Option<Failure>,
    /// The record at hand.
    pub(crate) subject: Option<RecordRef>,
    /// Something on the way was misread.
    pub(crate) wrong: bool,
    pub(crate) began: Time,
}

/// What all frames of a request have in common.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Origin {
    /// Hash of the name of the traffic source it goes back to, with the seed: the stream of its draws.
    pub(crate) stream: crate::kernel::stream::StreamKey,
    /// Which arrival of that source.
    pub(crate) index: u64,
    pub(crate) class: ClassId,
    /// Deferred work, if that is what this is.
    pub(crate) job: Option<JobKey>,
    /// Effects already out, as bits.
    pub(crate) effects: u32,
    /// Frames alive.
    holders: u32,
}

/// Who waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Whoever sent the request in the first place: a customer, or the job runner.
    Root,
    /// A branch of another frame's fork.
    Branch(Attempt),
    /// Nobody any more.
    Gone,
}

/// What a frame is about to be: everything known before a replica is chosen.
pub(crate) struct Ask {
    pub(crate) origin: OriginKey,
    pub(crate) caller: Caller,
    pub(crate) endpoint: EndpointId,
    pub(crate) path: u64,
    pub(crate) subject: Option<RecordRef>,
}

/// How a frame ended.
#[derive(Clone, Copy)]
struct Answer {
    failure: Option<Failure>,
    wrong: bool,
    subject: Option<RecordRef>,
}

/// What driving a frame by one operation led to.
pub(crate) enum Flow {
    /// The next operation can go on at once.
    Next,
    /// It waits for a worker, a clock or an answer.
    Wait,
    /// It has come to its end.
    End(Option<Failure>),
}

impl Origin {
    pub(crate) fn new(stream: crate::kernel::stream::StreamKey, index: u64, class: ClassId) -> Self {
        Origin { stream, index, class, job: None, effects: 0, holders: 0 }
    }
}

impl World {
    /// Sends a request to a replica of the endpoint's service, if one will take it.
    pub(crate) fn ask(&mut self, ask: Ask) {
        let service = self.model.system.endpoint(ask.endpoint).service;
        let Some(replica) = self.fleet.pool_mut(service).next() else {
            return self.turn_away(&ask, Cause::NoReplica, None);
        };
        let limits = self.model.system.service(service);
        let (concurrency, queue) = (limits.concurrency, limits.queue as usize);
        let taker = self.fleet.replicas.get_mut(replica).expect("the pool lists the living");
        let version = taker.version;
        if taker.busy >= concurrency && taker.waiting.len() >= queue {
            return self.turn_away(&ask, Cause::Overloaded, Some(version));
        }
        taker.in_flight += 1;
        let flags = taker.flags;
        self.hold_origin(ask.origin);
        let frame = self.frames.insert(Frame {
            origin: ask.origin,
            caller: ask.caller,
            endpoint: ask.endpoint,
            version,
            replica,
            flags,
            at: 0,
            worked: 0,
            path: ask.path,
            pending: 0,
            failure: None,
            subject: ask.subject,
            wrong: false,
            began: self.now,
        });
        self.runnable.push_back(frame);
        self.set_timeout(frame, ask.caller);
    }

    /// Starts the caller's clock on one attempt.
    fn set_timeout(&mut self, frame: FrameKey, caller: Caller) {
        let Caller::Branch(attempt) = caller else { return };
        let Some(parent) = self.frames.get(attempt.parent) else { return };
        let program = self.model.system.program(parent.version, parent.endpoint);
        if let Some(timeout) = program.calls[usize::from(attempt.site)].timeout {
            self.schedule(timeout, Event::Expire(frame));
        }
    }

    /// Nobody could take the request: an answer at once.
    fn turn_away(&mut self, ask: &Ask, cause: Cause, version: Option<VersionId>) {
        let failure = Some(Failure { cause, endpoint: ask.endpoint, version });
        let class = self.origins.get(ask.origin).expect("its asker holds it").class;
        let outside = self.is_outside(ask.origin, ask.caller);
        self.report(Fact::Served(Served {
            endpoint: ask.endpoint,
            version,
            class,
            took: Span::ZERO,
            failure,
            wrong: false,
            outside,
        }));
        self.answer(ask.origin, ask.caller, Answer { failure, wrong: false, subject: ask.subject });
    }

    fn is_outside(&self, origin: OriginKey, caller: Caller) -> bool {
        caller == Caller::Root && self.origins.get(origin).is_some_and(|origin| origin.job.is_none())
    }

    /// Drives everything that can go on, until it waits or ends.
    pub(crate) fn drive(&mut self) {
        while let Some(frame) = self.runnable.pop_front() {
            loop {
                match self.advance(frame) {
                    Flow::Next => {}
                    Flow::Wait => break,
                    Flow::End(failure) => {
                        self.end(frame, failure);
                        break;
                    }
                }
            }
        }
    }

    /// One operation of one frame.
    fn advance(&mut self, key: FrameKey) -> Flow {
        let Some(frame) = self.frames.get_mut(key) else { return Flow::Wait };
        let program = self.model.system.program(frame.version, frame.endpoint);
        let Some(op) = program.ops.get(usize::from(frame.at)).copied() else {
            return Flow::End(None);
        };
        frame.at += 1;
        match op {
            Op::Work(law) => self.seek_worker(key, law),
            Op::Calls { first, count } => self.fork(key, first, count),
            Op::Touch { first, count } => self.touch(key, first, count),
            Op::Defer(job) => self.defer_from(key, job),
            Op::Cause(effect) => self.cause(key, effect),
            Op::Fail(defect) => self.strike(key, defect),
            Op::Unless { test, skip } => self.branch(key, test, skip),
        }
    }

    fn branch(&mut self, key: FrameKey, test: Test, skip: u16) -> Flow {
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
    fn seek_worker(&mut self, key: FrameKey, law: Law) -> Flow {
        let replica = self.frame(key).replica;
        let service = self.model.system.endpoint(self.frame(key).endpoint).service;
        let workers = self.model.system.service(service).concurrency;
        let taker = self.fleet.replicas.get_mut(replica).expect("frames die with their replica");
        if taker.busy < workers {
            taker.busy += 1;
            self.work(key, law);
        } else {
            taker.waiting.push_back(key);
        }
        Flow::Wait
    }

    fn work(&mut self, key: FrameKey, law: Law) {
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
        let taker = self.fleet.replicas.get_mut(replica).expect("frames die with their replica");
        match taker.waiting.pop_front() {
            None => taker.busy -= 1,
            Some(next) => {
                let law = self.law_waited_for(next);
                self.work(next, law);
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

    fn fork(&mut self, key: FrameKey, first: u16, count: u16) -> Flow {
        self.frame_mut(key).pending = count;
        for site in first..first + count {
            self.attempt(Attempt { parent: key, site, number: 0 });
        }
        Flow::Wait
    }

    /// Makes one attempt of one branch.
    fn attempt(&mut self, attempt: Attempt) {
        let Some(parent) = self.frames.get(attempt.parent) else { return };
        let call = &self.model.system.program(parent.version, parent.endpoint).calls[usize::from(attempt.site)];
        let path = mix(parent.path ^ call.path).wrapping_add(u64::from(attempt.number));
        let ask = Ask {
            origin: parent.origin,
            caller: Caller::Branch(attempt),
            endpoint: call.endpoint,
            path: mix(path),
            subject: parent.subject,
        };
        self.ask(ask);
    }

    /// The back-off is over.
    pub(crate) fn retry(&mut self, attempt: Attempt) {
        self.attempt(attempt);
    }

    /// The caller stops waiting; the callee does not know.
    pub(crate) fn expire(&mut self, key: FrameKey) {
        let Some(frame) = self.frames.get_mut(key) else { return };
        let Caller::Branch(attempt) = frame.caller else { return };
        frame.caller = Caller::Gone;
        let failure = Some(Failure { cause: Cause::Timeout, endpoint: frame.endpoint, version: Some(frame.version) });
        self.branch_ended(attempt, Answer { failure, wrong: false, subject: None });
    }

    /// A defect strikes, or does not.
    fn strike(&mut self, key: FrameKey, id: DefectId) -> Flow {
        let class = self.class_of(key);
        let defect = self.model.system.defect(id);
        let luck = self.draw(key, defect.name.hash());
        if defect.classes.has(class) && defect.share.admits(luck) {
            return self.fail(key, Cause::Defect(id));
        }
        Flow::Next
    }

    pub(crate) fn fail(&self, key: FrameKey, cause: Cause) -> Flow {
        let frame = self.frame(key);
        Flow::End(Some(Failure { cause, endpoint: frame.endpoint, version: Some(frame.version) }))
    }

    /// Does something outside the system: once, unless a retry does it again.
    fn cause(&mut self, key: FrameKey, effect: EffectId) -> Flow {
        let (origin, version) = (self.frame(key).origin, self.frame(key).version);
        let bit = 1 << effect.index();
        let origin = self.origins.get_mut(origin).expect("its frames hold it");
        let again = origin.effects & bit != 0;
        origin.effects |= bit;
        let repeated = again && !self.model.system.effect(effect).idempotent;
        self.report(Fact::Effect { effect, version, repeated });
        Flow::Next
    }

    /// The end of a frame: its replica is free of it, its caller hears of it.
    fn end(&mut self, key: FrameKey, failure: Option<Failure>) {
        let frame = self.frames.remove(key).expect("a frame ends once");
        let class = self.origins.get(frame.origin).expect("its frames hold it").class;
        self.report(Fact::Served(Served {
            endpoint: frame.endpoint,
            version: Some(frame.version),
            class,
            took: self.now.since(frame.began),
            failure,
            wrong: frame.wrong && failure.is_none(),
            outside: self.is_outside(frame.origin, frame.caller),
        }));
        self.leave(frame.replica);
        self.answer(frame.origin, frame.caller, Answer { failure, wrong: frame.wrong, subject: frame.subject });
        self.release_origin(frame.origin);
    }

    /// One frame less on a replica; a draining one goes when it was the last.
    fn leave(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        replica.in_flight -= 1;
        if replica.in_flight == 0 && replica.phase == Phase::Draining {
            self.stop(key);
        }
    }

    /// Every frame on a replica that is gone fails; so does what waits for them.
    pub(crate) fn fail_all_on(&mut self, replica: ReplicaKey) {
        let lost: Vec<_> = self.frames.iter().filter(|(_, f)| f.replica == replica).map(|(key, _)| key).collect();
        for key in lost {
            if self.frames.get(key).is_none() {
                continue; // it failed with a callee on the same replica
            }
            let Flow::End(failure) = self.fail(key, Cause::Stopped) else { continue };
            self.end(key, failure);
        }
    }

    /// Brings an answer to whoever waits for it.
    fn answer(&mut self, origin: OriginKey, caller: Caller, answer: Answer) {
        match caller {
            Caller::Root => self.root_ended(origin, answer),
            Caller::Branch(attempt) => self.branch_ended(attempt, answer),
            Caller::Gone => {}
        }
    }

    fn root_ended(&mut self, key: OriginKey, answer: Answer) {
        let Some(origin) = self.origins.get(key) else { return };
        let (job, effects) = (origin.job, origin.effects);
        match job {
            Some(job) => self.job_ended(job, answer.failure, effects),
            None if answer.failure.is_some() && effects != 0 => self.report(Fact::Escaped { effects }),
            None => {}
        }
        if self.origins.get(key).is_some_and(|origin| origin.holders == 0) {
            self.origins.remove(key);
        }
    }

    /// One attempt of one branch came to an end: try again, or count it in.
    fn branch_ended(&mut self, attempt: Attempt, answer: Answer) {
        let Some(parent) = self.frames.get_mut(attempt.parent) else { return };
        let program = self.model.system.program(parent.version, parent.endpoint);
        let call = &program.calls[usize::from(attempt.site)];
        if answer.failure.is_some() && attempt.number < call.retries {
            let next = Attempt { number: attempt.number + 1, ..attempt };
            let backoff = call.backoff;
            return self.schedule(backoff, Event::Retry(next));
        }
        if !call.optional {
            parent.failure = parent.failure.or(answer.failure);
        }
        parent.wrong |= answer.wrong && answer.failure.is_none();
        parent.subject = parent.subject.or(answer.subject);
        self.join(attempt.parent);
    }

    /// One branch less is out; after the last the caller goes on, or fails.
    fn join(&mut self, key: FrameKey) {
        let frame = self.frame_mut(key);
        frame.pending -= 1;
        if frame.pending > 0 {
            return;
        }
        match frame.failure {
            None => self.runnable.push_back(key),
            failure => self.end(key, failure),
        }
    }

    fn hold_origin(&mut self, key: OriginKey) {
        self.origins.get_mut(key).expect("its asker holds it").holders += 1;
    }

    fn release_origin(&mut self, key: OriginKey) {
        let Some(origin) = self.origins.get_mut(key) else { return };
        origin.holders -= 1;
        if origin.holders == 0 {
            self.origins.remove(key);
        }
    }

    /// A random word of a frame, for one purpose: indexed by source, arrival and call path.
    pub(crate) fn draw(&self, key: FrameKey, purpose: u64) -> u64 {
        let frame = self.frame(key);
        let origin = self.origins.get(frame.origin).expect("its frames hold it");
        origin.stream.word(origin.index, mix(frame.path ^ mix(purpose)))
    }

    pub(crate) fn class_of(&self, key: FrameKey) -> ClassId {
        self.origins.get(self.frame(key).origin).expect("its frames hold it").class
    }

    pub(crate) fn frame(&self, key: FrameKey) -> &Frame {
        self.frames.get(key).expect("driven frames are alive")
    }

    pub(crate) fn frame_mut(&mut self, key: FrameKey) -> &mut Frame {
        self.frames.get_mut(key).expect("driven frames are alive")
    }
}

/// Purposes of draws; defects use the hash of their name.
const WORK: u64 = 0;
