//! A run as JSON: `gameday.run/1`. Fields are documented in `docs/JSON.md`.
//!
//! These types are the stored format. They change with its version, not with the model; fields stand in
//! the order they are written in.

mod bill;
mod figures;
mod workings;

use crate::figure::Seconds;
use crate::run::RunContext;
use crate::run::json::bill::Bill;
use crate::run::json::figures::{Latencies, Rates};
use crate::run::json::workings::Workings;
use model::time::Span;
use serde::Serialize;
use serde_json::Value;
use sim::{Bound, Count, Outcome, Spent, Summary};

/// The name and version of the format.
const SCHEMA: &str = "gameday.run/1";

/// The run as one JSON document.
///
/// # Panics
/// Never: nothing in the document fails to be JSON.
#[must_use]
pub fn json(summary: &Summary, context: &RunContext<'_>) -> Value {
    serde_json::to_value(Document::of(summary, context)).expect("text, numbers and lists are JSON")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    scenario: &'a str,
    plan: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    responder: Option<&'a str>,
    seed: u64,
    digest: String,
    outcome: &'static str,
    stopped: Option<Stopped<'a>>,
    objective: Objective,
    simulated_s: Seconds,
    clocks: Clocks,
    time_budget: Option<TimeBudget>,
    patterns: Vec<Pattern<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tasks: Vec<Task<'a>>,
    reviews: Vec<Review<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    informed: Vec<Informed<'a>>,
    harm: Harm,
    #[serde(skip_serializing_if = "Option::is_none")]
    bill: Option<Bill<'a>>,
    latencies: Latencies<'a>,
    rates: Rates<'a>,
    workings: Workings<'a>,
    not_judged: &'a [String],
    timeline: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Stopped<'a> {
    at_s: Seconds,
    bound: &'static str,
    limit: u64,
    largest: Part<'a>,
    busiest: Option<Crowd<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    what: &'a str,
    bytes: u64,
}

#[derive(Serialize)]
struct Crowd<'a> {
    service: &'a str,
    requests: u64,
}

#[derive(Serialize)]
struct Objective {
    full_s: Seconds,
    met: bool,
}

#[derive(Serialize)]
struct Clocks {
    first_harm_at_s: Option<Seconds>,
    detected_s: Option<Seconds>,
    acknowledged_s: Option<Seconds>,
    declared_s: Option<Seconds>,
    decided_s: Option<Seconds>,
    executed_s: Option<Seconds>,
    traffic_s: Option<Seconds>,
    skew_s: Option<Seconds>,
    backlog_s: Option<Seconds>,
    data_s: Option<Seconds>,
    effects_s: Option<Seconds>,
    full_s: Option<Seconds>,
    illusion_gap_s: Option<Seconds>,
}

#[derive(Serialize)]
struct TimeBudget {
    full: bool,
    detect_s: Seconds,
    acknowledge_s: Seconds,
    look_s: Seconds,
    decide_s: Seconds,
    authority_s: Seconds,
    execute_s: Seconds,
    verify_s: Seconds,
    repair_s: Seconds,
    total_s: Seconds,
}

#[derive(Serialize)]
struct Pattern<'a> {
    id: &'static str,
    at_s: Seconds,
    evidence: &'a [u32],
}

#[derive(Serialize)]
struct Review<'a> {
    id: &'static str,
    at_s: Seconds,
    line: u32,
    who: &'a str,
    without: Vec<&'a str>,
}

#[derive(Serialize)]
struct Task<'a> {
    at_s: Seconds,
    line: u32,
    by: &'a str,
    to: &'a str,
    what: &'a str,
    within_s: Option<Seconds>,
    taken_s: Option<Seconds>,
    done_s: Option<Seconds>,
    late: bool,
    outcome: &'static str,
}

#[derive(Serialize)]
struct Informed<'a> {
    audience: &'a str,
    every_s: Seconds,
    sent: u32,
    first_s: Option<Seconds>,
    longest_s: Option<Seconds>,
}

