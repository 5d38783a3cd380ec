//! Names: which there are, and what to say about one that is not among them.

use super::places;
use crate::raw::{RawFormat, RawScenario};
use crate::syntax::{Diagnostic, Diagnostics, Map, Text, did_you_mean, listed, quoted};
use std::collections::BTreeMap;

/// What the first state of a table is called.
pub(super) const INITIAL: &str = "initial";

/// The names of one kind of thing, in the order of their ids.
#[derive(Clone, Debug)]
pub(super) struct Table {
    what: &'static str,
    names: Vec<String>,
    index: BTreeMap<String, usize>,
}

impl Table {
    pub(super) fn new<S: Into<String>>(what: &'static str, names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let index = names.iter().enumerate().map(|(i, name)| (name.clone(), i)).collect();
        Table { what, names, index }
    }

    /// Where the name is in the table; reports one that is not there.
    pub(super) fn find(&self, text: &Text, out: &mut Diagnostics) -> Option<usize> {
        let found = self.position(&text.value);
        if found.is_none() {
            out.push(self.unknown(text));
        }
        found
    }

    /// Where the name is in the table, if it is.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    fn unknown(&self, text: &Text) -> Diagnostic {
        let finding = Diagnostic::error(text.span, format!("there is no {} {}", self.what, quoted(&text.value)));
        if self.names.is_empty() {
            return finding.help(format!("this scenario declares no {} at all", self.what));
        }
        let near = did_you_mean(&text.value, self.names());
        let few = (self.names.len() <= 12).then(|| format!("there is {}", listed(self.names())));
        finding.maybe_help(near.or(few))
    }
}

/// The names of everything in a scenario.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) regions: Table,
    pub(super) zones: Table,
    pub(super) classes: Table,
    pub(super) flags: Table,
    pub(super) providers: Table,
    /// Configs and their versions, as `limits 2`.
    pub(super) configs: Table,
    pub(super) services: Table,
    pub(super) endpoints: Table,
    pub(super) versions: Table,
    pub(super) stores: Table,
    pub(super) contracts: Table,
    pub(super) caches: Table,
    /// Whatever keeps records, in the order of their stores: those of topics and caches behind the others.
    pub(super) keepers: Table,
    /// By store, those of the topics behind the others.
    pub(super) formats: Vec<Table>,
    pub(super) topics: Table,
    pub(super) groups: Table,
    pub(super) jobs: Table,
    pub(super) effects: Table,
    pub(super) repairs: Table,
    /// Those of all tables.
    pub(super) migrations: Table,
    pub(super) backups: Table,
    pub(super) slos: Table,
    pub(super) alerts: Table,
    pub(super) plans: Table,
    pub(super) secrets: Table,
    pub(super) audiences: Table,
    pub(super) runbooks: Table,
}

impl Names {
    pub(super) fn of(raw: &RawScenario) -> Self {
        let classes: Vec<_> = raw.classes.0.iter().map(|class| class.value.clone()).collect();
        let classes = if classes.is_empty() { vec!["request".to_owned()] } else { classes };
        let of = |formats: &Map<RawFormat>| Table::new("format", formats.names());
        let stores = raw.stores.iter().map(|(_, store)| match &store.table {
            None => of(&store.formats),
            Some(_) => Table::new("state", std::iter::once(INITIAL).chain(store.migrations.names())),
        });
        let topics = raw.topics.iter().map(|(_, topic)| of(&topic.formats));
        let caches = || raw.caches.iter().filter(|(_, cache)| !cache.formats.is_empty());
        let cached = caches().map(|(name, _)| name.value.as_str());
        let keepers = raw.stores.names().chain(raw.topics.names()).chain(cached);
        let keepers = Table::new("store, topic or cache with formats", keepers);
        let caches = caches().map(|(_, cache)| of(&cache.formats));
        Names {
            regions: Table::new("region", places::region_names(raw)),
            zones: Table::new("zone", places::zone_names(raw)),
            classes: Table::new("class", classes),
            flags: Table::new("flag", raw.flags.names()),
            providers: Table::new("provider", raw.providers.names()),
            configs: Table::new("version of a config", config_versions(raw)),
            services: Table::new("service", raw.services.names()),
            endpoints: Table::new("endpoint", endpoint_names(raw)),
            versions: Table::new("version", version_names(raw)),
            stores: Table::new("store", raw.stores.names()),
            contracts: Table::new("contract", raw.contracts.names()),
            caches: Table::new("cache", raw.caches.names()),
            keepers,
            formats: stores.chain(topics).chain(caches).collect(),
            topics: Table::new("topic", raw.topics.names()),
            groups: Table::new("consumer group", raw.consumers.names()),
            jobs: Table::new("job", raw.jobs.names()),
            effects: Table::new("effect", raw.effects.names()),
            repairs: Table::new("repair", raw.repairs.names()),
            migrations: Table::new("migration", raw.stores.iter().flat_map(|(_, store)| store.migrations.names())),
            backups: Table::new("backup", raw.backups.names()),
            slos: Table::new("objective", raw.slos.names()),
            alerts: Table::new("alert", raw.alerts.names()),
            plans: Table::new("plan", raw.plans.names()),
            secrets: Table::new("secret", raw.secrets.0.iter().map(|secret| secret.value.clone())),
            audiences: Table::new("audience", raw.updates.names()),
            runbooks: Table::new("runbook", raw.runbooks.names()),
        }
    }
}

fn endpoint_names(raw: &RawScenario) -> Vec<String> {
    let services = raw.services.iter();
    services
        .flat_map(|(service, spec)| spec.endpoints.names().map(move |endpoint| format!("{}.{endpoint}", service.value)))
        .collect()
}

fn config_versions(raw: &RawScenario) -> Vec<String> {
    let configs = raw.configs.iter();
    configs.flat_map(|(name, config)| config.versions.0.iter().map(|label| config_version(name, label))).collect()
}

/// What a version of a config is called.
pub(super) fn config_version(config: &Text, label: &Text) -> String {
    format!("{} {}", config.value, label.value)
}

/// The labels of a service's versions: one, `1`, when it declares none.
pub(super) fn labels(service: &crate::raw::RawService) -> Vec<String> {
    if service.versions.is_empty() {
        return vec!["1".to_owned()];
    }
    service.versions.names().map(str::to_owned).collect()
}

fn version_names(raw: &RawScenario) -> Vec<String> {
    let services = raw.services.iter();
    services
        .flat_map(|(service, spec)| labels(spec).into_iter().map(|label| format!("{} {label}", service.value)))
        .collect()
}
