//! Latency and rates: each request is measured once from every side, for as long as that side waited, and what is
//! measured changes nothing.

use model::id::{EdgeId, EndpointId, ServiceId};
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Latency, LineKind, World};
use trials::runs::{attempts_of, begun, library, lived, minutes, model, second};

/// A front that calls a back once a second, which takes 40 ms, and waits so long for it.
fn asking(waits: &str) -> World {
    let text = format!(
        "title: A call a second\nhorizon: 1h\ntraffic:\n  people: {{to: front.show, rate: 1/s, arrivals: constant}}\n\
         services:\n  front:\n    endpoints:\n      show:\n        - {{call: back.get{waits}}}\n  back:\n    \
         endpoints:\n      get:\n        - work: 40ms\n"
    );
    let mut world = World::new(model(&Bundle::from_text("asking", text, "")), 1);
    world.run_until(Time::ZERO + Span::from_millis(10_500));
    world
}

/// How many, and how long each of them took, in whole milliseconds: they are all alike.
fn alike(latency: &Latency) -> (u64, u64) {
    let [shortest, longest] = [0.0, 1.0].map(|share| latency.quantile(share).expect("measured").nanos());
    assert!(longest - shortest <= shortest / 64, "{shortest} to {longest}");
    (latency.count(), shortest.div_ceil(1_000_000))
}

/// What the customer, the caller and the server say.
fn sides(world: &World) -> [(u64, u64); 3] {
    let system = &world.scenario().system;
    let place = |name: &str| system.endpoints.iter().position(|own| own.name.as_str() == name).expect("it is there");
    let (front, back) = (EndpointId::new(place("front.show")), EndpointId::new(place("back.get")));
    let edge = system.edge(EdgeId::ZERO);
    assert_eq!((edge.from, edge.to, system.edges.len()), (front, back, 1));
    let latencies = world.latencies();
    let server = latencies.service(system, system.endpoint(back).service);
    let customer = world.answers()[front.index()];
    let mean = customer.total_ns / u128::from(customer.count) / 1_000_000;
    let customer = (customer.count, u64::try_from(mean).expect("short"));
    [customer, alike(latencies.edge(EdgeId::ZERO)), alike(&server)]
}

#[test]
fn a_caller_that_waits_takes_as_long_as_the_callee() {
    assert_eq!(sides(&asking("")), [(10, 40), (10, 40), (10, 40)]);
}

#[test]
fn a_caller_that_gives_up_measures_its_patience_and_the_callee_its_work() {
    assert_eq!(sides(&asking(", timeout: 10ms")), [(10, 10), (10, 10), (10, 40)]);
}

#[test]
fn each_attempt_is_measured_on_its_own() {
    assert_eq!(sides(&asking(", timeout: 50ms, retries: 2")), [(10, 40), (10, 40), (10, 40)]);
    let [customer, attempts, _] = sides(&asking(", timeout: 10ms, retries: 2, backoff: 5ms"));
    assert_eq!((customer, attempts), ((10, 40), (30, 10)));
}

#[test]
fn a_hedge_counts_as_asked() {
    let world = asking(", hedge: 10ms");
    let (asked, back) = (world.rates().asked(ServiceId::new(1)), attempts_of(&world, "back.get"));
    assert_eq!((asked.iter().sum::<u64>(), back.count), (20, 20));
}

#[test]
fn a_hedged_attempt_takes_from_its_first_sending_on() {
    let text = "title: hedges
horizon: 1m
traffic: {people: {to: front.show, rate: 10/s, arrivals: constant}}
services:
  front: {endpoints: {show: [{call: back.get, timeout: 100ms, hedge: 20ms}]}}
  back: {replicas: 2, endpoints: {get: [work: {p0: 10ms, p50: 10ms, p50.1: 90ms, p100: 90ms}]}}
";
    let world = lived(&model(&Bundle::from_text("hedges", text, "")), None, 1);
    let (customers, calls) =
        (world.latencies().outside(EndpointId::ZERO).clone(), world.latencies().edge(EdgeId::ZERO).clone());
    assert!(customers.quantile(0.6) > Some(Span::from_millis(29)), "{:?}", customers.quantile(0.6));
    for share in [0.1, 0.3, 0.6, 0.7, 0.9, 1.0] {
        assert_eq!(customers.quantile(share), calls.quantile(share), "{share}: the call is all there is to it");
    }
}

/// 40 ms of work, 7 ms away: the caller waits for both ways, the server for none; if the caller gives up, too.
#[test]
fn the_network_is_not_the_servers() {
    let near = |patience: &str| {
        let text = format!(
            "title: A call a second\nhorizon: 1h\nnetwork: {{same_zone: 7ms}}\ntraffic:\n  \
             people: {{to: front.show, rate: 1/s, arrivals: constant}}\n\
             services:\n  front:\n    endpoints:\n      show:\n        - {{call: back.get{patience}}}\n  back:\n    \
             endpoints:\n      get:\n        - work: 40ms\n"
        );
        let mut world = World::new(model(&Bundle::from_text("near", text, "")), 1);
        world.run_until(Time::ZERO + Span::from_millis(10_500));
        world
    };
    assert_eq!(sides(&near("")), [(10, 68), (10, 54), (10, 40)]);
    assert_eq!(sides(&near(", timeout: 20ms")), [(10, 34), (10, 20), (10, 40)]);
}

