//! Retries that keep a database busy with answers nobody waits for.

use super::{Claim, Flow, REFERENCE, Row, Unit, flow, highest_survived, only_world, second};
use crate::effort::Runner;
use crate::estimate::float;
use crate::variant::Variant;
use crate::watch::since_start;
use sim::World;

const NAME: &str = "retry-storm";
const HOTOS: &str = "N. Bronson and others, \"Metastable Failures in Distributed Systems\", HotOS '21";
const BUDGET: &str = "A budget for retries of b is safe if and only if the load times 1 + b is below the capacity";
const QUEUE: &str = "A bounded queue is safe if and only if what waits in it is answered within the timeout";

/// A load and an outage, and what they come to.
struct Case {
    load: u32,
    outage: &'static str,
    asked: f64,
    good: f64,
    source: &'static str,
}

const fn case(load: u32, outage: &'static str, asked: f64, good: f64, source: &'static str) -> Case {
    Case { load, outage, asked, good, source }
}

/// Far below half the capacity, below it, barely above, and above.
const CASES: [Case; 7] = [
    case(280, "10s", 560.0, 0.0, HOTOS),
    case(280, "2s", 560.0, 0.0, REFERENCE),
    case(280, "1s", 280.0, 280.0, REFERENCE),
    case(200, "2s", 400.0, 0.0, REFERENCE),
    case(155, "2s", 310.0, 0.0, REFERENCE),
    case(140, "5s", 140.0, 140.0, REFERENCE),
    case(100, "10s", 100.0, 100.0, REFERENCE),
];

/// The longest outage that each load survives, in seconds.
const CRITICAL: [(u32, f64); 7] =
    [(160, 1.453), (200, 1.219), (280, 1.002), (180, 1.339), (220, 1.125), (240, 1.058), (260, 1.022)];

/// How many of those are found out in a quick run.
const CRITICAL_QUICK: usize = 3;

/// What is changed about the database or its clients, and what that makes of the goodput.
const REMEDIES: [(&str, &str, &str, f64, &str); 5] = [
    ("drop_expired: yes", "queue: 1000000000", "queue: 1000000000\n    drop_expired: yes", 280.0, REFERENCE),
    ("queue: 290", "queue: 1000000000", "queue: 290", 280.0, QUEUE),
    ("queue: 400", "queue: 1000000000", "queue: 400", 0.0, QUEUE),
    ("retry_budget: 5 %", "retries: 1}", "retries: 1, retry_budget: 5 %}", 280.0, BUDGET),
    ("retry_budget: 10 %", "retries: 1}", "retries: 1, retry_budget: 10 %}", 0.0, BUDGET),
];

/// Requests a second that a rate in a window of 20 s may be off.
const EDGES: f64 = 1.0;

/// How far an outage may be from the critical one, as a share of it: the reference looks for it in steps of its own.
const ABOUT: f64 = 0.02;

pub(super) fn rows(runner: Runner) -> Vec<Row> {
    let cases = runner.each(&CASES, of_case).into_iter().flatten();
    let critical = &CRITICAL[..runner.effort.pick(CRITICAL.len(), CRITICAL_QUICK)];
    let critical = runner.each(critical, |(load, outage)| longest_outage(*load, *outage));
    let remedies = runner.each(&REMEDIES, |remedy| of_remedy(*remedy));
    cases.chain(critical).chain(remedies).chain([load_is_cut()]).collect()
}

fn claim(figure: String, what: String, unit: Unit, published: f64, source: &'static str) -> Claim {
    Claim { model: NAME, figure, what, unit, published: Some(published), source }
}

/// The end of a run that is long enough to recover in: by then it has, or never will.
fn end_of(variant: &Variant) -> Flow {
    flow(&mut only_world(&variant.model()), "database", 280, 300)
}

fn loaded(load: u32) -> Variant {
    Variant::of(NAME).with("rate: 280/s", &format!("rate: {load}/s"))
}

/// What the database is asked at the end, and what is answered in time.
fn of_case(case: &Case) -> [Row; 2] {
    let Case { load, outage, .. } = *case;
    let end = end_of(&loaded(load).with("lasts: 10s", &format!("lasts: {outage}")));
    let row = |name: &str, what: &str, published, simulated| {
        let what = format!("rate: {load}/s, lasts: {outage}: {what}");
        let claim = claim(format!("{load}-{outage}-{name}"), what, Unit::Number, published, case.source);
        claim.within(Some(simulated), EDGES)
    };
    [row("asked", "asked/s", case.asked, end.asked), row("good", "good/s", case.good, end.good)]
}

/// The longest outage after which requests are answered again two minutes later.
fn longest_outage(load: u32, published: f64) -> Row {
    let survives = |millis: u32| {
        let variant = loaded(load).with("lasts: 10s", &format!("lasts: {millis}ms"));
        flow(&mut only_world(&variant.model()), "database", 150, 190).good_share() > 0.5
    };
    let found = highest_survived(500, 3000, 2, survives).map(|millis| f64::from(millis) / 1000.0);
    let what = format!("rate: {load}/s: longest outage survived");
    claim(format!("{load}-longest"), what, Unit::Seconds, published, REFERENCE).within(found, published * ABOUT)
}

/// Where the load with its retries is barely below the capacity, the queue of the outage takes minutes to drain.
fn of_remedy((name, piece, other, published, source): (&str, &str, &str, f64, &'static str)) -> Row {
    let end = flow(&mut only_world(&Variant::of(NAME).with(piece, other).model()), "database", 880, 900);
    let figure = name.replace([':', '%'], "").trim().replace(' ', "-");
    claim(figure, format!("{name}: good/s"), Unit::Number, published, source).within(Some(end.good), EDGES)
}

/// Most users are sent away at 100 s. The backlog of retries drains, and then everybody else is answered.
fn load_is_cut() -> Row {
    let steps = "rate: {steps: [{at: 0s, rate: 280/s}, {at: 100s, rate: 100/s}]}";
    let mut world = only_world(&Variant::of(NAME).with("rate: 280/s", steps).model());
    let recovered = last_failure(&mut world, 100, 400).map(|last| last - 100.0);
    let what = "rate: 100/s from 100 s on: down for".to_owned();
    claim("cut-to-100".to_owned(), what, Unit::Seconds, 209.0, REFERENCE).within(recovered, 209.0 * ABOUT)
}

/// The end of the last second with a failed request; none when there is one in the last second watched.
fn last_failure(world: &mut World, from: u64, to: u64) -> Option<f64> {
    world.run_until(second(from));
    let (mut seen, mut last) = (since_start(world).outside().failed, from);
    for now in from + 1..=to {
        world.run_until(second(now));
        let failed = since_start(world).outside().failed;
        if failed > seen {
            (seen, last) = (failed, now);
        }
    }
    (last < to).then(|| float(last))
}
