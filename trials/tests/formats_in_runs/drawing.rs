//! Pairs of small schemas, the one an edit of the other.

use formats::{Encoding, Language, Message, Source};
use model::data::{Family, PRESETS, Preset};
use proptest::prelude::*;
use std::path::PathBuf;

/// Two schemas in one language.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    language: Language<'static>,
    pub(crate) texts: [String; 2],
    /// Which of the codecs of its family, each side.
    codecs: [usize; 2],
}

const RECORD: Message<'static> = Message { name: Some("R"), encoding: Encoding::Binary };

impl Pair {
    pub(crate) fn source(&self, side: usize) -> Source<'_> {
        let format = ["old", "new"][side];
        Source { format, bytes: self.texts[side].as_bytes(), language: self.language }
    }

    pub(crate) fn presets(&self) -> [&'static Preset; 2] {
        let own: Vec<_> = PRESETS.iter().filter(|preset| preset.family == self.family()).collect();
        self.codecs.map(|codec| own[codec % own.len()])
    }

    const fn family(&self) -> Family {
        match self.language {
            Language::Avro => Family::Avro,
            Language::JsonSchema => Family::Json,
            Language::Proto(message) | Language::Descriptors(message) => match message.encoding {
                Encoding::Binary => Family::Protobuf,
                Encoding::Json => Family::ProtoJson,
            },
            Language::Sql => Family::Sql,
        }
    }

    /// The schema as a scenario has it: in place, or, of Protobuf, in a file.
    pub(crate) fn schema(&self, side: usize) -> String {
        let text = &self.texts[side];
        match self.language {
            Language::Proto(message) => {
                let (name, encoding) = match message.encoding {
                    Encoding::Binary => (["binary-0.proto", "binary-1.proto"][side], "binary"),
                    Encoding::Json => (["json-0.proto", "json-1.proto"][side], "json"),
                };
                std::fs::write(self.folder().join(name), text).expect("a temporary folder");
                format!("{{file: {name}, message: R, encoding: {encoding}}}")
            }
            Language::Avro | Language::JsonSchema | Language::Descriptors(_) | Language::Sql => format!("'{text}'"),
        }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
    }
}

/// What one side says of the field that is edited, if it has it.
type Side = Option<(&'static str, String)>;

/// Two sides: mostly of one group of types, which turn into each other, more or less, under one name.
fn sides(
    groups: &'static [&'static [&'static str]],
    rules: &'static [&'static str],
) -> impl Strategy<Value = [Side; 2]> {
    let strange = groups.concat();
    let all = prop::sample::select(strange);
    let related =
        prop::sample::select(groups).prop_flat_map(|group| (prop::sample::select(group), prop::sample::select(group)));
    let types = prop_oneof![9 => related, 1 => (all.clone(), all)];
    let rule = || prop::sample::select(rules);
    let name = || prop::sample::select(&["a", "a", "a", "a", "a", "a", "z", ""][..]);
    (types, (rule(), rule()), (Just("a"), name()), any::<bool>()).prop_map(|(types, rules, names, is_turned)| {
        let side = |name: &'static str, of: &str, rule: &str| {
            (!name.is_empty()).then(|| (name, rule.replace("TYPE", of).replace("NAME", name)))
        };
        let both = [side(names.0, types.0, rules.0), side(names.1, types.1, rules.1)];
        let [old, new] = both;
        if is_turned { [new, old] } else { [old, new] }
    })
}

fn codecs() -> impl Strategy<Value = [usize; 2]> {
    [0..6_usize, 0..6_usize]
}

const SYMBOLS: &[&str] = &[
    r#"{"type": "enum", "name": "E", "symbols": ["X"], "default": "X"}"#,
    r#"{"type": "enum", "name": "E", "symbols": ["X", "Y"], "default": "X"}"#,
    r#"{"type": "enum", "name": "E", "symbols": ["X", "Z"], "default": "X"}"#,
];

