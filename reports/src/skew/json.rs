//! Skew as JSON: `gameday.skew/1`. Fields are documented in `docs/JSON.md`.

use super::SkewContext;
use crate::figure::Seconds;
use serde::Serialize;
use serde_json::Value;
use sim::{OnHost, Skew, SkewedCode, SkewedEdge, SkewedPair, SkewedTable, Understanding, Whereabouts};

/// The name and version of the format.
const SCHEMA: &str = "gameday.skew/1";

/// A moment of skew as one JSON document.
///
/// # Panics
/// Never: nothing in the document fails to be JSON.
#[must_use]
pub fn json(skew: &Skew, context: &SkewContext<'_>) -> Value {
    serde_json::to_value(Document::of(skew, context)).expect("text, numbers and lists are JSON")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    scenario: &'a str,
    plan: Option<&'a str>,
    seed: u64,
    at_s: Seconds,
    counted_s: Seconds,
    edges: Vec<Edge<'a>>,
    tables: Vec<Table<'a>>,
    places: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Table<'a> {
    table: &'a str,
    state: &'a str,
    lock: Option<Lock<'a>>,
    versions: Vec<Code<'a>>,
}

#[derive(Serialize)]
struct Lock<'a> {
    migration: &'a str,
    until_s: Seconds,
}

#[derive(Serialize)]
struct Code<'a> {
    version: &'a str,
    written_for: &'a [String],
    refused: &'a [String],
}

#[derive(Serialize)]
struct Place<'a> {
    service: &'a str,
    hosts: Vec<There<'a>>,
}

#[derive(Serialize)]
struct There<'a> {
    host: &'a str,
    version: &'a str,
    replicas: u32,
}

#[derive(Serialize)]
struct Edge<'a> {
    caller: &'a str,
    endpoint: &'a str,
    contract: bool,
    calls: u64,
    pairs: Vec<Pair<'a>>,
}

#[derive(Serialize)]
struct Pair<'a> {
    caller: &'a str,
    callee: &'a str,
    calls: u64,
    share: Option<f64>,
    request: Message<'a>,
    response: Message<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(flatten)]
    worst: Heard<'a>,
    others: Vec<Heard<'a>>,
}

#[derive(Serialize)]
struct Heard<'a> {
    outcome: &'static str,
    classes: &'a [String],
    fields: &'a [String],
    reasons: &'a [String],
}

impl<'a> Document<'a> {
    fn of(skew: &'a Skew, context: &SkewContext<'a>) -> Self {
        Document {
            schema: SCHEMA,
            scenario: context.scenario,
            plan: context.plan,
            seed: context.seed,
            at_s: skew.at.into(),
            counted_s: skew.counted.into(),
            edges: skew.edges.iter().map(Edge::of).collect(),
            tables: skew.tables.iter().map(Table::of).collect(),
            places: skew.places.iter().map(Place::of).collect(),
        }
    }
}

impl<'a> Edge<'a> {
    fn of(edge: &'a SkewedEdge) -> Self {
        let SkewedEdge { caller, endpoint, contract, calls, pairs } = edge;
        let pairs = pairs.iter().map(|pair| Pair::of(pair, edge)).collect();
        Edge { caller, endpoint, contract: *contract, calls: *calls, pairs }
    }
}

impl<'a> Table<'a> {
    fn of(skewed: &'a SkewedTable) -> Self {
        let SkewedTable { table, state, lock, versions } = skewed;
        let lock = lock.as_ref().map(|(migration, until)| Lock { migration, until_s: (*until).into() });
        Table { table, state, lock, versions: versions.iter().map(Code::of).collect() }
    }
}

impl<'a> Place<'a> {
    fn of(place: &'a Whereabouts) -> Self {
        let there =
            place.hosts.iter().map(|OnHost { host, version, replicas }| There { host, version, replicas: *replicas });
        Place { service: &place.service, hosts: there.collect() }
    }
}

impl<'a> Code<'a> {
    fn of(code: &'a SkewedCode) -> Self {
        let SkewedCode { version, written_for, refused } = code;
        Code { version, written_for, refused }
    }
}

impl<'a> Pair<'a> {
    fn of(pair: &'a SkewedPair, edge: &SkewedEdge) -> Self {
        Pair {
            caller: &pair.caller,
            callee: &pair.callee,
            calls: pair.calls,
            share: edge.share(pair),
            request: Message::of(&pair.request),
            response: Message::of(&pair.response),
        }
    }
}

impl<'a> Message<'a> {
    fn of(heard: &'a Understanding) -> Self {
        Message { worst: Heard::of(heard), others: heard.others.iter().map(Heard::of).collect() }
    }
}

impl<'a> Heard<'a> {
    fn of(heard: &'a Understanding) -> Self {
        let Understanding { outcome, classes, fields, reasons, others: _ } = heard;
        Heard { outcome: outcome.word(), classes, fields, reasons }
    }
}
