//! The time budget: what the time from first harm to full recovery went into.
//!
//! Each instant belongs to one category. What somebody has under way decides, and of several things that
//! which comes last in the order of work: a repair, then an order on its way, then a wait for somebody's
//! word, then a look. While nobody has anything under way, it is what everybody waits for: to notice, to
//! take the page, to decide, or to see whether what was done has helped. So the parts add up to the whole.

use crate::people::course::Course;
use crate::people::operations::Operation;
use crate::summary::Clocks;
use crate::world::World;
use model::action::{Action, RoomAction};
use model::time::{Span, Time};
use std::collections::BTreeSet;
use std::fmt;

/// What time goes into during an incident, in the order of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spent {
    /// Nobody knows yet: no alert has fired, and nobody has done anything.
    Detect,
    /// Somebody is paged, or given a task, and has not taken it, nor done anything else.
    Acknowledge,
    /// Somebody knows, and nothing was ordered that changes what runs.
    Decide,
    /// What was ordered is in effect, and nothing else is under way: whether it helps is to be seen.
    Verify,
    /// Somebody takes a look.
    Look,
    /// An order waits for somebody's word.
    Authority,
    /// An order is on its way: its lead, and until the running system is where it was to be.
    Execute,
    /// What was left behind is mended: records, messages, effects.
    Repair,
}

/// What the time from first harm on went into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeBudget {
    /// Full recovery was reached: the parts add up to the time it took. Otherwise they go to the end of the run.
    pub full: bool,
    parts: [Span; Spent::ALL.len()],
}

impl Spent {
    /// All categories, as they are told: in the order in which an incident goes through them.
    pub const ALL: [Spent; 8] = [
        Spent::Detect,
        Spent::Acknowledge,
        Spent::Look,
        Spent::Decide,
        Spent::Authority,
        Spent::Execute,
        Spent::Verify,
        Spent::Repair,
    ];

    /// What it is, in a few words.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Spent::Detect => "nobody knew",
            Spent::Acknowledge => "paged, and nobody had taken it",
            Spent::Look => "somebody took a look",
            Spent::Decide => "nothing was ordered yet",
            Spent::Authority => "somebody had yet to agree",
            Spent::Execute => "ordered, and not in effect yet",
            Spent::Verify => "in effect: does it help?",
            Spent::Repair => "what was left behind was mended",
        }
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Spent::Detect => "detect",
            Spent::Acknowledge => "acknowledge",
            Spent::Look => "look",
            Spent::Decide => "decide",
            Spent::Authority => "wait for authority",
            Spent::Execute => "execute",
            Spent::Verify => "verify",
            Spent::Repair => "repair",
        })
    }
}

impl TimeBudget {
    /// The sum of stretches of time; `full`: they go to full recovery.
    pub fn new(full: bool, stretches: impl IntoIterator<Item = (Spent, Span)>) -> Self {
        let mut budget = TimeBudget { full, parts: [Span::ZERO; Spent::ALL.len()] };
        stretches.into_iter().for_each(|(spent, span)| budget.add(spent, span));
        budget
    }

    /// What went into one category.
    #[must_use]
    pub fn of(&self, spent: Spent) -> Span {
        self.parts[Self::place(spent)]
    }

    /// The categories that took any time, as they are told.
    pub fn parts(&self) -> impl Iterator<Item = (Spent, Span)> {
        Spent::ALL.into_iter().zip(self.parts).filter(|(_, span)| *span > Span::ZERO)
    }

    /// All of it.
    #[must_use]
    pub fn total(&self) -> Span {
        self.parts.iter().fold(Span::ZERO, |sum, part| sum + *part)
    }

    fn add(&mut self, spent: Spent, span: Span) {
        let part = &mut self.parts[Self::place(spent)];
        *part = *part + span;
    }

    fn place(spent: Spent) -> usize {
        Spent::ALL.iter().position(|own| *own == spent).expect("all of them are in it")
    }
}

