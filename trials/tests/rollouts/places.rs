//! Rollouts from host to host: who is where, who stays behind, and where a rollout was stopped.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Outcome, Summary, World};
use std::collections::BTreeMap;
use trials::runs::{begun, lived, model, second, told};
use trials::text::{bundled, edited, swapped, without_item};

const SEED: u64 = 1;
const OUT_OF_REACH: &str = "- {unreach: host-8, at: 1m, lasts: 5m}";
const WAVES: &str = "      waves:
        - {on: eu, bake: 10m}
        - {on: us, bake: 10m}
        - {on: ap}
";

fn behind(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("stays-behind"), edit)
}

fn waves(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("region-wave"), edit)
}

fn end(bundle: &Bundle, plan: Option<&str>) -> Summary {
    lived(&model(bundle), plan, SEED).summary()
}

/// By host, the versions that serve there.
fn who_is_where(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for place in world.skew().places {
        for there in place.hosts {
            found.entry(there.host).or_insert_with(Vec::new).push(there.version);
        }
    }
    found
}

fn at(bundle: &Bundle, plan: Option<&str>, second: u64) -> World {
    let mut world = begun(&model(bundle), plan, SEED);
    world.run_until(Time::ZERO + Span::from_secs(second));
    world
}

/// How many serve each version in each region, as `eu 42: 3`.
fn regions(world: &World) -> Vec<String> {
    let mut counts = BTreeMap::new();
    for (host, versions) in who_is_where(world) {
        for version in versions {
            let region = host.split('-').next().unwrap_or_default().to_owned();
            *counts.entry((region, version)).or_insert(0) += 1;
        }
    }
    counts.into_iter().map(|((region, version), count)| format!("{region} {version}: {count}")).collect()
}

// Seven of eight.

#[test]
fn seven_of_eight_are_done_and_the_tool_says_so() {
    let world = at(&bundled("stays-behind"), None, 420);
    let mut hosts = who_is_where(&world);
    assert_eq!(hosts.remove("host-8"), Some(vec!["1".to_owned()]));
    assert!(hosts.len() == 7 && hosts.values().all(|versions| versions == &["2"]), "{hosts:?}");
    let end = world.summary();
    assert_eq!(told(&end, "in effect: deploy router 2").len(), 1);
    assert_eq!(told(&end, "host-8 is out of reach: it is passed over").len(), 1);
}

#[test]
fn the_eighth_does_every_order_twice() {
    let end = end(&bundled("stays-behind"), None);
    // From eight minutes on an eighth of 40 orders a second is done twice: 22 minutes of 5 a second.
    let twice = end.harm.effects.duplicated as f64;
    let expected: f64 = 22.0 * 60.0 * 5.0;
    assert!((twice - expected).abs() < 0.03 * expected, "{twice} beside {expected}");
    assert_eq!(end.harm.requests.failed, 0, "and every request is answered");
}

#[test]
fn rolling_the_seven_back_makes_it_eight_times_as_bad() {
    let [nobody, rollback, flag, eighth] = [None, Some("rollback"), Some("flag-first"), Some("the-eighth")]
        .map(|plan| end(&bundled("stays-behind"), plan));
    let twice = |end: &Summary| end.harm.effects.duplicated;
    assert!(twice(&rollback) > 5 * twice(&nobody), "{} {}", twice(&rollback), twice(&nobody));
    assert!(4 * twice(&flag) < twice(&nobody) && 4 * twice(&eighth) < twice(&nobody));
    assert_eq!([&flag, &eighth].map(|end| end.outcome), [Outcome::Recovered; 2]);
    assert_eq!([&nobody, &rollback].map(|end| end.outcome), [Outcome::NotRecovered; 2]);
}

