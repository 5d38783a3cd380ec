//! Runs of scenarios, whole ones and pieces.

use model::Scenario;
use model::id::VersionId;
use model::name::Name;
use model::time::{Span, Time};
use scenarios::{Bundle, Compiled};
use sim::{Answers, Model, Outcome, Summary, World};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::text::bundled;

/// The scenario of a bundle that has no errors.
///
/// # Panics
/// With everything that is wrong, if something is.
#[must_use]
pub fn compiled(bundle: &Bundle) -> Scenario {
    let Compiled { scenario, .. } = scenarios::compile(bundle).unwrap_or_else(|problems| panic!("{problems}"));
    scenario
}

/// The model of a bundle that has no errors.
#[must_use]
pub fn model(bundle: &Bundle) -> Model {
    Model::new(compiled(bundle))
}

/// The model of a scenario of the library.
#[must_use]
pub fn library(name: &str) -> Model {
    model(&bundled(name))
}

/// The world at its start, with a bundled plan ahead of it, or with nobody who responds.
///
/// # Panics
/// When the scenario has no such plan.
#[must_use]
pub fn begun(model: &Model, plan: Option<&str>, seed: u64) -> World {
    let steps = plan.map(|plan| model.plan(plan).unwrap_or_else(|| panic!("no plan `{plan}`")).steps.clone());
    let mut world = World::new(model.clone(), seed);
    world.follow(steps.into_iter().flatten());
    world
}

/// The world at the end of its scenario.
#[must_use]
pub fn lived(model: &Model, plan: Option<&str>, seed: u64) -> World {
    lived_until(model, plan, seed, model.horizon)
}

/// The world after `length`.
#[must_use]
pub fn lived_until(model: &Model, plan: Option<&str>, seed: u64, length: Span) -> World {
    let mut world = begun(model, plan, seed);
    world.run_until(Time::ZERO + length);
    world
}

/// So many minutes.
#[must_use]
pub const fn minutes(count: u64) -> Span {
    Span::from_secs(60 * count)
}

/// The instant so many seconds into a run.
#[must_use]
pub fn second(count: u64) -> Time {
    Time::ZERO + Span::from_secs(count)
}

/// The answers of the endpoint called `service.endpoint` to those outside.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn answers_of(world: &World, endpoint: &str) -> Answers {
    world.answers()[place_of(world, endpoint)]
}

/// The answers of the endpoint called `service.endpoint` to everybody: one for each attempt.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn attempts_of(world: &World, endpoint: &str) -> Answers {
    world.attempts()[place_of(world, endpoint)]
}

fn place_of(world: &World, endpoint: &str) -> usize {
    let mut endpoints = world.scenario().system.endpoints.iter();
    let index = endpoints.position(|own| own.name.as_str() == endpoint);
    index.unwrap_or_else(|| panic!("no endpoint `{endpoint}`"))
}

/// The mean time an answer took, in nanoseconds, rounded down.
#[must_use]
pub fn mean_ns(answers: Answers) -> u64 {
    u64::try_from(answers.total_ns / u128::from(answers.count.max(1))).unwrap_or(u64::MAX)
}

/// Every endpoint's answers by its name, whatever its dense id.
#[must_use]
pub fn answers_by_name(world: &World) -> Vec<(Name, Answers)> {
    let names = world.scenario().system.endpoints.iter().map(|endpoint| endpoint.name.clone());
    let mut all: Vec<_> = names.zip(world.answers().iter().copied()).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// When lines of the timeline with these words were told, first to last.
#[must_use]
pub fn told(end: &Summary, words: &str) -> Vec<Time> {
    end.timeline.iter().filter(|line| line.what.contains(words)).map(|line| line.at).collect()
}

/// When a line of the timeline with these words was told first, if one was.
#[must_use]
pub fn first_told(end: &Summary, words: &str) -> Option<Time> {
    told(end, words).first().copied()
}

/// Whether a line of the timeline with these words was told.
#[must_use]
pub fn is_told(end: &Summary, words: &str) -> bool {
    first_told(end, words).is_some()
}

/// Lives through the next instant in which something happened that anybody observes, all of it. Whether there was one
/// by then.
pub fn to_next_change(world: &mut World, end: Time) -> bool {
    let before = world.digest();
    while world.digest() == before && world.now() < end {
        world.step();
        world.run_until(world.now());
    }
    world.digest() != before && world.now() <= end
}

/// The world right after the event because of which these words are told first, if they are by then: whatever else
/// is due in that instant has yet to happen.
pub fn instant_of(begun: impl Fn() -> World, words: &str, end: Time) -> Option<World> {
    let mut world = begun();
    world.run_until(end);
    let at = first_told(&world.summary(), words)?;
    world = begun();
    world.run_until(Time::from_nanos(at.nanos().saturating_sub(1)));
    while !is_told(&world.summary(), words) {
        world.step();
    }
    Some(world)
}

/// Lives from one second of a run to another: of the requests answered in between by the first two versions, the share
/// of the second.
pub fn share_of_new(world: &mut World, from: u64, to: u64) -> f64 {
    let answered =
        |world: &World| [0, 1].map(|version| world.rates().answered(VersionId::new(version)).iter().sum::<u64>());
    world.run_until(second(from));
    let before = answered(world);
    world.run_until(second(to));
    let after = answered(world);
    let [old, new] = [0, 1].map(|version| (after[version] - before[version]) as f64);
    new / (old + new)
}

/// What `work` makes of each item, in their order, worked out on two threads: runs are independent of each
/// other, and one is single-threaded.
///
/// # Panics
/// When `work` does.
pub fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let share = || {
        let taken = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < items.len()));
        taken.map(|at| (at, work(&items[at]))).collect::<Vec<_>>()
    };
    let (mut done, other) = std::thread::scope(|scope| {
        let other = scope.spawn(share);
        (share(), other.join())
    });
    done.extend(other.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// A world with a fault that strikes at `strikes`, and the same without: until then nothing is different, and without
/// it there is no harm within five minutes; the same requests come to both.
///
/// # Panics
/// When it is otherwise.
pub fn all_harm_is_of_the_fault([mut with, mut without]: [World; 2], strikes: Time) {
    let just_before = Time::from_nanos(strikes.nanos() - 1);
    for world in [&mut with, &mut without] {
        world.run_until(just_before);
    }
    assert_eq!(with.digest(), without.digest());
    for world in [&mut with, &mut without] {
        world.run_until(second(300));
    }
    assert_eq!(without.summary().outcome, Outcome::NoHarm);
    assert_ne!(with.summary().outcome, Outcome::NoHarm);
    assert_eq!(with.arrived(), without.arrived());
}
