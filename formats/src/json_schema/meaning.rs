//! Units: what the schema's author says the values mean.

use model::data::Unit;
use serde_json::Value;

/// Formats that say how wide a number is, not what it means.
const WIDTHS: [&str; 4] = ["int32", "int64", "float", "double"];

/// The unit of a field: `x-unit`, else `format`, else the field's name. `schemas` are the field's own and the one that
/// it refers to.
pub(super) fn unit(path: &str, schemas: [&Value; 2]) -> Unit {
    let stated = |key| schemas.into_iter().find_map(|schema| annotation(schema, key));
    let format = || stated("format").filter(|format| !WIDTHS.contains(format));
    let stated = stated("x-unit").or_else(format);
    stated.map_or_else(|| Unit::from_name(path), |unit| Unit::Stated(unit.to_owned()))
}

/// The first `key` on the way down: the schema itself, its elements, its alternatives.
fn annotation<'a>(schema: &'a Value, key: &str) -> Option<&'a str> {
    let deeper = || {
        let inner = ["items", "additionalProperties"].iter().filter_map(|inner| schema.get(inner));
        let either = ["oneOf", "anyOf"].iter().filter_map(|inner| schema.get(inner)?.as_array()).flatten();
        inner.chain(either).find_map(|inner| annotation(inner, key))
    };
    schema.get(key).and_then(Value::as_str).or_else(deeper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(name: &str, schema: Value, expected: Option<&str>) {
        assert_eq!(unit(name, [&schema, &Value::Null]).name(), expected, "{schema}");
    }

    #[test]
    fn a_unit_is_stated_or_told_by_the_name() {
        check("a", json!({"type": "integer", "x-unit": "cents"}), Some("cents"));
        check("a", json!({"type": "array", "items": {"type": "integer", "x-unit": "ms"}}), Some("ms"));
        check("a", json!({"oneOf": [{"type": "null"}, {"type": "string", "format": "date-time"}]}), Some("date-time"));
        check("wait_ms", json!({"type": "integer", "format": "int64"}), Some("ms"));
        check("a", json!({"type": "integer", "format": "int32"}), None);
    }
}
