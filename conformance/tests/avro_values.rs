//! The suite of Avro data: what it lets pass, and what it must not.

use conformance::{Verdict, run};
use serde_json::{Value, json};

fn verdict(writer: Value, reader: Value, datum: Value, expected: Option<Value>) -> Verdict {
    let case = json!({
        "id": "case", "writer": writer, "reader": reader, "datum": datum,
        "expect": if expected.is_some() { "value" } else { "decode_error" },
        "expect_value": expected,
    });
    let outcomes = run(&json!({"cases": [case]}).to_string()).expect("a document of cases");
    outcomes[0].verdict.clone()
}

/// The reader gets this and nothing else: neither the other value nor an error.
fn check(writer: Value, reader: Value, datum: Value, expected: Value, other: Value) {
    let run = |expected| verdict(writer.clone(), reader.clone(), datum.clone(), expected);
    assert_eq!(run(Some(expected.clone())), Verdict::Passed, "{datum} of {writer} read as {reader}");
    assert_eq!(
        run(Some(other.clone())),
        Verdict::Failed { expected: words(&writer, other), got: words(&writer, expected) }
    );
    assert!(matches!(run(None), Verdict::Failed { .. }), "{datum} of {writer} read as {reader}");
}

/// What is compared: bare values stand in a record of their own.
fn words(writer: &Value, value: Value) -> String {
    if writer["type"] == "record" { value.to_string() } else { json!({"value": value}).to_string() }
}

/// No value gets through.
fn check_error(writer: Value, reader: Value, datum: Value) {
    let run = |expected| verdict(writer.clone(), reader.clone(), datum.clone(), expected);
    assert_eq!(run(None), Verdict::Passed, "{datum} of {writer} read as {reader}");
    assert!(matches!(run(Some(datum.clone())), Verdict::Failed { .. }), "{datum} of {writer} read as {reader}");
}

fn symbols(all: &[&str], default: Option<&str>) -> Value {
    let mut schema = json!({"type": "enum", "name": "E", "symbols": all});
    if let Some(default) = default {
        schema["default"] = default.into();
    }
    schema
}

fn record(fields: Value) -> Value {
    json!({"type": "record", "name": "R", "fields": fields})
}

#[test]
fn numbers_come_through_as_the_readers_type() {
    check(json!("int"), json!("long"), json!(7), json!(7), json!(8));
    check(json!("int"), json!("float"), json!(16_777_217), json!(16_777_216.0), json!(16_777_220.0));
    check(json!("long"), json!("double"), json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0), json!(1.0));
    check_error(json!("long"), json!("int"), json!(7));
}

#[test]
fn a_symbol_depends_on_the_enum_default() {
    let writer = symbols(&["A", "B"], None);
    check(writer.clone(), symbols(&["A"], None), json!("A"), json!("A"), json!("B"));
    check(writer.clone(), symbols(&["A"], Some("A")), json!("B"), json!("A"), json!("B"));
    check_error(writer.clone(), symbols(&["A"], None), json!("B"));
    let lists = |items: Value| json!({"type": "array", "items": items});
    check(lists(writer.clone()), lists(symbols(&["A"], Some("A"))), json!(["B", "A"]), json!(["A", "A"]), json!(["B"]));
    check_error(lists(writer), lists(symbols(&["A"], None)), json!(["A", "B"]));
}

#[test]
fn a_union_is_judged_by_the_branch_of_the_datum() {
    let union = json!(["null", "int", "string"]);
    check(union.clone(), json!("string"), json!("a"), json!("a"), json!("b"));
    check_error(union.clone(), json!("string"), json!(5));
    check_error(union, json!("string"), json!(null));
}

#[test]
fn bytes_are_text_when_they_are_utf_8() {
    check(json!("bytes"), json!("string"), json!({"$bytes": "6162"}), json!("ab"), json!("ba"));
    check_error(json!("bytes"), json!("string"), json!({"$bytes": "fffe"}));
    check(json!("string"), json!("bytes"), json!("ab"), json!({"$bytes": "6162"}), json!({"$bytes": "62"}));
}

#[test]
fn fields_are_found_by_name_filled_by_default_or_missed() {
    let writer = record(json!([{"name": "a", "type": "int"}, {"name": "b", "type": "int"}]));
    let reader = record(json!([
        {"name": "aa", "type": "int", "aliases": ["a"]},
        {"name": "c", "type": "bytes", "default": "\u{ff}"},
    ]));
    let datum = json!({"a": 1, "b": 2});
    check(writer.clone(), reader, datum.clone(), json!({"aa": 1, "c": {"$bytes": "ff"}}), json!({"aa": 1}));
    check_error(writer, record(json!([{"name": "c", "type": "int"}])), datum);
}

#[test]
fn records_inside_are_read_field_by_field() {
    let inner = |fields: Value| json!({"type": "record", "name": "N", "fields": fields});
    let around = |inner: Value| record(json!([{"name": "n", "type": inner}]));
    let x = json!({"name": "x", "type": "int"});
    let writer = around(inner(json!([x])));
    let more = inner(json!([x, {"name": "y", "type": "int", "default": 9}]));
    check(
        writer.clone(),
        around(more.clone()),
        json!({"n": {"x": 1}}),
        json!({"n": {"x": 1, "y": 9}}),
        json!({"n": {}}),
    );
    // The default of the record goes before those of its fields, when all of it is missing.
    let filled = json!([{"name": "n", "type": more, "default": {"x": 3, "y": 4}}]);
    let other = json!({"type": "record", "name": "R", "fields": []});
    check(other.clone(), record(filled), json!({}), json!({"n": {"x": 3, "y": 4}}), json!({"n": {"x": 3, "y": 9}}));
    check_error(other, around(inner(json!([{"name": "y", "type": "int", "default": 9}]))), json!({}));
    // By an alias of the record, and of the field in it.
    let alias =
        json!({"name": "m", "aliases": ["n"], "type": inner(json!([{"name": "z", "aliases": ["x"], "type": "long"}]))});
    check(
        writer.clone(),
        record(json!([alias])),
        json!({"n": {"x": 1}}),
        json!({"m": {"z": 1}}),
        json!({"m": {"z": 2}}),
    );
    // Records of another name, and what is no record, do not fit, whatever is in them.
    let stranger = json!({"type": "record", "name": "M", "fields": [{"name": "y", "type": "int", "default": 9}]});
    check_error(writer.clone(), around(stranger), json!({"n": {"x": 1}}));
    check_error(writer, around(json!("int")), json!({"n": {"x": 1}}));
}

#[test]
fn a_datum_of_another_schema_is_a_failure() {
    let verdict = verdict(json!("int"), json!("long"), json!("seven"), Some(json!("seven")));
    assert!(
        matches!(verdict, Verdict::Failed { ref expected, .. } if expected.contains("writer's schema")),
        "{verdict:?}"
    );
}

#[test]
fn a_case_without_a_known_answer_is_a_failure() {
    let case = json!({"id": "a", "writer": "int", "reader": "int", "datum": 1, "expect": "wonders"});
    let outcomes = run(&json!({"cases": [case]}).to_string()).expect("a document of cases");
    assert!(matches!(outcomes[0].verdict, Verdict::Failed { .. }), "{outcomes:?}");
}
