//! What an `UPDATE` meets in a state of its table, seen by playing it on rows that stand for all.
//!
//! *Decisions.* What it sets to a parameter is left as it is here: types and stated values tell of that. What it sets
//! to a constant, or computes, is what it is. Which row is meant, the request says, so the `WHERE` is left out.

use super::error::{SqlError, State};
use super::expr::Expr;
use super::history::History;
use super::insertion::replaced;
use super::met::{Meeting, violates};
use super::probe::{Probe, Usual};
use super::rules;
use super::schema::{Column, Row, Rule};
use super::statement::{Statement, Step, Update};
use super::{Value, cast};
use crate::data::{Finding, Mask};
use crate::id::FormatId;
use std::collections::BTreeSet;

/// What an `UPDATE` sets without being told, in one state.
pub(super) struct Updating {
    probe: Probe,
    usual: Usual,
    columns: Vec<Column>,
    /// The columns that it sets, each with those it is computed from.
    computed: Vec<(String, Vec<String>)>,
    enums: super::Enums,
}

impl Updating {
    /// The columns that it sets to what it says itself.
    pub(super) fn constants(update: &Update) -> impl Iterator<Item = &str> {
        update.sets.iter().filter(|(_, expr)| is_own(expr.as_ref())).map(|(name, _)| name.as_str())
    }

    /// The statement in a state; `None` where it sets nothing but parameters, or does not fit.
    pub(super) fn new(history: &History, update: &Update, state: FormatId) -> Option<Self> {
        let database = &history.states[state.index()].database;
        let columns = database.table(&update.table).ok()?.columns.clone();
        let sets: Vec<_> = update.sets.iter().filter(|(_, expr)| is_own(expr.as_ref())).cloned().collect();
        let is_there = |name: &String| columns.iter().any(|column| column.name == *name);
        if sets.is_empty() || !sets.iter().all(|(name, _)| is_there(name)) {
            return None;
        }
        let computed = sets.iter().map(|(name, expr)| {
            let from = expr.iter().flat_map(Expr::columns).map(str::to_owned).collect::<Vec<_>>();
            (name.clone(), from)
        });
        let computed = computed.filter(|(_, from)| !from.is_empty()).collect();
        let alone = Update { sets, condition: None, ..update.clone() };
        let steps = vec![Step::Run(Statement::Update(alone))];
        let probe = Probe::new(database, &update.table, &steps, database, &update.table)?;
        let usual = probe.usual();
        Some(Updating { probe, usual, columns, computed, enums: database.enums.clone() })
    }

    /// Why no row can be changed.
    pub(super) fn refused(&self) -> Option<&SqlError> {
        match &self.usual {
            Usual::Stopped(error) => Some(error),
            Usual::Unknown | Usual::Deleted(_) | Usual::Becomes(..) => None,
        }
    }

    /// A row that is changed.
    pub(super) fn row(&self) -> Option<&Row> {
        match &self.usual {
            Usual::Becomes(_, row) => Some(row),
            Usual::Unknown | Usual::Deleted(_) | Usual::Stopped(_) => None,
        }
    }

    /// Why no second row can be.
    pub(super) fn beside(&self) -> Option<SqlError> {
        let Usual::Becomes(base, _) = &self.usual else { return None };
        self.probe.beside(base)
    }

    /// What it computes from values that stop it here, and not in the state it was written for: a phrase each.
    pub(super) fn spoilt(&self, own: &Updating) -> Vec<String> {
        let mut phrases = Vec::new();
        for (name, from) in &self.computed {
            for source in from {
                if let Some(state) = self.values_that_fail(source).find_map(|(text, state)| {
                    let fits = own.fails_with(source, text.as_deref()).is_some_and(|failed| failed.is_none());
                    fits.then_some(state)
                }) {
                    let code = state.code();
                    phrases.push(format!("whether {name}, computed from {source}, comes through (SQLSTATE {code})"));
                }
            }
        }
        phrases
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Values of a column that stop it, as text.
    fn values_that_fail(&self, name: &str) -> impl Iterator<Item = (Option<String>, State)> + '_ {
        let place = self.place(name);
        let values = place.into_iter().flat_map(|place| self.probe.values(place).map(move |value| (place, value)));
        values.filter_map(|(place, value)| {
            let state = self.failure(place, &value)??;
            Some((value.text(&self.columns[place].of), state))
        })
    }

    /// What a value meets, if the column can have it.
    fn fails_with(&self, name: &str, text: Option<&str>) -> Option<Option<State>> {
        let place = self.place(name)?;
        let value = match text {
            Some(text) => cast::read(text, &self.columns[place].of, &self.enums).ok()?,
            None => Value::Null,
        };
        self.failure(place, &value)
    }

    fn failure(&self, place: usize, value: &Value) -> Option<Option<State>> {
        let Usual::Becomes(base, _) = &self.usual else { return None };
        let mut row: Row = base.clone();
        row[place] = value.clone();
        Some(self.probe.play_there(&row)?.err().and_then(|error| error.state()))
    }
}

impl Meeting<'_> {
    /// Rows that nobody has held to a rule when it was made: whoever changes one breaks it, whatever is set.
    pub(super) fn unvalidated(&self, sets: Mask) -> Vec<Finding> {
        let Some(table) = self.history.table(self.current) else { return Vec::new() };
        let database = &self.history.states[self.current.index()].database;
        let fields = &self.history.entity.format(self.current).fields;
        let broken = table.constraints.iter().filter_map(|one| {
            let Rule::Check { condition, validated: false } = &one.rule else { return None };
            let places = table.places(&condition.columns());
            let [place] = places.as_slice() else { return None };
            let field = fields.get(*place).filter(|field| !sets.contains(field.slot))?;
            let raised = |value: Value| {
                let row = replaced(&vec![Value::Null; fields.len()], *place, value);
                rules::check(&one.name, condition, table, &row, database).err()?.state()
            };
            let states: BTreeSet<State> =
                self.history.stated(self.current, field)?.into_iter().filter_map(raised).collect();
            Some(states.into_iter().map(|state| violates(&one.name, field.slot, state)))
        });
        broken.flatten().collect()
    }
}

/// Whether the statement itself says what is set.
fn is_own(expr: Option<&Expr>) -> bool {
    expr.is_some_and(|expr| !expr.has_parameter())
}