const AVRO: [&[&str]; 15] = [
    SYMBOLS,
    &[r#""int""#, r#""long""#, r#""float""#, r#""double""#],
    &[r#""string""#, r#""bytes""#, r#"["null", "string"]"#, r#"["null", "string", "int"]"#, r#"["string", "int"]"#],
    &[
        r#"{"type": "enum", "name": "E", "symbols": ["X"]}"#,
        r#"{"type": "enum", "name": "E", "symbols": ["X", "Y"]}"#,
        r#"{"type": "enum", "name": "E", "symbols": ["X", "Y", "Z"]}"#,
        r#"{"type": "enum", "name": "E", "symbols": ["X"], "default": "X"}"#,
        r#"["null", {"type": "enum", "name": "E", "symbols": ["X", "Y"]}]"#,
        r#"{"type": "enum", "name": "F", "symbols": ["X", "Y"]}"#,
    ],
    &[
        r#"{"type": "array", "items": {"type": "enum", "name": "E", "symbols": ["X"]}}"#,
        r#"{"type": "array", "items": {"type": "enum", "name": "E", "symbols": ["X", "Y"]}}"#,
        r#"{"type": "array", "items": "string"}"#,
    ],
    &[r#"{"type": "map", "values": "int"}"#, r#"{"type": "map", "values": "long"}"#],
    &[
        r#"{"type": "long", "unit": "cents"}"#,
        r#"{"type": "long", "unit": "euros"}"#,
        r#"{"type": "long", "logicalType": "timestamp-millis"}"#,
        r#"{"type": "long", "logicalType": "timestamp-micros"}"#,
    ],
    &[
        r#"{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}"#,
        r#"{"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}"#,
        r#"{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 1}"#,
    ],
    &[r#"["null", "int"]"#, r#"["null", "string"]"#, r#"["null", "double"]"#],
    &[
        r#""string""#,
        r#"{"type": "string", "logicalType": "uuid"}"#,
        r#"{"type": "int", "logicalType": "date"}"#,
        r#""int""#,
    ],
    &[r#"{"type": "fixed", "name": "F2", "size": 2}"#, r#"{"type": "fixed", "name": "F2", "size": 3}"#],
    &[r#""boolean""#, r#"["null", "boolean"]"#],
    &[
        r#"{"type": "array", "items": {"type": "record", "name": "N", "fields": [{"name": "x", "type": "int"}]}}"#,
        r#"{"type": "array", "items": {"type": "record", "name": "N", "fields": [{"name": "x", "type": "long"}]}}"#,
        r#"{"type": "array", "items": {"type": "record", "name": "N", "fields": [
            {"name": "x", "type": "int"}, {"name": "y", "type": "string", "default": "d"}]}}"#,
        r#"{"type": "array", "items": {"type": "record", "name": "N", "fields": [
            {"name": "x", "type": "int"}, {"name": "y", "type": "string"}]}}"#,
    ],
    &[
        r#"{"type": "map", "values": {"type": "record", "name": "N", "fields": [
            {"name": "x", "type": {"type": "long", "unit": "cents"}}]}}"#,
        r#"{"type": "map", "values": {"type": "record", "name": "N", "fields": [
            {"name": "x", "type": {"type": "long", "unit": "euros"}}]}}"#,
        r#"{"type": "map", "values": {"type": "record", "name": "N", "fields": [
            {"name": "x", "type": {"type": "enum", "name": "E", "symbols": ["X", "Y"]}}]}}"#,
        r#"{"type": "map", "values": {"type": "record", "name": "N", "fields": [
            {"name": "x", "type": {"type": "enum", "name": "E", "symbols": ["X"]}}]}}"#,
    ],
    &[
        r#"{"type": "record", "name": "N", "fields": [{"name": "x", "type": "int"}]}"#,
        r#"["null", {"type": "record", "name": "N", "fields": [{"name": "x", "type": "int"}]}]"#,
        r#"[{"type": "record", "name": "N", "fields": [{"name": "x", "type": "int"}]},
            {"type": "record", "name": "M", "fields": [{"name": "y", "type": "int"}]}]"#,
        r#"[{"type": "record", "name": "N", "fields": [{"name": "x", "type": "int"}]},
            {"type": "record", "name": "M", "fields": [{"name": "y", "type": "int"}, {"name": "z", "type": "int"}]}]"#,
    ],
];

