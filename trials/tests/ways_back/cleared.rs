//! Ways back that work once something is out of the way; what is said while a service goes back; and what is not
//! offered, because it leads nowhere.

use scenarios::Bundle;
use sim::{Changed, Model, Subject, WayBack};
use trials::runs::{begun, first_told, library, lived, model, second};
use trials::text::{bundled, edited, swapped};

fn changed(model: &Model, at: u64) -> Changed {
    let mut world = begun(model, None, 1);
    world.run_until(second(at));
    let mut all = world.ways_back(5).changes.into_iter();
    all.find(|changed| changed.what == Subject::Service).expect("it was changed")
}

fn labels(changed: &Changed) -> Vec<&str> {
    changed.ways.iter().map(|way| way.choice.label.as_str()).collect()
}

/// The share of the trials of a way that got there, in percent; none, where it is not listed.
fn reached(changed: &Changed, label: &str) -> Option<u32> {
    way(changed, label)?.durations.map(|took| took.reached * 100 / took.tried)
}

fn way<'c>(changed: &'c Changed, label: &str) -> Option<&'c WayBack> {
    changed.ways.iter().find(|way| way.choice.label == label)
}

/// Six replicas, up after 10 s each; faults and steps.
fn api(faults: &str, steps: &[&str]) -> Model {
    let steps: String = steps.iter().map(|step| format!("  - {{{step}}}\n")).collect();
    let text = format!(
        "title: t
horizon: 30m
traffic:
  users: {{to: api.get, rate: 5/s}}
services:
  api:
    replicas: 6
    startup: 10s
    rollout: {{surge: 1, unavailable: 0}}
    endpoints:
      get: [work: 5ms]
    versions:
      \"1\": {{}}
      \"2\": {{}}
      \"3\": {{}}
{faults}
release:
{steps}"
    );
    model(&Bundle::from_text("api", text, ""))
}

/// Kubernetes documents it as "forced rollback": the template back, and then the pod deleted that never gets ready. In
/// the other order the pod comes back as it was.
#[test]
fn a_stateful_set_goes_back_when_what_is_stuck_is_stopped_after_it() {
    let vault = changed(&library("stateful-blocks"), 195);
    assert_eq!(reached(&vault, "roll back vault to 7"), Some(0));
    let [undo, stop] = ["roll back vault to 7", "stop the replicas of vault that do not get ready"];
    let both = format!("{undo}, and {stop}");
    assert_eq!(reached(&vault, &both), Some(100), "{:?}", labels(&vault));
    assert_eq!(reached(&vault, &format!("{stop}, and {undo}")), None);
    let took = way(&vault, &both).and_then(|way| way.durations?.p50).expect("it gets there");
    let run = |orders: [&str; 2]| {
        let steps: String = orders
            .iter()
            .zip([195, 196])
            .map(|(order, at)| format!("      - {{at: {at}s, do: {{{order}: vault}}}}\n"))
            .collect();
        let plan = format!("plans:\n  both:\n    about: both\n    steps:\n{steps}");
        let bundle = edited(bundled("stateful-blocks"), |text| swapped(text, "plans:\n", &plan));
        first_told(&lived(&model(&bundle), Some("both"), 1).summary(), "in effect: roll back vault")
    };
    let at = run(["undo", "stop"]).expect("it is in effect");
    assert!(at.since(second(195)).nanos().abs_diff(took.nanos()) <= 1_000_000_000, "{at} for {took}");
    assert_eq!(run(["stop", "undo"]), None);
}

/// What keeps a way from getting there is told: what the process dies of, and the quota.
#[test]
fn what_never_gets_there_says_why() {
    let rotated = library("rotated-secret");
    let mut world = begun(&rotated, None, 1);
    world.run_until(second(1200));
    let ways: Vec<_> = world.ways_back(5).changes.into_iter().flat_map(|changed| changed.ways).collect();
    let never: Vec<_> = ways.iter().filter(|way| way.durations.is_some_and(|took| took.reached == 0)).collect();
    assert!(!never.is_empty() && never.iter().all(|way| way.never.is_some()), "{never:#?}");
    assert!(never.iter().any(|way| way.never.as_ref().is_some_and(|why| why.contains("is not what it was built for"))));
    assert!(ways.iter().all(|way| way.never.is_none() || way.durations.is_some_and(|took| took.reached == 0)));
    let faults = "faults: [{quota: api, replicas: 6, at: 5m}]";
    let full = changed(&api(faults, &["at: 1m, do: {deploy: api 2}"]), 400);
    let undo = way(&full, "roll back api to 1").and_then(|way| way.never.clone());
    assert!(undo.as_ref().is_some_and(|why| why.contains("the quota of 6 replicas")), "{undo:?}");
}

#[test]
fn code_goes_back_when_its_config_does() {
    let gateway = changed(&library("config-stays"), 450);
    assert_eq!(reached(&gateway, "roll back gateway to 7"), Some(0));
    assert_eq!(reached(&gateway, "push limits 1, and roll back gateway to 7"), Some(100), "{:?}", labels(&gateway));
}

#[test]
fn under_a_quota_fewer_replicas_go_back() {
    let faults = "faults: [{quota: api, replicas: 6, at: 5m}]";
    let full = changed(&api(faults, &["at: 1m, do: {deploy: api 2}"]), 400);
    assert_eq!(reached(&full, "roll back api to 1"), Some(0));
    assert_eq!(reached(&full, "scale api to 5 replicas, and roll back api to 1"), Some(100), "{:?}", labels(&full));
    let free = changed(&api("", &["at: 1m, do: {deploy: api 2}"]), 400);
    assert!(!labels(&free).iter().any(|label| label.starts_with("scale")), "{:?}", labels(&free));
}

#[test]
fn what_is_only_starting_is_not_stopped() {
    let rolling = changed(&api("", &["at: 1m, do: {deploy: api 2}"]), 65);
    assert!(!labels(&rolling).iter().any(|label| label.starts_with("stop")), "{:?}", labels(&rolling));
}

/// The stable version dies of every request: its replicas are never all there, which an abort waits for.
#[test]
fn processes_that_have_died_of_requests_die_of_them_again() {
    let basket = changed(&library("abort-waits"), 240);
    let abort = "abort the rollout of basket";
    assert_eq!(reached(&basket, abort), Some(0), "{:?}", labels(&basket));
    let way = basket.ways.iter().find(|way| way.choice.label == abort).expect("it is listed");
    assert!(way.steps.iter().any(|step| step.what.contains("die of them again")), "{:?}", way.steps);
}

#[test]
fn a_way_back_to_a_version_between_is_one_too() {
    let steps = ["at: 1m, do: {deploy: api 2}", "at: 5m, do: {deploy: api 3}", "at: 10m, do: {undo: api}"];
    let api = changed(&api("", &steps), 610);
    assert_eq!([api.from.as_deref(), api.to.as_deref()], [Some("1"), Some("2, on its way back from 3")]);
    assert_eq!(labels(&api), ["deploy api 1"]);
}
