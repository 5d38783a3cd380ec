//! What statements of old code meet in a table that has moved on: seen by playing them, as a database would.

use scenarios::{Bundle, compile};
use sim::{Count, Outcome, Summary};
use trials::runs::{is_told, lived, model};

const NONE: Count = Count { ever: 0, remaining: 0 };

/// A version alone, whose table is migrated under it.
#[derive(Clone, Copy)]
struct Case {
    table: &'static str,
    /// When it is migrated.
    at: &'static str,
    up: &'static str,
    /// What else the migration says: `, rate: 10`.
    more: &'static str,
    /// What else is said of the table.
    store: &'static str,
    values: &'static str,
    select: &'static str,
    insert: &'static str,
    update: &'static str,
}

const CASE: Case = Case {
    table: "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text)",
    at: "1m",
    up: "ALTER TABLE orders ADD COLUMN other text",
    more: "",
    store: "",
    values: "",
    select: "SELECT id, amount, note FROM orders",
    insert: "INSERT INTO orders (id, amount, note) VALUES ($1, $2, $3)",
    update: "",
};

impl Case {
    fn bundle(&self) -> Bundle {
        let Case { table, at, up, more, store, values, select, insert, update } = self;
        let values = if values.is_empty() { String::new() } else { format!(", values: {values}") };
        let updates = if update.is_empty() { "" } else { "      change: [{rewrite: orders}]\n" };
        let changes = if update.is_empty() { "" } else { "  changes: {to: shop.change, rate: 4/s}\n" };
        let update = if update.is_empty() { String::new() } else { format!(", update: \"{update}\"") };
        Bundle::from_text(
            "played",
            format!(
                "title: t\nhorizon: 5m\nobjective: {{full: 5m, hold: 1m}}\nclasses: [usual, odd]\ntraffic:\n  \
                 writers: {{to: shop.write, rate: 4/s, classes: {{usual: 75 %, odd: 25 %}}}}\n  \
                 readers: {{to: shop.show, rate: 8/s}}\n{changes}stores:\n  orders:\n    table: \"{table}\"\n    \
                 {store}\n    \
                 migrations:\n      m: {{up: \"{up}\"{more}}}\n    records:\n      - {{by: shop 1, count: 60}}\n\
                 services:\n  shop:\n    endpoints:\n      write: [{{create: orders{values}}}]\n{updates}      \
                 show: [read: orders]\n    versions:\n      \
                 \"1\": {{formats: {{orders: {{state: initial, select: \"{select}\", \
                 insert: \"{insert}\"{update}}}}}}}\n\
                 seats: {{ic: {{role: commander}}, release: {{role: release}}}}\nrelease:\n  \
                 - {{at: {at}, do: {{migrate: m}}}}\n"
            ),
            "",
        )
    }

    fn end(&self) -> Summary {
        lived(&model(&self.bundle()), None, 1).summary()
    }

    /// What `check` says of it.
    fn said(&self) -> String {
        match compile(&self.bundle()) {
            Ok(compiled) => compiled.warnings.map_or(String::new(), |warnings| warnings.short()),
            Err(problems) => problems.short(),
        }
    }
}

