//! The types of Protobuf, for both of its encodings.
//!
//! A message inside a message is a field of its own (whether it is there is a fact) and one field
//! for each of its parts, reached by a [`Path`](ProtoType::path).

use std::fmt;

use super::super::Ints;

/// How one field of a message travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtoType {
    /// The way from the record's message to the field, itself last. Never empty.
    pub path: Vec<ProtoStep>,
    /// What one value is.
    pub kind: ProtoKind,
    /// How many values there are.
    pub label: ProtoLabel,
    /// The oneof of its message that it is a member of.
    pub oneof: Option<String>,
}

/// A field on the way down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtoStep {
    /// Its number: what binds it in the binary encoding. 1 to 536,870,911.
    pub number: u32,
    /// Its name in the schema, under which a reader of ProtoJSON accepts it, too.
    pub name: String,
    /// Its name in ProtoJSON.
    pub json_name: String,
    /// Whether it can be there more than once: a list or a map.
    pub many: bool,
    /// Whether it is a group, which no reader of messages looks into, nor the other way round.
    pub group: bool,
}

/// How many values a field has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProtoLabel {
    /// One, or none.
    Singular,
    /// Any number, each with a tag of its own, or `packed` behind one tag.
    Repeated {
        /// Whether a writer packs them. Readers take both.
        packed: bool,
    },
    /// Any number, each under a key of this kind.
    Map(Box<ProtoKind>),
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProtoKind {
    /// `double`.
    Double,
    /// `float`.
    Float,
    /// `int32`: negative numbers take ten bytes.
    Int32,
    /// `int64`.
    Int64,
    /// `uint32`.
    Uint32,
    /// `uint64`.
    Uint64,
    /// `sint32`: zig-zag.
    Sint32,
    /// `sint64`: zig-zag.
    Sint64,
    /// `fixed32`: unsigned, four bytes.
    Fixed32,
    /// `fixed64`: unsigned, eight bytes.
    Fixed64,
    /// `sfixed32`: signed, four bytes.
    Sfixed32,
    /// `sfixed64`: signed, eight bytes.
    Sfixed64,
    /// `bool`.
    Bool,
    /// `string`.
    String {
        /// Whether a reader refuses what is not UTF-8 (proto3), or takes it (proto2).
        checked: bool,
    },
    /// `bytes`.
    Bytes,
    /// An enum.
    Enum(ProtoEnum),
    /// A message: whether it is there. Its parts are fields of their own, unless it is `opaque`.
    Message {
        /// Its full name.
        name: String,
        /// A group of proto2: delimited by tags, not by a length.
        group: bool,
        /// Its parts are not told apart (a well-known type, or one that contains itself): all that
        /// is known is whether two definitions, written out here, are the same.
        opaque: Option<String>,
    },
}

/// An enum: its symbols and their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtoEnum {
    /// Its full name.
    pub name: String,
    /// Whether a number without a symbol is kept as a number (proto3), or put aside (proto2).
    pub open: bool,
    /// The symbols in the order of the schema. Two may share a number (`allow_alias`).
    pub symbols: Vec<(String, i32)>,
}

/// How the bytes of a value are found without knowing its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::data) enum WireType {
    Varint,
    Fixed32,
    Fixed64,
    Delimited,
    Group,
}

impl ProtoEnum {
    /// The symbols that mean another thing to `reader` by their numbers: those whose number is that of another symbol
    /// there, and those that it has under another number. Each with what it is taken for: a symbol, or the number,
    /// where the reader has none for it, and keeps it (an open enum).
    pub(in crate::data) fn taken_for_others<'a>(
        &'a self,
        reader: &'a ProtoEnum,
    ) -> impl Iterator<Item = (&'a str, String)> {
        self.symbols.iter().filter_map(|(name, number)| {
            let is_itself = reader.names(*number).any(|other| other == name);
            let read = reader.names(*number).next().map(str::to_owned);
            let moved = || reader.number(name).filter(|_| reader.open).map(|_| number.to_string());
            read.or_else(moved).filter(|_| !is_itself).map(|read| (name.as_str(), read))
        })
    }

    /// The number of a symbol.
    #[must_use]
    pub fn number(&self, symbol: &str) -> Option<i32> {
        self.symbols.iter().find(|(name, _)| name == symbol).map(|&(_, number)| number)
    }

    /// The symbols of a number.
    pub fn names(&self, number: i32) -> impl Iterator<Item = &str> {
        self.symbols.iter().filter(move |(_, other)| *other == number).map(|(name, _)| name.as_str())
    }

    /// The symbols, those of zero last: without presence they are never written.
    pub(in crate::data) fn zero_last(&self) -> impl Iterator<Item = (&str, i32)> {
        let of = |zero: bool| self.symbols.iter().filter(move |(_, number)| (*number == 0) == zero);
        of(false).chain(of(true)).map(|(name, number)| (name.as_str(), *number))
    }

    fn ints(&self) -> Ints {
        let numbers = || self.symbols.iter().map(|&(_, number)| i128::from(number));
        Ints { min: numbers().min().unwrap_or(0), max: numbers().max().unwrap_or(0) }
    }
}

