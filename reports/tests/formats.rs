//! A comparison of formats, and cases, on paper.

mod common;

use common::assert_documented;
use conformance::{Outcome, Report, Verdict};
use formats::{Source, pairs};
use model::data::{Codec, Comparison};
use reports::Paint;
use reports::formats::{Compared, json, text};

const OLD: &str = r#"{"type": "record", "name": "Entry", "fields": [
    {"name": "rail", "type": {"type": "enum", "name": "Rail", "symbols": ["CARD"]}},
    {"name": "amount", "type": "long", "unit": "cents"},
    {"name": "count_of_things_with_a_rather_long_name", "type": "int"}]}"#;

const NEW: &str = r#"{"type": "record", "name": "Entry", "fields": [
    {"name": "rail", "type": {"type": "enum", "name": "Rail", "symbols": ["CARD", "WALLET"]}},
    {"name": "amount", "type": "long", "unit": "euros"},
    {"name": "count_of_things_with_a_rather_long_name", "type": "int"},
    {"name": "note", "type": "string", "default": ""}]}"#;

fn compared() -> Compared<'static> {
    let pairs = pairs(&Source::avro("ledger-2", OLD), &Source::avro("ledger-3", NEW)).expect("both are supported");
    let types = pairs.both.into_iter().map(|entity| Comparison::of(entity, [&Codec::AVRO; 2])).collect();
    Compared {
        old: "a/ledger-2.avsc",
        new: "b/ledger-3.avsc",
        codecs: ["avro-java"; 2],
        types,
        gone: vec![],
        added: vec![],
    }
}

#[test]
fn what_speaks_against_a_rollback_comes_first() {
    insta::assert_snapshot!(text(&compared(), Paint::Plain));
}

#[test]
fn the_table_fits_a_terminal() {
    let text = text(&compared(), Paint::Plain);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn every_field_of_a_comparison_is_documented() {
    assert_documented(&json(&compared()));
}

#[test]
fn every_field_of_cases_is_documented() {
    let outcome = |id: &str, verdict| Outcome { id: id.into(), verdict };
    let outcomes = vec![
        outcome("a", Verdict::Failed { expected: "1".into(), got: "2".into() }),
        outcome("b", Verdict::Skipped { why: "too far".into() }),
    ];
    assert_documented(&reports::conformance::json(&[Report { file: "cases.json".into(), outcomes }]));
}