#[test]
fn a_constant_of_an_update_is_held_to_the_new_rules() {
    let check = |up: &'static str, update: &'static str, code: &str| {
        // Before there are rows that it has changed: they would stop the migration.
        let end = Case { at: "1ms", up, update, ..CASE }.end();
        assert!(end.harm.requests.failed > 800, "{up}, {update}: {:?}", end.harm.requests);
        assert!(end.timeline.iter().any(|line| line.what.contains(code)), "{up}, {update}: {:?}", end.timeline);
        let calm = Case { update, ..CASE }.end();
        assert_eq!((calm.harm.requests.failed, calm.outcome), (0, Outcome::NoHarm), "{update}");
    };
    check("ALTER TABLE orders ADD CHECK (amount > 0)", "UPDATE orders SET amount = 0 WHERE id = $1", "23514");
    check("ALTER TABLE orders ADD CHECK (amount > 0) NOT VALID", "UPDATE orders SET amount = 0 WHERE id = $1", "23514");
    let short = "ALTER TABLE orders ALTER COLUMN note TYPE varchar(3)";
    check(short, "UPDATE orders SET note = 'cancelled', amount = $2 WHERE id = $1", "22001");
    let symbols = "CREATE TYPE st AS ENUM ('1', '2'); ALTER TABLE orders ALTER COLUMN note TYPE st USING note::st";
    check(symbols, "UPDATE orders SET note = 'paid' WHERE id = $1", "22P02");
    check("ALTER TABLE orders ALTER COLUMN amount TYPE smallint", "UPDATE orders SET amount = 70000", "22003");
    check("CREATE UNIQUE INDEX ON orders (note)", "UPDATE orders SET note = 'x' WHERE id = $1", "23505");
    let divided = "ALTER TABLE orders ADD COLUMN d integer GENERATED ALWAYS AS (100 / amount) STORED";
    check(divided, "UPDATE orders SET amount = 0 WHERE id = $1", "22012");
    // What fits goes on.
    let (up, update) = ("ALTER TABLE orders ADD CHECK (amount > 0)", "UPDATE orders SET amount = 5 WHERE id = $1");
    assert_eq!(Case { up, update, ..CASE }.end().harm.requests.failed, 0);
}

#[test]
fn what_an_update_computes_is_judged_or_said_not_to_be() {
    let up = "ALTER TABLE orders ADD CHECK (amount < 1000)";
    let said = Case { up, update: "UPDATE orders SET amount = amount + 500 WHERE id = $1", ..CASE }.said();
    assert!(
        said.contains("not judged: in the state `m`, whether amount, computed from amount, comes through"),
        "{said}"
    );
    let said = Case { update: "UPDATE orders SET amount = amount + 1 WHERE id = $1", ..CASE }.said();
    assert_eq!(said, "", "it overflows in its own state as well");
    let table = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL CHECK (amount > 0), note text)";
    let said = Case { table, update: "UPDATE orders SET amount = 0 WHERE id = $1", ..CASE }.said();
    assert!(said.contains("does not fit the state `initial`") && said.contains("23514"), "{said}");
}

#[test]
fn a_column_that_may_be_null_is_read_as_long_as_nothing_is() {
    let up = "ALTER TABLE orders ALTER COLUMN amount DROP NOT NULL";
    let end = Case { up, values: "{amount: {odd: 70000}}", ..CASE }.end();
    assert_eq!((end.harm.unreadable, end.outcome), (NONE, Outcome::NoHarm), "{:?}", end.timeline);
}

#[test]
fn what_is_not_modelled_of_a_stated_value_is_no_success() {
    let up = "ALTER TABLE orders ALTER COLUMN note TYPE date USING note::date";
    let said = Case { up, values: "{note: {odd: x}}", ..CASE }.said();
    assert!(said.contains("not judged: whether x in note comes through"), "{said}");
    assert!(said.contains("not judged: in the state `m`, whether rows are made with x in note"), "{said}");
    let said = Case { up, values: "{note: {odd: 2024-01-02}}", ..CASE }.said();
    assert!(!said.contains("not judged"), "{said}");
}

#[test]
fn which_rows_go_is_not_guessed() {
    for up in ["DELETE FROM orders WHERE note IS NULL", "DELETE FROM orders WHERE note IS NOT NULL"] {
        let said = Case { up, ..CASE }.said();
        assert!(said.contains("which rows are gone, hangs on data"), "{up}: {said}");
    }
}

#[test]
fn a_value_that_a_function_cuts_is_cut() {
    let long = "{note: {odd: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}}";
    for up in ["UPDATE orders SET note = left(note, 50)", "UPDATE orders SET note = substr(note, 1, 50)"] {
        let end = Case { up, values: long, ..CASE }.end();
        assert!(end.harm.damaged.ever > 30, "{up}: {:?}", end.harm.damaged);
    }
    let table = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note numeric(10,4))";
    let said = Case { table, up: "UPDATE orders SET note = round(note, 3)", ..CASE }.said();
    assert!(said.contains("not judged: whether note is computed anew"), "{said}");
}

