//! Protobuf kinds: a value written as one kind of field and read as another, in both encodings.
//!
//! A case has `writer_kind`, `reader_kind` and `values`; each value has the `outcome` and `roundtrip_ok` of the binary
//! encoding and, under `json`, the outcome of ProtoJSON. All of them must agree for the case to pass.

use super::Suite;
use super::protobuf::{Pair, Record, int};
use crate::case::{Case, Verdict};
use formats::Encoding;
use model::data::{Codec, Read, Slot};
use serde_json::{Value, json};

pub(super) const SUITE: Suite = Suite { recognises, run };

/// What fields of these kinds are declared with.
const TYPES: &str = "enum E { Z = 0; A = 1; B = 2; } message N { int32 x = 1; }";

fn recognises(case: &Case<'_>) -> bool {
    case.has(&["writer_kind", "reader_kind", "values"]) && case.body["values"].is_array()
}

fn run(case: &Case<'_>) -> Verdict {
    let kind = |side: &str| case.body[side].as_str().unwrap_or_default().to_owned();
    let (writer, reader) = (kind("writer_kind"), kind("reader_kind"));
    let cases = case.body["values"].as_array().into_iter().flatten();
    let values: Vec<&Value> = cases.clone().map(|value| &value["value"]).collect();
    if let Some(why) = departure(&writer, &reader, &values) {
        return Verdict::Skipped { why: why.to_owned() };
    }
    let verdicts = cases.map(|value| check(value, &writer, &reader).unwrap_or_else(|verdict| verdict));
    verdicts.into_iter().find(|verdict| *verdict != Verdict::Passed).unwrap_or(Verdict::Passed)
}

/// Where a comparison of numbers hides what happened, or values meet two fates for which the model has one.
fn departure(writer: &str, reader: &str, values: &[&Value]) -> Option<&'static str> {
    let any = |holds: fn(i128) -> bool| values.iter().any(|value| int(value).is_some_and(holds));
    match (writer, reader) {
        ("sint32" | "sint64", "bool") => Some("true counts as equal to 1, though it is written back as -1"),
        ("uint64", "int32" | "enum") if any(|n| i32::try_from(n as u64 as i64).is_ok() && n > i128::from(u32::MAX)) => {
            Some("a number whose upper half is all ones comes back whole, others that are too large do not")
        }
        ("int64" | "sint64" | "fixed64", "enum") if any(|n| n >= i128::from(i64::MAX)) => {
            Some("in JSON the measured library cuts some quoted numbers to 32 bits, and refuses others")
        }
        ("double", "enum") => Some("in JSON the measured library cuts some numbers to 32 bits, and refuses others"),
        ("message", "string") if values.iter().any(|value| value.as_object().is_some_and(|o| o.is_empty())) => {
            Some("an empty message is text, others may not be: either way it is another value")
        }
        _ => None,
    }
}

fn check(value: &Value, writer: &str, reader: &str) -> Result<Verdict, Verdict> {
    let binary = Pair::new(&schema(writer), &schema(reader), Encoding::Binary, Codec::PROTOBUF.in_python());
    let got = in_binary(&binary.map_err(refused)?, &value["value"]);
    compare(value, "binary", (&value["outcome"], &got.0))?;
    let survives = value["roundtrip_ok"].as_bool();
    if survives.is_some() && survives != got.1 {
        compare(value, "binary round trip", (&value["roundtrip_ok"], &json!(got.1)))?;
    }
    // A number without a symbol is written as a number.
    let is_unnamed = writer == "enum" && value["value"].as_i64().is_some_and(|n| n > 2);
    let written = if is_unnamed { "int32" } else { writer };
    let json = Pair::new(&schema(written), &schema(reader), Encoding::Json, Codec::PROTOJSON.in_python());
    let got = in_json(&json.map_err(refused)?, &value["value"], reader);
    compare(value, "ProtoJSON", (&value["json"], &json!(got)))
}

fn refused(errors: Vec<formats::SchemaError>) -> Verdict {
    Verdict::failed("two schemas", &errors[0])
}

fn schema(kind: &str) -> String {
    let kind = match kind {
        "enum" => "E",
        "message" => "N",
        other => other,
    };
    format!("syntax = \"proto3\"; {TYPES} message M {{ {kind} v = 1; }}")
}

fn compare(value: &Value, what: &str, (expected, got): (&Value, &Value)) -> Result<Verdict, Verdict> {
    let words = |outcome: &Value| format!("{} in {what}: {outcome}", value["value"]);
    if expected == got { Ok(Verdict::Passed) } else { Err(Verdict::failed(words(expected), words(got))) }
}

fn slot(pair: &Pair) -> Slot {
    pair.entity.slot("v").expect("both messages have the field")
}

/// The outcome, and whether the value is the same after the reader has written it back.
fn in_binary(pair: &Pair, value: &Value) -> (Value, Option<bool>) {
    let record = pair.record(&json!({"v": value}));
    let read = pair.read(&record);
    let slot = slot(pair);
    let outcome = match () {
        () if read.error.is_some() => "decode_error",
        () if !Pair::is_present(&record, slot) => "same_default",
        () if read.aside.contains(slot) => "absent_unknown_kept",
        () if is_other(&read, slot) => "different",
        () => "same",
    };
    (json!(outcome), pair.survives(&record))
}

fn is_other(read: &Read, slot: Slot) -> bool {
    (read.misread | read.narrowed | read.invisible).contains(slot)
}

fn in_json(pair: &Pair, value: &Value, reader: &str) -> &'static str {
    let record: Record = pair.record(&json!({"v": value}));
    let read = pair.read(&record);
    let is_other = match (Pair::is_present(&record, slot(pair)), reader) {
        (false, _) => pair.defaults_differ(),
        // The outcome was told by comparing doubles: what a double rounds is the same to it.
        (true, "double") => (read.misread | read.invisible).contains(slot(pair)),
        (true, _) => is_other(&read, slot(pair)),
    };
    match (read.error.is_some(), is_other) {
        (true, _) => "decode_error",
        (false, true) => "different",
        (false, false) => "same",
    }
}