#[derive(Serialize)]
struct Harm {
    requests: Requests,
    records: Records,
    effects: Effects,
    messages: Messages,
}

#[derive(Serialize)]
struct Requests {
    total: u64,
    failed: u64,
    slow: u64,
    wrong: u64,
    #[serde(skip_serializing_if = "is_none")]
    unanswered: u64,
}

/// Whether there is nothing to tell.
#[allow(clippy::trivially_copy_pass_by_ref)] // so it is called
const fn is_none(count: &u64) -> bool {
    *count == 0
}

#[derive(Serialize)]
struct Records {
    unreadable: Distinct,
    misread: Distinct,
    damaged: Distinct,
    fields_lost: Distinct,
    lost: Distinct,
    undone: Distinct,
}

#[derive(Serialize)]
struct Distinct {
    ever: u32,
    remaining: u32,
}

#[derive(Serialize)]
struct Effects {
    escaped: u64,
    duplicated: u64,
    mistaken: u64,
    compensated: u64,
    accepted: u64,
    uncompensated: u64,
}

#[derive(Serialize)]
struct Messages {
    skipped: u64,
    dropped: u64,
    dead_letters: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    at_s: Seconds,
    id: u32,
    who: &'a str,
    what: &'a str,
    because: &'a [u32],
}

impl<'a> Document<'a> {
    fn of(summary: &'a Summary, context: &RunContext<'a>) -> Self {
        Document {
            schema: SCHEMA,
            scenario: &summary.scenario,
            plan: context.plan,
            responder: context.responder,
            seed: summary.seed,
            digest: format!("{:016x}", summary.digest),
            outcome: outcome(summary.outcome),
            stopped: summary.stopped.as_ref().map(Stopped::of),
            objective: Objective { full_s: summary.objective.into(), met: summary.met },
            simulated_s: summary.simulated.into(),
            clocks: Clocks::of(&summary.clocks),
            time_budget: summary.time_budget.as_ref().map(TimeBudget::of),
            patterns: summary.patterns.iter().map(Pattern::of).collect(),
            tasks: summary.tasks.iter().map(Task::of).collect(),
            reviews: summary.reviews.iter().map(Review::of).collect(),
            informed: summary.informed.iter().map(Informed::of).collect(),
            harm: Harm::of(&summary.harm),
            bill: summary.bill.as_ref().map(Bill::of),
            latencies: Latencies::of(&summary.timings),
            rates: Rates::of(&summary.rates),
            workings: Workings::of(&summary.workings),
            not_judged: &summary.not_judged,
            timeline: summary.timeline.iter().map(Line::of).collect(),
        }
    }
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NoHarm => "no_harm",
        Outcome::Recovered => "recovered",
        Outcome::NotRecovered => "not_recovered",
        Outcome::Undecided => "undecided",
    }
}

impl<'a> Stopped<'a> {
    fn of(stopped: &'a sim::Stopped) -> Self {
        let (bound, limit) = match stopped.bound {
            Bound::Events(limit) => ("events", limit),
            Bound::Memory(limit) => ("memory", limit),
            Bound::Standstill(limit) => ("standstill", limit),
        };
        let busiest = stopped.busiest.as_ref().map(|(service, requests)| Crowd { service, requests: *requests });
        let largest = Part { what: &stopped.largest.what, bytes: stopped.largest.bytes };
        Stopped { at_s: stopped.at.into(), bound, limit, largest, busiest }
    }
}

