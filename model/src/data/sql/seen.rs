//! A column of a row that a script is played on: what becomes of its values, and what stops them.

use super::becoming::{Becoming, becoming, comes_back, is_multiple};
use super::crossing::{Crossed, Crossing, reason};
use super::meeting::{self, Fate};
use super::open_questions::is_joint;
use super::probe::Probe;
use super::schema::{Column, Constraint, Row};
use super::statement::{Alteration, Step};
use super::{SqlError, SqlType, State, Value, lineage, rules};
use crate::data::{Effect, Why};

/// A column while it is watched.
pub(super) struct Seen<'a, 'b> {
    pub(super) crossing: &'b Crossing<'a>,
    pub(super) was: usize,
    pub(super) is: Option<usize>,
    pub(super) base: &'b Row,
    /// What has become of the usual row; nothing where it is gone.
    pub(super) result: &'b [Value],
    pub(super) crossed: Crossed<'a>,
    /// What values have become.
    pub(super) pairs: Vec<(Value, Value)>,
    /// What stops ordinary values for what is made of them in other columns.
    pub(super) stops_others: Option<State>,
}

impl<'a> Seen<'a, '_> {
    pub(super) fn watch(&mut self, probe: &Probe) {
        if probe.is_generated(self.was) {
            return self.regenerated();
        }
        for value in probe.values(self.was) {
            match probe.play(&self.with(&value)) {
                None | Some(Err(SqlError::Unsupported(_)) | Ok(None)) => {}
                Some(Err(error @ SqlError::Raised { state, .. })) => {
                    self.fails(&value, state);
                    self.blame(&error);
                    let is_ordinary = matches!(value, Value::Int(2..=10_000));
                    let is_telling = state.is_of_data() || state == State::Check;
                    let spoils = (is_ordinary && is_telling).then_some(state);
                    self.crossed.spoils = self.crossed.spoils.or(spoils);
                    let others = spoils.filter(|_| self.is_of_others(&error));
                    self.stops_others = self.stops_others.or(others);
                }
                // Which rows are gone, hangs on what is in them.
                Some(Ok(Some(_))) if self.result.is_empty() => {}
                Some(Ok(Some(after))) => {
                    self.touched(probe, &value);
                    self.becomes(value, &after);
                }
            }
        }
    }

    /// Whether an error is about another column: a rule that was there, or what its own type does not show.
    fn is_of_others(&self, error: &SqlError) -> bool {
        let Some(name) = rules::behind(error) else {
            return self.types().is_none_or(|(old, new)| old.of == new.of);
        };
        let (Some(old), Some(new)) = (self.crossing.departed(), self.crossing.arrived()) else { return false };
        let is_own = |rule: &Constraint| old.places(&rule.rule.columns()).contains(&self.was);
        // Of a rule that comes with the script, and stays, the rule is told.
        old.constraint(name).map_or(new.constraint(name).is_none(), |rule| !is_own(rule))
    }

    /// What a column that makes its own values has made of two rows, and makes of them now.
    fn regenerated(&mut self) {
        let Some(is) = self.is else { return };
        if self.result.is_empty() {
            return;
        }
        let other = self.crossing.other.as_ref().map(|(base, result)| (base, result.as_slice()));
        let rows = [Some((self.base, self.result)), other];
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

    /// Remembers which rule has stopped a value.
    fn blame(&mut self, error: &SqlError) {
        let Some((state, rule)) = error.state().zip(rules::behind(error)) else { return };
        if self.crossed.rules.iter().all(|(other, _)| *other != state) {
            self.crossed.rules.push((state, rule.to_owned()));
        }
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

    /// What values meet before the rows are gone.
    pub(super) fn told_of_gone(self, probe: &Probe) -> Crossed<'a> {
        let stated = self.crossing.history.stated(self.crossing.from, self.crossed.field);
        self.only(probe, stated, None)
    }

    /// What a value meets, whatever it is, where the usual row comes through only because it has none.
    pub(super) fn told(self, probe: &Probe) -> Crossed<'a> {
        let is_null = self.base[self.was].is_null() && self.pairs.is_empty();
        let never = is_null.then(|| self.crossed.fates.first().copied()).flatten();
        let mut crossed = self.told_of_some(probe);
        if let Some(fate) = never {
            // What a stated value meets, if one does, is what is met.
            let own = crossed.fates.iter().find(|own| own.state.is_some()).copied().unwrap_or(fate);
            crossed.fates = vec![Fate { effect: Effect::ErrPresent, ..own }];
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
        let is_same = self.crossed.becoming == Becoming::Same;
        self.crossed.spoils_others = self.stops_others.filter(|_| is_same && self.crossing.history.stated.is_some());
        if is_same || self.crossing.history.stated.is_none() {
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
                (Some(Err(error)), ..) if self.crossing.arrived().is_some_and(|table| is_joint(table, &error, &[])) => {
                    continue;
                }
                (Some(Err(error @ SqlError::Raised { state, .. })), ..) => {
                    self.blame(&error);
                    Fate::error(reason(state), state)
                }
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

/// Whether of a text only the beginning is left.
fn is_cut(was: &Value, is: &Value, (from, to): (&SqlType, &SqlType)) -> bool {
    let texts = was.text(from).zip(is.text(to)).filter(|_| from.is_string() && to.is_string());
    texts.is_some_and(|(was, is)| was != is && was.starts_with(&is))
}
