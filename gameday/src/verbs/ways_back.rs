//! `gameday show NAME --ways-back`: how one gets back from what a release has changed, at a moment of a run.

use crate::cli::Show;
use crate::console::{say, say_json, stdout_paint};
use crate::exit::{Exit, Failure};
use crate::scenario::open_aloud;
use model::Scenario;
use model::time::{Span, Time};
use reports::ways_back::{WaysBackContext, json, text};
use sim::{Bounds, Ended, World};

/// How often each way is tried.
const TRIALS: u32 = 200;

/// How often a run is kept on the way to a moment that nobody knows, to come to it again.
const CLONED: Span = Span::from_secs(60);

/// Lives up to the moment, and tells the ways back from there.
pub(super) fn ways_back(what: &Show) -> Result<Exit, Failure> {
    let opened = open_aloud(&what.scenario)?;
    opened.fits(Bounds::default())?;
    let steps = what.plan.as_deref().map_or(Ok(Vec::new()), |plan| opened.plan(plan))?;
    let mut world = World::new(opened.scenario.clone(), what.seed).within(Bounds::default());
    world.follow(steps);
    let world = match what.at {
        Some(at) => {
            world.run_up_to(Time::ZERO + within(at, &opened.scenario)?);
            world
        }
        None => paged(world),
    };
    let ways = world.ways_back(TRIALS);
    let context = WaysBackContext { scenario: &opened.scenario.name };
    if what.json {
        say_json(&json(&ways, &context))?
    } else {
        say(&text(&ways, &context, stdout_paint()))?
    }
    Ok(if world.stopped().is_some() { Exit::Undecided } else { Exit::Good })
}

/// A moment of the run: it ends at its horizon.
fn within(at: Span, scenario: &Scenario) -> Result<Span, Failure> {
    if at <= scenario.horizon {
        return Ok(at);
    }
    let message = format!("the run of `{}` ends at {}", scenario.name, scenario.horizon);
    Err(Failure::usage(message, format!("a moment up to {}: --at {}", scenario.horizon, scenario.horizon)))
}

/// The second of the first page; without one, that in which all of the release was out; without that, the end.
/// Where nothing is released and nothing goes wrong, nothing will have been changed by then either. It is met as `--at`
/// meets it: before what controllers do just then.
fn paged(mut world: World) -> World {
    if world.scenario().release.is_empty() && world.scenario().system.faults.is_empty() {
        return world;
    }
    let end = Time::ZERO + world.scenario().horizon;
    let (mut before, mut released) = (world.clone(), None);
    while world.now() < end && !world.is_paged() {
        if world.now().since(before.now()) >= CLONED {
            before = world.clone();
        }
        let next = (world.now() + Span::SECOND).min(end);
        if world.run_until(next) != Ended::Reached {
            return world;
        }
        if released.is_none() && world.is_released() {
            released = Some(met(before.clone(), next));
        }
    }
    let now = world.now();
    released.filter(|_| !world.is_paged()).unwrap_or_else(|| met(before, now))
}

/// A moment, as it is met by who gives an order then.
fn met(mut before: World, at: Time) -> World {
    before.run_up_to(at);
    before
}
