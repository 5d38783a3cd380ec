//! Crashes: what a process takes with it, when the next one comes, and what a rollout makes of a version that
//! does not stay up.

use model::id::SeatId;
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::view::{ServiceView, VersionView};
use sim::{Model, World};
use trials::runs::{answers_of, begun, model, second};
use trials::text::swapped;

/// Ten replicas, and a release whose version cannot start.
const ROLLOUT: &str = "title: a version that does not start
horizon: 30m
seats:
  ana: {role: commander}
  launch: {role: release}
traffic:
  guests: {to: door.open, rate: 20/s}
services:
  door:
    replicas: 10
    startup: 3s
    endpoints:
      open: [work: 5ms]
    versions:
      \"1\": {}
      \"2\": {defects: [{defect: cannot parse the new config, at: start}]}
release:
  - {at: 10s, do: {deploy: door 2}}
plans:
  undo:
    about: roll it back
    steps:
      - {at: 5m, do: {undo: door}}
  look:
    about: see why it does not go on
    steps:
      - {at: 2m, do: {look: errors of door}}
";

/// One replica that somebody waits at, and somebody else brings down after 9.5 s.
const DOOR: &str = "title: a request that kills
horizon: 1m
traffic:
  guests: {to: door.wait, rate: 1/s, arrivals: constant}
  thief: {to: door.force, rate: 2/19s, arrivals: constant}
services:
  door:
    replicas: 1
    startup: 1s
    endpoints:
      wait: [work: 5s]
      force: []
    versions:
      \"1\": {defects: [{defect: the hinge breaks, endpoint: force, crash: yes}]}
";

fn of(text: &str) -> Model {
    model(&Bundle::from_text("crashes", text, ""))
}

fn door(world: &World) -> ServiceView {
    world.view(SeatId::ZERO).services.swap_remove(0)
}

fn version(world: &World, label: &str) -> Option<VersionView> {
    door(world).versions.into_iter().find(|version| version.label == label)
}

/// What tools say of both versions: (ready, not ready) of the old and of the new one.
fn sizes(world: &World) -> [(u32, u32); 2] {
    ["1", "2"]
        .map(|label| version(world, label).map_or((0, 0), |own| (own.ready, own.starting + own.crashed + own.draining)))
}

fn run_to(world: &mut World, millis: u64) {
    world.run_until(Time::ZERO + Span::from_millis(millis));
}

/// 10/0, 10/3, 8/3, 8/5: the arithmetic of surge and unavailability at 25 % each, with pods that are created
/// and never ready.
#[test]
fn a_version_that_dies_at_its_start_stops_its_rollout_half_way() {
    let mut world = begun(&of(ROLLOUT), None, 1);
    for seconds in [11, 60, 600, 1500] {
        world.run_until(second(seconds));
        assert_eq!(sizes(&world), [(8, 0), (0, 5)], "after {seconds} s");
    }
    assert!(world.replied() > 20_000);
    assert_eq!(world.summary().harm.requests.failed, 0, "the old version serves on");
}

#[test]
fn an_undo_clears_what_crashes_and_brings_the_old_version_back() {
    let mut world = begun(&of(ROLLOUT), Some("undo"), 1);
    world.run_until(second(299));
    assert_eq!(sizes(&world), [(8, 0), (0, 5)]);
    world.run_until(second(304));
    assert_eq!(sizes(&world), [(10, 0), (0, 0)]);
    let told = world.summary().timeline;
    assert!(told.iter().any(|line| line.what == "in effect: roll back door"));
}

#[test]
fn without_the_defect_the_rollout_goes_through() {
    let text = swapped(ROLLOUT, "{defects: [{defect: cannot parse the new config, at: start}]}", "{}");
    let mut world = begun(&of(&text), None, 1);
    world.run_until(second(60));
    assert_eq!(sizes(&world), [(0, 0), (10, 0)]);
}

/// A process takes 3 s to its death. The kubelet restarts it at once, then 10, 20, 40, 80, 160, 300 and 300 s
/// after it died.
#[test]
fn restarts_wait_as_long_as_the_kubelet_makes_them() {
    let mut world = begun(&of(ROLLOUT), None, 1);
    let (mut died, mut starts) = (13, vec![10, 13]);
    for wait in [10, 20, 40, 80, 160, 300, 300] {
        died += 3;
        starts.push(died + wait);
        died += wait;
    }
    for wait in starts.windows(2).skip(1) {
        let (start, next) = (wait[0], wait[1]);
        for (millis, starting, crashed) in [
            (start * 1000 + 1, 5, 0),
            (start * 1000 + 2999, 5, 0),
            (start * 1000 + 3001, 0, 5),
            (next * 1000 - 1, 0, 5),
        ] {
            run_to(&mut world, millis);
            let new = version(&world, "2").expect("it is being rolled out");
            assert_eq!((new.starting, new.crashed), (starting, crashed), "after {millis} ms");
        }
    }
    assert_eq!(starts, [10, 13, 26, 49, 92, 175, 338, 641, 944]);
}

/// Each process draws for itself: sooner or later one of a replica's comes up, and the rollout goes on.
#[test]
fn a_start_that_fails_at_times_is_only_slower() {
    let text = swapped(ROLLOUT, "at: start}", "at: start, share: 50 %}");
    let mut world = begun(&of(&text), None, 1);
    let mut most = 0;
    for seconds in (5..=3600).step_by(5) {
        world.run_until(second(seconds));
        most = most.max(version(&world, "2").map_or(0, |new| new.crashed));
    }
    assert!(most > 0, "none of them had to wait for a second restart");
    assert_eq!(sizes(&world), [(0, 0), (10, 0)]);
}

