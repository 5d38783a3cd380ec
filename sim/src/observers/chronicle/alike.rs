//! Versions that do as others do: what comes of such a one would have come without it, and what brought it in is no
//! cause.

use super::motives::Matter;
use super::writers::Encounter;
use super::{EntryId, HowMisfit};
use crate::fact::Written;
use crate::plant::stores::{rewritten, work_out};
use crate::world::World;
use model::access::{Access, Create, Verb};
use model::data::{self, Kind, Mask, Read};
use model::id::{StoreId, VersionId};

impl World {
    /// What brought in a version that trips over a record, where another one of its service does not.
    pub(super) fn behind_tripping(&self, kind: &Kind, met: Encounter, how: HowMisfit) -> Vec<EntryId> {
        if self.trips_as_others(kind, met, how) { vec![] } else { self.brought(Some(met.reader)) }
    }

    /// Whether each other version of a reader's service that has served would trip over a record as it does, and there
    /// was another one.
    pub(crate) fn trips_as_others(&self, kind: &Kind, met: Encounter, how: HowMisfit) -> bool {
        let matter = if how == HowMisfit::Unwritable { Matter::Changes(met.store) } else { Matter::Reads(met.store) };
        self.does_as_others(met.reader, |other| {
            let tripped = self.accesses_of(other, met.store).filter_map(|access| tripped_by(access, kind, how));
            let slots = tripped.reduce(|all, own| all | own);
            slots.is_some_and(|slots| met.slots.is_subset(slots)) && self.is_done(other, matter)
        })
    }

    /// Whether each other version of a service that has served would spoil a record as one does that writes it back,
    /// and there was another one.
    pub(super) fn spoils_as_others(
        &self,
        kind: &Kind,
        store: StoreId,
        by: VersionId,
        [lost, damaged]: [Mask; 2],
    ) -> bool {
        self.does_as_others(by, |other| {
            let writes_back = |access: &&Access| matches!(access.verb, Verb::Rewrite(_) | Verb::Update(_));
            let mut after =
                self.accesses_of(other, store).filter(writes_back).filter_map(|own| work_out(own, kind).ok());
            after.any(|(after, _)| lost.is_subset(after.lost - kind.lost) && damaged.is_subset(after.bad - kind.bad))
                && self.is_done(other, Matter::Changes(store))
        })
    }

    /// Whether fields that a version sets in new records go wrong as those do that each other version of its service
    /// sets which has served; and there is such a one.
    pub(super) fn sets_as_others(&self, own: Written, met: Encounter) -> bool {
        let of_format = |create: &&Create| create.format == own.format;
        let made: Vec<&Create> = self.makings(own.by, met.store).filter(of_format).collect();
        made.iter().any(|own| self.is_trouble(own, met))
            && self.does_as_others(own.by, |other| {
                let mut others = self.makings(other, met.store);
                let is_alike = |create: &&Create| made.iter().all(|own| self.is_as_bad(create, own, met));
                self.is_done(other, Matter::Makes(met.store)) && others.any(|create| is_alike(&create))
            })
    }

    /// Whether each other version of a service that has served is like that, and there was another one.
    fn does_as_others(&self, version: VersionId, is_alike: impl Fn(VersionId) -> bool) -> bool {
        let versions = &self.model.system.service(self.model.system.version(version).service).versions;
        let others = versions.iter().filter(|other| **other != version && self.served.contains(other));
        let mut others = others.peekable();
        others.peek().is_some() && others.all(|other| is_alike(*other))
    }

    fn accesses_of(&self, version: VersionId, store: StoreId) -> impl Iterator<Item = &Access> {
        self.model.system.accesses.iter().filter(move |access| (access.version, access.store) == (version, store))
    }

    /// How a version makes records of a store.
    fn makings(&self, version: VersionId, store: StoreId) -> impl Iterator<Item = &Create> {
        self.accesses_of(version, store).filter_map(|access| match &access.verb {
            Verb::Create(create) => Some(create),
            Verb::Read(_) | Verb::Rewrite(_) | Verb::Insert(_) | Verb::Update(_) => None,
        })
    }

    /// Whether a reader goes wrong like that with records as they are made, for some class of request.
    fn is_trouble(&self, made: &Create, met: Encounter) -> bool {
        let mut read = self.read_of(made, met);
        read.any(|read| met.slots.is_subset(trouble_in(&read)) && (read.error.is_some() || !met.slots.is_empty()))
    }

    /// Whether it goes wrong with records that are made like that wherever it does with those made in another way, for
    /// each class of request.
    fn is_as_bad(&self, made: &Create, than: &Create, met: Encounter) -> bool {
        let mut both = self.read_of(made, met).zip(self.read_of(than, met));
        both.all(|(own, other)| {
            let is_alike = own.error.is_some() == other.error.is_some();
            is_alike && (trouble_in(&other) & met.slots).is_subset(trouble_in(&own))
        })
    }

    /// What a reader gets of records that are made like that: by class of request, and by each way in which it reads.
    fn read_of(&self, made: &Create, met: Encounter) -> impl Iterator<Item = Read> {
        let readers: Vec<_> = self.accesses_of(met.reader, met.store).filter_map(Access::reader).collect();
        let classes = made_in(made, met.reader).collect::<Vec<_>>().into_iter();
        classes.flat_map(move |kind| {
            let read = readers.iter().map(|reader| data::read(&kind, &reader.decode.table(&kind)));
            read.collect::<Vec<_>>()
        })
    }
}

/// The records that are made, one for each class of request, whoever makes them.
fn made_in(create: &Create, by: VersionId) -> impl Iterator<Item = Kind> {
    let classes = create.present.iter().zip(&create.hard).zip(&create.unset);
    classes.map(move |((present, hard), unset)| {
        let made = data::create(create.format, *present, *hard, by);
        Kind { unset: *unset, ..made }
    })
}

/// The fields because of which a read fails, or gives something else than was meant.
fn trouble_in(read: &Read) -> Mask {
    read.error.map_or_else(|| read.not_as_meant(), |refusal| refusal.slots)
}

/// The fields on which an access goes wrong like that with a record; none where it does not.
fn tripped_by(access: &Access, kind: &Kind, how: HowMisfit) -> Option<Mask> {
    if how == HowMisfit::Unwritable {
        let Verb::Rewrite(rewrite) = &access.verb else { return None };
        return rewritten(rewrite, access.version, kind).err().map(|misfit| misfit.slots());
    }
    let read = access.reader().map(|reader| data::read(kind, &reader.decode.table(kind)))?;
    let slots = trouble_in(&read);
    (read.error.is_some() == (how == HowMisfit::Unreadable) && !slots.is_empty()).then_some(slots)
}
