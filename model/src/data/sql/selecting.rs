//! What expressions of a `SELECT`, and conditions, meet in a state of the table, seen by asking for them.
//!
//! *Decisions.* A column that is handed out as it is, is the program's to read. What is made of columns in the database
//! can be stopped by their values, and come out as another type, or as something else. Which row is meant, the request
//! says: of a condition only what it raises counts.

use super::error::SqlError;
use super::execute::execute;
use super::expr::Expr;
use super::history::History;
use super::meeting::read_as;
use super::probe::{Probe, Usual};
use super::schema::{Database, Row};
use super::statement::{Answer, Projection, Select, Statement, Update};
use super::{SqlType, Value, cast, crossing};
use crate::data::derive::sql::coded;
use crate::data::{Effect, Field, Finding, Why};
use crate::id::FormatId;

/// The expressions of a statement, in the state it was written for and in the one it meets.
pub(super) struct Selecting<'a> {
    history: &'a History,
    own: FormatId,
    current: FormatId,
    table: &'a str,
    /// What is made of columns, as the result names it; `None` for a condition.
    exprs: Vec<(&'a Expr, Option<&'a str>)>,
}

/// What a row brings out: values, each with its type.
type Outcome = Result<Vec<(SqlType, Value)>, SqlError>;

/// Types, and rows of values.
pub(super) type Answered = (Vec<SqlType>, Vec<Row>);

impl<'a> Selecting<'a> {
    /// `None` where the statement has no expression but columns.
    pub(super) fn new(
        history: &'a History,
        statement: &'a Statement,
        (own, current): (FormatId, FormatId),
    ) -> Option<Self> {
        let (table, mut exprs, condition) = match statement {
            Statement::Select(Select { table, projection, condition, .. }) => (table, composed(projection), condition),
            Statement::Update(Update { table, condition, .. }) => (table, Vec::new(), condition),
            Statement::Insert(_) | Statement::Delete(_) => return None,
        };
        exprs.extend(condition.iter().map(|expr| (expr, None)));
        (!exprs.is_empty()).then_some(Selecting { history, own, current, table, exprs })
    }

