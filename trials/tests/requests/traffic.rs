//! Traffic that changes: as many requests come as the rate of each moment says, and a rate that does not really
//! change is the steady one.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::World;
use trials::runs::{minutes, model, side_by_side};

const SEED: u64 = 7;

/// A service nobody has to wait for, asked at a rate.
fn asked(rate: &str, arrivals: &str) -> Bundle {
    let text = format!(
        "title: a door
horizon: 1h
traffic:
  guests: {{to: door.open, rate: {rate}, arrivals: {arrivals}}}
services:
  door:
    replicas: 1
    concurrency: 1000
    endpoints:
      open: [work: 1ms]
"
    );
    Bundle::from_text("door", text, "")
}

/// Requests until each of these seconds.
fn arrived(bundle: &Bundle, seed: u64, seconds: &[u64]) -> Vec<u64> {
    let mut world = World::new(model(bundle), seed);
    let mut until = |second: &u64| {
        world.run_until(Time::ZERO + Span::from_secs(*second));
        world.arrived()
    };
    seconds.iter().map(&mut until).collect()
}

fn digest(bundle: &Bundle) -> u64 {
    let mut world = World::new(model(bundle), SEED);
    world.run_until(Time::ZERO + minutes(2));
    world.digest().finish()
}

#[test]
fn even_requests_come_as_the_steps_say_to_the_request() {
    let steps =
        "{steps: [{at: 0s, rate: 280/s}, {at: 100s, rate: 100/s}, {at: 200s, rate: 0/s}, {at: 300s, rate: 1/s}]}";
    let counts = arrived(&asked(steps, "constant"), SEED, &[50, 100, 150, 200, 300, 310]);
    let exact = [14_000, 28_000, 33_000, 38_000, 38_000, 38_010];
    for (count, exact) in counts.iter().zip(exact) {
        assert!(count.abs_diff(exact) <= 1, "{counts:?}");
    }
    assert_eq!(counts[3], counts[4], "nobody comes at a rate of nothing");
}

#[test]
fn a_rate_that_does_not_really_change_is_the_steady_one() {
    let steady = "70/s";
    let others = [
        "{steps: [{at: 0s, rate: 70/s}]}",
        "{steps: [{at: 0s, rate: 70/s}, {at: 13s, rate: 70/s}, {at: 14s 1ns, rate: 70/s}]}",
        "{low: 70/s, high: 70/s, period: 17s, peak: 3s}",
        "{base: 70/s, burst: 70/s, every: {mean: 3s}, lasts: {p50: 1s, p99: 9s}}",
    ];
    for arrivals in ["poisson", "constant"] {
        let expected = digest(&asked(steady, arrivals));
        for rate in others {
            assert_eq!(digest(&asked(rate, arrivals)), expected, "{rate}, {arrivals}");
        }
    }
}

/// The number of requests in each eighth of a day is Poisson with the integral of the sine as its mean: the
/// squared distances, each over its mean, add up to a chi-square variable.
#[test]
#[allow(clippy::cast_precision_loss)]
fn a_day_brings_what_the_sine_brings() {
    let bundle = asked("{low: 20/s, high: 180/s, period: 400s, peak: 100s}", "poisson");
    let seconds: Vec<u64> = (1..=24).map(|eighth| eighth * 50).collect();
    let seeds = [1, 2, 3, 4, 5];
    let counts = side_by_side(&seeds, |seed| arrived(&bundle, *seed, &seconds));
    let integral = |second: f64| 100.0 * second + 80.0 * 400.0 / std::f64::consts::TAU * (sin(second) - sin(0.0));
    let mut chi_square = 0.0;
    for run in &counts {
        let mut before = (0, 0.0);
        for (count, second) in run.iter().zip(&seconds) {
            let upto = integral(*second as f64);
            let (found, expected) = ((count - before.0) as f64, upto - before.1);
            chi_square += (found - expected) * (found - expected) / expected;
            before = (*count, upto);
        }
    }
    // 120 degrees of freedom: 1 in 1000 lies below 77.8, and 1 in 1000 above 173.6.
    assert!((77.8..173.6).contains(&chi_square), "{chi_square}");
}

fn sin(second: f64) -> f64 {
    ((second - 100.0) / 400.0 * std::f64::consts::TAU).sin()
}

