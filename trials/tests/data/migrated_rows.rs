//! What a migration does to the rows that are there, in a run: as PostgreSQL does it, or not at all.

use scenarios::{Bundle, Problems, compile};
use sim::{Figure, Harm, Summary, World};
use trials::runs::{begun, is_told, lived, model, second};

const ROWS: u32 = 100;

/// A table of orders and its only version, which goes on saying what it says; the migration comes after a minute, its
/// way back, if there is one, after five.
fn orders(up: &str, down: Option<&str>, statements: &str) -> String {
    let down = down.map_or(String::new(), |down| format!(", down: \"{down}\""));
    let back = if down.is_empty() { "" } else { "\n      - {at: 5m, do: {down: m}}" };
    format!(
        "title: t
horizon: 10m
objective: {{full: 5m, hold: 10s}}
classes: [plain, big]
traffic: {{buyers: {{to: shop.buy, rate: 2/s, classes: {{plain: 50 %, big: 50 %}}}}}}
stores:
  orders:
    table: CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text)
    migrations: {{m: {{up: \"{up}\"{down}}}}}
    records: [{{by: shop a, count: {ROWS}}}]
services:
  shop:
    endpoints: {{buy: [{{create: orders}}], show: [{{read: orders}}]}}
    versions:
      a:
        formats:
          orders:
            state: initial
            select: SELECT id, amount FROM orders WHERE id = $1
            insert: INSERT INTO orders (id, amount, note) VALUES ($1, $2, $3)
{statements}seats: {{ic: {{role: commander}}}}
plans:
  orders:
    about: migrate
    steps:
      - {{at: 1m, do: {{migrate: m}}}}{back}
"
    )
}

fn compiled(text: &str) -> Result<(), Problems> {
    compile(&Bundle::from_text("rows", text, "")).map(|_| ())
}

fn world(text: &str) -> World {
    lived(&model(&Bundle::from_text("rows", text, "")), Some("orders"), 1)
}

fn summary(up: &str) -> Summary {
    world(&orders(up, None, "")).summary()
}

#[test]
fn rows_that_a_migration_deletes_are_lost() {
    let anew = "DROP TABLE orders; CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text)";
    for up in ["TRUNCATE orders", "DELETE FROM orders", anew] {
        let mut world = begun(&model(&Bundle::from_text("rows", orders(up, None, ""), "")), Some("orders"), 1);
        world.run_until(second(59));
        assert_eq!(world.summary().harm.lost.ever, 0, "{up}");
        world.run_until(second(61));
        let lost = world.summary().harm.lost;
        assert!(lost.ever >= ROWS && lost.remaining == lost.ever, "{up}: {lost:?}");
        assert!(is_told(&world.summary(), "rows are gone"), "{up}");
    }
    assert_eq!(summary("ANALYZE orders").harm.lost.ever, 0);
}

#[test]
fn a_migration_that_ordinary_rows_stop_changes_nothing() {
    let stopped = [
        "ALTER TABLE orders ADD COLUMN x integer NOT NULL; UPDATE orders SET x = 1",
        "ALTER TABLE orders ADD x integer; ALTER TABLE orders ALTER x SET NOT NULL; UPDATE orders SET x = 1",
        "ALTER TABLE orders ADD COLUMN x integer NOT NULL DEFAULT NULL",
        "ALTER TABLE orders ADD COLUMN x integer NOT NULL DEFAULT 0 CHECK (x > 0)",
        "ALTER TABLE orders ADD COLUMN x text NOT NULL DEFAULT '' UNIQUE",
        "UPDATE orders SET amount = amount / 0",
    ];
    for up in stopped {
        assert!(is_told(&summary(up), "stops m"), "{up}: {:#?}", summary(up).timeline);
    }
    for up in
        ["ALTER TABLE orders ADD COLUMN x integer NOT NULL DEFAULT 1 CHECK (x > 0)", "CREATE INDEX i ON orders (note)"]
    {
        assert!(!is_told(&summary(up), "stops m"), "{up}");
    }
}

fn harm(up: &str, down: &str) -> Harm {
    world(&orders(up, Some(down), "")).summary().harm
}

#[test]
fn what_is_behind_the_comma_does_not_come_back() {
    let euros = "UPDATE orders SET amount = amount / 100";
    let cents = "UPDATE orders SET amount = amount * 100";
    assert!(harm(euros, cents).damaged.remaining >= ROWS);
    // The other way round nothing is cut; what was written in between is in the wrong unit.
    let back = harm(cents, euros);
    assert!((400..600).contains(&back.damaged.remaining), "{back:?}");
}

#[test]
fn a_row_that_is_converted_twice_is_damaged() {
    // The version goes on in cents all the time: what it writes between the two is multiplied by a hundred.
    let wide = "ALTER TABLE orders ALTER COLUMN amount TYPE numeric USING amount / 100.0";
    let narrow = "ALTER TABLE orders ALTER COLUMN amount TYPE integer USING amount * 100";
    let harm = harm(wide, narrow);
    // Two a second for four minutes.
    assert!((400..600).contains(&harm.damaged.remaining), "{harm:?}");
}

#[test]
fn a_stated_value_is_held_to_the_checks_of_every_state() {
    let check = "ALTER TABLE orders ADD CONSTRAINT c CHECK (amount > 0)";
    let stated = |value: &str| {
        let text = orders(check, None, "");
        text.replace(
            "buy: [{create: orders}]",
            &format!("buy: [{{create: orders, values: {{amount: {{big: {value}}}}}}}]"),
        )
    };
    assert!(is_told(&world(&stated("-5")).summary(), "stops m"));
    assert!(!is_told(&world(&stated("5")).summary(), "stops m"));
    let banana = orders("ALTER TABLE orders ADD COLUMN d date", None, "");
    let banana = banana
        .replace("note text", "note date")
        .replace("buy: [{create: orders}]", "buy: [{create: orders, values: {note: {big: banana}}}]");
    assert!(compiled(&banana).is_err_and(|problems| problems.short().contains("banana")));
}

/// The lines that something hangs on, in words.
fn chain(world: &World, figure: Figure) -> Vec<String> {
    world.explain(figure).chain.into_iter().map(|link| link.line.what).collect()
}

#[test]
fn what_a_migration_has_done_hangs_on_its_order() {
    let text = orders("UPDATE orders SET amount = amount / 100", None, "");
    for rate in ["", ", rate: 10"] {
        let text = text.replace("amount / 100\"}", &format!("amount / 100\"{rate}}}"));
        let chain = chain(&world(&text), Figure::Misread);
        assert_eq!(chain.first().map(String::as_str), Some("migrate orders to m"), "{rate}: {chain:#?}");
    }
}
