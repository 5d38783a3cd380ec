//! Files to raw types, and all that can be wrong with them.

use super::*;

#[test]
fn a_good_file_is_read_without_findings() {
    let (system, found) = read(GOOD);
    assert_eq!(found, "");
    let system = system.expect("nothing found wrong");
    assert_eq!(system.services.names().collect::<Vec<_>>(), ["checkout", "ledger"]);
    let checkout = system.services.get("checkout").expect("just listed");
    let replicas = checkout.replicas.expect("given");
    assert_eq!((replicas.value, replicas.span.line, replicas.span.column), (3, 5, 15));
    assert_eq!(checkout.keep_warm, Some(false));
    assert_eq!(checkout.steps.len(), 3);
    assert_eq!(checkout.owners.0.len(), 2);
    assert_eq!(system.services.get("ledger").map(|ledger| ledger.owners.0.len()), Some(1));
}

#[test]
fn the_first_key_of_a_variant_decides_and_its_siblings_are_its_options() {
    let (system, _) = read(GOOD);
    let services = system.expect("nothing found wrong").services;
    let steps = &services.get("checkout").expect("given").steps;
    let RawStep::Call(call) = &steps[1] else { panic!("{:?}", steps[1]) };
    assert_eq!(call.timeout.map(|span| span.value), Some(Span::from_millis(500)));
    assert_eq!(call.retries, Some(1));
    let RawStep::Parallel(both) = &steps[2] else { panic!("{:?}", steps[2]) };
    // `work` starts a work step, but inside a call it is one of the call's own keys.
    assert!(matches!(&both.parallel[1], RawStep::Call(call) if call.work.is_some()));
}

#[test]
fn three_mistakes_in_one_file_are_three_findings_with_a_way_out() {
    let text = "\
name: shop
services:
  checkout:
    replcas: 3
    queue: fiof
    steps:
      - {call: ledger.post, timeout: 30}
";
    assert_eq!(
        rendered(text),
        "\
error: unknown key `replcas` in a service
 --> shop.yaml:4:5
  |
4 |     replcas: 3
  |     ^^^^^^^
  |
  = help: did you mean `replicas`?

error: `fiof` is not a queueing law
 --> shop.yaml:5:12
  |
5 |     queue: fiof
  |            ^^^^
  |
  = help: did you mean `fifo`?

error: `30` has no unit
 --> shop.yaml:7:38
  |
7 |       - {call: ledger.post, timeout: 30}
  |                                      ^^
  |
  = help: write `30s` or `30ms`
"
    );
}

#[test]
fn a_missing_key_is_reported_where_its_record_starts() {
    check(
        "name: shop\nservices:\n  a: {}\n  b:\n    replicas: 1\n",
        &["3:6: error: missing key `queue` in a service", "5:5: error: missing key `queue` in a service"],
    );
}

#[test]
fn a_misspelt_required_key_is_one_mistake() {
    check("name: shop\nservices: {a: {queeu: ps}}\n", &["2:16: error: unknown key `queeu` in a service"]);
}

#[test]
fn a_value_of_the_wrong_kind_says_what_was_wanted_and_found() {
    check(
        "name: [shop]\nservices: many\narrivals: {s: 1}\n",
        &[
            "1:7: error: expected text, found a list",
            "2:11: error: expected a mapping from names to values, found `many`",
            "3:11: error: expected a rate like `120/s`, found a mapping",
        ],
    );
}

#[test]
fn a_key_with_nothing_after_it_is_a_mistake_unless_it_holds_many() {
    check("name:\nservices:\n", &["1:5: error: expected text, found nothing"]);
}

#[test]
fn a_step_that_starts_nothing_known_is_told_the_ways_to_start() {
    let step = |text: &str| format!("name: x\nservices: {{a: {{queue: ps, steps: [{text}]}}}}\n");
    check(&step("{cal: b}"), &["2:36: error: `cal` does not start a step"]);
    let none = "2:35: error: this is not a step: it needs one of `work`, `call` or `parallel`";
    check(&step("{retries: 1}"), &[none]);
    let two = "2:46: error: `work` and `parallel` cannot stand together in a step";
    check(&step("{work: 1s, parallel: []}"), &[two]);
    check(&step("work"), &["2:35: error: expected a step (a mapping), found `work`"]);
}

#[test]
fn words_come_in_the_order_of_declaration() {
    let words: Vec<&str> = Law::ALL.iter().map(|law| law.word()).collect();
    assert_eq!(words, ["fifo", "ps"]);
}

#[test]
fn a_root_of_the_wrong_kind_is_one_finding() {
    check("- a\n- b\n", &["1:1: error: expected a system (a mapping), found a list"]);
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let (_, found) = read(text);
    let lines: Vec<&str> = found.lines().map(|line| &line["shop.yaml:".len()..]).collect();
    assert_eq!(lines, expected);
}
