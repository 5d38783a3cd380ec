//! Schema files to the field model: the only owner of the schema libraries.
//!
//! The libraries parse; what is compatible with what is decided by `model::data` alone, because
//! static checkers of the libraries answer another question (can every record be read?) than ours
//! (what happens to this record, and what does writing it back destroy?).
//!
//! Invariant: nothing unsupported is taken as compatible. What cannot be represented faithfully is
//! a [`SchemaError`].

mod avro;
mod bind;
mod branches;
mod draft;
mod error;
mod json;
mod json_schema;
mod pairs;
mod place;
mod protobuf;
pub mod sql;

pub use error::{Position, SchemaError};
pub use pairs::{Pairs, Tables, pairs};
pub use place::{inside, position_of};

use bind::Slots;
use draft::Draft;
use model::data::{Entity, Mask};

/// A schema, as it is in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// The name of the format it describes: `ledger-3`.
    pub format: &'a str,
    /// The contents of the file: UTF-8, except for descriptor sets.
    pub bytes: &'a [u8],
    /// What it is written in.
    pub language: Language<'a>,
}

impl<'a> Source<'a> {
    /// An Avro schema.
    #[must_use]
    pub const fn avro(format: &'a str, text: &'a str) -> Self {
        Source { format, bytes: text.as_bytes(), language: Language::Avro }
    }

    /// A JSON Schema.
    #[must_use]
    pub const fn json_schema(format: &'a str, text: &'a str) -> Self {
        Source { format, bytes: text.as_bytes(), language: Language::JsonSchema }
    }

    /// A message of a `.proto` file.
    #[must_use]
    pub const fn proto(format: &'a str, text: &'a str, message: Message<'a>) -> Self {
        Source { format, bytes: text.as_bytes(), language: Language::Proto(message) }
    }

    /// A message of a descriptor set.
    #[must_use]
    pub const fn descriptors(format: &'a str, bytes: &'a [u8], message: Message<'a>) -> Self {
        Source { format, bytes, language: Language::Descriptors(message) }
    }

    /// What is wrong with it as a whole: of a text, at its beginning.
    fn whole(&self, found: impl Into<String>, help: impl Into<String>) -> SchemaError {
        let is_text = !matches!(self.language, Language::Descriptors(_));
        let position = is_text.then_some(Position { line: 1, column: 1 });
        SchemaError { position, ..SchemaError::new(self.format, "", found, help) }
    }

    /// Its text, for languages that are text.
    fn text(&self) -> Result<&'a str, Vec<SchemaError>> {
        str::from_utf8(self.bytes).map_err(|error| {
            let found = format!("found bytes that are not UTF-8, at offset {}", error.valid_up_to());
            vec![SchemaError::new(self.format, "", found, "a schema is a text")]
        })
    }
}

/// A language schemas are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language<'a> {
    /// An Avro schema (`.avsc`).
    Avro,
    /// A JSON Schema (`.schema.json`, `.json`).
    JsonSchema,
    /// Protobuf source (`.proto`), syntax proto2 or proto3, that imports nothing but the well-known
    /// types (`google/protobuf/*.proto`).
    Proto(Message<'a>),
    /// A `FileDescriptorSet` with everything imported in it: `protoc --include_imports
    /// --descriptor_set_out=FILE`.
    Descriptors(Message<'a>),
    /// A script of SQL that makes tables, of PostgreSQL (`.sql`).
    Sql,
}

/// Which message of a file is the record, and how it is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Its full name, or as much of its end as tells it from the others; `None` for the only one.
    pub name: Option<&'a str>,
    /// How records are encoded.
    pub encoding: Encoding,
}

/// How a message becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Protobuf's binary encoding.
    Binary,
    /// ProtoJSON.
    Json,
}

impl<'a> Message<'a> {
    /// The message of this name, in the binary encoding.
    #[must_use]
    pub const fn binary(name: &'a str) -> Self {
        Message { name: Some(name), encoding: Encoding::Binary }
    }

