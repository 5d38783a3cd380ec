//! The way back from all that was brought in consists of what gets each part of it there.

use scenarios::Bundle;
use sim::{Changed, Left, Subject, WayBack, World};
use trials::runs::{begun, library, model, second};

const SEED: u64 = 1;

/// `a` calls `b` while a flag is on. What is told of each, and what is released.
struct Launch {
    more: &'static str,
    a: &'static str,
    b: &'static str,
    versions: [&'static str; 2],
    release: &'static [&'static str],
}

const PLAIN: Launch = Launch {
    more: "",
    a: "rollout: {}",
    b: "rollout: {}",
    versions: ["\"1\": {}, \"2\": {}", "\"1\": {}, \"2\": {}"],
    release: &["1m, do: {deploy: b 2}", "5m, do: {deploy: a 2}", "8m, do: {flag: fl, to: on}"],
};

impl Launch {
    fn bundle(&self) -> Bundle {
        let Launch { more, a, b, versions: [of_a, of_b], release } = self;
        let release: String = release.iter().map(|step| format!("  - {{at: {step}}}\n")).collect();
        let text = format!(
            "title: t
horizon: 90m
regions: {{eu: [a], us: [a]}}
traffic: {{users: {{to: a.page, rate: 5/s, from: [eu, us]}}}}
flags: {{fl: {{poll: 20s}}}}
{more}
services:
  a:
    replicas: 4
    startup: 20s
    {a}
    runs: \"1\"
    endpoints: {{page: [work: 3ms, {{when: {{flag: fl}}, do: [call: b.f]}}]}}
    versions: {{{of_a}}}
  b:
    replicas: 3
    startup: 20s
    {b}
    runs: \"1\"
    endpoints: {{f: [work: 3ms]}}
    versions: {{{of_b}}}
seats: {{ic: {{role: commander}}, rel: {{role: release}}, ow: {{role: owner}}}}
release:
{release}"
        );
        Bundle::from_text("launch", text, "")
    }

    /// The way back as one at this second.
    fn back(&self, seconds: u64) -> Changed {
        let mut world = begun(&model(&self.bundle()), None, SEED);
        world.run_until(second(seconds));
        release(&world)
    }
}

fn release(world: &World) -> Changed {
    let mut all = world.ways_back(20).changes.into_iter();
    all.find(|changed| changed.what == Subject::Release).expect("all of it has a way back")
}

/// Whether a way gets there each time, and leaves nothing.
fn gets_back(way: &WayBack) -> bool {
    way.durations.is_some_and(|took| took.tried > 0 && took.reached == took.tried) && way.left == Some(Left::default())
}

fn labels(changed: &Changed) -> Vec<&str> {
    changed.ways.iter().map(|way| way.choice.label.as_str()).collect()
}

/// The undo alone waits for ever: every process that it starts dies of the config that was left.
#[test]
fn a_service_whose_undo_needs_its_old_config_goes_back_with_it() {
    let mut world = begun(&library("config-stays"), None, SEED);
    world.run_until(second(450));
    let all = release(&world);
    assert_eq!(labels(&all), ["push limits 1, and roll back gateway to 7"], "and the config is pushed once");
    assert!(gets_back(&all.ways[0]), "{:?}", all.ways[0]);
}

#[test]
fn who_waits_for_a_promotion_or_a_stop_is_given_it_on_the_way_back() {
    let launch = Launch {
        a: "canary: {steps: [{weight: 25 %}, {wait: promotion}]}",
        b: "statefulset: {update: on-delete}",
        release: &[
            "1m, do: {deploy: b 2}",
            "2m, do: {stop: b, which: all}",
            "5m, do: {deploy: a 2}",
            "6m, do: {promote: a, to: end}",
            "8m, do: {flag: fl, to: on}",
        ],
        ..PLAIN
    };
    let all = launch.back(600);
    let label = "switch fl off, then roll back a to 1, and promote a to the end, then roll back b to 1, and stop all \
                 replicas of b";
    assert_eq!(labels(&all), [label]);
    assert!(gets_back(&all.ways[0]), "{:?}", all.ways[0]);
}

