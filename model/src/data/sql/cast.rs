//! Casts: which exist, in which context, and what they do to a value.
//!
//! *Vocabulary.* An *implicit* cast happens inside expressions, an *assignment* cast when a value is
//! stored in a column, an *explicit* one where it is written (`x::integer`). Whoever may do more may do
//! less. From PostgreSQL 15's `pg_cast`; a pair that is not there goes through text, if one side is text.

use super::calendar::{self, DAY};
use super::decimal::Decimal;
use super::error::{SqlError, State, raise, unsupported};
use super::schema::Enums;
use super::types::{Category, Digits};
use super::{SqlType, Value, float, text};

/// Where a cast may happen by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Context {
    /// Wherever it is needed.
    Implicit,
    /// When a value is stored in a column.
    Assignment,
    /// Only where it is written.
    Explicit,
}

/// The weakest context in which values of `from` become values of `to`; `None` when never.
pub(super) fn context(from: &SqlType, to: &SqlType) -> Option<Context> {
    use SqlType::{Boolean, Date, Integer, Json, Jsonb, Timestamp, Timestamptz};
    if from.base() == to.base() {
        return Some(Context::Implicit);
    }
    if let (Some(low), Some(high)) = (from.height(), to.height()) {
        return Some(if low < high { Context::Implicit } else { Context::Assignment });
    }
    match (from, to) {
        (a, b) if a.is_string() && b.is_string() => Some(Context::Implicit),
        (Integer, Boolean) | (Boolean, Integer) => Some(Context::Explicit),
        (Date, Timestamp(_) | Timestamptz(_)) | (Timestamp(_), Timestamptz(_)) => Some(Context::Implicit),
        (Timestamp(_) | Timestamptz(_), Date) | (Timestamptz(_), Timestamp(_)) => Some(Context::Assignment),
        (Json, Jsonb) | (Jsonb, Json) => Some(Context::Assignment),
        (Jsonb, b) if b.category() == Category::Number || *b == Boolean => Some(Context::Explicit),
        (_, b) if b.is_string() => Some(Context::Assignment),
        (a, _) if a.is_string() => Some(Context::Explicit),
        _ => None,
    }
}

/// Whether the result depends on nothing but the value: such a cast of a constant happens, and fails,
/// before any row is looked at. A time zone, a style of dates, and the symbols of an enum can change.
pub(super) fn is_immutable(from: &SqlType, to: &SqlType) -> bool {
    let zoned = |of: &SqlType| matches!(of, SqlType::Timestamptz(_));
    let styled = |of: &SqlType| matches!(of.category(), Category::Datetime | Category::Enum);
    let through_text = from.is_string() != to.is_string();
    zoned(from) == zoned(to) && !(through_text && (styled(from) || styled(to)))
}

/// Turns a value of `from` into one of `to`. Whether that may happen is asked before.
pub(super) fn convert(
    value: &Value,
    (from, to): (&SqlType, &SqlType),
    is_explicit: bool,
    enums: &Enums,
) -> Result<Value, SqlError> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let plain = if from.base() == to.base() { value.clone() } else { change(value, (from, to), enums)? };
    if from == to { Ok(plain) } else { fit(plain, to, is_explicit) }
}

fn change(value: &Value, (from, to): (&SqlType, &SqlType), enums: &Enums) -> Result<Value, SqlError> {
    match (value, to) {
        (Value::Bool(value), SqlType::Integer) => Ok(Value::Int(i64::from(*value))),
        (Value::Int(value), SqlType::Boolean) => Ok(Value::Bool(*value != 0)),
        (_, to) if from.is_numeric() && to.is_numeric() => number(value, to),
        (Value::Date(day), SqlType::Timestamp(_) | SqlType::Timestamptz(_)) => Ok(Value::Timestamp(day * DAY)),
        (Value::Timestamp(micros), SqlType::Date) => Ok(Value::Date(micros.div_euclid(DAY))),
        (Value::Timestamp(_), SqlType::Timestamp(_) | SqlType::Timestamptz(_)) => Ok(value.clone()),
        (Value::Text(text), _) if *from == SqlType::Jsonb && !to.is_string() && *to != SqlType::Json => {
            scalar(text, to)
        }
        (_, to) if to.is_string() => Ok(Value::Text(text::cast(value, from))),
        _ => text::input(&text::output(value, from), to, enums),
    }
}

/// A number of another type.
fn number(value: &Value, to: &SqlType) -> Result<Value, SqlError> {
    match to {
        SqlType::Smallint | SqlType::Integer | SqlType::Bigint => integer(value, to),
        SqlType::Numeric(_) => decimal(value).map(Value::Numeric),
        SqlType::Real => real(value).map(Value::Real),
        _ => double(value).map(Value::Double),
    }
}

