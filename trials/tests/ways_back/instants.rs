//! What is said for an instant is what a run makes of an order given in it, also where a controller acts just then.

use model::action::{Action, ServiceAction};
use model::id::ServiceId;
use model::time::Span;
use sim::World;
use trials::runs::{begun, first_told, lived, model, second};

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
