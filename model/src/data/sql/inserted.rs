//! What an `INSERT` meets in a state: told from rows that are made with what it gives.

use super::becoming::comes_back;
use super::crossing::reason;
use super::insertion::{Insertion, Made, replaced};
use super::met::{Meeting, is_static};
use super::open_questions::is_joint;
use super::schema::Row;
use super::stated::of;
use super::statement::Insert;
use super::{SqlError, Value, rules};
use crate::data::derive::sql::coded;
use crate::data::{Effect, Field, Finding, Why};

/// A value in a new row.
struct Trial<'a> {
    /// The column, as it was and as it is.
    field: &'a Field,
    column: &'a Field,
    value: Value,
    /// What the parameters are then; `None` where nobody knows.
    row: Option<Row>,
}

impl<'a> Meeting<'a> {
    /// Stated values of which nobody knows whether rows are made of them, a phrase each.
    pub(super) fn unmodelled(&self, insert: &Insert, given: &[(&'a Field, &'a Field)]) -> Vec<String> {
        let Some(insertion) = Insertion::new(self.history, insert, self.own, self.current) else { return Vec::new() };
        let Made::Row(usual, _) = insertion.usual() else { return Vec::new() };
        let open = self.trials(&insertion, &usual, given).into_iter().filter_map(|trial| {
            let what = match &trial.row {
                None => "of what it is made, nobody knows".to_owned(),
                Some(row) => match insertion.send(row) {
                    Err(SqlError::Unsupported(what)) => what,
                    Ok(_) | Err(SqlError::Raised { .. }) => return None,
                },
            };
            let shown = trial.value.text(of(trial.field)).unwrap_or_else(|| "NULL".to_owned());
            Some(format!("whether rows are made with {shown} in {}: {what}", trial.field.name))
        });
        open.collect()
    }

    /// What making rows shows, besides what their types tell: what stops all of them, and what values meet.
    pub(super) fn made(&self, insert: &Insert, given: &[(&'a Field, &'a Field)], told: Vec<Finding>) -> Vec<Finding> {
        let Some(insertion) = Insertion::new(self.history, insert, self.own, self.current) else { return told };
        let is_hard = |finding: &Finding| matches!(finding.effect, Effect::ErrHard | Effect::NarrowHard);
        let is_stated = self.history.stated.is_some();
        let mut findings: Vec<Finding> = told.into_iter().filter(|one| !(is_stated && is_hard(one))).collect();
        let (usual, stop) = match insertion.usual() {
            Made::Unknown => return findings,
            Made::Refused(error) => (None, Some(error)),
            Made::Row(values, row) => {
                findings.extend(self.cut_constants(given, &row));
                (Some(values.clone()), insertion.again(&values))
            }
        };
        let fatal = findings.iter().any(|one| one.effect == Effect::Fatal);
        findings.extend(stop.filter(|error| !fatal && !is_static(error)).map(|error| self.blamed(&error)));
        let Some(usual) = usual else { return findings };
        for trial in self.trials(&insertion, &usual, given) {
            let made = match &trial.row {
                Some(row) if is_stated => Some(insertion.send(row)),
                Some(row) => insertion.make(row),
                None => None,
            };
            let one = self.meets(&trial.value, made, (trial.field, trial.column), is_stated);
            let is_known = |one: &Finding| {
                let same = |other: &Finding| (other.slot, other.effect, other.why) == (one.slot, one.effect, one.why);
                findings.iter().any(same)
            };
            findings.extend(one.filter(|one| !is_known(one)));
        }
        findings
    }

    /// Constants that are something else in a row than what was written.
    pub(super) fn cut_constants(&self, given: &[(&Field, &Field)], row: &Row) -> Vec<Finding> {
        let all = self.history.set_by(self.statement, self.own).into_iter();
        let told = all.filter_map(|(field, value)| {
            let pair = given.iter().find(|(own, _)| own.slot == field.slot)?;
            self.meets(&value, Some(Ok(row.clone())), *pair, true)
        });
        told.collect()
    }

    /// Rows to be made: with each value that a column is known to have, or might have where nobody says.
    fn trials(&self, insertion: &Insertion<'_>, usual: &Row, given: &[(&'a Field, &'a Field)]) -> Vec<Trial<'a>> {
        let (old, _) = self.formats();
        let pair = |place: usize| {
            let slot = old.fields.get(place)?.slot;
            given.iter().find(|(known, _)| known.slot == slot).copied()
        };
        let mut trials = Vec::new();
        for (place, open) in insertion.open.iter().enumerate().filter(|(_, open)| open.is_plain) {
            let Some((field, column)) = pair(open.place) else { continue };
            let values = self.history.stated(self.own, field);
            let values = values.unwrap_or_else(|| insertion.values(place).collect());
            let with = |value: &Value| Some(replaced(usual, place, value.clone()));
            trials.extend(values.into_iter().map(|value| Trial { row: with(&value), field, column, value }));
        }
        for derived in &insertion.derived {
            let Some((field, column)) = pair(derived.place) else { continue };
            let values = self.history.stated(self.own, field).unwrap_or_default();
            let with = |value: &Value| insertion.making(usual, derived, value);
            trials.extend(values.into_iter().map(|value| Trial { row: with(&value), field, column, value }));
        }
        trials
    }

    /// What a value meets when a row is made of it.
    fn meets(
        &self,
        value: &Value,
        made: Option<Result<Row, SqlError>>,
        (field, column): (&Field, &Field),
        is_stated: bool,
    ) -> Option<Finding> {
        let detail = format!("{} written to {}", field.shape, column.shape);
        let is_open = |error: &SqlError| {
            let sets = self.given().iter().map(|(_, column)| column.slot).collect();
            let table = self.history.table(self.current);
            table.is_some_and(|table| is_joint(table, error, &self.left_null(table, sets)))
        };
        match made? {
            Err(error) if is_open(&error) => None,
            Err(error @ SqlError::Raised { state, .. }) => {
                let detail = rules::behind(&error).map_or(detail, |rule| format!("constraint {rule}"));
                let why = if value.is_null() { Why::Null } else { reason(state) };
                Some(Finding::new(column.slot, Effect::ErrHard, why, coded(detail, Some(state))))
            }
            Err(SqlError::Unsupported(_)) => None,
            Ok(row) => {
                let (_, new) = self.formats();
                let place = new.fields.iter().position(|other| other.slot == column.slot)?;
                let enums = &self.history.states[self.current.index()].database.enums;
                let same = of(field) == of(column)
                    || value.is_null()
                    || comes_back(value, row.get(place)?, (of(field), of(column)), enums);
                (is_stated && !same).then(|| Finding::new(column.slot, Effect::NarrowHard, Why::Rounded, detail))
            }
        }
    }
}
