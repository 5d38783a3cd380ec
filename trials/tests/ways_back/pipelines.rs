//! Forward through a pipeline: how long it takes when it comes out as it was meant, and how often it does.

use scenarios::Bundle;
use sim::WayBack;
use trials::runs::{begun, model, second};

/// Version 3 is to repair 2; so many in a hundred of its builds are something else.
fn forward(wrong: &str, fails: &str) -> WayBack {
    let text = format!(
        "title: t
horizon: 60m
traffic:
  users: {{to: web.page, rate: 5/s}}
services:
  web:
    replicas: 4
    startup: 20s
    pipeline: [{{stage: build, takes: 3m{fails}}}, {{stage: test, takes: 5m}}]
    runs: \"1\"
    endpoints: {{page: [work: 3ms]}}
    versions:
      \"1\": {{}}
      \"2\": {{}}
      \"3\": {{artifact: unbuilt{wrong}}}
      \"4\": {{artifact: unbuilt}}
seats: {{ic: {{role: commander}}, owner: {{role: owner}}, release: {{role: release}}}}
release: [{{at: 1m, do: {{deploy: web 2}}}}]
"
    );
    let mut world = begun(&model(&Bundle::from_text("web", text, "")), None, 1);
    world.run_until(second(240));
    let mut ways = world.ways_back(200).changes.remove(0).ways.into_iter();
    ways.find(|way| way.choice.label == "fix forward with web 3").expect("it can be built")
}

const WRONG: &str = ", wrong: {share: 60 %, version: \"4\"}";

#[test]
fn a_fix_that_comes_out_wrong_takes_no_time_of_those_that_do_not() {
    let [sure, wrong] = ["", WRONG].map(|wrong| forward(wrong, "").durations.expect("it was tried"));
    assert_eq!(sure.reached, sure.tried);
    assert!((40..120).contains(&wrong.reached) && wrong.tried == 200, "four in ten of {wrong:?}");
    assert_eq!((wrong.p50, wrong.p90), (sure.p50, sure.p90), "of those that came out as they were meant");
    assert!(sure.p50.is_some());
}

#[test]
fn the_steps_say_what_fails_and_what_comes_out_wrong() {
    let said = |way: &WayBack| way.steps.iter().map(|step| step.what.clone()).collect::<Vec<_>>().join("; ");
    let told = said(&forward(WRONG, ", fails: 30 %"));
    assert!(
        told.starts_with("build, of which 30 % fail, and all begins again; test; 60 % of such fixes are none; "),
        "{told}"
    );
    assert!(said(&forward("", "")).starts_with("build; test; replaces"));
}
