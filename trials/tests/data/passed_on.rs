//! What is done of something misread is told by whom it was misread, also when it is done later or by somebody else.

use scenarios::Bundle;
use sim::{Figure, World};
use trials::runs::{lived, model};
use trials::text::{swapped, without_item};

/// An invoice is made of an account, of which version 2 takes cents for euros, and paid when the bank has read of it.
const BILLS: &str = r#"title: bills
horizon: 12m
traffic:
  c: {to: bill.add, rate: 5/s, arrivals: constant}
  r: {to: bill.inv, rate: 5/s, arrivals: constant}
stores:
  acc:
    formats:
      c: '{"type":"record","name":"A","fields":[{"name":"bal","type":"long","unit":"cents"}]}'
      e: '{"type":"record","name":"A","fields":[{"name":"bal","type":"long","unit":"euros"}]}'
    records: [{format: c, by: bill 1, count: 500}]
topics: {t: {formats: {e: '{"type":"record","name":"E","fields":[{"name":"sum","type":"long"}]}'}, partitions: 1}}
consumers: {g: {topic: t, runs: bank.book}}
effects: {pay: {idempotent: yes}}
jobs:
  book: {runs: bank.pay, after: 5s, retry: 10s}
services:
  bill:
    replicas: 2
    endpoints:
      add: [create: acc]
      inv: [{read: acc}, {publish: t}]
    versions:
      "1": {formats: {acc: {reads: c, writes: c}, t: {reads: e, writes: e}}}
      "2": {formats: {acc: {reads: e, writes: e}, t: {reads: e, writes: e}}}
  bank:
    endpoints: {book: [{effect: pay}], pay: [{effect: pay}]}
    versions: {"1": {formats: {t: {reads: e, writes: e}}}}
release:
  - {at: 1m, do: {deploy: bill 2}}
plans: {b: {about: b, steps: [{at: 5m, do: {undo: bill}}]}}
"#;

fn end(text: &str) -> World {
    lived(&model(&Bundle::from_text("bills", text.to_owned(), "")), Some("b"), 1)
}

/// What is published, or left for later, one step or two after the misreading.
fn ways() -> [String; 3] {
    let later = swapped(BILLS, "{publish: t}", "{later: book}");
    let on = swapped(BILLS, "book: [{effect: pay}]", "book: [{later: book}]");
    [BILLS.to_owned(), later, on]
}

#[test]
fn what_is_paid_of_a_message_or_work_made_of_something_misread_is_mistaken() {
    for text in ways() {
        let world = end(&text);
        let harm = world.summary().harm;
        assert!(harm.requests.wrong > 1_000, "{:?}", harm.requests);
        // One each, but for those of the last seconds that are left for five more.
        let (mistaken, wrong) = (harm.effects.mistaken, harm.requests.wrong);
        assert!((wrong - 6 * 5..=wrong).contains(&mistaken), "{harm:?}");
        let roots = world.explain(Figure::Mistaken).chain.into_iter().map(|link| link.line.what).collect::<Vec<_>>();
        assert!(roots.iter().any(|what| what.contains("deploy bill 2")), "{roots:#?}");
    }
}

#[test]
fn without_the_misreading_nothing_paid_is_mistaken() {
    for text in ways() {
        let without = without_item(&text, "- {at: 1m, do: {deploy: bill 2}}");
        let without = swapped(&without, "release:\n", "");
        let without = swapped(&without, "{undo: bill}", "{restart: bill}");
        let harm = end(&without).summary().harm;
        assert_eq!((harm.requests.wrong, harm.effects.mistaken), (0, 0), "{harm:?}");
    }
}

#[test]
fn a_misreading_marks_what_is_made_of_it_and_nothing_else() {
    let before = swapped(BILLS, "[{read: acc}, {publish: t}]", "[{publish: t}, {read: acc}]");
    let harm = end(&before).summary().harm;
    assert!(harm.requests.wrong > 1_000, "{harm:?}");
    assert_eq!(harm.effects.mistaken, 0, "it was published before anything was misread");
}
