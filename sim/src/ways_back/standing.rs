//! What a way back costs while nobody takes it: what is kept so that it can be taken, and until when.

use crate::plant::fleet::{counted, replicas};
use crate::world::World;
use model::action::{Action, AreaAction, DataAction, ServiceAction, SettingAction};
use model::id::{BackupId, ServiceId, VersionId};
use model::law::Law;
use model::rollout::RolloutOrder;
use model::time::Time;

impl World {
    /// Replicas that run only so that an action can be taken: those that stand by, and of those that are there beyond
    /// the number wanted the ones of the version it leads to, unless that has all the traffic.
    pub(super) fn standing_replicas(&self, action: &Action) -> u32 {
        let count = match *action {
            Action::Service(service, ServiceAction::Switch(true)) => self.standby(service).count(),
            Action::Service(service, _) => {
                let to = self.lands_on(service, action);
                // Who has all the traffic runs for that.
                if self.standing(service).is_some_and(|own| !own.has_traffic && own.stable == to) {
                    return 0;
                }
                let running = || self.fleet.members(service).filter(|(_, own)| own.is_running());
                let spare = running().count().saturating_sub(self.control.desired(service).replicas as usize);
                running().filter(|(_, own)| Some(own.version) == to).count().min(spare)
            }
            Action::Set(_) | Action::Area(..) | Action::Data(_) | Action::Room(_) | Action::Fault { .. } => 0,
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// When the first thing goes that is kept for an action, if that is settled: the replicas that run for nothing
    /// else, the artifact, the snapshot.
    pub(super) fn closes_at(&self, action: &Action) -> Option<Time> {
        match *action {
            Action::Data(DataAction::Restore(backups, as_of)) => {
                backups.iter().filter_map(|backup| self.rotates_at(backup, as_of)).min()
            }
            Action::Service(service, _) => {
                let version = self.lands_on(service, action)?;
                let replicas = self.kept_until(service, version).filter(|_| self.standing_replicas(action) > 0);
                replicas.into_iter().chain(self.deleted_at(version)).min()
            }
            Action::Set(_) | Action::Area(..) | Action::Data(_) | Action::Room(_) | Action::Fault { .. } => None,
        }
    }

    /// When the registry deletes the artifact of a version that it still has.
    fn deleted_at(&self, version: VersionId) -> Option<Time> {
        self.model.system.expires_at(version).filter(|at| *at > self.now)
    }

    /// When a snapshot makes way for younger ones.
    fn rotates_at(&self, backup: BackupId, as_of: Option<Time>) -> Option<Time> {
        let (spec, kept) = (self.model.system.backup(backup), &self.backups[backup.index()].kept);
        let place = kept.iter().rposition(|snapshot| as_of.is_none_or(|by| snapshot.at <= by))?;
        let missing = usize::from(spec.keep).saturating_sub(kept.len());
        let since_first = self.now.since(Time::ZERO + spec.starts).nanos();
        let taken = if self.now < Time::ZERO + spec.starts { 0 } else { since_first / spec.every.nanos().max(1) + 1 };
        // The next one is number `taken`, and each one makes another go once there are as many as are kept.
        let last = taken.saturating_add((missing + place) as u64);
        Some(Time::ZERO + spec.starts + spec.every.times(last))
    }

    /// The version that a service runs when an action is in effect.
    pub(super) fn lands_on(&self, service: ServiceId, action: &Action) -> Option<VersionId> {
        let stable = || self.standing(service).and_then(|standing| standing.stable);
        match action {
            Action::Service(_, ServiceAction::Roll(RolloutOrder::Abort)) => stable(),
            Action::Service(_, ServiceAction::DeployOn(version, _)) => Some(*version),
            Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Room(_)
            | Action::Fault { .. } => self.leads_to(action),
        }
    }

    /// What is kept of the version an action leads to.
    fn keeps_of(&self, service: ServiceId, action: &Action) -> String {
        let Some(version) = self.lands_on(service, action) else { return String::new() };
        let spec = self.model.system.version(version);
        let (with, all) = self.fleet.images_of(version, &self.model.system.service(service).hosts, self.now);
        let is_pulled = spec.pull != Law::NONE;
        let images = if is_pulled { format!(", its image on {with} of {all} hosts") } else { String::new() };
        let until = |at: Option<Time>| at.map_or(String::new(), |at| format!(", until {at}"));
        let artifact = format!("the artifact{}{images}", until(self.deleted_at(version)));
        let stays = until(self.kept_until(service, version));
        match self.standing_replicas(action) {
            0 => format!("{artifact}; no replica beside those that serve"),
            left => {
                format!("{artifact}; {} of {} beside those that serve{stays}", replicas(left as usize), spec.name)
            }
        }
    }

    /// What is kept all the time so that an action can be taken.
    pub(super) fn keeps(&self, action: &Action) -> String {
        match *action {
            Action::Service(
                service,
                ServiceAction::Undo
                | ServiceAction::Deploy(_)
                | ServiceAction::DeployOn(..)
                | ServiceAction::Roll(RolloutOrder::Abort),
            ) => self.keeps_of(service, action),
            Action::Service(service, ServiceAction::Switch(true)) => {
                let (kept, up) = (self.standing_replicas(action) as usize, self.standby_up(service));
                let up = if up < kept { format!(", {up} of which are up") } else { String::new() };
                format!("{} that nobody asks{up}", replicas(kept))
            }
            Action::Service(_, ServiceAction::Forward(_)) => "a pipeline".to_owned(),
            Action::Service(_, ServiceAction::Commit(_)) => {
                "the artifact, and the history of what was written".to_owned()
            }
            Action::Set(SettingAction::Flag(..)) => "both paths in the code".to_owned(),
            Action::Set(SettingAction::Config(..)) => "the version before, and code that reads it".to_owned(),
            Action::Data(action) => self.keeps_for_data(action),
            Action::Area(_, AreaAction::Drain | AreaAction::Evict | AreaAction::Isolate | AreaAction::Shift(..)) => {
                "room for its requests in other places".to_owned()
            }
            Action::Service(_, ServiceAction::Isolate(_)) => "room for its requests in the replicas left".to_owned(),
            Action::Service(..) | Action::Area(..) | Action::Room(_) | Action::Fault { .. } => String::new(),
        }
    }

    fn keeps_for_data(&self, action: DataAction) -> String {
        let system = &self.model.system;
        match action {
            DataAction::Repair(conversion) => {
                format!("the code of {}", system.version(system.conversion(conversion).version).name)
            }
            DataAction::Migrate(..) => "the script of the way back".to_owned(),
            DataAction::Restore(backups, as_of) => {
                let kept = backups.iter().map(|backup| {
                    let (every, kept) = (system.backup(backup).every, self.backups[backup.index()].kept.len());
                    let until = self.rotates_at(backup, as_of).map(|at| format!(", this one until {at}"));
                    let kept = counted(kept as u64, "snapshot");
                    format!("{kept}, one every {every}{}", until.unwrap_or_default())
                });
                kept.collect::<Vec<_>>().join("; ")
            }
            DataAction::Compensate(effect) => {
                let job = system.effect(effect).compensation.map(|compensation| compensation.job);
                let endpoint = job.map(|job| system.endpoint(system.job(job).endpoint).name.to_string());
                endpoint.unwrap_or_default()
            }
            DataAction::Seek(..) | DataAction::Redrive(_) | DataAction::Accept(_) | DataAction::Flush(_) => {
                String::new()
            }
        }
    }
}
