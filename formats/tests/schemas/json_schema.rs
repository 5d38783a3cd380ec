//! Reading JSON Schemas, the rules value by value, and what serde does to the same records.

use formats::{Source, entity};
use model::data::{Codec, Effect, Entity, Mask, Missing, Quirks, Table, Unknown, Validator, create, read};
use model::id::{FormatId, VersionId};
use serde::Deserialize;
use serde_json::{Value, json};

/// A record with one required key.
fn record(value: &Value) -> Value {
    json!({"type": "object", "properties": {"a": value}, "required": ["a"]})
}

fn two(writer: &Value, reader: &Value) -> Entity {
    let (writer, reader) = (writer.to_string(), reader.to_string());
    entity("e", &[Source::json_schema("w", &writer), Source::json_schema("r", &reader)]).expect("both are supported")
}

fn table(writer: &Value, reader: &Value, codec: &Codec) -> Table {
    Table::decode(&two(writer, reader), FormatId::new(0), FormatId::new(1), codec)
}

fn effects(writer: &Value, reader: &Value, codec: &Codec) -> Vec<Effect> {
    table(writer, reader, codec)
        .findings
        .iter()
        .map(|finding| finding.effect)
        .filter(|e| *e != Effect::UnitUnknown)
        .collect()
}

fn check(writer: Value, reader: Value, expected: &[Effect]) {
    assert_eq!(effects(&record(&writer), &record(&reader), &Codec::JSON), expected, "{writer} read as {reader}");
}

/// Nobody validates: what the binder alone makes of it.
const UNCHECKED: Codec = Codec { validator: Validator::Off, ..Codec::JSON };

