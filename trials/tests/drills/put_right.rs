//! What is ordered to put something right can do harm of its own, or bring it back: that leads to the order, and is
//! told so. Without the order there is none of it.

use scenarios::Bundle;
use sim::{Amount, Explanation, Figure, World};
use trials::runs::{library, lived, model};
use trials::text::swapped;

fn end(text: &str, plan: Option<&str>) -> World {
    lived(&model(&Bundle::from_text("inline", text.to_owned(), "")), plan, 1)
}

fn roots(explanation: &Explanation) -> Vec<&str> {
    let roots = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    roots.map(|link| link.line.what.as_str()).collect()
}

/// What a plan has made of a figure of which nothing is there without it.
fn only_by(text: &str, plan: &str, figure: Figure) -> Explanation {
    assert_eq!(end(text, None).explain(figure).count, Amount::default(), "nothing without the plan");
    let explained = end(text, Some(plan)).explain(figure);
    assert!(explained.count.ever > 0, "something with it");
    explained
}

/// Parcels are packed in the first four minutes, and a version comes later that forgets a field of the label.
const LABELS: &str = r#"title: messages that are read again by another version
horizon: 12m
traffic: {s: {to: shop.order, rate: {steps: [{at: 0s, rate: 20/s}, {at: 4m, rate: 0/s}]}}}
stores:
  labels:
    formats:
      l1: '{"type": "record", "name": "L", "fields": [{"name": "id", "type": "long"}]}'
      l2: |
        {"type": "record", "name": "L", "fields": [
          {"name": "id", "type": "long"}, {"name": "to", "type": "string", "default": ""}]}
    records: [{format: l2, by: wh 8, count: 1k}]
topics:
  orders:
    formats: {o1: '{"type": "record", "name": "O", "fields": [{"name": "id", "type": "long"}]}'}
    retention: 7d
consumers: {pack: {topic: orders, runs: wh.pack}}
services:
  shop:
    runs: "1"
    endpoints: {order: [publish: orders]}
    versions: {"1": {formats: {orders: {reads: o1, writes: o1}}}}
  wh:
    replicas: 2
    startup: 5s
    runs: "8"
    endpoints: {pack: [{rewrite: labels, sets: id}]}
    versions:
      "7": {formats: {orders: {reads: o1, writes: o1}, labels: {reads: l1, writes: l1}}}
      "8": {formats: {orders: {reads: o1, writes: o1}, labels: {reads: l2, writes: l2}}}
release: [{at: 5m, do: {deploy: wh 7}}]
plans: {replay: {about: again, steps: [{at: 8m, do: {replay: pack, since: 2m}}]}}
"#;

#[test]
fn what_is_lost_when_messages_are_read_again_leads_to_that_order() {
    let lost = only_by(LABELS, "replay", Figure::FieldsLost);
    let told = lost.chain.last().expect("a chain");
    assert!(told.line.what.starts_with("reading messages again for pack, writes back"), "{:?}", told.line);
    let roots = roots(&lost);
    assert!(
        roots.contains(&"deploy wh 7") && roots.iter().any(|root| root.starts_with("let pack read again")),
        "{roots:?}"
    );
}

/// Rooms stay booked because nothing takes them back by itself; who cancels them by order forgets a field.
const ROOMS: &str = r#"title: effects that are taken back by a version that forgets a field
horizon: 10m
traffic: {t: {to: trips.book, rate: {steps: [{at: 0s, rate: 20/s}, {at: 3m, rate: 0/s}]}}}
effects: {room: {idempotent: yes, compensate: {runs: hotels.cancel, after: 1s, retry: 5s, rate: 20}}}
stores:
  rooms:
    formats:
      r1: '{"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}]}'
      r2: |
        {"type": "record", "name": "R", "fields": [
          {"name": "id", "type": "long"}, {"name": "who", "type": "string", "default": ""}]}
    records: [{format: r2, by: hotels 2, count: 500}]
services:
  trips: {endpoints: {book: [{call: hotels.reserve}, {call: bank.pay}]}}
  hotels:
    runs: "1"
    endpoints: {reserve: [effect: room], cancel: [{rewrite: rooms, sets: id}]}
    versions:
      "1": {formats: {rooms: {reads: r1, writes: r1}}}
      "2": {formats: {rooms: {reads: r2, writes: r2}}}
  bank:
    endpoints: {pay: [work: 5ms]}
    versions: {"1": {defects: [{defect: d, endpoint: pay, share: 20 %}]}}
plans: {back: {about: take them back, steps: [{at: 5m, do: {compensate: room}}]}}
"#;

#[test]
fn what_is_lost_when_effects_are_taken_back_leads_to_that_order() {
    let lost = only_by(ROOMS, "back", Figure::FieldsLost);
    let told = lost.chain.last().expect("a chain");
    assert!(told.line.what.starts_with("taking effects back in"), "{:?}", told.line);
    let roots = roots(&lost);
    assert!(roots.contains(&"take room back"), "{roots:?}");
}