#[test]
fn without_the_cause_nothing_stays_behind() {
    let reached = behind(|text| without_item(text, "- {unreach").replace("faults:\n", ""));
    assert_eq!(end(&reached, None).harm.effects.duplicated, 0);
    assert!(who_is_where(&at(&reached, None, 420)).values().all(|versions| versions == &["2"]));
    let waits = behind(|text| swapped(text, "in_place: {batch: 1}", "in_place: {batch: 1, unreachable: wait}"));
    let waited = end(&waits, None);
    assert_eq!(waited.harm.effects.duplicated, 0);
    assert!(told(&waited, "in effect: deploy router 2")[0] >= Time::ZERO + Span::from_secs(360));
    let another_flag =
        behind(|text| swapped(text, "{when: {flag: retail}, do: [{effect: child, key: no}]}", "work: 1ms"));
    assert_eq!(end(&another_flag, None).harm.effects.duplicated, 0);
}

// Waves.

#[test]
fn a_region_after_the_other_with_time_to_bake() {
    let seen: Vec<_> = [119, 300, 780, 1380].map(|second| regions(&at(&bundled("region-wave"), None, second))).into();
    assert_eq!(seen[0], ["ap 41: 3", "eu 41: 3", "us 41: 3"]);
    assert_eq!(seen[1], ["ap 41: 3", "eu 42: 3", "us 41: 3"]);
    assert_eq!(seen[2][..2], ["ap 41: 3", "eu 42: 3"]);
    assert_eq!(regions(&at(&bundled("region-wave"), None, 900)), ["ap 41: 3", "eu 42: 3", "us 42: 3"]);
    assert_eq!(regions(&at(&bundled("region-wave"), None, 1800)), ["ap 42: 3", "eu 42: 3", "us 42: 3"]);
    let end = end(&bundled("region-wave"), None);
    assert_eq!(told(&end, "wave 1 of 3 is through").len(), 1);
    assert_eq!(told(&end, "wave 2 of 3 is through").len(), 1);
}

#[test]
fn stopped_at_the_first_wave_two_thirds_never_meet_it() {
    let held = at(&bundled("region-wave"), Some("hold"), 2300);
    assert_eq!(regions(&held), ["ap 41: 3", "eu 42: 3", "us 41: 3"], "a hold takes nothing back");
    let back = at(&bundled("region-wave"), Some("stop-at-one"), 2300);
    assert_eq!(regions(&back), ["ap 41: 3", "eu 41: 3", "us 41: 3"]);
    let [nobody, stopped] = [None, Some("stop-at-one")].map(|plan| end(&bundled("region-wave"), plan));
    assert_eq!((nobody.outcome, stopped.outcome), (Outcome::NotRecovered, Outcome::Recovered));
    // A tenth of a third of 60 orders a second, for eight minutes and the rollout.
    assert!(stopped.harm.requests.failed < 2 * 60 * 9, "{:?}", stopped.harm.requests);
    let at_once = end(&waves(|text| swapped(text, WAVES, "")), Some("stop-at-one"));
    assert!(at_once.harm.requests.failed > 2 * stopped.harm.requests.failed, "{:?}", at_once.harm.requests);
}

/// Requests that failed between two seconds of a run.
fn failed_between(bundle: &Bundle, plan: &str, from: u64, to: u64) -> u64 {
    let failed = |second| at(bundle, Some(plan), second).summary().harm.requests.failed;
    failed(to) - failed(from)
}

#[test]
fn traffic_away_from_a_region_is_a_way_back() {
    let bundle = bundled("region-wave");
    assert!(failed_between(&bundle, "away", 540, 600) > 60);
    assert_eq!(failed_between(&bundle, "away", 601, 2300), 0, "a second later nobody meets the version");
    assert_eq!(end(&bundle, Some("away")).outcome, Outcome::Recovered);
    let world = at(&bundle, Some("hold"), 600);
    let ways = world.ways_back(4);
    let labels: Vec<_> = ways.changes.iter().flat_map(|changed| &changed.ways).map(|way| &way.choice.label).collect();
    for label in ["drain eu", "deploy shop 41 on eu"] {
        assert!(labels.iter().any(|own| *own == label), "{label} of {labels:?}");
    }
}

