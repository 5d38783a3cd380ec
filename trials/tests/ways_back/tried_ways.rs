//! How often a way back is tried: what luck has a hand in many times, what it has not a few times, and all of it within
//! what may be spent.

use model::action::{Action, ServiceAction};
use model::time::Span;
use scenarios::Bundle;
use sim::{Durations, WaysBack};
use trials::runs::{begun, model, second};

/// So many replicas, and version 2 deployed at one minute.
fn undo(replicas: u32, startup: &str, one: &str) -> Durations {
    undone(replicas, startup, one, "5ms")
}

/// The same, with requests that take so long.
fn undone(replicas: u32, startup: &str, one: &str, work: &str) -> Durations {
    let text = format!(
        "title: t
horizon: 30m
traffic:
  users: {{to: api.get, rate: 1/s}}
services:
  api:
    replicas: {replicas}
    startup: {startup}
    endpoints:
      get: [work: {work}]
    versions:
      \"1\": {{{one}}}
      \"2\": {{}}
release:
  - {{at: 1m, do: {{deploy: api 2}}}}
"
    );
    let mut world = begun(&model(&Bundle::from_text("api", text, "")), None, 1);
    world.run_until(second(600));
    let ways = world.ways_back(200);
    let is_undo = |action: &Action| matches!(action, Action::Service(_, ServiceAction::Undo));
    let mut all = ways.changes.iter().flat_map(|changed| &changed.ways);
    let undo = all.find(|way| is_undo(&way.choice.action)).expect("it can be undone");
    undo.durations.expect("it can be tried")
}

#[test]
fn luck_is_tried_often() {
    let drawn = undo(4, "{mean: 10s}", "");
    assert_eq!((drawn.tried, drawn.reached), (200, 200));
    assert!(drawn.p50 < drawn.p90);
}

#[test]
fn without_luck_one_says_it_all() {
    let fixed = undo(4, "10s", "");
    assert_eq!((fixed.tried, fixed.reached, fixed.is_certain), (1, 1, true));
    assert!(fixed.p50.is_some() && fixed.p50 == fixed.p90, "{fixed:?}");
    let many = undo(1000, "10s", "");
    assert_eq!((many.tried, many.is_certain, many.p50), (1, true, many.p90), "and of many replicas as well");
}

/// Who is told to stop waits for them; how long they take was settled when they came.
#[test]
fn requests_under_way_have_had_their_luck() {
    let recreated = "10s\n    drain: 10m\n    rollout: {strategy: recreate}";
    let asked = undone(4, recreated, "", "{mean: 5s}, work: {mean: 20s}");
    assert_eq!((asked.tried, asked.reached, asked.is_certain), (1, 1, true));
    assert!(asked.p50 > Some(Span::from_secs(40)), "{asked:?}");
}

/// Whatever else there is to be drawn: nothing happens in between.
#[test]
fn what_is_in_effect_at_once_is_tried_once() {
    let ways = many(1, 100, "");
    let mut all = ways.changes.iter().flat_map(|changed| &changed.ways);
    let hold = all.find(|way| matches!(way.choice.action, Action::Service(_, ServiceAction::Pause)));
    let took = hold.and_then(|way| way.durations).expect("it can be held");
    assert_eq!((took.tried, took.is_certain, took.p90), (1, true, Some(Span::ZERO)));
}

#[test]
fn many_replicas_share_what_may_be_spent() {
    let many = undo(1000, "{mean: 10s}", "");
    assert!((20..200).contains(&many.tried) && many.reached == many.tried, "{many:?}");
}

/// A trial lives through a day, unless nothing is ahead but processes that die again: else hundreds of them would use
/// up what may be spent before the twentieth.
#[test]
fn who_dies_at_every_start_is_not_waited_for() {
    let dies = undo(400, "10s", "defects: [{defect: it lacks a key, at: start}]");
    assert_eq!((dies.tried, dies.reached, dies.p50), (1, 0, None));
    let late = undo(400, "{mean: 10s}", "defects: [{defect: it lacks a key, at: start}]");
    assert_eq!((late.tried, late.reached, late.p50), (20, 0, None));
}

/// So many services with so many replicas each, all of them in the middle of a rollout.
fn many(services: u32, replicas: u32, rollout: &str) -> WaysBack {
    let each = |write: &dyn Fn(u32) -> String| (0..services).map(write).collect::<String>();
    let service = |id| {
        format!(
            "  api{id}:
    replicas: {replicas}
    startup: {{mean: 10s}}
{rollout}    endpoints:
      get: [work: 5ms]
    versions:
      \"1\": {{}}
      \"2\": {{}}
"
        )
    };
    let text = format!(
        "title: t
horizon: 30m
traffic:
{}services:
{}release:
{}",
        each(&|id| format!("  users{id}: {{to: api{id}.get, rate: 1/s}}\n")),
        each(&service),
        each(&|id| format!("  - {{at: 1m, do: {{deploy: api{id} 2}}}}\n")),
    );
    let mut world = begun(&model(&Bundle::from_text("many", text, "")), None, 1);
    world.run_until(second(70));
    world.ways_back(200)
}

/// What fifty million looks cost is a second of a slow machine. Nothing is measured here: work is counted.
#[test]
fn whatever_there_is_costs_the_same() {
    for (services, replicas, rollout) in [
        (1, 1000, ""),
        (3, 1000, ""),
        (10, 100, ""),
        (1, 1000, "    statefulset: {}\n"),
        (1, 1000, "    in_place: {}\n"),
        (20, 100, "    in_place: {}\n"),
        (20, 100, "    in_place: {batch: 10}\n"),
    ] {
        let ways = many(services, replicas, rollout);
        let tried: Vec<_> = ways.changes.iter().flat_map(|own| &own.ways).filter_map(|way| way.durations).collect();
        // One trial of each is made in any case.
        let is_least = tried.iter().all(|own| own.tried == 1) && ways.work < 100_000_000;
        assert!(is_least || ways.work < 66_000_000, "{services} x {replicas} {rollout}: {}", ways.work);
        assert!(tried.len() as u32 >= 2 * services && tried.iter().all(|own| own.tried > 0), "{tried:?}");
    }
}
