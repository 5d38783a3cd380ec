//! Small entities for tests.

use super::{
    AvroType, Codec, Entity, Family, Field, Format, Mask, Presence, Shape, Slot, Symbols, Table,
    TypeName, Unit,
};
use crate::id::FormatId;

/// A ledger that learned to pay by wallet: `ledger-2` (before), `ledger-3` (a new symbol, a new
/// field), `ledger-euros` (the amount in another unit, computed by a rewrite of the service).
pub(super) fn ledger() -> Entity {
    let before = vec![id_field(), amount("cents"), rail(&["CARD", "SEPA"]), attributes()];
    let after = vec![id_field(), amount("cents"), rail(&["CARD", "SEPA", "WALLET"]), attributes(), wallet_id()];
    let euros = vec![id_field(), amount("euros"), rail(&["CARD", "SEPA"]), attributes()];
    Entity {
        name: "ledger entry".into(),
        slots: ["id", "amount", "rail", "attributes", "wallet_id"].map(Into::into).into(),
        formats: vec![
            format("ledger-2", before),
            format("ledger-3", after),
            format("ledger-euros", euros),
        ],
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
    Format { name: name.into(), family: Family::Avro, record_name, fields, closed: false }
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

pub(super) fn enumeration(symbols: &[&str], default: Option<&str>) -> Shape {
    let all = symbols.iter().map(ToString::to_string).collect();
    Shape::avro_enum(TypeName::new("Rail"), Symbols { all, default: default.map(Into::into) })
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
