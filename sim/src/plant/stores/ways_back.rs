//! Ways back: the first record of a kind may be one that a version to go back to would trip over.

use super::{RecordRef, work_out};
use crate::fact::{Fact, Hazard, Misfit};
use crate::world::World;
use model::access::Access;
use model::data::Kind;
use model::id::{FlagId, StoreId, VersionId};
use std::cmp::Reverse;

impl World {
    /// A record is the first of its kind that a version has written.
    pub(super) fn emerge(&mut self, record: RecordRef) {
        let hard = self.kind_of(record).hard;
        self.report(Fact::Emerged { record, was: self.written(record), hard });
        if self.trips(record) {
            self.endanger(record, Some(self.written(record).by));
        }
    }

    /// Versions that serve, or that one may go back to: those that have served, and what is older than the youngest of
    /// those, while its artifact is retained. Nobody goes back to an older version of a partner.
    pub(crate) fn versions_to_go_back_to(&self) -> Vec<VersionId> {
        let services = self.model.system.services.iter();
        let known = services.flat_map(|service| {
            let has_served = |version: &VersionId| self.served.contains(version);
            let youngest = service.versions.iter().rposition(has_served).map_or(0, |place| place + 1);
            let may_come = move |version: &VersionId| !service.external && self.control.retains(*version);
            service.versions[..youngest].iter().copied().filter(move |version| has_served(version) || may_come(version))
        });
        known.collect()
    }

    /// A record is the first of its kind: what that means to versions one may go back to, but for one that has written
    /// it.
    pub(crate) fn endanger(&mut self, record: RecordRef, but: Option<VersionId>) {
        let (kind, was) = (self.kind_of(record), self.written(record));
        let others = self.versions_to_go_back_to().into_iter().filter(|version| Some(*version) != but);
        let mut hazards: Vec<_> =
            others.filter_map(|reader| Some((reader, self.hazard(record.store, reader, &kind)?))).collect();
        // By name, the last one first: the order of declarations means nothing.
        hazards.sort_by_key(|(reader, _)| Reverse(self.model.system.version(*reader).name.clone()));
        for (reader, hazard) in hazards {
            self.report(Fact::Unsafe { record, was, reader, hazard });
        }
    }

    fn kind_of(&self, record: RecordRef) -> Kind {
        let records = &self.stores[record.store.index()];
        *records.kinds.get(records.kind_of(record.index))
    }

    /// Whether somebody can trip over a record. Nobody does over what is in a cache if it is not found, or taken for a
    /// miss.
    fn trips(&self, record: RecordRef) -> bool {
        let system = &self.model.system;
        let content = system.cache_of(record.store).and_then(|cache| system.cache(cache).content);
        content.is_none_or(|content| content.trips())
    }

    /// The worst that a version would make of a record, as the flags are.
    pub(crate) fn hazard(&self, store: StoreId, version: VersionId, kind: &Kind) -> Option<Hazard> {
        let accesses = self.model.system.accesses.iter();
        let own = accesses.filter(|access| access.version == version && access.store == store);
        let own = own.filter(|access| access.gate.is_open(&self.control.flags));
        own.filter_map(|access| hazard_of(access, kind)).min_by_key(Hazard::rank)
    }

    /// The flags that are off, and under which a version would do with a record what it does with it.
    pub(crate) fn flags_missed(&self, record: RecordRef, version: VersionId) -> Vec<FlagId> {
        let (kind, off) = (self.kind_of(record), |flag: &FlagId| !self.control.flags.get(*flag).is_on());
        let accesses = self.model.system.accesses.iter();
        let own = accesses.filter(|access| (access.version, access.store) == (version, record.store));
        let does = own.filter(|access| access.reader().is_some() && hazard_of(access, &kind).is_none());
        does.filter_map(|access| access.gate.on).filter(off).collect()
    }
}

fn hazard_of(access: &Access, kind: &Kind) -> Option<Hazard> {
    access.reader()?; // what is new is not read first
    match work_out(access, kind) {
        Err(misfit) => Some(Hazard::Misfit(misfit)),
        Ok((_, read)) if !read.not_as_meant().is_empty() => Some(Hazard::Misfit(Misfit::Misread(read.not_as_meant()))),
        Ok((after, _)) => {
            let harmed = (after.lost - kind.lost) | (after.bad - kind.bad);
            (!harmed.is_empty()).then_some(Hazard::Loss(harmed))
        }
    }
}