#[test]
fn who_receives_it_overloads_by_itself() {
    let small = |text: &str| swapped(text, "        - work: 10ms", "        - work: 100ms");
    let small = waves(|text| small(&swapped(text, "startup: 20s", "startup: 20s\n    concurrency: 1\n    queue: 10")));
    let drain = |regions: &str| edited(small.clone(), |text| swapped(text, "- {at: 10m, do: {drain: eu}}", regions));
    // Six replicas carry 60 a second, barely; three carry half of them.
    let two = drain("- {at: 10m, do: {drain: eu}}\n      - {at: 10m, do: {drain: us}}");
    let failed = failed_between(&two, "away", 780, 840) as f64;
    assert!((failed - 30.0 * 60.0).abs() < 0.1 * 30.0 * 60.0, "{failed}");
    let again = drain("- {at: 10m, do: {drain: eu}}\n      - {at: 11m, do: {drain: eu}}");
    assert_eq!(told(&end(&again, Some("away")), "refused: eu is there already").len(), 1);
}

#[test]
fn what_a_drained_place_has_begun_it_finishes() {
    let slow = waves(|text| {
        swapped(text, "        - work: 10ms", "        - work: 400ms").replace(
            "{defect: orders with a gift card are refused, endpoint: order, share: 10 %}",
            "{defect: never, endpoint: order, share: 0 %}",
        )
    });
    assert_eq!(failed_between(&slow, "away", 599, 660), 0);
}

/// All of eu has been told the version, and runs it: to tell it again changes nothing, and nothing comes of it. Where
/// another wave has yet to come to a region, the order brings it there, and what comes of that comes of the order.
#[test]
fn an_order_that_changes_nothing_is_no_cause() {
    let told_again = |on: &str| {
        let order =
            format!("  again:\n    about: again\n    steps:\n      - {{at: 9m, do: {{deploy: shop 42, on: {on}}}}}\n");
        let end = end(&waves(|text| swapped(text, "plans:\n", &format!("plans:\n{order}"))), Some("again"));
        let order = end.timeline.iter().find(|line| line.what.starts_with("deploy shop 42 on ")).expect("it was given");
        let led = end.timeline.iter().filter(|line| line.because.contains(&order.id));
        led.map(|line| line.what.clone()).filter(|what| !what.starts_with("in effect")).collect::<Vec<_>>()
    };
    assert_eq!(told_again("eu"), [""; 0]);
    assert!(told_again("ap").iter().any(|what| what.contains("gift card")), "{:?}", told_again("ap"));
}

#[test]
fn without_the_defect_no_wave_does_harm() {
    let sound = waves(|text| {
        let defect = "
        defects:
          - {defect: orders with a gift card are refused, endpoint: order, share: 10 %}";
        swapped(text, defect, " {}")
    });
    assert_eq!(end(&sound, None).outcome, Outcome::NoHarm);
}

#[test]
fn parts_are_told_one_by_one() {
    let back = lived(&model(&bundled("region-wave")), Some("after-the-second"), SEED);
    assert_eq!(regions(&back), ["ap 41: 3", "eu 41: 3", "us 41: 3"], "at the end, too");
    let end = back.summary();
    assert_eq!(end.outcome, Outcome::Recovered);
    for part in ["eu", "us"] {
        assert_eq!(told(&end, &format!("in effect: deploy shop 41 on {part}")).len(), 1);
    }
    assert_eq!(told(&end, "in effect: deploy shop 42"), [], "the third region never got it");
}

#[test]
fn a_batch_holds_in_every_moment() {
    for (batch, floor) in [("1", 8), ("4", 5), ("50 %", 4)] {
        let bundle = waves(|text| swapped(&swapped(text, WAVES, ""), "batch: 1", &format!("batch: {batch}")));
        let mut world = begun(&model(&bundle), Some("stop-at-one"), SEED);
        for tenth in 0..12_000 {
            world.run_until(Time::ZERO + Span::from_millis(100 * tenth));
            let serving: u32 =
                world.view(world.scenario().player).services[0].versions.iter().map(|own| own.ready).sum();
            assert!(serving >= floor, "{serving} at {} with {batch}", world.now());
        }
        assert!(regions(&world).iter().all(|there| there.contains("41")), "back where it was");
    }
}

