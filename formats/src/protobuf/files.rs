//! Files to descriptors: source text through the compiler, descriptor sets as they are.

use miette::Diagnostic;
use prost_reflect::DescriptorPool;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

use crate::{Position, SchemaError};

/// The name under which the compiler knows the text.
const FILE: &str = "schema.proto";

/// Compiles source text. It may import the well-known types.
pub(super) fn compile(format: &str, text: &str) -> Result<DescriptorPool, Vec<SchemaError>> {
    if let Some((at, said)) = edition(text) {
        let error = SchemaError::new(format, "", said, "give a descriptor set, or syntax proto2 or proto3");
        return Err(vec![SchemaError { position: Some(position(text, at)), ..error }]);
    }
    let mut resolver = ChainFileResolver::new();
    resolver.add(Text(text.to_owned()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true);
    match compiler.open_file(FILE) {
        // The compiler settles what depends on options (`packed`) before it has read the options.
        Ok(compiler) => decode(format, &compiler.encode_file_descriptor_set()),
        Err(error) => Err(vec![refused(format, text, &error)]),
    }
}

/// Decodes a descriptor set.
pub(super) fn decode(format: &str, bytes: &[u8]) -> Result<DescriptorPool, Vec<SchemaError>> {
    DescriptorPool::decode(bytes).map_err(|error| {
        let help = "write it with `protoc --include_imports --descriptor_set_out=FILE`";
        vec![SchemaError::new(format, "", format!("not a complete descriptor set: {error}"), help)]
    })
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

fn position(text: &str, offset: usize) -> Position {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let lines = before.iter().filter(|&&byte| byte == b'\n').count();
    Position { line: lines + 1, column: before.len() - line_start + 1 }
}
