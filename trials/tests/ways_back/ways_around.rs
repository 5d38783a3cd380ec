//! Ways around what was brought in: traffic sent elsewhere, parts cut off, and what comes back with a way back.

use model::id::{BackgroundId, ServiceId};
use model::time::Span;
use scenarios::Bundle;
use sim::choices::Choice;
use sim::{Subject, Summary, WayBack, WaysBack, World};
use trials::runs::{begun, lived, model, second, told};
use trials::text::{bundled, edited, swapped, with_schema};

const SEED: u64 = 1;

fn at(bundle: &Bundle, plan: Option<&str>, seconds: u64) -> World {
    let mut world = begun(&model(bundle), plan, SEED);
    world.run_until(second(seconds));
    world
}

fn end(bundle: &Bundle, plan: Option<&str>) -> Summary {
    lived(&model(bundle), plan, SEED).summary()
}

fn labelled<'w>(ways: &'w WaysBack, label: &str) -> &'w WayBack {
    let mut all = ways.changes.iter().flat_map(|changed| &changed.ways);
    all.find(|way| way.choice.label == label).unwrap_or_else(|| panic!("no `{label}` in {ways:#?}"))
}

fn choices(world: &World) -> Vec<Choice> {
    world.view(world.scenario().player).choices
}

fn failed_between(bundle: &Bundle, plan: &str, from: u64, to: u64) -> u64 {
    let failed = |seconds| at(bundle, Some(plan), seconds).summary().harm.requests.failed;
    failed(to) - failed(from)
}

// What comes back.

#[test]
fn a_mistake_under_a_condition_comes_back_where_that_holds() {
    let back = |plan, seconds| {
        let ways = at(&bundled("config-stays"), plan, seconds).ways_back(2);
        labelled(&ways, "roll back gateway to 7").brings_back.clone()
    };
    assert_eq!(back(None, 400), ["a limit is a number"], "limits 2 are there");
    assert_eq!(back(Some("config-first"), 490), [""; 0], "limits 1 are there again");
}

#[test]
fn a_mistake_that_hangs_on_a_setting_comes_back_with_it() {
    let hangs = edited(bundled("config-stays"), |text| {
        swapped(text, "endpoint: route, share: 20 %}", "endpoint: route, share: 20 %, when: {config: limits 1}}")
    });
    for (bundle, expected) in [(hangs, &["routes of some tenants are lost"][..]), (bundled("config-stays"), &[])] {
        let ways = at(&bundle, None, 400).ways_back(2);
        let config = ways.changes.iter().find(|changed| changed.what == Subject::Config).expect("it was pushed");
        assert_eq!(config.ways[0].brings_back, expected);
    }
}

#[test]
fn what_leads_neither_back_nor_forward_is_offered_last() {
    let broken = edited(bundled("config-stays"), |text| swapped(text, "share: 20 %}", "share: 90 %}"));
    let labels: Vec<_> = choices(&at(&broken, None, 400)).into_iter().map(|choice| choice.label).collect();
    let place = |label: &str| labels.iter().position(|own| own == label).expect("it is offered");
    assert!(place("scale gateway to 8 replicas") > place("declare the incident over"), "{labels:?}");
    assert!(place("restart gateway") > place("declare the incident over"), "{labels:?}");
}

// Traffic of a region.

/// One of three regions has the version, where one request in ten fails.
fn held(dns: &str) -> Bundle {
    edited(bundled("region-wave"), |text| swapped(text, "rate: 60/s}", &format!("rate: 60/s{dns}}}")))
}

