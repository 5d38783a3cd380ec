//! Two scripts of SQL compared: what the old version meets after the migration that the new script goes on with.

use formats::{Language, Pairs, Source, Tables, pairs};
use model::data::{Comparison, Effect, Judgement, Outcome, Row, Way, Why};

const ORDERS: &str = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text);";

fn source<'a>(format: &'a str, text: &'a str) -> Source<'a> {
    Source { format, bytes: text.as_bytes(), language: Language::Sql }
}

fn paired(old: &str, new: &str) -> Pairs {
    pairs(&source("old", old), &source("new", new)).expect("both are supported")
}

fn comparison(tables: &Tables) -> Comparison {
    match tables {
        Tables::Migrated(history) => Comparison::of_migration(history).expect("it is modelled"),
        Tables::States(entity) => Comparison::of_states(entity.clone()),
        Tables::Anew(entity) => Comparison::of_remade(entity.clone()),
    }
}

/// The table after a migration.
fn migrated(old: &str, rest: &str) -> Comparison {
    let pairs = paired(old, &format!("{old}\n{rest}"));
    assert!(pairs.gone.is_empty() && matches!(pairs.tables[..], [Tables::Migrated(_)]), "{rest}: {pairs:?}");
    comparison(&pairs.tables[0])
}

fn row(comparison: &Comparison, name: &str) -> Row {
    let slot = (!name.is_empty()).then(|| comparison.entity.slot(name).expect("a column"));
    comparison.rows.iter().find(|row| row.slot == slot).cloned().expect("a row")
}

/// The reason of the worst consequence.
fn said(way: &Way) -> String {
    way.consequences.first().map_or(String::new(), |one| one.finding.to_string())
}

/// The judgement; of a column what the old version meets in reading it and in inserting it, and why.
fn check(rest: &str, column: &str, expected: (Judgement, Outcome, Outcome), why: &str) {
    let comparison = migrated(ORDERS, rest);
    let row = row(&comparison, column);
    let inserted = row.old_inserts_new.expect("what it inserts is known");
    let got = (comparison.judgement(), row.old_reads_new.outcome, inserted.outcome);
    assert_eq!(got, expected, "{rest}: {comparison:#?}");
    let reasons = format!("{}; {}", said(&row.old_reads_new), said(&inserted));
    assert!(reasons.contains(why), "{rest}: {reasons}");
}

#[test]
fn a_check_of_a_column_that_an_insert_leaves_null_is_met() {
    for condition in ["lo < amount", "lo IS NULL OR lo < amount"] {
        let rest = format!("ALTER TABLE orders ADD COLUMN lo integer CHECK ({condition});");
        let amount = row(&migrated(ORDERS, &rest), "amount");
        assert_eq!(amount.old_inserts_new.expect("it is known").outcome, Outcome::Ok, "{rest}");
        assert_eq!(amount.old_updates_new.expect("it is known").outcome, Outcome::FailsForSome, "{rest}");
    }
    let broken = [("lo integer DEFAULT 5", "lo < amount"), ("lo integer", "lo IS NOT NULL OR amount > 5")];
    for (added, condition) in broken {
        let rest = format!("ALTER TABLE orders ADD COLUMN {added}; ALTER TABLE orders ADD CHECK ({condition});");
        let amount = row(&migrated(ORDERS, &rest), "amount");
        assert_eq!(amount.old_inserts_new.expect("it is known").outcome, Outcome::FailsForSome, "{rest}");
    }
    let rest = "ALTER TABLE orders ADD COLUMN lo integer;
                ALTER TABLE orders ADD CHECK (note IS NOT NULL OR lo IS NOT NULL);";
    let note = row(&migrated(ORDERS, rest), "note").old_inserts_new.expect("it is known");
    assert_eq!(note.consequences[0].records.as_deref(), Some("with note = null"), "{note:?}");
}

