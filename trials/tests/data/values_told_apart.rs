//! Values worth telling apart: what `gameday formats` shows of one, a run in which somebody has it shows, too.

use scenarios::Bundle;
use sim::{Harm, Summary};
use trials::runs::{lived, model};
use trials::text::{bundled, edited, swapped};

/// A store with two formats, of which the new one is undone; half of the records have `value` in `a`, the other half
/// `plain`.
fn undone(old: &str, new: &str, value: &str, plain: &str) -> Bundle {
    edited(bundled("cents-as-euros"), |_| {
        format!(
            r#"title: two formats
horizon: 10m
objective: {{full: 5m, hold: 1m}}
classes: [hard, plain]
traffic:
  looks: {{to: b.look, rate: 40/s, classes: {{plain: 100 %}}}}
  touches: {{to: b.touch, rate: 10/s, classes: {{plain: 100 %}}}}
  books: {{to: b.book, rate: 20/s, classes: {{hard: 50 %, plain: 50 %}}}}
stores:
  s:
    formats:
      o: '{old}'
      n: '{new}'
services:
  b:
    replicas: 2
    runs: "1"
    endpoints:
      look: [{{read: s}}]
      touch: [{{rewrite: s, sets: id}}]
      book:
        - create: s
          values: {{a: {{hard: {value}, plain: {plain}}}}}
    versions:
      "1": {{formats: {{s: {{reads: o, writes: o}}}}}}
      "2": {{formats: {{s: {{reads: n, writes: n}}}}}}
slos:
  i: {{endpoint: b.look, good: 99 %}}
seats: {{rel: {{role: release}}}}
release:
  - {{at: 1m, do: {{deploy: b 2}}}}
  - {{at: 4m, do: {{undo: b}}}}
"#
        )
    })
}

