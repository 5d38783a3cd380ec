//! What of a script concerns a table: the rest may be long, and changes nothing.

use std::collections::BTreeSet;

use super::schema::{Database, Rule, Table};
use super::statement::{Alteration, ConstraintDefinition, Demand, Source, Statement, Step};

/// The tables that have to do with one, and the steps that concern them. A script is left whole where nobody can say
/// which table a step is about.
#[must_use]
pub fn concerning(table: &str, database: &Database, steps: &[Step]) -> (Database, Vec<Step>) {
    let named: Option<Vec<Vec<&str>>> = steps.iter().map(|step| names(step, database, steps)).collect();
    let Some(named) = named else { return (database.clone(), steps.to_vec()) };
    let linked = database.tables.iter().map(|(name, table)| {
        let targets = table.constraints.iter().filter_map(|one| match &one.rule {
            Rule::ForeignKey { table, .. } => Some(table.as_str()),
            Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::Check { .. } => None,
        });
        std::iter::once(name.as_str()).chain(targets).collect::<Vec<_>>()
    });
    let groups: Vec<Vec<&str>> = named.iter().cloned().chain(linked).filter(|group| group.len() > 1).collect();
    let mut concerned = BTreeSet::from([table]);
    loop {
        let count = concerned.len();
        let met = |group: &&Vec<&str>| group.iter().any(|name| concerned.contains(name));
        let more: Vec<&str> = groups.iter().filter(met).flatten().copied().collect();
        concerned.extend(more);
        if concerned.len() == count {
            break;
        }
    }
    let is_near = |names: &[&str]| names.is_empty() || names.iter().any(|name| concerned.contains(name));
    let near = steps.iter().zip(&named).filter(|(_, names)| is_near(names)).map(|(step, _)| step.clone());
    let tables = database.tables.iter().filter(|(name, _)| concerned.contains(name.as_str()));
    let copy = |(name, table): (&String, &Table)| (name.clone(), table.without_rows());
    let small = Database { tables: tables.map(copy).collect(), ..database.without_tables() };
    (small, near.collect())
}

/// The tables that a step speaks of; none for one that is about a type. `None` where that is not known.
fn names<'a>(step: &'a Step, database: &'a Database, steps: &'a [Step]) -> Option<Vec<&'a str>> {
    Some(match step {
        Step::CreateTable(definition) => {
            let own = definition.columns.iter().flat_map(|column| &column.constraints);
            let targets = own.chain(&definition.constraints).filter_map(target);
            std::iter::once(definition.name.as_str()).chain(targets).collect()
        }
        Step::AlterTable(name, alterations) => {
            std::iter::once(name.as_str()).chain(alterations.iter().flat_map(targets)).collect()
        }
        Step::RenameTable(from, to) => vec![from, to],
        Step::DropTable(name, _)
        | Step::RenameColumn(name, ..)
        | Step::RenameConstraint(name, ..)
        | Step::CommentColumn(name, ..)
        | Step::Truncate(name)
        | Step::Upkeep(name, _) => vec![name],
        Step::CreateIndex(definition) => vec![&definition.table],
        Step::DropIndex { name, .. } => vec![owner(name, database, steps)?],
        Step::CreateEnum(..) | Step::AddSymbol(..) | Step::DropEnum(_) => Vec::new(),
        Step::Run(statement) => {
            let from = match statement {
                Statement::Insert(insert) => match &insert.source {
                    Source::Select(select) => Some(select.table.as_str()),
                    Source::Rows(_) => None,
                },
                Statement::Select(_) | Statement::Update(_) | Statement::Delete(_) => None,
            };
            std::iter::once(statement.table()).chain(from).collect()
        }
    })
}

/// The table of an index, under the name it has when the index is made.
fn owner<'a>(index: &str, database: &'a Database, steps: &'a [Step]) -> Option<&'a str> {
    let there = database.tables.iter().find(|(_, table)| table.indexes.iter().any(|one| one.name == index));
    let made = || {
        steps.iter().find_map(|step| match step {
            Step::CreateIndex(definition) if definition.name.as_deref() == Some(index) => {
                Some(definition.table.as_str())
            }
            _ => None,
        })
    };
    there.map(|(name, _)| name.as_str()).or_else(made)
}

fn target(constraint: &ConstraintDefinition) -> Option<&str> {
    match &constraint.demand {
        Demand::ForeignKey { table, .. } => Some(table),
        Demand::PrimaryKey(_) | Demand::Unique(_) | Demand::Check(_) => None,
    }
}

fn targets(alteration: &Alteration) -> Vec<&str> {
    match alteration {
        Alteration::AddColumn(column, _) => column.constraints.iter().filter_map(target).collect(),
        Alteration::AddConstraint(constraint, _) => target(constraint).into_iter().collect(),
        Alteration::DropColumn(..)
        | Alteration::SetType(..)
        | Alteration::SetDefault(..)
        | Alteration::DropDefault(_)
        | Alteration::Number(..)
        | Alteration::DropIdentity(..)
        | Alteration::SetNotNull(_)
        | Alteration::DropNotNull(_)
        | Alteration::DropConstraint(..)
        | Alteration::Validate(_) => Vec::new(),
    }
}
