//! What actions change, and whether they may start: pure functions of system and control plane.

use super::Refusal;
use crate::control::{Change, Control};
use crate::controllers::deployment::DeploymentSpec;
use crate::controllers::deployment::history::{self, UndoRefusal};
use crate::id::{BackupId, ConversionId, EffectId, GroupId, MigrationId, ServiceId, StoreId, VersionId};
use crate::law::Law;
use crate::migration::{self, Unmigrated, Way};
use crate::name::Name;
use crate::rollout::{Rollout, RolloutOrder};
use crate::system::{Artifact, Stage, System};
use crate::time::{Span, Time};
use crate::topic::Seek;

/// The changes an action makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// As soon as it starts.
    pub at_once: Vec<Change>,
    /// What has to be gone through before the rest.
    pub lead: Vec<Stage>,
    /// When its lead is over.
    pub after_lead: Vec<Change>,
}

impl Effects {
    /// One change, when the lead is over.
    pub(super) fn only(change: Change) -> Self {
        Effects { after_lead: vec![change], ..Effects::default() }
    }
}

pub(super) fn retarget(control: &Control, service: ServiceId, version: VersionId) -> Result<Effects, Refusal> {
    if control.desired(service).version == version {
        return Err(Refusal::AlreadyTarget(version));
    }
    startable(control, version)?;
    Ok(Effects::only(Change::Target(service, version)))
}

pub(super) fn startable(control: &Control, version: VersionId) -> Result<(), Refusal> {
    match control.artifacts[version.index()] {
        Artifact::Retained => Ok(()),
        Artifact::Unbuilt => Err(Refusal::Unbuilt(version)),
        Artifact::Gone => Err(Refusal::ArtifactGone(version)),
    }
}

/// Leads where `kubectl rollout undo` leads, which takes Deployments and StatefulSets alike.
pub(super) fn undo(control: &Control, service: ServiceId) -> Result<Effects, Refusal> {
    let desired = control.desired(service);
    let spec = DeploymentSpec { paused: desired.paused, ..DeploymentSpec::default() };
    match history::undo_target(&spec, desired.version, &desired.revisions(), None) {
        Ok(previous) => retarget(control, service, previous),
        Err(UndoRefusal::Paused) => Err(Refusal::PausedRollout(service)),
        Err(UndoRefusal::SameTemplate { version }) => Err(Refusal::AlreadyTarget(version)),
        Err(UndoRefusal::NothingToUndo | UndoRefusal::RevisionNotFound { .. }) => {
            Err(Refusal::NoEarlierRevision(service))
        }
    }
}

/// A StatefulSet knows no pause (`kubectl rollout pause` refuses it); moving its partition does as much.
pub(super) fn hold(system: &System, control: &Control, service: ServiceId, paused: bool) -> Result<Effects, Refusal> {
    if let Rollout::StatefulSet(_) = system.service(service).rollout {
        return Err(Refusal::Unpausable(service));
    }
    if control.desired(service).paused == paused {
        return Err(Refusal::PauseUnchanged(service));
    }
    Ok(Effects::only(Change::Paused(service, paused)))
}

/// Only an Argo Rollout can be told so.
pub(super) fn progressive(system: &System, service: ServiceId, order: RolloutOrder) -> Result<Effects, Refusal> {
    match system.service(service).rollout {
        Rollout::Progressive(_) => Ok(Effects::only(Change::Roll(service, order))),
        Rollout::Deployment(_) | Rollout::StatefulSet(_) => Err(Refusal::NotProgressive(service)),
    }
}

pub(super) fn partition(system: &System, control: &Control, service: ServiceId, from: u32) -> Result<Effects, Refusal> {
    match system.service(service).rollout {
        Rollout::Deployment(_) | Rollout::Progressive(_) => Err(Refusal::NoPlaces(service)),
        Rollout::StatefulSet(_) if control.desired(service).partition == from => {
            Err(Refusal::PartitionUnchanged(service))
        }
        Rollout::StatefulSet(_) => Ok(Effects::only(Change::Partition(service, from))),
    }
}

pub(super) fn repair(system: &System, control: &Control, conversion: ConversionId) -> Result<Effects, Refusal> {
    if control.converting.contains(&conversion) {
        return Err(Refusal::Converting(conversion));
    }
    startable(control, system.conversion(conversion).version)?;
    Ok(Effects::only(Change::Convert(conversion)))
}

pub(super) fn restore(
    system: &System,
    control: &Control,
    backup: BackupId,
    as_of: Option<Time>,
) -> Result<Effects, Refusal> {
    let store = system.backup(backup).store;
    check_idle(system, control, store)?;
    Ok(Effects::only(Change::Restore(backup, as_of)))
}

/// That a store is neither being put back nor in a migration.
pub(super) fn check_idle(system: &System, control: &Control, store: StoreId) -> Result<(), Refusal> {
    let restoring = control.restore_of(system, store).map(Refusal::Restoring);
    let migrating = || control.migration_of(system, store).map(|id| Refusal::Migration(id, Unmigrated::UnderWay));
    let busy = restoring.or_else(migrating);
    busy.map_or(Ok(()), Err)
}

pub(super) fn migrate(system: &System, control: &Control, id: MigrationId, way: Way) -> Result<Effects, Refusal> {
    check_idle(system, control, system.migration(id).store)?;
    migration::check(system, control, id, way).map_err(|why| Refusal::Migration(id, why))?;
    Ok(Effects::only(Change::Migrate(id, way)))
}

/// Consumers have to stop before somebody may move their offsets; engineering judgement, stated in docs/MODEL.md.
const SEEK_TAKES: Law = Law::Constant(Span::from_secs(30));

pub(super) fn seek(group: GroupId, to: Seek) -> Effects {
    let lead = vec![Stage { name: Name::new("reset the offsets"), takes: SEEK_TAKES }];
    Effects { lead, ..Effects::only(Change::Seek(group, to)) }
}

pub(super) fn compensate(system: &System, control: &Control, effect: EffectId) -> Result<Effects, Refusal> {
    if system.effect(effect).compensation.is_none() {
        return Err(Refusal::Irreversible(effect));
    }
    if control.compensating.contains(&effect) {
        return Err(Refusal::Compensating(effect));
    }
    Ok(Effects::only(Change::Compensate(effect)))
}

pub(super) fn forward(
    system: &System,
    control: &Control,
    service: ServiceId,
    version: VersionId,
) -> Result<Effects, Refusal> {
    if control.building.contains(&version) {
        return Err(Refusal::Building(version));
    }
    match control.artifacts[version.index()] {
        Artifact::Retained => retarget(control, service, version),
        Artifact::Gone => Err(Refusal::ArtifactGone(version)),
        Artifact::Unbuilt => Ok(Effects {
            at_once: vec![Change::Build(version)],
            lead: system.service(service).pipeline.clone(),
            after_lead: vec![Change::Publish(version), Change::Target(service, version)],
        }),
    }
}
