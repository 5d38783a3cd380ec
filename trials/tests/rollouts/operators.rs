//! What operators do to what runs: scale, restart, flush; and who does something else at the same time.

use model::id::{CacheId, ServiceId};
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Outcome, Summary, World};
use trials::runs::{begun, lived, lived_until, minutes, model, second, told};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;
const AUTOSCALER: &str = "    autoscale: {min: 10, max: 50, utilisation: 60 %}\n";

fn fight(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("hpa-fight"), edit)
}

fn end(bundle: &Bundle, plan: Option<&str>) -> Summary {
    lived(&model(bundle), plan, SEED).summary()
}

/// Of each of two versions, the older first: replicas that serve, start or have crashed, and drain.
fn counted(world: &World) -> [[u32; 3]; 2] {
    let versions = &world.scenario().system.service(ServiceId::ZERO).versions;
    let view = world.view(world.scenario().player);
    let of = |index: usize| {
        let label = versions.get(index).map(|version| &world.scenario().system.version(*version).label);
        let own = view.services[0].versions.iter().find(|own| Some(&own.label) == label);
        own.map_or([0; 3], |own| [own.ready, own.starting + own.crashed, own.draining])
    };
    [of(0), of(1)]
}

// Scaling, and the autoscaler.

#[test]
fn the_autoscaler_undoes_what_was_scaled_by_hand() {
    let mut world = begun(&model(&bundled("hpa-fight")), Some("scale-up"), SEED);
    let mut wanted = |at: u64| {
        world.run_until(second(at));
        world.view(world.scenario().player).services[0].replicas
    };
    assert_eq!([1020, 1022, 1036].map(&mut wanted), [10, 40, 10]);
    let mut world = begun(&model(&bundled("hpa-fight")), Some("scale-up"), SEED);
    world.run_until(second(1034));
    let web = world.view(world.scenario().player).services[0].versions[0].clone();
    assert_eq!((web.ready, web.starting), (10, 30), "at the look that undoes it");
    let [nobody, by_hand] = [None, Some("scale-up")].map(|plan| end(&bundled("hpa-fight"), plan).harm.requests.failed);
    assert!(nobody > 1_000, "{nobody}");
    assert!(by_hand.abs_diff(nobody) * 20 < nobody, "the order changed next to nothing: {by_hand} beside {nobody}");
    let end = end(&bundled("hpa-fight"), Some("scale-up"));
    assert_eq!(told(&end, "overtaken: scale web to 40").len(), 1);
    assert_eq!(told(&end, "in effect: scale web to 40"), [], "thirty of the forty never served");
}

#[test]
fn without_the_autoscaler_or_with_its_hands_off_the_number_holds() {
    assert_eq!(end(&bundled("hpa-fight"), Some("hands-off")).outcome, Outcome::NoHarm);
    let alone = fight(|text| {
        let text = swapped(text, AUTOSCALER, "");
        swapped(&text, "      - {at: 16m, do: {autoscale: web, to: off}}\n", "")
            .replace("      - {at: 25m, do: {autoscale: web, to: on}}\n", "")
    });
    assert_eq!(end(&alone, Some("scale-up")).outcome, Outcome::NoHarm);
    let informed = fight(|text| swapped(text, "min: 10, max", "min: 40, max").replace("replicas: 10", "replicas: 40"));
    assert_eq!(end(&informed, None).outcome, Outcome::NoHarm);
}

#[test]
fn hands_are_taken_off_once() {
    let twice =
        fight(|text| swapped(text, "at: 25m, do: {autoscale: web, to: on}", "at: 25m, do: {autoscale: web, to: off}"));
    assert_eq!(told(&end(&twice, Some("hands-off")), "refused: web is there already").len(), 1);
    let alone = fight(|text| swapped(text, AUTOSCALER, ""));
    assert_eq!(told(&end(&alone, Some("hands-off")), "refused: web has no autoscaler").len(), 2);
}

