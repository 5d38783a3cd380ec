//! What a run came to: the one thing reports and debriefs are made of.

use crate::bill::Bill;
use crate::bounds::Stopped;
use crate::observers::chronicle::EntryId;
use crate::observers::measures::{Effects, Marks, Requests};
use crate::observers::patterns::Found;
use crate::observers::reviews::Review;
use crate::observers::tasks::Given;
use crate::observers::time_budget::TimeBudget;
use crate::people::updates::Informed;
use crate::plant::stores::Trouble;
use crate::tables::{RateTable, Timings};
use crate::workings::Workings;
use crate::world::World;
use model::time::{Span, Time};
use std::iter::Sum;

/// A run in figures and in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The scenario's name.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// The digest of the whole trajectory.
    pub digest: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Where it stopped before its end, if it did.
    pub stopped: Option<Stopped>,
    /// Full recovery was wanted within this time of first harm.
    pub objective: Span,
    /// Whether it was reached, or there was nothing to recover from.
    pub met: bool,
    /// How much time was simulated.
    pub simulated: Span,
    /// When what was reached.
    pub clocks: Clocks,
    /// What the time since first harm went into; nothing where nothing was harmed.
    pub time_budget: Option<TimeBudget>,
    /// Ways of responding that are known to go wrong, and show in it.
    pub patterns: Vec<Found>,
    /// How well those were kept informed who wait to hear how it stands.
    pub informed: Vec<Informed>,
    /// What people were given to do.
    pub tasks: Vec<Given>,
    /// What is gone through afterwards: who acted without the word of others, or did what is somebody else's to do.
    pub reviews: Vec<Review>,
    /// What it cost.
    pub harm: Harm,
    /// The same in money, beside what is paid so that one can go back; where it is said what things cost.
    pub bill: Option<Bill>,
    /// How long what took.
    pub timings: Timings,
    /// How much was asked, and when.
    pub rates: RateTable,
    /// What went on inside.
    pub workings: Workings,
    /// What the run does not judge, a sentence each: whether it is harm, nobody knows.
    pub not_judged: Vec<String>,
    /// What happened, and because of what.
    pub timeline: Vec<Line>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing bad happened.
    NoHarm,
    /// Everything came back, and held.
    Recovered,
    /// Something is still broken at the end: the recovery time is censored, not infinite.
    NotRecovered,
    /// The run stopped at a bound, and what would have become of it is not known; or no harm is left that was judged,
    /// and not everything was.
    Undecided,
}

/// The ladder: seconds from first harm; none where a rung was not reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// First harm, from the start of the run.
    pub first_harm_at: Option<Time>,
    /// The first alert.
    pub detected: Option<Span>,
    /// Somebody took the page.
    pub acknowledged: Option<Span>,
    /// An incident was declared.
    pub declared: Option<Span>,
    /// A mitigation was decided.
    pub decided: Option<Span>,
    /// A decided mitigation was in effect.
    pub executed: Option<Span>,
    /// Answers are in objective.
    pub traffic: Option<Span>,
    /// Everything is at its intended version.
    pub skew: Option<Span>,
    /// No failed work waits to be tried again, and no consumer group is behind.
    pub backlog: Option<Span>,
    /// No record is unreadable, misread or damaged.
    pub data: Option<Span>,
    /// No effect is left uncompensated.
    pub effects: Option<Span>,
}

/// What it cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Harm {
    /// Requests from outside.
    pub requests: Requests,
    /// Records a serving version cannot read.
    pub unreadable: Count,
    /// Records a serving version misreads.
    pub misread: Count,
    /// Records with a value that is no longer what was meant.
    pub damaged: Count,
    /// Records with a field gone.
    pub fields_lost: Count,
    /// Acknowledged records gone: those of stores that a restore has taken away, and messages that were dropped before
    /// everybody had read them who has to.
    pub lost: Count,
    /// Acknowledged updates of records that a restore has undone.
    pub undone: Count,
    /// Effects outside the system.
    pub effects: Effects,
    /// Messages, once for each consumer group that did not do what they are for.
    pub messages: Messages,
}

/// Messages that have not done, or not in time, what they are for: once for each consumer group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// Passed over.
    pub skipped: u64,
    /// Dropped before they were read.
    pub dropped: u64,
    /// Put aside at the end.
    pub dead_letters: u64,
}

/// Distinct records, or updates of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// At any time.
    pub ever: u32,
    /// At the end.
    pub remaining: u32,
}

impl From<(u32, u32)> for Count {
    fn from((ever, remaining): (u32, u32)) -> Self {
        Count { ever, remaining }
    }
}

impl Sum for Count {
    fn sum<I: Iterator<Item = Count>>(counts: I) -> Self {
        counts.fold(Count::default(), |sum, count| Count {
            ever: sum.ever.saturating_add(count.ever),
            remaining: sum.remaining.saturating_add(count.remaining),
        })
    }
}

/// What kind of thing a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Somebody ordered something.
    Order,
    /// Somebody agreed to it.
    Approval,
    /// It took effect.
    InEffect,
    /// It could not start, or something else overtook it.
    Thwarted,
    /// An alert fired.
    Alert,
    /// An alert cleared.
    Clear,
    /// A look found something.
    Finding,
    /// Tools and processes report.
    Report,
    /// Something no seat could see when it happened.
    Truth,
}

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What kind of thing it tells.
    pub kind: LineKind,
    /// When.
    pub at: Time,
    /// Its number, from 1.
    pub id: EntryId,
    /// Who did it, or where it happened.
    pub who: String,
    /// What happened.
    pub what: String,
    /// The lines that made it happen.
    pub because: Vec<EntryId>,
}

