//! Random systems: what has nothing to do with a system moves nobody in it, whatever it is and whatever happens to it.

use model::name::Name;
use model::time::Time;
use proptest::prelude::*;
use sim::{Answers, Model, World};
use trials::systems::{LENGTH, System, any_system, cases, together};

/// Everything that is known of the endpoints of the systems with this prefix.
type Books = Vec<(Name, Answers, Answers)>;

fn books(model: &Model, seed: u64, prefix: char) -> Books {
    let mut world = World::new(model.clone(), seed);
    world.run_until(Time::ZERO + LENGTH);
    let endpoints = world.scenario().system.endpoints.iter();
    let rows = endpoints.zip(world.answers()).zip(world.attempts());
    let rows = rows.map(|((endpoint, answers), attempts)| (endpoint.name.clone(), *answers, *attempts));
    let mut own: Books = rows.filter(|(name, ..)| name.as_str().starts_with(prefix)).collect();
    own.sort_by(|one, other| one.0.cmp(&other.0));
    own
}

fn pair() -> impl Strategy<Value = (System, System)> {
    (any_system(), any_system().prop_map(|system| system.called('b').minding_its_own()))
}

proptest! {
    #![proptest_config(cases(120))]

    /// Services, sources, keys, faults, retries, jobs, flags and a release more: of another system, declared before
    /// and after. Everybody in the first one meets the same luck, to the nanosecond.
    #[test]
    fn a_neighbour_moves_nobody((system, neighbour) in pair()) {
        let alone = books(&system.model(), system.seed, 'a');
        prop_assert!(alone.iter().any(|(_, answers, _)| answers.count > 0), "somebody is answered");
        prop_assert_eq!(&books(&together(&[&system, &neighbour]), system.seed, 'a'), &alone, "declared first");
        let joined = together(&[&neighbour.in_network_of(&system), &system]);
        prop_assert_eq!(&books(&joined, system.seed, 'a'), &alone, "declared last");
        prop_assert!(books(&joined, system.seed, 'b').iter().any(|(_, answers, _)| answers.count > 0));
    }
}
