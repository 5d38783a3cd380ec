//! Resolving what was settled about ways back.

use super::Resolver;
use super::incident::seat_table;
use super::names::Table;
use crate::raw::RawReadiness;
use crate::syntax::Text;
use model::authority::Seats;
use model::id::{AlertId, BackupId, MigrationId, SeatId, ServiceId};
use model::readiness::{Readiness, Returning};

impl Resolver<'_> {
    pub(super) fn ways_back(&mut self, seats: &Seats) -> Vec<Readiness> {
        let raw = self.raw;
        raw.ways_back.iter().filter_map(|(name, way)| self.readiness(name, way, seats)).collect()
    }

    fn readiness(&mut self, name: &Text, way: &RawReadiness, seats: &Seats) -> Option<Readiness> {
        let when = way.when.0.iter().filter_map(|alert| self.names.alerts.find(alert, self.out));
        let when = when.map(AlertId::new).collect();
        let owner = way.owner.as_ref().and_then(|seat| seat_table(seats).find(seat, self.out)).map(SeatId::new);
        Some(Readiness { of: self.returning(name)?, when, owner, exercised: way.exercised })
    }

    /// A service, a migration or a backup of that name; a service, where several have it.
    fn returning(&mut self, name: &Text) -> Option<Returning> {
        let (names, called) = (&self.names, name.value.as_str());
        let service = || names.services.position(called).map(|at| Returning::Service(ServiceId::new(at)));
        let migration = || names.migrations.position(called).map(|at| Returning::Migration(MigrationId::new(at)));
        let backup = || names.backups.position(called).map(|at| Returning::Backup(BackupId::new(at)));
        let found = service().or_else(migration).or_else(backup);
        if found.is_none() {
            let all = names.services.names().chain(names.migrations.names()).chain(names.backups.names());
            Table::new("service, migration or backup", all.collect::<Vec<_>>()).find(name, self.out);
        }
        found
    }
}
