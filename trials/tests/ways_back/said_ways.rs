//! What is said of a way back: how its controller goes about it and how many replicas it replaces; what was changed
//! beside versions; and what works instead, where something is refused.

use model::action::{Action, ServiceAction};
use scenarios::Bundle;
use sim::{Changed, Subject, WayBack, WaysBack};
use trials::runs::{begun, is_told, library, lived, model, second};

const SEED: u64 = 1;

/// Ten replicas under these rules, each up after 10 s; this is released.
pub(crate) fn api(rules: &str, steps: &[&str]) -> Bundle {
    let steps: String = steps.iter().map(|step| format!("  - {{{step}}}\n")).collect();
    let text = format!(
        "title: t
horizon: 30m
regions: {{eu: [a], us: [a]}}
traffic:
  users: {{to: api.get, from: eu, rate: 5/s}}
services:
  api:
    replicas: 10
    startup: 10s
    locality: region
    {rules}
    runs: \"1\"
    endpoints:
      get: [work: 5ms]
    versions:
      \"1\": {{}}
      \"2\": {{}}
seats:
  release: {{role: release}}
release:
{steps}"
    );
    Bundle::from_text("api", text, "")
}

pub(crate) fn ways(bundle: &Bundle, at: u64) -> WaysBack {
    let mut world = begun(&model(bundle), None, SEED);
    world.run_until(second(at));
    world.ways_back(5)
}

fn undo(ways: &WaysBack) -> &WayBack {
    let all = ways.changes.iter().flat_map(|changed| &changed.ways);
    let mut undos = all.filter(|way| matches!(way.choice.action, Action::Service(_, ServiceAction::Undo)));
    undos.next().expect("it can be undone")
}

/// The steps of an undo at this second, after version 2 was deployed at two minutes.
fn undone(rules: &str, at: u64) -> String {
    let steps = ways(&api(rules, &["at: 2m, do: {deploy: api 2}"]), at);
    undo(&steps).steps.iter().map(|step| step.what.clone()).collect::<Vec<_>>().join("; ")
}

const TEN_MINUTES: u64 = 600;

#[test]
fn a_deployment_says_how_many_and_how_far_it_may_go() {
    let rolling = "rollout: {surge: 2, unavailable: 0}";
    assert_eq!(undone(rolling, TEN_MINUTES), "replaces 10 replicas, at most 2 more and 0 fewer than 10 at a time");
    // Ten seconds for two replicas: at 2:25 four are replaced, and two are starting.
    assert_eq!(undone(rolling, 145), "replaces 6 replicas, at most 2 more and 0 fewer than 10 at a time");
    let recreated = "stops all 10 replicas at once, and starts 10 when those are gone: nobody serves meanwhile";
    assert_eq!(undone("rollout: {strategy: recreate}", TEN_MINUTES), recreated);
}

#[test]
fn a_stateful_set_says_that_it_goes_one_by_one_and_what_it_does_not_touch() {
    assert_eq!(undone("statefulset: {}", TEN_MINUTES), "replaces 10 replicas, one by one, from the highest place down");
    assert_eq!(
        undone("statefulset: {partition: 9}", TEN_MINUTES),
        "replaces 1 replica, one by one, from the highest place down; the lowest 9 replicas keep what they have"
    );
    let lowest = undone("statefulset: {partition: 1}", TEN_MINUTES);
    assert!(lowest.ends_with("; the lowest replica keeps what it has"), "{lowest}");
    assert_eq!(
        undone("statefulset: {update: on-delete}", TEN_MINUTES),
        "replaces no replica by itself: each gets it when somebody stops it"
    );
}

