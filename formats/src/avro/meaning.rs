//! Units: what the schema's author says the numbers mean.

use model::data::Unit;
use serde_json::Value;

/// Logical types that say how a value is encoded, not what it means.
const ENCODINGS: [&str; 2] = ["decimal", "uuid"];

/// The unit of a field: its own `unit` attribute, its type's, the logical type, the field's name.
///
/// A `logicalType` beside the field's type instead of inside it has no effect in Avro, and still
/// says what the author means.
pub(super) fn unit(name: &str, field: &Value) -> Unit {
    let stated = annotation(field, "unit")
        .or_else(|| annotation(field, "logicalType").filter(|logical| !ENCODINGS.contains(logical)));
    stated.map_or_else(|| Unit::from_name(name), |unit| Unit::Stated(unit.to_owned()))
}

/// A unit that is none: neither the library nor anybody else would complain of it.
pub(super) fn mistaken(field: &Value) -> Option<&Value> {
    let units = [field.get("unit"), field.get("type").and_then(|of| of.get("unit"))];
    units.into_iter().flatten().find(|unit| unit.as_str().is_none_or(str::is_empty))
}

/// The first `key` on the way down: the object itself, its type, its elements, union branches.
fn annotation<'a>(json: &'a Value, key: &str) -> Option<&'a str> {
    if let Value::Array(branches) = json {
        return branches.iter().find_map(|branch| annotation(branch, key));
    }
    let here = json.get(key).and_then(Value::as_str);
    here.or_else(|| ["type", "items", "values"].iter().find_map(|inner| annotation(json.get(inner)?, key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, field: &str, expected: Option<&str>) {
        let field = serde_json::from_str(field).unwrap();
        assert_eq!(unit(name, &field).name(), expected, "{field}");
    }

    #[test]
    fn a_unit_is_found_wherever_it_is_written() {
        check("a", r#"{"type": "long", "unit": "cents"}"#, Some("cents"));
        check("a", r#"{"type": {"type": "long", "unit": "cents"}}"#, Some("cents"));
        check(
            "a",
            r#"{"type": ["null", {"type": "long", "logicalType": "timestamp-millis"}]}"#,
            Some("timestamp-millis"),
        );
        check("a", r#"{"type": "long", "logicalType": "timestamp-micros"}"#, Some("timestamp-micros"));
        check("a", r#"{"type": {"type": "array", "items": {"type": "int", "unit": "ms"}}}"#, Some("ms"));
    }

    #[test]
    fn what_is_written_goes_before_the_name() {
        check("wait_ms", r#"{"type": "long"}"#, Some("ms"));
        check("wait_ms", r#"{"type": "long", "unit": "s"}"#, Some("s"));
    }

    #[test]
    fn an_encoding_is_not_a_unit() {
        check("a", r#"{"type": {"type": "string", "logicalType": "uuid"}}"#, None);
        check("a", r#"{"type": {"type": "bytes", "logicalType": "decimal"}}"#, None);
    }
}
