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
mod draft;
mod error;
mod json_schema;
mod pairs;
mod place;
pub mod sql;

pub use error::{Position, SchemaError};
pub use pairs::{Pairs, pairs};
pub use place::{inside, position_of};

use bind::Slots;
use draft::Draft;
use model::data::Entity;

/// A schema, as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// The name of the format it describes: `ledger-3`.
    pub format: &'a str,
    /// Its text.
    pub text: &'a str,
    /// What the text is written in.
    pub language: Language,
}

impl<'a> Source<'a> {
    /// An Avro schema.
    #[must_use]
    pub const fn avro(format: &'a str, text: &'a str) -> Self {
        Source { format, text, language: Language::Avro }
    }
}

impl<'a> Source<'a> {
    /// A JSON Schema.
    #[must_use]
    pub const fn json_schema(format: &'a str, text: &'a str) -> Self {
        Source { format, text, language: Language::JsonSchema }
    }
}

/// A language schemas are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// An Avro schema (`.avsc`).
    Avro,
    /// A JSON Schema (`.schema.json`, `.json`).
    JsonSchema,
}

impl Language {
    /// The language of a schema that is written in place, as JSON: one that describes an `object`, or names its
    /// `$schema`, is a JSON Schema. Anything else is taken for Avro, whose reader says what is wrong with it.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        if json["type"] == "object" || json.get("$schema").is_some() { Language::JsonSchema } else { Language::Avro }
    }

    /// The language that the name of a file tells by its end.
    ///
    /// # Errors
    /// The ends that tell one, for people.
    pub fn of_file(name: &str) -> Result<Self, String> {
        let ends = [(".avsc", Language::Avro), (".json", Language::JsonSchema)];
        let found = ends.iter().find(|(end, _)| name.ends_with(end)).map(|(_, language)| *language);
        found.ok_or_else(|| ends.map(|(end, _)| format!("`{end}`")).join(" or "))
    }
}

/// Reads all formats of one entity, oldest first.
///
/// Fields share a slot when they have the same name, or when one is an alias of the other in any
/// of the schemas. Which *reader* finds what under which name is decided later, per pair.
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
    let slots = Slots::bind(&drafts)?;
    let formats = drafts.into_iter().map(|draft| draft.into_format(&slots)).collect();
    Ok(Entity { name: name.to_owned(), slots: slots.into_names(), formats })
}

/// All record types of a file.
fn drafts(source: &Source<'_>) -> Result<Vec<Draft>, Vec<SchemaError>> {
    match source.language {
        Language::Avro | Language::JsonSchema => parse(source).map(|draft| vec![draft]),
    }
}

fn parse(source: &Source<'_>) -> Result<Draft, Vec<SchemaError>> {
    match source.language {
        Language::Avro => avro::parse(source.format, source.text),
        Language::JsonSchema => json_schema::parse(source.format, source.text),
    }
}
