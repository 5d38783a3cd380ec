//! A column that goes with another one, and is left behind by a version that does not know it, leads to what brought
//! that version in: over statements that leave it behind, ways in which the version comes, and what is done with the
//! column then.

use super::roots::wrong_roots;
use scenarios::Bundle;
use sim::{Amount, Figure};
use trials::runs::{compiled, lived, model, side_by_side};

const APP: &str = r#"
title: an old version leaves the copy behind
horizon: 12m
objective: {full: 10m, hold: 1m}
traffic: {r: {to: app.get, rate: 10/s}, w: {to: app.put, rate: 2/s}}
stores:
  items:
    table: CREATE TABLE items (id bigint PRIMARY KEY, price integer)
    migrations:
      expand: {up: ALTER TABLE items ADD COLUMN cents bigint, down: ALTER TABLE items DROP COLUMN cents}
      backfill: {up: UPDATE items SET cents = price * 100 WHERE cents IS NULL, in_step: yes}
      contract: {up: ALTER TABLE items DROP COLUMN price}
    records: [{by: app 1, count: 1k}]
services:
  app:
    replicas: 2
    startup: 5s
    runs: "1"
    endpoints: {get: [work: 1ms, read: items], put: [work: 1ms, VERB: items]}
    versions:
      "1": {formats: {items: {state: initial, select: "SELECT id, price FROM items WHERE id = $1", OLD}}}
      "2": {formats: {items: {state: expand, select: "SELECT id, price FROM items WHERE id = $1", NEW}}}
      "3": {formats: {items: {state: backfill, select: "SELECT id, cents FROM items WHERE id = $1", NEW}}}
      "4": {formats: {items: {state: initial, select: "SELECT id, price FROM items WHERE id = $1", OLD}}}
release:
  - {at: 1m, do: {migrate: expand}}
  - {at: 2m, do: {deploy: app 2}}
  - {at: 3m, do: {migrate: backfill}}
plans:
  back: {about: b, steps: [{at: 5m, do: COMES}, {at: 6m, do: {deploy: app 3}}]}
  final: {about: f, steps: [{at: 5m, do: COMES}, {at: 6m, do: {deploy: app 3}}, {at: 8m, do: {migrate: contract}}]}
"#;

const STATEMENTS: [[&str; 3]; 2] = [
    [
        "rewrite",
        r#"update: "UPDATE items SET price = $2 WHERE id = $1""#,
        r#"update: "UPDATE items SET price = $2, cents = $2 * 100 WHERE id = $1""#,
    ],
    [
        "create",
        r#"insert: "INSERT INTO items (id, price) VALUES ($1, $2)""#,
        r#"insert: "INSERT INTO items (id, price, cents) VALUES ($1, $2, $2 * 100)""#,
    ],
];

const COMINGS: [&str; 3] = ["{undo: app}", "{deploy: app 1}", "{deploy: app 4}"];

fn apps() -> Vec<String> {
    let all = STATEMENTS.iter().flat_map(|[verb, old, new]| {
        let text = APP.replace("VERB", verb).replace("OLD}", &format!("{old}}}")).replace("NEW}", &format!("{new}}}"));
        COMINGS.map(|comes| text.replace("COMES}", &format!("{comes}}}")))
    });
    all.collect()
}

#[test]
fn what_was_left_behind_hangs_on_who_left_it() {
    let wrong = side_by_side(&apps(), |text| {
        let bundle = Bundle::from_text("app", text.clone(), "");
        let end = lived(&model(&bundle), Some("back"), 1);
        assert_ne!(end.explain(Figure::Wrong).count, Amount::default(), "{text}");
        let wrong = wrong_roots(compiled(&bundle)).0;
        wrong.into_iter().map(|wrong| format!("{text}\n{wrong}")).collect::<Vec<_>>()
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}
