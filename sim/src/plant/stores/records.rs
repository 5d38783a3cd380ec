//! The records of a store: interned kinds, counted, and judged by who serves.

use super::Done;
use crate::kernel::Paged;
use model::access::Access;
use model::data::{self, Kind, KindId, KindTable};
use model::id::{AccessId, StoreId};
use std::collections::BTreeMap;

/// A record of a store. Records are never moved, so its index is its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordRef {
    /// Which store.
    pub store: StoreId,
    /// Which record, in order of creation.
    pub index: u32,
}

/// The records of one store.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Records {
    pub(crate) kinds: KindTable,
    records: Paged<Record>,
    /// Records by kind.
    pub(crate) counts: Vec<u32>,
    /// What is wrong with records of a kind, under the versions that serve.
    pub(crate) troubles: Vec<Troubles>,
    /// Distinct records that ever had each trouble.
    pub(crate) ever: TroubleCounts,
    pub(super) memo: BTreeMap<(AccessId, KindId), Done>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Record {
    kind: KindId,
    /// What was ever wrong with it.
    ever: Troubles,
}

/// What can be wrong with a record: a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Troubles(u8);

/// Kinds of trouble, in the order they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A version that serves cannot read it.
    Unreadable,
    /// A version that serves reads something else than was written.
    Misread,
    /// A value in it is no longer what was meant.
    Damaged,
    /// A field that was written is gone.
    FieldsLost,
}

/// Distinct records by trouble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TroubleCounts(pub(crate) [u32; 4]);

impl Trouble {
    pub(crate) const ALL: [Trouble; 4] = [Trouble::Unreadable, Trouble::Misread, Trouble::Damaged, Trouble::FieldsLost];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Troubles {
    pub(crate) const fn has(self, trouble: Trouble) -> bool {
        self.0 & trouble.bit() != 0
    }

    fn with(self, trouble: Trouble, is: bool) -> Self {
        Troubles(if is { self.0 | trouble.bit() } else { self.0 })
    }

    const fn and(self, other: Troubles) -> Self {
        Troubles(self.0 | other.0)
    }
}

impl TroubleCounts {
    fn add(&mut self, troubles: Troubles, count: u32) {
        for trouble in Trouble::ALL {
            self.0[trouble as usize] += if troubles.has(trouble) { count } else { 0 };
        }
    }

    /// Adds another store's counts.
    pub(crate) fn merge(&mut self, other: TroubleCounts) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, count)| *sum += count);
    }

    pub(crate) const fn of(&self, trouble: Trouble) -> u32 {
        self.0[trouble as usize]
    }
}

impl Records {
    /// What a record takes, in bytes.
    pub(crate) const RECORD_BYTES: u64 = size_of::<Record>() as u64;

    /// What the records take, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.records.len() as u64 * Self::RECORD_BYTES
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn kind_of(&self, index: u32) -> KindId {
        self.records[index as usize].kind
    }

    /// Records that have each trouble now.
    pub(crate) fn remaining(&self) -> TroubleCounts {
        let mut counts = TroubleCounts::default();
        for (troubles, count) in self.troubles.iter().zip(&self.counts) {
            counts.add(*troubles, *count);
        }
        counts
    }

    /// The id of a kind, with its tables grown to hold it.
    pub(super) fn intern(&mut self, kind: Kind, serving: &[&Access]) -> KindId {
        let id = self.kinds.intern(kind);
        if id.index() == self.counts.len() {
            self.counts.push(0);
            self.troubles.push(troubles_of(&kind, serving));
        }
        id
    }

    pub(super) fn push(&mut self, kind: KindId) -> u32 {
        let index = u32::try_from(self.records.len()).expect("stores are bounded well below 2^32 records");
        let ever = self.troubles[kind.index()];
        self.ever.add(ever, 1);
        self.counts[kind.index()] += 1;
        self.records.push(Record { kind, ever });
        index
    }

    pub(super) fn change(&mut self, index: u32, to: KindId) {
        let record = self.records.get_mut(index as usize);
        self.counts[record.kind.index()] -= 1;
        self.counts[to.index()] += 1;
        record.kind = to;
        self.mark(index);
    }

    /// Remembers what is wrong with a record now.
    fn mark(&mut self, index: u32) {
        let record = self.records.get_mut(index as usize);
        let now = self.troubles[record.kind.index()];
        self.ever.add(Troubles(now.0 & !record.ever.0), 1);
        record.ever = record.ever.and(now);
    }

    /// Looks at every kind again because other versions serve now; if that makes anything worse, every
    /// record is marked.
    pub(crate) fn judge(&mut self, serving: &[&Access]) {
        let kinds = self.kinds.iter().map(|(_, kind)| troubles_of(kind, serving)).collect::<Vec<_>>();
        let worse = kinds.iter().zip(&self.troubles).any(|(new, old)| new.0 & !old.0 != 0);
        self.troubles = kinds;
        if worse {
            (0..self.records.len()).for_each(|index| self.mark(u32::try_from(index).expect("checked on creation")));
        }
    }
}

/// What is wrong with records of a kind when these accesses are in use.
fn troubles_of(kind: &Kind, serving: &[&Access]) -> Troubles {
    let reads = || {
        serving.iter().filter_map(|access| access.reader()).map(|r| data::read(kind, &r.decode[kind.format.index()]))
    };
    Troubles::default()
        .with(Trouble::Unreadable, reads().any(|read| read.error.is_some()))
        .with(Trouble::Misread, reads().any(|read| !read.misread.is_empty()))
        .with(Trouble::Damaged, !kind.bad.is_empty())
        .with(Trouble::FieldsLost, !kind.lost.is_empty())
}
