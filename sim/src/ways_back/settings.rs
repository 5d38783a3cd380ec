//! Flags and configs: what processes go by, which is later than what was set, and how one gets back from both.
//!
//! What is set as it was before the run, and not yet everywhere, is on its way back. A restart is a way back where
//! nothing else brings it on: a process reads its environment once, and one whose key was refused asks for no flag.

use super::Subject;
use super::candidates::Thing;
use super::paths::Path;
use crate::plant::fleet::{Phase, Replica, ReplicaKey};
use crate::world::World;
use model::action::{Action, ServiceAction, SettingAction};
use model::config::ConfigAccess;
use model::id::{ConfigId, FlagId, ServiceId};
use model::ratio::Ratio;
use std::collections::BTreeSet;

impl World {
    /// A flag that is not what it was before the run, or that some process does not see so.
    pub(super) fn changed_flag(&self, flag: FlagId) -> Option<Thing> {
        let spec = self.model.system.flag(flag);
        let (now, other) = (self.control.flags.get(flag), self.seen_otherwise(flag));
        if spec.delivery.config().is_some() || now == spec.initial && other.is_none() {
            return None;
        }
        let set = (now != spec.initial).then_some(SettingAction::Flag(flag, spec.initial));
        let (from, to) = (Some(spec.initial.to_string()), Some(now.to_string()));
        let ways = paths(set, self.deaf_to(flag));
        let under_way = other.map(|other| self.with_what_spreads_it(other, flag));
        Some(Thing { what: Subject::Flag, name: spec.name.to_string(), from, to, under_way, ways })
    }

    /// A config of which another version is pushed than before the run, or by which some process goes.
    pub(super) fn changed_config(&self, config: ConfigId) -> Option<Thing> {
        let system = &self.model.system;
        let (spec, pushed) = (system.config(config), &self.control.configs[config.index()]);
        let (is_set, other) = (pushed.is_for_all(spec.initial), self.gone_by(config));
        if is_set && other.is_none() {
            return None;
        }
        let push = (!is_set).then_some(SettingAction::Config(config, spec.initial, Ratio::ONE));
        let (from, to) = (Some(spec.label(system, spec.initial)), Some(self.pushed_in_words(config)));
        let ways = paths(push, self.stuck_with(config));
        let under_way = other.map(|other| self.with_what_spreads_it(other, spec.initial));
        Some(Thing { what: Subject::Config, name: spec.name.to_string(), from, to, under_way, ways })
    }

    /// The version of a config that is pushed to all, and the one that is pushed to a share instead.
    fn pushed_in_words(&self, config: ConfigId) -> String {
        let system = &self.model.system;
        let (spec, pushed) = (system.config(config), &self.control.configs[config.index()]);
        let whole = spec.label(system, pushed.version);
        match pushed.canary.filter(|(version, _)| *version != pushed.version) {
            Some((version, share)) => format!("{whole}, {} for {share} of each service", spec.label(system, version)),
            None => whole,
        }
    }

    /// In words, how many processes do not see a flag as it was before the run; nothing, when all do.
    pub(super) fn seen_otherwise(&self, flag: FlagId) -> Option<String> {
        let before = self.model.system.flag(flag).initial;
        let others = self.concerned(flag).filter(|replica| replica.settings.get(flag) != before).count();
        let all = self.concerned(flag).count();
        (others > 0).then(|| format!("{} not see it as {before}", of_all_do(others, all)))
    }

    /// In words, how many processes go by another version of a config than before the run; nothing, when none does.
    pub(super) fn gone_by(&self, config: ConfigId) -> Option<String> {
        let spec = self.model.system.config(config);
        let goes_by_other = |(key, _): &(ReplicaKey, bool)| {
            self.fleet.replicas.get(*key).is_some_and(|replica| !replica.settings.get(spec.initial).is_on())
        };
        let others = self.reading(config).filter(goes_by_other).count();
        let before = spec.label(&self.model.system, spec.initial);
        let all = self.reading(config).count();
        (others > 0).then(|| format!("{} not go by {before}", of_all_do(others, all)))
    }

    /// The same, with how those come to hear of what is set.
    fn with_what_spreads_it(&self, other: String, flag: FlagId) -> String {
        format!("{other}; {}", self.known_of_setting(flag))
    }

    /// The services with a process that goes by another state of a flag than before the run, and asks no more.
    fn deaf_to(&self, flag: FlagId) -> BTreeSet<ServiceId> {
        let before = self.model.system.flag(flag).initial;
        let deaf = |replica: &&Replica| replica.settings.get(flag) != before && replica.is_deaf_to(flag);
        self.concerned(flag).filter(deaf).map(|replica| replica.service).collect()
    }

    /// The services with a process that read another version of a config in its environment than was there before the
    /// run, and reads it no more.
    pub(super) fn stuck_with(&self, config: ConfigId) -> BTreeSet<ServiceId> {
        let spec = self.model.system.config(config);
        if spec.access != ConfigAccess::Environment {
            return BTreeSet::new();
        }
        let readers = self.who_reads(config).into_iter().filter_map(|(key, _)| self.fleet.replicas.get(key));
        let has_read = |replica: &&Replica| matches!(replica.phase, Phase::Starting | Phase::Ready);
        let others = readers.filter(|replica| has_read(replica) && !replica.settings.get(spec.initial).is_on());
        others.map(|replica| replica.service).collect()
    }
}

/// What is to be set, alone and with a restart of each of these services; the restarts alone, where it is set already.
fn paths(set: Option<SettingAction>, restarted: BTreeSet<ServiceId>) -> Vec<Path> {
    let set = set.map(Action::Set);
    let restarts = restarted.into_iter().map(|service| Action::Service(service, ServiceAction::Restart));
    let with_restart = |action| set.map_or_else(|| Path::of(action), |set| Path::after(set, action));
    set.map(Path::of).into_iter().chain(restarts.map(with_restart)).collect()
}

/// So many of them all, and whether they do or it does.
fn of_all_do(some: usize, all: usize) -> String {
    format!("{some} of {} {}", processes(all), if some == 1 { "does" } else { "do" })
}

/// So many of them, in words.
pub(super) fn processes(count: usize) -> String {
    if count == 1 { "1 process".to_owned() } else { format!("{count} processes") }
}
