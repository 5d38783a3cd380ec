//! Artifacts: what it takes to start an old version now.

use model::id::VersionId;
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Outcome, World};
use trials::runs::{begun, first_told, library, lived, lived_until, minutes, model, second, side_by_side};
use trials::text::{bundled, edited, swapped};

const ROTATION: &str = "faults:\n  - {rotate: db-password, at: 5m}\n";

fn failed_between(model: &sim::Model, plan: Option<&str>, from: u64, to: u64) -> u64 {
    let [before, after] = [from, to].map(|at| lived_until(model, plan, 1, minutes(at)).summary());
    after.harm.requests.failed - before.harm.requests.failed
}

// A secret that was rotated.

#[test]
fn an_old_version_whose_secret_was_rotated_does_not_come_up() {
    let model = library("rotated-secret");
    let end = lived(&model, Some("rollback"), 1).summary();
    assert!(first_told(&end, "db-password is not what it was built for").is_some());
    assert!(first_told(&end, "in effect: roll back orders").is_none());
    // Two of four replicas are 8 still, 5 % of whose answers fail: 40 a second for 20 minutes.
    assert!(failed_between(&model, Some("rollback"), 40, 60) > 1_000);
    assert_eq!(failed_between(&model, Some("forward-fix"), 40, 60), 0, "the way out is forward");
}

#[test]
fn without_the_rotation_the_way_back_is_open() {
    let kept = model(&edited(bundled("rotated-secret"), |text| {
        swapped(text, ROTATION, "").replace("db-password@2", "db-password@1")
    }));
    let end = lived(&kept, Some("rollback"), 1).summary();
    assert!(first_told(&end, "in effect: roll back orders").is_some());
    assert_eq!(failed_between(&kept, Some("rollback"), 20, 60), 0);
}

#[test]
fn what_runs_goes_on_until_it_is_started_anew() {
    let rotated = |faults: &str| {
        edited(bundled("rotated-secret"), |text| {
            let text = swapped(text, "release:\n  - {at: 10m, do: {deploy: orders 8}}\n", "");
            swapped(&text, ROTATION, &format!("{ROTATION}{faults}"))
        })
    };
    let calm = lived(&model(&rotated("")), None, 1).summary();
    assert_eq!(calm.harm.requests.failed, 0);
    let killed = lived(&model(&rotated("  - {kill: orders, at: 8m}\n")), None, 1).summary();
    assert!(first_told(&killed, "db-password is not what it was built for").is_some());
    assert!(killed.harm.requests.failed > 40 * 60 * 50, "nobody has served since: {:?}", killed.harm.requests);
}

#[test]
fn a_version_that_is_built_ahead_of_a_rotation_waits_for_it() {
    let early = edited(bundled("rotated-secret"), |text| swapped(text, "at: 5m", "at: 12m"));
    let end = lived_until(&model(&early), None, 1, minutes(20)).summary();
    assert!(first_told(&end, "db-password is not what it was built for").is_some());
    let up = first_told(&end, "in effect: deploy orders 8");
    assert!(up.is_some_and(|at| at > Time::ZERO + minutes(12)), "it crashed until then: {up:?}");
}

// The registry.

/// The lesson of the deep change, with a fault; when the plan is in effect.
fn in_effect(plan: &str, faults: &str, order: &str) -> Option<Time> {
    let bundle: Bundle = edited(bundled("several-deep"), |text| format!("{text}{faults}"));
    first_told(&lived(&model(&bundle), Some(plan), 1).summary(), &format!("in effect: {order}"))
}

#[test]
fn a_host_that_has_the_image_does_not_ask_for_it() {
    let [undo, deep] = [("undo", "roll back shop"), ("deep", "deploy shop 28")];
    let warm = in_effect(undo.0, "", undo.1).expect("30 ran there");
    let cold = in_effect(deep.0, "", deep.1).expect("28 is retained");
    let pull = cold.since(warm);
    assert!(pull >= Span::from_secs(45), "the image of 28 is on no host any more: {pull}");
    let slow = "faults:\n  - {registry: 25 %, at: 7m, lasts: 30m}\n";
    assert_eq!(in_effect(undo.0, slow, undo.1), Some(warm));
    let later = in_effect(deep.0, slow, deep.1).expect("it takes four times as long");
    assert!(later.since(cold) >= Span::from_secs(3 * 45), "{}", later.since(cold));
}

#[test]
fn without_a_registry_nothing_new_starts_and_it_is_tried_again() {
    let gone = "faults:\n  - {registry: 0 %, at: 7m, lasts: 10m}\n";
    let back = in_effect("deep", gone, "deploy shop 28").expect("the registry is back");
    // Tried after 0, 10, 20, 40, 80, 160 and 300 s: the first time after 17:00 is 18:10.
    assert!(back > second(17 * 60) && back < second(24 * 60), "{back}");
    let bundle = edited(bundled("several-deep"), |text| format!("{text}faults:\n  - {{registry: 0 %, at: 7m}}\n"));
    let never = lived(&model(&bundle), Some("deep"), 1).summary();
    assert!(first_told(&never, "its image cannot be fetched").is_some());
    assert!(first_told(&never, "in effect: deploy shop 28").is_none());
}

