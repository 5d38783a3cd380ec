//! What the network does to messages: held up, lost, or cut off, and to nobody else.

use model::time::Span;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scenarios::{Bundle, compile};
use sim::World;
use trials::runs::{
    all_harm_is_of_the_fault, answers_of, attempts_of, begun, first_told, lived, mean_ns, model, second,
};
use trials::text::swapped;

/// A shop in one region asks a bank in another one.
const SEA: &str = "title: over the sea
horizon: 10m
regions: {eu: [a], us: [a]}
traffic: {shoppers: {to: shop.buy, rate: 10/s, arrivals: constant, from: eu}}
services:
  shop: {replicas: 1, concurrency: 1000, zones: [eu-a], endpoints: {buy: [{call: bank.pay, timeout: 1s}]}}
  bank: {replicas: 1, concurrency: 1000, regions: [us], endpoints: {pay: [work: 5ms]}}
slos: {s: {endpoint: shop.buy, good: 99.9 %, within: 500ms}}
";

fn bundle(faults: &str) -> Bundle {
    Bundle::from_text("sea", format!("{SEA}{faults}"), "")
}

fn run(faults: &str) -> World {
    lived(&model(&bundle(faults)), None, 1)
}

/// A fault for the whole run, between the two regions or on the way from one service to the other.
fn always(what: &str) -> [String; 2] {
    ["eu us", "shop bank"].map(|way| format!("faults: [{{at: 0s, {}}}]\n", what.replace("WAY", way)))
}

#[test]
fn a_delay_is_added_to_each_message_one_way() {
    let without = mean_ns(attempts_of(&run(""), "bank.pay"));
    for faults in always("delay: WAY, by: 40ms") {
        assert_eq!(mean_ns(attempts_of(&run(&faults), "bank.pay")), without + 80_000_000, "{faults}");
    }
    let two = "faults: [{at: 0s, delay: eu us, by: 40ms}, {at: 0s, delay: us-a eu-a, by: 1ms}]\n";
    assert_eq!(mean_ns(attempts_of(&run(two), "bank.pay")), without + 82_000_000, "several add up");
}

#[test]
fn a_partition_lets_every_call_time_out_and_is_over_at_once() {
    for way in ["eu us", "us-a eu-a", "shop bank"] {
        let world = run(&format!("faults: [{{cut: {way}, at: 2m, lasts: 1m}}]\n"));
        let end = world.summary();
        assert_eq!(end.harm.requests.failed, 600, "{way}: ten a second for a minute");
        let mut all = begun(&model(&bundle(&format!("faults: [{{cut: {way}, at: 2m}}]\n"))), None, 1);
        all.run_until(second(120));
        all.run_until(all.now() + Span::from_millis(999));
        assert_eq!(all.summary().harm.requests.failed, 0, "nobody knows before the timeout");
    }
}

#[test]
fn a_partition_is_the_cause_that_is_told() {
    let end = run("faults: [{cut: eu us, at: 2m, lasts: 1m}]\n").summary();
    assert_eq!(first_told(&end, "nothing comes through between eu and us"), Some(second(120)));
    let told = |what: &str| end.timeline.iter().find(|line| line.what.contains(what));
    let line = told("bank.pay: the network lost").unwrap_or_else(|| panic!("{:?}", end.timeline));
    let because: Vec<_> = line.because.iter().map(|id| end.timeline[*id as usize - 1].what.clone()).collect();
    assert!(because.iter().any(|what| what.contains("nothing comes through")), "{}: {because:?}", line.what);
}

#[test]
fn the_share_of_the_calls_is_lost_one_half_before_and_one_half_after_they_are_worked_on() {
    for faults in always("drop: WAY, share: 20 %") {
        let world = run(&faults);
        let (calls, failed) = (6000.0, world.summary().harm.requests.failed as f64);
        assert!((failed / calls - 0.2).abs() < 0.02, "{faults}: {failed}");
    }
    let orders = SEA.replace("pay: [work: 5ms]", "pay: [{work: 5ms}, effect: money]") + "effects: {money: {}}\n";
    let orders = orders + "faults: [{at: 0s, drop: eu us, share: 20 %}]\n";
    let paid = lived(&model(&Bundle::from_text("sea", orders, "")), None, 1).summary().harm.effects.escaped as f64;
    assert!((paid / 6000.0 - 0.1).abs() < 0.02, "they paid, and were told that it failed: {paid}");
}

