//! Any rollout and its way back: bounds hold in every step, nothing is left of what was taken back, and a controller is
//! stuck only where the real one is.

use model::time::Time;
use proptest::prelude::*;
use sim::view::VersionView;
use sim::{Summary, World};
use trials::books::check_books;
use trials::runs::{begun, model, second, to_next_change};
use trials::systems::cases;
use trials::systems::rolled::{Controller, Rolled, any_rolled};

/// Long enough after the way back for every back-off, deadline and test.
const END: u64 = Rolled::BACK + 25 * 60;

/// The replicas of each version, as its tool shows them.
fn versions(world: &World) -> Vec<VersionView> {
    world.view(world.scenario().player).services.swap_remove(0).versions
}

/// Replicas that are there and not on their way out, and those of them that serve.
fn counted(versions: &[VersionView]) -> (u32, u32) {
    let there = |own: &VersionView| own.ready + own.starting + own.crashed;
    (versions.iter().map(there).sum(), versions.iter().map(|own| own.ready).sum())
}

/// The most replicas there may be, and the fewest that serve where nothing kills them.
fn bounds(rolled: &Rolled) -> (u32, u32) {
    let (fewest, most) = rolled.sizes();
    match rolled.controller {
        Controller::Rolling { surge, unavailable } | Controller::Canary { surge, unavailable, .. } => {
            (most + surge, fewest.saturating_sub(unavailable))
        }
        Controller::Recreate => (most, 0),
        Controller::Stateful { unavailable, .. } => (most, fewest.saturating_sub(unavailable.unwrap_or(1))),
        // A stable version that follows its share is there for that share.
        Controller::Routed { dynamic: true, .. } => (2 * most, 0),
        Controller::Routed { dynamic: false, .. } | Controller::BlueGreen { .. } => (2 * most, fewest),
        Controller::Flagger { .. } => (2 * (most + 1), fewest - 1),
        Controller::InPlace { batch } => (most, fewest.saturating_sub(batch)),
    }
}

/// Whether the real controller stays where it is when a version that does not start is taken back.
fn is_stuck(rolled: &Rolled) -> bool {
    let Controller::Stateful { ordered, unavailable, partition } = rolled.controller else { return false };
    let replaced = rolled.replicas - partition;
    // kubernetes#67250; and where several may be missing, those that are use up the room for their own replacement.
    rolled.stillborn == 100 && replaced > 0 && (ordered || unavailable.is_some_and(|most| replaced >= most))
}

fn check_bounds(rolled: &Rolled, world: &World) -> Result<(), TestCaseError> {
    let (most, least) = bounds(rolled);
    // An Argo Rollout restarts replicas one by one, or as many as may be missing: none is made beside them.
    let is_argo = matches!(
        rolled.controller,
        Controller::Canary { .. } | Controller::Routed { .. } | Controller::BlueGreen { .. }
    );
    let restarted = if is_argo && rolled.restarts() { (rolled.replicas / 4).max(1) } else { 0 };
    let (most, least) = (most + rolled.stand_by(), least.saturating_sub(restarted) + rolled.stand_by());
    let seen = versions(world);
    let (there, serving) = counted(&seen);
    prop_assert!(there <= most, "{} of at most {} at {}: {:?}", there, most, world.now(), seen);
    if rolled.killed == 0 && !rolled.evicts() {
        prop_assert!(serving >= least, "{} of at least {} serve at {}: {:?}", serving, least, world.now(), seen);
    }
    if matches!(rolled.controller, Controller::Recreate) && !rolled.standby {
        prop_assert!(seen.len() <= 1, "side by side at {}: {:?}", world.now(), seen);
    }
    Ok(())
}

fn check_end(rolled: &Rolled, end: &Summary, left: &[VersionView]) -> Result<(), TestCaseError> {
    let of = |label: &str| left.iter().find(|own| own.label == label);
    let old = of("1").map_or(0, |own| own.ready);
    if is_stuck(rolled) {
        prop_assert!(of("2").is_some_and(|own| own.crashed > 0), "it is stuck: {:?}", left);
        return Ok(());
    }
    prop_assert!(of("2").is_none(), "nothing is left of it: {:?}", left);
    prop_assert_eq!(old, rolled.replicas + rolled.stand_by(), "all are back: {:?}", left);
    let back = ["in effect: deploy web 1", "in effect: write web 1 in Git", "refused: web 1 is"];
    let is_told = end.timeline.iter().any(|line| back.iter().any(|words| line.what.contains(words)));
    let told: Vec<_> = end.timeline.iter().map(|line| format!("{} {}", line.at, line.what)).collect();
    prop_assert!(is_told, "and somebody is told: {told:#?}");
    Ok(())
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn bounds_hold_and_a_way_back_leaves_nothing(rolled in any_rolled()) {
        let mut world = begun(&model(&rolled.bundle()), Some("back"), rolled.seed);
        let mut checked = 0;
        while to_next_change(&mut world, second(Rolled::BACK + 120)) {
            check_bounds(&rolled, &world)?;
            let tens = world.now().since(Time::ZERO).nanos() / 10_000_000_000;
            if tens > checked {
                checked = tens;
                check_books(&world);
            }
        }
        world.run_until(second(END));
        check_books(&world);
        check_end(&rolled, &world.summary(), &versions(&world))?;
    }
}
