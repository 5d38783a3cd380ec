//! Where the rows of a table go in a script: under which names the table goes, and which rows are picked.

use super::expr::{Expr, Operator};
use super::statement::{Alteration, Delete, Insert, Projection, Source, Statement, Step, Update};
use super::value::Value;

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
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Copied {
    pub(super) from: String,
    /// What the other one was called before the script, where that drops it: its name may be another one's then.
    pub(super) gone: Option<String>,
    pub(super) to: String,
    /// Whether it tells the other one: it is that, a multiple of it, or more or less by a constant.
    pub(super) is_copy: bool,
    /// Whether it is the other one itself.
    pub(super) is_plain: bool,
    /// Whether only rows are set in which it is NULL.
    pub(super) fills: bool,
    /// What it is set to.
    pub(super) made: Expr,
}

/// What a script makes of other columns of the row, by the names that they have at its end.
pub(super) fn copied(table: &str, steps: &[Step]) -> Vec<Copied> {
    let mut copied: Vec<Copied> = Vec::new();
    let mut renamed: Vec<(&String, &String)> = Vec::new();
    for (names, step) in named_steps(table, steps) {
        if let Step::RenameColumn(table, old, new) = step
            && names.contains(table)
        {
            renamed.push((old, new));
            copied.iter_mut().for_each(|one| one.rename(old, new));
        }
        if let Step::AlterTable(table, alterations) = step
            && names.contains(table)
        {
            let dropped = alterations.iter().filter_map(Alteration::drops);
            dropped.for_each(|name| copied.iter_mut().for_each(|one| one.lose(name, &renamed)));
        }
        let Step::Run(statement) = step else { continue };
        match statement {
            Statement::Update(Update { table, sets, condition }) if names.contains(table) => {
                let set = sets.iter().filter_map(|(to, expr)| Some((to, expr.as_ref()?)));
                copied.extend(set.flat_map(|(to, expr)| made_of(to, expr, condition.as_ref())));
            }
            Statement::Insert(insert) => {
                let pairs = carried(&names, insert, steps).into_iter();
                copied.extend(pairs.flat_map(|(to, expr)| made_of(to, expr, None)));
            }
            Statement::Select(_) | Statement::Update(_) | Statement::Delete(_) => {}
        }
    }
    copied
}

impl Copied {
    /// A column is called something else from now on.
    fn rename(&mut self, old: &str, new: &str) {
        let from = Some(&mut self.from).filter(|_| self.gone.is_none());
        for name in from.into_iter().chain([&mut self.to]).filter(|name| *name == old) {
            new.clone_into(name);
        }
        if self.gone.is_none() {
            self.made = self.made.renamed(old, new);
        }
    }

    /// A column is dropped; `renamed` is what has been called something else before.
    fn lose(&mut self, name: &str, renamed: &[(&String, &String)]) {
        if self.gone.is_none() && self.from == name {
            let earlier = renamed.iter().rev();
            let first = earlier.fold(name, |name, (old, new)| if *new == name { old.as_str() } else { name });
            self.gone = Some(first.to_owned());
        }
    }
}

/// The columns of a table that rows are carried over to, each with what it is given.
fn carried<'a>(names: &[String], insert: &'a Insert, steps: &'a [Step]) -> Vec<(&'a String, &'a Expr)> {
    let Source::Select(select) = &insert.source else { return Vec::new() };
    let Projection::List(list) = &select.projection else { return Vec::new() };
    let made = steps.iter().find_map(|step| match step {
        Step::CreateTable(definition) if definition.name == insert.table => Some(&definition.columns),
        _ => None,
    });
    let targets: Vec<&String> = match (&insert.columns, made) {
        (Some(columns), _) => columns.iter().collect(),
        (None, Some(columns)) => columns.iter().map(|column| &column.name).collect(),
        (None, None) => Vec::new(),
    };
    let is_own = names.contains(&select.table);
    targets.into_iter().zip(list).filter(|_| is_own).map(|(to, (expr, _))| (to, expr)).collect()
}

