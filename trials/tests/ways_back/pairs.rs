//! Ways back that one order alone does not lead along: the second one is what the first one waits for.

use model::action::{Action, ServiceAction, Stopped};
use model::time::Span;
use scenarios::Bundle;
use sim::{Left, WayBack, WaysBack, World};
use trials::runs::{begun, model, second};
use trials::text::{edited, swapped};

use crate::said_ways::{api, ways};

const SEED: u64 = 1;
const DEPLOYED: &str = "at: 2m, do: {deploy: api 2}";

fn labels(ways: &WaysBack) -> Vec<&str> {
    ways.changes.iter().flat_map(|changed| &changed.ways).map(|way| way.choice.label.as_str()).collect()
}

fn labelled<'w>(ways: &'w WaysBack, label: &str) -> &'w WayBack {
    let mut all = ways.changes.iter().flat_map(|changed| &changed.ways);
    all.find(|way| way.choice.label == label).unwrap_or_else(|| panic!("no `{label}` in {:#?}", labels(ways)))
}

fn steps(way: &WayBack) -> String {
    way.steps.iter().map(|step| step.what.clone()).collect::<Vec<_>>().join("; ")
}

fn reached(way: &WayBack) -> Option<u32> {
    way.durations.map(|took| took.reached)
}

/// Whether a way gets there each time, and leaves nothing.
fn gets_back(way: &WayBack) -> bool {
    way.durations.is_some_and(|took| took.reached == took.tried) && way.left == Some(Left::default())
}

fn at(bundle: &Bundle, seconds: u64) -> World {
    let mut world = begun(&model(bundle), None, SEED);
    world.run_until(second(seconds));
    world
}

// A StatefulSet that replaces nothing by itself.

#[test]
fn what_is_replaced_when_it_is_stopped_goes_back_by_an_undo_and_a_stop() {
    let rules = "statefulset: {update: on-delete}";
    let released = [DEPLOYED, "at: 150s, do: {stop: api, which: all}"];
    let out = ways(&api(rules, &released), 600);
    assert_eq!(reached(labelled(&out, "roll back api to 1")), Some(0), "nobody stops any");
    assert!(gets_back(labelled(&out, "roll back api to 1, and stop all replicas of api")));
    let stopped = "at: 20m, do: {stop: api, which: all}";
    let undone = api(rules, &[released[0], released[1], "at: 10m, do: {undo: api}", stopped]);
    let back = ways(&undone, 700);
    assert!(gets_back(labelled(&back, "stop all replicas of api")), "{:?}", labels(&back));
    let offered = |seconds| {
        let world = at(&undone, seconds);
        let choices = world.view(world.scenario().player).choices;
        choices.iter().any(|own| matches!(own.action, Action::Service(_, ServiceAction::Stop(Stopped::All))))
    };
    assert!(offered(700) && !offered(1500), "while some run what they are not told to");
    let rolls = ways(&api("statefulset: {}", &[DEPLOYED]), 600);
    assert!(labels(&rolls).iter().all(|label| !label.contains("stop all")), "{:?}", labels(&rolls));
}

// A step that waits for somebody.

/// An undo leads from 3 to 2: what was there before the run is deployed, and promoted past the step that waits.
#[test]
fn what_was_there_before_is_deployed_past_a_step_that_waits() {
    let three = |text: &str| swapped(text, "      \"2\": {}\n", "      \"2\": {}\n      \"3\": {}\n");
    let rules = "canary: {router: {}, steps: [weight: 20 %, wait: promotion, weight: 60 %, pause: 1m]}";
    let on = ["at: 1m, do: {deploy: api 2}", "at: 2m, do: {promote: api, to: end}"];
    let on = [on[0], on[1], "at: 4m, do: {deploy: api 3}", "at: 5m, do: {promote: api, to: end}"];
    let ways = ways(&edited(api(rules, &on), three), 600);
    assert_eq!(reached(labelled(&ways, "deploy api 1")), Some(0));
    let both = labelled(&ways, "deploy api 1, and promote api to the end");
    assert!(gets_back(both), "{both:?}");
    let said = steps(both);
    assert!(!said.contains("goes through") && said.contains("no step, pause or analysis"), "{said}");
    let alone = steps(labelled(&ways, "deploy api 1"));
    assert!(alone.contains("goes through 4 steps"), "{alone}");
}

/// To Flagger the version of before is no change: a test that waits for a word goes on to wait, unless it is given up
/// first.
#[test]
fn a_test_that_waits_for_a_word_is_given_up_and_undone() {
    let test = "step_weight: 50 %, interval: 20s, metrics: [{errors: all, most: 10 %}]";
    let rules = format!("flagger: {{gates: [promotion], {test}}}");
    let ways = ways(&api(&rules, &[DEPLOYED]), 600);
    assert_eq!(reached(labelled(&ways, "roll back api to 1")), Some(0));
    let both = labelled(&ways, "abort the rollout of api, then roll back api to 1");
    assert!(gets_back(both), "{both:?}");
    assert!(both.durations.and_then(|took| took.p90).is_some_and(|took| took < Span::from_secs(60)));
}

/// A quota leaves no room beyond nine replicas: the back-off of what is refused is long, and fewer replicas have none.
#[test]
fn fewer_replicas_under_a_quota_are_listed_where_that_is_much_sooner() {
    let rules = "rollout: {surge: 1, unavailable: 0}";
    let tight = |quota: &str| {
        let faults = format!("faults: [{{quota: api, replicas: {quota}, at: 150s, lasts: 20m}}]\n");
        let ways = ways(&edited(api(rules, &[DEPLOYED]), |text| format!("{text}{faults}")), 170);
        let own = labelled(&ways, "roll back api to 1").durations.and_then(|took| took.p50).expect("it gets there");
        let fewer = ways.changes.iter().flat_map(|changed| &changed.ways);
        let fewer = fewer.filter(|way| way.choice.label.starts_with("scale api to 9 replicas, and roll back")).count();
        (own, fewer)
    };
    let (own, fewer) = tight("10");
    assert!(own > Span::from_secs(1000) && fewer == 1, "{own}, {fewer}");
    let (own, fewer) = tight("20");
    assert!(own < Span::from_secs(200) && fewer == 0, "{own}, {fewer}");
}
