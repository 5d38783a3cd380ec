//! Values that somebody has stated for columns: what they themselves meet counts, and not what the worst value of the
//! type would.

use super::history::History;
use super::meeting::{Fit, fit};
use super::schema::Enums;
use super::{SqlError, SqlType, Value, cast};
use crate::data::{Effect, Field, Finding, Mask, Slot, Why, Wire};
use crate::id::FormatId;

/// A value stated for a column: a text, or NULL.
pub type Stated = (Slot, Option<String>);

impl History {
    /// The same history, where columns have no other values worth telling apart than these.
    #[must_use]
    pub fn of_values(mut self, stated: Vec<Stated>) -> Self {
        self.stated = Some(stated);
        self
    }

    /// What a text is in a column of a state.
    ///
    /// # Errors
    /// When it is none of its values.
    pub fn value(&self, state: FormatId, field: &Field, text: Option<&str>) -> Result<Value, SqlError> {
        let enums = &self.states[state.index()].database.enums;
        let Some(text) = text else {
            let null = format!("{} is not null", field.name);
            let refused = SqlError::Raised { state: super::State::NotNull, detail: null };
            return if field.shape.domain.nullable { Ok(Value::Null) } else { Err(refused) };
        };
        cast::read(text, of(field), enums)
    }

    /// The stated values of a column of a state; `None` where nothing is stated at all, and any value may come.
    pub(super) fn stated(&self, state: FormatId, field: &Field) -> Option<Vec<Value>> {
        let own = self.stated.as_ref()?.iter().filter(|(slot, _)| *slot == field.slot);
        Some(own.filter_map(|(_, text)| self.value(state, field, text.as_deref()).ok()).collect())
    }

    /// By column of a state, the first value that is stated for it; `None` where nothing is stated of any.
    pub(super) fn first_stated(&self, state: FormatId) -> Option<Vec<Option<Value>>> {
        let fields = self.entity.format(state).fields.iter();
        let row: Vec<_> = fields.map(|field| self.stated(state, field)?.into_iter().next()).collect();
        row.iter().any(Option::is_some).then_some(row)
    }

    /// The slots of which nothing is stated but NULL.
    pub(super) fn stated_nulls(&self) -> Mask {
        let stated = self.stated.as_deref().unwrap_or_default();
        let slots =
            |is: fn(&Stated) -> bool| -> Mask { stated.iter().filter(|one| is(one)).map(|(slot, _)| *slot).collect() };
        slots(|(_, text)| text.is_none()) - slots(|(_, text)| text.is_some())
    }

    /// Whether somebody may give a column of its values NULL: where nothing is stated, anybody.
    pub(super) fn gives_null(&self, slot: Slot) -> bool {
        self.stated.as_ref().is_none_or(|stated| stated.contains(&(slot, None)))
    }

    /// The same findings without those about values that nobody has stated. Where nobody gives NULL, only what has
    /// never been given a value is.
    pub(super) fn met_by_stated(&self, state: FormatId, reader: FormatId, findings: Vec<Finding>) -> Vec<Finding> {
        let is_met = |finding: &Finding| {
            let hard = matches!(finding.effect, Effect::ErrHard | Effect::NarrowHard | Effect::LieHard);
            let slot = finding.slot.filter(|_| hard && finding.why != Why::Null);
            let fields =
                slot.and_then(|slot| self.entity.format(state).field(slot).zip(self.entity.format(reader).field(slot)));
            let Some((field, own)) = fields else { return true };
            let enums = &self.states[reader.index()].database.enums;
            let same = |value: &Value| is_same(value, of(field), of(own), enums);
            self.stated(state, field).is_none_or(|values| !values.iter().all(same))
        };
        let of_null = |one: Finding| match (one.slot, one.effect, one.why) {
            (Some(slot), Effect::ErrHard, Why::Null) if !self.gives_null(slot) => {
                Finding { effect: Effect::ErrNull, ..one }
            }
            _ => one,
        };
        findings.into_iter().filter(is_met).map(of_null).collect()
    }
}

/// Whether a reader gets the value it is.
fn is_same(value: &Value, from: &SqlType, to: &SqlType, enums: &Enums) -> bool {
    match (to, value.text(from)) {
        (_, None) => true,
        (SqlType::Enum(_), Some(text)) => cast::read(&text, to, enums).is_ok(),
        _ => matches!(fit(value, from, to, enums), Fit::Same(_)),
    }
}

/// Its type; a column has no other.
pub(super) fn of(field: &Field) -> &SqlType {
    match &field.shape.wire {
        Wire::Sql(of) => of,
        other => unreachable!("a column of a table of type {other}"),
    }
}
