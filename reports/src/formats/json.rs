//! A comparison as JSON: `gameday.formats/1`. Fields are documented in `docs/JSON.md`.

use super::{Compared, name};
use model::data::{self, Comparison, Consequence, Judgement, Outcome, Row, UnitSource};
use serde::Serialize;
use serde_json::Value;

/// The name and version of the format.
const SCHEMA: &str = "gameday.formats/1";

/// The comparison as one JSON document.
///
/// # Panics
/// Never: nothing in the document fails to be JSON.
#[must_use]
pub fn json(compared: &Compared<'_>) -> Value {
    serde_json::to_value(Document::of(compared)).expect("text, numbers and lists are JSON")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    old: Side<'a>,
    new: Side<'a>,
    judgement: &'static str,
    records: Vec<Record<'a>>,
    gone: &'a [String],
    added: &'a [String],
}

#[derive(Serialize)]
struct Side<'a> {
    file: &'a str,
    codec: &'a str,
}

#[derive(Serialize)]
struct Record<'a> {
    name: &'a str,
    judgement: &'static str,
    unjudged: &'a [String],
    fields: Vec<Field<'a>>,
}

#[derive(Serialize)]
struct Field<'a> {
    name: Option<&'a str>,
    old_unit: Option<Unit<'a>>,
    new_unit: Option<Unit<'a>>,
    new_reads_old: Way<'a>,
    old_reads_new: Way<'a>,
    old_rewrites_new: Way<'a>,
    new_rewrites_old: Way<'a>,
    old_inserts_new: Option<Way<'a>>,
    old_updates_new: Option<Way<'a>>,
}

/// What the numbers in a field mean, and how that is known.
#[derive(Serialize)]
struct Unit<'a> {
    name: Option<&'a str>,
    source: &'static str,
}

#[derive(Serialize)]
struct Way<'a> {
    outcome: &'static str,
    harm: bool,
    findings: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    outcome: &'static str,
    why: String,
    records: Option<&'a str>,
    example: Option<&'a str>,
}

impl<'a> Document<'a> {
    fn of(compared: &'a Compared<'a>) -> Self {
        Document {
            schema: SCHEMA,
            old: Side { file: compared.old, codec: &compared.codecs[0] },
            new: Side { file: compared.new, codec: &compared.codecs[1] },
            judgement: judgement(compared.judgement()),
            records: compared.types.iter().map(Record::of).collect(),
            gone: &compared.gone,
            added: &compared.added,
        }
    }
}

impl<'a> Record<'a> {
    fn of(comparison: &'a Comparison) -> Self {
        Record {
            name: &comparison.entity.name,
            judgement: judgement(comparison.judgement()),
            unjudged: &comparison.unjudged,
            fields: comparison.rows.iter().map(|row| Field::of(comparison, row)).collect(),
        }
    }
}

impl<'a> Field<'a> {
    fn of(comparison: &'a Comparison, row: &'a Row) -> Self {
        Field {
            name: row.slot.map(|_| name(comparison, row)),
            old_unit: Unit::of(comparison, row, 0),
            new_unit: Unit::of(comparison, row, 1),
            new_reads_old: Way::of(&row.new_reads_old),
            old_reads_new: Way::of(&row.old_reads_new),
            old_rewrites_new: Way::of(&row.old_rewrites_new),
            new_rewrites_old: Way::of(&row.new_rewrites_old),
            old_inserts_new: row.old_inserts_new.as_ref().map(Way::of),
            old_updates_new: row.old_updates_new.as_ref().map(Way::of),
        }
    }
}

impl<'a> Unit<'a> {
    fn of(comparison: &'a Comparison, row: &Row, side: usize) -> Option<Self> {
        let field = comparison.entity.formats[side].field(row.slot?)?;
        let source = match field.unit.source() {
            UnitSource::Unknown => "unknown",
            UnitSource::Inferred => "inferred",
            UnitSource::Stated => "stated",
        };
        Some(Unit { name: field.unit.name(), source })
    }
}

impl<'a> Way<'a> {
    fn of(way: &'a data::Way) -> Self {
        Way {
            outcome: outcome(way.outcome),
            harm: way.outcome.is_harm(),
            findings: way.consequences.iter().map(Found::of).collect(),
        }
    }
}

impl<'a> Found<'a> {
    fn of(consequence: &'a Consequence) -> Self {
        Found {
            outcome: outcome(consequence.outcome),
            why: consequence.finding.to_string(),
            records: consequence.records.as_deref(),
            example: consequence.example.as_deref(),
        }
    }
}

const fn judgement(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Lossless => "lossless",
        Judgement::Undecided => "undecided",
        Judgement::Harmful => "harmful",
    }
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Nothing => "nothing",
        Outcome::Default => "default",
        Outcome::Unseen => "unseen",
        Outcome::UnitUnknown => "unit_unknown",
        Outcome::Replaced => "replaced",
        Outcome::Narrowed => "narrowed",
        Outcome::Missed => "missed",
        Outcome::Lost => "lost",
        Outcome::Misread => "misread",
        Outcome::FailsForSome => "fails_for_some",
        Outcome::Fails => "fails",
    }
}
