//! What the chronicle says of flags and configs.

use super::{EntryId, First, Happening, Who};
use crate::world::World;
use model::controllers::flags::Source;
use model::fault::FaultKind;
use model::flag::{Delivery, Setting};
use model::id::{FlagId, VersionId};
use std::collections::BTreeSet;

impl World {
    pub(super) fn record_flag(&mut self, flag: FlagId, to: Setting, source: Source) {
        let because: Vec<_> = match source {
            Source::Service | Source::Memory => self.chronicle.switched[flag.index()].into_iter().collect(),
            Source::CodeDefault | Source::Backup => {
                let behind = self.outages_behind(flag).into_iter().chain(self.starts_behind(flag));
                behind.collect::<BTreeSet<_>>().into_iter().collect()
            }
        };
        let switch = because.last().map_or(0, |id| *id as usize);
        let first = First::FlagSeen(flag, to, source, switch);
        let is_config = self.model.system.flag(flag).delivery.config().is_some();
        let who = if is_config { Who::Configs } else { Who::Flags };
        let told = self.chronicle.entries.len();
        let entry = self.chronicle.tell_first(first, self.now, who, Happening::FlagSeen(flag, to, source), because);
        // A default that says what is set changes nothing.
        let is_set = self.control.flags.get(flag).is_on();
        let by_default = matches!(source, Source::CodeDefault | Source::Backup);
        if to.is_on() && !(by_default && is_set) && self.chronicle.entries.len() > told {
            self.remember_seen(flag, entry);
        }
    }

    /// The faults that keep processes from hearing of a flag.
    fn outages_behind(&self, flag: FlagId) -> Vec<EntryId> {
        let Delivery::Provided(provider) = self.model.system.flag(flag).delivery else { return vec![] };
        let service = self.model.system.provider(provider).service;
        let outages = self.control.outages_of(&self.model.system, provider);
        let mut behind = self.struck_by(outages);
        behind.extend(service.into_iter().flat_map(|service| self.faults_on(service)));
        behind
    }

    /// Why processes that ask for a flag have started anew, and have never heard of it: orders, and what killed them.
    fn starts_behind(&self, flag: FlagId) -> Vec<EntryId> {
        let system = &self.model.system;
        let asks = |version: &&VersionId| system.version(**version).knows.has(flag);
        let asking: BTreeSet<_> =
            self.served.iter().filter(asks).map(|version| system.version(*version).service).collect();
        let ordered = asking.iter().filter_map(|service| self.chronicle.handled[service.index()]);
        let killed = self.chronicle.struck.iter().filter(|(fault, _)| match system.fault(**fault).kind {
            FaultKind::Kill { service, .. } => asking.contains(&service),
            _ => false,
        });
        ordered.chain(killed.map(|(_, entry)| *entry)).collect()
    }

    pub(super) fn record_config_kept(&mut self, version: VersionId, config: FlagId) {
        let because = self.chronicle.switched[config.index()].into_iter().collect();
        let first = First::ConfigKept(version, config);
        self.chronicle.tell_first(first, self.now, Who::Version(version), Happening::ConfigKept(config), because);
    }
}
