//! What Avro libraries did to bytes, against the masks.
//!
//! The facts are from the test suites of Apache Avro for Java (schema compatibility and enum
//! defaults) and from runs of Apache Avro for Python and of fastavro, where both agree or the
//! specification is explicit. Each was one value written under W and decoded under R.

use formats::{Source, entity};
use model::data::{Codec, Entity, Mask, Quirks, Read, Table, create, read};
use model::id::{FormatId, VersionId};

/// The value that was written: one that every reader's type could hold, or not.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Written {
    Plain,
    Hard,
}
use Written::{Hard, Plain};

/// What the reader got.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Got {
    /// The value.
    Value,
    /// The value, but for the digits that a float does not have.
    Rounded,
    /// A default in its place.
    Default,
    /// An error.
    Error,
}

const AB: &str = r#"{"type": "enum", "name": "E", "symbols": ["A", "B"]}"#;
const ABC: &str = r#"{"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}"#;
const AB_ELSE_A: &str = r#"{"type": "enum", "name": "E", "symbols": ["A", "B"], "default": "A"}"#;
const ABC_ELSE_A: &str = r#"{"type": "enum", "name": "E", "symbols": ["A", "B", "C"], "default": "A"}"#;
const LONGS: &str = r#"{"type": "array", "items": "long"}"#;
const INTS: &str = r#"{"type": "array", "items": "int"}"#;
const FIXED: &str = r#"{"type": "fixed", "name": "X", "size": 2}"#;
const NULL_INT: &str = r#"["null", "int"]"#;
const NULL_STRING: &str = r#"["null", "string"]"#;
const STRING_NULL: &str = r#"["string", "null"]"#;
const INT_STRING: &str = r#"["int", "string"]"#;

