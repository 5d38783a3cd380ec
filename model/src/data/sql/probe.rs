//! A script played on rows that stand for others: whoever wants to know what it does, sees it done.
//!
//! *Decisions.* A row is *usual* when it comes through if any does: of the values that a column can have, those are
//! taken first that meet no rule. What stops every row tried stops every row. Foreign keys are left out of account,
//! because the rows of other tables are not known; whatever is drawn at random or depends on the time is always the
//! same.

use super::error::SqlError;
use super::execute::{own_value, regenerate};
use super::migrate::migrate;
use super::rules;
use super::samples::samples;
use super::schema::{ColumnId, Database, Filling, Row, Rule, Table};
use super::statement::Step;
use super::types::SqlType;
use super::{State, Value, lineage, literals};
use std::collections::BTreeSet;

/// How many pairs of values are tried for a usual row.
const PAIRS: usize = 2000;

/// How many rows are put beside another one.
const BESIDE: usize = 6;

/// A table without rows, and a script.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    start: Database,
    name: String,
    steps: Vec<Step>,
    /// What the table is called at the end.
    end: String,
    /// By column: values that stand for all, the most ordinary ones first.
    values: Vec<Vec<Value>>,
    /// The columns that checks speak of, before the script or after it.
    turning: Vec<usize>,
    /// The rows that the script makes by itself.
    made: Vec<Row>,
}

/// What becomes of usual rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Usual {
    /// No row can be told: none satisfies the rules there are, or what becomes of it is not modelled.
    Unknown,
    /// None comes through.
    Stopped(SqlError),
    /// None is left: this one was there.
    Deleted(Row),
    /// This one becomes that one.
    Becomes(Row, Row),
}

impl Probe {
    /// A probe of `steps`, taken where `start` is the database and the table is called `name`; at the end it is called
    /// `end`. `None` when there is no such table.
    pub(super) fn new(start: &Database, name: &str, steps: &[Step], arrival: &Database, end: &str) -> Option<Self> {
        let mut start = start.clone();
        start.unlinked = true;
        start.tables.values_mut().for_each(|table| table.rows.clear());
        let table = start.table(name).ok()?;
        let turns = literals::turns([table], steps);
        let types = |table: &Table| table.columns.iter().map(|column| column.of.clone()).collect::<Vec<SqlType>>();
        let others: Vec<SqlType> = arrival.table(end).map(types).unwrap_or_default();
        // A type that the script drops has values until then.
        let enums = arrival.enums.with(&start.enums);
        let values = |column| samples(column, &turns, &others, &enums);
        let values = table.columns.iter().map(values).collect();
        let turning = turning(table, arrival.table(end).ok());
        let (name, steps, end) = (name.to_owned(), lineage::played(steps), end.to_owned());
        let mut probe = Probe { start, name, steps, end, values, turning, made: Vec::new() };
        probe.made = probe.outcome(&[]).unwrap_or_default();
        Some(probe)
    }

    fn table(&self) -> &Table {
        self.start.table(&self.name).expect("a probe has its table")
    }

    /// Whether the script makes rows by itself.
    pub(super) fn makes_rows(&self) -> bool {
        !self.made.is_empty()
    }

