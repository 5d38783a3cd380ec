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

/// What is misread and what is unreadable is in the same records; later a repair damages what was unreadable.
const MIXED: &str = r#"title: records of which one field makes a read fail and another one is misread
horizon: 10m
classes: [plain, rich]
traffic:
  w: {to: app.put, rate: 20/s, classes: {plain: 90 %, rich: 10 %}}
  r: {to: app.get, rate: 20/s, classes: {plain: 100 %}}
stores:
  docs:
    formats:
      d1: |
        {"type": "record", "name": "D", "fields": [
          {"name": "amt", "type": "long", "unit": "cents"},
          {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}}]}
      d2: |
        {"type": "record", "name": "D", "fields": [
          {"name": "amt", "type": "long", "unit": "euros"},
          {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}}]}
    records: [{format: d1, by: app 1, count: 1k}]
services:
  app:
    replicas: 2
    startup: 5s
    runs: "1"
    endpoints: {put: [{create: docs, values: {e: {rich: C}}}], get: [read: docs]}
    versions:
      "1": {formats: {docs: {reads: d1, writes: d1}}}
      "2": {formats: {docs: {reads: d2, writes: d2}}}
release: [{at: 1m, do: {deploy: app 2}}, {at: 5m, do: {undo: app}}]
repairs: {fix: {store: docs, from: d2, to: d1, with: app 2, rate: 500, symbols: {e: {C: A}}}}
plans: {fix: {about: convert them, steps: [{at: 6m, do: {repair: fix}}]}}
"#;