#[test]
fn traffic_can_be_sent_to_a_region_that_does_not_have_the_version() {
    let ways = at(&held(""), Some("hold"), 600).ways_back(4);
    let to_us = labelled(&ways, "send 100 % of the traffic of eu to us");
    assert_eq!(to_us.durations.and_then(|took| took.p90), Some(Span::ZERO));
    let left = to_us.left.as_ref().expect("it got there");
    assert_eq!(left.services, ["shop"], "what runs stays as it is");
    assert_eq!(left.traffic, ["100 % of the traffic of eu goes to us"]);
    assert_eq!(to_us.steps[0].what, "at once; 3 replicas serve in us, 3 in eu: nobody asks whether they are enough");
    let all = ways.changes.iter().flat_map(|changed| &changed.ways).map(|way| way.choice.label.as_str());
    assert!(all.clone().any(|label| label == "send 100 % of the traffic of eu to ap"));
    assert!(all.clone().all(|label| !label.contains("the traffic of us")), "nothing is wrong there");
    let offered = choices(&at(&held(""), Some("hold"), 600));
    assert!(offered.iter().any(|choice| choice.label == "send 100 % of the traffic of eu to us" && choice.dangerous));
}

#[test]
fn by_name_it_takes_until_the_last_of_them_has_asked_again() {
    let ways = at(&held(", dns: {ttl: 5m, keep: 10 %}"), Some("hold"), 600).ways_back(4);
    let to_us = labelled(&ways, "send 100 % of the traffic of eu to us");
    let took = to_us.durations.expect("it can be done");
    let five = Some(Span::from_secs(300));
    assert_eq!((took.reached, took.p50, took.p90), (took.tried, five, five));
    assert!(to_us.steps[0].what.starts_with("within 5m 00s, when they ask for the name again; 10 % never do; 3 repl"));
}

#[test]
fn traffic_that_goes_by_no_place_is_not_sent_anywhere() {
    let placeless = edited(held(""), |text| swapped(text, "    locality: region\n", ""));
    let offered = choices(&at(&placeless, Some("hold"), 600));
    assert!(offered.iter().all(|choice| !choice.label.contains("the traffic of")));
}

#[test]
fn traffic_that_was_sent_elsewhere_can_come_back() {
    let sent = edited(held(""), |text| swapped(text, "{drain: eu}", "{shift: eu, to: us}"));
    let sent = edited(sent, |text| swapped(text, "{admit: eu}", "{shift: eu, to: us, share: 0 %}"));
    let labels: Vec<_> = choices(&at(&sent, Some("away"), 610)).into_iter().map(|choice| choice.label).collect();
    assert!(labels.contains(&"let the traffic of eu stay there".to_owned()), "{labels:?}");
    let ways = at(&sent, Some("away"), 610).ways_back(2);
    let stays = |what: Subject| {
        let own = ways.changes.iter().filter(move |changed| changed.what == what);
        own.flat_map(|changed| &changed.ways).any(|way| way.choice.label.contains("stay there"))
    };
    assert!(!stays(Subject::Service) && stays(Subject::Traffic), "that is no way back from the version");
}

/// Who asks by name goes on to where they were sent until they ask again.
#[test]
fn traffic_that_comes_back_by_name_is_on_its_way_until_all_have_asked_again() {
    let sent = edited(held(", dns: {ttl: 5m}"), |text| swapped(text, "{drain: eu}", "{shift: eu, to: us}"));
    let sent = edited(sent, |text| swapped(text, "{admit: eu}", "{shift: eu, to: us, share: 0 %}"));
    let traffic = |seconds| {
        let ways = at(&sent, Some("away"), seconds).ways_back(2);
        ways.changes.into_iter().find(|changed| changed.what == Subject::Traffic)
    };
    let back = traffic(1230).expect("some have yet to ask again");
    assert_eq!((back.from.as_deref(), back.to.as_deref(), back.ways.len()), (Some("eu"), Some("eu"), 0));
    let told = "who asked for the name before goes elsewhere until they ask again, within 5m 00s: by 00:25:00";
    assert_eq!(back.under_way.as_deref(), Some(told));
    assert_eq!(traffic(1500), None, "all have asked again");
}

// Isolation.

