//! SQL of PostgreSQL: migrations and the statements of applications, as `model::data::sql` has them.
//!
//! The library splits the text into tokens and reads expressions and types. Everything around them is
//! read here, word by word, so that nothing is taken that the model does not know: what is left over, or
//! stands where it is not expected, is an error with its line and column.
//!
//! *Supported.* `CREATE TABLE`, `ALTER TABLE`, `DROP TABLE`, `CREATE` and `DROP INDEX` (with a condition unless it
//! is `UNIQUE`), `CREATE TYPE ... AS ENUM`, `ALTER TYPE ... ADD VALUE`, `DROP TYPE`, `COMMENT ON COLUMN`,
//! `TRUNCATE`, `VACUUM`, `ANALYZE`, `REINDEX TABLE`; `SELECT` from one table, `INSERT`, `UPDATE`, `DELETE`. *Passed
//! over*: what no row is changed by, see [`passed`]. *Refused.* Joins, groups, subqueries, `RETURNING`, `ON
//! CONFLICT`, views, triggers, functions, `CASCADE`, partitions, other schemas.
//!
//! A script is one transaction, whether it says so or not. `ALTER TABLE IF EXISTS` is read as without the condition: a
//! table that is not there is an error.

mod alter;
mod cursor;
mod expr;
mod pairs;
mod passed;
mod rows;
mod step;
mod table;
mod types;

use model::data::sql::{Database, Expr, SqlError, SqlType, Statement, Step, fields, migrate_to_end};
use model::data::{Family, TypeName};

use crate::draft::{Draft, Leaf};
use crate::{Position, SchemaError};
use cursor::Cursor;
pub(crate) use pairs::pairs;

/// Reads a migration: statements, each ended by a semicolon but the last.
///
/// # Errors
/// Everything that is wrong with it: one error for each statement that is not understood, and for each that limits how
/// long the migration waits: that is said beside it, not in it.
pub fn migration(name: &str, text: &str) -> Result<Vec<Step>, Vec<SchemaError>> {
    let script = script(name, text)?;
    let help = "say how long it waits for its lock with `lock_timeout` of the store";
    let limits = script.limits.iter().map(|at| SchemaError {
        position: Some(*at),
        ..SchemaError::new(name, "", "found a limit of time, which has no effect here", help)
    });
    let limits: Vec<SchemaError> = limits.collect();
    if limits.is_empty() { Ok(script.steps) } else { Err(limits) }
}

/// The statements of a text.
struct Script {
    steps: Vec<Step>,
    /// Where each begins.
    places: Vec<Position>,
    /// Where it limits how long a statement takes, or waits.
    limits: Vec<Position>,
}

impl Script {
    /// What it leaves behind in an empty database.
    fn played(&self, name: &str) -> Result<Database, Vec<SchemaError>> {
        let mut database = Database::default();
        let played = migrate_to_end(&self.steps, &mut database);
        played.map_err(|(error, step)| {
            vec![SchemaError { position: self.places.get(step).copied(), ..refused(name, &error) }]
        })?;
        Ok(database)
    }
}

fn script(name: &str, text: &str) -> Result<Script, Vec<SchemaError>> {
    let text = passed::without_directives(text);
    let mut cursor = Cursor::new(name, &text).map_err(|error| vec![error])?;
    let mut script = Script { steps: Vec::new(), places: Vec::new(), limits: Vec::new() };
    let (mut errors, mut open) = (Vec::new(), None);
    while !cursor.is_at_end() {
        if cursor.symbol(";") {
            continue;
        }
        let place = cursor.position();
        match passage(&mut cursor, &mut open) {
            Ok(Passage::Step(step)) => {
                script.steps.push(step);
                script.places.push(place);
            }
            Ok(Passage::Passed) => {}
            Ok(Passage::Limit) => script.limits.push(place),
            Err(refusal) => {
                errors.push(refusal.into_error(name));
                cursor.skip_statement();
            }
        }
    }
    errors.extend(open.map(|at| passed::unfinished(at).into_error(name)));
    if errors.is_empty() { Ok(script) } else { Err(errors) }
}

/// What a statement of a script is.
enum Passage {
    /// It does something to tables.
    Step(Step),
    /// It does nothing to them.
    Passed,
    /// It limits how long others take.
    Limit,
}

