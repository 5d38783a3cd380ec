//! The masks of statements and migrations held to the same statements and migrations on real values.
//!
//! A row becomes a kind: a value is hard when it is no value of the column in another state, or NULL where that state
//! has none. Then what the masks say of the kind is what executing says of the row.

use super::postgres::drawing::{Case, cases};
use formats::sql::{migration, statement};
use model::data::sql::{
    Answer, Column, Database, Fit, History, Row, SqlError, State, Statement, Step, Table, Value, execute, fit, migrate,
};
use model::data::{Failure, Kind, Mask, create};
use model::id::{FormatId, VersionId};

/// The states, by index.
const OLD: usize = 0;
const NEW: usize = 1;

/// A case that can be compared: both states of the table, and the history between them.
struct Story {
    before: Database,
    steps: Vec<Step>,
    history: History,
}

fn run(script: &str, database: &mut Database) -> Result<Vec<Answer>, SqlError> {
    migrate(&migration("script", script).expect("a script"), database)
}

/// `None` where the migration fails on an empty table, too, or is not modelled.
fn story(case: &Case) -> Option<Story> {
    let mut before = Database::default();
    run(&case.setup, &mut before).ok()?;
    let steps = migration("migration", &case.migration).expect("a migration");
    let history = History::new("t", ("before", &before), &[("after", steps.clone())]).ok()?;
    Some(Story { before, steps, history })
}

impl Story {
    fn table(&self, state: usize) -> &Table {
        self.history.table(FormatId::new(state)).expect("no case drops it")
    }

    /// The slots of a row in `state` with values that the other state cannot hold.
    fn hard(&self, row: &Row, state: usize) -> Mask {
        let other = if state == OLD { NEW } else { OLD };
        let fields = &self.history.entity.formats[state].fields;
        let columns = self.table(state).columns.iter();
        let hard = fields.iter().zip(columns.zip(row)).filter(|(field, (column, value))| {
            let place = self.history.entity.formats[other].fields.iter().position(|o| o.slot == field.slot);
            place.is_some_and(|place| self.is_hard(value, column, &self.table(other).columns[place]))
        });
        hard.map(|(field, _)| field.slot).collect()
    }

    fn is_hard(&self, value: &Value, column: &Column, other: &Column) -> bool {
        let null = value.is_null() && !other.nullable;
        let enums = &self.history.states[NEW].database.enums;
        null || !matches!(fit(value, &column.of, &other.of, enums), Fit::Same(_))
    }

    fn kind(&self, row: &Row, state: usize) -> Kind {
        create(FormatId::new(state), self.history.entity.formats[state].slots(), self.hard(row, state), VersionId::ZERO)
    }

    fn rows(&self, database: &Database) -> Vec<Row> {
        database.table("t").expect("no case drops it").rows.clone()
    }
}

/// Whether an error is about how rows stand to each other, which no single row tells.
fn is_between_rows(error: &SqlError) -> bool {
    matches!(error.state(), Some(State::Unique | State::ForeignKey | State::Check) | None)
}

#[derive(Default, Debug)]
struct Count {
    agreed: usize,
    failed: usize,
    cautious: usize,
}

impl Count {
    /// A failure must be foretold; a failure foretold that does not come is caution, and must be rare.
    fn add(&mut self, fails: bool, foretold: bool, place: &str) {
        assert!(!fails || foretold, "not foretold: {place}");
        self.failed += usize::from(fails);
        *(if fails == foretold { &mut self.agreed } else { &mut self.cautious }) += 1;
    }
}

/// Cases that get as far as a second state.
fn stories() -> Vec<(Case, Story)> {
    cases(800).into_iter().filter_map(|case| story(&case).map(|story| (case, story))).collect()
}

#[test]
fn a_migration_fails_only_where_a_row_says_so() {
    let mut count = Count::default();
    for (case, story) in stories() {
        let mut after = story.before.clone();
        let done = migrate(&story.steps, &mut after);
        if done.as_ref().err().is_some_and(is_between_rows) {
            continue;
        }
        let upgrade = story.history.upgrade(FormatId::new(NEW)).expect("there is a migration");
        if !upgrade.restamped.is_empty() {
            continue;
        }
        let rows = story.rows(&story.before);
        let kinds = rows.iter().map(|row| upgrade.row(&story.kind(row, OLD), VersionId::ZERO));
        let foretold = kinds.into_iter().any(|kind| kind.is_err());
        count.add(done.is_err(), foretold, &format!("{}\n{}\n{done:?}", case.setup, case.migration));
    }
    assert!(count.failed > 10 && count.cautious * 8 < count.agreed, "{count:?}");
}

