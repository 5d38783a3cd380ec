//! Random tables, migrations and orders: rows are conserved, what ever was wrong stays counted, and a statement fails
//! in a run where it fails by itself.

use model::access::{Access, Verb};
use model::data::{self, Kind, Mask};
use model::id::{FormatId, VersionId};
use model::system::System;
use model::time::{Span, Time};
use proptest::prelude::*;
use scenarios::Bundle;
use sim::World;
use trials::runs::{answers_of, begun, model, second};
use trials::systems::cases;
use trials::text::without_item;

const ROWS: u32 = 50;

/// A column of the table, but for `id`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    name: String,
    wide: bool,
    full: bool,
    /// What stands behind the type: whether it may be NULL, and what fills it.
    rule: &'static str,
}

/// The table in a state, and the scripts that led there and lead back.
#[derive(Clone, Debug)]
struct State {
    columns: Vec<Column>,
    up: String,
    down: String,
}

/// What a migration may do, to the column of a number.
#[derive(Clone, Copy, Debug)]
enum Change {
    Add,
    AddFull,
    Drop(usize),
    Rename(usize),
    Widen(usize),
    Fill(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Add),
        Just(Change::AddFull),
        (0..4_usize).prop_map(Change::Drop),
        (0..4_usize).prop_map(Change::Rename),
        (0..4_usize).prop_map(Change::Widen),
        (0..4_usize).prop_map(Change::Fill),
    ]
}

impl Column {
    fn definition(&self) -> String {
        format!("{} {} {}", self.name, self.of(), self.rule)
    }

    const fn of(&self) -> &'static str {
        if self.wide { "bigint" } else { "int" }
    }
}

const FIRST: &str = "NOT NULL";
const FULL: &str = "NOT NULL DEFAULT 0";

fn first() -> State {
    let column = Column { name: "a".into(), wide: false, full: true, rule: FIRST };
    State { columns: vec![column], up: String::new(), down: String::new() }
}

/// The next state, or the same where there is nothing to change.
fn after(last: &State, number: usize, change: Change) -> Option<State> {
    let mut columns = last.columns.clone();
    let place = |n: usize| (!last.columns.is_empty()).then(|| n % last.columns.len());
    let (up, down) = match change {
        Change::Add | Change::AddFull => {
            let full = matches!(change, Change::AddFull);
            let rule = if full { FULL } else { "" };
            columns.push(Column { name: format!("c{number}"), wide: false, full, rule });
            (format!("ADD COLUMN {}", columns.last()?.definition()), format!("DROP COLUMN c{number}"))
        }
        Change::Drop(n) => {
            let gone = columns.remove(place(n)?);
            (format!("DROP COLUMN {}", gone.name), format!("ADD COLUMN {}", gone.definition()))
        }
        Change::Rename(n) => {
            let column = &mut columns[place(n)?];
            let old = std::mem::replace(&mut column.name, format!("r{number}"));
            (format!("RENAME COLUMN {old} TO r{number}"), format!("RENAME COLUMN r{number} TO {old}"))
        }
        Change::Widen(n) => {
            let column = columns.get_mut(place(n)?).filter(|column| !column.wide)?;
            column.wide = true;
            let to = |of: &str| format!("ALTER COLUMN {} TYPE {of}", column.name);
            (to("bigint"), to("int"))
        }
        Change::Fill(n) => {
            let column = columns.get_mut(place(n)?).filter(|column| !column.full)?;
            (column.full, column.rule) = (true, FIRST);
            let (name, to) = (&column.name, |what: &str| format!("ALTER COLUMN {} {what} NOT NULL", column.name));
            let fill = format!("UPDATE t SET {name} = 7 WHERE {name} IS NULL; ALTER TABLE t {}", to("SET"));
            (fill, to("DROP"))
        }
    };
    let whole = |script: String| if script.starts_with("UPDATE") { script } else { format!("ALTER TABLE t {script}") };
    Some(State { columns, up: whole(up), down: whole(down) })
}

