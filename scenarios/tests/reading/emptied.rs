//! What is not there because of a value: null for a record, a list without anything in it, a field left out.

use model::access::Verb;
use model::data::Entity;
use scenarios::{Bundle, compile};

fn scenario(formats: [&str; 2], step: &str, records: &str) -> Bundle {
    let [old, new] = formats;
    let text = format!(
        "\
title: t
horizon: 1h
classes: [plain, rich]
traffic: {{t: {{to: app.put, rate: 1/s, classes: {{plain: 100 %}}}}}}
stores:
  docs:
    formats:
      f1: '{old}'
      f2: '{new}'
    records: [{{format: f1, by: app 1, count: 10{records}}}]
services:
  app:
    endpoints: {{put: [{step}]}}
    versions:
      '1': {{formats: {{docs: {{reads: f1, writes: f1}}}}}}
      '2': {{formats: {{docs: {{reads: f2, writes: f2}}}}}}
"
    );
    Bundle::from_text("f", text, "")
}

fn names(entity: &Entity, mask: model::data::Mask) -> String {
    entity.slot_names(mask).join(" ")
}

/// What new records of the first class have, in either format; or what is wrong.
fn created(formats: [&str; 2], step: &str) -> Result<Vec<String>, String> {
    let compiled = compile(&scenario(formats, step, "")).map_err(|problems| problems.short())?;
    let system = &compiled.scenario.system;
    let present = |verb: &Verb| if let Verb::Create(create) = verb { Some(create.present[0]) } else { None };
    Ok(system
        .accesses
        .iter()
        .filter_map(|one| present(&one.verb))
        .map(|mask| names(&system.stores[0].entity, mask))
        .collect())
}

fn record(of: &str) -> String {
    format!(
        r#"{{"type": "record", "name": "D",
            "fields": [{{"name": "id", "type": "long"}}, {{"name": "p", "type": {of}}}]}}"#
    )
}

fn child(more: &str) -> String {
    format!(r#"{{"type": "record", "name": "C", "fields": [{{"name": "n", "type": "string"}}{more}]}}"#)
}

const MORE: &str = r#", {"name": "m", "type": "int"}"#;

#[test]
fn a_record_that_is_null_has_nothing_in_it() {
    let maybe = |more| record(&format!(r#"["null", {}]"#, child(more)));
    let list = |more| record(&format!(r#"{{"type": "array", "items": {}}}"#, child(more)));
    for (formats, inner, value) in [([maybe(MORE), maybe("")], "p.", "null"), ([list(MORE), list("")], "p[].", "[]")] {
        let formats = formats.each_ref().map(String::as_str);
        let all = [format!("id p {inner}n {inner}m"), format!("id p {inner}n")];
        assert_eq!(created(formats, "{create: docs}").unwrap(), all);
        let step = format!("{{create: docs, values: {{p: {{plain: '{value}'}}}}}}");
        assert_eq!(created(formats, &step).unwrap(), ["id p", "id p"]);
        let rewritten = created(formats, &format!("{{rewrite: docs, sets: p, values: {{p: {{plain: '{value}'}}}}}}"));
        let said = "taking away what is in `p` is not supported";
        assert!(rewritten.as_ref().is_err_and(|told| told.contains(said)), "{rewritten:?}");
    }
}

#[test]
fn records_at_the_start_are_null_as_often_as_it_is_said() {
    let maybe = |more| record(&format!(r#"["null", {}]"#, child(more)));
    let formats = [maybe(MORE), maybe("")];
    let bundle = scenario(formats.each_ref().map(String::as_str), "work: 1ms", ", values: {p: {'null': 50 %}}");
    let compiled = compile(&bundle).unwrap_or_else(|problems| panic!("{}", problems.short()));
    let store = &compiled.scenario.system.stores[0];
    let [value] = store.initial[0].values[..] else { panic!("one value: {:?}", store.initial[0].values) };
    assert_eq!(
        (names(&store.entity, value.hard), names(&store.entity, value.lacks)),
        (String::new(), "p.n p.m".into())
    );
    assert_eq!(value.share.to_string(), "50 %");
}

/// In a format that has `null` beside the object, a null stands for itself, whatever the object has to have.
#[test]
fn what_takes_along_what_readers_look_for_is_refused_where_nothing_stands_for_it() {
    let object = |of: &str, keys: &str, required: &str| {
        format!(
            r#"{{"type": "object", "required": ["a"], "properties": {{
                "a": {{"type": {of}, "properties": {{{keys}}}, "required": [{required}]}}}}}}"#
        )
    };
    let (x, y) = (r#""x": {"type": "string"}"#, r#""y": {"type": "string"}"#);
    let (both, nullable) = (format!("{x}, {y}"), r#"["object", "null"]"#);
    let step = "{create: docs, values: {a: {plain: 'null'}}}";
    let strict = [object(nullable, &both, r#""x", "y""#), object(nullable, x, r#""x""#)];
    assert_eq!(created(strict.each_ref().map(String::as_str), step).unwrap(), ["a", "a"]);
    let loose = [object(nullable, &both, ""), object(nullable, x, "")];
    assert_eq!(created(loose.each_ref().map(String::as_str), step).unwrap(), ["a", "a"]);
    let bare = [object(r#""object""#, &both, r#""x", "y""#), object(nullable, x, r#""x""#)];
    let said = created(bare.each_ref().map(String::as_str), step);
    let expected = "what readers make of `a` without what is in it is not decided";
    assert!(said.as_ref().is_err_and(|told| told.contains(expected)), "{said:?}");
}

#[test]
fn what_is_left_out_takes_its_parts_along_in_every_format() {
    let object = |more: &str| {
        format!(
            r#"{{"type": "object", "required": ["id"], "properties": {{"id": {{"type": "integer"}},
                "a": {{"type": "object", "properties": {{"x": {{"type": "string"}}{more}}}}}}}}}"#
        )
    };
    let formats = [object(""), object(r#", "y": {"type": "string"}"#)];
    let made = created(formats.each_ref().map(String::as_str), "{create: docs, without: {a: plain}}");
    assert_eq!(made.unwrap(), ["id", "id"]);
}
