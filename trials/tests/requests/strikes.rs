//! Faults that are over at once: what an emptied cache and dead processes take with them, and what comes back by
//! itself.

use model::id::{CacheId, SeatId};
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{LineKind, Lookups, Model, Outcome, World};
use trials::runs::{all_harm_is_of_the_fault, begun, compiled, model, second};

/// Everybody is about one of ten keys, and the cache has all of them. What waits at the store is answered in time.
const SHELF: &str = "title: a shelf
horizon: 10m
traffic: {readers: {to: desk.ask, rate: 100/s, arrivals: constant, keys: {count: 10}}}
caches: {shelf: {warm: 100 %}}
services:
  desk: {replicas: 1, endpoints: {ask: [{cache: shelf, miss: [{call: store.fetch, timeout: 1s}]}]}}
  store: {replicas: 1, concurrency: 1, queue: 3, endpoints: {fetch: [work: 200ms]}}
";

/// Three replicas that take 2 s to start, and requests that are at work for half a second.
const DOOR: &str = "title: a door
horizon: 30m
traffic: {guests: {to: door.open, rate: 20/s, arrivals: constant}}
services:
  door: {replicas: 3, concurrency: 100, startup: 2s, endpoints: {open: [work: 500ms]}}
";

fn of(text: &str, faults: &str) -> Model {
    model(&Bundle::from_text("strikes", format!("{text}faults:\n{faults}"), ""))
}

fn lookups(world: &World) -> Lookups {
    world.lookups(CacheId::new(0))
}

/// What is looked up in the five minutes from the wipe on.
fn after_the_wipe(fault: &str) -> World {
    let mut world = begun(&of(SHELF, fault), None, 1);
    world.run_until(Time::from_nanos(59_999_999_999));
    assert_eq!(lookups(&world).misses, 0, "everything was there");
    world.run_until(second(360));
    world
}

#[test]
fn a_wiped_cache_has_to_be_filled_again() {
    let whole = lookups(&after_the_wipe("  - {at: 60s, wipe: shelf}\n"));
    let half = lookups(&after_the_wipe("  - {at: 60s, wipe: shelf, share: 50 %}\n"));
    let little = lookups(&after_the_wipe("  - {at: 60s, wipe: shelf, share: 9.9 %}\n"));
    assert!(whole.misses >= 10 && half.misses >= 5 && half.misses < whole.misses, "{whole:?}, {half:?}");
    assert_eq!(little.misses, 0, "less than one of ten entries");
    assert!(whole.misses < 300, "it is warm again: {whole:?}");
}

#[test]
fn what_fails_behind_a_wiped_cache_leads_back_to_the_wipe() {
    let world = after_the_wipe("  - {at: 60s, wipe: shelf, share: 50 %}\n");
    let summary = world.summary();
    let line = |what: &str| summary.timeline.iter().find(|line| line.what == what).unwrap_or_else(|| panic!("{what}"));
    let wipe = line("50 % of the entries of shelf are gone");
    assert_eq!((wipe.at, wipe.kind), (second(60), LineKind::Truth));
    assert_eq!(line("store.fetch: the queue is full").because, [wipe.id]);
}

#[test]
fn killed_processes_take_their_work_with_them_and_come_back() {
    let mut world = begun(&of(DOOR, "  - {at: 60010ms, kill: door, replicas: 2}\n"), None, 1);
    world.run_until(second(60));
    assert_eq!(world.summary().harm.requests.failed, 0);
    world.run_until(second(61));
    // 20 a second for half a second, over three replicas: two have seven or so of ten in hand.
    let failed = world.summary().harm.requests.failed;
    assert!((6..=8).contains(&failed), "{failed}");
    let sizes = |world: &World| {
        let service = world.view(SeatId::ZERO).services.swap_remove(0);
        (service.versions[0].ready, service.versions[0].starting, service.versions[0].crashed)
    };
    assert_eq!(sizes(&world), (1, 2, 0), "the first restart waits for nothing");
    world.run_until(second(63));
    assert_eq!(sizes(&world), (3, 0, 0));
    world.run_until(second(600));
    let summary = world.summary();
    assert_eq!((summary.harm.requests.failed, summary.outcome), (failed, Outcome::Recovered));
}