impl Line {
    /// Whether a seat could see it when it happened.
    #[must_use]
    pub fn seen(&self) -> bool {
        self.kind != LineKind::Truth
    }
}

impl Clocks {
    /// Everything is back: the latest of the five rungs that have to hold.
    #[must_use]
    pub fn full(&self) -> Option<Span> {
        let rungs = [self.traffic?, self.skew?, self.backlog?, self.data?, self.effects?];
        rungs.into_iter().max()
    }

    /// How long traffic looked recovered while something else was not.
    #[must_use]
    pub fn illusion_gap(&self) -> Option<Span> {
        Some(self.full()? - self.traffic?)
    }
}

impl Summary {
    /// Whether this is what one wants to see: no harm, or recovered in time.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.met
    }
}

impl World {
    /// What the run has come to by now.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let clocks = self.clocks();
        let not_judged = self.not_judged();
        let outcome = match (self.stopped(), clocks.first_harm_at, clocks.full()) {
            (Some(_), ..) => Outcome::Undecided,
            (None, None, _) | (None, Some(_), Some(_)) if !not_judged.is_empty() => Outcome::Undecided,
            (None, None, _) => Outcome::NoHarm,
            (None, Some(_), Some(_)) => Outcome::Recovered,
            (None, Some(_), None) => Outcome::NotRecovered,
        };
        let in_time = clocks.full().is_some_and(|full| full <= self.model.objective.full);
        let objective = self.model.objective.full;
        Summary {
            scenario: self.model.name.clone(),
            seed: self.seed,
            digest: self.digest.finish(),
            outcome,
            objective,
            stopped: self.stopped().cloned(),
            met: outcome == Outcome::NoHarm || outcome == Outcome::Recovered && in_time,
            simulated: self.now.since(Time::ZERO),
            clocks,
            time_budget: self.time_budget(&clocks),
            patterns: self.patterns(&clocks),
            tasks: self.tasks_given(),
            reviews: self.reviews(),
            informed: self.informed(&clocks),
            harm: self.harm(),
            bill: self.bill(),
            timings: self.timings(),
            rates: self.rate_table(),
            workings: self.workings(),
            not_judged,
            timeline: self.chronicle.entries.iter().map(|entry| self.tell(entry)).collect(),
        }
    }

    /// The ladder as it stands.
    pub(crate) fn clocks(&self) -> Clocks {
        let measures = self.measures_now();
        let Some(harm) = measures.first_harm else { return Clocks::default() };
        let Marks { detected, acknowledged, declared, decided, executed, .. } = measures.marks;
        let after = |mark: Option<Time>| mark.map(|at| at.since(harm));
        let hold = self.model.objective.hold;
        let rungs = measures.rungs;
        Clocks {
            first_harm_at: Some(harm),
            detected: after(detected),
            acknowledged: after(acknowledged),
            declared: after(declared),
            decided: after(decided),
            executed: after(executed),
            traffic: after(rungs.traffic.since(self.now, hold)),
            skew: after(rungs.skew.since(self.now, hold)),
            backlog: after(rungs.backlog.since(self.now, hold)),
            data: after(rungs.data.since(self.now, hold)),
            effects: after(rungs.effects.since(self.now, hold)),
        }
    }

    pub(crate) fn harm(&self) -> Harm {
        let (ever, remaining) = self.troubles();
        let (answered, (unanswered, late)) = (self.measures.requests, self.unanswered());
        let count = |trouble| Count { ever: ever.of(trouble), remaining: remaining.of(trouble) };
        Harm {
            requests: Requests { slow: answered.slow + late, unanswered, ..answered },
            unreadable: count(Trouble::Unreadable),
            misread: count(Trouble::Misread),
            damaged: count(Trouble::Damaged),
            fields_lost: count(Trouble::FieldsLost),
            lost: self.lost(),
            undone: self.undone(),
            effects: self.measures.all_effects(),
            messages: self.unread(),
        }
    }

    /// Records that are gone, some of which a later restore may bring back, and messages that are gone for good.
    pub(crate) fn lost(&self) -> Count {
        let dropped = self.logs.iter().map(|log| (log.lost, log.lost));
        dropped.chain(self.stores.iter().map(|records| records.lost())).map(Count::from).sum()
    }

    /// Updates that a restore has undone, some of which a later restore may bring back.
    pub(crate) fn undone(&self) -> Count {
        self.stores.iter().map(|records| Count::from(records.undone())).sum()
    }

    /// What consumer groups have not done.
    fn unread(&self) -> Messages {
        self.readers.iter().fold(Messages::default(), |sum, reader| Messages {
            skipped: sum.skipped + reader.tally.skipped,
            dropped: sum.dropped + reader.tally.dropped,
            dead_letters: sum.dead_letters + reader.dead_letters(),
        })
    }

    /// The answers of each endpoint asked from outside, in the order of the system's endpoints.
    #[must_use]
    pub fn answers(&self) -> &[crate::observers::measures::Answers] {
        &self.measures.answers
    }

    /// Requests from outside that have been answered, well or not.
    #[must_use]
    pub const fn replied(&self) -> u64 {
        self.measures.requests.total
    }

    /// The answers of each endpoint whoever asked, in the order of the system's endpoints: every attempt of
    /// every caller, once it has come to its end.
    #[must_use]
    pub fn attempts(&self) -> &[crate::observers::measures::Answers] {
        &self.measures.attempts
    }
}
