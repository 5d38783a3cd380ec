//! Which calls fail in the end of a way back because of the versions that meet then, and which work nobody can do any
//! more, judged by a run that takes the way and in which everybody goes on to ask.

use model::authority::Actor;
use model::scenario::Step;
use model::time::Span;
use scenarios::Bundle;
use sim::{Left, WayBack, World};
use std::collections::BTreeSet;
use trials::runs::{begun, model, second};
use trials::text::{bundled, edited};

const SEED: u64 = 1;

/// A scenario of the library in which no version has a mistake of its own: what fails then, fails between versions.
fn faultless(name: &str) -> Bundle {
    edited(bundled(name), |text| {
        let is_mistake = |line: &&str| line.trim_start().starts_with("- {defect:") || line.trim() == "defects:";
        let lines = text.lines().filter(|line| !is_mistake(line));
        let lines: String = lines.map(|line| format!("{line}\n")).collect();
        // A version without anything is written as such.
        lines.replace("      \"2\":\nslos", "      \"2\": {}\nslos")
    })
}

fn at(name: &str, seconds: u64) -> World {
    let mut moment = begun(&model(&faultless(name)), None, SEED);
    moment.run_until(second(seconds));
    moment
}

/// The endpoints at which attempts fail from a minute after a way on, for nine minutes.
fn failing(moment: &World, way: &WayBack) -> BTreeSet<String> {
    let mut world = moment.clone();
    let took = way.durations.and_then(|took| took.p50).expect("it gets there");
    let orders = way.before.iter().copied().chain([way.choice.action]);
    let later = (0..).map(|later| moment.now() + Span::from_secs(later));
    world.follow(orders.zip(later).map(|(action, at)| Step::new(at, Actor::Fault, action)));
    let mut failed_by = |after: u64| {
        world.run_until(moment.now() + took + Span::from_secs(after));
        world.attempts().iter().map(|answers| answers.failed).collect::<Vec<_>>()
    };
    let (from, to) = (failed_by(60), failed_by(600));
    let names = moment.scenario().system.endpoints.iter().map(|endpoint| endpoint.name.to_string());
    let failed = names.zip(from.iter().zip(&to));
    failed.filter(|(_, (from, to))| to > from).map(|(name, _)| name).collect()
}

/// The endpoints at which calls are told to fail.
fn told(left: &Left) -> BTreeSet<String> {
    let endpoint = |words: &String| words.split(" of ").next().expect("it is the first word").to_owned();
    left.calls.iter().filter(|words| words.contains(" fails: ")).map(endpoint).collect()
}

/// Each way of a moment that gets there in one order, and what it leaves.
fn ways_of(moment: &World) -> Vec<(WayBack, Left)> {
    let ways = moment.ways_back(3).changes.into_iter().flat_map(|changed| changed.ways);
    ways.filter_map(|way| Some((way.clone(), way.left.filter(|_| way.before.is_empty())?))).collect()
}

/// What is told fails in a run, and where something fails it is told: in the release of two versions that need each
/// other, of a field that is removed, of a flag that means something else, and of a state that one version knows.
#[test]
fn calls_that_fail_after_a_way_back_are_told_and_no_others() {
    let (mut fails, mut harmless) = (0, 0);
    for (name, seconds) in [
        ("coordinated-launch", 720),
        ("removed-field", 420),
        ("strict-parser", 420),
        ("strict-parser", 780),
        ("reused-flag", 600),
        ("parked-carts", 260),
        ("parked-carts", 125),
        ("tightened-contract", 240),
    ] {
        let moment = at(name, seconds);
        for (way, left) in ways_of(&moment) {
            let (told, failing) = (told(&left), failing(&moment, &way));
            let label = format!("{name} {seconds}s, {}: {failing:?}, {left:#?}", way.choice.label);
            assert!(told.is_subset(&failing), "{label}");
            let is_told = !told.is_empty() || !left.pending.is_empty() || left.unreadable > 0;
            assert_eq!(is_told, !failing.is_empty(), "{label}");
            (fails, harmless) = (fails + u32::from(is_told), harmless + u32::from(!is_told));
        }
    }
    assert!(fails > 8 && harmless > 5, "{fails} {harmless}");
}

fn left_by(moment: &World, label: &str) -> Left {
    let mut ways = ways_of(moment).into_iter();
    let (_, left) = ways.find(|(way, _)| way.choice.label == label).unwrap_or_else(|| panic!("no {label}"));
    left
}

/// Who asks for what, and what is wrong with it.
#[test]
fn it_is_told_who_calls_and_what_is_wrong() {
    let calls = |name: &str, seconds: u64, label: &str| left_by(&at(name, seconds), label).calls;
    let launch = |label: &str| calls("coordinated-launch", 720, label);
    let said = launch("roll back pricing to 1");
    assert_eq!(said, ["pricing.bundle of pricing 1 fails: no such endpoint, called by shop 2"]);
    let said = launch("roll back shop to 1");
    assert_eq!(said, ["shop.bundle of shop 1 fails: no such endpoint, called by web 2"]);
    for harmless in ["roll back web to 1", "switch bundles off"] {
        assert!(launch(harmless).is_empty(), "{:?}", launch(harmless));
    }
    let said = calls("removed-field", 420, "roll back payment to 3");
    let [said] = &said[..] else { panic!("{said:?}") };
    assert!(said.starts_with("payment.pay of payment 3 fails: cannot read a v2 request of checkout 8"), "{said}");
}

