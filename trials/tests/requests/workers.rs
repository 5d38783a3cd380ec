//! Workers: shared, broken down, cold. What a piece of work takes is known to the nanosecond, and adding any of it
//! moves nobody else's luck.

use model::time::Time;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scenarios::Bundle;
use sim::{Model, World};
use std::fmt::Write;
use trials::runs::{answers_by_name, answers_of, compiled, lived, minutes, model, second};
use trials::text::{bundled, edited, swapped};

const MS: u64 = 1_000_000;

/// A request to a replica: when it comes and what it is worth, in ms.
type Job = (u64, u64);

/// Each job has an endpoint and a source of its own; it would come a second time after as long again.
fn desk(service: &str, jobs: &[Job], rest: &str) -> Bundle {
    let mut text = "title: a desk\nhorizon: 10m\ntraffic:\n".to_owned();
    for (n, (at, _)) in jobs.iter().enumerate() {
        writeln!(text, "  guest{n}: {{to: desk.ask{n}, rate: 1/{at}ms, arrivals: constant}}").expect("a string");
    }
    write!(text, "services:\n  desk:\n    replicas: 1\n{service}    endpoints:\n").expect("a string");
    for (n, (_, work)) in jobs.iter().enumerate() {
        writeln!(text, "      ask{n}: [work: {work}ms]").expect("a string");
    }
    Bundle::from_text("desk", text + rest, "")
}

/// How long each job took, in ns; none if it failed, or was not over when the first would have come again.
fn took(service: &str, jobs: &[Job], rest: &str) -> Vec<Option<u64>> {
    let bundle = desk(service, jobs, rest);
    let end = jobs.iter().map(|(at, _)| 2 * at * MS).min().expect("there is one");
    let mut world = World::new(Model::new(compiled(&bundle)), 1);
    world.run_until(Time::from_nanos(end - 1));
    let of = |n: usize| answers_of(&world, &format!("desk.ask{n}"));
    let nanos =
        |n: usize| (of(n).count == 1 && of(n).failed == 0).then(|| u64::try_from(of(n).total_ns).expect("short"));
    (0..jobs.len()).map(nanos).collect()
}

fn shared(workers: u32) -> String {
    format!("    discipline: processor-sharing\n    concurrency: {workers}\n")
}

fn ms(took: &[Option<u64>]) -> Vec<f64> {
    #[allow(clippy::cast_precision_loss)]
    took.iter().map(|nanos| nanos.map_or(f64::INFINITY, |nanos| nanos as f64 / 1e6)).collect()
}

#[test]
fn two_who_share_a_worker_get_half_of_it_each() {
    let jobs = [(10_000, 400), (10_200, 400)];
    assert_eq!(ms(&took(&shared(1), &jobs, "")), [600.0, 600.0]);
    assert_eq!(ms(&took(&shared(2), &jobs, "")), [400.0, 400.0]);
    assert_eq!(ms(&took("    concurrency: 1\n", &jobs, "")), [400.0, 600.0]);
}

#[test]
fn a_small_job_does_not_wait_for_a_large_one_it_shares_a_worker_with() {
    let jobs = [(10_000, 1000), (10_100, 10), (10_300, 10)];
    assert_eq!(ms(&took(&shared(1), &jobs, "")), [1020.0, 20.0, 20.0]);
}

#[test]
fn what_shares_a_worker_stands_still_and_slows_down_with_it() {
    let jobs = [(10_000, 400), (10_200, 400)];
    let pause = "faults:\n  - {at: 10300ms, lasts: 1s, pause: desk}\n";
    assert_eq!(ms(&took(&shared(1), &jobs, pause)), [1600.0, 1600.0]);
    let slow = "faults:\n  - {at: 10200ms, slow: desk, to: 50 %}\n";
    assert_eq!(ms(&took(&shared(1), &jobs, slow)), [1000.0, 1200.0]);
}

#[test]
fn as_many_share_workers_as_there_are_workers_and_places() {
    let jobs = [(10_000, 100); 4];
    let service = format!("{}    queue: 2\n", shared(1));
    assert_eq!(took(&service, &jobs, ""), [Some(300 * MS), Some(300 * MS), Some(300 * MS), None]);
}

