//! What people see of a run while it lasts, and what the debrief says they could see.

use model::id::SeatId;
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::view::{Health, ServiceView};
use sim::{CacheUse, CrashCount, JobRuns, Line, Lookups, Runs, Scaling, World};
use trials::runs::{begun, model, second};

/// Four replicas, and a release whose version dies at its start more often than not.
const LOOP: &str = "title: a crash loop
horizon: 20m
traffic:
  guests: {to: door.open, rate: 20/s, arrivals: constant}
services:
  door:
    replicas: 4
    startup: 3s
    endpoints:
      open: [work: 5ms]
    versions:
      \"1\": {}
      \"2\": {defects: [{defect: cannot parse the new config, at: start, share: SHARE}]}
release:
  - {at: 10s, do: {deploy: door 2}}
plans:
  undo:
    about: roll it back
    steps:
      - {at: 5m, do: {undo: door}}
";

fn looping(share: &str, plan: Option<&str>, until: u64) -> World {
    let text = LOOP.replace("SHARE", share);
    let mut world = begun(&model(&Bundle::from_text("seen", text, "")), plan, 1);
    world.run_until(second(until));
    world
}

fn first(world: &World) -> ServiceView {
    world.view(SeatId::ZERO).services.swap_remove(0)
}

fn told<'a>(timeline: &'a [Line], words: &str) -> Vec<&'a Line> {
    timeline.iter().filter(|line| line.what.contains(words)).collect()
}

#[test]
fn requests_no_replica_takes_count_for_their_service() {
    let text = "title: nobody there\nhorizon: 5m\ntraffic:\n  guests: {to: door.open, rate: 20/s, arrivals: constant}\n\
                services:\n  door:\n    endpoints:\n      open: [work: 5ms]\n    versions:\n      \"1\": {defects: \
                [{defect: the hinge breaks, endpoint: open, crash: yes}]}\n";
    let mut world = begun(&model(&Bundle::from_text("nobody", text, "")), None, 1);
    world.run_until(second(301 - 2));
    let door = first(&world);
    assert!(door.versions.iter().all(|version| version.ready == 0), "{door:?}");
    assert_eq!((door.rate, door.errors, door.health), (20.0, 1.0, Health::Failing));
}

#[test]
fn a_crash_is_seen_and_its_cause_is_not() {
    let world = looping("100 %", None, 299);
    let seen = world.view(SeatId::ZERO).timeline;
    let (seen, all) = (told(&seen, "a process dies"), world.summary().timeline);
    assert_eq!(seen.iter().map(|line| line.what.as_str()).collect::<Vec<_>>(), ["a process dies"]);
    let truth = told(&all, "a process dies: cannot parse the new config");
    assert!(truth.len() == 1 && truth[0].seen(), "{truth:?}");
}

#[test]
fn crashes_are_counted_by_version() {
    let world = looping("100 %", None, 299);
    let shown = first(&world).versions.into_iter().find(|version| version.label == "2").expect("it is there");
    let named = |name: &str| name.to_owned();
    let counted = CrashCount { service: named("door"), version: named("2"), count: shown.crashes };
    // From 13 s on at 3 s a start: 0, 10, 20, 40, 80 and 160 s after the one before; three replicas alike.
    assert_eq!((world.summary().workings.crashes, shown.crashes % 6), (vec![counted], 0));
    assert_eq!(first(&looping("0 %", None, 299)).versions[0].crashes, 0);
}

#[test]
fn a_version_that_serves_on_is_not_told_again_when_another_is_wanted() {
    for share in ["0 %", "40 %", "70 %"] {
        let timeline = looping(share, Some("undo"), 1199).summary().timeline;
        let serving = told(&timeline, "first replica serves");
        assert_eq!(serving.iter().filter(|line| line.who == "door 2").count(), 1, "{share}: {serving:?}");
    }
}

#[test]
fn caches_background_jobs_and_autoscalers_say_what_they_came_to() {
    let text = "title: all of it\nhorizon: 10m\ntraffic:\n  guests: {to: shop.see, rate: 10/s, arrivals: constant, \
                keys: {count: 1}}\ncaches: {shelf: {ttl: 1m}}\nbackground:\n  report: {run: shop.report, every: 1m}\n\
                services:\n  shop:\n    autoscale: {min: 2, max: 5, utilisation: 60 %}\n    endpoints:\n      \
                see: [{cache: shelf, miss: [work: 1ms]}]\n      report: []\n";
    let mut world = World::new(model(&Bundle::from_text("all", text, "")), 1);
    world.run_until(Time::ZERO + Span::from_millis(599_950));
    let workings = world.summary().workings;
    let [CacheUse { cache, lookups: Lookups { hits, misses, .. } }] = &workings.caches[..] else {
        panic!("{workings:?}")
    };
    assert_eq!((cache.as_str(), hits + misses, *misses), ("shelf", world.replied(), 10));
    let runs = Runs { due: 10, skipped: 0, failed: 0, replaced: 0, under_way: 0 };
    assert_eq!(workings.background, [JobRuns { job: "report".to_owned(), runs }]);
    let idle = Scaling { service: "shop".to_owned(), replicas: 2, ready: 2, highest: 2 };
    assert_eq!((workings.autoscaled, workings.crashes), (vec![idle], vec![]));
}
