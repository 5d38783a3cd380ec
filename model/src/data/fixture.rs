//! Small entities for tests, and short ways to work on their records.

use super::{
    AvroType, Codec, Entity, Failure, Family, Field, Format, Kind, Mask, Presence, ProtoEnum, ProtoKind, ProtoLabel,
    ProtoStep, ProtoType, Shape, Slot, Symbols, Table, Touch, TypeName, Unit, WriteBack, create, rewrite,
};
use crate::id::{FormatId, VersionId};

/// A ledger that learned to pay by wallet: `ledger-2` (before), `ledger-3` (a new symbol, a new
/// field), `ledger-euros` (the amount in another unit, computed by a rewrite of the service).
pub(super) fn ledger() -> Entity {
    let before = vec![id_field(), amount("cents"), rail(&["CARD", "SEPA"]), attributes()];
    let after = vec![id_field(), amount("cents"), rail(&["CARD", "SEPA", "WALLET"]), attributes(), wallet_id()];
    let euros = vec![id_field(), amount("euros"), rail(&["CARD", "SEPA"]), attributes()];
    Entity {
        name: "ledger entry".into(),
        slots: ["id", "amount", "rail", "attributes", "wallet_id"].map(Into::into).into(),
        formats: vec![format("ledger-2", before), format("ledger-3", after), format("ledger-euros", euros)],
        stated: Mask::EMPTY,
    }
}

pub(super) fn id(entity: &Entity, format: &str) -> FormatId {
    entity.format_named(format).unwrap()
}

pub(super) fn mask(entity: &Entity, slots: &[&str]) -> Mask {
    slots.iter().map(|name| entity.slot(name).unwrap()).collect()
}

pub(super) fn decode(entity: &Entity, writer: &str, reader: &str) -> Table {
    Table::decode(entity, id(entity, writer), id(entity, reader), &Codec::AVRO)
}

pub(super) fn format(name: &str, fields: Vec<Field>) -> Format {
    let record_name = TypeName::new("Entry");
    Format { name: name.into(), family: Family::Avro, record_name, fields, closed: false, reserved: Vec::new() }
}

pub(super) fn field(slot: usize, name: &str, shape: Shape) -> Field {
    Field {
        slot: Slot::new(slot).unwrap(),
        name: name.into(),
        aliases: Vec::new(),
        shape,
        unit: Unit::Unstated,
        presence: Presence::Required,
        default: None,
    }
}

/// A format of Protobuf: a field for each slot, numbered from 1.
pub(super) fn proto_format(name: &str, fields: Vec<Field>) -> Format {
    Format { family: Family::Protobuf, ..format(name, fields) }
}

/// A singular field without presence whose number is its slot's and one.
pub(super) fn proto_field(slot: u32, name: &str, kind: ProtoKind) -> Field {
    let step = ProtoStep { number: slot + 1, name: name.into(), json_name: name.into(), many: false, group: false };
    let wire = ProtoType { path: vec![step], kind, label: ProtoLabel::Singular, oneof: None };
    let field = field(slot as usize, name, Shape::proto(wire));
    Field { presence: Presence::ImplicitZero, default: Some("0".into()), ..field }
}

pub(super) fn proto_enum(open: bool, symbols: &[(&str, i32)]) -> ProtoKind {
    let symbols = symbols.iter().map(|&(name, number)| (name.to_owned(), number)).collect();
    ProtoKind::Enum(ProtoEnum { name: "E".into(), open, symbols })
}

pub(super) fn enumeration(symbols: &[&str], default: Option<&str>) -> Shape {
    let all = symbols.iter().map(ToString::to_string).collect();
    Shape::avro_enum(TypeName::new("Rail"), Symbols { all, default: default.map(Into::into) })
}

/// A record with all fields of its format; hard where that can be.
pub(super) fn born(entity: &Entity, format: FormatId, hard: Mask) -> Kind {
    create(format, entity.format(format).slots(), hard & entity.can_be_hard(format), VersionId::new(0))
}

/// A rewrite by version 1: the format read with, the one written, what is touched.
pub(super) fn step(
    entity: &Entity,
    kind: &Kind,
    (reader, target, touch): (FormatId, FormatId, Touch),
) -> Result<Kind, Failure> {
    let decode = Table::decode(entity, kind.format, reader, &Codec::AVRO);
    let encode = (reader != target).then(|| Table::encode(entity, reader, target));
    let slots = entity.format(target).slots();
    let touch = Touch { sets: touch.sets & slots, ..touch };
    let back = WriteBack { decode: &decode, encode: encode.as_ref(), reader, target, writer: VersionId::new(1) };
    rewrite(kind, &back, touch).map(|(kind, _)| kind)
}

pub(super) fn pure(format: FormatId) -> (FormatId, FormatId, Touch) {
    (format, format, Touch::NONE)
}

fn id_field() -> Field {
    field(0, "id", Shape::avro(AvroType::String))
}

fn amount(unit: &str) -> Field {
    Field { unit: Unit::Stated(unit.into()), ..field(1, "amount", Shape::avro(AvroType::Long)) }
}

fn rail(symbols: &[&str]) -> Field {
    field(2, "rail", enumeration(symbols, None))
}

fn attributes() -> Field {
    let values = Box::new(Shape::avro(AvroType::String));
    field(3, "attributes", Shape::avro(AvroType::Map(values)))
}

fn wallet_id() -> Field {
    let shape = Shape::avro(AvroType::String).or_null();
    Field { default: Some("null".into()), ..field(4, "wallet_id", shape) }
}
