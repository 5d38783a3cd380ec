//! Feature flags: for whom they are on, and how processes learn of it.
//!
//! What is set in one place and what a process sees are both [`Settings`]; they are the same only when the process has
//! heard the last of it.

use crate::controllers::flags::fractional;
use crate::controllers::flags::streaming::StreamSpec;
use crate::id::{ConfigId, FlagId, ProviderId, ServiceId};
use crate::name::Name;
use crate::program::FlagSet;
use crate::ratio::Ratio;
use crate::system::System;
use crate::time::Span;
use std::collections::BTreeMap;
use std::fmt;

/// What programs branch on and somebody sets while they run.
#[derive(Clone, Debug)]
pub struct Flag {
    /// Its name; that of a config and its version, where it stands for one.
    pub name: Name,
    /// For whom it is on at the start of the run.
    pub initial: Setting,
    /// What a process takes it for that has never heard of it.
    pub code_default: Setting,
    /// How processes learn of it.
    pub delivery: Delivery,
}

/// How processes learn of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Each asks once in such an interval, at an offset of its own. Whoever is asked never fails.
    Polled(Span),
    /// Each has a provider, and whoever that asks may be out of reach.
    Provided(ProviderId),
    /// It stands for a version of a config: on in the processes that go by that version.
    Configured(ConfigId),
}

impl Delivery {
    /// The config of which it stands for a version, if it does.
    #[must_use]
    pub const fn config(self) -> Option<ConfigId> {
        match self {
            Delivery::Configured(config) => Some(config),
            Delivery::Polled(_) | Delivery::Provided(_) => None,
        }
    }
}

/// What processes have in them to learn of flags, and whom they learn from.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name.
    pub name: Name,
    /// How it learns.
    pub kind: ProviderKind,
    /// The service that it learns from, which is out of reach while none of its replicas works.
    pub service: Option<ServiceId>,
}

/// How a provider learns of flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// It asks again and again (Unleash).
    Polling {
        /// From one time to the next, while all is well.
        interval: Span,
        /// Whether what it has heard is on a disk that outlives the process.
        backup: bool,
    },
    /// It is told (flagd).
    Streaming(StreamSpec),
}

/// How a flag service is out of order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Nobody answers: connections break, and cannot be made.
    #[default]
    Unreachable,
    /// It answers that it is in trouble (429, 500, 503), and breaks connections.
    Errors,
    /// It refuses the keys of those who ask anew (401, 403). Connections that are there hold.
    Refuses,
}

/// For whom a flag is on: a share of the customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting(Ratio);

impl Setting {
    /// On for nobody.
    pub const OFF: Setting = Setting(Ratio::ZERO);
    /// On for everybody.
    pub const ON: Setting = Setting(Ratio::ONE);

    /// On for that share.
    #[must_use]
    pub const fn of(share: Ratio) -> Self {
        Setting(share)
    }

    /// On for everybody or for nobody.
    #[must_use]
    pub const fn switched(on: bool) -> Self {
        if on { Setting::ON } else { Setting::OFF }
    }

    /// The share it is on for.
    #[must_use]
    pub const fn share(self) -> Ratio {
        self.0
    }

    /// Whether it is on for somebody.
    #[must_use]
    pub fn is_on(self) -> bool {
        self != Setting::OFF
    }

    /// Whether it is on for some and off for others.
    #[must_use]
    pub fn is_partial(self) -> bool {
        self != Setting::OFF && self != Setting::ON
    }

    /// Whether it is on for the customer with this hash: weights of on and off, as flagd splits by them.
    #[must_use]
    pub fn holds_for(self, hash: u32) -> bool {
        let weights = [self.0, self.0.complement()].map(|share| i64::from(share.ppb()));
        fractional::pick(hash, &weights) == Ok(0)
    }

    /// A stable number for it: 0 for off, 1 for on.
    #[must_use]
    pub fn word(self) -> u64 {
        if self.is_partial() { 2 + u64::from(self.0.ppb()) } else { u64::from(self.is_on()) }
    }
}

/// `on`, `off` or `5 %`.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Setting::OFF => f.write_str("off"),
            Setting::ON => f.write_str("on"),
            Setting(share) => share.fmt(f),
        }
    }
}

/// For whom each flag is on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Those that are on for everybody.
    on: FlagSet,
    /// Those that are on for some.
    partial: BTreeMap<FlagId, Setting>,
}

