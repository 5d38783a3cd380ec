//! Calls: asking an endpoint, waiting, giving up, trying again.

use super::guards::{Guard, is_guarded};
use super::{Answer, Ask, Caller, Flow, Frame, FrameKey, Origin};
use crate::event::{Attempt, Event};
use crate::fact::{Cause, Fact, Failure, Served};
use crate::kernel::variate;
use crate::world::World;
use model::id::mix;
use model::program::{Backoff, CallSite};
use model::time::Span;

impl World {
    /// Sends a request to a replica of the endpoint's service, if one serves.
    pub(crate) fn ask(&mut self, ask: Ask) {
        let service = self.model.system.endpoint(ask.endpoint).service;
        let balancer = self.model.system.service(service).balancer;
        let origins = &self.origins;
        let luck = || balancing_word(origins.get(ask.origin).expect("its asker holds it"), ask.path);
        let Some(replica) = self.fleet.choose(service, balancer, luck) else {
            return self.turn_away(&ask);
        };
        let taker = self.fleet.replicas.get_mut(replica).expect("the pool lists the living");
        let version = taker.version;
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
    pub(super) fn set_timeout(&mut self, frame: FrameKey, caller: Caller) {
        let Caller::Branch(attempt) = caller else { return };
        let Some(parent) = self.frames.get(attempt.parent) else { return };
        let program = self.model.system.program(parent.version, parent.endpoint);
        if let Some(timeout) = program.calls[usize::from(attempt.site)].timeout {
            self.schedule_timeout(timeout, Event::Expire(frame));
        }
    }

    /// Nobody serves the request: an answer at once.
    fn turn_away(&mut self, ask: &Ask) {
        let failure = Some(Failure { cause: Cause::NoReplica, endpoint: ask.endpoint, version: None });
        let class = self.origins.get(ask.origin).expect("its asker holds it").class;
        let outside = self.is_outside(ask.origin, ask.caller);
        self.report(Fact::Served(Served {
            endpoint: ask.endpoint,
            version: None,
            class,
            took: Span::ZERO,
            failure,
            wrong: false,
            outside,
        }));
        self.answer(ask.origin, ask.caller, Answer { failure, wrong: false, subject: ask.subject });
    }

    pub(super) fn fork(&mut self, key: FrameKey, first: u16, count: u16) -> Flow {
        self.frame_mut(key).pending = count;
        for site in first..first + count {
            self.attempt(Attempt { parent: key, site, number: 0 });
        }
        Flow::Wait
    }

    /// Makes one attempt of one branch, unless the breaker is open.
    pub(super) fn attempt(&mut self, attempt: Attempt) {
        let Some(parent) = self.frames.get(attempt.parent) else { return };
        let call = &self.model.system.program(parent.version, parent.endpoint).calls[usize::from(attempt.site)];
        let path = mix(parent.path ^ call.path).wrapping_add(u64::from(attempt.number));
        let endpoint = call.endpoint;
        let ask = Ask {
            origin: parent.origin,
            caller: Caller::Branch(attempt),
            endpoint,
            path: mix(path),
            subject: parent.subject,
        };
        if is_guarded(call) && !self.guard_admits(attempt) {
            let failure = Some(Failure { cause: Cause::BreakerOpen, endpoint, version: None });
            return self.branch_over(attempt, Answer { failure, wrong: false, subject: None });
        }
        self.ask(ask);
    }

    /// Asks the guard of a call site whether a request may go out, and counts it.
    fn guard_admits(&mut self, attempt: Attempt) -> bool {
        let now = self.now;
        let Some((call, guard)) = self.guard(attempt) else { return true };
        if let Some(budget) = call.budget.filter(|_| attempt.number == 0) {
            guard.earn(budget);
        }
        call.breaker.is_none() || guard.admits(now)
    }

    /// A call site and what the calling process remembers of it.
    fn guard(&mut self, attempt: Attempt) -> Option<(&CallSite, &mut Guard)> {
        let caller = self.frames.get(attempt.parent)?;
        let call = &self.model.system.program(caller.version, caller.endpoint).calls[usize::from(attempt.site)];
        let process = self.fleet.replicas.get_mut(caller.replica)?;
        Some((call, process.guards.entry((caller.endpoint, attempt.site)).or_default()))
    }

    /// Tells the guard how an attempt came out. Says whether it pays for another one.
    fn guard_learns(&mut self, attempt: Attempt, failed: bool, wants_retry: bool) -> bool {
        let now = self.now;
        let Some((call, guard)) = self.guard(attempt) else { return false };
        if let Some(breaker) = call.breaker {
            guard.learn(breaker, failed, now);
        }
        wants_retry && (call.budget.is_none() || guard.spend())
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

    /// One attempt of one branch came to an end: try again, or count it in.
    pub(super) fn branch_ended(&mut self, attempt: Attempt, answer: Answer) {
        let Some(parent) = self.frames.get(attempt.parent) else { return };
        let call = &self.model.system.program(parent.version, parent.endpoint).calls[usize::from(attempt.site)];
        let failed = answer.failure.is_some();
        let mut again = failed && attempt.number < call.retries;
        let backoff = call.backoff;
        if is_guarded(call) {
            again = self.guard_learns(attempt, failed, again);
        }
        if again {
            let wait = self.backoff(attempt, backoff);
            let next = Attempt { number: attempt.number + 1, ..attempt };
            return self.schedule(wait, Event::Retry(next));
        }
        self.branch_over(attempt, answer);
    }

    /// The wait before the next attempt.
    fn backoff(&self, attempt: Attempt, backoff: Backoff) -> Span {
        const JITTER: u64 = 0x6a69_7474_6572;
        let longest = backoff.after(attempt.number);
        if !backoff.jitters() || longest == Span::ZERO {
            return longest;
        }
        let purpose = JITTER ^ u64::from(attempt.site) << 56 ^ u64::from(attempt.number) << 48;
        Span::from_nanos(variate::bounded(self.draw(attempt.parent, purpose), longest.nanos()))
    }

    /// A branch is over, for good or bad.
    fn branch_over(&mut self, attempt: Attempt, answer: Answer) {
        let Some(parent) = self.frames.get_mut(attempt.parent) else { return };
        let program = self.model.system.program(parent.version, parent.endpoint);
        if !program.calls[usize::from(attempt.site)].optional {
            parent.failure = parent.failure.or(answer.failure);
        }
        parent.wrong |= answer.wrong && answer.failure.is_none();
        parent.subject = parent.subject.or(answer.subject);
        self.join(attempt.parent);
    }

    /// One branch less is out; after the last the caller goes on, or fails.
    pub(super) fn join(&mut self, key: FrameKey) {
        let frame = self.frame_mut(key);
        frame.pending -= 1;
        if frame.pending == 0 {
            self.runnable.push_back(key);
        }
    }
}

/// The word a balancer draws with for one attempt of one request.
fn balancing_word(origin: &Origin, path: u64) -> u64 {
    const BALANCE: u64 = 0x6261_6c61_6e63_6572;
    origin.stream.word(origin.index, mix(path ^ mix(BALANCE)))
}
