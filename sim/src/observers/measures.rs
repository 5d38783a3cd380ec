//! Measures: harm by kind, and the clocks of recovery. Defined in docs/MODEL.md.
//!
//! The measures know the truth; they are for the debrief. They look at the world once a second, and at
//! traffic in buckets of ten.

use crate::compiled::Model;
use crate::event::Event;
use crate::fact::{Fact, Failure, Misfit, OperationStep, Place, Served};
use crate::observers::objectives::{Objective, Objectives};
use crate::observers::overdue::{Overdue, Verdict};
use crate::observers::telemetry::Tally;
use crate::people::operations::OperationId;
use crate::plant::stores::{Trouble, TroubleCounts};
use crate::plant::topics::Fate;
use crate::world::World;
use model::System;
use model::action::{Action, RoomAction};
use model::id::{EffectId, EndpointId, GroupId, VersionId};
use model::time::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// How often the measures look.
const LOOK: Span = Span::SECOND;
/// Looks in a bucket of traffic.
const BUCKET: u8 = 10;

/// Everything measured so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Measures {
    pub(crate) requests: Requests,
    /// By effect.
    pub(crate) effects: Vec<Effects>,
    /// Effects that escaped, by what the request they were caused for failed of.
    pub(crate) escapes: BTreeMap<(EffectId, Option<Failure>), Escaped>,
    /// Effects done again, by who did it and whether with the key of the first time.
    pub(crate) repeats: BTreeMap<(EffectId, VersionId, bool), u64>,
    /// By job: pieces of deferred work that have failed at least once.
    pub(crate) failed_work: Vec<u64>,
    /// By consumer group: the most messages that have waited at a look while it was held up.
    pub(crate) held_up: Vec<u64>,
    /// Whether it was then reading again what it had been past.
    pub(crate) caught_up: Vec<bool>,
    pub(crate) first_harm: Option<Time>,
    pub(crate) marks: Marks,
    pub(crate) rungs: Rungs,
    /// What has been damaged or put off, ever, as of the last look.
    amount: u64,
    /// When that was more than at the look before, once a minute at most.
    pub(crate) growth: Vec<Time>,
    /// Requests from outside that failed, by what they failed of.
    pub(crate) failures: BTreeMap<Failure, u64>,
    /// Requests from outside whose good answer was late, by who gave it.
    pub(crate) late: BTreeMap<(EndpointId, Option<VersionId>), u64>,
    /// Requests from outside with a wrong answer, by who was asked.
    pub(crate) wrong: BTreeMap<EndpointId, u64>,
    /// The same, by the number of what misled them.
    pub(crate) misled: BTreeMap<u16, u64>,
    /// Effects done of something misread, by who did it, and the number of what misled it.
    pub(crate) mistakes: BTreeMap<(EffectId, VersionId, u16), u64>,
    /// By endpoint: its answers to requests from outside.
    pub(crate) answers: Vec<Answers>,
    /// By endpoint: its answers to all requests, attempt by attempt.
    pub(crate) attempts: Vec<Answers>,
    buckets: Vec<Bucket>,
    /// When the buckets were opened.
    opened: Time,
    /// When they were last looked into.
    looked: Time,
    looks: u8,
}

/// Requests from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Answered, well or not.
    pub total: u64,
    /// Without a result.
    pub failed: u64,
    /// With a result later than its objective allows, or without one so far, and late already.
    pub slow: u64,
    /// With a result computed from something misread.
    pub wrong: u64,
    /// Still without an answer. These are not among the answered ones.
    pub unanswered: u64,
}

/// Effects that escaped alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Escaped {
    /// How many.
    pub(crate) count: u64,
    /// When the last did.
    pub(crate) last: Time,
    /// Who had been asked, and where; none where that is not known.
    pub(crate) asked: BTreeSet<Option<Place>>,
}

/// Effects outside the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Done for an operation that then failed.
    pub escaped: u64,
    /// Done again, where the other side does not recognise a repetition.
    pub duplicated: u64,
    /// Done of something that was misread.
    pub mistaken: u64,
    /// Of these three, those that were taken back.
    pub compensated: u64,
    /// Of these three, those that stay because somebody has decided so.
    pub accepted: u64,
}

