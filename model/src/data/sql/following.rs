//! Columns that go with others: a migration has made the one of the other, and code has to keep them in step.
//!
//! *Decisions.* A statement that sets the one without the other leaves the other behind, and code that reads that alone
//! takes it for what is meant. So it is of columns that are [tied](super::ties). Of those of which nobody says whether
//! they are, it is not judged, until the original is dropped: then what was left behind is all there is. A column that
//! a migration adds goes with what a migration fills it from for as long as both are there, be it that it is not filled
//! yet. One that was there from the start has had a meaning of its own: it
//! goes with another one from the migration on that makes it a copy, or a multiple, of that. Of a copy or a multiple
//! the original is left behind in turn; of what is made otherwise, that is not judged. What a statement computes from
//! the other one is in step with it.

use super::expr::Expr;
use super::history::History;
use super::lineage::{self, Copied};
use super::met::Meeting;
use super::statement::Step;
use super::ties::{Link, Tie, matches_renamed, set_to};
use crate::data::{Effect, Finding, Format, Mask, Slot, Table, Why};
use crate::id::FormatId;

/// Two columns that go together: whoever sets the first one alone leaves the second one behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bond {
    pub(super) set: Slot,
    pub(super) left: Slot,
    /// Whether it is known that they go together.
    pub(super) is_sure: bool,
    /// Whether what is set is what the other one is made of.
    is_original: bool,
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
    /// Whether it is the other one.
    pub(super) is_plain: bool,
    pub(super) tie: Tie,
}

