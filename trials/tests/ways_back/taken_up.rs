//! Of two orders about one thing the controller may have to take up the first before it takes the second one; and what
//! an order brings to its end is what it takes.

use model::action::{Action, ServiceAction};
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{WayBack, WaysBack};
use trials::runs::{first_told, lived, model, second};

use crate::said_ways::{api, ways};

const SEED: u64 = 1;
const DEPLOYED: &str = "at: 2m, do: {deploy: api 2}";
const BOTH: &str = "roll back api to 1, and promote api to the end";
const CANARY: &str = "canary: {router: {scale_down_delay: 10m}, steps: [{weight: 20 %}, {wait: promotion}]}";
const PREVIEW: &str = "blue_green: {auto: no, preview_replicas: 1, scale_down_delay: 10m}";

fn labelled<'w>(ways: &'w WaysBack, label: &str) -> &'w WayBack {
    let mut all = ways.changes.iter().flat_map(|changed| &changed.ways);
    all.find(|way| way.choice.label == label).unwrap_or_else(|| panic!("no `{label}` in {ways:#?}"))
}

fn steps(way: &WayBack) -> String {
    way.steps.iter().map(|step| step.what.clone()).collect::<Vec<_>>().join("; ")
}

fn p50(way: &WayBack) -> Option<Span> {
    way.durations.and_then(|took| took.p50)
}

/// When the last order of a run that says these words is in effect.
fn in_effect(bundle: &Bundle, words: &str) -> Option<Time> {
    first_told(&lived(&model(bundle), None, SEED).summary(), &format!("in effect: {words}"))
}

// A promotion is one of a rollout under way.

/// The set that still stood is cut to what the first step asks for before anybody can promote it.
#[test]
fn what_waits_for_the_first_order_to_be_taken_up_takes_as_long_as_in_a_run() {
    for rules in [CANARY, PREVIEW] {
        let released = [DEPLOYED, "at: 4m, do: {promote: api}"];
        let ways = ways(&api(rules, &released), 360);
        let both = labelled(&ways, BOTH);
        let later = [released[0], released[1], "at: 360s, do: {undo: api}", "at: 361s, do: {promote: api, to: end}"];
        let at = in_effect(&api(rules, &later), "promote api to the end").expect("it is in effect");
        let took = at.since(second(360)).nanos();
        let foretold = p50(both).expect("it gets there").nanos();
        assert!(took > 5_000_000_000 && foretold.abs_diff(took) <= 500_000_000, "{rules}: {foretold} for {took}");
        assert!(steps(both).contains("when the controller has taken that up"), "{rules}: {}", steps(both));
    }
}

/// A set that still stands is cut to the preview where the controller starts one with fewer replicas.
#[test]
fn a_switch_with_a_preview_of_its_own_size_says_what_it_makes_of_replicas_that_stand() {
    let said = |rules: &str| {
        let ways = ways(&api(rules, &[DEPLOYED, "at: 4m, do: {promote: api}"]), 360);
        let undo = labelled(&ways, "roll back api to 1");
        (steps(undo), undo.durations.map_or(0, |took| took.reached))
    };
    let (cut, reached) = said(PREVIEW);
    assert_eq!(reached, 0);
    assert!(cut.contains("when somebody promotes it") && cut.contains("cut to 1 replica"), "{cut}");
    let (stands, reached) = said(&PREVIEW.replace("preview_replicas: 1, ", ""));
    assert!(reached > 0 && stands.contains("when all of them serve") && !stands.contains("cut"), "{stands}");
}

/// A hold lets a promotion in at once, of what was under way before; a moment later it is one of the way back.
#[test]
fn the_second_order_comes_a_moment_after_the_first() {
    let three = |text: &str| text.replace("\"2\": {}", "\"2\": {}\n      \"3\": {}");
    let held = [DEPLOYED, "at: 15m, do: {deploy: api 3}", "at: 16m, do: {pause: api}"];
    let rules = "canary: {router: {}, steps: [{weight: 25 %}, {pause: 5m}]}";
    let listed = ways(&trials::text::edited(api(rules, &held), three), 1080);
    let both = labelled(&listed, "deploy api 1, and promote api to the end");
    let later = [held[0], held[1], held[2], "at: 1080s, do: {deploy: api 1}", "at: 1081s, do: {promote: api, to: end}"];
    let at = in_effect(&trials::text::edited(api(rules, &later), three), "promote api to the end");
    let took = at.expect("it is in effect").since(second(1080)).nanos();
    let foretold = p50(both).expect("it gets there").nanos();
    assert!(foretold.abs_diff(took) <= 500_000_000, "{foretold} for {took}");
    assert!(steps(both).contains("the other order"), "{}", steps(both));
}

// A return that is under way.

/// A partition holds nobody any more as soon as it is moved; the undo that it held is in effect when all are replaced.
#[test]
fn a_partition_taken_off_a_return_takes_until_that_is_in_effect() {
    let orders = [
        DEPLOYED,
        "at: 8m, do: {partition: api, from: 10}",
        "at: 10m, do: {undo: api}",
        "at: 12m, do: {partition: api, from: 0}",
    ];
    let bundle = api("statefulset: {}", &orders);
    let at = in_effect(&bundle, "roll back api").expect("the undo is in effect");
    let ways = ways(&bundle, 719);
    let mut all = ways.changes.iter().flat_map(|changed| &changed.ways);
    let moved = all.find(|way| matches!(way.choice.action, Action::Service(_, ServiceAction::Partition(0))));
    let took = at.since(second(720));
    let near = moved.and_then(p50).map(|own| own.nanos().abs_diff(took.nanos()));
    assert!(took >= Span::from_secs(40), "{took}");
    assert!(near.is_some_and(|near| near < 2_000_000_000), "{moved:?} for {took}");
}

fn stop_of(ways: &WaysBack) -> &WayBack {
    let mut all = ways.changes.iter().flat_map(|changed| &changed.ways);
    let is_stop = |way: &&WayBack| matches!(way.choice.action, Action::Service(_, ServiceAction::Stop(_)));
    all.find(is_stop).unwrap_or_else(|| panic!("none is stopped: {ways:#?}"))
}

/// What is stopped is stopped at once; the undo that this brings on is in effect later.
#[test]
fn what_brings_a_return_on_takes_until_that_is_in_effect() {
    let dies = |text: &str| text.replace("\"2\": {}", "\"2\": {defects: [{defect: bad, at: start}]}");
    let on_delete = api(
        "statefulset: {update: on-delete}",
        &[
            DEPLOYED,
            "at: 180s, do: {stop: api, which: all}",
            "at: 10m, do: {undo: api}",
            "at: 12m, do: {stop: api, which: all}",
        ],
    );
    let blocked = [DEPLOYED, "at: 10m, do: {undo: api}", "at: 12m, do: {stop: api}"];
    let blocked = trials::text::edited(api("statefulset: {}", &blocked), dies);
    for bundle in [on_delete, blocked] {
        // A second before somebody stops them.
        let ways = ways(&bundle, 719);
        let at = in_effect(&bundle, "roll back api").expect("the undo is in effect");
        let stop = stop_of(&ways);
        let took = at.since(second(720));
        assert!(took >= Span::from_secs(10), "{took}");
        let near = p50(stop).map(|own| own.nanos().abs_diff(took.nanos()));
        assert!(near.is_some_and(|near| near < 2_000_000_000), "{:?} for {took}", p50(stop));
        assert!(stop.left.as_ref().is_some_and(sim::Left::is_nothing), "{stop:?}");
    }
}