#[test]
fn what_does_not_get_ready_is_stopped_on_the_way_back() {
    let bad = "\"1\": {}, \"2\": {defects: [{defect: bad, at: start}]}";
    let launch = Launch { b: "statefulset: {}", versions: [bad, bad], ..PLAIN };
    let all = launch.back(1200);
    assert!(gets_back(&all.ways[0]), "{:?}", all.ways[0]);
}

/// Flagger takes no undo while it waits in a test: in the middle of the way, too, that is aborted first.
#[test]
fn a_test_that_waits_is_aborted_on_the_way_back() {
    let flagger = "flagger: {interval: 30s, threshold: 2, step_weight: 50 %, max_weight: 50 %, gates: [promotion], \
                   metrics: [{errors: all, most: 50 %, over: 1m}]}";
    let all = Launch { a: flagger, ..PLAIN }.back(1200);
    assert!(gets_back(&all.ways[0]), "{:?}", all.ways[0]);
}

/// A tool that heals takes an undo by hand back.
#[test]
fn what_git_says_goes_back_in_git() {
    let synced = "gitops: {every: 3m, self_heal: yes, merge: 1m}";
    let release = &["1m, do: {commit: b 2}", "5m, do: {commit: a 2}", "15m, do: {flag: fl, to: on}"];
    let all = Launch { a: synced, b: synced, release, ..PLAIN }.back(1200);
    assert_eq!(labels(&all), ["switch fl off, then write a 1 in Git, then write b 1 in Git"]);
    assert!(gets_back(&all.ways[0]), "{:?}", all.ways[0]);
}

/// Whoever reads an environment is replaced later on the way: to wait for it before would be to wait for ever.
#[test]
fn a_config_in_an_environment_is_pushed_before_those_that_read_it_go_back() {
    let launch = Launch {
        more: "configs: {env: {versions: [1, 2], read: environment}}",
        versions: ["\"1\": {}, \"2\": {}", "\"1\": {}, \"2\": {}, \"3\": {}"],
        b: "rollout: {}",
        release: &["1m, do: {deploy: b 2}", "2m, do: {deploy: a 2}", "3m, do: {config: env 2}", "5m, do: {restart: b}"],
        ..PLAIN
    };
    let bundle = launch.bundle();
    let read = "f: [work: 3ms, {when: {config: env 2}, do: [work: 1ms]}]";
    let bundle = trials::text::edited(bundle, |text| trials::text::swapped(text, "f: [work: 3ms]", read));
    let mut world = begun(&model(&bundle), None, SEED);
    world.run_until(second(500));
    let all = release(&world);
    assert_eq!(labels(&all), ["push env 1, and roll back a to 1, then deploy b 1"]);
    assert!(gets_back(&all.ways[0]), "{:?}", all.ways[0]);
}

#[test]
fn a_part_that_was_told_something_is_a_part_of_the_release() {
    let release = &["1m, do: {deploy: b 2}", "5m, do: {deploy: a 2, on: eu}", "8m, do: {flag: fl, to: on}"];
    let launch = Launch { a: "regions: [eu, us]\n    in_place: {batch: 1}", release, ..PLAIN };
    let all = launch.back(600);
    assert_eq!(
        (all.name.as_str(), labels(&all)),
        ("b, a, fl", vec!["switch fl off, then deploy a 1, then roll back b to 1"])
    );
    assert!(gets_back(&all.ways[0]), "{:?}", all.ways[0]);
}