#[test]
fn at_nothing_the_autoscaler_is_switched_off() {
    let none = fight(|text| {
        swapped(text, "at: 1021s, do: {scale: web, to: 40}}\n  hands", "at: 1021s, do: {scale: web, to: 0}}\n  hands")
    });
    let mut world = begun(&model(&none), Some("scale-up"), SEED);
    world.run_until(second(1500));
    assert_eq!(counted(&world), [[0; 3]; 2]);
}

/// Eight replicas that serve and five that do not start, on their way from 41 to 42.
fn stalled(plan: &str) -> World {
    let text = |text: &str| swapped(text, "{at: 6m, do: {undo: web}}", plan);
    lived_until(&model(&edited(bundled("stalls-at-8-5"), text)), Some("rollback"), SEED, minutes(9))
}

#[test]
fn scaling_in_the_middle_of_a_rollout_grows_the_broken_version_too() {
    assert_eq!(counted(&stalled("{at: 6m, do: {scale: web, to: 20}}")), [[15, 0, 0], [0, 10, 0]]);
    assert_eq!(counted(&stalled("{at: 6m, do: {scale: web, to: 5}}")), [[4, 0, 0], [0, 3, 0]]);
}

#[test]
fn what_is_so_already_is_refused() {
    let world = stalled("{at: 6m, do: {scale: web, to: 10}}");
    assert_eq!(told(&world.summary(), "refused: web is to have that many replicas already").len(), 1);
}

// Restarts.

const SHOP: &str = "title: a shop
horizon: 20m
traffic:
  guests: {to: shop.buy, rate: 20/s}
services:
  shop:
    replicas: 8
    startup: 20s
    endpoints:
      buy:
        - work: 50ms
    versions:
      \"1\": {}
      \"2\": {}
slos:
  buy: {endpoint: shop.buy, good: 99.9 %}
release:
  - {at: 1m, do: {deploy: shop 2}}
plans:
  restart:
    about: restart it
    steps:
      - {at: 5m, do: {restart: shop}}
";

fn shop(rules: &str, steps: &str) -> Bundle {
    let text = swapped(SHOP, "    startup: 20s\n", &format!("    startup: 20s\n{rules}"));
    Bundle::from_text("shop", swapped(&text, "      - {at: 5m, do: {restart: shop}}\n", steps), "")
}

fn step(at: &str, what: &str) -> String {
    format!("      - {{at: {at}, do: {{{what}}}}}\n")
}

/// The fewest replicas that served and the most that there were, from a second to another.
fn bounds(world: &mut World, from: u64, to: u64) -> (u32, u32) {
    let (mut fewest, mut most) = (u32::MAX, 0);
    for tenth in 10 * from..10 * to {
        world.run_until(Time::ZERO + Span::from_millis(100 * tenth));
        let now = counted(world);
        fewest = fewest.min(now.iter().map(|[ready, ..]| ready).sum());
        most = most.max(now.iter().map(|[ready, starting, _]| ready + starting).sum());
    }
    (fewest, most)
}

#[test]
fn a_restart_replaces_all_within_surge_and_unavailable() {
    for (rules, expected) in [
        ("", (6, 10)),
        ("    rollout: {surge: 1, unavailable: 0}\n", (8, 9)),
        ("    rollout: {surge: 0, unavailable: 3}\n", (5, 8)),
        ("    rollout: {strategy: recreate}\n", (0, 8)),
        ("    statefulset: {}\n", (7, 8)),
        ("    canary: {}\n", (6, 8)),
    ] {
        let bundle = shop(rules, &step("5m", "restart: shop"));
        let mut world = begun(&model(&bundle), Some("restart"), SEED);
        world.run_until(second(299));
        assert_eq!(counted(&world)[1], [8, 0, 0], "{rules}");
        assert_eq!(bounds(&mut world, 300, 900), expected, "{rules}");
        assert_eq!(counted(&world)[1], [8, 0, 0], "{rules}");
        assert_eq!(told(&world.summary(), "in effect: restart shop").len(), 1, "{rules}");
        assert_eq!(world.summary().outcome == Outcome::NoHarm, expected.0 > 0, "{rules}");
    }
}

