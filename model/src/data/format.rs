//! Entities, their formats and fields: schema files after reading, before comparing.

use std::fmt;

use super::{Codec, Effect, Finding, Mask, PRESETS, ProtoType, Shape, Slot, Table, Unit, Value, Why, derive, path};
use crate::id::FormatId;

/// Everything one store's records have been or can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// What the records are: `ledger entry`.
    pub name: String,
    /// The names of the logical fields; the index is the slot.
    pub slots: Vec<String>,
    /// All formats; the index is the [`FormatId`].
    pub formats: Vec<Format>,
    /// The slots of which a scenario states a value: of others it does not say whether some have one that a format with
    /// a new keyword refuses.
    pub stated: Mask,
}

/// One format of an entity's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// Its name: `ledger-3`.
    pub name: String,
    /// The rules it plays by.
    pub family: Family,
    /// The name of the record type, and what else it answers to.
    pub record_name: TypeName,
    /// At most one field per slot.
    pub fields: Vec<Field>,
    /// Whether it forbids fields that it does not list. Always false for Avro, where a reader
    /// skips what it does not know. Of an object inside a JSON record, its own type tells.
    pub closed: bool,
    /// Numbers that must not be used again. None but in Protobuf.
    pub reserved: Vec<Reserved>,
}

/// Numbers of fields that a message once had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The numbers on the way to the message; none for the record itself.
    pub message: Vec<u32>,
    /// The lowest.
    pub first: u32,
    /// The highest.
    pub last: u32,
}

/// A family of formats with rules of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Avro binary, with the writer's schema known to every reader.
    Avro,
    /// JSON, with what is in a record told by its keys.
    Json,
    /// Protobuf in its binary encoding: fields are known by number.
    Protobuf,
    /// Protobuf in its JSON encoding: the same schemas, but fields are known by name.
    ProtoJson,
    /// A table of an SQL database: one state of its schema for all rows.
    Sql,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Avro => "Avro",
            Family::Json => "JSON",
            Family::Protobuf => "Protobuf",
            Family::ProtoJson => "ProtoJSON",
            Family::Sql => "SQL",
        })
    }
}

impl Family {
    /// How a library that follows the family's rules, and has no settings, decodes and encodes.
    #[must_use]
    pub const fn codec(self) -> Codec {
        match self {
            Family::Avro => Codec::AVRO,
            Family::Json => Codec::JSON,
            Family::Protobuf => Codec::PROTOBUF,
            Family::ProtoJson => Codec::PROTOJSON,
            Family::Sql => Codec::SQL,
        }
    }
}

/// How one format binds one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The logical field.
    pub slot: Slot,
    /// The name on the wire.
    pub name: String,
    /// Other names under which this format's *reader* finds it.
    pub aliases: Vec<String>,
    /// How its values travel, and which are allowed.
    pub shape: Shape,
    /// What its values mean.
    pub unit: Unit,
    /// Whether a record must have it.
    pub presence: Presence,
    /// What a reader fills in, as text for people; `None` when there is no default.
    pub default: Option<String>,
}

/// Whether a record must have the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always there. Every Avro field is: what may be missing is its value (`null`).
    Required,
    /// There or not.
    Optional,
    /// Not written when zero: zero and unset look alike.
    ImplicitZero,
    /// Any number of times.
    Repeated,
}

/// The name of a record, enum or fixed type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeName {
    /// With its namespace: `com.example.Rail`.
    pub full: String,
    /// Full names of writers' types that a reader of this type accepts as well.
    pub aliases: Vec<String>,
}

impl TypeName {
    /// A name without aliases.
    #[must_use]
    pub fn new(full: impl Into<String>) -> Self {
        TypeName { full: full.into(), aliases: Vec::new() }
    }

    /// The name without its namespace.
    #[must_use]
    pub fn short(&self) -> &str {
        self.full.rsplit('.').next().unwrap_or(&self.full)
    }

    /// Whether this is an alias of `writer`.
    pub(super) fn has_alias_for(&self, writer: &TypeName) -> bool {
        self.aliases.contains(&writer.full)
    }
}

impl Format {
    /// The slots it has a field for.
    #[must_use]
    pub fn slots(&self) -> Mask {
        self.fields.iter().map(|field| field.slot).collect()
    }

    /// The slots of an ordinary record: all of them, but only the first member of each oneof, and of several records in
    /// a union the first.
    #[must_use]
    pub fn usual(&self) -> Mask {
        self.with(Mask::EMPTY)
    }