#[test]
fn a_canary_names_its_steps_unless_it_skips_them() {
    let steps = "steps: [weight: 10 %, pause: 1m, weight: 50 %, wait: promotion]";
    let canary = format!("canary: {{router: {{}}, {steps}}}");
    assert_eq!(
        undone(&canary, TEN_MINUTES),
        "all traffic to the stable version at once: it is there in full, and no replica of it is started"
    );
    let passed = "steps: [weight: 10 %, pause: 1m]";
    assert_eq!(
        undone(&format!("canary: {{router: {{}}, {passed}}}"), TEN_MINUTES),
        "goes through 2 steps (10 %, 1m 00s of pause): starts 10 replicas of it beside the others"
    );
    assert_eq!(
        undone(&format!("canary: {{router: {{}}, rollback_window: 1, {passed}}}"), TEN_MINUTES),
        "skips its 2 steps, being within the rollback window: starts 10 replicas of it beside the others"
    );
    assert_eq!(
        undone(&format!("canary: {{surge: 1, unavailable: 0, {passed}}}"), TEN_MINUTES),
        "goes through 2 steps (10 %, 1m 00s of pause): replaces 10 replicas, \
         at most 1 more and 0 fewer than 10 at a time"
    );
}

#[test]
fn a_switch_back_says_whether_anybody_still_stands_there() {
    let inside = undone("blue_green: {scale_down_delay: 20m}", TEN_MINUTES);
    assert!(inside.starts_with("starts no replica; 10 replicas of it still stand, until 00:22:"), "{inside}");
    let outside = undone("blue_green: {scale_down_delay: 2m}", TEN_MINUTES);
    assert!(outside.starts_with("starts 10 replicas of it beside those that serve; then switches"), "{outside}");
    let preview = undone("blue_green: {auto: no}", TEN_MINUTES);
    assert_eq!(preview, "nothing is switched: it has the traffic, and no replica of it is started");
}

#[test]
fn flagger_says_that_it_rolls_out_twice() {
    let metrics = "metrics: [{errors: all, most: 10 %}]";
    let flagger = format!("flagger: {{interval: 20s, step_weight: 50 %, {metrics}}}");
    let flagger = &format!("rollout: {{surge: 1, unavailable: 0}}\n    {flagger}");
    assert_eq!(
        undone(flagger, TEN_MINUTES),
        "tests a canary beside the primary, with 50 % more of the traffic at a time, up to 100 %, a tick every 20s, \
         then the primary rolls it out: replaces 10 replicas, at most 1 more and 0 fewer than 10 at a time; \
         what is measured on the way is taken to be good"
    );
}

#[test]
fn from_host_to_host_it_says_the_batch_and_the_waves() {
    let tool = "in_place: {batch: 2, waves: [{on: eu, bake: 1m}, {on: us}]}";
    let said = "replaces 10 replicas, host by host, at most 2 at a time, in 2 waves that bake 1m 00s in all";
    assert_eq!(undone(tool, TEN_MINUTES), said);
}

#[test]
fn an_abort_replaces_nobody() {
    let end = api("canary: {router: {}, steps: [weight: 10 %, wait: promotion]}", &["at: 2m, do: {deploy: api 2}"]);
    let ways = ways(&end, 300);
    let abort = ways.changes[0].ways.iter().find(|way| way.choice.label.starts_with("abort")).expect("it can be");
    let said = "all traffic to the stable version; what was asked for stays the new one; no replica is replaced";
    assert_eq!(abort.steps[0].what, said);
}

#[test]
fn without_a_router_an_abort_goes_as_replicas_go() {
    let canary = "canary: {surge: 1, unavailable: 0, steps: [weight: 40 %, wait: promotion]}";
    let ways = ways(&api(canary, &["at: 2m, do: {deploy: api 2}"]), 300);
    let abort = ways.changes[0].ways.iter().find(|way| way.choice.label.starts_with("abort")).expect("it can be");
    let said = "back to the stable version, without steps: replaces 4 replicas, at most 1 more and 0 fewer than 10 at \
                a time; what was asked for stays the new one";
    assert_eq!(abort.steps[0].what, said);
    assert_eq!(abort.durations.and_then(|took| took.p50).map(|took| took.nanos() / 1_000_000_000), Some(40));
}