    /// The message of this name, in ProtoJSON.
    #[must_use]
    pub const fn json(name: &'a str) -> Self {
        Message { name: Some(name), encoding: Encoding::Json }
    }
}

impl Language<'_> {
    /// The language of a schema that is written in place. JSON that describes an `object`, or names its `$schema`, is a
    /// JSON Schema; any other is taken for Avro, whose reader says what is wrong with it. A text with a `message` is
    /// Protobuf, in the binary encoding. `None` for anything else.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Language<'static>> {
        if !text.trim_start().starts_with(['{', '[']) {
            let message = Message { name: None, encoding: Encoding::Binary };
            return text.split_whitespace().any(|word| word == "message").then_some(Language::Proto(message));
        }
        let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let is_schema = json["type"] == "object" || json.get("$schema").is_some();
        Some(if is_schema { Language::JsonSchema } else { Language::Avro })
    }

    /// The language that the name of a file tells by its end.
    ///
    /// # Errors
    /// The ends that tell one, for people.
    pub fn of_file(name: &str) -> Result<Language<'static>, String> {
        let message = Message { name: None, encoding: Encoding::Binary };
        let ends = [
            (".avsc", Language::Avro),
            (".json", Language::JsonSchema),
            (".proto", Language::Proto(message)),
            (".pb", Language::Descriptors(message)),
            (".binpb", Language::Descriptors(message)),
            (".sql", Language::Sql),
        ];
        let found = ends.iter().find(|(end, _)| name.ends_with(end)).map(|(_, language)| *language);
        found.ok_or_else(|| ends.map(|(end, _)| format!("`{end}`")).join(" or "))
    }
}

/// Reads all formats of one entity, oldest first.
///
/// Fields share a slot when they have the same name, or when one is an alias of the other in any
/// of the schemas; in Protobuf also when they have the same number, and no schema has both. Which
/// *reader* finds what is decided later, per pair.
///
/// # Errors
/// Everything that is wrong, in all schemas.
pub fn entity(name: &str, sources: &[Source<'_>]) -> Result<Entity, Vec<SchemaError>> {
    let (mut drafts, mut errors) = (Vec::new(), Vec::new());
    for source in sources {
        match parse(source) {
            Ok(draft) => drafts.push(draft),
            Err(more) => errors.extend(more),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    branches::settle(&mut drafts);
    let slots = Slots::bind(&drafts)?;
    let formats = drafts.into_iter().map(|draft| draft.into_format(&slots)).collect();
    Ok(Entity { name: name.to_owned(), slots: slots.into_names(), formats, stated: Mask::EMPTY })
}

/// What is wrong with one file, nothing where it can be read: for when there is no other to compare it with.
#[must_use]
pub fn mistakes(source: &Source<'_>) -> Vec<SchemaError> {
    drafts(source).err().unwrap_or_default()
}

/// All record types of a file: one at least, because without any nothing could be said of it.
fn drafts(source: &Source<'_>) -> Result<Vec<Draft>, Vec<SchemaError>> {
    let (drafts, help) = match source.language {
        Language::Avro | Language::JsonSchema => (vec![parse(source)?], "define a record"),
        Language::Proto(message) | Language::Descriptors(message) => {
            (protobuf::drafts(source, message)?, "define the record as a message")
        }
        Language::Sql => (sql::drafts(source.format, source.text()?)?, "give a script that makes a table"),
    };
    let none = || vec![source.whole("found no record type", help)];
    if drafts.is_empty() { Err(none()) } else { Ok(drafts) }
}

fn parse(source: &Source<'_>) -> Result<Draft, Vec<SchemaError>> {
    match source.language {
        Language::Avro => avro::parse(source.format, source.text()?),
        Language::JsonSchema => json_schema::parse(source.format, source.text()?),
        Language::Proto(message) | Language::Descriptors(message) => protobuf::parse(source, message),
        Language::Sql => sql::parse(source.format, source.text()?),
    }
}
