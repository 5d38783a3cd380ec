//! Records: how fast the format of a new version spreads, and how long it takes to get rid of it.

use super::Held;
use crate::claim::{Claim, Row, Unit};
use crate::effort::Runner;
use crate::parameters::{endpoint, initial_records, library_model, source_rate};
use crate::theory::skew;
use crate::watch::{failed_share, since_start};
use model::scenario::Step;
use model::time::{Span, Time};
use sim::{Model, World};

/// Before and after an instant, to see how many reads fail around it.
const AROUND: Span = Span::from_millis(2500);

/// How often a repair is looked at: it works off a second's worth of records at a time.
const LOOK: Span = Span::SECOND;

/// The widest interval worth anything, as a share of the figure.
const WIDEST: f64 = 0.08;

pub(super) fn rows(runner: Runner) -> Vec<Row> {
    let mut rows = contamination(runner).to_vec();
    rows.push(repair(runner));
    rows
}

/// The share of records in the new format after as many overwrites as there are records, and the share of reads
/// that fail for it with a reader that insists on the old one.
fn contamination(runner: Runner) -> [Row; 2] {
    let model = library_model("contamination");
    let held = Held::by(&model, "ledger", &model.release);
    let (records, overwrites) = (initial_records(&model, 0), source_rate(&model, "changes"));
    let after = Span::from_secs(100);
    let share = skew::contaminated(held.new, overwrites, records, after.seconds());
    let seen = runner.runs(|seed| contaminated(&model, seed, Time::ZERO + held.from + after, records));
    let (stored, read): (Vec<f64>, Vec<f64>) = seen.into_iter().unzip();
    [
        claim("stored", "records in the new format", share).estimated(&stored, WIDEST),
        claim("reads", "reads by the old version that fail", share).estimated(&read, WIDEST),
    ]
}

fn claim(figure: &str, what: &str, share: f64) -> Claim {
    let (figure, what) = (figure.to_owned(), what.to_owned());
    Claim { model: "contamination", figure, what, unit: Unit::Share, published: Some(share), source: skew::OVERWRITTEN }
}

/// The share of records a strict reader cannot read at an instant, and the share of its reads that fail then.
fn contaminated(model: &Model, seed: u64, at: Time, records: f64) -> (f64, f64) {
    let mut world = World::new(model.clone(), seed);
    world.run_until(Time::ZERO + (at.since(Time::ZERO) - AROUND));
    let before = since_start(&world);
    world.run_until(at);
    let stored = f64::from(unreadable(&world)) / records;
    world.run_until(at + AROUND);
    let reads = since_start(&world).without(&before).at(endpoint(model, "report.check"));
    (stored, failed_share(reads))
}

/// Records that a version that serves cannot read.
fn unreadable(world: &World) -> u32 {
    world.summary().harm.unreadable.remaining
}

/// A repair: from its start until no record is unreadable.
fn repair(runner: Runner) -> Row {
    let model = library_model("repair-time");
    let system = &model.system;
    let left: u32 = system.stores[0].initial.iter().skip(1).map(|batch| batch.count).sum();
    let rate = f64::from(system.conversions[0].per_second);
    let claim = Claim {
        model: "repair-time",
        figure: "repair".to_owned(),
        what: "time a repair takes".to_owned(),
        unit: Unit::Seconds,
        published: Some(skew::repair(f64::from(left), rate)),
        source: skew::REPAIR,
    };
    claim.near(&runner.runs(|seed| repaired_after(&model, seed).seconds()), LOOK.seconds())
}

fn repaired_after(model: &Model, seed: u64) -> Span {
    let steps = &model.plan("repair").expect("it is bundled").steps;
    let [Step { at: began, .. }] = steps[..] else { panic!("one step") };
    let mut world = World::new(model.clone(), seed);
    world.follow(steps.clone());
    world.run_until(began);
    let end = Time::ZERO + model.horizon;
    while unreadable(&world) > 0 && world.now() < end {
        world.run_until(world.now() + LOOK);
    }
    world.now().since(began)
}
