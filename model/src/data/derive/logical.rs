//! Logical types of Avro, where a library makes something of its own of them.
//!
//! To the specification a value of one is a value of the type that carries it. The crate `apache-avro` holds it as a
//! value of another sort (0.22, `Value::resolve`): it is read under the same logical type and under no other, nor
//! without one; what is read as one must be of it. Libraries with conversions that a program registers do so for those.

use super::super::{AvroType, Effect, Quirks, Shape, Why};
use super::avro::{avro, fit};
use super::fate::{Fate, Verdict, clash};

/// Where a library does not take a value of a logical type for one of the type that carries it; `None` where the types
/// that carry them say it all.
pub(super) fn verdict(writer: &Shape, reader: &Shape, quirks: Quirks) -> Option<Verdict> {
    let name = |shape: &Shape| match avro(shape) {
        AvroType::Decimal { .. } => Some("decimal".to_owned()),
        _ => shape.domain.logical.clone(),
    };
    let (ours, theirs) = (name(writer), name(reader));
    if ours == theirs {
        return (quirks.tells_logical_types && writer.is_uuid()).then(|| Ok(Vec::new()));
    }
    let told = |name: &Option<String>, shape: &Shape| name.clone().unwrap_or_else(|| avro(shape).to_string());
    let detail = format!("{} read as {}", told(&ours, writer), told(&theirs, reader));
    if quirks.may_convert && reader.is_uuid() {
        return Some(fit(&plain(writer), &plain(reader), quirks).map(|mut fates| {
            fates.push(Fate::new(Effect::UnitUnknown, Why::MayBeConverted, detail));
            fates
        }));
    }
    quirks.tells_logical_types.then(|| match (ours, theirs.as_deref()) {
        (None, Some("uuid")) => uuid(writer, reader, detail),
        (None, Some(theirs)) if carries(avro(writer), avro(reader), theirs) => Ok(Vec::new()),
        _ => clash(Why::TypeClash, detail),
    })
}

/// The same without its logical type.
fn plain(shape: &Shape) -> Shape {
    let mut plain = shape.clone();
    plain.domain.logical = None;
    plain
}

/// A text, or bytes, of which only some are UUIDs.
fn uuid(writer: &Shape, reader: &Shape, detail: String) -> Verdict {
    use AvroType::{Bytes, Fixed, String};
    match (avro(writer), avro(reader)) {
        (String, String | Fixed { .. }) | (Bytes, Bytes) => {
            Ok(vec![Fate { effect: Effect::ErrHard, why: Why::NotUuid, detail }])
        }
        (Fixed { size: 16, .. }, Fixed { .. }) => Ok(Vec::new()),
        _ => clash(Why::TypeClash, detail),
    }
}

/// Whether the crate `apache-avro` makes a value of a logical type of one without: of an `int` and of a `long`, and of
/// bytes, but for those that it looks into.
fn carries(writer: &AvroType, reader: &AvroType, logical: &str) -> bool {
    use AvroType::{Decimal, Fixed, Int, Long};
    match (writer, reader) {
        (Int, Int | Long) | (Long, Long) => true,
        (Fixed { size: 12, .. }, Fixed { .. }) => logical == "duration",
        (writer, Decimal { base, .. }) => writer == avro(base),
        _ => false,
    }
}
