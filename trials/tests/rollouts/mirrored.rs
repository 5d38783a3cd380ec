//! Requests that Flagger copies to a new version: answers are thrown away, everything else is real.

use model::id::{ServiceId, VersionId};
use scenarios::Bundle;
use sim::{Summary, World};
use trials::runs::{begun, first_told, is_told, lived, model, second};
use trials::text::{edited, swapped};

const SEED: u64 = 1;
const MIRROR: &str = ", mirror: yes";

/// Orders are paid, and looked at. The new version is copied to for five ticks of a minute, then once in the place of
/// the old one, then promoted.
fn paid() -> Bundle {
    let text = "title: copies
horizon: 20m
classes: [order, look]
traffic:
  buyers: {to: shop.order, rate: 10/s, classes: {order: 100 %}, arrivals: constant}
effects:
  charge: {}
services:
  shop:
    replicas: 4
    concurrency: 2
    startup: 5s
    flagger: {interval: 1m, iterations: 5, metrics: [{errors: new, most: 5 %, over: 1m}], mirror: yes}
    runs: \"1\"
    endpoints:
      order:
        - work: 50ms
        - when: {class: order}
          do: [{effect: charge, key: no}]
    versions:
      \"1\": {}
      \"2\": {}
seats: {ic: {role: commander}, release: {role: release}}
release:
  - {at: 1m, do: {deploy: shop 2}}
";
    Bundle::from_text("copies", text, "")
}

fn end(bundle: &Bundle) -> Summary {
    lived(&model(bundle), None, SEED).summary()
}

/// What a version answered between two seconds, whoever heard of it.
fn answered(world: &mut World, version: usize, [from, to]: [u64; 2]) -> u64 {
    let all = |world: &World| world.rates().answered(VersionId::new(version)).iter().sum::<u64>();
    world.run_until(second(from));
    let before = all(world);
    world.run_until(second(to));
    all(world) - before
}

#[test]
fn every_request_is_worked_on_twice_and_answered_once() {
    let bundle = paid();
    let mut world = begun(&model(&bundle), None, SEED);
    // The test begins at the second tick; from 210 s on it is under way whenever the first was.
    let copies = answered(&mut world, 1, [210, 330]);
    assert!((1195..=1205).contains(&copies), "ten a second: {copies}");
    let own = answered(&mut begun(&model(&bundle), None, SEED), 0, [210, 330]);
    assert!((1195..=1205).contains(&own), "ten a second: {own}");
    let asked = world.rates().asked(ServiceId::ZERO).iter().sum::<u64>();
    assert!(asked > world.arrived() + 1200, "{asked} of {}", world.arrived());
    assert_eq!(world.summary().harm.requests.wrong, 0);
}

#[test]
fn what_a_copy_does_outside_is_done_twice() {
    let end = end(&paid());
    let duplicated = end.harm.effects.duplicated;
    // Five ticks of a minute at ten a second.
    assert!((2_900..=3_100).contains(&duplicated), "{:?}", end.harm.effects);
    assert_eq!(end.harm.requests.failed, 0, "and no customer sees it");
    assert!(is_told(&end, "in effect: deploy shop 2"), "nor does any check");
    let without = edited(paid(), |text| swapped(text, MIRROR, ""));
    assert_eq!(self::end(&without).harm.effects.duplicated, 0);
    let keyed =
        edited(paid(), |text| swapped(&swapped(text, ", key: no", ""), "charge: {}", "charge: {idempotent: yes}"));
    assert_eq!(self::end(&keyed).harm.effects.duplicated, 0, "the copy has the key of the request");
}

#[test]
fn requests_that_change_nothing_can_be_copied() {
    let looks = edited(paid(), |text| swapped(text, "{order: 100 %}", "{look: 100 %}"));
    let end = end(&looks);
    assert_eq!((end.harm.effects.duplicated, end.harm.requests.failed), (0, 0));
    assert!(end.clocks.first_harm_at.is_none(), "{:?}", end.clocks);
}

#[test]
fn what_fails_in_a_copy_fails_a_check_and_no_customer() {
    let broken = edited(paid(), |text| {
        swapped(text, "\"2\": {}", "\"2\": {defects: [{defect: oops, endpoint: order, share: 20 %}]}")
    });
    let end = end(&broken);
    assert!(is_told(&end, "rolled back: too many checks failed"), "{:?}", end.timeline);
    assert_eq!(end.harm.requests.failed, 0, "it was told by copies alone");
    let unseen = edited(broken, |text| swapped(text, MIRROR, ""));
    let unseen = self::end(&unseen);
    assert!(is_told(&unseen, "rolled back: too many checks failed"), "no traffic is no data");
}

#[test]
fn a_part_that_is_ready_is_enough_where_it_says_so() {
    let begins = |keys: &str| {
        let slow = edited(paid(), |text| {
            let text = swapped(text, MIRROR, &format!("{MIRROR}{keys}"));
            swapped(&text, "startup: 5s", "startup: {p50: 30s, p99: 10m}")
        });
        first_told(&end(&slow), "iteration 1 of 5").expect("it gets there")
    };
    let [all, half] = ["", ", canary_ready: 50 %"].map(begins);
    assert!(half < all, "{half} and {all}");
}

#[test]
fn bad_mirrors_are_named_with_a_way_out() {
    let found = |keys: &str| {
        let bundle = edited(paid(), |text| swapped(text, MIRROR, keys));
        scenarios::compile(&bundle).expect_err("it is bad").short()
    };
    assert!(found(", mirror: yes, router: no").contains("without a router nothing is copied"));
    assert!(found(", mirror: yes, classes: look").contains("an A/B test copies no requests"));
    assert!(found(", canary_ready: 50.5 %").contains("whole"));
}
