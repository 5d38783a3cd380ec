//! The types of JSON, as JSON Schema tells them.

use std::fmt;

use super::super::{Ints, Shape};

/// A type of JSON, without `null`: that is [`Domain::nullable`](super::super::Domain::nullable).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// Whatever there is.
    Any,
    /// `null` and nothing else.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer {
        /// The width of the program's own integer, in bits, where `format` tells it. No validator looks at it.
        bits: Option<u32>,
    },
    /// Any number. Programs hold it as a 64-bit float.
    Number,
    /// A text.
    String {
        /// The regular expression it matches. Two are the same when they are written the same.
        pattern: Option<String>,
    },
    /// One of the symbols of the domain, as a text.
    Enum,
    /// A list of these.
    Array(Box<Shape>),
    /// An object. The keys that are listed for it are fields of their own, named by their path: `address.street`.
    Object(Others),
}

/// What holds for the keys that an object does not list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Others {
    /// They may be there: an open object.
    Any,
    /// They may not: a closed object.
    Refused,
    /// They may be there with such values: a map, or a partially open object.
    Like(Box<Shape>),
}

impl JsonType {
    /// Whether a unit would say something about the values.
    pub(in crate::data) fn is_numeric(&self) -> bool {
        match self {
            JsonType::Integer { .. } | JsonType::Number => true,
            JsonType::Array(inner) | JsonType::Object(Others::Like(inner)) => inner.is_numeric(),
            JsonType::Any
            | JsonType::Null
            | JsonType::Boolean
            | JsonType::String { .. }
            | JsonType::Enum
            | JsonType::Object(Others::Any | Others::Refused) => false,
        }
    }

    /// The integers the program's own type holds; all 64 bits where nothing is said. `None` when they are no numbers.
    #[must_use]
    pub fn ints(&self) -> Option<Ints> {
        match self {
            JsonType::Integer { bits: Some(32) } => Some(Ints { min: i32::MIN.into(), max: i32::MAX.into() }),
            JsonType::Integer { .. } | JsonType::Number => Some(Ints::ALL),
            JsonType::Any
            | JsonType::Null
            | JsonType::Boolean
            | JsonType::String { .. }
            | JsonType::Enum
            | JsonType::Array(_)
            | JsonType::Object(_) => None,
        }
    }
}

/// As a person would say it: `array of integer`.
impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonType::Any => f.write_str("anything"),
            JsonType::Null => f.write_str("null"),
            JsonType::Boolean => f.write_str("boolean"),
            JsonType::Integer { .. } => f.write_str("integer"),
            JsonType::Number => f.write_str("number"),
            JsonType::String { .. } => f.write_str("string"),
            JsonType::Enum => f.write_str("enum"),
            JsonType::Array(items) => write!(f, "array of {items}"),
            JsonType::Object(Others::Any | Others::Refused) => f.write_str("object"),
            JsonType::Object(Others::Like(values)) => write!(f, "object of {values}"),
        }
    }
}
