//! Faults: to the nanosecond what they do to work under way, and that they do nothing else.

use model::time::Span;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scenarios::Bundle;
use sim::{LineKind, Model, World};
use trials::runs::{all_harm_is_of_the_fault, compiled, lived, model, second};

/// One request, 100 s into the run, worth 400 ms of one worker.
const LONELY: &str = "title: one request
horizon: 10m
traffic: {guests: {to: desk.ask, rate: 1/100s, arrivals: constant}}
services: {desk: {replicas: 1, concurrency: 1, endpoints: {ask: [work: 400ms]}}}
";
const BEGINS: u64 = 100_000_000_000;
const WORK: u64 = 400_000_000;

fn bundle(faults: &str) -> Bundle {
    Bundle::from_text("lonely", format!("{LONELY}faults:\n{faults}"), "")
}

/// How long the one request takes under the faults.
fn took(faults: &str) -> Option<Span> {
    let mut world = World::new(Model::new(compiled(&bundle(faults))), 1);
    world.run_until(second(199));
    let answers = world.answers()[0];
    (answers.count == 1).then(|| Span::from_nanos(u64::try_from(answers.total_ns).expect("a short time")))
}

#[test]
fn work_that_stood_still_goes_on_where_it_was() {
    assert_eq!(took("  - {at: 10s, lasts: 80s, pause: desk}"), Some(Span::from_millis(400)));
    assert_eq!(took("  - {at: 100100ms, lasts: 10s, pause: desk}"), Some(Span::from_millis(10_400)));
    assert_eq!(took("  - {at: 100100ms, pause: desk}"), None);
    assert_eq!(took("  - {at: 90s, lasts: 20s, pause: desk}"), Some(Span::from_millis(10_400)));
}

#[test]
fn what_is_left_goes_at_the_new_speed() {
    assert_eq!(took("  - {at: 100100ms, slow: desk, to: 25 %}"), Some(Span::from_millis(1300)));
    assert_eq!(took("  - {at: 100100ms, lasts: 400ms, slow: desk, to: 25 %}"), Some(Span::from_millis(700)));
}

#[test]
fn of_faults_that_overlap_the_slowest_counts_and_ending_it_leaves_the_other() {
    let both = "  - {at: 100s, slow: desk, to: 50 %}\n  - {at: 100200ms, lasts: 1s, pause: desk}";
    assert_eq!(took(both), Some(Span::from_millis(1800)));
    let twice = "  - {at: 100s, lasts: 2s, pause: desk}\n  - {at: 101s, lasts: 2s, pause: desk}";
    assert_eq!(took(twice), Some(Span::from_millis(3400)));
}

/// Speeding up leaves an event behind that was meant for the slow end of the work.
#[test]
fn work_that_is_over_is_not_over_again_when_it_would_have_been() {
    let text = "title: two steps
horizon: 10m
traffic: {guests: {to: desk.ask, rate: 1/100s, arrivals: constant}}
services:
  desk: {replicas: 1, concurrency: 1, endpoints: {ask: [work: 400ms, call: archive.find, work: 100ms]}}
  archive: {endpoints: {find: [work: 1s]}}
faults: [{at: 100s, lasts: 200ms, slow: desk, to: 50 %}, {at: 100900ms, lasts: 100ms, pause: desk}]
";
    let mut world = World::new(Model::new(compiled(&Bundle::from_text("two", text, ""))), 1);
    world.run_until(second(199));
    assert_eq!((world.answers()[0].count, world.answers()[0].total_ns), (1, 1_600_000_000));
}

/// (strikes at, lasts, share left) of each fault, in ms and per cent.
fn any_faults() -> impl Strategy<Value = Vec<(u64, u64, u32)>> {
    prop::collection::vec((99_900..101_000_u64, 1..600_u64, 0..100_u32), 0..6)
}

fn written((at, lasts, to): &(u64, u64, u32)) -> String {
    format!("  - {{at: {at}ms, lasts: {lasts}ms, slow: desk, to: {to} %}}\n")
}

