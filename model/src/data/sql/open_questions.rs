//! What nobody can tell of a statement that writes: whether rows meet rules that hang on other rows, or tables.

use super::insertion::Insertion;
use super::literals;
use super::met::Meeting;
use super::ruled;
use super::rules;
use super::schema::{ColumnId, Filling, Rule, Table};
use super::selecting::Selecting;
use super::statement::{Insert, Statement};
use super::updating::Updating;
use super::{SqlError, State};
use crate::data::{Field, Mask};

impl<'a> Meeting<'a> {
    /// What is not modelled of values that were stated to be judged, a phrase each.
    pub(super) fn undecided(&self, given: &[(&'a Field, &'a Field)]) -> Vec<String> {
        let asked = Selecting::new(self.history, self.statement, (self.own, self.current));
        match self.statement {
            Statement::Select(_) | Statement::Update(_) => asked.iter().flat_map(Selecting::undecided).collect(),
            Statement::Insert(insert) => self.unmodelled(insert, given),
            Statement::Delete(_) => Vec::new(),
        }
    }

    /// What else is not judged of a statement that runs and sets these slots, a phrase each.
    pub(super) fn unjudged(&self, sets: Mask) -> Vec<String> {
        let Some((old, new)) = self.history.table(self.own).zip(self.history.table(self.current)) else {
            return Vec::new();
        };
        let rules = self.open_rules(old, new, sets).into_iter();
        let mut phrases: Vec<String> =
            rules.map(|(name, state)| format!("whether rows violate {name} (SQLSTATE {})", state.code())).collect();
        phrases.extend(self.apart(sets));
        let many = literals::are_many([old, new], &[]) && self.own != self.current;
        phrases.extend(many.then(|| "whether values at all of the many constants of rules come through".to_owned()));
        phrases.extend(self.refilled_unseen());
        match self.statement {
            Statement::Insert(insert) => {
                phrases.extend(self.defaults(old, new, sets));
                phrases.extend(self.composed(insert));
            }
            Statement::Update(update) => {
                let [own, current] = [self.own, self.current].map(|state| Updating::new(self.history, update, state));
                let spoilt = own.zip(current).map_or(Vec::new(), |(own, current)| current.spoilt(&own));
                phrases.extend(spoilt);
            }
            Statement::Select(_) | Statement::Delete(_) => {}
        }
        phrases
    }

    /// Rules that the code does not know, about what it sets, and that one row does not tell of; and those that two
    /// rows with the same stated values break.
    fn open_rules(&self, old: &Table, new: &'a Table, sets: Mask) -> Vec<(&'a str, State)> {
        let steps = self.history.steps_between(self.own, self.current);
        let fields = &self.history.entity.format(self.current).fields;
        let has_stated = |slot| self.history.stated.iter().flatten().any(|(other, _)| *other == slot);
        let open = ruled::fresh(old, new, &steps).into_iter().filter(|one| {
            let slots: Mask = new.places(&one.columns).into_iter().map(|place| fields[place].slot).collect();
            let is_joint = one.columns.len() > 1 && slots.into_iter().any(has_stated);
            // Rows that nobody has held to it are, whatever is changed in them.
            let is_late = one.check.is_some() && !one.validated && matches!(self.statement, Statement::Update(_));
            let is_met = is_late || !(slots & sets).is_empty();
            is_met && (one.check.is_none() || is_joint) && !one.is_met_by_key(new)
        });
        let mut rules: Vec<(&str, State)> = open.map(|one| (one.name, one.state)).collect();
        let repeated = new.keys().filter(|(_, key)| {
            let slots: Mask = new.places(key).into_iter().map(|place| fields[place].slot).collect();
            slots.is_subset(sets) && slots.into_iter().all(has_stated)
        });
        for (name, _) in repeated {
            if !rules.iter().any(|(other, _)| *other == name) {
                rules.push((name, State::Unique));
            }
        }
        rules
    }

    /// Columns that refer to other rows and are filled otherwise than the code knows.
    fn defaults(&self, old: &Table, new: &Table, sets: Mask) -> Vec<String> {
        let fields = &self.history.entity.format(self.current).fields;
        let rules = new.constraints.iter().filter_map(|one| match &one.rule {
            Rule::ForeignKey { columns, .. } => Some((one.name.as_str(), columns)),
            Rule::PrimaryKey(_) | Rule::Unique(_) | Rule::Check { .. } => None,
        });
        let filled = rules.filter(|(_, columns)| {
            new.places(columns).into_iter().any(|place| {
                let column = &new.columns[place];
                let known = old.column(&column.name).is_ok_and(|was| was.filling == column.filling);
                !sets.contains(fields[place].slot) && column.filling != Filling::Nothing && !known
            })
        });
        filled.map(|(name, _)| format!("whether the default violates {name} (SQLSTATE 23503)")).collect()
    }

    /// Columns that are given something made of a parameter which some values spoil here, and not in its own state.
    fn composed(&self, insert: &Insert) -> Vec<String> {
        let Some(insertion) = Insertion::new(self.history, insert, self.own, self.current) else { return Vec::new() };
        let names = &self.history.entity.format(self.own).fields;
        let stopped = insertion.spoilt().into_iter().filter_map(|(place, state)| {
            Some(format!("whether {} comes through (SQLSTATE {})", names.get(place)?.name, state.code()))
        });
        let unmodelled = insertion.unmodelled().map(|what| format!("whether rows are made: {what}"));
        stopped.chain(unmodelled).collect()
    }
}

/// Whether an error is about several columns together, of which one alone does not tell; `nulls` are NULL in all rows.
pub(super) fn is_joint(table: &Table, error: &SqlError, nulls: &[ColumnId]) -> bool {
    let rule = rules::behind(error).and_then(|name| table.constraint(name));
    rule.is_some_and(|one| one.rule.columns().iter().filter(|id| !nulls.contains(id)).count() > 1)
}
