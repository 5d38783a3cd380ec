//! What a script does to the rows of a table, read off rows that it was played on.
//!
//! *Decisions.* What becomes of a value is what has become of values that stand for all. What hangs on other columns,
//! on a `WHERE` over data, or on rows beside it, is not judged, and that is said.

use std::collections::BTreeSet;

use super::becoming::Becoming;
use super::history::{History, State as TableState};
use super::meeting::Fate;
use super::probe::{Probe, Usual};
use super::schema::{Database, Enums, Row, Table as SqlTable};
use super::seen::Seen;
use super::statement::{Alteration, Statement, Step};
use super::{SqlError, SqlType, State, lineage, linked, literals, ruled};
use crate::data::derive::sql::coded;
use crate::data::{Effect, Field, Finding, Format, Mask, Slot, Why};
use crate::id::FormatId;

/// A script that leads from one state of a table to another.
pub(super) struct Crossing<'a> {
    pub(super) history: &'a History,
    pub(super) from: FormatId,
    pub(super) to: FormatId,
    pub(super) steps: &'a [Step],
    /// The tables at the end.
    pub(super) arrival: &'a Database,
    pub(super) probe: Option<Probe>,
    pub(super) usual: Usual,
    /// A usual row that differs from the other one wherever it may, and what becomes of it.
    pub(super) other: Option<(Row, Row)>,
}

/// What becomes of a column.
pub(super) struct Crossed<'a> {
    pub(super) field: &'a Field,
    /// What it is afterwards, if it is still there.
    pub(super) column: Option<&'a Field>,
    pub(super) becoming: Becoming,
    /// What some values meet.
    pub(super) fates: Vec<Fate>,
    /// What a NULL meets: an error, or a value in its place.
    pub(super) null: Option<Fate>,
    /// What stops ordinary values that are computed anew, where others come through.
    pub(super) spoils: Option<State>,
    /// The same of ordinary values that stay, for what is made of them in other columns.
    pub(super) spoils_others: Option<State>,
    /// Whether all stated values are what they were, or multiples of that, where others are replaced or cut.
    pub(super) is_spared: bool,
    /// Whether it is NULL whatever it was.
    pub(super) is_emptied: bool,
    /// Whether somebody may have given the NULL.
    pub(super) null_is_stated: bool,
    /// The columns afterwards that hang on it, but for itself.
    pub(super) touches: Mask,
    /// What is not modelled of stated values, a phrase each.
    pub(super) undecided: Vec<String>,
    /// The rules that stop values, each with what it raises.
    pub(super) rules: Vec<(State, String)>,
}

impl<'a> Crossing<'a> {
    pub(super) fn new(
        history: &'a History,
        (from, to): (FormatId, FormatId),
        steps: &'a [Step],
        arrival: &'a Database,
    ) -> Self {
        let [before, after] = [from, to].map(|state| &history.states[state.index()]);
        let probe = Probe::new(&before.database, &before.table, steps, arrival, &after.table);
        let usual = match probe.as_ref().map_or(Usual::Unknown, Probe::usual) {
            stopped @ Usual::Stopped(_) => {
                let stated = history.first_stated(from);
                probe.as_ref().zip(stated).and_then(|(probe, row)| probe.of_stated(&row)).unwrap_or(stopped)
            }
            usual => usual,
        };
        let other = match (&probe, &usual) {
            (Some(probe), Usual::Becomes(base, _)) => probe.besides(base),
            (_, Usual::Becomes(..) | Usual::Unknown | Usual::Stopped(_) | Usual::Deleted(_)) => None,
        };
        Crossing { history, from, to, steps, arrival, probe, usual, other }
    }

