//! Statements on rows.

use super::bind::{Bound, Node, Scope, Typing};
use super::error::{SqlError, State, raise};
use super::eval;
use super::expr::Expr;
use super::rules::{self, check_references};
use super::schema::{Column, Database, Filling, Row, Table};
use super::statement::{Answer, Delete, Insert, Order, Projection, Select, Source, Statement, Update};
use super::{SqlType, Value, value};

/// Executes a statement. When it fails, the database is as before, but for numbers drawn from
/// sequences.
///
/// # Errors
/// The SQLSTATE it fails with, or what is not modelled.
pub fn execute(statement: &Statement, database: &mut Database) -> Result<Answer, SqlError> {
    if let Statement::Select(select) = statement {
        return run_select(select, database);
    }
    let mut changed = database.clone();
    match run(statement, &mut changed) {
        Ok(answer) => {
            *database = changed;
            Ok(answer)
        }
        Err(error) => {
            keep_sequences(database, &changed);
            Err(error)
        }
    }
}

/// Executes a statement where a failure ends all: what it has changed until then stays.
pub(super) fn run(statement: &Statement, database: &mut Database) -> Result<Answer, SqlError> {
    match statement {
        Statement::Select(select) => run_select(select, database),
        Statement::Insert(insert) => run_insert(insert, database),
        Statement::Update(update) => run_update(update, database),
        Statement::Delete(delete) => run_delete(delete, database),
    }
}

/// Numbers that were drawn are gone, whatever became of the statement.
pub(super) fn keep_sequences(database: &mut Database, failed: &Database) {
    for (name, table) in &mut database.tables {
        let Some(other) = failed.tables.get(name) else { continue };
        for column in &mut table.columns {
            let drawn = other.columns.iter().find(|c| c.id == column.id).and_then(|c| next(&c.filling));
            if let (Filling::Serial(next) | Filling::Identity { next, .. }, Some(drawn)) = (&mut column.filling, drawn)
            {
                *next = drawn;
            }
        }
    }
}

fn next(filling: &Filling) -> Option<i64> {
    match filling {
        Filling::Serial(next) | Filling::Identity { next, .. } => Some(*next),
        Filling::Nothing | Filling::Default(_) | Filling::Generated(_) => None,
    }
}

fn scope<'a>(table: &'a Table, database: &'a Database) -> Scope<'a> {
    Scope { columns: &table.columns, enums: &database.enums }
}

/// The condition of a statement.
fn condition(expr: Option<&Expr>, table: &Table, database: &Database) -> Result<Option<Bound>, SqlError> {
    expr.map(|expr| scope(table, database).condition(expr)).transpose()
}

/// A condition with its constants evaluated.
fn folded(condition: Option<Bound>, database: &Database) -> Result<Option<Bound>, SqlError> {
    condition.map(|bound| eval::fold(&bound, &database.enums)).transpose()
}

fn holds(condition: Option<&Bound>, table: &Table, row: &[Value], database: &Database) -> Result<bool, SqlError> {
    let truth = |bound| rules::env(&table.columns, row, database, 0).truth(bound);
    condition.map_or(Ok(true), |bound| Ok(truth(bound)? == Some(true)))
}

fn run_select(select: &Select, database: &Database) -> Result<Answer, SqlError> {
    let table = database.table(&select.table)?;
    let named = projection(select, table, database)?;
    let condition = condition(select.condition.as_ref(), table, database)?;
    let keys = sort_keys(&select.order, &named, table)?;
    let shown: Vec<Bound> = named.iter().map(|(_, b)| eval::fold(b, &database.enums)).collect::<Result<_, _>>()?;
    let condition = folded(condition, database)?;
    let mut rows = Vec::new();
    for (ordinal, row) in table.rows.iter().enumerate() {
        if holds(condition.as_ref(), table, row, database)? {
            let env = rules::env(&table.columns, row, database, ordinal);
            let values: Vec<Value> = shown.iter().map(|bound| env.value(bound)).collect::<Result<_, _>>()?;
            let key: Vec<Value> = keys.iter().map(|(bound, _)| env.value(bound)).collect::<Result<_, _>>()?;
            rows.push((key, values));
        }
    }
    rows.sort_by(|(a, _), (b, _)| sorted(a, b, &keys));
    let columns = named.into_iter().map(|(name, bound)| (name, bound.of)).collect();
    Ok(Answer::Rows(columns, rows.into_iter().map(|(_, values)| values).collect()))
}

