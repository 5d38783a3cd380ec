//! The constants of a script and of a table's rules: the values at which something may turn.

use std::collections::BTreeSet;

use super::bind::{Bound, Node};
use super::expr::Expr;
use super::lineage::{BY_ROW_MAX, is_by_row};
use super::schema::{Filling, Rule, Table};
use super::statement::{
    Alteration, ColumnDefinition, ConstraintDefinition, Demand, FillingDefinition, Projection, Select, Source,
    Statement, Step,
};

/// So many constants of a script are looked at: each is a few values for every column, and each value a play of the
/// whole script.
const OF_SCRIPT_MAX: usize = 64;

/// So many constants of the rules that are there: a list of countries is one rule.
const OF_TABLES_MAX: usize = 256;

/// The constants at which something may turn: those of the rules of tables, and of a script.
pub(super) fn turns<'a>(tables: impl IntoIterator<Item = &'a Table>, steps: &[Step]) -> Vec<String> {
    let [mut of_tables, mut of_script] = all(tables, steps);
    of_tables.truncate(OF_TABLES_MAX);
    of_script.truncate(OF_SCRIPT_MAX);
    [of_tables, of_script].concat()
}

/// Whether there are more of them than are looked at.
pub(super) fn are_many<'a>(tables: impl IntoIterator<Item = &'a Table>, steps: &[Step]) -> bool {
    let [of_tables, of_script] = all(tables, steps);
    of_tables.len() > OF_TABLES_MAX || of_script.len() > OF_SCRIPT_MAX
}

/// Those of tables, and those of a script, each once.
fn all<'a>(tables: impl IntoIterator<Item = &'a Table>, steps: &[Step]) -> [Vec<String>; 2] {
    let mut known = BTreeSet::new();
    let mut is_new = |text: &String| known.insert(text.clone());
    let of_tables = tables.into_iter().flat_map(of_table).filter(&mut is_new).collect();
    [of_tables, of_script(steps).into_iter().filter(&mut is_new).collect()]
}

/// The constants of a condition.
pub(super) fn of_condition(bound: &Bound) -> Vec<String> {
    let mut texts = Vec::new();
    constants(bound, &mut texts);
    texts
}

/// The constants of the expressions of a script, as text.
fn of_script(steps: &[Step]) -> Vec<String> {
    let (by_row, rest): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| is_by_row(step));
    let by_row = by_row.into_iter().flat_map(exprs).take(BY_ROW_MAX);
    let mut texts = Vec::new();
    rest.into_iter().flat_map(exprs).chain(by_row).for_each(|expr| literals(expr, &mut texts));
    texts
}

/// The constants of the checks of a table, and of what it generates.
fn of_table(table: &Table) -> Vec<String> {
    let checks = table.constraints.iter().filter_map(|constraint| match &constraint.rule {
        Rule::Check { condition, .. } => Some(condition),
        Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::ForeignKey { .. } => None,
    });
    let generated = table.columns.iter().filter_map(|column| match &column.filling {
        Filling::Generated(bound) => Some(bound),
        Filling::Nothing | Filling::Default(_) | Filling::Serial(_) | Filling::Identity { .. } => None,
    });
    let mut texts = Vec::new();
    checks.chain(generated).for_each(|bound| constants(bound, &mut texts));
    texts
}

fn constants(bound: &Bound, texts: &mut Vec<String>) {
    if let Node::Value(value) = &bound.node {
        texts.extend(value.text(&bound.of));
    }
    bound.parts().into_iter().for_each(|part| constants(part, texts));
}

fn literals(expr: &Expr, texts: &mut Vec<String>) {
    if let Expr::Literal(value, of) = expr {
        texts.extend(value.text(of));
    }
    if let Expr::Quoted(text) = expr {
        texts.push(text.clone());
    }
    expr.parts().into_iter().for_each(|part| literals(part, texts));
}

