//! What migrations do to the rows that are there, and to code that was written before them, as a database would.

use scenarios::{Bundle, compile};
use sim::{Count, Figure, Outcome, World};
use trials::runs::{is_told, lived, model};

const NONE: Count = Count { ever: 0, remaining: 0 };

/// A table, its migration, and two versions that say the same to it unless told otherwise.
#[derive(Clone)]
struct Case {
    table: &'static str,
    up: &'static str,
    down: &'static str,
    values: &'static str,
    /// What both versions do besides reading and inserting.
    update: &'static str,
    steps: &'static str,
}

const ORDERS: Case = Case {
    table: "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text)",
    up: "ALTER TABLE orders ADD COLUMN other text",
    down: "",
    values: "",
    update: "",
    steps: "{at: 4m, do: {undo: shop}}",
};

impl Case {
    fn text(&self) -> String {
        let Case { table, up, down, values, update, steps } = self;
        let down = if down.is_empty() { String::new() } else { format!(", down: \"{down}\"") };
        let values = if values.is_empty() { String::new() } else { format!(", values: {values}") };
        let says = "select: \"SELECT id, amount, note FROM orders\", \
                    insert: \"INSERT INTO orders (id, amount, note) VALUES ($1, $2, $3)\"";
        let (writes, says) = match update.is_empty() {
            true => (format!("{{create: orders{values}}}"), says.to_owned()),
            false => ("{rewrite: orders}".to_owned(), format!("{says}, update: \"{update}\"")),
        };
        format!(
            "title: t\nhorizon: 7m\nobjective: {{full: 5m, hold: 1m}}\nclasses: [usual, odd]\ntraffic:\n  \
             writers: {{to: shop.write, rate: 4/s, classes: {{usual: 75 %, odd: 25 %}}}}\n  \
             readers: {{to: shop.show, rate: 8/s}}\nstores:\n  orders:\n    table: \"{table}\"\n    \
             migrations:\n      m: {{up: \"{up}\"{down}}}\n    records:\n      - {{by: shop 1, count: 60}}\n\
             services:\n  shop:\n    endpoints:\n      write: [{writes}]\n      show: [read: orders]\n    \
             versions:\n      \
             \"1\":\n        formats: {{orders: {{state: initial, {says}}}}}\n      \
             \"2\":\n        formats: {{orders: {{state: m, {says}}}}}\n\
             seats: {{ic: {{role: commander}}, release: {{role: release}}}}\nrelease:\n  \
             - {{at: 1m, do: {{migrate: m}}}}\n  \
             - {{at: 1m, do: {{deploy: shop 2}}}}\nplans:\n  plan: {{about: x, steps: [{steps}]}}\n"
        )
    }

    fn world(&self) -> World {
        lived(&model(&Bundle::from_text("migrations", self.text(), "")), Some("plan"), 1)
    }

    /// What `check` says of it.
    fn said(&self) -> String {
        match compile(&Bundle::from_text("migrations", self.text(), "")) {
            Ok(compiled) => compiled.warnings.map_or(String::new(), |warnings| warnings.short()),
            Err(problems) => problems.short(),
        }
    }
}

/// The lines in which a figure begins.
fn roots(world: &World, figure: Figure) -> Vec<String> {
    let explained = world.explain(figure);
    let roots = explained.chain.iter().filter(|link| explained.roots.contains(&link.line.id));
    roots.map(|link| link.line.what.clone()).collect()
}

#[test]
fn rows_that_a_migration_takes_away_are_lost() {
    const COPY: &str = "CREATE TABLE o2 (id bigint PRIMARY KEY, amount integer NOT NULL, note text); \
                        DROP TABLE orders; ALTER TABLE o2 RENAME TO orders";
    let anew = "DROP TABLE orders; CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text)";
    for up in ["TRUNCATE orders", "DELETE FROM orders", anew, COPY] {
        let world = Case { up, ..ORDERS }.world();
        let end = world.summary();
        assert!(end.harm.lost.ever > 250 && end.harm.lost.ever == end.harm.lost.remaining, "{up}: {:?}", end.harm.lost);
        assert!(
            is_told(&world.summary(), &format!("{} rows are gone", end.harm.lost.ever)),
            "{up}: {:?}",
            end.timeline
        );
        assert!(roots(&world, Figure::Lost).contains(&"migrate orders to m".to_owned()), "{up}");
        assert!(end.outcome != Outcome::NoHarm && end.harm.requests.failed == 0, "{up}");
    }
    let copied = "CREATE TABLE o2 (id bigint PRIMARY KEY, amount integer NOT NULL, note text); \
                  INSERT INTO o2 SELECT id, amount, note FROM orders; \
                  DROP TABLE orders; ALTER TABLE o2 RENAME TO orders";
    for up in [copied, ORDERS.up] {
        let end = Case { up, ..ORDERS }.world().summary();
        assert_eq!((end.harm.lost, end.outcome), (NONE, Outcome::NoHarm), "{up}");
    }
}

