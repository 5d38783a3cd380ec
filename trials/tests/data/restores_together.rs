//! Several stores go back to one instant by one order, and what no snapshot takes back is counted.

use scenarios::Bundle;
use sim::{Count, Summary};
use trials::runs::{first_told, is_told, lived, model, told};
use trials::text::swapped;

const NONE: Count = Count { ever: 0, remaining: 0 };

/// Each order makes a payment with it, tells a topic, and sends a mail.
const SHOP: &str = r#"
title: two stores that speak of each other
horizon: 10m
objective: {full: 5m, hold: 1m}
traffic: {orders: {to: shop.order, rate: 10/s}}
stores:
  orders:
    formats: {v1: '{"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}]}'}
    records: [{format: v1, by: shop 1, count: 1000}]
  payments:
    formats: {v1: '{"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}]}'}
    records: [{format: v1, by: shop 1, count: 4000}]
topics: {placed: {formats: {v1: '{"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}]}'}}}
effects: {mail: {}}
backups:
  orders-daily: {of: orders, every: 2m, starts: 1m, restores: 100/s}
  payments-daily: {of: payments, every: 4m, starts: 1m, restores: 100/s}
services:
  shop:
    endpoints: {order: [{create: orders}, {create: payments}, {publish: placed}, {effect: mail}]}
    versions:
      "1":
        formats:
          orders: {reads: v1, writes: v1}
          payments: {reads: v1, writes: v1}
          placed: {reads: v1, writes: v1}
seats: {ic: {role: commander}, release: {role: release}}
plans:
  one: {about: one store, steps: [{at: 6m, do: {restore: orders-daily}}]}
  both: {about: both, steps: [{at: 6m, do: {restore: [orders-daily, payments-daily]}}]}
  earlier: {about: both as of then, steps: [{at: 6m, do: {restore: all, as_of: 4m}}]}
  all: {about: all there is, steps: [{at: 6m, do: {restore: all}}]}
  never: {about: from before any, steps: [{at: 6m, do: {restore: all, as_of: 30s}}]}
"#;

fn bundle(text: &str) -> Bundle {
    Bundle::from_text("shop", text.to_owned(), "")
}

fn end(text: &str, plan: &str) -> Summary {
    lived(&model(&bundle(text)), Some(plan), 1).summary()
}

/// The number before some words, in the line that tells what a store was put back to.
fn number(end: &Summary, store: &str, words: &str) -> u32 {
    let line = end.timeline.iter().find(|line| line.what.starts_with(&format!("{store} is what it was")));
    let line = &line.unwrap_or_else(|| panic!("{store} came back: {:#?}", end.timeline)).what;
    let before = line.split(&format!(" {words}")).next().filter(|before| before.len() < line.len());
    before.map_or(0, |before| before.rsplit(' ').next().and_then(|word| word.parse().ok()).expect("a number"))
}

#[test]
fn one_store_alone_leaves_what_speaks_of_the_records_that_are_gone() {
    let end = end(SHOP, "one");
    let lost = number(&end, "orders", "records lost");
    assert!((550..650).contains(&lost), "a minute at ten a second: {lost}");
    let stays = ["records of other stores", "messages", "effects"].map(|what| number(&end, "orders", what));
    // The store is offline for sixteen seconds, in which orders fail before anything else is made.
    assert_eq!(stays, [lost; 3], "each order made one of each");
    assert_eq!(end.harm.lost.ever, lost);
}

#[test]
fn together_they_go_back_to_one_instant_and_agree() {
    let end = end(SHOP, "both");
    let [orders, payments] = ["orders", "payments"].map(|store| number(&end, store, "records lost"));
    assert_eq!(orders, payments, "each order has its payment, or both are gone");
    assert!(orders > 550, "{orders}");
    for store in ["orders", "payments"] {
        assert_eq!(number(&end, store, "records of other stores"), 0, "{store}: {:#?}", end.timeline);
        assert_eq!(number(&end, store, "messages"), orders);
        assert!(is_told(&end, &format!("{store} is what it was as of 00:05:00")), "{:#?}", end.timeline);
    }
    let back: Vec<_> = ["orders is what", "payments is what"].map(|words| first_told(&end, words)).into();
    assert!(back[0].is_some() && back[0] == back[1], "both are there at one instant: {back:?}");
    assert_eq!(told(&end, "goes offline").len(), 2);
}

#[test]
fn the_instant_is_one_at_which_a_snapshot_was_taken_of_each() {
    let kept = end(&swapped(SHOP, "every: 2m, starts: 1m", "every: 2m, starts: 1m, keep: 9"), "earlier");
    for store in ["orders", "payments"] {
        assert!(is_told(&kept, &format!("{store} is what it was as of 00:01:00")), "{:#?}", kept.timeline);
    }
    // Of orders two are kept, from 00:03 and 00:05: none of them is one of payments from before 00:04.
    assert!(is_told(&end(SHOP, "earlier"), "have no snapshots of one instant"));
    let never = end(SHOP, "never");
    assert!(is_told(&never, "have no snapshots of one instant, or none so old"), "{:#?}", never.timeline);
    assert_eq!(never.harm.lost, NONE);
    assert_eq!(end(SHOP, "all").digest, end(SHOP, "both").digest, "all there is");
}

#[test]
fn one_that_is_of_no_use_spoils_the_order_for_all() {
    let end = end(&swapped(SHOP, "restores: 100/s}\nservices", "restores: 100/s, usable: no}\nservices"), "both");
    assert!(is_told(&end, "the snapshot of payments-daily is unusable: nothing has changed"), "{:#?}", end.timeline);
    assert_eq!(end.harm.lost, NONE);
}

#[test]
fn backups_that_cannot_be_put_back_together_are_told() {
    let said = |text: &str| scenarios::compile(&bundle(text)).expect_err("a mistake").to_string();
    let apart = swapped(SHOP, "every: 4m, starts: 1m", "every: 4m, starts: 90s");
    assert!(said(&apart).contains("orders-daily and payments-daily never take a snapshot at one instant"));
    let same = swapped(SHOP, "of: payments, every", "of: orders, every");
    assert!(said(&same).contains("orders-daily and payments-daily are backups of one store"), "{}", said(&same));
}
