//! What a reader holds after a read that the masks let through.

use super::value::{at, avro, bytes, is_of_leaf, leaves, of_bytes, put};
use super::{READER, WRITER};
use model::data::{AvroType, Entity, Field, Format, Read, Shape, Slot};
use serde_json::{Map, Value};

/// The fields of the record that was read.
pub(super) struct Record(Vec<Held>);

/// A field that was read.
struct Held {
    path: String,
    /// Of a record inside, whose fields are held by themselves, an empty object.
    value: Value,
    /// Compared as far as a 32-bit float holds numbers: Python, whose results the cases record, has none.
    is_coarse: bool,
}

impl Record {
    /// What the masks make of what was written.
    pub(super) fn of(entity: &Entity, written: &[(Slot, Value)], read: &Read) -> Self {
        let fields = entity.formats[READER].fields.iter();
        Record(fields.map(|field| held(field, entity, written, read)).collect())
    }

    /// As one value.
    pub(super) fn value(&self) -> Value {
        let mut record = Map::new();
        self.0.iter().for_each(|held| put(&mut record, &held.path, held.value.clone()));
        Value::Object(record)
    }

    /// Whether it is that value: every field, and no other.
    pub(super) fn is(&self, expected: &Value) -> bool {
        let same = |held: &Held| at(expected, &held.path).is_some_and(|value| held.is(value));
        self.0.iter().all(same) && count(&self.value()) == count(expected)
    }
}

/// How many members there are, at all depths: no member is left over when all are found and none is more.
fn count(value: &Value) -> usize {
    value.as_object().map_or(0, |members| members.values().map(|value| 1 + count(value)).sum())
}

impl Held {
    fn is(&self, expected: &Value) -> bool {
        let numbers = self.value.as_f64().zip(expected.as_f64());
        match numbers {
            _ if self.value == Value::Object(Map::new()) => expected.is_object(),
            Some((held, expected)) if self.is_coarse => coarse(held) == coarse(expected),
            Some((held, wanted)) if !(self.value.is_i64() && expected.is_i64()) => held == wanted,
            _ => self.value == *expected,
        }
    }
}

/// A number as a 32-bit float holds it.
#[expect(clippy::cast_possible_truncation, reason = "that is the point")]
fn coarse(number: f64) -> f64 {
    f64::from(number as f32)
}

fn held(field: &Field, entity: &Entity, written: &[(Slot, Value)], read: &Read) -> Held {
    let (writer, reader) = (&entity.formats[WRITER], &entity.formats[READER]);
    let slot = field.slot;
    let was = written.iter().find(|(written, _)| *written == slot).map(|(_, value)| value);
    let is_there = !read.defaulted.contains(slot) || read.replaced.contains(slot);
    let rounds = read.narrowed.contains(slot);
    let value = match was.filter(|_| is_there) {
        _ if is_record(field) => Value::Object(Map::new()),
        Some(value) => through(value, &field.shape, rounds),
        None => default(field, reader, read),
    };
    let was_coarse = is_there && writer.field(slot).is_some_and(|field| has_float(&field.shape));
    Held { path: field.name.clone(), value, is_coarse: rounds || was_coarse }
}

fn has_float(shape: &Shape) -> bool {
    leaves(shape).iter().filter_map(avro).any(|leaf| match leaf {
        AvroType::Float => true,
        AvroType::Array(inner) | AvroType::Map(inner) => has_float(inner),
        _ => false,
    })
}

fn is_record(field: &Field) -> bool {
    matches!(avro(&field.shape), Some(AvroType::Record { .. }))
}

/// What fills a field: its part of the default of a record around it, when that record is filled; else its own default.
/// The code points of a text stand for bytes.
fn default(field: &Field, reader: &Format, read: &Read) -> Value {
    let paths = field.name.match_indices('.').map(|(end, _)| field.name.split_at(end));
    let mut filled = paths.filter_map(|(path, rest)| {
        let record = reader.fields.iter().find(|record| record.name == path)?;
        read.defaulted.contains(record.slot).then(|| at(&own_default(record), &rest[1..]).cloned())
    });
    let value = filled.next().flatten().unwrap_or_else(|| own_default(field));
    let is_binary = leaves(&field.shape)
        .iter()
        .any(|leaf| matches!(avro(leaf), Some(AvroType::Bytes | AvroType::Fixed { .. } | AvroType::Decimal { .. })));
    match value.as_str().filter(|_| is_binary) {
        Some(text) => of_bytes(&text.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect::<Vec<u8>>()),
        None => value,
    }
}

fn own_default(field: &Field) -> Value {
    let text = field.default.as_deref().unwrap_or("null");
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// A value as the reader's type has it: promoted, rounded where the masks say so, or a symbol replaced by the default
/// of its enum.
fn through(value: &Value, shape: &Shape, rounds: bool) -> Value {
    let leaf = leaves(shape).iter().find(|leaf| is_of_leaf(value, leaf)).or(leaves(shape).first());
    let inner = |value: &Value, shape: &Shape| through(value, shape, rounds);
    match (leaf.and_then(avro), value) {
        (Some(AvroType::Array(items)), Value::Array(all)) => all.iter().map(|item| inner(item, items)).collect(),
        (Some(AvroType::Map(values)), Value::Object(all)) => {
            all.iter().map(|(key, value)| (key.clone(), inner(value, values))).collect()
        }
        (Some(AvroType::Enum { .. }), Value::String(name)) => symbol(name, shape),
        (Some(AvroType::Bytes), Value::String(text)) => of_bytes(text.as_bytes()),
        (Some(AvroType::String), Value::Object(_)) => text(value),
        (Some(AvroType::Float), Value::Number(number)) if rounds => {
            number.as_f64().map_or(Value::Null, |n| coarse(n).into())
        }
        (Some(AvroType::Double), Value::Number(number)) if rounds => number.as_f64().into(),
        _ => value.clone(),
    }
}

fn symbol(name: &str, shape: &Shape) -> Value {
    let symbols = leaves(shape).iter().find_map(|leaf| leaf.domain.symbols.as_ref());
    let default = symbols.filter(|symbols| !symbols.all.contains(name)).and_then(|symbols| symbols.default.as_deref());
    default.unwrap_or(name).into()
}

fn text(value: &Value) -> Value {
    let text = bytes(value).and_then(|bytes| String::from_utf8(bytes).ok());
    text.map_or_else(|| value.clone(), Value::from)
}