impl Clocks {
    fn of(clocks: &sim::Clocks) -> Self {
        Clocks {
            first_harm_at_s: clocks.first_harm_at.map(Seconds::from),
            detected_s: clocks.detected.map(Seconds::from),
            acknowledged_s: clocks.acknowledged.map(Seconds::from),
            declared_s: clocks.declared.map(Seconds::from),
            decided_s: clocks.decided.map(Seconds::from),
            executed_s: clocks.executed.map(Seconds::from),
            traffic_s: clocks.traffic.map(Seconds::from),
            skew_s: clocks.skew.map(Seconds::from),
            backlog_s: clocks.backlog.map(Seconds::from),
            data_s: clocks.data.map(Seconds::from),
            effects_s: clocks.effects.map(Seconds::from),
            full_s: clocks.full().map(Seconds::from),
            illusion_gap_s: clocks.illusion_gap().map(Seconds::from),
        }
    }
}

impl TimeBudget {
    /// Rounded so that the parts still add up to the whole.
    fn of(budget: &sim::TimeBudget) -> Self {
        let mut sum = Span::ZERO;
        let mut next = |spent| {
            let before = Seconds::from(sum);
            sum = sum + budget.of(spent);
            Seconds::from(sum).after(before)
        };
        TimeBudget {
            full: budget.full,
            detect_s: next(Spent::Detect),
            acknowledge_s: next(Spent::Acknowledge),
            look_s: next(Spent::Look),
            decide_s: next(Spent::Decide),
            authority_s: next(Spent::Authority),
            execute_s: next(Spent::Execute),
            verify_s: next(Spent::Verify),
            repair_s: next(Spent::Repair),
            total_s: sum.into(),
        }
    }
}

impl<'a> Pattern<'a> {
    fn of(found: &'a sim::Found) -> Self {
        Pattern { id: found.pattern.id(), at_s: found.at.into(), evidence: &found.evidence }
    }
}

impl<'a> Review<'a> {
    fn of(review: &'a sim::Review) -> Self {
        let sim::Review { at, line, who, why, .. } = review;
        Review { id: why.id(), at_s: (*at).into(), line: *line, who, without: why.left_out() }
    }
}

impl<'a> Task<'a> {
    fn of(task: &'a sim::Given) -> Self {
        Task {
            at_s: task.at.into(),
            line: task.line,
            by: &task.by,
            to: &task.to,
            what: &task.what,
            within_s: task.within.map(Seconds::from),
            taken_s: task.taken.map(Seconds::from),
            done_s: task.done.map(Seconds::from),
            late: task.is_late(),
            outcome: task.outcome.name(),
        }
    }
}

impl<'a> Informed<'a> {
    fn of(informed: &'a sim::Informed) -> Self {
        Informed {
            audience: &informed.audience,
            every_s: informed.every.into(),
            sent: informed.sent,
            first_s: informed.first.map(Seconds::from),
            longest_s: informed.longest.map(Seconds::from),
        }
    }
}

impl Harm {
    fn of(harm: &sim::Harm) -> Self {
        let sim::Requests { total, failed, slow, wrong, unanswered } = harm.requests;
        let sim::Messages { skipped, dropped, dead_letters } = harm.messages;
        Harm {
            requests: Requests { total, failed, slow, wrong, unanswered },
            records: Records {
                unreadable: Distinct::of(harm.unreadable),
                misread: Distinct::of(harm.misread),
                damaged: Distinct::of(harm.damaged),
                fields_lost: Distinct::of(harm.fields_lost),
                lost: Distinct::of(harm.lost),
                undone: Distinct::of(harm.undone),
            },
            effects: Effects {
                escaped: harm.effects.escaped,
                duplicated: harm.effects.duplicated,
                mistaken: harm.effects.mistaken,
                compensated: harm.effects.compensated,
                accepted: harm.effects.accepted,
                uncompensated: harm.effects.uncompensated(),
            },
            messages: Messages { skipped, dropped, dead_letters },
        }
    }
}

impl Distinct {
    const fn of(Count { ever, remaining }: Count) -> Self {
        Distinct { ever, remaining }
    }
}

impl<'a> Line<'a> {
    fn of(line: &'a sim::Line) -> Self {
        Line { at_s: line.at.into(), id: line.id, who: &line.who, what: &line.what, because: &line.because }
    }
}