impl ProtoType {
    /// The field itself: the last step of its path.
    ///
    /// # Panics
    /// When the path is empty, which a reader of schemas never makes it.
    #[must_use]
    pub fn step(&self) -> &ProtoStep {
        self.path.last().expect("a field has a path")
    }

    /// The numbers on its path: its identity in the binary encoding.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.path.iter().map(|step| step.number)
    }

    /// Whether this is the message, or contains the message, that `part` is a part of.
    pub(in crate::data) fn contains(&self, part: &ProtoType) -> bool {
        self.path.len() < part.path.len() && part.path.starts_with(&self.path)
    }

    /// Whether both are members of one oneof.
    pub(in crate::data) fn rivals(&self, other: &ProtoType) -> bool {
        let (here, there) = (&self.path[..self.path.len() - 1], &other.path[..other.path.len() - 1]);
        self.oneof.is_some() && self.oneof == other.oneof && here == there
    }

    /// Whether the values are written without tags of their own.
    pub(in crate::data) fn is_packed(&self) -> bool {
        self.label == ProtoLabel::Repeated { packed: true }
    }
}

impl ProtoKind {
    /// How its bytes are found.
    pub(in crate::data) fn wire_type(&self) -> WireType {
        use ProtoKind as K;
        match self {
            K::Int32 | K::Int64 | K::Uint32 | K::Uint64 | K::Sint32 | K::Sint64 | K::Bool | K::Enum(_) => {
                WireType::Varint
            }
            K::Fixed32 | K::Sfixed32 | K::Float => WireType::Fixed32,
            K::Fixed64 | K::Sfixed64 | K::Double => WireType::Fixed64,
            K::String { .. } | K::Bytes | K::Message { group: false, .. } => WireType::Delimited,
            K::Message { group: true, .. } => WireType::Group,
        }
    }

    /// The integers it holds exactly: what a schema lets be written.
    #[must_use]
    pub fn ints(&self) -> Option<Ints> {
        use ProtoKind as K;
        match self {
            K::Int32 | K::Sint32 | K::Sfixed32 => Some(Ints::of(i32::MIN, i32::MAX)),
            K::Int64 | K::Sint64 | K::Sfixed64 => Some(Ints::of(i64::MIN, i64::MAX)),
            K::Uint32 | K::Fixed32 => Some(Ints::of(u32::MIN, u32::MAX)),
            K::Uint64 | K::Fixed64 => Some(Ints::of(u64::MIN, u64::MAX)),
            K::Bool => Some(Ints::of(0, 1)),
            K::Enum(symbols) => Some(symbols.ints()),
            K::Float => Some(Ints::within_power(24)),
            K::Double => Some(Ints::within_power(53)),
            K::String { .. } | K::Bytes | K::Message { .. } => None,
        }
    }

    /// The enum, if it is one.
    pub(in crate::data) fn as_enum(&self) -> Option<&ProtoEnum> {
        if let ProtoKind::Enum(symbols) = self { Some(symbols) } else { None }
    }

    /// Whether a unit would say something about the values.
    pub(in crate::data) fn is_numeric(&self) -> bool {
        *self != ProtoKind::Bool && self.as_enum().is_none() && self.ints().is_some()
    }
}

/// As it is written in a schema: `repeated int64`, `map<string, Money>`.
impl fmt::Display for ProtoType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.label {
            ProtoLabel::Singular => self.kind.fmt(f),
            ProtoLabel::Repeated { .. } => write!(f, "repeated {}", self.kind),
            ProtoLabel::Map(key) => write!(f, "map<{key}, {}>", self.kind),
        }
    }
}

impl fmt::Display for ProtoKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            ProtoKind::Double => "double",
            ProtoKind::Float => "float",
            ProtoKind::Int32 => "int32",
            ProtoKind::Int64 => "int64",
            ProtoKind::Uint32 => "uint32",
            ProtoKind::Uint64 => "uint64",
            ProtoKind::Sint32 => "sint32",
            ProtoKind::Sint64 => "sint64",
            ProtoKind::Fixed32 => "fixed32",
            ProtoKind::Fixed64 => "fixed64",
            ProtoKind::Sfixed32 => "sfixed32",
            ProtoKind::Sfixed64 => "sfixed64",
            ProtoKind::Bool => "bool",
            ProtoKind::String { .. } => "string",
            ProtoKind::Bytes => "bytes",
            ProtoKind::Enum(symbols) => return write!(f, "enum {}", symbols.name),
            ProtoKind::Message { name, group: false, .. } => return write!(f, "message {name}"),
            ProtoKind::Message { name, group: true, .. } => return write!(f, "group {name}"),
        };
        f.write_str(name)
    }
}