/// Pairs of Avro schemas.
pub(crate) fn avro() -> impl Strategy<Value = Pair> {
    const RULES: [&str; 3] = [
        r#", {"name": "NAME", "type": TYPE}"#,
        r#", {"name": "NAME", "aliases": ["a", "z"], "type": TYPE}"#,
        r#", {"name": "NAME", "type": ["null", TYPE], "default": null}"#,
    ];
    (sides(&AVRO, &RULES), codecs()).prop_map(|(sides, codecs)| {
        let texts = sides.map(|side| {
            let field = side.map_or(String::new(), |(name, field)| unaliased(name, &unnested(&field)));
            format!(r#"{{"type": "record", "name": "R", "fields": [{{"name": "id", "type": "long"}}{field}]}}"#)
        });
        Pair { language: Language::Avro, texts, codecs }
    })
}

/// A union in a union is none.
fn unnested(field: &str) -> String {
    field
        .replace(r#"["null", ["#, r#"["null", "#)
        .replace(r#"["null", "null", "#, r#"["null", "#)
        .replace("]], \"default\"", "], \"default\"")
}

/// A field is no alias of itself.
fn unaliased(name: &str, field: &str) -> String {
    let other = if name == "a" { r#"["z"]"# } else { r#"["a"]"# };
    field.replace(r#"["a", "z"]"#, other)
}

const JSON: [&[&str]; 8] = [
    &[
        r#""type": "integer""#,
        r#""type": "integer", "minimum": 0, "maximum": 10"#,
        r#""type": "integer", "minimum": 0, "maximum": 1000"#,
        r#""type": "integer", "format": "int32""#,
        r#""type": "number""#,
        r#""type": ["integer", "null"]"#,
    ],
    &[
        r#""type": "string""#,
        r#""type": "string", "maxLength": 5"#,
        r#""type": "string", "maxLength": 50"#,
        r#""type": "string", "minLength": 2"#,
        r#""type": "string", "pattern": "^a""#,
        r#""type": ["string", "null"]"#,
        r#""enum": ["X"]"#,
        r#""enum": ["X", "Y"]"#,
    ],
    &[
        r#""type": "array", "items": {"enum": ["X"]}"#,
        r#""type": "array", "items": {"enum": ["X", "Y"]}"#,
        r#""type": "array", "items": {"type": "string"}"#,
    ],
    &[
        r#""type": "object", "additionalProperties": {"type": "integer", "maximum": 9}"#,
        r#""type": "object", "additionalProperties": {"type": "integer"}"#,
    ],
    &[r#""type": ["integer", "null"]"#, r#""type": ["string", "null"]"#, r#""type": ["boolean", "null"]"#],
    &[
        r#""type": "object", "additionalProperties": {"type": "integer"}"#,
        r#""type": "object", "additionalProperties": {"type": "integer"},
           "properties": {"x": {"type": "integer", "maximum": 9}}"#,
        r#""type": "object", "additionalProperties": {"type": "integer"}, "properties": {"x": {"type": "string"}}"#,
    ],
    &[r#""type": "integer", "x-unit": "cents""#, r#""type": "integer", "x-unit": "euros""#, r#""type": "boolean""#],
    &[
        r#""type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}}"#,
        r#""type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer", "maximum": 9}}}"#,
        r#""type": "array", "items": {"type": "object", "required": ["x", "y"],
           "properties": {"x": {"type": "integer"}, "y": {"type": "string"}}}"#,
        r#""type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"],
           "additionalProperties": false}"#,
    ],
];

/// Pairs of JSON Schemas.
pub(crate) fn json() -> impl Strategy<Value = Pair> {
    const RULES: [&str; 4] = [
        r#", "NAME": {TYPE}}"#,
        r#", "NAME": {TYPE}}, "required": ["NAME"]"#,
        r#", "NAME": {TYPE}}, "additionalProperties": false"#,
        r#", "NAME": {TYPE}}, "required": ["id", "NAME"], "additionalProperties": false"#,
    ];
    (sides(&JSON, &RULES), codecs()).prop_map(|(sides, codecs)| {
        let texts = sides.map(|side| {
            let rest = side.map_or("}".to_owned(), |(_, rest)| rest);
            format!(r#"{{"type": "object", "properties": {{"id": {{"type": "integer"}}{rest}}}"#)
        });
        Pair { language: Language::JsonSchema, texts, codecs }
    })
}

const PROTOBUF: [&[&str]; 5] = [
    &["int32", "int64", "uint32", "uint64", "bool", "E", "F", "G", "I.H"],
    &["sint32", "sint64", "int32", "string"],
    &["fixed32", "sfixed32", "float", "double"],
    &["fixed64", "sfixed64", "double"],
    &["string", "bytes"],
];

/// Pairs of messages, in one of the encodings.
pub(crate) fn protobuf(as_json: bool) -> impl Strategy<Value = Pair> {
    const RULES: [&str; 6] = [
        "TYPE NAME = 2;",
        "optional TYPE NAME = 2;",
        "repeated TYPE NAME = 2;",
        "TYPE NAME = 3;",
        "oneof o { TYPE NAME = 2; int64 other = 7; }",
        "TYPE NAME = 2; int64 other = 7;",
    ];
    let encoding = if as_json { Encoding::Json } else { Encoding::Binary };
    (sides(&PROTOBUF, &RULES), codecs()).prop_map(move |(sides, codecs)| {
        let texts = sides.map(|side| {
            let field = side.map_or(String::new(), |(_, field)| field);
            format!(
                "syntax = \"proto3\"; enum E {{ X = 0; Y = 1; }} enum F {{ F_X = 0; Y2 = 1; Z = 2; }} \
                 message I {{ enum H {{ X = 0; Y = 3; }} }} \
                 message R {{ int64 id = 1; enum G {{ X = 0; Y = 2; Z = 1; }} {field} }}"
            )
        });
        Pair { language: Language::Proto(Message { encoding, ..RECORD }), texts, codecs }
    })
}
