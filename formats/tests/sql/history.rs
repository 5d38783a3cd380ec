//! A table through its migrations: what old statements do to its rows, as kinds.

use formats::sql::{database, migration, statement};
use model::data::sql::{Compiled, History, Lock, NoWayBack};
use model::data::{Failure, Kind, Mask, Why, create};
use model::id::{FormatId, VersionId};

const TABLE: &str = "CREATE TABLE t(id bigint PRIMARY KEY, a text NOT NULL, b int, amount int NOT NULL DEFAULT 0)";

fn history(steps: &str) -> History {
    let before = database("before", TABLE).unwrap();
    History::new("t", ("before", &before), &[("after", migration("after", steps).unwrap())]).unwrap()
}

fn old(history: &History, text: &str) -> Compiled {
    history.compile(&statement("old", text).unwrap(), FormatId::new(0)).unwrap()
}

fn slots(history: &History, names: &[&str]) -> Mask {
    names.iter().map(|name| history.entity.slot(name).unwrap()).collect()
}

/// A row as new code writes it, plain but for `hard`.
fn new_row(history: &History, hard: Mask) -> Kind {
    create(FormatId::new(1), history.entity.formats[1].slots(), hard, VersionId::ZERO)
}

/// A row of the old code after the migration.
fn migrated(history: &History, hard: Mask) -> Result<Kind, Failure> {
    let row = create(FormatId::new(0), history.entity.formats[0].slots(), hard, VersionId::ZERO);
    history.upgrade(FormatId::new(1)).unwrap().row(&row, VersionId::ZERO).map(|(kind, _)| kind)
}

#[test]
fn a_dropped_column_is_lost_and_fails_whoever_names_it() {
    let history = history("ALTER TABLE t DROP COLUMN b");
    let row = migrated(&history, Mask::EMPTY).unwrap();
    assert_eq!((row.lost, row.bad), (slots(&history, &["b"]), Mask::EMPTY));
    let named = &old(&history, "SELECT id, b FROM t").met[1];
    assert_eq!(named.read(&row).error.unwrap().why, Why::NoSuchColumn);
    assert!(named.decode.findings.iter().any(|finding| finding.detail.contains("42703")));
    assert_eq!(old(&history, "SELECT id, a FROM t").met[1].read(&row).error, None);
    assert!(old(&history, "INSERT INTO t VALUES (1, 'x', 5, 7)").met[1].insert(Mask::EMPTY, VersionId::ZERO).is_err());
    assert!(old(&history, "INSERT INTO t(id, a) VALUES (1, 'x')").met[1].insert(Mask::EMPTY, VersionId::ZERO).is_ok());
}

#[test]
fn a_new_column_without_default_stops_old_inserts_and_survives_old_updates() {
    let history =
        history("ALTER TABLE t ADD COLUMN c text NOT NULL DEFAULT 'd'; ALTER TABLE t ALTER COLUMN c DROP DEFAULT");
    let insert = &old(&history, "INSERT INTO t(id, a) VALUES (1, 'x')").met;
    assert!(insert[0].insert(Mask::EMPTY, VersionId::ZERO).is_ok());
    let Err(Failure::Encode(refusal)) = insert[1].insert(Mask::EMPTY, VersionId::ZERO) else { panic!("it fails") };
    assert_eq!((refusal.slots, refusal.why), (slots(&history, &["c"]), Why::NotGiven));
    let update = &old(&history, "UPDATE t SET a = 'u'").met[1];
    let (row, done) =
        update.update(&migrated(&history, Mask::EMPTY).unwrap(), Mask::EMPTY, Mask::EMPTY, VersionId::ZERO).unwrap();
    assert!(row.is_sound() && row.present.is_subset(slots(&history, &["id", "a", "b", "amount", "c"])));
    assert_eq!(done.lost_now, Mask::EMPTY, "what a statement does not name stays");
}

#[test]
fn only_values_that_do_not_fit_stop_an_old_write() {
    let history = history("ALTER TABLE t ALTER COLUMN b TYPE smallint");
    let b = slots(&history, &["b"]);
    let given = formats::sql::prepared("s", "UPDATE t SET b = $1").unwrap();
    let update = &history.compile(&given, FormatId::new(0)).unwrap().met[1];
    let row = migrated(&history, Mask::EMPTY).unwrap();
    assert!(update.update(&row, Mask::EMPTY, Mask::EMPTY, VersionId::ZERO).is_ok());
    // A constant is what it is: no other value counts.
    let constant = |text| old(&history, text).met[1].update(&row, Mask::EMPTY, Mask::EMPTY, VersionId::ZERO).is_ok();
    assert!(constant("UPDATE t SET b = 5") && !constant("UPDATE t SET b = 70000"));
    let Err(Failure::Encode(refusal)) = update.update(&row, Mask::EMPTY, b, VersionId::ZERO) else {
        panic!("it fails")
    };
    assert_eq!((refusal.slots, refusal.why), (b, Why::OutOfRange));
    assert!(migrated(&history, b).is_err(), "one such row stops the migration");
}

