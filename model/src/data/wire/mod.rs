//! The types of each family of formats: one file per family.

mod avro;
mod json;
mod sql;

pub use avro::AvroType;
pub use json::{JsonType, Others};

use std::fmt;

use super::sql::SqlType;

/// A type of one family of formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wire {
    /// A type of Avro.
    Avro(AvroType),
    /// A type of JSON.
    Json(JsonType),
    /// A type of an SQL database.
    Sql(SqlType),
}

impl Wire {
    /// Whether its only value is "no value".
    pub(super) fn is_null(&self) -> bool {
        match self {
            Wire::Avro(avro) => *avro == AvroType::Null,
            Wire::Json(json) => *json == JsonType::Null,
            Wire::Sql(_) => false,
        }
    }

    /// Whether its values are symbols (not those of its elements).
    pub(super) fn is_enum(&self) -> bool {
        match self {
            Wire::Avro(avro) => matches!(avro, AvroType::Enum { .. }),
            Wire::Json(json) => *json == JsonType::Enum,
            Wire::Sql(sql) => matches!(sql, SqlType::Enum(_)),
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wire::Avro(avro) => avro.fmt(f),
            Wire::Json(json) => json.fmt(f),
            Wire::Sql(sql) => sql.fmt(f),
        }
    }
}
