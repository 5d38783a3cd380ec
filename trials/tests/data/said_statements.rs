//! What versions say to a table that has changed meanwhile, in a run: as PostgreSQL answers it, or not at all.

use scenarios::{Bundle, Problems, compile};
use sim::{Outcome, Summary};
use trials::runs::{is_told, lived, model};

/// How many rows there are at the start.
const ROWS: u32 = 100;

/// A scene around a table of orders, which one version writes and reads.
struct Scene {
    table: &'static str,
    /// The migrations, a minute apart, each with what it does.
    migrations: Vec<&'static str>,
    records: u32,
    select: &'static str,
    insert: &'static str,
    update: &'static str,
    /// What the endpoint does, every half second.
    does: &'static str,
    /// What else is said of the rows at the start.
    stated: &'static str,
}

/// The usual one.
const ORDERS: Scene = Scene {
    table: "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text)",
    migrations: Vec::new(),
    records: ROWS,
    select: "SELECT id, amount, note FROM orders",
    insert: "INSERT INTO orders (id, amount, note) VALUES ($1, $2, $3)",
    update: "UPDATE orders SET note = $2 WHERE id = $1",
    does: "read: orders",
    stated: "",
};

impl Scene {
    fn text(&self) -> String {
        let names = ["m", "n", "o"];
        let list: Vec<String> =
            names.iter().zip(&self.migrations).map(|(name, up)| format!("      {name}: {{up: \"{up}\"}}\n")).collect();
        let order = names.iter().zip(&self.migrations).zip(1..);
        let order: Vec<String> =
            order.map(|((name, _), at)| format!("      - {{at: {at}m, do: {{migrate: {name}}}}}\n")).collect();
        let records = match self.records {
            0 => String::new(),
            count => format!("    records: [{{by: shop a, count: {count}{}}}]\n", self.stated),
        };
        let Scene { table, select, insert, update, does, .. } = self;
        format!(
            "title: t
horizon: 6m
objective: {{full: 5m, hold: 10s}}
classes: [big]
traffic: {{buyers: {{to: shop.go, rate: 2/s}}}}
stores:
  orders:
    table: \"{table}\"
    migrations:
{}{records}services:
  shop:
    endpoints: {{go: [{{{does}}}]}}
    versions:
      a: {{formats: {{orders: {{state: initial, select: \"{select}\", insert: \"{insert}\", update: \"{update}\"}}}}}}
seats: {{ic: {{role: commander}}}}
plans:
  orders:
    about: migrate
    steps:
{}",
            list.concat(),
            order.concat()
        )
    }

    fn bundle(&self) -> Bundle {
        Bundle::from_text("scene", self.text(), "")
    }

    fn checked(&self) -> Result<String, Problems> {
        compile(&self.bundle()).map(|compiled| compiled.warnings.map_or(String::new(), |warnings| warnings.short()))
    }

    fn summary(&self) -> Summary {
        lived(&model(&self.bundle()), Some("orders"), 1).summary()
    }
}

#[test]
fn a_table_without_rows_refuses_what_it_has_no_columns_for() {
    let drop = |up| Scene { migrations: vec![up], records: 0, ..ORDERS };
    for up in ["ALTER TABLE orders DROP COLUMN note", "TRUNCATE orders; ALTER TABLE orders DROP COLUMN note"] {
        let empty = drop(up).summary();
        assert!(is_told(&empty, "refuses the SELECT: no such column"), "{:#?}", empty.timeline);
        // Two a second from the end of the first minute on.
        assert!((590..610).contains(&empty.harm.requests.failed), "{:?}", empty.harm);
    }
    let changes = Scene { does: "rewrite: orders", ..drop("ALTER TABLE orders DROP COLUMN note") };
    assert!(changes.summary().harm.requests.failed > 590);
    assert_eq!(drop("ALTER TABLE orders ALTER COLUMN note TYPE varchar(3)").summary().harm.requests.failed, 0);
}

#[test]
fn an_insert_makes_one_row() {
    let insert = |insert| Scene { insert, does: "create: orders", ..ORDERS };
    for several in [
        "INSERT INTO orders (id, amount) VALUES ($1, 0), ($2, 0)",
        "INSERT INTO orders (id, amount) SELECT id + 1000, 0 FROM orders",
    ] {
        let refused = insert(several).checked().map_err(|problems| problems.short());
        assert!(refused.is_err_and(|told| told.contains("one row at a time")), "{several}");
    }
    assert!(insert(ORDERS.insert).checked().is_ok());
}

#[test]
fn a_migration_that_undoes_another_brings_the_meaning_back() {
    let euros = "UPDATE orders SET amount = amount * 100";
    let back = Scene { migrations: vec![euros, "UPDATE orders SET amount = amount / 100"], ..ORDERS }.summary();
    assert_eq!((back.harm.misread.remaining, back.harm.damaged.remaining), (0, 0), "{:?}", back.harm);
    assert_eq!(back.harm.misread.ever, ROWS);
    let other = Scene { migrations: vec![euros, "UPDATE orders SET amount = amount / 10"], ..ORDERS }.summary();
    assert_eq!(other.harm.misread.remaining, ROWS, "{:?}", other.harm);
}

#[test]
fn a_unit_that_is_stated_is_not_told_anew() {
    let table = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text); \
                 COMMENT ON COLUMN orders.amount IS 'unit=cent'";
    let mill = "UPDATE orders SET amount = amount * 10; COMMENT ON COLUMN orders.amount IS 'unit=mill'";
    let cent = "UPDATE orders SET amount = amount / 10; COMMENT ON COLUMN orders.amount IS 'unit=cent'";
    let back = Scene { table, migrations: vec![mill, cent], ..ORDERS }.summary();
    assert_eq!((back.harm.misread.ever, back.harm.misread.remaining), (ROWS, 0), "{:?}", back.harm);
}

/// What `check` says of a scene that it takes.
fn warned(scene: &Scene) -> String {
    scene.checked().unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn an_expression_over_a_parameter_is_computed() {
    let insert = |insert, up| Scene { insert, migrations: vec![up], does: "create: orders", ..ORDERS };
    let failed = |scene: Scene| scene.summary().harm.requests.failed;
    let narrow = "ALTER TABLE orders ALTER COLUMN note TYPE varchar(3) USING left(note, 3)";
    // Five minutes of two a second.
    let suffix = insert("INSERT INTO orders (id, amount, note) VALUES ($1, $2, $3 || '-suffix')", narrow);
    assert!((590..610).contains(&failed(suffix)));
    assert_eq!(failed(insert("INSERT INTO orders (id, amount, note) VALUES ($1, $2, $3 || '')", narrow)), 0);
    let positive = "ALTER TABLE orders ADD CONSTRAINT c CHECK (amount > 0)";
    let square = "INSERT INTO orders (id, amount, note) VALUES ($1, $2 * 0, $3)";
    assert!(failed(insert(square, positive)) > 590);
    // One parameter has one value, wherever it stands.
    let same = "ALTER TABLE orders ADD CONSTRAINT c CHECK (note <> amount::text) NOT VALID";
    let twice = insert("INSERT INTO orders (id, amount, note) VALUES ($1, $2, $2::text)", same);
    assert!(failed(twice) > 590);
}

#[test]
fn a_value_that_nobody_can_make_is_not_judged() {
    let scene = Scene {
        insert: "INSERT INTO orders (id, amount, note) VALUES ($1, $2, $3 || '-suffix')",
        migrations: vec!["ALTER TABLE orders ALTER COLUMN note TYPE varchar(30)"],
        does: "create: orders, values: {note: {big: paid}}",
        ..ORDERS
    };
    let refused = scene.checked().map_err(|problems| problems.short());
    assert!(refused.as_ref().is_err_and(|told| told.contains("of what it is made, nobody knows")), "{refused:?}");
    let less = Scene {
        insert: "INSERT INTO orders (id, amount, note) VALUES ($1, $2 * 100, $3)",
        migrations: vec!["ALTER TABLE orders ADD CONSTRAINT c CHECK (amount < 10)"],
        ..ORDERS
    };
    assert!(warned(&less).contains("whether amount comes through (SQLSTATE 23514)"), "{}", warned(&less));
}

#[test]
fn what_an_insert_says_itself_is_in_the_row() {
    let scene = |insert, up| Scene { insert, migrations: vec![up], does: "create: orders", ..ORDERS };
    let null = "INSERT INTO orders (id, amount, note) VALUES ($1, $2, NULL)";
    let required = scene(null, "ALTER TABLE orders ALTER COLUMN note SET NOT NULL").summary();
    assert!(is_told(&required, "stops m"), "{:#?}", required.timeline);
    assert_eq!(required.harm.requests.failed, 0);
    let paid = "INSERT INTO orders (id, amount, note) VALUES ($1, $2, 'paid')";
    let narrow = scene(paid, "ALTER TABLE orders ALTER COLUMN note TYPE varchar(3)").summary();
    assert!(is_told(&narrow, "stops m"), "{:#?}", narrow.timeline);
    assert_eq!(narrow.harm.requests.failed, 0);
    let cut = scene(paid, "ALTER TABLE orders ALTER COLUMN note TYPE varchar(3) USING left(note, 3)").summary();
    // The rows of the first minute, and none of those at the start.
    assert!((100..160).contains(&cut.harm.damaged.ever), "{:?}", cut.harm);
    // A constant like others.
    let usual = scene(paid, "ALTER TABLE orders ALTER COLUMN note TYPE varchar(30)").summary();
    assert!(!is_told(&usual, "stops m") && usual.harm.damaged.ever == 0);
    let update = Scene {
        update: "UPDATE orders SET note = NULL WHERE id = $1",
        migrations: vec!["ALTER TABLE orders ALTER COLUMN note SET NOT NULL"],
        does: "rewrite: orders",
        ..ORDERS
    };
    assert!(is_told(&update.summary(), "stops m"));
}

#[test]
fn a_rule_over_two_columns_stops_nothing_by_one_of_them() {
    let scene = |up, stated| Scene {
        table: "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, q integer NOT NULL, note text)",
        insert: "INSERT INTO orders (id, amount, q, note) VALUES ($1, $2, $3, $4)",
        migrations: vec![up],
        stated,
        ..ORDERS
    };
    let both = ", values: {amount: {700: 50 %}, q: {300: 50 %}}";
    let one = scene("ALTER TABLE orders ADD CONSTRAINT c CHECK (amount >= q)", both);
    assert!(!is_told(&one.summary(), "stops m"));
    assert!(warned(&one).contains("whether rows violate c (SQLSTATE 23514)"), "{}", warned(&one));
    let alone = scene("ALTER TABLE orders ADD CONSTRAINT c CHECK (q < 100)", both);
    assert!(is_told(&alone.summary(), "stops m"));
}

#[test]
fn a_constant_that_is_usual_is_set_all_the_same() {
    for value in [0, 1, 2] {
        let up = format!("UPDATE orders SET amount = {value} WHERE note IS NULL").leak();
        let told = warned(&Scene { migrations: vec![up], ..ORDERS });
        assert!(told.contains("whether amount is computed anew"), "{value}: {told}");
    }
}

#[test]
fn what_a_select_computes_is_for_the_database_to_say() {
    let select = |select, up, stated| Scene { select, migrations: vec![up], stated, ..ORDERS };
    let unreadable = |scene: &Scene| scene.summary().harm.unreadable.ever;
    let text = "ALTER TABLE orders ALTER COLUMN amount TYPE text";
    for same in ["SELECT id, amount::integer FROM orders", "SELECT id FROM orders WHERE amount IS NOT NULL"] {
        assert_eq!(unreadable(&select(same, text, "")), 0, "{same}");
    }
    assert_eq!(unreadable(&select("SELECT id, amount FROM orders", text, "")), ROWS);
    let none = "ALTER TABLE orders ADD COLUMN z text";
    let half = |value| format!(", values: {{amount: {{\"{value}\": 100 %}}}}").leak();
    for (query, value) in [
        ("SELECT id, 100 / amount FROM orders", 0),
        ("SELECT id FROM orders WHERE 100 / amount > 1", 0),
        ("SELECT id, amount::smallint FROM orders", 70_000),
        ("SELECT id, amount + 1 FROM orders", i32::MAX),
    ] {
        assert_eq!(unreadable(&select(query, none, half(value))), ROWS, "{query}");
        assert_eq!(unreadable(&select(query, none, half(5))), 0, "{query}");
    }
    let null = Scene {
        select: "SELECT id, coalesce(note, '') FROM orders",
        table: "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text NOT NULL DEFAULT 'x')",
        insert: "INSERT INTO orders (id, amount) VALUES ($1, $2)",
        migrations: vec!["ALTER TABLE orders ALTER COLUMN note DROP NOT NULL, ALTER COLUMN note DROP DEFAULT"],
        does: "create: orders}, {read: orders",
        ..ORDERS
    };
    assert_eq!(unreadable(&null), 0);
    assert!(unreadable(&Scene { select: "SELECT id, note FROM orders", ..null }) > 500);
}

#[test]
fn what_is_not_handed_out_the_program_misses() {
    let up = "ALTER TABLE orders DROP COLUMN note";
    let all = Scene { select: "SELECT * FROM orders", migrations: vec![up], ..ORDERS }.summary();
    assert!(is_told(&all, "cannot hold what its SELECT on orders"), "{:#?}", all.timeline);
    assert!(!is_told(&all, "42703"));
}

#[test]
fn a_column_that_goes_is_missed_by_nobody_who_does_not_name_it() {
    let up = "ALTER TABLE orders DROP COLUMN note";
    for does in ["read: orders", "rewrite: orders"] {
        let (select, update) = ("SELECT id, amount FROM orders", "UPDATE orders SET amount = 2 WHERE id = $1");
        let end = Scene { select, update, does, migrations: vec![up], ..ORDERS }.summary();
        assert_eq!((end.harm.requests.wrong, end.harm.requests.failed), (0, 0), "{does}");
        assert_eq!(end.harm.fields_lost.ever, ROWS);
    }
}

#[test]
fn rows_that_refer_to_others_are_not_judged() {
    let table = "CREATE TABLE c (id bigint PRIMARY KEY); \
                 CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text, \
                 cid bigint REFERENCES c (id)); \
                 CREATE TABLE items (id bigint PRIMARY KEY, oid bigint REFERENCES orders (id))";
    let told = |up| warned(&Scene { table, migrations: vec![up], ..ORDERS });
    assert!(told("DELETE FROM orders").contains("whether rows violate items_oid_fkey (SQLSTATE 23503)"));
    assert!(told("UPDATE orders SET cid = 1").contains("whether rows violate orders_cid_fkey (SQLSTATE 23503)"));
    let default = told("ALTER TABLE orders ALTER COLUMN cid SET DEFAULT 7");
    assert!(default.contains("whether the default violates orders_cid_fkey (SQLSTATE 23503)"), "{default}");
    assert_eq!(told("UPDATE orders SET cid = NULL, note = 'x'").matches("23503").count(), 0);
    let unique = warned(&Scene { migrations: vec!["CREATE UNIQUE INDEX i ON orders (note)"], ..ORDERS });
    assert!(unique.contains("in the state `m`, whether rows violate i (SQLSTATE 23505)"), "{unique}");
}

#[test]
fn what_is_not_judged_is_told_by_the_run() {
    let scene = |up, records| Scene { migrations: vec![up], records, ..ORDERS }.summary();
    let open = scene("UPDATE orders SET note = upper(note)", ROWS);
    assert_eq!((open.outcome, open.met), (Outcome::Undecided, false));
    let phrase = "whether note is computed anew without an error, and means what it did";
    assert_eq!(open.not_judged, [format!("m: {phrase}")]);
    assert!(is_told(&open, &format!("not judged: {phrase}")), "{:#?}", open.timeline);
    // Of no rows there is nothing to tell.
    assert_eq!(scene("UPDATE orders SET note = upper(note)", 0).outcome, Outcome::NoHarm);
    let told = scene("ALTER TABLE orders ADD COLUMN z integer", ROWS);
    assert_eq!((told.outcome, told.not_judged.len()), (Outcome::NoHarm, 0));
    let index = vec!["CREATE UNIQUE INDEX i ON orders (note)"];
    let unique = Scene { migrations: index, records: 0, does: "create: orders", ..ORDERS }.summary();
    let phrase = "whether rows violate i (SQLSTATE 23505)";
    assert_eq!(unique.not_judged, [format!("m: {phrase}"), format!("shop a: {phrase}")]);
}

/// A table with a column of numbers that may be NULL.
fn quantities() -> Scene {
    let table = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, q integer, note text)";
    Scene { table, select: "SELECT id, q, note FROM orders", ..ORDERS }
}

#[test]
fn what_is_null_stays_null() {
    let stated = ", values: {q: {\"null\": 100 %}}";
    for up in ["UPDATE orders SET q = q * 100", "UPDATE orders SET q = q / 3", "UPDATE orders SET q = NULL"] {
        let end = Scene { migrations: vec![up], stated, ..quantities() }.summary();
        assert_eq!((end.harm.misread.ever, end.harm.damaged.ever), (0, 0), "{up}: {:?}", end.harm);
        let given = Scene { migrations: vec![up], ..quantities() }.summary();
        assert_eq!(given.harm.misread.ever.max(given.harm.damaged.ever), ROWS, "{up}: {:?}", given.harm);
    }
}

#[test]
fn a_null_comes_through_where_every_value_is_stopped() {
    let table = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, q numeric(8,2), note text)";
    let scene = |stated| Scene {
        table,
        stated,
        migrations: vec!["ALTER TABLE orders ALTER COLUMN q TYPE varchar(3)"],
        ..quantities()
    };
    assert!(!is_told(&scene(", values: {q: {\"null\": 100 %}}").summary(), "stops m"));
    assert!(is_told(&scene("").summary(), "stops m"));
    assert!(is_told(&scene(", values: {q: {\"null\": 50 %}}").summary(), "stops m"));
}

#[test]
fn a_number_with_more_zeros_is_the_same_number() {
    let up = "ALTER TABLE orders ALTER COLUMN note TYPE numeric(12,4) USING note::numeric(12,4)";
    let damaged = |stated| Scene { migrations: vec![up], stated, ..ORDERS }.summary().harm.damaged.ever;
    assert_eq!(damaged(", values: {note: {\"12\": 100 %}}"), 0);
    assert_eq!(damaged(", values: {note: {\"12.00001\": 100 %}}"), ROWS);
}

#[test]
fn a_column_that_takes_the_place_of_another_holds_what_that_held() {
    let shadow = "ALTER TABLE orders ADD COLUMN note2 text; UPDATE orders SET note2 = note; \
                  ALTER TABLE orders DROP COLUMN note; ALTER TABLE orders RENAME note2 TO note";
    let both = "create: orders}, {read: orders";
    let end = Scene { migrations: vec![shadow], does: both, ..ORDERS }.summary();
    let harm = &end.harm;
    let all = (harm.fields_lost.ever, harm.damaged.ever, harm.misread.ever, harm.requests.wrong);
    assert_eq!(all, (0, 0, 0, 0), "{harm:?}");
    // Without the copy, what the rows held is gone, and what comes after is as it was written.
    let anew = "ALTER TABLE orders DROP COLUMN note; ALTER TABLE orders ADD COLUMN note text";
    let end = Scene { migrations: vec![anew], does: both, ..ORDERS }.summary();
    let harm = &end.harm;
    assert!((ROWS..ROWS + 160).contains(&harm.fields_lost.ever), "{harm:?}");
    assert_eq!((harm.damaged.ever, harm.misread.ever, harm.requests.wrong), (0, 0, 0), "{harm:?}");
}

#[test]
fn a_key_over_stated_values_is_not_judged() {
    let stated = ", values: {q: {5: 10 %}}";
    let insert = "INSERT INTO orders (id, amount, q, note) VALUES ($1, $2, $3, $4)";
    let scene = |up| Scene { migrations: vec![up], stated, insert, ..quantities() };
    let one = scene("ALTER TABLE orders ADD CONSTRAINT u UNIQUE (q)");
    assert!(!is_told(&one.summary(), "stops m") && warned(&one).contains("whether rows violate u"));
    let both = scene("ALTER TABLE orders ADD CONSTRAINT u UNIQUE (id, q)");
    assert!(!is_told(&both.summary(), "stops m") && !warned(&both).contains("whether rows violate u"));
    let table = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, q integer UNIQUE, note text)";
    let does = "create: orders, values: {q: {big: 5}}";
    let there = Scene { table, insert, does, migrations: vec!["ALTER TABLE orders ADD COLUMN z text"], ..quantities() };
    assert!(warned(&there).contains("whether rows violate orders_q_key (SQLSTATE 23505)"), "{}", warned(&there));
}

#[test]
fn what_a_migration_has_made_unreadable_is_put_down_to_it_though_nobody_has_read_it() {
    let scene = Scene {
        table: "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text)",
        migrations: vec!["UPDATE orders SET amount = amount * 100"],
        select: "SELECT id, amount FROM orders",
        does: "work: 1ms",
        ..ORDERS
    };
    let never = "go: [{work: 1ms}], never: [{read: orders}, {rewrite: orders}]";
    let text = scene.text().replace("go: [{work: 1ms}]", never);
    let world = lived(&model(&Bundle::from_text("scene", text, "")), Some("orders"), 1);
    let why = world.explain(sim::Figure::Misread);
    assert_eq!(why.count.remaining, u64::from(ROWS), "{why:#?}");
    assert!(why.chain.iter().any(|link| link.line.what.contains("orders is in state m")), "{why:#?}");
    assert_eq!(why.roots.len(), 1, "{why:#?}");
    let reasons = why.parts.iter().flat_map(|part| &part.reasons);
    assert!(reasons.clone().all(|reason| reason.contains("other unit")), "{:?}", reasons.collect::<Vec<_>>());
}

#[test]
fn a_generated_column_that_is_made_otherwise_is_not_judged() {
    let table = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text, \
                 g integer GENERATED ALWAYS AS (amount * 2) STORED)";
    let scene = |up| Scene { table, migrations: vec![up], select: "SELECT id, g FROM orders", ..ORDERS }.summary();
    let anew = "ALTER TABLE orders DROP COLUMN g; ALTER TABLE orders ADD COLUMN g integer GENERATED ALWAYS AS";
    let phrase = "m: whether g is computed anew without an error, and means what it did";
    let other = scene(format!("{anew} (amount * 3) STORED").leak());
    assert!(other.not_judged.iter().any(|one| one == phrase), "{:?}", other.not_judged);
    assert_eq!(other.harm.fields_lost.ever, 0, "{:?}", other.harm);
    let same = scene(format!("{anew} (amount * 2) STORED").leak());
    assert_eq!((same.outcome, same.not_judged.len()), (Outcome::NoHarm, 0), "{:?}", same.harm);
}

#[test]
fn what_a_cache_was_filled_with_before_its_meaning_changed_is_not_judged() {
    let cached = |up| {
        let scene = Scene { migrations: vec![up], ..ORDERS };
        let text = scene.text().replace("stores:\n", "caches: {c: {ttl: 30m}}\nstores:\n");
        let text = text.replace("rate: 2/s}", "rate: 2/s, keys: {count: 50}}");
        let text = text.replace("go: [{read: orders}]", "go: [{cache: c, miss: [{read: orders}]}]");
        compile(&Bundle::from_text("scene", text, "")).map(|compiled| compiled.warnings.map(|one| one.short())).unwrap()
    };
    let told = cached("UPDATE orders SET amount = amount * 100").expect("a warning");
    assert!(told.contains("not judged: entries of `c` that were filled from `orders` before `m`"), "{told}");
    assert_eq!(cached("ALTER TABLE orders ADD COLUMN z text"), None);
}
