//! Protobuf: a message written with one schema and read with another, in both encodings.
//!
//! A case has `family: protobuf`, `writer` and `reader` (source text with a message `M`) and `datum_json`. Under
//! `binary` it says what the reader sees and whether the message is whole after it was written back, by a library that
//! keeps unknown fields and by one that does not; under `json` the same for ProtoJSON, strict and ignoring.

use super::Suite;
use super::protobuf::{Datum, Pair, Record, at, data, proto};
use crate::case::{Case, Verdict};
use formats::Encoding;
use model::data::{Codec, Field, Read};
use serde_json::{Value, json};

pub(super) const SUITE: Suite = Suite { recognises, run };

fn recognises(case: &Case<'_>) -> bool {
    case.body.get("family").is_some_and(|family| family == "protobuf")
        && case.has(&["writer", "reader", "datum_json"])
        && (case.has(&["binary"]) || case.has(&["json"]))
}

fn run(case: &Case<'_>) -> Verdict {
    check(case).err().unwrap_or(Verdict::Passed)
}

/// A verdict other than "passed" comes as an error.
type Checked = Result<(), Verdict>;

fn check(case: &Case<'_>) -> Checked {
    let body = case.body;
    let text = |side: &str| body[side].as_str().unwrap_or_default();
    let pair = |encoding, codec: Codec| {
        let pair = Pair::new(text("writer"), text("reader"), encoding, codec.in_python());
        pair.map_err(|errors| Verdict::Skipped { why: format!("{}: {}", errors[0].found, errors[0].help) })
    };
    let datum = &body["datum_json"];
    if let Some(expected) = body.get("binary") {
        let preserving = pair(Encoding::Binary, Codec::PROTOBUF)?;
        view("binary", &preserving, datum, expected)?;
        whole("preserving", &preserving, datum, &expected["lossless_preserving"])?;
        whole(
            "discarding",
            &pair(Encoding::Binary, Codec::PROTOBUF_DISCARDING)?,
            datum,
            &expected["lossless_discarding"],
        )?;
    }
    let modes = [("strict", Codec::PROTOJSON), ("ignore_unknown", Codec::PROTOJSON_IGNORING)];
    for (mode, codec) in modes {
        let Some(expected) = body.get("json").and_then(|json| json.get(mode)) else { continue };
        let pair = pair(Encoding::Json, codec)?;
        if let Some(why) = pair.departure(&pair.record(datum)) {
            return Err(Verdict::Skipped { why: why.to_owned() });
        }
        view(mode, &pair, datum, expected)?;
        whole(mode, &pair, datum, &expected["lossless_after_rewrite"])?;
    }
    Ok(())
}

fn compare(what: &str, expected: &Value, got: &Value) -> Checked {
    let words = |value: &Value| format!("{what}: {value}");
    if expected == got { Ok(()) } else { Err(Verdict::failed(words(expected), words(got))) }
}

/// What the reader sees.
fn view(what: &str, pair: &Pair, datum: &Value, expected: &Value) -> Checked {
    let record = pair.record(datum);
    let read = pair.read(&record);
    let outcome = if read.error.is_some() { "decode_error" } else { "ok" };
    compare(what, &expected["outcome"], &json!(outcome))?;
    if read.error.is_some() {
        return Ok(());
    }
    // Elements that a list has put aside are told by its being cut.
    if let Some(count) = expected["unknown_fields"].as_u64().filter(|_| read.narrowed.is_empty()) {
        let is_aside = !(read.aside & pair.top_level()).is_empty();
        compare(&format!("{what}, unknown fields"), &json!(count > 0), &json!(is_aside))?;
    }
    if let Some(seen) = expected.get("reader_view") {
        pair.reader_fields().iter().try_for_each(|field| field_of_view(what, &record, &read, (field, seen)))?;
    }
    let is_written = expected.get("lossless_preserving").is_some();
    let is_refused = expected.get("rewrite_error").is_some();
    if is_written || is_refused {
        let got = pair.cannot_write(&record);
        compare(&format!("{what}, cannot be written back"), &json!(is_refused), &json!(got))?;
    }
    Ok(())
}

/// One field of it, where the masks determine what is there.
fn field_of_view(what: &str, record: &Record, read: &Read, (field, seen): (&Field, &Value)) -> Checked {
    let wire = proto(&field.shape.wire);
    let found = data(seen, wire);
    let name = format!("{what}, `{}` {}", field.name, json!(at(seen, wire)));
    let Some(written) = record.written(field.slot) else {
        let is_unset = !read.misread.is_empty() || found.iter().all(Datum::is_zero);
        return compare(&format!("{name}, not set"), &json!(is_unset), &json!(true));
    };
    let is_other = (read.misread | read.narrowed).contains(field.slot);
    // A zero that was set looks like one that was not, where zeros are not told apart.
    match ((read.invisible | read.forgotten).contains(field.slot), wire.path.iter().any(|step| step.many)) {
        // Some of its values are, and nothing says which.
        (true, true) => Ok(()),
        (true, false) => compare(&format!("{name}, not set"), &json!(found.iter().all(Datum::is_zero)), &json!(true)),
        (false, _) => {
            let is_same = written.is_seen_as(&at(seen, wire), wire);
            compare(&format!("{name}, another value"), &json!(!is_same), &json!(is_other))
        }
    }
}

/// Whether the writer finds the message as it was, after the reader has written it back.
fn whole(what: &str, pair: &Pair, datum: &Value, expected: &Value) -> Checked {
    if expected.is_null() {
        return Ok(());
    }
    let survives = pair.survives(&pair.record(datum)).unwrap_or(false);
    compare(&format!("{what}, whole after writing back"), expected, &json!(survives))
}
