//! Everything anybody can do, as one closed set of data.
//!
//! A player, a plan, a bot and a controller all act through an [`Action`]. Each has a *guard* (may it
//! start, given the control plane), *effects* (a list of [`Change`]s, with the lead they need), and a *blast
//! radius* from which the authority it needs follows. All are pure functions, matched exhaustively,
//! so that simulator and review cannot disagree about what an action does.

use crate::authority::{Asked, Authority, Blast};
use crate::control::{Change, Control};
use crate::controllers::deployment::DeploymentSpec;
use crate::controllers::deployment::history::{self, UndoRefusal};
use crate::id::{
    AlertId, BackupId, ConversionId, EffectId, FaultId, FlagId, GroupId, MigrationId, ServiceId, StoreId, VersionId,
    mix, stable_hash,
};
use crate::law::Law;
use crate::migration::{self, Unmigrated, Way};
use crate::name::Name;
use crate::rollout::{Rollout, RolloutOrder};
use crate::system::{Artifact, Stage, System};
use crate::time::{Span, Time};
use crate::topic::Seek;

/// What somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Rolls a service to a version whose artifact is retained.
    Deploy {
        /// Which service.
        service: ServiceId,
        /// To which version.
        version: VersionId,
    },
    /// Rolls a service back to its previous revision.
    Undo {
        /// Which service.
        service: ServiceId,
    },
    /// Holds a rollout where it is: a partial rollback, if it was one.
    Pause {
        /// Which service.
        service: ServiceId,
    },
    /// Lets a held rollout go on.
    Resume {
        /// Which service.
        service: ServiceId,
    },
    /// Lets a rollout replace the replicas from a place on, and leave those below.
    Partition {
        /// Which service.
        service: ServiceId,
        /// The lowest place that is replaced; the number of replicas or more holds the rollout.
        from: u32,
    },
    /// Tells the controller of a canary or a blue-green rollout to give it up, to go on, or to try again.
    Roll {
        /// Which service.
        service: ServiceId,
        /// What it is told. An abort gives all traffic to the stable version, and leaves the target as it is.
        order: RolloutOrder,
    },
    /// Stops replicas by hand, so that their controller makes new ones.
    Stop {
        /// Of which service.
        service: ServiceId,
        /// Which ones.
        which: Stopped,
    },
    /// Switches a flag.
    SetFlag {
        /// Which flag.
        flag: FlagId,
        /// On or off.
        on: bool,
    },
    /// Runs a conversion over the records of a store, until none is left to convert.
    Repair {
        /// Which conversion.
        conversion: ConversionId,
    },
    /// Takes a table to the next state of its schema, or back to the one before.
    Migrate {
        /// Which migration.
        migration: MigrationId,
        /// Which way.
        way: Way,
    },
    /// Puts a store back to where it was when a snapshot was taken.
    Restore {
        /// Which backup.
        backup: BackupId,
        /// Its youngest snapshot taken by then; none: the youngest it has.
        as_of: Option<Time>,
    },
    /// Lets a consumer group go on elsewhere in its topic: past what it stands on, or back to read again.
    Seek {
        /// Which group.
        group: GroupId,
        /// Where to.
        to: Seek,
    },
    /// Has the dead letters of a consumer group read again, each once.
    Redrive {
        /// Which group.
        group: GroupId,
    },
    /// Takes back what an effect has left outside that should not be there.
    Compensate {
        /// Which effect.
        effect: EffectId,
    },
    /// Decides that what an effect has left outside stays as it is. What comes later is not decided.
    Accept {
        /// Which effect.
        effect: EffectId,
    },
    /// Builds a version, sends it through the pipeline and deploys it.
    Forward {
        /// Which service.
        service: ServiceId,
        /// The version with the fix.
        version: VersionId,
    },
    /// Takes the page of an alert.
    Acknowledge {
        /// Which alert.
        alert: AlertId,
    },
    /// Declares an incident.
    Declare {
        /// 1 (worst) to 5.
        severity: u8,
    },
    /// Spends time to find something out.
    Look(Look),
    /// Declares the incident over.
    Resolve,
    /// Goes wrong, or is over: what nobody does, and happens all the same.
    Fault {
        /// Which fault.
        fault: FaultId,
        /// Whether it strikes, as opposed to being over.
        strikes: bool,
    },
}