/// Type written, type read, value written, what came out.
const VALUES: &[(&str, &str, Written, Got)] = &[
    ("boolean", "boolean", Plain, Got::Value),
    ("int", "long", Plain, Got::Value),
    ("int", "float", Plain, Got::Value),
    ("int", "float", Hard, Got::Rounded),
    ("int", "double", Plain, Got::Value),
    ("long", "double", Plain, Got::Value),
    ("float", "float", Plain, Got::Value),
    ("float", "double", Plain, Got::Value),
    ("bytes", "bytes", Plain, Got::Value),
    ("bytes", "string", Hard, Got::Error),
    ("null", "long", Hard, Got::Error),
    ("null", "bytes", Hard, Got::Error),
    ("boolean", "null", Plain, Got::Error),
    ("boolean", "long", Plain, Got::Error),
    ("boolean", "string", Plain, Got::Error),
    ("int", "null", Plain, Got::Error),
    ("int", "string", Plain, Got::Error),
    ("long", "int", Hard, Got::Error),
    ("long", "bytes", Plain, Got::Error),
    ("long", "string", Plain, Got::Error),
    ("float", "int", Plain, Got::Error),
    ("float", "long", Plain, Got::Error),
    ("float", "bytes", Plain, Got::Error),
    ("double", "boolean", Plain, Got::Error),
    ("double", "int", Plain, Got::Error),
    ("double", "long", Plain, Got::Error),
    ("double", "float", Plain, Got::Error),
    ("double", "bytes", Plain, Got::Error),
    ("double", "string", Plain, Got::Error),
    ("bytes", "null", Plain, Got::Error),
    ("bytes", "boolean", Plain, Got::Error),
    ("bytes", "int", Plain, Got::Error),
    ("bytes", "long", Plain, Got::Error),
    ("bytes", "float", Plain, Got::Error),
    ("bytes", "double", Plain, Got::Error),
    ("string", "null", Plain, Got::Error),
    ("string", AB, Plain, Got::Error),
    (AB, ABC, Plain, Got::Value),
    (ABC, AB, Plain, Got::Value),
    (ABC, AB, Hard, Got::Error),
    (ABC, AB_ELSE_A, Hard, Got::Default),
    (ABC_ELSE_A, AB_ELSE_A, Hard, Got::Default),
    (INT_STRING, "string", Plain, Got::Value),
    (INT_STRING, r#"["string"]"#, Plain, Got::Value),
    (NULL_INT, "int", Hard, Got::Error),
    ("int", NULL_INT, Plain, Got::Value),
    (NULL_STRING, STRING_NULL, Plain, Got::Value),
    (LONGS, INTS, Plain, Got::Error),
    (INTS, "int", Plain, Got::Error),
    (FIXED, FIXED, Plain, Got::Value),
];

fn record(name: &str, extra: &str, fields: &str) -> String {
    format!(r#"{{"type": "record", "name": "{name}"{extra}, "fields": [{fields}]}}"#)
}

fn pair(writer: &str, reader: &str) -> Entity {
    entity("e", &[Source::avro("w", writer), Source::avro("r", reader)]).unwrap()
}

fn reading(entity: &Entity, written: Written, quirks: Quirks) -> Read {
    let (writer, reader) = (FormatId::new(0), FormatId::new(1));
    let present = entity.format(writer).slots();
    let hard = if written == Hard { present } else { Mask::EMPTY };
    let kind = create(writer, present, hard, VersionId::new(0));
    read(&kind, &Table::decode(entity, writer, reader, &Codec::avro(quirks)))
}

fn outcome(read: &Read) -> Got {
    match (read.error, read.defaulted.is_empty(), read.narrowed.is_empty()) {
        (Some(_), _, _) => Got::Error,
        (None, false, _) => Got::Default,
        (None, true, false) => Got::Rounded,
        (None, true, true) => Got::Value,
    }
}

/// A type as the only field of a record.
fn check(writer: &str, reader: &str, written: Written, expected: Got) {
    let quoted = |kind: &str| if kind.starts_with(['{', '[']) { kind.to_owned() } else { format!("\"{kind}\"") };
    let wrapped = |kind: &str| record("R", "", &format!(r#"{{"name": "v", "type": {}}}"#, quoted(kind)));
    let entity = pair(&wrapped(writer), &wrapped(reader));
    assert_eq!(outcome(&reading(&entity, written, Quirks::NONE)), expected, "{written:?} {writer} read as {reader}");
}

#[test]
fn values_decode_as_the_libraries_decode_them() {
    for &(writer, reader, written, expected) in VALUES {
        check(writer, reader, written, expected);
    }
}

/// Reads a plain record; expects the names of the slots that get a default, or an error.
fn check_record(writer: &str, reader: &str, quirks: Quirks, expected: Option<&[&str]>) {
    let entity = pair(writer, reader);
    let read = reading(&entity, Plain, quirks);
    let defaulted = read.error.is_none().then(|| entity.slot_names(read.defaulted));
    assert_eq!(defaulted.as_deref(), expected, "{writer} read as {reader}");
}

#[test]
fn fields_come_and_go_as_in_the_libraries() {
    let int = |name: &str| format!(r#"{{"name": "{name}", "type": "int"}}"#);
    let defaulted = |name: &str| format!(r#"{{"name": "{name}", "type": "int", "default": 4}}"#);
    let plain = |fields: &[String]| record("R", "", &fields.join(","));
    let a = plain(&[int("a")]);
    let nullable = format!(r#"{},{{"name": "b", "type": {NULL_STRING}, "default": null}}"#, int("a"));
    check_record(&a, &record("R", "", &nullable), Quirks::NONE, Some(&["b"]));
    check_record(&a, &plain(&[int("a"), int("b")]), Quirks::NONE, None);
    let abc = plain(&[int("a"), int("b"), int("c")]);
    check_record(&abc, &plain(&[int("c"), defaulted("d")]), Quirks::NONE, Some(&["d"]));
    check_record(&plain(&[]), &plain(&[defaulted("a")]), Quirks::NONE, Some(&["a"]));
}

#[test]
fn aliases_help_the_reader_only_and_not_in_every_library() {
    let a = record("R", "", r#"{"name": "a", "type": "int"}"#);
    let a_else_0 = record("R", "", r#"{"name": "a", "type": "int", "default": 0}"#);
    let renamed = record("R", "", r#"{"name": "aa", "type": "int", "aliases": ["a"]}"#);
    check_record(&a, &renamed, Quirks::NONE, Some(&[]));
    check_record(&a, &renamed, Quirks::AVRO_PYTHON, None);
    check_record(&renamed, &a, Quirks::NONE, None);
    check_record(&renamed, &a_else_0, Quirks::NONE, Some(&["aa"]));
    let other = record("S", r#", "aliases": ["R"]"#, r#"{"name": "a", "type": "int"}"#);
    check_record(&a, &other, Quirks::NONE, Some(&[]));
    check_record(&a, &other, Quirks::AVRO_PYTHON, None);
    check_record(&other, &a, Quirks::NONE, None);
}

#[test]
fn the_default_of_the_field_does_not_save_an_unknown_symbol() {
    let wrapped = |kind: &str, more: &str| record("R", "", &format!(r#"{{"name": "e", "type": {kind}{more}}}"#));
    let entity = pair(&wrapped(ABC, ""), &wrapped(AB, r#", "default": "A""#));
    assert_eq!(outcome(&reading(&entity, Hard, Quirks::NONE)), Got::Error);
    let entity = pair(&wrapped(ABC, ""), &wrapped(AB_ELSE_A, ""));
    assert_eq!(outcome(&reading(&entity, Hard, Quirks::NONE)), Got::Default);
    assert_eq!(outcome(&reading(&entity, Hard, Quirks::AVRO_PYTHON)), Got::Error);
}

#[test]
fn a_unit_change_decodes_without_a_word() {
    let wrapped = |unit: &str| record("R", "", &format!(r#"{{"name": "amount", "type": "long", "unit": "{unit}"}}"#));
    let entity = pair(&wrapped("cents"), &wrapped("euros"));
    let read = reading(&entity, Plain, Quirks::NONE);
    assert_eq!(outcome(&read), Got::Value);
    assert_eq!(entity.slot_names(read.misread), ["amount"]);
}
