//! Faults behind one replica of eight: when they show, and how many they are.

use super::Held;
use crate::claim::{Claim, Row, Unit};
use crate::effort::Runner;
use crate::estimate::float;
use crate::parameters::{defect_share, library_model, requests_per_second, service};
use crate::theory::skew;
use crate::variant::Variant;
use crate::watch::{between, following, since_start, step_until};
use model::time::{Span, Time};
use sim::Model;

const NAME: &str = "canary";
const SERVICE: &str = "shop";

pub(super) fn rows(runner: Runner) -> Vec<Row> {
    let model = library_model(NAME);
    vec![first_fault(&model, runner), exposure(&model, runner), weighed(runner)]
}

/// How long a rare fault takes to show: one figure from each run, so it takes many. The balancer asks each replica
/// in turn, so this is a chance of one in a hundred at every eighth request, not quite at any: half a round less.
fn first_fault(model: &Model, runner: Runner) -> Row {
    let plan = "rare";
    let seeds = runner.effort.pick(2000, 500);
    let seconds = runner.runs_of(seeds, |seed| seconds_to_first_fault(model, plan, seed));
    let published = 1.0 / faults_per_second(model, plan);
    let claim = claim(plan, "time to the first fault", Unit::Seconds, published, skew::FAULTS);
    claim.estimated(&seconds, runner.effort.pick(0.12, 0.24))
}

/// How many errors a frequent fault makes while the rollout is held.
fn exposure(model: &Model, runner: Runner) -> Row {
    let plan = "frequent";
    let from = held(model, plan).from;
    let to = from + Span::from_secs(runner.effort.pick(3000, 600));
    let rate = |seed| {
        let watched = between(following(model, plan, seed), from, to);
        float(watched.outside().failed) / watched.seconds()
    };
    let claim = claim(plan, "errors per second", Unit::Number, faults_per_second(model, plan), skew::EXPOSURE);
    claim.estimated(&runner.runs(rate), runner.effort.pick(0.06, 0.18))
}

/// How many errors a frequent fault makes behind a balancer that weighs versions, whatever their replicas.
fn weighed(runner: Runner) -> Row {
    let plan = "frequent";
    let weights = "    replicas: 8\n    balancer: weighted\n    weights: {good: 97 %, frequent: 3 %}\n";
    let model = Variant::of(NAME).with("    replicas: 8\n", weights).model();
    let from = held(&model, plan).from;
    let to = from + Span::from_secs(runner.effort.pick(6000, 2400));
    let rate = |seed| {
        let watched = between(following(&model, plan, seed), from, to);
        float(watched.outside().failed) / watched.seconds()
    };
    let struck = defect_share(&model, service(&model, SERVICE), plan);
    let published = skew::faults(weight(&model), requests_per_second(&model), struck);
    let claim = claim("weighted", "errors per second at a weight of 3 %", Unit::Number, published, skew::EXPOSURE);
    claim.estimated(&runner.runs(rate), runner.effort.pick(0.06, 0.18))
}

/// The share the balancer is told to give to the last version named.
fn weight(model: &Model) -> f64 {
    service(model, SERVICE).weights.last().expect("it weighs").1.as_f64()
}

fn claim(figure: &str, what: &str, unit: Unit, published: f64, source: &'static str) -> Claim {
    Claim { model: NAME, figure: figure.to_owned(), what: what.to_owned(), unit, published: Some(published), source }
}

fn held(model: &Model, plan: &str) -> Held {
    Held::by(model, SERVICE, &model.plan(plan).expect("it is bundled").steps)
}

fn faults_per_second(model: &Model, plan: &str) -> f64 {
    let struck = defect_share(model, service(model, SERVICE), plan);
    skew::faults(held(model, plan).new, requests_per_second(model), struck)
}

fn seconds_to_first_fault(model: &Model, plan: &str, seed: u64) -> f64 {
    let mut world = following(model, plan, seed);
    let serves = Time::ZERO + held(model, plan).from;
    world.run_until(serves);
    step_until(&mut world, |world| since_start(world).outside().failed > 0);
    world.now().since(serves).seconds()
}
