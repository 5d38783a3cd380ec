//! The way back of tables in that of a whole release: which migrations can be taken back, and when.
//!
//! In the mirror of the order each has its place already: a column that was added before the code that uses it goes
//! after that code, and one that was dropped after the code had ceased to use it comes back before older code does.
//! Only where code was deployed before the migration that it needs, the mirror would take the table from under it.

use super::mirror::About;
use super::paths::Path;
use crate::observers::statements::runs;
use crate::observers::story::Teller;
use crate::world::World;
use model::action::{Action, DataAction};
use model::id::{MigrationId, StoreId};
use model::migration::{Unmigrated, Way};
use std::iter::successors;

impl World {
    /// The migrations that a table has been taken through, the last one first.
    pub(super) fn migrations_made(&self, store: StoreId) -> Vec<MigrationId> {
        let system = &self.model.system;
        let before = |state| system.migration_from(store, state, Way::Down);
        successors(before(self.control.schema(store)), |last| before(system.migration(*last).from)).collect()
    }

    /// In words, why a migration cannot be taken back now: what goes on at its table, or that it, or one that came
    /// later, has no way back.
    pub(super) fn keeps_up(&self, id: MigrationId) -> Option<String> {
        let (system, teller) = (&self.model.system, Teller(&self.model));
        let made = self.migrations_made(system.migration(id).store);
        let last = Action::Data(DataAction::Migrate(*made.first()?, Way::Down));
        if let Err(refusal) = self.attempt_action(&last) {
            return Some(teller.refusal(&refusal));
        }
        let mut from_there = made.into_iter().filter(|own| system.migration(*own).to >= system.migration(id).to);
        let stays = from_there.find(|own| system.migration(*own).script(Way::Down).is_none())?;
        Some(teller.unmigrated(stays, Unmigrated::NoWayBack))
    }

    /// In words, that a table stays as a migration has made it, and why.
    pub(super) fn stays_up(&self, id: MigrationId) -> String {
        let migration = self.model.system.migration(id);
        let (store, why) = (&self.model.system.store(migration.store).name, self.keeps_up(id).unwrap_or_default());
        format!("{store} stays as {} made it: {why}", migration.name)
    }

    /// Ways in their order, but that a migration is taken back only when the code has gone that needs it, and after
    /// those that came later.
    pub(super) fn with_tables_in_their_place(&self, ways: Vec<(About, Path)>) -> Vec<(About, Path)> {
        let mut placed: Vec<(usize, (About, Path))> = Vec::new();
        for (at, way) in ways.iter().enumerate() {
            let place = match way.0 {
                About::Migration(id) => {
                    let needed = ways.iter().rposition(|(other, _)| self.needs(*other, id));
                    let later = placed.iter().filter(|(_, (other, _))| self.is_of_same_table(*other, id));
                    needed.into_iter().chain(later.map(|(place, _)| *place)).fold(at, usize::max)
                }
                About::Service(_) | About::Flag(_) | About::Config(_) => at,
            };
            placed.push((place, way.clone()));
        }
        placed.sort_by_key(|(place, (about, _))| (*place, matches!(about, About::Migration(_))));
        placed.into_iter().map(|(_, way)| way).collect()
    }

    fn is_of_same_table(&self, other: About, id: MigrationId) -> bool {
        let store = |id: MigrationId| self.model.system.migration(id).store;
        matches!(other, About::Migration(own) if store(own) == store(id))
    }

    /// Whether it is a service, and what that is told to run has a statement that does nothing without a migration.
    fn needs(&self, other: About, id: MigrationId) -> bool {
        let About::Service(service) = other else { return false };
        let (system, migration) = (&self.model.system, self.model.system.migration(id));
        let version = self.control.desired(service).version;
        let mut own = system.accesses.iter().filter(|own| own.version == version && own.store == migration.store);
        own.any(|access| !runs(access, migration.from) && runs(access, migration.to))
    }
}
