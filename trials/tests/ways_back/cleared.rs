//! Ways back that work once something is out of the way; what is said while a service goes back; and what is not
//! offered, because it leads nowhere.

use scenarios::Bundle;
use sim::{Changed, Model, Subject, WayBack};
use trials::runs::{begun, library, model, second};

fn changed(model: &Model, at: u64) -> Changed {
    let mut world = begun(model, None, 1);
    world.run_until(second(at));
    let mut all = world.ways_back(5).changes.into_iter();
    all.find(|changed| changed.what == Subject::Service).expect("it was changed")
}

fn labels(changed: &Changed) -> Vec<&str> {
    changed.ways.iter().map(|way| way.choice.label.as_str()).collect()
}

/// How many trials of a way got there; none, where it is not listed.
fn reached(changed: &Changed, label: &str) -> Option<u32> {
    let way: &WayBack = changed.ways.iter().find(|way| way.choice.label == label)?;
    way.durations.map(|took| took.reached)
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

/// Kubernetes documents it as "forced rollback": the template back, and the pod deleted that never gets ready.
#[test]
fn a_stateful_set_goes_back_when_what_is_stuck_is_stopped_as_well() {
    let vault = changed(&library("stateful-blocks"), 195);
    assert_eq!(reached(&vault, "roll back vault to 7"), Some(0));
    let both = "stop the replicas of vault that do not get ready, and roll back vault to 7";
    assert_eq!(reached(&vault, both), Some(5), "{:?}", labels(&vault));
}

#[test]
fn code_goes_back_when_its_config_does() {
    let gateway = changed(&library("config-stays"), 450);
    assert_eq!(reached(&gateway, "roll back gateway to 7"), Some(0));
    assert_eq!(reached(&gateway, "push limits 1, and roll back gateway to 7"), Some(5), "{:?}", labels(&gateway));
}

#[test]
fn under_a_quota_fewer_replicas_go_back() {
    let faults = "faults: [{quota: api, replicas: 6, at: 5m}]";
    let full = changed(&api(faults, &["at: 1m, do: {deploy: api 2}"]), 400);
    assert_eq!(reached(&full, "roll back api to 1"), Some(0));
    assert_eq!(reached(&full, "scale api to 5 replicas, and roll back api to 1"), Some(5), "{:?}", labels(&full));
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
