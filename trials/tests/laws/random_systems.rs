//! Random systems are worth looking at: everything that can become of a request becomes of one in some of them.

use model::id::{BackgroundId, CacheId};
use model::time::Time;
use sim::World;
use trials::runs::side_by_side;
use trials::systems::{LENGTH, sample};

/// What must have become of somebody, as the debrief tells it.
const TOLD: [&str; 21] = [
    "no replica is ready",
    "the queue is full",
    "the breaker is open",
    "nobody waits for it any more",
    "no answer in time",
    "its replica stopped",
    "oops",
    "stillborn",
    "stands still",
    "of its speed",
    "of the processes of",
    "is lost, with all that runs there",
    "take longer",
    "of the calls between",
    "nothing comes through",
    "the network lost the request or the answer",
    "waits: the deploy tool is down",
    "roll back",
    "cannot read a v1 request",
    "cannot read a v2 answer",
    "misunderstands a v1 request",
];

fn told(world: &World) -> String {
    world.summary().timeline.into_iter().map(|line| line.what + "\n").collect()
}

#[test]
fn everything_happens_in_some_of_them() {
    let worlds = side_by_side(&sample(300), |system| {
        let mut world = World::new(system.model(), system.seed);
        world.run_until(Time::ZERO + LENGTH);
        world
    });
    let all: String = worlds.iter().map(told).collect();
    let missing: Vec<_> = TOLD.iter().filter(|what| !all.contains(*what)).collect();
    assert!(missing.is_empty(), "never told: {missing:?}");

    let seldom = |what: &dyn Fn(&World) -> bool| worlds.iter().filter(|world| what(world)).count() < 5;
    let lookups = |world: &World| world.lookups(CacheId::new(0));
    assert!(!seldom(&|world| lookups(world).hits > 0 && lookups(world).misses > 0), "caches");
    let effects = |world: &World| world.summary().harm.effects;
    assert!(!seldom(&|world| effects(world).escaped > 0 && effects(world).duplicated > 0), "effects");
    let has_background = |world: &World| !world.scenario().system.background.is_empty();
    assert!(!seldom(&|world| has_background(world) && world.runs(BackgroundId::new(0)).skipped > 0), "skipped runs");
    assert!(!seldom(&|world| world.under_way().tasks > 0), "deferred work");
    assert!(!seldom(&|world| world.under_way().frames > 2 * world.in_flight()), "late work");
}
