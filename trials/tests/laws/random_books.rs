//! Random systems: what was asked ends exactly once, nothing is left of it, and the time it took is the time it was
//! there.

use model::time::{Span, Time};
use proptest::prelude::*;
use sim::{Answers, UnderWay, World};
use trials::books::check_books;
use trials::runs::{minutes, second};
use trials::systems::{LENGTH, any_system, cases};

/// Little's law without a limit: at an instant at which nobody is inside, the number of those who were inside, added
/// up over time, is the time each of them was, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stays {
    /// Nanoseconds times requests from outside.
    outside: u128,
    /// Nanoseconds times endpoints that were asked, whoever asked.
    all: u128,
}

impl Stays {
    /// What the numbers inside add up to until the next event.
    fn live_through(&mut self, world: &mut World) {
        let (inside, frames, before) = (world.arrived() - world.replied(), world.under_way().frames, world.now());
        world.step();
        let passed = u128::from(world.now().since(before).nanos());
        self.outside += passed * u128::from(inside);
        self.all += passed * u128::from(frames);
    }

    /// What the answers add up to.
    fn told(world: &World) -> Self {
        let total = |answers: &[Answers]| answers.iter().map(|answers| answers.total_ns).sum();
        Stays { outside: total(world.answers()), all: total(world.attempts()) }
    }
}

proptest! {
    #![proptest_config(cases(250))]

    #[test]
    fn littles_law_holds_to_the_nanosecond(system in any_system().prop_map(|system| system.stopping_at(10))) {
        let mut world = World::new(system.model(), system.seed);
        let (mut stays, mut empty) = (Stays::default(), 0);
        while world.now() < second(60) {
            stays.live_through(&mut world);
            if world.under_way().frames == 0 {
                empty += 1;
                prop_assert_eq!(stays, Stays::told(&world), "at {}", world.now());
            } else if world.arrived() == world.replied() {
                prop_assert_eq!(stays.outside, Stays::told(&world).outside, "at {}", world.now());
            }
        }
        prop_assert!(empty > 0 && world.replied() > 0, "somebody comes, and nobody stays");
    }

    #[test]
    fn every_request_ends_exactly_once(system in any_system()) {
        let mut world = World::new(system.model(), system.seed);
        while world.now() < Time::ZERO + LENGTH {
            world.run_until(world.now() + Span::from_millis(333));
            check_books(&world);
        }
        prop_assert!(world.replied() > 0, "somebody is answered");
    }

    /// Nobody stays longer than queues, faults and retries take. Deferred work that cannot succeed is tried for ever.
    #[test]
    fn nothing_is_left_when_nobody_asks_any_more(system in any_system().prop_map(|system| system.stopping_at(15))) {
        let mut world = World::new(system.model(), system.seed);
        world.run_until(second(15));
        let busy = world.arrived();
        world.run_until(Time::ZERO + minutes(10));
        check_books(&world);
        prop_assert_eq!(world.in_flight(), 0);
        let left = world.under_way();
        prop_assert_eq!(left, UnderWay { tasks: left.tasks, ..UnderWay::default() });
        prop_assert!(busy > 0 && world.arrived() == busy, "it stops");
    }
}
