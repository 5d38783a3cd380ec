//! Formats: where their schemas are, and how a library reads what is written in them.

use crate::syntax::{Defs, Diagnostics, Node, Shape, SourceSpan, Text, Value};
use crate::syntax::{Spanned, keyword, record};
use serde_json::{Value as Json, json};

/// The schema of a format: where it is, or the schema itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFormat {
    /// A file beside the scenario, or the schema itself: Avro, JSON Schema or Protobuf, nothing else.
    pub schema: Text,
    /// What has to be said besides.
    pub more: Option<Box<RawSchemaFile>>,
}

record! {
    /// A schema in a file, with what the file alone does not say.
    pub struct RawSchemaFile as "a schema file" {
        /// A file beside this one; how its name ends says which language it is in.
        file: Text,
        /// The message of a `.proto` file or a descriptor set that is meant, where it has several.
        message: Option<Text>,
        /// How messages of a `.proto` file or a descriptor set are encoded: `binary`, or `json` (default `binary`).
        encoding: Option<Text>,
    }
}

impl Shape for RawFormat {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match node.value {
            Value::Map(_) => RawSchemaFile::read(node, out)
                .map(|more| RawFormat { schema: more.file.clone(), more: Some(Box::new(more)) }),
            Value::Null | Value::Scalar(_) | Value::Seq(_) => {
                Text::read(node, out).map(|schema| RawFormat { schema, more: None })
            }
        }
    }

    fn stand_in(span: SourceSpan) -> Option<Self> {
        Text::stand_in(span).map(|schema| RawFormat { schema, more: None })
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "anyOf": [Text::schema(defs), RawSchemaFile::schema(defs)] })
    }
}

/// How a library reads: its name, or what it does where the format leaves a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawCodec {
    /// The library, whose ways are known.
    pub library: Option<Text>,
    /// What it does otherwise.
    pub knobs: Option<RawKnobs>,
}

record! {
    /// What a library does where its format leaves a choice.
    pub struct RawKnobs as "a codec" {
        /// A library whose ways are known, like `avro-python` (default: one that does as the format says).
        library: Option<Text>,
        /// What becomes of a field that the reader does not know.
        unknown: Option<Spanned<RawUnknown>>,
        /// What becomes of a field that is not there.
        missing: Option<Spanned<RawMissing>>,
        /// What becomes of a number that is out of range.
        range: Option<Spanned<RawRange>>,
        /// Whether defaults are written: in JSON those that were filled in, in ProtoJSON all fields without presence.
        emit_defaults: Option<Spanned<bool>>,
    }
}

keyword! {
    /// What becomes of a field that the reader does not know.
    pub enum RawUnknown as "what becomes of unknown fields" {
        /// The read fails.
        Reject = "reject",
        /// It is skipped, and gone when the record is written back.
        Drop = "drop",
        /// It is skipped, kept aside, and written back.
        Preserve = "preserve",
    }
}

keyword! {
    /// What becomes of a number that the type of the reader does not hold.
    pub enum RawRange as "what becomes of numbers out of range" {
        /// The read fails.
        Error = "error",
        /// It is cut to what the type holds, without an error.
        Truncate = "truncate",
    }
}

keyword! {
    /// What becomes of a field that is not there.
    pub enum RawMissing as "what becomes of missing fields" {
        /// The read fails.
        Error = "error",
        /// The default of the schema; without one the read fails.
        Default = "default",
        /// The zero of the language.
        Zero = "zero",
        /// Nothing at all, as in JavaScript: whether the program can do without is not decided. Of JSON only.
        Nothing = "nothing",
    }
}

impl Shape for RawCodec {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match node.value {
            Value::Map(_) => {
                RawKnobs::read(node, out).map(|knobs| RawCodec { library: knobs.library.clone(), knobs: Some(knobs) })
            }
            Value::Null | Value::Scalar(_) | Value::Seq(_) => {
                Text::read(node, out).map(|library| RawCodec { library: Some(library), knobs: None })
            }
        }
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "anyOf": [Text::schema(defs), RawKnobs::schema(defs)] })
    }
}
