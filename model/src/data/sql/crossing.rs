//! What a script does to the rows of a table, read off rows that it was played on.
//!
//! *Decisions.* What becomes of a value is what has become of values that stand for all. What hangs on other columns,
//! on a `WHERE` over data, or on rows beside it, is not judged, and that is said.

use std::collections::BTreeSet;

use super::becoming::{Becoming, becoming, comes_back, is_multiple};
use super::history::{History, State as TableState};
use super::meeting::{self, Fate};
use super::open_questions::is_joint;
use super::probe::{Probe, Usual};
use super::schema::{Column, Database, Enums, Row, Table as SqlTable};
use super::statement::{Alteration, Statement, Step};
use super::{SqlError, SqlType, State, Value, lineage, linked, ruled};
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
    arrival: &'a Database,
    probe: Option<Probe>,
    pub(super) usual: Usual,
    /// A usual row that differs from the other one wherever it may, and what becomes of it.
    other: Option<(Row, Row)>,
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
        let usual = probe.as_ref().map_or(Usual::Unknown, Probe::usual);
        let other = match (&probe, &usual) {
            (Some(probe), Usual::Becomes(base, _)) => probe.besides(base),
            (_, Usual::Becomes(..) | Usual::Unknown | Usual::Stopped(_) | Usual::Deleted) => None,
        };
        Crossing { history, from, to, steps, arrival, probe, usual, other }
    }

    fn state(&self, state: FormatId) -> &'a TableState {
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
            is_spared: false,
            is_emptied: false,
            null_is_stated: true,
            touches: Mask::EMPTY,
            undecided: Vec::new(),
        };
        let (Some(probe), Usual::Becomes(base, result)) = (&self.probe, &self.usual) else { return nothing };
        if self.steps.is_empty() {
            return nothing;
        }
        let places = self.departed().zip(self.arrived()).and_then(|(old, new)| {
            let now = column.map(|column| new.place_of(&column.name)).transpose().ok()?;
            Some((old.place_of(&field.name).ok()?, now))
        });
        let Some((was, is)) = places else { return nothing };
        let mut seen = Seen { crossing: self, was, is, base, result, crossed: nothing, pairs: Vec::new() };
        seen.watch(probe);
        seen.told(probe)
    }

    /// The enum types of both ends: one that is made or dropped on the way is there at one of them.
    fn enums(&self) -> Enums {
        self.state(self.from).database.enums.with(&self.arrival.enums)
    }

    fn type_of(&self, field: &'a Field) -> &'a SqlType {
        super::stated::of(field)
    }

    /// The slot of a column at the end.
    fn slot_at(&self, place: usize) -> Option<Slot> {
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
            Usual::Unknown | Usual::Deleted | Usual::Becomes(..) => None,
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
        let overflowing = there.filter_map(|one| Some((one, one.spoils?)));
        phrases.extend(overflowing.map(|(one, state)| {
            format!("whether all values of {} come through (SQLSTATE {})", one.field.name, state.code())
        }));
        phrases.extend(self.defaults());
        phrases.extend(self.undecided_rules(crossed));
        let start = self.state(self.from);
        phrases.extend(linked::violable(&start.table, &start.database, self.steps));
        phrases
    }

    /// Whether rows are looked at, or written, before they are all deleted.
    fn stops_before(&self) -> bool {
        let table = &self.state(self.from).table;
        let named = lineage::named_steps(table, self.steps);
        let deletes =
            |step: &Step| matches!(step, Step::Truncate(_) | Step::Run(Statement::Delete(_)) | Step::DropTable(..));
        let before = named.iter().take_while(|(_, step)| !deletes(step));
        let looks = |step: &Step| match step {
            Step::AlterTable(_, alterations) => alterations.iter().any(|one| {
                matches!(
                    one,
                    Alteration::SetNotNull(_)
                        | Alteration::SetType(..)
                        | Alteration::AddConstraint(..)
                        | Alteration::Validate(_)
                )
            }),
            Step::CreateIndex(_) | Step::Run(_) => true,
            _ => false,
        };
        self.usual == Usual::Deleted && before.into_iter().any(|(_, step)| looks(step))
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
        let hits = |slots: Mask| {
            let concerned = |one: &&Crossed<'_>| slots.contains(one.field.slot);
            let violates = |fate: &Fate| fate.state == Some(State::Check);
            crossed.iter().filter(concerned).any(|one| one.fates.iter().any(violates))
        };
        let tables = self.departed().zip(self.arrived());
        let before = &self.state(self.from).database;
        let relaxes = |one: &ruled::Demanded<'_>| {
            tables.is_some_and(|tables| one.relaxes(tables.0) && !one.is_breakable(tables, [before, self.arrival]))
        };
        let open = self.verified().into_iter().filter(|(one, slots)| {
            let on_rows = !(*slots & was).is_empty();
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

/// Whether of a text only the beginning is left.
fn is_cut(was: &Value, is: &Value, (from, to): (&SqlType, &SqlType)) -> bool {
    let texts = was.text(from).zip(is.text(to)).filter(|_| from.is_string() && to.is_string());
    texts.is_some_and(|(was, is)| was != is && was.starts_with(&is))
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
        State::DivisionByZero => Why::Recomputed,
        State::Untranslatable => Why::NotText,
        _ => Why::TypeClash,
    }
}

/// A column while it is watched.
struct Seen<'a, 'b> {
    crossing: &'b Crossing<'a>,
    was: usize,
    is: Option<usize>,
    base: &'b Vec<Value>,
    result: &'b Vec<Value>,
    crossed: Crossed<'a>,
    /// What values have become.
    pairs: Vec<(Value, Value)>,
}

impl<'a> Seen<'a, '_> {
    fn watch(&mut self, probe: &Probe) {
        if probe.is_generated(self.was) {
            return self.regenerated();
        }
        for value in probe.values(self.was) {
            match probe.play(&self.with(&value)) {
                None | Some(Err(SqlError::Unsupported(_)) | Ok(None)) => {}
                Some(Err(SqlError::Raised { state, .. })) => {
                    self.fails(&value, state);
                    let is_ordinary = matches!(value, Value::Int(2..=10_000));
                    let is_telling = state.code().starts_with("22") || state == State::Check;
                    let spoils = (is_ordinary && is_telling).then_some(state);
                    self.crossed.spoils = self.crossed.spoils.or(spoils);
                }
                Some(Ok(Some(after))) => {
                    self.touched(probe, &value);
                    self.becomes(value, &after);
                }
            }
        }
    }

    /// What a column that makes its own values has made of two rows, and makes of them now.
    fn regenerated(&mut self) {
        let Some(is) = self.is else { return };
        let rows = [Some((self.base, self.result)), self.crossing.other.as_ref().map(|(base, result)| (base, result))];
        let pairs = rows.into_iter().flatten().map(|(base, result)| (base[self.was].clone(), result[is].clone()));
        self.pairs.extend(pairs.filter(|(was, _)| !was.is_null()));
    }

    /// What hangs on the column in a row where the others are not what they usually are: a constant may be what is
    /// usual.
    fn touched(&mut self, probe: &Probe, value: &Value) {
        let Some((base, result)) = &self.crossing.other else { return };
        let mut row = base.clone();
        row[self.was] = value.clone();
        let Some(Ok(Some(after))) = probe.play(&row) else { return };
        let others = (0..after.len()).filter(|place| Some(*place) != self.is && after[*place] != result[*place]);
        self.crossed.touches |= others.filter_map(|place| self.crossing.slot_at(place)).collect();
    }

    /// The usual row with a value in the column.
    fn with(&self, value: &Value) -> Row {
        let mut row = self.base.clone();
        row[self.was] = value.clone();
        row
    }

    fn fails(&mut self, value: &Value, state: State) {
        let fate = Fate::error(reason(state), state);
        if value.is_null() {
            self.crossed.null = Some(Fate::error(Why::Null, state));
        } else if !self.crossed.fates.contains(&fate) {
            self.crossed.fates.push(fate);
        }
    }

    fn becomes(&mut self, value: Value, after: &[Value]) {
        let others = (0..after.len()).filter(|place| Some(*place) != self.is && after[*place] != self.result[*place]);
        self.crossed.touches |= others.filter_map(|place| self.crossing.slot_at(place)).collect();
        let Some(now) = self.is else { return };
        match (value.is_null(), after[now].is_null()) {
            (true, true) => {}
            (true, false) => {
                self.crossed.null = Some(Fate { effect: Effect::FallbackHard, why: Why::Backfilled, state: None });
            }
            (false, _) => self.pairs.push((value, after[now].clone())),
        }
    }

    fn types(&self) -> Option<(&'a Column, &'a Column)> {
        let (old, new) = self.crossing.departed().zip(self.crossing.arrived())?;
        Some((&old.columns[self.was], &new.columns[self.is?]))
    }

    /// What a value meets, whatever it is, where the usual row comes through only because it has none.
    fn told(self, probe: &Probe) -> Crossed<'a> {
        let is_null = self.base[self.was].is_null() && self.pairs.is_empty();
        let never = is_null.then(|| self.crossed.fates.first().copied()).flatten();
        let mut crossed = self.told_of_some(probe);
        if let Some(fate) = never {
            crossed.fates = vec![Fate { effect: Effect::ErrPresent, ..fate }];
        }
        crossed
    }

    fn told_of_some(mut self, probe: &Probe) -> Crossed<'a> {
        let stated = self.crossing.history.stated(self.crossing.from, self.crossed.field);
        let Some((old, new)) = self.types() else { return self.only(probe, stated, None) };
        let enums = &self.crossing.enums();
        let types = (&old.of, &new.of);
        if !self.pairs.is_empty() {
            self.crossed.becoming = becoming(&self.pairs, types, enums);
            self.crossed.is_emptied = self.pairs.iter().all(|(_, is)| is.is_null());
        }
        if self.crossed.becoming == Becoming::Same || self.crossing.history.stated.is_none() {
            self.crossed.spoils = None;
        }
        if self.crossed.becoming == Becoming::Same {
            let narrowed = self.pairs.iter().any(|(was, is)| old.of != new.of && !comes_back(was, is, types, enums));
            let known = if self.is_used(old, new) { Vec::new() } else { meeting::written(&old.of, &new.of) };
            // It comes through, so somebody has cast it.
            let known: Vec<Fate> = known.into_iter().filter(|fate| fate.effect != Effect::Fatal).collect();
            let rounded = known.iter().any(|fate| fate.effect == Effect::NarrowHard);
            let why = if old.of.is_string() { Why::Cut } else { Why::Rounded };
            let narrow = Fate { effect: Effect::NarrowHard, why, state: None };
            let fates = std::mem::take(&mut self.crossed.fates);
            self.crossed.fates.extend(known);
            self.crossed.fates.extend((narrowed && !rounded).then_some(narrow));
            for fate in fates {
                let is_known = self.crossed.fates.iter().any(|other| other.state == fate.state);
                self.crossed.fates.extend((!is_known).then_some(fate));
            }
        }
        self.only(probe, stated, Some(types))
    }

    /// What the stated values meet, where any are stated.
    fn only(mut self, probe: &Probe, stated: Option<Vec<Value>>, types: Option<(&SqlType, &SqlType)>) -> Crossed<'a> {
        let Some(stated) = stated else { return self.crossed };
        self.crossed.fates.clear();
        self.crossed.null_is_stated = stated.iter().any(Value::is_null);
        self.crossed.is_spared = self.is_spared(probe, &stated, types);
        for value in stated.iter().filter(|value| !value.is_null()) {
            let fate = match (probe.force(&self.with(value)), types, self.is) {
                (Some(Err(error)), ..) if self.crossing.arrived().is_some_and(|table| is_joint(table, &error)) => {
                    continue;
                }
                (Some(Err(SqlError::Raised { state, .. })), ..) => Fate::error(reason(state), state),
                (Some(Ok(Some(after))), Some(types), Some(is)) if self.crossed.becoming == Becoming::Same => {
                    let same = types.0 == types.1;
                    if !same && comes_back(value, &after[is], types, &self.crossing.enums()) || *value == after[is] {
                        continue;
                    }
                    let why = if same && types.0.is_string() { Why::Cut } else { Why::Rounded };
                    Fate { effect: Effect::NarrowHard, why, state: None }
                }
                // What is not judged of all values may be plain of this one.
                (Some(Ok(Some(after))), Some(types), Some(is)) if is_cut(value, &after[is], types) => {
                    Fate { effect: Effect::NarrowHard, why: Why::Cut, state: None }
                }
                (Some(Err(SqlError::Unsupported(what))), ..) => {
                    let shown = value.text(self.crossing.type_of(self.crossed.field)).unwrap_or_default();
                    let phrase = format!("whether {shown} in {} comes through: {what}", self.crossed.field.name);
                    self.crossed.undecided.push(phrase);
                    continue;
                }
                _ => continue,
            };
            self.crossed.fates.push(fate);
        }
        self.crossed
    }

    /// Whether all stated values are what they were, or multiples of that.
    fn is_spared(&self, probe: &Probe, stated: &[Value], types: Option<(&SqlType, &SqlType)>) -> bool {
        let Some((types, is)) = types.zip(self.is) else { return false };
        let mut values = stated.iter().filter(|value| !value.is_null()).peekable();
        let keeps = |value: &Value| {
            let Some(Ok(Some(after))) = probe.force(&self.with(value)) else { return false };
            match self.crossed.becoming {
                Becoming::Scaled { by, .. } => is_multiple(value, &after[is], by, types),
                Becoming::Replaced => types.0 == types.1 && *value == after[is],
                Becoming::Same | Becoming::Computed => false,
            }
        };
        values.peek().is_some() && values.all(keeps)
    }

    /// Whether its type changes by an expression that somebody has written.
    fn is_used(&self, old: &Column, new: &Column) -> bool {
        let used = |alteration: &Alteration| match alteration {
            Alteration::SetType(name, _, Some(_)) => *name == old.name || *name == new.name,
            _ => false,
        };
        let steps = lineage::named_steps(&self.crossing.state(self.crossing.from).table, self.crossing.steps);
        steps.iter().any(|(names, step)| match step {
            Step::AlterTable(table, alterations) => names.contains(table) && alterations.iter().any(used),
            _ => false,
        })
    }
}