/// When work begun at 100 s is over, by adding up millisecond by millisecond what each lets it do.
fn by_the_millisecond(faults: &[(u64, u64, u32)]) -> u64 {
    let mut left = WORK * 100;
    for ms in BEGINS / 1_000_000.. {
        let under = faults.iter().filter(|(at, lasts, _)| (*at..at + lasts).contains(&ms));
        let pace = u64::from(under.map(|(_, _, to)| *to).min().unwrap_or(100));
        if left <= 1_000_000 * pace {
            return ms * 1_000_000 + left.div_ceil(pace) - BEGINS;
        }
        left -= 1_000_000 * pace;
    }
    unreachable!("every fault is over some time")
}

/// The seed is fixed: a build is red or green, whoever runs it.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn any_faults_leave_as_much_work_as_they_leave_speed(faults in any_faults()) {
        let text: String = faults.iter().map(written).collect();
        let text = if text.is_empty() { "  []".to_owned() } else { text };
        let found = took(&text).expect("every fault is over").nanos();
        // Each change of pace may cost less than a nanosecond of work.
        let exact = by_the_millisecond(&faults);
        prop_assert!(found.abs_diff(exact) <= 100 * 12, "{found} instead of {exact}");
    }
}

/// Requests queue while a service stands still, callers give up, and everybody is answered exactly once.
const BUSY: &str = "title: a busy desk
horizon: 5m
traffic: {guests: {to: door.open, rate: 50/s}}
services:
  door: {concurrency: 100, endpoints: {open: [{call: desk.ask, timeout: 500ms, retries: 1, backoff: 50ms}]}}
  desk:
    replicas: 2
    concurrency: 2
    queue: 100
    startup: 5s
    endpoints: {ask: [work: {mean: 20ms}]}
    versions: {\"1\": {}, \"2\": {}}
release:
  - {at: 60s, do: {deploy: desk 2}}
";
const TROUBLE: &str = "faults:
  - {at: 30s, lasts: 10s, pause: desk}
  - {at: 58s, lasts: 20s, slow: desk, to: 10 %}
  - {at: 70s, lasts: 2s, pause: desk}
";

fn busy(faults: &str) -> World {
    World::new(Model::new(compiled(&Bundle::from_text("busy", format!("{BUSY}{faults}"), ""))), 1)
}

#[test]
fn everybody_is_answered_once_whatever_stands_still() {
    let mut world = busy(TROUBLE);
    for minute in 1..=5 {
        world.run_until(second(60 * minute));
        assert_eq!(world.arrived(), world.replied() + world.in_flight());
    }
    let harm = world.summary().harm.requests;
    assert!(harm.failed > 100 && harm.failed < harm.total / 2, "{harm:?}");
    assert!(world.in_flight() < 20, "{} are left behind", world.in_flight());
}

#[test]
fn without_the_fault_there_is_no_harm_and_before_it_nothing_is_different() {
    all_harm_is_of_the_fault([busy(TROUBLE), busy("")], second(30));
}

#[test]
fn a_fault_is_truth_and_no_telemetry() {
    let mut world = busy(TROUBLE);
    world.run_until(second(120));
    let summary = world.summary();
    let line = |what: &str| summary.timeline.iter().find(|line| line.what == what).unwrap_or_else(|| panic!("{what}"));
    let (pause, over) = (line("desk stands still"), line("over: desk stands still"));
    assert_eq!((pause.at, pause.kind, over.at), (second(30), LineKind::Truth, second(40)));
    assert_eq!(line("desk works at 10 % of its speed").at, second(58));
    assert_eq!(over.because, [pause.id]);
    let late = line("desk.ask: no answer in time");
    assert_eq!(late.because, [pause.id]);
    let view = world.view(world.scenario().player);
    assert!(view.timeline.iter().all(|line| line.who != "fault") && view.running.is_empty(), "{view:#?}");
}

#[test]
fn a_fork_in_the_middle_of_a_fault_equals_the_original() {
    let mut original = busy(TROUBLE);
    original.run_until(second(35));
    let mut fork = original.clone();
    assert_eq!(fork, original);
    for world in [&mut original, &mut fork] {
        world.run_until(second(100));
    }
    assert_eq!(fork, original);
}

#[test]
fn a_fault_that_makes_no_sense_is_refused_with_a_way_out() {
    for (fault, said) in [
        ("{at: 1s, pause: dekk}", "there is no service `dekk`"),
        ("{at: 1s, slow: desk, to: 100 %}", "100 % is full speed, and no fault"),
        ("{at: 1s, lasts: 0s, pause: desk}", "a fault lasts at least 1ns"),
        ("{at: 1s, slow: desk}", "missing key `to`"),
        ("{at: 1s, lasts: 1s}", "it needs one of `pause`, `slow`, `wipe`, `kill`, `unreach`, `lose`, `delay`"),
        ("{at: 1s, change: desk 1}", "desk is run here, and does not change by itself"),
        ("{at: 1s, change: desk 9}", "there is no version `desk 9`"),
    ] {
        let problems = scenarios::compile(&bundle(&format!("  - {fault}\n"))).expect_err(fault);
        assert!(problems.short().contains(said), "{fault}: {problems}");
    }
    let late = scenarios::compile(&bundle("  - {at: 11m, pause: desk}\n")).expect("it is odd, not wrong");
    assert!(late.warnings.expect("it is odd").short().contains("this fault strikes after the end of the run"));
}

/// Two faults, far apart: each has its own consequences, alerts and breakers included.
#[test]
fn a_fault_that_is_over_is_not_the_cause_of_what_comes_later() {
    let text = "title: twice
horizon: 30m
traffic: {guests: {to: desk.ask, rate: 20/s, arrivals: constant}}
services:
  desk:
    endpoints: {ask: [{call: archive.find, timeout: 80ms, breaker: {failures: 5, open: 10s}}]}
  archive: {endpoints: {find: [work: 10ms]}}
faults: [{pause: archive, at: 5m, lasts: 1m}, {slow: archive, to: 10 %, at: 15m, lasts: 1m}]
slos: {s: {endpoint: desk.ask, good: 99 %, within: 100ms}}
alerts: {burn: {burn: s, factor: 5, long: 5m, short: 1m}}
";
    let timeline = lived(&model(&Bundle::from_text("twice", text, "")), None, 1).summary().timeline;
    let fires: Vec<_> = timeline.iter().filter(|line| line.kind == LineKind::Alert).collect();
    assert_eq!(fires.len(), 2);
    for (alert, fault) in fires.iter().zip(["archive stands still", "archive works at 10 % of its speed"]) {
        let mut roots = std::collections::BTreeSet::new();
        let mut open = alert.because.clone();
        while let Some(id) = open.pop() {
            let line = &timeline[id as usize - 1];
            open.extend(&line.because);
            if line.because.is_empty() {
                roots.insert(line.what.clone());
            }
        }
        assert_eq!(roots.into_iter().collect::<Vec<_>>(), [fault]);
    }
}

#[test]
fn an_alert_about_answers_that_do_not_come_names_the_fault_that_keeps_them() {
    let text = "title: nobody answers
horizon: 10m
traffic: {guests: {to: desk.ask, rate: 20/s, arrivals: constant}}
services:
  desk: {endpoints: {ask: [{call: archive.find}]}}
  archive: {endpoints: {find: [work: 10ms]}}
faults: [{pause: archive, at: 5m}]
slos: {s: {endpoint: desk.ask, good: 99 %, within: 100ms}}
alerts: {burn: {burn: s, factor: 5, long: 5m, short: 1m}}
";
    let timeline = lived(&model(&Bundle::from_text("nobody", text, "")), None, 1).summary().timeline;
    let alert = timeline.iter().find(|line| line.kind == LineKind::Alert).expect("it fires");
    let causes: Vec<_> = alert.because.iter().map(|id| timeline[*id as usize - 1].what.clone()).collect();
    assert_eq!(causes, ["archive stands still"]);
}
