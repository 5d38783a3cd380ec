//! What can be done about what a service runs, and how it gets there.

use super::{Effects, Refusal};
use crate::control::{Change, Control, ServiceChange};
use crate::controllers::deployment::DeploymentSpec;
use crate::controllers::deployment::history::{self, UndoRefusal};
use crate::id::{ServiceId, VersionId, mix};
use crate::part::{Part, Portion};
use crate::place::Area;
use crate::rollout::{Rollout, RolloutOrder, Template};
use crate::system::{Artifact, Service, Stage, System};

/// What can be done about what a service runs, and how it gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceAction {
    /// Rolls it to a version whose artifact is retained.
    Deploy(VersionId),
    /// The same for a part of it, where its controller can tell places apart.
    DeployOn(VersionId, Area),
    /// Rolls it back to its previous revision.
    Undo,
    /// Builds a version, sends it through the pipeline and deploys it, or writes it in Git.
    Forward(VersionId),
    /// Writes a version in Git, where a tool makes the service what is written there.
    Commit(VersionId),
    /// Holds its rollout where it is: a partial rollback, if it was one.
    Pause,
    /// Lets its held rollout go on.
    Resume,
    /// Lets its rollout replace the replicas from this place on, and leave those below; the number of replicas or
    /// more holds the rollout.
    Partition(u32),
    /// Tells the controller of its canary or blue-green rollout to give it up, to go on, or to try again. An abort
    /// gives all traffic to the stable version, and leaves the target as it is.
    Roll(RolloutOrder),
    /// Stops replicas by hand, so that their controller makes new ones.
    Stop(Stopped),
    /// Tells it to have so many replicas. An autoscaler that wants another number says so at its next look.
    Scale(u32),
    /// Lets its autoscaler work, or not.
    Autoscale(bool),
    /// Replaces its replicas with new ones of the same version, as its rollout replaces replicas.
    Restart,
    /// Sends its traffic to its standby (yes), or back.
    Switch(bool),
    /// Cuts some of its replicas off from the rest: nothing goes in or out, and what is in flight there ends.
    Isolate(Portion),
    /// Puts them back.
    Admit(Portion),
}

/// Which replicas are stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Those that should serve and do not.
    Stuck,
    /// All of them, at once.
    All,
}

impl ServiceAction {
    /// The version that it brings out by its name.
    #[must_use]
    pub const fn brings_out(self) -> Option<VersionId> {
        match self {
            ServiceAction::Deploy(version)
            | ServiceAction::DeployOn(version, _)
            | ServiceAction::Forward(version)
            | ServiceAction::Commit(version) => Some(version),
            ServiceAction::Undo
            | ServiceAction::Restart
            | ServiceAction::Scale(_)
            | ServiceAction::Autoscale(_)
            | ServiceAction::Pause
            | ServiceAction::Resume
            | ServiceAction::Partition(_)
            | ServiceAction::Roll(_)
            | ServiceAction::Stop(_)
            | ServiceAction::Switch(_)
            | ServiceAction::Isolate(_)
            | ServiceAction::Admit(_) => None,
        }
    }

    /// Whether it takes the lock of the tool that deploys: whoever changes the version does, and whoever tells a
    /// controller something about the rollout it is in does not.
    pub(super) const fn takes_lock(self) -> bool {
        match self {
            ServiceAction::Deploy(_)
            | ServiceAction::DeployOn(..)
            | ServiceAction::Undo
            | ServiceAction::Forward(_)
            | ServiceAction::Commit(_) => true,
            ServiceAction::Pause
            | ServiceAction::Resume
            | ServiceAction::Partition(_)
            | ServiceAction::Roll(_)
            | ServiceAction::Stop(_)
            | ServiceAction::Scale(_)
            | ServiceAction::Autoscale(_)
            | ServiceAction::Restart
            | ServiceAction::Switch(_)
            | ServiceAction::Isolate(_)
            | ServiceAction::Admit(_) => false,
        }
    }

