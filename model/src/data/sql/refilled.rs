//! Columns that a statement leaves to the database, where that puts in something else than the code knows.
//!
//! *Decisions.* Who leaves a column to its default means that default. Where another one takes its place, or none, what
//! is in the row is not what was meant. Where there was none, nobody meant anything by leaving it out: nothing is
//! damaged. But who knows the column without a default may read a NULL as something: then it is open.
//! What is drawn, counted or taken from the clock is not compared.

use super::SqlType;
use super::cast::convert;
use super::eval::is_immutable;
use super::execute::own_value;
use super::history::History;
use super::met::Meeting;
use super::schema::Filling;
use super::statement::Statement;
use super::ties::set_to;
use super::value::Value;
use crate::data::{Effect, Finding, Mask, Slot, Table, Why};
use crate::id::FormatId;

/// What a column gets that nobody gives a value, in two states.
enum Refilled {
    /// One value, and another: in words.
    Otherwise(String),
    /// Nobody can tell whether it is the same.
    Unknown,
    /// Something, where there was nothing.
    Gained,
}

impl History {
    /// Whether nobody's value in a column is another one from one state to another.
    fn refilled(&self, slot: Slot, (own, current): (FormatId, FormatId)) -> Option<Refilled> {
        let [was, is] = [self.filling(own, slot)?, self.filling(current, slot)?];
        if was == is || is_numbered(&was) || is_numbered(&is) {
            return None;
        }
        if was == Filling::Nothing {
            let is_null = self.left_to_itself(current, slot).is_some_and(|(value, _)| value.is_null());
            let may_be_left = self.entity.format(own).field(slot)?.shape.domain.nullable;
            return (may_be_left && !is_null).then_some(Refilled::Gained);
        }
        let values = self.left_to_itself(own, slot).zip(self.left_to_itself(current, slot));
        let Some((before, after)) = values else { return Some(Refilled::Unknown) };
        let shown =
            |(value, of): &(Value, SqlType)| value.text(of).map_or("NULL".to_owned(), |text| format!("'{text}'"));
        // A default goes along with its column into another type.
        let along = convert(&before.0, (&before.1, &after.1), true, &self.states[current.index()].database.enums);
        let is_other = !before.0.is_null() && along.ok().as_ref() != Some(&after.0);
        is_other.then(|| Refilled::Otherwise(format!("{} became {}", shown(&before), shown(&after))))
    }

    pub(super) fn filling(&self, state: FormatId, slot: Slot) -> Option<Filling> {
        let fields = &self.entity.format(state).fields;
        let place = fields.iter().position(|field| field.slot == slot)?;
        Some(self.table(state)?.columns.get(place)?.filling.clone())
    }

    /// What a column gets by itself, and its type.
    fn left_to_itself(&self, state: FormatId, slot: Slot) -> Option<(Value, SqlType)> {
        let own = &self.states[state.index()];
        let place = self.entity.format(state).fields.iter().position(|field| field.slot == slot)?;
        let value = match self.filling(state, slot)? {
            Filling::Nothing => Value::Null,
            Filling::Default(bound) if is_immutable(&bound) => {
                own_value(place, &own.table, &mut own.database.clone()).ok()?
            }
            Filling::Default(_) | Filling::Serial(_) | Filling::Identity { .. } | Filling::Generated(_) => return None,
        };
        Some((value, own.table()?.columns[place].of.clone()))
    }

    /// The columns of which nobody can tell whether they get the same by themselves.
    pub(super) fn refilled_unknown(&self, own: FormatId, current: FormatId) -> Mask {
        let slots = self.entity.format(own).slots() & self.entity.format(current).slots();
        slots
            .into_iter()
            .filter(|slot| matches!(self.refilled(*slot, (own, current)), Some(Refilled::Unknown)))
            .collect()
    }

