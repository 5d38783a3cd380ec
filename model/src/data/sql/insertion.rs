//! What an `INSERT` meets in a state of its table, seen by making the row.
//!
//! *Decisions.* Its parameters get values that the state knows which it was written for, the most ordinary ones first,
//! each the same one wherever it stands. A usual row is one that is made if any is. Numbers and truth values are sent
//! as what they are, the rest as text.

use super::execute::execute;
use super::expr::Expr;
use super::history::{History, State as TableState};
use super::probe::candidates;
use super::samples::samples;
use super::schema::{Database, Row, Table};
use super::statement::{Insert, Source, Statement};
use super::types::Category;
use super::{SqlError, SqlType, State, Value, literals, value};
use crate::id::FormatId;
use std::collections::BTreeSet;

/// An `INSERT` of values.
pub(super) struct Insertion<'a> {
    insert: &'a Insert,
    row: &'a [Option<Expr>],
    own: Database,
    current: Database,
    /// Its parameters.
    pub(super) open: Vec<Open>,
    /// The columns that are given something made of parameters.
    pub(super) derived: Vec<Derived>,
    /// For each of them: values that stand for all.
    values: Vec<Vec<Value>>,
}

/// A parameter.
pub(super) struct Open {
    name: String,
    /// The column, as the state has it that the statement was written for: one that gets it as it is, if there is one.
    pub(super) place: usize,
    /// Whether the column gets it as it is.
    pub(super) is_plain: bool,
    of: SqlType,
    nullable: bool,
}

/// A column that is given something made of a parameter.
pub(super) struct Derived {
    /// The column, as the state has it that the statement was written for.
    pub(super) place: usize,
    /// Which of the parameters it is made of.
    pub(super) from: usize,
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
        let given: Vec<(usize, &Expr)> = row
            .iter()
            .enumerate()
            .filter_map(|(given, expr)| Some((given, expr.as_ref()?)))
            .map(|(given, expr)| Some((place(given)?, expr)))
            .collect::<Option<_>>()?;
        let open = opened(&given, table);
        let from = |name: &str| open.iter().position(|open| open.name == name);
        let composed = given.iter().filter(|(_, expr)| expr.has_parameter() && !matches!(expr, Expr::Parameter(_)));
        let derived = composed.flat_map(|(place, expr)| {
            let sources: BTreeSet<usize> = expr.parameters().into_iter().filter_map(from).collect();
            sources.into_iter().map(|from| Derived { place: *place, from })
        });
        let derived = derived.collect();
        let now = met.table(&insert.table).ok();
        let turns = literals::turns(now.into_iter().chain([table]), &[]);
        let types: Vec<SqlType> =
            now.map_or(Vec::new(), |table| table.columns.iter().map(|column| column.of.clone()).collect());
        let values = open.iter().map(|open| samples(&table.columns[open.place], &turns, &types, &met.enums)).collect();
        Some(Insertion { insert, row, own: known, current: met, open, derived, values })
    }

    fn statement(&self, values: &Row) -> Statement {
        let value = |name: &str| {
            let place = self.open.iter().position(|open| open.name == name)?;
            Some(sent(&values[place], &self.open[place].of))
        };
        let row = self.row.iter().map(|expr| expr.as_ref().map(|expr| expr.with(&value))).collect();
        Statement::Insert(Insert { source: Source::Rows(vec![row]), ..self.insert.clone() })
    }

    /// The row that values make in the state that the statement was written for.
    fn known(&self, values: &Row) -> Option<Row> {
        let mut database = self.own.clone();
        execute(&self.statement(values), &mut database).ok()?;
        Some(self.made(&database))
    }

    /// The values of a usual row but for the parameter of which a column is made, and that makes it this value there.
    pub(super) fn making(&self, usual: &Row, derived: &Derived, value: &Value) -> Option<Row> {
        let others = self.values(derived.from).map(|other| replaced(usual, derived.from, other));
        let equals = |made: &Value| match value::compare(made, value) {
            Some(order) => order.is_eq(),
            None => made.is_null() && value.is_null(),
        };
        others.into_iter().find(|row| self.known(row).is_some_and(|made| equals(&made[derived.place])))
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
        wrong.filter(|error| error.state().is_some_and(State::is_of_data))
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

    /// What is not modelled of it, where no usual row is known for that.
    pub(super) fn unmodelled(&self) -> Option<String> {
        let values: Row = self.values.iter().map(|all| all.first().cloned().unwrap_or(Value::Null)).collect();
        let said = [&self.own, &self.current].map(|state| execute(&self.statement(&values), &mut state.clone()));
        let what = said.into_iter().find_map(|answer| match answer {
            Err(SqlError::Unsupported(what)) => Some(what),
            Ok(_) | Err(SqlError::Raised { .. }) => None,
        });
        what.filter(|_| self.usual() == Made::Unknown)
    }

    /// Columns that are given something made of a parameter, with what stops some values in the state it meets, and not
    /// in its own.
    pub(super) fn spoilt(&self) -> Vec<(usize, State)> {
        let Made::Row(usual, _) = self.usual() else { return Vec::new() };
        let stops = |derived: &Derived| {
            let mut rows = self.values(derived.from).map(|value| replaced(&usual, derived.from, value));
            rows.find_map(|row| self.make(&row)?.err()?.state())
        };
        self.derived.iter().filter_map(|derived| Some((derived.place, stops(derived)?))).collect()
    }

    /// Values that stand for those of an open place.
    pub(super) fn values(&self, open: usize) -> impl Iterator<Item = Value> + '_ {
        let null = self.open[open].nullable.then_some(Value::Null);
        self.values[open].iter().cloned().chain(null)
    }
}

/// Each parameter once, at the column that gets it as it is, or else at the first one that is made of it.
fn opened(given: &[(usize, &Expr)], table: &Table) -> Vec<Open> {
    let plain = given.iter().filter_map(|(place, expr)| {
        let Expr::Parameter(name) = expr else { return None };
        Some((name.as_str(), *place, true))
    });
    let within = given.iter().flat_map(|(place, expr)| expr.parameters().into_iter().map(|name| (name, *place, false)));
    let mut open: Vec<Open> = Vec::new();
    for (name, place, is_plain) in plain.chain(within) {
        if !open.iter().any(|known| known.name == name) {
            let column = &table.columns[place];
            let (name, of, nullable) = (name.to_owned(), column.of.clone(), column.nullable);
            open.push(Open { name, place, is_plain, of, nullable });
        }
    }
    open
}

/// A row with another value in one place.
pub(super) fn replaced(row: &Row, place: usize, value: Value) -> Row {
    let mut row = row.clone();
    row[place] = value;
    row
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