#[test]
fn a_process_that_is_killed_again_and_again_is_restarted_later_each_time() {
    let faults: String = [60, 70, 100, 150].map(|at| format!("  - {{at: {at}s, kill: door}}\n")).concat();
    let mut world = begun(&of(DOOR, &faults), None, 1);
    let mut up = |millis: u64| {
        world.run_until(Time::ZERO + Span::from_millis(millis));
        world.view(SeatId::ZERO).services[0].versions[0].ready
    };
    // At once, then after 10 s, 20 s and 40 s; a start takes 2 s.
    for back in [62_000, 82_000, 122_000, 192_000] {
        assert_eq!([up(back - 1), up(back)], [0, 3], "at {back} ms");
    }
}

#[test]
fn a_kill_is_told_as_truth_and_seen_as_a_crash() {
    let mut world = begun(&of(DOOR, "  - {at: 60s, kill: door}\n"), None, 1);
    world.run_until(second(70));
    let summary = world.summary();
    let line = |what: &str| summary.timeline.iter().find(|line| line.what == what).unwrap_or_else(|| panic!("{what}"));
    let kill = line("every ready process of door dies");
    let death = line("a process dies: killed");
    assert_eq!((kill.kind, death.because.as_slice()), (LineKind::Truth, &[kill.id][..]));
    assert_eq!(line("door.open: its replica stopped").because, [death.id]);
    assert_eq!(line("door.open: no replica is ready").because, [death.id]);
    let view = world.view(SeatId::ZERO);
    assert!(view.timeline.iter().all(|line| line.who != "fault") && view.running.is_empty(), "{view:#?}");
}

#[test]
fn killing_more_than_there_are_kills_all_and_nobody_twice() {
    let all = |replicas: &str| {
        let mut world = begun(&of(DOOR, &format!("  - {{at: 60s, kill: door{replicas}}}\n")), None, 1);
        world.run_until(second(300));
        let harm = world.summary().harm.requests;
        (harm.failed, harm.total, world.in_flight())
    };
    assert_eq!(all(", replicas: 4294967295"), all(""));
    assert_ne!(all(", replicas: 2"), all(""));
}

#[test]
fn without_the_fault_there_is_no_harm_and_before_it_nothing_is_different() {
    for (text, fault) in [(SHELF, "  - {at: 60s, wipe: shelf}\n"), (DOOR, "  - {at: 60s, kill: door}\n")] {
        let worlds = [fault, "  []\n"].map(|faults| begun(&of(text, faults), None, 1));
        all_harm_is_of_the_fault(worlds, second(60));
    }
}

#[test]
fn a_fault_that_makes_no_sense_is_refused_with_a_way_out() {
    for (text, fault, said) in [
        (SHELF, "{at: 1s, wipe: shelff}", "there is no cache `shelff`"),
        (SHELF, "{at: 1s, wipe: shelf, share: 0 %}", "nothing is gone, and it is no fault"),
        (SHELF, "{at: 1s, wipe: shelf, lasts: 1s}", "unknown key `lasts`"),
        (DOOR, "{at: 1s, kill: dor}", "there is no service `dor`"),
        (DOOR, "{at: 1s, kill: door, replicas: 0}", "nobody dies, and it is no fault"),
        (DOOR, "{kill: door}", "missing key `at`"),
    ] {
        let bundle = Bundle::from_text("strikes", format!("{text}faults: [{fault}]\n"), "");
        let problems = scenarios::compile(&bundle).expect_err(fault);
        assert!(problems.short().contains(said), "{fault}: {problems}");
    }
    let late = Bundle::from_text("strikes", format!("{DOOR}faults: [{{at: 31m, kill: door}}]\n"), "");
    assert!(scenarios::compile(&late).expect("it is odd, not wrong").warnings.is_some());
    assert_eq!(compiled(&late).system.faults.len(), 1);
}