impl Settings {
    /// For whom a flag is on.
    #[must_use]
    pub fn get(&self, flag: FlagId) -> Setting {
        self.partial.get(&flag).copied().unwrap_or(Setting::switched(self.on.has(flag)))
    }

    /// Sets for whom a flag is on.
    pub fn set(&mut self, flag: FlagId, to: Setting) {
        self.on = self.on.with(flag, to == Setting::ON);
        self.partial.remove(&flag);
        if to.is_partial() {
            self.partial.insert(flag, to);
        }
    }

    /// The flags that are on for everybody.
    #[must_use]
    pub const fn on(&self) -> FlagSet {
        self.on
    }

    /// The flags that are on for somebody.
    #[must_use]
    pub fn on_for_some(&self) -> FlagSet {
        self.partial.keys().fold(self.on, |set, flag| set.with(*flag, true))
    }

    /// Whether no customer sees anything else than another.
    #[must_use]
    pub fn are_the_same_for_all(&self) -> bool {
        self.partial.is_empty()
    }

    /// The flags that are on for a customer, by whose hash for each flag.
    #[must_use]
    pub fn of_customer(&self, hash: impl Fn(FlagId) -> u32) -> FlagSet {
        let partial = self.partial.iter();
        partial.fold(self.on, |set, (flag, setting)| set.with(*flag, setting.holds_for(hash(*flag))))
    }
}

impl System {
    /// How each flag is set at the start.
    #[must_use]
    pub fn initial_settings(&self) -> Settings {
        let mut settings = Settings::default();
        let flags = self.flags.iter().enumerate();
        flags.for_each(|(index, flag)| settings.set(FlagId::new(index), flag.initial));
        settings
    }

    /// How the provider of a flag listens, if it has one that does.
    #[must_use]
    pub fn stream_of(&self, flag: FlagId) -> Option<StreamSpec> {
        match self.provider_of(flag)?.kind {
            ProviderKind::Streaming(spec) => Some(spec),
            ProviderKind::Polling { .. } => None,
        }
    }

    /// How often the provider of a flag asks while all is well, or tries to be told when nothing is any more.
    #[must_use]
    pub fn period_of(&self, flag: FlagId) -> Option<Span> {
        Some(match self.provider_of(flag)?.kind {
            ProviderKind::Polling { interval, .. } => interval,
            ProviderKind::Streaming(spec) => spec.backoff_max,
        })
    }

    /// Whether what is heard of a flag outlives the process.
    #[must_use]
    pub fn backs_up(&self, flag: FlagId) -> bool {
        let kind = self.provider_of(flag).map(|provider| provider.kind);
        matches!(kind, Some(ProviderKind::Polling { backup: true, .. }))
    }

    fn provider_of(&self, flag: FlagId) -> Option<&Provider> {
        match self.flag(flag).delivery {
            Delivery::Provided(provider) => Some(self.provider(provider)),
            Delivery::Polled(_) | Delivery::Configured(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop};
    use proptest::{prop_assert_eq, proptest};

    fn percent(share: u32) -> Setting {
        Setting::of(Ratio::percent(share).unwrap())
    }

    #[test]
    fn a_setting_is_said_as_it_is_written() {
        assert_eq!([Setting::OFF, Setting::ON, percent(5)].map(|setting| setting.to_string()), ["off", "on", "5 %"]);
        assert_eq!([Setting::OFF, Setting::ON, percent(1)].map(Setting::word), [0, 1, 10_000_002]);
    }

    proptest! {
        #[test]
        fn the_last_setting_counts_and_moves_no_other_flag(
            steps in prop::collection::vec((0..8_usize, 0..=100_u32), 1..30),
            hash in any::<u32>(),
        ) {
            let (mut settings, mut shares) = (Settings::default(), [0; 8]);
            for (flag, share) in steps {
                settings.set(FlagId::new(flag), percent(share));
                shares[flag] = share;
            }
            let seen = settings.of_customer(|_| hash);
            for (flag, share) in shares.iter().enumerate().map(|(flag, share)| (FlagId::new(flag), percent(*share))) {
                prop_assert_eq!(settings.get(flag), share);
                prop_assert_eq!(settings.on().has(flag), share == Setting::ON);
                prop_assert_eq!(settings.on_for_some().has(flag), share.is_on());
                prop_assert_eq!(seen.has(flag), share.holds_for(hash));
            }
        }
    }
}