// The registry gives out half way.

#[test]
fn the_way_back_needs_no_registry_where_the_image_still_is() {
    let half = library("half-pulled");
    let gives_out = |end: &sim::Summary| first_told(end, "the registry is out of reach").expect("half of it is 61");
    let [alone, back, forward] =
        [None, Some("rollback"), Some("forward-fix")].map(|plan| lived(&half, plan, 1).summary());
    assert!([&alone, &back, &forward].iter().all(|end| gives_out(end) == gives_out(&alone)));
    assert!(first_told(&alone, "in effect: deploy feed 61").is_none_or(|at| at.since(gives_out(&alone)) > minutes(29)));
    let again = first_told(&back, "in effect: roll back feed").expect("its image is on every host");
    assert!(again < Time::ZERO + minutes(15), "{again}");
    let built = first_told(&forward, "feed 62").expect("it is sent");
    let mended = first_told(&forward, "in effect").filter(|at| *at > built);
    assert!(mended.is_none_or(|at| at.since(gives_out(&forward)) > minutes(29)), "{mended:?}");
    assert!(first_told(&forward, "its image cannot be fetched").is_some());
}

#[test]
fn with_a_registry_both_ways_are_open() {
    let fault = "  - {registry: 0 %, when: feed rollout > 50 %, lasts: 30m}\n";
    let open = model(&edited(bundled("half-pulled"), |text| swapped(text, &format!("faults:\n{fault}"), "")));
    for plan in ["rollback", "forward-fix"] {
        assert_eq!(failed_between(&open, Some(plan), 30, 60), 0, "{plan}");
    }
}

// Several releases deep.

#[test]
fn undo_goes_back_one_revision_and_undo_again_goes_forth() {
    let model = library("several-deep");
    let [none, once, twice] = [None, Some("undo"), Some("undo-twice")].map(|plan| lived(&model, plan, 1));
    let version = |world: &World| (0..4).map(VersionId::new).filter(|id| serves(world, *id)).collect::<Vec<_>>();
    assert_eq!(version(&once), [VersionId::new(2)], "30");
    assert_eq!(version(&twice), [VersionId::new(3)], "31 again");
    let failed = |world: &World| world.summary().harm.requests.failed;
    assert_eq!([failed(&once), failed(&twice)], [failed(&none); 2], "neither has helped anybody");
}

/// Whether a version has answered in the last minute of a run.
fn serves(world: &World, version: VersionId) -> bool {
    world.rates().answered(version).last().is_some_and(|count| *count > 0)
}

#[test]
fn the_good_version_brings_its_own_mistake_back() {
    let deep = library("several-deep");
    assert!(failed_between(&deep, Some("undo"), 20, 40) > 10_000, "vouchers");
    let known = failed_between(&deep, Some("deep"), 20, 40);
    assert!((300..700).contains(&known), "gift cards: {known}");
    let end = lived(&deep, Some("deep"), 1).summary();
    assert!(first_told(&end, "gift cards are refused").is_some());
}

/// What 28 gets wrong is far within the objective, and what the others do far beyond: which response helps is no luck.
#[test]
fn only_the_version_before_the_mistake_helps_whoever_asks() {
    let deep = library("several-deep");
    let plans = [None, Some("undo"), Some("undo-twice"), Some("deep")];
    let runs: Vec<_> = (1..=10).flat_map(|seed| plans.map(|plan| (seed, plan))).collect();
    for (seed, plan, end) in side_by_side(&runs, |(seed, plan)| (*seed, *plan, lived(&deep, *plan, *seed).summary())) {
        let outcome = if plan == Some("deep") { Outcome::Recovered } else { Outcome::NotRecovered };
        let clocks = &end.clocks;
        assert_eq!((end.outcome, end.met), (outcome, plan == Some("deep")), "{seed}, {plan:?}: {clocks:?}");
        if plan == Some("deep") {
            assert_eq!(clocks.full(), clocks.skew, "{seed}: traffic is back with the version: {clocks:?}");
        }
    }
}

#[test]
fn where_the_mistake_is_in_the_last_release_one_undo_is_enough() {
    let shallow = model(&edited(bundled("several-deep"), |text| {
        let mistake = "        defects:\n          - {defect: vouchers of the new kind are unknown, endpoint: order, \
                       classes: voucher}\n";
        let (sound, last) = text.split_once("      \"31\":").expect("the last version");
        format!("{}      \"31\":{last}", sound.replace(mistake, ""))
    }));
    assert_eq!(failed_between(&shallow, Some("undo"), 20, 40), 0);
}

#[test]
fn a_rollout_that_is_held_cannot_be_undone() {
    let held = edited(bundled("several-deep"), |text| {
        swapped(
            text,
            "  - {at: 3m, do: {deploy: shop 31}}",
            "  - {at: 3m, do: {deploy: shop 31}}\n  - {at: 185s, do: {pause: shop}}",
        )
    });
    let mut world = begun(&model(&held), Some("undo"), 1);
    world.run_until(Time::ZERO + minutes(12));
    assert!(first_told(&world.summary(), "refused: the rollout of shop is held: let it go on first").is_some());
}
