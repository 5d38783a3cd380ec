//! Constants that statements put into columns: what they say of themselves is known.
//!
//! *Decisions.* A constant is worth telling apart when a state of the table does not take it, or when a migration does
//! something to it that it does not do to usual values. What the statement itself meets by it, is seen otherwise.

use super::Value;
use super::expr::Expr;
use super::history::History;
use super::insertion::{Insertion, Made, replaced};
use super::met::Meeting;
use super::probe::{Probe, Usual};
use super::selecting::listed;
use super::stated::{Stated, of};
use super::statement::{Insert, Source, Statement};
use crate::data::{Field, Mask, Slot, Table};
use crate::id::FormatId;

impl History {
    /// What a statement puts into columns by itself and is worth telling apart, as the state has it that it was written
    /// for.
    #[must_use]
    pub fn constants(&self, statement: &Statement, own: FormatId) -> Vec<Stated> {
        let all = self.set_by(statement, own).into_iter();
        let texts = all.map(|(field, value)| (field.slot, value.text(of(field))));
        texts.filter(|constant| self.is_telling(constant)).collect()
    }

    /// The columns that are set to what the statement says itself.
    pub(super) fn set_by(&self, statement: &Statement, own: FormatId) -> Vec<(&Field, Value)> {
        let fields = &self.entity.format(own).fields;
        let field = |name: &str| fields.iter().find(|field| field.name == name);
        match statement {
            Statement::Select(_) | Statement::Delete(_) => Vec::new(),
            Statement::Update(update) => {
                let sets = update.sets.iter().filter_map(|(name, expr)| Some((field(name)?, expr.as_ref()?)));
                sets.filter_map(|(field, expr)| Some((field, self.constant(expr, own, field)?))).collect()
            }
            Statement::Insert(insert) => self.given_by(insert, own),
        }
    }

    fn given_by(&self, insert: &Insert, own: FormatId) -> Vec<(&Field, Value)> {
        let fields = &self.entity.format(own).fields;
        let Source::Rows(rows) = &insert.source else { return Vec::new() };
        let made = Insertion::new(self, insert, own, own).map(|insertion| insertion.usual());
        let (Some(Made::Row(_, row)), [given]) = (made, rows.as_slice()) else { return Vec::new() };
        let place = |index: usize| match &insert.columns {
            Some(names) => fields.iter().position(|field| Some(&field.name) == names.get(index)),
            None => Some(index),
        };
        let fixed = given.iter().enumerate().filter(|(_, expr)| expr.as_ref().is_some_and(is_constant));
        fixed.filter_map(|(index, _)| Some((fields.get(place(index)?)?, row.get(place(index)?)?.clone()))).collect()
    }

    /// A constant as a column holds it.
    pub(super) fn constant(&self, expr: &Expr, own: FormatId, field: &Field) -> Option<Value> {
        let state = &self.states[own.index()];
        let list = vec![(Expr::Cast(Box::new(expr.clone()), of(field).clone()), String::new())];
        let rows = vec![vec![Value::Null; self.entity.format(own).fields.len()]];
        let answer = is_constant(expr).then(|| listed(&state.database, &state.table, list, rows))?;
        answer?.ok()?.1.into_iter().flatten().next()
    }

    /// Whether a value is one that some state does not take, or some migration changes.
    fn is_telling(&self, value: &Stated) -> bool {
        let refused = self.entity.format_ids().any(|state| self.is_refused(state, value));
        refused || {
            let alone = self.clone().of_values(vec![value.clone()]);
            let none = self.clone().of_values(Vec::new());
            let states = self.entity.format_ids().skip(1);
            let is_met = |history: &History, state| history.upgrade(state).is_some_and(|up| meets(&up.table, value.0));
            states.into_iter().any(|state| is_met(&alone, state) && !is_met(&none, state))
        }
    }

    /// Whether a column of a state cannot hold a value.
    fn is_refused(&self, state: FormatId, (slot, text): &Stated) -> bool {
        let Some(field) = self.entity.format(state).field(*slot) else { return false };
        let Ok(value) = self.value(state, field, text.as_deref()) else { return true };
        let own = &self.states[state.index()];
        let usual = || {
            let probe = Probe::new(&own.database, &own.table, &[], &own.database, &own.table)?;
            let Usual::Becomes(row, _) = probe.usual() else { return None };
            let row = replaced(&row, own.table()?.place_of(&field.name).ok()?, value);
            Some(probe.play(&row).is_none())
        };
        usual().unwrap_or(false)
    }
}

impl Meeting<'_> {
    /// Slots that it sets to NULL, as the state has them that it was written for.
    pub(super) fn null_constants(&self) -> Mask {
        let all = self.history.set_by(self.statement, self.own).into_iter();
        all.filter(|(_, value)| value.is_null()).map(|(field, _)| field.slot).collect()
    }

    /// Slots that it sets to constants of its own which are worth telling apart.
    pub(super) fn constants(&self, given: &[(&Field, &Field)]) -> Mask {
        let Some(stated) = &self.history.stated else { return Mask::EMPTY };
        let own = self.history.set_by(self.statement, self.own).into_iter();
        let told = own.filter(|(field, value)| stated.contains(&(field.slot, value.text(of(field)))));
        let slots: Mask = told.map(|(field, _)| field.slot).collect();
        given.iter().filter(|(field, _)| slots.contains(field.slot)).map(|(_, column)| column.slot).collect()
    }
}

/// Whether it is the same for all rows and requests.
fn is_constant(expr: &Expr) -> bool {
    !expr.has_parameter() && expr.columns().is_empty()
}

/// Whether a value of a slot meets something on the way.
fn meets(table: &Table, slot: Slot) -> bool {
    (table.err_hard | table.narrow_hard | table.fallback_hard | table.lie_hard).contains(slot)
}
