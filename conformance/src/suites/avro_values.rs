//! Avro: a datum written with one schema and decoded with another.
//!
//! A case has `writer`, `reader` and `datum`, and `expect`s a `value` (then `expect_value`) or a `decode_error`.
//! The masks say which fields come through, get a default, or fail; with that, what is read is determined, and is
//! compared. Schemas that are no records are put into a record with one field, under which they resolve the same.

mod hard;
mod read;
mod value;

use super::Suite;
use crate::case::{Case, Verdict};
use formats::Source;
use model::data::{Codec, Entity, Mask, Table, create};
use model::id::{FormatId, VersionId};
use serde_json::{Value, json};

pub(super) const SUITE: Suite = Suite { recognises, run };

/// The name of the field that a schema which is no record is put into.
const WRAPPED: &str = "value";

/// Which of the formats is the writer's.
const WRITER: usize = 0;
/// Which is the reader's.
const READER: usize = 1;

fn recognises(case: &Case<'_>) -> bool {
    let is_avro = case.body.get("family").is_none_or(|family| family == "avro");
    is_avro && case.has(&["writer", "reader", "datum", "expect"])
}

fn run(case: &Case<'_>) -> Verdict {
    let is_bare = !["writer", "reader"].into_iter().all(|side| is_record(&case.body[side]));
    let wrap = |value: &Value| if is_bare { json!({ WRAPPED: value }) } else { value.clone() };
    let schema = |side: &str| if is_bare { record_of(&case.body[side]) } else { case.body[side].to_string() };
    let (writer, reader) = (schema("writer"), schema("reader"));
    let entity = match formats::entity("record", &[Source::avro("writer", &writer), Source::avro("reader", &reader)]) {
        Ok(entity) => entity,
        Err(errors) => return Verdict::Skipped { why: format!("{}: {}", errors[0].found, errors[0].help) },
    };
    let answer = decode(&entity, &wrap(&case.body["datum"]));
    match case.body["expect"].as_str() {
        Some("decode_error") => expect_error(&answer),
        Some("value") if case.has(&["expect_value"]) => expect_value(&wrap(&case.body["expect_value"]), &answer),
        _ => Verdict::failed("`expect` with `value` and `expect_value`, or `decode_error`", &case.body["expect"]),
    }
}

fn is_record(schema: &Value) -> bool {
    schema["type"] == "record"
}

fn record_of(schema: &Value) -> String {
    json!({"type": "record", "name": "Wrapped", "fields": [{"name": WRAPPED, "type": schema}]}).to_string()
}

/// What the reader gets out of the datum.
enum Answer {
    /// This, up to what a float does not hold.
    Value(read::Record),
    /// An error, in words.
    Error(String),
    /// The datum is none of the writer's schema.
    NoDatum(String),
}

fn table(entity: &Entity) -> Table {
    Table::decode(entity, FormatId::new(WRITER), FormatId::new(READER), &Codec::AVRO)
}

fn decode(entity: &Entity, datum: &Value) -> Answer {
    let written = match value::fields(&entity.formats[WRITER], datum) {
        Ok(written) => written,
        Err(said) => return Answer::NoDatum(said),
    };
    let hard: Mask = written.iter().filter(|(slot, value)| hard::is_hard(entity, *slot, value)).map(|w| w.0).collect();
    let kind = create(FormatId::new(WRITER), entity.formats[WRITER].slots(), hard, VersionId::ZERO);
    let read = model::data::read(&kind, &table(entity));
    match read.error {
        Some(refusal) => Answer::Error(refusal.why.to_string()),
        None => Answer::Value(read::Record::of(entity, &written, &read)),
    }
}

fn expect_error(answer: &Answer) -> Verdict {
    match answer {
        Answer::Error(_) => Verdict::Passed,
        Answer::Value(record) => Verdict::failed("decode_error", record.value()),
        Answer::NoDatum(said) => Verdict::failed("a datum of the writer's schema", said),
    }
}

fn expect_value(expected: &Value, answer: &Answer) -> Verdict {
    match answer {
        Answer::Value(record) if record.is(expected) => Verdict::Passed,
        Answer::Value(record) => Verdict::failed(expected, record.value()),
        Answer::Error(why) => Verdict::failed(expected, format!("decode_error: {why}")),
        Answer::NoDatum(said) => Verdict::failed("a datum of the writer's schema", said),
    }
}
