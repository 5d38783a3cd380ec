//! What the values of a field look like: how they travel, and which of them are allowed.

use std::collections::BTreeSet;
use std::fmt;

use super::{AvroType, JsonType, ProtoType, TypeName, Wire};

/// How values travel and which are allowed. Recursive: an array's elements have a shape too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The family's own type.
    pub wire: Wire,
    /// The values allowed.
    pub domain: Domain,
}

/// The values allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domain {
    /// Whether there may be no value.
    pub nullable: bool,
    /// The symbols allowed; `None` when the values are not symbols.
    pub symbols: Option<Symbols>,
    /// The integers held *exactly*; `None` when the values are not numbers.
    pub ints: Option<Ints>,
    /// The shortest value, in the family's own measure: bytes or characters.
    pub length_min: u64,
    /// The longest value, in the same measure; `None` when nothing bounds it.
    pub length_max: Option<u64>,
    /// The logical type of Avro, `decimal` excepted, which is a type of its own: `uuid`, `timestamp-millis`. To the
    /// specification its values are those of the type that carries them; some libraries make something else of them.
    pub logical: Option<String>,
}

/// The symbols of an enumeration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    /// All of them.
    pub all: BTreeSet<String>,
    /// What a reader puts in place of a symbol it does not know (Avro's *enum* default; the
    /// default of the *field* is never used for that).
    pub default: Option<String>,
}

/// A closed range of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ints {
    /// The smallest.
    pub min: i128,
    /// The largest.
    pub max: i128,
}

impl Ints {
    /// All that 64 bits hold.
    pub const ALL: Ints = Ints { min: i64::MIN as i128, max: i64::MAX as i128 };

    /// From `-2^bits` to `2^bits`: what a binary float with a significand of `bits` holds exactly.
    pub(super) const fn within_power(bits: u32) -> Self {
        Ints { min: -(1 << bits), max: 1 << bits }
    }

    /// Whether there is an integer in both.
    #[must_use]
    pub const fn meets(self, other: Ints) -> bool {
        self.min <= other.max && other.min <= self.max
    }

    /// From `min` to `max`.
    pub(super) fn of<T: Into<i128>>(min: T, max: T) -> Self {
        Ints { min: min.into(), max: max.into() }
    }

    /// Whether it is one of them.
    #[must_use]
    pub const fn contains(self, int: i128) -> bool {
        self.min <= int && int <= self.max
    }

    /// Whether every integer of `self` is in `other`.
    #[must_use]
    pub const fn is_subset(self, other: Ints) -> bool {
        other.min <= self.min && self.max <= other.max
    }
}

impl Symbols {
    /// The symbols in `self` that `other` does not know.
    #[must_use]
    pub fn unknown_to(&self, other: &Symbols) -> Vec<String> {
        self.all.difference(&other.all).cloned().collect()
    }
}

impl Shape {
    /// An Avro type with every value it can hold, `null` excepted.
    #[must_use]
    pub fn avro(wire: AvroType) -> Self {
        let ints = wire.ints();
        let nullable = wire == AvroType::Null;
        Shape { wire: Wire::Avro(wire), domain: Domain { nullable, ints, ..Domain::default() } }
    }

    /// A type of JSON with every value it can hold, `null` excepted.
    #[must_use]
    pub fn json(wire: JsonType) -> Self {
        let ints = wire.ints();
        let nullable = matches!(wire, JsonType::Null | JsonType::Any);
        Shape { wire: Wire::Json(wire), domain: Domain { nullable, ints, ..Domain::default() } }
    }

    /// An Avro enum.
    #[must_use]
    pub fn avro_enum(name: TypeName, symbols: Symbols) -> Self {
        let mut shape = Shape::avro(AvroType::Enum { name });
        shape.domain.symbols = Some(symbols);
        shape
    }

    /// A type of Protobuf with every value it can hold.
    #[must_use]
    pub fn proto(wire: ProtoType) -> Self {
        let ints = wire.kind.ints();
        let symbols = wire.kind.as_enum().map(|symbols| {
            let all = symbols.symbols.iter().map(|(name, _)| name.clone()).collect();
            Symbols { all, default: None }
        });
        Shape { wire: Wire::Proto(wire), domain: Domain { ints, symbols, ..Domain::default() } }
    }

    /// The same under a logical type of Avro.
    #[must_use]
    pub fn logical(mut self, name: &str) -> Self {
        self.domain.logical = Some(name.to_owned());
        self
    }

    /// Whether its values are UUIDs.
    pub(super) fn is_uuid(&self) -> bool {
        self.domain.logical.as_deref() == Some("uuid")
    }

    /// The same, or no value.
    #[must_use]
    pub fn or_null(mut self) -> Self {
        self.domain.nullable = true;
        self
    }

    /// Whether a unit would say something about the values.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        match &self.wire {
            Wire::Avro(avro) => avro.is_numeric(),
            Wire::Json(json) => json.is_numeric(),
            Wire::Proto(proto) => proto.kind.is_numeric(),
            Wire::Sql(sql) => sql.is_numeric(),
        }
    }
}

/// Its type, and `or null` where there may be no value.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let null = if self.domain.nullable && !self.wire.is_null() { " or null" } else { "" };
        write!(f, "{}{null}", self.wire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_hold_fewer_integers_than_longs() {
        let ints = |wire: AvroType| wire.ints().unwrap();
        assert!(ints(AvroType::Int).is_subset(ints(AvroType::Double)));
        assert!(!ints(AvroType::Int).is_subset(ints(AvroType::Float)));
        assert!(!ints(AvroType::Long).is_subset(ints(AvroType::Double)));
    }

    #[test]
    fn shapes_print_as_people_say_them() {
        let items = Shape::avro(AvroType::Long).or_null();
        assert_eq!(Shape::avro(AvroType::Array(Box::new(items))).to_string(), "array of long or null");
    }
}