    /// The columns that get another value by themselves in one state than in another one, each with both.
    pub(super) fn refilled_between(&self, own: FormatId, current: FormatId) -> Vec<(Slot, String)> {
        let slots = self.entity.format(own).slots() & self.entity.format(current).slots();
        let told = slots.into_iter().filter_map(|slot| match self.refilled(slot, (own, current))? {
            Refilled::Otherwise(detail) => Some((slot, detail)),
            Refilled::Unknown | Refilled::Gained => None,
        });
        told.collect()
    }

    /// The columns that get something by themselves that were NULL when left out.
    pub(super) fn gained(&self, own: FormatId, current: FormatId) -> Mask {
        let slots = self.entity.format(own).slots() & self.entity.format(current).slots();
        slots
            .into_iter()
            .filter(|slot| matches!(self.refilled(*slot, (own, current)), Some(Refilled::Gained)))
            .collect()
    }

    /// Whether somebody asks for a column who knows it without a default.
    fn is_asked_for_null(&self, slot: Slot) -> bool {
        let mut asked = self.asked.iter();
        asked.any(|(state, slots)| slots.contains(slot) && self.filling(*state, slot) == Some(Filling::Nothing))
    }
}

const fn is_numbered(filling: &Filling) -> bool {
    matches!(filling, Filling::Serial(_) | Filling::Identity { .. } | Filling::Generated(_))
}

impl Meeting<'_> {
    /// The slots that it leaves to the database, as far as the code knows them.
    fn leaves(&self) -> Mask {
        let (own, current) = self.formats();
        let is_left = |name: &str| match (self.statement, set_to(self.statement, own, name)) {
            (Statement::Insert(_), None) | (_, Some(None)) => true,
            (_, Some(Some(_))) => false,
            (Statement::Update(_) | Statement::Select(_) | Statement::Delete(_), None) => false,
        };
        let fields = own.fields.iter().filter(|field| current.field(field.slot).is_some());
        fields.filter(|field| is_left(&field.name)).map(|field| field.slot).collect()
    }

    /// Those that get something else than the code means.
    pub(super) fn refilled(&self) -> Mask {
        let all = self.history.refilled_between(self.own, self.current).into_iter();
        all.map(|(slot, _)| slot).filter(|slot| self.leaves().contains(*slot)).collect()
    }

    /// Those of which nobody knows whether they do, or that nobody reads, a phrase each.
    pub(super) fn refilled_unseen(&self) -> Vec<String> {
        let told =
            self.leaves().into_iter().filter(|slot| match self.history.refilled(*slot, (self.own, self.current)) {
                Some(Refilled::Unknown) => true,
                Some(Refilled::Otherwise(_)) => !self.history.asked.iter().any(|(_, slots)| slots.contains(*slot)),
                Some(Refilled::Gained) | None => false,
            });
        let gained = self.leaves() & self.history.gained(self.own, self.current);
        let gained: Mask = gained.into_iter().filter(|slot| self.history.is_asked_for_null(*slot)).collect();
        let names = |slots| self.history.entity.slot_names(slots).into_iter();
        let other = names(told.collect())
            .map(|name| format!("whether the other default of {name} is what the code means by leaving it out"));
        let fresh = names(gained)
            .map(|name| format!("whether {name}, which has a default now, is what the code means by leaving it out"));
        other.chain(fresh).collect()
    }

    /// What it looks at that somebody else may have left to another default.
    pub(super) fn others_defaults(&self, looked_at: Mask, decode: &mut Table) {
        let looked_at = looked_at - (decode.torn | decode.adrift);
        let mut findings: Vec<Finding> = Vec::new();
        let states = || self.history.entity.format_ids();
        for (own, current) in states().flat_map(|own| states().map(move |current| (own, current))) {
            for (slot, detail) in self.history.refilled_between(own, current) {
                let is_new = !findings.iter().any(|finding| finding.slot == Some(slot));
                if is_new && looked_at.contains(slot) {
                    findings.push(Finding::new(slot, Effect::Behind, Why::OtherDefault, detail));
                }
            }
        }
        decode.add(findings);
    }
}
