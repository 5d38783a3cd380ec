//! Files to descriptors: source text through the compiler, descriptor sets as they are.

use std::fmt::Display;

use miette::Diagnostic;
use prost_reflect::prost::Message;
use prost_reflect::prost_types::{FileDescriptorProto, FileDescriptorSet};
use prost_reflect::{DescriptorPool, FileDescriptor, MessageDescriptor};
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

use crate::{Position, SchemaError};

/// The name under which the compiler knows the text.
const FILE: &str = "schema.proto";

/// What is said where a file is in another language.
const SYNTAXES: &str = "proto2 and proto3 are supported";

/// Compiles source text. It may import the well-known types.
pub(super) fn compile(format: &str, text: &str) -> Result<DescriptorPool, Vec<SchemaError>> {
    if let Some((at, said)) = edition(text) {
        let error = SchemaError::new(format, "", said, SYNTAXES);
        return Err(vec![SchemaError { position: Some(position(text, at)), ..error }]);
    }
    let mut resolver = ChainFileResolver::new();
    resolver.add(Text(text.to_owned()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    match compiler.open_file(FILE) {
        // The compiler settles what depends on options (`packed`) before it has read the options.
        Ok(compiler) => decode(format, &compiler.encode_file_descriptor_set()),
        Err(error) => Err(vec![refused(format, text, &error)]),
    }
}

/// Decodes a descriptor set.
pub(super) fn decode(format: &str, bytes: &[u8]) -> Result<DescriptorPool, Vec<SchemaError>> {
    let help = "write it with `protoc --include_imports --descriptor_set_out=FILE`";
    let refuse = |error: &dyn Display| {
        vec![SchemaError::new(format, "", format!("not a complete descriptor set: {error}"), help)]
    };
    let set = FileDescriptorSet::decode(bytes).map_err(|error| refuse(&error))?;
    // The library does not come back from a syntax that it does not know.
    let unknown: Vec<_> = set.file.iter().filter_map(|file| unknown_syntax(format, file)).collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let pool = DescriptorPool::decode(bytes).map_err(|error| refuse(&error))?;
    // Nor from an entry of a map without a key, or a value.
    let is_half = |entry: &MessageDescriptor| [1, 2].iter().any(|number| entry.get_field(*number).is_none());
    let half = pool.all_messages().find(|message| message.is_map_entry() && is_half(message));
    match half.map(|entry| entry.full_name().to_owned()) {
        Some(name) => Err(refuse(&format!("the map entry {name} has no key, or no value"))),
        None => Ok(pool),
    }
}

fn unknown_syntax(format: &str, file: &FileDescriptorProto) -> Option<SchemaError> {
    let found = match file.syntax.as_deref() {
        None | Some("proto2" | "proto3") => return None,
        Some("editions") => "found an edition".to_owned(),
        Some(other) => format!("found the syntax {other:?}"),
    };
    let place = if file.name().is_empty() { String::new() } else { format!("file {}", file.name()) };
    Some(SchemaError::new(format, place, found, SYNTAXES))
}

/// The one file at hand.
struct Text(String);

impl FileResolver for Text {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == FILE { File::from_source(name, &self.0) } else { Err(protox::Error::file_not_found(name)) }
    }
}

/// The parser knows no editions, and would complain about a word it does not know. Where the statement is, and what.
fn edition(text: &str) -> Option<(usize, String)> {
    let starts = |line: &&str| ["edition", "syntax"].iter().any(|word| line.trim_start().starts_with(word));
    let line = text.lines().find(starts)?.trim_start();
    let statement = line.split_inclusive(';').next().unwrap_or(line).trim_end();
    let at = line.as_ptr().addr() - text.as_ptr().addr();
    line.starts_with("edition").then(|| (at, format!("found `{statement}`")))
}

fn refused(format: &str, text: &str, error: &protox::Error) -> SchemaError {
    let help = match (error.is_file_not_found(), error.help()) {
        (true, _) => "only google/protobuf files can be imported: give a descriptor set, written with \
                      `protoc --include_imports --descriptor_set_out=FILE`"
            .to_owned(),
        (false, Some(help)) => help.to_string(),
        (false, None) => "see the language specification of proto2 and proto3".to_owned(),
    };
    let label = error.labels().and_then(|mut labels| labels.next()).map(|label| label.offset());
    // Of an end that comes too early the library has no place.
    let ends = || error.to_string().contains("end of file").then(|| text.trim_end().len());
    let offset = label.or_else(ends);
    let position = offset.map(|offset| position(text, offset));
    SchemaError { position, ..SchemaError::new(format, "", error.to_string(), help) }
}

/// Where something is defined, by its path among the descriptors. Of what is in the text at hand only: a descriptor set
/// knows the lines of files that nobody has here.
pub(super) fn place(file: &FileDescriptor, path: &[i32]) -> Option<Position> {
    if file.name() != FILE {
        return None;
    }
    let locations = &file.file_descriptor_proto().source_code_info.as_ref()?.location;
    let span = &locations.iter().find(|location| location.path == path)?.span;
    let from_one = |at: usize| usize::try_from(*span.get(at)?).ok()?.checked_add(1);
    Some(Position { line: from_one(0)?, column: from_one(1)? })
}

fn position(text: &str, offset: usize) -> Position {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let lines = before.iter().filter(|&&byte| byte == b'\n').count();
    Position { line: lines + 1, column: before.len() - line_start + 1 }
}