fn states() -> impl Strategy<Value = Vec<State>> {
    prop::collection::vec(change(), 1..5).prop_map(|changes| {
        let mut states = vec![first()];
        for (number, change) in changes.into_iter().enumerate() {
            let next = after(states.last().expect("there is a first one"), number, change);
            states.extend(next);
        }
        states
    })
}

/// A scenario with a version for each state, of which `runs` runs, and these orders.
fn scenario(states: &[State], runs: usize, orders: &[String]) -> String {
    let mut text = format!(
        "title: t\nhorizon: 10m\ntraffic:\n  buyers: {{to: shop.buy, rate: 5/s}}\n  \
         readers: {{to: shop.show, rate: 5/s}}\n  clerks: {{to: shop.edit, rate: 5/s}}\nstores:\n  \
         t:\n    table: CREATE TABLE t (id int, a int NOT NULL)\n    \
         records:\n      - {{by: shop v0, count: {ROWS}}}\n"
    );
    if states.len() > 1 {
        text += "    migrations:\n";
    }
    for (number, state) in states.iter().enumerate().skip(1) {
        text += &format!("      m{number}: {{up: \"{}\", down: \"{}\"}}\n", state.up, state.down);
    }
    text += &format!(
        "services:\n  shop:\n    runs: v{runs}\n    startup: 1s\n    endpoints:\n      \
         buy: [create: t]\n      show: [read: t]\n      \
         edit: [rewrite: t]\n    versions:\n"
    );
    for (number, state) in states.iter().enumerate() {
        let names: Vec<_> = ["id"].into_iter().chain(state.columns.iter().map(|column| column.name.as_str())).collect();
        let (list, last) = (names.join(", "), names[names.len() - 1]);
        let values = vec!["1"; names.len()].join(", ");
        let own = if number == 0 { "initial".to_owned() } else { format!("m{number}") };
        text += &format!(
            "      v{number}:\n        formats:\n          t:\n            state: {own}\n            \
             select: SELECT {list} FROM t\n            \
             insert: INSERT INTO t ({list}) VALUES ({values})\n            update: UPDATE t SET {last} = {last} + 1\n"
        );
    }
    text +=
        "seats:\n  ic: {role: commander}\n  release: {role: release}\nplans:\n  orders:\n    about: x\n    steps:\n";
    for order in orders {
        text += &format!("      - {order}\n");
    }
    text
}

fn world(text: String) -> World {
    begun(&model(&Bundle::from_text("tables", text, "")), Some("orders"), 1)
}

/// How many rows an audit has found.
fn audited(world: &World) -> u32 {
    let lines = world.summary().timeline;
    let found = lines.iter().rev().find_map(|line| line.what.strip_prefix("audit the records of t: "));
    found.and_then(|words| words.split(' ').next()?.parse().ok()).expect("the audit is over")
}

fn good(world: &World, endpoint: &str) -> u64 {
    let answers = answers_of(world, endpoint);
    answers.count - answers.failed
}

