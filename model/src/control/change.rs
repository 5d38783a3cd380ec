//! What can change in the control plane, by what it is about.

use crate::action::{SettingAction, Stopped};
use crate::backup::BackupSet;
use crate::controllers::gitops::Manifest;
use crate::id::{
    BackupId, CacheId, ConversionId, EffectId, FaultId, FlagId, FormatId, GroupId, MigrationId, RegionId, ServiceId,
    StoreId, VersionId,
};
use crate::migration::Way;
use crate::part::Part;
use crate::place::Area;
use crate::ratio::Ratio;
use crate::rollout::RolloutOrder;
use crate::time::Time;
use crate::topic::Seek;

/// One change of the control plane: the effect of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// What a service is meant to run, and how.
    Service(ServiceId, ServiceChange),
    /// A flag, or a version of a config, is set.
    Set(SettingAction),
    /// Traffic is kept away from a place, or sent to another.
    Steer(Steering),
    /// What becomes of records, tables, messages and effects.
    Data(DataChange),
    /// A build begins.
    Build(VersionId),
    /// What was built is in the registry.
    Publish {
        /// What was meant to be built.
        meant: VersionId,
        /// What it is.
        came: VersionId,
    },
    /// A fault strikes, or is over.
    Fault(FaultId, bool),
}

/// What changes about what a service is meant to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceChange {
    /// It is to run this version.
    Target(VersionId),
    /// This version of it is written in Git.
    Commit(VersionId),
    /// It is made what is written of it.
    Sync(Manifest),
    /// A part of it is to run this version.
    TargetOn(VersionId, Area),
    /// Its rollout is held, or goes on.
    Paused(bool),
    /// Its rollout replaces those from this place on.
    Partition(u32),
    /// It is to have so many replicas.
    Replicas(u32),
    /// Its autoscaler keeps its hands off, or no longer.
    HandsOff(bool),
    /// Its template is that of its so-manieth restart: new replicas of the same version.
    Restart(u32),
    /// The controller of its rollout is told something.
    Roll(RolloutOrder),
    /// Some of its replicas are stopped by hand.
    Stop(Stopped),
    /// Its standby answers for it (yes), or no longer: the version that answers then.
    StandIn(VersionId, bool),
}

/// Where traffic goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steering {
    /// A place is taken out of every balancer, or put back.
    Drain(Area, bool),
    /// A place is made empty and kept so, or no longer.
    Evict(Area, bool),
    /// A part is cut off from the rest, or put back.
    Isolate(Part, bool),
    /// This share of the traffic of a region goes to another one; the rest stays.
    Shift {
        /// Whose traffic.
        from: RegionId,
        /// Where to.
        to: RegionId,
        /// Which share.
        share: Ratio,
    },
}

/// What changes about what stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataChange {
    /// A conversion begins.
    Convert(ConversionId),
    /// A conversion has come to its end.
    Converted(ConversionId),
    /// A migration begins to take its table that way.
    Migrate(MigrationId, Way),
    /// It is over, or was given up.
    Migrated(MigrationId),
    /// A table is in this state.
    Schema(StoreId, FormatId),
    /// Snapshots begin to be put back: of a backup the youngest, or the youngest taken by then; of several those that
    /// were taken at one instant.
    Restore(BackupSet, Option<Time>),
    /// It has been, or cannot be.
    Restored(BackupId),
    /// A consumer group goes on elsewhere.
    Seek(GroupId, Seek),
    /// A consumer group begins to read its dead letters again.
    Redrive(GroupId),
    /// It has read each of them once.
    Redriven(GroupId),
    /// What an effect has left outside begins to be taken back.
    Compensate(EffectId),
    /// All of it has been, or cannot be.
    Compensated(EffectId),
    /// What an effect has left outside stays as it is.
    Accept(EffectId),
    /// The entries of a cache go, all at once.
    Flush(CacheId),
}

impl Change {
    /// The region whose traffic it sends elsewhere, if it does.
    #[must_use]
    pub const fn shifts(&self) -> Option<RegionId> {
        if let Change::Steer(Steering::Shift { from, .. }) = self { Some(*from) } else { None }
    }

    /// The version it makes a service run, if it does.
    #[must_use]
    pub const fn target(&self) -> Option<(ServiceId, VersionId)> {
        match self {
            Change::Service(service, ServiceChange::Target(version)) => Some((*service, *version)),
            Change::Service(..)
            | Change::Set(_)
            | Change::Steer(_)
            | Change::Data(_)
            | Change::Build(_)
            | Change::Publish { .. }
            | Change::Fault(..) => None,
        }
    }

    /// The version that was meant by what it puts into the registry, if it does.
    #[must_use]
    pub const fn published(&self) -> Option<VersionId> {
        match self {
            Change::Publish { meant, .. } => Some(*meant),
            Change::Service(..)
            | Change::Set(_)
            | Change::Steer(_)
            | Change::Data(_)
            | Change::Build(_)
            | Change::Fault(..) => None,
        }
    }

    /// The same, of what came out of a pipeline instead of what was meant.
    #[must_use]
    pub fn of_another(self, meant: VersionId, came: VersionId) -> Self {
        match self {
            Change::Publish { meant: own, .. } if own == meant => Change::Publish { meant, came },
            Change::Service(service, ServiceChange::Target(version)) if version == meant => {
                Change::Service(service, ServiceChange::Target(came))
            }
            Change::Service(service, ServiceChange::Commit(version)) if version == meant => {
                Change::Service(service, ServiceChange::Commit(came))
            }
            other => other,
        }
    }

    /// The version that somebody has decided a service is to run, if somebody has: told the deploy tool, or written in
    /// Git.
    #[must_use]
    pub const fn decided(&self) -> Option<(ServiceId, VersionId)> {
        match self {
            Change::Service(
                service,
                ServiceChange::Target(version) | ServiceChange::Commit(version) | ServiceChange::StandIn(version, _),
            ) => Some((*service, *version)),
            Change::Service(..)
            | Change::Set(..)
            | Change::Steer(_)
            | Change::Data(_)
            | Change::Build(_)
            | Change::Publish { .. }
            | Change::Fault(..) => None,
        }
    }

    /// The flag it sets, if it does.
    #[must_use]
    pub const fn flag(&self) -> Option<FlagId> {
        match self {
            Change::Set(setting) => Some(setting.flag()),
            Change::Service(..)
            | Change::Steer(_)
            | Change::Data(_)
            | Change::Build(_)
            | Change::Publish { .. }
            | Change::Fault(..) => None,
        }
    }
}