impl Effects {
    /// Should not be there, whatever became of them.
    #[must_use]
    pub const fn astray(self) -> u64 {
        self.escaped + self.duplicated + self.mistaken
    }

    /// Neither taken back nor accepted.
    #[must_use]
    pub const fn uncompensated(self) -> u64 {
        self.astray().saturating_sub(self.compensated + self.accepted)
    }
}

/// Answers of one endpoint, for comparison with theory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// How many, well or not.
    pub count: u64,
    /// Without a result.
    pub failed: u64,
    /// From request to answer, added up, in nanoseconds. A request that is turned away takes no time.
    pub total_ns: u128,
}

impl Answers {
    fn note(&mut self, served: &Served) {
        self.count += 1;
        self.failed += u64::from(served.failure.is_some());
        self.total_ns += u128::from(served.took.nanos());
    }
}

/// When people did what, in their first instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The first alert fired.
    pub detected: Option<Time>,
    /// Somebody took the page.
    pub acknowledged: Option<Time>,
    /// Somebody declared an incident.
    pub declared: Option<Time>,
    /// A mitigating command was approved.
    pub decided: Option<Time>,
    /// A decided mitigation was in effect.
    pub executed: Option<Time>,
    /// Somebody declared it over.
    pub resolved: Option<Time>,
}

impl Marks {
    /// The mark an action makes the moment it starts.
    const fn when_started(&mut self, action: &Action) -> Option<&mut Option<Time>> {
        match action.room() {
            Some(RoomAction::Acknowledge(_)) => Some(&mut self.acknowledged),
            Some(RoomAction::Declare(_)) => Some(&mut self.declared),
            Some(RoomAction::Resolve) => Some(&mut self.resolved),
            Some(RoomAction::Look(_) | RoomAction::Update(_) | RoomAction::Follow(_) | RoomAction::HandOver(_))
            | None => None,
        }
    }
}

/// The start of the present stretch in which each condition has held, if it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rungs {
    pub(crate) traffic: Stretch,
    pub(crate) skew: Stretch,
    pub(crate) backlog: Stretch,
    pub(crate) data: Stretch,
    pub(crate) effects: Stretch,
}

/// How long a condition has held without a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch(Option<Time>);

impl Default for Stretch {
    fn default() -> Self {
        Stretch(Some(Time::ZERO))
    }
}

impl Stretch {
    fn look(&mut self, now: Time, holds: bool) {
        self.0 = if holds { self.0.or(Some(now)) } else { None };
    }

    /// Since when it has held, if it has for `hold` by `now`: a flap does not count.
    pub(crate) fn since(self, now: Time, hold: Span) -> Option<Time> {
        self.0.filter(|since| now.since(*since) >= hold)
    }
}

/// The answers of the present ten seconds that one objective is about.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bucket {
    tally: Tally,
    first_bad: Option<Time>,
    /// Requests that were late when it was opened, and have no answer yet.
    hanging: u64,
}

impl Bucket {
    fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Good => self.tally.count(false),
            Verdict::Bad(since) => {
                self.tally.count(true);
                self.bad_since(since);
            }
            Verdict::Counted => {}
        }
    }

    fn count_overdue(&mut self, overdue: Overdue) {
        self.tally.add_bad(overdue.fresh);
        overdue.first.into_iter().for_each(|first| self.bad_since(first));
        self.hanging = overdue.hanging;
    }

    fn bad_since(&mut self, since: Time) {
        self.first_bad = Some(self.first_bad.map_or(since, |first| first.min(since)));
    }

    /// Whether too many of its answers were bad, or did not come, and since when.
    fn missed(&self, objective: &Objective, opened: Time) -> Option<Time> {
        let good = self.tally.total - self.tally.bad;
        let first = if self.hanging > 0 { Some(opened) } else { self.first_bad };
        first.filter(|_| !objective.target.reached_by(good, self.tally.total + self.hanging))
    }
}

