//! Why records are as they are: who set what is in them, who put them into their format, or whose order it was.
//!
//! A version that writes a record back is its last writer, and need not have set a single field: under whose meaning
//! each was set, the stamps say.

use super::motives::Matter;
use super::{Entry, EntryId, Happening};
use crate::fact::Written;
use crate::world::World;
use model::System;
use model::access::{Access, Verb};
use model::action::{Action, DataAction};
use model::data::{self, Kind, Mask, Read};
use model::id::{ConversionId, FormatId, StoreId, VersionId};
use std::collections::BTreeSet;

/// Who meets a record, and on which of its fields that goes wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encounter {
    pub(crate) store: StoreId,
    pub(crate) reader: VersionId,
    pub(crate) slots: Mask,
}

impl World {
    /// The first records in which fields were set like this, and put into such a format; or the repair that does so.
    /// None for values that a migration has put there.
    pub(crate) fn because_of_writers(&self, kind: &Kind, met: Encounter) -> Vec<EntryId> {
        let writers = self.writers_of(kind, met).into_iter();
        let writers = writers.filter(|(own, _)| !self.sets_as_others(*own, met));
        let first: BTreeSet<_> = writers.flat_map(|(own, slots)| self.first_written(met.store, own, slots)).collect();
        first.into_iter().collect()
    }

    /// The last change by which somebody has come to write like that, and has served since.
    pub(super) fn last_written(&self, kind: &Kind, met: Encounter) -> Option<EntryId> {
        let writers = self.writers_of(kind, met).into_iter();
        let since =
            |own: Written| self.chronicle.back[own.by.index()].max(self.why_written(met.store, own).last().copied());
        writers.filter_map(|(own, _)| since(own)).max()
    }

    /// What has a version write like that at all.
    fn why_written(&self, store: StoreId, written: Written) -> BTreeSet<EntryId> {
        self.why_done(written.by, Matter::Writes(store, written.format))
    }

    /// Who set the fields of a record on which it goes wrong, and under which format; and who put it into its own.
    fn writers_of(&self, kind: &Kind, met: Encounter) -> Vec<(Written, Mask)> {
        let mut all = self.who_left_behind(kind, met);
        if self.is_migrated(kind, met) || !all.is_empty() && met.slots.is_subset(kind.stale) {
            return all;
        }
        let (system, mut left) = (&self.model.system, met.slots);
        for (format, slots) in strange_slots(system, kind, met) {
            let as_set = went_wrong(system, &Kind { format, ..*kind }, met) & slots;
            left -= as_set;
            let set = as_set | (slots & kind.hard);
            all.extend(self.setters(met.store, format, set).into_iter().map(|by| (Written { format, by }, set)));
        }
        if met.slots.is_empty() || !left.is_empty() {
            all.push((Written { format: kind.format, by: kind.writer }, left));
        }
        all
    }

    /// Who left columns behind on which it goes wrong, as the others with which they go together were set: its last
    /// writer, if that does; else any that has served.
    fn who_left_behind(&self, kind: &Kind, met: Encounter) -> Vec<(Written, Mask)> {
        let behind = met.slots & kind.stale;
        if behind.is_empty() || !self.model.system.store(met.store).is_table() {
            return vec![];
        }
        let leaves = |access: &&Access| !(leaves_behind(access, kind.format) & behind).is_empty();
        let own = self.model.system.accesses.iter().filter(|access| access.store == met.store);
        let all: BTreeSet<VersionId> = own.filter(leaves).map(|access| access.version).collect();
        let last = all.get(&kind.writer).copied();
        let by =
            last.map_or_else(|| all.into_iter().filter(|by| self.served.contains(by)).collect(), |last| vec![last]);
        by.into_iter().map(|by| (Written { format: kind.format, by }, behind)).collect()
    }