/// Which replicas are stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Those that should serve and do not.
    Stuck,
    /// All of them, at once.
    All,
}

/// Kinds of action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It changes what runs.
    Remedy,
    /// It settles that something stays as it is.
    Acceptance,
    /// It takes the page of an alert.
    Page(AlertId),
    /// It declares an incident of a severity.
    Declaration(u8),
    /// It finds something out.
    Look(Look),
    /// It declares the incident over.
    End,
    /// It goes wrong by itself.
    Fault,
}

/// What somebody can look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// A sample of a service's failed requests and jobs.
    Errors(ServiceId),
    /// An audit of a store: which records can be read by whom.
    Data(StoreId),
}

/// Why an action cannot start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such artifact any more (IR5).
    ArtifactGone(VersionId),
    /// The version has not been built; it has to go forward through the pipeline.
    Unbuilt(VersionId),
    /// The version is being built already.
    Building(VersionId),
    /// The service is meant to run this version already.
    AlreadyTarget(VersionId),
    /// A held rollout cannot be undone.
    PausedRollout(ServiceId),
    /// There is no earlier revision.
    NoEarlierRevision(ServiceId),
    /// The rollout is held already, or is not.
    PauseUnchanged(ServiceId),
    /// Its controller knows no pause: it has a partition.
    Unpausable(ServiceId),
    /// Its replicas have no places.
    NoPlaces(ServiceId),
    /// The rollout goes from there already.
    PartitionUnchanged(ServiceId),
    /// All of its replicas serve.
    NothingStuck(ServiceId),
    /// Its controller goes on by itself, and cannot be told to give up, or to go on.
    NotProgressive(ServiceId),
    /// Its rollout was given up already.
    AbortedAlready(ServiceId),
    /// Its rollout was not given up.
    NotAborted(ServiceId),
    /// The flag is there already.
    FlagUnchanged(FlagId),
    /// The conversion is under way already.
    Converting(ConversionId),
    /// The store holds no record the conversion is for.
    NothingToConvert(ConversionId),
    /// A migration cannot be made, or taken back.
    Migration(MigrationId, Unmigrated),
    /// The backup has no snapshot, or none so old.
    NoSnapshot(BackupId),
    /// The store of the backup is being put back already.
    Restoring(BackupId),
    /// The snapshot turned out to be of no use.
    Unusable(BackupId),
    /// No partition of the group stands on a message.
    NothingStands(GroupId),
    /// There is nothing in the topic the group could read again, or pass over.
    NothingToSeek(GroupId),
    /// The group has no dead letters.
    NoDeadLetters(GroupId),
    /// They are being read again already.
    Redriving(GroupId),
    /// Nothing says how the effect is taken back.
    Irreversible(EffectId),
    /// Nothing of the effect is left that could be taken back.
    NothingToCompensate(EffectId),
    /// Nothing of the effect is left outside that nobody takes back.
    NothingToAccept(EffectId),
    /// It is being taken back already.
    Compensating(EffectId),
    /// Somebody else runs the service.
    External(ServiceId),
    /// There is no rollout to hold.
    NothingRolls(ServiceId),
    /// The alert does not fire.
    NotFiring(AlertId),
    /// Nobody holds the part that would have to agree.
    NobodyToAsk(Asked),
}

impl Action {
    /// How far it reaches.
    #[must_use]
    pub fn blast(&self, system: &System) -> Blast {
        match self {
            Action::Deploy { service, .. }
            | Action::Undo { service }
            | Action::Pause { service }
            | Action::Resume { service }
            | Action::Partition { service, .. }
            | Action::Stop { service, .. }
            | Action::Roll { service, .. }
            | Action::Forward { service, .. } => {
                if system.shares_data(*service) {
                    Blast::Shared
                } else {
                    Blast::Service(*service)
                }
            }
            Action::SetFlag { .. } => Blast::Global,
            Action::Repair { .. }
            | Action::Migrate { .. }
            | Action::Restore { .. }
            | Action::Seek { .. }
            | Action::Redrive { .. }
            | Action::Compensate { .. }
            | Action::Accept { .. } => Blast::Shared,
            Action::Acknowledge { .. }
            | Action::Declare { .. }
            | Action::Look(_)
            | Action::Resolve
            | Action::Fault { .. } => Blast::Nothing,
        }
    }