fn integer(value: &Value, to: &SqlType) -> Result<Value, SqlError> {
    let bounds = to.integers().expect("an integer type");
    let integer = match value {
        Value::Int(value) => Some(*value),
        Value::Numeric(value) => value.to_integer(),
        Value::Real(value) => return float::to_integer(f64::from(*value), bounds).map(Value::Int),
        Value::Double(value) => return float::to_integer(*value, bounds).map(Value::Int),
        other => unreachable!("no number: {other:?}"),
    };
    let fitting = integer.filter(|value| (bounds.0..=bounds.1).contains(value));
    fitting.map_or_else(|| raise(State::OutOfRange, format!("{to} out of range")), |value| Ok(Value::Int(value)))
}

fn decimal(value: &Value) -> Result<Decimal, SqlError> {
    match value {
        Value::Int(value) => Ok(Decimal::from_integer(*value)),
        Value::Numeric(value) => Ok(*value),
        Value::Real(value) => float::to_decimal(f64::from(*value), 6),
        Value::Double(value) => float::to_decimal(*value, 15),
        other => unreachable!("no number: {other:?}"),
    }
}

fn real(value: &Value) -> Result<f32, SqlError> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "rounding to the nearest is what the database does")]
        Value::Int(value) => Ok(*value as f32),
        Value::Numeric(value) => float::parse_real(&value.to_string()).unwrap_or_else(|| unsupported("a number")),
        Value::Real(value) => Ok(*value),
        Value::Double(value) => float::to_real(*value),
        other => unreachable!("no number: {other:?}"),
    }
}

fn double(value: &Value) -> Result<f64, SqlError> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "rounding to the nearest is what the database does")]
        Value::Int(value) => Ok(*value as f64),
        Value::Numeric(value) => float::parse_double(&value.to_string()).unwrap_or_else(|| unsupported("a number")),
        Value::Real(value) => Ok(f64::from(*value)),
        Value::Double(value) => Ok(*value),
        other => unreachable!("no number: {other:?}"),
    }
}

/// A JSON number or boolean as an SQL one.
fn scalar(json: &str, to: &SqlType) -> Result<Value, SqlError> {
    let wrong = || raise(State::InvalidParameter, format!("cannot cast jsonb {json} to type {to}"));
    match (json, to) {
        ("true", SqlType::Boolean) => Ok(Value::Bool(true)),
        ("false", SqlType::Boolean) => Ok(Value::Bool(false)),
        (_, SqlType::Boolean) => wrong(),
        _ => match super::decimal::parse(json) {
            Some(decimal) => number(&Value::Numeric(decimal?), to),
            None => wrong(),
        },
    }
}

/// A text as a value of a column of a type.
pub(super) fn read(text: &str, of: &SqlType, enums: &Enums) -> Result<Value, SqlError> {
    fit(text::input(text, &of.base(), enums)?, of, false)
}

/// Applies the modifier of `to`: what is too long, too big or too fine.
pub(super) fn fit(value: Value, to: &SqlType, is_explicit: bool) -> Result<Value, SqlError> {
    match (value, to) {
        (Value::Numeric(value), SqlType::Numeric(Some(Digits { precision, scale }))) => {
            value.fit(*precision, *scale).map(Value::Numeric)
        }
        (Value::Text(text), SqlType::Varchar(Some(length))) => shorten(text, *length, to, is_explicit).map(Value::Text),
        (Value::Text(text), SqlType::Char(Some(length))) => {
            let text = shorten(text, *length, to, is_explicit)?;
            let missing = (*length as usize).saturating_sub(text.chars().count());
            Ok(Value::Text(text + &" ".repeat(missing)))
        }
        (Value::Timestamp(micros), SqlType::Timestamp(Some(digits)) | SqlType::Timestamptz(Some(digits))) => {
            Ok(Value::Timestamp(calendar::round(micros, *digits)))
        }
        (value, _) => Ok(value),
    }
}

/// Characters beyond the length are cut when somebody has asked for it, or when they are spaces.
fn shorten(text: String, length: u32, to: &SqlType, is_explicit: bool) -> Result<String, SqlError> {
    let Some((end, _)) = text.char_indices().nth(length as usize) else { return Ok(text) };
    let only_spaces = text[end..].bytes().all(|b| b == b' ');
    if is_explicit || only_spaces {
        Ok(text[..end].to_owned())
    } else {
        raise(State::TooLong, format!("value too long for type {to}"))
    }
}
