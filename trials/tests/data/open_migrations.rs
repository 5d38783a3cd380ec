//! Migrations of which a run says what it does not judge.

use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{lived, model};

#[derive(Clone, Copy)]
struct Case<'a> {
    table: &'static str,
    migrations: &'a [&'static str],
    records: &'static str,
    show: &'static str,
    caches: &'static str,
}

const CASE: Case<'static> = Case {
    table: "amount integer NOT NULL, note text",
    migrations: &[],
    records: "{by: shop a, count: 50}",
    show: "{read: orders}",
    caches: "{}",
};

impl Case<'_> {
    fn end(&self) -> Summary {
        let Case { table, migrations, records, show, caches } = self;
        let named = migrations.iter().enumerate().map(|(index, up)| format!("m{index}: {{up: \"{up}\"}}"));
        let steps = migrations
            .iter()
            .enumerate()
            .map(|(index, _)| format!("{{at: {}m, do: {{migrate: m{index}}}}}", index + 1));
        let (named, steps): (Vec<_>, Vec<_>) = (named.collect(), steps.collect());
        let text = format!(
            "title: t
horizon: 6m
objective: {{full: 5m, hold: 10s}}
traffic:
  writers: {{to: shop.write, rate: 2/s, keys: {{count: 50}}}}
  readers: {{to: shop.show, rate: 4/s, keys: {{count: 50}}}}
caches: {caches}
stores:
  orders:
    table: \"CREATE TABLE orders (id bigint PRIMARY KEY, {table})\"
    migrations: {{{}}}
    records: [{records}]
services:
  shop:
    endpoints: {{write: [{{create: orders}}], show: [{show}]}}
    versions:
      a:
        formats:
          orders:
            state: initial
            select: \"SELECT id, amount FROM orders\"
            insert: \"INSERT INTO orders (id, amount) VALUES ($1, $2)\"
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release: [{}]
",
            named.join(", "),
            steps.join(", ")
        );
        lived(&model(&Bundle::from_text("open", text, "")), None, 1).summary()
    }

    fn is_open(&self, phrase: &str) {
        let end = self.end();
        let harm = (end.harm.requests.failed, end.harm.requests.wrong, end.harm.damaged.ever);
        assert_eq!((end.outcome, harm), (Outcome::Undecided, (0, 0, 0)), "{:#?}", end.timeline);
        assert!(end.not_judged.iter().any(|one| one == phrase), "{:?}", end.not_judged);
    }
}

#[test]
fn a_copy_that_takes_over_a_name_may_hold_what_it_held() {
    let migrations = &[
        "ALTER TABLE orders ADD COLUMN amount_new bigint",
        "UPDATE orders SET amount_new = amount; ALTER TABLE orders RENAME amount TO amount_old; \
         ALTER TABLE orders RENAME amount_new TO amount; ALTER TABLE orders ALTER amount_old DROP NOT NULL",
    ];
    Case { migrations, ..CASE }.is_open("m1: whether amount, now the copy of it, holds what it held");
}

#[test]
fn what_stops_rows_before_they_are_deleted_is_not_judged() {
    let key = "CREATE UNIQUE INDEX i ON orders (amount); DELETE FROM orders; DROP INDEX i";
    Case { migrations: &[key], ..CASE }.is_open("m0: whether rows come through until they are deleted");
    let end = Case { migrations: &["DELETE FROM orders"], ..CASE }.end();
    assert_eq!(end.not_judged, Vec::<String>::new());
}

#[test]
fn a_null_stops_a_script_before_the_rows_are_deleted() {
    let set = "ALTER TABLE orders ALTER note SET NOT NULL; DELETE FROM orders";
    let end = Case { migrations: &[set], ..CASE }.end();
    let stopped = |end: &Summary| end.timeline.iter().any(|line| line.what.contains("23502"));
    assert!(stopped(&end), "{:#?}", end.timeline);
    assert_eq!((end.harm.requests.failed, end.harm.lost.ever, end.not_judged.len()), (0, 0, 0), "{:?}", end.not_judged);
    // Rows that have a value come through, and are gone.
    let filled = "UPDATE orders SET note = 'x'; ALTER TABLE orders ALTER note SET NOT NULL; DELETE FROM orders; \
                  ALTER TABLE orders ALTER note DROP NOT NULL";
    let end = Case { migrations: &[filled], ..CASE }.end();
    assert!(!stopped(&end) && end.harm.lost.ever > 50, "{:#?}", end.timeline);
    assert_eq!(end.not_judged.len(), 0, "{:?}", end.not_judged);
}

#[test]
fn a_rule_of_what_is_made_of_a_column_is_a_rule_of_that() {
    let table = "amount integer NOT NULL, note integer";
    let fill = "UPDATE orders SET note = amount * 100; ALTER TABLE orders ADD CONSTRAINT few CHECK (note < 1000)";
    let added = "ALTER TABLE orders ADD COLUMN z integer; UPDATE orders SET z = amount * 100; \
                 ALTER TABLE orders ADD CONSTRAINT few CHECK (z < 1000)";
    for up in [fill, added] {
        Case { table, migrations: &[up], ..CASE }.is_open("m0: whether rows violate few (SQLSTATE 23514)");
    }
    // What has been written since meets the rule that is there.
    let again: &[&str] = &[
        "ALTER TABLE orders ADD COLUMN z integer; ALTER TABLE orders ADD CONSTRAINT few CHECK (z < 1000)",
        "UPDATE orders SET z = amount * 100",
    ];
    Case { table, migrations: again, ..CASE }.is_open("m1: whether all values of amount come through (SQLSTATE 23514)");
    let small: &[&str] = &["ALTER TABLE orders ADD COLUMN z smallint", "UPDATE orders SET z = amount * 100"];
    Case { table, migrations: small, ..CASE }.is_open("m1: whether all values of amount come through (SQLSTATE 22003)");
    // A rule that nothing of the rows can break.
    let same = "ALTER TABLE orders ADD COLUMN z integer; UPDATE orders SET z = 7; ALTER TABLE orders ADD CHECK (z < 9)";
    let end = Case { table, migrations: &[same], ..CASE }.end();
    assert_eq!((end.outcome, end.not_judged.len()), (Outcome::NoHarm, 0), "{:?}", end.not_judged);
}

#[test]
fn values_made_anew_may_break_a_rule() {
    let table = "amount integer NOT NULL, note integer";
    let up = "UPDATE orders SET note = -note; ALTER TABLE orders ADD CHECK (note < 5)";
    let end = Case { table, migrations: &[up], ..CASE }.end();
    let phrase = "m0: whether all values of note come through (SQLSTATE 23514)";
    assert!(!end.not_judged.iter().any(|one| one == phrase), "{:?}", end.not_judged);
    let up = "UPDATE orders SET note = -note; ALTER TABLE orders ADD CHECK (note > 0)";
    let end = Case { table, migrations: &[up], ..CASE }.end();
    assert!(end.not_judged.iter().any(|one| one == phrase), "{:?} {:#?}", end.not_judged, end.timeline);
}

#[test]
fn a_cache_may_hold_what_was_meant_before() {
    let show = "{cache: shown, miss: [{read: orders}]}";
    let case = Case { migrations: &["UPDATE orders SET note = 'x'"], show, caches: "{shown: {ttl: 10m}}", ..CASE };
    let phrase = "shown: whether what was filled in before m0 means what it did";
    let told = |case: Case<'_>| case.end().not_judged.iter().any(|one| one == phrase);
    assert!(told(case));
    assert!(!told(Case { migrations: &["ALTER TABLE orders ADD COLUMN z integer"], ..case }));
}
