//! A canary of Argo Rollouts that comes back after its abort.

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
