//! Laws 4 and 5: one trajectory per scenario, seed and commands; a clone is a fork.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::kernel::Structure;
use sim::{Model, World};
use trials::runs::{begun, library, lived_until, minutes, model, second, side_by_side};
use trials::text::{bundled, edited, reversed};

const SEED: u64 = 7;
/// Long enough for rollout, flag, rollback, and the conversion of every plan.
const LENGTH: Span = minutes(25);

/// Both drills with every plan.
fn every_run() -> Vec<(Model, Option<String>)> {
    let drills = [library("ledger-format"), library("online-boutique")];
    let of = |model: &Model| {
        let plans = model.plans.iter().map(|plan| Some(plan.name.to_string()));
        std::iter::once(None).chain(plans).map(|plan| (model.clone(), plan)).collect::<Vec<_>>()
    };
    drills.iter().flat_map(of).collect()
}

fn digest(bundle: &Bundle, plan: Option<&str>) -> u64 {
    lived_until(&model(bundle), plan, SEED, LENGTH).digest().finish()
}

#[test]
fn a_run_repeats_itself_on_any_thread() {
    for (model, plan) in every_run() {
        let runs = side_by_side(&[SEED, SEED], |seed| lived_until(&model, plan.as_deref(), *seed, LENGTH));
        assert_eq!(runs[0].digest(), runs[1].digest(), "{} {plan:?}", model.name);
        assert!(runs[0] == runs[1], "equal digests, unequal worlds: {} {plan:?}", model.name);
    }
}

#[test]
fn a_scenario_compiled_again_runs_the_same() {
    for name in ["ledger-format", "online-boutique"] {
        assert_eq!(digest(&bundled(name), Some("rollback")), digest(&bundled(name), Some("rollback")));
    }
}

/// Every bundled scenario, with events in a heap and in a tree. Ten seconds bring ties and timeouts enough.
#[test]
fn it_does_not_matter_what_keeps_the_events() {
    let names: Vec<_> = scenarios::library::names().collect();
    side_by_side(&names, |name| {
        let model = library(name);
        let [heap, tree] = [Structure::Heap, Structure::Tree].map(|structure| {
            let mut world = World::on(structure, model.clone(), SEED);
            world.run_until(second(10));
            world
        });
        assert!(heap == tree, "{name} depends on the structure of its queue");
        assert!(heap.steps() > 0, "{name} does nothing");
    });
}

#[test]
fn seeds_differ() {
    let model = library("ledger-format");
    let digests = side_by_side(&[1, 2, 3, 4], |seed| lived_until(&model, None, *seed, minutes(1)).digest().finish());
    for (index, digest) in digests.iter().enumerate() {
        assert!(!digests[..index].contains(digest), "two seeds, one digest: {digests:?}");
    }
}

/// Plans of the ledger drill with seconds at which much is under way: the start, rollout, flag, the conversion
/// of flag-first; and half a rollback, and what lies between rollback and repair.
const INSTANTS: [(&str, u64); 6] = [
    ("flag-first", 0),
    ("flag-first", 155),
    ("flag-first", 372),
    ("flag-first", 1_083),
    ("rollback-then-repair", 975),
    ("rollback-then-repair", 1_325),
];

/// Lives on from the same instant in a clone and in the original.
fn fork_at(model: &Model, plan: &str, at: Time) -> (World, World) {
    let mut original = begun(model, Some(plan), SEED);
    original.run_until(at);
    let mut fork = original.clone();
    assert!(fork == original);
    fork.run_until(Time::ZERO + LENGTH);
    original.run_until(Time::ZERO + LENGTH);
    (original, fork)
}

#[test]
fn a_fork_lives_the_life_of_its_original() {
    let model = library("ledger-format");
    let plans = ["flag-first", "rollback-then-repair"];
    let straight = side_by_side(&plans, |plan| lived_until(&model, Some(*plan), SEED, LENGTH));
    let forks = side_by_side(&INSTANTS, |(plan, at)| (*plan, fork_at(&model, plan, second(*at))));
    for (plan, (original, fork)) in forks {
        assert_eq!(fork.digest(), original.digest(), "{plan}");
        assert!(fork == original, "{plan}");
        let unforked = &straight[usize::from(plan == plans[1])];
        assert!(original == *unforked, "{plan}: looking on the way changed the run");
    }
}

#[test]
fn a_fork_that_goes_another_way_leaves_its_original_alone() {
    let model = library("ledger-format");
    let mut original = begun(&model, None, SEED);
    original.run_until(second(900));
    let before = original.clone();

    let mut other = original.clone();
    other.follow(model.plan("rollback").expect("a bundled plan").steps.clone());
    other.run_until(Time::ZERO + LENGTH);
    assert!(original == before);

    original.run_until(Time::ZERO + LENGTH);
    assert_ne!(original.digest(), other.digest());
    assert_eq!(original.digest(), lived_until(&model, None, SEED, LENGTH).digest());
}

#[test]
fn how_often_one_stops_on_the_way_does_not_matter() {
    let model = library("ledger-format");
    let mut stepwise = begun(&model, Some("rollback"), SEED);
    while stepwise.now() < second(1_200) {
        stepwise.run_until(stepwise.now() + Span::from_millis(333));
    }
    stepwise.run_until(second(1_300));
    assert!(stepwise == lived_until(&model, Some("rollback"), SEED, Span::from_secs(1_300)));
}

#[test]
fn commands_may_come_in_when_their_time_has_come() {
    let model = library("ledger-format");
    let mut played = begun(&model, None, SEED);
    for step in &model.plan("rollback").expect("a bundled plan").steps {
        played.run_until(step.at);
        played.follow([step.clone()]);
    }
    played.run_until(Time::ZERO + LENGTH);
    let planned = lived_until(&model, Some("rollback"), SEED, LENGTH).summary();
    assert_eq!((played.summary().harm, played.summary().clocks), (planned.harm, planned.clocks));
}

#[test]
fn the_order_of_declarations_means_nothing() {
    let ledger = digest(&bundled("ledger-format"), Some("rollback-then-repair"));
    for section in ["traffic", "services", "jobs", "alerts"] {
        let other = edited(bundled("ledger-format"), |text| reversed(text, section));
        assert_eq!(digest(&other, Some("rollback-then-repair")), ledger, "`{section}` in the opposite order");
    }
}