/// What is cut off after ten minutes, and put back five minutes later.
fn cut_off(what: &str, edit: impl FnOnce(&str) -> String) -> Bundle {
    let orders = format!("- {{at: 10m, do: {{isolate: {what}}}}}\n      - {{at: 15m, do: {{admit: {what}}}}}");
    let drains = "- {at: 10m, do: {drain: eu}}
      - {at: 11m, do: {resume: shop}}
      - {at: 11m, do: {undo: shop}}
      - {at: 20m, do: {admit: eu}}";
    edited(held(""), |text| edit(&swapped(text, drains, &orders)))
}

#[test]
fn what_is_cut_off_is_asked_nothing_and_stays_up() {
    for what in ["shop 42", "eu", "shop, on: eu", "eu-a"] {
        let bundle = cut_off(what, str::to_owned);
        assert_eq!(failed_between(&bundle, "away", 601, 900), 0, "{what}");
        let [before, while_it_is, after] = [599, 800, 1000].map(|seconds| {
            let world = at(&bundle, Some("away"), seconds);
            world.view(world.scenario().player).services[0].versions.iter().map(|own| own.ready).sum::<u32>()
        });
        assert_eq!([before, while_it_is, after], [9, 9, 9], "{what}: nobody replaces them");
        let again = failed_between(&bundle, "away", 901, 1200) as f64;
        assert!((again - 600.0).abs() < 4.0 * 600.0_f64.sqrt(), "a tenth of a third of 60 a second: {again}");
    }
}

#[test]
fn one_host_of_a_service_can_be_cut_off() {
    let bundle = cut_off("shop, on: eu-a-host-1", str::to_owned);
    let failed = failed_between(&bundle, "away", 601, 900) as f64;
    assert!((failed - 600.0).abs() < 4.0 * 600.0_f64.sqrt(), "two of three replicas of eu answer for it: {failed}");
    let all = cut_off("shop", str::to_owned);
    let nobody_left = failed_between(&all, "away", 601, 900) as f64;
    assert!((nobody_left - 60.0 * 299.0).abs() < 4.0 * (60.0_f64 * 299.0).sqrt(), "{nobody_left}");
    assert!(!told(&end(&all, Some("away")), "shop.order: it is cut off from the rest").is_empty());
}

#[test]
fn what_is_in_flight_there_ends_and_workers_are_free_afterwards() {
    for discipline in ["fifo", "processor-sharing"] {
        let slow = |text: &str| {
            let text = swapped(text, "        - work: 10ms", "        - work: 900ms");
            let text = swapped(&text, "share: 10 %}", "share: 0 %}");
            swapped(&text, "startup: 20s", &format!("startup: 20s\n    discipline: {discipline}"))
        };
        let bundle = cut_off("shop, on: eu", slow);
        // 20 a second at 0.9 s each: 18 are in flight, within four standard deviations.
        let failed = failed_between(&bundle, "away", 599, 700) as f64;
        assert!((failed - 18.0).abs() < 4.0 * 18.0_f64.sqrt(), "{discipline}: {failed}");
        assert_eq!(failed_between(&bundle, "away", 701, 1500), 0, "{discipline}: they work as before");
        let world = at(&bundle, Some("away"), 1500);
        assert!(world.summary().harm.requests.unanswered < 100, "nothing waits for a worker that is not free");
    }
}

#[test]
fn who_may_and_what_is_known() {
    let ways = at(&held(""), Some("hold"), 600).ways_back(2);
    let isolation = labelled(&ways, "isolate shop 42");
    assert_eq!(isolation.choice.authority, "on-call");
    assert_eq!(isolation.keeps, "room for its requests in the replicas left");
    assert!(isolation.steps[0].what.starts_with("3 replicas take nothing new; "), "{:?}", isolation.steps);
    assert_eq!(isolation.left.as_ref().expect("it got there").traffic, ["shop 42 is isolated"]);
    let out = at(&cut_off("shop 42", str::to_owned), Some("away"), 700);
    let labels: Vec<_> = choices(&out).into_iter().map(|choice| choice.label).collect();
    assert!(labels.contains(&"let shop 42 serve again".to_owned()), "{labels:?}");
    let everywhere = choices(&at(&bundled("region-wave"), None, 1800));
    assert!(everywhere.iter().all(|choice| !choice.label.starts_with("isolate")), "nobody else would serve");
}

