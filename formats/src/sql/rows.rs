//! `SELECT`, `INSERT`, `UPDATE`, `DELETE`.

use model::data::sql::{Delete, Expr, Insert, Order, Projection, Select, Source, Statement, Update};

use super::cursor::{Cursor, Read};
use super::expr::expression;

/// What statements of an application begin with.
pub(super) const BEGINNINGS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// Reads a statement of an application.
pub(super) fn statement(cursor: &mut Cursor<'_>) -> Read<Statement> {
    if cursor.words("SELECT") {
        return select(cursor).map(Statement::Select);
    }
    if cursor.words("INSERT INTO") {
        return insert(cursor).map(Statement::Insert);
    }
    if cursor.words("UPDATE") {
        return update(cursor).map(Statement::Update);
    }
    if cursor.words("DELETE FROM") {
        let table = cursor.relation()?;
        return Ok(Statement::Delete(Delete { table, condition: condition(cursor)? }));
    }
    cursor.unexpected("SELECT, INSERT, UPDATE or DELETE")
}

fn condition(cursor: &mut Cursor<'_>) -> Read<Option<Expr>> {
    if cursor.words("WHERE") { expression(cursor).map(Some) } else { Ok(None) }
}

fn select(cursor: &mut Cursor<'_>) -> Read<Select> {
    let projection = if cursor.symbol("*") { Projection::All } else { Projection::List(cursor.list(output)?) };
    cursor.expect_words("FROM")?;
    let table = cursor.relation()?;
    let condition = condition(cursor)?;
    let order = if cursor.words("ORDER BY") { cursor.list(order)? } else { Vec::new() };
    Ok(Select { table, projection, condition, order })
}

/// An expression and the name it goes by.
fn output(cursor: &mut Cursor<'_>) -> Read<(Expr, String)> {
    let expr = expression(cursor)?;
    let name = if cursor.words("AS") { cursor.name()? } else { default_name(&expr) };
    Ok((expr, name))
}

/// As PostgreSQL names a column that nobody has named.
fn default_name(expr: &Expr) -> String {
    match expr {
        Expr::Column(name) | Expr::Call(name, _) => name.clone(),
        Expr::Cast(inner, _) => default_name(inner),
        Expr::Case(..) => "case".to_owned(),
        Expr::Literal(..)
        | Expr::Quoted(_)
        | Expr::Null
        | Expr::Parameter(_)
        | Expr::Negate(_)
        | Expr::Not(_)
        | Expr::Binary(..)
        | Expr::IsNull(..)
        | Expr::In(..) => "?column?".to_owned(),
    }
}

fn order(cursor: &mut Cursor<'_>) -> Read<Order> {
    let column = cursor.name()?;
    let descending = cursor.words("DESC");
    if !descending {
        cursor.words("ASC");
    }
    Ok(Order { column, descending })
}

fn insert(cursor: &mut Cursor<'_>) -> Read<Insert> {
    let table = cursor.relation()?;
    let columns = if cursor.symbol("(") {
        let columns = cursor.list(Cursor::name)?;
        cursor.expect_symbol(")")?;
        Some(columns)
    } else {
        None
    };
    let source = if cursor.words("DEFAULT VALUES") {
        Source::Rows(vec![Vec::new()])
    } else if cursor.words("VALUES") {
        Source::Rows(cursor.list(|cursor| cursor.enclosed(value))?)
    } else if cursor.words("SELECT") {
        Source::Select(Box::new(select(cursor)?))
    } else {
        return cursor.unexpected("VALUES or SELECT");
    };
    Ok(Insert { table, columns, source })
}

/// An expression, or `DEFAULT`.
fn value(cursor: &mut Cursor<'_>) -> Read<Option<Expr>> {
    if cursor.words("DEFAULT") { Ok(None) } else { expression(cursor).map(Some) }
}

fn update(cursor: &mut Cursor<'_>) -> Read<Update> {
    let table = cursor.relation()?;
    cursor.expect_words("SET")?;
    let sets = cursor.list(|cursor| {
        let column = cursor.name()?;
        cursor.expect_symbol("=")?;
        Ok((column, value(cursor)?))
    })?;
    Ok(Update { table, sets, condition: condition(cursor)? })
}
