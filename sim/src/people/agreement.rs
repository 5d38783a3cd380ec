//! Whether the running system is where an operation wanted it.

use crate::fact::OperationStep;
use crate::people::operations::{OperationId, State};
use crate::plant::fleet::Replica;
use crate::world::World;
use model::action::{Effects, SettingAction};
use model::control::{Change, DataChange, ServiceChange, Steering};
use model::flag::Setting;
use model::id::{FlagId, RegionId, ServiceId, VersionId};
use model::place::Area;
use model::ratio::Ratio;
use model::rollout::RolloutOrder;

/// How the running system stands to a change, or to several: one change overtaken overtakes the whole, and one that is
/// not there yet keeps it waiting, so they are in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Agreement {
    Reached,
    NotYet,
    Overtaken,
}

impl Agreement {
    const fn when(reached: bool) -> Self {
        if reached { Agreement::Reached } else { Agreement::NotYet }
    }
}

impl World {
    /// Which applied operations the running system agrees with by now.
    pub(crate) fn check_operations(&mut self) {
        for index in 0..self.operations.len() {
            let operation = &self.operations[index];
            if operation.state != State::Spreading || operation.follows().is_some() {
                continue;
            }
            let id = OperationId::new(index);
            let (state, step) = match self.agreement(&operation.effects) {
                Agreement::NotYet => continue,
                Agreement::Reached => (State::Done, OperationStep::Done),
                Agreement::Overtaken => (State::Overtaken, OperationStep::Overtaken),
            };
            self.operations[index].state = state;
            self.report_step(id, step);
        }
    }

    fn agreement(&self, effects: &Effects) -> Agreement {
        let all = effects.after_lead.iter().map(|change| self.agrees(*change));
        all.max().unwrap_or(Agreement::Reached)
    }

    /// Whether the running system is where a change wanted it.
    fn agrees(&self, change: Change) -> Agreement {
        match change {
            Change::Service(service, change) => self.service_agrees(service, change),
            Change::Set(setting) => self.setting_agrees(setting),
            Change::Data(change) => Agreement::when(self.is_through(change)),
            Change::Steer(Steering::Shift { from, to, share }) => self.shift_agrees(from, to, share),
            Change::Steer(Steering::Evict(area, true)) if self.control.cordoned.contains(&area) => {
                Agreement::when(self.has_emptied(area))
            }
            Change::Steer(Steering::Evict(_, true)) => Agreement::Overtaken,
            Change::Steer(Steering::Drain(..) | Steering::Isolate(..) | Steering::Evict(_, false))
            | Change::Build(_)
            | Change::Publish { .. }
            | Change::Fault(..) => Agreement::Reached,
        }
    }

    /// Those who never ask again are not waited for.
    fn shift_agrees(&self, from: RegionId, to: RegionId, share: Ratio) -> Agreement {
        let now = self.control.shifts.get(&from).copied();
        let is_wanted = now.map_or(share == Ratio::ZERO, |now| now == (to, share));
        if is_wanted { Agreement::when(self.have_heard(from)) } else { Agreement::Overtaken }
    }

    fn setting_agrees(&self, setting: SettingAction) -> Agreement {
        match setting {
            SettingAction::Flag(flag, to) if self.control.flags.get(flag) != to => Agreement::Overtaken,
            SettingAction::Flag(flag, to) => Agreement::when(self.all_see(flag, to)),
            SettingAction::Config(config, version, share) => {
                let pushed = &self.control.configs[config.index()];
                let is_wanted = pushed.canary.unwrap_or((pushed.version, Ratio::ONE)) == (version, share);
                if is_wanted { Agreement::when(self.all_go_by(config)) } else { Agreement::Overtaken }
            }
        }
    }

    fn service_agrees(&self, service: ServiceId, change: ServiceChange) -> Agreement {
        match change {
            ServiceChange::Target(version) => {
                let is_wanted = self.control.desired(service).version == version;
                if !is_wanted || self.has_given_up(service, version) || self.is_told_apart_everywhere(service) {
                    return Agreement::Overtaken;
                }
                Agreement::when(self.has_rolled_out(service, version))
            }
            ServiceChange::Commit(version) => {
                let desired = self.control.desired(service);
                let is_written = desired.git.is_some_and(|git| git.written.version == version);
                let is_applied = desired.version == version;
                if !is_written || is_applied && self.has_given_up(service, version) {
                    return Agreement::Overtaken;
                }
                Agreement::when(is_applied && self.has_rolled_out(service, version))
            }
            ServiceChange::Roll(RolloutOrder::Promote { full: true }) => self.is_promoted(service),
            ServiceChange::Roll(RolloutOrder::Promote { full: false }) if self.is_aborted(service) => {
                Agreement::Overtaken
            }
            ServiceChange::Roll(RolloutOrder::Abort) if !self.aborts(service) => Agreement::Overtaken,
            ServiceChange::Roll(RolloutOrder::Abort) => Agreement::when(self.is_back(service)),
            ServiceChange::TargetOn(version, area) => self.agrees_on(service, version, area),
            ServiceChange::Replicas(replicas) if self.control.desired(service).replicas != replicas => {
                Agreement::Overtaken
            }
            ServiceChange::Replicas(replicas) => Agreement::when(self.has_scaled(service, replicas)),
            ServiceChange::Restart(times) => {
                let desired = self.control.desired(service);
                if desired.restarts != times || self.has_given_up(service, desired.version) {
                    return Agreement::Overtaken;
                }
                Agreement::when(self.has_restarted(service))
            }
            ServiceChange::StandIn(_, stands_in) if self.control.desired(service).stands_in != stands_in => {
                Agreement::Overtaken
            }
            ServiceChange::StandIn(_, true) => {
                Agreement::when(self.standby_up(service) == self.standby(service).count())
            }
            ServiceChange::StandIn(_, false)
            | ServiceChange::Paused(_)
            | ServiceChange::HandsOff(_)
            | ServiceChange::Partition(_)
            | ServiceChange::Sync(_)
            | ServiceChange::Roll(_)
            | ServiceChange::Stop(_) => Agreement::Reached,
        }
    }