    /// Who has left columns of a table behind, where a migration has made of some of these what was not meant: the
    /// first rows that they wrote in each state in which they do.
    pub(crate) fn made_final(&self, store: StoreId, slots: Mask) -> BTreeSet<EntryId> {
        let damages = |entry: &Entry| {
            let Happening::Migrated(passed) = &entry.what else { return false };
            let own = self.model.system.migration(passed.migration).store == store;
            own && !(passed.damaged & slots).is_empty()
        };
        if !self.chronicle.entries.iter().any(damages) {
            return BTreeSet::new();
        }
        let states: Vec<_> = self.model.system.store(store).entity.format_ids().collect();
        let own = self.model.system.accesses.iter();
        let own = own.filter(|access| access.store == store && self.served.contains(&access.version));
        let left = own.flat_map(|access| {
            let leaves = |state: &&FormatId| !leaves_behind(access, **state).is_empty();
            states.iter().filter(leaves).map(|state| Written { format: *state, by: access.version })
        });
        let written = left.filter(|own| !self.chronicle.first_written(store, *own, Mask::EMPTY).is_empty());
        written.flat_map(|own| self.first_written(store, own, Mask::EMPTY)).collect()
    }

    /// Who set values of a record that not every format has, where that was not its last writer.
    pub(super) fn first_set_hard(&self, kind: &Kind, store: StoreId) -> BTreeSet<EntryId> {
        let met = Encounter { store, reader: kind.writer, slots: kind.hard };
        let strange = strange_slots(&self.model.system, kind, met).into_iter();
        let set = strange.flat_map(|(format, slots)| {
            let setters = self.setters(store, format, slots).into_iter();
            setters.flat_map(move |by| self.first_written(store, Written { format, by }, slots))
        });
        set.collect()
    }

    /// The first records written that way, else the repair that writes them; and what has had their writer write so
    /// again since.
    fn first_written(&self, store: StoreId, written: Written, slots: Mask) -> Vec<EntryId> {
        let mut first = self.chronicle.first_written(store, written, slots);
        if first.is_empty() {
            first = self.repairs_to(store, written);
        }
        let last = first.iter().max().copied();
        let again = self.why_written(store, written).into_iter().chain(self.chronicle.returned[written.by.index()]);
        first.extend(again.filter(|again| Some(*again) > last));
        first
    }

    /// The versions that set some of these fields under a format.
    fn setters(&self, store: StoreId, format: FormatId, slots: Mask) -> BTreeSet<VersionId> {
        if slots.is_empty() {
            return BTreeSet::new();
        }
        let accesses = self.model.system.accesses.iter().filter(|access| access.store == store);
        let setters =
            accesses.filter(|access| !(sets_under(access, format) & slots).is_empty()).map(|access| access.version);
        let repairs = self.model.system.conversions.iter().filter(|one| (one.store, one.rule.to) == (store, format));
        setters.chain(repairs.map(|one| one.version)).collect()
    }

    /// Whether each other version of its service that has served reads these fields, too: what is left of a value is
    /// all that anybody gets.
    pub(super) fn is_read_by_all(&self, store: StoreId, slots: Mask, version: VersionId) -> bool {
        let system = &self.model.system;
        let reads = |other: &VersionId| {
            let own = system.accesses.iter().filter(|one| (one.version, one.store) == (*other, store));
            let known = own.filter_map(Access::reader).map(|read| read.decode[read.schema].known);
            let all = known.fold(Mask::EMPTY, |all, known| all | known);
            slots.is_subset(all)
        };
        let versions = system.service(system.version(version).service).versions.iter();
        versions.filter(|other| **other != version && self.served.contains(other)).all(reads)
    }

    /// The orders of repairs by which a version has come to write a format.
    pub(super) fn repairs_to(&self, store: StoreId, written: Written) -> Vec<EntryId> {
        let conversions = self.model.system.conversions.iter().zip((0..).map(ConversionId::new));
        let own = conversions.filter(|(one, _)| one.store == store);
        let own = own.filter(|(one, _)| (one.rule.to, one.version) == (written.format, written.by));
        own.filter_map(|(_, id)| self.last_order(|action| *action == Action::Data(DataAction::Repair(id)))).collect()
    }