#[test]
fn bursts_at_known_times_bring_what_they_say() {
    let bursts = "{base: 10/s, burst: 100/s, every: 60s, lasts: 10s}";
    let counts = arrived(&asked(bursts, "constant"), SEED, &[60, 70, 120, 130]);
    for (count, exact) in counts.iter().zip([600, 1600, 2100, 3100]) {
        assert!(count.abs_diff(exact) <= 1, "{counts:?}");
    }
}

/// A burst that would begin while another lasts begins when that is over: the source is always in one.
#[test]
fn bursts_longer_than_the_time_between_them_never_end() {
    let bursts = "{base: 0/s, burst: 50/s, every: 2s, lasts: 3s}";
    let counts = arrived(&asked(bursts, "constant"), SEED, &[2, 102]);
    assert_eq!(counts, [0, 5000]);
}

/// Bursts are on for a share of 10/60 of the time on average when they come every 60 s after one another began;
/// the number that begin in a run is Poisson for exponential times between them.
#[test]
#[allow(clippy::cast_precision_loss)]
fn drawn_bursts_come_as_often_as_they_say() {
    let bundle = asked("{base: 0/s, burst: 100/s, every: {mean: 10s}, lasts: 100ms}", "constant");
    let seeds: Vec<u64> = (1..=10).collect();
    let totals = side_by_side(&seeds, |seed| arrived(&bundle, *seed, &[3600])[0]);
    let bursts = totals.iter().sum::<u64>() as f64 / 10.0; // ten requests each
    let expected = 3600.0; // ten hours with 360 each, less the rare ones that meet
    assert!((bursts - expected).abs() < 4.0 * expected.sqrt(), "{bursts} bursts");
}

/// What is said about a scenario that cannot be, each with its place.
#[test]
fn mistakes_are_said_where_they_are() {
    let source = |source: &str| format!("traffic:\n  guests: {{to: door.open, {source}}}\n");
    let rate = |rate: &str| source(&format!("rate: {rate}"));
    let cases = [
        (rate("{steps: []}"), "a rate without steps"),
        (rate("{steps: [{at: 1s, rate: 1/s}]}"), "nothing is said about the rate before this"),
        (rate("{steps: [{at: 0s, rate: 1/s}, {at: 0s, rate: 2/s}]}"), "this step is not later than the one before"),
        (rate("{steps: [{at: 0s, rate: 0/s}]}"), "a source without requests"),
        (
            rate("{steps: [{at: 0s, rate: 1/s}, {at: 1s, rate: 2000000/s}]}"),
            "`2000000/s` is too much: at most 1000000/s",
        ),
        (rate("{low: 2/s, high: 1/s}"), "the highest rate is below the lowest"),
        (rate("{low: 0/s, high: 0/s}"), "a source without requests"),
        (rate("{low: 1/s, high: 2/s, period: 10ms}"), "a day lasts at least 1s"),
        (rate("{low: 1/s, high: 2/s, period: 1h, peak: 1h}"), "the day is over before its peak"),
        (rate("{base: 0/s, burst: 0/s, every: 1m, lasts: 1s}"), "a source without requests"),
        (rate("{base: 1/s, burst: 2/s, every: 0s, lasts: 1s}"), "more than 100000000 bursts in a run"),
        (rate("{base: 1/s, burst: 2/s, every: {mean: 1ns}, lasts: 0s}"), "more than 100000000 bursts in a run"),
        (rate("{low: 1/s, steps: []}"), "cannot stand together in a changing rate"),
        (source("rate: 1/s, users: 3"), "cannot stand together in a traffic source"),
        (source("arrivals: poisson"), "it needs one of `rate` or `users`"),
        (source("rate: 1/s, think: 3s"), "unknown key `think`"),
        (source("users: 3"), "missing key `think`"),
        (source("users: 0, think: 1s"), "a source has from 1 to 1000000 users"),
        (source("users: 1000001, think: 1s"), "`1000001` is too large: at most 1000000"),
        (source("users: 1000000000000000000, think: 1s"), "is too large: at most 1000000"),
        (rate("1000000000000000000/s"), "is too much: at most 1000000/s"),
        (rate("{diurnal: {low: 1/s, high: 2/s}}"), "it needs one of `steps`, `low` or `base`"),
        (source("users: 1, think: 0s"), "users think for at least 1us"),
        (source("users: 1, think: {mean: 0s}"), "users think for at least 1us"),
        (source("users: 1, think: {p50: 0s, p99: 1s}"), "users think for at least 1us"),
        (source("rate: 1/s, keys: {count: 0}"), "requests are about one of 1 to 1000000 keys"),
        (source("rate: 1/s, keys: {count: 1000001}"), "`1000001` is too large: at most 1000000"),
        (source("rate: 1/s, keys: {count: 10, zipf: 11}"), "the exponent of Zipf's law is at most 10"),
        (source("rate: 1/s, keys: {count: 10, zipf: -1}"), "`-1` is not an exponent"),
        (rate("1/s") + "caches: {c: {capacity: 0}}\n", "a cache that holds nothing"),
        (rate("1/s") + "caches: {c: {ttl: 0s}}\n", "an entry is good for at least 1ms"),
        (rate("1/s") + "caches: {c: {}}\n", "requests of `guests` reach the cache `c`, and are about nothing"),
        (
            source("rate: 1/s, keys: {count: 3}") + "caches: {c: {}}\nbackground: {b: {run: door.open, every: 1m}}\n",
            "requests of `b` reach the cache `c`, and are about nothing",
        ),
        ("background: {b: {run: door.open, every: 0s}}\n".to_owned(), "a background job is run at most once in 1ms"),
        ("background: {b: {run: door.opn, every: 1s}}\n".to_owned(), "there is no endpoint `door.opn`"),
    ];
    for (part, said) in cases {
        let step = if part.contains("{c: {}}") { "{cache: c, miss: []}" } else { "{work: 1ms}" };
        let text = format!("title: t\nhorizon: 1h\n{part}services:\n  door: {{endpoints: {{open: [{step}]}}}}\n");
        let problems = scenarios::compile(&Bundle::from_text("t", text, "")).expect_err(&part);
        assert!(problems.short().contains(said), "{part}: {problems}");
        let errors = problems.short().lines().filter(|line| line.contains(": error: ")).count();
        assert_eq!(errors, 1, "one mistake, one message: {problems}");
    }
}