#[test]
fn cents_that_became_euros_are_misread_and_written_wrong() {
    let history = history("UPDATE t SET amount = amount / 100");
    let amount = slots(&history, &["amount"]);
    let row = migrated(&history, Mask::EMPTY).unwrap();
    let select = &old(&history, "SELECT amount FROM t").met[1];
    assert_eq!(select.read(&row).misread, amount);
    assert_eq!(old(&history, "SELECT a FROM t").met[1].read(&row).misread, Mask::EMPTY, "nobody looks");
    let set = &old(&history, "UPDATE t SET amount = 1999").met[1];
    let (row, _) = set.update(&row, Mask::EMPTY, Mask::EMPTY, VersionId::ZERO).unwrap();
    assert_eq!(select.read(&row).misread, Mask::EMPTY, "the old code understands what it has written");
    let new = history.compile(&statement("new", "SELECT amount FROM t").unwrap(), FormatId::new(1)).unwrap();
    assert_eq!(new.met[1].read(&row).misread, amount, "and the new code does not");
    let counted = &old(&history, "UPDATE t SET amount = amount + 1").met[1];
    let (row, _) =
        counted.update(&migrated(&history, Mask::EMPTY).unwrap(), amount, Mask::EMPTY, VersionId::ZERO).unwrap();
    assert_eq!(row.bad, amount, "computed from something that was not what it seemed");
}

#[test]
fn a_comment_states_the_unit() {
    let steps = "COMMENT ON COLUMN t.amount IS 'what is owed, unit=euros'; UPDATE t SET amount = amount / 100";
    let history = history(steps);
    assert_eq!(history.entity.formats[1].fields[3].unit.name(), Some("euros"));
}

#[test]
fn swapped_names_are_misread_and_what_is_written_there_is_damage() {
    let swap = "ALTER TABLE t RENAME COLUMN b TO x; ALTER TABLE t RENAME COLUMN amount TO b; \
                ALTER TABLE t RENAME COLUMN x TO amount";
    let history = history(swap);
    let row = new_row(&history, Mask::EMPTY);
    let b = Mask::from(history.entity.formats[0].fields[2].slot);
    let amount = Mask::from(history.entity.formats[0].fields[3].slot);
    assert_eq!(old(&history, "SELECT b FROM t").met[1].read(&row).misread, b);
    let (row, _) =
        old(&history, "UPDATE t SET b = 5").met[1].update(&row, Mask::EMPTY, Mask::EMPTY, VersionId::ZERO).unwrap();
    assert_eq!(row.bad, amount, "it landed in the other column");
}

#[test]
fn a_table_made_anew_in_another_order_is_misread_by_position_only() {
    let steps = "CREATE TABLE n(id bigint PRIMARY KEY, amount int NOT NULL DEFAULT 0, b int, a text NOT NULL); \
                 INSERT INTO n(id,a,b,amount) SELECT id,a,b,amount FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t";
    let history = history(steps);
    let row = new_row(&history, Mask::EMPTY);
    assert_eq!(old(&history, "SELECT id, a, b, amount FROM t").met[1].read(&row).misread, Mask::EMPTY);
    assert_eq!(old(&history, "SELECT * FROM t").met[1].read(&row).misread, slots(&history, &["a", "amount"]));
}

#[test]
fn a_table_of_another_name_is_gone() {
    let history = history("ALTER TABLE t RENAME TO orders");
    let met = &old(&history, "SELECT a FROM t").met[1];
    assert_eq!(met.read(&new_row(&history, Mask::EMPTY)).error.map(|refusal| refusal.why), Some(Why::OtherRecord));
    assert!(met.decode.findings.iter().any(|finding| finding.detail.contains("42P01")));
}

#[test]
fn a_backfill_damages_what_was_null() {
    let history = history("UPDATE t SET b = 0 WHERE b IS NULL; ALTER TABLE t ALTER COLUMN b SET NOT NULL");
    let b = slots(&history, &["b"]);
    assert_eq!(migrated(&history, b).unwrap().bad, b);
    assert!(migrated(&history, Mask::EMPTY).unwrap().is_sound());
    let alone = self::history("ALTER TABLE t ALTER COLUMN b SET NOT NULL");
    assert!(migrated(&alone, b).is_err());
}