/// Old records are converted before a version comes that cannot read them, and then put back.
const PUT_BACK: &str = r#"title: a restore that brings back what nobody reads any more
horizon: 12m
classes: [plain, rich]
traffic:
  w:
    to: app.put
    rate: {steps: [{at: 0s, rate: 20/s}, {at: 1m, rate: 0/s}]}
    classes: {plain: 50 %, rich: 50 %}
  r: {to: app.get, rate: 20/s, classes: {plain: 100 %}}
stores:
  docs:
    formats:
      d1: |
        {"type": "record", "name": "D", "fields": [
          {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A"]}}]}
      d2: |
        {"type": "record", "name": "D", "fields": [
          {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "C"]}}]}
backups: {often: {of: docs, every: 90s, keep: 20, restores: 10000/s}}
services:
  app:
    replicas: 2
    startup: 5s
    runs: "2"
    endpoints: {put: [{create: docs, values: {e: {rich: C}}}], get: [read: docs]}
    versions:
      "1": {formats: {docs: {reads: d1, writes: d1}}}
      "2": {formats: {docs: {reads: d2, writes: d2}}}
release: [{at: 2m, do: {repair: fix}}, {at: 4m, do: {deploy: app 1}}]
repairs: {fix: {store: docs, from: d2, to: d1, with: app 2, rate: 5000, symbols: {e: {C: A}}}}
plans: {back: {about: put it back, steps: [{at: 6m, do: {restore: often, as_of: 100s}}]}}
"#;

#[test]
fn what_a_restore_has_brought_back_leads_to_that_order() {
    let unreadable = only_by(PUT_BACK, "back", Figure::Unreadable);
    let roots = roots(&unreadable);
    assert!(roots.iter().any(|root| root.starts_with("restore docs")), "{roots:?}");
}

const CACHED: &str = r#"title: a cache that is emptied at the worst time
horizon: 10m
traffic:
  visitors:
    to: shop.price
    rate: {steps: [{at: 0s, rate: 20/s}, {at: 4m, rate: 300/s}]}
    keys: {count: 200}
caches: {prices: {ttl: 1h, capacity: 1000}}
services:
  shop: {endpoints: {price: [{cache: prices, miss: [{call: db.get, timeout: 500ms}]}]}}
  db: {concurrency: 1, queue: 20, endpoints: {get: [work: 20ms]}}
plans: {flush: {about: empty it, steps: [{at: 6m, do: {flush: prices}}]}}
"#;

#[test]
fn who_waits_for_what_is_missing_from_an_emptied_cache_leads_to_whoever_emptied_it() {
    let failed = only_by(CACHED, "flush", Figure::Failed);
    assert_eq!(roots(&failed), ["flush prices"]);
}

/// A shop that is too small for its evening, and a blog that has nothing to do with it.
const EVENING: &str = r#"title: a fault somewhere else
horizon: 10m
traffic:
  buyers: {to: shop.buy, rate: {steps: [{at: 0s, rate: 20/s}, {at: 5m, rate: 200/s}]}}
  readers: {to: blog.read, rate: 20/s}
faults: [{kill: PLACE, replicas: 1, at: 4m}]
services:
  shop: {endpoints: {buy: [{call: desk.take, timeout: 200ms}]}}
  desk: {replicas: 2, startup: 2s, concurrency: 1, queue: 50, endpoints: {take: [work: 20ms]}}
  blog: {replicas: 2, startup: 2s, endpoints: {read: [work: 5ms]}}
"#;

#[test]
fn a_fault_beside_the_way_of_a_late_request_is_no_reason() {
    let late = |place: &str| {
        let failed = end(&swapped(EVENING, "PLACE", place), None).explain(Figure::Failed);
        failed
            .parts
            .iter()
            .filter(|part| part.what.contains("desk.take"))
            .for_each(|part| assert!(part.count.ever > 0));
        roots(&failed).iter().any(|root| root.contains("of the processes of"))
    };
    assert!(late("desk"), "one on it is");
    assert!(!late("blog"));
}

#[test]
fn who_has_lost_the_saga_is_why_effects_are_left_and_not_why_they_escape() {
    let world = lived(&library("broken-saga"), None, 1);
    let left = world.explain(Figure::Uncompensated);
    assert_eq!(roots(&left), ["deploy trips 21", "deploy payments 8"]);
    let reason = "trips 21 does not take it back any more when trips.book fails";
    assert!(left.parts.iter().all(|part| part.reasons.iter().any(|own| own == reason)), "{:?}", left.parts);
    assert_eq!(roots(&world.explain(Figure::Escaped)), ["deploy payments 8"]);
}
