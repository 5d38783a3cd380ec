//! What is said about SQL tables that make no sense.

use scenarios::syntax::Paint;
use scenarios::{Bundle, compile};

const GOOD: &str = r#"title: t
horizon: 1m
flags:
  both: {}
traffic:
  guests: {to: shop.buy, rate: 1/s}
stores:
  orders:
    table: CREATE TABLE orders (id int PRIMARY KEY, amount int NOT NULL)
    migrations:
      expand: {up: ALTER TABLE orders ADD COLUMN total int, down: ALTER TABLE orders DROP COLUMN total}
      backfill: {up: UPDATE orders SET total = amount WHERE total IS NULL, rate: 10}
    records:
      - {by: shop 1, count: 5}
services:
  shop:
    endpoints:
      buy: [create: orders, read: orders, rewrite: orders]
    versions:
      "1":
        formats:
          orders:
            state: expand
            select: SELECT id, total FROM orders WHERE id = $1
            insert: [{sql: "INSERT INTO orders VALUES ($1, $2, $2)", flag: both}, "INSERT INTO orders VALUES ($1, $2)"]
            update: UPDATE orders SET total = total + 1
release:
  - {at: 10s, do: {migrate: expand}}
  - {at: 20s, do: {down: expand}}
"#;

fn said(text: &str) -> String {
    let compiled = compile(&Bundle::from_text("tables", text.to_owned(), ""));
    compiled
        .map_or_else(|problems| format!("{}\n{}", problems.short(), problems.render(Paint::Plain)), |_| String::new())
}

/// What is said when something of the good scenario is otherwise.
fn with(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from}");
    said(&GOOD.replace(from, to))
}

#[test]
fn a_table_with_its_migrations_and_statements_is_understood() {
    assert_eq!(said(GOOD), "");
}

#[test]
fn scripts_and_statements_that_make_no_sense_are_told_with_a_way_out() {
    let mut wrong = Vec::new();
    for (from, to, message) in [
        // Scripts.
        (
            "(id int PRIMARY KEY, amount int NOT NULL)",
            "(id int PRIMARY, amount int)",
            "9:12: error: schema `script` at 1:29",
        ),
        (
            "CREATE TABLE orders (id",
            "CREATE TABLE others (id",
            "11:20: error: the database refuses this script: SQLSTATE 42P01",
        ),
        ("ADD COLUMN total int,", "ADD COLUMN amount int,", "the database refuses this script: SQLSTATE 42701"),
        (
            "DROP COLUMN total}",
            "DROP COLUMN amount}",
            "11:67: error: this script does not lead back to the schema before",
        ),
        ("DROP COLUMN total}", "DROP COLUMN totl}", "11:67: error: the database refuses this script: SQLSTATE 42703"),
        ("expand: {up: ALTER", "initial: {up: ALTER", "11:7: error: the first state of a table is called `initial`"),
        (
            "up: UPDATE orders SET total = amount WHERE total IS NULL",
            "up: DELETE FROM orders",
            "only a script of nothing but `UPDATE`",
        ),
        (
            "up: UPDATE orders SET total = amount WHERE total IS NULL, rate: 10",
            "up: '-- nothing'",
            "12:22: error: a migration of nothing",
        ),
        ("rate: 10}", "rate: 0}", "12:82: error: a backfill goes through at least one row a second"),
        ("    records:", "    formats: {a: a.avsc}\n    records:", "13:15: error: the rows of a table have no formats"),
        ("    records:", "    rewrites: 0/s\n    records:", "it would never get through the rows"),
        ("{by: shop 1,", "{format: expand, by: shop 1,", "14:18: error: a table is in its first state at the start"),
        // Statements.
        ("SELECT id, total FROM", "SELECT id, totl FROM", "did you mean `total`?"),
        (
            "SELECT id, total FROM",
            "SELECT id, totl FROM",
            "24:21: error: this statement does not fit the state `expand`: SQLSTATE 42703",
        ),
        ("state: expand", "state: initial", "it fits the state `expand`"),
        ("state: expand", "state: expnd", "23:20: error: there is no state `expnd`"),
        ("select: SELECT", "select: SELCT", "24:21: error: schema `script` at 1:1"),
        (
            "update: UPDATE orders SET total = total + 1",
            "update: DELETE FROM orders",
            "26:21: error: this is not an UPDATE",
        ),
        (", \"INSERT INTO orders VALUES ($1, $2)\"]", "]", "does not say what it does here while its flag is off"),
        ("            update: UPDATE orders SET total = total + 1\n", "", "shop 1 has no UPDATE for this table"),
        ("rewrite: orders]", "{rewrite: orders, sets: total}]", "what is set, the `UPDATE` of the version says"),
        ("state: expand", "reads: expand", "23:20: error: `orders` is a SQL table"),
        // Steps.
        ("{migrate: expand}", "{migrate: expnd}", "28:29: error: there is no migration `expnd`"),
    ] {
        let said = with(from, to);
        if !said.contains(message) {
            wrong.push(format!("{to} gives {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_table_is_no_store_of_formats_and_the_reverse() {
    let formats = "{reads: a, writes: a}";
    let statements = "\n            state: expand";
    let start = GOOD.find(statements).expect("it is there");
    let end = GOOD.find("release:").expect("it is there");
    let by_formats = format!("{} {formats}\n{}", &GOOD[..start], &GOOD[end..]);
    assert!(said(&by_formats).contains("error: `orders` is a SQL table: it has no formats of its own"));

    let table = GOOD.find("    table:").expect("it is there");
    let records = GOOD.find("    records:").expect("it is there");
    let schema = "    formats:\n      a: '{\"type\": \"record\", \"name\": \"A\", \"fields\": []}'\n";
    let store = format!("{}{schema}{}", &GOOD[..table], &GOOD[records..]).replace("{by: shop", "{format: a, by: shop");
    let said = said(&store.replace("    records:", "    lock_wait: 2s\n    records:"));
    assert!(said.contains("error: only a SQL table has migrations and locks"), "{said}");
    assert!(said.contains("error: `orders` is not a SQL table"), "{said}");
    assert!(said.contains("there is no migration `expand`"), "all at once: {said}");
}

#[test]
fn everything_is_told_at_once() {
    let text = GOOD.replace("SELECT id, total", "SELECT id, totl").replace("{down: expand}", "{down: nothing}");
    let text = text.replace("DROP COLUMN total}", "DROP COLUMN totl}").replace("SET total = total + 1", "SET x = 1");
    assert_eq!(said(&text).matches(": error: ").count(), 4, "{}", said(&text));
}

#[test]
fn null_is_the_lack_of_a_value_however_it_is_spelled() {
    let scenario = |column: &str, value: &str| {
        let records = format!("{{by: shop 1, count: 5, values: {{{column}: {{{value}: 20 %}}}}}}");
        let table = GOOD.replace("amount int NOT NULL)", "amount int NOT NULL, mail text NOT NULL, note text)");
        said(&table.replace("{by: shop 1, count: 5}", &records))
    };
    for null in ["'null'", "NULL", "'NULL'", "Null", "' NULL '"] {
        let refused = scenario("mail", null);
        assert!(refused.contains("rows cannot have"), "{null}: {refused}");
        assert_eq!(scenario("note", null), "", "{null}");
    }
    assert_eq!(scenario("mail", "nullable"), "");
}