#[test]
fn a_part_is_cut_off_once_and_put_back_once() {
    let twice = cut_off("shop 42", |text| {
        let again =
            "{isolate: shop 42}}\n      - {at: 11m, do: {isolate: shop 42}}\n      - {at: 12m, do: {admit: shop 41}}";
        swapped(text, "{isolate: shop 42}}", again)
    });
    let end = end(&twice, Some("away"));
    assert_eq!(told(&end, "refused: shop 42 is there already").len(), 1);
    assert_eq!(told(&end, "refused: shop 41 is there already").len(), 1);
}

/// A shop that leaves work, messages and reports to a worker that is cut off from 5 to 10 minutes.
fn left_to_others(isolate: &str) -> World {
    let text = format!(
        "title: cut off
horizon: 15m
traffic:
  customers: {{to: shop.buy, rate: 1/s, arrivals: constant}}
background:
  report: {{run: worker.report, every: 1m}}
jobs:
  post: {{runs: worker.post, after: 10s, retry: 30s}}
topics:
  sold:
    partitions: 1
    formats:
      one: sold.avsc
consumers:
  tally: {{topic: sold, runs: worker.tally, on_error: dead-letter, retries: 0}}
services:
  shop:
    endpoints:
      buy: [work: 1ms, later: post, publish: sold]
    versions:
      \"1\": {{formats: {{sold: {{reads: one, writes: one}}}}}}
  worker:
    endpoints:
      report: [work: 1ms]
      post: [work: 1ms]
      tally: [work: 1ms]
    versions:
      \"1\": {{formats: {{sold: {{reads: one, writes: one}}}}}}
seats: {{ic: {{role: commander}}}}
plans:
  cut:
    about: cut the worker off
    steps:
      - {{at: 5m, do: {{{isolate}: worker}}}}
      - {{at: 10m, do: {{admit: worker}}}}
"
    );
    let record = "{\"type\": \"record\", \"name\": \"Sold\", \"fields\": [{\"name\": \"id\", \"type\": \"int\"}]}";
    let text = with_schema(&text, "sold.avsc", record);
    begun(&model(&Bundle::from_text("cut-off", &text, "")), Some("cut"), SEED)
}

#[test]
fn work_and_messages_wait_for_what_is_cut_off_and_are_no_failures() {
    let mut world = left_to_others("isolate");
    world.run_until(second(599));
    let view = world.view(world.scenario().player);
    let read = |world: &World| world.summary().workings.topics[0].groups[0].deliveries.consumed;
    assert_eq!((view.backlogs[0].failing, read(&world)), (0, 299));
    assert_eq!(world.runs(BackgroundId::ZERO).skipped, 5, "of the minutes 5 to 9");
    world.run_until(second(900));
    let end = world.summary();
    assert!(read(&world) >= 898, "{}", read(&world));
    assert_eq!((end.harm.messages.dead_letters, end.harm.requests.failed), (0, 0));
    assert_eq!(world.scenario().system.service(ServiceId::new(1)).name.as_str(), "worker");
}

// What is typed.

#[test]
fn bad_parts_are_named_with_a_way_out() {
    for (what, expected) in [
        ("shop 43", "there is no version `shop 43`"),
        ("uk", "there is no service or place `uk`"),
        ("eu, on: eu-a", "only replicas of a service are told apart by where they are"),
        ("shop, on: uk", "there is no place `uk`"),
    ] {
        let found = scenarios::compile(&cut_off(what, str::to_owned)).expect_err("it is no part").short();
        assert!(found.contains(expected), "{what}: {found}");
    }
    let elsewhere = cut_off("shop, on: ap", |text| swapped(text, "    locality: region\n", "    regions: [eu, us]\n"));
    let found = scenarios::compile(&elsewhere).expect_err("it is not there").short();
    assert!(found.contains("no replica of the service is there"), "{found}");
}

