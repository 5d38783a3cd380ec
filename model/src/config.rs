//! Configs: files beside the code, with versions of their own.
//!
//! A process goes by one version of each config, and branches on it as on a flag: each version has a flag of its own.
//! A rollback of the code is none of the config, and a process that is started comes up on the config that is there by
//! then, whatever those beside it still go by.

use crate::id::FlagId;
use crate::name::Name;
use crate::ratio::Ratio;
use crate::system::{System, Version};
use crate::time::Span;

/// A config, and how processes get at it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its name.
    pub name: Name,
    /// The flag of each of its versions, oldest first.
    pub versions: Vec<FlagId>,
    /// The one that is there at the start.
    pub initial: FlagId,
    /// How processes get at it.
    pub access: ConfigAccess,
    /// Whether a process that cannot load it goes by the last one that it could load, instead of dying of it.
    pub keeps_good: bool,
}

impl Config {
    /// What one of its versions is called within it.
    #[must_use]
    pub fn label(&self, system: &System, version: FlagId) -> String {
        let name = system.flag(version).name.to_string();
        name.strip_prefix(self.name.as_str()).map_or(name.clone(), |label| label.trim_start().to_owned())
    }
}

impl Version {
    /// Whether it looks at a config.
    #[must_use]
    pub fn reads(&self, config: &Config) -> bool {
        config.versions.iter().any(|version| self.knows.has(*version))
    }
}

/// How processes get at a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigAccess {
    /// From a file that is kept up to date.
    Mounted {
        /// How often the file is brought up to date, on each host at an offset of its own.
        sync: Span,
        /// How often a process looks at the file, at an offset of its own; at nothing, it is told at once.
        reload: Span,
    },
    /// From the environment it is started in, which never changes.
    Environment,
}

/// Which versions of a config are pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The one for all.
    pub version: FlagId,
    /// Those that were for all before it, oldest first.
    pub earlier: Vec<FlagId>,
    /// The one that a share of the processes is to go by instead, at least one of each service.
    pub canary: Option<(FlagId, Ratio)>,
}

impl Pushed {
    /// As it is before anything is pushed.
    #[must_use]
    pub const fn initially(config: &Config) -> Self {
        Pushed { version: config.initial, earlier: Vec::new(), canary: None }
    }

    /// A version is pushed to a share of the processes; to all of them, it is the version from then on.
    pub fn push(&mut self, version: FlagId, share: Ratio) {
        if share < Ratio::ONE {
            self.canary = Some((version, share));
            return;
        }
        self.canary = None;
        if version != self.version {
            self.earlier.push(self.version);
            self.version = version;
        }
    }

    /// Whether a version is the one for all, and no share goes by another one.
    #[must_use]
    pub fn is_for_all(&self, version: FlagId) -> bool {
        self.version == version && self.canary.is_none_or(|(canary, _)| canary == version)
    }

    /// The version for the process at this place, out of so many of its service.
    #[must_use]
    pub fn version_at(&self, place: usize, of: usize) -> FlagId {
        match self.canary {
            Some((version, share)) if is_among(place, of, share) => version,
            _ => self.version,
        }
    }
}

/// Whether a place is among the first that make up a share of all, rounded up.
fn is_among(place: usize, of: usize, share: Ratio) -> bool {
    let first = (of as u128 * u128::from(share.ppb())).div_ceil(u128::from(Ratio::ONE.ppb()));
    (place as u128) < first
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prop_assert, prop_assert_eq, proptest};

    const OLD: FlagId = FlagId::ZERO;

    fn pushed(share: u32) -> Pushed {
        let mut pushed = Pushed { version: OLD, earlier: Vec::new(), canary: None };
        pushed.push(FlagId::new(1), Ratio::percent(share).unwrap());
        pushed
    }

    #[test]
    fn a_push_to_all_ends_a_canary_and_remembers_what_was_before() {
        let mut pushed = pushed(10);
        assert_eq!((pushed.version, pushed.version_at(0, 4), pushed.version_at(1, 4)), (OLD, FlagId::new(1), OLD));
        pushed.push(FlagId::new(1), Ratio::ONE);
        assert_eq!(pushed, Pushed { version: FlagId::new(1), earlier: vec![OLD], canary: None });
        pushed.push(FlagId::new(1), Ratio::ONE);
        assert_eq!(pushed.earlier, [OLD], "pushed again, it is no change");
        pushed.push(OLD, Ratio::ONE);
        assert_eq!((pushed.version, pushed.earlier), (OLD, vec![OLD, FlagId::new(1)]));
    }

    proptest! {
        #[test]
        fn a_canary_is_at_least_one_and_its_share_rounded_up(share in 1..100_u32, of in 1..200_usize) {
            let canaries = (0..of).filter(|place| pushed(share).version_at(*place, of) != OLD).count();
            prop_assert_eq!(canaries, (of * share as usize).div_ceil(100));
            prop_assert!(canaries >= 1);
        }
    }
}