fn projection(select: &Select, table: &Table, database: &Database) -> Result<Vec<(String, Bound)>, SqlError> {
    let column = |c: &Column| (c.name.clone(), Bound::new(c.of.clone(), Node::Column(c.id)));
    match &select.projection {
        Projection::All => Ok(table.columns.iter().map(column).collect()),
        Projection::List(list) => {
            let scope = scope(table, database);
            list.iter().map(|(expr, name)| Ok((name.clone(), scope.bind(expr)?))).collect()
        }
    }
}

/// A name means a column of the result, else one of the table.
fn sort_keys(order: &[Order], named: &[(String, Bound)], table: &Table) -> Result<Vec<(Bound, bool)>, SqlError> {
    let key = |order: &Order| {
        let shown = named.iter().find(|(name, _)| *name == order.column).map(|(_, bound)| bound.clone());
        let stored = || table.column(&order.column).map(|c| Bound::new(c.of.clone(), Node::Column(c.id)));
        let bound = shown.map_or_else(stored, Ok)?;
        match bound.of {
            SqlType::Json => raise(State::UndefinedFunction, "could not identify an ordering operator for type json"),
            SqlType::Jsonb => super::error::unsupported("the order of jsonb values"),
            _ => Ok((bound, order.descending)),
        }
    };
    order.iter().map(key).collect()
}

/// NULL is above everything.
fn sorted(a: &[Value], b: &[Value], keys: &[(Bound, bool)]) -> std::cmp::Ordering {
    let one = |(a, b): (&Value, &Value)| value::compare(a, b).unwrap_or_else(|| a.is_null().cmp(&b.is_null()));
    let each = a.iter().zip(b).map(one).zip(keys).map(|(order, (_, down))| if *down { order.reverse() } else { order });
    each.into_iter().find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}

/// What a new row gets in one column.
#[derive(Clone)]
enum Fill {
    Given(Bound),
    Own,
}

fn run_insert(insert: &Insert, database: &mut Database) -> Result<Answer, SqlError> {
    let table = database.table(&insert.table)?.without_rows();
    let targets = targets(insert, &table)?;
    let new = match &insert.source {
        Source::Rows(rows) => from_values(rows, &targets, insert, (&table, database))?,
        Source::Select(select) => from_query(select, &targets, insert, (&table, database))?,
    };
    let mut added = Vec::new();
    for (source, fills) in new {
        let given = given(&fills, &source, database)?;
        let row = complete(given, &insert.table, database)?;
        let table = database.table(&insert.table)?;
        rules::check_row(table, &row, database)?;
        rules::check_unique(table, &row, table.rows.iter())?;
        database.table_mut(&insert.table)?.rows.push(row.clone());
        added.push(row);
    }
    check_references(database, &insert.table, &added)?;
    Ok(Answer::Count(added.len()))
}

/// The places of the columns that are given values.
fn targets(insert: &Insert, table: &Table) -> Result<Vec<usize>, SqlError> {
    let Some(names) = &insert.columns else { return Ok((0..table.columns.len()).collect()) };
    let mut places = Vec::new();
    for name in names {
        let place = table.place_of(name)?;
        if places.contains(&place) {
            return raise(State::DuplicateColumn, format!("column \"{name}\" specified more than once"));
        }
        places.push(place);
    }
    Ok(places)
}

/// As many values as columns; fewer when the columns are not named.
fn count_matches(values: usize, targets: usize, insert: &Insert) -> Result<(), SqlError> {
    let missing = values < targets && insert.columns.is_some();
    match values > targets {
        true => raise(State::Syntax, "INSERT has more expressions than target columns"),
        false if missing => raise(State::Syntax, "INSERT has more target columns than expressions"),
        false => Ok(()),
    }
}

/// Rows to be: the row their expressions look at, and how each column is filled.
type New = Vec<((Vec<Column>, Row), Vec<Fill>)>;

fn from_values(
    rows: &[Vec<Option<Expr>>],
    targets: &[usize],
    insert: &Insert,
    (table, database): (&Table, &Database),
) -> Result<New, SqlError> {
    let scope = Scope { columns: &[], enums: &database.enums };
    let mut new = Vec::new();
    let width = rows.first().map_or(0, Vec::len);
    if rows.iter().any(|row| row.len() != width) {
        return raise(State::Syntax, "VALUES lists must all be the same length");
    }
    for row in rows {
        row.iter().flatten().try_for_each(|expr| scope.infer(expr).map(|_| ()))?;
        count_matches(row.len(), targets.len(), insert)?;
        let mut fills = vec![Fill::Own; table.columns.len()];
        for (place, expr) in targets.iter().zip(row) {
            let bound = expr.as_ref().map(|expr| scope.assign(expr, &table.columns[*place].of)).transpose()?;
            fills[*place] = bound.map_or(Fill::Own, Fill::Given);
        }
        new.push(((Vec::new(), Row::new()), fills));
    }
    planned(new, table, database)
}

