//! The types of each family of formats: one file per family.

mod avro;
mod json;
mod protobuf;
mod sql;

pub use avro::AvroType;
pub use json::{JsonType, Others};
pub(in crate::data) use protobuf::WireType;
pub use protobuf::{ProtoEnum, ProtoKind, ProtoLabel, ProtoStep, ProtoType};

use std::fmt;

use super::sql::SqlType;

/// A type of one family of formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wire {
    /// A type of Avro.
    Avro(AvroType),
    /// A type of JSON.
    Json(JsonType),
    /// A type of Protobuf.
    Proto(ProtoType),
    /// A type of an SQL database.
    Sql(SqlType),
}

impl Wire {
    /// Whether its values are bytes.
    pub(super) fn is_bytes(&self) -> bool {
        match self {
            Wire::Avro(avro) => matches!(avro, AvroType::Bytes | AvroType::Fixed { .. }),
            Wire::Proto(proto) => proto.kind == ProtoKind::Bytes,
            Wire::Json(_) | Wire::Sql(_) => false,
        }
    }

    /// Whether its only value is "no value".
    pub(super) fn is_null(&self) -> bool {
        match self {
            Wire::Avro(avro) => *avro == AvroType::Null,
            Wire::Json(json) => *json == JsonType::Null,
            Wire::Proto(_) => false,
            Wire::Sql(_) => false,
        }
    }

    /// The type of Protobuf, if it is one.
    pub(super) fn as_proto(&self) -> Option<&ProtoType> {
        if let Wire::Proto(proto) = self { Some(proto) } else { None }
    }

    /// Whether its values are symbols (not those of its elements).
    pub(super) fn is_enum(&self) -> bool {
        match self {
            Wire::Avro(avro) => matches!(avro, AvroType::Enum { .. }),
            Wire::Json(json) => *json == JsonType::Enum,
            Wire::Proto(proto) => matches!(proto.kind, ProtoKind::Enum(_)) && proto.label == ProtoLabel::Singular,
            Wire::Sql(sql) => matches!(sql, SqlType::Enum(_)),
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wire::Avro(avro) => avro.fmt(f),
            Wire::Json(json) => json.fmt(f),
            Wire::Proto(proto) => proto.fmt(f),
            Wire::Sql(sql) => sql.fmt(f),
        }
    }
}
