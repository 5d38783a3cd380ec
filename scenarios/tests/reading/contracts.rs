//! What is said about contracts, formats and codecs that are not meant, and about versions that should not meet.

use scenarios::{Bundle, Compiled, compile};

const GOOD: &str = "\
title: t
horizon: 1h
classes: [local, tourist]
traffic: {t: {to: a.buy, rate: 1/s}}
contracts:
  b.pay:
    revisions:
      v1: {request: OLD}
      v2: {request: NEW}
    values: {request: {n: {tourist: 3000000000}}}
stores: {s: {formats: {f: OLD}}}
services:
  a:
    endpoints: {buy: [{call: b.pay}]}
    versions: {\"1\": {}, \"2\": {calls: {b.pay: v2}}}
  b:
    endpoints: {pay: [{create: s}], quit: [work: 1ms]}
    versions:
      \"1\": {formats: {s: {reads: f, writes: f}}}
      \"2\": {serves: {pay: v2}, formats: {s: {reads: f, writes: f}}}
release: []
";
const OLD: &str = r#"'{"type": "record", "name": "P", "fields": [{"name": "n", "type": "long"}]}'"#;
const NEW: &str = r#"'{"type": "record", "name": "P", "fields": [{"name": "n", "type": "int"}]}'"#;

fn compiled(part: &str, in_place_of: &str) -> Result<Compiled, String> {
    assert!(GOOD.contains(in_place_of), "{in_place_of}");
    let text = GOOD.replacen(in_place_of, part, 1).replace("OLD", OLD).replace("NEW", NEW);
    compile(&Bundle::from_text("f", text, "")).map_err(|problems| problems.short())
}

/// What is wrong, odd, or brought together that should not be: where, and what.
fn said(part: &str, in_place_of: &str) -> Vec<String> {
    let found = match compiled(part, in_place_of) {
        Ok(compiled) => {
            let both = [compiled.warnings, compiled.meetings].into_iter().flatten();
            both.map(|found| found.short()).collect()
        }
        Err(problems) => problems,
    };
    let lines = found.lines().map(|line| line.strip_prefix("f.yaml:").expect("its file"));
    lines.map(|line| line.split("; help").next().unwrap_or_default().to_owned()).collect()
}

fn check(part: &str, in_place_of: &str, expected: &[&str]) {
    assert_eq!(said(part, in_place_of), expected, "{part}");
}

#[test]
fn a_good_file_is_good() {
    check("title: t", "title: t", &[]);
}

#[test]
fn a_contract_is_of_an_endpoint_and_says_something() {
    let unknown = [
        "6:3: error: there is no endpoint `b.pya`",
        "15:39: error: there is no contract `b.pay`",
        "20:22: error: there is no contract `b.pay`",
    ];
    check("b.pya:", "b.pay:", &unknown);
    let partial = [
        "8:7: error: this revision has no request, and others have one",
        "10:24: error: no revision has a format for these",
    ];
    check("v1: {}", "v1: {request: OLD}", &partial);
    let empty = said("revisions: {}\n", "revisions:\n      v1: {request: OLD}\n      v2: {request: NEW}\n");
    assert_eq!(empty[0], "6:3: error: a contract that says nothing of requests or responses");
}

#[test]
fn who_speaks_speaks_a_revision_there_is() {
    check("calls: {b.pay: v3}", "calls: {b.pay: v2}", &["15:46: error: there is no revision `v3`"]);
    check("serves: {pay: v3}", "serves: {pay: v2}", &["20:27: error: there is no revision `v3`"]);
    check("serves: {quit: v2}", "serves: {pay: v2}", &["20:22: error: there is no contract `b.quit`"]);
    check("to: a.buy, speaks: v1, ", "to: a.buy, ", &["4:34: error: a.buy has no contract"]);
    let silent = "\"2\": {calls: {b.pay: v2}, endpoints: {buy: []}}";
    check(silent, "\"2\": {calls: {b.pay: v2}}", &["15:46: warning: a 2 never calls b.pay"]);
}

#[test]
fn a_version_lacks_what_there_is_and_says_nothing_of_it() {
    let lacks = |what: &str, expected: &str| check(&format!("{{lacks: {what}, serves"), "{serves", &[expected]);
    lacks("qit", "20:20: error: there is no endpoint of this service `qit`");
    lacks("pay", "20:20: error: this version lacks `pay`, and says what it does there");
    lacks("[quit, quit]", "20:27: error: `quit` is named already");
    let defect = "{lacks: quit, defects: [{defect: d, endpoint: quit}], serves";
    check(defect, "{serves", &["20:20: error: this version lacks `quit`, and says what it does there"]);
    check("{lacks: quit, serves", "{serves", &[]);
}

#[test]
fn values_fit_a_revision() {
    let place = "{n: {tourist: 3000000000}}";
    check("{n: {tourist: many}}", place, &["10:37: error: no format can hold `many` in `n`"]);
    check("{m: {tourist: 1}}", place, &["10:24: error: no format of `b.pay request` has a field `m`"]);
}

#[test]
fn a_family_has_the_choices_it_leaves() {
    let codec = |codec: &str, expected: &[&str]| {
        check(&format!("serves: {{pay: {{revision: v2, codec: {codec}}}}}"), "serves: {pay: v2}", expected);
    };
    codec("avro-python", &[]);
    codec("{library: avro-rust}", &[]);
    codec("avro-cobol", &["20:49: error: there is no library `avro-cobol`"]);
    let twice = ["20:59: error: Avro leaves no choice here", "20:76: error: Avro leaves no choice here"];
    codec("{unknown: reject, missing: zero}", &twice);
    let store = "{reads: f, writes: f, codec: {emit_defaults: true}}";
    check(store, "{reads: f, writes: f}", &["19:71: error: Avro leaves no choice here"]);
    let answers = "calls: {b.pay: {revision: v2, codec: avro-python}}";
    check(answers, "calls: {b.pay: v2}", &["15:57: error: nothing is read here: no response has a format"]);
}

#[test]
fn a_schema_in_place_says_its_language_too() {
    let proto = |fields: &str| format!("'syntax = \"proto3\"; message Order {{ {fields} }}'");
    check(&format!("{{f: {}}}", proto("string id = 1;")), "{f: OLD}", &[]);
    let unknown = "11:27: error: the text does not say which language the schema is in";
    check("{f: 'CREATE TABLE t (a int);'}", "{f: OLD}", &[unknown]);
}

#[test]
fn the_name_of_a_file_says_its_language() {
    let nameless = "11:27: error: the name `orders.thrift` does not say which language the schema is in";
    check("{f: orders.thrift}", "{f: OLD}", &[nameless]);
    let said = said("{f: {file: orders.avsc, message: Order}}", "{f: OLD}");
    let [file, message] = &said[..] else { panic!("{said:?}") };
    assert!(file.starts_with("11:34: error: cannot read the schema `orders.avsc`"), "{file}");
    assert_eq!(message, "11:56: error: such a schema has one record and one encoding");
}

#[test]
fn versions_that_will_meet_and_do_not_understand_each_other_are_named() {
    let deploy = |version: &str| format!("release: [{{at: 1m, do: {{deploy: {version}}}}}]");
    let types = "21:33: warning: a 1 and b 2 will meet, and do not understand each other at \
                 b.pay: requests are refused, `n`: types do not fit: long read as int";
    check(&deploy("b 2"), "release: []", &[types]);
    check(&deploy("a 2"), "release: []", &[]);
    let lacking = "16:3: warning: a 1 and b 1 will meet, and do not understand each other: there is no b.pay";
    check("\"1\": {lacks: pay, formats", "\"1\": {formats", &[lacking]);
}

#[test]
fn each_contract_of_versions_that_will_meet_is_named() {
    let text = GOOD
        .replace("stores:", "  b.quit: {revisions: {v1: {request: OLD}, v2: {request: NEW}}}\nstores:")
        .replace("{call: b.pay}", "{call: b.pay}, {call: b.quit}")
        .replace("serves: {pay: v2}", "serves: {pay: v2, quit: v2}")
        .replace("release: []", "release: [{at: 1m, do: {deploy: b 2}}]");
    let text = text.replace("OLD", OLD).replace("NEW", NEW);
    let meetings = compile(&Bundle::from_text("f", text, "")).expect("it is good").meetings.expect("they meet").short();
    for endpoint in ["b.pay", "b.quit"] {
        let named =
            format!("a 1 and b 2 will meet, and do not understand each other at {endpoint}: requests are refused");
        assert_eq!(meetings.matches(&named).count(), 1, "{meetings}");
    }
}

#[test]
fn steps_of_a_release_are_over_before_the_next() {
    let steps = |first: &str, second: &str| {
        format!("release: [{{at: 1m, do: {{deploy: {first}}}}}, {{at: 2m, do: {{deploy: {second}}}}}]")
    };
    check(&steps("a 2", "b 2"), "release: []", &[]);
    assert_eq!(said(&steps("b 2", "a 2"), "release: []").len(), 1, "the callee comes before its caller knows it");
}