/// Every expression of a step.
fn exprs(step: &Step) -> Vec<&Expr> {
    match step {
        Step::CreateTable(definition) => {
            let own = definition.columns.iter().flat_map(of_column);
            own.chain(definition.constraints.iter().filter_map(of_constraint)).collect()
        }
        Step::AlterTable(_, alterations) => alterations.iter().flat_map(of_alteration).collect(),
        Step::Run(statement) => of_statement(statement),
        Step::DropTable(..)
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
        | Step::Upkeep(..) => Vec::new(),
    }
}

fn of_column(column: &ColumnDefinition) -> Vec<&Expr> {
    let filling = match &column.filling {
        FillingDefinition::Default(expr) | FillingDefinition::Generated(expr) => Some(expr),
        FillingDefinition::Nothing
        | FillingDefinition::Serial
        | FillingDefinition::Sequence
        | FillingDefinition::Identity(_) => None,
    };
    filling.into_iter().chain(column.constraints.iter().filter_map(of_constraint)).collect()
}

const fn of_constraint(constraint: &ConstraintDefinition) -> Option<&Expr> {
    match &constraint.demand {
        Demand::Check(expr) => Some(expr),
        Demand::PrimaryKey(_) | Demand::Unique(_) | Demand::ForeignKey { .. } => None,
    }
}

fn of_alteration(alteration: &Alteration) -> Vec<&Expr> {
    match alteration {
        Alteration::AddColumn(column, _) => of_column(column),
        Alteration::SetType(_, _, using) => using.iter().collect(),
        Alteration::SetDefault(_, expr) => vec![expr],
        Alteration::AddConstraint(constraint, _) => of_constraint(constraint).into_iter().collect(),
        Alteration::DropColumn(..)
        | Alteration::DropDefault(_)
        | Alteration::Number(..)
        | Alteration::DropIdentity(..)
        | Alteration::SetNotNull(_)
        | Alteration::DropNotNull(_)
        | Alteration::DropConstraint(..)
        | Alteration::Validate(_) => Vec::new(),
    }
}

fn of_statement(statement: &Statement) -> Vec<&Expr> {
    match statement {
        Statement::Select(select) => of_select(select),
        Statement::Insert(insert) => match &insert.source {
            Source::Rows(rows) => rows.iter().flatten().flatten().collect(),
            Source::Select(select) => of_select(select),
        },
        Statement::Update(update) => {
            update.sets.iter().filter_map(|(_, expr)| expr.as_ref()).chain(&update.condition).collect()
        }
        Statement::Delete(delete) => delete.condition.iter().collect(),
    }
}

fn of_select(select: &Select) -> Vec<&Expr> {
    let shown = match &select.projection {
        Projection::All => &[][..],
        Projection::List(list) => list,
    };
    shown.iter().map(|(expr, _)| expr).chain(&select.condition).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::sql::statement::{Insert, Update};

    fn insert(number: usize) -> Step {
        let rows = vec![vec![Some(Expr::Quoted(format!("row {number}")))]];
        Step::Run(Statement::Insert(Insert { table: "t".into(), columns: None, source: Source::Rows(rows) }))
    }

    #[test]
    fn of_many_constants_some_are_looked_at() {
        let filled = |number: i64| {
            let sets = vec![("a".to_owned(), Some(Expr::integer(number)))];
            Step::Run(Statement::Update(Update { table: "t".into(), sets, condition: None }))
        };
        let script = |count: i64| (0..count).map(filled).collect::<Vec<Step>>();
        let few = script(60);
        assert!(turns([], &few).len() == 60 && !are_many([], &few));
        let many = script(800);
        assert!(turns([], &many).len() == OF_SCRIPT_MAX && are_many([], &many));
        // The same again is nothing new.
        assert!(!are_many([], &[few.clone(), few].concat()));
    }

    #[test]
    fn of_many_rows_that_are_written_down_a_few_are_looked_at() {
        let few: Vec<_> = (0..5).map(insert).collect();
        assert_eq!(of_script(&few).len(), 5);
        let many: Vec<_> = (0..5_000).map(insert).collect();
        assert_eq!(of_script(&many).len(), BY_ROW_MAX);
    }
}
