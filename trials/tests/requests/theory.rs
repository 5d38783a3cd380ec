//! Queueing theory: two scenarios of the library whose answer is known.
//!
//! A confidence interval around the mean of independent runs has to hold the exact value, and has to be
//! narrow enough to mean something. Seeds are consecutive from 1: none was picked.

use model::law::Law;
use model::program::Op;
use sim::{Answers, Model, World};
use trials::runs::{library, side_by_side};

const SEEDS: [u64; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/// Requests answered before anything is counted, so that the empty start is forgotten.
const WARM_UP: u64 = 100_000;
/// Requests answered and counted in each run.
const COUNTED: u64 = 1_000_000;
/// The 99.5 % quantile of Student's t for 9 degrees of freedom: ten runs, two-sided 99 %.
const T_995_9: f64 = 3.2498;
/// The widest half-width worth anything, as a share of the exact value.
const HALF_WIDTH_MAX: f64 = 0.02;

/// M/M/c, as the scenario states it: rates per second.
#[derive(Clone, Copy, Debug)]
struct Queue {
    /// λ.
    arrivals: f64,
    /// µ, of one server.
    service: f64,
    servers: u32,
}

impl Queue {
    fn of(model: &Model) -> Self {
        let (system, source) = (&model.system, &model.system.sources[0]);
        let service = system.service(system.endpoint(source.endpoint).service);
        let [Op::Work(work)] = system.program(service.initial, source.endpoint).ops[..] else {
            panic!("a queue does one thing")
        };
        assert_eq!(service.rollout.replicas(), 1, "one queue, not one before each replica");
        Queue {
            arrivals: rate(source.steady_spacing().expect("a steady source")),
            service: rate(work),
            servers: service.concurrency,
        }
    }

    /// The probability that a customer has to wait, by the Erlang C formula with offered load a = λ/µ:
    ///
    /// C(c, a) = a^c/c! · c/(c-a) / ( Σ_{k<c} a^k/k! + a^c/c! · c/(c-a) )
    ///
    /// L. Kleinrock, "Queueing Systems, Volume 1: Theory" (1975), section 3.5.
    fn waits(self) -> f64 {
        let (servers, load) = (f64::from(self.servers), self.arrivals / self.service);
        let mut term = 1.0; // a^k/k!
        let mut below = 0.0;
        for k in 1..=self.servers {
            below += term;
            term *= load / f64::from(k);
        }
        let all_busy = term * servers / (servers - load);
        all_busy / (below + all_busy)
    }

    /// The mean time in the system: W = C(c, a) / (cµ - λ) + 1/µ, in seconds.
    fn time_in_system(self) -> f64 {
        self.waits() / (f64::from(self.servers) * self.service - self.arrivals) + 1.0 / self.service
    }
}

fn rate(law: Law) -> f64 {
    let Law::Exponential { mean } = law else { panic!("M/M/c is memoryless, not {law:?}") };
    1.0 / mean.seconds()
}

fn answers(world: &World) -> Answers {
    world.answers()[world.scenario().system.sources[0].endpoint.index()]
}

fn step_until_answered(world: &mut World, count: u64) -> Answers {
    while answers(world).count < count {
        world.step();
    }
    answers(world)
}

#[allow(clippy::cast_precision_loss)]
fn mean_seconds(before: Answers, after: Answers) -> f64 {
    (after.total_ns - before.total_ns) as f64 / 1e9 / (after.count - before.count) as f64
}

fn mean_of_run(model: &Model, seed: u64) -> f64 {
    let mut world = World::new(model.clone(), seed);
    let before = step_until_answered(&mut world, WARM_UP);
    let after = step_until_answered(&mut world, WARM_UP + COUNTED);
    assert_eq!(world.summary().harm.requests.failed, 0, "nobody is turned away");
    mean_seconds(before, after)
}

fn check(scenario: &str) {
    let model = library(scenario);
    let exact = Queue::of(&model).time_in_system();
    let means = side_by_side(&SEEDS, |seed| mean_of_run(&model, *seed));
    let runs = f64::from(u32::try_from(means.len()).expect("ten"));
    let mean = means.iter().sum::<f64>() / runs;
    let variance = means.iter().map(|own| (own - mean) * (own - mean)).sum::<f64>() / (runs - 1.0);
    let half_width = T_995_9 * (variance / runs).sqrt();
    let found = format!("{scenario}: {mean:.5} s ± {half_width:.5} s, exactly {exact:.5} s");
    println!("{found}");
    assert!(half_width < HALF_WIDTH_MAX * exact, "too wide to mean anything: {found}");
    assert!((mean - exact).abs() <= half_width, "outside the 99 % interval: {found}");
}

#[test]
fn one_server_takes_as_long_as_theory_says() {
    check("mm1");
}

#[test]
fn eight_servers_take_as_long_as_erlang_says() {
    check("mm8");
}

/// W = 1/(µ - λ), Kleinrock section 3.2: what the general formula has to come to with one server.
#[test]
fn erlang_with_one_server_is_the_simple_formula() {
    let queue = Queue::of(&library("mm1"));
    let simple = 1.0 / (queue.service - queue.arrivals);
    assert!((queue.time_in_system() - simple).abs() < 1e-12);
    assert!((simple - 0.5).abs() < 1e-12);
}

/// L = λW holds for every path and every law (J. D. C. Little, "A Proof for the Queuing Formula: L = λW",
/// Operations Research 9 (1961), 383-387), but for who is inside at the two ends of the window: so the
/// tolerance is a matter of edges, not of chance.
#[test]
#[allow(clippy::cast_precision_loss)]
fn as_many_are_inside_as_come_in_times_how_long_they_stay() {
    for scenario in ["mm1", "mm8"] {
        let mut world = World::new(library(scenario), 1);
        let before = step_until_answered(&mut world, WARM_UP / 10);
        let (began, mut inside_ns) = (world.now(), 0_u128);
        while answers(&world).count < WARM_UP {
            let (inside, last) = (world.in_flight(), world.now());
            world.step();
            inside_ns += u128::from(inside) * u128::from(world.now().since(last).nanos());
        }
        let after = answers(&world);
        let seconds = world.now().since(began).seconds();
        let little = (after.count - before.count) as f64 / seconds * mean_seconds(before, after);
        let seen = inside_ns as f64 / 1e9 / seconds;
        assert!((seen / little - 1.0).abs() < 1e-3, "{scenario}: {seen} inside on average, {little} by Little's law");
    }
}
