//! Recording what becomes of tables: migrations, statements that are refused, and versions that can no longer go on.

use super::motives::Matter;
use super::{EntryId, First, Happening, HowMisfit, Who};
use crate::fact::{Hazard, Passed, Written};
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::action::{Action, DataAction};
use model::data::Mask;
use model::id::{AccessId, FormatId, MigrationId, StoreId, VersionId};
use model::migration::{Unmigrated, Way};

impl World {
    /// Tells that a table is in another state, and which versions one may go back to cannot go on in it.
    pub(super) fn record_migration(&mut self, passed: Passed) {
        let Passed { migration, way, .. } = passed;
        let store = self.model.system.migration(migration).store;
        let mut because = self.behind_migrating(migration, way);
        because.extend(self.let_through(migration, way));
        because.sort_unstable();
        because.dedup();
        let what = Happening::Migrated(passed);
        let entry = self.chronicle.tell(self.now, Who::Runner, what, because);
        self.remember_moved(migration, way, entry);
        for (record, written, reader, hazard) in self.stranded(store) {
            let how = match hazard {
                Hazard::Misfit(misfit) => Some(HowMisfit::of(misfit)),
                Hazard::Loss(_) => None,
            };
            let slots = hazard.slots();
            let kind = self.stores[store.index()].kind_of(record.index);
            let reasons = how.map_or(vec![], |how| {
                self.reasons(store, reader, self.stores[store.index()].kinds.get(kind), (how, slots))
            });
            let what = Happening::Unsafe { record, written, reader, how, slots, reasons };
            self.chronicle.tell_first(First::Unsafe(store, reader, how), self.now, Who::Runner, what, vec![entry]);
        }
    }

    /// Tells of the first statement of a version that waits for the lock of a migration, before that has it and while
    /// it does.
    pub(super) fn record_wait(&mut self, id: AccessId) {
        let access = self.model.system.access(id);
        let (store, version) = (access.store, access.version);
        let Some((migration, passage)) = self.passage_of(store) else { return };
        let held = passage.is_locked(self.now);
        let because = self.order_to_migrate(migration, passage.way);
        let first = First::Waits(store, version, because.first().copied(), held);
        let what = Happening::Waits { access: id, migration, held };
        let order = because.first().copied();
        self.chronicle.tell_first(first, self.now, Who::Version(version), what, because);
        self.note_who_waits(version, order);
    }

    /// Tells that a table is in another state, before its rows are.
    pub(super) fn record_sweep(&mut self, migration: MigrationId, way: Way) {
        let because = self.behind_migrating(migration, way);
        let entry = self.chronicle.tell(self.now, Who::Runner, Happening::Sweeps { migration, way }, because);
        self.remember_moved(migration, way, entry);
    }

    /// That entry tells how a table has come into the state it is in; where its rows have followed since, an earlier
    /// one told of it.
    fn remember_moved(&mut self, id: MigrationId, way: Way, entry: EntryId) {
        let migration = self.model.system.migration(id);
        let (store, target) = (migration.store, migration.target(way));
        let before =
            self.chronicle.moved.insert(store, entry).map(|last| &self.chronicle.entries[last as usize - 1].what);
        let has_swept =
            matches!(before, Some(Happening::Sweeps { migration, way: own }) if (*migration, *own) == (id, way));
        if !has_swept {
            self.chronicle.arrived.insert((store, target), entry);
        }
    }

    /// The order, and what brought the table into the state that it starts from.
    fn behind_migrating(&self, migration: MigrationId, way: Way) -> Vec<EntryId> {
        let mut because = self.order_to_migrate(migration, way);
        because.extend(self.moved(self.model.system.migration(migration).store));
        because.sort_unstable();
        because
    }

