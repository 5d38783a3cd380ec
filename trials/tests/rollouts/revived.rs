//! Three surprises of Argo Rollouts on the way back: a canary that comes back after its abort, one that never goes,
//! and a switch to one pod.

use model::id::ServiceId;
use model::time::Span;
use scenarios::Bundle;
use sim::World;
use trials::runs::{begun, model, second};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;

fn world(bundle: &Bundle, plan: &str) -> World {
    begun(&model(bundle), Some(plan), SEED)
}

/// How many replicas of a version serve.
fn ready(world: &World, label: &str) -> u32 {
    let view = world.view(world.scenario().player);
    let own = view.services[0].versions.iter().find(|own| own.label == label);
    own.map_or(0, |own| own.ready)
}

// What was aborted grows with the load.

/// Messages that nobody confirmed in these seconds, and the most replicas of 12 that served.
fn passed_over(bundle: &Bundle, plan: &str, from: u64, to: u64) -> (u64, u32) {
    let mut world = world(bundle, plan);
    world.run_until(second(from));
    let before = world.summary().harm.messages.skipped;
    let mut most = 0;
    for at in from..to {
        world.run_until(second(at));
        most = most.max(ready(&world, "12"));
    }
    (world.summary().harm.messages.skipped - before, most)
}

fn grows(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("aborted-grows"), edit)
}

#[test]
fn an_aborted_canary_comes_back_with_the_load() {
    let bundle = bundled("aborted-grows");
    assert_eq!(passed_over(&bundle, "abort", 540, 900), (0, 0), "it is gone, and does no harm");
    let (skipped, most) = passed_over(&bundle, "abort", 900, 1500);
    assert!(skipped > 50 && most > 0, "{skipped} passed over by {most} replicas");
}

#[test]
fn it_comes_back_only_where_the_stable_version_follows_its_share() {
    let whole = grows(|text| swapped(text, "router: {dynamic_stable: yes}", "router: {}"));
    assert_eq!(passed_over(&whole, "abort", 900, 1500), (0, 0));
}

#[test]
fn it_comes_back_only_when_the_size_changes() {
    let even = grows(|text| swapped(text, "{at: 15m, rate: 60/s}", "{at: 15m, rate: 26/s}"));
    assert_eq!(passed_over(&even, "abort", 900, 1500), (0, 0));
    let by_hand = edited(even, |text| {
        let text = swapped(text, "    autoscale: {min: 10, max: 40, utilisation: 60 %}\n", "");
        let order = "- {at: 6m, do: {abort: shop}}\n  abort-and-undo";
        swapped(&text, order, &order.replace("\n  abort", "\n      - {at: 15m, do: {scale: shop, to: 20}}\n  abort"))
    });
    let (skipped, most) = passed_over(&by_hand, "abort", 901, 1500);
    assert!(skipped > 0 && most > 0, "whoever asks for more: {skipped} by {most}");
}

#[test]
fn an_undo_leaves_no_canary_to_be_sized() {
    assert_eq!(passed_over(&bundled("aborted-grows"), "abort-and-undo", 900, 1500), (0, 0));
}

// What was aborted is kept, and goes on working.

fn kept(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("kept-after-abort"), edit)
}

/// Messages that were passed over in a quarter of an hour after the abort, and the replicas of 8 at its end.
fn after_abort(bundle: &Bundle, plan: &str) -> (u64, u32) {
    let mut world = world(bundle, plan);
    world.run_until(second(600));
    let before = world.summary().harm.messages.skipped;
    world.run_until(second(1500));
    (world.summary().harm.messages.skipped - before, ready(&world, "8"))
}

#[test]
fn an_aborted_canary_of_a_set_size_goes_on_working() {
    let (skipped, replicas) = after_abort(&bundled("kept-after-abort"), "abort");
    // Two of ten replicas read a fifth of 20 partitions, with 20 messages a second for 900 seconds.
    assert_eq!(replicas, 2);
    assert!((3240..=3960).contains(&skipped), "{skipped}");
    assert_eq!(after_abort(&bundled("kept-after-abort"), "abort-and-undo"), (0, 0));
}

#[test]
fn it_goes_with_a_delay_or_without_a_size_of_its_own() {
    let delayed = kept(|text| swapped(text, "abort_scale_down_delay: 0s", "abort_scale_down_delay: 30s"));
    assert_eq!(after_abort(&delayed, "abort"), (0, 0));
    let sized = kept(|text| swapped(text, "        - scale: 2\n", ""));
    assert_eq!(after_abort(&sized, "abort"), (0, 0));
}

// A switch to one pod.

/// The same rollback, without the mistake it is for: what is lost is lost on the way.
fn window(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("one-pod-window"), |text| edit(&swapped(text, "share: 2 %}", "share: 0 %}")))
}

/// The share of the requests that failed, or took too long, in the five minutes after the undo.
fn lost(bundle: &Bundle) -> f64 {
    let mut world = world(bundle, "undo");
    world.run_until(second(1080));
    assert_eq!((ready(&world, "11"), ready(&world, "12")), (0, 10), "nothing is left of the old version");
    let bad = |world: &World| world.summary().harm.requests.failed + world.summary().harm.requests.slow;
    let before = bad(&world);
    world.run_until(second(1380));
    (bad(&world) - before) as f64 / (50.0 * 300.0)
}

#[test]
fn within_the_window_the_first_replica_gets_the_last_weight() {
    let mut world = world(&window(str::to_owned), "undo");
    world.run_until(second(1080));
    let failed = |world: &World| world.summary().harm.requests.failed;
    while ready(&world, "11") == 0 {
        assert_eq!(failed(&world), 0, "12 carries all of it");
        world.run_until(world.now() + Span::SECOND);
    }
    let before = world.rates().asked(ServiceId::ZERO).iter().sum::<u64>();
    world.run_until(world.now() + Span::from_secs(4));
    let asked = world.rates().asked(ServiceId::ZERO).iter().sum::<u64>() - before;
    assert_eq!((ready(&world, "11"), ready(&world, "12")), (1, 10));
    // Four fifths of fifty a second, for one that carries ten and has room for ten more.
    let lost = failed(&world) as f64 / asked as f64;
    assert!(lost > 0.35 && lost < 0.7, "{lost}");
}

#[test]
fn by_its_steps_or_all_at_once_it_overloads_nobody() {
    let shown = lost(&window(str::to_owned));
    let stepped = lost(&window(|text| swapped(text, "      rollback_window: 3\n", "")));
    let even = lost(&window(|text| swapped(text, "{p50: 90s, p99: 4m}", "90s")));
    assert!(shown > 0.03, "{shown}");
    assert!(stepped < 0.005 && even < 0.005, "{stepped} by steps, {even} where all come up at once");
}
