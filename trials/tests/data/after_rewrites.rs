//! What records of Protobuf are to both versions after the old one has written back what the new one wrote, and what a
//! codec makes of numbers and defaults.

use scenarios::Bundle;
use sim::{Fate, Holdings, Lot, Reader, World};
use trials::runs::{begun, model, second};

/// The new version is undone, and the old one touches records of both; each has its schema, in this encoding.
fn undone(schemas: [&str; 2], encoding: &str, create: &str, [old, new]: [&str; 2]) -> Bundle {
    let text = format!(
        r#"title: rewritten
horizon: 10m
objective: {{full: 5m, hold: 1m}}
classes: [plain, rich]
traffic:
  puts: {{to: app.put, rate: 20/s, classes: {{plain: 80 %, rich: 20 %}}}}
  gets: {{to: app.get, rate: 20/s, classes: {{plain: 100 %}}}}
  touches: {{to: app.touch, rate: 20/s, classes: {{plain: 100 %}}}}
stores:
  docs:
    formats:
      f1: {{file: old.proto, message: D, encoding: {encoding}}}
      f2: {{file: new.proto, message: D, encoding: {encoding}}}
services:
  app:
    replicas: 2
    startup: 5s
    runs: "1"
    endpoints:
      put: [{create}]
      get: [{{read: docs}}]
      touch: [{{rewrite: docs, sets: id}}]
    versions:
      "1": {{formats: {{docs: {{reads: f1, writes: f1{old}}}}}}}
      "2": {{formats: {{docs: {{reads: f2, writes: f2{new}}}}}}}
release:
  - {{at: 1m, do: {{deploy: app 2}}}}
  - {{at: 4m, do: {{undo: app}}}}
"#
    );
    let files = ["old.proto", "new.proto"].into_iter().zip(schemas);
    let files = files.map(|(name, schema)| (name.to_owned(), schema.as_bytes().to_vec())).collect();
    Bundle::kept("rewritten", "rewritten.yaml", &text, files)
}

/// A message with an id, and these fields.
fn message(fields: &str) -> String {
    format!("syntax = \"proto3\"; message D {{ int64 id = 1; {fields} }}")
}

fn at(bundle: &Bundle, instant: u64) -> World {
    let mut world = begun(&model(bundle), None, 1);
    world.run_until(second(instant));
    world
}

fn lots(holdings: &Holdings) -> impl Iterator<Item = &Lot> {
    holdings.stores.iter().flat_map(|store| &store.lots)
}

fn readers<'a>(lot: &'a Lot, version: &'a str) -> impl Iterator<Item = &'a Reader> {
    lot.readers.iter().filter(move |reader| reader.version == version)
}

fn misread(lot: &Lot, version: &str) -> u64 {
    readers(lot, version).filter(|reader| reader.fate == Fate::Misread).map(|reader| reader.records).sum()
}

const CHANGES: [(&str, &str); 4] = [
    ("int32 x = 2;", "sint32 x = 2;"),
    ("int32 x = 2;", "fixed32 x = 2;"),
    ("string x = 2;", "string x = 3;"),
    ("string x = 2; string y = 3;", "string y = 2; string x = 3;"),
];

#[test]
fn whoever_wrote_a_record_back_each_version_reads_what_was_set_in_its_own_way() {
    for (old, new) in CHANGES {
        let world = at(&undone([&message(old), &message(new)], "binary", "{create: docs}", ["", ""]), 540);
        let holdings = world.holdings();
        let rewritten = lots(&holdings).find(|lot| lot.format == "f1").expect("the old version has written");
        let (by_old, by_new) = (misread(rewritten, "app 1"), misread(rewritten, "app 2"));
        assert!(by_old > 100 && by_new > 100, "{new}: the old version has written records of both: {holdings:?}");
        for lot in lots(&holdings) {
            assert_eq!(misread(lot, "app 1") + misread(lot, "app 2"), lot.records, "{new}: one of them reads each");
            let wrong = lot.readers.iter().filter(|reader| reader.fate == Fate::Misread);
            assert!(wrong.into_iter().all(|reader| reader.reasons.iter().any(|why| why.contains("`x`"))), "{new}");
        }
        assert_eq!(world.summary().harm.damaged.ever + world.summary().harm.fields_lost.ever, 0, "{new}");
    }
}

