//! The way back of tables in that of a whole release: which migrations can be taken back.

use crate::observers::story::Teller;
use crate::world::World;
use model::action::{Action, DataAction};
use model::id::{MigrationId, StoreId};
use model::migration::{Unmigrated, Way};
use std::collections::BTreeMap;
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

    /// In words, that tables stay as migrations have made them (given the last one first), and why: of each table once.
    /// The one that is being made has not made it yet.
    pub(super) fn stay_up(&self, migrations: &[MigrationId]) -> Vec<String> {
        let system = &self.model.system;
        let mut stay: BTreeMap<(StoreId, String), Vec<&str>> = BTreeMap::new();
        for id in migrations {
            let migration = system.migration(*id);
            let made = stay.entry((migration.store, self.keeps_up(*id).unwrap_or_default())).or_default();
            made.extend((!self.control.migrating.contains(id)).then_some(migration.name.as_str()));
        }
        let told = stay.into_iter().map(|((store, why), mut made)| {
            made.reverse();
            let made = if made.is_empty() { "it is".to_owned() } else { format!("{} made it", made.join(" and ")) };
            format!("{} stays as {made}: {why}", system.store(store).name)
        });
        told.collect()
    }
}