// Orders for a part, while the others are on their way.

/// The bundled waves with these orders and nothing else to hold them; when they are told that a wave begins or ends.
fn with_orders(orders: &[&str]) -> Bundle {
    let orders: String = orders.iter().map(|order| format!("      - {order}\n")).collect();
    waves(|text| swapped(text, "      - {at: 9m, do: {pause: shop}}\n  away:", &format!("{orders}  away:")))
}

#[test]
fn an_order_for_a_part_leaves_the_bake_of_the_others_as_it_is() {
    let model_of = |orders: &[&str]| model(&with_orders(orders));
    let wave_of = |orders: &[&str], what: &str| told(&lived(&model_of(orders), Some("hold"), SEED).summary(), what);
    let alone = ["{at: 39m, do: {pause: shop}}"];
    let through = wave_of(&alone, "wave 2 of 3 is through");
    assert_eq!(through.len(), 1);
    for order in [
        "{at: 5m, do: {deploy: shop 41, on: ap}}",
        "{at: 5m, do: {deploy: shop 41, on: ap-a-host-1}}",
        "{at: 5m, do: {deploy: shop 42, on: eu}}",
        "{at: 5m, do: {deploy: shop 41, on: eu}}",
    ] {
        assert_eq!(wave_of(&[order], "wave 2 of 3 is through"), through, "{order}");
        assert_eq!(wave_of(&[order], "had nothing left to do"), [], "{order}");
    }
    let there = at(&with_orders(&["{at: 5m, do: {deploy: shop 42, on: ap}}"]), Some("hold"), 480);
    assert_eq!(regions(&there), ["ap 42: 3", "eu 42: 3", "us 41: 3"], "at once, whatever the wave");
}

#[test]
fn an_order_for_all_is_in_effect_but_for_the_parts_that_were_told_something_else() {
    let shop = |orders: &[&str]| lived(&model(&with_orders(orders)), Some("hold"), SEED);
    let eu = shop(&["{at: 5m, do: {deploy: shop 41, on: eu}}"]);
    assert_eq!(regions(&eu), ["ap 42: 3", "eu 41: 3", "us 42: 3"]);
    let words = |world: &World, what: &str| -> Vec<String> {
        let told = world.summary().timeline;
        told.iter().map(|line| line.what.clone()).filter(|own| own.contains(what)).collect()
    };
    assert_eq!(words(&eu, "in effect: deploy shop 42"), ["in effect: deploy shop 42, but for shop 41 on eu"]);

    let covered = ["{at: 5m, do: {deploy: shop 41, on: eu-a-host-1}}", "{at: 6m, do: {deploy: shop 42, on: eu}}"];
    let covered = shop(&covered);
    assert_eq!(regions(&covered), ["ap 42: 3", "eu 42: 3", "us 42: 3"]);
    assert_eq!(
        words(&covered, "in effect: deploy shop 42"),
        ["in effect: deploy shop 42 on eu", "in effect: deploy shop 42"]
    );

    let parts = ["eu", "us", "ap"].map(|part| format!("{{at: 5m, do: {{deploy: shop 41, on: {part}}}}}"));
    let all = shop(&parts.each_ref().map(String::as_str));
    assert_eq!(regions(&all), ["ap 41: 3", "eu 41: 3", "us 41: 3"]);
    assert_eq!(words(&all, "deploy shop 42"), ["deploy shop 42", "overtaken: deploy shop 42"], "nothing is left of it");
}

#[test]
fn a_place_that_was_passed_over_is_gone_to_again_by_an_order_for_it_alone() {
    let eighth = at(&bundled("stays-behind"), Some("the-eighth"), 1700);
    assert!(who_is_where(&eighth).values().all(|versions| versions == &["2"]), "{:?}", who_is_where(&eighth));
}

