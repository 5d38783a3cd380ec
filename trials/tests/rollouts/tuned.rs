//! Configs that change how much a replica takes on.

use scenarios::Bundle;
use sim::World;
use trials::runs::{begun, model, second};
use trials::text::{edited, swapped};

const SEED: u64 = 1;

/// A gateway with one replica of four workers, and an hour of requests that keep three of them busy. The second version
/// of its limits is there from ten to thirty minutes.
fn tuned(limits: &str) -> Bundle {
    let text = format!(
        "title: tuned
horizon: 1h
traffic:
  callers: {{to: gateway.route, rate: 30/s}}
configs:
  limits: {{versions: [\"1\", \"2\"], sync: 1s}}
services:
  gateway:
    replicas: 1
    concurrency: 4
    queue: 1000
    limits: [{{config: limits 2, {limits}}}]
    endpoints:
      route: [work: {{mean: 100ms}}]
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release:
  - {{at: 10m, do: {{config: limits 2}}}}
plans:
  back:
    about: push the old config
    steps:
      - {{at: 30m, do: {{config: limits 1}}}}
"
    );
    Bundle::from_text("tuned", &text, "")
}

/// The share of requests that fail between two minutes.
fn failed(bundle: &Bundle, [from, to]: [u64; 2]) -> f64 {
    let mut world = begun(&model(bundle), Some("back"), SEED);
    let mut at = |minute| {
        world.run_until(second(60 * minute));
        world.summary().harm.requests.failed
    };
    let before = at(from);
    (at(to) - before) as f64 / (30.0 * 60.0 * (to - from) as f64)
}

#[test]
fn fewer_workers_carry_less_and_nobody_is_interrupted() {
    for discipline in ["fifo", "processor-sharing"] {
        let bundle = edited(tuned("concurrency: 2, queue: 100"), |text| {
            swapped(text, "    queue: 1000\n", &format!("    queue: 1000\n    discipline: {discipline}\n"))
        });
        assert!(failed(&bundle, [0, 10]) < 0.001);
        // Two workers carry 20 of 30 a second.
        let lost = failed(&bundle, [12, 30]);
        assert!((lost - 1.0 / 3.0).abs() < 0.02, "{discipline}: {lost}");
        assert!(failed(&bundle, [31, 60]) < 0.001, "{discipline}: four carry all of it again");
    }
}

#[test]
fn more_workers_begin_with_those_who_wait() {
    let bundle = edited(tuned("concurrency: 40"), |text| swapped(text, "concurrency: 4\n", "concurrency: 1\n"));
    let mut world = begun(&model(&bundle), None, SEED);
    let under_way = |world: &World| world.summary().harm.requests.unanswered;
    world.run_until(second(599));
    assert!(under_way(&world) > 500, "one worker carries a third, and the queue is full");
    world.run_until(second(660));
    assert!(under_way(&world) < 30, "forty have nothing left to do: {}", under_way(&world));
}

/// Without room to wait, the share that is turned away is that of Erlang: B(4, 3) = 27/131.
#[test]
fn without_a_queue_erlang_says_how_many_are_turned_away() {
    let lost = failed(&tuned("queue: 0"), [11, 30]);
    assert!((lost - 27.0 / 131.0).abs() < 0.012, "{lost}");
}

#[test]
fn it_takes_effect_where_the_process_goes_by_it() {
    let environment = edited(tuned("queue: 0"), |text| swapped(text, "sync: 1s}", "read: environment}"));
    assert!(failed(&environment, [11, 30]) < 0.001, "nobody was started since");
    let restarted = edited(environment, |text| {
        swapped(text, "do: {config: limits 2}}\n", "do: {config: limits 2}}\n  - {at: 11m, do: {restart: gateway}}\n")
    });
    assert!(failed(&restarted, [13, 30]) > 0.15);
}

#[test]
fn bad_limits_are_named_with_a_way_out() {
    let found = |limits: &str| scenarios::compile(&tuned(limits)).expect_err("it is bad").short();
    assert!(found("concurrency: 0").contains("concurrency is from 1 to 1000000"));
    let nothing = edited(tuned("queue: 1"), |text| swapped(text, "{config: limits 2, queue: 1}", "{config: limits 2}"));
    assert!(scenarios::compile(&nothing).expect_err("it is bad").short().contains("this changes nothing"));
    let unknown =
        edited(tuned("queue: 1"), |text| swapped(text, "{config: limits 2, queue", "{config: limits 3, queue"));
    assert!(scenarios::compile(&unknown).expect_err("it is bad").short().contains("no version of a config `limits 3`"));
}