#[test]
fn a_column_that_comes_back_is_another_one() {
    let history = history("ALTER TABLE t DROP COLUMN b");
    let back = |text: &str| history.downgrade(FormatId::new(1), &migration("down", text).unwrap()).unwrap();
    let before = create(FormatId::new(0), history.entity.formats[0].slots(), Mask::EMPTY, VersionId::ZERO);
    let there = history.upgrade(FormatId::new(1)).unwrap().row(&before, VersionId::ZERO).unwrap().0;
    let row = back("ALTER TABLE t ADD COLUMN b int").unwrap().row(&there, VersionId::ZERO).unwrap().0;
    let b = slots(&history, &["b"]);
    assert_eq!((row.format, row.present, row.lost), (before.format, before.present, b), "the column, not the data");
    assert!(matches!(back("ALTER TABLE t ADD COLUMN b bigint"), Err(NoWayBack::OtherSchema)));
    assert!(matches!(back("ALTER TABLE t ADD COLUMN a int"), Err(NoWayBack::Fails(_))));
    let renewed = back(
        "ALTER TABLE t ADD COLUMN b int; ALTER TABLE t DROP COLUMN a; \
         ALTER TABLE t ADD COLUMN a text NOT NULL DEFAULT ''; ALTER TABLE t ALTER COLUMN a DROP DEFAULT",
    );
    let renewed = renewed.unwrap();
    assert_eq!(renewed.row(&there, VersionId::ZERO).unwrap().0.lost, slots(&history, &["a", "b"]), "made anew, too");
}

#[test]
fn a_null_that_nobody_gave_is_filled_in_without_damage() {
    let before = database("before", TABLE).unwrap();
    let steps = ["ADD COLUMN c int", "", "ALTER COLUMN c SET NOT NULL"].map(|step| format!("ALTER TABLE t {step}"));
    let backfill = "UPDATE t SET c = amount WHERE c IS NULL".to_owned();
    let scripts = [("new", &steps[0]), ("filled", &backfill), ("complete", &steps[2])];
    let read = scripts.map(|(name, text)| (name, migration(name, text).unwrap()));
    let history = History::new("t", ("before", &before), &read).unwrap();
    let row = create(FormatId::new(0), history.entity.formats[0].slots(), Mask::EMPTY, VersionId::ZERO);
    let to = |state: usize, row: &Kind| history.upgrade(FormatId::new(state)).unwrap().row(row, VersionId::ZERO);
    let new = to(1, &row).unwrap().0;
    let c = slots(&history, &["c"]);
    assert!(new.hard == c && to(3, &new).is_err(), "NULL, which the last state forbids");
    let filled = to(2, &new).unwrap().0;
    assert!(filled.is_sound() && filled.hard.is_empty() && to(3, &filled).is_ok());
    // A NULL that somebody gave meant something.
    let given = create(FormatId::new(1), history.entity.formats[1].slots(), c, VersionId::ZERO);
    assert_eq!(to(2, &given).unwrap().0.bad, c);
}

#[test]
fn a_script_takes_the_strongest_lock_of_its_steps_and_writes_what_they_write() {
    let plain = history("ALTER TABLE t ADD COLUMN c int");
    let toll = |text: &str| plain.toll(FormatId::new(0), &migration("steps", text).unwrap()).unwrap();
    let cases = [
        ("ALTER TABLE t ADD COLUMN d int", Some(Lock::AccessExclusive), [[0, 0], [0, 0]]),
        ("ALTER TABLE t ALTER COLUMN b TYPE bigint", Some(Lock::AccessExclusive), [[0, 0], [1, 0]]),
        ("CREATE INDEX i ON t (b); COMMENT ON COLUMN t.b IS 'unit=cents'", Some(Lock::Share), [[0, 0], [0, 1]]),
        ("CREATE INDEX CONCURRENTLY i ON t (b)", Some(Lock::ShareUpdateExclusive), [[0, 2], [0, 0]]),
        ("ALTER TABLE t ADD CONSTRAINT k CHECK (b > 0)", Some(Lock::AccessExclusive), [[0, 0], [0, 1]]),
        ("ALTER TABLE t ADD CONSTRAINT k CHECK (b > 0) NOT VALID", Some(Lock::AccessExclusive), [[0, 0], [0, 0]]),
        ("TRUNCATE t", Some(Lock::AccessExclusive), [[0, 0], [0, 0]]),
        ("ALTER TABLE t RENAME TO u; UPDATE u SET b = 1", Some(Lock::AccessExclusive), [[0, 0], [1, 0]]),
        ("UPDATE t SET b = 1; UPDATE t SET b = 2", Some(Lock::RowExclusive), [[2, 0], [0, 0]]),
        ("UPDATE t SET b = 1; ALTER TABLE t ALTER b SET NOT NULL", Some(Lock::AccessExclusive), [[1, 0], [0, 1]]),
        ("CREATE TABLE u (id int)", None, [[0, 0], [0, 0]]),
        ("CREATE TABLE u (id int); UPDATE u SET id = 1", None, [[0, 0], [0, 0]]),
    ];
    for (text, lock, passes) in cases {
        let toll = toll(text);
        let [beside, alone] = [toll.beside, toll.alone].map(|passes| [passes.writes, passes.scans]);
        assert_eq!((toll.lock, [beside, alone]), (lock, passes), "{text}");
        assert_eq!(toll.unseen.is_some(), beside[0] > 0, "{text}");
    }
}

