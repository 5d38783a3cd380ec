//! Values of a map of JSON that show what a reader makes of a key to which it gives a schema of its own.

use super::path::{self, Step};
use super::{Field, Finding, Format, JsonType, Others, Shape, Value, Why, Wire, witness};

/// What a value can be that its key does not take.
const WHYS: [Why; 6] = [Why::UnknownSymbol, Why::OutOfRange, Why::NotWhole, Why::Length, Why::TypeClash, Why::Null];

/// A value of a map of the writer, as JSON, whose key the reader takes for something else; `finding` says which key.
pub(super) fn example(map: &Field, reader: &Format, finding: &Finding) -> Option<String> {
    let is_told = |own: &&Field| {
        let key = own.name.rsplit('.').next().unwrap_or(&own.name);
        let around = path::around(&own.name).map(path::split);
        around.is_some_and(|(name, _)| name == map.name) && finding.detail.starts_with(&format!("{key}: "))
    };
    let own = reader.fields.iter().find(is_told)?;
    let (around, key) = own.name.rsplit_once('.')?;
    let steps = path::split(around).1;
    let values = values(&map.shape, &steps)?;
    let holds = |shape: &Shape, value: &String| Value::of_json(value).and_then(|value| shape.holds(&value));
    let is_refused = |value: &String| holds(values, value) == Some(true) && holds(&own.shape, value) == Some(false);
    let refused = WHYS.iter().filter_map(|why| witness(values, &own.shape, *why)).find(is_refused)?;
    let entry = format!("{{\"{key}\": {refused}}}");
    Some(steps.iter().rev().fold(entry, |inner, step| match step {
        Step::Item => format!("[{inner}]"),
        Step::Value | Step::Record(_) => format!("{{\"key\": {inner}}}"),
    }))
}

/// The values of the map that the steps lead to.
fn values<'a>(shape: &'a Shape, steps: &[Step<'_>]) -> Option<&'a Shape> {
    let Wire::Json(json) = &shape.wire else { return None };
    match (steps.split_first(), json) {
        (None, JsonType::Object(Others::Like(values))) => Some(values),
        (Some((Step::Item, rest)), JsonType::Array(inner))
        | (Some((Step::Value, rest)), JsonType::Object(Others::Like(inner))) => self::values(inner, rest),
        _ => None,
    }
}
