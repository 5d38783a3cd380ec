//! Why a way never gets there: whoever would take it does not look, or waits for what never comes.

use sim::{WayBack, WaysBack};
use trials::runs::{begun, library, second};
use trials::text::{edited, swapped};

use crate::said_ways::{api, ways};

/// The ways that never get there, with the reason.
fn never(ways: &WaysBack) -> Vec<(&str, Option<&str>)> {
    let all = ways.changes.iter().flat_map(|changed| &changed.ways);
    let is_never = |way: &&WayBack| way.durations.is_some_and(|took| took.reached == 0);
    all.filter(is_never).map(|way| (way.choice.label.as_str(), way.never.as_deref())).collect()
}

/// Ten minutes into a run in which something struck, of a service with these rules and this release.
fn struck(rules: &str, step: &str, fault: &str) -> WaysBack {
    let with = |text: &str| swapped(text, "seats:\n", &format!("faults: [{{{fault}}}]\nseats:\n"));
    ways(&edited(api(rules, &[step]), with), 600)
}

/// Whoever sees to the service does not look at it, and that is the reason: not a promotion, nor none at all.
#[test]
fn who_does_not_look_is_what_is_in_the_way() {
    let controller = "the controller of api is stuck: it looks at nothing";
    let flagger = "flagger: {interval: 1m, iterations: 10, metrics: [{errors: all, most: 50 %}]}";
    let (deployed, stuck) = ("at: 1m, do: {deploy: api 2}", "stuck: api, at: 9m");
    let early = "stuck: api, at: 2m";
    for (rules, step, fault, why) in [
        ("rollout: {}", deployed, stuck, controller),
        ("statefulset: {}", deployed, stuck, controller),
        ("blue_green: {}", deployed, stuck, controller),
        ("canary: {router: {}, steps: [weight: 50 %, pause: 20m]}", deployed, early, controller),
        ("canary: {steps: [weight: 20 %, {wait: promotion}]}", deployed, early, controller),
        (flagger, deployed, "stuck: api, what: flagger, at: 2m", "Flagger is stuck: it does not look at api"),
        (
            "gitops: {every: 2m}",
            "at: 1m, do: {commit: api 2}",
            "stuck: api, what: gitops, at: 9m",
            "api is not synced with Git any more",
        ),
    ] {
        let ways = struck(rules, step, fault);
        let never = never(&ways);
        assert!(!never.is_empty(), "{rules}: {ways:#?}");
        assert!(never.iter().all(|(_, because)| *because == Some(why)), "{rules}: {never:#?}");
    }
}

/// One that looks, waits for a promotion; one that looks again by the time is in nobody's way.
#[test]
fn who_looks_or_looks_again_is_not_in_the_way() {
    let deployed = "at: 1m, do: {deploy: api 2}";
    let again = struck("rollout: {}", deployed, "stuck: api, at: 9m, lasts: 10m");
    assert_eq!(never(&again), [], "{again:#?}");
    let pauses = "canary: {steps: [weight: 20 %, {wait: promotion}]}";
    let bundle = edited(api(pauses, &[deployed]), |text| swapped(text, "\"2\": {}\n", "\"2\": {}\n      \"3\": {}\n"));
    let waits = ways(&bundle, 600);
    let never = never(&waits);
    assert_eq!(never, [("deploy api 3", Some("the rollout waits for somebody who promotes it"))], "{waits:#?}");
}

/// An abort points the traffic back when the version that has it is complete, which one whose processes die is never.
#[test]
fn an_abort_that_waits_for_what_it_gives_up_says_so() {
    let mut world = begun(&library("abort-waits"), None, 1);
    world.run_until(second(240));
    let ways = world.ways_back(5);
    let why = "the traffic is pointed back when 8 is there in full, and it never is";
    assert_eq!(never(&ways), [("abort the rollout of basket", Some(why))]);
}