proptest! {
    #![proptest_config(cases(40))]

    /// Whatever is ordered, in whatever order: each row that was made is there, and what was ever wrong with some
    /// never gets less, rolled back or not.
    #[test]
    fn migrations_conserve_rows_and_rollbacks_undo_no_harm(
        states in states(),
        picks in prop::collection::vec((0..3_usize, 0..5_usize), 1..8),
    ) {
        let at = |index: usize| 10 * (index + 1);
        let mut orders: Vec<_> = picks.iter().enumerate().map(|(index, (verb, which))| {
            let (version, migration) = (which % states.len(), which % (states.len() - 1).max(1) + 1);
            match verb {
                1 if states.len() > 1 => format!("{{at: {}s, do: {{migrate: m{migration}}}}}", at(index)),
                2 if states.len() > 1 => format!("{{at: {}s, do: {{down: m{migration}}}}}", at(index)),
                _ => format!("{{at: {}s, do: {{deploy: shop v{version}}}}}", at(index)),
            }
        }).collect();
        orders.push("{at: 120s, do: {look: data of t}}".to_owned());
        let mut world = world(scenario(&states, 0, &orders));
        let mut before = [0; 4];
        for seconds in (5..=180).step_by(5) {
            world.run_until(second(seconds));
            let harm = world.summary().harm;
            let ever = [harm.unreadable, harm.misread, harm.damaged, harm.fields_lost].map(|count| count.ever);
            prop_assert!(before.iter().zip(&ever).all(|(before, now)| before <= now), "{before:?}, then {ever:?}");
            before = ever;
        }
        // An audit takes a minute, and buying no time at all.
        prop_assert_eq!(u64::from(audited(&world)), u64::from(ROWS) + good(&world, "shop.buy"));
    }

    /// A table in some state, code written for some other: what fails in a run is what fails by itself.
    #[test]
    fn statements_fail_in_a_run_where_they_fail_by_themselves(
        states in states(),
        picks in (0..5_usize, 0..5_usize),
    ) {
        let (state, version) = (picks.0 % states.len(), picks.1 % states.len());
        let order = |number: usize| format!("{{at: {}ms, do: {{migrate: m{number}}}}}", 10 * number);
        let text = scenario(&states, version, &(1..=state).map(order).collect::<Vec<_>>());
        let (mut expected, mut unreadable) = (None, 0);
        for (asked, place) in [("buyers", 0), ("readers", 1), ("clerks", 2)] {
            let mut world = world(alone_with(&text, asked));
            // Nobody has asked for anything when the table gets where it is meant to be.
            world.run_until(Time::ZERO + Span::from_millis(60));
            prop_assert!(world.arrived() == 0);
            world.run_until(second(30));
            let runs = alone(&world.scenario().system, VersionId::new(version), FormatId::new(state));
            let answers = world.answers().iter();
            let (failed, count): (u64, u64) =
                answers.fold((0, 0), |sum, one| (sum.0 + one.failed, sum.1 + one.count));
            prop_assert!(count > 100);
            prop_assert_eq!(failed, if runs[place] { 0 } else { count }, "{}: {:?}", asked, runs);
            (expected, unreadable) = (Some(runs), unreadable + world.summary().harm.unreadable.remaining);
        }
        if state == version {
            prop_assert_eq!((expected, unreadable), (Some([true; 3]), 0), "its own code");
        }
    }
}

/// The scenario with one of its sources alone.
fn alone_with(text: &str, source: &str) -> String {
    let others = ["buyers", "readers", "clerks"].into_iter().filter(|other| *other != source);
    others.fold(text.to_owned(), |text, other| without_item(&text, &format!("{other}:")))
}

/// Whether the `INSERT`, the `SELECT` and the `UPDATE` of a version run in a state of the table, on a row of before the
/// run that went through the migrations.
fn alone(system: &System, version: VersionId, state: FormatId) -> [bool; 3] {
    let row = row_in(system, state);
    let own = |access: &&Access| access.version == version;
    let runs = system.accesses.iter().filter(own).map(|access| match &access.verb {
        Verb::Insert(insert) => insert.met[state.index()].insert(Mask::EMPTY, version).is_ok(),
        Verb::Read(read) => data::read(&row, &read.decode[state]).error.is_none(),
        Verb::Update(update) => update.met[state.index()].update(&row, update.derived, Mask::EMPTY, version).is_ok(),
        Verb::Create(_) | Verb::Rewrite(_) => unreachable!("statements for a table"),
    });
    runs.collect::<Vec<_>>().try_into().expect("an endpoint for each statement, in this order")
}

fn row_in(system: &System, state: FormatId) -> Kind {
    let entity = &system.stores[0].entity;
    let first = data::create(FormatId::ZERO, entity.formats[0].slots(), Mask::EMPTY, VersionId::ZERO);
    let made = system.migrations.iter().filter(|migration| migration.to <= state);
    made.fold(first, |row, migration| migration.up.upgrade.row(&row, row.writer).expect("no row stops these").0)
}