    /// The authority it takes.
    #[must_use]
    pub fn authority(&self, system: &System) -> Authority {
        self.blast(system).needs()
    }

    /// What kind of action it is.
    #[must_use]
    pub const fn nature(&self) -> Nature {
        match self {
            Action::Deploy { .. }
            | Action::Undo { .. }
            | Action::Pause { .. }
            | Action::Resume { .. }
            | Action::Partition { .. }
            | Action::Stop { .. }
            | Action::Roll { .. }
            | Action::SetFlag { .. }
            | Action::Repair { .. }
            | Action::Migrate { .. }
            | Action::Restore { .. }
            | Action::Seek { .. }
            | Action::Redrive { .. }
            | Action::Compensate { .. }
            | Action::Forward { .. } => Nature::Remedy,
            Action::Accept { .. } => Nature::Acceptance,
            Action::Acknowledge { alert } => Nature::Page(*alert),
            Action::Declare { severity } => Nature::Declaration(*severity),
            Action::Look(look) => Nature::Look(*look),
            Action::Resolve => Nature::End,
            Action::Fault { .. } => Nature::Fault,
        }
    }

    /// Whether it changes what runs, as opposed to looking and talking.
    #[must_use]
    pub fn mitigates(&self) -> bool {
        self.nature() == Nature::Remedy
    }

