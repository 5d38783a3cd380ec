//! What the responders want, which is what skew is measured against.

use crate::world::World;
use model::action::SettingAction;
use model::control::{Change, ServiceChange};
use model::flag::Setting;
use model::id::{ConfigId, FlagId, ServiceId, VersionId};
use model::ratio::Ratio;
use model::rollout::RolloutOrder;
use std::collections::BTreeMap;

/// Where each thing is to be, as far as somebody has said so.
#[derive(Clone, Debug, Default, PartialEq)]
struct Targets {
    versions: BTreeMap<ServiceId, VersionId>,
    flags: BTreeMap<FlagId, Setting>,
    configs: BTreeMap<ConfigId, FlagId>,
}

/// What the responders want: the target of the last decision about each thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Intent {
    decided: Targets,
    /// What the release changed, so far.
    released: Targets,
    /// The way out is forward: what the release changed is wanted, where nothing else was decided.
    pub(super) forward: bool,
}

impl Intent {
    pub(super) fn note(&mut self, change: Change, release: bool) {
        let Targets { versions, flags, configs } = if release { &mut self.released } else { &mut self.decided };
        match change {
            Change::Service(
                service,
                ServiceChange::Target(version) | ServiceChange::Commit(version) | ServiceChange::StandIn(version, _),
            ) => {
                versions.insert(service, version);
            }
            Change::Set(SettingAction::Flag(flag, to)) => {
                flags.insert(flag, to);
            }
            Change::Set(SettingAction::Config(config, version, Ratio::ONE)) => {
                configs.insert(config, version);
            }
            // Some processes are to try a version: where all are to be is not decided.
            Change::Set(SettingAction::Config(..)) => {}
            Change::Service(..)
            | Change::Steer(_)
            | Change::Data(_)
            | Change::Build(_)
            | Change::Publish { .. }
            | Change::Fault(..) => {}
        }
    }

    /// A service that somebody else runs is what they want it to be.
    pub(crate) fn settle(&mut self, service: ServiceId, version: VersionId) {
        self.decided.versions.insert(service, version);
    }

    /// Somebody lets a controller go on to a version, tries one again that it gave up, or gives one up for the one it
    /// replaces. On to what the release brought is forward, and away from it is not.
    pub(super) fn roll(&mut self, service: ServiceId, to: VersionId, order: RolloutOrder) {
        let is_released = self.released.versions.get(&service) == Some(&to);
        self.forward = match order {
            RolloutOrder::Abort => is_released,
            RolloutOrder::Promote { .. } | RolloutOrder::Retry => self.forward || is_released,
        };
        self.settle(service, to);
    }

    /// Where a thing is wanted that was here `before`.
    fn target<K: Ord, V: Copy>(&self, of: fn(&Targets) -> &BTreeMap<K, V>, key: K, before: V) -> V {
        let released = of(&self.released).get(&key).filter(|_| self.forward);
        *of(&self.decided).get(&key).or(released).unwrap_or(&before)
    }
}

impl World {
    /// Whether everything is at its intended version: the target of the last decision, else of before
    /// the release.
    pub(crate) fn without_skew(&self) -> bool {
        let system = &self.model.system;
        let services = system.services.iter().enumerate();
        services.map(|(i, spec)| (ServiceId::new(i), spec.initial)).all(|(service, before)| {
            self.answers_with(service, self.intent.target(|all| &all.versions, service, before))
        }) && self.is_set_as_intended()
    }

    /// Whether those that answer for a service are of this version alone, and all there.
    fn answers_with(&self, service: ServiceId, version: VersionId) -> bool {
        match self.standing_in(service) {
            Some(own) => own == version && self.standby_up(service) == self.standby(service).count(),
            None => self.runs_only(service, version),
        }
    }

    /// Whether every process goes by the flags and configs that are intended.
    fn is_set_as_intended(&self) -> bool {
        let system = &self.model.system;
        let flags = system.flags.iter().enumerate().filter(|(_, spec)| spec.delivery.config().is_none());
        let configs = system.configs.iter().enumerate();
        flags.map(|(i, spec)| (FlagId::new(i), spec.initial)).all(|(flag, before)| {
            let intended = self.intent.target(|all| &all.flags, flag, before);
            self.control.flags.get(flag) == intended && self.all_see(flag, intended)
        }) && configs.map(|(i, spec)| (ConfigId::new(i), spec.initial)).all(|(config, before)| {
            let pushed = &self.control.configs[config.index()];
            let is_pushed =
                pushed.version == self.intent.target(|all| &all.configs, config, before) && pushed.canary.is_none();
            is_pushed && self.all_go_by(config)
        })
    }
}
