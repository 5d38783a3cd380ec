//! Limits: how many there may be of what has ids of a fixed width, or is kept as bits.

use super::Resolver;
use crate::raw::RawScenario;
use crate::syntax::{Map, SourceSpan};
use model::backup::BackupSet;
use model::program::{ClassSet, EffectSet, FlagSet};

/// Ids of sixteen bits.
const IDS: usize = u16::MAX as usize;
/// Formats of a store: ids of eight bits.
const FORMATS: usize = u8::MAX as usize;

impl Resolver<'_> {
    /// Whether everything fits its ids; reports what does not.
    pub(super) fn fits(&mut self) -> bool {
        let raw = self.raw;
        let services = || raw.services.iter().map(|(_, service)| service);
        let versions = || services().flat_map(|service| service.versions.iter());
        let defects = versions().flat_map(|(_, version)| &version.defects);
        let kept = [
            self.at_most("classes", raw.classes.0.iter().map(|class| class.span), ClassSet::LIMIT),
            self.at_most(flags_called(raw), flag_spans(raw), FlagSet::LIMIT),
            self.at_most("providers", spans(&raw.providers), FORMATS),
            self.at_most("effects", spans(&raw.effects), EffectSet::LIMIT),
            // One without versions has one.
            self.at_most("services", spans(&raw.services), IDS / 2),
            self.at_most("versions", versions().map(|(name, _)| name.span), IDS / 2),
            self.at_most("endpoints", services().flat_map(|service| spans(&service.endpoints)), IDS),
            self.at_most("defects", defects.map(|defect| defect.defect.span), IDS),
            self.fit_tables(raw),
        ];
        kept.into_iter().all(|fits| fits)
    }

    /// The same for what stands in a table by itself.
    fn fit_tables(&mut self, raw: &RawScenario) -> bool {
        let mut fits = [
            self.at_most("sources", spans(&raw.traffic), IDS),
            self.at_most("stores and topics", spans(&raw.stores).chain(spans(&raw.topics)), IDS / 2),
            self.at_most("consumer groups", spans(&raw.consumers), IDS),
            self.at_most("contracts", spans(&raw.contracts), IDS),
            self.at_most("caches", spans(&raw.caches), IDS / 2),
            // Effects have jobs of their own, which take them back.
            self.at_most("jobs", spans(&raw.jobs), IDS - EffectSet::LIMIT),
            self.at_most("background jobs", spans(&raw.background), IDS),
            self.at_most("repairs", spans(&raw.repairs), IDS),
            self.at_most("backups", spans(&raw.backups), BackupSet::LIMIT),
            self.at_most("faults", raw.faults.iter().map(|fault| fault.span), IDS),
            self.at_most("secrets", raw.secrets.0.iter().map(|secret| secret.span), IDS),
            self.at_most("objectives", spans(&raw.slos), IDS),
            self.at_most("alerts", spans(&raw.alerts), IDS),
            self.at_most("seats", spans(&raw.seats), IDS),
        ]
        .into_iter()
        .all(|fits| fits);
        for (_, contract) in raw.contracts.iter() {
            fits &= self.at_most("revisions of a contract", spans(&contract.revisions), FORMATS);
        }
        for (_, store) in raw.stores.iter() {
            fits &= self.at_most("formats of a store", spans(&store.formats), FORMATS);
            fits &= self.at_most("migrations of a table", spans(&store.migrations), FORMATS - 1);
        }
        for (_, topic) in raw.topics.iter() {
            fits &= self.at_most("formats of a topic", spans(&topic.formats), FORMATS);
        }
        for (_, cache) in raw.caches.iter() {
            fits &= self.at_most("formats of a cache", spans(&cache.formats), FORMATS);
        }
        fits
    }

    /// Whether there are not too many. What is too much begins where the first one beyond the limit stands.
    pub(super) fn at_most(&mut self, what: &str, all: impl Iterator<Item = SourceSpan>, limit: usize) -> bool {
        let all: Vec<_> = all.collect();
        let Some(first) = all.get(limit) else { return true };
        self.error(*first, format!("{} {what} are too many: at most {limit}", all.len()));
        false
    }
}

fn spans<T>(map: &Map<T>) -> impl Iterator<Item = SourceSpan> + '_ {
    map.iter().map(|(name, _)| name.span)
}

/// What has a bit in a set of flags.
fn flag_spans(raw: &RawScenario) -> impl Iterator<Item = SourceSpan> + '_ {
    let versions = raw.configs.iter().flat_map(|(_, config)| config.versions.0.iter().map(|label| label.span));
    spans(&raw.flags).chain(versions)
}

fn flags_called(raw: &RawScenario) -> &'static str {
    if raw.configs.is_empty() { "flags" } else { "flags and versions of configs" }
}