fn from_query(
    select: &Select,
    targets: &[usize],
    insert: &Insert,
    (table, database): (&Table, &Database),
) -> Result<New, SqlError> {
    let source = database.table(&select.table)?;
    let scope = scope(source, database);
    let exprs: Vec<Expr> = match &select.projection {
        Projection::All => source.columns.iter().map(|column| Expr::Column(column.name.clone())).collect(),
        Projection::List(list) => list.iter().map(|(expr, _)| expr.clone()).collect(),
    };
    count_matches(exprs.len(), targets.len(), insert)?;
    let mut fills = vec![Fill::Own; table.columns.len()];
    for (place, expr) in targets.iter().zip(&exprs) {
        fills[*place] = Fill::Given(scope.assign(expr, &table.columns[*place].of)?);
    }
    let all = Select { projection: Projection::All, ..select.clone() };
    let Answer::Rows(_, rows) = run_select(&all, database)? else { return Ok(Vec::new()) };
    let new = rows.into_iter().map(|row| ((source.columns.clone(), row), fills.clone())).collect();
    planned(new, table, database)
}

/// What the planner does before the first row: no value for a generated column, constants evaluated.
fn planned(new: New, table: &Table, database: &Database) -> Result<New, SqlError> {
    let mut planned = Vec::new();
    for (_, fills) in &new {
        fills.iter().zip(&table.columns).try_for_each(|(fill, column)| may_be_given(fill, column))?;
    }
    for (source, fills) in new {
        let fold = |fill| match fill {
            Fill::Given(bound) => eval::fold(&bound, &database.enums).map(Fill::Given),
            Fill::Own => Ok(Fill::Own),
        };
        planned.push((source, fills.into_iter().map(fold).collect::<Result<_, SqlError>>()?));
    }
    Ok(planned)
}

fn may_be_given(fill: &Fill, column: &Column) -> Result<(), SqlError> {
    let never = matches!(column.filling, Filling::Generated(_) | Filling::Identity { always: true, .. });
    if never && matches!(fill, Fill::Given(_)) {
        return raise(
            State::GeneratedAlways,
            format!("cannot write a non-DEFAULT value into column \"{}\"", column.name),
        );
    }
    Ok(())
}

/// The values a statement gives; `None` where the column fills itself.
fn given(
    fills: &[Fill],
    (columns, row): &(Vec<Column>, Row),
    database: &Database,
) -> Result<Vec<Option<Value>>, SqlError> {
    let env = rules::env(columns, row, database, 0);
    let value = |fill: &Fill| match fill {
        Fill::Given(bound) => env.value(bound).map(Some),
        Fill::Own => Ok(None),
    };
    fills.iter().map(value).collect()
}

/// Fills in defaults, then numbers, then what is generated from the rest.
pub(super) fn complete(given: Vec<Option<Value>>, name: &str, database: &mut Database) -> Result<Row, SqlError> {
    let mut row = Row::new();
    for (place, value) in given.into_iter().enumerate() {
        row.push(value.map_or_else(|| own_value(place, name, database), Ok)?);
    }
    regenerate(row, database.table(name)?, database)
}

/// What a column puts in by itself; NULL for one that is generated later.
pub(super) fn own_value(place: usize, name: &str, database: &mut Database) -> Result<Value, SqlError> {
    let filling = database.table(name)?.columns[place].filling.clone();
    match filling {
        Filling::Nothing | Filling::Generated(_) => Ok(Value::Null),
        Filling::Default(bound) => {
            database.drawn += u64::from(bound.is_volatile());
            rules::env(&[], &[], database, 0).value(&bound)
        }
        Filling::Serial(number) | Filling::Identity { next: number, .. } => draw(number, place, name, database),
    }
}

/// The next number of a column's sequence, which runs as far as its type.
fn draw(number: i64, place: usize, name: &str, database: &mut Database) -> Result<Value, SqlError> {
    let column = &mut database.table_mut(name)?.columns[place];
    let (_, max) = column.of.integers().unwrap_or((i64::MIN, i64::MAX));
    // 2200H, sequence_generator_limit_exceeded, would take as many inserts as the type has numbers.
    let following = number.checked_add(1).filter(|_| number <= max);
    let following = following.ok_or_else(|| SqlError::Unsupported("a sequence at its end".into()))?;
    if let Filling::Serial(next) | Filling::Identity { next, .. } = &mut column.filling {
        *next = following;
    }
    Ok(Value::Int(number))
}

