//! When an order is in effect: not before the running system is where it was to be, nor long after.

use model::action::{Action, ServiceAction};
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Durations, Subject, Summary};
use trials::runs::{begun, first_told, is_told, lived, model, second};
use trials::text::{bundled, edited};

const SEED: u64 = 1;

/// Ten replicas under these rules, each up after 10 s; version 2 is deployed at two minutes, and then this is done.
fn api(rules: &str, two: &str, steps: &[&str]) -> Bundle {
    let steps: String = steps.iter().map(|step| format!("  - {{{step}}}\n")).collect();
    let text = format!(
        "title: t
horizon: 30m
traffic:
  users: {{to: api.get, rate: 50/s}}
services:
  api:
    replicas: 10
    startup: 10s
    {rules}
    runs: \"1\"
    endpoints:
      get: [work: 5ms]
    versions:
      \"1\": {{}}
      \"2\": {{{two}}}
seats:
  release: {{role: release}}
release:
  - {{at: 2m, do: {{deploy: api 2}}}}
{steps}"
    );
    Bundle::from_text("api", text, "")
}

fn end(bundle: &Bundle) -> Summary {
    lived(&model(bundle), None, SEED).summary()
}

/// When this is told first, in seconds.
fn told_at(end: &Summary, words: &str) -> Option<u64> {
    first_told(end, words).map(|at| at.since(Time::ZERO).nanos() / 1_000_000_000)
}

/// One more step of the release of a bundled scenario.
fn also(name: &str, step: &str) -> Bundle {
    edited(bundled(name), |text| text.replacen("release:\n  - {at", &format!("release:\n  - {{{step}}}\n  - {{at"), 1))
}

/// The canary's replica goes half a minute later, and nobody is sent there.
#[test]
fn an_abort_is_in_effect_when_the_router_says_so() {
    let end = lived(&model(&bundled("sized-for-five")), Some("abort"), SEED).summary();
    assert_eq!(told_at(&end, "in effect: abort"), Some(300));
}

/// Before the switch nothing goes to the new version: going back is done in the pass that hears of it.
#[test]
fn an_undo_of_a_preview_is_in_effect_at_once() {
    let end = end(&also("too-late", "at: 3m, do: {undo: quotes}"));
    assert_eq!(told_at(&end, "in effect: roll back quotes"), Some(180));
}

/// The old set stays for ten minutes after the switch, and is no replica of those that were ordered.
#[test]
fn sets_that_are_kept_do_not_count_as_ordered() {
    let after = end(&api("blue_green: {scale_down_delay: 10m}", "", &["at: 5m, do: {scale: api, to: 12}"]));
    assert_eq!(told_at(&after, "in effect: scale"), Some(310));
    let before = end(&api("blue_green: {}", "", &["at: 125s, do: {scale: api, to: 20}"]));
    assert_eq!(told_at(&before, "in effect: scale"), Some(135));
}

#[test]
fn replicas_on_a_drained_host_count_as_ordered() {
    let steps = ["at: 5m, do: {drain: host-1}", "at: 6m, do: {scale: api, to: 12}", "at: 10m, do: {scale: api, to: 8}"];
    let end = end(&api("rollout: {surge: 1}", "", &steps));
    assert_eq!(told_at(&end, "in effect: scale api to 12"), Some(370));
    assert_eq!(told_at(&end, "in effect: scale api to 8"), Some(600), "those that are too many are on their way out");
}

const WAITS: &str = "canary: {router: {}, steps: [weight: 50 %, wait: promotion]}";

/// The plug-in lets go on what somebody has held, in the same command.
#[test]
fn a_promotion_lets_go_on_what_is_held() {
    for order in ["promote: api", "promote: api, to: end"] {
        let promote = format!("at: 4m, do: {{{order}}}");
        let end = end(&api(WAITS, "", &["at: 3m, do: {pause: api}", &promote]));
        let complete = told_at(&end, "the rollout is complete").expect("it goes on");
        assert!((240..300).contains(&complete), "{order}: {complete}");
    }
}