/// The largest and smallest values the language takes end in a run, not in an overflow or a loop.
#[test]
fn extreme_values_run() {
    let far = "5124095h"; // 584 years
    let sources = [
        format!("rate: {{steps: [{{at: 0s, rate: 1/{far}}}, {{at: {far}, rate: 1000000/s}}]}}"),
        "rate: {steps: [{at: 0s, rate: 0/s}, {at: 1ns, rate: 1000/s}, {at: 2ns, rate: 0/s}]}".to_owned(),
        format!("rate: {{low: 0/s, high: 1000/s, period: {far}, peak: 1ns}}"),
        "rate: {low: 0/s, high: 1/h, period: 1s, peak: 999ms}, arrivals: constant".to_owned(),
        format!("rate: {{base: 0/s, burst: 1000/s, every: {far}, lasts: {far}}}"),
        format!("rate: {{base: 1000/s, burst: 0/s, every: 1ms, lasts: {far}}}"),
        "rate: {base: 0/s, burst: 1/h, every: {mean: 1ms}, lasts: 0s}".to_owned(),
        format!("rate: {{base: 0/s, burst: 1000/s, every: {{mean: {far}}}, lasts: {{p50: 1ns, p99: {far}}}}}"),
        format!("users: 1000000, think: {{mean: {far}}}"),
        "users: 2, think: 1us".to_owned(),
        "rate: 10/s, keys: {count: 1000000, zipf: 10}".to_owned(),
    ];
    let outcome = |source: &String| {
        let text = format!(
            "title: t
horizon: 10s
traffic: {{guests: {{to: door.open, {source}}}}}
background: {{b: {{run: door.count, every: {far}, starts: {far}}}}}
services:
  door: {{endpoints: {{open: [work: 1ms], count: []}}}}
"
        );
        let world = trials::runs::lived(&model(&Bundle::from_text("t", text, "")), None, SEED);
        let answered: u64 = world.answers().iter().map(|answers| answers.count).sum();
        assert_eq!(world.arrived(), answered + world.in_flight(), "{source}");
        world.arrived()
    };
    let arrived = side_by_side(&sources, outcome);
    let busy: Vec<_> = (0..arrived.len()).filter(|index| arrived[*index] > 50).collect();
    assert_eq!(busy, [2, 9, 10], "a peak at the start, hasty users, a steady rate: {arrived:?}");
}
