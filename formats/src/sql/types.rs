//! Types of columns.

use model::data::sql::{Digits, SqlType};
use sqlparser::ast::{CharacterLength, DataType, ExactNumberInfo, ObjectName, ObjectNamePart, TimezoneInfo};

use super::cursor::{Cursor, Read, Refusal, folded};

/// What is said about a type that is not modelled.
const HELP: &str = "supported are smallint, integer, bigint, numeric, real, double precision, text, varchar, char, \
                    boolean, date, timestamp, timestamptz, uuid, bytea, json, jsonb and enum types";

/// Types that PostgreSQL has, and that are not enum types of somebody's.
const FOREIGN: [&str; 34] = [
    "bit",
    "box",
    "cidr",
    "circle",
    "citext",
    "daterange",
    "hstore",
    "inet",
    "int4range",
    "int8range",
    "interval",
    "line",
    "lseg",
    "ltree",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numrange",
    "oid",
    "path",
    "pg_lsn",
    "point",
    "polygon",
    "regclass",
    "regtype",
    "time",
    "timetz",
    "tsquery",
    "tsrange",
    "tstzrange",
    "tsvector",
    "varbit",
    "xml",
];

/// Reads a type.
pub(super) fn column_type(cursor: &mut Cursor<'_>) -> Read<SqlType> {
    let at = cursor.position();
    let parsed = cursor.library(|parser| parser.parse_data_type())?;
    of(&parsed).ok_or_else(|| Refusal::new(at, format!("found the type {parsed}"), HELP))
}

/// The model's type; `None` when it has none.
pub(super) fn of(parsed: &DataType) -> Option<SqlType> {
    use DataType as D;
    Some(match parsed {
        D::SmallInt(None) | D::Int2(None) => SqlType::Smallint,
        D::Int(None) | D::Integer(None) | D::Int4(None) => SqlType::Integer,
        D::BigInt(None) | D::Int8(None) => SqlType::Bigint,
        D::Numeric(digits) | D::Decimal(digits) | D::Dec(digits) => SqlType::Numeric(numeric(digits)?),
        D::Real | D::Float4 => SqlType::Real,
        D::DoublePrecision | D::Float8 | D::Double(ExactNumberInfo::None) | D::Float(ExactNumberInfo::None) => {
            SqlType::Double
        }
        D::Float(ExactNumberInfo::Precision(bits @ 1..=53)) => {
            if *bits <= 24 {
                SqlType::Real
            } else {
                SqlType::Double
            }
        }
        D::Text => SqlType::Text,
        D::Varchar(length) | D::CharacterVarying(length) | D::CharVarying(length) => {
            SqlType::Varchar(characters(length)?)
        }
        D::Character(length) | D::Char(length) => SqlType::Char(Some(characters(length)?.unwrap_or(1))),
        D::Bool | D::Boolean => SqlType::Boolean,
        D::Date => SqlType::Date,
        D::Timestamp(digits, zone) => timestamp(*digits, *zone)?,
        D::Uuid => SqlType::Uuid,
        D::Bytea => SqlType::Bytea,
        D::JSON => SqlType::Json,
        D::JSONB => SqlType::Jsonb,
        D::Custom(name, modifiers) if modifiers.is_empty() => named(name)?,
        _ => return None,
    })
}

fn numeric(digits: &ExactNumberInfo) -> Option<Option<Digits>> {
    let (precision, scale) = match digits {
        ExactNumberInfo::None => return Some(None),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    Some(Some(Digits { precision: u32::try_from(precision).ok()?, scale: u32::try_from(scale).ok()? }))
}

fn characters(length: &Option<CharacterLength>) -> Option<Option<u32>> {
    match length {
        None => Some(None),
        Some(CharacterLength::IntegerLength { length, unit: None }) => u32::try_from(*length).ok().map(Some),
        Some(_) => None,
    }
}

fn timestamp(digits: Option<u64>, zone: TimezoneInfo) -> Option<SqlType> {
    // More than six digits are six, with a warning.
    let digits = digits.map(|digits| u8::try_from(digits.min(6)).unwrap_or(6));
    Some(match zone {
        TimezoneInfo::None | TimezoneInfo::WithoutTimeZone => SqlType::Timestamp(digits),
        TimezoneInfo::Tz | TimezoneInfo::WithTimeZone => SqlType::Timestamptz(digits),
    })
}

/// A type by a name that is no keyword: an enum type, in the schema `public` if anywhere.
fn named(name: &ObjectName) -> Option<SqlType> {
    let part = |part: &ObjectNamePart| match part {
        ObjectNamePart::Identifier(ident) => Some(folded(&ident.value, ident.quote_style)),
        ObjectNamePart::Function(_) => None,
    };
    let (name, is_qualified) = match &name.0[..] {
        [name] => (part(name)?, false),
        [schema, name] if part(schema)? == "public" => (part(name)?, true),
        _ => return None,
    };
    match name.as_str() {
        "bpchar" if !is_qualified => Some(SqlType::Char(None)),
        name if FOREIGN.contains(&name) || name.starts_with('_') => None,
        _ => Some(SqlType::Enum(name)),
    }
}
