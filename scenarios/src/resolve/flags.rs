//! Flags, the providers processes learn of them by, and configs.

use super::{Resolver, names};
use crate::raw::{RawConfig, RawFlag, RawPolling, RawProvider, RawPush, RawReading, RawResolver, RawStreaming};
use crate::syntax::{Spanned, Text, quoted};
use model::action::{Action, SettingAction};
use model::config::{Config, ConfigAccess};
use model::controllers::flags::streaming::{Resolver as Evaluator, StreamSpec};
use model::flag::{Delivery, Flag, Provider, ProviderKind, Setting};
use model::id::{ConfigId, FlagId, ProviderId, ServiceId};
use model::name::Name;
use model::ratio::Ratio;
use model::time::Span;

/// The shortest interval of any kind.
const LEAST: Span = Span::from_millis(1);

impl Resolver<'_> {
    /// Fills the tables of flags, providers and configs. Each version of a config has a flag behind those of the
    /// scenario.
    pub(super) fn resolve_flags(&mut self) {
        let raw = self.raw;
        self.system.providers = raw.providers.iter().map(|(name, provider)| self.provider(name, provider)).collect();
        self.system.flags = raw.flags.iter().map(|(name, flag)| self.flag(name, flag)).collect();
        for (name, config) in raw.configs.iter() {
            let config = self.config(name, config);
            self.system.configs.extend(config);
        }
    }

    fn flag(&mut self, name: &Text, raw: &RawFlag) -> Flag {
        let poll = self.at_least(raw.poll.as_ref(), Span::from_secs(30), LEAST, "polls of a process are apart");
        let provider = raw.provider.as_ref().and_then(|provider| self.names.providers.find(provider, self.out));
        if let Some(poll) = raw.poll.as_ref().filter(|_| raw.provider.is_some()) {
            self.error_with(poll.span, "the provider says how processes learn of it", "leave out `poll`");
        }
        if let Some(default) = raw.default.as_ref().filter(|_| raw.provider.is_none()) {
            let help = "name a `provider`, or leave out `default`";
            self.error_with(default.span, "without a provider every process hears of it, and no default counts", help);
        }
        if self.names.configs.position(&name.value).is_some() {
            let message = format!("a version of a config is called {}, too", quoted(&name.value));
            self.error_with(name.span, message, "call one of the two something else");
        }
        Flag {
            name: Name::new(&name.value),
            initial: raw.initial.unwrap_or(Setting::OFF),
            code_default: Setting::switched(raw.default.as_ref().is_some_and(|default| default.value)),
            delivery: provider.map_or(Delivery::Polled(poll), |id| Delivery::Provided(ProviderId::new(id))),
        }
    }

    fn provider(&mut self, name: &Text, raw: &RawProvider) -> Provider {
        let (kind, service) = match raw {
            RawProvider::Polling(raw) => (self.polling(raw), &raw.service),
            RawProvider::Streaming(raw) => (self.streaming(raw), &raw.service),
        };
        let service = service.as_ref().and_then(|service| self.names.services.find(service, self.out));
        Provider { name: Name::new(&name.value), kind, service: service.map(ServiceId::new) }
    }

    fn polling(&mut self, raw: &RawPolling) -> ProviderKind {
        let interval = self.at_least(Some(&raw.polling), LEAST, LEAST, "polls of a process are apart");
        ProviderKind::Polling { interval, backup: raw.backup.unwrap_or(false) }
    }

    fn streaming(&mut self, raw: &RawStreaming) -> ProviderKind {
        let usual = StreamSpec::default();
        let backoff = self.at_least(raw.backoff.as_ref(), usual.backoff, LEAST, "between attempts a provider waits");
        let longest = raw.backoff_max.as_ref().map_or(usual.backoff_max.max(backoff), |longest| longest.value);
        if let Some(longest) = raw.backoff_max.as_ref().filter(|longest| longest.value < backoff) {
            self.error(longest.span, "the longest wait is shorter than the first");
        }
        ProviderKind::Streaming(StreamSpec {
            resolver: match raw.streaming {
                RawResolver::Rpc => Evaluator::Rpc,
                RawResolver::InProcess => Evaluator::InProcess,
            },
            grace: raw.grace.unwrap_or(usual.grace),
            backoff,
            backoff_max: longest,
            deadline: usual.deadline,
        })
    }

    fn config(&mut self, name: &Text, raw: &RawConfig) -> Option<Config> {
        self.once_each(&raw.versions.0);
        if raw.versions.0.is_empty() {
            let help = "name at least one: `versions: [\"1\"]`";
            self.error_with(name.span, "a config has versions", help);
            return None;
        }
        let labels = names::Table::new("version of this config", raw.versions.0.iter().map(|label| &label.value));
        let runs = raw.runs.as_ref().and_then(|runs| labels.find(runs, self.out)).unwrap_or(0);
        let (id, first) = (ConfigId::new(self.system.configs.len()), self.system.flags.len());
        self.system.flags.extend(raw.versions.0.iter().enumerate().map(|(place, label)| Flag {
            name: Name::new(names::config_version(name, label)),
            initial: Setting::switched(place == runs),
            code_default: Setting::OFF,
            delivery: Delivery::Configured(id),
        }));
        Some(Config {
            name: Name::new(&name.value),
            versions: (first..first + raw.versions.0.len()).map(FlagId::new).collect(),
            initial: FlagId::new(first + runs),
            access: self.reading(raw),
            keeps_good: raw.last_known_good.unwrap_or(false),
        })
    }

    fn reading(&mut self, raw: &RawConfig) -> ConfigAccess {
        let sync = self.at_least(raw.sync.as_ref(), Span::from_secs(60), LEAST, "updates of a mounted file are apart");
        let reload = self.at_least(raw.reload.as_ref(), Span::ZERO, LEAST, "looks of a process are apart");
        match raw.read.unwrap_or(RawReading::Mounted) {
            RawReading::Mounted => ConfigAccess::Mounted { sync, reload },
            RawReading::Environment => {
                let useless = [("sync", &raw.sync), ("reload", &raw.reload)];
                for (key, Spanned { span, .. }) in useless.into_iter().filter_map(|(key, it)| Some((key, it.as_ref()?)))
                {
                    let help = format!("leave out `{key}`, or write `read: mounted`");
                    self.error_with(*span, "the environment of a process never changes", help);
                }
                ConfigAccess::Environment
            }
        }
    }

    /// An order to push a version of a config.
    pub(super) fn push(&mut self, raw: &RawPush) -> Option<Action> {
        let version = self.config_version(&raw.config)?;
        if let Some(share) = raw.share.as_ref().filter(|share| share.value == Ratio::ZERO) {
            let help = "write a share, like `25 %`, or leave it out for all";
            self.error_with(share.span, "it is pushed to nobody", help);
        }
        let share = raw.share.as_ref().map_or(Ratio::ONE, |share| share.value);
        let config = self.system.flags.get(version.index())?.delivery.config()?;
        Some(Action::Set(SettingAction::Config(config, version, share)))
    }

    /// A version of a config, as `limits 2`.
    pub(super) fn config_version(&mut self, name: &Text) -> Option<FlagId> {
        let place = self.names.configs.find(name, self.out)?;
        Some(FlagId::new(self.names.flags.len() + place))
    }

    /// What gates something: a flag, or a version of a config.
    pub(super) fn gating(&mut self, name: &Text) -> Option<FlagId> {
        if self.names.configs.position(&name.value).is_some() {
            return self.config_version(name);
        }
        self.names.flags.find(name, self.out).map(FlagId::new)
    }
}
