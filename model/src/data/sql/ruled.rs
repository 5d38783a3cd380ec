//! Rules of a table that were not there before, whatever they are called.

use super::bind::Bound;
use super::samples::samples;
use super::schema::{Column, ColumnId, Constraint, Database, Rule, Table};
use super::statement::{Alteration, Step};
use super::{State, Value, cast, literals, rules};
use std::collections::BTreeSet;

/// A rule, and what it raises.
#[derive(Clone, Debug)]
pub(super) struct Demanded<'a> {
    /// What it is called.
    pub(super) name: &'a str,
    /// The columns that it speaks of.
    pub(super) columns: Vec<ColumnId>,
    /// What a row that violates it raises.
    pub(super) state: State,
    /// Its condition, if it is a check.
    pub(super) check: Option<&'a Bound>,
    /// Whether the rows that are there are held to it.
    pub(super) validated: bool,
}

impl Demanded<'_> {
    /// Whether the old table had a check of the same columns, in whose place this one has come.
    pub(super) fn relaxes(&self, old: &Table) -> bool {
        let same = |rule: &Rule| matches!(rule, Rule::Check { condition, .. } if condition.columns() == self.columns);
        self.check.is_some() && old.constraints.iter().any(|one| same(&one.rule))
    }

    /// Whether no two rows can break it, because a key of the table is in it.
    pub(super) fn is_met_by_key(&self, table: &Table) -> bool {
        let smaller =
            |key: &[ColumnId]| key.len() < self.columns.len() && key.iter().all(|id| self.columns.contains(id));
        self.state == State::Unique && table.keys().any(|(_, key)| smaller(key))
    }

    /// Whether values that the old table lets in can break it.
    pub(super) fn is_breakable(&self, tables: (&Table, &Table), databases: [&Database; 2]) -> bool {
        let [id] = self.columns.as_slice() else { return true };
        !self.raised_by(*id, &[], tables, databases).is_empty()
    }

    /// What values of one of its columns raise that the old table lets in, in rows in which `nulls` are NULL. Of a
    /// check that is tried out; in one of several columns the others have ordinary values, and whether any violate it
    /// hangs on all of them.
    pub(super) fn raised_by(
        &self,
        id: ColumnId,
        nulls: &[ColumnId],
        (old, new): (&Table, &Table),
        [before, after]: [&Database; 2],
    ) -> BTreeSet<State> {
        let own = || BTreeSet::from([self.state]);
        let Some(condition) = self.check else { return own() };
        let Some(was) = old.columns.iter().find(|column| column.id == id && old.origin == new.origin) else {
            return own();
        };
        let place = new.place(id);
        let now = &new.columns[place];
        let base = self.ordinary(nulls, new, after);
        let breaks = |value: &Value| {
            let mut row = base.clone();
            row[place] = cast::convert(value, (&was.of, &now.of), false, &after.enums).ok()?;
            // Of what is not modelled nobody knows that it does not violate the rule.
            let error = rules::check(self.name, condition, new, &row, after).err()?;
            Some(error.state().unwrap_or(self.state))
        };
        let known = checks_of(old, id);
        let held = |value: &Value| {
            let mut row = vec![Value::Null; old.columns.len()];
            row[old.place(id)] = value.clone();
            known.iter().all(|(name, condition)| rules::check(name, condition, old, &row, before).is_ok())
        };
        let conditions = known.iter().map(|(_, condition)| *condition).chain([condition]);
        let turns: Vec<String> = conditions.flat_map(literals::of_condition).collect();
        let values = samples(was, &turns, std::slice::from_ref(&now.of), &after.enums);
        let raised = values.iter().filter(|value| held(value)).filter_map(breaks);
        if self.columns.iter().all(|other| *other == id || nulls.contains(other)) {
            raised.collect()
        } else {
            raised.filter(|state| state.is_of_data()).chain(own()).collect()
        }
    }

    /// A row with ordinary values in the columns of a rule of several, but for those that are NULL, and none elsewhere.
    fn ordinary(&self, nulls: &[ColumnId], table: &Table, database: &Database) -> Vec<Value> {
        let is_met = |id: &ColumnId| self.columns.len() > 1 && self.columns.contains(id) && !nulls.contains(id);
        let first = |column: &Column| samples(column, &[], &[], &database.enums).into_iter().next();
        let value = |column: &Column| Some(column).filter(|column| is_met(&column.id)).and_then(first);
        table.columns.iter().map(|column| value(column).unwrap_or(Value::Null)).collect()
    }
}