/// Reads a statement; `open` is where a transaction has begun, while it lasts.
fn passage(cursor: &mut Cursor<'_>, open: &mut Option<Position>) -> cursor::Read<Passage> {
    let place = cursor.position();
    if passed::transaction(cursor, open)? {
        return Ok(Passage::Passed);
    }
    if let Some(passage) = passed::over(cursor)? {
        return Ok(passage);
    }
    let step = step::step(cursor)?;
    passed::check_outside(&step, place, open.is_some())?;
    cursor.end_of_statement().map(|()| Passage::Step(step))
}

/// Reads one statement of an application.
///
/// # Errors
/// What is wrong with it.
pub fn statement(name: &str, text: &str) -> Result<Statement, SchemaError> {
    one_statement(name, Cursor::new(name, text)?)
}

/// Reads one statement of an application, with parameters (`$1`): values of which nothing is known, not even a type,
/// like NULL.
///
/// # Errors
/// What is wrong with it.
pub fn prepared(name: &str, text: &str) -> Result<Statement, SchemaError> {
    one_statement(name, Cursor::with_parameters(name, text)?)
}

fn one_statement(name: &str, mut cursor: Cursor<'_>) -> Result<Statement, SchemaError> {
    let read = |cursor: &mut Cursor<'_>| {
        let statement = rows::statement(cursor)?;
        cursor.end_of_statement()?;
        if cursor.is_at_end() { Ok(statement) } else { cursor.refuse("a second statement", "one statement at a time") }
    };
    read(&mut cursor).map_err(|refusal| refusal.into_error(name))
}

/// Reads a type: `numeric(10,2)`.
///
/// # Errors
/// What is wrong with it.
pub fn column_type(name: &str, text: &str) -> Result<SqlType, SchemaError> {
    whole(name, text, types::column_type)
}

/// Reads an expression: `x::integer`.
///
/// # Errors
/// What is wrong with it.
pub fn expression(name: &str, text: &str) -> Result<Expr, SchemaError> {
    whole(name, text, expr::expression)
}

fn whole<T>(name: &str, text: &str, read: impl Fn(&mut Cursor<'_>) -> cursor::Read<T>) -> Result<T, SchemaError> {
    let mut cursor = Cursor::new(name, text)?;
    let all = |cursor: &mut Cursor<'_>| {
        let value = read(cursor)?;
        if cursor.is_at_end() { Ok(value) } else { cursor.unexpected("the end") }
    };
    all(&mut cursor).map_err(|refusal| refusal.into_error(name))
}

/// The tables that a script leaves behind in an empty database.
///
/// # Errors
/// What is wrong with the script, or what the database says to it.
pub fn database(name: &str, text: &str) -> Result<Database, Vec<SchemaError>> {
    script(name, text)?.played(name)
}

/// Every table that a script leaves behind, as a record type.
pub(crate) fn drafts(format: &str, text: &str) -> Result<Vec<Draft>, Vec<SchemaError>> {
    let database = database(format, text)?;
    database.tables.keys().map(|name| draft(format, name, &database)).collect()
}

/// A table of the database as a record type.
fn draft(format: &str, name: &str, database: &Database) -> Result<Draft, Vec<SchemaError>> {
    let fields = database.table(name).and_then(|table| fields(table, database));
    let fields = fields.map_err(|error| vec![refused(format, &error)])?;
    Ok(Draft {
        format: format.to_owned(),
        family: Family::Sql,
        name: TypeName::new(name),
        leaves: fields.into_iter().map(Leaf::from).collect(),
        text: None,
        closed: false,
        reserved: Vec::new(),
    })
}

/// The only table that a script leaves behind.
pub(crate) fn parse(format: &str, text: &str) -> Result<Draft, Vec<SchemaError>> {
    let mut tables = drafts(format, text)?;
    match (tables.pop(), tables.len()) {
        (Some(table), 0) => Ok(table),
        (_, others) => {
            let found = if others == 0 { "no table".to_owned() } else { format!("{} tables", others + 1) };
            Err(vec![SchemaError::new(format, "", format!("found {found}"), "a script that makes one table")])
        }
    }
}

fn refused(name: &str, error: &SqlError) -> SchemaError {
    let (found, help) = match error {
        SqlError::Raised { .. } => (format!("the database says: {error}"), "correct the script"),
        SqlError::Unsupported(_) => (error.to_string(), "leave this out of the script"),
    };
    SchemaError::new(name, "", found, help)
}