/// Processes that have read a config in their environment go by it until they are replaced.
#[test]
fn processes_that_nobody_replaces_go_by_what_they_have_read() {
    let with = |text: &str| {
        let config = "configs: {limits: {versions: [\"1\", \"2\"], read: environment}}\nservices:\n";
        let text = swapped(text, "services:\n", config);
        swapped(&text, "get: [work: 5ms]", "get: [work: 5ms, {when: {config: limits 2}, do: [work: 1ms]}]")
    };
    let steps = ["at: 1m, do: {config: limits 2}", "at: 2m, do: {restart: api}"];
    let ways = ways(&edited(api("rollout: {}", &steps), with), 600);
    let push = never(&ways).into_iter().find(|(label, _)| *label == "push limits 1").expect("it never gets there");
    assert_eq!(push.1, Some("10 processes of api do not go by 1, and nobody replaces them"));
}

/// What keeps the order from its beginning is in its way, whatever is wrong behind it; while that lasts.
#[test]
fn an_order_that_waits_for_a_tool_never_gets_there_because_of_the_tool() {
    let mut world = begun(&library("shared-fate"), None, 1);
    world.run_until(second(300));
    let ways = world.ways_back(20);
    assert!(never(&ways).contains(&("roll back gateway to 14", Some("the deploy tool is down"))), "{ways:#?}");
    let back = struck("rollout: {}", "at: 1m, do: {deploy: api 2}", "deploy: down, at: 9m, lasts: 10m");
    assert_eq!(never(&back), [], "{back:#?}");
}

fn steps(way: &WayBack) -> Vec<&str> {
    way.steps.iter().map(|step| step.what.as_str()).collect()
}

/// What goes through the deploy tool waits for it before anything else comes of it; what does not, does not.
#[test]
fn an_order_that_waits_for_a_tool_says_so_before_its_other_steps() {
    let release = "at: 1m, do: {deploy: api 2}\"}\n  - {at: 2m, do: {scale: api, to: 11}";
    let release = release.replace('"', "");
    let steps_of = |fault: &str| {
        let all = struck("rollout: {}", &release, fault).changes.into_iter().flat_map(|changed| changed.ways);
        all.map(|way| (way.choice.label.clone(), steps(&way).first().map(|first| (*first).to_owned())))
            .collect::<Vec<_>>()
    };
    let waits = |all: &[(String, Option<String>)], label: &str| {
        let (_, first) = all.iter().find(|(own, _)| own == label).unwrap_or_else(|| panic!("{label}: {all:?}"));
        first.as_deref() == Some("waits while the deploy tool is down")
    };
    let [down, up] = ["deploy: down, at: 9m, lasts: 10m", "deploy: down, at: 3m, lasts: 1m"].map(steps_of);
    assert!(waits(&down, "roll back api to 1") && !waits(&down, "scale api to 10 replicas"), "{down:?}");
    assert!(!waits(&up, "roll back api to 1"), "it is back by then: {up:?}");
}

/// Only a test is given up; what has been promoted goes on.
#[test]
fn an_abort_says_what_became_of_what_it_would_give_up() {
    let flagger = "flagger: {interval: 30s, threshold: 2, step_weight: 50 %, max_weight: 50 %, \
                   metrics: [{errors: all, most: 50 %, over: 1m}]}";
    let found = (150..400).step_by(10).filter_map(|at| {
        let ways = ways(&api(flagger, &["at: 1m, do: {deploy: api 2}"]), at);
        let (_, why) = never(&ways).into_iter().find(|(label, _)| *label == "abort the rollout of api")?;
        Some(why.unwrap_or_default().to_owned())
    });
    let found: Vec<_> = found.collect();
    let why = "2 was promoted all the same: no test was left to give up";
    assert!(!found.is_empty() && found.iter().all(|own| own == why), "{found:?}");
}