/// The checks of a table that speak of one column alone, each with its name.
fn checks_of(table: &Table, id: ColumnId) -> Vec<(&str, &Bound)> {
    let checks = table.constraints.iter().filter_map(|one| match &one.rule {
        Rule::Check { condition, .. } if condition.columns() == [id] => Some((one.name.as_str(), condition)),
        _ => None,
    });
    checks.collect()
}

/// The rules that `new` has and `old` has not. `steps` lead from the one to the other.
pub(super) fn fresh<'a>(old: &Table, new: &'a Table, steps: &[Step]) -> Vec<Demanded<'a>> {
    let constraints = new.constraints.iter().filter(|one| there(one, new, old, steps).is_none()).map(demanded);
    let same_index = |columns: &[ColumnId]| old.origin == new.origin && old.keys().any(|(_, key)| key == columns);
    let indexes = new.indexes.iter().filter(|index| index.unique && !same_index(&index.columns));
    let indexes = indexes.map(|index| Demanded {
        name: &index.name,
        columns: index.columns.clone(),
        state: State::Unique,
        check: None,
        validated: true,
    });
    constraints.chain(indexes).collect()
}

fn demanded(constraint: &Constraint) -> Demanded<'_> {
    let (state, check, validated) = match &constraint.rule {
        Rule::PrimaryKey(_) | Rule::Unique(_) => (State::Unique, None, true),
        Rule::Check { condition, validated } => (State::Check, Some(condition), *validated),
        Rule::ForeignKey { validated, .. } => (State::ForeignKey, None, *validated),
    };
    Demanded { name: &constraint.name, columns: constraint.rule.columns(), state, check, validated }
}

/// The rules that rows are held to on the way from `old` to `new`: new ones, and those that only new rows were held to.
pub(super) fn verified<'a>(old: &Table, new: &'a Table, steps: &[Step]) -> Vec<Demanded<'a>> {
    let checked = new.constraints.iter().filter(|one| is_validated(&one.rule));
    let now = checked.filter(|one| there(one, new, old, steps).is_some_and(|was| !is_validated(&was.rule)));
    let fresh = fresh(old, new, steps).into_iter().filter(|demanded| demanded.validated);
    fresh.chain(now.map(demanded)).collect()
}

/// The constraint of `other` that a constraint of `table` is: under any name, or kept under its own through changes of
/// its columns.
fn there<'a>(constraint: &Constraint, table: &Table, other: &'a Table, steps: &[Step]) -> Option<&'a Constraint> {
    let said = words(&constraint.rule, table);
    other.constraints.iter().find(|one| {
        let kept = one.name == constraint.name && table.origin == other.origin && !is_dropped(&one.name, steps);
        kept || said == words(&one.rule, other)
    })
}

/// What a rule demands, whether or not rows have been held to it.
fn words(rule: &Rule, table: &Table) -> String {
    let mut rule = rule.clone();
    if let Rule::Check { validated, .. } | Rule::ForeignKey { validated, .. } = &mut rule {
        *validated = true;
    }
    rule.described(table)
}

const fn is_validated(rule: &Rule) -> bool {
    match rule {
        Rule::PrimaryKey(_) | Rule::Unique(_) => true,
        Rule::Check { validated, .. } | Rule::ForeignKey { validated, .. } => *validated,
    }
}

fn is_dropped(name: &str, steps: &[Step]) -> bool {
    let dropped = |alteration: &Alteration| matches!(alteration, Alteration::DropConstraint(other, _) if other == name);
    steps.iter().any(|step| matches!(step, Step::AlterTable(_, alterations) if alterations.iter().any(dropped)))
}

/// The names of the rules that `old` has and `new` has not: rows may come that the code of `old` was told cannot.
pub(super) fn gone<'a>(old: &'a Table, new: &Table, steps: &[Step]) -> Vec<&'a str> {
    let constraints = old.constraints.iter().filter(|one| there(one, old, new, steps).is_none());
    let left = |columns: &[ColumnId]| columns.iter().all(|id| new.columns.iter().any(|column| column.id == *id));
    let same_index = |columns: &[ColumnId]| old.origin != new.origin || new.keys().any(|(_, key)| key == columns);
    let indexes = old.indexes.iter().filter(|index| index.unique && !same_index(&index.columns));
    let constraints = constraints.map(|one| (one.name.as_str(), one.rule.columns()));
    let all = constraints.chain(indexes.map(|index| (index.name.as_str(), index.columns.clone())));
    // With a column of its own gone, there is something worse to say.
    all.filter(|(_, columns)| left(columns)).map(|(name, _)| name).collect()
}