#[test]
fn a_crash_fails_everything_in_flight_and_nothing_else() {
    let mut world = begun(&of(DOOR), None, 1);
    run_to(&mut world, 9_499);
    assert_eq!(world.summary().harm.requests.failed, 0);
    run_to(&mut world, 9_500);
    assert_eq!(answers_of(&world, "door.wait").failed, 5, "those of seconds 5 to 9");
    assert_eq!(answers_of(&world, "door.force").failed, 1);
    run_to(&mut world, 10_499);
    assert_eq!(answers_of(&world, "door.wait").failed, 6, "nobody is there at second 10");
    run_to(&mut world, 18_999);
    assert_eq!(answers_of(&world, "door.wait").failed, 6, "the next process serves from 10.5 s on");
    assert_eq!(world.arrived(), world.replied() + world.in_flight());
}

/// At 19 s the second process dies, and the third is not started before 29 s.
#[test]
fn a_second_crash_keeps_customers_waiting_for_the_back_off() {
    let mut world = begun(&of(DOOR), None, 1);
    run_to(&mut world, 28_999);
    assert_eq!(door(&world).versions[0].crashed, 1);
    run_to(&mut world, 29_999);
    assert_eq!(door(&world).versions[0].starting, 1);
    run_to(&mut world, 30_001);
    assert_eq!(door(&world).versions[0].ready, 1);
}

#[test]
fn requests_that_fail_with_a_process_are_told_because_of_its_death() {
    let mut world = begun(&of(DOOR), None, 1);
    world.run_until(second(20));
    let told = world.summary().timeline;
    let death = told.iter().find(|line| line.what == "a process dies: the hinge breaks").expect("it is told");
    assert!(death.seen(), "everybody can see that it died; of what is for those who look");
    let failed = told.iter().find(|line| line.what == "door.wait: its replica stopped").expect("it is told");
    assert_eq!(failed.because, [death.id]);
}

/// 12.5 s into the run the old version dies on its way out, with the requests of seconds 8 and 9.
#[test]
fn a_replica_on_its_way_out_is_not_restarted() {
    let text = swapped(DOOR, "force: []", "force: [work: 3s]");
    let release = "      \"2\": {}\nseats:\n  launch: {role: release}\nrelease:\n  - {at: 9s, do: {deploy: door 2}}\n";
    let mut world = begun(&of(&(text + release)), None, 1);
    run_to(&mut world, 12_499);
    assert_eq!(version(&world, "1").expect("it drains").draining, 1);
    run_to(&mut world, 12_500);
    assert_eq!(answers_of(&world, "door.wait").failed, 2);
    assert_eq!(answers_of(&world, "door.force").failed, 1);
    assert_eq!(version(&world, "1"), None);
    world.run_until(second(60));
    assert_eq!(world.summary().harm.requests.failed, 3);
}

/// A process that lives would have heard of it within ten minutes.
#[test]
fn the_next_process_asks_for_its_flags_again() {
    let flag = "flags:\n  bell: {poll: 10m}\nservices:\n";
    let release = "seats:\n  launch: {role: release}\nrelease:\n  - {at: 2s, do: {flag: bell, to: on}}\n";
    let text = swapped(DOOR, "services:\n", flag) + release;
    let text = swapped(&text, "wait: [work: 5s]", "wait: [{work: 5s}, {when: {flag: bell}, do: [work: 1ms]}]");
    let mut world = begun(&of(&text), None, 1);
    let mut hearing = |millis| {
        run_to(&mut world, millis);
        let bell = world.view(SeatId::ZERO).flags.swap_remove(0);
        (bell.agree, bell.processes)
    };
    assert_eq!([hearing(9_499), hearing(9_501), hearing(10_501)], [(0, 1), (0, 0), (1, 1)]);
}

#[test]
fn a_look_at_errors_finds_what_processes_died_of() {
    let mut world = begun(&of(ROLLOUT), Some("look"), 1);
    world.run_until(second(170));
    let found = world.view(SeatId::ZERO).found;
    assert_eq!(found[0].lines, ["5 crashed in door 2: cannot parse the new config"]);
}

#[test]
fn without_the_defect_nobody_fails() {
    let text = swapped(DOOR, "{defects: [{defect: the hinge breaks, endpoint: force, crash: yes}]}", "{}");
    let mut world = begun(&of(&text), None, 1);
    world.run_until(second(60));
    assert_eq!(world.summary().harm.requests.failed, 0);
}

/// A start without any length and a caller that never waits: the back-off is what lets time pass.
#[test]
fn a_crash_loop_does_not_stop_the_clock() {
    let instant = swapped(DOOR, "startup: 1s", "startup: 0s");
    let text = swapped(&instant, "force: []", "force: [{call: door.push, retries: 100}]\n      push: []");
    let text = swapped(&text, "endpoint: force,", "endpoint: push,");
    let mut world = begun(&of(&text), None, 1);
    world.run_until(second(60));
    assert!(world.steps() < 100_000);
    assert!(answers_of(&world, "door.force").failed > 0);
}
