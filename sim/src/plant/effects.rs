//! Effects: what is done outside the system, what of it should not be there, and taking it back.
//!
//! An effect goes astray when the request it was caused for fails, when it is caused again and the other side does not
//! notice, or when it is caused of something misread. Nothing takes it back by itself but a saga, which leaves the work
//! to do so when it fails half way; the rest waits for somebody to order it.

use crate::event::Event;
use crate::fact::{Again, Cause, Escape, Fact, Failure, Repetition, RequestRef};
use crate::kernel::stream::StreamKey;
use crate::plant::requests::{Answer, Asker, Caller, Flow, Frame, FrameKey, Meaning, OriginKey};
use crate::plant::stores::RecordRef;
use crate::plant::strays::Queue;
use crate::plant::topics::Message;
use crate::world::World;
use model::control::{Change, DataChange};
use model::id::{ClassId, EffectId, GroupId, SourceId, ZoneId};
use model::program::EffectSet;
use model::time::Span;

/// An effect outside that should not be there: all that is needed to take it back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stray {
    pub(crate) stream: StreamKey,
    pub(crate) index: u64,
    pub(crate) class: ClassId,
    pub(crate) source: Option<SourceId>,
    pub(crate) zone: ZoneId,
    pub(crate) path: u64,
    /// The record that was at hand when it was caused.
    pub(crate) subject: Option<RecordRef>,
}

/// Effects that are out for a request, a piece of deferred work or a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Out {
    pub(crate) all: EffectSet,
    /// Of those, what is astray whatever becomes of the request: it was done of something misread.
    pub(crate) astray: EffectSet,
    /// Of those, what belongs to a message that was done with well: a later reading that fails takes nothing from that.
    pub(crate) settled: EffectSet,
    /// The record that was at hand when the last of them was caused.
    pub(crate) about: Option<RecordRef>,
}

impl Out {
    pub(crate) fn with(self, effect: EffectId, astray: bool, about: Option<RecordRef>) -> Self {
        let mistaken = if astray { self.astray.with(effect) } else { self.astray };
        Out { all: self.all.with(effect), astray: mistaken, about, ..self }
    }

    /// Both, the later ones being those of `other`.
    pub(crate) fn and(self, other: Out) -> Self {
        Out {
            all: self.all.and(other.all),
            astray: self.astray.and(other.astray),
            settled: self.settled.and(other.settled),
            about: other.about.or(self.about),
        }
    }

    pub(crate) const fn without(self, effects: EffectSet) -> Self {
        Out {
            all: self.all.without(effects),
            astray: self.astray.without(effects),
            settled: self.settled.without(effects),
            about: self.about,
        }
    }

    /// The same, of a message that is done with well.
    pub(crate) const fn all_settled(self) -> Self {
        Out { settled: self.all, ..self }
    }

    /// What escapes when what it is out for fails: the rest should not be there already, or belongs there.
    pub(crate) const fn escaping(self) -> EffectSet {
        self.all.without(self.astray).without(self.settled)
    }
}

/// What an effect has left outside that should not be there, as far as nobody takes it back.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Strays {
    /// Those that can be taken back, oldest first.
    pub(crate) open: Queue,
    /// How many cannot: nothing says how, or it did not work.
    pub(crate) lasting: u64,
    /// How often it was ever done, rightly or not.
    pub(crate) done: u64,
}

/// Effects that somebody has ordered back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recall {
    /// How many the last order has begun with.
    begun: u32,
    /// How many of any order are under way.
    out: u32,
}

impl Recall {
    /// So many more are begun with. Says how many that makes for the order.
    fn begin(&mut self, more: usize) -> u32 {
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        (self.begun, self.out) = (self.begun.saturating_add(more), self.out.saturating_add(more));
        self.begun
    }
}

impl Stray {
    /// Why it stands, as far as is known from itself.
    const fn escape(&self, failure: Option<Failure>) -> Escape {
        let request = RequestRef { source: self.source, index: self.index };
        Escape { failure, asked: None, group: None, request }
    }
}

impl Strays {
    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.lasting + self.open.len() as u64
    }
}