/// A column that is set to what is made of others, once for each of them.
fn made_of<'a>(to: &'a str, expr: &'a Expr, condition: Option<&'a Expr>) -> impl Iterator<Item = Copied> + 'a {
    let (own, fills) = match unfilled(expr, to) {
        Some(rest) => (rest, true),
        None => (expr, condition.is_some_and(|asked| asks_null(asked, to))),
    };
    let (is_copy, is_plain) = (is_multiple(own), is_column(own));
    let others = expr.columns().into_iter().filter(move |from| *from != to);
    let copied = move |from: &str| {
        let made = own.clone();
        Copied { from: from.to_owned(), gone: None, to: to.to_owned(), is_copy, is_plain, fills, made }
    };
    others.map(copied)
}

/// What a column is set to where it is NULL, if it stays as it is elsewhere.
fn unfilled<'a>(expr: &'a Expr, to: &str) -> Option<&'a Expr> {
    match expr {
        Expr::Call(name, arguments) if name == "coalesce" => match arguments.as_slice() {
            [Expr::Column(own), rest] => (own == to).then_some(rest),
            _ => None,
        },
        _ => None,
    }
}

/// Whether it is a column, in whatever type, be it with a constant for NULL.
fn is_column(expr: &Expr) -> bool {
    match expr {
        Expr::Column(_) => true,
        Expr::Cast(inner, _) => is_column(inner),
        Expr::Binary(Operator::Add, zero, inner) if is_zero(zero) => is_column(inner),
        Expr::Binary(Operator::Add | Operator::Subtract, inner, zero) => is_column(inner) && is_zero(zero),
        Expr::Call(name, arguments) if name == "coalesce" => match arguments.as_slice() {
            [inner, rest] => is_column(inner) && rest.columns().is_empty(),
            _ => false,
        },
        _ => false,
    }
}

fn is_zero(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(Value::Int(0), _))
}

/// Whether it is a column, or what tells it: a multiple, or the sum with a constant.
fn is_multiple(expr: &Expr) -> bool {
    let is_number = |expr: &Expr| matches!(expr, Expr::Literal(..));
    match expr {
        Expr::Cast(inner, _) | Expr::Negate(inner) => is_multiple(inner),
        Expr::Binary(Operator::Multiply | Operator::Add, left, right) => {
            is_multiple(left) && is_number(right) || is_number(left) && is_multiple(right)
        }
        Expr::Binary(Operator::Divide | Operator::Subtract, left, right) => is_multiple(left) && is_number(right),
        _ => is_column(expr),
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

/// Of the steps that write down rows, or pick them by what is in them, so many are looked at: rows of which nobody
/// knows meet them by their keys alone, and each of them costs a part of every play of the script.
pub(super) const BY_ROW_MAX: usize = 32;

/// Whether a step makes rows of constants, or picks rows by what is in them.
pub(super) fn is_by_row(step: &Step) -> bool {
    let decides = |condition: &Option<Expr>| condition.as_ref().is_some_and(|expr| !is_null_test(expr));
    match step {
        Step::Run(Statement::Insert(insert)) => matches!(insert.source, Source::Rows(_)),
        Step::Run(Statement::Update(Update { condition, .. }) | Statement::Delete(Delete { condition, .. })) => {
            decides(condition)
        }
        _ => false,
    }
}

/// The steps of a script without those beyond the first few that write down rows, or pick them.
pub(super) fn played(steps: &[Step]) -> Vec<Step> {
    let mut met = 0;
    let mut is_played = |step: &&Step| {
        met += usize::from(is_by_row(step));
        met <= BY_ROW_MAX || !is_by_row(step)
    };
    steps.iter().filter(&mut is_played).cloned().collect()
}

/// Whether a condition asks for nothing but whether there are values.
fn is_null_test(expr: &Expr) -> bool {
    match expr {
        Expr::IsNull(inner, _) => matches!(**inner, Expr::Column(_)),
        Expr::Binary(Operator::And | Operator::Or, left, right) => is_null_test(left) && is_null_test(right),
        _ => false,
    }
}
