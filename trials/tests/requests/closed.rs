//! Closed traffic: users who wait for their answers, against the closed form of the machine-repairman model
//! M/M/1//N, and the laws that hold whatever the distributions.
//!
//! Seeds are consecutive from 1: none was picked.

use model::law::Law;
use model::program::Op;
use model::time::{Span, Time};
use model::traffic::Demand;
use scenarios::Bundle;
use sim::{Answers, Model, World};
use trials::runs::{answers_of, library, model, side_by_side};
use trials::text::{bundled, edited, swapped};

const SEEDS: [u64; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/// The 99.5 % quantile of Student's t for 9 degrees of freedom: ten runs, two-sided 99 %.
const T_995_9: f64 = 3.2498;
/// Seconds before anything is counted, and seconds counted.
const WARM_UP: u64 = 200;
const COUNTED: u64 = 10_000;

/// N users with mean think time Z before one server of rate µ, as the scenario states it.
struct Closed {
    users: u32,
    think: f64,
    rate: f64,
}

impl Closed {
    fn of(model: &Model) -> Self {
        let (system, source) = (&model.system, &model.system.sources[0]);
        let Demand::Closed { users, think } = source.demand else { panic!("users, not a rate") };
        let service = system.service(system.endpoint(source.endpoint).service);
        let [Op::Work(work)] = system.program(service.initial, source.endpoint).ops[..] else { panic!("one step") };
        Closed { users, think: mean(think), rate: 1.0 / mean(work) }
    }

    /// X = µ (1 - p₀) with 1/p₀ = Σ_{k=0..N} N!/(N-k)! (1/(Z µ))^k.
    ///
    /// L. Kleinrock, "Queueing Systems, Volume 1: Theory" (1975), section 3.8 (M/M/1//M).
    fn throughput(&self) -> f64 {
        let (mut term, mut sum) = (1.0, 1.0);
        for k in 0..self.users {
            term *= f64::from(self.users - k) / (self.think * self.rate);
            sum += term;
        }
        self.rate * (1.0 - 1.0 / sum)
    }
}

fn mean(law: Law) -> f64 {
    let Law::Exponential { mean } = law else { panic!("memoryless, not {law:?}") };
    mean.seconds()
}

fn at(world: &mut World, second: u64) -> Answers {
    world.run_until(Time::ZERO + Span::from_secs(second));
    answers_of(world, "queue.serve")
}

/// Answers per second, and the mean response time in seconds, in the window that counts.
#[allow(clippy::cast_precision_loss)]
fn measured(model: &Model, seed: u64) -> (f64, f64) {
    let mut world = World::new(model.clone(), seed);
    let (before, after) = (at(&mut world, WARM_UP), at(&mut world, WARM_UP + COUNTED));
    let count = (after.count - before.count) as f64;
    (count / COUNTED as f64, (after.total_ns - before.total_ns) as f64 / 1e9 / count)
}

fn interval(found: &[f64]) -> (f64, f64) {
    let runs = f64::from(u32::try_from(found.len()).expect("ten"));
    let mean = found.iter().sum::<f64>() / runs;
    let variance = found.iter().map(|own| (own - mean) * (own - mean)).sum::<f64>() / (runs - 1.0);
    (mean, T_995_9 * (variance / runs).sqrt())
}

fn check(model: &Model) {
    let closed = Closed::of(model);
    let exact = closed.throughput();
    let response = f64::from(closed.users) / exact - closed.think;
    let found = side_by_side(&SEEDS, |seed| measured(model, *seed));
    let throughputs: Vec<_> = found.iter().map(|(throughput, _)| *throughput).collect();
    let responses: Vec<_> = found.iter().map(|(_, response)| *response).collect();
    for (what, exact, found) in [("throughput", exact, throughputs), ("response", response, responses)] {
        let (mean, half_width) = interval(&found);
        let told = format!("{what}: {mean:.5} ± {half_width:.5}, exactly {exact:.5}");
        assert!(half_width < 0.02 * exact, "too wide to mean anything: {told}");
        assert!((mean - exact).abs() <= half_width, "outside the 99 % interval: {told}");
    }
}

fn with_users(users: u32) -> Bundle {
    edited(bundled("closed"), |text| swapped(text, "users: 20,", &format!("users: {users},")))
}

#[test]
fn users_before_one_server_get_what_theory_says() {
    check(&library("closed"));
}

/// Few users hardly meet at the server, many keep it busy all the time.
#[test]
fn few_and_many_users_get_what_theory_says() {
    check(&model(&with_users(2)));
    check(&model(&with_users(60)));
}

/// R = N/X - Z for every law and every path (Denning and Buzen, "The Operational Analysis of Queueing Network
/// Models", 1978), but for who is on the way at the two ends of the window.
#[test]
fn response_time_is_users_over_throughput_less_thinking() {
    let others = [
        ("think: {mean: 1s}", "think: {p50: 700ms, p99: 4s}"),
        ("think: {mean: 1s}", "think: 1s"),
        ("work: {mean: 80ms}", "work: {p50: 40ms, p99: 900ms}"),
    ];
    for (from, to) in others {
        let model = model(&edited(bundled("closed"), |text| swapped(text, from, to)));
        let (throughput, response) = measured(&model, 1);
        let Demand::Closed { users, think } = model.system.sources[0].demand else { panic!("users") };
        let think = match think {
            Law::Lognormal { p50, p99 } => {
                let sigma = (p99.seconds() / p50.seconds()).ln() / 2.326_347_874;
                p50.seconds() * (sigma * sigma / 2.0).exp()
            }
            Law::Constant(span) | Law::Exponential { mean: span } => span.seconds(),
            Law::Percentiles(_) => panic!("none of these is a table: {to}"),
        };
        let law = f64::from(users) / throughput - think;
        assert!((response / law - 1.0).abs() < 0.02, "{to}: {response} s, {law} s by the law");
    }
}

#[test]
fn users_never_ask_before_they_are_answered() {
    let mut world = World::new(library("closed"), 3);
    for second in 0..500 {
        let answers = at(&mut world, second);
        assert!(world.in_flight() <= 20);
        assert_eq!(world.arrived(), answers.count + world.in_flight(), "every request is answered or on its way");
    }
    assert!(world.arrived() > 5000);
}

/// The draws of a user's n-th request go by user and n: as long as nobody waits in a queue, the n-th answer of a
/// user takes the same time however long everybody thinks.
#[test]
fn a_users_requests_keep_their_luck() {
    let after_two_each = |think: &str| {
        let text = format!(
            "title: no queue
horizon: 1h
traffic:
  users: {{to: queue.serve, users: 50, think: {think}}}
services:
  queue: {{replicas: 1, concurrency: 50, endpoints: {{serve: [work: {{mean: 1s}}]}}}}
"
        );
        let mut world = World::new(model(&Bundle::from_text("free", text, "")), 1);
        at(&mut world, 100).total_ns
    };
    // Nobody asks a third time within 100 s, and 50 s are enough for every answer.
    assert_eq!(after_two_each("40s"), after_two_each("45s"));
    assert_ne!(after_two_each("20s"), after_two_each("45s"));
}

/// With constant think and work times and room for everybody, every user asks once per cycle.
#[test]
fn users_nobody_holds_up_ask_once_a_cycle() {
    let text = "title: no queue
horizon: 1h
traffic:
  users: {to: queue.serve, users: 1000, think: 9s}
services:
  queue: {replicas: 1, concurrency: 1000, endpoints: {serve: [work: 1s]}}
";
    let mut world = World::new(model(&Bundle::from_text("free", text.to_owned(), "")), 1);
    for cycle in 1..=30 {
        assert_eq!(at(&mut world, 10 * cycle).count, 1000 * cycle);
    }
}

/// A user who is turned away has been answered: thinking goes before the next try.
#[test]
fn users_who_are_turned_away_think_before_they_ask_again() {
    let text = "title: full
horizon: 1h
traffic:
  users: {to: queue.serve, users: 10, think: 1s}
services:
  queue: {replicas: 1, concurrency: 1, queue: 0, endpoints: {serve: [work: 1h]}}
";
    let mut world = World::new(model(&Bundle::from_text("full", text.to_owned(), "")), 1);
    let answers = at(&mut world, 100);
    assert_eq!((answers.count, answers.failed), (900, 900), "nine of ten, once a second");
}
