//! What can be done about what stays: records, tables, messages, effects outside.

use super::service::startable;
use super::{Effects, Refusal};
use crate::backup::BackupSet;
use crate::control::{Change, Control, DataChange};
use crate::id::{CacheId, ConversionId, EffectId, GroupId, MigrationId, StoreId, mix};
use crate::law::Law;
use crate::migration::{self, Unmigrated, Way};
use crate::system::{Stage, System};
use crate::time::{Span, Time};
use crate::topic::Seek;

/// What can be done about what stays: records, tables, messages, effects outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataAction {
    /// Runs a conversion over the records of a store, until none is left to convert.
    Repair(ConversionId),
    /// Takes a table to the next state of its schema, or back to the one before.
    Migrate(MigrationId, Way),
    /// Puts a store back to where it was when a snapshot was taken: the youngest taken by then, or the youngest
    /// there is. Several stores go back together, to an instant at which a snapshot was taken of each.
    Restore(BackupSet, Option<Time>),
    /// Lets a consumer group go on elsewhere in its topic: past what it stands on, or back to read again.
    Seek(GroupId, Seek),
    /// Has the dead letters of a consumer group read again, each once.
    Redrive(GroupId),
    /// Takes back what an effect has left outside that should not be there.
    Compensate(EffectId),
    /// Decides that what an effect has left outside stays as it is. What comes later is not decided.
    Accept(EffectId),
    /// Takes everything out of a cache. What is looked for from then on has to be fetched.
    Flush(CacheId),
}

/// Consumers have to stop before somebody may move their offsets; engineering judgement, stated in docs/MODEL.md.
const SEEK_TAKES: Law = Law::Constant(Span::from_secs(30));

/// Somebody has to be sure which cache it is, and tell each of its nodes; engineering judgement, stated in
/// docs/MODEL.md.
const FLUSH_TAKES: Law = Law::Constant(Span::from_secs(10));

impl DataAction {
    /// Whether it settles that something stays as it is.
    #[must_use]
    pub const fn settles(&self) -> bool {
        matches!(self, DataAction::Accept(_))
    }

    /// Whether it mends what was left behind, as opposed to changing what runs.
    #[must_use]
    pub const fn mends(&self) -> bool {
        match self {
            DataAction::Repair(_)
            | DataAction::Restore(..)
            | DataAction::Seek(..)
            | DataAction::Redrive(_)
            | DataAction::Compensate(_)
            | DataAction::Accept(_) => true,
            DataAction::Migrate(..) | DataAction::Flush(_) => false,
        }
    }

    pub(super) fn effects(self, system: &System, control: &Control) -> Result<Effects, Refusal> {
        match self {
            DataAction::Repair(conversion) => repair(system, control, conversion),
            DataAction::Migrate(migration, way) => migrate(system, control, migration, way),
            DataAction::Restore(backups, as_of) => restore(system, control, backups, as_of),
            DataAction::Seek(group, to) => Ok(seek(group, to)),
            DataAction::Redrive(group) if control.redriving.contains(&group) => Err(Refusal::Redriving(group)),
            DataAction::Redrive(group) => Ok(only(DataChange::Redrive(group))),
            DataAction::Compensate(effect) => compensate(system, control, effect),
            DataAction::Accept(effect) => Ok(only(DataChange::Accept(effect))),
            DataAction::Flush(cache) => Ok(flush(cache)),
        }
    }

    /// What it does and to what, as numbers that depend on names alone.
    pub(super) fn key(self, system: &System) -> (&'static str, u64) {
        let group = |id: GroupId| system.group(id).name.hash();
        match self {
            DataAction::Repair(conversion) => ("repair", system.conversion(conversion).name.hash()),
            DataAction::Migrate(migration, Way::Up) => ("migrate", system.migration(migration).name.hash()),
            DataAction::Migrate(migration, Way::Down) => ("down", system.migration(migration).name.hash()),
            DataAction::Restore(backups, as_of) => {
                let names = backups.iter().fold(0, |names, backup| names ^ system.backup(backup).name.hash());
                ("restore", names ^ as_of.map_or(0, |at| mix(at.nanos())))
            }
            DataAction::Seek(id, Seek::Next) => ("skip", group(id)),
            DataAction::Seek(id, Seek::End) => ("skip", group(id) ^ 1),
            DataAction::Seek(id, Seek::Since(at)) => ("replay", group(id) ^ mix(at.nanos())),
            DataAction::Redrive(id) => ("redrive", group(id)),
            DataAction::Compensate(effect) => ("compensate", system.effect(effect).name.hash()),
            DataAction::Accept(effect) => ("accept", system.effect(effect).name.hash()),
            DataAction::Flush(cache) => ("flush", system.cache(cache).name.hash()),
        }
    }
}

fn only(change: DataChange) -> Effects {
    Effects::only(Change::Data(change))
}

fn repair(system: &System, control: &Control, conversion: ConversionId) -> Result<Effects, Refusal> {
    if control.converting.contains(&conversion) {
        return Err(Refusal::Converting(conversion));
    }
    startable(control, system.conversion(conversion).version)?;
    Ok(only(DataChange::Convert(conversion)))
}

fn restore(system: &System, control: &Control, backups: BackupSet, as_of: Option<Time>) -> Result<Effects, Refusal> {
    backups.iter().try_for_each(|backup| check_idle(system, control, system.backup(backup).store))?;
    Ok(only(DataChange::Restore(backups, as_of)))
}

/// That a store is neither being put back nor in a migration.
fn check_idle(system: &System, control: &Control, store: StoreId) -> Result<(), Refusal> {
    let restoring = control.restore_of(system, store).map(Refusal::Restoring);
    let migrating = || control.migration_of(system, store).map(|id| Refusal::Migration(id, Unmigrated::UnderWay));
    let busy = restoring.or_else(migrating);
    busy.map_or(Ok(()), Err)
}

fn migrate(system: &System, control: &Control, id: MigrationId, way: Way) -> Result<Effects, Refusal> {
    check_idle(system, control, system.migration(id).store)?;
    migration::check(system, control, id, way).map_err(|why| Refusal::Migration(id, why))?;
    Ok(only(DataChange::Migrate(id, way)))
}

fn seek(group: GroupId, to: Seek) -> Effects {
    let lead = vec![Stage::sure("reset the offsets", SEEK_TAKES)];
    Effects { lead, ..only(DataChange::Seek(group, to)) }
}

fn flush(cache: CacheId) -> Effects {
    let lead = vec![Stage::sure("flush each node", FLUSH_TAKES)];
    Effects { lead, ..only(DataChange::Flush(cache)) }
}

fn compensate(system: &System, control: &Control, effect: EffectId) -> Result<Effects, Refusal> {
    if system.effect(effect).compensation.is_none() {
        return Err(Refusal::Irreversible(effect));
    }
    if control.compensating.contains(&effect) {
        return Err(Refusal::Compensating(effect));
    }
    Ok(only(DataChange::Compensate(effect)))
}
