//! The control plane: what the tools have been told, as opposed to what runs.
//!
//! Guards and effects of every [`crate::action::Action`] are functions of this state alone, so the
//! simulator and the review apply the very same ones. What the replicas make of it is up to the
//! controllers.

mod change;
mod troubles;

use crate::action::SettingAction;
use crate::config::Pushed;
use crate::controllers::deployment::ReplicaSetState;
use crate::controllers::gitops::Manifest;
use crate::flag::{Setting, Settings};
use crate::id::{
    BackupId, ConfigId, ConversionId, EffectId, FaultId, FlagId, FormatId, GroupId, HostId, MigrationId, RegionId,
    ServiceId, StoreId, VersionId,
};
use crate::part::Part;
use crate::place::Area;
use crate::ratio::Ratio;
use crate::rollout::Template;
use crate::system::{Artifact, Service, System};
use std::collections::{BTreeMap, BTreeSet};

pub use change::{Change, DataChange, ServiceChange, Steering};

/// What the deploy tool, the flag service, the registry and the job runner have been told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// By service.
    pub services: Vec<Desired>,
    /// For whom flags are on, and which versions of configs are.
    pub flags: Settings,
    /// By config: what has been pushed.
    pub configs: Vec<Pushed>,
    /// By version: where its artifact is.
    pub artifacts: Vec<Artifact>,
    /// Conversions under way.
    pub converting: BTreeSet<ConversionId>,
    /// The states of tables that are not in their first one.
    pub schemas: BTreeMap<StoreId, FormatId>,
    /// Migrations under way, each of a table of its own.
    pub migrating: BTreeSet<MigrationId>,
    /// Backups that are being put back.
    pub restoring: BTreeSet<BackupId>,
    /// Consumer groups that read their dead letters again.
    pub redriving: BTreeSet<GroupId>,
    /// Effects that are being taken back because somebody ordered it.
    pub compensating: BTreeSet<EffectId>,
    /// Versions on their way through a pipeline.
    pub building: BTreeSet<VersionId>,
    /// Places that balancers send nothing to.
    pub drained: BTreeSet<Area>,
    /// Places where nothing is put any more.
    pub cordoned: BTreeSet<Area>,
    /// Parts that are cut off from the rest.
    pub isolated: BTreeSet<Part>,
    /// By region: where so much of the traffic goes that comes from there.
    pub shifts: BTreeMap<RegionId, (RegionId, Ratio)>,
    /// Faults that have struck and are not over, or are over at once: nobody has told the tools.
    pub faults: BTreeSet<FaultId>,
}

/// What one service is meant to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// The version its pod template names.
    pub version: VersionId,
    /// How often it was told to restart.
    pub restarts: u32,
    /// What it was told to run, oldest first, each once, as far as its controller keeps it: its place is its
    /// revision's age.
    pub history: Vec<Template>,
    /// Whether there was more that is not kept any longer.
    pub is_pruned: bool,
    /// How many replicas it is to have.
    pub replicas: u32,
    /// Whether its rollout is held.
    pub paused: bool,
    /// Whether Flagger, where that sees to it, does nothing at its ticks.
    pub suspended: bool,
    /// Whether its autoscaler, if it has one, keeps its hands off.
    pub hands_off: bool,
    /// Whether its standby answers for it.
    pub stands_in: bool,
    /// The lowest place that a rollout replaces, where replicas have places.
    pub partition: u32,
    /// How often it was told another version.
    pub changes: usize,
    /// How often it was told what to run, a restart included.
    pub orders: usize,
    /// The number of the last of these that was not for a part alone.
    pub whole: usize,
    /// What parts of it were told since it was told another version as a whole, oldest first; the last one counts.
    pub parts: Vec<PartOrder>,
    /// What is written of it, where something is.
    pub git: Option<Git>,
}

/// What a part of a service was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartOrder {
    /// Where.
    pub area: Area,
    /// The version that is to run there.
    pub version: VersionId,
    /// Its number among all that the service was told.
    pub order: usize,
}

/// What is written of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Git {
    /// As it is written now.
    pub written: Manifest,
    /// As it was applied last.
    pub applied: Manifest,
}

