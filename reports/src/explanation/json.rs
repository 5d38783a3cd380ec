//! An explanation as JSON: `gameday.explanation/1`. Fields are documented in `docs/JSON.md`.

use crate::figure::Seconds;
use crate::run::RunContext;
use serde::Serialize;
use serde_json::Value;
use sim::{Amount, Explanation, Link, Part, Summary};

/// The name and version of the format.
const SCHEMA: &str = "gameday.explanation/1";

/// The explanation as one JSON document.
///
/// # Panics
/// Never: nothing in the document fails to be JSON.
#[must_use]
pub fn json(explanation: &Explanation, summary: &Summary, context: &RunContext<'_>) -> Value {
    serde_json::to_value(Document::of(explanation, summary, context)).expect("text, numbers and lists are JSON")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    scenario: &'a str,
    plan: Option<&'a str>,
    seed: u64,
    digest: String,
    figure: &'static str,
    count: Count,
    parts: Vec<PartOfIt<'a>>,
    chain: Vec<LinkOfIt<'a>>,
    roots: &'a [u32],
}

#[derive(Serialize)]
struct Count {
    ever: u64,
    remaining: u64,
}

#[derive(Serialize)]
struct PartOfIt<'a> {
    what: &'a str,
    reasons: &'a [String],
    count: Count,
    since_s: Option<Seconds>,
    events: &'a [u32],
}

#[derive(Serialize)]
struct LinkOfIt<'a> {
    id: u32,
    at_s: Seconds,
    who: &'a str,
    what: &'a str,
    because: &'a [u32],
    seen: bool,
    entity: Entity<'a>,
    version: Option<&'a str>,
    fields: &'a [String],
    record: Option<Record<'a>>,
    effect: Option<Effect<'a>>,
}

#[derive(Serialize)]
struct Entity<'a> {
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct Effect<'a> {
    name: &'a str,
    source: Option<&'a str>,
    request: u64,
    version: Option<&'a str>,
    keyed: Option<bool>,
}

#[derive(Serialize)]
struct Record<'a> {
    store: &'a str,
    number: u32,
    format: &'a str,
    writer: &'a str,
    reader: Option<&'a str>,
    fields: &'a [String],
}

impl<'a> Document<'a> {
    fn of(explanation: &'a Explanation, summary: &'a Summary, context: &RunContext<'a>) -> Self {
        Document {
            schema: SCHEMA,
            scenario: &summary.scenario,
            plan: context.plan,
            seed: summary.seed,
            digest: format!("{:016x}", summary.digest),
            figure: explanation.figure.name(),
            count: explanation.count.into(),
            parts: explanation.parts.iter().map(PartOfIt::of).collect(),
            chain: explanation.chain.iter().map(LinkOfIt::of).collect(),
            roots: &explanation.roots,
        }
    }
}

impl From<Amount> for Count {
    fn from(Amount { ever, remaining }: Amount) -> Self {
        Count { ever, remaining }
    }
}

impl<'a> PartOfIt<'a> {
    fn of(part: &'a Part) -> Self {
        PartOfIt {
            what: &part.what,
            reasons: &part.reasons,
            count: part.count.into(),
            since_s: part.since.map(Seconds::from),
            events: &part.events,
        }
    }
}

impl<'a> LinkOfIt<'a> {
    fn of(link: &'a Link) -> Self {
        let line = &link.line;
        let record = link.about.as_ref().map(|about| Record {
            store: &about.store,
            number: about.record,
            format: &about.format,
            writer: &about.writer,
            reader: about.reader.as_deref(),
            fields: &about.fields,
        });
        let effect = link.deed.as_ref().map(|deed| Effect {
            name: &deed.effect,
            source: deed.source.as_deref(),
            request: deed.request,
            version: deed.version.as_deref(),
            keyed: deed.keyed,
        });
        LinkOfIt {
            id: line.id,
            at_s: line.at.into(),
            who: &line.who,
            what: &line.what,
            because: &line.because,
            seen: line.seen(),
            entity: Entity { kind: link.concerns.kind, name: &link.concerns.name },
            version: link.concerns.version.as_deref(),
            fields: &link.concerns.fields,
            record,
            effect,
        }
    }
}