    /// Values that stand for those of a column: the usual ones, and NULL where it may be.
    pub(super) fn values(&self, place: usize) -> impl Iterator<Item = Value> + '_ {
        let null = self.table().columns[place].nullable.then_some(Value::Null);
        self.values[place].iter().cloned().chain(null)
    }

    /// Columns with a default that is the same for all rows, and the default.
    pub(super) fn defaults(&self) -> Vec<(usize, Value)> {
        let places = self.table().columns.iter().enumerate();
        let fixed = places.filter(|(_, column)| matches!(&column.filling, Filling::Default(of) if !of.is_volatile()));
        let value = |(place, _)| Some((place, own_value(place, &self.name, &mut self.start.clone()).ok()?));
        fixed.filter_map(value).collect()
    }

    /// Whether a column takes no value, because it makes its own.
    pub(super) fn is_generated(&self, place: usize) -> bool {
        matches!(self.table().columns[place].filling, Filling::Generated(_))
    }

    /// A row with its generated columns, if the table can hold it.
    fn held(&self, row: &Row) -> Option<Row> {
        let row = regenerate(row.clone(), self.table(), &self.start).ok()?;
        rules::check_row(self.table(), &row, &self.start).is_ok().then_some(row)
    }

    /// What becomes of a row that may be there: be it against a rule that only new rows are held to.
    pub(super) fn play_there(&self, row: &Row) -> Option<Result<Option<Row>, SqlError>> {
        let row = regenerate(row.clone(), self.table(), &self.start).ok()?;
        let mut held = self.table().clone();
        held.constraints.retain(|one| !matches!(one.rule, Rule::Check { validated: false, .. }));
        rules::check_row(&held, &row, &self.start).ok()?;
        Some(self.outcome(&[row]).map(|mut rows| rows.pop()))
    }

    fn outcome(&self, rows: &[Row]) -> Result<Vec<Row>, SqlError> {
        let mut database = self.start.clone();
        database.table_mut(&self.name)?.rows = rows.to_vec();
        migrate(&self.steps, &mut database)?;
        let mut left = database.tables.remove(&self.end).map(|table| table.rows).unwrap_or_default();
        for made in &self.made {
            if let Some(place) = left.iter().position(|row| row == made) {
                left.remove(place);
            }
        }
        Ok(left)
    }

    /// What becomes of a row: another one, or none; `None` where the table cannot hold it.
    pub(super) fn play(&self, row: &Row) -> Option<Result<Option<Row>, SqlError>> {
        let row = self.held(row)?;
        Some(self.outcome(&[row]).map(|mut rows| rows.pop()))
    }

    /// The same of a row that may be against a rule: one that only new rows are held to, for instance.
    pub(super) fn force(&self, row: &Row) -> Option<Result<Option<Row>, SqlError>> {
        let row = regenerate(row.clone(), self.table(), &self.start).ok()?;
        Some(self.outcome(&[row]).map(|mut rows| rows.pop()))
    }

    /// A usual row, and what becomes of it.
    pub(super) fn usual(&self) -> Usual {
        let mut stopped = None;
        for row in candidates(&self.values, &self.turning) {
            match self.play(&row) {
                None => {}
                Some(Ok(Some(after))) => return Usual::Becomes(self.held(&row).expect("it was played"), after),
                Some(Ok(None)) => return Usual::Deleted(self.held(&row).expect("it was played")),
                Some(Err(error)) => stopped = stopped.or(Some(error)),
            }
        }
        match stopped {
            Some(error @ SqlError::Raised { .. }) => self.without_values().unwrap_or(Usual::Stopped(error)),
            Some(SqlError::Unsupported(_)) | None => Usual::Unknown,
        }
    }

    /// What becomes of the row with these values, where no usual row comes through; any value where none is known.
    pub(super) fn of_stated(&self, stated: &[Option<Value>]) -> Option<Usual> {
        let first = |values: &Vec<Value>| values.first().cloned().unwrap_or(Value::Null);
        let known = |(own, values): (&Option<Value>, &Vec<Value>)| own.clone().unwrap_or_else(|| first(values));
        let row: Row = stated.iter().zip(&self.values).map(known).collect();
        match self.play(&row)? {
            Ok(Some(after)) => Some(Usual::Becomes(self.held(&row)?, after)),
            Ok(None) => Some(Usual::Deleted(self.held(&row)?)),
            Err(error @ SqlError::Raised { .. }) => Some(Usual::Stopped(error)),
            Err(SqlError::Unsupported(_)) => None,
        }
    }

    /// A row that comes through because one of its columns is NULL.
    fn without_values(&self) -> Option<Usual> {
        let first: Row = self.values.iter().map(|all| all.first().cloned().unwrap_or(Value::Null)).collect();
        let places = (0..first.len()).filter(|place| self.table().columns[*place].nullable);
        let rows = places.map(|place| super::insertion::replaced(&first, place, Value::Null));
        rows.into_iter().find_map(|row| match self.play(&row)? {
            Ok(Some(after)) => Some(Usual::Becomes(self.held(&row)?, after)),
            Ok(None) | Err(_) => None,
        })
    }

    /// What stops the script where there are two rows, however they differ.
    pub(super) fn beside(&self, row: &Row) -> Option<SqlError> {
        let mut stopped = None;
        for shift in 1..=BESIDE {
            let other = self.other(row, shift);
            let pair = [self.held(row)?, self.held(&other)?];
            let mut table = self.table().clone();
            table.rows = pair.to_vec();
            if rules::check_keys(&table).is_err() {
                continue;
            }
            stopped = Some(self.outcome(&pair).err()?);
        }
        stopped.filter(|error| error.state() == Some(State::Unique))
    }

    /// A usual row that differs from this one wherever it may, and what becomes of it.
    pub(super) fn besides(&self, row: &Row) -> Option<(Row, Row)> {
        let other = self.held(&self.other(row, 1))?;
        let after = self.play(&other)?.ok()??;
        Some((other, after))
    }

    /// A usual row that differs from this one wherever it may.
    fn other(&self, row: &Row, shift: usize) -> Row {
        let mut other = row.clone();
        for (place, values) in self.values.iter().enumerate() {
            let own = values.iter().position(|value| *value == row[place]).unwrap_or(0);
            let next = (1..=values.len()).map(|step| &values[(own + shift * step) % values.len()]);
            for value in next.filter(|value| **value != row[place]).take(BESIDE) {
                let before = std::mem::replace(&mut other[place], value.clone());
                match self.play(&other) {
                    Some(Ok(Some(_))) => break,
                    Some(Ok(None) | Err(_)) | None => other[place] = before,
                }
            }
        }
        other
    }
}

