//! What is said for an instant is what a run makes of an order given in it, also where a controller acts just then.

use model::action::{Action, ServiceAction};
use model::id::ServiceId;
use model::time::Span;
use sim::World;
use trials::runs::{begun, first_told, lived, model, second};
use trials::text::{edited, swapped};

use crate::said_ways::api;

const SEED: u64 = 1;
const DEPLOYED: &str = "at: 2m, do: {deploy: api 2}";

/// How long an undo takes as it is said for an instant.
fn said(world: &World) -> Option<Span> {
    let undo = Action::Service(ServiceId::ZERO, ServiceAction::Undo);
    let ways = world.ways_back(1);
    let mut all = ways.changes.iter().flat_map(|changed| &changed.ways);
    let own = all.find(|way| way.before.is_empty() && way.choice.action == undo);
    own.and_then(|way| way.durations).and_then(|took| took.p50)
}

/// Replicas are up every ten seconds from the deployment on: each of these instants is one in which a controller acts,
/// or one just before or after it. Nothing is drawn.
#[test]
fn an_order_in_the_instant_of_a_controller_takes_as_long_as_is_said() {
    for rules in ["rollout: {surge: 2, unavailable: 0}", "statefulset: {}", "in_place: {batch: 3}"] {
        for millis in [129_999, 130_000, 130_001, 140_000, 150_000, 155_000] {
            let at = second(0) + Span::from_millis(millis);
            let undone = format!("at: {millis}ms, do: {{undo: api}}");
            let end = lived(&model(&api(rules, &[DEPLOYED, &undone])), None, SEED).summary();
            let took = first_told(&end, "in effect: roll back api").map(|then| then.since(at));
            let mut world = begun(&model(&api(rules, &[DEPLOYED])), None, SEED);
            world.run_up_to(at);
            assert_eq!(said(&world), took, "{rules}, {millis} ms");
        }
    }
}

/// A fix is built from 5:00 to 9:00, and takes over. Somebody who undoes in the instant in which it is built was first:
/// it stays built, and where the service goes they have said. A millisecond later they undo the fix.
#[test]
fn an_order_comes_before_what_is_built_in_its_instant() {
    let released = |more: &[&str]| {
        let steps = [&[DEPLOYED, "at: 5m, do: {forward: api 3}"], more].concat();
        edited(api("rollout: {surge: 2, unavailable: 0}\n    pipeline: [{stage: build, takes: 4m}]", &steps), |text| {
            swapped(text, "\"2\": {}\n", "\"2\": {}\n      \"3\": {artifact: unbuilt}\n")
        })
    };
    for (millis, to) in [(539_999, "1"), (540_000, "1"), (540_001, "2")] {
        let at = second(0) + Span::from_millis(millis);
        let end = lived(&model(&released(&[&format!("at: {millis}ms, do: {{undo: api}}")])), None, SEED).summary();
        let took = first_told(&end, "in effect: roll back api").map(|then| then.since(at));
        let mut world = begun(&model(&released(&[])), None, SEED);
        world.run_up_to(at);
        let ways = world.ways_back(1);
        let labels: Vec<_> =
            ways.changes.iter().flat_map(|own| &own.ways).map(|own| own.choice.label.as_str()).collect();
        assert!(took.is_some() && labels.contains(&format!("roll back api to {to}").as_str()), "{millis}: {labels:?}");
        assert_eq!(said(&world), took, "{millis} ms");
    }
}
