//! Values, and how they compare.

use std::cmp::Ordering;

use super::SqlType;
use super::decimal::Decimal;
use super::text;

/// A value of some type, or none.
///
/// It does not say its type; the column or expression does. `text`, `varchar`, `char` and `json`
/// are all text; `timestamp` and `timestamptz` are both microseconds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// `boolean`.
    Bool(bool),
    /// `smallint`, `integer`, `bigint`.
    Int(i64),
    /// `numeric`.
    Numeric(Decimal),
    /// `real`.
    Real(f32),
    /// `double precision`.
    Double(f64),
    /// `text`, `varchar`, `char` (padded), `json`, and `jsonb` in its normal form.
    Text(String),
    /// Days since 2000-01-01.
    Date(i64),
    /// Microseconds since 2000-01-01, UTC.
    Timestamp(i64),
    /// `uuid`.
    Uuid([u8; 16]),
    /// `bytea`.
    Bytes(Vec<u8>),
    /// A symbol of an enum type: its place among the symbols, and its name.
    Symbol(usize, String),
}

impl Value {
    /// Whether it is no value.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// As `value::text` gives it; `None` for NULL.
    #[must_use]
    pub fn text(&self, of: &SqlType) -> Option<String> {
        (!self.is_null()).then(|| text::cast(self, of))
    }

    /// Whether the two are the same to a client: same text, or both NULL.
    #[must_use]
    pub fn is_same(&self, of: &SqlType, other: &Value, other_of: &SqlType) -> bool {
        self.text(of) == other.text(other_of)
    }
}

/// How two values of the same comparable type stand to each other; `None` when one is NULL.
///
/// Text is compared by bytes, as in the collation C; NaN is above all numbers and equals itself.
pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    Some(match (a, b) {
        (Value::Null, _) | (_, Value::Null) => return None,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Numeric(a), Value::Numeric(b)) => a.cmp(b),
        (Value::Real(a), Value::Real(b)) => floats(f64::from(*a), f64::from(*b)),
        (Value::Double(a), Value::Double(b)) => floats(*a, *b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        (Value::Uuid(a), Value::Uuid(b)) => a.cmp(b),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::Symbol(a, _), Value::Symbol(b, _)) => a.cmp(b),
        (a, b) => unreachable!("values of different types are compared: {a:?}, {b:?}"),
    })
}

fn floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}
