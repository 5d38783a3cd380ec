//! `gameday run --at T --records`: what is stored at a moment of a run, and what each version makes of it.

use crate::cli::Run;
use crate::console::{say, say_json, stdout_paint};
use crate::exit::{Exit, Failure};
use crate::progress::Progress;
use crate::scenario::{Opened, live};
use crate::verbs::run::begun;
use model::scenario::Step;
use model::time::Span;
use reports::holdings::{json, text};
use reports::skew::SkewContext;
use sim::Ended;

/// Lives up to the moment and tells what there is.
pub(super) fn records(what: &Run, opened: &Opened, steps: Vec<Step>, at: Span) -> Result<Exit, Failure> {
    let mut world = begun(what, opened, steps);
    let mut progress = Progress::of(at);
    let ended = live(&mut world, at, |world| progress.tell(world.now()));
    progress.clear();
    let holdings = world.holdings();
    let context = SkewContext { scenario: &opened.scenario.name, plan: what.plan.as_deref(), seed: what.seed };
    match what.json {
        true => say_json(&json(&holdings, &context))?,
        false => say(&text(&holdings, &context, stdout_paint()))?,
    }
    Ok(match ended {
        Ended::Stopped(_) => Exit::Undecided,
        Ended::Reached if !holdings.are_sound() => Exit::Bad,
        Ended::Reached if holdings.are_open() => Exit::Undecided,
        Ended::Reached => Exit::Good,
    })
}
