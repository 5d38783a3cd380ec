//! `gameday run --at T --view SEAT`: what a seat sees at a moment of a run. Never the truth.

use crate::cli::Run;
use crate::console::{say, say_json, stdout_paint};
use crate::exit::{Exit, Failure};
use crate::progress::Progress;
use crate::scenario::{Opened, live};
use crate::verbs::run::begun;
use model::scenario::Step;
use model::time::Span;
use reports::view::{ViewContext, json, text};
use sim::Ended;

/// Lives up to the moment and shows what the seat sees. How that is says nothing of how it stands: the exit code is no
/// verdict.
pub(super) fn view(what: &Run, opened: &Opened, steps: Vec<Step>, at: Span, seat: &str) -> Result<Exit, Failure> {
    let seat = opened.seat(seat)?;
    let mut world = begun(what, opened, steps);
    let mut progress = Progress::of(at);
    let ended = live(&mut world, at, |world| progress.tell(world.now()));
    progress.clear();
    let seen = world.view(seat);
    let context = ViewContext { plan: what.plan.as_deref(), responder: what.responder.name() };
    match what.json {
        true => say_json(&json(&seen, &context))?,
        false => say(&text(&seen, &context, stdout_paint()))?,
    }
    Ok(match ended {
        Ended::Stopped(_) => Exit::Undecided,
        Ended::Reached => Exit::Good,
    })
}