#[test]
fn what_stops_the_database_stops_the_run() {
    for (up, code) in [
        ("ALTER TABLE orders ADD COLUMN x int NOT NULL; UPDATE orders SET x = 1", "23502"),
        (
            "ALTER TABLE orders ADD COLUMN x int; ALTER TABLE orders ALTER COLUMN x SET NOT NULL; \
             UPDATE orders SET x = 1",
            "23502",
        ),
        ("UPDATE orders SET amount = NULL", "23502"),
        ("ALTER TABLE orders ADD COLUMN x int NOT NULL DEFAULT 0 CHECK (x > 0)", "23514"),
        ("ALTER TABLE orders ADD COLUMN x text NOT NULL DEFAULT '' UNIQUE", "23505"),
        ("UPDATE orders SET amount = amount / 0", "22012"),
        ("UPDATE orders SET amount = 1; CREATE UNIQUE INDEX u ON orders (amount)", "23505"),
    ] {
        let world = Case { up, ..ORDERS }.world();
        let lines = world.summary().timeline;
        let stopped = lines.iter().find(|line| line.what.contains("stops m"));
        assert!(stopped.is_some_and(|line| line.what.contains(code)), "{up}: {lines:?}");
        assert_eq!(world.summary().harm.damaged, NONE, "{up}");
    }
    let late = "ALTER TABLE orders ADD COLUMN x int; UPDATE orders SET x = 1; \
                ALTER TABLE orders ALTER COLUMN x SET NOT NULL; ALTER TABLE orders ALTER COLUMN x SET DEFAULT 1";
    let world = Case { up: late, ..ORDERS }.world();
    assert!(is_told(&world.summary(), "orders is in state m") && world.summary().outcome == Outcome::NoHarm);
}

#[test]
fn a_stated_value_meets_the_rules_itself() {
    let check = "ALTER TABLE orders ADD CONSTRAINT c CHECK (amount > 0)";
    let odd = |values| Case { up: check, values, ..ORDERS }.world();
    let stopped = odd("{amount: {odd: -5}}");
    assert!(
        is_told(&stopped.summary(), "a row of orders stops m, `amount`: against a constraint"),
        "{:?}",
        stopped.summary().timeline
    );
    assert!(is_told(&odd("{amount: {odd: 70000}}").summary(), "orders is in state m"));
    // Rows that are there are not looked at, and those to come are.
    let later = "ALTER TABLE orders ADD CONSTRAINT c CHECK (amount > 0) NOT VALID";
    let world = Case { up: later, values: "{amount: {odd: -5}}", ..ORDERS }.world();
    let failed = world.summary().harm.requests.failed;
    assert!((250..500).contains(&failed), "a quarter of the orders from then on: {failed}");
    let parts: Vec<_> = world.explain(Figure::Failed).parts.into_iter().map(|part| part.what).collect();
    assert!(parts.iter().all(|what| what.contains("refuses the INSERT") && what.contains("23514")), "{parts:?}");
}

#[test]
fn a_stated_value_is_converted_as_the_database_does_it() {
    let note = |of: &'static str, odd: &'static str, up: &'static str| Case { table: of, values: odd, up, ..ORDERS };
    const TEXT: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text)";
    const NUMERIC: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note numeric)";
    const DOUBLE: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note double precision)";
    let dated = "ALTER TABLE orders ALTER COLUMN note TYPE date USING note::date";
    assert!(is_told(&note(TEXT, "{note: {odd: hello}}", dated).world().summary(), "SQLSTATE 22007"));
    let whole = "ALTER TABLE orders ALTER COLUMN note TYPE integer";
    let rounded = note(NUMERIC, "{note: {odd: 0.5}}", whole).world();
    assert!(is_told(&rounded.summary(), "orders is in state m"), "{:?}", rounded.summary().timeline);
    assert!(rounded.summary().harm.damaged.ever > 30, "{:?}", rounded.summary().harm.damaged);
    // A version understands what it has written itself.
    let own = Case { steps: "", ..note(DOUBLE, "{note: {odd: 0.5}}", ORDERS.up) };
    assert_eq!((own.world().summary().harm.misread, own.said()), (NONE, String::new()));
    let said = note(NUMERIC, "{note: {odd: banana}}", whole).said();
    assert!(said.contains("no state can hold `banana` in `note`: SQLSTATE 22P02"), "{said}");
}