#[test]
fn what_is_turned_away_is_in_nobodys_times() {
    let mut world = World::new(library("mdcc"), 1);
    world.run_until(second(60));
    let system = &world.scenario().system;
    let [served, asked] =
        [world.latencies().service(system, ServiceId::ZERO), world.latencies().outside(EndpointId::ZERO).clone()];
    let answers = world.answers()[0];
    assert!(answers.failed > 10 && answers.failed < answers.count / 2, "{answers:?}");
    assert_eq!((served.count(), asked.count()), [answers.count - answers.failed; 2].into());
    assert!(served.quantile(0.0) > Some(Span::from_millis(1)));
    let source = &world.summary().timings.sources[0];
    assert_eq!((source.failed, source.times.map(|times| times.count)), (answers.failed, Some(asked.count())));
}

#[test]
fn what_was_asked_is_answered_failed_or_under_way() {
    let model = library("ledger-format");
    for until in [Span::from_millis(1_234_567), minutes(60)] {
        let mut world = begun(&model, Some("rollback"), 3);
        world.run_until(Time::ZERO + until);
        let (system, rates) = (&model.system, world.rates());
        let sum = |curve: Vec<u64>| curve.iter().sum::<u64>();
        let mut failures = 0;
        let mut under_way = 0;
        for service in (0..system.services.len()).map(ServiceId::new) {
            let versions = &system.service(service).versions;
            let answered: u64 = versions.iter().map(|version| sum(rates.answered(*version))).sum();
            let (asked, failed) = (sum(rates.asked(service)), sum(rates.failed(service)));
            let ended = system.service(service).endpoints.iter().map(|own| world.attempts()[own.index()].count);
            assert_eq!(answered + failed, ended.sum::<u64>());
            assert!(asked > 0 && asked >= answered + failed);
            assert_eq!(rates.asked(service).len(), rates.failed(service).len());
            failures += failed;
            under_way += asked - answered - failed;
        }
        assert!(failures > 0);
        assert!(under_way < 200, "{under_way} cannot be under way in a system that keeps up");
    }
}

#[test]
fn rates_are_per_second_and_then_per_interval() {
    let world = asking("");
    assert_eq!(world.rates().interval(), Span::SECOND);
    assert_eq!(world.rates().asked(ServiceId::ZERO), [[1; 10].as_slice(), &[0]].concat());
    let year = lived(&library("mm1"), None, 1);
    assert_eq!(year.rates().interval(), Span::from_secs(128), "24 hours in at most 1024 intervals");
    assert_eq!(year.rates().asked(ServiceId::ZERO).iter().sum::<u64>(), year.arrived());
}

#[test]
fn a_fork_that_measures_on_leaves_the_original_alone() {
    let mut world = begun(&library("ledger-format"), None, 1);
    world.run_until(Time::ZERO + minutes(11));
    let before = world.clone();
    let mut fork = world.clone();
    assert_eq!(fork, before);
    fork.run_until(Time::ZERO + minutes(12));
    assert_eq!(world, before);
    world.run_until(Time::ZERO + minutes(12));
    assert_eq!((world.latencies(), world.rates()), (fork.latencies(), fork.rates()));
    assert!(fork.latencies() != before.latencies() && fork.rates() != before.rates());
}

#[test]
fn an_alert_that_flaps_for_hours_is_told_a_thousand_times() {
    let text = "title: A page every few seconds\nhorizon: 4h\nscrape: 1s\n\
                traffic:\n  people: {to: shop.buy, rate: 2/s}\n\
                services:\n  shop:\n    runs: bad\n    endpoints:\n      buy:\n        - work: 5ms\n    \
                versions: {bad: {defects: [{defect: fails often, endpoint: buy, share: 30 %}]}}\n\
                slos:\n  answers: {endpoint: shop.buy, good: 99 %}\n\
                alerts:\n  flaps: {burn: answers, factor: 1, long: 1s, short: 1s}\n";
    let world = lived(&model(&Bundle::from_text("flapping", text, "")), None, 1);
    let lines = world.summary().timeline;
    let told = |kind: LineKind| lines.iter().filter(|line| line.kind == kind).count();
    assert_eq!([told(LineKind::Alert), told(LineKind::Clear)], [1000, 1000]);
    let last = lines.last().expect("there are lines");
    assert!(last.at < second(3 * 3600), "it goes on flapping for hours after {}", last.at);
}
