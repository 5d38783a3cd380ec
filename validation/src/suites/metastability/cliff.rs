//! A cliff: with a timeout of 15 ms instead of 20 ms, a chain that was fine collapses under its retries.

use super::{Claim, Row, Unit, flow};
use crate::effort::{Effort, Runner};
use crate::estimate::float;
use crate::variant::Variant;
use sim::{Model, World};

const NAME: &str = "chain";
const ENGINES: &str = "The same chain in four other engines: 93 to 98 % failed at 15 ms, and 94 to 98 % were tried \
                       again; at 20 ms 0.15 to 0.26 % were";

/// The middle of what the others found at 15 ms, and how far a figure may be from it: the start, when all was well, is
/// in theirs.
const COLLAPSED: f64 = 0.955;
const ABOUT: f64 = 0.055;
/// The middle of what they found at 20 ms, and how far they are from it.
const RETRIED: f64 = 0.00205;
const APART: f64 = 0.00055;

/// How long a run is watched that is fine, in seconds.
const MINUTE: u64 = 60;

/// What a stretch of a run comes to.
#[derive(Clone, Copy, Debug)]
struct Share {
    /// The share of requests without a result.
    failed: f64,
    /// Attempts beyond the first, per request.
    retried: f64,
}

pub(super) fn rows(runner: Runner) -> Vec<Row> {
    let seconds = runner.effort.pick(5 * MINUTE, MINUTE);
    let seeds = runner.effort.pick(5, 2);
    let stretch = |timeout: &str, from, to| {
        let model = Variant::of(NAME).with("timeout: 20ms", &format!("timeout: {timeout}")).model();
        runner.runs_of(seeds, |seed| share(&model, seed, from, to))
    };
    let (short, long) = (stretch("15ms", seconds / 2, seconds), stretch("20ms", 0, MINUTE));
    let late = match runner.effort {
        Effort::Full => vec![down_at_the_end(&stretch("20ms", seconds - MINUTE, seconds))],
        Effort::Quick => vec![],
    };
    let least = |of: fn(&Share) -> f64| short.iter().map(of).reduce(f64::min);
    let mean = |of: fn(&Share) -> f64| Some(long.iter().map(of).sum::<f64>() / float(long.len() as u64));
    let early = [
        claim("15ms-failed", "timeout: 15ms: failed, at least", COLLAPSED).within(least(|run| run.failed), ABOUT),
        claim("15ms-retried", "timeout: 15ms: retried, at least", COLLAPSED).within(least(|run| run.retried), ABOUT),
        claim("20ms-failed", "timeout: 20ms: failed", 0.0).within(mean(|run| run.failed), APART),
        claim("20ms-retried", "timeout: 20ms: retried", RETRIED).within(mean(|run| run.retried), APART),
    ];
    early.into_iter().chain(late).collect()
}

fn claim(figure: &str, what: &str, published: f64) -> Claim {
    let (figure, what) = (figure.to_owned(), what.to_owned());
    Claim { model: NAME, figure, what, unit: Unit::Share, published: Some(published), source: ENGINES }
}

/// Above half the capacity a system with one retry is never safe: some runs are down after a while at 20 ms, too.
fn down_at_the_end(runs: &[Share]) -> Row {
    let down = runs.iter().filter(|run| run.failed > 0.5).count();
    let claim = claim("20ms-down", "timeout: 20ms: runs down after 5 min", 0.0);
    Claim { published: None, ..claim }.shown(Some(float(down as u64) / float(runs.len() as u64)))
}

fn share(model: &Model, seed: u64, from: u64, to: u64) -> Share {
    let flow = flow(&mut World::new(model.clone(), seed), "gateway", from, to);
    Share { failed: 1.0 - flow.good_share(), retried: flow.asked / flow.answered - 1.0 }
}
