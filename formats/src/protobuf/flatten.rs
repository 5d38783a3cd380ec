//! Messages to leaves: a field for each field, and for each part of a message inside.

use std::collections::BTreeMap;

use model::data::{Presence, ProtoEnum, ProtoKind, ProtoLabel, ProtoStep, ProtoType, Reserved, Shape, Slot, Unit};
use prost_reflect::{
    Cardinality, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, Syntax, Value,
};

use super::{files, meaning};
use crate::draft::{At, Leaf};
use crate::{Encoding, Position, SchemaError};

/// The fields of a message and of all messages in it, and the numbers that they must not use; `is_text` says whether
/// the text of the schema is at hand, so that places in it mean something.
pub(super) fn leaves(
    (format, is_text): (&str, bool),
    message: &MessageDescriptor,
    encoding: Encoding,
) -> Result<(Vec<Leaf>, Vec<Reserved>), Vec<SchemaError>> {
    let mut walk = Walk { format, is_text, encoding, leaves: Vec::new(), reserved: Vec::new(), errors: Vec::new() };
    walk.message(message, &Way { prefix: String::new(), path: Vec::new(), inside: vec![message.clone()], sure: true });
    if walk.errors.is_empty() { Ok((walk.leaves, walk.reserved)) } else { Err(walk.errors) }
}

/// Whether it is one of the types that come with Protobuf.
pub(super) fn is_well_known(message: &MessageDescriptor) -> bool {
    message.package_name() == "google.protobuf"
}

struct Walk<'a> {
    format: &'a str,
    /// Whether the text of what is read is at hand.
    is_text: bool,
    encoding: Encoding,
    leaves: Vec<Leaf>,
    reserved: Vec<Reserved>,
    errors: Vec<SchemaError>,
}

/// The way down to a message.
struct Way {
    /// What the names of its fields begin with.
    prefix: String,
    path: Vec<ProtoStep>,
    /// The messages around it, itself last.
    inside: Vec<MessageDescriptor>,
    /// Whether it is there in every record.
    sure: bool,
}