#[test]
fn an_undo_after_a_restart_takes_back_the_restart_alone() {
    let bundle = shop("", &(step("5m", "restart: shop") + &step("9m", "undo: shop") + &step("13m", "deploy: shop 1")));
    let mut world = begun(&model(&bundle), Some("restart"), SEED);
    world.run_until(second(779));
    assert_eq!(counted(&world), [[0, 0, 0], [8, 0, 0]], "still version 2");
    assert_eq!(told(&world.summary(), "in effect: roll back shop").len(), 1);
    world.run_until(second(1199));
    assert_eq!(counted(&world), [[8, 0, 0], [0, 0, 0]]);
}

#[test]
fn what_is_held_is_not_restarted() {
    let bundle = shop("", &(step("61s", "pause: shop") + &step("2m", "restart: shop")));
    let end = end(&bundle, Some("restart"));
    assert_eq!(told(&end, "refused: the rollout of shop is held: let it go on first").len(), 1);
}

#[test]
fn restarts_of_every_controller_end_on_the_version_that_is_wanted() {
    for rules in ["", "    statefulset: {management: parallel}\n", "    canary: {router: {}}\n", "    blue_green: {}\n"]
    {
        let steps = [step("62s", "restart: shop"), step("65s", "undo: shop"), step("70s", "restart: shop")].concat();
        let world = lived(&model(&shop(rules, &(steps + &step("6m", "deploy: shop 1")))), Some("restart"), SEED);
        assert_eq!(counted(&world), [[8, 0, 0], [0, 0, 0]], "{rules}");
    }
}

// Flushing.

#[test]
fn a_flush_empties_a_cache_and_the_store_is_asked_again() {
    let text = "title: profiles
horizon: 10m
traffic:
  visitors: {to: web.show, rate: 100/s, keys: {count: 1000, zipf: 1}}
caches:
  profiles: {warm: 100 %}
services:
  web:
    endpoints:
      show:
        - {cache: profiles, miss: [{call: store.load}]}
        - work: 1ms
  store: {endpoints: {load: [work: 5ms]}}
plans:
  flush:
    about: start with an empty cache
    steps:
      - {at: 5m, do: {flush: profiles}}
      - {at: 310001ms, do: {flush: profiles}}
";
    let model = model(&Bundle::from_text("profiles", text, ""));
    let misses = |plan| lived(&model, plan, SEED).lookups(CacheId::ZERO).misses;
    assert_eq!(misses(None), 0);
    assert!((900..1_100).contains(&misses(Some("flush"))), "each key once: {}", misses(Some("flush")));
    let end = lived(&model, Some("flush"), SEED).summary();
    let in_effect = end.timeline.iter().filter(|line| line.what == "in effect: flush profiles");
    assert_eq!(in_effect.map(|line| line.at).collect::<Vec<_>>(), [second(310)], "it takes ten seconds");
    assert_eq!(told(&end, "refused: there is nothing in profiles").len(), 1);
}

// What is typed.

#[test]
fn bad_orders_are_named_with_a_way_out() {
    let said = |steps: &str| match scenarios::compile(&shop("", steps)) {
        Err(problems) => problems.short(),
        Ok(_) => String::new(),
    };
    for (what, expected) in [
        ("scale: shp, to: 3", "there is no service `shp`"),
        ("scale: shop, to: 10001", "the number of replicas is from 0 to 10000"),
        ("scale: shop", "`to`"),
        ("restart: shopp", "there is no service `shopp`"),
        ("flush: shop", "there is no cache"),
        ("autoscale: shop, to: perhaps", "neither on nor off"),
    ] {
        let found = said(&step("5m", what));
        assert!(found.contains(expected), "{what}: {found}");
    }
}
