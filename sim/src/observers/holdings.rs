//! Holdings: what is stored at an instant, by whom it was written in which format, and what every version makes of it.
//!
//! The question behind every rollback, asked of all records at once and of each version that one may go back to. It
//! asks the same functions as the simulator. What lies in caches is nothing anything hangs on, and not told.

use crate::fact::{Hazard, Misfit, Written};
use crate::observers::chronicle::HowMisfit;
use crate::observers::story::Teller;
use crate::plant::stores::{Tally, Trouble};
use crate::world::World;
use model::data::{Kind, Mask};
use model::id::{StoreId, VersionId};
use model::time::Time;
use std::collections::BTreeMap;

/// What is stored at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// The instant.
    pub at: Time,
    /// By store, the messages of a topic behind them.
    pub stores: Vec<Holding>,
}

/// What is in one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Its name.
    pub store: String,
    /// Records that are there.
    pub records: u64,
    /// By format and writer.
    pub lots: Vec<Lot>,
}

/// Records that one version has written last, in one format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The format.
    pub format: String,
    /// The version.
    pub writer: String,
    /// How many.
    pub records: u64,
    /// Since when there are any.
    pub since: Time,
    /// Those with a value that is no longer what was meant.
    pub damaged: Harmed,
    /// Those with a field gone.
    pub fields_lost: Harmed,
    /// What each version that serves, or that one may go back to, makes of them; several, where it depends on the
    /// record.
    pub readers: Vec<Reader>,
}

/// Records with something wrong in themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Harmed {
    /// How many.
    pub records: u64,
    /// Since when there are any.
    pub since: Option<Time>,
    /// The fields concerned.
    pub fields: Vec<String>,
}

/// What a version makes of some records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The version.
    pub version: String,
    /// Whether it serves now.
    pub serves: bool,
    /// What becomes of them.
    pub fate: Fate,
    /// How many.
    pub records: u64,
    /// Since when it has gone wrong, if it does, under a version that serves.
    pub since: Option<Time>,
    /// The fields concerned; none when it is the record as a whole, or all is well.
    pub fields: Vec<String>,
    /// Why, field by field.
    pub reasons: Vec<String>,
}

/// What a version makes of a record, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is read as it was meant, and kept when it is written back.
    Read,
    /// The same, as far as anything tells: something about it is not judged.
    Open,
    /// It is read, and loses something when it is written back.
    Stripped,
    /// It is read with another meaning than was written.
    Misread,
    /// It is read, and cannot be written back.
    Unwritable,
    /// It cannot be read.
    Unreadable,
}

impl Fate {
    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Fate::Read => "read",
            Fate::Open => "open",
            Fate::Stripped => "stripped",
            Fate::Misread => "misread",
            Fate::Unwritable => "unwritable",
            Fate::Unreadable => "unreadable",
        }
    }

    fn of(hazard: Option<Hazard>) -> (Self, Mask) {
        let Some(hazard) = hazard else { return (Fate::Read, Mask::EMPTY) };
        let fate = match hazard {
            Hazard::Loss(_) => Fate::Stripped,
            Hazard::Misfit(Misfit::Misread(_) | Misfit::Spoilt(_)) => Fate::Misread,
            Hazard::Misfit(Misfit::Unwritable(_)) => Fate::Unwritable,
            Hazard::Misfit(Misfit::Unreadable(_)) => Fate::Unreadable,
        };
        (fate, hazard.slots())
    }

    /// The trouble that a record has because of it.
    const fn trouble(self) -> Option<Trouble> {
        match self {
            Fate::Misread => Some(Trouble::Misread),
            Fate::Unreadable => Some(Trouble::Unreadable),
            Fate::Read | Fate::Open | Fate::Stripped | Fate::Unwritable => None,
        }
    }
}

impl Holdings {
    /// Whether no record is damaged, and those who serve read all of them as they were meant.
    #[must_use]
    pub fn are_sound(&self) -> bool {
        let mut lots = self.stores.iter().flat_map(|store| &store.lots);
        lots.all(|lot| {
            let mut serving = lot.readers.iter().filter(|reader| reader.serves);
            lot.damaged.records == 0 && serving.all(|reader| reader.fate.trouble().is_none())
        })
    }

    /// Whether it is not judged whether those who serve read all records as they were meant.
    #[must_use]
    pub fn are_open(&self) -> bool {
        let readers = self.stores.iter().flat_map(|store| &store.lots).flat_map(|lot| &lot.readers);
        readers.into_iter().any(|reader| reader.serves && reader.fate == Fate::Open)
    }
}

/// Kinds of records of one format and writer, each with how many there are.
type Kinds<'w> = Vec<(&'w Kind, &'w Tally)>;

impl World {
    /// What is stored now, and what every version that serves, or that one may go back to, makes of it.
    #[must_use]
    pub fn holdings(&self) -> Holdings {
        let stores = (0..self.stores.len()).map(StoreId::new);
        let kept = stores.filter(|store| self.model.system.cache_of(*store).is_none());
        Holdings { at: self.now, stores: kept.map(|store| self.holding(store)).collect() }
    }

