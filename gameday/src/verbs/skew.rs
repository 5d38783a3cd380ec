//! `gameday run --at T --skew`: who calls whom at a moment of a run, and what they make of each other.

use crate::cli::Run;
use crate::console::{say, say_json, stdout_paint};
use crate::exit::{Exit, Failure};
use crate::progress::Progress;
use crate::scenario::{Opened, live};
use crate::verbs::run::begun;
use model::scenario::Step;
use model::time::{Span, Time};
use reports::skew::{SkewContext, json, text};
use sim::{Ended, Skew};

/// Calls are counted for so long before the moment, or since the start of the run.
const COUNTED: Span = Span::from_secs(60);

/// Lives up to the moment and tells what it is like.
pub(super) fn skew(what: &Run, opened: &Opened, steps: Vec<Step>, at: Span) -> Result<Exit, Failure> {
    let mut world = begun(what, opened, steps);
    let mut progress = Progress::of(at);
    let before = (Time::ZERO + at).since(Time::ZERO + COUNTED);
    world.run_until(Time::ZERO + before);
    world.count_calls();
    let ended = live(&mut world, at, |world| progress.tell(world.now()));
    progress.clear();
    report(what, opened, &world.skew())?;
    Ok(match ended {
        Ended::Stopped(_) => Exit::Undecided,
        Ended::Reached if !world.skew().is_harmless() => Exit::Bad,
        Ended::Reached if world.skew().is_open() => Exit::Undecided,
        Ended::Reached => Exit::Good,
    })
}

fn report(what: &Run, opened: &Opened, skew: &Skew) -> Result<(), Failure> {
    let context = SkewContext { scenario: &opened.scenario.name, plan: what.plan.as_deref(), seed: what.seed };
    if what.json { say_json(&json(skew, &context)) } else { say(&text(skew, &context, stdout_paint())) }
}