// Traffic of a region, sent to another.

const WAY_BACK: &str = "      - {at: 10m, do: {drain: eu}}
      - {at: 11m, do: {resume: shop}}
      - {at: 11m, do: {undo: shop}}
      - {at: 20m, do: {admit: eu}}
";

/// The rollout held at its first wave, where one request in ten fails, and these orders; with traffic like this.
fn shifted(orders: &[&str], traffic: &str) -> Bundle {
    let orders: String = orders.iter().map(|order| format!("      - {order}\n")).collect();
    waves(|text| swapped(&swapped(text, WAY_BACK, &orders), "rate: 60/s}", &format!("rate: 60/s{traffic}}}")))
}

/// Requests that failed between two seconds are so many, give or take luck: of 20 a second from eu, one in ten of those
/// that go there.
fn goes_to_eu(bundle: &Bundle, [from, to]: [u64; 2], share: f64) {
    let failed = failed_between(bundle, "away", from, to) as f64;
    let expected = 2.0 * (to - from) as f64 * share;
    assert!((failed - expected).abs() <= 4.0 * expected.sqrt(), "{failed} beside {expected} from {from} to {to}");
}

#[test]
fn a_mesh_sends_all_of_it_elsewhere_at_once() {
    let all = shifted(&["{at: 10m, do: {shift: eu, to: us}}"], "");
    goes_to_eu(&all, [540, 600], 1.0);
    goes_to_eu(&all, [601, 1800], 0.0);
    let half = shifted(&["{at: 10m, do: {shift: eu, to: us, share: 50 %}}"], "");
    goes_to_eu(&half, [601, 1800], 0.5);
    let orders = ["{at: 10m, do: {shift: eu, to: us}}", "{at: 20m, do: {shift: eu, to: us, share: 0 %}}"];
    goes_to_eu(&shifted(&orders, ""), [1201, 1800], 1.0);
    assert_eq!(told(&end(&all, Some("away")), "send 100 % of the traffic of eu to us").len(), 1);
}

#[test]
fn by_name_they_hear_of_it_when_they_ask_and_some_never() {
    let named = shifted(&["{at: 10m, do: {shift: eu, to: us}}"], ", dns: {ttl: 5m, keep: 10 %}");
    let in_effect = told(&end(&named, Some("away")), "in effect: send 100 % of the traffic of eu to us");
    assert_eq!(in_effect, [second(15 * 60)], "when everybody has asked for the name again");
    // In the first minute a fifth of nine in ten ask, evenly: half of them before its middle.
    goes_to_eu(&named, [600, 660], 1.0 - 0.9 * 0.1);
    goes_to_eu(&named, [900, 2100], 0.1);
    let told = told(&end(&named, Some("away")), "in effect: send 100 % of the traffic of eu to us");
    assert_eq!(told, [Time::ZERO + Span::from_secs(900)], "everybody who ever asks has asked");
}

#[test]
fn what_goes_by_no_place_is_not_shifted() {
    let placeless = edited(shifted(&["{at: 10m, do: {shift: eu, to: us}}"], ""), |text| {
        swapped(text, "    locality: region\n", "")
    });
    assert!(said(&placeless.text).contains("no traffic of `eu` goes by place, so this is refused"));
    assert_eq!(told(&end(&placeless, Some("away")), "refused: no traffic of eu goes by place").len(), 1);
    let twice = ["{at: 10m, do: {shift: eu, to: us}}"; 2];
    assert_eq!(told(&end(&shifted(&twice, ""), Some("away")), "refused: eu is there already").len(), 1);
    for (order, expected) in [
        ("{at: 10m, do: {shift: eu, to: eu}}", "it goes there already"),
        ("{at: 10m, do: {shift: eu, to: uk}}", "there is no region `uk`"),
    ] {
        let found = said(&shifted(&[order], "").text);
        assert!(found.contains(expected), "{order}: {found}");
    }
}

// What is typed.

