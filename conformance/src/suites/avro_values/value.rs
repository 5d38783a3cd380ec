//! A datum as the cases write it, JSON with `{"$bytes": hex}` for bytes, taken apart into fields.

use model::data::{AvroType, Format, Shape, Slot, Wire};
use serde_json::{Map, Value, json};

/// What bytes are written as.
const BYTES: &str = "$bytes";

/// The value of each field of a record; a field of a record inside it goes by its path, `outer.inner`.
pub(super) fn fields(format: &Format, datum: &Value) -> Result<Vec<(Slot, Value)>, String> {
    format.fields.iter().map(|field| Ok((field.slot, one(&field.name, &field.shape, datum)?))).collect()
}

fn one(path: &str, shape: &Shape, datum: &Value) -> Result<Value, String> {
    let value = at(datum, path).ok_or_else(|| format!("a datum without `{path}`"))?;
    if is_of(value, shape) { Ok(value.clone()) } else { Err(format!("{value}, which is no {shape}")) }
}

/// What stands at a path.
pub(super) fn at<'a>(record: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(record, |inner, step| inner.get(step))
}

/// Puts a value at a path.
pub(super) fn put(record: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            record.insert(path.to_owned(), value);
        }
        Some((outer, rest)) => {
            let inner = record.entry(outer).or_insert_with(|| json!({}));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Whether the value is one of the shape.
pub(super) fn is_of(value: &Value, shape: &Shape) -> bool {
    if value.is_null() {
        return shape.domain.nullable;
    }
    leaves(shape).iter().any(|leaf| is_of_leaf(value, leaf))
}

/// What the values of a shape can be besides `null`.
pub(super) fn leaves(shape: &Shape) -> &[Shape] {
    match avro(shape) {
        Some(AvroType::Union(branches)) => branches,
        _ => std::slice::from_ref(shape),
    }
}

pub(super) fn avro(shape: &Shape) -> Option<&AvroType> {
    match &shape.wire {
        Wire::Avro(avro) => Some(avro),
        Wire::Json(_) | Wire::Proto(_) | Wire::Sql(_) => None,
    }
}

pub(super) fn is_of_leaf(value: &Value, leaf: &Shape) -> bool {
    let Some(avro) = avro(leaf) else { return false };
    match avro {
        AvroType::Null => value.is_null(),
        AvroType::Boolean => value.is_boolean(),
        AvroType::Int | AvroType::Long => value.as_i64().is_some_and(|number| holds(leaf, number)),
        AvroType::Float | AvroType::Double => value.is_number(),
        AvroType::String => value.is_string(),
        AvroType::Bytes => bytes(value).is_some(),
        AvroType::Fixed { size, .. } => bytes(value).is_some_and(|bytes| bytes.len() == *size),
        AvroType::Decimal { base, .. } => is_of_leaf(value, base),
        AvroType::Enum { .. } => value.as_str().is_some_and(|symbol| knows(leaf, symbol)),
        AvroType::Array(items) => value.as_array().is_some_and(|all| all.iter().all(|item| is_of(item, items))),
        AvroType::Record { .. } => value.is_object(),
        AvroType::Map(values) => {
            bytes(value).is_none()
                && value.as_object().is_some_and(|all| all.values().all(|value| is_of(value, values)))
        }
        AvroType::Union(_) => is_of(value, leaf),
    }
}

/// Whether the integer is held exactly.
pub(super) fn holds(shape: &Shape, number: i64) -> bool {
    shape.domain.ints.is_some_and(|ints| ints.contains(number.into()))
}

/// Whether the symbol is one of an enum's.
pub(super) fn knows(shape: &Shape, symbol: &str) -> bool {
    shape.domain.symbols.as_ref().is_some_and(|symbols| symbols.all.contains(symbol))
}

/// The bytes that `{"$bytes": hex}` stands for.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    let hex = members.get(BYTES)?.as_str().filter(|hex| hex.is_ascii() && hex.len() % 2 == 0)?;
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

/// Bytes as the cases write them.
pub(super) fn of_bytes(bytes: &[u8]) -> Value {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ BYTES: hex })
}
