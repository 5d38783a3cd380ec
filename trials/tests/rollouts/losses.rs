//! Hosts that are lost: what dies at once, who is replaced elsewhere and when, who waits for the host, and what is
//! back.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scenarios::{Bundle, compile};
use sim::World;
use std::collections::BTreeMap;
use trials::runs::{all_harm_is_of_the_fault, begun, first_told, lived, model, second, told};
use trials::text::swapped;

/// Six replicas in three zones; one is lost after a minute, for ten.
const ZONES: &str = "title: a zone is lost
horizon: 20m
regions: {eu: [a, b, c]}
traffic: {guests: {to: shop.ask, rate: 20/s, arrivals: constant}}
services:
  shop:
    replicas: 6
    startup: 3s
    endpoints: {ask: [work: 200ms]}
faults:
  - {lose: eu-a, at: 1m, lasts: 10m}
";

fn bundle(text: &str) -> Bundle {
    Bundle::from_text("zones", text, "")
}

fn at(text: &str, seconds: u64) -> World {
    let mut world = begun(&model(&bundle(text)), None, 1);
    world.run_until(second(seconds));
    world
}

/// By host, how many serve there.
fn serving(world: &World) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let hosts = world.placements().into_iter().flat_map(|place| place.hosts);
    hosts.for_each(|there| *found.entry(there.host).or_default() += there.replicas as usize);
    found
}

/// How many serve in each zone of three.
fn zones(world: &World) -> [usize; 3] {
    let hosts = serving(world);
    ["eu-a", "eu-b", "eu-c"].map(|zone| hosts.iter().filter(|(host, _)| host.starts_with(zone)).map(|(_, n)| n).sum())
}

#[test]
fn all_that_runs_in_a_zone_is_gone_at_once_and_replaced_elsewhere_after_340_seconds() {
    assert_eq!(zones(&at(ZONES, 59)), [2, 2, 2]);
    assert_eq!(zones(&at(ZONES, 61)), [0, 2, 2]);
    assert_eq!(zones(&at(ZONES, 60 + 339)), [0, 2, 2], "nobody can tell it from a host that does not answer");
    let after = zones(&at(ZONES, 60 + 344));
    assert_eq!((after[0], after.iter().sum::<usize>()), (0, 6));
    assert_eq!(zones(&at(ZONES, 19 * 60)), after, "nobody moves anything back");
}

#[test]
fn what_was_in_hand_fails_and_the_fault_is_told_as_the_cause() {
    let end = lived(&model(&bundle(ZONES)), None, 1).summary();
    assert!(end.harm.requests.failed > 0);
    let lost = first_told(&end, "eu-a is lost, with all that runs there");
    assert_eq!(lost, Some(second(60)));
    assert_eq!(first_told(&end, "over: eu-a is lost"), Some(second(660)));
    let line = end.timeline.iter().find(|line| line.what.contains("its host is gone")).expect("somebody died");
    let because: Vec<_> = line.because.iter().map(|id| &end.timeline[*id as usize - 1].what).collect();
    assert!(because.iter().any(|what| what.contains("eu-a is lost")), "{because:?}");
}

#[test]
fn a_loss_that_is_over_before_anybody_gives_up_brings_all_back_where_they_were() {
    let short = swapped(ZONES, "lasts: 10m", "lasts: 2m");
    let before = serving(&at(&short, 59));
    assert_eq!(zones(&at(&short, 180)), [0, 2, 2], "it takes a start");
    for seconds in [184, 60 + 345, 19 * 60] {
        assert_eq!(serving(&at(&short, seconds)), before, "{seconds}");
    }
}

#[test]
fn a_place_that_is_lost_again_is_waited_for_anew() {
    let again = swapped(ZONES, "lasts: 10m}", "lasts: 5m}\n  - {lose: eu-a, at: 370s, lasts: 10m}");
    assert_eq!(zones(&at(&again, 60 + 345)), [0, 2, 2], "340 s after the first, but not in a row");
    assert_eq!(zones(&at(&again, 370 + 345)).iter().sum::<usize>(), 6);
}

#[test]
fn of_two_losses_of_a_host_both_have_to_be_over() {
    let both = swapped(ZONES, "lasts: 10m}", "lasts: 1m}\n  - {lose: eu, at: 90s, lasts: 1m}");
    assert_eq!(zones(&at(&both, 125)), [0, 0, 0]);
    assert_eq!(zones(&at(&both, 149)), [0, 0, 0]);
    assert_eq!(zones(&at(&both, 154)), [2, 2, 2]);
}