    /// The slots of a record in which somebody sets these: an ordinary one, but that a member of a oneof that is set,
    /// or has a part that is, goes before the other members; of several of those, the first.
    #[must_use]
    pub fn with(&self, set: Mask) -> Mask {
        let protos = || self.fields.iter().filter_map(|field| Some((field.slot, field.shape.wire.as_proto()?)));
        let is_part = |of: &ProtoType, part: &ProtoType| of == part || of.contains(part);
        let is_set = |of: &ProtoType| protos().any(|(slot, part)| set.contains(slot) && is_part(of, part));
        let goes_before = |(i, one): (usize, &ProtoType), (j, other): (usize, &ProtoType)| {
            one.rivals(other) && (is_set(one), j) > (is_set(other), i)
        };
        let beaten = protos().enumerate().filter(|(j, (_, member))| {
            protos().enumerate().any(|(i, (_, first))| i != *j && goes_before((i, first), (*j, member)))
        });
        let gone = beaten.flat_map(|(_, (_, member))| protos().filter(move |(_, part)| is_part(member, part)));
        self.slots() - gone.map(|(slot, _)| slot).collect() - self.other_branches(set)
    }

    /// What is in the records of unions that a record does not have: of several it has the first, or the first of
    /// which something is set.
    fn other_branches(&self, set: Mask) -> Mask {
        let named = |slots: Mask| self.fields.iter().filter(move |field| slots.contains(field.slot));
        let mut chosen: Vec<(&str, &str)> = Vec::new();
        for branch in named(set).chain(&self.fields).flat_map(|field| path::branches(&field.name)) {
            if chosen.iter().all(|(union, _)| *union != branch.0) {
                chosen.push(branch);
            }
        }
        let is_had = |field: &&Field| path::branches(&field.name).all(|branch| chosen.contains(&branch));
        self.fields.iter().filter(|field| !is_had(field)).map(|field| field.slot).collect()
    }

    /// What is set when a field has this value, besides the field: the fields of the record that it names, where that
    /// is one of several in a union.
    #[must_use]
    pub fn set_by(&self, slot: Slot, value: &Value) -> Mask {
        let (Some(field), Value::Text(name)) = (self.field(slot), value) else { return Mask::EMPTY };
        let record = format!("{}<{name}>", field.name);
        self.fields.iter().filter(|part| part.name.starts_with(&record)).map(|part| part.slot).collect()
    }

    /// What a record does not have when a field has this value: where that is no record, as null is, nor a list with
    /// one in it, the fields of the record that could be there. A list of Protobuf that is empty is itself not there.
    #[must_use]
    pub fn unset_by(&self, slot: Slot, value: &Value) -> Mask {
        let Some(field) = self.field(slot).filter(|field| !field.shape.has_record_in(value)) else {
            return Mask::EMPTY;
        };
        let parts = self.parts(slot) - slot.into() - self.listed(field, value);
        if field.shape.wire.as_proto().is_some() && value.is_empty() { parts | slot.into() } else { parts }
    }

    /// What is under the keys of an object of JSON that a value of it has.
    fn listed(&self, whole: &Field, value: &Value) -> Mask {
        let (Family::Json, Value::Entries(entries)) = (self.family, value) else { return Mask::EMPTY };
        let keys: Vec<String> = entries.iter().map(|(key, _)| format!("{}.{key}", whole.name)).collect();
        let is_there = |part: &&Field| keys.iter().any(|key| part.name == *key || path::is_in(&part.name, key));
        self.fields.iter().filter(is_there).map(|part| part.slot).collect()
    }

    /// The slots of a field, and of what is in it.
    #[must_use]
    pub fn parts(&self, slot: Slot) -> Mask {
        let Some(whole) = self.field(slot) else { return Mask::EMPTY };
        let is_part = |part: &&Field| path::is_in(&part.name, &whole.name) || part.slot == slot;
        self.fields.iter().filter(is_part).map(|part| part.slot).collect()
    }

    /// Whether a field of that path has a number that is reserved.
    pub(super) fn reserves(&self, field: &ProtoType) -> bool {
        let numbers: Vec<u32> = field.numbers().collect();
        let is_in = |reserved: &Reserved| {
            numbers.split_last().is_some_and(|(number, message)| {
                message == reserved.message && (reserved.first..=reserved.last).contains(number)
            })
        };
        self.reserved.iter().any(is_in)
    }