#[test]
fn a_number_of_which_one_bit_comes_back_is_damaged_whatever_it_was() {
    for (kept, damages) in [("bool", true), ("int32", false)] {
        let schemas = [message(&format!("optional {kept} x = 2;")), message("optional sint32 x = 2;")];
        let world = at(&undone([&schemas[0], &schemas[1]], "binary", "{create: docs}", ["", ""]), 540);
        let damaged = world.summary().harm.damaged;
        assert_eq!(damaged.ever > 100, damages, "{kept}: {damaged:?}");
        assert_eq!(damaged.ever, damaged.remaining, "{kept}: nothing sets it anew");
    }
}

#[test]
fn a_symbol_kept_aside_is_missed_by_who_does_not_know_it_and_read_by_who_does() {
    let schema = |symbols: &str| {
        let body = "message D { optional int64 id = 1; optional E e = 2; }";
        format!("syntax = \"proto2\"; enum E {{ {symbols} }} {body}")
    };
    let schemas = [&*schema("A = 0; B = 1;"), &schema("A = 0; B = 1; C = 2;")];
    let world = at(&undone(schemas, "binary", "{create: docs, values: {e: {rich: C}}}", ["", ""]), 540);
    let holdings = world.holdings();
    let rewritten = lots(&holdings).find(|lot| lot.format == "f1").expect("the old version has written");
    assert!(misread(rewritten, "app 1") > 20, "{rewritten:?}");
    assert_eq!(misread(rewritten, "app 2"), 0, "the new version has them back");
    let reader = readers(rewritten, "app 1").find(|reader| reader.fate == Fate::Misread).expect("some");
    assert_eq!(
        (reader.fields.join(" "), reader.reasons.join(" ")),
        ("e".into(), "`e`: symbol not in its enum: C".into())
    );
    let told = world.summary().timeline;
    assert!(told.iter().any(|line| line.what.contains("symbol not in its enum: C")), "{told:#?}");
}

/// A number above 2^31 in a field that the new version made wider.
fn widened(encoding: &str, codecs: [&str; 2]) -> Bundle {
    let schemas = [&*message("int32 n = 2;"), &message("int64 n = 2;")];
    undone(schemas, encoding, "{create: docs, values: {n: {rich: 3000000000}}}", codecs)
}

#[test]
fn a_number_out_of_range_fails_or_is_cut_as_the_codec_says() {
    let (error, truncate) = (", codec: {range: error}", ", codec: {range: truncate}");
    let ends = [("binary", "", true), ("binary", error, false), ("json", "", false), ("json", truncate, true)];
    for (encoding, codec, is_cut) in ends {
        let harm = at(&widened(encoding, [codec, ""]), 540).summary().harm;
        assert_eq!(harm.unreadable.ever > 0, !is_cut, "{encoding}{codec}");
        assert_eq!((harm.misread.ever > 0, harm.damaged.ever > 0), (is_cut, is_cut), "{encoding}{codec}");
    }
}

#[test]
fn who_writes_defaults_out_is_not_read_by_who_rejects_what_it_does_not_know() {
    let schemas = [&*message(""), &message("int64 n = 2;")];
    let create = "{create: docs, without: {n: [plain, rich]}}";
    let emits = ", codec: {emit_defaults: yes}";
    for (old, new, fails) in [("", "", false), ("", emits, true), (", codec: {unknown: drop}", emits, false)] {
        let harm = at(&undone(schemas, "json", create, [old, new]), 540).summary().harm;
        assert_eq!(harm.unreadable.ever > 0, fails, "{old} {new}");
        assert_eq!((harm.misread.ever, harm.fields_lost.ever), (0, 0), "nobody set it");
    }
}
