//! Formats: schemas, the languages they are in, and how libraries read.
//!
//! Which file is in which language, and which libraries there are, `formats` and `model::data` know; what a language
//! asks for besides its file is in `completed`, which choices a family leaves in `Family::leaves_open`.

use super::{Resolver, Table};
use crate::bundle::text_of;
use crate::raw::{RawCodec, RawFormat, RawKnobs, RawMissing, RawRange, RawSchemaFile, RawUnknown};
use crate::syntax::{Diagnostic, SourceSpan, Spanned, Text, quoted};
use formats::{Encoding, Language, Message, SchemaError, Source};
use model::data::{Codec, Entity, Family, Knob, Missing, PRESETS, Range, Unknown};
use std::io;

/// A schema that was found: what it is in bytes, where it is named, what it is written in.
struct Found<'r> {
    format: &'r str,
    span: SourceSpan,
    bytes: Vec<u8>,
    language: Language<'r>,
}

impl Resolver<'_> {
    /// The entity of these formats, oldest first.
    pub(super) fn entity_of<'r>(
        &mut self,
        name: &Text,
        formats: impl Iterator<Item = (&'r Text, &'r RawFormat)>,
    ) -> Option<Entity> {
        let all: Vec<_> = formats.map(|(format, raw)| self.schema(format, raw)).collect();
        let is_whole = all.iter().all(Option::is_some);
        // One that is not there hides nothing that is wrong with the others.
        let found: Vec<_> = all.into_iter().flatten().collect();
        let sources: Vec<_> =
            found.iter().map(|one| Source { format: one.format, bytes: &one.bytes, language: one.language }).collect();
        let errors = match formats::entity(&name.value, &sources) {
            Ok(entity) => return is_whole.then_some(entity),
            Err(errors) => errors,
        };
        for error in errors {
            let span = found.iter().find(|one| one.format == error.format).map_or(name.span, |one| one.span);
            self.out.push(schema_diagnostic(span, &error));
        }
        None
    }

    fn schema<'r>(&mut self, format: &'r Text, raw: &'r RawFormat) -> Option<Found<'r>> {
        let (span, written) = (raw.schema.span, &raw.schema.value);
        // No file has such a name.
        let in_place = raw.more.is_none() && (written.contains(['{', '\n', ';']) || written.starts_with('['));
        let (bytes, language) = if in_place {
            (written.clone().into_bytes(), self.language_in_place(&raw.schema)?)
        } else {
            let language = self.language(&raw.schema)?;
            let language = self.completed(&raw.schema, language, raw.more.as_deref());
            (self.file_beside(&raw.schema, Ok)?, language)
        };
        Some(Found { format: &format.value, span, bytes, language })
    }

    fn language_in_place(&mut self, schema: &Text) -> Option<Language<'static>> {
        let language = Language::of_text(&schema.value);
        if language.is_none() {
            let help =
                "an Avro schema or a JSON Schema is JSON, and Protobuf has a `message`; name a file for any other";
            self.error_with(schema.span, "the text does not say which language the schema is in", help);
        }
        language
    }

    fn language(&mut self, file: &Text) -> Option<Language<'static>> {
        let language = Language::of_file(&file.value);
        let unknown = language.map_err(|known| {
            let message = format!("the name {} does not say which language the schema is in", quoted(&file.value));
            self.error_with(file.span, message, format!("the name of a schema file ends in {known}"));
        });
        unknown.ok()
    }

    /// The language, with what was said about the file besides.
    fn completed<'r>(&mut self, file: &Text, language: Language<'r>, more: Option<&'r RawSchemaFile>) -> Language<'r> {
        match language {
            Language::Proto(_) => Language::Proto(self.message(more)),
            Language::Descriptors(_) => Language::Descriptors(self.message(more)),
            Language::Sql => {
                let help = "a store may be a table: give it `table:` and `migrations:` instead of `formats:`";
                self.error_with(file.span, "a SQL table has one schema for all its rows, not formats", help);
                language
            }
            Language::Avro | Language::JsonSchema => {
                let said = more.into_iter().flat_map(|more| more.message.iter().chain(&more.encoding));
                said.for_each(|said| self.error(said.span, "such a schema has one record and one encoding"));
                language
            }
        }
    }

    /// Which message of a file of Protobuf is meant, and how it is encoded.
    fn message<'r>(&mut self, more: Option<&'r RawSchemaFile>) -> Message<'r> {
        let name = more.and_then(|more| more.message.as_ref()).map(|name| name.value.as_str());
        let encodings = Table::new("encoding", ["binary", "json"]);
        let chosen = more.and_then(|more| more.encoding.as_ref()).and_then(|said| encodings.find(said, self.out));
        let encoding = if chosen == Some(1) { Encoding::Json } else { Encoding::Binary };
        Message { name, encoding }
    }

    /// The text of a script beside the scenario.
    pub(super) fn script_file(&mut self, file: &Text) -> Option<String> {
        self.file_beside(file, text_of)
    }

    /// A file beside the scenario, as this takes what is in it.
    fn file_beside<T>(&mut self, file: &Text, take: impl Fn(Vec<u8>) -> io::Result<T>) -> Option<T> {
        let read = self.bundle.read(&file.value);
        let taken = read.and_then(|bytes| Ok((take(bytes.clone()).map_err(|error| error.to_string())?, bytes)));
        let (taken, bytes) = taken
            .map_err(|error| {
                let message = format!("cannot read the schema {}: {error}", quoted(&file.value));
                self.error_with(file.span, message, "name a file beside this one, or write the schema here");
            })
            .ok()?;
        self.files.insert(file.value.clone(), bytes);
        Some(taken)
    }

    /// How a library reads a format of this family.
    pub(super) fn codec(&mut self, raw: Option<&RawCodec>, family: Family) -> Codec {
        let Some(raw) = raw else { return family.codec() };
        let codec = raw.library.as_ref().map_or(family.codec(), |library| self.library(library, family));
        let knobs = raw.knobs.iter().flat_map(knobs);
        knobs.fold(codec, |codec, knob| self.turned(codec, &knob, family))
    }

    fn library(&mut self, name: &Text, family: Family) -> Codec {
        let names = Table::new("library", PRESETS.iter().map(|preset| preset.name));
        let Some(found) = names.find(name, self.out) else { return family.codec() };
        let preset = &PRESETS[found];
        if preset.family != family {
            let message = format!("{} does not read {family}", quoted(&name.value));
            let way = match (preset.family, family) {
                (Family::ProtoJson, Family::Protobuf) => ": give the format as `{file: x.proto, encoding: json}`",
                (Family::Protobuf, Family::ProtoJson) => ": leave `encoding: json` out of the format",
                _ => "",
            };
            self.error_with(name.span, message, format!("it reads {}{way}", preset.family));
        }
        preset.codec
    }

    fn turned(&mut self, codec: Codec, knob: &Spanned<Knob>, family: Family) -> Codec {
        if !family.leaves_open(knob.value) {
            let message = format!("{family} leaves no choice here");
            self.error_with(knob.span, message, "leave this out; where a library departs from it, name the `library`");
        }
        codec.turned(knob.value)
    }
}

