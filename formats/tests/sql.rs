//! What is read of SQL, and what is refused: with its place, what was found and what to do.

use formats::sql::{column_type, database, migration, statement};
use model::data::sql::{Answer, SqlError, State, execute, migrate, there_and_back};

/// Refused at this place, with these words.
fn refused(text: &str, place: &str, found: &str) {
    let errors = migration("m", text).expect_err(text);
    let said = errors[0].to_string();
    assert!(said.starts_with(&format!("m:{place}: ")) && said.contains(found), "{text}: {said}");
}

#[test]
fn what_is_not_supported_is_an_error_with_its_place() {
    refused("CREATE VIEW v AS SELECT 1", "1:8", "`VIEW`");
    refused("ALTER TABLE t DROP COLUMN a CASCADE", "1:29", "`CASCADE`");
    refused("ALTER TABLE t\n  ADD COLUMN c interval", "2:16", "the type INTERVAL");
    refused("ALTER TABLE other.t ADD COLUMN c int", "1:13", "the schema `other`");
    refused("UPDATE t SET a = 1 FROM p", "1:20", "`FROM`");
    refused("UPDATE t SET a = (SELECT 1)", "1:19", "SELECT 1");
    refused("SELECT a FROM t JOIN p ON true", "1:17", "`JOIN`");
    refused("SELECT count(DISTINCT a) FROM t", "1:8", "DISTINCT");
    refused("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "1:26", "`ON`");
    refused("INSERT INTO t VALUES (1) RETURNING id", "1:26", "`RETURNING`");
    refused("SELECT a FROM t WHERE a = b = c", "1:23", "chain of comparisons");
    refused("SELECT a LIKE 'x' FROM t", "1:8", "LIKE");
    refused("CREATE TABLE t(a int REFERENCES p ON DELETE CASCADE)", "1:35", "`ON`");
    refused("SELECT 'x", "1:8", "Unterminated");
}

#[test]
fn every_statement_that_is_not_understood_is_told() {
    let errors = migration("m", "GRANT ALL ON t TO u; UPDATE t SET a = 1; DROP VIEW v").expect_err("two errors");
    let places: Vec<_> = errors.iter().filter_map(|error| error.position).map(|at| at.column).collect();
    assert_eq!(places, [1, 47]);
}

#[test]
fn nesting_has_an_end() {
    let deep = format!("SELECT {}1{} FROM t", "(".repeat(10_000), ")".repeat(10_000));
    assert!(statement("s", &deep).is_err());
    for (first, then, last) in
        [("NOT ", "", ""), ("- ", "", ""), ("", "1 + ", ""), ("", "a || ", ""), ("CASE WHEN ", "a THEN ", "END ")]
    {
        for count in [1, 10, 60, 70, 10_000] {
            let text = first.repeat(count) + &then.repeat(count) + "a " + &last.repeat(count);
            let read = statement("s", &format!("SELECT {text} FROM t"));
            assert!(count <= 60 || read.is_err(), "{first}{then} {count} times");
        }
    }
    let deepest = format!("SELECT {}1{} FROM t", "(".repeat(10), ")".repeat(10));
    assert!(statement("s", &deepest).is_ok());
    let longest = format!("SELECT {} FROM t", vec!["a"; 65].join("+"));
    assert!(statement("s", &longest).is_ok());
    let many = format!("INSERT INTO t VALUES {}", vec!["(-1, 'x')"; 5_000].join(", "));
    assert!(statement("s", &many).is_ok());
}

#[test]
fn types_are_read_under_all_their_names() {
    let names = [
        ("int", "integer"),
        ("int8", "bigint"),
        ("decimal(6)", "numeric(6,0)"),
        ("character varying(7)", "character varying(7)"),
        ("char", "character(1)"),
        ("timestamp with time zone", "timestamptz"),
        ("timestamp(3) without time zone", "timestamp(3)"),
        ("float(10)", "real"),
        ("\"Mood\"", "Mood"),
        ("Mood", "mood"),
    ];
    for (text, name) in names {
        assert_eq!(column_type("t", text).map(|of| of.to_string()), Ok(name.to_owned()), "{text}");
    }
    for text in ["money", "int[]", "time", "numeric(5,-2)", "bit(3)", "varchar(10) x"] {
        assert!(column_type("t", text).is_err(), "{text}");
    }
}

#[test]
fn a_way_back_may_restore_the_schema_and_not_the_data() {
    let before =
        database("d", "CREATE TABLE t(id int PRIMARY KEY, b int, n int); INSERT INTO t VALUES (1, 5, 1999)").unwrap();
    let steps = |text| migration("m", text).unwrap();
    let way = |up, down| there_and_back(&before, &steps(up), &steps(down)).unwrap();
    let dropped = way("ALTER TABLE t DROP COLUMN b", "ALTER TABLE t ADD COLUMN b int");
    assert_eq!((dropped.failure, dropped.schema_restored, dropped.data_restored), (None, true, false));
    let scaled = way("UPDATE t SET n = n / 100", "UPDATE t SET n = n * 100");
    assert_eq!((scaled.schema_restored, scaled.data_restored), (true, false));
    let renamed = way("ALTER TABLE t RENAME COLUMN b TO c", "ALTER TABLE t RENAME COLUMN c TO b");
    assert_eq!((renamed.schema_restored, renamed.data_restored), (true, true));
    let half = way("ALTER TABLE t ALTER COLUMN b SET NOT NULL", "ALTER TABLE t ALTER COLUMN b SET DEFAULT 1");
    assert_eq!((half.schema_restored, half.data_restored), (false, true));
    let failed = way("ALTER TABLE t DROP COLUMN b", "ALTER TABLE t DROP COLUMN b");
    assert_eq!(failed.failure.and_then(|error| error.state()), Some(State::UndefinedColumn));
}

#[test]
fn a_migration_is_made_whole_or_not_at_all() {
    let mut database = database("d", "CREATE TABLE t(id int PRIMARY KEY); INSERT INTO t VALUES (1)").unwrap();
    let before = database.clone();
    let steps = migration("m", "ALTER TABLE t ADD COLUMN c int; ALTER TABLE t ALTER COLUMN c SET NOT NULL").unwrap();
    assert_eq!(migrate(&steps, &mut database).unwrap_err().state(), Some(State::NotNull));
    assert_eq!(database, before);
}

#[test]
fn numbers_drawn_from_a_sequence_are_gone_even_when_the_statement_fails() {
    let mut database = database("d", "CREATE TABLE t(id serial PRIMARY KEY, b int CHECK (b > 0))").unwrap();
    let insert = |b: &str, database: &mut _| {
        execute(&statement("s", &format!("INSERT INTO t(b) VALUES ({b})")).unwrap(), database)
    };
    assert_eq!(insert("-1", &mut database).unwrap_err().state(), Some(State::Check));
    assert_eq!(insert("1", &mut database), Ok(Answer::Count(1)));
    let id = &database.table("t").unwrap().rows[0][0];
    assert_eq!(*id, model::data::sql::Value::Int(2));
}

#[test]
fn a_new_symbol_is_not_used_in_the_transaction_that_adds_it() {
    let mut database = database("d", "CREATE TYPE m AS ENUM ('a'); CREATE TABLE t(x m)").unwrap();
    let both = migration("m", "ALTER TYPE m ADD VALUE 'b'; INSERT INTO t VALUES ('b')").unwrap();
    assert_eq!(migrate(&both, &mut database).unwrap_err().state(), Some(State::UnsafeNewSymbol));
    for step in both {
        migrate(&[step], &mut database).unwrap();
    }
    assert_eq!(database.table("t").unwrap().rows.len(), 1);
}

#[test]
fn what_the_model_cannot_compute_is_said() {
    let mut database = database("d", "CREATE TABLE t(n numeric)").unwrap();
    let digits = "9".repeat(30);
    let insert = statement("s", &format!("INSERT INTO t VALUES ({digits} * {digits})")).unwrap();
    assert!(matches!(execute(&insert, &mut database), Err(SqlError::Unsupported(_))));
}