impl Walk<'_> {
    fn message(&mut self, message: &MessageDescriptor, way: &Way) {
        if let Some(extension) = message.extensions().next() {
            let found = format!("found the extension {} of {}", extension.name(), message.full_name());
            let help = "extensions are not supported: make a field of it, or leave it out of both";
            let error = SchemaError::new(self.format, way.prefix.trim_end_matches('.'), found, help);
            let position = self.place(&extension.parent_file(), extension.path());
            self.errors.push(SchemaError { position, ..error });
        }
        let numbers: Vec<u32> = way.path.iter().map(|step| step.number).collect();
        self.reserved.extend(message.reserved_ranges().map(|range| Reserved {
            message: numbers.clone(),
            first: range.start,
            last: range.end.saturating_sub(1),
        }));
        for field in message.fields() {
            // A schema can be far larger when written out than it is: stop where no entity holds it.
            if self.leaves.len() > Slot::COUNT {
                return;
            }
            self.field(&field, way);
        }
    }

    fn field(&mut self, field: &FieldDescriptor, way: &Way) {
        let name = format!("{}{}", way.prefix, field.name());
        if field.cardinality() == Cardinality::Required && !way.sure {
            self.refuse_required(&name, field);
            return;
        }
        let value = if field.is_map() { map_value(field) } else { field.clone() };
        let mut path = way.path.clone();
        path.push(step(field));
        let Some(inner) = self.inner(&value) else {
            self.push(name, field, self.scalar(field, &value, path));
            return;
        };
        let opaque = self.opaque(&inner, way);
        let is_cut = opaque.is_some();
        let kind = ProtoKind::Message { name: inner.full_name().to_owned(), group: value.is_group(), opaque };
        let wire = ProtoType { path: path.clone(), kind, label: label(field), oneof: oneof(field) };
        let more = if field.is_map() {
            "{}"
        } else if field.is_list() {
            "[]"
        } else {
            ""
        };
        let prefix = format!("{name}{more}.");
        self.push(name, field, wire);
        if is_cut {
            return;
        }
        if field.is_map() {
            path.push(step(&value));
        }
        let inside = way.inside.iter().cloned().chain([inner.clone()]).collect();
        let sure = way.sure && field.cardinality() == Cardinality::Required;
        self.message(&inner, &Way { prefix, path, inside, sure });
    }

    /// The message that the values are, unless this encoding writes them as something else.
    fn inner(&self, value: &FieldDescriptor) -> Option<MessageDescriptor> {
        let Kind::Message(message) = value.kind() else { return None };
        (self.wrapped(&message).is_none()).then_some(message)
    }

    /// The value that a wrapper wraps, in ProtoJSON: there it is written bare.
    fn wrapped(&self, message: &MessageDescriptor) -> Option<FieldDescriptor> {
        let is_wrapper = is_well_known(message) && message.name().ends_with("Value") && message.fields().len() == 1;
        let value = message.get_field_by_name("value").filter(|field| !field.is_list() && !field.is_map());
        value.filter(|_| is_wrapper && self.encoding == Encoding::Json)
    }

    fn scalar(&self, field: &FieldDescriptor, value: &FieldDescriptor, path: Vec<ProtoStep>) -> ProtoType {
        let wrapped = match value.kind() {
            Kind::Message(message) => self.wrapped(&message),
            _ => None,
        };
        ProtoType { path, kind: kind(wrapped.as_ref().unwrap_or(value)), label: label(field), oneof: oneof(field) }
    }

    /// Its definition, where its parts are not told apart.
    fn opaque(&self, message: &MessageDescriptor, way: &Way) -> Option<String> {
        if is_well_known(message) {
            return Some(message.full_name().to_owned());
        }
        way.inside.contains(message).then(|| definition(message))
    }

    fn push(&mut self, name: String, field: &FieldDescriptor, wire: ProtoType) {
        let steps = wire.path.iter().map(|step| step.json_name.as_str());
        let json = steps.collect::<Vec<_>>().join(".");
        let aliases = if self.encoding == Encoding::Json && json != name { vec![json] } else { Vec::new() };
        let unit = meaning::unit(field);
        let unit = if wire.kind.ints().is_none() && matches!(unit, Unit::Inferred(_)) { Unit::Unstated } else { unit };
        let default = default(field, &wire.kind);
        let (shape, presence) = (Shape::proto(wire), presence(field));
        let at = self.place(&field.parent_file(), field.path()).map(At::Position);
        self.leaves.push(Leaf { name, aliases, shape, unit, presence, default, at });
    }

    fn place(&self, file: &FileDescriptor, path: &[i32]) -> Option<Position> {
        if self.is_text { files::place(file, path) } else { None }
    }

    fn refuse_required(&mut self, name: &str, field: &FieldDescriptor) {
        let found = "found a required field inside a message that need not be there";
        let help = "not supported: make it optional, or every message around it required";
        let error = SchemaError::new(self.format, format!("field `{name}`"), found, help);
        let position = self.place(&field.parent_file(), field.path());
        self.errors.push(SchemaError { position, ..error });
    }
}

fn map_value(field: &FieldDescriptor) -> FieldDescriptor {
    match field.kind() {
        Kind::Message(entry) => entry.map_entry_value_field(),
        other => unreachable!("a map of {other:?}"),
    }
}

fn step(field: &FieldDescriptor) -> ProtoStep {
    ProtoStep {
        number: field.number(),
        name: field.name().to_owned(),
        json_name: field.json_name().to_owned(),
        many: field.is_list() || field.is_map(),
        group: field.is_group(),
    }
}

fn label(field: &FieldDescriptor) -> ProtoLabel {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => ProtoLabel::Map(Box::new(kind(&entry.map_entry_key_field()))),
        _ if field.is_list() => ProtoLabel::Repeated { packed: field.is_packed() },
        _ => ProtoLabel::Singular,
    }
}

/// The oneof it is in, unless that stands for `optional` only.
fn oneof(field: &FieldDescriptor) -> Option<String> {
    let oneof = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
    oneof.map(|oneof| oneof.name().to_owned())
}