/// A host that nobody reaches is waited for, or keeps what it has: it is named, and not counted among those replaced.
#[test]
fn a_host_that_nobody_reaches_is_named() {
    let (deployed, out) = ("at: 1m, do: {deploy: api 2}", "unreach: eu-a-host-1, at: 9m");
    let undo = |ways: &WaysBack| {
        let mut all = ways.changes.iter().flat_map(|own| own.ways.clone());
        all.find(|way| way.choice.label == "roll back api to 1").expect("it can be undone")
    };
    let waits = struck("in_place: {unreachable: wait}", deployed, out);
    assert!(never(&waits).contains(&("roll back api to 1", Some("nobody reaches eu-a-host-1"))), "{waits:#?}");
    let said = steps(&undo(&waits)).join("; ");
    assert!(said.starts_with("replaces 10 replicas"), "{said}");
    assert!(said.ends_with("; nobody reaches eu-a-host-1 now, which is waited for"), "{said}");
    let skips = undo(&struck("in_place: {unreachable: skip}", deployed, out));
    let said = steps(&skips).join("; ");
    assert!(said.starts_with("replaces 9 replicas") && said.ends_with("which is passed over"), "{said}");
    assert_eq!((skips.durations.map(|took| took.reached), skips.never.as_deref()), (Some(1), None));
    let passed = struck(
        "in_place: {unreachable: skip}",
        "at: 1m, do: {deploy: api 2, on: us-a-host-1}",
        "unreach: us-a-host-1, at: 9m",
    );
    let back = never(&passed);
    assert!(!back.is_empty() && back.iter().all(|(_, why)| *why == Some("nobody reaches us-a-host-1")), "{back:?}");
    let reached = struck("in_place: {unreachable: wait}", deployed, "unreach: eu-a-host-1, at: 9m, lasts: 10m");
    assert_eq!(never(&reached), [], "it is reached again by the time");
}

/// Version 1 does not come up with what was pushed. Flagger takes its replicas away, and nobody makes a standby anew:
/// what they died of stands in the way all the same.
#[test]
fn what_does_not_come_up_is_in_the_way_when_its_replicas_are_gone() {
    let pushed = |rules: &str, at: u64| {
        let with = |text: &str| {
            let text = swapped(text, "services:\n", "configs: {limits: {versions: [\"1\", \"2\"]}}\nservices:\n");
            let reads = "get: [work: 5ms, {when: {config: limits 2}, do: [work: 1ms]}]";
            let dies = "\"1\": {defects: [{defect: a limit is a number, at: start, when: {config: limits 2}}]}";
            swapped(&swapped(&text, "get: [work: 5ms]", reads), "\"1\": {}", dies)
        };
        ways(&edited(api(rules, &["at: 59s, do: {config: limits 2}", "at: 1m, do: {deploy: api 2}"]), with), at)
    };
    let why = Some("1 does not come up: a limit is a number");
    let flagger = "flagger: {interval: 20s, step_weight: 50 %, max_weight: 50 %, metrics: [{errors: new, most: 90 %}]}";
    let tested = pushed(flagger, 900);
    assert!(never(&tested).contains(&("roll back api to 1", why)), "{:?}", never(&tested));
    let standby = "rollout: {}\n    standby: {version: \"1\", replicas: 2}";
    let mut ways = pushed(standby, 900);
    assert!(never(&ways).contains(&("switch api to its standby, api 1", why)), "{:?}", never(&ways));
    let all = ways.changes.iter_mut().flat_map(|own| own.ways.drain(..));
    let switch = all.into_iter().find(|way| way.choice.label.starts_with("switch")).expect("it can be switched");
    assert_eq!(switch.keeps, "2 replicas that nobody asks, 0 of which are up");
}

/// Nothing comes of an order while its controller does not look: that is said first, and until when.
#[test]
fn an_order_to_a_controller_that_is_stuck_says_who_does_not_look() {
    let deployed = "at: 1m, do: {deploy: api 2}";
    let first = |fault: &str| {
        let ways = struck("rollout: {}", deployed, fault);
        let own = ways.changes[0].ways.iter().find(|way| way.choice.label == "roll back api to 1").map(steps);
        own.expect("it can be undone")[0].to_owned()
    };
    assert_eq!(
        [first("stuck: api, at: 9m, lasts: 10m"), first("stuck: api, at: 9m")],
        [
            "the controller of api is stuck: it looks at nothing until 00:19:00",
            "the controller of api is stuck: it looks at nothing"
        ]
    );
    assert!(first("stuck: api, at: 5m, lasts: 1m").starts_with("replaces 10 replicas"));
}

