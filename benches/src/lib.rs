//! What the benches share: bundled scenarios, and worlds in the middle of a run.
//!
//! The benches are in `benches/`, a file per part of the engine; how to run and read them is in
//! docs/PERFORMANCE.md. They measure elapsed time, so an idle machine is worth more than another sample;
//! `peers/` compares in CPU time.

use model::time::{Span, Time};
use scenarios::{Bundle, library};
use sim::{Model, World};

/// The bundled scenario of that name.
///
/// # Panics
/// When there is none, or it does not compile.
#[must_use]
pub fn bundled(name: &str) -> Model {
    let bundled = library::find(name).unwrap_or_else(|| panic!("no bundled scenario `{name}`"));
    let compiled = scenarios::compile(&Bundle::bundled(bundled)).unwrap_or_else(|problems| panic!("{problems}"));
    Model::new(compiled.scenario)
}

/// A world of a bundled scenario, so many seconds into its run.
#[must_use]
pub fn in_flight(name: &str, seconds: u64) -> World {
    let mut world = World::new(bundled(name), 1);
    world.run_until(Time::ZERO + Span::from_secs(seconds));
    world
}

/// The same world `seconds` later.
pub fn go_on(world: &mut World, seconds: u64) {
    world.run_until(world.now() + Span::from_secs(seconds));
}