/// Who scales down before going back has that many fewer to replace, and says so.
#[test]
fn a_way_by_a_smaller_size_says_who_stops_and_who_is_replaced() {
    let mut world = begun(&library("no-room"), None, SEED);
    world.run_until(second(420));
    let ways = world.ways_back(2);
    let smaller = "scale search to 6 replicas, and roll back search to 7";
    let way = ways.changes[0].ways.iter().find(|way| way.choice.label == smaller).expect("it gets there");
    let steps: Vec<_> = way.steps.iter().map(|step| step.what.as_str()).collect();
    let replaced = "replaces 6 replicas, at most 2 more and 0 fewer than 6 at a time";
    assert_eq!(steps, ["stops 2 replicas", "the other order a moment later", replaced]);
}

// What was changed beside versions.

fn change<'w>(ways: &'w WaysBack, what: Subject, name: &str) -> &'w Changed {
    ways.changes.iter().find(|changed| changed.what == what && changed.name == name).expect("it was changed")
}

fn labels(changed: &Changed) -> Vec<&str> {
    changed.ways.iter().map(|way| way.choice.label.as_str()).collect()
}

#[test]
fn a_release_that_scales_and_drains_has_ways_back() {
    let bundle = api("rollout: {}", &["at: 2m, do: {scale: api, to: 1}", "at: 2m, do: {drain: us}"]);
    let before = ways(&bundle, 60);
    assert!(before.changes.is_empty(), "{before:?}");
    let ways = ways(&bundle, 300);
    let shop = change(&ways, Subject::Service, "api");
    assert_eq!(labels(shop), ["scale api to 10 replicas"]);
    assert_eq!([&shop.from, &shop.to], [&Some("10 replicas".to_owned()), &Some("1 replica".to_owned())]);
    let took = shop.ways[0].durations.and_then(|took| took.p50).expect("it gets there");
    assert!(took.nanos() >= 10_000_000_000, "nine come up: {took}");
    let left = shop.ways[0].left.as_ref().expect("it gets there");
    assert_eq!((left.replicas.len(), &left.traffic[..]), (0, &["nothing goes to us".to_owned()][..]));
    let drained = change(&ways, Subject::Traffic, "us");
    assert_eq!(labels(drained), ["let us serve again"]);
    let left = drained.ways[0].left.as_ref().expect("it gets there");
    assert_eq!(
        (&left.replicas[..], left.traffic.len()),
        (&["api has 1 replica, 10 replicas before the run".to_owned()][..], 0)
    );
}

#[test]
fn what_is_drained_can_be_made_empty() {
    let ways = |rules| ways(&api(rules, &["at: 2m, do: {deploy: api 2}", "at: 3m, do: {drain: us}"]), 300);
    let of = |ways: &WaysBack| labels(change(ways, Subject::Service, "api")).join("; ");
    let evict = "evict what runs on us";
    assert!(of(&ways("rollout: {}")).contains(evict), "{}", of(&ways("rollout: {}")));
    assert!(!of(&ways("in_place: {batch: 2}")).contains(evict), "nothing would bring it up elsewhere");
}

#[test]
fn traffic_that_is_sent_away_can_be_let_back() {
    let ways = ways(&api("rollout: {}", &["at: 2m, do: {shift: eu, to: us, share: 50 %}"]), 300);
    assert_eq!(labels(change(&ways, Subject::Traffic, "eu")), ["let the traffic of eu stay there"]);
    assert!(change(&ways, Subject::Traffic, "eu").ways[0].left.as_ref().is_some_and(sim::Left::is_nothing));
}

