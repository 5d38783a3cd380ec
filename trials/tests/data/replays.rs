//! Replays: what was done for a message that was done with well belongs there, whatever a version that reads it again
//! makes of it.

use scenarios::Bundle;
use sim::{Figure, World};
use trials::runs::{lived, model};
use trials::text::swapped;

const PARCELS: &str = r#"title: parcels
horizon: 15m
classes: [box, gift]
traffic: {s: {to: shop.order, rate: 20/s, classes: {box: 90 %, gift: 10 %}}}
topics:
  orders:
    formats:
      o1: |
        {"type": "record", "name": "O", "fields": [
          {"name": "w", "type": {"type": "enum", "name": "W", "symbols": ["BOX"]}}]}
      o2: |
        {"type": "record", "name": "O", "fields": [
          {"name": "w", "type": {"type": "enum", "name": "W", "symbols": ["BOX", "GIFT"]}}]}
    retention: 7d
consumers: {pack: {topic: orders, runs: wh.pack, on_error: skip, pause: 5s, retries: 1}}
effects: {parcel: {idempotent: yes}}
services:
  shop:
    runs: "1"
    endpoints: {order: [{publish: orders, values: {w: {box: BOX, gift: GIFT}}}]}
    versions: {"1": {formats: {orders: {reads: o2, writes: o2}}}}
  wh:
    replicas: 2
    runs: "8"
    endpoints: {pack: [effect: parcel]}
    versions:
      "7": {formats: {orders: {reads: o1, writes: o1}}}
      "8": {formats: {orders: {reads: o2, writes: o2}}}
plans:
  replay: {about: again, steps: [{at: 5m, do: {deploy: wh 7}}, {at: 8m, do: {replay: pack, since: 4m}}]}
"#;

fn replayed(text: &str) -> World {
    lived(&model(&Bundle::from_text("parcels", text.to_owned(), "")), Some("replay"), 1)
}

#[test]
fn what_is_passed_over_when_it_is_read_again_has_sent_nothing_astray() {
    let world = replayed(PARCELS);
    let harm = world.summary().harm;
    assert!(harm.messages.skipped > 100, "gifts are passed over, those that were packed as well: {harm:?}");
    assert_eq!(harm.effects.escaped, 0);
}

#[test]
fn what_is_passed_over_without_having_been_done_with_has() {
    let text = swapped(PARCELS, "pack: [effect: parcel]", "pack: [effect: parcel, call: shop.note]");
    let text = swapped(&text, "endpoints: {order:", "endpoints: {note: [work: 1ms], order:");
    let shop = "{\"1\": {formats";
    let torn = "{\"1\": {defects: [{defect: torn, endpoint: note, share: 30 %}], formats";
    let escaped = replayed(&swapped(&text, shop, torn)).explain(Figure::Escaped);
    assert!(escaped.count.ever > 0, "done, and failed behind it each time");
    assert!(escaped.parts.iter().all(|part| part.what.contains("torn")), "{:?}", escaped.parts);
}

const TRIP: &str = r#"title: an effect before a step that fails while a flag is on
horizon: 10m
traffic: {t: {to: shop.buy, rate: 20/s}}
flags: {odd: {poll: 1s}}
effects: {pay: {idempotent: yes}}
services:
  shop: {endpoints: {buy: [{call: bank.pay}, {call: desk.confirm}]}}
  bank: {runs: "1", endpoints: {pay: [effect: pay]}, versions: {"1": {}, "2": {}}}
  desk:
    endpoints: {confirm: [work: 5ms]}
    versions: {"1": {defects: [{defect: d, endpoint: confirm, when: {flag: odd}}]}}
release:
  - {at: 1m, do: {flag: odd, to: on}}
  - {at: 2m, do: {flag: odd, to: off}}
  - {at: 5m, do: {deploy: bank 2}}
"#;

#[test]
fn what_escaped_was_not_done_by_a_version_that_came_later() {
    let world = lived(&model(&Bundle::from_text("trip", TRIP.to_owned(), "")), None, 1);
    let escaped = world.explain(Figure::Escaped);
    let [part] = &escaped.parts[..] else { panic!("{:?}", escaped.parts) };
    assert_eq!(part.reasons, ["done by bank 1 in bank.pay, with a key"]);
}
