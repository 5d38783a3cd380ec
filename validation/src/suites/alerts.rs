//! Alerts: how long after a bad release the page comes, or that it never does.

use crate::claim::{Claim, Row, Unit};
use crate::effort::Runner;
use crate::parameters::{constant, defect_share, library_model, service};
use crate::suite::Gap;
use crate::theory::alerts;
use crate::watch::{failed_share, following, since_start};
use model::scenario::Step;
use model::slo::Rule;
use model::time::{Span, Time};
use sim::{Model, World};

/// What is missing.
pub(crate) const GAPS: &[Gap] = &[];

/// The model, and the service its plans bring to a bad version.
const NAME: &str = "burn-rate";
const SERVICE: &str = "shop";

/// Where the share of errors comes from.
const CAUSE: &str = "the share of requests the version's defect strikes";

/// One run of a plan.
struct Run {
    /// From the moment the bad version served to the alert.
    fired: Option<Span>,
    /// The share of answers without a result, from that moment on.
    errors: f64,
}

/// Every row of the suite.
pub(crate) fn rows(runner: Runner) -> Vec<Row> {
    let model = library_model(NAME);
    let fires = ["all", "tenth", "twentieth"].into_iter().map(|plan| fires(&model, plan, runner));
    fires.chain(stays_silent(&model, "below", runner)).collect()
}

/// A plan whose errors set the alert off, late by up to one scrape: it is evaluated only then.
fn fires(model: &Model, plan: &'static str, runner: Runner) -> Row {
    let runs = runner.runs(|seed| live(model, plan, seed, model.horizon).fired.map(Span::seconds));
    let claim = claim(model, plan);
    match runs.into_iter().collect::<Option<Vec<f64>>>() {
        Some(seconds) => claim.near(&seconds, model.scrape.seconds()),
        None => claim.never(None),
    }
}

/// A plan whose errors are there, and burn too slowly: no seed may set the alert off.
fn stays_silent(model: &Model, plan: &'static str, runner: Runner) -> [Row; 2] {
    let length = runner.effort.pick(model.horizon, Span::from_secs(5400));
    let runs = runner.runs(|seed| live(model, plan, seed, length));
    let errors: Vec<f64> = runs.iter().map(|run| run.errors).collect();
    let there = Claim {
        figure: "errors".to_owned(),
        what: "share of errors without a page".to_owned(),
        unit: Unit::Share,
        published: Some(share(model, plan)),
        source: CAUSE,
        ..claim(model, plan)
    };
    let first = runs.iter().filter_map(|run| run.fired).min().map(Span::seconds);
    [there.estimated(&errors, 0.05), claim(model, plan).never(first)]
}

fn claim(model: &Model, plan: &'static str) -> Claim {
    let what = format!("page after {} % errors began", share(model, plan) * 100.0);
    let published = alerts::detection(burn(model), slo(model), window(model), share(model, plan));
    Claim { model: NAME, figure: plan.to_owned(), what, unit: Unit::Seconds, published, source: alerts::BURN_RATE }
}

/// Lives until the alert fires, or so long.
fn live(model: &Model, plan: &str, seed: u64, length: Span) -> Run {
    let mut world = following(model, plan, seed);
    let (served, end) = (bad_version_serves(model, plan), Time::ZERO + length);
    world.run_until(served);
    let healthy = since_start(&world);
    let mut fired = None;
    while fired.is_none() && world.now() < end {
        world.run_until(world.now() + model.scrape);
        fired = alerted(&world).map(|at| at.since(served));
    }
    Run { fired, errors: failed_share(since_start(&world).without(&healthy).outside()) }
}

/// When the alert fired first.
fn alerted(world: &World) -> Option<Time> {
    let clocks = world.summary().clocks;
    Some(clocks.first_harm_at? + clocks.detected?)
}

/// When the only replica of the plan's version takes over: its start takes a known time.
fn bad_version_serves(model: &Model, plan: &str) -> Time {
    let steps = &model.plan(plan).unwrap_or_else(|| panic!("no plan {plan}")).steps;
    let [Step { at, .. }] = steps[..] else { panic!("one step") };
    at + constant(service(model, SERVICE).startup)
}

/// The share of errors the version a plan is named after has.
fn share(model: &Model, plan: &str) -> f64 {
    defect_share(model, service(model, SERVICE), plan)
}

/// How many times too fast the budget burns when the alert fires.
#[allow(clippy::cast_precision_loss)]
fn burn(model: &Model) -> f64 {
    rule(model).0 as f64 / 1000.0
}

/// The long window, in seconds.
fn window(model: &Model) -> f64 {
    rule(model).1.seconds()
}

fn rule(model: &Model) -> (u64, Span) {
    let Rule::BurnRate { factor_thousandths, long, .. } = model.alerts[0].rule else { panic!("a burn-rate alert") };
    (factor_thousandths, long)
}

fn slo(model: &Model) -> f64 {
    model.slos[0].target.as_f64()
}
