//! Where the rows of a table go in a script: under which names the table goes, and which rows are picked.

use super::expr::{Expr, Operator};
use super::statement::{Delete, Source, Statement, Step, Update};

/// Each step, with the names of all tables in which rows are that were the table's.
pub(super) fn named_steps<'a>(table: &str, steps: &'a [Step]) -> Vec<(Vec<String>, &'a Step)> {
    let mut names = vec![table.to_owned()];
    let mut named = Vec::new();
    for step in steps {
        named.push((names.clone(), step));
        match step {
            Step::RenameTable(from, to) if names.contains(from) => {
                names.retain(|name| name != from);
                names.push(to.clone());
            }
            Step::DropTable(name, _) => names.retain(|other| other != name),
            Step::Run(Statement::Insert(insert)) => match &insert.source {
                Source::Select(select) if names.contains(&select.table) => names.push(insert.table.clone()),
                Source::Select(_) | Source::Rows(_) => {}
            },
            Step::CreateTable(_)
            | Step::AlterTable(..)
            | Step::RenameTable(..)
            | Step::RenameColumn(..)
            | Step::RenameConstraint(..)
            | Step::CreateIndex(_)
            | Step::DropIndex { .. }
            | Step::CreateEnum(..)
            | Step::AddSymbol(..)
            | Step::DropEnum(_)
            | Step::CommentColumn(..)
            | Step::Truncate(_)
            | Step::Upkeep(..)
            | Step::Run(_) => {}
        }
    }
    named
}

/// A column that is set to what is made of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) from: String,
    pub(super) to: String,
    /// Whether it is the other one, or a multiple of it.
    pub(super) is_copy: bool,
    /// Whether it is the other one itself.
    pub(super) is_plain: bool,
    /// Whether only rows are set in which it is NULL.
    pub(super) fills: bool,
}

/// What a script makes of other columns of the row.
pub(super) fn copied(table: &str, steps: &[Step]) -> Vec<Copied> {
    let mut copied = Vec::new();
    for (names, step) in named_steps(table, steps) {
        let Step::Run(Statement::Update(Update { table, sets, condition })) = step else { continue };
        let own = sets.iter().filter(|_| names.contains(table));
        for (to, expr) in own.filter_map(|(to, expr)| Some((to, expr.as_ref()?))) {
            let (is_copy, fills) = (is_multiple(expr), condition.as_ref().is_some_and(|asked| asks_null(asked, to)));
            let is_plain = is_column(expr);
            let others = expr.columns().into_iter().filter(|from| from != to);
            copied.extend(others.map(|from| Copied {
                from: from.to_owned(),
                to: to.clone(),
                is_copy,
                is_plain,
                fills,
            }));
        }
    }
    copied
}

/// Whether it is a column, in whatever type.
fn is_column(expr: &Expr) -> bool {
    match expr {
        Expr::Column(_) => true,
        Expr::Cast(inner, _) => is_column(inner),
        _ => false,
    }
}

/// Whether it is a column, or a multiple of one.
fn is_multiple(expr: &Expr) -> bool {
    let is_number = |expr: &Expr| matches!(expr, Expr::Literal(..));
    match expr {
        Expr::Column(_) => true,
        Expr::Cast(inner, _) | Expr::Negate(inner) => is_multiple(inner),
        Expr::Binary(Operator::Multiply, left, right) => {
            is_multiple(left) && is_number(right) || is_number(left) && is_multiple(right)
        }
        Expr::Binary(Operator::Divide, left, right) => is_multiple(left) && is_number(right),
        _ => false,
    }
}

/// Whether a condition holds only where a column is NULL.
fn asks_null(condition: &Expr, column: &str) -> bool {
    match condition {
        Expr::IsNull(inner, false) => matches!(&**inner, Expr::Column(name) if name == column),
        Expr::Binary(Operator::And, left, right) => asks_null(left, column) || asks_null(right, column),
        _ => false,
    }
}

/// What a script does to some rows and not to others, by what is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Picked {
    /// Columns set in some rows.
    pub(super) set: Vec<String>,
    /// Whether some rows are deleted, or left behind.
    pub(super) deletes: bool,
}

/// What a script does to rows of the table that a `WHERE` picks. A test for NULL picks the rows to be set by what is
/// known of a row; which rows go is known of all or of none.
pub(super) fn picked(table: &str, steps: &[Step]) -> Picked {
    let mut picked = Picked::default();
    let decides = |condition: &Option<Expr>| condition.as_ref().is_some_and(|expr| !is_null_test(expr));
    for (names, step) in named_steps(table, steps) {
        let Step::Run(statement) = step else { continue };
        match statement {
            Statement::Update(Update { table, sets, condition }) if names.contains(table) && decides(condition) => {
                picked.set.extend(sets.iter().map(|(column, _)| column.clone()));
            }
            Statement::Delete(Delete { table, condition }) => {
                picked.deletes |= names.contains(table) && condition.is_some();
            }
            Statement::Insert(insert) => match &insert.source {
                Source::Select(select) => {
                    picked.deletes |= names.contains(&select.table) && select.condition.is_some();
                }
                Source::Rows(_) => {}
            },
            Statement::Select(_) | Statement::Update(_) => {}
        }
    }
    picked
}

/// Whether a condition asks for nothing but whether there are values.
fn is_null_test(expr: &Expr) -> bool {
    match expr {
        Expr::IsNull(inner, _) => matches!(**inner, Expr::Column(_)),
        Expr::Binary(Operator::And | Operator::Or, left, right) => is_null_test(left) && is_null_test(right),
        _ => false,
    }
}