#[test]
fn a_table_that_is_made_anew_is_said_to_be() {
    let moved = "CREATE TABLE n (id bigint PRIMARY KEY, amount integer NOT NULL, note text);
                 INSERT INTO n (id, amount, note) SELECT id, amount, note FROM orders;
                 DROP TABLE orders; ALTER TABLE n RENAME TO orders;";
    for rest in
        [moved, "DROP TABLE orders; CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text);"]
    {
        let pairs = paired(ORDERS, &format!("{ORDERS}\n{rest}"));
        let [anew @ Tables::Anew(_)] = &pairs.tables[..] else { panic!("{rest}: {pairs:?}") };
        let compared = comparison(anew);
        assert_eq!(compared.judgement(), Judgement::Undecided);
        let phrase = "which rows come along: the script makes the table anew";
        assert_eq!(compared.unjudged.first().map(String::as_str), Some(phrase));
    }
}

#[test]
fn what_the_old_version_meets_is_derived_from_the_migration() {
    use Judgement::{Harmful, Lossless};
    use Outcome::{Fails, FailsForSome, Misread, Ok, UnitUnknown};
    check("", "amount", (Lossless, Ok, Ok), "");
    check("ALTER TABLE orders ADD COLUMN x integer;", "note", (Lossless, Ok, Ok), "");
    check("CREATE INDEX i ON orders (note); CREATE TABLE other (a int);", "note", (Lossless, Ok, Ok), "");
    check("UPDATE orders SET amount = amount / 100;", "amount", (Harmful, Misread, Misread), "other unit");
    check("ALTER TABLE orders RENAME TO purchases;", "", (Harmful, Fails, Fails), "42P01");
    check("ALTER TABLE orders ALTER COLUMN note TYPE varchar(10);", "note", (Harmful, Ok, FailsForSome), "22001");
    check("ALTER TABLE orders ADD CHECK (amount > 0);", "amount", (Harmful, Ok, FailsForSome), "23514");
    check("CREATE INDEX i ON orders (amount) WHERE note IS NOT NULL;", "note", (Lossless, Ok, Ok), "");
    check("CREATE UNIQUE INDEX u ON orders (note);", "note", (Harmful, Ok, FailsForSome), "23505");
    check("ALTER TABLE orders ALTER COLUMN note SET NOT NULL;", "note", (Harmful, Ok, FailsForSome), "23502");
    check(
        "ALTER TABLE orders ALTER COLUMN amount TYPE smallint;",
        "amount",
        (Harmful, UnitUnknown, FailsForSome),
        "22003",
    );
    let one = "CREATE TYPE kind AS ENUM ('a', 'b');";
    let symbols = format!("{one} ALTER TABLE orders ALTER COLUMN note TYPE kind USING note::kind;");
    check(&symbols, "note", (Harmful, Ok, FailsForSome), "22P02");
    check("ALTER TABLE orders DROP COLUMN note;", "note", (Harmful, Fails, Fails), "42703");
    check("ALTER TABLE orders RENAME COLUMN note TO remark;", "note", (Harmful, Fails, Fails), "42703");
}

#[test]
fn a_column_that_nobody_fills_stops_every_old_insert() {
    let comparison = migrated(ORDERS, "ALTER TABLE orders ADD COLUMN x integer NOT NULL;");
    let x = row(&comparison, "x");
    let inserts = x.old_inserts_new.expect("what it inserts is known");
    assert_eq!((inserts.outcome, x.old_reads_new.outcome), (Outcome::Fails, Outcome::Unseen));
    assert!(said(&inserts).contains("23502"), "{inserts:?}");
    assert_eq!(x.old_updates_new.expect("what it updates is known").outcome, Outcome::Nothing);
    assert_eq!(x.new_reads_old.outcome, Outcome::Fails, "the migration stops at the first row");
}

