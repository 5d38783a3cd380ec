//! What is said about repairs whose version does not know what it is to convert.

use scenarios::{Bundle, Problems, compile};

const FILE: &str = r#"title: t
horizon: 1h
traffic: {t: {to: a.put, rate: 1/s}}
stores:
  s:
    formats:
      f1: '{"type": "record", "name": "P", "fields": [{"name": "n", "type": "long"}]}'
      f2: '{"type": "record", "name": "P", "fields": [{"name": "n", "type": "long"}, DEFAULTED]}'
      f3: '{"type": "record", "name": "P", "fields": [{"name": "n", "type": "long"}]}'
services:
  a:
    endpoints: {put: [{create: s}]}
    versions:
      "1": {formats: {s: {reads: f1, writes: f1}}}
      "2": {formats: {s: {reads: f1, writes: [f2]}}}
repairs:
  back: {store: s, from: f2, to: f1, with: a VERSION, rate: 10}
  nobody: {store: s, from: FORMAT, to: f1, with: a 2, rate: 10}
"#;

fn written() -> String {
    FILE.replace("DEFAULTED", r#"{"name": "m", "type": "long", "default": 0}"#)
}

fn problems(version: &str, format: &str) -> Option<Problems> {
    let text = written().replace("VERSION", version).replace("FORMAT", format);
    compile(&Bundle::from_text("f", text, "")).err()
}

#[test]
fn a_version_that_reads_or_writes_it_converts_from_a_format() {
    assert!(problems("2", "f1").is_none());
}

#[test]
fn one_that_does_neither_does_not_and_all_of_them_are_told_with_who_does() {
    let problems = problems("1", "f3").expect("two mistakes");
    let expected = [
        "f.yaml:17:44: error: a 1 neither reads nor writes `s` in `f2`",
        "f.yaml:18:46: error: a 2 neither reads nor writes `s` in `f3`",
    ];
    assert_eq!(problems.short().lines().collect::<Vec<_>>(), expected);
    let told = problems.render(scenarios::syntax::Paint::Plain);
    assert!(told.contains("a repair runs the code of a version that knows `f2`: `a 2`"), "{told}");
}

/// A format with a field more, which nothing fills in.
const STRICT: &str = "      f4: '{\"type\": \"record\", \"name\": \"P\", \"fields\": [\
                      {\"name\": \"n\", \"type\": \"long\"}, {\"name\": \"x\", \"type\": \"int\"}]}'\nservices:";

#[test]
fn a_format_in_which_no_record_of_the_other_can_be_written_is_told_with_those_in_which_they_can() {
    let text = written().replace("services:", STRICT).replace("VERSION", "2").replace("FORMAT, to: f1", "f1, to: f4");
    let problems = compile(&Bundle::from_text("f", &text, "")).expect_err("`x` of `f4` has no value");
    let told = problems.render(scenarios::syntax::Paint::Plain);
    assert!(told.contains("f.yaml:19:36"), "{told}");
    assert!(told.contains("no record in `f1` can be written in `f4`: `x`"), "{told}");
    assert!(told.contains("records in `f1` can be written in `f2`, `f3`"), "{told}");
}
