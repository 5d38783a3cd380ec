//! Pipelines: stages that fail, and fixes that are none.

use model::action::{Action, ServiceAction};
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Durations, WayBack, World};
use trials::runs::{begun, lived, model, told};
use trials::text::{bundled, edited, swapped};

/// `artifact-gone`, with one stage of this kind, and what may come out of it instead of 31.
fn search(stage: &str, wrong: &str) -> Bundle {
    edited(bundled("artifact-gone"), |text| {
        let text = swapped(text, "{stage: find the fault, takes: 10m}", &format!("{{stage: mend, {stage}}}"));
        let text =
            swapped(&text, "      - {stage: build and test, takes: 12m}\n      - {stage: stage, takes: 5m}\n", "");
        swapped(&text, "\"31\": {artifact: unbuilt}", wrong)
    })
}

const RIGHT: &str = "\"31\": {artifact: unbuilt}";
const WRONG: &str = "\"31\": {artifact: unbuilt, wrong: {share: 25 %, version: 31 that fails}}
      \"31 that fails\":
        artifact: unbuilt
        defects: [{defect: long queries find nothing, endpoint: query, share: 10 %}]";

/// The way forward, tried 200 times from the eighth minute on.
fn forward(bundle: &Bundle) -> WayBack {
    let mut world = begun(&model(bundle), None, 1);
    world.run_until(Time::ZERO + Span::from_secs(8 * 60));
    let ways = world.ways_back(200).changes.into_iter().flat_map(|changed| changed.ways);
    let mut forward = ways.filter(|way| matches!(way.choice.action, Action::Service(_, ServiceAction::Forward(_))));
    let way = forward.next().expect("there is a way forward");
    assert!(forward.next().is_none(), "nobody sets out to build a fix that is none");
    way
}

fn minutes(durations: Durations) -> (u64, u64) {
    let whole = |span: Option<Span>| span.expect("it got there").nanos() / (60 * 1_000_000_000);
    (whole(durations.p50), whole(durations.p90))
}

#[test]
fn a_stage_that_fails_is_gone_through_again() {
    let sure = forward(&search("takes: 10m", RIGHT)).durations.unwrap();
    assert_eq!((sure.reached, minutes(sure)), (1, (10, 10)), "one is enough without luck");
    // 80 % get through at once, 96 % with the second attempt: so says the geometric distribution.
    let flaky = forward(&search("takes: 10m, fails: 20 %", RIGHT)).durations.unwrap();
    assert_eq!((flaky.reached, minutes(flaky)), (200, (10, 20)));
}

#[test]
fn a_fix_that_is_none_does_not_get_there() {
    let Durations { reached, .. } = forward(&search("takes: 10m", WRONG)).durations.unwrap();
    // Binomial: 150 of 200 in the mean, with a standard deviation of 6.1.
    assert!((132..=168).contains(&reached), "{reached}");
}

/// Whether every replica of the service is of a version, and whether the right fix can be ordered.
fn state(world: &World, version: &str) -> (bool, bool) {
    let view = world.view(world.scenario().player);
    let fix = view.choices.iter().find(|choice| choice.label == "fix forward with search 31");
    let versions = view.services[0].versions.iter();
    (versions.map(|own| own.label.as_str()).eq([version]), fix.is_some_and(|choice| choice.refused.is_none()))
}

#[test]
fn what_came_out_of_it_runs_and_the_right_one_can_be_built_after_it() {
    let model = model(&search("takes: 10m", WRONG));
    let mut wrong = 0;
    for seed in 1..=20 {
        let world = lived(&model, Some("forward-fix"), seed);
        let has_recovered = world.summary().clocks.full().is_some();
        let (is_mistaken, can_be_built) = state(&world, "31 that fails");
        assert_eq!((has_recovered, can_be_built), (!is_mistaken, is_mistaken), "{seed}");
        assert_eq!(state(&world, "31").0, !is_mistaken, "{seed}");
        wrong += u32::from(is_mistaken);
    }
    // Binomial: 5 of 20 in the mean, with a standard deviation of 1.9.
    assert!((1..=11).contains(&wrong), "{wrong}");
}

#[test]
fn the_stage_that_failed_is_the_one_that_is_told() {
    let bundle = edited(bundled("artifact-gone"), |text| swapped(text, "takes: 5m}", "takes: 5m, fails: 90 %}"));
    let end = lived(&model(&bundle), Some("forward-fix"), 1).summary();
    let failed = |stage: &str| told(&end, &format!("failed: {stage}all stages are gone through again")).len();
    let (all, last) = (told(&end, "all stages are gone through again").len(), failed("stage; "));
    assert!(all > 0 && all == last, "{all} failed, and {last} at the stage that can");
}
