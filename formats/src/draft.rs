//! Schemas that were read, before their fields have slots.

use model::data::{Family, Field, Format, Presence, Reserved, Shape, Slot, TypeName, Unit, Wire};

use crate::bind::Slots;
use crate::{Position, position_of};

/// A format without slots.
pub(crate) struct Draft {
    pub(crate) format: String,
    pub(crate) family: Family,
    pub(crate) name: TypeName,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) closed: bool,
    pub(crate) reserved: Vec<Reserved>,
    /// What it was read from, in languages in which a JSON pointer leads to a field.
    pub(crate) text: Option<String>,
}

/// A field without a slot.
pub(crate) struct Leaf {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) shape: Shape,
    pub(crate) unit: Unit,
    pub(crate) presence: Presence,
    pub(crate) default: Option<String>,
    /// Where it is defined, where that is known.
    pub(crate) at: Option<At>,
}

/// Where a field is defined.
pub(crate) enum At {
    /// Where a JSON pointer leads to.
    Pointer(String),
    /// At a place of the text.
    Position(Position),
}

impl Leaf {
    /// The numbers that bind it, where names do not.
    pub(crate) fn numbers(&self) -> Option<Vec<u32>> {
        match &self.shape.wire {
            Wire::Avro(_) | Wire::Json(_) | Wire::Sql(_) => None,
            Wire::Proto(proto) => Some(proto.numbers().collect()),
        }
    }
}

impl From<Field> for Leaf {
    fn from(field: Field) -> Self {
        let Field { name, aliases, shape, unit, presence, default, slot: _ } = field;
        Leaf { name, aliases, shape, unit, presence, default, at: None }
    }
}

impl Draft {
    /// Where a field of it is defined. It is looked up when somebody asks: only errors do.
    pub(crate) fn position(&self, leaf: &Leaf) -> Option<Position> {
        match leaf.at.as_ref()? {
            At::Pointer(pointer) => position_of(self.text.as_ref()?, pointer),
            At::Position(position) => Some(*position),
        }
    }

    /// The format, with the slots its fields were given.
    pub(crate) fn into_format(self, slots: &Slots) -> Format {
        let fields = self.leaves.into_iter().map(|leaf| {
            let slot = slots.of(&leaf.name);
            leaf.into_field(slot)
        });
        Format {
            fields: fields.collect(),
            name: self.format,
            family: self.family,
            record_name: self.name,
            closed: self.closed,
            reserved: self.reserved,
        }
    }
}

impl Leaf {
    fn into_field(self, slot: Slot) -> Field {
        Field {
            slot,
            name: self.name,
            aliases: self.aliases,
            shape: self.shape,
            unit: self.unit,
            presence: self.presence,
            default: self.default,
        }
    }
}
