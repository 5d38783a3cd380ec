//! Taking migrations back one after the other, past one that changed rows and nothing else.

use scenarios::Bundle;
use sim::Summary;
use trials::runs::{is_told, lived, model};
use trials::text::swapped;

/// A column that is added, and filled; both are taken back.
const ORDERS: &str = r#"
title: back past a backfill
horizon: 6m
objective: {full: 5m, hold: 1m}
traffic: {orders: {to: a.order, rate: 5/s}}
stores:
  orders:
    table: CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL)
    migrations:
      expand: {up: ALTER TABLE orders ADD COLUMN total integer, down: ALTER TABLE orders DROP COLUMN total}
      fill: {up: UPDATE orders SET total = amount, rate: 100}
    records: [{by: a 1, count: 1000}]
services:
  a:
    endpoints: {order: [{create: orders}, {read: orders}]}
    versions:
      "1":
        formats:
          orders:
            state: initial
            select: SELECT id, amount FROM orders
            insert: INSERT INTO orders (id, amount) VALUES ($1, $2)
seats: {ic: {role: commander}, release: {role: release}}
release: [{at: 10s, do: {migrate: expand}}, {at: 20s, do: {migrate: fill}}]
plans: {back: {about: both, steps: [{at: 3m, do: {down: fill}}, {at: 4m, do: {down: expand}}]}}
"#;

fn bundle(text: &str) -> Bundle {
    Bundle::from_text("passages", text.to_owned(), "")
}

fn end(text: &str) -> Summary {
    lived(&model(&bundle(text)), Some("back"), 1).summary()
}

#[test]
fn what_changed_rows_alone_does_not_bar_the_way_back() {
    let back = end(ORDERS);
    assert!(is_told(&back, "orders is in state expand") && is_told(&back, "orders is in state initial"));
    assert!(!is_told(&back, "refused"), "{:#?}", back.timeline);
    let end = end(&swapped(ORDERS, "SET total = amount, rate: 100", "SET amount = amount * 100"));
    assert!(is_told(&end, "refused"), "what a number means has changed: {:#?}", end.timeline);
}

#[test]
fn a_migration_that_its_table_is_not_ready_for_is_warned_of() {
    let said = |text: &str| {
        let compiled = scenarios::compile(&bundle(text)).expect("a good scenario");
        compiled.warnings.map_or(String::new(), |warnings| warnings.short())
    };
    assert!(!said(ORDERS).contains("refused"), "{}", said(ORDERS));
    let words = "`orders` is in the state `initial` by then, so this is refused";
    assert!(said(&swapped(ORDERS, "{migrate: expand}", "{down: expand}")).contains(words));
    assert!(said(&swapped(ORDERS, "at: 10s", "at: 30s")).contains(words), "in the order of time");
}