/// What was said of a library, with its places.
fn knobs(raw: &RawKnobs) -> Vec<Spanned<Knob>> {
    let spanned = |span, value| Spanned { value, span };
    let unknown = raw.unknown.iter().map(|knob| spanned(knob.span, Knob::Unknown(unknown(knob.value))));
    let missing = raw.missing.iter().map(|knob| spanned(knob.span, Knob::Missing(missing(knob.value))));
    let range = raw.range.iter().map(|knob| spanned(knob.span, Knob::Range(range(knob.value))));
    let emits = raw.emit_defaults.iter().map(|knob| spanned(knob.span, Knob::EmitDefaults(knob.value)));
    unknown.chain(missing).chain(range).chain(emits).collect()
}

const fn unknown(raw: RawUnknown) -> Unknown {
    match raw {
        RawUnknown::Reject => Unknown::Reject,
        RawUnknown::Drop => Unknown::Drop,
        RawUnknown::Preserve => Unknown::Preserve,
    }
}

const fn range(raw: RawRange) -> Range {
    match raw {
        RawRange::Error => Range::Error,
        RawRange::Truncate => Range::Truncate,
    }
}

const fn missing(raw: RawMissing) -> Missing {
    match raw {
        RawMissing::Error => Missing::Error,
        RawMissing::Default => Missing::Default,
        RawMissing::Zero => Missing::Zero,
        RawMissing::Nothing => Missing::Nothing,
    }
}

pub(super) fn schema_diagnostic(span: SourceSpan, error: &SchemaError) -> Diagnostic {
    let position = error.position.map_or(String::new(), |at| format!(" at {}:{}", at.line, at.column));
    let place = if error.place.is_empty() { String::new() } else { format!(", {}", error.place) };
    let message = format!("schema {}{position}{place}: {}", quoted(&error.format), error.found);
    Diagnostic::error(span, message).help(error.help.clone())
}