#[test]
fn columns_that_swap_their_names_are_misread_both_ways() {
    let table = "CREATE TABLE t (a integer, b integer);";
    let swap = "ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE t RENAME COLUMN b TO a; \
                ALTER TABLE t RENAME COLUMN c TO b;";
    let comparison = migrated(table, swap);
    assert_eq!(comparison.judgement(), Judgement::Harmful);
    for name in ["a", "b"] {
        let row = row(&comparison, name);
        let outcomes = [&row.old_inserts_new, &row.old_updates_new].map(|way| way.as_ref().map(|way| way.outcome));
        assert_eq!(row.old_reads_new.outcome, Outcome::Misread);
        assert_eq!(outcomes, [Some(Outcome::Misread); 2]);
    }
}

#[test]
fn an_insert_that_leaves_out_what_it_may_is_judged_too() {
    let table = "CREATE TABLE t (a integer, b integer NOT NULL DEFAULT 0);";
    let b = row(&migrated(table, "ALTER TABLE t ALTER COLUMN b DROP DEFAULT;"), "b");
    let inserts = b.old_inserts_new.expect("what it inserts is known");
    assert_eq!(
        (inserts.outcome, inserts.consequences[0].records.as_deref()),
        (Outcome::FailsForSome, Some("without b"))
    );
}

#[test]
fn a_default_that_breaks_a_new_rule_stops_old_inserts() {
    let worst = |rest: &str| {
        let c = row(&migrated(ORDERS, rest), "c");
        c.old_inserts_new.expect("what it inserts is known").outcome
    };
    let unique =
        |column: &str| format!("ALTER TABLE orders ADD COLUMN c {column}; CREATE UNIQUE INDEX u ON orders (c);");
    assert_eq!(worst(&unique("text NOT NULL DEFAULT ''")), Outcome::Fails, "all but the first");
    assert_eq!(worst(&unique("text")), Outcome::Nothing, "NULL equals nothing");
    assert_eq!(worst("ALTER TABLE orders ADD COLUMN c int DEFAULT -1 CHECK (c > 0);"), Outcome::Fails);
    assert_eq!(worst("ALTER TABLE orders ADD COLUMN c int NOT NULL DEFAULT NULL;"), Outcome::Fails, "23502");
    let met = "ALTER TABLE orders ADD COLUMN c text NOT NULL DEFAULT 'new' CHECK (c IN ('new', 'paid'));";
    assert_eq!(worst(met), Outcome::Nothing, "the default meets it");
}

#[test]
fn rows_that_are_gone_are_a_loss() {
    let check = |rest: &str| {
        let comparison = migrated(ORDERS, rest);
        assert_eq!(row(&comparison, "").new_reads_old.outcome, Outcome::Lost, "{rest}");
        assert_eq!(comparison.judgement(), Judgement::Harmful, "{rest}");
    };
    check("DELETE FROM orders WHERE amount = 0;");
    check("TRUNCATE orders;");
    check("ALTER TABLE orders RENAME TO o; DELETE FROM o; ALTER TABLE o RENAME TO orders;");
    let gone = paired(ORDERS, &format!("{ORDERS} DROP TABLE orders; CREATE TABLE purchases (id int);"));
    assert_eq!((gone.gone, gone.added), (vec!["orders".to_owned()], vec!["purchases".to_owned()]));
    assert_eq!(paired(ORDERS, &format!("{ORDERS} DROP TABLE orders;")).gone, ["orders"]);
}

#[test]
fn what_is_computed_anew_is_never_taken_for_the_same() {
    let check = |rest: &str, what: &[&str]| {
        let comparison = migrated(ORDERS, rest);
        assert_eq!(comparison.judgement(), Judgement::Undecided, "{rest}: {comparison:#?}");
        assert_eq!(comparison.unjudged, what, "{rest}");
    };
    let anew = |column: &str| format!("whether {column} is computed anew without an error, and means what it did");
    check("UPDATE orders SET note = upper(note);", &[&anew("note")]);
    check("UPDATE orders SET amount = amount / 100 WHERE amount > 5;", &[&anew("amount")]);
    check("UPDATE orders SET amount = amount / 100 WHERE id > 5;", &[&anew("amount")]);
    check("UPDATE orders SET amount = amount % 7;", &[&anew("amount")]);
    let fits = "whether amount, which new makes of note, fits it";
    check("UPDATE orders SET amount = coalesce(length(note), 0);", &[&anew("amount"), fits]);
    let child = "CREATE TABLE lines (order_id bigint REFERENCES orders (id));";
    check(child, &["whether it deletes rows that lines points to (SQLSTATE 23503)"]);
}

