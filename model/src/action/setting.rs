//! What can be set while processes run: flags, and versions of configs.

use super::{Effects, Refusal};
use crate::authority::Blast;
use crate::control::{Change, Control};
use crate::flag::Setting;
use crate::id::{ConfigId, FlagId, ServiceId, mix};
use crate::ratio::Ratio;
use crate::system::System;
use std::collections::BTreeSet;

/// What can be set while processes run. It is set at once; processes learn of it in their own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingAction {
    /// Sets for whom a flag is on.
    Flag(FlagId, Setting),
    /// Pushes a version of a config, by its flag, to a share of the processes. To all of them, it ends what was pushed
    /// to some.
    Config(ConfigId, FlagId, Ratio),
}

impl SettingAction {
    /// The flag that it puts on or off first of all.
    #[must_use]
    pub const fn flag(self) -> FlagId {
        match self {
            SettingAction::Flag(flag, _) | SettingAction::Config(_, flag, _) => flag,
        }
    }

    /// A config that one service reads is its own affair.
    pub(super) fn blast(self, system: &System) -> Blast {
        match self {
            SettingAction::Flag(..) => Blast::Global,
            SettingAction::Config(config, ..) => match readers(system, config)[..] {
                [] => Blast::Nothing,
                [only] => Blast::Service(only),
                [..] => Blast::Global,
            },
        }
    }

    pub(super) fn effects(self, control: &Control) -> Result<Effects, Refusal> {
        match self {
            SettingAction::Flag(flag, to) if control.flags.get(flag) == to => Err(Refusal::FlagUnchanged(flag)),
            SettingAction::Config(config, version, share) if is_there(control, config, version, share) => {
                Err(Refusal::FlagUnchanged(version))
            }
            SettingAction::Flag(..) | SettingAction::Config(..) => Ok(Effects::only(Change::Set(self))),
        }
    }

    /// What it does and to what, as numbers that depend on names alone.
    pub(super) fn key(self, system: &System) -> (&'static str, u64) {
        let name = system.flag(self.flag()).name.hash();
        match self {
            SettingAction::Flag(_, to) => ("flag", name ^ to.word()),
            SettingAction::Config(_, _, Ratio::ONE) => ("config", name),
            SettingAction::Config(_, _, share) => ("config", name ^ mix(u64::from(share.ppb()))),
        }
    }
}

/// Whether a push would change nothing.
fn is_there(control: &Control, config: ConfigId, version: FlagId, share: Ratio) -> bool {
    let pushed = &control.configs[config.index()];
    match share {
        Ratio::ONE => pushed.version == version && pushed.canary.is_none(),
        share => pushed.canary == Some((version, share)),
    }
}

/// The services that read a config in any of their versions.
fn readers(system: &System, config: ConfigId) -> Vec<ServiceId> {
    let versions = system.versions.iter().filter(|version| version.reads(system.config(config)));
    versions.map(|version| version.service).collect::<BTreeSet<_>>().into_iter().collect()
}