#[test]
fn a_partition_an_autoscaler_and_a_restart_have_their_ways_back() {
    let moved = ways(&api("statefulset: {}", &["at: 2m, do: {partition: api, from: 5}"]), 300);
    assert_eq!(labels(change(&moved, Subject::Service, "api")), ["roll api out to all replicas"]);
    let scaled = "autoscale: {min: 10, max: 20, utilisation: 60 %}\n    rollout: {}";
    let off = ways(&api(scaled, &["at: 2m, do: {autoscale: api, to: off}"]), 300);
    assert_eq!(labels(change(&off, Subject::Service, "api")), ["let the autoscaler of api work"]);
    let restarted = ways(&api("rollout: {}", &["at: 2m, do: {restart: api}"]), 300);
    assert_eq!(labels(change(&restarted, Subject::Service, "api")), ["roll back api"]);
}

/// Version 2 is held half way: an undo is refused until it goes on, and both are one way back.
#[test]
fn who_holds_a_rollout_lets_it_go_on_and_rolls_it_back() {
    let held = ["at: 2m, do: {deploy: api 2}", "at: 125s, do: {pause: api}"];
    let ways = ways(&api("rollout: {surge: 1, unavailable: 0}", &held), 300);
    let undo = undo(&ways);
    assert_eq!(undo.choice.label, "let the rollout of api go on, and roll back api to 1");
    assert_eq!(undo.choice.refused, None);
    assert!(undo.durations.is_some_and(|took| took.reached > 0 && took.reached == took.tried), "{undo:?}");
    assert!(undo.left.as_ref().is_some_and(sim::Left::is_nothing), "{:?}", undo.left);
    let part = ["at: 2m, do: {deploy: api 2}", "at: 150s, do: {partition: api, from: 10}"];
    let ways = self::ways(&api("statefulset: {}", &part), 300);
    let undo = ways.changes[0].ways.iter().find(|way| !way.before.is_empty()).expect("both at once");
    assert_eq!(undo.choice.label, "roll api out to all replicas, and roll back api to 1");
    assert!(undo.left.as_ref().is_some_and(sim::Left::is_nothing), "{:?}", undo.left);
}

// Orders where nothing rolls.

#[test]
fn a_hold_where_nothing_rolls_holds_what_comes_next() {
    let steps = |hold| ["at: 1m, do: {pause: api}", "at: 2m, do: {deploy: api 2}"][hold..].to_vec();
    for rules in [
        "rollout: {}",
        "canary: {router: {}}",
        "blue_green: {}",
        "in_place: {batch: 2}",
        "flagger: {step_weight: 50 %, interval: 20s, metrics: [{errors: all, most: 10 %}]}",
    ] {
        let [held, free] = [0, 1].map(|hold| lived(&model(&api(rules, &steps(hold))), None, SEED).summary());
        assert!(!is_told(&held, "refused"), "{rules}");
        assert!(!is_told(&held, "in effect: deploy api 2") && is_told(&free, "in effect: deploy api 2"), "{rules}");
    }
}

#[test]
fn a_refusal_says_what_works_instead() {
    let told = |rules: &str, order: &str, words: &str| {
        let end = lived(&model(&api(rules, &[&format!("at: 2m, do: {{{order}}}")])), None, SEED).summary();
        let all: Vec<_> = end.timeline.iter().map(|line| line.what.clone()).collect();
        assert!(is_told(&end, words), "{rules}, {order}: {all:#?}");
    };
    told("rollout: {}", "resume: api", "refused: the rollout of api is not held: it goes on by itself");
    told(
        "rollout: {}",
        "abort: api",
        "refused: api is a Deployment, which takes no such order: roll it back, or hold it",
    );
    told("statefulset: {}", "promote: api", "refused: api is a StatefulSet, which takes no such order");
    told("canary: {}", "abort: api", "refused: api has no rollout to abort: roll it back instead");
    told("blue_green: {}", "promote: api", "refused: api has no rollout that waits: deploy a version instead");
}

#[test]
fn a_held_wave_is_let_go_on_and_taken_back() {
    let mut world = begun(&library("region-wave"), None, SEED);
    world.run_until(second(525));
    let undo = world.ways_back(5);
    let said = &self::undo(&undo).steps;
    assert!(said.iter().any(|step| step.what.contains("replaces 3 replicas, host by host")), "{said:?}");
}