#[test]
fn a_backfill_is_not_called_safe_as_long_as_nobody_says_whether_the_two_columns_go_together() {
    let check = |added: &str, fill: &str, what: &[&str]| {
        let comparison = migrated(ORDERS, &format!("ALTER TABLE orders ADD COLUMN {added}; {fill}"));
        let expected = if what.is_empty() { Judgement::Lossless } else { Judgement::Undecided };
        assert_eq!(comparison.judgement(), expected, "{added} {fill}: {comparison:#?}");
        assert_eq!(comparison.unjudged, what, "{added} {fill}");
    };
    let adrift = "whether c is what was meant: nobody says if it goes with another column (`in_step:`)";
    check("c integer", "", &[]);
    check("c integer", "UPDATE orders SET c = 7;", &[]);
    check("c integer", "UPDATE orders SET c = amount;", &[adrift]);
    check("c integer", "UPDATE orders SET c = amount WHERE c IS NULL;", &[adrift]);
    check("c integer DEFAULT 0", "UPDATE orders SET c = amount;", &[adrift]);
    check("c text", "UPDATE orders SET c = lower(note);", &[adrift]);
    check("c bigint", "UPDATE orders SET c = amount::bigint * 100;", &[adrift]);
    check("c bigint GENERATED ALWAYS AS (amount) STORED", "", &[]);
    let filled = "whether other, filled from orders, goes with it from then on";
    check("c integer", "CREATE TABLE other (id bigint); INSERT INTO other SELECT id FROM orders;", &[filled]);
    let both = "CREATE TABLE t (a integer, b integer);";
    let fits = "whether b, which new makes of a, fits it";
    let unjudged = migrated(both, "UPDATE t SET b = a WHERE b IS NULL;").unjudged;
    assert!(unjudged.iter().any(|one| one == fits), "{unjudged:?}");
}

#[test]
fn a_multiple_is_another_unit_however_it_is_written() {
    let check = |rest: &str, back: Outcome| {
        let comparison = migrated(ORDERS, rest);
        let amount = row(&comparison, "amount");
        assert_eq!(amount.old_reads_new.outcome, Outcome::Misread, "{rest}");
        assert_eq!(amount.new_reads_old.outcome, back, "{rest}");
        assert_eq!((comparison.judgement(), comparison.unjudged.len()), (Judgement::Harmful, 0), "{rest}");
    };
    use Outcome::Narrowed;
    // What is behind the point is gone: the way back multiplies what is left.
    check("UPDATE orders SET amount = amount / 100;", Narrowed);
    check("ALTER TABLE orders ALTER COLUMN amount TYPE integer USING amount / 100;", Narrowed);
    check("UPDATE orders SET amount = 100 * amount;", Outcome::FailsForSome);
    check("UPDATE orders SET amount = -amount;", Outcome::FailsForSome);
    let renamed = "ALTER TABLE orders RENAME TO o; UPDATE o SET amount = amount / 100; ALTER TABLE o RENAME TO orders;";
    check(renamed, Narrowed);
    let hidden = "ALTER TABLE orders RENAME COLUMN amount TO x; UPDATE orders SET x = x / 100; \
                  ALTER TABLE orders RENAME COLUMN x TO amount;";
    check(hidden, Narrowed);
    let nothing = migrated(ORDERS, "UPDATE orders SET amount = amount * 1;");
    assert_eq!(nothing.judgement(), Judgement::Lossless);
}

