//! Which values are hard: of the writer's type, and nothing the reader's type can hold as they are.

use super::value::{avro, bytes, holds, is_of_leaf, knows, leaves};
use super::{READER, WRITER, table};
use model::data::{AvroType, Entity, Field, Shape, Slot};
use serde_json::Value;

/// Whether a value that the writer put into `slot` is hard.
pub(super) fn is_hard(entity: &Entity, slot: Slot, value: &Value) -> bool {
    let (writer, reader) = (entity.formats[WRITER].field(slot), entity.formats[READER].field(slot));
    match (writer, reader) {
        (Some(writer), Some(reader)) => in_pair(value, &Pair { entity, writer, reader }),
        _ => false,
    }
}

/// A field on both sides.
struct Pair<'a> {
    entity: &'a Entity,
    writer: &'a Field,
    reader: &'a Field,
}

fn in_pair(value: &Value, pair: &Pair<'_>) -> bool {
    let (writer, reader) = (&pair.writer.shape, &pair.reader.shape);
    if value.is_null() {
        return !reader.domain.nullable;
    }
    leaves(writer).iter().find(|leaf| is_of_leaf(value, leaf)).is_some_and(|leaf| {
        let reads = |candidate: &&Shape| pair.reads(leaf, candidate);
        leaves(reader).iter().find(reads).is_none_or(|candidate| in_leaf(value, leaf, candidate, pair))
    })
}

impl Pair<'_> {
    /// Whether the tables let values of `leaf` through to `candidate`, hard ones excepted.
    fn reads(&self, leaf: &Shape, candidate: &Shape) -> bool {
        let mut entity = self.entity.clone();
        let sides = [(WRITER, self.writer, leaf), (READER, self.reader, candidate)];
        for (format, field, shape) in sides {
            let field = Field { shape: shape.clone(), ..field.clone() };
            entity.formats[format].fields = vec![field];
        }
        table(&entity).err_present.is_empty()
    }

    /// The same field, looked into.
    fn within(&self, writer: &Shape, reader: &Shape, value: &Value) -> bool {
        let writer = Field { shape: writer.clone(), ..self.writer.clone() };
        let reader = Field { shape: reader.clone(), ..self.reader.clone() };
        in_pair(value, &Pair { entity: self.entity, writer: &writer, reader: &reader })
    }
}

/// A value of one type read as one other.
fn in_leaf(value: &Value, writer: &Shape, reader: &Shape, pair: &Pair<'_>) -> bool {
    match (avro(writer), avro(reader)) {
        (Some(AvroType::Array(items)), Some(AvroType::Array(read))) => {
            value.as_array().into_iter().flatten().any(|item| pair.within(items, read, item))
        }
        (Some(AvroType::Map(values)), Some(AvroType::Map(read))) => {
            value.as_object().into_iter().flatten().any(|(_, value)| pair.within(values, read, value))
        }
        (Some(AvroType::Bytes), Some(AvroType::String)) => bytes(value).is_some_and(|b| String::from_utf8(b).is_err()),
        (_, Some(AvroType::Enum { .. })) => value.as_str().is_some_and(|symbol| !knows(reader, symbol)),
        _ => value.as_i64().is_some_and(|number| reader.domain.ints.is_some() && !holds(reader, number)),
    }
}