/// What was given up is taken up again by skipping all that is left, and that is in effect when it has come to its end.
#[test]
fn a_promotion_to_the_end_after_an_abort_is_in_effect_at_the_end() {
    let end = end(&api(WAITS, "", &["at: 150s, do: {abort: api}", "at: 3m, do: {promote: api, to: end}"]));
    let complete = told_at(&end, "the rollout is complete");
    assert!(complete.is_some_and(|at| at >= 180), "{complete:?}");
    assert_eq!(told_at(&end, "in effect: promote"), complete);
    assert!(!is_told(&end, "overtaken: promote"));
}

/// Only `kubectl rollout undo` refuses what is held.
#[test]
fn a_held_canary_can_be_undone() {
    for (rules, is_refused) in [(WAITS, false), ("blue_green: {auto: no}", false), ("rollout: {surge: 1}", true)] {
        let end = end(&api(rules, "", &["at: 125s, do: {pause: api}", "at: 3m, do: {undo: api}"]));
        assert_eq!(is_told(&end, "refused: the rollout of api is held"), is_refused, "{rules}");
        assert_eq!(is_told(&end, "in effect: roll back api"), !is_refused, "{rules}");
    }
}

#[test]
fn a_deadline_is_told_of_every_controller_that_has_one() {
    let dies = "defects: [{defect: cannot parse its config, at: start}]";
    for rules in [
        "rollout: {deadline: 2m}",
        "canary: {router: {}, deadline: 2m}",
        "canary: {deadline: 2m}",
        "blue_green: {deadline: 2m}",
    ] {
        let end = end(&api(rules, dies, &[]));
        let stalled = told_at(&end, "no progress of the rollout for 2m");
        assert!(stalled.is_some_and(|at| (240..300).contains(&at)), "{rules}: {stalled:?}");
        assert!(!is_told(&self::end(&api(rules, "", &[])), "no progress"), "{rules}");
    }
}

/// What is built already is brought in by Git, too; otherwise the next sync would take it back.
#[test]
fn a_fix_that_is_built_is_committed() {
    let steps = ["at: 10m, do: {commit: api 1}", "at: 15m, do: {forward: api 2}"];
    let rules = "gitops: {every: 30s, self_heal: yes, merge: 1m}\n    pipeline: [{stage: build, takes: 1m}]";
    let text = api(rules, "", &steps).text.replace("deploy: api 2", "commit: api 2");
    let end = end(&Bundle::from_text("api", text, ""));
    let fixed = told_at(&end, "in effect: fix forward").expect("it is in effect");
    assert!(fixed > 15 * 60 + 60, "review and checks take a minute: {fixed}");
    assert!(!is_told(&end, "what was changed by hand is taken back"));
}

/// Replicas 8 and 9 have the new version when somebody stops there. Going back touches nothing below the partition.
#[test]
fn a_rollback_below_a_partition_leaves_what_is_there() {
    let held = "at: 140s, do: {partition: api, from: 10}";
    let stays = end(&api("statefulset: {}", "", &[held, "at: 5m, do: {undo: api}"]));
    assert!(!is_told(&stays, "in effect: roll back api"));
    let tried = undo_at(&api("statefulset: {}", "", &[held]), second(300));
    assert_eq!((tried.reached, tried.p50), (0, None));
    let lowered = "at: 6m, do: {partition: api, from: 0}";
    let back = end(&api("statefulset: {}", "", &[held, "at: 5m, do: {undo: api}", lowered]));
    assert!(told_at(&back, "in effect: roll back api").is_some_and(|at| at > 360));
    let part = end(&api("statefulset: {partition: 5}", "", &[]));
    assert!(is_told(&part, "in effect: deploy api 2"), "the five below keep what they have, as they are told to");
}