/// A value that a migration changes without a word is one the masks call damaged.
#[test]
fn a_migration_changes_only_what_the_masks_call_damaged() {
    let (mut changed, mut kept) = (0, 0);
    for (case, story) in stories() {
        let mut after = story.before.clone();
        let updates = case.migration.contains("UPDATE") || case.migration.contains("DELETE");
        if updates || migrate(&story.steps, &mut after).is_err() {
            continue;
        }
        let upgrade = story.history.upgrade(FormatId::new(NEW)).expect("there is a migration");
        let (old, new) = (&story.history.entity.formats[OLD], &story.history.entity.formats[NEW]);
        for (was, is) in story.rows(&story.before).iter().zip(story.rows(&after)) {
            let Ok((kind, _)) = upgrade.row(&story.kind(was, OLD), VersionId::ZERO) else { continue };
            for (place, field) in old.fields.iter().enumerate() {
                if upgrade.restamped.contains(field.slot) {
                    continue;
                }
                let Some(now) = new.fields.iter().position(|other| other.slot == field.slot) else {
                    assert!(kind.lost.contains(field.slot), "{case:?}: {} is gone", field.name);
                    continue;
                };
                let (from, to) = (&story.table(OLD).columns[place], &story.table(NEW).columns[now]);
                let stored = fit(&was[place], &from.of, &to.of, &story.before.enums);
                let same = stored == Fit::Same(is[now].clone());
                assert!(same || kind.bad.contains(field.slot), "{case:?}: {} of {was:?} is {:?}", field.name, is[now]);
                *(if same { &mut kept } else { &mut changed }) += 1;
            }
        }
    }
    assert!(changed > 2 && kept > 300, "{changed} changed, {kept} kept");
}

/// Whether a statement that gives values to the whole table fails, in masks.
fn foretold(story: &Story, statement: &Statement, hard: Mask) -> bool {
    let compiled = story.history.compile(statement, FormatId::new(OLD)).expect("it fits its own state");
    let met = &compiled.met[NEW];
    match statement {
        Statement::Insert(_) => met.insert(hard, VersionId::ZERO).is_err(),
        Statement::Update(_) => {
            let kind =
                create(FormatId::new(NEW), story.history.entity.formats[NEW].slots(), Mask::EMPTY, VersionId::ZERO);
            matches!(met.update(&kind, Mask::EMPTY, hard, VersionId::ZERO), Err(Failure::Read(_) | Failure::Encode(_)))
        }
        Statement::Select(_) | Statement::Delete(_) => {
            let kind =
                create(FormatId::new(NEW), story.history.entity.formats[NEW].slots(), Mask::EMPTY, VersionId::ZERO);
            met.read(&kind).error.is_some()
        }
    }
}

/// The slots of new values that the new state cannot hold, by what the statement leaves in the old one.
fn hard_given(story: &Story, statement: &Statement) -> Option<Mask> {
    let mut alone = story.history.states[OLD].database.clone();
    match statement {
        Statement::Insert(_) => {}
        Statement::Update(_) => alone.clone_from(&story.before),
        Statement::Select(_) | Statement::Delete(_) => return Some(Mask::EMPTY),
    }
    execute(statement, &mut alone).ok()?;
    let rows = alone.table("t").ok().map(|table| table.rows.clone()).filter(|rows| !rows.is_empty())?;
    let new = &story.history.entity.formats[NEW];
    let old = &story.history.entity.formats[OLD];
    // By name, as the statement finds its columns.
    let hard = |row: &Row| -> Mask {
        let columns = story.table(OLD).columns.iter().zip(row);
        let found = columns.filter_map(|(column, value)| {
            let place = new.fields.iter().position(|field| field.name == column.name)?;
            let is_hard = story.is_hard(value, column, &story.table(NEW).columns[place]);
            is_hard.then_some(new.fields[place].slot)
        });
        found.collect()
    };
    let positional = matches!(statement, Statement::Insert(insert) if insert.columns.is_none());
    let by_place = |row: &Row| -> Mask {
        let pairs = old.fields.iter().zip(&new.fields).enumerate();
        let found = pairs.filter(|(place, _)| {
            story
                .table(NEW)
                .columns
                .get(*place)
                .is_some_and(|column| story.is_hard(&row[*place], &story.table(OLD).columns[*place], column))
        });
        found.map(|(_, (_, field))| field.slot).collect()
    };
    Some(rows.iter().map(|row| if positional { by_place(row) } else { hard(row) }).fold(Mask::EMPTY, |a, b| a | b))
}

/// Whether a statement computes nothing: what it does follows from the columns it names and the values it gives.
fn is_plain(text: &str) -> bool {
    let computes = ["id + 1", "::", "SELECT id, ", "("].into_iter().any(|part| text.contains(part));
    text.starts_with("INSERT") || text.starts_with("SELECT id, a, b, c") || !computes
}

#[test]
fn an_old_statement_fails_only_where_the_masks_say_so() {
    let mut count = Count::default();
    for (case, story) in stories() {
        let mut after = story.before.clone();
        if migrate(&story.steps, &mut after).is_err() {
            continue;
        }
        for text in case.statements.iter().filter(|text| is_plain(text)) {
            let statement = statement("statement", text).expect("a statement");
            if execute(&statement, &mut story.before.clone()).is_err() {
                continue;
            }
            let Some(hard) = hard_given(&story, &statement) else { continue };
            let done = execute(&statement, &mut after.clone());
            // What the expression of a rule raises, the value alone does not tell either: it fits its column.
            let is_of_rule = done.is_err() && case.migration.contains("ADD CHECK (");
            if is_of_rule || done.as_ref().err().is_some_and(is_between_rows) {
                continue;
            }
            let place = format!("{}\n{}\n{text}\n{done:?}", case.setup, case.migration);
            count.add(done.is_err(), foretold(&story, &statement, hard), &place);
        }
    }
    assert!(count.failed > 30 && count.cautious * 8 < count.agreed, "{count:?}");
}