/// Rows that may be usual ones: the most ordinary values, other ones in one column, other ones in two of `places`.
pub(super) fn candidates(values: &[Vec<Value>], places: &[usize]) -> Vec<Row> {
    let first: Row = values.iter().map(|values| values.first().cloned().unwrap_or(Value::Null)).collect();
    let changed = |row: &Row, place: usize| -> Vec<Row> {
        let with = |value: &Value| {
            let mut row = row.clone();
            row[place] = value.clone();
            row
        };
        values[place].iter().skip(1).map(with).collect()
    };
    let one = (0..first.len()).flat_map(|place| changed(&first, place));
    let pairs = places.iter().enumerate().flat_map(|(index, a)| places[index + 1..].iter().map(move |b| (*a, *b)));
    let two = pairs.flat_map(|(a, b)| changed(&first, a).into_iter().flat_map(move |row| changed(&row, b)));
    std::iter::once(first.clone()).chain(one).chain(two.take(PAIRS)).collect()
}

/// The columns of a table that its checks speak of, and those that it has when it arrives somewhere.
fn turning(table: &Table, arrived: Option<&Table>) -> Vec<usize> {
    let arrived = arrived.filter(|arrived| arrived.origin == table.origin);
    let rules = table.constraints.iter().chain(arrived.into_iter().flat_map(|arrived| &arrived.constraints));
    let checks = rules.filter(|constraint| matches!(constraint.rule, Rule::Check { .. }));
    let ids: BTreeSet<ColumnId> = checks.flat_map(|constraint| constraint.rule.columns()).collect();
    let places = table.columns.iter().enumerate().filter(|(_, column)| ids.contains(&column.id));
    places.map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::sql::statement::{Insert, Source, Statement, TableDefinition, Update};
    use crate::data::sql::{ColumnDefinition, Expr, FillingDefinition, Operator};

    fn probe(steps: &[Step]) -> Probe {
        let column = ColumnDefinition {
            name: "id".to_owned(),
            of: SqlType::Bigint,
            filling: FillingDefinition::Nothing,
            not_null: false,
            constraints: Vec::new(),
        };
        let table = TableDefinition {
            name: "t".to_owned(),
            if_not_exists: false,
            columns: vec![column],
            constraints: Vec::new(),
        };
        let mut start = Database::default();
        migrate(&[Step::CreateTable(table)], &mut start).expect("a plain table");
        Probe::new(&start, "t", steps, &start, "t").expect("it is there")
    }

    /// What a play of the script takes: so many steps, for so many values.
    fn work(step: impl Fn(i64) -> Statement, count: i64) -> (usize, usize, usize) {
        let steps: Vec<Step> = (100..100 + count).map(|number| Step::Run(step(number))).collect();
        let probe = probe(&steps);
        (probe.steps.len(), probe.values[0].len(), probe.made.len())
    }

    #[test]
    fn a_script_of_many_rows_is_played_like_one_of_some() {
        let table = || "t".to_owned();
        let insert = |number: i64| {
            let source = Source::Rows(vec![vec![Some(Expr::integer(number))]]);
            Statement::Insert(Insert { table: table(), columns: None, source })
        };
        let update = |number: i64| {
            let id = Box::new(Expr::Column("id".to_owned()));
            let condition = Expr::Binary(Operator::Equal, id, Box::new(Expr::integer(number)));
            let sets = vec![("id".to_owned(), Some(Expr::integer(-number)))];
            Statement::Update(Update { table: table(), sets, condition: Some(condition) })
        };
        assert!(work(insert, 3).0 == 3 && work(update, 3).0 == 3);
        assert_eq!(work(insert, 100), work(insert, 3_000));
        assert_eq!(work(update, 100), work(update, 3_000));
    }
}
