//! Calls: asking an endpoint, waiting, giving up, trying again.

use super::deadlines::Patience;
use super::guards::{Guard, is_guarded};
use super::{Answer, Ask, Caller, Flow, Frame, FrameKey, Leg, Meaning};
use crate::event::{Attempt, Event};
use crate::fact::{Cause, Failure, Served};
use crate::kernel::variate;
use crate::plant::fleet::ReplicaKey;
use crate::plant::workers::Luck;
use crate::world::World;
use model::id::mix;
use model::program::{Backoff, CallSite};
use model::time::{Span, Time};

impl World {
    /// Somebody who waits for ever asks.
    pub(crate) fn ask(&mut self, ask: &Ask) {
        self.ask_for(ask, &Patience::ENDLESS);
    }

    /// Sends a request to a replica of the endpoint's service, if one serves.
    fn ask_for(&mut self, ask: &Ask, patience: &Patience) {
        let luck = self.first_luck(ask);
        self.count_asked(self.model.door(ask.endpoint).service);
        let Some(replica) = self.choose(ask, None) else { return self.turn_away(ask) };
        let frame = self.send(ask, luck, replica, patience);
        self.set_timeout(frame, patience);
        if self.fleet.mirrors > 0 {
            self.mirror(ask, luck);
        }
        if let Some((at, line)) = patience.hedge {
            self.schedule_timeout(line, at, Event::Hedge(frame));
        }
    }

    /// Sends a copy of a request to whoever gets one: nobody waits for its answer, and all else it does is done.
    #[inline(never)]
    fn mirror(&mut self, ask: &Ask, luck: Luck) {
        const MIRROR: u64 = 0x6d69_7272_6f72;
        let service = self.model.door(ask.endpoint).service;
        let Some(replica) = self.choose_for_copy(service) else { return };
        let caller = Caller::Gone(self.zone_of_caller(ask.origin, ask.caller));
        self.count_asked(service);
        self.send(&Ask { caller, path: mix(ask.path ^ MIRROR), ..*ask }, luck, replica, &Patience::ENDLESS);
    }

    /// Somebody who waits for ever asks a replica of their choice.
    pub(crate) fn ask_at(&mut self, ask: &Ask, replica: ReplicaKey) {
        self.count_asked(self.model.door(ask.endpoint).service);
        self.send(ask, self.first_luck(ask), replica, &Patience::ENDLESS);
    }

    /// Puts a request on its way to a replica.
    pub(super) fn send(&mut self, ask: &Ask, luck: Luck, to: ReplicaKey, patience: &Patience) -> FrameKey {
        let taker = self.fleet.replicas.get_mut(to).expect("the pool lists the living");
        taker.in_flight += 1;
        let (version, flags, zone) = (taker.version, taker.settings.on(), taker.zone);
        let flags = if taker.settings.are_the_same_for_all() { flags } else { self.flags_at(to, ask.origin) };
        let program = self.model.program_id(version, ask.endpoint);
        self.origins.get_mut(ask.origin).expect("its asker holds it").holders += 1;
        let first_work = luck.work(&self.model, program);
        self.count_call(ask, version);
        let frame = self.frames.insert(Frame {
            origin: ask.origin,
            caller: ask.caller,
            endpoint: ask.endpoint,
            version,
            program,
            replica: to,
            zone,
            leg: Leg::At,
            flags,
            at: 0,
            worked: 0,
            path: ask.path,
            first_work,
            pending: 0,
            failure: None,
            subject: ask.subject,
            meaning: ask.meaning,
            began: self.now,
            deadline: patience.deadline,
            twin: None,
        });
        if let Some(dialect) = ask.dialect {
            self.hear_request(frame, dialect);
        }
        self.set_off(frame);
        frame
    }

