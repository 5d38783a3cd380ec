//! Deferred work: left by a request, done later, tried again until it succeeds.
//!
//! It outlives the request and the version that left it. What one version cannot do stays in the
//! backlog until another can: that is the poison a rollback leaves behind. Where the endpoint has a contract, the work
//! carries its request as the version writes it that left it, and each attempt has to read that.

use crate::event::Event;
use crate::fact::{Fact, Failure};
use crate::kernel::slab::Key;
use crate::kernel::stream::StreamKey;
use crate::plant::effects::{Out, Stray};
use crate::plant::requests::{Ask, Asker, Caller, Flow, FrameKey, Meaning, Origin};
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::id::{ClassId, DialectId, EffectId, JobId, SourceId, ZoneId, mix};
use model::program::EffectSet;
use model::system::Compensation;

/// A piece of deferred work, until it is done.
pub(crate) type JobKey = Key<Task>;

/// A piece of deferred work.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Task {
    pub(crate) job: JobId,
    subject: Option<RecordRef>,
    stream: StreamKey,
    index: u64,
    class: ClassId,
    source: Option<SourceId>,
    /// How its request is written: as the version that left it writes it.
    dialect: Option<DialectId>,
    /// The number of what misled whoever left it; 0 when nothing has.
    misled: u16,
    /// Where it was left.
    zone: ZoneId,
    path: u64,
    /// Failed attempts so far.
    attempts: u32,
    /// Effects already out: what an earlier attempt did is not forgotten.
    effects: Out,
    /// The effect it takes back, if that is what it is for.
    compensates: Option<EffectId>,
    /// Whether somebody has ordered that, and waits for it.
    ordered: bool,
}

impl Task {
    /// Whether it takes an effect back.
    pub(crate) const fn takes_back(&self) -> bool {
        self.compensates.is_some()
    }

    /// How its request is written, and its class.
    pub(crate) const fn request(&self) -> (Option<DialectId>, ClassId) {
        (self.dialect, self.class)
    }

    /// Whose request left it, and where.
    pub(crate) const fn left_by(&self) -> (Option<SourceId>, ZoneId) {
        (self.source, self.zone)
    }
}

/// Purpose of the draw that says when a task is due.
const DELAY: u64 = 0x6465_6c61;

impl World {
    /// A request leaves work for later, about the record at hand.
    pub(crate) fn defer_from(&mut self, frame: FrameKey, job: JobId, dialect: Option<DialectId>) -> Flow {
        let spec = self.model.system.job(job);
        let purpose = spec.name.hash();
        let delay = self.sample(spec.after, self.draw(frame, mix(purpose ^ DELAY)));
        let left_by = self.frame(frame);
        let origin = self.origins.get(left_by.origin).expect("its frames hold it");
        let key = self.tasks.insert(Task {
            job,
            subject: left_by.subject,
            stream: origin.stream,
            index: origin.index,
            class: origin.class,
            source: origin.source,
            dialect,
            misled: left_by.leaves(origin),
            zone: left_by.zone,
            path: mix(left_by.path ^ purpose),
            attempts: 0,
            effects: Out::default(),
            compensates: None,
            ordered: false,
        });
        self.schedule(delay, Event::Due(key));
        Flow::Next
    }

    /// Somebody leaves the work that takes back an effect that should not be there, about the record it was caused for:
    /// a saga does, or who has ordered it.
    pub(crate) fn leave_compensation(&mut self, effect: EffectId, job: JobId, stray: Stray, ordered: bool) {
        let Stray { stream, index, class, source, zone, path, subject } = stray;
        let spec = self.model.system.job(job);
        let path = mix(path ^ spec.name.hash());
        let delay = self.sample(spec.after, stream.word(index, mix(path ^ mix(DELAY))));
        let key = self.tasks.insert(Task {
            job,
            subject,
            stream,
            index,
            class,
            source,
            dialect: None,
            misled: 0,
            zone,
            path,
            attempts: 0,
            effects: Out::default(),
            compensates: Some(effect),
            ordered,
        });
        self.schedule(delay, Event::Due(key));
    }

    /// A task is due: it is sent like a request. It waits while whoever would do it is cut off: that is no failure.
    pub(crate) fn due(&mut self, key: JobKey) {
        let Some(task) = self.tasks.get(key) else { return };
        let (path, subject, dialect) = (task.path, task.subject, task.dialect);
        let meaning = Meaning::inherited(task.misled);
        let endpoint = self.model.system.job(task.job).endpoint;
        if self.is_all_isolated(self.model.system.endpoint(endpoint).service) {
            return self.schedule(self.model.system.job(task.job).retry, Event::Due(key));
        }
        let mut origin = Origin::new(Asker::Job(key), task.stream, task.index, task.class);
        origin.source = task.source;
        origin.zone = Some(task.zone);
        origin.effects = task.effects;
        origin.misled = task.misled;
        let path = mix(path.wrapping_add(u64::from(task.attempts)));
        let origin = self.origins.insert(origin);
        self.ask(&Ask { origin, caller: Caller::Root, endpoint, path, subject, dialect, meaning });
    }

    /// What an attempt did outside is not forgotten by the next one.
    pub(crate) fn remember_effect(
        &mut self,
        key: JobKey,
        effect: EffectId,
        (astray, about): (bool, Option<RecordRef>),
    ) {
        if let Some(task) = self.tasks.get_mut(key) {
            task.effects = task.effects.with(effect, astray, about);
        }
    }

    /// What is being taken back may be done again.
    pub(crate) fn forget_effects(&mut self, key: JobKey, effects: EffectSet) {
        if let Some(task) = self.tasks.get_mut(key) {
            task.effects = task.effects.without(effects);
        }
    }

    /// A task succeeded and is gone, or failed and waits to be tried again.
    pub(crate) fn job_ended(&mut self, key: JobKey, failure: Option<Failure>, effects: Out) {
        let Some(task) = self.tasks.get_mut(key) else { return };
        let (job, again) = (task.job, task.attempts > 0);
        if failure.is_none() {
            let task = self.tasks.remove(key).expect("it was there");
            self.failing[job.index()] -= u64::from(again);
            self.compensated(&task);
        } else {
            self.failing[job.index()] += u64::from(!again);
            task.attempts += 1;
            task.effects = task.effects.and(effects);
            self.schedule(self.model.system.job(job).retry, Event::Due(key));
        }
        self.report(Fact::Worked { job, failure, again });
    }

    /// Work is done: if it was to take an effect back, that has worked or not.
    fn compensated(&mut self, task: &Task) {
        const SUCCESS: u64 = 0x0073_7563_6365_7373;
        let Some(effect) = task.compensates else { return };
        let Some(Compensation { success, .. }) = self.model.system.effect(effect).compensation else { return };
        let done = success.admits(task.stream.word(task.index, mix(task.path ^ mix(SUCCESS))));
        self.taken_back(effect, done, task.ordered);
    }
}