fn json(of: &str) -> String {
    format!(r#"{{"type": "object", "properties": {{"id": {{"type": "integer"}}, "a": {of}}}}}"#)
}

fn avro(of: &str) -> String {
    let fields = format!(r#"{{"name": "id", "type": "long"}}, {{"name": "a", "type": {of}}}"#);
    format!(r#"{{"type": "record", "name": "R", "fields": [{fields}]}}"#)
}

fn end(bundle: &Bundle) -> Summary {
    lived(&model(bundle), None, 1).summary()
}

fn harmed(harm: &Harm) -> [u32; 4] {
    [harm.unreadable, harm.misread, harm.damaged, harm.fields_lost].map(|count| count.ever)
}

/// With the value there is harm; without it, there is none.
fn check(old: &str, new: &str, value: &str, plain: &str) {
    let with = end(&undone(old, new, value, plain));
    assert!(harmed(&with.harm).iter().any(|count| *count > 100), "{value}: {old} {new} {:?}", with.harm);
    let without = end(&undone(old, new, plain, plain));
    assert_eq!((harmed(&without.harm), without.harm.requests.failed), ([0; 4], 0), "{plain}: {old} {new}");
}

#[test]
fn a_value_that_the_old_format_does_not_take_does_harm_after_a_rollback() {
    let text = |bound: &str| json(&format!(r#"{{"type": "string"{bound}}}"#));
    check(&text(r#", "maxLength": 5"#), &text(r#", "maxLength": 50"#), "a text of many characters", "abc");
    check(&json(r#"{"type": "integer"}"#), &json(r#"{"type": "number"}"#), "0.5", "5");
    check(&avro(r#"["null", "string"]"#), &avro(r#"["null", "string", "int"]"#), "5", "abc");
    let symbols = |all: &str| format!(r#"{{"type": "enum", "name": "E", "symbols": [{all}]}}"#);
    check(&avro(&symbols(r#""X""#)), &avro(&symbols(r#""X", "Y""#)), "Y", "X");
    let list = |all: &str| avro(&format!(r#"{{"type": "array", "items": {}}}"#, symbols(all)));
    check(&list(r#""X""#), &list(r#""X", "Y""#), r#"'["Y"]'"#, r#"'["X"]'"#);
    check(&avro(r#""string""#), &avro(r#"["null", "string"]"#), "'null'", "abc");
    check(&avro(r#"["string", "int"]"#), &avro(r#"["string", "int", "boolean"]"#), "true", "5");
}

/// What a scenario is refused for.
fn refused(of: [&str; 2], value: &str) -> String {
    let bundle = undone(of[0], of[1], value, value);
    scenarios::compile(&bundle).err().map(|problems| problems.to_string()).unwrap_or_default()
}

#[test]
fn a_value_is_held_to_its_type() {
    let of = |name: &str| avro(&format!("\"{name}\""));
    assert!(refused([&of("boolean"), &of("boolean")], "banana").contains("no format can hold `banana`"));
    assert!(refused([&of("int"), &of("long")], "0.5").contains("no format can hold `0.5`"));
    assert_eq!(refused([&of("double"), &of("double")], "0.1"), "");
    assert_eq!(refused([&of("boolean"), &of("boolean")], "true"), "");
    let pattern = |pattern: &str| json(&format!(r#"{{"type": "string", "pattern": "{pattern}"}}"#));
    assert!(refused([&pattern("^a"), &pattern("^b")], "ab").contains("is not decided"));
    assert_eq!(refused([&pattern("^a"), &pattern("^a")], "ab"), "");
}

/// The lesson of the new symbol, its release long over and its lockers there from the start.
fn with_lockers(mix: &str) -> Summary {
    let lesson = edited(bundled("enum-symbol"), |text| {
        let text = swapped(text, "pickup: 28 %, locker: 2 %", "pickup: 30 %, locker: 0 %");
        let records = format!("    records:\n      - {{format: orders-2, by: orders 12, count: 5k{mix}}}\nservices:\n");
        swapped(&text, "services:\n", &records)
    });
    lived(&model(&lesson), Some("rollback"), 1).summary()
}

#[test]
fn records_of_the_start_have_values_in_the_shares_that_are_stated() {
    assert_eq!(with_lockers("").harm.unreadable.ever, 0);
    // 2 in 100 of 5,000: 100, with a standard deviation of 10.
    let unreadable = with_lockers(", values: {delivery: {LOCKER: 2 %, PICKUP: 30 %}}").harm.unreadable;
    assert!((60..140).contains(&unreadable.remaining), "{unreadable:?}");
    assert_eq!(with_lockers(", values: {delivery: {LOCKER: 100 %}}").harm.unreadable.remaining, 5_000);
}

#[test]
fn a_field_that_may_be_left_out_is_missed_by_who_requires_it() {
    let schema = |required: &str| {
        format!(
            r#"{{"type": "object", "properties": {{"id": {{"type": "integer"}}, "a": {{"type": "string"}}}}
                {required}}}"#
        )
    };
    let strict = schema(r#", "required": ["a"]"#);
    let start = |mix: &str| {
        edited(undone(&strict, &schema(""), "x", "x"), |text| {
            let records = format!("    records:\n      - {{format: n, by: b 2, count: 1k{mix}}}\nservices:\n");
            swapped(text, "services:\n", &records)
        })
    };
    assert_eq!(end(&start(", without: {a: 0 %}")).harm.unreadable.ever, 0);
    let unreadable = end(&start(", without: {a: 30 %}")).harm.unreadable.ever;
    assert!((240..360).contains(&unreadable), "{unreadable}");
    let refused = scenarios::compile(&start(", without: {b: 30 %}")).err().map(|all| all.to_string());
    assert!(refused.is_some_and(|all| all.contains("has a field `b`")));
}

#[test]
fn new_records_may_be_without_a_field_too() {
    let schema = |required: &str| json(r#"{"type": "string"}"#).replace("}}}", &format!("}}}}{required}}}"));
    let (strict, lax) = (schema(r#", "required": ["a"]"#), schema(""));
    let left = |who: &str| {
        edited(undone(&strict, &lax, "x", "x"), |text| {
            swapped(text, "          values: {a: {hard: x, plain: x}}\n", &format!("          without: {{a: {who}}}\n"))
        })
    };
    // Made by the new version for three minutes, ten a second without the field.
    let unreadable = end(&left("hard")).harm.unreadable.remaining;
    assert!((1500..2100).contains(&unreadable), "{unreadable}");
    let refused = scenarios::compile(&edited(left("hard"), |text| text.replace("without: {a:", "without: {b:")));
    assert!(refused.err().is_some_and(|all| all.to_string().contains("has a field `b`")));
}

#[test]
fn the_member_of_a_oneof_that_a_class_gives_a_value_is_the_one_that_is_set() {
    let proto =
        |more: &str| format!(r#"syntax = "proto3"; message R {{ int32 id = 1; oneof x {{ string a = 2; {more} }} }}"#);
    let bundle = edited(undone(&proto(""), &proto("string b = 3;"), "x", "x"), |text| {
        swapped(text, "values: {a: {hard: x, plain: x}}", "values: {b: {hard: foo}}")
    });
    let harm = end(&bundle).harm;
    assert!(harm.misread.remaining > 1000, "the old version does not hear of b: {harm:?}");
}

#[test]
fn a_field_renamed_under_its_number_is_one_field_in_protojson() {
    let names = ["email", "mail"].map(|name| format!(r#"syntax = "proto3"; message M {{ string {name} = 1; }}"#));
    let message = formats::Message::json("M");
    let sources = names.each_ref().map(|text| formats::Source::proto("f", text, message));
    let pairs = formats::pairs(&sources[0], &sources[1]).expect("both are right");
    assert_eq!(pairs.both[0].slots.len(), 1, "one field under two names");
}