fn presence(field: &FieldDescriptor) -> Presence {
    match field.cardinality() {
        Cardinality::Required => Presence::Required,
        Cardinality::Repeated => Presence::Repeated,
        Cardinality::Optional if field.supports_presence() => Presence::Optional,
        Cardinality::Optional => Presence::ImplicitZero,
    }
}

/// What a reader takes for the value when there is none. All zeros are written alike, so that two
/// types of number have the same default.
fn default(field: &FieldDescriptor, kind: &ProtoKind) -> Option<String> {
    if field.is_list() || field.is_map() || matches!(kind, ProtoKind::Message { .. }) {
        return None;
    }
    if matches!(field.kind(), Kind::Message(_)) {
        return Some("null".to_owned());
    }
    Some(match field.default_value() {
        Value::Bool(false) | Value::EnumNumber(0) => "0".to_owned(),
        Value::Bool(true) => "1".to_owned(),
        Value::I32(n) | Value::EnumNumber(n) => n.to_string(),
        Value::I64(n) => n.to_string(),
        Value::U32(n) => n.to_string(),
        Value::U64(n) => n.to_string(),
        Value::F32(x) => x.to_string(),
        Value::F64(x) => x.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Bytes(bytes) => format!("\"{}\"", bytes.escape_ascii()),
        other @ (Value::Message(_) | Value::List(_) | Value::Map(_)) => unreachable!("a default {other:?}"),
    })
}

fn kind(field: &FieldDescriptor) -> ProtoKind {
    match field.kind() {
        Kind::Double => ProtoKind::Double,
        Kind::Float => ProtoKind::Float,
        Kind::Int32 => ProtoKind::Int32,
        Kind::Int64 => ProtoKind::Int64,
        Kind::Uint32 => ProtoKind::Uint32,
        Kind::Uint64 => ProtoKind::Uint64,
        Kind::Sint32 => ProtoKind::Sint32,
        Kind::Sint64 => ProtoKind::Sint64,
        Kind::Fixed32 => ProtoKind::Fixed32,
        Kind::Fixed64 => ProtoKind::Fixed64,
        Kind::Sfixed32 => ProtoKind::Sfixed32,
        Kind::Sfixed64 => ProtoKind::Sfixed64,
        Kind::Bool => ProtoKind::Bool,
        Kind::String => ProtoKind::String { checked: field.parent_file().syntax() == Syntax::Proto3 },
        Kind::Bytes => ProtoKind::Bytes,
        Kind::Enum(symbols) => ProtoKind::Enum(enumeration(&symbols)),
        Kind::Message(message) => {
            let name = message.full_name().to_owned();
            ProtoKind::Message { name, group: field.is_group(), opaque: None }
        }
    }
}

fn enumeration(symbols: &EnumDescriptor) -> ProtoEnum {
    ProtoEnum {
        name: symbols.full_name().to_owned(),
        open: symbols.parent_file().syntax() == Syntax::Proto3,
        symbols: symbols.values().map(|value| (value.name().to_owned(), value.number())).collect(),
    }
}

/// A message and all that is in it, written out: two definitions are the same when this is.
fn definition(message: &MessageDescriptor) -> String {
    let mut parts = BTreeMap::new();
    let mut open = vec![message.clone()];
    while let Some(next) = open.pop() {
        let name = next.full_name().to_owned();
        if parts.contains_key(&name) {
            continue;
        }
        open.extend(next.fields().filter_map(|field| field.kind().as_message().cloned()));
        let fields = next.fields().map(|field| {
            let (presence, oneof, default) = (presence(&field), oneof(&field), field.default_value());
            let (number, name, json) = (field.number(), field.name(), field.json_name());
            let unit = meaning::unit(&field);
            format!(
                "{number} {name} {json} {:?} {:?} {presence:?} {oneof:?} {default} {unit:?}",
                kind(&field),
                label(&field)
            )
        });
        parts.insert(name, fields.collect::<Vec<_>>().join("; "));
    }
    let parts = parts.into_iter().map(|(name, fields)| format!("{name} {{ {fields} }}"));
    parts.collect::<Vec<_>>().join(" ")
}