/// Carts that are parked wait for a version that knows how to come back to one.
#[test]
fn work_that_nobody_can_do_any_more_is_counted() {
    let moment = at("parked-carts", 260);
    let left = left_by(&moment, "roll back shop to 1");
    assert_eq!(left.calls, ["shop.park of shop 1 fails: no such endpoint, called by parkers"]);
    let [said] = &left.pending[..] else { panic!("{left:?}") };
    assert_eq!(*said, format!("{} pieces of return that nobody can do", moment.under_way().tasks));
    // It comes due when the way is gone.
    let ways = ways_of(&moment);
    let (undo, _) = ways.iter().find(|(way, _)| way.choice.label == "roll back shop to 1").expect("it can be undone");
    assert!(undo.on_the_way.is_empty(), "{:?}", undo.on_the_way);
    assert!(left_by(&at("parked-carts", 125), "roll back shop to 1").pending.is_empty());
}

/// `web`, the second version of which does this, too; the first version of `shop` lacks what came with the second.
fn asking(step: &str) -> Bundle {
    let text = format!(
        "title: t
horizon: 60m
classes: [a, b]
traffic: {{users: {{to: web.page, rate: 5/s, classes: {{a: 100 %}}}}}}
jobs: {{later: {{runs: shop.new, after: 1s, retry: 5s}}}}
services:
  web:
    replicas: 2
    startup: 5s
    runs: \"1\"
    endpoints: {{page: [work: 1ms]}}
    versions: {{\"1\": {{}}, \"2\": {{endpoints: {{page: [work: 1ms, {step}]}}}}}}
  shop:
    replicas: 2
    startup: 5s
    runs: \"1\"
    endpoints: {{old: [work: 1ms], new: [work: 1ms]}}
    versions: {{\"1\": {{lacks: new}}, \"2\": {{}}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release:
  - {{at: 1m, do: {{deploy: shop 2}}}}
  - {{at: 2m, do: {{deploy: web 2}}}}
"
    );
    Bundle::from_text("asking", text, "")
}

/// A caller that goes on without an answer, a class that never comes and an endpoint that is there fail nothing.
#[test]
fn only_what_is_asked_and_needed_is_told() {
    let mut told = Vec::new();
    for step in [
        "call: shop.new",
        "{call: shop.old}",
        "{call: shop.new, optional: yes}",
        "{when: {class: a}, do: [call: shop.new]}",
        "{when: {class: b}, do: [call: shop.new]}",
        "{later: later}",
    ] {
        let mut moment = begun(&model(&asking(step)), None, SEED);
        moment.run_until(second(300));
        for (way, left) in ways_of(&moment) {
            let failing = failing(&moment, &way);
            // Whoever goes on without an answer has asked all the same.
            let fails = failing.contains("web.page") || step.contains("later") && !failing.is_empty();
            assert_eq!(!left.calls.is_empty(), fails, "{step}, {}: {failing:?} {left:#?}", way.choice.label);
            told.extend(left.calls);
        }
    }
    assert_eq!(told, ["shop.new of shop 1 fails: no such endpoint, called by web 2"; 3]);
}

/// Each revision lacks a field that the other one needs: whichever goes back first, the two that meet meanwhile do not
/// understand each other, and those that are left do.
#[test]
fn what_fails_only_on_the_way_is_told_as_such() {
    let needs = |field: &str| {
        let fields = format!("[{{\"name\": \"{field}\", \"type\": \"long\"}}]");
        format!("{{request: '{{\"type\": \"record\", \"name\": \"Pay\", \"fields\": {fields}}}'}}")
    };
    let text = format!(
        "title: t
horizon: 60m
traffic: {{users: {{to: web.page, rate: 5/s}}}}
contracts: {{shop.pay: {{revisions: {{v1: {}, v2: {}}}}}}}
services:
  web:
    replicas: 2
    startup: 5s
    runs: \"1\"
    endpoints: {{page: [call: shop.pay]}}
    versions: {{\"1\": {{}}, \"2\": {{calls: {{shop.pay: v2}}}}}}
  shop:
    replicas: 2
    startup: 5s
    runs: \"1\"
    endpoints: {{pay: [work: 1ms]}}
    versions: {{\"1\": {{}}, \"2\": {{serves: {{pay: v2}}}}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release:
  - {{at: 1m, do: {{deploy: shop 2}}}}
  - {{at: 2m, do: {{deploy: web 2}}}}
",
        needs("amount"),
        needs("cents"),
    );
    let mut moment = begun(&model(&Bundle::from_text("revised", text, "")), None, SEED);
    moment.run_until(second(300));
    let ways: Vec<_> = moment.ways_back(1).changes.into_iter().flat_map(|changed| changed.ways).collect();
    let of = |label: &str| ways.iter().find(|way| way.choice.label == label).unwrap_or_else(|| panic!("no {label}"));
    let calls = |way: &WayBack| way.left.as_ref().expect("it gets there").calls.clone();
    let both = of("roll back web to 1, then roll back shop to 1");
    let [said] = &both.on_the_way[..] else { panic!("{both:#?}") };
    assert!(said.starts_with("shop.pay of shop 2 fails: cannot read a v1 request of web 1"), "{said}");
    assert!(calls(both).is_empty(), "{both:#?}");
    for half in ["roll back web to 1", "roll back shop to 1"] {
        assert!(calls(of(half)).len() == 1 && of(half).on_the_way.is_empty(), "{:#?}", of(half));
    }
}

/// Work that is put off meets nothing before it is due.
#[test]
fn what_is_not_due_is_not_met_on_the_way() {
    for seconds in [125, 260] {
        let moment = at("parked-carts", seconds);
        let ways = moment.ways_back(3).changes.into_iter().flat_map(|changed| changed.ways);
        let met: Vec<_> = ways.flat_map(|way| way.on_the_way).filter(|met| met.contains("shop.resume")).collect();
        assert!(met.is_empty(), "none is due before the way is over: {met:?}");
    }
}