    /// Whether what a row has in some columns means what its last writer never says: a migration has made it that. So
    /// it is where a statement fails as a whole, too: of the state, and of no row.
    fn is_migrated(&self, kind: &Kind, met: Encounter) -> bool {
        let system = &self.model.system;
        if !system.store(met.store).is_table() {
            return false;
        }
        let own = system.accesses.iter().filter(|one| (one.store, one.version) == (met.store, kind.writer));
        let meant: BTreeSet<FormatId> = own.filter_map(meaning).collect();
        met.slots.is_empty() || meant.into_iter().all(|format| kind.stamps.with(format, met.slots).is_empty())
    }
}

/// Of the fields on which it goes wrong, those that a record's last writer did not set, by the format under which they
/// were. A statement sets columns under the meaning of the state it was written for, whatever state the row is in: of
/// rows nothing is told apart.
fn strange_slots(system: &System, kind: &Kind, met: Encounter) -> Vec<(FormatId, Mask)> {
    if system.store(met.store).is_table() {
        return vec![];
    }
    let formats = system.store(met.store).entity.format_ids();
    let set = formats.map(|format| (format, kind.stamps.with(format, met.slots) - kind.unset));
    let strange = set.map(|(format, slots)| {
        let own = if format == kind.format { set_by(system, kind.writer, met.store, format) } else { Mask::EMPTY };
        (format, slots - own)
    });
    strange.filter(|(_, slots)| !slots.is_empty()).collect()
}

/// The formats other than a record's own under which some of its fields were set.
pub(super) fn other_formats(kind: &Kind, slots: Mask) -> Vec<FormatId> {
    let strange = (kind.stamps.slots() & slots) - kind.stamps.with(kind.format, slots);
    strange.into_iter().filter_map(|slot| kind.stamps.of_slot(slot)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The fields that a version sets under a format.
fn set_by(system: &System, version: VersionId, store: StoreId, format: FormatId) -> Mask {
    let own = system.accesses.iter().filter(|access| (access.version, access.store) == (version, store));
    own.fold(Mask::EMPTY, |all, access| all | sets_under(access, format))
}

/// The fields that an access sets under a format.
fn sets_under(access: &Access, format: FormatId) -> Mask {
    match &access.verb {
        Verb::Create(create) if create.format == format => {
            create.present.iter().fold(Mask::EMPTY, |all, own| all | *own)
        }
        Verb::Rewrite(rewrite) if rewrite.target.contains(&format) => rewrite.touch.sets,
        Verb::Create(_) | Verb::Rewrite(_) | Verb::Read(_) | Verb::Insert(_) | Verb::Update(_) => Mask::EMPTY,
    }
}

/// The columns that a statement leaves behind in a state of the table.
fn leaves_behind(access: &Access, state: FormatId) -> Mask {
    match &access.verb {
        Verb::Insert(insert) => insert.met[state.index()].left_behind(),
        Verb::Update(update) => update.met[state.index()].left_behind(),
        Verb::Create(_) | Verb::Rewrite(_) | Verb::Read(_) => Mask::EMPTY,
    }
}

/// The fields of a record of which a version gets something else than was written, or which it cannot read.
fn went_wrong(system: &System, kind: &Kind, met: Encounter) -> Mask {
    let accesses = system.accesses.iter().filter(|access| (access.version, access.store) == (met.reader, met.store));
    let reads = accesses.filter_map(Access::reader).map(|read| data::read(kind, &read.decode.table(kind)));
    reads.fold(Mask::EMPTY, |all, read| all | wrong_in(&read))
}

fn wrong_in(read: &Read) -> Mask {
    let refused = read.error.map_or(Mask::EMPTY, |refusal| refusal.slots);
    refused | read.not_as_meant() | read.defaulted | read.invisible | read.forgotten
}

/// The state for which the statement of a version was written, if it gives values to rows.
fn meaning(access: &Access) -> Option<FormatId> {
    match &access.verb {
        Verb::Insert(insert) => Some(insert.schema),
        Verb::Update(update) => Some(update.read.schema),
        Verb::Create(_) | Verb::Read(_) | Verb::Rewrite(_) => None,
    }
}
