//! Values that show what is found about a column: of those that were tried, the most ordinary ones.

use super::becoming::{Becoming, comes_back};
use super::crossing::{Crossed, Crossing, reason};
use super::history::History;
use super::insertion::{Insertion, Made, replaced};
use super::meeting::{Fit, fit};
use super::probe::Usual;
use super::samples::samples;
use super::schema::Enums;
use super::stated::of;
use super::statement::{Statement, Step};
use super::types::Category;
use super::{SqlError, SqlType, State, Value};
use crate::data::witness::quoted;
use crate::data::{Effect, Field, Finding, Slot, Why};
use crate::id::FormatId;

/// The longest text that is spelt out, in characters.
const SPELT_OUT: usize = 64;

/// A value of a column, and what it meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::data) struct Example {
    slot: Slot,
    meets: Meets,
    /// As JSON.
    value: String,
}

/// What a value meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meets {
    /// The database raises this.
    Raises(State),
    /// A driver cannot make it what the program knows, for the reason that a database would have.
    Unread(State),
    /// It is another one afterwards.
    Changes,
}

impl Meets {
    fn of_stored(stored: Result<bool, SqlError>) -> Option<Self> {
        match stored {
            Ok(is_same) => (!is_same).then_some(Meets::Changes),
            Err(SqlError::Raised { state, .. }) => Some(Meets::Raises(state)),
            Err(SqlError::Unsupported(_)) => None,
        }
    }

    fn of_cast(cast: Fit) -> Option<Self> {
        match cast {
            Fit::Same(_) => None,
            Fit::Changed(_) => Some(Meets::Changes),
            Fit::Refused(error) => error.state().map(Meets::Raises),
        }
    }

    fn of_read(read: Fit) -> Option<Self> {
        match read {
            Fit::Same(_) => None,
            Fit::Changed(_) => Some(Meets::Changes),
            Fit::Refused(error) => error.state().map(Meets::Unread),
        }
    }

    /// Whether it is what a finding says.
    fn is(self, finding: &Finding) -> bool {
        let is_hard = finding.effect == Effect::ErrHard;
        match self {
            Meets::Raises(state) => is_hard && finding.why == reason(state) && finding.detail.ends_with(state.code()),
            Meets::Unread(state) => is_hard && finding.why == reason(state),
            // Who wants an integer does not take what a database would round.
            Meets::Changes => finding.effect == Effect::NarrowHard || is_hard && finding.why == Why::NotWhole,
        }
    }
}

impl Example {
    /// The example that shows a finding.
    pub(in crate::data) fn of<'a>(all: &'a [Example], finding: &Finding) -> Option<&'a str> {
        let own = all.iter().find(|one| finding.slot == Some(one.slot) && one.meets.is(finding));
        own.map(|one| one.value.as_str())
    }
}

/// The first value that meets each thing that any meets.
fn first_of_each(slot: Slot, of: &SqlType, met: impl Iterator<Item = (Value, Meets)>) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    for (value, meets) in met {
        let Some(value) = shown(&value, of).filter(|_| found.iter().all(|one| one.meets != meets)) else { continue };
        found.push(Example { slot, meets, value });
    }
    found
}

/// A value as JSON, if somebody would want to see it.
fn shown(value: &Value, of: &SqlType) -> Option<String> {
    let text = value.text(of).filter(|text| text.chars().count() <= SPELT_OUT)?;
    Some(if of.category() == Category::Number { text } else { quoted(&text) })
}

impl Crossing<'_> {
    fn examples_of(&self, crossed: &Crossed<'_>) -> Option<Vec<Example>> {
        let Usual::Becomes(base, _) = &self.usual else { return None };
        let (probe, field) = (self.probe.as_ref()?, crossed.field);
        let was = self.departed()?.place_of(&field.name).ok()?;
        let enums = self.enums();
        let stays = crossed.column.filter(|column| crossed.becoming == Becoming::Same && of(column) != of(field));
        let now = stays.and_then(|column| Some((self.arrived()?.place_of(&column.name).ok()?, of(column))));
        let is_same = |value: &Value, after: Option<Vec<Value>>| {
            let pair = after.zip(now);
            pair.is_none_or(|(after, (is, to))| comes_back(value, &after[is], (of(field), to), &enums))
        };
        let met = probe.values(was).filter_map(|value| {
            let played = probe.play(&replaced(base, was, value.clone()))?;
            let meets = Meets::of_stored(played.map(|after| is_same(&value, after)))?;
            Some((value, meets))
        });
        Some(first_of_each(field.slot, of(field), met))
    }
}

impl History {
    /// Values of rows that are there, and what a script makes of them on the way from one state to another.
    pub(super) fn examples_of_rows(&self, steps: &[Step], (from, to): (FormatId, FormatId)) -> Vec<Example> {
        let crossing = Crossing::new(self, (from, to), steps, &self.states[to.index()].database);
        crossing.crossed().iter().filter_map(|one| crossing.examples_of(one)).flatten().collect()
    }

    /// Values that an `INSERT` written for one state gives, and what they meet in another one.
    pub(super) fn examples_of_insert(&self, said: &Statement, own: FormatId, current: FormatId) -> Vec<Example> {
        let Statement::Insert(insert) = said else { return Vec::new() };
        let Some(insertion) = Insertion::new(self, insert, own, current) else { return Vec::new() };
        // Where no row is made at all, the types alone say what becomes of a value.
        let usual = match insertion.usual() {
            Made::Row(usual, _) => Some(usual),
            Made::Refused(_) => None,
            Made::Unknown => return Vec::new(),
        };
        let [before, after] = [own, current].map(|state| &self.entity.format(state).fields);
        let enums = self.enums(own, current);
        let given = insertion.open.iter().enumerate().filter(|(_, open)| open.is_plain);
        let each = given.filter_map(|(index, open)| {
            let field = before.get(open.place)?;
            let place = after.iter().position(|column| column.name == field.name)?;
            let types = (of(field), of(&after[place]));
            let met = insertion.values(index).filter_map(|value| {
                let Some(usual) = &usual else {
                    let meets = Meets::of_cast(fit(&value, types.0, types.1, &enums))?;
                    return Some((value, meets));
                };
                let made = insertion.make(&replaced(usual, index, value.clone()))?;
                let is_same = |row: Vec<Value>| types.0 == types.1 || comes_back(&value, &row[place], types, &enums);
                let meets = Meets::of_stored(made.map(is_same))?;
                Some((value, meets))
            });
            Some(first_of_each(after[place].slot, types.0, met))
        });
        each.flatten().collect()
    }

    /// Values of a state, and what a program makes of them that was written for another one.
    pub(super) fn examples_of_read(&self, own: FormatId, current: FormatId) -> Vec<Example> {
        let enums = self.enums(own, current);
        let fields = self.entity.format(current).fields.iter();
        let each = fields.filter_map(|column| {
            let field: &Field = self.entity.format(own).field(column.slot)?;
            let defined = self.table(current)?.column(&column.name).ok()?;
            let (from, to) = (of(column), of(field));
            let values = samples(defined, &[], std::slice::from_ref(to), &enums).into_iter();
            let met =
                values.filter_map(|value| Meets::of_read(fit(&value, from, to, &enums)).map(|meets| (value, meets)));
            Some(first_of_each(column.slot, from, met))
        });
        each.flatten().collect()
    }

    fn enums(&self, one: FormatId, other: FormatId) -> Enums {
        let [one, other] = [one, other].map(|state| &self.states[state.index()].database.enums);
        one.with(other)
    }
}