    /// Why the service called `id` never takes such an order, whatever happens before, if it does not.
    ///
    /// A StatefulSet knows no pause (`kubectl rollout pause` refuses it); moving its partition does as much. Only who
    /// goes step by step can be told to give up or to go on; and to Flagger, the same version again is no change.
    #[must_use]
    pub fn never(self, id: ServiceId, service: &Service) -> Option<Refusal> {
        let has_places = matches!(service.rollout, Rollout::StatefulSet(_));
        match self {
            ServiceAction::Pause | ServiceAction::Resume => has_places.then_some(Refusal::Unpausable(id)),
            ServiceAction::Partition(_) => (!has_places).then_some(Refusal::NoPlaces(id)),
            ServiceAction::Roll(order) => match service.rollout {
                Rollout::Progressive(_) => None,
                Rollout::Flagger(_) => (order == RolloutOrder::Retry).then_some(Refusal::Unretriable(id)),
                Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::InPlace(_) => {
                    Some(Refusal::NotProgressive(id))
                }
            },
            ServiceAction::Autoscale(_) => service.autoscale.is_none().then_some(Refusal::NotAutoscaled(id)),
            ServiceAction::Deploy(_)
            | ServiceAction::DeployOn(..)
            | ServiceAction::Undo
            | ServiceAction::Forward(_)
            | ServiceAction::Commit(_)
            | ServiceAction::Stop(_)
            | ServiceAction::Scale(_)
            | ServiceAction::Restart
            | ServiceAction::Switch(_)
            | ServiceAction::Isolate(_)
            | ServiceAction::Admit(_) => None,
        }
    }

    pub(super) fn effects(self, system: &System, control: &Control, service: ServiceId) -> Result<Effects, Refusal> {
        if self.takes_lock() && control.is_locked(system, service) {
            return Err(Refusal::Locked(service));
        }
        if let Some(refusal) = self.never(service, system.service(service)) {
            return Err(refusal);
        }
        match self {
            ServiceAction::Deploy(version) => deploy(system, control, service, version),
            ServiceAction::DeployOn(version, area) => deploy_on(system, control, service, version, area),
            ServiceAction::Undo => undo(system, control, service),
            ServiceAction::Forward(version) => forward(system, control, service, version),
            ServiceAction::Commit(version) => commit(system, control, service, version),
            ServiceAction::Pause => hold(control, service, true),
            ServiceAction::Resume => hold(control, service, false),
            ServiceAction::Partition(from) if control.desired(service).partition == from => {
                Err(Refusal::PartitionUnchanged(service))
            }
            ServiceAction::Partition(from) => Ok(only(service, ServiceChange::Partition(from))),
            ServiceAction::Roll(order) => Ok(progressive(system, control, service, order)),
            ServiceAction::Stop(which) => Ok(only(service, ServiceChange::Stop(which))),
            ServiceAction::Scale(replicas) if control.desired(service).replicas == replicas => {
                Err(Refusal::ReplicasUnchanged(service))
            }
            ServiceAction::Scale(replicas) => Ok(only(service, ServiceChange::Replicas(replicas))),
            ServiceAction::Autoscale(works) => autoscale(control, service, works),
            ServiceAction::Restart => restart(system, control, service),
            ServiceAction::Switch(to_standby) => switch(system, control, service, to_standby),
            ServiceAction::Isolate(portion) => super::isolate(control, Part::Of(service, portion), true),
            ServiceAction::Admit(portion) => super::isolate(control, Part::Of(service, portion), false),
        }
    }

    /// What it does and to what, as numbers that depend on names alone.
    pub(super) fn key(self, system: &System, service: ServiceId) -> (&'static str, u64) {
        let name = system.service(service).name.hash();
        let version = |id: VersionId| system.version(id).name.hash();
        match self {
            ServiceAction::Deploy(id) => ("deploy", version(id)),
            ServiceAction::DeployOn(id, area) => ("deploy", version(id) ^ mix(area.name(system).hash())),
            ServiceAction::Undo => ("undo", name),
            ServiceAction::Forward(id) => ("forward", version(id)),
            ServiceAction::Commit(id) => ("commit", version(id)),
            ServiceAction::Pause => ("pause", name),
            ServiceAction::Resume => ("resume", name),
            ServiceAction::Partition(from) => ("partition", name ^ mix(u64::from(from))),
            ServiceAction::Roll(RolloutOrder::Abort) => ("abort", name),
            ServiceAction::Roll(RolloutOrder::Promote { full }) => ("promote", name ^ u64::from(full)),
            ServiceAction::Roll(RolloutOrder::Retry) => ("retry", name),
            ServiceAction::Stop(Stopped::Stuck) => ("stop", name),
            ServiceAction::Stop(Stopped::All) => ("stop", name ^ 1),
            ServiceAction::Scale(replicas) => ("scale", name ^ mix(u64::from(replicas))),
            ServiceAction::Autoscale(works) => ("autoscale", name ^ u64::from(works)),
            ServiceAction::Restart => ("restart", name),
            ServiceAction::Switch(to_standby) => ("switch", name ^ u64::from(to_standby)),
            ServiceAction::Isolate(portion) => ("isolate", name ^ portion.key(system)),
            ServiceAction::Admit(portion) => ("admit", name ^ portion.key(system)),
        }
    }
}