#[test]
fn numbers_fit_or_their_hard_values_do_not() {
    use Effect::{ErrHard, ErrPresent, NarrowHard};
    let whole = |bounds: &str| serde_json::from_str(&format!(r#"{{"type": "integer"{bounds}}}"#)).unwrap();
    check(whole(r#", "maximum": 5"#), whole(""), &[]);
    check(whole(""), whole(r#", "maximum": 5"#), &[ErrHard]);
    check(whole(r#", "minimum": 2"#), whole(r#", "minimum": 3"#), &[ErrHard]);
    check(whole(r#", "minimum": 3"#), whole(r#", "minimum": 2"#), &[]);
    check(whole(r#", "minimum": 6"#), whole(r#", "maximum": 5"#), &[ErrPresent]);
    check(whole(r#", "format": "int64""#), whole(r#", "format": "int32""#), &[ErrHard]);
    check(whole(""), json!({"type": "number"}), &[NarrowHard]);
    check(whole(r#", "minimum": 0, "maximum": 9007199254740992"#), json!({"type": "number"}), &[]);
    check(json!({"type": "number"}), whole(""), &[ErrHard]);
    check(json!({"type": "number"}), json!({"type": "string"}), &[ErrPresent]);
}

#[test]
fn what_nobody_looks_at_is_taken() {
    use Effect::{Drop, ErrHard, ErrPresent, Fatal, Lie, UnitUnknown};
    let codec = |name| model::data::Preset::named(name).expect("a preset").codec;
    let found = |writer: &Value, reader: &Value, name| -> Vec<Effect> {
        let table = table(&record(writer), &record(reader), &codec(name));
        table.findings.iter().filter(|one| one.why != model::data::Why::UnitUnknown).map(|one| one.effect).collect()
    };
    let (integer, text) = (json!({"type": "integer"}), json!({"type": "string"}));
    assert_eq!(found(&integer, &text, "json-javascript"), [Lie]);
    assert_eq!(found(&integer, &text, "json-go"), [ErrPresent]);
    assert_eq!(found(&json!({"type": "number"}), &integer, "json-javascript"), []);
    assert_eq!(found(&json!({"type": "number"}), &integer, "json-go"), [ErrHard]);
    let (more, fewer) = (json!({"enum": ["A", "B"]}), json!({"enum": ["A"]}));
    assert_eq!(found(&more, &fewer, "json-javascript"), [UnitUnknown]);
    assert_eq!(found(&more, &fewer, "json-go"), [UnitUnknown]);
    assert_eq!(found(&more, &fewer, "json-serde"), [ErrHard]);
    let key = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}, "required": [name]});
    let cased =
        |name| table(&key("A"), &key("a"), &codec(name)).findings.iter().map(|one| one.effect).collect::<Vec<_>>();
    assert_eq!(cased("json-go"), []);
    assert_eq!(cased("json-javascript").len(), 2);
    assert_eq!(cased("json-validated"), [Drop, Fatal], "a key of another name");
}

#[test]
fn what_is_missing_is_nothing_to_javascript() {
    use model::data::Why;
    let object =
        |of: &Value, required: &[&str]| json!({"type": "object", "properties": {"a": of}, "required": required});
    let (text, maybe) = (json!({"type": "string"}), json!({"type": ["string", "null"]}));
    let codec = model::data::Preset::named("json-javascript").expect("a preset").codec;
    let found = |writer: &Value, reader: &Value| -> Vec<(Effect, Why)> {
        let found = table(writer, reader, &codec).findings;
        found.iter().map(|one| (one.effect, one.why)).collect()
    };
    let (sure, open) = (object(&text, &["a"]), object(&text, &[]));
    assert_eq!(found(&open, &sure), [(Effect::UnitUnknown, Why::MayBeAbsent)]);
    assert_eq!(found(&sure, &open), []);
    assert_eq!(found(&open, &open), []);
    assert_eq!(found(&json!({"type": "object"}), &sure), [(Effect::UnitUnknown, Why::NoDefault)]);
    // What is null stays null on the way back: nothing is replaced.
    let null = table(&object(&maybe, &["a"]), &sure, &codec);
    assert_eq!(null.findings.iter().map(|one| one.why).collect::<Vec<_>>(), [Why::Null]);
    assert!(null.preserves_all() && null.mat.is_empty());
    let never = json!({"type": "null"});
    assert_eq!(found(&object(&never, &["a"]), &sure), [(Effect::UnitUnknown, Why::Null)]);
}

#[test]
fn texts_fit_or_their_hard_values_do_not() {
    use Effect::{ErrHard, ErrPresent};
    let text = |bounds: &str| serde_json::from_str(&format!(r#"{{"type": "string"{bounds}}}"#)).unwrap();
    check(text(r#", "minLength": 2"#), text(r#", "minLength": 2"#), &[]);
    check(text(r#", "minLength": 1"#), text(r#", "minLength": 2"#), &[ErrHard]);
    check(text(r#", "maxLength": 3"#), text(r#", "maxLength": 2"#), &[ErrHard]);
    check(text(r#", "maxLength": 3"#), text(r#", "minLength": 4"#), &[ErrPresent]);
    check(text(r#", "pattern": "^a""#), text(r#", "pattern": "^a""#), &[]);
    check(text(r#", "pattern": "^a""#), text(r#", "pattern": "^ab?""#), &[ErrHard]);
    check(text(r#", "pattern": "^a""#), text(""), &[]);
    check(text(""), json!({"enum": ["A"]}), &[ErrHard]);
    check(json!({"enum": ["A", "BB"]}), text(r#", "maxLength": 1"#), &[ErrHard]);
    check(json!({"enum": ["BB"]}), text(r#", "maxLength": 1"#), &[ErrPresent]);
}

#[test]
fn what_a_pattern_leaves_is_not_decided_by_lengths_or_lists() {
    use model::data::{Why, witness};
    let text = |rules: &str| -> Value { serde_json::from_str(&format!(r#"{{"type": "string"{rules}}}"#)).unwrap() };
    let told = |writer: &Value, reader: &Value| -> Vec<(Effect, Why, Option<String>)> {
        let pair = two(&record(writer), &record(reader));
        let shape = |format| &pair.format(FormatId::new(format)).fields[0].shape;
        let findings = Table::decode(&pair, FormatId::new(0), FormatId::new(1), &Codec::JSON).findings;
        let findings = findings.into_iter().filter(|one| one.effect != Effect::UnitUnknown);
        findings.map(|one| (one.effect, one.why, witness(shape(0), shape(1), one.why))).collect()
    };
    let zip = text(r#", "pattern": "^[0-9]{5}$""#);
    let open = [(Effect::ErrHard, Why::UnderPattern, None)];
    assert_eq!(told(&zip, &text(r#", "minLength": 3"#)), open);
    assert_eq!(told(&zip, &text(r#", "minLength": 3, "pattern": "^[0-9]{5}$""#)), open);
    assert_eq!(told(&zip, &json!({"enum": ["12345", "new"]})), open);
    // Lengths of both sides that never meet fail for whatever the pattern leaves; which text that is, nobody can tell.
    let long = text(r#", "minLength": 4, "pattern": "^[0-9]{5}$""#);
    assert_eq!(told(&long, &text(r#", "maxLength": 3"#)), [(Effect::ErrPresent, Why::Length, None)]);
    assert_eq!(told(&long, &text(r#", "minLength": 2"#)), []);
    // Without a pattern they decide.
    assert_eq!(told(&text(""), &text(r#", "maxLength": 1"#)), [(Effect::ErrHard, Why::Length, Some(r#""aa""#.into()))]);
}

#[test]
fn symbols_and_null_are_hard_where_they_are_not_allowed() {
    use Effect::{ErrHard, ErrPresent};
    check(json!({"enum": ["A", "B"]}), json!({"enum": ["A"]}), &[ErrHard]);
    check(json!({"enum": ["A"]}), json!({"enum": ["A", "B"]}), &[]);
    check(json!({"const": "B"}), json!({"enum": ["A"]}), &[ErrPresent]);
    check(json!({"type": ["string", "null"]}), json!({"type": "string"}), &[ErrHard]);
    check(json!({"enum": ["A", null]}), json!({"enum": ["A"]}), &[ErrHard]);
    check(json!({"type": "string"}), json!({"anyOf": [{"type": "null"}, {"type": "string"}]}), &[]);
    check(json!({"type": "null"}), json!({"type": "string"}), &[ErrPresent]);
    check(json!({}), json!({"type": "string"}), &[ErrHard, ErrHard]);
}

#[test]
fn without_a_validator_only_types_symbols_and_widths_count() {
    use Effect::{ErrHard, ErrPresent};
    let check = |writer: Value, reader: Value, expected: &[Effect]| {
        assert_eq!(effects(&record(&writer), &record(&reader), &UNCHECKED), expected, "{writer} read as {reader}");
    };
    check(json!({"type": "integer"}), json!({"type": "integer", "maximum": 5}), &[]);
    check(json!({"type": "integer"}), json!({"type": "integer", "format": "int32"}), &[ErrHard]);
    check(json!({"type": "string"}), json!({"type": "string", "maxLength": 5, "pattern": "a"}), &[]);
    check(json!({"enum": ["A", "B"]}), json!({"enum": ["A"]}), &[ErrHard]);
    check(json!({"type": "string"}), json!({"type": "boolean"}), &[ErrPresent]);
}

#[test]
fn what_a_key_too_many_or_too_few_does_is_the_codecs_choice() {
    use Effect::{Default, Drop, DropAndKeep, ErrPresent, Fatal};
    let with = json!({"type": "object", "properties": {"a": {"type": "boolean", "default": true}}});
    let without = json!({"type": "object", "properties": {}});
    let closed = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let required = json!({"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]});
    let check = |writer: &Value, reader: &Value, codec: Codec, expected: &[Effect]| {
        assert_eq!(effects(writer, reader, &codec), expected, "{writer} read as {reader} by {codec:?}");
    };
    check(&with, &without, Codec::JSON, &[Drop]);
    check(&with, &without, Codec { unknown: Unknown::Preserve, ..Codec::JSON }, &[DropAndKeep]);
    check(&with, &without, Codec { unknown: Unknown::Reject, ..Codec::JSON }, &[ErrPresent]);
    check(&with, &without, Codec { validator: Validator::Closed, ..Codec::JSON }, &[ErrPresent]);
    check(&with, &closed, Codec::JSON, &[ErrPresent]);
    check(&with, &closed, UNCHECKED, &[Drop]);
    check(&without, &with, Codec::JSON, &[]);
    check(&without, &with, Codec { missing: Missing::Default, ..Codec::JSON }, &[Default]);
    check(&without, &with, Codec { missing: Missing::Zero, ..Codec::JSON }, &[Default]);
    check(&without, &required, Codec { missing: Missing::Zero, ..Codec::JSON }, &[Fatal]);
    check(&without, &required, Codec { missing: Missing::Zero, ..UNCHECKED }, &[Default]);
    check(&without, &required, UNCHECKED, &[Fatal]);
}

#[test]
fn big_integers_are_rounded_where_they_are_floats() {
    let javascript = Codec { quirks: Quirks { integers_are_floats: true, ..Quirks::NONE }, ..Codec::JSON };
    let whole = record(&json!({"type": "integer"}));
    assert_eq!(effects(&whole, &whole, &javascript), [Effect::NarrowHard]);
    assert_eq!(effects(&whole, &whole, &Codec::JSON), []);
}

#[test]
fn a_unit_that_differs_is_a_misread() {
    let amount = |unit: &str| record(&json!({"type": "integer", "x-unit": unit}));
    let table = table(&amount("cents"), &amount("euros"), &Codec::JSON);
    assert!(table.reads_all() && !table.clash.is_empty() && table.unit_unknown.is_empty());
}

/// What is read of a record of the writer with these slots, hard ones among them.
fn reads(table: &Table, present: Mask, hard: Mask) -> bool {
    read(&create(FormatId::new(0), present, hard, VersionId::ZERO), table).error.is_none()
}

#[test]
fn serde_reads_what_a_binder_without_a_validator_reads() {
    #[derive(Deserialize)]
    struct Lenient {
        #[serde(rename = "a")]
        _a: i32,
        #[serde(rename = "b")]
        _b: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        #[serde(rename = "a")]
        _a: i32,
        #[serde(rename = "b")]
        _b: Option<String>,
    }
    let reader = json!({"type": "object", "required": ["a"], "properties": {
        "a": {"type": "integer", "format": "int32"}, "b": {"type": ["string", "null"]}}});
    let writer = json!({"type": "object", "properties": {
        "a": {"type": ["integer", "null"]}, "b": {"type": ["string", "null"]}, "c": {"type": "boolean"}}});
    let entity = two(&writer, &reader);
    let strict = Codec { unknown: Unknown::Reject, ..UNCHECKED };
    let tables = [UNCHECKED, strict].map(|codec| table(&writer, &reader, &codec));
    // Each record, and the keys whose value is hard.
    let records: [(Value, &[&str]); 7] = [
        (json!({"a": 1, "b": "x"}), &[]),
        (json!({"a": 1, "b": null}), &[]),
        (json!({"a": 1}), &[]),
        (json!({"b": "x"}), &[]),
        (json!({"a": 1, "c": true}), &[]),
        (json!({"a": 2_147_483_648_i64}), &["a"]),
        (json!({"a": null}), &["a"]),
    ];
    for (record, hard) in records {
        let there = record.as_object().expect("an object").keys();
        let present = there.map(|key| entity.slot(key).expect("a field")).collect();
        let hard = hard.iter().map(|key| entity.slot(key).expect("a field")).collect();
        let got = tables.each_ref().map(|table| reads(table, present, hard));
        let lenient = serde_json::from_value::<Lenient>(record.clone()).is_ok();
        let strict = serde_json::from_value::<Strict>(record.clone()).is_ok();
        assert_eq!(got, [lenient, strict], "{record}");
    }
}

#[test]
fn objects_inside_are_fields_named_by_their_path() {
    let address = json!({"type": "object", "properties": {"street": {"type": "string"}}, "required": ["street"]});
    let named = json!({"type": "object", "properties": {"a": {"$ref": "#/definitions/address"}}, "required": ["a"],
        "definitions": {"address": address}});
    assert_eq!(two(&record(&address), &named).slots, ["a", "a.street"]);
    assert_eq!(effects(&record(&address), &named, &Codec::JSON), []);
}

fn refused(schema: &str) -> Vec<String> {
    let errors = entity("e", &[Source::json_schema("v1", schema)]).expect_err("it is not supported");
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn everything_unsupported_is_told_at_once_with_its_place() {
    let schema = r##"{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "type": "object", "required": ["zip"],
  "properties": {
    "a": {"type": "integer", "multipleOf": 5},
    "b": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    "c": {"enum": [1, 2]},
    "d": {"$ref": "#/$defs/d"},
    "e": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "text"}}}},
    "f": {"minimum": 1},
    "g.h": {"type": "string"},
    "i": {"type": "integer", "minimum": 0.5},
    "j[]": {"type": "string"}
  }
}"##;
    let places: Vec<String> =
        refused(schema).iter().map(|said| said.split(": found").next().unwrap().to_owned()).collect();
    let expected = [
        "v1:2:14: /$schema",
        "v1:3:34: /required/0",
        "v1:5:44: /properties/a/multipleOf",
        "v1:6:10: /properties/b",
        "v1:7:20: /properties/c/enum/0",
        "v1:8:19: /properties/d/$ref",
        "v1:9:85: /properties/e/items/properties/x/type",
        "v1:10:10: /properties/f",
        "v1:11:12: /properties/g.h",
        "v1:12:41: /properties/i/minimum",
        "v1:13:12: /properties/j[]",
    ];
    assert_eq!(places, expected);
}

#[test]
fn objects_in_lists_and_maps_have_fields_named_by_their_path() {
    let schema = r#"{"type": "object", "properties": {
        "items": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "integer"}},
            "required": ["price"]}},
        "by": {"type": "object", "additionalProperties": {"anyOf": [{"type": "null"},
            {"type": "object", "properties": {"units": {"type": "array", "items": {"type": "object", "properties":
                {"x": {"type": "string"}}}}}}]}}}}"#;
    let entity = entity("e", &[Source::json_schema("v1", schema)]).expect("it is supported");
    assert_eq!(entity.slots, ["items", "items[].price", "by", "by{}.units", "by{}.units[].x"]);
    let price = entity.formats[0].field(entity.slot("items[].price").expect("a field")).expect("a field");
    assert_eq!(price.presence, model::data::Presence::Required);
}

#[test]
fn a_reference_without_an_end_is_refused() {
    let schema = r##"{"type": "object", "properties": {"a": {"$ref": "#/$defs/n"}},
        "$defs": {"n": {"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}}}}"##;
    let said = refused(schema);
    assert!(said[0].contains("/$defs/n/properties/n/$ref: found #/$defs/n, which leads back here"), "{said:?}");
}

#[test]
fn a_schema_that_unfolds_without_measure_is_refused() {
    let level = |n: u32| {
        let next = json!({"$ref": format!("#/$defs/l{}", n + 1)});
        (format!("l{n}"), json!({"type": "object", "properties": {"a": next, "b": next}}))
    };
    let mut levels: serde_json::Map<String, Value> = (0..40).map(level).collect();
    levels.insert("l40".into(), json!({"type": "string"}));
    let schema = json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/l0"}}, "$defs": levels});
    assert!(refused(&schema.to_string())[0].contains("fields between them"), "{:?}", refused(&schema.to_string()));
}

#[test]
fn a_text_that_is_no_schema_has_a_position() {
    assert!(refused("{\n\"type\": }")[0].starts_with("v1:2:9: "), "{:?}", refused("{\n\"type\": }"));
    let all = refused("{\"type\": \"object\",\n \"properties\": {\"a\": {\"type\": \"string\", \"pattern\": \"[\"}}}");
    assert!(all[0].starts_with("v1:2:52: /properties/a/pattern: found the pattern \"[\": a class"), "{all:?}");
    let of = refused("{\n \"allOf\": [{\"type\": \"object\"}]}");
    assert!(of.len() == 1 && of[0].starts_with("v1:2:11: /allOf: found the keyword `allOf`"), "{of:?}");
    assert!(refused("[1]")[0].starts_with("v1:1:1: found no object"), "{:?}", refused("[1]"));
}

#[test]
fn formats_of_two_families_do_not_read_each_other() {
    let avro = Source::avro("w", r#"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "boolean"}]}"#);
    let text = record(&json!({"type": "boolean"})).to_string();
    let entity = entity("e", &[avro, Source::json_schema("r", &text)]).expect("both are supported");
    for (w, r) in [(0, 1), (1, 0)] {
        assert!(Table::decode(&entity, FormatId::new(w), FormatId::new(r), &Codec::JSON).mismatch);
    }
}
