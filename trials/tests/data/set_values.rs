//! Changes of records bring hard values, as new records do.

use scenarios::Bundle;
use sim::{Count, Summary};
use trials::runs::{is_told, lived, model};
use trials::text::swapped;

const NONE: Count = Count { ever: 0, remaining: 0 };

/// Version 2 knows a status more, and sets it when partners change an order.
const STATUS: &str = r#"
title: a status that comes later
horizon: 6m
classes: [guests, partners]
objective: {full: 5m, hold: 1m}
traffic:
  changes: {to: a.change, rate: 5/s, classes: {guests: 50 %, partners: 50 %}}
  reads: {to: a.read, rate: 5/s, classes: {guests: 100 %}}
stores:
  orders:
    formats:
      old: >-
        {"type": "record", "name": "R", "fields":
        [{"name": "status", "type": {"type": "enum", "name": "S", "symbols": ["OPEN", "SENT"]}}]}
      new: >-
        {"type": "record", "name": "R", "fields":
        [{"name": "status", "type": {"type": "enum", "name": "S", "symbols": ["OPEN", "SENT", "PARKED"]}}]}
    records: [{format: old, by: a 1, count: 200}]
services:
  a:
    endpoints:
      change: [{rewrite: orders, sets: status, values: {status: {partners: PARKED}}}]
      read: [read: orders]
    versions:
      "1": {formats: {orders: {reads: old, writes: old}}}
      "2": {formats: {orders: {reads: new, writes: new}}}
seats: {ic: {role: commander}, release: {role: release}}
release: [{at: 1m, do: {deploy: a 2}}]
plans: {back: {about: there and back, steps: [{at: 3m, do: {undo: a}}]}}
"#;

/// Notes grow long when they are edited; version 2 has made the column short.
const NOTES: &str = r#"
title: a note that is edited
horizon: 6m
classes: [guests, partners]
objective: {full: 5m, hold: 1m}
traffic: {edits: {to: a.edit, rate: 5/s, classes: {guests: 50 %, partners: 50 %}}}
stores:
  orders:
    table: CREATE TABLE orders (id bigint PRIMARY KEY, note text NOT NULL)
    migrations: {shorter: {up: ALTER TABLE orders ALTER COLUMN note TYPE varchar(10)}}
    records: [{by: a 1, count: 200}]
services:
  a:
    endpoints: {edit: [{rewrite: orders, values: {note: {partners: a note of some length}}}]}
    versions:
      "1":
        formats:
          orders:
            state: initial
            select: SELECT id, note FROM orders
            update: UPDATE orders SET note = $2 WHERE id = $1
seats: {ic: {role: commander}, release: {role: release}}
release: [{at: 1ms, do: {migrate: shorter}}]
"#;

fn end(text: &str, plan: Option<&str>) -> Summary {
    lived(&model(&Bundle::from_text("set", text.to_owned(), "")), plan, 1).summary()
}

#[test]
fn a_status_that_an_edit_brings_is_unreadable_after_the_rollback() {
    let with = end(STATUS, Some("back"));
    assert!(with.harm.unreadable.remaining > 50, "{:?}", with.harm.unreadable);
    assert!(with.harm.unreadable.remaining < 195, "not those that guests have changed: {:?}", with.harm.unreadable);
    let without = end(&swapped(STATUS, ", values: {status: {partners: PARKED}}", ""), Some("back"));
    assert_eq!(without.harm.unreadable, NONE);
}

#[test]
fn an_update_of_some_fails_where_the_column_has_become_too_short() {
    let with = end(NOTES, None);
    assert!(is_told(&with, "22001"), "{:#?}", with.timeline);
    let (failed, all) = (with.harm.requests.failed, 5 * 360);
    assert!((all * 2 / 5..all * 3 / 5).contains(&failed), "those of partners: {failed}");
    let late = end(&swapped(NOTES, "at: 1ms", "at: 1m"), None);
    assert!(is_told(&late, "22001") && late.harm.requests.failed == 0, "a long note stops the migration itself");
    let without = end(&swapped(NOTES, ", values: {note: {partners: a note of some length}}", ""), None);
    assert_eq!(without.harm.requests.failed, 0);
}

#[test]
fn a_value_is_stated_of_what_is_set() {
    let said = |text: &str| {
        scenarios::compile(&Bundle::from_text("set", text.to_owned(), "")).expect_err("a mistake").to_string()
    };
    let unset = swapped(STATUS, "sets: status, ", "");
    assert!(said(&unset).contains("this step does not set `status`"), "{}", said(&unset));
    let unset = swapped(NOTES, "SET note = $2 WHERE", "SET id = id WHERE");
    assert!(said(&unset).contains("no `UPDATE` of this version sets `note`"), "{}", said(&unset));
}
