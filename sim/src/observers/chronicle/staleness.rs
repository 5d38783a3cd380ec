//! Why an entry of a cache is stale: it lay where whoever changed its key did not look, or the key changed while it was
//! fetched.

use super::deeds::deeds;
use super::{EntryId, First, Happening, Who};
use crate::fact::{Staleness, Written};
use crate::plant::misled::Misled;
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::cache::Undecodable;
use model::data::Mask;
use model::id::{CacheId, EndpointId, FormatId, ServiceId, VersionId};
use std::collections::BTreeSet;

impl World {
    pub(super) fn record_stale(
        &mut self,
        (cache, entry): (CacheId, Option<(RecordRef, Written)>),
        version: VersionId,
        how: Staleness,
    ) {
        let written = entry.map(|(_, written)| written);
        // Who loses a race does so whoever brought in the one that answers.
        let brought = self.chronicle.what_brought(version).filter(|_| how == Staleness::Missed);
        // Whoever comes back may fill it in again, or look elsewhere.
        let last = self.chronicle.back.iter().copied().max().flatten().filter(|_| how == Staleness::Missed);
        let last = last.max(brought);
        let first = First::Stale(cache, version, written, how, last);
        if self.chronicle.firsts.contains_key(&first) {
            return;
        }
        let because = match how {
            Staleness::Missed => self.behind_missed(cache, entry, brought),
            Staleness::Raced => self.behind_races(cache),
        };
        let because = because.into_iter().collect();
        let what = Happening::Stale { cache, entry, how };
        let told = self.chronicle.tell_first(first, self.now, Who::Version(version), what, because);
        self.chronicle.misleading.tell(Misled::Stale(cache, written, version, how), last, told);
    }

    /// Who wrote the entry that answers, who brought in whoever answers, and whoever does not look there.
    fn behind_missed(
        &self,
        cache: CacheId,
        entry: Option<(RecordRef, Written)>,
        brought: Option<EntryId>,
    ) -> BTreeSet<EntryId> {
        let written = entry.map(|(record, own)| self.chronicle.first_written(record.store, own, Mask::EMPTY));
        // That it was filled in is no reason, unless that has one.
        let filled = written.into_iter().flatten().filter(|line| self.has_reason(*line));
        let mut because: BTreeSet<_> = filled.chain(brought).collect();
        because.extend(self.users_of(cache).into_iter().flat_map(|version| self.brought(Some(version))));
        because
    }

    fn has_reason(&self, line: EntryId) -> bool {
        !self.chronicle.entries[line as usize - 1].because.is_empty()
    }

    /// Why a key can change while it is fetched, if that was not so from the start: versions have come that do
    /// something else on the way to it, or for which more is fetched, and faults make it take longer.
    fn behind_races(&self, cache: CacheId) -> BTreeSet<EntryId> {
        let users = self.users_of(cache);
        let services: BTreeSet<ServiceId> = users.iter().map(|user| self.model.system.version(*user).service).collect();
        let other_users = users.into_iter().filter(|user| self.uses_otherwise(cache, *user));
        let behind: BTreeSet<ServiceId> = services.iter().flat_map(|own| self.services_behind(*own)).collect();
        let asked = self.served.iter().copied().filter(|version| {
            let service = self.model.system.version(*version).service;
            behind.contains(&service) && !services.contains(&service) && self.does_otherwise(*version, |_| true)
        });
        let others: BTreeSet<VersionId> = other_users.chain(asked).collect();
        let faults = behind.iter().flat_map(|service| self.faults_on(*service));
        others.into_iter().flat_map(|version| self.brought(Some(version))).chain(faults).collect()
    }

    /// The versions that have served and use a cache.
    fn users_of(&self, cache: CacheId) -> BTreeSet<VersionId> {
        let uses = |version: &&VersionId| {
            let ops = self.model.system.version(**version).programs.iter().flat_map(|program| &program.ops);
            ops.into_iter().any(|op| op.cache() == Some(cache))
        };
        self.served.iter().filter(uses).copied().collect()
    }

    /// Whether a version uses a cache otherwise than the one before the run: where it does, or because it does not
    /// find, or cannot decode, what the other one has filled in, and fetches that again.
    fn uses_otherwise(&self, cache: CacheId, version: VersionId) -> bool {
        let system = &self.model.system;
        let initial = system.service(system.version(version).service).initial;
        let at_cache = |endpoint: EndpointId| {
            let programs = [version, initial].map(|one| system.program(one, endpoint));
            programs.iter().any(|program| program.ops.iter().any(|op| op.cache() == Some(cache)))
        };
        let content = system.cache(cache).content;
        let is_fetched_again = content.is_some_and(|own| own.is_versioned() || own.undecodable == Undecodable::Miss);
        let has_others = || self.formats_in(cache, version) != self.formats_in(cache, initial);
        is_fetched_again && has_others() || self.does_otherwise(version, at_cache)
    }

    /// The formats in which a version reads and writes the entries of a cache.
    fn formats_in(&self, cache: CacheId, version: VersionId) -> BTreeSet<(bool, FormatId)> {
        let system = &self.model.system;
        let store = system.cache(cache).content.map(|content| content.store);
        let own = system.accesses.iter().filter(|one| one.version == version && Some(one.store) == store);
        own.flat_map(|one| {
            let read = one.reader().map(|reader| (false, reader.schema));
            read.into_iter().chain(one.written().map(|format| (true, format)))
        })
        .collect()
    }

    /// Whether a version does something else than the one before the run at some endpoint among these.
    pub(super) fn does_otherwise(&self, version: VersionId, among: impl Fn(EndpointId) -> bool) -> bool {
        let system = &self.model.system;
        let service = system.service(system.version(version).service);
        let mut endpoints = service.endpoints.iter().copied().filter(|endpoint| among(*endpoint));
        endpoints.any(|endpoint| deeds(system, version, endpoint) != deeds(system, service.initial, endpoint))
    }
}
