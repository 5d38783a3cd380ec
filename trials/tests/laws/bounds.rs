//! Bounds: a run stops at the same event however it is lived, says where, and not before it has to.

use model::time::{Span, Time};
use scenarios::{Bundle, library};
use sim::footprint::{Part, at_start};
use sim::{Bound, Bounds, Ended, Model, Outcome, World};
use trials::runs::{library as bundled, minutes, model, second};
use trials::text::{bundled as text, edited, swapped};

/// A replica that is asked for ten times what it can do, and turns nobody away.
fn crowded() -> Model {
    let text = "title: A queue that only grows\nhorizon: 24h\ntraffic:\n  people: {to: shop.buy, rate: 1000/s}\n\
                services:\n  shop:\n    replicas: 1\n    concurrency: 1\n    queue: 1000000000\n    endpoints:\n      \
                buy:\n        - work: 10ms\n";
    model(&Bundle::from_text("crowded", text, ""))
}

fn bounded(bounds: Bounds) -> World {
    World::new(crowded(), 1).within(bounds)
}

/// Lives for an hour in pieces of this length.
fn lived_by(mut world: World, piece: Span) -> World {
    while world.now() < second(3600) {
        if let Ended::Stopped(_) = world.run_until(world.now() + piece) {
            break;
        }
    }
    world
}

#[test]
fn a_run_stops_at_the_same_event_however_it_is_lived() {
    for bounds in [Bounds { events: 12_345, ..Bounds::default() }, Bounds { memory: 3_000_000, ..Bounds::default() }] {
        let world = bounded(bounds);
        let [whole, pieces] = [minutes(60), Span::from_millis(333)].map(|piece| lived_by(world.clone(), piece));
        assert!(whole.stopped().is_some());
        assert!(whole == pieces, "{:?} and {:?}", whole.stopped(), pieces.stopped());
    }
}

#[test]
fn a_bound_of_events_is_exact() {
    let world = lived_by(bounded(Bounds { events: 12_345, ..Bounds::default() }), minutes(60));
    assert_eq!(world.steps(), 12_345);
    assert_eq!(world.stopped().map(|stopped| stopped.bound), Some(Bound::Events(12_345)));
    let mut stepped = World::new(crowded(), 1);
    (0..12_345).for_each(|_| stepped.step());
    assert_eq!((stepped.digest(), stepped.now()), (world.digest(), world.now()));
}

#[test]
fn memory_is_bounded_up_to_what_happens_between_two_looks() {
    let bound = 3_000_000;
    let world = lived_by(bounded(Bounds { memory: bound, ..Bounds::default() }), minutes(60));
    let stopped = world.stopped().expect("the queue grows for an hour");
    assert_eq!((stopped.bound, stopped.largest.part), (Bound::Memory(bound), Part::Requests));
    assert_eq!(stopped.busiest, Some(("shop".to_owned(), world.in_flight())));
    assert!(world.footprint() > bound && world.footprint() < bound + 256 * 1000, "{}", world.footprint());
    assert!(world.in_flight() * 50 < bound, "a request takes more than 50 bytes");
}

#[test]
fn a_stopped_run_stays_where_it_is_and_decides_nothing() {
    let mut world = lived_by(bounded(Bounds { events: 1000, ..Bounds::default() }), minutes(60));
    let before = world.clone();
    assert!(matches!(world.run_until(second(3600)), Ended::Stopped(_)));
    assert!(world == before);
    let summary = world.summary();
    assert_eq!((summary.outcome, summary.met), (Outcome::Undecided, false));
    assert_eq!(summary.stopped.as_ref(), world.stopped());
}

#[test]
fn a_run_within_its_bounds_reaches_its_end() {
    let mut world = World::new(bundled("ledger-format"), 1);
    assert_eq!(world.run_until(second(20)), Ended::Reached);
    assert_eq!((world.now(), world.stopped()), (second(20), None));
}

#[test]
fn time_that_stands_still_is_noticed() {
    let source = |name: u32| format!("  s{name}: {{to: shop.buy, rate: 1/s, arrivals: constant}}\n");
    let sources: String = (0..50).map(source).collect();
    let text = format!(
        "title: Fifty at once\nhorizon: 1h\ntraffic:\n{sources}services:\n  shop:\n    endpoints:\n      buy:\n        \
         - work: 1ms\n"
    );
    let together = model(&Bundle::from_text("together", text, ""));
    let lived = |standstill| {
        let mut world = World::new(together.clone(), 1).within(Bounds { standstill, ..Bounds::default() });
        world.run_until(second(10));
        world
    };
    assert_eq!(lived(60).stopped(), None, "fifty arrivals and a look make no standstill");
    let stopped = lived(40);
    let stopped = stopped.stopped().expect("fifty requests come in one instant");
    assert_eq!((stopped.bound, stopped.at), (Bound::Standstill(40), Time::ZERO + Span::SECOND));
}

#[test]
fn what_a_scenario_takes_at_its_start_is_known_before() {
    for own in library::all() {
        let model = bundled(own.name);
        let told: u64 = at_start(&model).iter().map(|need| need.bytes).sum();
        let taken = World::new(model, 1).footprint();
        assert!(told <= taken && taken < told + 4096, "{}: told {told}, taken {taken}", own.name);
    }
}

#[test]
fn records_are_what_they_take() {
    let needs = at_start(&bundled("ledger-format"));
    let of_records = needs.iter().filter(|need| matches!(need.part, Part::Records(_)));
    let records: u32 = bundled("ledger-format").system.stores.iter().flat_map(|s| &s.initial).map(|b| b.count).sum();
    let bytes: u64 = of_records.map(|need| need.bytes).sum();
    assert!(records > 0 && bytes >= 4 * u64::from(records) && bytes <= 16 * u64::from(records));
}

/// A cache has a place for each of 200,000 keys, and a Zipf law a word for each.
#[test]
fn keys_are_what_they_take() {
    let needs = at_start(&bundled("look-aside"));
    let bytes = |of: fn(&Part) -> bool| needs.iter().filter(|need| of(&need.part)).map(|need| need.bytes).sum::<u64>();
    assert_eq!(bytes(|part| matches!(part, Part::Keys(_))), 200_000 * 8);
    let places = bytes(|part| matches!(part, Part::Cache(_)));
    assert!((200_000 * 16..=200_000 * 40).contains(&places), "{places}");
}

#[test]
fn a_guard_takes_room_at_every_replica() {
    let taken = |edit: fn(&str) -> String| {
        let model = model(&edited(text("retry-budget"), edit));
        let told: u64 = at_start(&model).iter().map(|need| need.bytes).sum();
        assert!(World::new(model.clone(), 1).footprint().abs_diff(told) < 4096);
        let replicas: u64 = model.system.services.iter().map(|service| u64::from(service.rollout.replicas())).sum();
        (told, replicas)
    };
    let (guarded, replicas) = taken(str::to_owned);
    let (plain, _) = taken(|text| swapped(text, "          retry_budget: 10 %\n", ""));
    assert!(guarded > plain && guarded - plain <= replicas * 64, "{guarded} {plain}");
}