fn said(text: &str) -> String {
    match scenarios::compile(&Bundle::from_text("places", text, "")) {
        Err(problems) => problems.short(),
        Ok(compiled) => compiled.warnings.map_or(String::new(), |warnings| warnings.short()),
    }
}

#[test]
fn bad_places_are_named_with_a_way_out() {
    let text = bundled("region-wave").text;
    for (from, to, expected) in [
        ("- {on: us, bake: 10m}", "- {on: uk, bake: 10m}", "there is no place `uk`"),
        ("- {on: us, bake: 10m}", "- {on: eu-a, bake: 10m}", "all replicas there are in an earlier wave"),
        ("      batch: 1\n", "      batch: 0\n", "nothing is ever replaced"),
        ("      batch: 1\n", "      batch: 2.5 %\n", "not a whole percentage"),
        (
            "    locality: region\n",
            "    locality: region\n    zones: [us-a, ap-a]\n",
            "no replica of the service is there",
        ),
        ("{deploy: shop 41, on: us}", "{deploy: shop 41, on: us-host-9}", "there is no place `us-host-9`"),
        ("    in_place:\n", "    rollout: {}\n    in_place:\n", "one service has one controller"),
    ] {
        let found = said(&swapped(&text, from, to));
        assert!(found.contains(expected), "{to}: {found}");
    }
    let elsewhere = behind(|text| swapped(text, "    in_place: {batch: 1}\n", ""));
    assert!(said(&elsewhere.text).contains("nothing there is rolled out from host to host"));
    let refused = behind(|text| {
        swapped(&without_item(text, OUT_OF_REACH).replace("faults:\n", ""), "    in_place: {batch: 1}\n", "")
    });
    assert!(said(&refused.text).contains("the controller of router knows no places, so this is refused"));
    assert_eq!(told(&end(&refused, Some("the-eighth")), "refused: the controller of router knows no places").len(), 1);
}

// More replicas in the middle of waves, and places that no wave names.

#[test]
fn more_replicas_in_the_middle_spread_nothing() {
    let hold = "      - {at: 9m, do: {pause: shop}}\n  away:";
    for held in ["", "      - {at: 7m, do: {pause: shop}}\n"] {
        let more = format!("{held}      - {{at: 8m, do: {{scale: shop, to: 15}}}}\n  away:");
        let bundle = waves(|text| swapped(text, hold, &more));
        let world = at(&bundle, Some("hold"), 600);
        let versions = world.view(world.scenario().player).services[0].versions.clone();
        assert_eq!(versions.iter().map(|own| own.ready).sum::<u32>(), 15, "{held}");
        assert_eq!(regions(&world), ["ap 41: 3", "eu 42: 3", "us 41: 3"], "no host elsewhere has it: {held}");
    }
}

#[test]
fn places_that_no_wave_names_come_last_when_the_others_have_baked() {
    let bundle = waves(|text| swapped(text, WAVES, "      waves: [{on: us, bake: 10m}]\n"));
    assert_eq!(regions(&at(&bundle, None, 600)), ["ap 41: 3", "eu 41: 3", "us 42: 3"]);
    assert_eq!(regions(&at(&bundle, None, 1500)), ["ap 42: 3", "eu 42: 3", "us 42: 3"]);
}

#[test]
fn whoever_plays_can_let_all_serve_again_that_others_have_taken_out() {
    let orders = ["drain: ap", "drain: us-a", "isolate: shop, on: eu"];
    let orders: String = orders.iter().map(|order| format!("  - {{at: 1m, do: {{{order}}}}}\n")).collect();
    let bundle = waves(|text| swapped(text, "  - {at: 2m, do: {deploy: shop 42}}\n", &orders));
    let world = at(&bundle, None, 90);
    let offered: Vec<_> = world.view(world.scenario().player).choices.iter().map(|one| one.label.clone()).collect();
    let again: Vec<_> = offered.iter().filter(|label| label.ends_with("serve again")).collect();
    assert_eq!(again, ["let ap serve again", "let us-a serve again", "let shop on eu serve again"], "{offered:?}");
}