    /// Whether nothing leads back from it.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self.nature(), Nature::Acceptance | Nature::End)
    }

    /// The service whose rollout it is about, if it is about one.
    #[must_use]
    pub const fn service(&self) -> Option<ServiceId> {
        match self {
            Action::Deploy { service, .. }
            | Action::Undo { service }
            | Action::Pause { service }
            | Action::Resume { service }
            | Action::Partition { service, .. }
            | Action::Stop { service, .. }
            | Action::Roll { service, .. }
            | Action::Forward { service, .. } => Some(*service),
            Action::SetFlag { .. }
            | Action::Migrate { .. }
            | Action::Repair { .. }
            | Action::Restore { .. }
            | Action::Seek { .. }
            | Action::Redrive { .. }
            | Action::Compensate { .. }
            | Action::Accept { .. }
            | Action::Acknowledge { .. }
            | Action::Declare { .. }
            | Action::Look(_)
            | Action::Resolve
            | Action::Fault { .. } => None,
        }
    }

    /// The changes it makes, or why it cannot start.
    ///
    /// # Errors
    /// A [`Refusal`] when the control plane does not allow it.
    pub fn effects(&self, system: &System, control: &Control) -> Result<Effects, Refusal> {
        if let Some(service) = self.service().filter(|service| system.service(*service).external) {
            return Err(Refusal::External(service));
        }
        match *self {
            Action::Deploy { service, version } => retarget(control, service, version),
            Action::Undo { service } => undo(control, service),
            Action::Pause { service } => hold(system, control, service, true),
            Action::Resume { service } => hold(system, control, service, false),
            Action::Partition { service, from } => partition(system, control, service, from),
            Action::Roll { service, order } => progressive(system, service, order),
            Action::Stop { service, which } => Ok(Effects::only(Change::Stop(service, which))),
            Action::SetFlag { flag, on } if control.flags.has(flag) == on => Err(Refusal::FlagUnchanged(flag)),
            Action::SetFlag { flag, on } => Ok(Effects::only(Change::Flag(flag, on))),
            Action::Repair { conversion } => repair(system, control, conversion),
            Action::Migrate { migration, way } => migrate(system, control, migration, way),
            Action::Restore { backup, as_of } => restore(system, control, backup, as_of),
            Action::Seek { group, to } => Ok(seek(group, to)),
            Action::Redrive { group } if control.redriving.contains(&group) => Err(Refusal::Redriving(group)),
            Action::Redrive { group } => Ok(Effects::only(Change::Redrive(group))),
            Action::Compensate { effect } => compensate(system, control, effect),
            Action::Accept { effect } => Ok(Effects::only(Change::Accept(effect))),
            Action::Forward { service, version } => forward(system, control, service, version),
            Action::Look(look) => {
                let lead = vec![Stage { name: Name::new("look"), takes: look.takes() }];
                Ok(Effects { lead, ..Effects::default() })
            }
            Action::Fault { fault, strikes } => Ok(Effects::only(Change::Fault(fault, strikes))),
            Action::Acknowledge { .. } | Action::Declare { .. } | Action::Resolve => Ok(Effects::default()),
        }
    }

    /// A stable number for what it does: random draws of an operation go by it, so it depends on names
    /// and not on wording or on dense ids.
    #[must_use]
    pub fn key(&self, system: &System) -> u64 {
        let service = |id: &ServiceId| system.service(*id).name.hash();
        let version = |id: &VersionId| system.version(*id).name.hash();
        let group = |id: &GroupId| system.group(*id).name.hash();
        let (verb, what) = match self {
            Action::Deploy { version: id, .. } => ("deploy", version(id)),
            Action::Undo { service: id } => ("undo", service(id)),
            Action::Pause { service: id } => ("pause", service(id)),
            Action::Resume { service: id } => ("resume", service(id)),
            Action::Partition { service: id, from } => ("partition", service(id) ^ mix(u64::from(*from))),
            Action::Roll { service: id, order: RolloutOrder::Abort } => ("abort", service(id)),
            Action::Roll { service: id, order: RolloutOrder::Promote { full } } => {
                ("promote", service(id) ^ u64::from(*full))
            }
            Action::Roll { service: id, order: RolloutOrder::Retry } => ("retry", service(id)),
            Action::Stop { service: id, which: Stopped::Stuck } => ("stop", service(id)),
            Action::Stop { service: id, which: Stopped::All } => ("stop", service(id) ^ 1),
            Action::SetFlag { flag, on } => ("flag", system.flag(*flag).name.hash() ^ u64::from(*on)),
            Action::Repair { conversion } => ("repair", system.conversion(*conversion).name.hash()),
            Action::Migrate { migration, way } => {
                let verb = match way {
                    Way::Up => "migrate",
                    Way::Down => "down",
                };
                (verb, system.migration(*migration).name.hash())
            }
            Action::Restore { backup, as_of } => {
                ("restore", system.backup(*backup).name.hash() ^ as_of.map_or(0, |at| mix(at.nanos())))
            }
            Action::Seek { group: id, to: Seek::Next } => ("skip", group(id)),
            Action::Seek { group: id, to: Seek::End } => ("skip", group(id) ^ 1),
            Action::Seek { group: id, to: Seek::Since(at) } => ("replay", group(id) ^ mix(at.nanos())),
            Action::Redrive { group: id } => ("redrive", group(id)),
            Action::Compensate { effect } => ("compensate", system.effect(*effect).name.hash()),
            Action::Accept { effect } => ("accept", system.effect(*effect).name.hash()),
            Action::Forward { version: id, .. } => ("forward", version(id)),
            Action::Acknowledge { .. } => ("acknowledge", 0),
            Action::Declare { severity } => ("declare", u64::from(*severity)),
            Action::Look(Look::Errors(id)) => ("errors", service(id)),
            Action::Look(Look::Data(store)) => ("data", system.store(*store).name.hash()),
            Action::Resolve => ("resolve", 0),
            Action::Fault { fault, strikes } => ("fault", system.fault(*fault).name.hash() ^ u64::from(*strikes)),
        };
        mix(stable_hash(verb) ^ mix(what))
    }
}

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
    fn only(change: Change) -> Self {
        Effects { after_lead: vec![change], ..Effects::default() }
    }
}

