//! Ways back as JSON: `gameday.ways-back/1`. Fields are documented in `docs/JSON.md`.

use super::WaysBackContext;
use crate::figure::Seconds;
use model::price::Price;
use serde::Serialize;
use serde_json::Value;
use sim::{Changed, Durations, Left, SETTLES, WayBack, WaysBack};

/// The name and version of the format.
const SCHEMA: &str = "gameday.ways-back/1";

/// The ways back as one JSON document.
///
/// # Panics
/// Never: nothing in the document fails to be JSON.
#[must_use]
pub fn json(ways: &WaysBack, context: &WaysBackContext<'_>) -> Value {
    serde_json::to_value(Document::of(ways, context)).expect("text, numbers and lists are JSON")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    scenario: &'a str,
    seed: u64,
    at_s: Seconds,
    trials: u32,
    changes: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Change<'a> {
    kind: &'static str,
    name: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
    under_way: Option<&'a str>,
    ways: Vec<Way<'a>>,
}

#[derive(Serialize)]
struct Way<'a> {
    way: &'a str,
    refused: Option<&'a str>,
    authority: &'a str,
    asks: &'a [String],
    steps: Vec<Step<'a>>,
    keeps: &'a str,
    standing_replicas: u32,
    closes_at_s: Option<Seconds>,
    costs_per_hour: Option<Cost<'a>>,
    brings_back: &'a [String],
    on_the_way: &'a [String],
    tried: Option<u32>,
    reached: Option<u32>,
    wrong: Option<u32>,
    drawn: Option<bool>,
    p50_s: Option<Seconds>,
    p90_s: Option<Seconds>,
    never: Option<&'a str>,
    leaves: Option<Leaves<'a>>,
}

#[derive(Serialize)]
struct Cost<'a> {
    amount: String,
    currency: &'a str,
}

impl<'a> Cost<'a> {
    fn of(price: &'a Price) -> Self {
        Cost { amount: price.amount(), currency: &price.currency }
    }
}

#[derive(Serialize)]
struct Step<'a> {
    step: &'a str,
    p50_s: Option<Seconds>,
}

#[derive(Serialize)]
struct Leaves<'a> {
    after_s: Seconds,
    unreadable: u32,
    misread: u32,
    damaged: u32,
    fields_lost: u32,
    lost: u32,
    undone: u32,
    effects: u64,
    messages: Messages,
    consumers: &'a [String],
    services: &'a [String],
    replicas: &'a [String],
    processes: &'a [String],
    flags: &'a [String],
    configs: &'a [String],
    traffic: &'a [String],
    git: Vec<InGit<'a>>,
    schemas: &'a [String],
    statements: &'a [String],
    calls: &'a [String],
    pending: &'a [String],
    mistakes: &'a [String],
    open: &'a [String],
}

#[derive(Serialize)]
struct InGit<'a> {
    service: &'a str,
    version: &'a str,
    comes_back: bool,
}

#[derive(Serialize)]
struct Messages {
    skipped: u64,
    dropped: u64,
    dead_letters: u64,
}

impl<'a> Document<'a> {
    fn of(ways: &'a WaysBack, context: &WaysBackContext<'a>) -> Self {
        let WaysBack { at, seed, trials, work: _, changes } = ways;
        let changes = changes.iter().map(Change::of).collect();
        Document {
            schema: SCHEMA,
            scenario: context.scenario,
            seed: *seed,
            at_s: (*at).into(),
            trials: *trials,
            changes,
        }
    }
}

impl<'a> Change<'a> {
    fn of(changed: &'a Changed) -> Self {
        let Changed { what, name, from, to, under_way, ways } = changed;
        let ways = ways.iter().map(Way::of).collect();
        Change {
            kind: what.word(),
            name,
            from: from.as_deref(),
            to: to.as_deref(),
            under_way: under_way.as_deref(),
            ways,
        }
    }
}

impl<'a> Way<'a> {
    fn of(way: &'a WayBack) -> Self {
        let WayBack {
            before: _,
            waits: _,
            choice,
            steps,
            keeps,
            standing,
            closes,
            costs,
            brings_back,
            on_the_way,
            durations,
            never,
            left,
        } = way;
        let Durations { tried, reached, wrong, is_certain, p50, p90 } = durations.unwrap_or_default();
        Way {
            way: &choice.label,
            refused: choice.refused.as_deref(),
            authority: &choice.authority,
            asks: &choice.asks,
            steps: steps.iter().map(|step| Step { step: &step.what, p50_s: step.takes.map(Seconds::from) }).collect(),
            keeps,
            standing_replicas: *standing,
            closes_at_s: closes.map(Seconds::from),
            costs_per_hour: costs.as_ref().map(Cost::of),
            brings_back,
            on_the_way,
            tried: durations.map(|_| tried),
            reached: durations.map(|_| reached),
            wrong: durations.map(|_| wrong),
            drawn: durations.map(|_| !is_certain),
            p50_s: p50.map(Seconds::from),
            p90_s: p90.map(Seconds::from),
            never: never.as_deref(),
            leaves: left.as_ref().map(Leaves::of),
        }
    }
}

impl<'a> Leaves<'a> {
    fn of(left: &'a Left) -> Self {
        let sim::Messages { skipped, dropped, dead_letters } = left.messages;
        Leaves {
            after_s: SETTLES.into(),
            unreadable: left.unreadable,
            misread: left.misread,
            damaged: left.damaged,
            fields_lost: left.fields_lost,
            lost: left.lost,
            undone: left.undone,
            effects: left.effects,
            messages: Messages { skipped, dropped, dead_letters },
            consumers: &left.consumers,
            services: &left.services,
            replicas: &left.replicas,
            processes: &left.processes,
            flags: &left.flags,
            configs: &left.configs,
            traffic: &left.traffic,
            git: left.git.iter().map(InGit::of).collect(),
            schemas: &left.schemas,
            statements: &left.statements,
            calls: &left.calls,
            pending: &left.pending,
            mistakes: &left.mistakes,
            open: &left.open,
        }
    }
}

impl<'a> InGit<'a> {
    fn of(git: &'a sim::InGit) -> Self {
        InGit { service: &git.service, version: &git.version, comes_back: git.comes_back }
    }
}