    fn holding(&self, store: StoreId) -> Holding {
        let mut lots: BTreeMap<Written, Kinds<'_>> = BTreeMap::new();
        for (kind, tally) in self.stores[store.index()].tallies().filter(|(_, tally)| tally.count > 0) {
            lots.entry(Written { format: kind.format, by: kind.writer }).or_default().push((kind, tally));
        }
        let lots: Vec<_> = lots.into_iter().map(|(written, kinds)| self.lot(store, written, &kinds)).collect();
        let records = lots.iter().map(|lot| lot.records).sum();
        Holding { store: self.model.system.store(store).name.to_string(), records, lots }
    }

    fn lot(&self, store: StoreId, written: Written, kinds: &Kinds<'_>) -> Lot {
        let harmed = |trouble: Trouble, slots: fn(&Kind) -> Mask| {
            let struck = kinds.iter().filter(|(kind, _)| !slots(kind).is_empty());
            struck.fold(Harmed::default(), |sum, (kind, tally)| Harmed {
                records: sum.records + u64::from(tally.count),
                since: [sum.since, tally.troubled[trouble as usize]].into_iter().flatten().min(),
                fields: union(sum.fields, self.field_names(store, slots(kind))),
            })
        };
        let entity = &self.model.system.store(store).entity;
        Lot {
            format: entity.format(written.format).name.clone(),
            writer: Teller(&self.model).version(written.by),
            records: kinds.iter().map(|(_, tally)| u64::from(tally.count)).sum(),
            since: kinds.iter().filter_map(|(_, tally)| tally.since).min().unwrap_or(Time::ZERO),
            damaged: harmed(Trouble::Damaged, |kind| kind.bad),
            fields_lost: harmed(Trouble::FieldsLost, |kind| kind.lost),
            readers: self.readers_of(store).into_iter().flat_map(|version| self.fates(store, version, kinds)).collect(),
        }
    }

    /// The versions that serve, or that one may go back to, and read a store.
    fn readers_of(&self, store: StoreId) -> Vec<VersionId> {
        let accesses = &self.model.system.accesses;
        let reads = |version: &VersionId| {
            let mut own = accesses.iter().filter(|access| access.store == store && access.version == *version);
            own.any(|access| access.reader().is_some())
        };
        self.versions_to_go_back_to().into_iter().filter(reads).collect()
    }

    /// What a version makes of these kinds, by how it ends and on which fields.
    fn fates(&self, store: StoreId, version: VersionId, kinds: &Kinds<'_>) -> Vec<Reader> {
        let mut fates: BTreeMap<(Fate, Mask), Kinds<'_>> = BTreeMap::new();
        for (kind, tally) in kinds {
            let (fate, slots) = Fate::of(self.hazard(store, version, kind));
            let is_open = fate == Fate::Read && !self.left_open(store, version, kind).is_empty();
            let fate = if is_open { Fate::Open } else { fate };
            fates.entry((fate, slots)).or_default().push((kind, tally));
        }
        fates.into_iter().map(|((fate, slots), kinds)| self.reader(store, version, (fate, slots), &kinds)).collect()
    }

    fn reader(&self, store: StoreId, version: VersionId, (fate, slots): (Fate, Mask), kinds: &Kinds<'_>) -> Reader {
        let serves = self.serving.contains(&version);
        let trouble = fate.trouble().filter(|_| serves);
        let since = trouble
            .and_then(|trouble| kinds.iter().filter_map(|(_, tally)| tally.tripped_since(version, trouble)).min());
        Reader {
            version: Teller(&self.model).version(version),
            serves,
            fate,
            records: kinds.iter().map(|(_, tally)| u64::from(tally.count)).sum(),
            since,
            fields: self.field_names(store, slots),
            reasons: kinds
                .iter()
                .fold(vec![], |known, (kind, _)| union(known, self.why(store, version, (fate, slots), kind))),
        }
    }

    /// The names of fields of the records of a store.
    pub(crate) fn field_names(&self, store: StoreId, slots: Mask) -> Vec<String> {
        self.model.system.store(store).entity.slot_names(slots).into_iter().map(str::to_owned).collect()
    }

    /// What the schemas say about it.
    fn why(&self, store: StoreId, version: VersionId, (fate, slots): (Fate, Mask), kind: &Kind) -> Vec<String> {
        let how = match fate {
            Fate::Unreadable => HowMisfit::Unreadable,
            Fate::Unwritable => HowMisfit::Unwritable,
            Fate::Misread => HowMisfit::Misread,
            Fate::Open => return self.left_open(store, version, kind),
            Fate::Read | Fate::Stripped => return vec![],
        };
        self.reasons(store, version, kind, (how, slots))
    }
}

/// What is in either list, each once, in the order in which it was found.
fn union(mut known: Vec<String>, more: Vec<String>) -> Vec<String> {
    for one in more {
        if !known.contains(&one) {
            known.push(one);
        }
    }
    known
}