impl Control {
    /// The control plane of a system at the start.
    #[must_use]
    pub fn of(system: &System) -> Self {
        Control {
            services: system.services.iter().map(Desired::before_the_run).collect(),
            flags: system.initial_settings(),
            configs: system.configs.iter().map(Pushed::initially).collect(),
            artifacts: system.versions.iter().map(|version| version.artifact).collect(),
            converting: BTreeSet::new(),
            schemas: BTreeMap::new(),
            migrating: BTreeSet::new(),
            restoring: BTreeSet::new(),
            redriving: BTreeSet::new(),
            compensating: BTreeSet::new(),
            building: BTreeSet::new(),
            drained: BTreeSet::new(),
            cordoned: BTreeSet::new(),
            isolated: BTreeSet::new(),
            shifts: BTreeMap::new(),
            faults: BTreeSet::new(),
        }
    }

    /// What `service` is meant to run.
    #[must_use]
    pub fn desired(&self, service: ServiceId) -> &Desired {
        &self.services[service.index()]
    }

    /// Revisions of `service` that its controller does not keep any more: no undo leads to them. The present one stays.
    pub fn forget(&mut self, service: ServiceId, is_gone: impl Fn(&Template) -> bool) {
        let desired = &mut self.services[service.index()];
        let (present, before) = (desired.template(), desired.history.len());
        desired.history.retain(|past| *past == present || !is_gone(past));
        desired.is_pruned |= desired.history.len() < before;
    }

    /// The artifact of `version` is deleted from the registry.
    pub fn expire(&mut self, version: VersionId) {
        self.artifacts[version.index()] = Artifact::Gone;
    }

    /// The state a table is in.
    #[must_use]
    pub fn schema(&self, store: StoreId) -> FormatId {
        self.schemas.get(&store).copied().unwrap_or_default()
    }

    /// The migration that a table is in.
    #[must_use]
    pub fn migration_of(&self, system: &System, store: StoreId) -> Option<MigrationId> {
        self.migrating.iter().copied().find(|id| system.migration(*id).store == store)
    }

    /// The backup that a store is being put back from.
    #[must_use]
    pub fn restore_of(&self, system: &System, store: StoreId) -> Option<BackupId> {
        self.restoring.iter().copied().find(|id| system.backup(*id).store == store)
    }

    /// Whether the artifact of `version` is in the registry.
    #[must_use]
    pub fn retains(&self, version: VersionId) -> bool {
        self.artifacts[version.index()] == Artifact::Retained
    }

    /// Whether balancers send nothing to a host.
    #[must_use]
    pub fn is_drained(&self, system: &System, host: HostId) -> bool {
        self.drained.iter().any(|area| area.has(host, system))
    }

    /// Whether nothing is put on a host any more.
    #[must_use]
    pub fn is_cordoned(&self, system: &System, host: HostId) -> bool {
        self.cordoned.iter().any(|area| area.has(host, system))
    }

    /// Whether a replica of a version on a host is cut off from the rest.
    #[must_use]
    pub fn is_isolated(&self, system: &System, version: VersionId, host: HostId) -> bool {
        self.isolated.iter().any(|part| part.has(version, host, system))
    }

    /// A version of a config is pushed to a share of the processes.
    fn push(&mut self, config: ConfigId, version: FlagId, share: Ratio) {
        let pushed = self.configs.get_mut(config.index()).expect("one for each config");
        [Some(pushed.version), pushed.canary.map(|(version, _)| version)]
            .into_iter()
            .flatten()
            .for_each(|flag| self.flags.set(flag, Setting::OFF));
        pushed.push(version, share);
        self.flags.set(pushed.version, Setting::ON);
        if let Some((canary, share)) = pushed.canary {
            self.flags.set(canary, Setting::of(share));
        }
    }

