//! Controllers at work: what they do to a fleet, and where they get stuck.

use model::time::{Span, Time};
use proptest::prelude::*;
use scenarios::Bundle;
use sim::{Outcome, Summary, World};
use trials::runs::{begun, is_told, library, lived, model};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;
const ORDERED: &str = "{management: ordered}";

fn blocks(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("stateful-blocks"), edit)
}

fn end(bundle: &Bundle, plan: &str) -> Summary {
    lived(&model(bundle), Some(plan), SEED).summary()
}

// The StatefulSet that blocks its own rollback.

#[test]
fn an_ordered_set_waits_for_the_replica_it_should_replace() {
    let stuck = end(&bundled("stateful-blocks"), "rollback");
    assert_eq!((stuck.outcome, stuck.clocks.executed), (Outcome::NotRecovered, None));
    assert!(is_told(&stuck, "roll back vault") && !is_told(&stuck, "in effect: roll back vault"));

    let freed = end(&bundled("stateful-blocks"), "by-hand");
    assert_eq!((freed.outcome, freed.met), (Outcome::Recovered, true));
}

#[test]
fn a_parallel_set_does_not() {
    let parallel = blocks(|text| swapped(text, ORDERED, "{management: parallel}"));
    let freed = end(&parallel, "rollback");
    assert_eq!(freed.outcome, Outcome::Recovered);
    assert!(is_told(&freed, "in effect: roll back vault"));
}

#[test]
fn without_the_defect_there_is_nothing_to_block_it() {
    let sound = blocks(|text| {
        swapped(text, "\n        defects:\n          - {defect: the key it mounts was rotated, at: start}", " {}")
    });
    assert!(is_told(&end(&sound, "rollback"), "in effect: roll back vault"));
}

#[test]
fn one_replica_of_three_is_enough_for_the_outage() {
    let stuck = end(&bundled("stateful-blocks"), "rollback");
    // Three replicas of 50 a second carry 110; two do not, and a tenth of all requests is too much for them.
    let failed = stuck.harm.requests.failed as f64 / stuck.harm.requests.total as f64;
    let over = (110.0 - 100.0) / 110.0 * (38.0 / 40.0);
    assert!((failed - over).abs() < 0.01, "{failed} beside {over}");
}

// Partitions.

/// Replicas of vault 8 after the update has come as far as it gets.
fn updated(replicas: u32, partition: u32) -> u32 {
    let whole = blocks(|text| {
        let text = swapped(text, "replicas: 3", &format!("replicas: {replicas}"));
        let text = swapped(&text, ORDERED, &format!("{{partition: {partition}}}"));
        swapped(&text, "\n        defects:\n          - {defect: the key it mounts was rotated, at: start}", " {}")
    });
    let mut world = begun(&model(&whole), None, SEED);
    world.run_until(Time::ZERO + Span::from_secs(1500));
    serving(&world, "8")
}

fn serving(world: &World, version: &str) -> u32 {
    let view = world.view(world.scenario().player);
    let vault = view.services.iter().find(|service| service.name == "vault").expect("it is there");
    vault.versions.iter().filter(|own| own.label == version).map(|own| own.ready).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_partition_keeps_those_below_it(replicas in 1..7_u32, partition in 0..9_u32) {
        prop_assert_eq!(updated(replicas, partition), replicas.saturating_sub(partition));
    }
}

#[test]
fn lowering_a_partition_goes_on_and_raising_it_takes_nothing_back() {
    let step = |at: &str, from: u32| format!("\n      - {{at: {at}, do: {{partition: vault, from: {from}}}}}");
    let moved = blocks(|text| {
        let text =
            swapped(text, "\n        defects:\n          - {defect: the key it mounts was rotated, at: start}", " {}");
        let text = swapped(&text, ORDERED, "{partition: 2}");
        let steps = step("8m", 0) + &step("10m", 3);
        swapped(&text, "\n      - {at: 8m, do: {undo: vault}}\n  by-hand", &format!("{steps}\n  by-hand"))
    });
    let mut world = begun(&model(&moved), Some("rollback"), SEED);
    let mut seen = Vec::new();
    for minute in [6, 9, 12] {
        world.run_until(Time::ZERO + Span::from_secs(60 * minute));
        seen.push(serving(&world, "8"));
    }
    assert_eq!(seen, [1, 3, 3]);
}

#[test]
fn a_set_knows_no_pause_and_a_deployment_no_partition() {
    let wrong = blocks(|text| swapped(text, "- {at: 10m, do: {stop: vault}}", "- {at: 10m, do: {pause: vault}}"));
    assert!(is_told(&end(&wrong, "by-hand"), "refused: a StatefulSet knows no pause"));
    let wrong = blocks(|text| {
        let text = swapped(text, &format!("    statefulset: {ORDERED}\n"), "");
        swapped(&text, "- {at: 10m, do: {stop: vault}}", "- {at: 10m, do: {partition: vault, from: 1}}")
    });
    assert!(is_told(&end(&wrong, "by-hand"), "refused: the replicas of vault have no places"));
}

// Stopping by hand.

#[test]
fn a_controller_makes_up_for_what_is_stopped_by_hand() {
    let kept = |set: &str| {
        let bundle = blocks(|text| {
            let text = swapped(text, &format!("    statefulset: {ORDERED}\n"), set);
            let text = swapped(&text, "- {at: 2m, do: {deploy: vault 8}}", "- {at: 20m, do: {deploy: vault 8}}");
            swapped(&text, "- {at: 10m, do: {stop: vault}}", "- {at: 10m, do: {stop: vault, which: all}}")
        });
        let mut world = begun(&model(&bundle), Some("by-hand"), SEED);
        let mut seen = Vec::new();
        for second in [599, 605, 720] {
            world.run_until(Time::ZERO + Span::from_secs(second));
            seen.push(serving(&world, "7"));
        }
        seen
    };
    assert_eq!(kept(""), [3, 0, 3], "a Deployment");
    assert_eq!(kept("    statefulset: {management: parallel}\n"), [3, 0, 3], "a StatefulSet");
}

#[test]
fn nothing_is_stopped_where_all_serve() {
    let early = blocks(|text| swapped(text, "- {at: 10m, do: {stop: vault}}", "- {at: 90s, do: {stop: vault}}"));
    assert!(is_told(&end(&early, "by-hand"), "refused: every replica of vault serves"));
    assert_eq!(library("stateful-blocks").release.len(), 1);
}