impl Measures {
    pub(crate) fn of(model: &Model) -> Self {
        Measures {
            buckets: vec![Bucket::default(); model.objectives().all().len()],
            answers: vec![Answers::default(); model.system.endpoints.len()],
            attempts: vec![Answers::default(); model.system.endpoints.len()],
            effects: vec![Effects::default(); model.system.effects.len()],
            failed_work: vec![0; model.system.jobs.len()],
            held_up: vec![0; model.system.groups.len()],
            caught_up: vec![false; model.system.groups.len()],
            ..Measures::default()
        }
    }

    /// Effects of all kinds.
    pub(crate) fn all_effects(&self) -> Effects {
        self.effects.iter().fold(Effects::default(), |sum, own| Effects {
            escaped: sum.escaped + own.escaped,
            duplicated: sum.duplicated + own.duplicated,
            mistaken: sum.mistaken + own.mistaken,
            compensated: sum.compensated + own.compensated,
            accepted: sum.accepted + own.accepted,
        })
    }

    /// Measures a fact that is not the end of a request.
    pub(crate) fn note(&mut self, fact: &Fact, system: &System, now: Time) {
        match fact {
            Fact::Misfit { record, misfit: Misfit::Misread(_), .. } => {
                // What is in a cache is no record: only the answers count.
                if system.cache_of(record.store).is_none() {
                    self.rungs.data.look(now, false);
                }
                self.harmed(now);
            }
            Fact::Misfit { .. } | Fact::Harmed { .. } | Fact::Stale { .. } => self.harmed(now),
            Fact::Effect { effect, version, repeated: Some(repetition) } => {
                self.effects[effect.index()].duplicated += 1;
                *self.repeats.entry((*effect, *version, repetition.keyed)).or_default() += 1;
                self.harmed(now);
            }
            Fact::Escaped { effects, escape } => {
                for effect in effects.iter() {
                    self.effects[effect.index()].escaped += 1;
                    let escaped = self.escapes.entry((effect, escape.failure)).or_default();
                    (escaped.count, escaped.last) = (escaped.count + 1, now);
                    escaped.asked.insert(escape.asked);
                }
                self.harmed(now);
            }
            Fact::Mistaken { effect, version, misled, .. } => {
                self.effects[effect.index()].mistaken += 1;
                *self.mistakes.entry((*effect, *version, *misled)).or_default() += 1;
                self.harmed(now);
            }
            Fact::Compensated { effect, done } => self.effects[effect.index()].compensated += u64::from(*done),
            Fact::Accepted { effect, count } => self.effects[effect.index()].accepted += count,
            Fact::Worked { job, failure: Some(_), again: false } => self.failed_work[job.index()] += 1,
            Fact::Message { fate: Fate::Skipped | Fate::DeadLettered | Fate::Dropped, .. } => self.harmed(now),
            Fact::Restored { lost, undone, .. } if *lost > 0 || *undone > 0 => self.harmed(now),
            Fact::Rejected { .. } => self.harmed(now),
            // A column is dropped on purpose. Who misses it fails, and that is the harm.
            Fact::Migrated(passed) if !passed.damaged.is_empty() || passed.gone > 0 => self.harmed(now),
            Fact::Served(_)
            | Fact::Effect { .. }
            | Fact::Emerged { .. }
            | Fact::Unsafe { .. }
            | Fact::Worked { .. }
            | Fact::Created { .. }
            | Fact::Replica { .. }
            | Fact::Crashed { .. }
            | Fact::Scaled { .. }
            | Fact::Rolled { .. }
            | Fact::FlagSeen { .. }
            | Fact::ConfigKept { .. }
            | Fact::Converted { .. }
            | Fact::Migrated(_)
            | Fact::Waits { .. }
            | Fact::Sweeping { .. }
            | Fact::Restoring { .. }
            | Fact::Restored { .. }
            | Fact::Recalled { .. }
            | Fact::Message { .. }
            | Fact::Redriven { .. }
            | Fact::Operation { .. }
            | Fact::Paged { .. }
            | Fact::Proposed { .. }
            | Fact::Verified { .. }
            | Fact::Alert { .. }
            | Fact::Misheard { .. } => {}
        }
    }

