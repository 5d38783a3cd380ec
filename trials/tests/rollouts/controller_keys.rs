//! What controllers are told beside their steps: weights finer than a percent, how much is enough, sizes that follow.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Summary, World};
use trials::runs::{begun, first_told, is_told, lived, minutes, model, share_of_new};

const SEED: u64 = 1;

/// Ten replicas under a controller; version 2 has these defects, and somebody does this.
fn shop(controller: &str, defects: &str, steps: &str) -> Bundle {
    let text = format!(
        "title: T\nlesson: [L]\nhorizon: 60m\ntraffic:\n  users: {{to: api.get, rate: 100/s}}\nservices:\n  api:\n    \
         replicas: 10\n    startup: 60s\n    {controller}\n    endpoints:\n      get: [work: 2ms]\n    \
         versions: {{\"1\": {{}}, \"2\": {{defects: [{defects}]}}}}\nseats:\n  ic: {{role: commander}}\n\
         plans:\n  p:\n    about: x\n    steps: [{steps}]\n"
    );
    Bundle::from_text("shop", text, "")
}

const DEPLOY: &str = "{at: 1m, do: {deploy: api 2}}";

fn world(bundle: &Bundle, until: u64) -> World {
    let mut world = begun(&model(bundle), Some("p"), SEED);
    world.run_until(Time::ZERO + minutes(until));
    world
}

fn end(bundle: &Bundle) -> Summary {
    lived(&model(bundle), Some("p"), SEED).summary()
}

fn ready_of_new(world: &World) -> u32 {
    let versions = &world.view(world.scenario().player).services[0].versions;
    versions.iter().find(|own| own.label == "2").map_or(0, |own| own.ready)
}

#[test]
fn weights_are_parts_of_what_they_add_up_to() {
    let fine = shop("canary: {router: {max_weight: 1000}, steps: [weight: 1.5 %, pause: 30m]}", "", DEPLOY);
    let mut world = world(&fine, 5);
    let shown = world.view(world.scenario().player).services[0].rollout.clone();
    assert!(shown.as_ref().is_some_and(|shown| shown.contains("canary 1.5 %")), "{shown:?}");
    // 90,000 requests: three standard deviations are 0.12 percent.
    let share = share_of_new(&mut world, 300, 1_200);
    assert!((share - 0.015).abs() < 0.0013, "{share}");

    for (router, said) in [("{}", "1.5 % is not a whole percentage"), ("{max_weight: 10}", "whole number of 10 parts")]
    {
        let coarse = shop(&format!("canary: {{router: {router}, steps: [weight: 1.5 %]}}"), "", DEPLOY);
        let problems = scenarios::compile(&coarse).expect_err(router);
        assert!(problems.short().contains(said), "{problems}");
    }
    let none = shop("canary: {router: {max_weight: 0}, steps: [weight: 10 %]}", "", DEPLOY);
    assert!(scenarios::compile(&none).expect_err("nothing").short().contains("what weights add up to"));
}

#[test]
fn a_step_is_done_when_enough_of_it_is_there() {
    let defect = "{defect: d, at: start, share: 70 %}";
    let done = |key: &str| {
        let canary = format!("canary: {{router: {{}}, {key}steps: [weight: 100 %, pause: 30m]}}");
        first_told(&end(&shop(&canary, defect, DEPLOY)), "step 1 of the rollout is done").expect("it gets there")
    };
    let [all, few] = ["", "progress_threshold: 30 %, "].map(done);
    assert!(few + minutes(1) < all, "{few} and {all}");
    assert_eq!(done("progress_threshold: 3, "), few, "three of ten");
    let none = scenarios::compile(&shop("canary: {progress_threshold: 0 %}", "", DEPLOY)).expect_err("nobody");
    assert!(none.short().contains("nobody to wait for"), "{}", none.short());
    let problems = scenarios::compile(&shop("canary: {progress_threshold: 11}", "", DEPLOY)).expect_err("of ten");
    assert!(problems.short().contains("how many replicas are enough is from 1 to 10"), "{problems}");
}

#[test]
fn a_size_of_its_own_ends_where_it_follows_the_weight_again() {
    let steps = "[scale: 1, weight: 50 %, pause: 10m, follow: weight, pause: 30m]";
    let canary = shop(&format!("canary: {{router: {{}}, steps: {steps}}}"), "", DEPLOY);
    assert_eq!([8, 20].map(|minute| ready_of_new(&world(&canary, minute))), [1, 5]);
    let problems = scenarios::compile(&shop("canary: {steps: [follow: weight]}", "", DEPLOY)).expect_err("no router");
    assert!(problems.short().contains("needs a traffic router"), "{problems}");
}

#[test]
fn a_restart_of_a_blue_green_rollout_takes_as_many_as_it_may() {
    let took = |unavailable: &str| {
        let restart = shop(&format!("blue_green: {{unavailable: {unavailable}}}"), "", "{at: 1m, do: {restart: api}}");
        let back = first_told(&end(&restart), "in effect: restart").expect("it gets there");
        back.since(Time::ZERO + minutes(1))
    };
    assert_eq!([took("1"), took("50 %")], [Span::from_secs(600), Span::from_secs(120)]);
}

#[test]
fn ticks_that_are_suspended_do_nothing() {
    let flagger = |suspend: &str| {
        let checks = "metrics: [{errors: new, most: 90 %}]";
        shop(&format!("flagger: {{interval: 10s, step_weight: 50 %, threshold: 20, {checks}{suspend}}}"), "", DEPLOY)
    };
    assert!(is_told(&end(&flagger("")), "in effect: deploy api 2"));
    let off = end(&flagger(", suspend: yes"));
    assert!(!is_told(&off, "in effect") && !is_told(&off, "first replica serves"), "nobody looks");
}
