//! The types of columns and expressions.

use std::fmt;

/// A type, with its modifier where it has one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SqlType {
    /// `smallint`: 16 bits.
    Smallint,
    /// `integer`: 32 bits.
    Integer,
    /// `bigint`: 64 bits.
    Bigint,
    /// `numeric`, or `numeric(p,s)`.
    Numeric(Option<Digits>),
    /// `real`: a binary float of 32 bits.
    Real,
    /// `double precision`: a binary float of 64 bits.
    Double,
    /// `text`.
    Text,
    /// `varchar`, or `varchar(n)`: at most `n` characters.
    Varchar(Option<u32>),
    /// `char(n)`: exactly `n` characters, padded with spaces; without a length, as long as it is.
    Char(Option<u32>),
    /// `boolean`.
    Boolean,
    /// `date`.
    Date,
    /// `timestamp`, or `timestamp(p)`: `p` digits of a second, 0 to 6.
    Timestamp(Option<u8>),
    /// `timestamptz`, or `timestamptz(p)`; the session's time zone is UTC.
    Timestamptz(Option<u8>),
    /// `uuid`.
    Uuid,
    /// `bytea`.
    Bytea,
    /// `json`: text that is JSON, kept as it is.
    Json,
    /// `jsonb`: JSON, normalised.
    Jsonb,
    /// An enum type, by name.
    Enum(String),
}

/// The modifier of `numeric`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digits {
    /// Digits in all, 1 to 1000.
    pub precision: u32,
    /// Digits after the point, 0 to `precision`.
    pub scale: u32,
}

/// Types among which PostgreSQL looks for operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Number,
    String,
    Boolean,
    Datetime,
    Enum,
    Other,
}

impl SqlType {
    /// The same without its modifier.
    #[must_use]
    pub fn base(&self) -> SqlType {
        match self {
            SqlType::Numeric(_) => SqlType::Numeric(None),
            SqlType::Varchar(_) => SqlType::Varchar(None),
            SqlType::Char(_) => SqlType::Char(None),
            SqlType::Timestamp(_) => SqlType::Timestamp(None),
            SqlType::Timestamptz(_) => SqlType::Timestamptz(None),
            other => other.clone(),
        }
    }

    /// The integers it holds, when it is a type of integers.
    #[must_use]
    pub const fn integers(&self) -> Option<(i64, i64)> {
        match self {
            SqlType::Smallint => Some((i16::MIN as i64, i16::MAX as i64)),
            SqlType::Integer => Some((i32::MIN as i64, i32::MAX as i64)),
            SqlType::Bigint => Some((i64::MIN, i64::MAX)),
            _ => None,
        }
    }

    /// Its place among the numbers: each is converted implicitly to those above.
    pub(super) const fn height(&self) -> Option<u8> {
        match self {
            SqlType::Smallint => Some(0),
            SqlType::Integer => Some(1),
            SqlType::Bigint => Some(2),
            SqlType::Numeric(_) => Some(3),
            SqlType::Real => Some(4),
            SqlType::Double => Some(5),
            _ => None,
        }
    }

    pub(super) const fn category(&self) -> Category {
        match self {
            SqlType::Smallint
            | SqlType::Integer
            | SqlType::Bigint
            | SqlType::Numeric(_)
            | SqlType::Real
            | SqlType::Double => Category::Number,
            SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) => Category::String,
            SqlType::Boolean => Category::Boolean,
            SqlType::Date | SqlType::Timestamp(_) | SqlType::Timestamptz(_) => Category::Datetime,
            SqlType::Enum(_) => Category::Enum,
            SqlType::Uuid | SqlType::Bytea | SqlType::Json | SqlType::Jsonb => Category::Other,
        }
    }

    pub(super) fn is_string(&self) -> bool {
        self.category() == Category::String
    }

    /// Whether a unit would say something about its values.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        self.category() == Category::Number
    }
}

/// As PostgreSQL prints it: `character varying(10)`.
impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SqlType::Smallint => f.write_str("smallint"),
            SqlType::Integer => f.write_str("integer"),
            SqlType::Bigint => f.write_str("bigint"),
            SqlType::Numeric(None) => f.write_str("numeric"),
            SqlType::Numeric(Some(Digits { precision, scale })) => write!(f, "numeric({precision},{scale})"),
            SqlType::Real => f.write_str("real"),
            SqlType::Double => f.write_str("double precision"),
            SqlType::Text => f.write_str("text"),
            SqlType::Varchar(None) => f.write_str("character varying"),
            SqlType::Varchar(Some(length)) => write!(f, "character varying({length})"),
            SqlType::Char(None) => f.write_str("bpchar"),
            SqlType::Char(Some(length)) => write!(f, "character({length})"),
            SqlType::Boolean => f.write_str("boolean"),
            SqlType::Date => f.write_str("date"),
            SqlType::Timestamp(None) => f.write_str("timestamp"),
            SqlType::Timestamp(Some(digits)) => write!(f, "timestamp({digits})"),
            SqlType::Timestamptz(None) => f.write_str("timestamptz"),
            SqlType::Timestamptz(Some(digits)) => write!(f, "timestamptz({digits})"),
            SqlType::Uuid => f.write_str("uuid"),
            SqlType::Bytea => f.write_str("bytea"),
            SqlType::Json => f.write_str("json"),
            SqlType::Jsonb => f.write_str("jsonb"),
            SqlType::Enum(name) => f.write_str(name),
        }
    }
}