    /// What comes of it in the state it meets.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let Some(base) = self.usual(self.current) else { return Vec::new() };
        let mut findings = self.types();
        for (field, column) in self.columns() {
            let values = self.values(column);
            let told = values.iter().filter_map(|value| self.meets(&base, (field, column), value));
            for one in told {
                if !findings.contains(&one) {
                    findings.push(one);
                }
            }
        }
        findings
    }

    /// What is not modelled of it, a phrase each.
    pub(super) fn undecided(&self) -> Vec<String> {
        let Some(base) = self.usual(self.current) else {
            return vec!["whether its expressions come through".to_owned()];
        };
        let each = self.columns().into_iter().flat_map(|(_, column)| {
            let open = self.values(column).into_iter().filter_map(|value| {
                let Err(SqlError::Unsupported(what)) = self.ask(self.current, self.with(&base, column, &value)?)?
                else {
                    return None;
                };
                let shown = value.text(super::stated::of(column)).unwrap_or_else(|| "NULL".to_owned());
                Some(format!("whether {shown} in {} comes through: {what}", column.name))
            });
            open.collect::<Vec<_>>()
        });
        each.collect()
    }

    /// The columns of the expressions, as they were and as they are.
    fn columns(&self) -> Vec<(&'a Field, &'a Field)> {
        let names: Vec<&str> = self.exprs.iter().flat_map(|(expr, _)| expr.columns()).collect();
        let own =
            self.history.entity.format(self.own).fields.iter().filter(|field| names.contains(&field.name.as_str()));
        let now = &self.history.entity.format(self.current).fields;
        own.filter_map(|field| Some((field, now.iter().find(|column| column.name == field.name)?))).collect()
    }

    /// The values that a column is known to have besides usual ones; NULL where nothing forbids it.
    fn values(&self, column: &Field) -> Vec<Value> {
        let mut values = self.history.stated(self.current, column).unwrap_or_default();
        if column.shape.domain.nullable && !values.iter().any(Value::is_null) {
            values.push(Value::Null);
        }
        values
    }

    /// A usual row of a state.
    fn usual(&self, state: FormatId) -> Option<Row> {
        let database = &self.history.states[state.index()].database;
        match Probe::new(database, self.table, &[], database, self.table)?.usual() {
            Usual::Becomes(row, _) => Some(row),
            Usual::Unknown | Usual::Stopped(_) | Usual::Deleted(_) => None,
        }
    }

    /// A row with another value in a column.
    fn with(&self, row: &Row, column: &Field, value: &Value) -> Option<Row> {
        let place = self.history.states[self.current.index()].database.table(self.table).ok()?.place_of(&column.name);
        Some(super::insertion::replaced(row, place.ok()?, value.clone()))
    }

    /// What the expressions are in a row of a state.
    fn ask(&self, state: FormatId, row: Row) -> Option<Outcome> {
        let answer = self.answer(state, vec![row])?;
        Some(answer.map(|(types, mut rows)| types.into_iter().zip(rows.pop().unwrap_or_default()).collect()))
    }

    fn answer(&self, state: FormatId, rows: Vec<Row>) -> Option<Result<Answered, SqlError>> {
        let list = self.exprs.iter().map(|(expr, name)| ((*expr).clone(), name.unwrap_or_default().to_owned()));
        listed(&self.history.states[state.index()].database, self.table, list.collect(), rows)
    }

    /// Results of another type than the program knows.
    fn types(&self) -> Vec<Finding> {
        let types = |state| Some(self.answer(state, Vec::new())?.ok()?.0);
        let Some((own, now)) = types(self.own).zip(types(self.current)) else { return Vec::new() };
        let shown = self.exprs.iter().zip(own.iter().zip(&now)).filter(|((_, name), _)| name.is_some());
        let each = shown.flat_map(|((expr, name), (own, now))| {
            let names = expr.columns();
            let columns = self.columns();
            let at =
                columns.iter().find(|(field, _)| names.contains(&field.name.as_str())).map(|(field, _)| field.slot);
            let detail = format!("{}: {now} read as {own}", name.unwrap_or_default());
            let finding = |fate: super::meeting::Fate| Some(Finding::new(at?, fate.effect, fate.why, detail.clone()));
            read_as(now, own).into_iter().filter_map(finding).collect::<Vec<_>>()
        });
        each.collect()
    }

    /// What a value of a column brings about.
    fn meets(&self, base: &Row, (field, column): (&Field, &Field), value: &Value) -> Option<Finding> {
        let shown = value.text(super::stated::of(column)).unwrap_or_else(|| "NULL".to_owned());
        match self.ask(self.current, self.with(base, column, value)?)? {
            Err(SqlError::Raised { state, .. }) => {
                let detail = coded(format!("{shown} in {}", column.name), Some(state));
                match value.is_null() {
                    true => Some(Finding::new(field.slot, self.stops_null(field), Why::Null, detail)),
                    false => Some(Finding::new(field.slot, Effect::ErrHard, crossing::reason(state), detail)),
                }
            }
            Err(SqlError::Unsupported(_)) => None,
            Ok(now) if value.is_null() && !field.shape.domain.nullable => {
                let detail = format!("{} read as {}", column.shape, field.shape);
                let is_null = now.iter().take(self.shown()).any(|(_, one)| one.is_null());
                is_null.then(|| Finding::new(field.slot, self.stops_null(field), Why::Null, detail))
            }
            Ok(now) => {
                let own = self.known(base, (field, column), value)?;
                let differs = own.iter().zip(&now).take(self.shown()).any(|(own, now)| !is_same(own, now));
                let detail = format!("{shown} in {}", column.name);
                differs.then(|| Finding::new(field.slot, Effect::LieHard, Why::Recomputed, detail))
            }
        }
    }

    /// Where nobody gives NULL, only what has never been given a value is.
    fn stops_null(&self, field: &Field) -> Effect {
        if self.history.gives_null(field.slot) { Effect::ErrHard } else { Effect::ErrNull }
    }

    /// How many of the expressions the program gets: those before the condition.
    fn shown(&self) -> usize {
        self.exprs.iter().filter(|(_, name)| name.is_some()).count()
    }

    /// What the value brings out in the state that the statement was written for, if a column of that state holds it.
    /// The other columns are as they are in `base`, a row of the current state, as far as they can be.
    fn known(&self, base: &Row, (field, column): (&Field, &Field), value: &Value) -> Option<Vec<(SqlType, Value)>> {
        let [own, now] = [self.own, self.current].map(|state| &self.history.states[state.index()].database);
        let tables = (own.table(self.table).ok()?, now.table(self.table).ok()?);
        let held = |value: &Value, (field, column): (&Field, &Field)| match value.text(super::stated::of(column)) {
            Some(text) => cast::read(&text, super::stated::of(field), &own.enums).ok(),
            None => Some(Value::Null),
        };
        let mut row = self.usual(self.own)?;
        for (field, column) in self.columns() {
            let places = (tables.0.place_of(&field.name).ok()?, tables.1.place_of(&column.name).ok()?);
            row[places.0] = held(&base[places.1], (field, column)).unwrap_or_else(|| row[places.0].clone());
        }
        row[tables.0.place_of(&field.name).ok()?] = held(value, (field, column))?;
        self.ask(self.own, row)?.ok()
    }
}

/// What expressions are in these rows of a table.
pub(super) fn listed(
    database: &Database,
    table: &str,
    list: Vec<(Expr, String)>,
    rows: Vec<Row>,
) -> Option<Result<Answered, SqlError>> {
    let mut database = database.clone();
    database.table_mut(table).ok()?.rows = rows;
    let projection = Projection::List(list);
    let select = Select { table: table.to_owned(), projection, condition: None, order: Vec::new() };
    match execute(&Statement::Select(select), &mut database) {
        Ok(Answer::Rows(columns, rows)) => Some(Ok((columns.into_iter().map(|(_, of)| of).collect(), rows))),
        Ok(Answer::Count(_) | Answer::Done) => None,
        Err(error) => Some(Err(error)),
    }
}

/// What a result has besides columns.
fn composed(projection: &Projection) -> Vec<(&Expr, Option<&str>)> {
    match projection {
        Projection::All => Vec::new(),
        Projection::List(list) => {
            let made = list.iter().filter(|(expr, _)| !matches!(expr, Expr::Column(_)));
            made.map(|(expr, name)| (expr, Some(name.as_str()))).collect()
        }
    }
}

/// Whether a client gets the same. A number is the same one with more zeros.
fn is_same((a_of, a): &(SqlType, Value), (b_of, b): &(SqlType, Value)) -> bool {
    let number = |of: &SqlType, one: &Value| one.text(of)?.parse::<f64>().ok().filter(|_| of.is_numeric());
    let same_number = number(a_of, a).is_some_and(|a| number(b_of, b) == Some(a));
    same_number || a.is_same(a_of, b, b_of)
}