/// Computes the generated columns of a row.
pub(super) fn regenerate(mut row: Row, table: &Table, database: &Database) -> Result<Row, SqlError> {
    for (place, column) in table.columns.iter().enumerate() {
        if let Filling::Generated(bound) = &column.filling {
            row[place] = rules::env(&table.columns, &row, database, 0).value(bound)?;
        }
    }
    Ok(row)
}

fn run_update(update: &Update, database: &mut Database) -> Result<Answer, SqlError> {
    let table = database.table(&update.table)?.clone();
    let condition = condition(update.condition.as_ref(), &table, database)?;
    let sets = sets(update, &table, database)?;
    let condition = folded(condition, database)?;
    let (mut stay, mut moved, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (index, row) in table.rows.iter().enumerate() {
        if !holds(condition.as_ref(), &table, row, database)? {
            stay.push(row.clone());
            continue;
        }
        let new = updated(row, &sets, (&update.table, &table), database)?;
        rules::check_row(&table, &new, database)?;
        let others = stay.iter().chain(&moved).chain(&table.rows[index + 1..]);
        rules::check_changed(&table, (row, &new), others)?;
        gone.push(row.clone());
        moved.push(new);
    }
    let count = moved.len();
    database.table_mut(&update.table)?.rows = stay.into_iter().chain(moved.iter().cloned()).collect();
    check_changed_references(&update.table, &gone, moved, database)?;
    rules::check_referenced(database, &update.table, &gone)?;
    Ok(Answer::Count(count))
}

/// A foreign key that an update leaves alone is not looked at again.
fn check_changed_references(name: &str, old: &[Row], new: Vec<Row>, database: &Database) -> Result<(), SqlError> {
    let table = database.table(name)?;
    for constraint in &table.constraints {
        let places = table.places(&constraint.rule.columns());
        let pairs = old.iter().zip(&new).filter(|(old, new)| !rules::same(old, &places, new, &places));
        let changed: Vec<Row> = pairs.map(|(_, new)| new.clone()).collect();
        rules::check_reference(database, table, constraint, &changed)?;
    }
    Ok(())
}

/// The places set, each with its new value; `None` for its own.
type Sets = Vec<(usize, Option<Bound>)>;

fn sets(update: &Update, table: &Table, database: &Database) -> Result<Sets, SqlError> {
    let scope = scope(table, database);
    let typings = update.sets.iter().map(|(_, expr)| expr.as_ref().map(|expr| scope.infer(expr)).transpose());
    let typings: Vec<Option<Typing>> = typings.collect::<Result<_, _>>()?;
    let mut sets = Sets::new();
    for ((name, _), typing) in update.sets.iter().zip(typings) {
        let place = table.place_of(name)?;
        let to = &table.columns[place].of;
        let bound = typing.map(|typing| scope.assign_typed(typing, to)).transpose()?;
        if sets.iter().any(|(other, _)| *other == place) {
            return raise(State::Syntax, format!("multiple assignments to same column \"{name}\""));
        }
        sets.push((place, bound));
    }
    for (place, bound) in &mut sets {
        let column = &table.columns[*place];
        if let Some(given) = bound.take() {
            may_be_given(&Fill::Given(given.clone()), column)?;
            *bound = Some(eval::fold(&given, &database.enums)?);
        }
    }
    Ok(sets)
}

fn updated(row: &Row, sets: &Sets, (name, table): (&str, &Table), database: &mut Database) -> Result<Row, SqlError> {
    let mut new = row.clone();
    for (place, bound) in sets {
        new[*place] = match bound {
            Some(bound) => rules::env(&table.columns, row, database, 0).value(bound)?,
            None => own_value(*place, name, database)?,
        };
    }
    regenerate(new, table, database)
}

fn run_delete(delete: &Delete, database: &mut Database) -> Result<Answer, SqlError> {
    let table = database.table(&delete.table)?.clone();
    let condition = folded(condition(delete.condition.as_ref(), &table, database)?, database)?;
    let (mut stay, mut gone) = (Vec::new(), Vec::new());
    for row in table.rows {
        let table = database.table(&delete.table)?;
        let side = if holds(condition.as_ref(), table, &row, database)? { &mut gone } else { &mut stay };
        side.push(row);
    }
    database.table_mut(&delete.table)?.rows = stay;
    rules::check_referenced(database, &delete.table, &gone)?;
    Ok(Answer::Count(gone.len()))
}
