//! From two formats to findings: one file per family, units for all of them.

pub(super) mod avro;
mod fate;
mod json;
mod logical;
mod messages;
mod protobuf;
mod protojson;
pub(super) mod sql;

use super::{Codec, Effect, Entity, Family, Field, Finding, Format, Mask, Slot, Why};

/// What reading records of `writer` as `reader` does.
pub(super) fn decode(writer: &Format, reader: &Format, codec: &Codec) -> Vec<Finding> {
    if writer.family != reader.family {
        return vec![other_family(writer, reader)];
    }
    match reader.family {
        Family::Avro => avro::decode(writer, reader, codec.quirks),
        Family::Json => json::decode(writer, reader, codec),
        Family::Protobuf => protobuf::decode(writer, reader, codec),
        Family::ProtoJson => protojson::decode(writer, reader, codec),
        Family::Sql => sql::decode(writer, reader),
    }
}

/// What writing a record held as `from` in format `to` does.
pub(super) fn encode(from: &Format, to: &Format) -> Vec<Finding> {
    if from.family != to.family {
        return vec![other_family(from, to)];
    }
    match to.family {
        Family::Avro => avro::encode(from, to),
        Family::Json => json::encode(from, to),
        Family::Protobuf | Family::ProtoJson => messages::encode(from, to),
        Family::Sql => sql::encode(from, to),
    }
}

/// The bytes of one family are noise to every other.
fn other_family(writer: &Format, reader: &Format) -> Finding {
    let detail = format!("{} read as {}", writer.family, reader.family);
    Finding { slot: None, effect: Effect::Fatal, why: Why::OtherFamily, detail }
}

/// The defaults that `reader` stores when it writes back.
pub(super) fn materialised(reader: &Format, codec: &Codec) -> Mask {
    match reader.family {
        // The whole record is written under the reader's schema; no field can be left out.
        Family::Avro => reader.slots(),
        Family::Json if codec.emit_defaults => reader.slots(),
        Family::Json => Mask::EMPTY,
        Family::ProtoJson if codec.emit_defaults => messages::without_presence(reader),
        // A field that nobody set is not written.
        Family::Protobuf | Family::ProtoJson => Mask::EMPTY,
        // The database fills in defaults, when a row is inserted.
        Family::Sql => Mask::EMPTY,
    }
}

/// Where the meaning of the slots `seen` differs, or is not known. The same for every family.
pub(super) fn units(entity: &Entity, writer: &Format, reader: &Format, seen: Mask) -> Vec<Finding> {
    let pairs = seen.into_iter().filter_map(|slot| writer.field(slot).zip(reader.field(slot)));
    pairs.flat_map(|(w, r)| clash(entity, r).chain(unknown_unit(w, r))).collect()
}

/// Of each field of a format, the formats under whose meaning a value means something else.
pub(super) fn clashes<'a>(entity: &'a Entity, reader: &'a Format) -> impl Iterator<Item = Finding> + 'a {
    reader.fields.iter().flat_map(|field| clash(entity, field))
}

/// By the slot that a reader of Protobuf sets: the slots of the writer whose bytes it takes for that one.
pub(super) fn overwrites(writer: &Format, reader: &Format, codec: &Codec) -> Vec<(Slot, Mask)> {
    protobuf::overwrites(writer, reader, codec)
}

/// One finding per format under whose meaning a value means something else than the reader takes it for.
fn clash<'a>(entity: &'a Entity, reader: &'a Field) -> impl Iterator<Item = Finding> + 'a {
    entity.format_ids().filter_map(move |set| {
        let other = entity.format(set).field(reader.slot).filter(|field| field.unit.clashes(&reader.unit))?;
        let detail = other.unit.read_as(&reader.unit);
        Some(Finding::new(reader.slot, Effect::Clash(set), Why::OtherUnit, detail))
    })
}

fn unknown_unit(writer: &Field, reader: &Field) -> Option<Finding> {
    let finding = |detail| Finding::new(reader.slot, Effect::UnitUnknown, Why::UnitUnknown, detail);
    if writer.unit.is_doubtful(&reader.unit) {
        return Some(finding(writer.unit.read_as(&reader.unit)));
    }
    (writer.lacks_unit() || reader.lacks_unit()).then(|| finding(String::new()))
}