impl Look {
    /// How long it takes to find out. Reading a sample of errors is quick, auditing data is not;
    /// engineering judgement, both stated in docs/MODEL.md.
    #[must_use]
    pub const fn takes(self) -> Law {
        match self {
            Look::Errors(_) => Law::Constant(Span::from_secs(20)),
            Look::Data(_) => Law::Constant(Span::from_secs(60)),
        }
    }
}

fn retarget(control: &Control, service: ServiceId, version: VersionId) -> Result<Effects, Refusal> {
    if control.desired(service).version == version {
        return Err(Refusal::AlreadyTarget(version));
    }
    startable(control, version)?;
    Ok(Effects::only(Change::Target(service, version)))
}

fn startable(control: &Control, version: VersionId) -> Result<(), Refusal> {
    match control.artifacts[version.index()] {
        Artifact::Retained => Ok(()),
        Artifact::Unbuilt => Err(Refusal::Unbuilt(version)),
        Artifact::Gone => Err(Refusal::ArtifactGone(version)),
    }
}

/// Leads where `kubectl rollout undo` leads, which takes Deployments and StatefulSets alike.
fn undo(control: &Control, service: ServiceId) -> Result<Effects, Refusal> {
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
fn hold(system: &System, control: &Control, service: ServiceId, paused: bool) -> Result<Effects, Refusal> {
    if let Rollout::StatefulSet(_) = system.service(service).rollout {
        return Err(Refusal::Unpausable(service));
    }
    if control.desired(service).paused == paused {
        return Err(Refusal::PauseUnchanged(service));
    }
    Ok(Effects::only(Change::Paused(service, paused)))
}

/// Only an Argo Rollout can be told so.
fn progressive(system: &System, service: ServiceId, order: RolloutOrder) -> Result<Effects, Refusal> {
    match system.service(service).rollout {
        Rollout::Progressive(_) => Ok(Effects::only(Change::Roll(service, order))),
        Rollout::Deployment(_) | Rollout::StatefulSet(_) => Err(Refusal::NotProgressive(service)),
    }
}

fn partition(system: &System, control: &Control, service: ServiceId, from: u32) -> Result<Effects, Refusal> {
    match system.service(service).rollout {
        Rollout::Deployment(_) | Rollout::Progressive(_) => Err(Refusal::NoPlaces(service)),
        Rollout::StatefulSet(_) if control.desired(service).partition == from => {
            Err(Refusal::PartitionUnchanged(service))
        }
        Rollout::StatefulSet(_) => Ok(Effects::only(Change::Partition(service, from))),
    }
}

fn repair(system: &System, control: &Control, conversion: ConversionId) -> Result<Effects, Refusal> {
    if control.converting.contains(&conversion) {
        return Err(Refusal::Converting(conversion));
    }
    startable(control, system.conversion(conversion).version)?;
    Ok(Effects::only(Change::Convert(conversion)))
}

fn restore(system: &System, control: &Control, backup: BackupId, as_of: Option<Time>) -> Result<Effects, Refusal> {
    let store = system.backup(backup).store;
    check_idle(system, control, store)?;
    Ok(Effects::only(Change::Restore(backup, as_of)))
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
    Ok(Effects::only(Change::Migrate(id, way)))
}

/// Consumers have to stop before somebody may move their offsets; engineering judgement, stated in docs/MODEL.md.
const SEEK_TAKES: Law = Law::Constant(Span::from_secs(30));

fn seek(group: GroupId, to: Seek) -> Effects {
    let lead = vec![Stage { name: Name::new("reset the offsets"), takes: SEEK_TAKES }];
    Effects { lead, ..Effects::only(Change::Seek(group, to)) }
}

fn compensate(system: &System, control: &Control, effect: EffectId) -> Result<Effects, Refusal> {
    if system.effect(effect).compensation.is_none() {
        return Err(Refusal::Irreversible(effect));
    }
    if control.compensating.contains(&effect) {
        return Err(Refusal::Compensating(effect));
    }
    Ok(Effects::only(Change::Compensate(effect)))
}

fn forward(system: &System, control: &Control, service: ServiceId, version: VersionId) -> Result<Effects, Refusal> {
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
