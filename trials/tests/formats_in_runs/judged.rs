//! What a comparison says of one version reading what another one has written.

use super::run::Ran;
use model::data::{Comparison, Consequence, Effect, Field, Mask, Outcome, Row, Slot, Way, Why};
use model::id::FormatId;
use serde_json::Value as Json;

/// What the records and requests of a run have that is said.
#[derive(Clone, Debug)]
pub(crate) enum Stated {
    /// Nothing.
    Plain,
    /// This value in this field.
    Value { field: String, text: String, slot: Slot },
    /// Not this field.
    Without { field: String, slot: Slot },
}

/// One side writes, the other one reads and writes back.
pub(crate) struct Arrow<'a> {
    pub(crate) comparison: &'a Comparison,
    pub(crate) writer: usize,
    pub(crate) reader: usize,
}

impl Arrow<'_> {
    pub(crate) fn format(&self, side: usize) -> FormatId {
        FormatId::new(side)
    }

    pub(crate) fn slot(&self, name: &str) -> Option<Slot> {
        self.comparison.entity.slot(name)
    }

    pub(crate) fn name(&self, slot: Slot) -> String {
        self.comparison.entity.slot_name(slot).to_owned()
    }

    pub(crate) fn field(&self, side: usize, slot: Slot) -> Option<&Field> {
        self.comparison.entity.format(self.format(side)).field(slot)
    }

    fn ways<'r>(&self, row: &'r Row) -> [&'r Way; 2] {
        if self.writer == 0 {
            [&row.new_reads_old, &row.new_rewrites_old]
        } else {
            [&row.old_reads_new, &row.old_rewrites_new]
        }
    }

    fn row(&self, slot: Slot) -> Option<&Row> {
        self.comparison.rows.iter().find(|row| row.slot == Some(slot))
    }

    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        let ways = self.comparison.rows.iter().flat_map(|row| self.ways(row));
        ways.flat_map(|way| &way.consequences).map(|one| one.outcome).collect()
    }

    /// Of each field, the example of the worst that its values can meet.
    pub(crate) fn examples(&self) -> Vec<Stated> {
        self.comparison.rows.iter().filter_map(|row| self.example(row)).collect()
    }

    /// No value says that a key inside is missing.
    fn example(&self, row: &Row) -> Option<Stated> {
        let is_value = |one: &Consequence| of_values(one.finding.effect) && one.finding.why != Why::MayBeAbsent;
        let worst = self
            .ways(row)
            .into_iter()
            .find_map(|way| way.consequences.iter().find(|one| is_value(one) && one.outcome.is_harm()))?;
        let (slot, text) = (row.slot?, text_of(worst.example.as_ref().filter(|example| is_statable(example))?));
        Some(Stated::Value { field: self.name(slot), text, slot })
    }

    /// Fields that are left out at times, where that is harm.
    pub(crate) fn absent(&self) -> Vec<Stated> {
        let is_absence = |one: &Consequence| one.finding.effect == Effect::ErrAbsent;
        let rows = self.comparison.rows.iter().filter(|row| self.ways(row)[0].consequences.iter().any(is_absence));
        rows.filter_map(|row| row.slot).map(|slot| Stated::Without { field: self.name(slot), slot }).collect()
    }

    /// The examples of what only some values of a field meet, where that is harm.
    pub(crate) fn shown(&self) -> Vec<(Slot, String)> {
        let is_met = |one: &&Consequence| {
            of_values(one.finding.effect) && one.outcome.is_harm() && one.finding.why != Why::MayBeAbsent
        };
        let all = self.comparison.rows.iter().filter_map(|row| Some((row.slot?, row)));
        let shown = all.flat_map(|(slot, row)| {
            let consequences = self.ways(row).into_iter().flat_map(|way| &way.consequences).filter(is_met);
            consequences.filter_map(move |one| Some((slot, one.example.clone().filter(|value| is_statable(value))?)))
        });
        shown.collect()
    }

    /// Fields with null, where that is read and other values are not.
    pub(crate) fn spared(&self) -> Vec<Stated> {
        let is_spared = |one: &Consequence| one.finding.effect == Effect::ErrValue;
        let rows = self.comparison.rows.iter().filter(|row| self.ways(row)[0].consequences.iter().any(is_spared));
        let null = |slot| Stated::Value { field: self.name(slot), text: "null".to_owned(), slot };
        rows.filter_map(|row| row.slot).map(null).collect()
    }

    /// Whether some values of a field do harm that others do not.
    pub(crate) fn is_harmed_by_values(&self, slot: Slot) -> bool {
        let Some(row) = self.row(slot) else { return false };
        let all = self.ways(row).into_iter().flat_map(|way| &way.consequences);
        // Where it is left open which values do harm, a stated one may be among them.
        all.clone()
            .any(|one| of_values(one.finding.effect) && (one.outcome.is_harm() || one.finding.why.is_left_open()))
    }

    /// What comes of records and requests, by what is said of each field.
    pub(crate) fn told(&self, stated: &Stated) -> Ran {
        let mut told = Ran::default();
        for row in &self.comparison.rows {
            let [read, rewritten] = self.ways(row).map(|way| self.met(way, row.slot, stated));
            told.unreadable |= read.iter().any(|one| matches!(one, Outcome::Fails | Outcome::FailsForSome));
            told.misread |= read.iter().any(|one| is_misreading(*one)) || self.is_passed_over(row, stated);
            told.lost |= rewritten.contains(&Outcome::Lost);
            told.damaged |= rewritten.iter().any(|one| matches!(one, Outcome::Narrowed | Outcome::Replaced));
        }
        // What cannot be read is not misread, and stays as it is.
        if told.unreadable { Ran { unreadable: true, ..Ran::default() } } else { told }
    }

    /// Whether the reader has no field for a value of which somebody said that it matters.
    fn is_passed_over(&self, row: &Row, stated: &Stated) -> bool {
        match stated {
            Stated::Value { slot, .. } => row.slot == Some(*slot) && self.field(self.reader, *slot).is_none(),
            Stated::Plain | Stated::Without { .. } => false,
        }
    }

    /// What of a way is met.
    fn met(&self, way: &Way, slot: Option<Slot>, stated: &Stated) -> Vec<Outcome> {
        let is_met = |one: &&Consequence| is_met(one.finding.effect, slot, stated);
        let is_there = |slot: Slot| self.field(self.writer, slot).is_none() || self.written(stated).contains(slot);
        let met = way.consequences.iter().filter(|_| slot.is_none_or(is_there)).filter(is_met);
        met.map(|one| one.outcome).collect()
    }

    /// The fields that records have: of a oneof, one member.
    fn written(&self, stated: &Stated) -> Mask {
        let format = self.comparison.entity.format(self.format(self.writer));
        match stated {
            Stated::Value { slot, .. } => format.with((*slot).into()),
            Stated::Plain | Stated::Without { .. } => format.usual(),
        }
    }
}