impl World {
    /// Does something outside the system: once, unless a retry does it again. A repetition that carries the key of
    /// the first time is recognised, if the other side keeps keys.
    pub(crate) fn cause(&mut self, key: FrameKey, effect: EffectId, keyed: bool) -> Flow {
        let Frame { origin: of, version, subject, .. } = *self.frame(key);
        let misread = self.frame(key).meaning != Meaning::Right;
        let origin = self.origins.get_mut(of).expect("its frames hold it");
        let again = origin.effects.all.has(effect);
        let mistaken = misread && !again;
        origin.effects = origin.effects.with(effect, mistaken, subject);
        let (late, asker) = (origin.failed && !again, origin.asker);
        let repeated = again && !(keyed && self.model.system.effect(effect).idempotent);
        let (request, misled) = (RequestRef { source: origin.source, index: origin.index }, origin.misled);
        let repetition = repeated.then(|| Repetition { keyed, why: self.why_again(key), request });
        self.report(Fact::Effect { effect, version, repeated: repetition });
        self.strays[effect.index()].done += u64::from(repeated || !again);
        if repeated {
            self.go_astray(effect, self.stray(key));
        }
        if mistaken {
            self.report(Fact::Mistaken { effect, version, misled, request });
            self.go_astray(effect, self.stray(key));
        }
        if late {
            self.effect_after_failure(asker, effect, key, mistaken);
        }
        Flow::Next
    }

    /// Why a frame does what was done before: the innermost call on the way to it that was made again.
    fn why_again(&self, key: FrameKey) -> Again {
        let mut frame = self.frame(key);
        loop {
            match frame.caller {
                Caller::Branch(attempt) if attempt.number == 0 => match self.frames.get(attempt.parent) {
                    Some(parent) => frame = parent,
                    None => return Again::Programmed,
                },
                Caller::Branch(_) | Caller::Gone(_) => return Again::Retried(frame.endpoint),
                Caller::Root => return self.why_asked_again(frame.origin),
            }
        }
    }

    fn why_asked_again(&self, origin: OriginKey) -> Again {
        match self.origins.get(origin).expect("its frames hold it").asker {
            Asker::Job(job) => self.tasks.get(job).map_or(Again::Programmed, |task| Again::Worked(task.job)),
            Asker::Group(group, lane) if self.is_set_back(group, lane) => Again::SetBack(group),
            Asker::Group(group, _) => Again::Delivered(group),
            Asker::Customer | Asker::User(_) | Asker::Background(_) => Again::Programmed,
        }
    }

    /// Of what a caller gave up that a frame still works for, if one did.
    fn given_up(&self, key: FrameKey) -> Option<Failure> {
        let mut key = key;
        loop {
            match self.frames.get(key)?.caller {
                Caller::Branch(attempt) => key = attempt.parent,
                Caller::Gone(_) => return Some(self.failure(key, Cause::Timeout)),
                Caller::Root => return None,
            }
        }
    }

    /// Late work does something outside after whoever asked was told that it failed: it has escaped, or, for a
    /// job, the next attempt would repeat it.
    fn effect_after_failure(&mut self, asker: Asker, effect: EffectId, key: FrameKey, astray: bool) {
        match asker {
            Asker::Job(job) => self.remember_effect(job, effect, (astray, self.frame(key).subject)),
            Asker::Customer | Asker::User(_) | Asker::Background(_) | Asker::Group(..) if astray => {}
            Asker::Customer | Asker::User(_) | Asker::Background(_) | Asker::Group(..) => {
                let stray = self.stray(key);
                self.effects_escape(EffectSet::NONE.with(effect), stray, stray.escape(self.given_up(key)));
            }
        }
    }

    /// A request has failed whose effects are out.
    pub(crate) fn escape(&mut self, of: OriginKey, effects: EffectSet, answer: &Answer) {
        let Some(origin) = self.origins.get(of).filter(|_| !effects.is_empty()) else { return };
        let (stream, index, class) = (origin.stream, origin.index, origin.class);
        let zone = origin.zone.unwrap_or(ZoneId::ZERO);
        let (source, subject) = (origin.source, origin.effects.about);
        let stray = Stray { stream, index, class, source, zone, path: answer.path, subject };
        let escape = Escape { asked: answer.place, ..stray.escape(answer.failure) };
        self.effects_escape(effects, stray, escape);
    }

    /// Effects of a message that nobody reads again stand outside.
    pub(crate) fn effects_of_message_escape(
        &mut self,
        group: GroupId,
        effects: Out,
        message: &Message,
        failure: Option<Failure>,
    ) {
        let stray = message.stray(effects.about);
        self.effects_escape(effects.escaping(), stray, Escape { group: Some(group), ..stray.escape(failure) });
    }

    /// Effects of something that failed stand outside.
    fn effects_escape(&mut self, effects: EffectSet, stray: Stray, escape: Escape) {
        if effects.is_empty() {
            return;
        }
        self.report(Fact::Escaped { effects, escape });
        effects.iter().for_each(|effect| self.go_astray(effect, stray));
    }