// Isolation, where it helps.

/// Whether the isolation of version 2 is listed at this second.
fn isolates(rules: &str, steps: &[&str], at: u64) -> bool {
    let ways = ways(&api(rules, steps), at);
    let mut all = ways.changes.iter().flat_map(|changed| &changed.ways);
    all.any(|way| way.choice.label.starts_with("isolate"))
}

const DEPLOYED: &str = "at: 2m, do: {deploy: api 2}";
const HELD: &str = "at: 145s, do: {pause: api}";

#[test]
fn a_version_is_cut_off_only_where_others_stay_and_can_serve() {
    let rolling = "rollout: {surge: 2, unavailable: 0}";
    assert!(!isolates(rolling, &[DEPLOYED], 146), "the rollout goes on to replace those who are left");
    assert!(isolates(rolling, &[DEPLOYED, HELD], 200), "four of ten have it, and nobody replaces the others");
    assert!(!isolates(rolling, &[DEPLOYED, "at: 160s, do: {pause: api}"], 200), "most have it");
    assert!(!isolates(rolling, &[DEPLOYED, "at: 10m, do: {undo: api}", "at: 625s, do: {pause: api}"], 700), "good");
    assert!(isolates("statefulset: {partition: 9}", &[DEPLOYED], TEN_MINUTES), "it is where it was told to go");
    let steps = "steps: [weight: 20 %, wait: promotion]";
    let held = ["at: 10m, do: {pause: api}", DEPLOYED];
    assert!(!isolates(&format!("canary: {{router: {{}}, {steps}}}"), &held, 700), "its router goes on to choose it");
    assert!(isolates(&format!("canary: {{{steps}}}"), &held, 700), "each goes where somebody serves");
    assert!(!isolates("blue_green: {scale_down_delay: 20m}", &[DEPLOYED], TEN_MINUTES), "the switch stays");
}

// On the way back.

fn going_back(rules: &str, at: u64) -> Changed {
    let all = ways(&api(rules, &[DEPLOYED, "at: 10m, do: {undo: api}"]), at).changes;
    all.into_iter().find(|changed| changed.what == Subject::Service).expect("it is not back yet")
}

#[test]
fn what_goes_back_already_is_not_led_to_where_it_comes_from() {
    let canary = "canary: {router: {}, steps: [weight: 20 %, pause: 2m, weight: 60 %, pause: 2m]}";
    let in_place = "in_place: {batch: 1}";
    let expected: [(&str, &[&str]); 4] = [
        ("rollout: {surge: 1, unavailable: 0}", &[]),
        ("statefulset: {}", &[]),
        (in_place, &[]),
        (canary, &["promote api to the end"]),
    ];
    for (rules, expected) in expected {
        let back = going_back(rules, 612);
        assert_eq!([&back.from, &back.to], [&Some("1".to_owned()), &Some("1".to_owned())], "{rules}");
        let labels = back.ways.iter().map(|way| way.choice.label.as_str()).filter(|label| !label.starts_with("stop"));
        assert_eq!(labels.collect::<Vec<_>>(), expected, "{rules}");
    }
    let promoted = going_back(canary, 612).ways.remove(0);
    assert!(promoted.left.expect("it gets there").is_nothing(), "promoting the rollback finishes it");
}

#[test]
fn a_way_back_that_is_held_is_let_go_on() {
    let rules = "rollout: {surge: 1, unavailable: 0}";
    let steps = [DEPLOYED, "at: 10m, do: {undo: api}", "at: 625s, do: {pause: api}"];
    let ways = ways(&api(rules, &steps), 700);
    let labels: Vec<_> = ways.changes[0].ways.iter().map(|way| way.choice.label.as_str()).collect();
    assert_eq!(labels, ["let the rollout of api go on"]);
}
