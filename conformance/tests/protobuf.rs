//! The suites of Protobuf: what they let pass, and what they must not.
//!
//! The facts are from runs of Protobuf for Python 7.36 (upb).

use conformance::{Verdict, run};
use serde_json::{Value, json};

fn verdict(case: Value) -> Verdict {
    run(&json!({"cases": [case]}).to_string()).expect("a document of cases")[0].verdict.clone()
}

/// A value written as one kind and read as another: outcome in the binary encoding, whether it comes back, outcome in
/// ProtoJSON. Any other outcome must fail.
fn check_kind(kinds: (&str, &str), value: Value, known: (&str, bool, &str)) {
    let case = |outcome: &str, survives: bool, json: &str| {
        let value = json!({"value": value, "outcome": outcome, "roundtrip_ok": survives, "json": json});
        json!({"id": "case", "writer_kind": kinds.0, "reader_kind": kinds.1, "values": [value]})
    };
    let (outcome, survives, json) = known;
    assert_eq!(verdict(case(outcome, survives, json)), Verdict::Passed, "{value} of {kinds:?}");
    for wrong in [case("other", survives, json), case(outcome, !survives, json), case(outcome, survives, "other")] {
        assert!(matches!(verdict(wrong), Verdict::Failed { .. }), "{value} of {kinds:?}");
    }
}

#[test]
fn a_value_of_one_kind_is_what_its_bytes_are_in_another() {
    check_kind(("int32", "int64"), json!(-1), ("same", true, "same"));
    check_kind(("int64", "bool"), json!("4294967297"), ("different", false, "decode_error"));
    check_kind(("int32", "uint32"), json!(-1), ("different", true, "decode_error"));
    check_kind(("sint32", "int32"), json!(1), ("different", true, "same"));
    check_kind(("sint64", "enum"), json!("4294967297"), ("different", false, "different"));
    check_kind(("sfixed32", "float"), json!(1), ("different", true, "same"));
    check_kind(("string", "bytes"), json!("a"), ("same", true, "decode_error"));
    check_kind(("message", "bytes"), json!({"x": 1}), ("different", true, "decode_error"));
    check_kind(("message", "bytes"), json!({}), ("different", false, "decode_error"));
    check_kind(("message", "int32"), json!({"x": 1}), ("absent_unknown_kept", true, "decode_error"));
    check_kind(("float", "double"), json!(1.5), ("absent_unknown_kept", true, "same"));
    check_kind(("double", "float"), json!(1e300), ("absent_unknown_kept", true, "decode_error"));
    check_kind(("bool", "double"), json!(true), ("absent_unknown_kept", true, "same"));
    check_kind(("enum", "int32"), json!(7), ("same", true, "same"));
    check_kind(("int64", "bytes"), json!("-1"), ("absent_unknown_kept", true, "different"));
    check_kind(("string", "int32"), json!(""), ("same_default", true, "different"));
}

#[test]
fn what_the_masks_cannot_tell_is_skipped_with_the_reason() {
    let value = json!({"value": 1, "outcome": "same", "roundtrip_ok": false, "json": "decode_error"});
    let case = json!({"id": "case", "writer_kind": "sint64", "reader_kind": "bool", "values": [value]});
    assert!(matches!(verdict(case), Verdict::Skipped { .. }));
}

/// What a reader makes of a message, and whether it is whole after it was written back.
struct Known {
    syntax: &'static str,
    writer: &'static str,
    reader: &'static str,
    datum: Value,
    view: Value,
    /// With the unknown fields, and without.
    whole: (bool, bool),
    /// ProtoJSON, unknown fields ignored: what the reader sees, if it does not fail, and whether it comes back.
    json: Option<(Value, bool)>,
    /// Whether strict ProtoJSON is an error.
    strict_fails: bool,
}

