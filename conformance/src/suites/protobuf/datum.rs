//! Values of a message, found in its JSON.

use model::data::{Presence, ProtoKind, ProtoType};
use serde_json::Value;

/// One value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Datum {
    /// An integer, a bool, or the number of a symbol.
    Int(i128),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// A message: whether it has any part.
    Message {
        empty: bool,
    },
    /// Nothing that a field of that kind can hold.
    Strange,
}

impl Datum {
    /// Whether it is the value of a field that was not set.
    pub(in super::super) fn is_zero(&self) -> bool {
        match self {
            Datum::Int(n) => *n == 0,
            Datum::Float(x) => *x == 0.0 && x.is_sign_positive(),
            Datum::Text(text) => text.is_empty(),
            Datum::Bytes(bytes) => bytes.is_empty(),
            Datum::Message { empty } => *empty,
            Datum::Strange => false,
        }
    }

    /// Whether it is the same number, text or message as `other`.
    pub(in super::super) fn is(&self, other: &Datum) -> bool {
        match (self, other) {
            (Datum::Int(n), Datum::Float(x)) | (Datum::Float(x), Datum::Int(n)) => *n as f64 == *x,
            (Datum::Text(text), Datum::Bytes(bytes)) | (Datum::Bytes(bytes), Datum::Text(text)) => {
                text.as_bytes() == bytes
            }
            // Its parts are compared one by one.
            (Datum::Message { .. }, Datum::Message { .. }) => true,
            _ => self == other,
        }
    }
}

/// Whether a field with these values is written at all.
pub(super) fn is_set(presence: Presence, data: &[Datum]) -> bool {
    let is_told = presence != Presence::ImplicitZero;
    data.iter().any(|datum| is_told || !datum.is_zero())
}

/// All values of a field in the JSON of a message, those in lists and maps one by one.
pub(in super::super) fn data(message: &Value, field: &ProtoType) -> Vec<Datum> {
    at(message, field).into_iter().map(|value| datum(value, &field.kind)).collect()
}

/// The JSON of all values of a field.
pub(in super::super) fn at<'a>(message: &'a Value, field: &ProtoType) -> Vec<&'a Value> {
    let mut found = vec![message];
    for (i, step) in field.path.iter().enumerate() {
        // JSON has no step from an entry of a map to its value.
        let is_entry = i > 0 && field.path[i - 1].many && step.number == 2 && step.name == "value";
        if is_entry && found.iter().all(|value| value.get("value").is_none()) {
            continue;
        }
        let inside = found.into_iter().filter_map(|value| value.get(&step.json_name).or_else(|| value.get(&step.name)));
        found = inside.flat_map(|value| if step.many { each(value) } else { vec![value] }).collect();
    }
    found
}

fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(entries) => entries.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![value],
    }
}

pub(super) fn datum(value: &Value, kind: &ProtoKind) -> Datum {
    let parsed = match kind {
        ProtoKind::String { .. } => value.as_str().map(|text| Datum::Text(text.to_owned())),
        ProtoKind::Bytes => value.as_str().map(|text| Datum::Bytes(base64(text))),
        ProtoKind::Message { .. } => Some(Datum::Message { empty: value.as_object().is_some_and(|o| o.is_empty()) }),
        ProtoKind::Float | ProtoKind::Double => float(value).map(Datum::Float),
        ProtoKind::Enum(symbols) => {
            let number = value.as_str().and_then(|symbol| symbols.number(symbol)).map(i128::from);
            number.or_else(|| int(value)).map(Datum::Int)
        }
        _ => int(value).map(Datum::Int),
    };
    parsed.unwrap_or(Datum::Strange)
}

/// The integer that a value of ProtoJSON is.
pub(in super::super) fn int(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(bool) => Some(i128::from(*bool)),
        Value::Number(number) => number.as_i128(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| match value.as_str()? {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    })
}

/// What a character of base64 stands for, in either alphabet.
pub(super) fn six_bits(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

fn base64(text: &str) -> Vec<u8> {
    let sixes: Vec<u32> = text.bytes().filter_map(six_bits).collect();
    let bytes = sixes.chunks(4).flat_map(|chunk| {
        let bits = chunk.iter().fold(0, |bits, six| bits << 6 | six) << (6 * (4 - chunk.len()));
        bits.to_be_bytes().into_iter().skip(1).take(chunk.len() * 6 / 8)
    });
    bytes.collect()
}
