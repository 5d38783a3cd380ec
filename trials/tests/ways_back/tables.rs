//! The way back of a whole release takes the tables back that it has migrated: after the code that needs what was
//! added, before older code that needs what was dropped, and not where no way leads back.

use scenarios::Bundle;
use sim::{Changed, Left, Subject, WayBack};
use trials::runs::{begun, model, second};

/// A service whose versions say something to a table, the migrations of the table, and what is released.
struct Case {
    migrations: &'static str,
    /// What each version says to the table.
    says: [&'static str; 2],
    release: &'static [&'static str],
}

const BEFORE: &str = "state: initial, select: 'SELECT id, a FROM t', insert: 'INSERT INTO t (id, a) VALUES ($1, $2)'";
const AFTER: &str =
    "state: more, select: 'SELECT id, a, b FROM t', insert: 'INSERT INTO t (id, a, b) VALUES ($1, $2, $3)'";
const MORE: &str = "more: {up: 'ALTER TABLE t ADD COLUMN b text', down: 'ALTER TABLE t DROP COLUMN b'}";

const ADDED: Case =
    Case { migrations: MORE, says: [BEFORE, AFTER], release: &["1m, do: {migrate: more}", "2m, do: {deploy: shop 2}"] };

impl Case {
    /// What is said of the release after five minutes.
    fn back(&self) -> Changed {
        let Case { migrations, says: [old, new], release } = self;
        let release: String = release.iter().map(|step| format!("  - {{at: {step}}}\n")).collect();
        let text = format!(
            "title: t
horizon: 30m
traffic: {{users: {{to: shop.write, rate: 2/s}}, readers: {{to: shop.show, rate: 2/s}}}}
stores:
  t:
    table: 'CREATE TABLE t (id bigint PRIMARY KEY, a integer)'
    migrations: {{{migrations}}}
    records: [{{by: shop 1, count: 60}}]
services:
  shop:
    replicas: 2
    startup: 20s
    runs: \"1\"
    endpoints: {{write: [create: t], show: [read: t]}}
    versions:
      \"1\": {{formats: {{t: {{{old}}}}}}}
      \"2\": {{formats: {{t: {{{new}}}}}}}
seats: {{ic: {{role: commander}}, rel: {{role: release}}, ow: {{role: owner}}}}
release:
{release}"
        );
        let mut world = begun(&model(&Bundle::from_text("tables", text, "")), None, 1);
        world.run_until(second(300));
        let mut all = world.ways_back(20).changes.into_iter();
        all.find(|changed| changed.what == Subject::Release).expect("all of it has a way back")
    }
}

fn labels(changed: &Changed) -> Vec<&str> {
    changed.ways.iter().map(|way| way.choice.label.as_str()).collect()
}

fn steps(way: &WayBack) -> Vec<&str> {
    way.steps.iter().map(|step| step.what.as_str()).collect()
}

fn left(way: &WayBack) -> &Left {
    assert!(way.durations.is_some_and(|took| took.tried > 0 && took.reached == took.tried), "{way:#?}");
    way.left.as_ref().expect("it gets there")
}

/// The column goes when nobody serves who uses it, with what was written to it.
#[test]
fn a_column_goes_after_the_code_that_uses_it() {
    let all = ADDED.back();
    assert_eq!((all.name.as_str(), labels(&all)), ("t, shop", vec!["roll back shop to 1, then take t back from more"]));
    let way = &all.ways[0];
    let left = left(way);
    assert!(left.fields_lost > 0, "what the new version wrote into the column does not come back: {left:?}");
    assert_eq!(*left, Left { fields_lost: left.fields_lost, ..Left::default() });
    assert!(steps(way).contains(&"changes the catalogue only; every statement on t waits for it"), "{way:#?}");
}

/// The mirror would take the column from under the code that was there first.
#[test]
fn so_it_does_where_the_code_was_there_before_it() {
    let release = &["1m, do: {deploy: shop 2}", "2m, do: {migrate: more}"];
    let all = Case { release, ..ADDED }.back();
    assert_eq!(labels(&all), ["roll back shop to 1, then take t back from more"]);
    assert_eq!(left(&all.ways[0]).schemas, Vec::<String>::new());
}

/// Older code needs what was dropped: it is there again before that code is.
#[test]
fn what_was_dropped_comes_back_before_the_code_that_uses_it() {
    let all = Case {
        migrations: "less: {up: 'ALTER TABLE t DROP COLUMN a', down: 'ALTER TABLE t ADD COLUMN a integer'}",
        says: [BEFORE, "state: initial, select: 'SELECT id FROM t', insert: 'INSERT INTO t (id) VALUES ($1)'"],
        release: &["1m, do: {deploy: shop 2}", "3m, do: {migrate: less}"],
    };
    let all = all.back();
    assert_eq!(labels(&all), ["take t back from less, then roll back shop to 1"]);
    assert!(left(&all.ways[0]).fields_lost > 0, "the column comes back, and what was in it does not: {all:#?}");
}