const BY_100: Case = Case {
    up: "UPDATE orders SET amount = amount * 100",
    down: "UPDATE orders SET amount = amount / 100",
    steps: "{at: 4m, do: {undo: shop}}",
    ..ORDERS
};

#[test]
fn a_value_that_is_multiplied_twice_is_damaged_for_good() {
    let cents = Case {
        up: "UPDATE orders SET amount = amount / 100",
        down: "UPDATE orders SET amount = amount * 100",
        steps: "{at: 1m 30s, do: {undo: shop}}, {at: 4m, do: {down: m}}",
        ..ORDERS
    };
    let world = cents.world();
    let harm = world.summary().harm;
    assert_eq!(harm.damaged.ever, harm.damaged.remaining);
    assert!(harm.damaged.remaining > 700, "what was there, and what came in between: {:?}", harm.damaged);
    // Nothing is lost on the way, but what came in between was never multiplied before it was divided.
    let there = Case { steps: "{at: 1m 30s, do: {undo: shop}}, {at: 4m, do: {down: m}}", ..BY_100 }.world();
    let between = there.summary().harm.damaged;
    assert!((300..740).contains(&between.remaining), "{between:?}");
    let never = Case { steps: "{at: 1m 30s, do: {undo: shop}}", ..BY_100 }.world();
    assert_eq!(never.summary().harm.damaged, NONE, "they are misread, and whole");
}

#[test]
fn what_is_put_in_the_place_of_a_value_is_damage() {
    for up in ["UPDATE orders SET amount = 0", "ALTER TABLE orders ALTER COLUMN amount TYPE integer USING 0"] {
        let world = Case { up, ..ORDERS }.world();
        let damaged = world.summary().harm.damaged;
        assert!(damaged.remaining > 250, "{up}: {damaged:?}");
        assert!(roots(&world, Figure::Damaged).contains(&"migrate orders to m".to_owned()), "{up}");
    }
    for up in ["UPDATE orders SET amount = 100 * amount", "UPDATE orders SET amount = -amount"] {
        assert!(Case { up, ..ORDERS }.world().summary().harm.misread.ever > 250, "{up}");
    }
}

#[test]
fn what_hangs_on_data_is_not_passed_over() {
    let said = |up| Case { up, ..ORDERS }.said();
    for up in ["DELETE FROM orders WHERE amount < 100", "UPDATE orders SET amount = amount * 100 WHERE id > 5"] {
        assert!(said(up).contains("error: which rows"), "{up}: {}", said(up));
    }
    for (up, what) in [
        ("UPDATE orders SET amount = amount % 7", "whether amount is computed anew"),
        ("UPDATE orders SET amount = amount + id", "whether amount is computed anew"),
        ("UPDATE orders SET amount = amount * 100000000", "whether all values of amount come through (SQLSTATE 22003)"),
        ("CREATE UNIQUE INDEX u ON orders (note)", "whether rows violate u (SQLSTATE 23505)"),
    ] {
        assert!(said(up).contains(&format!("warning: not judged: {what}")), "{up}: {}", said(up));
    }
    let kept = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text, q integer DEFAULT 1)";
    let filled = Case { table: kept, up: "ALTER TABLE orders ADD CHECK (q > 1)", ..ORDERS }.said();
    assert!(filled.contains("not judged: whether rows have the default of q"), "{filled}");
    for up in [ORDERS.up, "UPDATE orders SET note = '' WHERE note IS NULL", "CREATE INDEX i ON orders (note)"] {
        assert_eq!(said(up), "", "{up}");
    }
}

#[test]
fn what_is_computed_from_a_misread_column_is_damage() {
    let table = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text, \
                 total integer NOT NULL DEFAULT 0)";
    let from_another = Case { table, update: "UPDATE orders SET total = amount * 2", ..BY_100 };
    let world = from_another.world();
    assert!(world.summary().harm.damaged.ever > 10, "{:?}", world.summary().harm.damaged);
    let began = roots(&world, Figure::Damaged);
    assert!(began.contains(&"migrate orders to m".to_owned()), "{began:?}");
    let kept = Case { up: ORDERS.up, down: "", ..from_another }.world();
    assert_eq!(kept.summary().harm.damaged, NONE);
}

#[test]
fn an_insert_with_a_constant_that_is_none_is_refused() {
    let text = ORDERS.text().replace("VALUES ($1, $2, $3)", "VALUES ($1, 'abc', $3)");
    let problems = compile(&Bundle::from_text("migrations", text, "")).expect_err("no row is ever made");
    assert!(problems.short().contains("does not fit the state `initial`: SQLSTATE 22P02"), "{}", problems.short());
}