impl Known {
    fn case(&self) -> Value {
        let text = |message: &str| format!("syntax=\"{}\";package p;{message}", self.syntax);
        let outcome = |seen: &Option<(Value, bool)>| match seen {
            Some((view, whole)) => json!({"outcome": "ok", "reader_view": view, "lossless_after_rewrite": whole}),
            None => json!({"outcome": "decode_error"}),
        };
        let strict = if self.strict_fails { outcome(&None) } else { outcome(&self.json) };
        json!({
            "id": "case", "family": "protobuf", "writer": text(self.writer), "reader": text(self.reader),
            "datum_json": self.datum,
            "binary": {
                "outcome": "ok", "reader_view": self.view,
                "lossless_preserving": self.whole.0, "lossless_discarding": self.whole.1,
            },
            "json": {"strict": strict, "ignore_unknown": outcome(&self.json)},
        })
    }

    /// It passes, and with any of its facts turned round it does not.
    fn check(&self) {
        let case = self.case();
        assert_eq!(verdict(case.clone()), Verdict::Passed, "{} read as {}", self.writer, self.reader);
        let flags = ["/binary/lossless_preserving", "/binary/lossless_discarding"];
        for flag in flags {
            let mut wrong = case.clone();
            let fact = wrong.pointer_mut(flag).unwrap();
            *fact = json!(!fact.as_bool().unwrap());
            assert!(
                matches!(verdict(wrong), Verdict::Failed { .. }),
                "{flag}: {} read as {}",
                self.writer,
                self.reader
            );
        }
        for outcome in ["/binary/outcome", "/json/strict/outcome", "/json/ignore_unknown/outcome"] {
            let mut wrong = case.clone();
            *wrong.pointer_mut(outcome).unwrap() = json!("other");
            assert!(
                matches!(verdict(wrong), Verdict::Failed { .. }),
                "{outcome}: {} read as {}",
                self.writer,
                self.reader
            );
        }
    }
}

#[test]
fn an_unknown_field_is_kept_or_lost() {
    let known = Known {
        syntax: "proto3",
        writer: "message N{int32 x=1;int32 y=2;}message M{N a=1;string b=2;}",
        reader: "message N{int32 x=1;}message M{N a=1;}",
        datum: json!({"a": {"x": 1, "y": 2}, "b": "x"}),
        view: json!({"a": {"x": 1}}),
        whole: (true, false),
        json: Some((json!({"a": {"x": 1}}), false)),
        strict_fails: true,
    };
    known.check();
    let mut wrong = known.case();
    wrong["binary"]["reader_view"] = json!({"a": {"x": 2}});
    assert!(matches!(verdict(wrong), Verdict::Failed { .. }));
}

#[test]
fn an_element_that_a_closed_enum_does_not_know_comes_back_last() {
    Known {
        syntax: "proto2",
        writer: "enum E{Z=0;A=1;B=2;}message M{repeated E e=1;}",
        reader: "enum E{Z=0;A=1;}message M{repeated E e=1;}",
        datum: json!({"e": ["A", "B", "A"]}),
        view: json!({"e": ["A", "A"]}),
        whole: (false, false),
        json: Some((json!({"e": ["A", "A"]}), false)),
        strict_fails: true,
    }
    .check();
}

#[test]
fn of_two_fields_moved_into_a_oneof_one_is_lost() {
    Known {
        syntax: "proto3",
        writer: "message M{int32 a=1;string b=2;}",
        reader: "message M{oneof o{int32 a=1;string b=2;}}",
        datum: json!({"a": 1, "b": "x"}),
        view: json!({"b": "x"}),
        whole: (false, false),
        json: None,
        strict_fails: true,
    }
    .check();
}

#[test]
fn a_zero_set_on_purpose_does_not_come_back() {
    Known {
        syntax: "proto3",
        writer: "message M{optional int32 a=1;}",
        reader: "message M{int32 a=1;}",
        datum: json!({"a": 0}),
        view: json!({}),
        whole: (false, false),
        json: Some((json!({}), false)),
        strict_fails: false,
    }
    .check();
}

#[test]
fn of_messages_read_as_one_the_parts_are_merged() {
    Known {
        syntax: "proto3",
        writer: "message N{int32 x=1;int32 y=2;}message M{repeated N a=1;}",
        reader: "message N{int32 x=1;int32 y=2;}message M{N a=1;}",
        datum: json!({"a": [{"x": 1}, {"y": 2}]}),
        view: json!({"a": {"x": 1, "y": 2}}),
        whole: (false, false),
        json: None,
        strict_fails: true,
    }
    .check();
}