    /// Takes note of how much has been damaged or put off by now.
    fn note_amount(&mut self, amount: u64, now: Time) {
        let is_told = self.growth.last().is_some_and(|last| now.since(*last) < Span::from_secs(60));
        if amount > self.amount && !is_told {
            self.growth.push(now);
        }
        self.amount = amount;
    }

    /// An alert fires, and not for nothing.
    pub(crate) fn detect(&mut self, now: Time) {
        self.marks.detected.get_or_insert(now);
    }

    fn harmed(&mut self, at: Time) {
        self.first_harm = Some(self.first_harm.map_or(at, |first| first.min(at)));
    }

    /// Measures the end of a request.
    pub(crate) fn served(&mut self, served: &Served, objectives: &Objectives, now: Time) {
        let stated = objectives.stated_for(served.endpoint);
        let slow = stated.is_some_and(|places| self.judge(served, (places, objectives), now));
        self.attempts[served.endpoint.index()].note(served);
        if served.outside {
            self.requests.total += 1;
            self.requests.failed += u64::from(served.failure.is_some());
            if slow && served.failure.is_none() {
                self.requests.slow += 1;
                *self.late.entry((served.endpoint, served.version)).or_default() += 1;
            }
            if served.wrong {
                self.requests.wrong += 1;
                *self.wrong.entry(served.endpoint).or_default() += 1;
                *self.misled.entry(served.misled).or_default() += 1;
            }
            self.answers[served.endpoint.index()].note(served);
            if let Some(failure) = served.failure {
                *self.failures.entry(failure).or_default() += 1;
            }
        }
    }

    /// Holds the end of a request to the objectives at those places. Says whether it was slow by one of them.
    fn judge(&mut self, served: &Served, (places, of): (Range<usize>, &Objectives), now: Time) -> bool {
        let mut slow = false;
        for (bucket, objective) in self.buckets[places.clone()].iter_mut().zip(&of.all()[places]) {
            slow |= objective.within.is_some_and(|within| served.took > within);
            bucket.count(match objective.judge(served, now, self.looked) {
                Verdict::Good if served.wrong => Verdict::Bad(now),
                verdict @ (Verdict::Good | Verdict::Bad(_) | Verdict::Counted) => verdict,
            });
        }
        slow
    }

    /// Counts what has become late without an answer.
    fn count_overdue(&mut self, overdue: &[Overdue], now: Time) {
        for (bucket, overdue) in self.buckets.iter_mut().zip(overdue) {
            bucket.count_overdue(*overdue);
        }
        self.looked = now;
    }

    /// Closes the buckets: traffic is in objective while each has enough good answers.
    fn close_buckets(&mut self, objectives: &Objectives, now: Time) {
        let buckets = self.buckets.iter().zip(objectives.all());
        let missed = buckets.filter_map(|(bucket, objective)| bucket.missed(objective, self.opened)).min();
        self.rungs.traffic.look(if self.buckets.is_empty() { now } else { self.opened }, missed.is_none());
        if let Some(since) = missed {
            self.harmed(since);
        }
        self.buckets.fill(Bucket::default());
        self.opened = now;
    }
}

impl World {
    /// The measures look at the world.
    pub(crate) fn tick(&mut self) {
        let mut measures = std::mem::take(&mut self.measures);
        let overdue = self.look_into(&mut measures);
        self.telemetry.count_overdue(&overdue, self.model.objectives(), self.now);
        measures.looks = (measures.looks + 1) % BUCKET;
        if measures.looks == 0 {
            measures.close_buckets(self.model.objectives(), self.now);
        }
        self.measures = measures;
        self.close_second();
        self.spend();
        self.schedule(LOOK, Event::Tick);
    }