    /// Nobody serves the request: an answer at once.
    #[inline(never)]
    fn turn_away(&mut self, ask: &Ask) {
        let cause = self.nobody_serves(self.model.system.endpoint(ask.endpoint).service);
        let failure = Some(Failure { cause, endpoint: ask.endpoint, version: None });
        let class = self.origins.get(ask.origin).expect("its asker holds it").class;
        let outside = self.is_outside(ask.origin, ask.caller);
        self.report_end(Served {
            endpoint: ask.endpoint,
            version: None,
            class,
            took: Span::ZERO,
            travelled: Span::ZERO,
            failure,
            wrong: false,
            misled: 0,
            outside,
            undelivered: false,
        });
        let (asked, path, subject) = (self.now, ask.path, ask.subject);
        self.answer(ask.origin, ask.caller, &Answer { asked, path, place: None, failure, wrong: false, subject });
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
        let site = self.model.site(parent.program, attempt.site);
        let (call, patience) = (&site.call, Patience::of(site, parent.deadline, self.now));
        let (endpoint, dialect) = (call.endpoint, call.dialect);
        let path = path_of(parent, call, attempt.number);
        let (origin, subject, meaning) = (parent.origin, parent.subject, parent.meaning.passed_on());
        let ask = Ask { origin, caller: Caller::Branch(attempt), endpoint, path, subject, dialect, meaning };
        if is_guarded(call) && !self.guard_admits(attempt) {
            let failure = Some(Failure { cause: Cause::BreakerOpen, endpoint, version: None });
            let answer = Answer { asked: self.now, path, place: None, failure, wrong: false, subject: None };
            return self.branch_over(attempt, &answer);
        }
        self.ask_for(&ask, &patience);
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

    /// The call site an attempt belongs to, while its caller is there.
    pub(super) fn call_of(&self, attempt: Attempt) -> Option<&CallSite> {
        let caller = self.frames.get(attempt.parent)?;
        Some(&self.model.site(caller.program, attempt.site).call)
    }

    /// A call site and what the calling process remembers of it.
    pub(super) fn guard(&mut self, attempt: Attempt) -> Option<(&CallSite, &mut Guard)> {
        let caller = self.frames.get(attempt.parent)?;
        let call = &self.model.site(caller.program, attempt.site).call;
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
        let Some(&Frame { origin, caller, .. }) = self.frames.get(key) else { return };
        let Caller::Branch(attempt) = caller else { return };
        let gone = Caller::Gone(self.zone_of_caller(origin, caller));
        let failure = Some(self.failure(key, Cause::Timeout));
        let frame = self.frame_mut(key);
        frame.caller = gone;
        let (asked, path) = (frame.began, frame.path);
        if let Some(twin) = frame.twin.and_then(|twin| self.frames.get_mut(twin)) {
            twin.caller = gone;
        }
        self.forget_lost(key);
        self.branch_ended(attempt, &Answer { asked, path, place: None, failure, wrong: false, subject: None });
    }

    /// Nobody waits any more for what the network lost: it is not in flight at its replica either.
    fn forget_lost(&mut self, key: FrameKey) {
        if self.model.system.network.is_troubled() && self.frame(key).is_lost() {
            match self.frame(key).leg {
                Leg::There => self.give_up_request(key),
                Leg::At | Leg::Back => self.reply(key),
            }
        }
    }

    /// One attempt of one branch came to an end: try again, or count it in.
    pub(super) fn branch_ended(&mut self, attempt: Attempt, answer: &Answer) {
        let Some(parent) = self.frames.get_mut(attempt.parent) else { return };
        let call = &self.model.site(parent.program, attempt.site).call;
        if answer.failure.is_none() && !is_guarded(call) && call.hedge.is_none() {
            // What comes below would come to the same.
            if parent.take_in(answer, call.optional) {
                self.runnable.push(attempt.parent);
            }
            return self.measure_attempt(call.edge, answer.asked);
        }
        let (guarded, hedged, edge) = (is_guarded(call), call.hedge.is_some(), call.edge);
        let sent = if hedged { self.first_sent(attempt, answer.path, answer.asked) } else { answer.asked };
        let failed = answer.failure.is_some();
        let mut wait = answer.failure.and_then(|failure| self.wait_for_retry(attempt, failure));
        if guarded && !self.guard_learns(attempt, failed, wait.is_some()) {
            wait = None;
        }
        self.measure_attempt(edge, sent);
        match wait {
            Some(wait) => self.schedule(wait, Event::Retry(Attempt { number: attempt.number + 1, ..attempt })),
            None => self.branch_over(attempt, answer),
        }
    }

    /// The wait before another attempt, if there is one to be made in time.
    fn wait_for_retry(&self, attempt: Attempt, failure: Failure) -> Option<Span> {
        let call = self.call_of(attempt).filter(|call| attempt.number < call.retries)?;
        if !call.retries_misfits && self.is_misfit(attempt, call, failure) {
            return None;
        }
        let wait = self.backoff(attempt, call.backoff);
        (self.now + wait < self.frame(attempt.parent).deadline).then_some(wait)
    }

    /// Whether a call failed because its two sides do not understand each other, as opposed to something further down.
    fn is_misfit(&self, attempt: Attempt, call: &CallSite, failure: Failure) -> bool {
        match failure.cause {
            Cause::Missing | Cause::Refused(_) => failure.endpoint == call.endpoint,
            Cause::Garbled(_) => failure.endpoint == self.frame(attempt.parent).endpoint,
            Cause::Defect(_)
            | Cause::Statement(..)
            | Cause::Offline(_)
            | Cause::Unreadable(_)
            | Cause::Unwritable(_)
            | Cause::NoReplica
            | Cause::Unweighted
            | Cause::NoUpstream
            | Cause::Overloaded
            | Cause::BreakerOpen
            | Cause::Expired
            | Cause::Timeout
            | Cause::Stopped
            | Cause::Replaced
            | Cause::Isolated
            | Cause::Lost => false,
        }
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

    /// When an attempt was first sent, of which the request on this path was sent then: the second of a hedged pair
    /// follows the first after as long as the call states.
    pub(crate) fn first_sent(&self, attempt: Attempt, path: u64, sent: Time) -> Time {
        let Some(parent) = self.frames.get(attempt.parent) else { return sent };
        let call = &self.model.site(parent.program, attempt.site).call;
        match call.hedge {
            Some(hedge) if path != path_of(parent, call, attempt.number) => Time::ZERO + sent.since(Time::ZERO + hedge),
            Some(_) | None => sent,
        }
    }

    /// A branch is over, for good or bad.
    fn branch_over(&mut self, attempt: Attempt, answer: &Answer) {
        let Some(parent) = self.frames.get_mut(attempt.parent) else { return };
        let call = &self.model.site(parent.program, attempt.site).call;
        if parent.take_in(answer, call.optional) {
            self.runnable.push(attempt.parent);
        }
    }
}

impl Frame {
    /// One branch of its fork is over, for good or bad. Says whether it was the last: then the frame goes on, or fails.
    fn take_in(&mut self, answer: &Answer, optional: bool) -> bool {
        if answer.failure.is_some() {
            self.failure = self.failure.or(answer.failure.filter(|_| !optional));
        } else if answer.wrong {
            self.meaning = Meaning::Wrong;
        }
        // Most have none, and nothing is written then: the next call reads it at once, and would have to wait for that.
        if self.subject.is_none() && answer.subject.is_some() {
            self.subject = answer.subject;
        }
        self.pending -= 1;
        self.pending == 0
    }
}

/// Where in the request tree an attempt is, the first time it is sent.
fn path_of(parent: &Frame, call: &CallSite, number: u8) -> u64 {
    mix(mix(parent.path ^ call.path).wrapping_add(u64::from(number)))
}