    /// Carries out one change.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Service(service, change) => self.services[service.index()].apply(change),
            Change::Set(SettingAction::Flag(flag, to)) => self.flags.set(flag, to),
            Change::Set(SettingAction::Config(config, version, share)) => self.push(config, version, share),
            Change::Steer(steering) => self.steer(steering),
            Change::Data(change) => self.apply_to_data(change),
            Change::Build(version) => note(&mut self.building, version, true),
            Change::Publish { meant, came } => {
                note(&mut self.building, meant, false);
                self.artifacts[came.index()] = Artifact::Retained;
            }
            Change::Fault(fault, strikes) => note(&mut self.faults, fault, strikes),
        }
    }

    fn steer(&mut self, steering: Steering) {
        match steering {
            Steering::Drain(area, drains) => note(&mut self.drained, area, drains),
            Steering::Evict(area, is_empty) => note(&mut self.cordoned, area, is_empty),
            Steering::Isolate(part, is_out) => note(&mut self.isolated, part, is_out),
            Steering::Shift { from, share: Ratio::ZERO, .. } => {
                self.shifts.remove(&from);
            }
            Steering::Shift { from, to, share } => {
                self.shifts.insert(from, (to, share));
            }
        }
    }

    fn apply_to_data(&mut self, change: DataChange) {
        match change {
            DataChange::Convert(conversion) => note(&mut self.converting, conversion, true),
            DataChange::Converted(conversion) => note(&mut self.converting, conversion, false),
            DataChange::Migrate(migration, _) => note(&mut self.migrating, migration, true),
            DataChange::Migrated(migration) => note(&mut self.migrating, migration, false),
            DataChange::Schema(store, state) => {
                self.schemas.insert(store, state);
            }
            DataChange::Restore(backups, _) => {
                backups.iter().for_each(|backup| note(&mut self.restoring, backup, true));
            }
            DataChange::Restored(backup) => note(&mut self.restoring, backup, false),
            DataChange::Redrive(group) => note(&mut self.redriving, group, true),
            DataChange::Redriven(group) => note(&mut self.redriving, group, false),
            DataChange::Compensate(effect) => note(&mut self.compensating, effect, true),
            DataChange::Compensated(effect) => note(&mut self.compensating, effect, false),
            DataChange::Seek(..) | DataChange::Accept(_) | DataChange::Flush(_) => {}
        }
    }
}

/// Notes that something is under way, or no longer.
fn note<T: Ord>(under_way: &mut BTreeSet<T>, what: T, is: bool) {
    if is {
        under_way.insert(what);
    } else {
        under_way.remove(&what);
    }
}

impl Desired {
    /// A service as it is before the run: its earlier versions were deployed one after the other.
    fn before_the_run(service: &Service) -> Self {
        let past = service.versions.iter().copied().take_while(|version| *version != service.initial);
        let told = past.chain([service.initial]).map(|version| Template { version, restarts: 0 });
        let mut history: Vec<_> = told.collect();
        let kept = service.rollout.history().map_or(usize::MAX, |past| (past as usize).saturating_add(1));
        let excess = history.len().saturating_sub(kept);
        history.drain(..excess);
        let (replicas, partition) = (service.rollout.replicas(), service.rollout.partition());
        let version = service.initial;
        let manifest = Manifest { version, replicas: Some(replicas).filter(|_| service.autoscale.is_none()) };
        Desired {
            version,
            restarts: 0,
            history,
            is_pruned: excess > 0,
            replicas,
            paused: false,
            suspended: service.rollout.is_suspended(),
            hands_off: false,
            stands_in: false,
            partition,
            changes: 0,
            git: service.gitops.as_ref().map(|_| Git { written: manifest, applied: manifest }),
            orders: 0,
            whole: 0,
            parts: Vec::new(),
        }
    }

