//! Ties: scenarios in which much happens at the same instant, t = 0 first of all. Order then is a rule
//! (event class, then order of entry), never an accident of a heap or of dense ids.

use model::time::Span;
use scenarios::Bundle;
use sim::World;
use trials::runs::{answers_by_name, answers_of, begun, lived, minutes, model, second};
use trials::text::{edited, reversed, with_entry, without_item};

/// Everything is constant and a multiple of 100 ms: arrivals, work, timeouts, polls, scrapes and looks
/// coincide, with commands and deployments on top from t = 0 on.
const CLOCKWORK: &str = "title: everything at once
horizon: 10m
traffic:
  ants: {to: hill.enter, rate: 10/s, arrivals: constant}
  bees: {to: hive.enter, rate: 10/s, arrivals: constant}
  wasps: {to: nest.enter, rate: 10/s, arrivals: constant}

flags:
  summer: {initial: off, poll: 100ms}

services:
  hill:
    replicas: 3
    startup: 100ms
    rollout: {surge: 1, unavailable: 0}
    endpoints:
      enter:
        - work: 100ms
        - parallel:
            - {call: larder.take, timeout: 100ms}
            - {call: larder.put, timeout: 100ms}
    versions:
      \"1\": {}
      \"2\": {pull: 100ms}
  hive:
    replicas: 2
    endpoints:
      enter:
        - work: 100ms
        - call: larder.take
          timeout: 100ms
        - when: {flag: summer}
          do:
            - work: 100ms
  nest:
    replicas: 1
    concurrency: 1
    queue: 3
    endpoints:
      enter:
        - work: 200ms
  larder:
    replicas: 2
    endpoints:
      take: [work: 100ms]
      put: [work: 50ms]

slos:
  hill: {endpoint: hill.enter, good: 99 %, within: 1s}

release:
  - {at: 0s, do: {deploy: hill 2}}
  - {at: 0s, do: {flag: summer, to: on}}

plans:
  at-once:
    about: everything at the same instant
    steps:
      - {at: 0s, do: {undo: hill}}
      - {at: 0s, do: {declare: 3}}
      - {at: 0s, do: {deploy: hill 2}}
      - {at: 0s, do: {declare: 2}}
      - {at: 1s, do: {undo: hill}}
";

fn clockwork() -> Bundle {
    Bundle::from_text("clockwork", CLOCKWORK, "")
}

fn end(bundle: &Bundle) -> World {
    lived(&model(bundle), Some("at-once"), 1)
}

#[test]
fn ties_come_out_the_same_each_time() {
    let model = model(&clockwork());
    let (one, two) = (lived(&model, Some("at-once"), 1), lived(&model, Some("at-once"), 1));
    assert!(one == two);
    assert_eq!(one.digest(), end(&clockwork()).digest(), "compiled again");
}

#[test]
fn a_fork_amid_ties_lives_the_life_of_its_original() {
    let model = model(&clockwork());
    let mut original = begun(&model, Some("at-once"), 1);
    for step in 0..400 {
        let mut fork = original.clone();
        fork.run_until(second(5));
        let mut straight = original.clone();
        straight.run_until(second(2));
        straight.run_until(second(5));
        assert!(fork == straight, "after {step} events");
        original.step();
    }
    assert!(original.now() > second(0), "it went through the ties at t = 0");
}

#[test]
fn commands_of_one_instant_are_given_in_the_order_they_are_written() {
    let timeline = end(&clockwork()).summary().timeline;
    let at_once = timeline.iter().filter(|line| line.at == second(0) && !line.what.contains(':'));
    let told: Vec<_> = at_once.map(|line| line.what.as_str()).filter(|what| !what.starts_with("first")).collect();
    let written =
        ["deploy hill 2", "switch summer on", "roll back hill", "declare SEV-3", "deploy hill 2", "declare SEV-2"];
    assert_eq!(told, written);
}

#[test]
fn work_that_takes_exactly_the_timeout_is_in_time() {
    let world = end(&clockwork());
    let bees = answers_of(&world, "hive.enter");
    assert!(bees.count > 5_000);
    let timeline = world.summary().timeline;
    assert!(timeline.iter().all(|line| !line.what.contains("no answer in time")), "{timeline:#?}");
}

/// The mean time an endpoint took over the whole run.
fn mean(world: &World, endpoint: &str) -> Span {
    let answers = answers_of(world, endpoint);
    let mean = answers.total_ns / u128::from(answers.count);
    Span::from_nanos(u64::try_from(mean).expect("a mean of spans"))
}

#[test]
fn an_endpoint_of_constants_takes_the_sum_of_its_steps() {
    let without_release = |text: &str| without_item(text, "- {at: 0s, do: {flag: summer, to: on}}");
    let winter = lived(&model(&edited(clockwork(), without_release)), None, 1);
    assert_eq!(mean(&winter, "hive.enter"), Span::from_millis(200), "work, and a call");
    assert_eq!(mean(&winter, "hill.enter"), Span::from_millis(200), "work, and the longer of two calls");

    let summer = mean(&lived(&model(&clockwork()), None, 1), "hive.enter");
    assert!(summer > Span::from_millis(299), "work, a call, and more work while the flag is on: {summer:?}");
}

#[test]
fn a_source_that_always_ties_moves_nobody() {
    let newcomer = |text: &str| {
        let text = with_entry(text, "services", "web:\n  replicas: 2\n  endpoints: {wait: [work: 100ms]}");
        with_entry(&text, "traffic", "spiders: {to: web.wait, rate: 10/s, arrivals: constant}")
    };
    let (alone, joined) = (end(&clockwork()), end(&edited(clockwork(), newcomer)));
    let own = answers_by_name(&joined).into_iter().filter(|(name, _)| name.as_str() != "web.wait");
    assert_eq!(own.collect::<Vec<_>>(), answers_by_name(&alone));
    assert_eq!(joined.summary().timeline, alone.summary().timeline);
}

#[test]
fn sources_that_tie_may_be_declared_in_any_order() {
    let other = end(&edited(clockwork(), |text| reversed(text, "traffic")));
    assert_eq!(answers_by_name(&other), answers_by_name(&end(&clockwork())));
}

/// Ten come a second and five are served: once the queue is full, every other one is turned away, the same
/// one each time, because a worker that becomes free at an instant is free for who arrives at it.
#[test]
fn a_full_queue_turns_away_every_other_arrival() {
    let world = lived(&model(&clockwork()), None, 1);
    let every_other = minutes(10).nanos() / Span::from_millis(200).nanos();
    let failed = world.summary().harm.requests.failed;
    assert!(failed.abs_diff(every_other) < 10, "{failed} of {:?}", answers_of(&world, "nest.enter"));
}