/// A stretch of time that went into something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    from: Time,
    to: Time,
    spent: Spent,
}

impl World {
    /// What the time since first harm went into, until everything was back or, if it is not, by now.
    pub(crate) fn time_budget(&self, clocks: &Clocks) -> Option<TimeBudget> {
        let harm = clocks.first_harm_at?;
        let full = clocks.full();
        let end = full.map_or(self.now, |full| harm + full);
        let (stretches, phases) = (self.stretches(end), self.phases(end));
        let instants = instants(harm, end, stretches.iter().chain(&phases));
        let spent = instants.iter().zip(instants.iter().skip(1)).map(|(from, to)| {
            let at_work = during(&stretches, *from).max();
            let spent = at_work.or_else(|| during(&phases, *from).max()).unwrap_or(Spent::Verify);
            (spent, to.since(*from))
        });
        Some(TimeBudget::new(full.is_some(), spent))
    }

    /// What responders had under way.
    fn stretches(&self, end: Time) -> Vec<Stretch> {
        let responders = self.operations.iter().filter(|operation| self.seats.responds(operation.who));
        let acts = responders.filter(|operation| !operation.keeps_nobody_busy());
        acts.flat_map(|operation| operation.stretches(end)).filter(|stretch| stretch.from < stretch.to).collect()
    }

    /// What everybody waits for while nobody has anything under way.
    fn phases(&self, end: Time) -> [Stretch; 3] {
        let marks = self.measures.marks;
        let responders = self.operations.iter().filter(|operation| self.seats.responds(operation.who));
        let ordered = responders.clone().filter(|operation| operation.action.mitigates());
        let acted = responders.map(|operation| operation.course.given).min();
        let ordered = ordered.map(|operation| operation.course.given).min();
        let first = |instants: &[Option<Time>]| instants.iter().flatten().min().copied().unwrap_or(end);
        let noticed = first(&[marks.detected, acted]);
        let taken = first(&[acted]).max(noticed);
        [
            (Time::ZERO, noticed, Spent::Detect),
            (noticed, taken, Spent::Acknowledge),
            (taken, first(&[ordered]), Spent::Decide),
        ]
        .map(|(from, to, spent)| Stretch { from, to, spent })
    }
}

impl Operation {
    /// What it was, and when.
    fn stretches(&self, end: Time) -> [Stretch; 3] {
        let Course { given, agreed, over, .. } = self.course;
        let over = over.unwrap_or(end);
        let agreed = agreed.unwrap_or(over);
        let taken = self.taken().unwrap_or(agreed);
        [(given, taken, Spent::Acknowledge), (taken, agreed, Spent::Authority), (agreed, over, self.spends())]
            .map(|(from, to, spent)| Stretch { from, to, spent })
    }

    /// When whoever does it had it; at once, where that is who gave it.
    pub(crate) fn taken(&self) -> Option<Time> {
        if self.manner.task.is_some() { self.course.taken } else { Some(self.course.given) }
    }

    /// What its own time goes into.
    const fn spends(&self) -> Spent {
        match self.action {
            Action::Room(RoomAction::Look(_)) => Spent::Look,
            Action::Room(RoomAction::Follow(_)) => Spent::Verify,
            Action::Data(action) if action.mends() => Spent::Repair,
            Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Room(_)
            | Action::Fault { .. } => Spent::Execute,
        }
    }
}

fn during(stretches: &[Stretch], at: Time) -> impl Iterator<Item = Spent> {
    stretches.iter().filter(move |stretch| stretch.from <= at && at < stretch.to).map(|stretch| stretch.spent)
}

/// The instants at which something begins or ends, from the first harm to the end.
fn instants<'s>(harm: Time, end: Time, stretches: impl Iterator<Item = &'s Stretch>) -> Vec<Time> {
    let edges = stretches.flat_map(|stretch| [stretch.from, stretch.to]);
    let edges = edges.filter(|at| harm < *at && *at < end).chain([harm, end]);
    edges.collect::<BTreeSet<_>>().into_iter().collect()
}
