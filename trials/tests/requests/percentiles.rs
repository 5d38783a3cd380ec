//! Laws stated by percentiles: taken everywhere, and refused where they are none.

use scenarios::{Bundle, Compiled};
use sim::{Model, World};
use trials::runs::{compiled, lived, model};

/// A table wherever a law can stand.
fn bundle(law: &str) -> Bundle {
    let text = format!(
        "title: tables
horizon: 20m
traffic: {{guests: {{to: desk.ask, rate: 10/s}}}}
services:
  desk:
    startup: {law}
    pipeline: [{{stage: build, takes: {law}}}]
    endpoints:
      ask: [work: {law}, later: tidy]
      tidy: [work: 1ms]
    versions: {{\"1\": {{}}, \"2\": {{pull: {law}}}}}
jobs: {{tidy: {{runs: desk.tidy, after: {law}, retry: 1s}}}}
flags: {{lamp: {{}}}}
seats:
  ana: {{role: commander, answers: {law}}}
  olga: {{role: owner, answers: {law}}}
  launch: {{role: release}}
player: olga
release:
  - {{at: 1m, do: {{deploy: desk 2}}}}
"
    );
    Bundle::from_text("tables", text, "")
}

#[test]
fn a_table_stands_wherever_a_law_can() {
    let world = lived(&model(&bundle("{p50: 5ms, p90: 20ms, p99: 80ms, p99.9: 300ms}")), None, 1);
    let summary = world.summary();
    assert!(summary.harm.requests.total > 10_000 && summary.harm.requests.failed == 0, "{:?}", summary.harm);
    assert!(summary.timeline.iter().any(|line| line.what == "in effect: deploy desk 2"), "{:#?}", summary.timeline);
    assert_eq!(world.scenario().system.percentiles.len(), 1, "equal tables are kept once");
}

#[test]
fn half_and_99_alone_are_lognormal_as_ever_and_order_does_not_matter() {
    let digest = |law: &str| lived(&model(&bundle(law)), None, 1).digest();
    assert_eq!(compiled(&bundle("{p50: 5ms, p99: 80ms}")).system.percentiles.len(), 0);
    assert_eq!(digest("{p90: 20ms, p99.9: 300ms, p50: 5ms}"), digest("{p50: 5ms, p90: 20ms, p99.9: 300ms}"));
    assert_ne!(digest("{p50: 5ms, p90: 20ms}"), digest("{p50: 5ms, p90: 21ms}"));
}

/// The way from 10 s at p10 to 1000 s at p90 is half over at p50, on a logarithmic scale.
#[test]
fn people_are_told_the_median() {
    let world = World::new(Model::new(compiled(&bundle("{p10: 10s, p90: 1000s}"))), 1);
    let view = world.view(world.scenario().player);
    let switch = view.choices.iter().find(|choice| choice.label == "switch lamp on").expect("it can be switched");
    assert_eq!(switch.asks, ["ana (about 1m 40s)"]);
}

#[test]
fn a_table_that_is_none_is_refused_with_its_place() {
    for (law, said) in [
        ("{p90: 5ms}", "one percentile is no distribution"),
        ("{p50: 5ms, p90: 4ms}", "`p90` is below `p50`"),
        ("{p50: 5ms, p90: 9ms, p90.0: 10ms}", "this percentile is there already"),
        ("{p50: 5ms, p101: 9ms}", "`p101` is not a percentile"),
        ("{p50: 5ms, p9o: 9ms}", "`p9o` is not a percentile"),
        ("{p50: 5ms, p90: 9ms, mean: 3ms}", "`mean` is not a percentile"),
        ("{p0: 0s, p90: 9ms}", "a percentile is above zero"),
        ("{p50: 5, p90: 9ms}", "`5` has no unit"),
        ("{p50: 5ms}", "missing key `p99`"),
    ] {
        let text = format!("title: t\nhorizon: 1m\nservices: {{desk: {{endpoints: {{ask: [work: {law}]}}}}}}\n");
        let found = match scenarios::compile(&Bundle::from_text("t", text, "")) {
            Ok(Compiled { .. }) => panic!("{law} is refused"),
            Err(problems) => problems.short(),
        };
        assert!(found.contains(said) && found.contains("t.yaml:3:"), "{law}: {found}");
    }
}