/// Nothing is started or stopped: only who is asked changes.
fn switch(system: &System, control: &Control, service: ServiceId, to_standby: bool) -> Result<Effects, Refusal> {
    let Some(standby) = system.service(service).standby else { return Err(Refusal::NoStandby(service)) };
    let desired = control.desired(service);
    if desired.stands_in == to_standby {
        return Err(Refusal::PartUnchanged(Part::Of(service, Portion::All)));
    }
    let version = if to_standby { standby.version } else { desired.version };
    Ok(only(service, ServiceChange::StandIn(version, to_standby)))
}

/// One change of one service.
fn only(service: ServiceId, change: ServiceChange) -> Effects {
    Effects::only(Change::Service(service, change))
}

/// A tool that goes from host to host goes there again when it is told the same again: some may have stayed behind.
fn deploy(system: &System, control: &Control, service: ServiceId, version: VersionId) -> Result<Effects, Refusal> {
    match system.service(service).rollout {
        Rollout::InPlace(_) => {
            startable(control, version)?;
            Ok(only(service, ServiceChange::Target(version)))
        }
        Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::Progressive(_) | Rollout::Flagger(_) => {
            retarget(control, service, version)
        }
    }
}

fn deploy_on(
    system: &System,
    control: &Control,
    service: ServiceId,
    version: VersionId,
    area: Area,
) -> Result<Effects, Refusal> {
    startable(control, version)?;
    match system.service(service).rollout {
        Rollout::InPlace(_) => Ok(only(service, ServiceChange::TargetOn(version, area))),
        Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::Progressive(_) | Rollout::Flagger(_) => {
            Err(Refusal::Undivided(service))
        }
    }
}

fn retarget(control: &Control, service: ServiceId, version: VersionId) -> Result<Effects, Refusal> {
    if control.desired(service).version == version {
        return Err(Refusal::AlreadyTarget(version));
    }
    startable(control, version)?;
    Ok(only(service, ServiceChange::Target(version)))
}

fn commit(system: &System, control: &Control, service: ServiceId, version: VersionId) -> Result<Effects, Refusal> {
    let (Some(gitops), Some(git)) = (&system.service(service).gitops, control.desired(service).git) else {
        return Err(Refusal::NotInGit(service));
    };
    if git.written.version == version {
        return Err(Refusal::AlreadyTarget(version));
    }
    startable(control, version)?;
    let lead = vec![Stage::sure("merge", gitops.merge)];
    Ok(Effects { lead, ..only(service, ServiceChange::Commit(version)) })
}

/// That processes of a version can be started: its artifact is in the registry.
pub(super) fn startable(control: &Control, version: VersionId) -> Result<(), Refusal> {
    match control.artifacts[version.index()] {
        Artifact::Retained => Ok(()),
        Artifact::Unbuilt => Err(Refusal::Unbuilt(version)),
        Artifact::Gone => Err(Refusal::ArtifactGone(version)),
    }
}

/// Leads where `kubectl rollout undo` leads, which takes Deployments and StatefulSets alike: after a restart, to the
/// same version as it was before that. A restart of an Argo Rollout is no revision, and its plug-in does not ask
/// whether it is held.
fn undo(system: &System, control: &Control, service: ServiceId) -> Result<Effects, Refusal> {
    let desired = control.desired(service);
    let (target, revisions, paused) = match system.service(service).rollout {
        Rollout::Progressive(_) => (desired.version, desired.versions(), false),
        Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::Flagger(_) | Rollout::InPlace(_) => {
            (desired.template().number(system), desired.revisions(system), desired.paused)
        }
    };
    let spec = DeploymentSpec { paused, ..DeploymentSpec::default() };
    match history::undo_target(&spec, target, &revisions, None) {
        Ok(previous) => back_to(system, control, service, previous),
        Err(UndoRefusal::Paused) => Err(Refusal::PausedRollout(service)),
        Err(UndoRefusal::SameTemplate { version }) => Err(Refusal::AlreadyTarget(version)),
        Err(UndoRefusal::NothingToUndo) if desired.is_pruned => Err(Refusal::RevisionForgotten(service)),
        Err(UndoRefusal::NothingToUndo | UndoRefusal::RevisionNotFound { .. }) => {
            Err(Refusal::NoEarlierRevision(service))
        }
    }
}