#[test]
fn what_stops_every_row_stops_the_migration() {
    let check = |rest: &str, column: &str, code: &str| {
        let way = row(&migrated(ORDERS, rest), column).new_reads_old;
        assert!(matches!(way.outcome, Outcome::Fails | Outcome::FailsForSome), "{rest}: {way:?}");
        assert!(said(&way).contains(code), "{rest}: {way:?}");
    };
    check("UPDATE orders SET amount = amount / 0;", "", "22012");
    check("ALTER TABLE orders ADD COLUMN x int NOT NULL; UPDATE orders SET x = 1;", "x", "23502");
    let early = "ALTER TABLE orders ADD COLUMN x int; ALTER TABLE orders ALTER COLUMN x SET NOT NULL; \
                 UPDATE orders SET x = 1;";
    check(early, "x", "23502");
    check("UPDATE orders SET amount = NULL;", "amount", "23502");
    check("ALTER TABLE orders ADD COLUMN x int NOT NULL DEFAULT 0 CHECK (x > 0);", "x", "23514");
    check("ALTER TABLE orders ADD COLUMN x text NOT NULL DEFAULT '' UNIQUE;", "x", "23505");
    check("ALTER TABLE orders ADD COLUMN x bigint GENERATED ALWAYS AS (100 / amount) STORED;", "amount", "22012");
    let late = "ALTER TABLE orders ADD COLUMN x int; UPDATE orders SET x = 1; \
                ALTER TABLE orders ALTER COLUMN x SET NOT NULL;";
    assert_eq!(row(&migrated(ORDERS, late), "x").new_reads_old.outcome, Outcome::Nothing);
}

#[test]
fn a_rule_is_what_it_demands_and_not_what_it_is_called() {
    let old = "CREATE TABLE o (id bigint PRIMARY KEY, a integer CONSTRAINT c CHECK (a > 0));";
    let again = |rule: &str| format!("ALTER TABLE o DROP CONSTRAINT c; ALTER TABLE o ADD CONSTRAINT {rule};");
    let tighter = row(&migrated(old, &again("c CHECK (a > 100)")), "a");
    let inserts = tighter.old_inserts_new.expect("what it inserts is known");
    assert_eq!((tighter.new_reads_old.outcome, inserts.outcome), (Outcome::FailsForSome, Outcome::FailsForSome));
    assert!(said(&inserts).contains("23514"));
    let looser = migrated(old, &again("c CHECK (a > -100)"));
    assert_eq!(looser.judgement(), Judgement::Undecided, "{looser:#?}");
    assert_eq!(looser.unjudged, ["what the old version makes of rows that c has kept out"]);
    assert_eq!(migrated(old, &again("d CHECK (a > 0)")).judgement(), Judgement::Lossless);
    assert_eq!(migrated(old, "ALTER TABLE o DROP CONSTRAINT c;").judgement(), Judgement::Undecided);
    let later = row(&migrated(ORDERS, "ALTER TABLE orders ADD CHECK (amount > 0) NOT VALID;"), "amount");
    assert_eq!(later.new_reads_old.outcome, Outcome::Ok, "rows that are there are not looked at");
    assert_eq!(later.old_inserts_new.expect("what it inserts is known").outcome, Outcome::FailsForSome);
}

#[test]
fn what_is_done_to_another_table_is_not_done_to_this_one() {
    let two = "CREATE TABLE o (id bigint PRIMARY KEY, a text); CREATE TABLE p (id bigint PRIMARY KEY, a text);";
    let pairs = paired(two, &format!("{two} ALTER TABLE p ALTER COLUMN a TYPE varchar(3); UPDATE p SET a = 'x';"));
    assert_eq!(comparison(&pairs.tables[0]).judgement(), Judgement::Lossless);
    assert_eq!(comparison(&pairs.tables[1]).judgement(), Judgement::Harmful);
}