#[test]
fn who_waits_for_ever_gives_up_what_is_lost() {
    let forever = swapped(SEA, "timeout: 1s", "retries: 0") + "faults: [{cut: shop bank, at: 2m, lasts: 1s}]\n";
    let mut world = begun(&model(&Bundle::from_text("sea", forever, "")), None, 1);
    world.run_until(second(120 + 126));
    assert_eq!(world.summary().harm.requests.failed, 0);
    world.run_until(second(120 + 129));
    assert_eq!(world.summary().harm.requests.failed, 10);
}

#[test]
fn nobody_else_is_cut_off() {
    let far =
        swapped(SEA, "from: eu}", "from: eu}\n  others: {to: bank.pay, rate: 10/s, arrivals: constant, from: us}");
    let far = far.replace("traffic: {shoppers:", "traffic:\n  shoppers:").replace("from: us}}", "from: us}");
    let world = |faults: &str| lived(&model(&Bundle::from_text("sea", format!("{far}{faults}"), "")), None, 1);
    let cut = world("faults: [{cut: shop bank, at: 0s}]\n");
    assert_eq!(answers_of(&cut, "bank.pay"), answers_of(&world(""), "bank.pay"));
    let shop = answers_of(&cut, "shop.buy");
    assert!(shop.count > 5_000 && shop.failed == shop.count, "{shop:?}");
}

#[test]
fn a_request_that_was_lost_is_not_in_flight_when_its_caller_has_given_up() {
    let drained =
        swapped(SEA, "bank: {replicas: 1,", "bank: {replicas: 1, drain: 1m, rollout: {surge: 1, unavailable: 0},");
    let drained = drained
        + "faults: [{cut: eu us, at: 2m, lasts: 10s}]\nseats: {launch: {role: release}}\n\
                             release: [{at: 130s, do: {restart: bank}}]\n";
    let mut world = begun(&model(&Bundle::from_text("sea", drained, "")), None, 1);
    world.run_until(second(140));
    let bank = &world.view(world.scenario().player).services[1].versions[0];
    assert_eq!((bank.ready, bank.draining), (1, 0));
}

#[test]
fn without_the_fault_nothing_is_harmed() {
    let worlds = ["faults: [{cut: eu us, at: 2m}]\n", "faults: [{cut: eu us, at: 9m}]\n"];
    let [with, without] = worlds.map(|faults| begun(&model(&bundle(faults)), None, 1));
    all_harm_is_of_the_fault([with, without], second(120));
}

#[test]
fn a_way_that_makes_no_sense_is_refused_with_a_way_out() {
    for (fault, said) in [
        ("cut: eu", "`eu` does not say between whom"),
        ("cut: eu uss", "there is no region or zone `uss`"),
        ("cut: eu eu-a", "a place has no way to itself"),
        ("cut: shop banc", "there is no service `banc`"),
        ("cut: bank shop", "bank never calls shop"),
        ("drop: eu us, share: 0 %", "nothing is lost, and it is no fault"),
        ("drop: eu us, share: 100 %", "where every call is lost nothing comes through"),
    ] {
        let problems = compile(&bundle(&format!("faults: [{{at: 1m, {fault}}}]\n"))).expect_err(fault);
        assert!(problems.short().contains(said), "{fault}: {problems}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::with_cases(24)
    })]

    /// Every request is answered once, and who is struck at twice the share is struck at the share, too.
    #[test]
    fn whatever_is_lost_everybody_is_answered_once(share in 1..50u32, retries in 0..3u32, delay in 0..100u64) {
        let lost = |share: u32| {
            let text = swapped(SEA, "timeout: 1s", &format!("timeout: 1s, retries: {retries}"));
            let faults = format!("faults:\n  - {{at: 0s, lasts: 5m, drop: eu us, share: {share} %}}\n  \
                                  - {{at: 1m, lasts: 2m, delay: shop bank, by: {{mean: {}ms}}}}\n", delay + 1);
            let world = lived(&model(&Bundle::from_text("sea", text + &faults, "")), None, 1);
            assert_eq!(answers_of(&world, "shop.buy").count + world.in_flight(), world.arrived());
            answers_of(&world, "shop.buy").failed
        };
        let (once, twice) = (lost(share), lost(2 * share));
        prop_assert!(0 < once || retries > 0);
        prop_assert!(once <= twice);
    }
}