/// One template differs from the one told before it by its version, or by a restart.
fn back_to(system: &System, control: &Control, service: ServiceId, number: VersionId) -> Result<Effects, Refusal> {
    let desired = control.desired(service);
    let version = Template::version(number, system);
    let past = desired.history.iter().find(|past| past.number(system) == number);
    match past.filter(|_| version == desired.version) {
        Some(past) => Ok(only(service, ServiceChange::Restart(past.restarts))),
        None => retarget(control, service, version),
    }
}

/// As KEDA's annotation `autoscaling.keda.sh/paused` does; who has none of it takes the autoscaler away.
fn autoscale(control: &Control, service: ServiceId, works: bool) -> Result<Effects, Refusal> {
    if control.desired(service).hands_off != works {
        return Err(Refusal::PartUnchanged(Part::Of(service, Portion::All)));
    }
    Ok(only(service, ServiceChange::HandsOff(!works)))
}

/// `kubectl rollout restart` refuses what is paused; an Argo Rollout is told a time, and takes no notice of a pause.
/// To Flagger it is another version, which the model cannot tell apart from the one that runs.
fn restart(system: &System, control: &Control, service: ServiceId) -> Result<Effects, Refusal> {
    let desired = control.desired(service);
    startable(control, desired.version)?;
    match system.service(service).rollout {
        Rollout::Deployment(_) if desired.paused => Err(Refusal::PausedRollout(service)),
        Rollout::Deployment(_)
        | Rollout::StatefulSet(_)
        | Rollout::Progressive(_)
        | Rollout::Flagger(_)
        | Rollout::InPlace(_) => {
            let newest = desired.history.iter().map(|past| past.restarts).max().unwrap_or(0);
            Ok(only(service, ServiceChange::Restart(newest.saturating_add(1))))
        }
    }
}

/// It does not matter whether anything rolls: what is held then is what comes next.
fn hold(control: &Control, service: ServiceId, paused: bool) -> Result<Effects, Refusal> {
    let desired = control.desired(service);
    let is_so = if paused { desired.paused } else { !desired.is_held() };
    if is_so {
        return Err(if paused { Refusal::HeldAlready(service) } else { Refusal::NotHeld(service) });
    }
    Ok(only(service, ServiceChange::Paused(paused)))
}

/// Whoever promotes an Argo Rollout lets it go on, too, if it is held (`getPatches` of `kubectl argo rollouts
/// promote`).
fn progressive(system: &System, control: &Control, service: ServiceId, order: RolloutOrder) -> Effects {
    let is_argo = matches!(system.service(service).rollout, Rollout::Progressive(_));
    if is_argo && is_promotion(order) && control.desired(service).paused {
        let both = [ServiceChange::Paused(false), ServiceChange::Roll(order)];
        return Effects::all(both.map(|change| Change::Service(service, change)).to_vec());
    }
    only(service, ServiceChange::Roll(order))
}

const fn is_promotion(order: RolloutOrder) -> bool {
    match order {
        RolloutOrder::Promote { .. } => true,
        RolloutOrder::Abort | RolloutOrder::Retry => false,
    }
}

fn forward(system: &System, control: &Control, service: ServiceId, version: VersionId) -> Result<Effects, Refusal> {
    if control.building.contains(&version) {
        return Err(Refusal::Building(version));
    }
    match control.artifacts[version.index()] {
        Artifact::Retained if control.desired(service).git.is_some() => commit(system, control, service, version),
        Artifact::Retained => retarget(control, service, version),
        Artifact::Gone => Err(Refusal::ArtifactGone(version)),
        Artifact::Unbuilt => {
            let is_in_git = control.desired(service).git.is_some();
            let brings = if is_in_git { ServiceChange::Commit(version) } else { ServiceChange::Target(version) };
            Ok(Effects {
                at_once: vec![Change::Build(version)],
                lead: system.service(service).pipeline.clone(),
                after_lead: vec![Change::Publish { meant: version, came: version }, Change::Service(service, brings)],
            })
        }
    }
}