impl History {
    /// The columns of a state that go together, or may do so.
    pub(super) fn bonds(&self, state: FormatId) -> Vec<Bond> {
        let now = self.entity.format(state);
        let is_there = |slot: Slot| now.field(slot).is_some() && !self.is_generated(state, slot);
        let mut bonds = Vec::new();
        for &Link { migration, from, to, is_copy, tie, .. } in &self.links {
            let is_added = self.entity.formats[0].field(to).is_none();
            let is_due = is_added || is_copy && state.index() > migration;
            if tie == Tie::Apart || !is_there(from) || !is_there(to) || !is_due {
                continue;
            }
            let is_sure = tie == Tie::Bound;
            bonds.push(Bond { set: from, left: to, is_sure, is_original: true });
            bonds.push(Bond { set: to, left: from, is_sure: is_sure && is_copy, is_original: false });
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
        // Who drops the original has put the other one in its place.
        let loses = |bond: &Bond| (bond.is_sure || bond.is_original) && is_gone(bond.set);
        let loses = |slot: Slot| bonds.iter().filter(|bond| bond.left == slot).all(loses);
        left.into_iter().filter(|slot| has(*slot) && loses(*slot)).collect()
    }

    /// The columns that may be left behind and that generated ones among these are made of: who reads those, reads
    /// these.
    pub(super) fn told_by(&self, slots: Mask, state: FormatId) -> Mask {
        let generated: Mask = slots.into_iter().flat_map(|slot| self.generated_of(state, slot)).collect();
        self.links.iter().flat_map(|link| [link.from, link.to]).filter(|slot| generated.contains(*slot)).collect()
    }

    /// The columns of which rows may be left behind, or made anew, without anybody knowing whether that is wrong.
    fn adrift(&self) -> Mask {
        let is_known = |link: &&Link| link.tie == Tie::Bound && link.is_copy;
        self.links.iter().filter(|link| !is_known(link)).flat_map(|link| [link.from, link.to]).collect()
    }

    /// What a script makes of other columns, on its way from one state to another.
    pub(super) fn makings(&self, (from, to): (FormatId, FormatId), steps: &[Step]) -> Vec<Making> {
        let formats = [self.entity.format(to), self.entity.format(from)];
        let copied = lineage::copied(&self.states[from.index()].table, steps).into_iter();
        let tie = |from: Slot, to: Slot| {
            self.links.iter().find(|link| link.is_of(from, to)).map_or(Tie::Open, |link| link.tie)
        };
        let makings = copied.filter_map(|one| {
            let from = match &one.gone {
                Some(name) => slot(&formats[1..], name),
                None => slot(&formats, &one.from),
            };
            let (from, to) = from.zip(slot(&formats, &one.to)).filter(|(from, to)| from != to)?;
            let Copied { fills, is_copy, is_plain, .. } = one;
            Some(Making { from, to, fills, is_copy, is_plain, tie: tie(from, to) })
        });
        makings.collect()
    }
}

/// What is open about a column that may have been left behind, as a phrase.
#[must_use]
pub fn nobody_says(column: &str) -> String {
    format!("whether {column} is what was meant: nobody says if it goes with another column (`in_step:`)")
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

    /// Columns that may go together and that it sets otherwise than a migration has made the one of the other, a phrase
    /// each.
    pub(super) fn apart(&self, sets: Mask) -> Vec<String> {
        let (own, current) = self.formats();
        let entity = &self.history.entity;
        let told = self.history.links.iter().filter_map(|link| {
            let is_set = sets.contains(link.from) && sets.contains(link.to);
            let field = |slot| current.field(slot).or_else(|| own.field(slot));
            let (from, to) = field(link.from).zip(field(link.to))?;
            let name = &entity.formats[link.migration + 1].name;
            let phrase = format!("whether {}, which {name} makes of {}, fits it", to.name, from.name);
            (is_set && link.tie != Tie::Apart && !self.fits(link, (&from.name, &to.name))).then_some(phrase)
        });
        told.collect()
    }

    /// Whether what is set fits what a migration makes: the same to both, where it is the same, and else what the
    /// migration would make of it.
    fn fits(&self, link: &Link, (old, new): (&str, &str)) -> bool {
        let (own, _) = self.formats();
        let [from, to] = [old, new].map(|name| set_to(self.statement, own, name).flatten());
        let Some((from, to)) = from.zip(to) else { return false };
        let is_same = || matches_renamed(from, to, (old, new));
        let made = || link.made.as_ref().and_then(|made| self.remade(link, made));
        link.is_plain && is_same() || made().is_some_and(|made| self.is_alike(&made, to, new))
    }

    /// Whether two expressions come to the same in a column: as they are written, or as constants.
    fn is_alike(&self, one: &Expr, other: &Expr, name: &str) -> bool {
        let field = self.formats().0.fields.iter().find(|field| field.name == name);
        let constant = |expr: &Expr| self.history.constant(expr, self.own, field?);
        one.ordered() == other.ordered() || constant(one).is_some_and(|value| constant(other) == Some(value))
    }

    /// What a migration would make of what is set; `None` where it asks for a column that the code does not know.
    fn remade(&self, link: &Link, made: &Expr) -> Option<Expr> {
        let (own, _) = self.formats();
        let then = &self.history.entity.formats[link.migration + 1];
        let names = made.columns();
        let called = |name: &str| own.field(then.fields.iter().find(|field| field.name == name)?.slot);
        let is_known = names.iter().all(|name| called(name).is_some());
        let given = |name: &str| {
            let own_name = &called(name)?.name;
            let set = set_to(self.statement, own, own_name).flatten().cloned();
            Some(set.unwrap_or_else(|| Expr::Column(own_name.clone())))
        };
        is_known.then(|| made.over(&given))
    }

    /// What it looks at, with what that goes with or without.
    pub(super) fn in_step(&self, looked_at: Mask, decode: &mut Table) {
        let bonds = self.history.bonds(self.current);
        let (_, new) = self.formats();
        let adrift = self.history.adrift();
        let mut findings = Vec::new();
        for slot in looked_at {
            let left = || bonds.iter().filter(|bond| bond.left == slot);
            let others: Mask = left().map(|bond| bond.set).collect();
            if !(others & looked_at).is_empty() {
                decode.torn.insert(slot);
            } else if let Some(field) = others.first().and_then(|other| new.field(other))
                && left().all(|bond| bond.is_sure)
            {
                findings.push(Finding::new(slot, Effect::Behind, Why::LeftBehind, field.name.clone()));
            } else if adrift.contains(slot) {
                decode.adrift.insert(slot);
            }
        }
        decode.add(findings);
    }
}
