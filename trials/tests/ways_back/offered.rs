//! Ways back: what can be done, how long the mechanism takes, what it leaves.

use model::action::{Action, DataAction, ServiceAction};
use model::time::{Span, Time};
use sim::{Changed, Durations, Left, Subject, WayBack, WaysBack, World};
use trials::runs::{begun, library, lived, model};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;

fn minute(number: u64) -> Time {
    Time::ZERO + Span::from_secs(60 * number)
}

fn at(name: &str, number: u64) -> WaysBack {
    let mut world = begun(&library(name), None, SEED);
    world.run_until(minute(number));
    world.ways_back(200)
}

fn change<'w>(ways: &'w WaysBack, what: Subject, name: &str) -> &'w Changed {
    ways.changes.iter().find(|changed| changed.what == what && changed.name == name).expect("it was changed")
}

fn way(changed: &Changed, is_it: fn(&Action) -> bool) -> &WayBack {
    changed.ways.iter().find(|way| is_it(&way.choice.action)).expect("there is such a way")
}

fn durations(way: &WayBack) -> (f64, f64) {
    let Durations { p50, p90, .. } = way.durations.expect("it can be done");
    let seconds = |span: Option<Span>| span.expect("it got there").nanos() as f64 / 1e9;
    (seconds(p50), seconds(p90))
}

fn left(way: &WayBack) -> &Left {
    way.left.as_ref().expect("it got there")
}

// How long.

#[test]
fn a_flag_takes_as_long_as_the_last_of_its_processes_to_ask() {
    let ways = at("ledger-format", 12);
    let flag = change(&ways, Subject::Flag, "ledger-fmt3");
    let (p50, p90) = durations(&flag.ways[0]);
    // The last of six uniform waits of up to 30 s: quantile q is 30 q^(1/6). Of 200 draws, the median is within 0.9 s
    // and the 90th percentile within 0.3 s, three standard deviations each.
    assert!((p50 - 30.0 * 0.5_f64.powf(1.0 / 6.0)).abs() < 0.9, "{p50}");
    assert!((p90 - 30.0 * 0.9_f64.powf(1.0 / 6.0)).abs() < 0.4, "{p90}");
}

#[test]
fn a_fix_takes_its_stages_and_then_a_rollout() {
    let ways = at("ledger-format", 12);
    let payments = change(&ways, Subject::Service, "payments");
    let forward = way(payments, |action| matches!(action, Action::Service(_, ServiceAction::Forward(_))));
    let stages = forward.steps.iter().filter_map(|step| step.takes).fold(Span::ZERO, |sum, takes| sum + takes);
    assert_eq!(stages, Span::from_secs(17 * 60));
    let rollback = way(payments, |action| matches!(action, Action::Service(_, ServiceAction::Undo)));
    let extra = durations(forward).0 - 17.0 * 60.0;
    assert!(extra > durations(rollback).0, "a new image has to be fetched, the old one is there: {extra}");
}

#[test]
fn a_way_that_never_gets_there_says_so() {
    let dies = "\"50\":\n        defects: [{defect: cannot read its configuration, at: start}]\n";
    let broken = edited(bundled("ledger-format"), |text| swapped(text, "\"50\":\n", dies));
    let mut world = begun(&model(&broken), None, SEED);
    world.run_until(minute(12));
    let ways = world.ways_back(20);
    let undo = way(change(&ways, Subject::Service, "payments"), |action| {
        matches!(action, Action::Service(_, ServiceAction::Undo))
    });
    assert_eq!(undo.durations, Some(Durations { tried: 20, reached: 0, ..Durations::default() }));
    assert_eq!((&undo.left, &undo.brings_back[..]), (&None, &["cannot read its configuration".to_owned()][..]));
}

#[test]
fn an_artifact_that_is_gone_is_named_and_not_tried() {
    let ways = at("artifact-gone", 12);
    let all = ways.changes.iter().flat_map(|changed| &changed.ways);
    let refused: Vec<_> = all.filter(|way| way.choice.refused.is_some()).collect();
    assert!(!refused.is_empty());
    for way in refused {
        assert_eq!((way.durations, &way.left), (None, &None));
    }
}

// What is left.