#[test]
fn what_has_no_way_back_is_named() {
    let launch = Launch { versions: [PLAIN.versions[0], "\"1\": {expires: 4m}, \"2\": {}"], ..PLAIN };
    let all = launch.back(600);
    assert_eq!((all.name.as_str(), labels(&all)), ("b, a, fl", vec!["switch fl off, then roll back a to 1"]));
    let way = &all.ways[0];
    assert_eq!(way.steps[0].what, "b stays as it is: the artifact of b 1 is gone");
    assert_eq!(way.left.as_ref().map(|left| left.services.clone()), Some(vec!["b".to_owned()]));
}

const THREE: &str = "\"1\": {}, \"2\": {}, \"3\": {}";

/// To where one was before the first, and to where one was before the last.
#[test]
fn the_last_of_two_releases_goes_back_alone_too() {
    let twice = &["1m, do: {deploy: b 2}", "2m, do: {deploy: a 2}", "5m, do: {deploy: a 3}", "6m, do: {deploy: b 3}"];
    let all = Launch { versions: [THREE, THREE], release: twice, ..PLAIN }.back(600);
    let back = ["deploy b 1, then deploy a 1", "roll back b to 2, then roll back a to 2"];
    assert_eq!(labels(&all), back);
    assert!(gets_back(&all.ways[0]), "{:?}", all.ways[0]);
    let last = &all.ways[1];
    assert_eq!(last.durations.map(|took| took.reached == took.tried), Some(true));
    assert_eq!(last.left.as_ref().map(|left| left.services.clone()), Some(vec!["a".to_owned(), "b".to_owned()]));
}

/// Each thing was told something once, or the last one alone something twice in a row: that has its own undo.
#[test]
fn one_order_alone_is_no_last_release() {
    assert_eq!(PLAIN.back(600).ways.len(), 1);
    let of = |release| Launch { versions: [THREE, THREE], release, ..PLAIN }.back(600);
    let all = of(&["1m, do: {deploy: b 2}", "2m, do: {deploy: a 2}", "5m, do: {deploy: a 3}"]);
    assert_eq!(labels(&all), ["deploy a 1, then roll back b to 1"]);
    let all = of(&["1m, do: {deploy: a 2}", "2m, do: {deploy: b 2}", "5m, do: {deploy: a 3}"]);
    assert_eq!(labels(&all), ["deploy a 1, then roll back b to 1", "roll back a to 2, then roll back b to 1"]);
}

/// What stands by for each part stands by for all of it.
#[test]
fn the_replicas_that_stand_for_a_release_are_those_of_all_its_parts() {
    let kept = "blue_green: {scale_down_delay: 60m}";
    let all = Launch { a: kept, b: kept, ..PLAIN }.back(900);
    assert_eq!(all.ways[0].standing, 4 + 3, "{:?}", all.ways[0]);
}

/// A controller that looks again in the midst of a way has nothing to do with whether its last order is in effect: a
/// push after the undo never is, as the undo starts a process with the old environment. Before the undo it is.
#[test]
fn a_fault_that_is_over_meanwhile_is_no_order_of_the_way() {
    let launch = Launch {
        more: "configs: {limits: {versions: [\"1\", \"2\"], read: environment}}\n\
               faults: [{stuck: a, at: 121s, lasts: 3m}]",
        a: "rollout: {surge: 1, unavailable: 1}",
        versions: [
            "\"1\": {defects: [{defect: big, endpoint: page, share: 1 %, when: {config: limits 2}}]}, \
             \"2\": {defects: [{defect: cannot start, at: start}]}",
            "\"1\": {}",
        ],
        release: &["119s, do: {config: limits 2}", "2m, do: {deploy: a 2}"],
        ..PLAIN
    };
    let back = launch.back(215);
    let way = &back.ways[0];
    assert_eq!(way.choice.label, "push limits 1, then roll back a to 1");
    assert!(way.durations.is_some_and(|took| took.reached == took.tried), "{way:?}");
    assert!(way.left.as_ref().is_some_and(Left::is_nothing), "{way:?}");
}