/// Whether records meet an effect on a field.
fn is_met(effect: Effect, slot: Option<Slot>, stated: &Stated) -> bool {
    match stated {
        Stated::Value { slot: own, .. } if of_values(effect) => slot == Some(*own),
        Stated::Value { slot: own, text, .. } if effect == Effect::ErrValue => slot != Some(*own) || text != "null",
        Stated::Without { slot: own, .. } if slot == Some(*own) => {
            matches!(effect, Effect::ErrAbsent | Effect::Fatal | Effect::Default | Effect::DefaultAbsent)
        }
        Stated::Plain | Stated::Value { .. } | Stated::Without { .. } => {
            !of_values(effect) && !matches!(effect, Effect::ErrAbsent | Effect::DefaultAbsent)
        }
    }
}

fn is_misreading(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Misread | Outcome::Narrowed | Outcome::Replaced | Outcome::Missed)
}

/// Whether only some values meet it.
fn of_values(effect: Effect) -> bool {
    match effect {
        Effect::ErrHard
        | Effect::ErrNull
        | Effect::FallbackHard
        | Effect::DropHard
        | Effect::KeepHard
        | Effect::ForgetHard
        | Effect::NarrowHard
        | Effect::Behind
        | Effect::LieHard => true,
        Effect::Fatal
        | Effect::ErrPresent
        | Effect::ErrValue
        | Effect::ErrAbsent
        | Effect::ErrUnwritten
        | Effect::Default
        | Effect::DefaultAbsent
        | Effect::Drop
        | Effect::DropAndKeep
        | Effect::Rival { .. }
        | Effect::ErrRival { .. }
        | Effect::Narrow
        | Effect::Lie
        | Effect::LieAbsent
        | Effect::Clash(_)
        | Effect::UnitUnknown => false,
    }
}

/// Whether a scenario can state a value: numbers beyond what a 32-bit float holds are none of its.
fn is_statable(example: &str) -> bool {
    !example.contains("1e39")
}

/// An example as a scenario states it: a text without its quotes.
pub(crate) fn text_of(example: &str) -> String {
    match serde_json::from_str(example) {
        Ok(Json::String(text)) => text,
        Ok(_) | Err(_) => example.to_owned(),
    }
}
