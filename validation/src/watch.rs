//! Watching runs: what was answered, how long it took and how many were inside, over a stretch of time.

use crate::estimate::float;
use model::id::EndpointId;
use model::time::{Span, Time};
use sim::{Answers, Latency, Model, World};

/// The answers of one stretch of a run.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    /// How long the stretch was.
    length: Span,
    /// By endpoint: answers to requests from outside.
    answers: Vec<Answers>,
    /// By endpoint: answers to everybody, attempt by attempt.
    attempts: Vec<Answers>,
    /// How long the answers to requests from outside took.
    times: Latency,
}

/// Everything a run has answered so far.
pub(crate) fn since_start(world: &World) -> Watched {
    let length = world.now().since(Time::ZERO);
    let latencies = world.latencies();
    let endpoints = (0..world.answers().len()).map(|index| latencies.outside(EndpointId::new(index)));
    Watched {
        length,
        answers: world.answers().to_vec(),
        attempts: world.attempts().to_vec(),
        times: endpoints.fold(Latency::default(), Latency::and),
    }
}

fn less(all: &[Answers], earlier: &[Answers]) -> Vec<Answers> {
    let less = |(all, earlier): (&Answers, &Answers)| Answers {
        count: all.count - earlier.count,
        failed: all.failed - earlier.failed,
        total_ns: all.total_ns - earlier.total_ns,
    };
    all.iter().zip(earlier).map(less).collect()
}

impl Watched {
    /// What came after an earlier instant of the same run.
    pub(crate) fn without(&self, earlier: &Watched) -> Watched {
        Watched {
            length: self.length - earlier.length,
            answers: less(&self.answers, &earlier.answers),
            attempts: less(&self.attempts, &earlier.attempts),
            times: self.times.clone().without(&earlier.times),
        }
    }

    /// How long it was, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        self.length.seconds()
    }

    /// All answers to requests from outside.
    pub(crate) fn outside(&self) -> Answers {
        self.answers.iter().fold(Answers::default(), |sum, own| Answers {
            count: sum.count + own.count,
            failed: sum.failed + own.failed,
            total_ns: sum.total_ns + own.total_ns,
        })
    }

    /// The time that a share of the requests from outside did not exceed, in seconds.
    ///
    /// # Panics
    /// When there were none.
    pub(crate) fn quantile_seconds(&self, share: f64) -> f64 {
        self.times.quantile(share).expect("somebody asked").seconds()
    }

    /// Answers to requests from outside, at the endpoint with this place in the system.
    pub(crate) fn at(&self, endpoint: usize) -> Answers {
        self.answers[endpoint]
    }

    /// Answers to everybody, at the endpoint with this place in the system.
    pub(crate) fn attempts_at(&self, endpoint: usize) -> Answers {
        self.attempts[endpoint]
    }
}

/// The share of requests without a result.
pub(crate) fn failed_share(answers: Answers) -> f64 {
    float(answers.failed) / float(answers.count)
}

/// The mean time from request to answer of those with a result, in seconds; those without took none.
pub(crate) fn mean_seconds(answers: Answers) -> f64 {
    spent_seconds(answers) / float(answers.count - answers.failed)
}

/// The time from request to answer, added up, in seconds.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn spent_seconds(answers: Answers) -> f64 {
    answers.total_ns as f64 / 1e9
}

/// A stretch of a run, and how many requests were inside on average.
#[derive(Clone, Debug)]
pub(crate) struct Occupied {
    /// What was answered.
    pub(crate) watched: Watched,
    /// The time average of the number of requests inside.
    pub(crate) inside: f64,
}

/// When a run is over at the latest, some horizons on: an engine that stops answering has to get a verdict, too,
/// and the figures of a run cut off are missing or far off.
fn end_of(world: &World) -> Time {
    Time::ZERO + world.scenario().horizon.times(10)
}

/// Handles events until `done` says so.
pub(crate) fn step_until(world: &mut World, done: impl Fn(&World) -> bool) {
    let end = end_of(world);
    while !done(world) && world.now() < end {
        world.step();
    }
}

/// Watches until so many requests have been answered, once `warm_up` others have been: by then it is forgotten
/// that the system was empty at the start. Who is inside is told by comings and goings, not by the times that
/// answers report.
pub(crate) fn occupied(model: &Model, seed: u64, warm_up: u64, counted: u64) -> Occupied {
    let mut world = World::new(model.clone(), seed);
    let end = end_of(&world);
    step_until(&mut world, |world| world.replied() >= warm_up);
    let before = since_start(&world);
    let mut inside_ns = 0_u128;
    while world.replied() < warm_up + counted && world.now() < end {
        let (inside, last) = (world.arrived() - world.replied(), world.now());
        world.step();
        inside_ns += u128::from(inside) * u128::from(world.now().since(last).nanos());
    }
    let watched = since_start(&world).without(&before);
    #[allow(clippy::cast_precision_loss)]
    let inside = inside_ns as f64 / 1e9 / watched.seconds();
    Occupied { watched, inside }
}

/// Lives until so many requests have been answered and none is under way, and tells what was answered until then.
pub(crate) fn first_requests(model: &Model, seed: u64, count: u64) -> Watched {
    let mut world = World::new(model.clone(), seed);
    step_until(&mut world, |world| world.replied() >= count && world.in_flight() == 0);
    since_start(&world)
}

/// A world at its start with a plan of its scenario ahead of it.
pub(crate) fn following(model: &Model, plan: &str, seed: u64) -> World {
    let steps = model.plan(plan).unwrap_or_else(|| panic!("{} has no plan {plan}", model.name)).steps.clone();
    let mut world = World::new(model.clone(), seed);
    world.follow(steps);
    world
}

/// Watches a world between two instants.
pub(crate) fn between(mut world: World, from: Span, to: Span) -> Watched {
    world.run_until(Time::ZERO + from);
    let before = since_start(&world);
    world.run_until(Time::ZERO + to);
    since_start(&world).without(&before)
}