/// Processor sharing as it is defined, in f64: everybody gets the same share of the workers until the next of them
/// comes or goes.
#[allow(clippy::cast_precision_loss)]
fn by_definition(workers: u32, jobs: &[Job]) -> Vec<f64> {
    let mut left: Vec<f64> = jobs.iter().map(|(_, work)| *work as f64).collect();
    let mut done = vec![f64::INFINITY; jobs.len()];
    let mut now = 0.0;
    loop {
        let at_work: Vec<_> = (0..jobs.len()).filter(|n| jobs[*n].0 as f64 <= now && done[*n].is_infinite()).collect();
        let speed = (f64::from(workers) / at_work.len() as f64).min(1.0);
        let next_in = jobs.iter().map(|(at, _)| *at as f64).filter(|at| *at > now).fold(f64::INFINITY, f64::min);
        let next_out = at_work.iter().map(|n| now + left[*n] / speed).fold(f64::INFINITY, f64::min);
        let next = next_in.min(next_out);
        if next.is_infinite() {
            return done.iter().zip(jobs).map(|(done, (at, _))| done - *at as f64).collect();
        }
        at_work.iter().for_each(|n| left[*n] -= (next - now) * speed);
        now = next;
        at_work.iter().filter(|n| left[**n] < 1e-9).for_each(|n| done[*n] = now);
    }
}

/// The seed is fixed: a build is red or green, whoever runs it.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn any_jobs_share_as_the_definition_says(
        workers in 1..4_u32,
        jobs in prop::collection::vec((10_000..10_300_u64, 1..200_u64), 1..9),
    ) {
        let found = ms(&took(&shared(workers), &jobs, ""));
        for (found, exact) in found.iter().zip(by_definition(workers, &jobs)) {
            prop_assert!((found - exact).abs() < 1e-4, "{found} ms instead of {exact} ms");
        }
    }
}

/// Up for 7 s and down for 3 s, over and over, from the start.
const FRAGILE: &str = "    concurrency: 1\n    breakdowns: {up: 7s, down: 3s}\n";

#[test]
fn work_goes_on_after_a_breakdown_where_it_was() {
    for (at, work, time) in [(20_000, 6900, 6900), (20_000, 7100, 10_100), (22_000, 5100, 8100), (29_500, 100, 600)] {
        assert_eq!(took(FRAGILE, &[(at, work)], ""), [Some(time * MS)], "{work} ms at {at} ms");
    }
}

#[test]
fn a_breakdown_within_a_fault_ends_in_the_fault() {
    let slow = "faults:\n  - {at: 29s, slow: desk, to: 50 %}\n";
    assert_eq!(took(FRAGILE, &[(26_000, 2000)], slow), [Some(6000 * MS)]);
}

/// Of two replicas with different luck one is nearly always up, so nobody waits as long as behind a single one.
#[test]
fn each_replica_breaks_down_on_its_own() {
    let up = |replicas: u32| {
        let text = format!(
            "title: fragile\nhorizon: 1h\ntraffic: {{guests: {{to: desk.ask, rate: 1/s}}}}\nservices:\n  desk:
    replicas: {replicas}\n    breakdowns: {{up: {{mean: 10s}}, down: {{mean: 10s}}}}\n    balancer: least-loaded
    endpoints: {{ask: [work: 1ms]}}\n"
        );
        let world = lived(&model(&Bundle::from_text("fragile", text, "")), None, 1);
        answers_of(&world, "desk.ask").total_ns / u128::from(answers_of(&world, "desk.ask").count)
    };
    assert!(up(4) * 3 < up(1), "{} and {}", up(4), up(1));
}

/// Replaced at 5 s; the new replica is ready at 10 s, and gets warm over 10 s.
const REPLACED: &str = "release:\n  - {at: 5s, do: {deploy: desk 2}}\n";
const COLD: &str = "    concurrency: 1\n    startup: 5s\n    versions: {\"1\": {}, \"2\": {}}
    warmup: {lasts: 10s, slowdown: 3}\n";

#[test]
fn a_replica_that_has_just_become_ready_is_slow_and_gets_faster() {
    let jobs = [(10_000, 100), (15_000, 100), (17_500, 100)];
    assert_eq!(ms(&took(COLD, &jobs, REPLACED)), [300.0, 200.0, 150.0]);
    assert_eq!(ms(&took(COLD, &jobs, "")), [100.0; 3], "the initial fleet is warm");
}

#[test]
fn the_factor_stays_as_it_was_when_the_work_began() {
    assert_eq!(ms(&took(COLD, &[(12_000, 1000)], REPLACED)), [2600.0]);
}