#[test]
fn code_goes_back_and_what_it_wrote_stays() {
    let ways = at("ledger-format", 12);
    let undo = way(change(&ways, Subject::Service, "payments"), |action| {
        matches!(action, Action::Service(_, ServiceAction::Undo))
    });
    let Left { unreadable, services, flags, .. } = left(undo);
    assert_eq!((services.len(), &flags[..]), (0, &["ledger-fmt3".to_owned()][..]));
    // What a run that takes this way at this moment comes to, without any customer after it: the same records.
    let mut world = begun(&library("ledger-format"), None, SEED);
    world.run_until(minute(12));
    let before = world.summary().harm.unreadable.remaining;
    assert!(*unreadable > 500 && before == 0, "{unreadable} and {before}");
    let rolled = lived(&library("ledger-format"), Some("rollback"), SEED).summary();
    assert!(rolled.harm.unreadable.ever > *unreadable, "and more are written while it goes on");
}

#[test]
fn the_flag_leaves_nothing_that_the_new_code_cannot_read() {
    let ways = at("ledger-format", 12);
    let off = left(&change(&ways, Subject::Flag, "ledger-fmt3").ways[0]);
    let [services, mistakes] = ["payments", "wallet fees are rounded below zero"].map(|own| vec![own.to_owned()]);
    assert_eq!(*off, Left { services, mistakes, ..Left::default() }, "the version stays, and what is wrong with it");
    assert!(Left::default().is_nothing() && !off.is_nothing());
}

#[test]
fn an_older_snapshot_loses_more() {
    let ways = at("lost-writes", 15);
    let store = ways.changes.iter().find(|changed| changed.what == Subject::Store).expect("a store with a backup");
    let restores = store.ways.iter().filter(|way| matches!(way.choice.action, Action::Data(DataAction::Restore(..))));
    let lost: Vec<_> = restores.map(|way| left(way).lost).collect();
    assert!(lost.len() == 2 && lost[0] < lost[1], "{lost:?}");
}

// Whose truth.

#[test]
fn before_the_release_there_is_nothing_to_go_back_from() {
    let services = at("ledger-format", 1).changes.into_iter().filter(|changed| changed.what != Subject::Store);
    assert_eq!(services.count(), 0);
}

#[test]
fn looking_for_ways_back_changes_nothing_and_finds_the_same_again() {
    let mut world = begun(&library("ledger-format"), Some("rollback"), SEED);
    world.run_until(minute(14));
    let (copy, ways) = (world.clone(), world.ways_back(20));
    assert!(world == copy, "it looks, and forks");
    assert_eq!(ways, copy.ways_back(20));
}

#[test]
fn there_are_ways_back_from_every_drill_and_lesson() {
    let released = |world: &World| world.is_released() || world.now() > Time::ZERO + Span::from_secs(1800);
    for bundled in scenarios::library::all() {
        let model = library(bundled.name);
        if model.release.is_empty() {
            continue;
        }
        let mut world = begun(&model, None, SEED);
        while !released(&world) {
            world.run_until(world.now() + Span::SECOND);
        }
        assert!(!world.ways_back(2).changes.is_empty(), "{}", bundled.name);
    }
}

// Half of the way.

fn labels(changed: &Changed) -> Vec<&str> {
    changed.ways.iter().map(|way| way.choice.label.as_str()).collect()
}

#[test]
fn a_rollout_can_be_held_where_it_is() {
    let mut world = begun(&library("region-wave"), None, SEED);
    world.run_until(Time::ZERO + Span::from_secs(525));
    let ways = world.ways_back(20);
    let shop = change(&ways, Subject::Service, "shop");
    let hold = way(shop, |action| matches!(action, Action::Service(_, ServiceAction::Pause)));
    assert_eq!(hold.durations.expect("it can be done").p90, Some(Span::ZERO));
    assert!(!left(hold).replicas.is_empty() || !left(hold).services.is_empty(), "{:?}", left(hold));
}

#[test]
fn what_blocks_a_rollback_can_be_stopped() {
    let ways = at("stateful-blocks", 7);
    let vault = change(&ways, Subject::Service, "vault");
    assert!(labels(vault).contains(&"stop the replicas of vault that do not get ready"), "{:?}", labels(vault));
    assert!(labels(vault).iter().any(|label| label.starts_with("hold vault")), "{:?}", labels(vault));
}
