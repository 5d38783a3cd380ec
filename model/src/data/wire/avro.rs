//! The types of Avro.

use std::fmt;

use super::super::{Ints, Shape, TypeName};

/// An Avro type, without `null` branches: those are [`Domain::nullable`](super::super::Domain::nullable).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AvroType {
    /// `null` and nothing else.
    Null,
    /// `boolean`.
    Boolean,
    /// `int`: 32 bits.
    Int,
    /// `long`: 64 bits.
    Long,
    /// `float`: 32 bits.
    Float,
    /// `double`: 64 bits.
    Double,
    /// `bytes`.
    Bytes,
    /// `string`: UTF-8.
    String,
    /// `fixed`.
    Fixed {
        /// Its name and aliases.
        name: TypeName,
        /// Bytes.
        size: usize,
    },
    /// `enum`. Its symbols are the domain's.
    Enum {
        /// Its name and aliases.
        name: TypeName,
    },
    /// The logical type `decimal` over `bytes` or `fixed`.
    Decimal {
        /// Digits in all.
        precision: usize,
        /// Digits after the point.
        scale: usize,
        /// `bytes` or `fixed`.
        base: Box<Shape>,
    },
    /// `array` of these items.
    Array(Box<Shape>),
    /// `map` from strings to these values.
    Map(Box<Shape>),
    /// A record. Its fields are fields of their own, named by their path: `address.street`, `items[].price`.
    Record {
        /// Its name and aliases.
        name: TypeName,
    },
    /// A union of two or more branches besides `null`.
    Union(Vec<Shape>),
}

impl AvroType {
    /// Whether a unit would say something about the values.
    pub(in crate::data) fn is_numeric(&self) -> bool {
        match self {
            AvroType::Decimal { .. } => true,
            AvroType::Array(items) | AvroType::Map(items) => items.is_numeric(),
            AvroType::Union(branches) => branches.iter().any(Shape::is_numeric),
            other => other.ints().is_some(),
        }
    }

    /// The integers it holds exactly.
    pub(in crate::data) fn ints(&self) -> Option<Ints> {
        match self {
            AvroType::Int => Some(Ints::of(i32::MIN, i32::MAX)),
            AvroType::Long => Some(Ints::of(i64::MIN, i64::MAX)),
            AvroType::Float => Some(Ints::within_power(24)),
            AvroType::Double => Some(Ints::within_power(53)),
            _ => None,
        }
    }
}

/// As a person would say it: `array of long`, `enum Rail`.
impl fmt::Display for AvroType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AvroType::Null => f.write_str("null"),
            AvroType::Boolean => f.write_str("boolean"),
            AvroType::Int => f.write_str("int"),
            AvroType::Long => f.write_str("long"),
            AvroType::Float => f.write_str("float"),
            AvroType::Double => f.write_str("double"),
            AvroType::Bytes => f.write_str("bytes"),
            AvroType::String => f.write_str("string"),
            AvroType::Fixed { name, size } => write!(f, "fixed {} of {size} bytes", name.full),
            AvroType::Enum { name } => write!(f, "enum {}", name.full),
            AvroType::Decimal { precision, scale, .. } => write!(f, "decimal({precision}, {scale})"),
            AvroType::Record { name } => write!(f, "record {}", name.full),
            AvroType::Array(items) => write!(f, "array of {items}"),
            AvroType::Map(values) => write!(f, "map of {values}"),
            AvroType::Union(branches) => join(f, branches),
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, branches: &[Shape]) -> fmt::Result {
    branches.iter().enumerate().try_for_each(|(i, branch)| {
        let between = if i == 0 { "" } else { " or " };
        write!(f, "{between}{branch}")
    })
}
