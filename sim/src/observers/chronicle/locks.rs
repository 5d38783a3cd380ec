//! Whom the lock of a migration holds up: those on whose way a statement is that waits for it. Those who wait hold no
//! worker.

use super::{Entry, EntryId, Happening};
use crate::plant::migrations::conflicts;
use crate::world::World;
use model::access::Access;
use model::action::{Action, DataAction};
use model::id::{EndpointId, MigrationId, VersionId};
use model::migration::Way;
use std::collections::BTreeSet;

impl World {
    /// A statement of a version waits, as that entry tells: from now on the order bears on how busy its service is.
    pub(super) fn note_who_waits(&mut self, version: VersionId, order: Option<EntryId>) {
        let service = self.model.system.version(version).service;
        let last = self.chronicle.afflicted.get(&service).copied().max(order);
        self.chronicle.afflicted.extend(last.map(|last| (service, last)));
    }

    /// The orders of migrations under way for whose locks something on the way of an endpoint's requests waits.
    pub(super) fn locks_behind(&self, endpoint: EndpointId) -> Vec<EntryId> {
        if self.control.migrating.is_empty() {
            return vec![];
        }
        let own = |entry: &&Entry| self.keeps_waiting(entry, endpoint);
        let waits: BTreeSet<EntryId> =
            self.chronicle.entries.iter().filter(own).flat_map(|entry| entry.because.iter().copied()).collect();
        let under_way = |action: &Action, id: MigrationId| match action {
            Action::Data(DataAction::Migrate(migration, _)) => *migration == id,
            _ => false,
        };
        let migrating = self.control.migrating.iter().copied();
        let orders = migrating.filter_map(|id| self.last_order(|action| under_way(action, id)));
        orders.filter(|order| waits.contains(order)).collect()
    }

    /// Whether an entry tells of a statement that waits for a lock, and the answers of an endpoint get late by that.
    pub(crate) fn keeps_waiting(&self, entry: &Entry, endpoint: EndpointId) -> bool {
        let Happening::Waits { migration, .. } = &entry.what else { return false };
        let ways = entry.because.iter().filter_map(|order| self.way_ordered(*order));
        let mut locks = ways.filter_map(|way| self.model.system.migration(*migration).script(way)?.lock);
        let store = self.model.system.migration(*migration).store;
        locks.any(|lock| self.said_for(endpoint).any(|own| own.store == store && conflicts(lock, &own.verb)))
    }

    /// Which way a migration was ordered to go.
    fn way_ordered(&self, order: EntryId) -> Option<Way> {
        match self.chronicle.entries[order as usize - 1].what {
            Happening::Commanded(Action::Data(DataAction::Migrate(_, way)), _) => Some(way),
            _ => None,
        }
    }

    /// What versions that have served do with records for requests of an endpoint, and for those that they make of it.
    fn said_for(&self, endpoint: EndpointId) -> impl Iterator<Item = &Access> {
        let system = &self.model.system;
        let (mut behind, mut next) = (vec![endpoint], 0);
        let mut accesses = BTreeSet::new();
        while let Some(asked) = behind.get(next).copied() {
            next += 1;
            let versions = system.service(system.endpoint(asked).service).versions.iter();
            for version in versions.filter(|version| self.served.contains(version)) {
                let program = system.program(*version, asked);
                accesses.extend(program.gates.iter().map(|gate| gate.access));
                let called = program.ops.iter().flat_map(|op| program.calls_of(op));
                let new: BTreeSet<_> = called.map(|call| call.endpoint).collect();
                let new: Vec<_> = new.into_iter().filter(|own| !behind.contains(own)).collect();
                behind.extend(new);
            }
        }
        accesses.into_iter().map(|access| system.access(access))
    }
}