/// What was rolled out in full is taken back on the five highest places only: that is in effect, and half is left.
#[test]
fn what_a_partial_rollback_leaves_is_counted_by_what_runs() {
    let mut world = begun(&model(&api("statefulset: {}", "", &["at: 15m, do: {partition: api, from: 5}"])), None, SEED);
    world.run_until(second(1000));
    let ways = world.ways_back(3);
    let undo = ways.changes[0].ways.iter().find(|way| way.choice.label.starts_with("roll back")).expect("it is there");
    let left = undo.left.as_ref().expect("it gets there");
    assert_eq!(
        (&left.services[..], &left.replicas[..]),
        (&[][..], &["5 of 10 replicas of api on another version".to_owned()][..])
    );
}

/// The host is out of reach from one to six minutes: an order for it alone passes it over, and does nothing.
#[test]
fn an_order_for_a_host_that_nobody_can_reach_is_not_in_effect() {
    let order = "do: {deploy: router 2, on: host-8}";
    let early = end(&also("stays-behind", &format!("at: 4m, {order}")));
    assert!(is_told(&early, "host-8 is out of reach: it is passed over"));
    assert!(!is_told(&early, "in effect: deploy router 2 on host-8"));
    let late = end(&also("stays-behind", &format!("at: 7m, {order}")));
    assert!(told_at(&late, "in effect: deploy router 2 on host-8").is_some_and(|at| at >= 420));
}

/// How long going back takes at a time, in trials without traffic.
fn undo_at(bundle: &Bundle, at: Time) -> Durations {
    let mut world = begun(&model(bundle), None, SEED);
    world.run_until(at);
    let ways = world.ways_back(10);
    let api = ways.changes.iter().find(|changed| changed.what == Subject::Service).expect("it was changed");
    let is_undo = |action: &Action| matches!(action, Action::Service(_, ServiceAction::Undo));
    let undo = api.ways.iter().find(|way| is_undo(&way.choice.action)).expect("it can be undone");
    undo.durations.expect("it can be tried")
}

/// Nobody asks in a trial, so nothing could be measured; what one goes back to was good, and is taken to be.
#[test]
fn a_way_back_through_an_analysis_gets_there() {
    let analysis = "analysis: [{errors: new, most: 1 %, every: 30s, count: 3}]";
    let canary =
        format!("canary: {{router: {{}}, steps: [weight: 10 %, pause: 1m, {analysis}, weight: 50 %, pause: 1m]}}");
    let flagger = "flagger: {interval: 30s, step_weight: 25 %, metrics: [{errors: new, most: 1 %}]}";
    for (rules, least, most) in [(canary.as_str(), 180, 240), (flagger, 120, 360)] {
        let lasts = Span::from_secs(15 * 60);
        let Durations { tried, reached, p50, .. } = undo_at(&api(rules, "", &[]), Time::ZERO + lasts);
        let p50 = p50.map(|p50| p50.nanos() / 1_000_000_000);
        assert!(reached == tried && p50.is_some_and(|p50| (least..=most).contains(&p50)), "{rules}: {reached} {p50:?}");
    }
}

/// A host is out of reach from nine to fourteen minutes: a trial that begins at ten waits four of them.
#[test]
fn a_fault_that_has_struck_ends_in_a_trial_as_it_does_in_the_run() {
    let bundle = api("in_place: {batch: 2, unreachable: wait}", "", &["at: 10m, do: {undo: api}"]);
    let faults = "faults:\n  - {unreach: host-3, at: 9m, lasts: 5m}\nservices:";
    let text = bundle.text.replacen("services:", faults, 1);
    let real = told_at(&end(&Bundle::from_text("api", text.clone(), "")), "in effect: roll back").expect("in the run");
    let tried = undo_at(&Bundle::from_text("api", text, ""), Time::from_nanos(second(600).nanos() - 1));
    let p50 = tried.p50.expect("it gets there").nanos() / 1_000_000_000;
    assert_eq!(tried.reached, tried.tried);
    assert!(p50.abs_diff(real - 600) <= 5, "{p50} beside {real}");
}