    /// The measures as they would be if they looked at this very instant: what has happened since the last
    /// look counts, however one came to ask.
    pub(crate) fn measures_now(&self) -> Measures {
        let mut measures = self.measures.clone();
        self.look_into(&mut measures);
        measures.close_buckets(self.model.objectives(), self.now);
        measures
    }

    /// Looks at what there is; says what has become late.
    fn look_into(&self, measures: &mut Measures) -> Vec<Overdue> {
        let now = self.now;
        let overdue = self.overdue(measures.looked, measures.opened);
        measures.count_overdue(&overdue, now);
        let data = self.without_bad_data();
        if !data {
            measures.harmed(now);
        }
        measures.rungs.skew.look(now, self.without_skew());
        measures.rungs.backlog.look(now, self.without_backlog());
        for (group, index) in (0..self.readers.len()).map(GroupId::new).zip(0..) {
            let lag = if self.is_held_up(group) { self.lag(group) } else { 0 };
            if lag > measures.held_up[index] {
                (measures.held_up[index], measures.caught_up[index]) = (lag, self.catches_up(group));
            }
        }
        measures.rungs.data.look(now, data);
        let effects = measures.all_effects();
        measures.rungs.effects.look(now, effects.uncompensated() == 0);
        measures.note_amount(self.damage(measures, &effects), now);
        overdue
    }

    /// Everything that was ever damaged, done amiss or put off, of whatever kind: only whether it grows matters.
    fn damage(&self, measures: &Measures, effects: &Effects) -> u64 {
        let ever = self.troubles().0;
        let kinds = [Trouble::Unreadable, Trouble::Misread, Trouble::Damaged, Trouble::FieldsLost];
        let records: u64 = kinds.iter().map(|trouble| u64::from(ever.of(*trouble))).sum();
        let put_off: u64 = measures.failed_work.iter().chain(&measures.held_up).sum();
        records + u64::from(self.lost().ever) + effects.escaped + effects.duplicated + effects.mistaken + put_off
    }

    /// No deferred work is failing, and no consumer group is behind.
    fn without_backlog(&self) -> bool {
        let mut groups = (0..self.readers.len()).map(GroupId::new);
        self.failing.iter().all(|failing| *failing == 0) && !groups.any(|group| self.is_behind(group))
    }

    /// No record is unreadable, misread or damaged under the versions that serve.
    fn without_bad_data(&self) -> bool {
        let remaining = self.stores.iter().map(|records| records.remaining());
        remaining.into_iter().all(|counts| {
            [Trouble::Unreadable, Trouble::Misread, Trouble::Damaged].iter().all(|trouble| counts.of(*trouble) == 0)
        })
    }

    /// Distinct records with each trouble: ever, and now.
    pub(crate) fn troubles(&self) -> (TroubleCounts, TroubleCounts) {
        let none = TroubleCounts::default();
        self.stores.iter().fold((none, none), |(ever, remaining), records| {
            (ever.and(records.ever()), remaining.and(records.remaining()))
        })
    }

    /// Notes when people did what.
    pub(crate) fn mark(&mut self, id: OperationId, step: OperationStep) {
        let operation = &self.operations[id.index()];
        if !self.seats.responds(operation.who) {
            return;
        }
        let marks = &mut self.measures.marks;
        let mark = match (step, &operation.action) {
            (OperationStep::Agreed | OperationStep::Started, action) if action.mitigates() => &mut marks.decided,
            (OperationStep::Done, action) if action.mitigates() => &mut marks.executed,
            (OperationStep::Started, action) => match marks.when_started(action) {
                Some(mark) => mark,
                None => return,
            },
            (
                OperationStep::Given
                | OperationStep::Agreed
                | OperationStep::Approved
                | OperationStep::Refused
                | OperationStep::Applied
                | OperationStep::Done
                | OperationStep::Overtaken
                | OperationStep::Again
                | OperationStep::Mistaken
                | OperationStep::Held
                | OperationStep::BrokeGlass
                | OperationStep::Late
                | OperationStep::Unopposed,
                _,
            ) => return,
        };
        mark.get_or_insert(self.now);
    }
}
