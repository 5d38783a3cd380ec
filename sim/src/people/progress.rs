//! How far an operation has come, in words.

use crate::people::asking::Wanted;
use crate::people::operations::{Operation, State};
use crate::plant::fleet::{Replica, Side, counted};
use crate::world::World;
use model::action::SettingAction;
use model::control::{Change, DataChange, ServiceChange};
use model::id::{MigrationId, ServiceId};
use model::migration::Takes;

impl World {
    /// How far an operation is, in words.
    pub(crate) fn progress(&self, operation: &Operation) -> String {
        if let Some(tool) = operation.held {
            return format!("waits for {}", tool.name());
        }
        if let Some(hop) = self.progress_in_runbook(operation) {
            return hop;
        }
        match operation.state {
            State::Asking => self.asking_words(operation),
            State::Leading => operation.stage_name(),
            State::Spreading | State::Done | State::Refused(_) | State::Overtaken => {
                operation.planned().last().map_or(String::new(), |change| self.spread(*change))
            }
        }
    }

    /// Whom an order waits for, and for what.
    fn asking_words(&self, operation: &Operation) -> String {
        let Some(seat) = self.asked_now(operation) else { return "hears objections".to_owned() };
        let name = &self.seats.get(seat).name;
        match operation.missing.first() {
            Some(Wanted::Taking(_)) => format!("waits for {name} to take it"),
            Some(Wanted::Word(_)) | None => format!("waits for {name}"),
        }
    }

    fn spread(&self, change: Change) -> String {
        match change {
            Change::Service(service, ServiceChange::Target(version) | ServiceChange::Commit(version)) => {
                self.replaced(service, |replica| replica.version == version)
            }
            Change::Service(service, ServiceChange::Restart(times)) => {
                self.replaced(service, |replica| replica.restarts == times)
            }
            Change::Service(service, ServiceChange::Replicas(replicas)) => {
                format!("{} of {}", self.fleet.pool(service).ready.len(), counted(replicas.into(), "replica"))
            }
            Change::Set(SettingAction::Flag(flag, to)) => {
                let seen = self.concerned(flag).filter(|replica| replica.settings.get(flag) == to);
                format!("{} of {} processes", seen.count(), self.concerned(flag).count())
            }
            Change::Set(SettingAction::Config(config, ..)) => {
                let agree = self.reading(config).filter(|(_, goes_by)| *goes_by).count();
                format!("{agree} of {} processes", self.reading(config).count())
            }
            Change::Data(change) => self.spread_of_data(change),
            Change::Service(..) | Change::Steer(_) | Change::Build(_) | Change::Publish { .. } | Change::Fault(..) => {
                String::new()
            }
        }
    }

    /// How many replicas of a service are new ones.
    pub(crate) fn replaced(&self, service: ServiceId, is_new: impl Fn(&Replica) -> bool) -> String {
        // What Flagger tests a version on is beside the replicas wanted.
        let own = self.fleet.members(service).filter(|(_, replica)| replica.side == Side::Primary);
        let new = own.filter(|(_, replica)| is_new(replica) && replica.ready_at <= self.now);
        format!("{} of {}", new.count(), counted(self.control.desired(service).replicas.into(), "replica"))
    }

    fn spread_of_data(&self, change: DataChange) -> String {
        match change {
            DataChange::Convert(conversion) => {
                let done = self.sweeps.get(&conversion).map_or(0, |sweep| sweep.done);
                format!("{} converted", counted(done.into(), "record"))
            }
            DataChange::Migrate(migration, _) => self.passage_words(migration),
            DataChange::Restore(backups, _) => {
                let under_way = backups.iter().find_map(|backup| self.backups[backup.index()].under_way.as_ref());
                under_way.map_or(String::new(), |under_way| format!("done at {}", under_way.done))
            }
            DataChange::Redrive(group) => format!("{} dead letters", self.readers[group.index()].dead_letters()),
            DataChange::Compensate(effect) => format!("{} being taken back", self.being_recalled(effect)),
            DataChange::Converted(_)
            | DataChange::Migrated(_)
            | DataChange::Schema(..)
            | DataChange::Restored(_)
            | DataChange::Seek(..)
            | DataChange::Redriven(_)
            | DataChange::Compensated(_)
            | DataChange::Accept(_)
            | DataChange::Flush(_) => String::new(),
        }
    }

    /// How far a migration is.
    fn passage_words(&self, id: MigrationId) -> String {
        let Some(passage) = self.passages.get(&id) else { return String::new() };
        let migration = self.model.system.migration(id);
        match migration.script(passage.way).map(|script| script.takes) {
            Some(Takes::Sweep(_)) => format!("{} rows looked at", passage.at),
            Some(Takes::Nothing | Takes::Rows(_)) | None => format!("its lock is held until {}", passage.until),
        }
    }
}
