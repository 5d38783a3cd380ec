//! The way back of tables in that of a whole release: which migrations can be taken back, and when.
//!
//! In the mirror of the order each has its place already: a column that was added before the code that uses it goes
//! after that code, and one that was dropped after the code had ceased to use it comes back before older code does. Only
//! where code was deployed before the migration that it needs, the mirror would take the table from under it.

use super::mirror::About;
use super::paths::Path;
use crate::observers::statements::runs;
use crate::observers::story::Teller;
use crate::world::World;
use model::id::{MigrationId, ServiceId, StoreId};
use model::migration::{Unmigrated, Way};
use std::iter::successors;

impl World {
    /// The migrations that a table has been taken through, the last one first.
    pub(super) fn migrations_made(&self, store: StoreId) -> Vec<MigrationId> {
        let system = &self.model.system;
        let before = |state| system.migration_from(store, state, Way::Down);
        successors(before(self.control.schema(store)), |last| before(system.migration(*last).from)).collect()
    }

    /// The migration that cannot be taken back, so that this one cannot: itself, or one that came later.
    pub(super) fn keeps_up(&self, id: MigrationId) -> Option<MigrationId> {
        let system = &self.model.system;
        let made = self.migrations_made(system.migration(id).store).into_iter();
        let mut from_there = made.filter(|own| system.migration(*own).to >= system.migration(id).to);
        from_there.find(|own| system.migration(*own).script(Way::Down).is_none())
    }

    /// In words, that a table stays as a migration has made it, and why.
    pub(super) fn stays_up(&self, id: MigrationId) -> String {
        let (system, teller) = (&self.model.system, Teller(&self.model));
        let migration = system.migration(id);
        let why = self.keeps_up(id).map(|last| teller.unmigrated(last, Unmigrated::NoWayBack)).unwrap_or_default();
        format!("{} stays as {} made it: {why}", system.store(migration.store).name, migration.name)
    }

    /// Ways in their order, but that a migration is taken back only when the code has gone that needs it, and after
    /// those that came later.
    pub(super) fn with_tables_in_their_place(&self, ways: Vec<(About, Path)>) -> Vec<(About, Path)> {
        let system = &self.model.system;
        let mut placed: Vec<(usize, (About, Path))> = Vec::new();
        for (at, (about, _)) in ways.iter().enumerate() {
            let About::Migration(id) = *about else {
                placed.push((at, ways[at].clone()));
                continue;
            };
            let needs = |other: &About| matches!(other, About::Service(service) if self.needs(*service, id));
            let needed = ways.iter().rposition(|(other, _)| needs(other));
            let is_later = |other: &About| matches!(other, About::Migration(own) if system.migration(*own).store == system.migration(id).store);
            let later = placed.iter().filter(|(_, (other, _))| is_later(other)).map(|(place, _)| *place);
            let place = needed.into_iter().chain(later).max().unwrap_or(at).max(at);
            placed.push((place, ways[at].clone()));
        }
        placed.sort_by_key(|(place, (about, _))| (*place, matches!(about, About::Migration(_))));
        placed.into_iter().map(|(_, way)| way).collect()
    }

    /// Whether what a service is told to run has a statement that does nothing without a migration.
    fn needs(&self, service: ServiceId, id: MigrationId) -> bool {
        let (system, migration) = (&self.model.system, self.model.system.migration(id));
        let version = self.control.desired(service).version;
        let mut own = system.accesses.iter().filter(|own| own.version == version && own.store == migration.store);
        own.any(|access| !runs(access, migration.from) && runs(access, migration.to))
    }
}