    /// Remembers an effect that should not be there.
    fn go_astray(&mut self, effect: EffectId, stray: Stray) {
        let strays = &mut self.strays[effect.index()];
        match self.model.system.effect(effect).compensation {
            Some(_) => strays.open.push(stray),
            None => strays.lasting += 1,
        }
    }

    /// What there is to know of an effect a frame has caused.
    fn stray(&self, key: FrameKey) -> Stray {
        let frame = self.frame(key);
        let origin = self.origins.get(frame.origin).expect("its frames hold it");
        let (stream, index, class) = (origin.stream, origin.index, origin.class);
        let Frame { zone, path, subject, .. } = *frame;
        Stray { stream, index, class, source: origin.source, zone, path, subject }
    }

    /// A frame fails: if it is half way through a saga, what that has done outside is going to be taken back, and
    /// whoever tries it again does it anew.
    pub(crate) fn abandon_saga(&mut self, key: FrameKey, failure: Failure) {
        if self.model.system.effects.is_empty() {
            return;
        }
        let frame = self.frame(key);
        let saga = self.model.program(frame.program).saga_at(frame.at);
        let origin = self.origins.get_mut(frame.origin).expect("its frames hold it");
        let out = origin.effects.all.common(saga);
        if out.is_empty() {
            return;
        }
        let (astray, about) = (origin.effects.astray.common(out), origin.effects.about);
        origin.effects = origin.effects.without(out);
        let (asker, failed) = (origin.asker, origin.failed);
        if let Asker::Job(job) = asker {
            self.forget_effects(job, out);
        }
        let stray = Stray { subject: about, ..self.stray(key) };
        let told = self.found_again(if failed { out } else { astray }, stray);
        let known = told.and(astray);
        let fresh = if failed && !asker.tries_again() { EffectSet::NONE } else { out.without(known) };
        if !fresh.is_empty() {
            let escape = Escape { asked: Some(self.frame(key).place()), ..stray.escape(Some(failure)) };
            self.report(Fact::Escaped { effects: fresh, escape });
        }
        told.and(fresh).iter().for_each(|effect| self.take_back(effect, stray));
    }

    /// Those effects of a request that are astray, because it failed or had misread something, and that nobody takes
    /// back yet: whoever finds them is going to.
    fn found_again(&mut self, effects: EffectSet, of: Stray) -> EffectSet {
        effects.iter().fold(EffectSet::NONE, |found, effect| {
            let strays = &mut self.strays[effect.index()].open;
            if strays.take_of(of.stream, of.index) { found.with(effect) } else { found }
        })
    }

    /// Leaves the work that takes an effect back.
    fn take_back(&mut self, effect: EffectId, stray: Stray) {
        if let Some(compensation) = self.model.system.effect(effect).compensation {
            self.leave_compensation(effect, compensation.job, stray, false);
        }
    }

    /// Somebody has ordered that an effect be taken back.
    pub(crate) fn begin_recall(&mut self, effect: EffectId) {
        self.recalls.entry(effect).or_default().begun = 0;
        self.schedule(Span::SECOND, Event::Recall(effect));
    }

    /// One second's worth of it, until none is left.
    pub(crate) fn recall(&mut self, effect: EffectId) {
        let Some(compensation) = self.model.system.effect(effect).compensation else { return };
        let strays = &mut self.strays[effect.index()].open;
        let batch: Vec<_> = (0..compensation.per_second).map_while(|_| strays.pop()).collect();
        let begun = self.recalls.entry(effect).or_default().begin(batch.len());
        batch.into_iter().for_each(|stray| self.leave_compensation(effect, compensation.job, stray, true));
        if !self.strays[effect.index()].open.is_empty() {
            return self.schedule(Span::SECOND, Event::Recall(effect));
        }
        self.control.apply(Change::Data(DataChange::Compensated(effect)));
        self.report(Fact::Recalled { effect, begun });
    }

    /// Of what somebody has ordered back: how much of it nobody has tried to the end yet.
    pub(crate) fn being_recalled(&self, effect: EffectId) -> u32 {
        self.recalls.get(&effect).map_or(0, |recall| recall.out)
    }

    /// Work that takes an effect back is done: it has, or it turns out that nothing can.
    pub(crate) fn taken_back(&mut self, effect: EffectId, done: bool, ordered: bool) {
        self.strays[effect.index()].lasting += u64::from(!done);
        if ordered {
            self.recalls.entry(effect).or_default().out -= 1;
        }
        self.report(Fact::Compensated { effect, done });
    }

    /// Somebody has decided that what nobody takes back stays. What is being taken back is not concerned.
    pub(crate) fn accept(&mut self, effect: EffectId) {
        let count = std::mem::take(&mut self.strays[effect.index()]).count();
        self.report(Fact::Accepted { effect, count });
    }
}