#[test]
fn who_cannot_read_a_record_fails_of_that_and_not_of_what_else_is_wrong_with_it() {
    let failed = |plan| end(MIXED, plan).explain(Figure::Failed);
    let (with, without) = (failed(Some("fix")), failed(None));
    assert!(0 < with.count.ever && with.count.ever < without.count.ever, "the repair puts it right");
    assert_eq!(roots(&with), ["deploy app 2", "roll back app"]);
    let reads = with.chain.iter().filter(|link| link.line.what.starts_with("reads"));
    assert_eq!(reads.map(|link| link.line.what.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
}

/// Everything is read before the version comes that could not have read it.
const READ: &str = r#"title: messages that were read before a version came that cannot
horizon: 20m
classes: [g]
traffic: {s: {to: shop.order, rate: 10/s, arrivals: constant, classes: {g: 100 %}}}
topics:
  orders:
    formats:
      o1: |
        {"type": "record", "name": "O", "fields": [
          {"name": "w", "type": {"type": "enum", "name": "W", "symbols": ["A"]}}]}
      o2: |
        {"type": "record", "name": "O", "fields": [
          {"name": "w", "type": {"type": "enum", "name": "W", "symbols": ["A", "G"]}}]}
    partitions: 2
    retention: 4m
consumers: {pack: {topic: orders, runs: wh.pack, on_error: block}}
services:
  shop:
    replicas: 2
    runs: "1"
    endpoints: {order: [{publish: orders, values: {w: {g: G}}}]}
    versions:
      "1": {formats: {orders: {reads: o1, writes: o1}}}
      "2": {formats: {orders: {reads: o2, writes: o2}}}
  wh:
    replicas: 2
    runs: "8"
    endpoints: {pack: [work: 5ms]}
    versions:
      "7": {formats: {orders: {reads: o1, writes: o1}}}
      "8": {formats: {orders: {reads: o2, writes: o2}}}
release: [{at: 2m, do: {deploy: shop 2}}, {at: 4m58s, do: {undo: shop}}, {at: 5m30s, do: {deploy: wh 7}}]
plans: {again: {about: read it again, steps: [{at: 7m, do: {replay: pack, since: 3m30s}}]}}
"#;

#[test]
fn what_fails_only_because_it_is_read_again_leads_to_that_order() {
    for figure in [Figure::Unreadable, Figure::Dropped, Figure::Backlog] {
        let explained = only_by(READ, "again", figure);
        let roots = roots(&explained);
        assert!(roots.iter().any(|root| root.starts_with("let pack read again")), "{figure:?}: {roots:?}");
    }
}

#[test]
fn what_fails_anyhow_and_when_it_is_read_again_leads_to_that_order_as_well() {
    let late = swapped(READ, "{at: 4m58s, do: {undo: shop}}, ", "");
    let unreadable = |plan| end(&late, plan).explain(Figure::Unreadable);
    let (with, without) = (unreadable(Some("again")), unreadable(None));
    assert!(0 < without.count.ever && without.count.ever < with.count.ever, "{:?} {:?}", without.count, with.count);
    assert_eq!(roots(&without), ["deploy shop 2", "deploy wh 7"]);
    assert_eq!(roots(&with), ["deploy shop 2", "deploy wh 7", "let pack read again from 00:03:30 on"]);
}

/// A healthy group that is set back by some minutes.
const HEALTHY: &str = r#"title: a backlog of what is read again
horizon: 12m
traffic: {s: {to: shop.order, rate: 5/s, arrivals: constant}}
topics: {orders: {formats: {o: '{"type": "record", "name": "O", "fields": [{"name": "w", "type": "string"}]}'}}}
consumers: {pack: {topic: orders, runs: wh.pack}}
services:
  shop: {endpoints: {order: [publish: orders]}, versions: {"1": {formats: {orders: {reads: o, writes: o}}}}}
  wh: {endpoints: {pack: [work: 1ms]}, versions: {"1": {formats: {orders: {reads: o, writes: o}}}}}
plans: {again: {about: read it again, steps: [{at: 5m, do: {replay: pack}}]}}
"#;

#[test]
fn a_healthy_group_that_was_set_back_is_behind_by_that_order() {
    let backlog = only_by(HEALTHY, "again", Figure::Backlog);
    let roots = roots(&backlog);
    assert!(matches!(roots[..], [root] if root.starts_with("let pack read again")), "{roots:?}");
}

/// Two versions come at once: one that writes its records in another format, and one that fails now and then.
const TOGETHER: &str = r#"title: effects done by a version that differs in a format
horizon: 10m
traffic: {b: {to: pay.buy, rate: 5/s, arrivals: constant}}
stores:
  acc:
    formats:
      c: '{"type": "record", "name": "A", "fields": [{"name": "bal", "type": "long", "unit": "cents"}]}'
      e: '{"type": "record", "name": "A", "fields": [{"name": "bal", "type": "long", "unit": "euros"}]}'
effects: {charge: {idempotent: yes}}
services:
  pay:
    replicas: 2
    endpoints: {buy: [{create: acc}, {effect: charge}, {call: st.take}]}
    versions:
      "1": {formats: {acc: {reads: c, writes: c}}}
      "2": {formats: {acc: {reads: e, writes: e}}}
  st:
    runs: "1"
    endpoints: {take: [work: 1ms]}
    versions: {"1": {}, "2": {defects: [{defect: x, endpoint: take, share: 10 %}]}}
release: [{at: 2m, do: {deploy: pay 2}}, {at: 2m, do: {deploy: st 2}}]
"#;

#[test]
fn a_version_that_does_the_same_in_another_format_is_not_why_effects_escape() {
    let escaped = |text: &str| end(text, None).explain(Figure::Escaped);
    let with = escaped(TOGETHER);
    assert_eq!(escaped(&swapped(TOGETHER, "{at: 2m, do: {deploy: pay 2}}, ", "")).count, with.count);
    assert_eq!(roots(&with), ["deploy st 2"]);
}

/// One group stands, and has to be rid of that before it can be set back; what is then done again did not fail.
const PARCELS: &str = r#"title: what is done again because it is read again
horizon: 12m
classes: [a, g]
traffic: {s: {to: shop.order, rate: 10/s, arrivals: constant, classes: {a: 90 %, g: 10 %}}}
topics:
  orders:
    formats:
      o1: |
        {"type": "record", "name": "O", "fields": [
          {"name": "w", "type": {"type": "enum", "name": "W", "symbols": ["A"]}}]}
      o2: |
        {"type": "record", "name": "O", "fields": [
          {"name": "w", "type": {"type": "enum", "name": "W", "symbols": ["A", "G"]}}]}
consumers: {pack: {topic: orders, runs: wh.pack, on_error: skip, retries: 1, pause: 1s}}
effects: {parcel: {}}
services:
  shop:
    replicas: 2
    runs: "1"
    endpoints: {order: [{publish: orders, values: {w: {a: A, g: G}}}]}
    versions:
      "1": {formats: {orders: {reads: o1, writes: o1}}}
      "2": {formats: {orders: {reads: o2, writes: o2}}}
  wh:
    replicas: 2
    endpoints: {pack: [work: 5ms, effect: parcel]}
    versions: {"7": {formats: {orders: {reads: o1, writes: o1}}}}
release: [{at: 5m, do: {deploy: shop 2}}, {at: 6m, do: {undo: shop}}]
plans: {again: {about: read it again, steps: [{at: 8m, do: {replay: pack, since: 2m}}]}}
"#;

#[test]
fn what_is_done_again_of_messages_that_did_not_fail_leads_to_the_order_alone() {
    let duplicated = only_by(PARCELS, "again", Figure::Duplicated);
    let roots = roots(&duplicated);
    assert!(matches!(roots[..], [root] if root.starts_with("let pack read again")), "{roots:?}");
}

#[test]
fn effects_are_done_by_the_version_that_was_asked_for_them() {
    let later = swapped(TOGETHER, "{at: 2m, do: {deploy: st 2}}", "{at: 4m, do: {deploy: st 2}}");
    let escaped = end(&later, None).explain(Figure::Escaped);
    let reasons: Vec<&str> = escaped.parts.iter().flat_map(|part| &part.reasons).map(String::as_str).collect();
    assert_eq!(reasons, ["done by pay 2 in pay.buy, with a key"]);
}

/// A saga cancels rooms at a version that cannot; there is something to cancel only when the bank fails.
const SAGA: &str = r#"title: work that fails, and is there because of something else
horizon: 8m
traffic: {s: {to: trips.book, rate: 10/s, arrivals: constant}}
effects: {room: {idempotent: yes, compensate: {runs: hotel.cancel, after: 5s, retry: 30s}}}
services:
  trips: {endpoints: {book: [{saga: [{call: hotel.reserve}], pivot: [{call: bank.pay}]}]}}
  hotel:
    runs: "1"
    endpoints: {reserve: [work: 5ms, effect: room], cancel: [work: 5ms]}
    versions: {"1": {}, "2": {lacks: cancel}}
  bank:
    runs: "1"
    endpoints: {pay: [work: 5ms]}
    versions: {"1": {}, "2": {defects: [{defect: x, endpoint: pay, share: 10 %}]}}
release: [{at: 1m, do: {deploy: hotel 2}}]
plans: {bank: {about: a bank that fails, steps: [{at: 2m, do: {deploy: bank 2}}]}}
"#;

#[test]
fn work_that_fails_leads_to_why_there_is_any() {
    let backlog = only_by(SAGA, "bank", Figure::Backlog);
    assert_eq!(roots(&backlog), ["deploy hotel 2", "deploy bank 2"]);
}
