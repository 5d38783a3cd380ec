//! Columns that go with others: a migration has made the one of the other, and code has to keep them in step.
//!
//! *Decisions.* A statement that sets the one without the other leaves the other behind, and code that reads that alone
//! takes it for what is meant. A column that a migration adds goes with what a migration fills it from for as long as
//! both are there, be it that it is not filled yet. One that was there from the start has had a meaning of its own: it
//! goes with another one from the migration on that makes it a copy, or a multiple, of that. Of a copy or a multiple
//! the original is left behind in turn. What a statement computes from the other one is in step with it.

use super::expr::Expr;
use super::history::History;
use super::lineage;
use super::met::Meeting;
use super::statement::{Insert, Source, Statement, Step};
use crate::data::{Effect, Finding, Format, Mask, Slot, Table, Why};
use crate::id::FormatId;

/// Two columns that go together: whoever sets the first one alone leaves the second one behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bond {
    pub(super) set: Slot,
    pub(super) left: Slot,
}

/// A column that a script makes of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Making {
    pub(super) from: Slot,
    pub(super) to: Slot,
    /// Whether it is made where there is nothing, and only there.
    pub(super) fills: bool,
    /// Whether it is the other one, or a multiple of it.
    pub(super) is_copy: bool,
}

impl History {
    /// The columns of a state that go together.
    pub(super) fn bonds(&self, state: FormatId) -> Vec<Bond> {
        let now = self.entity.format(state);
        let is_there = |slot: Slot| now.field(slot).is_some() && !self.is_generated(state, slot);
        let mut bonds = Vec::new();
        for (index, steps) in self.migrations.iter().enumerate() {
            let then = [&self.entity.formats[index + 1]];
            for one in lineage::copied(&self.states[index].table, steps) {
                let slots = slot(&then, &one.from).zip(slot(&then, &one.to));
                let Some((from, to)) = slots.filter(|(from, to)| from != to) else { continue };
                let is_added = self.entity.formats[0].field(to).is_none();
                if !is_there(from) || !is_there(to) || !is_added && (!one.is_copy || state.index() <= index) {
                    continue;
                }
                bonds.push(Bond { set: from, left: to });
                bonds.extend(one.is_copy.then_some(Bond { set: to, left: from }));
            }
        }
        bonds
    }

    /// The columns that a passage leaves without those that they go with: what was left behind there is all there is.
    pub(super) fn orphans(&self, (from, to): (FormatId, FormatId)) -> Mask {
        let [before, after] = [from, to].map(|state| self.entity.format(state));
        let bonds = self.bonds(from);
        let is_gone = |slot: Slot| after.field(slot).is_none();
        let left = before.slots() & after.slots();
        let has = |slot: Slot| bonds.iter().any(|bond| bond.left == slot);
        let loses = |slot: Slot| bonds.iter().filter(|bond| bond.left == slot).all(|bond| is_gone(bond.set));
        left.into_iter().filter(|slot| has(*slot) && loses(*slot)).collect()
    }

    /// What a script makes of other columns, on its way from one state to another.
    pub(super) fn makings(&self, (from, to): (FormatId, FormatId), steps: &[Step]) -> Vec<Making> {
        let formats = [self.entity.format(to), self.entity.format(from)];
        let copied = lineage::copied(&self.states[from.index()].table, steps).into_iter();
        let makings = copied.filter_map(|one| {
            let (from, to) = slot(&formats, &one.from).zip(slot(&formats, &one.to))?;
            Some(Making { from, to, fills: one.fills, is_copy: one.is_copy })
        });
        makings.collect()
    }
}

fn slot(formats: &[&Format], name: &str) -> Option<Slot> {
    formats.iter().find_map(|format| format.fields.iter().find(|field| field.name == name)).map(|field| field.slot)
}

impl Meeting<'_> {
    /// What it leaves behind when it sets slots, each computed from others.
    pub(super) fn leaves_behind(&self, sets: Mask, sources: &[(Slot, Mask)]) -> Mask {
        let is_made_of =
            |slot: Slot, other: Slot| sources.iter().any(|(own, from)| *own == slot && from.contains(other));
        let bonds = self.history.bonds(self.current).into_iter();
        let left = bonds.filter(|bond| sets.contains(bond.set) && !sets.contains(bond.left));
        left.filter(|bond| !is_made_of(bond.set, bond.left)).map(|bond| bond.left).collect()
    }

    /// Columns that go together and that it sets otherwise than a migration has made the one of the other, a phrase
    /// each.
    pub(super) fn apart(&self, sets: Mask) -> Vec<String> {
        let formats = [self.history.entity.format(self.current), self.history.entity.format(self.own)];
        let told = self.history.migrations.iter().enumerate().flat_map(|(index, steps)| {
            let name = &self.history.entity.formats[index + 1].name;
            let copied = lineage::copied(&self.history.states[index].table, steps).into_iter();
            copied.filter_map(move |one| {
                let (from, to) = slot(&formats, &one.from).zip(slot(&formats, &one.to))?;
                let is_set = one.is_copy && sets.contains(from) && sets.contains(to);
                let phrase = format!("whether {}, which {name} makes of {}, fits it", one.to, one.from);
                (is_set && !self.fits(&one)).then_some(phrase)
            })
        });
        told.collect()
    }

    /// Whether what is set fits what a migration makes: the same to both, where it is the same; the one made of the
    /// other.
    fn fits(&self, one: &lineage::Copied) -> bool {
        let [from, to] = [&one.from, &one.to].map(|name| self.set_to(name));
        let names = |expr: &Expr, other: &str| expr.columns().contains(&other);
        match (from, to) {
            (Some(from), Some(to)) if names(from, &one.to) || names(to, &one.from) => true,
            (Some(from), Some(to)) => (from == to) == one.is_plain,
            (None, _) | (_, None) => false,
        }
    }

    /// What it sets a column to, unless that is a default.
    fn set_to(&self, name: &str) -> Option<&Expr> {
        match self.statement {
            Statement::Update(update) => update.sets.iter().find(|(own, _)| own == name)?.1.as_ref(),
            Statement::Insert(Insert { columns: Some(columns), source: Source::Rows(rows), .. }) => {
                let place = columns.iter().position(|own| own == name)?;
                rows.first()?.get(place)?.as_ref()
            }
            Statement::Insert(_) | Statement::Select(_) | Statement::Delete(_) => None,
        }
    }

    /// What it looks at, with what that goes with or without.
    pub(super) fn in_step(&self, looked_at: Mask, decode: &mut Table) {
        let bonds = self.history.bonds(self.current);
        let (_, new) = self.formats();
        let mut findings = Vec::new();
        for slot in looked_at {
            let others: Mask = bonds.iter().filter(|bond| bond.left == slot).map(|bond| bond.set).collect();
            if !(others & looked_at).is_empty() {
                decode.torn.insert(slot);
            } else if let Some(field) = others.first().and_then(|other| new.field(other)) {
                findings.push(Finding::new(slot, Effect::Behind, Why::LeftBehind, field.name.clone()));
            }
        }
        decode.add(findings);
    }
}