// Standby.

const PRICED: &str = "horizon: 40m\ncosts: {replica_hour: 0.10 USD}\n";

/// The rollout held at its first wave, with what stands by for it, and these orders.
fn with_standby(standby: &str, orders: &[&str]) -> Bundle {
    let drains = "- {at: 10m, do: {drain: eu}}
      - {at: 11m, do: {resume: shop}}
      - {at: 11m, do: {undo: shop}}
      - {at: 20m, do: {admit: eu}}";
    let orders: Vec<_> = orders.iter().map(|order| format!("- {order}")).collect();
    edited(held(""), |text| {
        let text = swapped(text, drains, &orders.join("\n      "));
        let text = swapped(&text, "horizon: 40m\n", PRICED);
        swapped(&text, "    startup: 20s\n", &format!("    startup: 20s\n    standby: {standby}\n"))
    })
}

#[test]
fn traffic_is_switched_to_what_stands_by() {
    let orders = ["{at: 10m, do: {switch: shop}}", "{at: 20m, do: {switch: shop, to: primary}}"];
    let bundle = with_standby("{version: \"41\"}", &orders);
    assert!(failed_between(&bundle, "away", 540, 599) > 50);
    assert_eq!(failed_between(&bundle, "away", 601, 1199), 0, "41 answers");
    assert!(failed_between(&bundle, "away", 1201, 1260) > 50, "42 answers in eu again");
    let [before, after] = [0, 1000].map(|seconds| {
        let world = at(&bundle, Some("away"), seconds);
        let view = world.view(world.scenario().player);
        view.services[0].versions.iter().map(|own| (own.label.clone(), own.ready)).collect::<Vec<_>>()
    });
    assert_eq!(before, [("41".to_owned(), 18)], "nine stand by");
    assert_eq!(after, [("42".to_owned(), 3), ("41".to_owned(), 15)], "nobody is stopped");
    assert_eq!(told(&end(&bundle, Some("away")), "in effect: switch shop to its standby, shop 41").len(), 1);
}

#[test]
fn a_standby_is_a_way_back_that_costs_all_the_time() {
    let bundle = with_standby("{version: \"41\", replicas: 4}", &["{at: 10m, do: {switch: shop}}"]);
    let ways = at(&bundle, Some("hold"), 600).ways_back(4);
    let switch = labelled(&ways, "switch shop to its standby, shop 41");
    assert_eq!(switch.durations.and_then(|took| took.p90), Some(Span::ZERO));
    assert_eq!((switch.standing, &switch.keeps[..]), (4, "4 replicas that nobody asks"));
    assert_eq!(switch.costs.as_ref().map(ToString::to_string).as_deref(), Some("0.40 USD"));
    assert_eq!(switch.steps[0].what, "4 replicas stand by for the 9 that serve now; those finish what they have");
    let left = switch.left.as_ref().expect("it got there");
    assert_eq!(left.services, ["shop"], "41 answers, as before, and it is told to run 42 all the same");
    assert_eq!(left.replicas, ["all requests to shop go to its standby, which runs 41"]);
    let undo = labelled(&ways, "let the rollout of shop go on, and roll back shop to 41");
    assert_eq!((undo.standing, undo.costs.as_ref().map(ToString::to_string).as_deref()), (0, Some("0.00 USD")));
    let none = at(&held(""), Some("hold"), 600).ways_back(2);
    assert!(none.changes.iter().flat_map(|changed| &changed.ways).all(|way| way.costs.is_none()), "no price");
}

