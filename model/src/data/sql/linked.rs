//! Rows of other tables that a script may trip over: of these nothing is known, so it is said.

use super::expr::Expr;
use super::lineage;
use super::schema::{Database, Rule};
use super::statement::{Delete, Statement, Step, Update};

/// Foreign keys that hold already and that a script may violate, a phrase each.
pub(super) fn violable(table: &str, database: &Database, steps: &[Step]) -> Vec<String> {
    let mut phrases = Vec::new();
    for (names, step) in lineage::named_steps(table, steps) {
        let found = match step {
            Step::Run(Statement::Delete(Delete { table: own, .. })) if names.contains(own) => {
                referring(database, table)
            }
            Step::Run(Statement::Update(update)) if names.contains(&update.table) => set(database, table, update),
            _ => Vec::new(),
        };
        phrases.extend(found.into_iter().map(|name| format!("whether rows violate {name} (SQLSTATE 23503)")));
    }
    phrases.sort_unstable();
    phrases.dedup();
    phrases
}

/// The keys of other tables that refer to a table.
fn referring<'a>(database: &'a Database, table: &str) -> Vec<&'a str> {
    let rules = database.tables.values().flat_map(|other| &other.constraints);
    let keys = rules.filter(|one| matches!(&one.rule, Rule::ForeignKey { table: target, .. } if target == table));
    keys.map(|one| one.name.as_str()).collect()
}

/// The keys of a table whose columns an `UPDATE` sets to something.
fn set<'a>(database: &'a Database, table: &str, update: &Update) -> Vec<&'a str> {
    let Ok(own) = database.table(table) else { return Vec::new() };
    let is_set = |name: &str| update.sets.iter().any(|(set, expr)| set == name && *expr != Some(Expr::Null));
    let keys = own.constraints.iter().filter(|one| match &one.rule {
        Rule::ForeignKey { columns, .. } => {
            own.places(columns).into_iter().any(|place| is_set(&own.columns[place].name))
        }
        Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::Check { .. } => false,
    });
    keys.map(|one| one.name.as_str()).collect()
}
