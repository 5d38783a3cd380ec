//! What rows must satisfy: NOT NULL, CHECK, UNIQUE, FOREIGN KEY.
//!
//! In PostgreSQL's order: for each row NOT NULL by column, CHECK by name, then uniqueness; foreign keys
//! when the statement is over.

use std::cmp::Ordering;

use super::bind::Bound;
use super::error::{SqlError, State, raise};
use super::eval::Env;
use super::schema::{Column, ColumnId, Constraint, Database, Row, Rule, Table};
use super::{Value, value};

/// An [`Env`] over a row of a table.
pub(super) fn env<'a>(columns: &'a [Column], row: &'a [Value], database: &'a Database, ordinal: usize) -> Env<'a> {
    let ordinal = database.drawn.wrapping_add(ordinal as u64);
    Env { columns, row, enums: &database.enums, now: database.now, ordinal }
}

/// NOT NULL and CHECK.
pub(super) fn check_row(table: &Table, row: &[Value], database: &Database) -> Result<(), SqlError> {
    for (column, value) in table.columns.iter().zip(row) {
        check_null(column, value)?;
    }
    let mut checks: Vec<(&str, &Bound)> = table.constraints.iter().filter_map(check_of).collect();
    checks.sort_unstable_by_key(|(name, _)| *name);
    checks.into_iter().try_for_each(|(name, condition)| check(name, condition, table, row, database))
}

fn check_null(column: &Column, value: &Value) -> Result<(), SqlError> {
    if value.is_null() && !column.nullable {
        return raise(State::NotNull, format!("null value in column \"{}\" violates not-null constraint", column.name));
    }
    Ok(())
}

fn check_of(constraint: &Constraint) -> Option<(&str, &Bound)> {
    match &constraint.rule {
        Rule::Check { condition, .. } => Some((&constraint.name, condition)),
        Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::ForeignKey { .. } => None,
    }
}

/// A condition that is unknown is satisfied. One that fails is told with the rule that asks for it: the database names
/// that only where it is violated.
pub(super) fn check(
    name: &str,
    condition: &Bound,
    table: &Table,
    row: &[Value],
    database: &Database,
) -> Result<(), SqlError> {
    let told = env(&table.columns, row, database, 0).truth(condition).map_err(|error| match error {
        SqlError::Raised { state, detail } => {
            SqlError::Raised { state, detail: format!("check constraint \"{name}\": {detail}") }
        }
        SqlError::Unsupported(what) => SqlError::Unsupported(what),
    });
    let holds = told? != Some(false);
    if holds { Ok(()) } else { raise(State::Check, format!("new row violates check constraint \"{name}\"")) }
}

/// The check that stands behind an error: a row violates it, or its condition cannot be told.
pub(super) fn behind(error: &SqlError) -> Option<&str> {
    let SqlError::Raised { state, detail } = error else { return None };
    let is_of_check = *state == State::Check || detail.starts_with("check constraint \"");
    detail.split('"').nth(1).filter(|_| is_of_check)
}

/// All NOT NULL columns over rows that are there.
pub(super) fn check_nulls(table: &Table) -> Result<(), SqlError> {
    let all = table.rows.iter().flat_map(|row| table.columns.iter().zip(row));
    all.into_iter().try_for_each(|(column, value)| check_null(column, value))
}

/// That `row` has its keys for itself among `others`.
pub(super) fn check_unique<'r>(
    table: &Table,
    row: &Row,
    others: impl Iterator<Item = &'r Row> + Clone,
) -> Result<(), SqlError> {
    for (name, ids) in table.keys() {
        let places = table.places(ids);
        if others.clone().any(|other| same(row, &places, other, &places)) {
            return raise(State::Unique, format!("duplicate key value violates unique constraint \"{name}\""));
        }
    }
    Ok(())
}

/// The same for a row that was another one: a key that has not changed is still its own.
pub(super) fn check_changed<'r>(
    table: &Table,
    (old, new): (&Row, &Row),
    others: impl Iterator<Item = &'r Row> + Clone,
) -> Result<(), SqlError> {
    let is_kept = |ids: &[ColumnId]| {
        let places = table.places(ids);
        same(old, &places, new, &places)
    };
    if table.keys().all(|(_, ids)| is_kept(ids)) { Ok(()) } else { check_unique(table, new, others) }
}

/// That all rows have their keys for themselves.
pub(super) fn check_keys(table: &Table) -> Result<(), SqlError> {
    let mut rows = table.rows.iter().enumerate();
    rows.try_for_each(|(index, row)| check_unique(table, row, table.rows[..index].iter()))
}

/// Whether two keys are equal; one with a NULL in it equals nothing.
pub(super) fn same(a: &[Value], a_places: &[usize], b: &[Value], b_places: &[usize]) -> bool {
    let pairs = a_places.iter().zip(b_places);
    pairs.into_iter().all(|(i, j)| value::compare(&a[*i], &b[*j]) == Some(Ordering::Equal))
}

/// That the foreign keys of these rows of `name` point to rows.
pub(super) fn check_references(database: &Database, name: &str, rows: &[Row]) -> Result<(), SqlError> {
    let table = database.table(name)?;
    table.constraints.iter().try_for_each(|constraint| check_reference(database, table, constraint, rows))
}

pub(super) fn check_reference(
    database: &Database,
    table: &Table,
    constraint: &Constraint,
    rows: &[Row],
) -> Result<(), SqlError> {
    let Rule::ForeignKey { columns, table: target, referenced, .. } = &constraint.rule else { return Ok(()) };
    if database.unlinked {
        return Ok(());
    }
    let target = database.table(target)?;
    let (from, to) = (table.places(columns), target.places(referenced));
    let dangling = |row: &&Row| {
        let complete = from.iter().all(|place| !row[*place].is_null());
        complete && !target.rows.iter().any(|other| same(row, &from, other, &to))
    };
    match rows.iter().find(dangling) {
        None => Ok(()),
        Some(_) => raise(State::ForeignKey, format!("violates foreign key constraint \"{}\"", constraint.name)),
    }
}

/// That nobody points to these rows, which are gone from `name`.
pub(super) fn check_referenced(database: &Database, name: &str, gone: &[Row]) -> Result<(), SqlError> {
    if database.unlinked {
        return Ok(());
    }
    let target = database.table(name)?;
    for (owner, constraint) in database.referencing(name) {
        let Rule::ForeignKey { columns, referenced, .. } = &constraint.rule else { continue };
        let (owner, to) = (database.table(owner)?, target.places(referenced));
        let from = owner.places(columns);
        let pointed_to = |row: &&Row| owner.rows.iter().any(|other| same(other, &from, row, &to));
        let replaced = |row: &Row| target.rows.iter().any(|other| same(other, &to, row, &to));
        if gone.iter().filter(pointed_to).any(|row| !replaced(row)) {
            return raise(State::ForeignKey, format!("violates foreign key constraint \"{}\"", constraint.name));
        }
    }
    Ok(())
}

/// The columns of a key, for a type that has an order.
pub(super) fn check_orderable(table: &Table, ids: &[ColumnId]) -> Result<(), SqlError> {
    use super::SqlType;
    let of = |id: &ColumnId| &table.columns[table.place(*id)].of;
    if ids.iter().any(|id| *of(id) == SqlType::Json) {
        return raise(State::UndefinedObject, "type json has no default operator class for an index");
    }
    if ids.iter().any(|id| *of(id) == SqlType::Jsonb) {
        return super::error::unsupported("an index on jsonb");
    }
    Ok(())
}