#[test]
fn a_row_made_while_a_script_writes_the_others_is_not_seen_by_it() {
    let table = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text, total integer)";
    let slow = Case { table, store: "rewrites: 10/s", ..CASE };
    let divided = "UPDATE orders SET amount = amount / 100; COMMENT ON COLUMN orders.amount IS 'unit=euros'";
    let lost = |up| Case { up, ..slow }.end().harm.lost.ever;
    let copied = "CREATE TABLE n (id bigint PRIMARY KEY, amount integer NOT NULL, note text, total integer); \
                  INSERT INTO n SELECT id, amount, note, total FROM orders; DROP TABLE orders; \
                  ALTER TABLE n RENAME TO orders";
    // About 300 rows take half a minute; four a second come meanwhile, and go with the table that was copied.
    assert!((90..160).contains(&lost(copied)), "{}", lost(copied));
    let all = lost("TRUNCATE orders");
    let seen = lost("DELETE FROM orders");
    assert!((270..330).contains(&seen) && seen.abs_diff(all) < 10, "{seen} of {all}");
    // They stay without a value, and the next rule says so.
    let end =
        Case { up: "UPDATE orders SET total = amount; ALTER TABLE orders ALTER COLUMN total SET NOT NULL", ..slow }
            .end();
    assert!(
        end.timeline.iter().any(|line| line.what.contains("stops m") && line.what.contains("23502")),
        "{:?}",
        end.timeline
    );
    let fast = Case {
        store: "",
        up: "UPDATE orders SET total = amount; ALTER TABLE orders ALTER COLUMN total SET NOT NULL",
        ..slow
    };
    assert!(is_told(&fast.end(), "orders is in state m"), "{:?}", fast.end().timeline);
    assert!(Case { up: divided, ..slow }.said().is_empty());
}

#[test]
fn a_row_stops_a_backfill_half_way() {
    let end = Case { up: "UPDATE orders SET amount = NULL", more: ", rate: 10", ..CASE }.end();
    let stopped = end.timeline.iter().find(|line| line.what.contains("stops m")).expect("it is stopped");
    assert!(stopped.what.contains("23502") && stopped.what.ends_with("the rows before it stay changed"), "{stopped:?}");
}

#[test]
fn looking_through_the_rows_takes_time_and_keeps_out_whom_the_database_does() {
    let waits = |up: &'static str, store: &'static str| {
        let end = Case { up, store, ..CASE }.end();
        assert!(is_told(&end, "orders is in state m, 0 rows changed"), "{up}: {:?}", end.timeline);
        // The first statement of the version is told.
        let first = end.timeline.iter().find(|line| line.what.contains(" waits: "));
        first.map_or("", |line| if line.what.contains("the SELECT") { "SELECT" } else { "INSERT" })
    };
    let slow = "scans: 100/s";
    assert_eq!(waits("ALTER TABLE orders ADD CHECK (id > 0)", slow), "SELECT");
    assert_eq!(waits("ALTER TABLE orders ADD CHECK (id > 0) NOT VALID", slow), "");
    assert_eq!(waits("CREATE INDEX ON orders (note)", slow), "INSERT");
    assert_eq!(waits("CREATE INDEX CONCURRENTLY ON orders (note)", slow), "");
    assert_eq!(waits("ALTER TABLE orders ADD CHECK (id > 0)", ""), "");
    let said =
        Case { up: "ALTER TABLE orders ADD COLUMN z int; CREATE INDEX CONCURRENTLY ON orders (note)", ..CASE }.said();
    assert!(said.contains("25001"), "{said}");
}

#[test]
fn a_type_that_a_script_makes_or_drops_holds_its_values() {
    let up = "CREATE TYPE st AS ENUM ('new','1','2'); ALTER TABLE orders ALTER COLUMN note TYPE st USING note::st; \
              ALTER TABLE orders ALTER COLUMN note TYPE text; DROP TYPE st";
    let end = Case { up, values: "{note: {odd: new}}", ..CASE }.end();
    assert_eq!((end.harm.damaged, end.outcome), (NONE, Outcome::NoHarm), "{:?}", end.timeline);
}

#[test]
fn emptying_a_table_takes_no_time() {
    let end = Case { up: "TRUNCATE orders", store: "rewrites: 10/s", ..CASE }.end();
    assert!(!end.timeline.iter().any(|line| line.what.contains("waits")), "{:?}", end.timeline);
    assert!(is_told(&end, "orders is in state m"), "{:?}", end.timeline);
}