    pub(super) fn state(&self, state: FormatId) -> &'a TableState {
        &self.history.states[state.index()]
    }

    fn formats(&self) -> (&'a Format, &'a Format) {
        (self.history.entity.format(self.from), self.history.entity.format(self.to))
    }

    pub(super) fn departed(&self) -> Option<&'a SqlTable> {
        self.history.table(self.from)
    }

    pub(super) fn arrived(&self) -> Option<&'a SqlTable> {
        self.arrival.table(&self.state(self.to).table).ok()
    }

    /// Whether a column is still the one it was, and not one made anew under its name. A table made anew takes over
    /// what its columns held.
    fn is_same_column(&self, field: &Field, column: &Field) -> bool {
        let Some((departed, arrived)) = self.departed().zip(self.arrived()) else { return true };
        let ids = departed.column(&field.name).ok().zip(arrived.column(&column.name).ok());
        departed.origin != arrived.origin || ids.is_none_or(|(old, new)| old.id == new.id)
    }

    /// Whether a column made anew holds what the one held whose name it has: it differs as that does.
    fn carries(&self, field: &Field, column: &Field) -> bool {
        if self.history.is_generated(self.from, field.slot) && self.history.is_generated(self.to, column.slot) {
            return true;
        }
        let (Some(probe), Usual::Becomes(base, _)) = (&self.probe, &self.usual) else { return false };
        let places = self
            .departed()
            .zip(self.arrived())
            .and_then(|(old, new)| Some((old.place_of(&field.name).ok()?, new.place_of(&column.name).ok()?)));
        let Some((was, is)) = places else { return false };
        let mut held = probe.values(was).filter_map(|value| {
            let after = probe.play(&super::insertion::replaced(base, was, value))?.ok()??;
            after.get(is).cloned()
        });
        let first = held.next();
        held.any(|value| Some(value) != first)
    }

    /// Every column there was.
    pub(super) fn crossed(&self) -> Vec<Crossed<'a>> {
        let (old, new) = self.formats();
        let is_same = |field: &Field, column: &Field| self.is_same_column(field, column) || self.carries(field, column);
        let column = |field: &Field| new.field(field.slot).filter(|column| is_same(field, column));
        let mut all: Vec<Crossed<'a>> = old.fields.iter().map(|field| self.cross(field, column(field))).collect();
        let made = |slot: Slot| self.history.is_generated(self.to, slot);
        let touched: Vec<Mask> = all.iter().map(|one| one.touches).collect();
        for (index, one) in all.iter_mut().enumerate() {
            let by_others =
                touched.iter().enumerate().any(|(other, slots)| other != index && slots.contains(one.field.slot));
            if by_others && !made(one.field.slot) {
                one.becoming = Becoming::Computed;
            }
        }
        all
    }

    fn cross(&self, field: &'a Field, column: Option<&'a Field>) -> Crossed<'a> {
        let nothing = Crossed {
            field,
            column,
            becoming: Becoming::Same,
            fates: Vec::new(),
            null: None,
            spoils: None,
            spoils_others: None,
            is_spared: false,
            is_emptied: false,
            null_is_stated: true,
            touches: Mask::EMPTY,
            undecided: Vec::new(),
            rules: Vec::new(),
        };
        let (base, result) = match &self.usual {
            Usual::Becomes(base, result) => (base, Some(result)),
            Usual::Deleted(base) => (base, None),
            Usual::Unknown | Usual::Stopped(_) => return nothing,
        };
        let Some(probe) = self.probe.as_ref().filter(|_| !self.steps.is_empty()) else { return nothing };
        let places = self.departed().zip(self.arrived()).and_then(|(old, new)| {
            let now = column.map(|column| new.place_of(&column.name)).transpose().ok()?;
            Some((old.place_of(&field.name).ok()?, now))
        });
        let Some((was, is)) = places else { return nothing };
        let result = result.map_or(&[][..], Vec::as_slice);
        let mut seen =
            Seen { crossing: self, was, is, base, result, crossed: nothing, pairs: Vec::new(), stops_others: None };
        seen.watch(probe);
        if result.is_empty() { seen.told_of_gone(probe) } else { seen.told(probe) }
    }

    /// The enum types of both ends: one that is made or dropped on the way is there at one of them.
    pub(super) fn enums(&self) -> Enums {
        self.state(self.from).database.enums.with(&self.arrival.enums)
    }

    pub(super) fn type_of(&self, field: &'a Field) -> &'a SqlType {
        super::stated::of(field)
    }

    /// The slot of a column at the end.
    pub(super) fn slot_at(&self, place: usize) -> Option<Slot> {
        // A column that was made anew stands last, whatever its place is in the state.
        let name = &self.arrived()?.columns.get(place)?.name;
        self.formats().1.fields.iter().find(|field| field.name == *name).map(|field| field.slot)
    }

    /// New columns that are NULL in usual rows.
    pub(super) fn empty(&self, added: Mask) -> Mask {
        let Usual::Becomes(_, result) = &self.usual else { return Mask::EMPTY };
        let slots = result.iter().enumerate().filter(|(_, value)| value.is_null());
        slots.filter_map(|(place, _)| self.slot_at(place)).filter(|slot| added.contains(*slot)).collect()
    }

    /// Why no usual row comes through: where it stands, and the words of the database.
    pub(super) fn stop(&self) -> Option<Finding> {
        match &self.usual {
            Usual::Stopped(error) => Some(self.blamed(error)),
            Usual::Unknown | Usual::Deleted(_) | Usual::Becomes(..) => None,
        }
    }

    /// What stops the script as soon as there are two rows.
    pub(super) fn beside(&self) -> Option<Finding> {
        let Usual::Becomes(base, _) = &self.usual else { return None };
        self.probe.as_ref()?.beside(base).map(|error| self.blamed(&error))
    }

    /// An error of every row, at the column or the rule that it names.
    fn blamed(&self, error: &SqlError) -> Finding {
        let (old, new) = self.formats();
        let SqlError::Raised { state, detail } = error else {
            unreachable!("what is not modelled is not told as an error")
        };
        let name = detail.split('"').nth(1).unwrap_or_default();
        let slot = self.slots_named(name).first();
        let is_new = slot.is_some_and(|slot| old.field(slot).is_none());
        let named = new.fields.iter().find(|field| field.name == name).map(|field| format!("column {}", field.name));
        let why = match state {
            State::NotNull if is_new => Why::NotGiven,
            state => reason(*state),
        };
        let detail = match (slot, named) {
            (Some(_), Some(column)) => coded(column, Some(*state)),
            (Some(_), None) => coded(format!("constraint {name}"), Some(*state)),
            (None, _) => error.to_string(),
        };
        let effect = match slot {
            None => Effect::Fatal,
            Some(_) if is_new => Effect::ErrAbsent,
            Some(_) => Effect::ErrPresent,
        };
        Finding { slot, effect, why, detail }
    }

    /// The slots of a column, or of a rule of the table at its end.
    fn slots_named(&self, name: &str) -> Mask {
        let (_, new) = self.formats();
        if let Some(field) = new.fields.iter().find(|field| field.name == name) {
            return field.slot.into();
        }
        let Some(arrived) = self.arrived() else { return Mask::EMPTY };
        let rules = arrived.constraints.iter().map(|one| (one.name.as_str(), one.rule.columns()));
        let indexes = arrived.indexes.iter().map(|index| (index.name.as_str(), index.columns.clone()));
        let ids = rules.chain(indexes).find(|(other, _)| *other == name).map(|(_, ids)| ids).unwrap_or_default();
        arrived.places(&ids).into_iter().filter_map(|place| self.slot_at(place)).collect()
    }

    /// Rules that rows are held to, each with the slots that it speaks of.
    fn verified(&self) -> Vec<(ruled::Demanded<'a>, Mask)> {
        let Some((old, new)) = self.departed().zip(self.arrived()) else { return Vec::new() };
        let slots = |ids: &[_]| new.places(ids).into_iter().filter_map(|place| self.slot_at(place)).collect();
        let all = ruled::verified(old, new, self.steps).into_iter();
        all.map(|one| (slots(&one.columns), one)).map(|(slots, one)| (one, slots)).collect()
    }

    /// New demands on columns that were there: whether rows meet them, hangs on values, or on the rows beside them.
    pub(super) fn demands(&self) -> Vec<Finding> {
        let was = self.formats().0.slots();
        // Where values are stated, what rows beside each other make of them is not judged.
        let is_known = self.history.stated.is_some();
        let told = self.verified().into_iter().filter(|(one, _)| one.check.is_none() && !is_known);
        let each = told.flat_map(|(one, slots)| {
            let detail = coded(format!("constraint {}", one.name), Some(one.state));
            let finding = move |slot| Finding::new(slot, Effect::ErrHard, Why::Violates, detail.clone());
            (slots & was).into_iter().map(finding).collect::<Vec<_>>()
        });
        each.collect()
    }

    /// What is not judged, a phrase each.
    pub(super) fn unjudged(&self, crossed: &[Crossed<'_>]) -> Vec<String> {
        let picked = lineage::picked(&self.state(self.from).table, self.steps);
        let mut phrases = Vec::new();
        phrases.extend((self.usual == Usual::Unknown).then(|| "whether rows come through".to_owned()));
        let departed = self.departed();
        let many = literals::are_many(departed, self.steps);
        phrases.extend(many.then(|| "whether values at all of its many constants come through".to_owned()));
        let makes = self.probe.as_ref().is_some_and(Probe::makes_rows);
        phrases.extend(makes.then(|| "what becomes of rows that the script makes".to_owned()));
        phrases.extend(picked.deletes.then(|| "which rows are gone".to_owned()));
        phrases.extend(self.stops_before().then(|| "whether rows come through until they are deleted".to_owned()));
        let kept = self.kept_in_step();
        let is_open = |one: &&Crossed<'_>| is_undecided(one) && !kept.contains(one.field.slot);
        let computed = crossed.iter().filter(|one| is_open(one) || self.is_picked(one, &picked.set));
        let anew: BTreeSet<&str> = computed.map(|one| one.field.name.as_str()).collect();
        let anew = anew
            .into_iter()
            .map(|name| format!("whether {name} is computed anew without an error, and means what it did"));
        phrases.extend(anew);
        let is_new = |name: &&String| !crossed.iter().any(|one| is_called(one, name));
        let some: BTreeSet<&String> = picked.set.iter().filter(is_new).collect();
        phrases.extend(some.into_iter().map(|name| format!("which rows get a value in {name}")));
        // Rows are known by the rules that they meet: what is made anew of them may be against one.
        let is_told = |one: &Crossed<'_>| one.spoils != Some(State::Check) || one.becoming != Becoming::Same;
        let there = crossed.iter().filter(|one| one.column.is_some() && is_told(one));
        let others = crossed.iter().filter_map(|one| Some((one, one.spoils_others?)));
        let overflowing = there.filter_map(|one| Some((one, one.spoils?))).chain(others);
        phrases.extend(overflowing.map(|(one, state)| {
            format!("whether all values of {} come through (SQLSTATE {})", one.field.name, state.code())
        }));
        phrases.extend(self.defaults());
        phrases.extend(self.undecided_rules(crossed));
        let start = self.state(self.from);
        phrases.extend(linked::violable(&start.table, &start.database, self.steps));
        phrases
    }

    /// Whether rows are held to rules before they are all deleted of which single rows do not tell.
    fn stops_before(&self) -> bool {
        let table = &self.state(self.from).table;
        let named = lineage::named_steps(table, self.steps);
        let deletes =
            |step: &Step| matches!(step, Step::Truncate(_) | Step::Run(Statement::Delete(_)) | Step::DropTable(..));
        let before = named.iter().take_while(|(_, step)| !deletes(step));
        let looks = |step: &Step| match step {
            Step::AlterTable(_, alterations) => {
                let holds = |one: &Alteration| matches!(one, Alteration::AddConstraint(..) | Alteration::Validate(_));
                alterations.iter().any(holds)
            }
            Step::CreateIndex(index) => index.unique,
            _ => false,
        };
        matches!(self.usual, Usual::Deleted(_)) && before.into_iter().any(|(_, step)| looks(step))
    }

    /// Columns whose default does not come through: whether rows have it, nobody says.
    fn defaults(&self) -> Vec<String> {
        let (Some(probe), Usual::Becomes(base, _)) = (&self.probe, &self.usual) else { return Vec::new() };
        let stopped = probe.defaults().into_iter().filter_map(|(place, value)| {
            let mut row = base.clone();
            row[place] = value;
            let error = probe.play(&row)?.err()?;
            Some((&self.formats().0.fields.get(place)?.name, error.state()?))
        });
        let said = |(name, state): (&String, State)| {
            format!("whether rows have the default of {name}, which does not come through (SQLSTATE {})", state.code())
        };
        stopped.map(said).collect()
    }

    /// Columns that a migration has added and that this script makes of others, as it is meant to be.
    fn kept_in_step(&self) -> Mask {
        let first = &self.history.entity.formats[0];
        let made = self.history.makings((self.from, self.to), self.steps).into_iter().map(|making| making.to);
        made.filter(|slot| first.field(*slot).is_none()).collect()
    }

    fn is_picked(&self, crossed: &Crossed<'_>, set: &[String]) -> bool {
        set.iter().any(|name| is_called(crossed, name))
    }

    /// New rules of which single rows do not tell whether they are met.
    fn undecided_rules(&self, crossed: &[Crossed<'_>]) -> Vec<String> {
        let was = self.formats().0.slots();
        let is_touched = |one: &Crossed<'_>, slots: Mask| !(one.touches & slots).is_empty();
        let hits = |slots: Mask| {
            let concerned = |one: &&Crossed<'_>| slots.contains(one.field.slot) || is_touched(one, slots);
            // A stated value that stops the script, stops it, by whatever its rule raises.
            let is_stated = self.history.stated.is_some();
            let violates =
                |fate: &Fate| fate.state.is_some_and(|state| state == State::Check || is_stated && state.is_of_data());
            crossed.iter().filter(concerned).any(|one| one.fates.iter().any(violates))
        };
        let tables = self.departed().zip(self.arrived());
        let before = &self.state(self.from).database;
        let relaxes = |one: &ruled::Demanded<'_>| {
            tables.is_some_and(|tables| one.relaxes(tables.0) && !one.is_breakable(tables, [before, self.arrival]))
        };
        let open = self.verified().into_iter().filter(|(one, slots)| {
            let on_rows = !(*slots & was).is_empty() || crossed.iter().any(|other| is_touched(other, *slots));
            on_rows
                && !self.arrived().is_some_and(|table| one.is_met_by_key(table))
                && (one.check.is_none() || !hits(*slots))
                && !relaxes(one)
                && self.stop().is_none()
        });
        open.map(|(one, _)| format!("whether rows violate {} (SQLSTATE {})", one.name, one.state.code())).collect()
    }
}

fn is_called(crossed: &Crossed<'_>, name: &str) -> bool {
    crossed.field.name == name || crossed.column.is_some_and(|column| column.name == name)
}

/// Whether nobody knows what the values mean now: none of the two states says it.
fn is_undecided(crossed: &Crossed<'_>) -> bool {
    use crate::data::Unit;
    let is_stated = |field: &Field| matches!(field.unit, Unit::Stated(_));
    let stated = is_stated(crossed.field) && crossed.column.is_some_and(is_stated);
    crossed.becoming == Becoming::Computed && crossed.column.is_some() && !stated
}

/// The reason of an error that a value meets.
pub(super) const fn reason(state: State) -> Why {
    match state {
        State::TooLong => Why::TooLong,
        State::OutOfRange => Why::OutOfRange,
        State::NotNull => Why::Null,
        State::Check | State::Unique | State::ForeignKey => Why::Violates,
        State::DivisionByZero => Why::DivisionByZero,
        State::Untranslatable => Why::NotText,
        _ => Why::TypeClash,
    }
}
