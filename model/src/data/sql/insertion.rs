//! What an `INSERT` meets in a state of its table, seen by making the row.
//!
//! *Decisions.* Its parameters get values that the state knows which it was written for, the most ordinary ones first.
//! A usual row is one that is made if any is. Numbers and truth values are sent as what they are, the rest as text.

use super::execute::execute;
use super::expr::Expr;
use super::history::{History, State as TableState};
use super::probe::candidates;
use super::samples::samples;
use super::schema::{Database, Row};
use super::statement::{Insert, Source, Statement};
use super::types::Category;
use super::{SqlError, SqlType, State, Value, literals};
use crate::id::FormatId;

/// An `INSERT` of values.
pub(super) struct Insertion<'a> {
    insert: &'a Insert,
    row: &'a [Option<Expr>],
    own: Database,
    current: Database,
    /// The places, among the values given, of those that are not known; with the place and type of the column.
    pub(super) open: Vec<Open>,
    /// For each of them: values that stand for all.
    values: Vec<Vec<Value>>,
}

/// A value that is not known.
pub(super) struct Open {
    /// Which of the values given it is.
    given: usize,
    /// The column, as the state has it that the statement was written for.
    pub(super) place: usize,
    of: SqlType,
    nullable: bool,
}

/// What becomes of usual rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Made {
    /// None can be told: the state it was written for refuses all, or what becomes of them is not modelled.
    Unknown,
    /// None is made.
    Refused(SqlError),
    /// This one is, of these values.
    Row(Row, Row),
}

impl<'a> Insertion<'a> {
    /// The statement, written for the state `own`, in the state `current`; `None` where it does not give values.
    pub(super) fn new(history: &History, insert: &'a Insert, own: FormatId, current: FormatId) -> Option<Self> {
        let Source::Rows(rows) = &insert.source else { return None };
        let [row] = rows.as_slice() else { return None };
        let state = |id: FormatId| &history.states[id.index()];
        let [known, met] = [own, current].map(|id| loosened(state(id)));
        let table = known.table(&insert.table).ok()?;
        let place = |given: usize| match &insert.columns {
            Some(names) => table.place_of(names.get(given)?).ok(),
            None => (given < table.columns.len()).then_some(given),
        };
        let open = row.iter().enumerate().filter(|(_, expr)| expr.as_ref().is_some_and(Expr::has_parameter));
        let open: Vec<Open> = open
            .map(|(given, _)| {
                let place = place(given)?;
                let column = &table.columns[place];
                Some(Open { given, place, of: column.of.clone(), nullable: column.nullable })
            })
            .collect::<Option<_>>()?;
        let mut turns = literals::of_table(table);
        let now = met.table(&insert.table).ok();
        turns.extend(now.map(literals::of_table).unwrap_or_default());
        let types: Vec<SqlType> =
            now.map_or(Vec::new(), |table| table.columns.iter().map(|column| column.of.clone()).collect());
        let values = open.iter().map(|open| samples(&table.columns[open.place], &turns, &types, &met.enums)).collect();
        Some(Insertion { insert, row, own: known, current: met, open, values })
    }

    fn statement(&self, values: &Row) -> Statement {
        let mut row = self.row.to_vec();
        for (open, value) in self.open.iter().zip(values) {
            row[open.given] = Some(sent(value, &open.of));
        }
        Statement::Insert(Insert { source: Source::Rows(vec![row]), ..self.insert.clone() })
    }

    /// The row that values make; `None` where the state refuses them that the statement was written for.
    pub(super) fn make(&self, values: &Row) -> Option<Result<Row, SqlError>> {
        execute(&self.statement(values), &mut self.own.clone()).ok()?;
        Some(self.send(values))
    }

    /// The row that values make, whatever the state has to say that the statement was written for.
    pub(super) fn send(&self, values: &Row) -> Result<Row, SqlError> {
        let mut database = self.current.clone();
        execute(&self.statement(values), &mut database).map(|_| self.made(&database))
    }

    fn made(&self, database: &Database) -> Row {
        let rows = database.table(&self.insert.table).ok().and_then(|table| table.rows.last());
        rows.cloned().expect("a row was made")
    }

    /// A usual row.
    pub(super) fn usual(&self) -> Made {
        let all: Vec<usize> = (0..self.values.len()).collect();
        let mut refused = None;
        for values in candidates(&self.values, &all) {
            match self.make(&values) {
                None => {}
                Some(Ok(row)) => return Made::Row(values, row),
                Some(Err(error)) => refused = refused.or(Some(error)),
            }
        }
        match refused {
            Some(error @ SqlError::Raised { .. }) => Made::Refused(error),
            Some(SqlError::Unsupported(_)) | None => Made::Unknown,
        }
    }

    /// What is wrong with a constant in it: the state it was written for says so whatever the other values are.
    pub(super) fn wrong_constant(&self) -> Option<SqlError> {
        let mut wrong = None;
        for values in candidates(&self.values, &[]) {
            let error = execute(&self.statement(&values), &mut self.own.clone()).err()?;
            wrong = wrong.or(Some(error));
        }
        wrong.filter(|error| error.state().is_some_and(|state| state.code().starts_with("22")))
    }

    /// What stops every row but the first: they are alike where no two rows may be.
    pub(super) fn again(&self, values: &Row) -> Option<SqlError> {
        let mut refused = None;
        for shift in 1..=3 {
            let others = self.values.iter().zip(values).map(|(all, own)| {
                let place = all.iter().position(|value| value == own).unwrap_or(0);
                all.get((place + shift) % all.len().max(1)).cloned().unwrap_or(Value::Null)
            });
            let others: Row = others.collect();
            let both = |mut database: Database| {
                execute(&self.statement(values), &mut database)?;
                execute(&self.statement(&others), &mut database)
            };
            if both(self.own.clone()).is_ok() {
                refused = Some(both(self.current.clone()).err()?);
            }
        }
        refused.filter(|error| error.state() == Some(State::Unique))
    }

    /// Values that stand for those of an open place.
    pub(super) fn values(&self, open: usize) -> impl Iterator<Item = Value> + '_ {
        let null = self.open[open].nullable.then_some(Value::Null);
        self.values[open].iter().cloned().chain(null)
    }
}

/// The tables of a state, without what other tables have to say.
fn loosened(state: &TableState) -> Database {
    let mut database = state.database.clone();
    database.unlinked = true;
    database
}

/// A value as a driver sends it: numbers and truth values as what they are, the rest as text.
fn sent(value: &Value, of: &SqlType) -> Expr {
    match value.text(of) {
        None => Expr::Null,
        Some(_) if matches!(of.category(), Category::Number | Category::Boolean) => {
            Expr::Literal(value.clone(), of.clone())
        }
        Some(text) => Expr::Quoted(text),
    }
}
