//! The chain in gameday: the bundled scenario file, with everything a run always does.

use crate::chain::Outcome;
use model::time::Time;
use scenarios::{Bundle, library};
use sim::{Model, World};

/// The bundled chain.
///
/// # Panics
/// When it is not what it should be: it is part of the program.
pub(crate) fn model() -> Model {
    let bundled = library::find("chain").expect("the chain is in the library");
    let compiled = scenarios::compile(&Bundle::bundled(bundled)).unwrap_or_else(|problems| panic!("{problems}"));
    Model::new(compiled.scenario)
}

/// Runs the chain until `end`.
pub(crate) fn run(model: &Model, seed: u64, end: Time) -> Outcome {
    let mut world = World::new(model.clone(), seed);
    world.run_until(end);
    outcome(&world)
}

fn outcome(world: &World) -> Outcome {
    let client = world.scenario().system.sources[0].endpoint;
    let answers = world.answers()[client.index()];
    Outcome {
        events: world.steps(),
        arrived: world.arrived(),
        answered: answers.count,
        retries: None,
        failed: world.summary().harm.requests.failed,
        total_ns: answers.total_ns,
        p99_ns: None,
    }
}
