//! Everything anybody can do, as one closed set of data.
//!
//! A player, a plan, a bot and a controller all act through an [`Action`]. Each has a *guard* (may it
//! start, given the control plane), *effects* (a list of [`Change`]s, with the lead they need), and a *blast
//! radius* from which the authority it needs follows. All are pure functions, matched exhaustively,
//! so that simulator and review cannot disagree about what an action does.

mod effects;
mod refusal;

use crate::authority::{Authority, Blast};
use crate::control::{Change, Control};
use crate::id::{
    AlertId, BackupId, ConversionId, EffectId, FaultId, FlagId, GroupId, MigrationId, ServiceId, StoreId, VersionId,
    mix, stable_hash,
};
use crate::law::Law;
use crate::migration::Way;
use crate::name::Name;
use crate::rollout::RolloutOrder;
use crate::system::{Stage, System};
use crate::time::{Span, Time};
use crate::topic::Seek;
use effects::{compensate, forward, hold, migrate, partition, progressive, repair, restore, retarget, seek, undo};

pub use effects::Effects;
pub use refusal::Refusal;

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