#[test]
fn what_stands_by_recovers_what_it_answers_for_and_no_more() {
    let bundle = with_standby("{version: \"41\"}", &["{at: 10m, do: {switch: shop}}"]);
    let switched = end(&bundle, Some("away"));
    assert_eq!(switched.outcome, sim::Outcome::Recovered, "{switched:?}");
    let small = |text: &str| swapped(text, "        - work: 10ms", "        - work: 100ms");
    let overloaded =
        edited(with_standby("{version: \"41\", replicas: 1}", &["{at: 10m, do: {switch: shop}}"]), |text| {
            swapped(&small(text), "    startup: 20s\n", "    startup: 20s\n    concurrency: 4\n    queue: 10\n")
        });
    // One replica with four workers carries 40 of 60 a second.
    let failed = failed_between(&overloaded, "away", 660, 720) as f64;
    assert!((failed - 1200.0).abs() < 120.0, "{failed}");
}

#[test]
fn what_stands_by_outlives_a_crash_and_a_rollout() {
    let bundle = with_standby("{version: \"41\", replicas: 3}", &["{at: 10m, do: {resume: shop}}"]);
    let world = at(&bundle, Some("away"), 2400);
    let view = world.view(world.scenario().player);
    let counts: Vec<_> = view.services[0].versions.iter().map(|own| (own.label.as_str(), own.ready)).collect();
    assert_eq!(counts, [("42", 9), ("41", 3)], "the rollout leaves it alone");
    let killed = edited(with_standby("{version: \"41\", replicas: 3}", &["{at: 10m, do: {switch: shop}}"]), |text| {
        format!("{text}faults:\n  - {{at: 12m, kill: shop}}\n")
    });
    let after = at(&killed, Some("away"), 800);
    let ready = |world: &World| {
        world.view(world.scenario().player).services[0].versions.iter().map(|own| own.ready).sum::<u32>()
    };
    assert_eq!(ready(&after), 12, "restarted where they were");
    assert_eq!(failed_between(&killed, "away", 760, 1200), 0);
}

#[test]
fn a_bad_standby_is_named_with_a_way_out() {
    let none = edited(held(""), |text| swapped(text, "{drain: eu}", "{switch: shop}"));
    assert_eq!(told(&end(&none, Some("away")), "refused: nothing stands by for shop").len(), 1);
    let warned = scenarios::compile(&none).expect("it may be ordered").warnings.expect("a warning").short();
    assert!(warned.contains("nothing stands by for shop, so this is refused"), "{warned}");
    let twice = with_standby("{version: \"41\"}", &["{at: 10m, do: {switch: shop}}", "{at: 11m, do: {switch: shop}}"]);
    assert_eq!(told(&end(&twice, Some("away")), "refused: shop is there already").len(), 1);
    for (standby, expected) in [
        ("{version: \"43\"}", "there is no version `43`"),
        ("{version: \"41\", replicas: 0}", "a standby is from 1 to"),
    ] {
        let found = scenarios::compile(&with_standby(standby, &["{at: 10m, do: {switch: shop}}"]));
        let found = found.expect_err("it cannot stand by").short();
        assert!(found.contains(expected), "{standby}: {found}");
    }
    let unpriced = edited(held(""), |text| swapped(text, "horizon: 40m\n", "horizon: 40m\ncosts: {replica_hour: 1}\n"));
    assert!(scenarios::compile(&unpriced).expect_err("a currency is missing").short().contains("has no currency"));
}

// What a way back costs.

#[test]
fn what_a_switch_left_behind_costs_until_it_goes() {
    let ways = |seconds| at(&bundled("too-late"), None, seconds).ways_back(2);
    let inside = ways(720);
    let undo = labelled(&inside, "roll back quotes to 7");
    assert_eq!((undo.standing, undo.closes), (4, Some(second(960))), "{}", undo.keeps);
    assert!(undo.keeps.ends_with("4 replicas of quotes 7 beside those that serve, until 00:16:00"), "{}", undo.keeps);
    let outside = ways(1200);
    let undo = labelled(&outside, "roll back quotes to 7");
    assert_eq!((undo.standing, undo.closes), (0, None), "{}", undo.keeps);
    assert!(undo.keeps.ends_with("no replica beside those that serve"), "{}", undo.keeps);
}