#[test]
fn a_cast_that_is_written_fails_as_its_type_says() {
    let codes = |of: &str, using: &str| {
        let rest = format!("CREATE TYPE k AS ENUM ('a', 'b'); ALTER TABLE orders ALTER COLUMN note TYPE {of} {using};");
        let way = row(&migrated(ORDERS, &rest), "note").new_reads_old;
        let each = way.consequences.iter().filter_map(|one| one.finding.detail.split("SQLSTATE ").nth(1));
        each.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(codes("k", "USING note::k"), ["22P02"]);
    assert_eq!(codes("date", "USING note::date"), ["22007", "22008"]);
    assert_eq!(codes("integer", "USING note::integer"), ["22P02", "22003"]);
}

#[test]
fn without_the_way_from_one_to_the_other_nothing_is_safe() {
    let check = |new: &str, expected: Judgement| {
        let pairs = paired(ORDERS, new);
        let [Tables::States(_) | Tables::Anew(_)] = &pairs.tables[..] else { panic!("{pairs:?}") };
        let comparison = comparison(&pairs.tables[0]);
        // A column that is new, and a table that is made anew, are one phrase more.
        let more = usize::from(new.contains("extra") || new.starts_with(ORDERS));
        assert_eq!((comparison.judgement(), comparison.unjudged.len()), (expected, 3 + more), "{new}");
    };
    check("CREATE TABLE orders (id bigint PRIMARY KEY, amount integer, note text);", Judgement::Harmful);
    check("CREATE TABLE orders (id bigint NOT NULL, amount integer NOT NULL, note text);", Judgement::Undecided);
    let extra = "CREATE TABLE orders (id bigint NOT NULL, amount integer NOT NULL, note text, extra text);";
    check(extra, Judgement::Undecided);
    let anew = "DROP TABLE orders; CREATE TABLE orders (id bigint NOT NULL, amount integer NOT NULL, note text);";
    check(&format!("{ORDERS} {anew}"), Judgement::Undecided);
    let swapped = "ALTER TABLE orders RENAME TO past; CREATE TABLE orders (id bigint, amount integer, note text);";
    check(&format!("{ORDERS} {swapped}"), Judgement::Harmful);
}

#[test]
fn a_table_is_told_by_its_name() {
    let other = paired(ORDERS, "CREATE TABLE purchases (id bigint PRIMARY KEY, amount integer NOT NULL, note text);");
    assert!(other.tables.is_empty());
    assert_eq!((other.gone, other.added), (vec!["orders".to_owned()], vec!["purchases".to_owned()]));
    let renamed = paired(ORDERS, &format!("{ORDERS} ALTER TABLE orders RENAME TO purchases;"));
    assert_eq!((renamed.tables.len(), renamed.gone.len(), renamed.added.len()), (1, 0, 0));
}

#[test]
fn what_is_wrong_with_a_script_has_its_place() {
    let check = |text: &str, expected: &str| {
        let errors = pairs(&source("old", ORDERS), &source("new", text)).expect_err("it is refused");
        assert_eq!(errors.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    };
    let twice = "CREATE TABLE t (a int);\n -- again\n  CREATE TABLE t (b int);";
    let exists = "the database says: SQLSTATE 42P07: relation \"t\" already exists; correct the script";
    check(twice, &format!("new:3:3: {exists}"));
    let root = "CREATE TABLE t (a int);\n ALTER TABLE t ADD CHECK (sqrt(a) < 5);";
    check(root, "new:2:2: not modelled: the function sqrt; leave this out of the script");
    check("CREATE TABLE t (\n  a int,\n  b int\n", "new:3:8: found the end; expected `)`");
    check(
        "CREATE TABLE t (a int DEFAULT 1 +\n",
        "new:1:31: Expected: an expression, found: EOF; write it as PostgreSQL's manual has it",
    );
}

#[test]
fn many_statements_are_one_script() {
    let rows: String = (0..2000).map(|id| format!("INSERT INTO orders VALUES ({id}, 1, NULL);\n")).collect();
    let database = formats::sql::database("s", &format!("{ORDERS}\n{rows}")).expect("it is supported");
    assert_eq!(database.tables["orders"].rows.len(), 2000);
}

#[test]
fn a_table_goes_through_what_concerns_it() {
    use model::data::sql::concerning;
    let tables = "CREATE TYPE k AS ENUM ('a'); CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int); \
                  CREATE TABLE c (id int, a int REFERENCES a (id)); CREATE INDEX i ON b (id);";
    let rest = "ALTER TABLE a ADD COLUMN x int; ALTER TABLE b ADD COLUMN x int; DROP INDEX i; \
                ALTER TYPE k ADD VALUE 'b'; UPDATE c SET a = NULL; CREATE TABLE d (id int); DROP TABLE d;";
    let database = formats::sql::database("tables", tables).expect("it is supported");
    let steps = formats::sql::migration("rest", rest).expect("it is supported");
    let near = |table: &str| {
        let (database, near) = concerning(table, &database, &steps);
        (database.tables.into_keys().collect::<Vec<_>>(), near.len())
    };
    assert_eq!(near("a"), (vec!["a".to_owned(), "c".to_owned()], 3));
    assert_eq!(near("b"), (vec!["b".to_owned()], 3));
}

#[test]
fn a_default_goes_along_into_another_type_and_one_of_the_clock_is_not_judged() {
    let table = |column: &str| format!("CREATE TABLE t (id bigint PRIMARY KEY, {column});");
    let told = |column: &str, rest: &str| {
        let one = migrated(&table(column), rest);
        let insert = row(&one, "a").old_inserts_new.map_or(String::new(), |way| said(&way));
        (insert, one.unjudged.join("; "))
    };
    let wider = "ALTER TABLE t ALTER a TYPE numeric(12,4);";
    assert!(!told("a numeric(8,2) DEFAULT 0", wider).0.contains("became"), "it is the same in the new type");
    let (insert, _) = told("a numeric(8,2) DEFAULT 0", &format!("{wider} ALTER TABLE t ALTER a SET DEFAULT 1;"));
    assert!(insert.contains("'0.00' became '1.0000'"), "{insert}");
    let (_, open) = told("a timestamp DEFAULT now()", "ALTER TABLE t ALTER a DROP DEFAULT;");
    assert!(open.contains("whether the other default of a means the same"), "{open}");
}

/// All that is said of a way, a line each.
fn all_said(way: Option<&Way>) -> String {
    way.into_iter().flat_map(|way| &way.consequences).map(|one| format!("{}\n", one.finding)).collect()
}

#[test]
fn a_check_that_cannot_be_told_raises_what_its_condition_does() {
    let said = |rule: &str, column: &str| {
        let row = row(&migrated(ORDERS, &format!("ALTER TABLE orders ADD CONSTRAINT c CHECK ({rule});")), column);
        [all_said(Some(&row.new_reads_old)), all_said(row.old_inserts_new.as_ref())]
    };
    let zero = "division by zero: constraint c, SQLSTATE 22012\n";
    let violates = "against a constraint: constraint c, SQLSTATE 23514\n";
    for both in said("100 / amount > 0", "amount") {
        assert!(both.contains(zero) && both.contains(violates) && both.lines().count() == 2, "{both}");
    }
    for both in said("100 / amount IS NOT NULL", "amount") {
        assert_eq!(both, zero);
    }
    for both in said("note::integer > 0", "note") {
        let parts = ["types do not fit: constraint c, SQLSTATE 22P02\n", violates, "constraint c, SQLSTATE 22003\n"];
        assert!(parts.iter().all(|part| both.contains(part)) && both.lines().count() == 3, "{both}");
    }
    // Of two columns, the one by which is divided raises it.
    let [_, divisor] = said("id / amount < 5", "amount");
    let [_, dividend] = said("id / amount < 5", "id");
    assert!(divisor.contains(zero) && divisor.contains(violates), "{divisor}");
    assert_eq!(dividend, violates);
}

#[test]
fn what_some_values_meet_has_a_value_that_meets_it() {
    let table = "CREATE TABLE t (id bigint PRIMARY KEY, a integer NOT NULL, p numeric(8,2), n varchar(20));";
    let shown = |way: Option<&Way>| -> Vec<Option<String>> {
        way.into_iter().flat_map(|way| &way.consequences).map(|one| one.example.clone()).collect()
    };
    let check = |rest: &str, column: &str, expected: [&[&str]; 3]| {
        let row = row(&migrated(table, rest), column);
        let ways = [Some(&row.new_reads_old), Some(&row.old_reads_new), row.old_inserts_new.as_ref()];
        let values = |all: &[&str]| all.iter().map(|text| Some((*text).to_owned())).collect::<Vec<_>>();
        assert_eq!(ways.map(shown), expected.map(values), "{rest}");
    };
    let backfill = "ALTER TABLE t ADD COLUMN c bigint; UPDATE t SET c = a * 100;";
    check(backfill, "a", [&["-2147483648"], &[], &[]]);
    check("ALTER TABLE t ADD CHECK (a > 0) NOT VALID;", "a", [&[], &[], &["-1"]]);
    check("ALTER TABLE t ADD CHECK (100 / a IS NOT NULL);", "a", [&["0"], &[], &["0"]]);
    check("ALTER TABLE t ADD CHECK (n <> 'ab');", "n", [&["\"ab\""], &[], &["\"ab\""]]);
    let shorter = ["\"aaaaaaaaaaa\"", "\"xxxxxxxxxx \""];
    check("ALTER TABLE t ALTER COLUMN n TYPE varchar(10);", "n", [&shorter, &[], &shorter]);
    let wider = migrated(table, "ALTER TABLE t ALTER COLUMN a TYPE numeric(14,2);");
    let read = row(&wider, "a").old_reads_new;
    assert!(shown(Some(&read)).iter().any(|one| one.as_deref() == Some("-2147483649.00")), "{read:?}");
}

#[test]
fn a_program_that_knows_an_integer_reads_no_fraction() {
    let read = |to: &str| -> Vec<(Why, Option<String>)> {
        let table = "CREATE TABLE t (id bigint PRIMARY KEY, a integer NOT NULL);";
        let way = row(&migrated(table, &format!("ALTER TABLE t ALTER COLUMN a TYPE {to};")), "a").old_reads_new;
        let told = way.consequences.iter().filter(|one| one.finding.effect == Effect::ErrHard);
        told.map(|one| (one.finding.why, one.example.clone())).collect()
    };
    let shown = |text: &str| Some(text.to_owned());
    // A column of eight digits before the point holds no integer that is too big.
    assert_eq!(read("numeric(10,2)"), [(Why::NotWhole, shown("1.50"))]);
    assert_eq!(read("numeric(9,0)"), []);
    assert_eq!(read("numeric(10,0)"), [(Why::OutOfRange, shown("-2147483649"))]);
    assert_eq!(read("numeric(14,2)").len(), 2, "both");
}

#[test]
fn what_a_type_refuses_has_a_value_where_the_statement_itself_is_refused() {
    let table = "CREATE TABLE t (id bigint PRIMARY KEY, a integer NOT NULL, n varchar(20), c text NOT NULL);";
    let rest = "ALTER TABLE t ALTER COLUMN n TYPE varchar(10), ALTER COLUMN a TYPE numeric(10,2); \
                ALTER TABLE t RENAME COLUMN c TO d;";
    let compared = migrated(table, rest);
    for (column, expected) in [("a", "100000000"), ("n", "\"aaaaaaaaaaa\"")] {
        let way = row(&compared, column).old_inserts_new.unwrap();
        let told = way.consequences.iter().find(|one| one.finding.effect == Effect::ErrHard).unwrap();
        assert_eq!(told.example.as_deref(), Some(expected), "{way:?}");
    }
}
