//! Contracts of what is not asked for by a customer: deferred work carries the request of the version that left it, and
//! consumers and background jobs call like any endpoint of their version.

use scenarios::Bundle;
use sim::{Figure, Outcome, Summary, World};
use trials::runs::{is_told, lived, model};
use trials::text::swapped;

/// An order leaves a shipment for two minutes later. shop 2 and depot 2 speak v2, in which a field has another name;
/// depot 2 finds the old one, too.
const SHIPMENTS: &str = r#"
title: work is older than the contract it was left under
horizon: 20m
objective: {full: 10m, hold: 1m}
traffic: {orders: {to: shop.order, rate: 5/s}}
contracts:
  depot.ship:
    revisions:
      v1: {request: '{"type": "record", "name": "Parcel", "fields": [{"name": "to", "type": "string"}]}'}
      v2:
        request: >-
          {"type": "record", "name": "Parcel",
          "fields": [{"name": "address", "type": "string", "aliases": ["to"]}]}
jobs: {shipment: {runs: depot.ship, after: 2m, retry: 10s}}
services:
  shop:
    endpoints: {order: [{later: shipment}]}
    versions: {"1": {}, "2": {calls: {depot.ship: v2}}}
  depot:
    endpoints: {ship: [{work: 5ms}]}
    versions: {"1": {}, "2": {serves: {ship: v2}}}
seats: {ic: {role: commander}, release: {role: release}}
release: [{at: 1m, do: {deploy: depot 2}}, {at: 2m, do: {deploy: shop 2}}]
plans:
  both:
    about: take both back
    steps: [{at: 5m, do: {undo: shop}}, {at: 5m, do: {undo: depot}}]
  writer:
    about: take back who leaves the work, and let who does it be
    steps: [{at: 5m, do: {undo: shop}}]
  forward:
    about: take both back, and bring back who can read what was left
    steps: [{at: 5m, do: {undo: shop}}, {at: 5m, do: {undo: depot}}, {at: 12m, do: {deploy: depot 2}}]
"#;

fn run(text: &str, plan: Option<&str>) -> World {
    lived(&model(&Bundle::from_text("later", text.to_owned(), "")), plan, 1)
}

fn end(text: &str, plan: Option<&str>) -> Summary {
    run(text, plan).summary()
}

/// Work that fails at the end.
fn stuck(text: &str, plan: &str) -> u64 {
    run(text, Some(plan)).explain(Figure::Backlog).count.remaining
}

#[test]
fn who_is_rolled_back_cannot_do_the_work_that_its_successor_was_left() {
    let end = end(SHIPMENTS, Some("both"));
    assert!(is_told(&end, "cannot read a v2 request of shop 2"), "{:#?}", end.timeline);
    assert_eq!((end.harm.requests.failed, end.clocks.backlog), (0, None), "and no customer notices");
    // What was left from 00:03 to 00:05, at five a second: what was left before was done in time.
    let stuck = stuck(SHIPMENTS, "both");
    assert!((500..700).contains(&stuck), "{stuck}");
}

#[test]
fn work_is_done_by_who_can_read_it() {
    assert_eq!([stuck(SHIPMENTS, "writer"), stuck(SHIPMENTS, "forward")], [0, 0]);
    assert!(!is_told(&end(SHIPMENTS, Some("writer")), "cannot read"), "the alias finds what is older");
}

#[test]
fn under_one_contract_work_outlives_its_version_unharmed() {
    let alike = swapped(SHIPMENTS, "\"2\": {calls: {depot.ship: v2}}", "\"2\": {}");
    assert_eq!((stuck(&alike, "both"), end(&alike, Some("both")).outcome), (0, Outcome::NoHarm));
}

/// Orders go to a topic; packing charges them, as does an audit every ten seconds. The bank is somebody else's.
const BANK: &str = r#"
title: a third party that changes underneath a consumer
horizon: 10m
objective: {full: 5m, hold: 1m}
traffic: {orders: {to: shop.order, rate: 5/s}}
contracts:
  bank.charge:
    revisions:
      v1: {request: '{"type": "record", "name": "Pay", "fields": [{"name": "sum", "type": "long"}]}'}
      v2:
        request: >-
          {"type": "record", "name": "Pay",
          "fields": [{"name": "sum", "type": "long"}, {"name": "device", "type": "string"}]}
topics: {placed: {formats: {v1: '{"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}]}'}}}
consumers: {packing: {topic: placed, runs: packer.pack}}
background: {audit: {run: packer.audit, every: 10s}}
services:
  shop:
    endpoints: {order: [{publish: placed}]}
    versions: {"1": {formats: {placed: {reads: v1, writes: v1}}}}
  packer:
    endpoints: {pack: [{call: bank.charge}], audit: [{call: bank.charge}]}
    versions: {"1": {formats: {placed: {reads: v1, writes: v1}}}}
  bank:
    external: yes
    endpoints: {charge: [{work: 5ms}]}
    versions: {"1": {}, "2": {serves: {charge: v2}}}
faults:
  - {at: 3m, change: bank 2}
seats: {ic: {role: commander}}
"#;

#[test]
fn a_consumer_stands_when_a_third_party_asks_for_more() {
    let end = end(BANK, None);
    assert!(is_told(&end, "cannot read a v1 request of packer 1"), "{:#?}", end.timeline);
    let group = &end.workings.topics[0].groups[0];
    assert!(group.standing() == 1 && group.lag() > 1_500, "seven minutes at five a second wait: {group:?}");
    assert_eq!(end.harm.requests.failed, 0, "no customer notices");
    let without = end_without_change();
    assert_eq!((without.workings.topics[0].groups[0].standing(), without.outcome), (0, Outcome::NoHarm));
}

fn end_without_change() -> Summary {
    end(&swapped(BANK, "change: bank 2", "change: bank 1"), None)
}
