//! Defaults that nobody set: there is nothing in them to lose.

use scenarios::Bundle;
use sim::{Count, Outcome, Summary};
use trials::runs::{lived, model};
use trials::text::swapped;

const NONE: Count = Count { ever: 0, remaining: 0 };

/// Version 2 knows a field more than version 1, and both write records back, in turn.
const FIELD: &str = r#"
title: a field with a default
horizon: 10m
objective: {full: 5m, hold: 1m}
traffic:
  reads: {to: a.read, rate: 5/s}
stores:
  things:
    formats:
      old: '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}]}'
      new: >-
        {"type": "record", "name": "R", "fields":
        [{"name": "a", "type": "string"}, {"name": "b", "type": "string", "default": ""}]}
    records: [{format: old, by: a 1, count: 100}]
background:
  nightly: {run: a.sweep, every: 1s, starts: 1s}
services:
  a:
    endpoints:
      read: [read: things]
      sweep: [{rewrite: things, sets: a}]
    versions:
      "1": {formats: {things: {reads: old, writes: old}}}
      "2": {formats: {things: {reads: new, writes: new}}}
seats: {ic: {role: commander}, release: {role: release}}
release: [{at: 1m, do: {deploy: a 2}}]
plans: {back: {about: there and back, steps: [{at: 4m, do: {undo: a}}, {at: 7m, do: {deploy: a 2}}]}}
"#;

/// A migration adds a column that no statement names.
const COLUMN: &str = r#"
title: a column with a default
horizon: 10m
objective: {full: 5m, hold: 1m}
traffic:
  writes: {to: a.write, rate: 5/s}
  reads: {to: a.read, rate: 5/s}
stores:
  orders:
    table: CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL)
    migrations:
      m:
        up: ALTER TABLE orders ADD COLUMN email text NOT NULL DEFAULT ''
        down: ALTER TABLE orders DROP COLUMN email
    records: [{by: a 1, count: 100}]
services:
  a:
    endpoints: {write: [create: orders], read: [read: orders]}
    versions:
      "1":
        formats:
          orders:
            state: initial
            select: SELECT id, amount FROM orders
            insert: INSERT INTO orders (id, amount) VALUES ($1, $2)
seats: {ic: {role: commander}, release: {role: release}}
release: [{at: 1m, do: {migrate: m}}]
plans: {back: {about: take it back, steps: [{at: 4m, do: {down: m}}]}}
"#;

fn end(text: &str) -> Summary {
    lived(&model(&Bundle::from_text("defaults", text.to_owned(), "")), Some("back"), 1).summary()
}

#[test]
fn a_field_that_only_ever_had_its_default_is_not_lost() {
    let end = end(FIELD);
    assert_eq!((end.harm.fields_lost, end.harm.requests.wrong), (NONE, 0));
    assert_eq!(end.outcome, Outcome::NoHarm, "{:?}", end.timeline);
    assert!(!end.timeline.iter().any(|line| line.what.contains("unsafe")), "{:?}", end.timeline);
}

#[test]
fn a_field_that_was_set_is_lost() {
    let second = r#""2": {formats: {things: {reads: new, writes: new}}"#;
    let setting = format!("{second}, endpoints: {{sweep: [{{rewrite: things, sets: b}}]}}");
    let end = end(&swapped(FIELD, second, &setting));
    assert!(end.harm.fields_lost.ever > 50 && end.harm.requests.wrong > 10, "{:?}", end.harm);
    assert_eq!(end.outcome, Outcome::NotRecovered);
}

#[test]
fn a_column_that_only_ever_had_its_default_is_not_lost() {
    let end = end(COLUMN);
    assert_eq!((end.harm.fields_lost, end.outcome), (NONE, Outcome::NoHarm), "{:?}", end.timeline);
}

#[test]
fn a_column_that_statements_give_values_to_is_lost() {
    let first = "(id, amount) VALUES ($1, $2)";
    let named = swapped(COLUMN, first, "(id, amount, email) VALUES ($1, $2, $3)");
    let end = end(&swapped(&named, "state: initial\n            select", "state: m\n            select"));
    // The rows of the three minutes in which there was the column.
    assert!((800..=900).contains(&end.harm.fields_lost.ever), "{:?}", end.harm.fields_lost);
}