/// A fix that is in the pipeline comes out while a canary is given up, which does not stop it; an undo does.
#[test]
fn an_abort_is_overtaken_by_what_was_ordered_before() {
    let rules = "canary: {steps: [weight: 50 %, pause: 20m]}\n    pipeline: [{stage: build, takes: 1m}]";
    let bundle = edited(api(rules, &["at: 1m, do: {deploy: api 2}", "at: 200s, do: {forward: api 3}"]), |text| {
        swapped(text, "      \"2\": {}\n", "      \"2\": {}\n      \"3\": {artifact: unbuilt}\n")
    });
    let of = |at: u64, label: &str| {
        let all = ways(&bundle, at).changes.into_iter().flat_map(|changed| changed.ways);
        all.into_iter().find(|way| way.choice.label == label).expect("it is listed")
    };
    let comes = |way: &WayBack| way.steps.iter().any(|step| step.what.contains("comes all the same"));
    let late = of(255, "abort the rollout of api");
    assert_eq!(late.never.as_deref(), Some("`fix forward with api 3`, ordered before, has made it 3 meanwhile"));
    assert!(comes(&late) && late.left.is_none());
    let early = of(205, "abort the rollout of api");
    assert_eq!(early.left.as_ref().map(|left| &left.services[..]), Some(&["api".to_owned()][..]));
    assert!(comes(&early) && early.never.is_none());
    let undo = of(255, "roll back api to 1");
    assert!(!comes(&undo) && undo.left.is_some_and(|left| left.is_nothing()));
}

/// What a part is told counts, of the hosts that nobody reaches, none that keeps what it has; and names each.
#[test]
fn a_part_names_every_host_that_nobody_reaches() {
    let of = |unreachable: &str, faults: &str| {
        let rules =
            format!("in_place: {{batch: 1, unreachable: {unreachable}, waves: [{{on: eu}}, {{on: us, bake: 20m}}]}}");
        let bundle = edited(api(&rules, &["at: 1m, do: {deploy: api 2}"]), |text| {
            swapped(text, "seats:\n", &format!("faults: [{faults}]\nseats:\n"))
        });
        let all = ways(&bundle, 300).changes.into_iter().flat_map(|changed| changed.ways);
        let way = all.into_iter().find(|way| way.choice.label == "deploy api 1 on eu").expect("a part can go back");
        way.steps[0].what.clone()
    };
    let both = "{unreach: eu-a-host-1, at: 4m}, {unreach: eu-a-host-2, at: 4m}";
    let [waited, passed] = ["wait", "skip"].map(|unreachable| of(unreachable, both));
    let count = |told: &str| told.split(' ').nth(1).and_then(|count| count.parse::<u32>().ok()).expect("a count");
    assert_eq!(count(&waited) - 2, count(&passed), "{waited}; {passed}");
    assert!(waited.ends_with("; nobody reaches eu-a-host-1, eu-a-host-2 now, which are waited for"), "{waited}");
    assert!(passed.ends_with("; nobody reaches eu-a-host-1, eu-a-host-2 now, which are passed over"), "{passed}");
}

/// A host that was passed over is what an order to go there waits for in vain.
#[test]
fn who_was_passed_over_is_named_where_an_order_went_there() {
    let mut world = begun(&library("stays-behind"), None, 1);
    world.run_until(second(300));
    let ways = world.ways_back(2);
    let why = never(&ways).into_iter().find(|(label, _)| *label == "deploy router 2 on host-8").expect("it never is");
    assert_eq!(why.1, Some("passed over, as nobody reached them: host-8"));
}
