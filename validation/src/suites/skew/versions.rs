//! Requests during a rollout: how many meet both versions, and how many the rollout alone turns into a queue.

use super::{Held, batch};
use crate::claim::{Claim, Row, Unit};
use crate::effort::Runner;
use crate::estimate::float;
use crate::parameters::{Station, constant, endpoint, library_model, only_work, requests_per_second, service};
use crate::theory::skew;
use crate::watch::{between, failed_share, following, since_start};
use model::time::{Span, Time};
use sim::{Model, World};

/// Longer than any request takes: one that ends later has met a rollout that stands still.
const SETTLED: Span = Span::from_secs(10);

pub(super) fn rows(runner: Runner) -> Vec<Row> {
    let held = ["one-of-eight", "half"].into_iter().flat_map(|plan| calls(plan, runner));
    held.chain([rollout(runner), overload(runner)]).collect()
}

/// Requests with 2, 3 and 5 calls to a tier whose rollout is held.
fn calls(plan: &'static str, runner: Runner) -> Vec<Row> {
    let model = library_model("skew-calls");
    let held = Held::by(&model, "tier", &model.plan(plan).expect("it is bundled").steps);
    let from = held.from + SETTLED;
    let to = from + Span::from_secs(runner.effort.pick(600, 120));
    let watched = runner.runs(|seed| between(following(&model, plan, seed), from, to));
    let row = |(calls, asked)| {
        let place = endpoint(&model, asked);
        let shares: Vec<f64> = watched.iter().map(|run| failed_share(run.at(place))).collect();
        met_both(plan, held.new, calls).estimated(&shares, runner.effort.pick(0.04, 0.10))
    };
    [(2, "client.two"), (3, "client.three"), (5, "client.five")].into_iter().map(row).collect()
}

fn met_both(plan: &'static str, new: f64, calls: u32) -> Claim {
    Claim {
        model: "skew-calls",
        figure: format!("{plan}-{calls}"),
        what: format!("{calls} calls meet both, {} % new", new * 100.0),
        unit: Unit::Share,
        published: Some(skew::mixed(new, calls)),
        source: skew::MIXED,
    }
}

/// A whole rollout: what was written by the new version and read by the old one.
fn rollout(runner: Runner) -> Row {
    let model = library_model("skew-rollout");
    let tier = service(&model, "tier");
    let steps = tier.rollout.replicas();
    let duration = constant(tier.startup).seconds() * f64::from(steps);
    let gap = constant(only_work(&model, endpoint(&model, "client.order"))).seconds();
    let failed = runner.runs(|seed| {
        let mut world = World::new(model.clone(), seed);
        world.run_until(Time::ZERO + model.horizon);
        float(since_start(&world).outside().failed)
    });
    let claim = Claim {
        model: "skew-rollout",
        figure: "misfits".to_owned(),
        what: "written by the new, read by the old".to_owned(),
        unit: Unit::Number,
        published: Some(skew::written_new_read_old(requests_per_second(&model), duration, steps, gap)),
        source: skew::ROLLOUT,
    };
    claim.estimated(&failed, 0.02)
}

/// A batch of replicas away: how many requests come for each that is answered.
fn overload(runner: Runner) -> Row {
    let model = library_model("rolling-overload");
    let shop = service(&model, "shop");
    let replicas = shop.rollout.replicas();
    let length = Span::from_secs(runner.effort.pick(900, 200));
    let claim = Claim {
        model: "rolling-overload",
        figure: "utilisation".to_owned(),
        what: "arrivals per answer".to_owned(),
        unit: Unit::Number,
        published: Some(skew::utilisation_without(utilisation(&model, replicas), replicas, batch(shop))),
        source: skew::BATCH,
    };
    claim.estimated(&runner.runs(|seed| arrivals_per_answer(&model, seed, length)), 0.02)
}

/// The utilisation of so many replicas with a worker each, all of them there.
fn utilisation(model: &Model, replicas: u32) -> f64 {
    let place = endpoint(model, "shop.buy");
    let arrivals = requests_per_second(model);
    arrivals * Station::at(model, place, arrivals).work.mean / f64::from(replicas)
}

/// What comes and what is answered, once a queue is there.
fn arrivals_per_answer(model: &Model, seed: u64, length: Span) -> f64 {
    let mut world = World::new(model.clone(), seed);
    let counts = |world: &World| (world.arrived(), world.replied());
    world.run_until(Time::ZERO + SETTLED.times(6));
    let before = counts(&world);
    world.run_until(world.now() + length);
    let after = counts(&world);
    float(after.0 - before.0) / float(after.1 - before.1)
}
