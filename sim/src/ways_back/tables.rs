//! The way back of tables in that of a whole release: which migrations can be taken back.

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
}
