//! Repairs: what they write has a cause, and units are converted only where that is said.

use scenarios::Bundle;
use sim::{Explanation, Figure, Outcome, World};
use trials::runs::{lived, model};
use trials::text::{bundled, edited, swapped};

const NAMED: &str = "with: billing 6, rate: 2000";

/// The lesson of two units, in which invoices only read, with a repair that makes cents of euros.
fn repaired(edit: impl Fn(&str) -> String) -> Bundle {
    edited(bundled("cents-as-euros"), |text| {
        let (before, _) = text.split_once("plans:\n").expect("it has plans");
        let repair = format!("  back: {{store: accounts, from: euros, to: cents, {NAMED}}}\n");
        let plan = "  repair:\n    about: there and back\n    steps:\n\
                    \x20     - {at: 8m, do: {deploy: billing 5}}\n      - {at: 10m, do: {repair: back}}\n";
        let before =
            swapped(before, "        - rewrite: accounts\n          sets: seen\n", "        - read: accounts\n");
        edit(&format!("{before}repairs:\n{repair}plans:\n{plan}"))
    })
}

fn rescaling(text: &str) -> String {
    swapped(text, NAMED, &format!("{NAMED}, rescales: balance"))
}

fn end(bundle: &Bundle) -> World {
    lived(&model(bundle), Some("repair"), 1)
}

fn warnings(bundle: &Bundle) -> String {
    let warnings = scenarios::compile(bundle).expect("a good scenario").warnings;
    warnings.map_or(String::new(), |warnings| warnings.to_string())
}

fn roots(explanation: &Explanation) -> Vec<String> {
    let roots = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    roots.map(|link| link.line.what.clone()).collect()
}

#[test]
fn a_repair_that_does_not_convert_a_unit_leaves_everything_misread_and_check_says_so() {
    let bundle = repaired(str::to_owned);
    let told = warnings(&bundle);
    assert!(told.contains("`back` leaves `balance` as it is"), "{told}");
    let end = end(&bundle).summary();
    assert!(end.harm.misread.remaining > 5_000, "{:?}", end.harm);
    assert_eq!(end.outcome, Outcome::NotRecovered);
}

#[test]
fn a_repair_that_converts_a_unit_makes_the_rest_right() {
    let bundle = repaired(rescaling);
    assert!(!warnings(&bundle).contains("another unit"));
    let world = end(&bundle);
    let harm = world.summary().harm;
    assert!(harm.misread.ever > 5_000 && harm.misread.remaining == 0, "{harm:?}");
    // In those two minutes billing 5 has added cents to sums in euros, which nothing makes right.
    assert!((100..2_000).contains(&harm.damaged.remaining), "{:?}", harm.damaged);
}

/// What is left of a plan without one of its steps.
fn without(text: &str, step: &str) -> String {
    swapped(text, &format!("      - {step}\n"), "")
}

#[test]
fn what_a_repair_writes_leads_to_its_order() {
    let repaired = repaired(|text| without(&rescaling(text), "{at: 8m, do: {deploy: billing 5}}"));
    let explained = end(&repaired).explain(Figure::Misread);
    assert!(explained.count.ever > 5_000, "billing 6 gets cents: {:?}", explained.count);
    let roots = roots(&explained);
    assert!(roots.iter().any(|root| root.starts_with("run back")), "{roots:?}");
    assert!(!roots.iter().any(|root| root.contains("writes accounts in cents")), "{roots:?}");
}

#[test]
fn a_repair_after_which_as_much_is_misread_is_no_cause_of_that() {
    let misread = |bundle: &Bundle| end(bundle).explain(Figure::Misread);
    let explained = misread(&repaired(str::to_owned));
    let alone = misread(&repaired(|text| without(text, "{at: 10m, do: {repair: back}}")));
    assert_eq!(explained.count, alone.count);
    assert_eq!(roots(&explained), ["deploy billing 5"]);
}

const MAPPED: &str = r#"title: a repair that puts one symbol for another
horizon: 10m
classes: [plain, rich]
traffic: {w: {to: app.put, rate: 20/s, classes: {plain: 90 %, rich: 10 %}}}
stores:
  docs:
    formats:
      d1: |
        {"type": "record", "name": "D", "fields": [
          {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A"]}}]}
      d2: |
        {"type": "record", "name": "D", "fields": [
          {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "C"]}}]}
services:
  app:
    runs: "1"
    endpoints: {put: [{create: docs, values: {e: {rich: C}}}]}
    versions:
      "1": {formats: {docs: {reads: d1, writes: d1}}}
      "2": {formats: {docs: {reads: d2, writes: d2}}}
release: [{at: 1m, do: {deploy: app 2}}]
repairs: {fix: {store: docs, from: d2, to: d1, with: app 2, rate: 500, symbols: {e: {C: A}}}}
plans: {fix: {about: f, steps: [{at: 5m, do: {undo: app}}, {at: 6m, do: {repair: fix}}]}}
"#;

#[test]
fn what_a_repair_spoils_is_its_doing_and_leads_to_its_order() {
    let bundle = Bundle::from_text("mapped", MAPPED.to_owned(), "");
    let damaged = lived(&model(&bundle), Some("fix"), 1).explain(Figure::Damaged);
    assert!(damaged.count.ever > 0);
    let told = damaged.chain.last().expect("a chain");
    assert!(told.line.what.starts_with("the repair fix writes back a record in d2 of app 2"), "{:?}", told.line);
    assert_eq!(roots(&damaged), ["deploy app 2", "run fix"]);
}

#[test]
fn no_part_has_fewer_records_ever_than_at_the_end() {
    for figure in [Figure::Misread, Figure::Damaged, Figure::Data] {
        let explained = end(&repaired(str::to_owned)).explain(figure);
        assert!(explained.parts.iter().all(|part| part.count.ever >= part.count.remaining), "{:?}", explained.parts);
        assert!(!explained.parts.is_empty());
    }
}

#[test]
fn only_a_field_with_two_units_is_rescaled() {
    let bundle = repaired(|text| swapped(text, NAMED, &format!("{NAMED}, rescales: [seen, nothing]")));
    let problems = scenarios::compile(&bundle).expect_err("two mistakes").to_string();
    assert!(problems.contains("nothing"), "{problems}");
    let bundle = repaired(|text| swapped(text, NAMED, &format!("{NAMED}, rescales: seen")));
    let problems = scenarios::compile(&bundle).expect_err("a mistake").to_string();
    assert!(problems.contains("`seen` has no other unit in the format converted to"), "{problems}");
}