    /// Whether no list, map, union or null can take away what a field is in, and nobody may leave it out.
    pub(super) fn is_always(&self, field: &Field) -> bool {
        path::all_around(&field.name).all(|around| {
            let (name, steps) = path::split(around);
            let whole = self.fields.iter().find(|whole| whole.name == name);
            let is_sure = |whole: &Field| whole.presence == Presence::Required && !whole.shape.domain.nullable;
            steps.is_empty() && whole.is_none_or(is_sure)
        })
    }

    /// The fields that a codec writes although nobody has set them.
    #[must_use]
    pub fn emitted(&self, codec: &Codec) -> Mask {
        derive::materialised(self, codec)
    }

    /// Its field for `slot`.
    #[must_use]
    pub fn field(&self, slot: Slot) -> Option<&Field> {
        self.fields.iter().find(|field| field.slot == slot)
    }
}

impl Field {
    /// Whether the values are numbers whose unit nobody states.
    pub(super) fn lacks_unit(&self) -> bool {
        self.unit == Unit::Unstated && self.shape.is_numeric()
    }

    /// Whether the field's own values are symbols (not those of its elements).
    pub(super) fn is_enum(&self) -> bool {
        self.shape.wire.is_enum()
    }
}

impl Entity {
    /// The format of that id.
    ///
    /// # Panics
    /// When `id` is not of this entity.
    #[must_use]
    pub fn format(&self, id: FormatId) -> &Format {
        &self.formats[id.index()]
    }

    /// The format of that name.
    #[must_use]
    pub fn format_named(&self, name: &str) -> Option<FormatId> {
        self.formats.iter().position(|format| format.name == name).map(FormatId::new)
    }

    /// All format ids, oldest first.
    pub fn format_ids(&self) -> impl Iterator<Item = FormatId> + use<> {
        (0..self.formats.len()).map(FormatId::new)
    }

    /// The slot that any of the formats binds to `name`.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<Slot> {
        let fields = self.formats.iter().flat_map(|format| &format.fields);
        fields.into_iter().find(|field| field.name == name).map(|field| field.slot)
    }

    /// The name of a slot: the first name it was given.
    ///
    /// # Panics
    /// When `slot` is not of this entity.
    #[must_use]
    pub fn slot_name(&self, slot: Slot) -> &str {
        &self.slots[slot.index()]
    }

    /// The names of some slots.
    #[must_use]
    pub fn slot_names(&self, slots: Mask) -> Vec<&str> {
        slots.into_iter().map(|slot| self.slot_name(slot)).collect()
    }

    /// Whether some reader takes null in a slot of records of that format, and no other value.
    #[must_use]
    pub fn spares_null(&self, writer: FormatId, slot: Slot) -> bool {
        let family = self.format(writer).family;
        let codecs = || PRESETS.iter().filter(move |preset| preset.family == family);
        self.format_ids().any(|reader| {
            codecs().any(|preset| Table::decode(self, writer, reader, &preset.codec).err_value.contains(slot))
        })
    }

    /// Whether what readers make of a record in which some value of `slot` takes away what is in it can be told. It
    /// cannot where a table judges the parts that are missing on the field itself, or as missing from every record.
    #[must_use]
    pub fn judges_without_parts(&self, slot: Slot) -> bool {
        let parts = self.formats.iter().fold(Mask::EMPTY, |all, format| all | format.parts(slot)) - slot.into();
        let blames = |finding: &Finding| match finding.slot {
            Some(own) if own == slot => {
                finding.effect != Effect::ErrValue && matches!(finding.why, Why::NoDefault | Why::MayBeAbsent)
            }
            Some(own) => parts.contains(own) && matches!(finding.effect, Effect::Fatal | Effect::ErrAbsent),
            None => false,
        };
        let pairs = || self.format_ids().flat_map(|writer| self.format_ids().map(move |reader| (writer, reader)));
        let tables = pairs().flat_map(|(writer, reader)| {
            let presets = PRESETS.iter().filter(move |preset| preset.family == self.format(reader).family);
            presets.map(move |preset| Table::decode(self, writer, reader, &preset.codec))
        });
        !tables.into_iter().any(|table| table.findings.iter().any(blames))
    }

    /// The slots in which a record of `format` can carry a hard value: one that some other format
    /// of the entity cannot hold. A scenario that makes any other slot hard makes a mistake.
    #[must_use]
    pub fn can_be_hard(&self, format: FormatId) -> Mask {
        self.format_ids()
            .map(|other| {
                let decode = Table::decode(self, format, other, &self.format(other).family.codec());
                decode.depends_on_hard() | Table::encode(self, format, other).depends_on_hard()
            })
            .fold(Mask::EMPTY, |all, mask| all | mask)
    }
}
