//! A comparison of formats, and cases, on paper.

mod common;

use common::assert_documented;
use conformance::{Outcome, Report, Verdict};
use formats::{Message, Source, pairs};
use model::data::{Codec, Comparison, Knob, Unknown};
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
        codecs: ["avro-java"; 2].map(str::to_owned),
        types,
        gone: vec![],
        added: vec![],
    }
}

#[test]
fn what_speaks_against_a_rollback_comes_first() {
    insta::assert_snapshot!(text(&compared(), Paint::Plain));
}

/// What is said of two sources with one record each.
fn said(old: &Source<'_>, new: &Source<'_>, codec: &Codec) -> String {
    let types = pairs(old, new).expect("both are supported").both;
    let types = types.into_iter().map(|entity| Comparison::of(entity, [codec; 2])).collect();
    let compared =
        Compared { old: "old", new: "new", codecs: [""; 2].map(str::to_owned), types, gone: vec![], added: vec![] };
    // Where lines break is no matter here.
    text(&compared, Paint::Plain).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn said_of_proto(old: &str, new: &str) -> String {
    let [old, new] = [old, new].map(|fields| format!("syntax = \"proto3\"; {fields}"));
    let source = |format, text| Source::proto(format, text, Message::binary("M"));
    said(&source("old", &old), &source("new", &new), &Codec::PROTOBUF)
}

#[test]
fn a_misread_of_some_values_says_which() {
    let said = said_of_proto("message M { uint64 n = 1; }", "message M { int64 n = 1; }");
    assert!(said.contains("old takes n for another value in records with n such as -1: "), "{said}");
}

#[test]
fn a_name_that_is_new_for_a_number_is_not_called_a_matter_of_units() {
    let said = said_of_proto("message M { string email = 1; }", "message M { string phone = 1; }");
    assert!(said.contains("whether all values mean the same to both is not decided"), "{said}");
    assert!(said.contains("same number under another name") && !said.contains("unit"), "{said}");
}

#[test]
fn what_is_inside_a_message_is_told_once_and_all_types_together_first() {
    let shop = |units: &str| {
        format!(
            "syntax = \"proto3\"; message Money {{ {units} units = 1; }} message Item {{ Money price = 1; }}
             message Cart {{ repeated Item items = 1; string user = 2; }} message User {{ string name = 1; }}"
        )
    };
    let (old, new) = (shop("int32"), shop("int64"));
    let source = |format, text| {
        let message = Message { name: None, encoding: formats::Encoding::Binary };
        Source { format, bytes: str::as_bytes(text), language: formats::Language::Proto(message) }
    };
    let types = pairs(&source("old", &old), &source("new", &new)).expect("both are supported").both;
    let types = types.into_iter().map(|entity| Comparison::of(entity, [&Codec::PROTOBUF; 2])).collect();
    let compared =
        Compared { old: "old", new: "new", codecs: [""; 2].map(str::to_owned), types, gone: vec![], added: vec![] };
    let said = text(&compared, Paint::Plain);
    assert!(said.starts_with("rollback is not safe: 3 of 4 record types\n"), "{said}");
    assert_eq!(said.matches("old narrows units in records").count(), 1, "{said}");
    assert!(said.contains("Item\nas told of what is inside it: Money\n"), "{said}");
    assert!(
        said.contains("Cart\nas told of what is inside it: Money\n") && said.contains("safe both ways: User"),
        "{said}"
    );
}

#[test]
fn a_reserved_number_that_is_taken_up_is_not_called_safe() {
    let said = said_of_proto("message M { reserved 2; string a = 1; }", "message M { string a = 1; string b = 2; }");
    let open = "not judged: what older records have under the number of b, reserved in old";
    assert!(said.contains(open) && !said.contains("rollback is safe"), "{said}");
    let said = said_of_proto("message M { string a = 1; }", "message M { reserved 2; string a = 1; }");
    assert!(!said.contains("not judged"), "{said}");
}

#[test]
fn a_field_that_is_gone_without_a_trace_is_not_called_safe() {
    let proto3 = |fields: &str| format!("message M {{ {fields} }}");
    let both = |old: &str, new: &str| said_of_proto(&proto3(old), &proto3(new));
    let said = both("int64 a = 1; int32 b = 2;", "int64 a = 1;");
    let open = "not judged: whether old can take b for zero in what new writes";
    assert!(said.contains(open) && !said.contains("rollback is safe"), "{said}");
    // Who knows that it is missing, and who has it only from now on, reads what there is.
    for (old, new) in
        [("int64 a = 1; optional int32 b = 2;", "int64 a = 1;"), ("int64 a = 1;", "int64 a = 1; int32 b = 2;")]
    {
        let said = both(old, new);
        assert!(said.contains("rollback is safe"), "{said}");
    }
}

#[test]
fn another_default_is_another_value() {
    let with =
        |default: u8| format!("syntax = \"proto2\"; message M {{ optional int32 a = 1 [default = {default}]; }}");
    let (old, new) = (with(5), with(7));
    let source = |format, text| Source::proto(format, text, Message::binary("M"));
    let said = said(&source("old", &old), &source("new", &new), &Codec::PROTOBUF);
    let harm = "rollback is not safe: old takes a for another value in records without a: 7 there, 5 here";
    assert!(said.contains(harm), "{said}");
}

#[test]
fn a_symbol_with_another_number_is_the_example() {
    let with = |symbols: &str| format!("enum E {{ A = 0; {symbols} }} message M {{ E e = 1; }}");
    let said = said_of_proto(&with("B = 1; C = 2;"), &with("C = 1; B = 2;"));
    let found = "e: symbol with another number: B read as C, C read as B (for example \"B\")";
    assert!(said.contains(found), "{said}");
}

/// What is said of two messages in JSON, both sides by one codec.
fn said_of_protojson(old: &str, new: &str, codec: &Codec) -> String {
    let source = |format, text| Source::proto(format, text, Message::json("M"));
    said(&source("old", old), &source("new", new), codec)
}

#[test]
fn a_field_that_is_written_unset_is_in_every_record() {
    let message = |more: &str| format!("syntax = \"proto3\"; message M {{ int64 id = 1; {more} }}");
    let [old, new] = ["", "int32 a = 2; repeated int32 l = 3; optional int32 o = 4;"].map(message);
    let emits = Codec { emit_defaults: true, ..Codec::PROTOJSON };
    let [plain, emitting] = [&Codec::PROTOJSON, &emits].map(|codec| said_of_protojson(&old, &new, codec));
    let of = |name: &str| format!("rollback is not safe: old cannot read records with {name} ");
    assert!(["a", "l", "o"].iter().all(|name| plain.contains(&of(name))), "{plain}");
    assert!(emitting.contains("rollback is not safe: old cannot read any record"), "{emitting}");
    assert!(!emitting.contains(&of("a")) && !emitting.contains(&of("l")), "{emitting}");
    let present = said_of_protojson(&old, &message("optional int32 o = 4;"), &emits);
    assert!(present.contains(&of("o")) && !present.contains("any record"), "it has presence: {present}");
}

#[test]
fn a_field_that_is_written_unset_is_never_taken_for_another_default() {
    let old = "syntax = \"proto3\"; message M { int32 a = 1; }";
    let new = "syntax = \"proto2\"; message M { optional int32 a = 1 [default = 7]; }";
    let emits = Codec { emit_defaults: true, ..Codec::PROTOJSON };
    let [plain, emitting] = [&Codec::PROTOJSON, &emits].map(|codec| said_of_protojson(old, new, codec));
    let misread = "new takes a for another value in records without a";
    assert!(plain.contains(misread) && !emitting.contains(misread), "{plain}\n{emitting}");
    assert!(emitting.contains("old takes a for another value in records without a"), "it has presence: {emitting}");
}

#[test]
fn of_a_field_that_is_not_decided_nothing_is_told_of_what_is_inside() {
    let entries = "message X { string key = 1; int32 value = 2; } message M { repeated X m = 1; }";
    let said = said_of_proto("message M { map<string, int32> m = 1; }", entries);
    assert!(said.contains("definitions differ inside: map<string, int32> read as repeated message X"), "{said}");
    assert!(!said.contains("m[]."), "{said}");
    let same = said_of_proto(entries, &entries.replace("value = 2;", "value = 2; bool more = 3;"));
    assert!(same.contains("m[].more"), "{same}");
}

/// What is said of two objects of JSON Schema, each with these properties.
fn said_of_json(old: &str, new: &str) -> String {
    let [old, new] = [old, new].map(|properties| {
        format!(r#"{{"$id": "https://example.com/m", "type": "object", "properties": {{{properties}}}}}"#)
    });
    said(&Source::json_schema("old", &old), &Source::json_schema("new", &new), &Codec::JSON)
}

#[test]
fn which_texts_match_another_pattern_is_not_decided() {
    let zip = |pattern: &str| format!(r#""zip": {{"type": "string"{pattern}}}"#);
    let (short, long) = (r#", "pattern": "^[0-9]{5}$""#, r#", "pattern": "^[0-9]{5}(-[0-9]{4})?$""#);
    let said_of = |old: &str, new: &str| said_of_json(&zip(old), &zip(new));
    let open = said_of(short, long);
    assert!(open.contains("nothing was found that fails or is lost; whether all values mean the same"), "{open}");
    assert!(open.contains("zip not decided not decided ok"), "{open}");
    assert!(said_of(short, short).contains("rollback is safe"), "equal ones");
    let stricter = said_of("", short);
    assert!(stricter.contains("upgrade is not safe: new cannot read records with some values of zip"), "{stricter}");
    let symbols = said_of(r#", "enum": ["12345"]"#, short);
    assert!(!symbols.contains("upgrade is not safe"), "{symbols}");
    assert!(said_of(short, r#", "enum": ["12345"]"#).contains("zip not decided not decided ok"));
    let bound = said_of(short, r#", "pattern": "^[0-9]{5}$", "maxLength": 3"#);
    assert!(!bound.contains("not safe") && !bound.contains("for example"), "{bound}");
    assert!(bound.contains("^[0-9]{5}$ read as 0 to 3 characters"), "{bound}");
    let lengths = said_of(short, r#", "minLength": 3"#);
    assert!(!lengths.contains("upgrade is not safe") && !lengths.contains("for example"), "{lengths}");
}

#[test]
fn an_example_is_what_the_writer_can_write_and_nothing_is_lost_of_what_cannot_be_read() {
    let line = r#"{"type": "object", "properties": {"sku": {"type": "string"}, "qty": {"type": "integer"}},
        "required": ["sku", "qty"]}"#;
    let list = format!(r#""lines": {{"type": "array", "items": {line}}}"#);
    let map = format!(r#""lines": {{"type": "object", "additionalProperties": {line}}}"#);
    let told = said_of_json(&list, &map);
    assert!(told.contains("rollback is not safe: old cannot read records with lines"), "{told}");
    assert!(!told.contains("loses") && !told.contains("field unknown"), "{told}");
    assert!(told.contains(r#"(for example [{"sku": "a", "qty": 1}])"#), "{told}");
    assert!(told.contains(r#"(for example {"key": {"sku": "a", "qty": 1}})"#), "{told}");
    let fewer = list.replace(r#", "qty": {"type": "integer"}"#, "").replace(r#", "qty""#, "");
    let told = said_of_json(&list, &fewer);
    assert!(told.contains(r#"without qty (for example [{"sku": "a"}])"#), "{told}");
    assert!(told.contains("new loses lines[].qty when it writes records back"), "{told}");
}

#[test]
fn a_long_list_of_symbols_is_cut_and_a_key_stays_in_its_row() {
    let symbols = |count: usize| (0..count).map(|n| format!("\"S{n}\"")).collect::<Vec<_>>().join(",");
    let schema = |count| {
        let key = format!("{{\"enum\": [{}]}}", symbols(count));
        format!("{{\"type\": \"object\", \"properties\": {{\"a\\nb\": {key}}}}}")
    };
    let (old, new) = (schema(1), schema(1000));
    let said = said(&Source::json_schema("old", &old), &Source::json_schema("new", &new), &Codec::JSON);
    assert!(said.contains(" S105 and 991 more") && said.len() < 1000, "{said}");
    assert!(said.contains(" a b ok fails for some ok "), "{said}");
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

#[test]
fn what_the_new_version_loses_has_its_column_and_long_names_stay_apart() {
    let fields = "int32 card_expiration_of_the_year = 1; int32 card_expiration_of_the_month = 2;";
    let [old, new] =
        [fields, ""].map(|fields| format!("syntax = \"proto3\"; message M {{ {fields} string kept = 3; }}"));
    let source = |format, text| Source::proto(format, text, Message::binary("M"));
    let codec = Codec::PROTOBUF.turned(Knob::Unknown(Unknown::Drop));
    let types = pairs(&source("old", &old), &source("new", &new)).expect("both are supported").both;
    let types = types.into_iter().map(|entity| Comparison::of(entity, [&codec; 2])).collect();
    let called = "rpc shop.payments.SettlementService.RequestSettlement(shop.payments.SettlementRequestOfTheYear)";
    let added = vec![called.to_owned()];
    let compared = Compared { old: "old", new: "new", codecs: [""; 2].map(str::to_owned), types, gone: vec![], added };
    let text = text(&compared, Paint::Plain);
    for name in ["card_expiration_of_the_year", "card_expiration_of_the_month"] {
        let mut lines = text.lines().skip_while(|line| *line != format!("  {name}"));
        assert!(lines.nth(1).is_some_and(|line| line.trim_start().starts_with("lost written back")), "{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}
