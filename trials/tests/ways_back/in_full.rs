//! A way back by switch or router is over when what takes the traffic back is there in full, whoever ordered it.

use scenarios::Bundle;
use sim::{Left, WayBack, WaysBack};
use trials::runs::{begun, first_told, lived, model, second};

const SEED: u64 = 1;

/// Six replicas under these rules, each up after 10 s; version 2 is deployed at a minute, processes of version 1 are
/// killed at 90 s, and it does not start again when a secret that it needs was changed before.
fn shop(rules: &str, killed: u32, starts_again: bool, orders: &[&str]) -> Bundle {
    let needs = if starts_again { "" } else { "needs: [key@1]" };
    let rotated = if starts_again { "" } else { "{rotate: key, at: 80s}, " };
    let kill = if killed == 0 { String::new() } else { format!("{{kill: web, at: 90s, replicas: {killed}}}") };
    let orders: String = orders.iter().map(|order| format!("  - {{{order}}}\n")).collect();
    let text = format!(
        "title: t
horizon: 20m
traffic:
  users: {{to: web.page, rate: 5/s}}
services:
  web:
    replicas: 6
    startup: 10s
    {rules}
    runs: \"1\"
    endpoints: {{page: [work: 5ms]}}
    versions: {{\"1\": {{{needs}}}, \"2\": {{}}}}
secrets: [key]
seats:
  release: {{role: release}}
  ic: {{role: commander}}
faults: [{rotated}{kill}]
release:
  - {{at: 60s, do: {{deploy: web 2}}}}
{orders}"
    );
    Bundle::from_text("shop", text, "")
}

fn ways(bundle: &Bundle, at: u64) -> WaysBack {
    let mut world = begun(&model(bundle), None, SEED);
    world.run_until(second(at));
    world.ways_back(5)
}

fn labelled<'w>(ways: &'w WaysBack, label: &str) -> &'w WayBack {
    let all = || ways.changes.iter().flat_map(|changed| &changed.ways);
    let labels = || all().map(|way| way.choice.label.as_str()).collect::<Vec<_>>();
    all().find(|way| way.choice.label == label).unwrap_or_else(|| panic!("no `{label}` in {:?}", labels()))
}

/// Before the switch of a blue-green rollout, and in a canary with and without a router.
const RULES: [&str; 5] = [
    "blue_green: {auto: no}",
    "blue_green: {auto_after: 20m}",
    "blue_green: {auto: no, preview_replicas: 1}",
    "canary: {steps: [weight: 20 %, pause: 20m]}",
    "canary: {router: {}, steps: [weight: 20 %, pause: 20m]}",
];

#[test]
fn what_cannot_take_the_traffic_is_no_way_back() {
    for rules in RULES {
        let ways = ways(&shop(rules, 4, false, &[]), 122);
        for label in ["abort the rollout of web", "roll back web to 1"] {
            let way = labelled(&ways, label);
            assert_eq!(way.durations.map(|took| took.reached), Some(0), "{rules}: {label}: {way:?}");
        }
    }
}

/// The processes that were killed are up again after 10 s.
#[test]
fn who_is_being_started_is_waited_for() {
    for rules in RULES {
        let ways = ways(&shop(rules, 4, true, &[]), 95);
        for label in ["abort the rollout of web", "roll back web to 1"] {
            let way = labelled(&ways, label);
            let took = way.durations.and_then(|took| took.p50).expect("it gets there").nanos() / 1_000_000_000;
            assert!((5..40).contains(&took), "{rules}: {label}: {took}");
            assert!(way.left.as_ref().is_some_and(|left| left.replicas.is_empty()), "{rules}: {label}: {way:?}");
        }
        let alive = self::ways(&shop(rules, 0, true, &[]), 95);
        let alive = labelled(&alive, "roll back web to 1");
        assert!(alive.left.as_ref().is_some_and(Left::is_nothing), "{rules}");
    }
}

/// In a run, too, an undo is in effect when the version it leads to is there, and not before.
#[test]
fn a_run_says_the_same() {
    for rules in RULES {
        let undo = ["at: 95s, do: {undo: web}"];
        let [alive, dead] = [true, false].map(|starts| lived(&model(&shop(rules, 4, starts, &undo)), None, SEED));
        let at = first_told(&alive.summary(), "in effect: roll back web").expect("it comes back");
        assert!(at >= second(100), "{rules}: {at}");
        assert_eq!(first_told(&dead.summary(), "in effect: roll back web"), None, "{rules}");
    }
}

#[test]
fn what_is_missing_is_said() {
    let ways = ways(&shop("blue_green: {auto: no}", 3, false, &[]), 122);
    let steps = &labelled(&ways, "roll back web to 1").steps;
    assert_eq!(steps[0].what, "nothing is switched: it has the traffic, and lacks 3 replicas, which are started");
}
