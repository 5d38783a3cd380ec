//! Retries: how many attempts a request becomes.

use crate::claim::{Claim, Row, Unit};
use crate::effort::Runner;
use crate::estimate::float;
use crate::parameters::{constant, defect_share, endpoint, library_model, service};
use crate::suite::Gap;
use crate::theory::retries;
use crate::watch::{Watched, between, first_requests, following};
use model::program::CallSite;
use model::time::Span;
use sim::Model;

/// What is missing.
pub(crate) const GAPS: &[Gap] = &[];

/// How far the load under a budget may be from its bound: what the published figure leaves open.
const ABOUT: f64 = 0.01;

/// Every row of the suite.
pub(crate) fn rows(runner: Runner) -> Vec<Row> {
    vec![
        layers("retry-64", retries::SRE_LAYERS, runner),
        layers("retry-243", retries::AWS_LAYERS, runner),
        capped(runner),
        halved(runner),
        budgeted(runner),
    ]
}

/// Layers on a leaf that always fails: every request, on every seed, becomes exactly so many attempts.
fn layers(name: &'static str, source: &'static str, runner: Runner) -> Row {
    let model = library_model(name);
    let leaf = endpoint(&model, "database.ask");
    let published = retries::attempts_at_the_leaf(&attempts_per_layer(&model));
    let requests = runner.effort.pick(1000, 100);
    let runs = runner.runs(|seed| attempts_per_request(&first_requests(&model, seed, requests), leaf));
    claim(name, "leaf", "attempts at the leaf per request", published, source).exactly(&runs)
}

/// A cap of three attempts, and nothing that succeeds.
fn capped(runner: Runner) -> Row {
    let model = library_model("retry-cap");
    let leaf = endpoint(&model, "backend.handle");
    let published = retries::attempts(failing(&model, "1"), retries_of(&model));
    let requests = runner.effort.pick(10_000, 1000);
    let runs = runner.runs(|seed| attempts_per_request(&first_requests(&model, seed, requests), leaf));
    claim("retry-cap", "all", "offered load, all of it fails", published, retries::SRE_CAP).exactly(&runs)
}

/// The same cap when each attempt fails with a probability of its own.
fn halved(runner: Runner) -> Row {
    let model = library_model("retry-cap");
    let leaf = endpoint(&model, "backend.handle");
    let published = retries::attempts(failing(&model, "2"), retries_of(&model));
    let from = constant(service(&model, "backend").startup) + Span::SECOND;
    let to = from + Span::from_secs(runner.effort.pick(1000, 300));
    let runs = runner.runs(|seed| attempts_per_request(&between(following(&model, "half", seed), from, to), leaf));
    claim("retry-cap", "half", "offered load, half of it fails", published, retries::GEOMETRIC).estimated(&runs, 0.02)
}

/// A budget for retries, and nothing that succeeds.
fn budgeted(runner: Runner) -> Row {
    let model = library_model("retry-budget");
    let leaf = endpoint(&model, "backend.handle");
    let published = retries::attempts_within(budget_of(&model));
    let requests = runner.effort.pick(10_000, 1000);
    let runs = runner.runs(|seed| attempts_per_request(&first_requests(&model, seed, requests), leaf));
    claim("retry-budget", "all", "offered load within the budget", published, retries::SRE_BUDGET).near(&runs, ABOUT)
}

fn claim(model: &'static str, figure: &str, what: &str, published: f64, source: &'static str) -> Claim {
    let (figure, what) = (figure.to_owned(), what.to_owned());
    Claim { model, figure, what, unit: Unit::Number, published: Some(published), source }
}

/// Attempts at an endpoint for each request from outside.
fn attempts_per_request(watched: &Watched, leaf: usize) -> f64 {
    float(watched.attempts_at(leaf).count) / float(watched.outside().count)
}

/// How many attempts each layer makes, read off its program.
fn attempts_per_layer(model: &Model) -> Vec<u32> {
    calls(model).map(|call| u32::from(call.retries) + 1).collect()
}

/// The calls of a model, layer by layer.
fn calls(model: &Model) -> impl Iterator<Item = &CallSite> {
    let initial = model.system.services.iter().map(|service| model.system.version(service.initial));
    initial.flat_map(|version| &version.programs).flat_map(|program| &program.calls)
}

fn retries_of(model: &Model) -> u32 {
    let [attempts] = attempts_per_layer(model)[..] else { panic!("one layer") };
    attempts - 1
}

fn budget_of(model: &Model) -> f64 {
    let budgets: Vec<f64> = calls(model).filter_map(|call| Some(call.budget?.as_f64())).collect();
    let [budget] = budgets[..] else { panic!("one budget, not {budgets:?}") };
    budget
}

fn failing(model: &Model, label: &str) -> f64 {
    defect_share(model, service(model, "backend"), label)
}