    /// What brought in the versions that serve and whose new rows a migration passes, where it would be stopped by a
    /// row of the version before the run.
    fn let_through(&self, id: MigrationId, way: Way) -> Vec<EntryId> {
        let (system, migration) = (&self.model.system, self.model.system.migration(id));
        let from = migration.start(way);
        let Some(script) = migration.script(way) else { return vec![] };
        let stops = |version: VersionId| {
            let own = system.accesses.iter().filter(|own| (own.version, own.store) == (version, migration.store));
            own.flat_map(|own| own.new_rows(from)).any(|row| script.upgrade.row(&row, version).is_err())
        };
        let initial = |version: VersionId| system.service(system.version(version).service).initial;
        let serving = self.serving.iter().copied();
        let instead = serving.filter(|version| stops(initial(*version)) && !stops(*version));
        instead.flat_map(|version| self.brought(Some(version))).collect()
    }

    fn order_to_migrate(&self, migration: MigrationId, way: Way) -> Vec<EntryId> {
        let order = Action::Data(DataAction::Migrate(migration, way));
        self.last_order(|action| *action == order).into_iter().collect()
    }

    /// The versions one may go back to that would trip over a row of a table as it is, with the first such row.
    fn stranded(&self, store: StoreId) -> Vec<(RecordRef, Written, VersionId, Hazard)> {
        let mut found = Vec::new();
        for reader in self.versions_to_go_back_to() {
            let records = &self.stores[store.index()];
            let kinds = records.counted_kinds().into_iter();
            let first = kinds.filter_map(|(id, _)| {
                let kind = records.kinds.get(id);
                Some((id, Written { format: kind.format, by: kind.writer }, self.hazard(store, reader, kind)?))
            });
            if let Some((id, written, hazard)) = first.min_by_key(|(.., hazard)| hazard.rank()) {
                found.push((RecordRef { store, index: records.first_of(id) }, written, reader, hazard));
            }
        }
        found
    }

    /// Tells of the first row that a statement could not make, of its kind.
    pub(super) fn record_rejection(&mut self, id: AccessId, state: FormatId, slots: Mask) {
        let access = self.model.system.access(id);
        let (store, version) = (access.store, access.version);
        let matter = if access.reader().is_some() { Matter::Changes(store) } else { Matter::Makes(store) };
        let motives = self.motives(version, matter);
        let arrived = self.chronicle.arrived.get(&(store, state)).copied();
        let last = self.chronicle.what_brought(version).max(arrived).max(motives.last().copied());
        let first = First::Rejected(id, state, slots, last);
        if self.chronicle.firsts.contains_key(&first) {
            return;
        }
        let mut because = self.brought(Some(version));
        because.extend(self.moved(store));
        because.extend(motives);
        let what = Happening::Rejected { access: id, state, slots };
        let told = self.chronicle.tell_first(first, self.now, Who::Version(version), what, because);
        self.chronicle.tripped[version.index()] = Some(told);
    }

    /// Who wrote the first rows with values that stop a migration.
    pub(super) fn stopped_by(&self, migration: MigrationId, why: Unmigrated) -> Vec<EntryId> {
        let Unmigrated::Stopped(_, slots) = why else { return Vec::new() };
        self.chronicle.first_with(self.model.system.migration(migration).store, slots)
    }

    /// What brought a table into the state it is in.
    pub(super) fn moved(&self, store: StoreId) -> Option<EntryId> {
        self.chronicle.moved.get(&store).copied()
    }

    /// Whether a statement failed of what was told: of a row that misfits, or of a new one that was refused.
    pub(super) fn refuses(&self, first: &First, access: AccessId, state: FormatId) -> bool {
        let own = self.model.system.access(access);
        let makes_rows = own.written().is_some();
        if let First::Rejected(id, at, ..) = first {
            return (*id, *at) == (access, state);
        }
        let First::Misfits(store, version, written, how, ..) = first else { return false };
        !makes_rows
            && how.fails(*store).is_some()
            && (*store, *version, written.format) == (own.store, own.version, state)
    }
}
