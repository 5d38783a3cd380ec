//! What is stored as JSON: `gameday.records/1`. Fields are documented in `docs/JSON.md`.

use crate::figure::Seconds;
use crate::skew::SkewContext;
use serde::Serialize;
use serde_json::Value;
use sim::{Harmed, Holding, Holdings, Lot, Reader};

/// The name and version of the format.
const SCHEMA: &str = "gameday.records/1";

/// What is stored at a moment as one JSON document.
///
/// # Panics
/// Never: nothing in the document fails to be JSON.
#[must_use]
pub fn json(holdings: &Holdings, context: &SkewContext<'_>) -> Value {
    serde_json::to_value(Document::of(holdings, context)).expect("text, numbers and lists are JSON")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    scenario: &'a str,
    plan: Option<&'a str>,
    seed: u64,
    at_s: Seconds,
    stores: Vec<Store<'a>>,
}

#[derive(Serialize)]
struct Store<'a> {
    store: &'a str,
    records: u64,
    lots: Vec<LotOfIt<'a>>,
}

#[derive(Serialize)]
struct LotOfIt<'a> {
    format: &'a str,
    writer: &'a str,
    records: u64,
    since_s: Seconds,
    damaged: Wrong<'a>,
    fields_lost: Wrong<'a>,
    readers: Vec<ReaderOfIt<'a>>,
}

#[derive(Serialize)]
struct Wrong<'a> {
    records: u64,
    since_s: Option<Seconds>,
    fields: &'a [String],
}

#[derive(Serialize)]
struct ReaderOfIt<'a> {
    version: &'a str,
    serves: bool,
    fate: &'static str,
    records: u64,
    since_s: Option<Seconds>,
    fields: &'a [String],
    reasons: &'a [String],
}

impl<'a> Document<'a> {
    fn of(holdings: &'a Holdings, context: &SkewContext<'a>) -> Self {
        Document {
            schema: SCHEMA,
            scenario: context.scenario,
            plan: context.plan,
            seed: context.seed,
            at_s: holdings.at.into(),
            stores: holdings.stores.iter().map(Store::of).collect(),
        }
    }
}

impl<'a> Store<'a> {
    fn of(holding: &'a Holding) -> Self {
        let Holding { store, records, lots } = holding;
        Store { store, records: *records, lots: lots.iter().map(LotOfIt::of).collect() }
    }
}

impl<'a> LotOfIt<'a> {
    fn of(lot: &'a Lot) -> Self {
        LotOfIt {
            format: &lot.format,
            writer: &lot.writer,
            records: lot.records,
            since_s: lot.since.into(),
            damaged: Wrong::of(&lot.damaged),
            fields_lost: Wrong::of(&lot.fields_lost),
            readers: lot.readers.iter().map(ReaderOfIt::of).collect(),
        }
    }
}

impl<'a> Wrong<'a> {
    fn of(harmed: &'a Harmed) -> Self {
        Wrong { records: harmed.records, since_s: harmed.since.map(Seconds::from), fields: &harmed.fields }
    }
}

impl<'a> ReaderOfIt<'a> {
    fn of(reader: &'a Reader) -> Self {
        ReaderOfIt {
            version: &reader.version,
            serves: reader.serves,
            fate: reader.fate.word(),
            records: reader.records,
            since_s: reader.since.map(Seconds::from),
            fields: &reader.fields,
            reasons: &reader.reasons,
        }
    }
}
