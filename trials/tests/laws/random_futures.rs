//! Random systems: one future for each seed, whatever keeps the events, on whatever thread, in whatever pieces; a
//! fork has the future of its original, until somebody acts in one of them.

use model::time::{Span, Time};
use proptest::prelude::*;
use sim::World;
use sim::kernel::Structure;
use trials::runs::{second, side_by_side};
use trials::systems::{LENGTH, System, any_instant, any_system, cases};

const END: Time = Time::from_nanos(LENGTH.nanos());

fn lived_on(structure: Structure, system: &System) -> World {
    let mut world = World::on(structure, system.model(), system.seed);
    world.run_until(END);
    world
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_queue_is_a_queue(system in any_system()) {
        let model = system.model();
        let mut worlds = [Structure::Heap, Structure::Tree].map(|own| World::on(own, model.clone(), system.seed));
        worlds.iter_mut().for_each(|world| { world.run_until(END); });
        let [heap, tree] = worlds;
        prop_assert!(heap.steps() > 0);
        prop_assert_eq!(heap.digest(), tree.digest());
        prop_assert!(heap == tree, "equal digests, unequal worlds");
    }

    /// Compiled anew on each thread, too.
    #[test]
    fn a_run_is_the_same_on_any_thread(system in any_system()) {
        let worlds = side_by_side(&[(), ()], |()| lived_on(Structure::default(), &system));
        prop_assert_eq!(worlds[0].digest(), worlds[1].digest());
        prop_assert_eq!(worlds[0].steps(), worlds[1].steps());
    }

    #[test]
    fn a_fork_has_the_future_of_its_original(system in any_system(), at in any_instant()) {
        let mut original = World::new(system.model(), system.seed);
        let mut straight = original.clone();
        straight.run_until(END);
        original.run_until(at);
        let mut fork = original.clone();
        fork.run_until(END);
        while original.now() < END {
            original.run_until((original.now() + Span::from_millis(1_234)).min(END));
        }
        prop_assert_eq!(fork.digest(), straight.digest());
        prop_assert!(fork == original && original == straight, "equal digests, unequal worlds");
    }

    #[test]
    fn what_is_done_in_a_fork_is_not_done_in_its_original(system in any_system(), at in any_instant()) {
        let mut original = World::new(system.model(), system.seed);
        original.run_until(at);
        let before = original.clone();
        let mut fork = original.clone();
        fork.follow(original.scenario().plans[0].steps.clone());
        fork.run_until(END);
        prop_assert!(original == before);
        original.run_until(END);
        prop_assert_ne!(fork.digest(), original.digest(), "something was done");
        prop_assert_eq!(original.digest(), lived_on(Structure::default(), &system).digest());
    }

    /// A world takes what its busiest instant takes, however long nothing new happens in it.
    #[test]
    fn a_world_does_not_grow_with_the_length_of_its_run(system in any_system().prop_map(|own| own.stopping_at(15))) {
        let mut world = World::new(system.model(), system.seed);
        world.run_until(second(60));
        let early = world.footprint();
        world.run_until(second(20 * 60));
        prop_assert!(world.footprint() <= early, "{early} became {}", world.footprint());
    }
}