    /// Whether a service runs what was to be promoted past all that is left. Who wants another version, or gives it up
    /// afterwards, takes that back.
    fn is_promoted(&self, service: ServiceId) -> Agreement {
        let wanted = self.control.desired(service).version;
        let Some(standing) = self.standing(service) else { return Agreement::Overtaken };
        let is_given_up = standing.is_given_up && !standing.skips_all;
        if standing.skipped_to != Some(wanted) || is_given_up {
            return Agreement::Overtaken;
        }
        Agreement::when(self.has_rolled_out(service, wanted))
    }

    /// Whether a part of a service runs what it was told to; somebody may have told it something else since.
    fn agrees_on(&self, service: ServiceId, version: VersionId, area: Area) -> Agreement {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let hosts = system.service(service).hosts.iter().filter(|host| area.has(**host, system));
        if hosts.into_iter().any(|host| desired.version_on(*host, system) != version) {
            return Agreement::Overtaken;
        }
        Agreement::when(self.has_gone_through(service, |host| area.has(host, system)))
    }

    /// Whether nothing is left to do of a change of what stays.
    fn is_through(&self, change: DataChange) -> bool {
        let control = &self.control;
        match change {
            DataChange::Convert(conversion) => !control.converting.contains(&conversion),
            DataChange::Migrate(migration, _) => !control.migrating.contains(&migration),
            DataChange::Restore(backups, _) => !backups.iter().any(|backup| control.restoring.contains(&backup)),
            DataChange::Redrive(group) => !control.redriving.contains(&group),
            DataChange::Compensate(effect) => {
                !control.compensating.contains(&effect) && self.being_recalled(effect) == 0
            }
            DataChange::Converted(_)
            | DataChange::Migrated(_)
            | DataChange::Schema(..)
            | DataChange::Restored(_)
            | DataChange::Seek(..)
            | DataChange::Redriven(_)
            | DataChange::Compensated(_)
            | DataChange::Accept(_)
            | DataChange::Flush(_) => true,
        }
    }

    /// Whether a service runs this version in full strength, and nothing else.
    pub(crate) fn runs_only(&self, service: ServiceId, version: VersionId) -> bool {
        self.is_at_strength(service) && self.is_only(service, version)
    }

    /// Whether as many replicas serve as are wanted. An autoscaler changes that number all the time: there, its
    /// smallest is enough.
    pub(crate) fn is_at_strength(&self, service: ServiceId) -> bool {
        let ready = self.count_ready(service);
        match &self.model.system.service(service).autoscale {
            Some(spec) => ready >= spec.min as usize,
            None => ready == self.control.desired(service).replicas as usize,
        }
    }

    /// Whether every process that serves sees the flag this way.
    pub(crate) fn all_see(&self, flag: FlagId, to: Setting) -> bool {
        self.concerned(flag).all(|replica| replica.settings.get(flag) == to)
    }

    /// The processes that serve and know the flag.
    pub(crate) fn concerned(&self, flag: FlagId) -> impl Iterator<Item = &Replica> {
        let replicas = self.fleet.replicas.iter().map(|(_, replica)| replica);
        let running = replicas.filter(|replica| replica.is_running());
        running.filter(move |replica| self.model.system.version(replica.version).knows.has(flag))
    }

    /// Whether a canary or a blue-green rollout to this version has been given up; going back to the stable one has
    /// not.
    pub(crate) fn has_given_up(&self, service: ServiceId, version: VersionId) -> bool {
        self.standing(service).is_some_and(|standing| standing.given_up == Some(version))
    }

    /// Whether a canary or a blue-green rollout has been given up.
    fn is_aborted(&self, service: ServiceId) -> bool {
        self.standing(service).is_some_and(|standing| standing.is_given_up)
    }

    /// Whether a rollout has been given up, or will be.
    fn aborts(&self, service: ServiceId) -> bool {
        self.standing(service).is_some_and(|standing| standing.is_given_up || standing.gives_up)
    }
}