/// What is added to one service of a bundled drill.
fn added(lines: &str) -> World {
    let service = "  currencyservice:\n";
    let other = edited(bundled("online-boutique"), |text| swapped(text, service, &format!("{service}{lines}")));
    trials::runs::lived_until(&model(&other), None, 7, minutes(5))
}

#[test]
fn workers_of_one_service_are_no_matter_of_chance_for_others() {
    let plain = answers_by_name(&added(""));
    for (lines, moves) in [
        ("    breakdowns: {up: 24h, down: {mean: 1s}}\n", false),
        ("    warmup: {lasts: 1m, slowdown: 5}\n", false),
        ("    breakdowns: {up: {mean: 20s}, down: {mean: 200ms}}\n", true),
    ] {
        let other = answers_by_name(&added(lines));
        assert_eq!(other != plain, moves, "{lines}");
        let apart = busiest(&other).abs_diff(busiest(&plain));
        assert!(apart <= 2, "the same customers come, but for those on the way at the end: {lines}");
    }
}

/// Answers of the endpoint with the most of them.
fn busiest(answers: &[(model::name::Name, sim::Answers)]) -> u64 {
    answers.iter().map(|(_, own)| own.count).max().expect("there are endpoints")
}

fn refused(service: &str) -> String {
    scenarios::compile(&desk(service, &[(1, 1)], "")).expect_err(service).short()
}

#[test]
fn what_makes_no_sense_is_refused_with_a_way_out() {
    for (service, said) in [
        ("    discipline: sharing\n", "`sharing` is not a discipline"),
        ("    discipline: processor-sharing\n    drop_expired: yes\n", "none waits to be dropped"),
        ("    breakdowns: {up: 0s, down: 1s}\n", "replicas that break down again at once"),
        ("    breakdowns: {up: {p0: 1ns, p99: 2ns}, down: 1s}\n", "replicas that break down again at once"),
        ("    breakdowns: {up: 1s}\n", "missing key `down`"),
        ("    warmup: {lasts: 0s, slowdown: 3}\n", "a warm-up lasts at least 1ns"),
        ("    warmup: {lasts: 1m, slowdown: 0.5}\n", "a slowdown is from 1 to 1000"),
        ("    warmup: {lasts: 1m, slowdown: lots}\n", "`lots` is not a factor"),
    ] {
        let found = refused(service);
        assert!(found.contains(said), "{service}: {found}");
    }
}

/// The ends of every scale: nothing panics, and time goes on.
#[test]
fn the_ends_of_every_scale_run() {
    const LONGEST: &str = "18446744073709551615ns";
    for service in [
        format!("    breakdowns: {{up: {LONGEST}, down: {LONGEST}}}\n"),
        format!("    breakdowns: {{up: 1ms, down: {LONGEST}}}\n"),
        "    breakdowns: {up: 1ms, down: 0s}\n".to_owned(),
        format!("    warmup: {{lasts: {LONGEST}, slowdown: 1000}}\n    startup: 0s\n"),
        "    discipline: processor-sharing\n    concurrency: 1000000\n    queue: 4294967295\n".to_owned(),
        "    discipline: processor-sharing\n    concurrency: 1\n    queue: 0\n    drain: 0s\n".to_owned(),
    ] {
        for work in [LONGEST, "0s", "{p0: 1ns, p100: 18446744073709551615ns}"] {
            let faults = "faults:\n  - {at: 2s, slow: desk, to: 0.0000001 %}\n  - {at: 4s, lasts: 1s, pause: desk}\n";
            let release = "release:\n  - {at: 3s, do: {deploy: desk 2}}\n";
            let versions = "    versions: {\"1\": {}, \"2\": {}}\n";
            let bundle = desk(&format!("{service}{versions}"), &[(500, 7)], &format!("{faults}{release}"));
            let bundle = edited(bundle, |text| swapped(text, "work: 7ms", &format!("work: {work}")));
            let mut world = World::new(Model::new(compiled(&bundle)), 1);
            while world.now() < second(60) && world.steps() < 200_000 {
                world.step();
            }
            assert_eq!(world.arrived(), world.replied() + world.in_flight(), "{service}{work}");
            assert!(world.now() > Time::ZERO + model::time::Span::SECOND, "{service}{work}");
        }
    }
}