#[test]
fn a_check_is_what_it_was_when_its_column_is() {
    let integer = "CREATE TABLE t(id bigint PRIMARY KEY, a int NOT NULL, b int";
    for rule in ["CHECK (a > 0)", "CHECK (a > 0 OR b > 100)", "CHECK (a IN (1, 2))", "CHECK (a BETWEEN b AND 7)"] {
        let before = database("before", &format!("{integer}, {rule})")).unwrap();
        let up = migration("up", "ALTER TABLE t ALTER a TYPE bigint").unwrap();
        let history = History::new("t", ("before", &before), &[("after", up)]).unwrap();
        let down = migration("down", "ALTER TABLE t ALTER a TYPE int").unwrap();
        let back = history.downgrade(FormatId::new(1), &down).unwrap();
        assert!(back.is_ok(), "{rule}: {back:?}");
        assert!(history.upgrade(FormatId::new(1)).unwrap().unjudged.is_empty(), "{rule}");
    }
}

#[test]
fn nobody_takes_the_name_of_a_system_column() {
    let before = database("before", TABLE).unwrap();
    for step in ["ALTER TABLE t ADD COLUMN ctid integer", "ALTER TABLE t RENAME COLUMN b TO xmin"] {
        let refused = History::new("t", ("before", &before), &[("after", migration("up", step).unwrap())]).unwrap_err();
        assert_eq!(refused.state().unwrap().code(), "42701", "{step}");
    }
    assert!(database("before", "CREATE TABLE t (tableoid integer)").is_err());
}

#[test]
fn a_copy_of_another_type_that_takes_the_place_of_a_column_holds_what_that_held() {
    let takes = |of: &str, what: &str, rest: &str| {
        let history = history(&format!(
            "ALTER TABLE t ADD COLUMN x {of}; UPDATE t SET x = {what}{rest}; ALTER TABLE t DROP COLUMN amount; \
             ALTER TABLE t RENAME COLUMN x TO amount"
        ));
        let row = migrated(&history, Mask::EMPTY).unwrap();
        let read = old(&history, "SELECT id, amount FROM t").met[1].read(&row);
        (row.is_sound() && read.error.is_none() && read.not_as_meant().is_empty(), read.error.is_some())
    };
    for (of, what) in [
        ("bigint", "amount"),
        ("bigint", "amount::bigint"),
        ("bigint NOT NULL DEFAULT 0", "amount"),
        ("numeric(12,0)", "amount"),
    ] {
        assert_eq!(takes(of, what, "; ALTER TABLE t ALTER COLUMN x SET NOT NULL"), (true, false), "{of}, {what}");
    }
    // As it is where the type is altered in place: the value is there, and the program cannot read it.
    assert_eq!(takes("text", "amount::text", ""), (false, true));
    // What is not copied is gone.
    let gone = history("ALTER TABLE t DROP COLUMN amount; ALTER TABLE t ADD COLUMN amount bigint NOT NULL DEFAULT 0");
    assert_eq!(migrated(&gone, Mask::EMPTY).unwrap().lost, slots(&gone, &["amount"]));
}

#[test]
fn a_type_that_a_default_is_still_made_with_is_not_dropped() {
    let before = "CREATE TYPE st AS ENUM ('new', 'paid'); \
                  CREATE TABLE t (id bigint PRIMARY KEY, state st DEFAULT 'new' NOT NULL)";
    let dropped = |first: &str| {
        let steps = format!("{first}ALTER TABLE t ALTER COLUMN state TYPE text; DROP TYPE st");
        let (before, steps) = (database("before", before).unwrap(), migration("m", &steps).unwrap());
        History::new("t", ("before", &before), &[("after", steps)])
    };
    let refused = dropped("").expect_err("the default is `'new'::st::text`");
    assert_eq!(refused.state().map(|state| state.code()), Some("2BP01"));
    let history = dropped("ALTER TABLE t ALTER COLUMN state DROP DEFAULT; ").unwrap();
    let upgrade = history.upgrade(FormatId::new(1)).unwrap();
    assert_eq!(upgrade.unjudged, Vec::<String>::new());
    assert!(migrated(&history, Mask::EMPTY).unwrap().is_sound());
}