#[test]
fn a_canary_in_the_middle_has_the_stable_version_beside_it() {
    let ways = at(&bundled("canary-abort"), None, 150).ways_back(2);
    let abort = ways.changes.iter().flat_map(|changed| &changed.ways).find(|way| way.choice.label.starts_with("abort"));
    let abort = abort.expect("it is under way");
    assert!(abort.standing > 0, "{}", abort.keeps);
}

// Eviction.

/// Six replicas on three hosts of two zones, and these orders.
fn emptied(service: &str, orders: &[&str]) -> Bundle {
    let orders: String = orders.iter().map(|order| format!("      - {order}\n")).collect();
    let text = format!(
        "title: maintenance
horizon: 40m
regions: {{eu: [a, b]}}
traffic:
  buyers: {{to: shop.order, rate: 20/s, arrivals: constant}}
services:
  shop:
    replicas: 6
    startup: 1m
    drain: 5s
    {service}
    endpoints:
      order: [work: 10ms]
    versions:
      \"1\": {{}}
      \"2\": {{}}
seats: {{ic: {{role: commander}}}}
plans:
  empty:
    about: make a zone empty
    steps:
{orders}"
    );
    Bundle::from_text("maintenance", &text, "")
}

/// The fewest replicas that served in twenty minutes, and when the order was in effect.
fn fewest(service: &str, order: &str) -> (u32, Option<u64>) {
    let bundle = emptied(service, &[order]);
    let mut world = begun(&model(&bundle), Some("empty"), SEED);
    let mut least = u32::MAX;
    for second_now in 0..1800 {
        world.run_until(second(second_now));
        let view = world.view(world.scenario().player);
        least = least.min(view.services[0].versions.iter().map(|own| own.ready).sum());
    }
    let done =
        told(&world.summary(), "in effect: evict what runs on eu-a").first().map(|at| at.nanos() / 1_000_000_000);
    (least, done)
}

const EVICT: &str = "{at: 1m, do: {drain: eu-a, evict: yes}}";

#[test]
fn without_a_budget_all_go_at_once() {
    assert_eq!(fewest("rollout: {}", EVICT), (3, Some(60)));
}

#[test]
fn a_budget_lets_them_go_one_by_one() {
    let (least, done) = fewest("disruptions: 1", EVICT);
    // Three of them, each once the one before has come up elsewhere, which takes a minute, and looked at every 5 s.
    let done = done.expect("it is empty in the end");
    assert!(least == 5 && (180..=200).contains(&done), "{least} {done}");
    assert_eq!(fewest("disruptions: 0", EVICT), (6, None), "a budget of none keeps them there for ever");
}

#[test]
fn what_is_evicted_comes_up_elsewhere_and_stays_there() {
    for service in ["rollout: {}", "statefulset: {management: parallel}"] {
        let cut = |zone: &str| format!("{{at: 12m, do: {{isolate: {zone}}}}}");
        let lost = |zone: &str| {
            let orders = [EVICT, "{at: 10m, do: {admit: eu-a}}", &cut(zone)];
            failed_between(&emptied(service, &orders), "empty", 721, 900)
        };
        assert_eq!(lost("eu-a"), 0, "{service}: nothing is there");
        assert_eq!(lost("eu-b"), 20 * 179, "{service}: all of it is there");
    }
}

#[test]
fn what_cannot_go_anywhere_is_not_evicted() {
    let nowhere = end(&emptied("zones: eu-a", &[EVICT]), Some("empty"));
    assert_eq!(told(&nowhere, "refused: shop would have no host left").len(), 1);
    let in_place = end(&emptied("in_place: {batch: 1}", &[EVICT]), Some("empty"));
    assert_eq!(told(&in_place, "in effect: evict what runs on eu-a").len(), 1, "nothing there is moved");
    let twice = end(&emptied("rollout: {}", &[EVICT, "{at: 2m, do: {drain: eu-a, evict: yes}}"]), Some("empty"));
    assert_eq!(told(&twice, "refused: eu-a is there already").len(), 1);
}