/// Of several the last one goes back first, each in its place.
#[test]
fn each_migration_has_a_place_of_its_own() {
    let two = "more: {up: 'ALTER TABLE t ADD COLUMN b text', down: 'ALTER TABLE t DROP COLUMN b'}, \
               index: {up: 'CREATE INDEX i ON t (a)', down: 'DROP INDEX i'}";
    let release = &["1m, do: {migrate: more}", "2m, do: {deploy: shop 2}", "3m, do: {migrate: index}"];
    let all = Case { migrations: two, release, ..ADDED }.back();
    let back = "take t back from index, then roll back shop to 1, then take t back from more";
    assert_eq!((all.name.as_str(), labels(&all)), ("t, shop", vec![back]));
    assert_eq!(left(&all.ways[0]).schemas, Vec::<String>::new());

    let before = &["1m, do: {migrate: more}", "2m, do: {migrate: index}", "3m, do: {deploy: shop 2}"];
    let all = Case { migrations: two, release: before, ..ADDED }.back();
    assert_eq!(labels(&all), ["roll back shop to 1, then take t back from index, then take t back from more"]);
    assert_eq!(left(&all.ways[0]).schemas, Vec::<String>::new());
}

/// A migration without a way back keeps those before it, too; all of that is said.
#[test]
fn what_no_script_takes_back_stays_with_all_that_came_before_it() {
    let last = "more: {up: 'ALTER TABLE t ADD COLUMN b text', down: 'ALTER TABLE t DROP COLUMN b'}, \
                fixed: {up: 'ALTER TABLE t ALTER COLUMN a TYPE bigint'}";
    let release = &["1m, do: {migrate: more}", "2m, do: {migrate: fixed}", "3m, do: {deploy: shop 2}"];
    let all = Case { migrations: last, release, ..ADDED }.back();
    assert_eq!(labels(&all), ["roll back shop to 1"]);
    let way = &all.ways[0];
    assert_eq!(steps(way)[0], "t stays as more and fixed made it: fixed has no way back");
    assert!(steps(way)[1].starts_with("replaces"), "and that is said once: {way:#?}");
    assert_eq!(left(way).schemas, ["t is in the state fixed, not in initial"]);
}

/// Nobody takes back what is in the middle of a migration: the others go back, and it is said.
#[test]
fn a_table_in_a_migration_stays_and_the_others_go_back() {
    let late = "more: {up: 'ALTER TABLE t ADD COLUMN b text', down: 'ALTER TABLE t DROP COLUMN b'}, \
                late: {up: 'UPDATE t SET a = 1', rate: 1}";
    let release = &["1m, do: {migrate: more}", "2m, do: {deploy: shop 2}", "4m, do: {migrate: late}"];
    let all = Case { migrations: late, release, ..ADDED }.back();
    assert_eq!(labels(&all), ["roll back shop to 1"]);
    let way = &all.ways[0];
    assert_eq!(steps(way)[0], "t stays as more made it: t is in a migration already, late");
    assert!(steps(way)[1].starts_with("replaces"), "late has yet to make it: {way:#?}");
    assert_eq!(left(way).services, Vec::<String>::new());
}

/// A service and its table have one name: each is told with what it is.
#[test]
fn a_service_and_a_table_of_one_name_are_told_apart() {
    let mut world = begun(&model(&trials::text::bundled("expand-contract")), None, 1);
    world.run_until(second(780));
    let all = world.ways_back(1).changes.into_iter().find(|changed| changed.what == Subject::Release);
    assert_eq!(all.map(|all| all.name), Some("store orders, service orders, read-total".to_owned()));
}

/// Code before its migration, twice: the last release took the table one migration further, and goes back with that
/// one alone.
#[test]
fn the_last_release_takes_back_its_own_migrations_alone() {
    let says = |state: &str, column: &str| {
        format!("{{formats: {{t: {{state: {state}, insert: 'INSERT INTO t (id, {column}) VALUES ($1, $2)'}}}}}}")
    };
    let rename = |from: &str, to: &str| {
        let script = |from: &str, to: &str| format!("ALTER TABLE t RENAME COLUMN {from} TO {to}");
        format!("{{up: '{}', down: '{}'}}", script(from, to), script(to, from))
    };
    let text = format!(
        "title: t
horizon: 60m
traffic: {{users: {{to: shop.write, rate: 5/s}}}}
stores:
  t:
    table: 'CREATE TABLE t (id bigint PRIMARY KEY, a integer)'
    migrations: {{r1: {}, r2: {}}}
services:
  shop:
    replicas: 2
    startup: 20s
    runs: \"1\"
    endpoints: {{write: [create: t]}}
    versions: {{\"1\": {}, \"2\": {}, \"3\": {}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release:
  - {{at: 2m, do: {{deploy: shop 2}}}}
  - {{at: 2m, do: {{migrate: r1}}}}
  - {{at: 6m, do: {{deploy: shop 3}}}}
  - {{at: 6m, do: {{migrate: r2}}}}
",
        rename("a", "b"),
        rename("b", "c"),
        says("initial", "a"),
        says("r1", "b"),
        says("r2", "c"),
    );
    let ways = crate::said_ways::ways(&Bundle::from_text("renamed", text, ""), 600);
    let all = ways.changes.into_iter().find(|own| own.what == Subject::Release).expect("it can be taken back");
    let last = all.ways.iter().find(|way| way.choice.label == "roll back shop to 2, then take t back from r2");
    let last = last.unwrap_or_else(|| panic!("{:?}", labels(&all)));
    assert!(left(last).statements.is_empty(), "{last:#?}");
    assert_eq!(all.ways.len(), 2, "{:?}", labels(&all));
}