    fn apply(&mut self, change: ServiceChange) {
        match change {
            ServiceChange::Target(version) => self.aim(version),
            ServiceChange::Commit(version) => self.git.iter_mut().for_each(|git| git.written.version = version),
            ServiceChange::Sync(manifest) => self.sync(manifest),
            ServiceChange::TargetOn(version, area) => {
                self.changes += 1;
                self.orders += 1;
                self.parts.retain(|own| own.area != area);
                self.parts.push(PartOrder { area, version, order: self.orders });
            }
            ServiceChange::Paused(paused) => {
                self.paused = paused;
                self.suspended &= paused;
            }
            ServiceChange::HandsOff(off) => self.hands_off = off,
            ServiceChange::Partition(from) => self.partition = from,
            ServiceChange::StandIn(_, stands_in) => self.stands_in = stands_in,
            ServiceChange::Replicas(replicas) => self.replicas = replicas,
            ServiceChange::Restart(times) => {
                self.restarts = times;
                self.revise();
            }
            ServiceChange::Stop(_) | ServiceChange::Roll(_) => {}
        }
    }

    fn sync(&mut self, manifest: Manifest) {
        if self.version != manifest.version {
            self.aim(manifest.version);
        }
        self.replicas = manifest.replicas.unwrap_or(self.replicas);
        self.git.iter_mut().for_each(|git| git.applied = manifest);
    }

    /// Whether its rollout waits until somebody lets it go on.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.paused || self.suspended
    }

    /// What its replicas are made from.
    #[must_use]
    pub const fn template(&self) -> Template {
        Template { version: self.version, restarts: self.restarts }
    }

    /// The version it is to run on a host, where its controller can tell one from another.
    #[must_use]
    pub fn version_on(&self, host: HostId, system: &System) -> VersionId {
        self.part_of(host, system).map_or(self.version, |part| part.version)
    }

    /// What the part of it that a host is in was told, if it was told something of its own.
    #[must_use]
    pub fn part_of(&self, host: HostId, system: &System) -> Option<&PartOrder> {
        self.parts.iter().rev().find(|part| part.area.has(host, system))
    }

    fn aim(&mut self, version: VersionId) {
        self.version = version;
        self.changes += 1;
        self.parts.clear();
        self.revise();
    }

    /// A template told again becomes the newest revision and leaves its old place, as a Deployment's
    /// ReplicaSet does; so undoing twice leads back.
    fn revise(&mut self) {
        let template = self.template();
        self.orders += 1;
        self.whole = self.orders;
        self.history.retain(|past| *past != template);
        self.history.push(template);
    }

    /// Its revisions as the deployment controller counts them: a template's place in the history.
    #[must_use]
    pub fn revisions(&self, system: &System) -> Vec<ReplicaSetState> {
        aged(self.history.iter().map(|template| template.number(system)))
    }

    /// The same where a restart is none: the last place of each version.
    #[must_use]
    pub fn versions(&self) -> Vec<ReplicaSetState> {
        let is_last = |at: usize, version| self.history[at + 1..].iter().all(|later| later.version != version);
        let versions = self.history.iter().enumerate().map(|(at, template)| (at, template.version));
        aged(versions.filter(|(at, version)| is_last(*at, *version)).map(|(_, version)| version))
    }
}

/// Revisions in the order in which they were made.
fn aged(numbers: impl Iterator<Item = VersionId>) -> Vec<ReplicaSetState> {
    let ages = (1..).zip(numbers);
    ages.map(|(revision, version)| ReplicaSetState { version, revision, ..ReplicaSetState::default() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_told_again_becomes_the_newest_revision() {
        let [old, new] = [VersionId::new(0), VersionId::new(1)];
        let template = |version, restarts| Template { version, restarts };
        let history = vec![template(old, 0)];
        let [paused, suspended, hands_off, stands_in] = [false; 4];
        let mut desired = Desired {
            version: old,
            restarts: 0,
            history,
            is_pruned: false,
            replicas: 1,
            paused,
            suspended,
            hands_off,
            stands_in,
            partition: 0,
            changes: 0,
            orders: 0,
            whole: 0,
            parts: Vec::new(),
            git: None,
        };
        desired.aim(new);
        desired.aim(old);
        assert_eq!(desired.history, [template(new, 0), template(old, 0)]);
        assert_eq!(desired.changes, 2);
        desired.apply(ServiceChange::Restart(1));
        assert_eq!(desired.history, [template(new, 0), template(old, 0), template(old, 1)]);
        assert_eq!((desired.changes, desired.orders), (2, 3), "a restart is no other version");
    }
}