#[test]
fn one_host_takes_its_replica_with_it() {
    let host = swapped(ZONES, "lose: eu-a,", "lose: eu-b-host-1,");
    assert_eq!(serving(&at(&host, 61)).get("eu-b-host-1"), None);
    assert_eq!(zones(&at(&host, 61)), [2, 1, 2]);
}

#[test]
fn with_every_host_gone_nothing_comes_up_before_one_is_back() {
    let all = swapped(ZONES, "lose: eu-a,", "lose: eu,");
    assert_eq!(zones(&at(&all, 60 + 345)), [0, 0, 0]);
    assert_eq!(zones(&at(&all, 659)), [0, 0, 0]);
    assert_eq!(zones(&at(&all, 664)).iter().sum::<usize>(), 6);
}

#[test]
fn a_pod_with_a_place_of_its_own_waits_for_its_host() {
    let places = swapped(ZONES, "    startup: 3s\n", "    startup: 3s\n    statefulset: {}\n");
    assert_eq!(zones(&at(&places, 10 * 60)), [0, 2, 2]);
    assert_eq!(zones(&at(&places, 12 * 60)), [2, 2, 2]);
}

#[test]
fn from_host_to_host_what_is_lost_is_passed_over_and_comes_back_as_it_was() {
    let text = swapped(
        ZONES,
        "    startup: 3s\n",
        "    startup: 3s\n    in_place: {batch: 3}\n    versions: {\"1\": {}, \"2\": {}}\n",
    );
    let text = text + "release: [{at: 2m, do: {deploy: shop 2}}]\n";
    let end = lived(&model(&bundle(&text)), None, 1).summary();
    assert_eq!(told(&end, "is out of reach: it is passed over").len(), 2);
    let versions: Vec<_> = at(&text, 10 * 60).placements().into_iter().flat_map(|place| place.hosts).collect();
    assert!(versions.iter().all(|there| there.version == "2" && !there.host.starts_with("eu-a")), "{versions:?}");
    assert_eq!(zones(&at(&text, 12 * 60)), [2, 2, 2]);
}

#[test]
fn without_the_loss_nothing_is_harmed() {
    let without = swapped(ZONES, "faults:\n  - {lose: eu-a, at: 1m, lasts: 10m}\n", "");
    all_harm_is_of_the_fault([ZONES, &without].map(|text| begun(&model(&bundle(text)), None, 1)), second(60));
}

#[test]
fn a_loss_that_makes_no_sense_is_refused_with_a_way_out() {
    for (place, said) in [
        ("eu-d", "there is no place `eu-d`"),
        ("us", "nothing runs there, and nothing is lost"),
        ("shop", "there is no place `shop`"),
    ] {
        let text = swapped(ZONES, "lose: eu-a", &format!("lose: {place}"));
        let text = swapped(&text, "eu: [a, b, c]", "eu: [a, b, c], us: [a]");
        let text = swapped(&text, "    replicas: 6\n", "    replicas: 6\n    regions: [eu]\n");
        let problems = compile(&bundle(&text)).expect_err(place);
        assert!(problems.short().contains(said), "{place}: {problems}");
    }
}

/// The seed is fixed: a build is red or green, whoever runs it.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

fn any_loss() -> impl Strategy<Value = (&'static str, u64, u64)> {
    (prop::sample::select(vec!["eu", "eu-a", "eu-b", "eu-c", "eu-a-host-1", "eu-c-host-2"]), 30..500u64, 1..500u64)
}

proptest! {
    #![proptest_config(config(40))]

    /// Nothing serves on a host that is lost, and as many serve in the end as at the start.
    #[test]
    fn whatever_is_lost_nothing_serves_there_and_all_is_there_in_the_end(
        losses in prop::collection::vec(any_loss(), 1..4),
        seconds in 30..1100u64,
    ) {
        let lines: String = losses.iter().map(|(place, at, lasts)| {
            format!("  - {{lose: {place}, at: {at}s, lasts: {lasts}s}}\n")
        }).collect();
        let text = swapped(ZONES, "  - {lose: eu-a, at: 1m, lasts: 10m}\n", &lines);
        let world = at(&text, seconds);
        for host in serving(&world).keys() {
            let lost = |(place, at, lasts): &(&str, u64, u64)| {
                host.starts_with(place) && (*at..at + lasts).contains(&seconds)
            };
            prop_assert!(!losses.iter().any(lost), "{host} serves at {seconds}: {losses:?}");
        }
        prop_assert_eq!(zones(&at(&text, 20 * 60)).iter().sum::<usize>(), 6);
    }
}
