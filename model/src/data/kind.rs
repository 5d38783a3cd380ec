//! Record kinds: all there is to know about a stored record, interned.

use std::collections::BTreeMap;

use super::{Mask, Stamps};
use crate::id::{FormatId, VersionId};

/// What there is to know about a stored record. Records of one kind behave alike, for ever.
///
/// Canonical: hard values, stamps and defaults are of present slots. Two histories that leave the same record leave the
/// same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// The format it is encoded in: the envelope. It says nothing about meaning.
    pub format: FormatId,
    /// The slots it has. In Avro, all slots of its format.
    pub present: Mask,
    /// The slots with a value outside the domain that all formats of the entity share: a big
    /// integer, a new symbol, null where not all formats allow it, a long string.
    pub hard: Mask,
    /// Under the meaning of which format each slot was last set.
    pub stamps: Stamps,
    /// The slots that hold a default which was stored for want of a value: nobody ever gave it.
    pub unset: Mask,
    /// The slots whose value was lost, and was not set anew since.
    pub lost: Mask,
    /// The slots whose stored value is not what was meant. Only a value that is set anew, and not computed from it,
    /// makes up for it.
    pub bad: Mask,
    /// The slots that are made of others, or others of them, and were left as they were when those were set: what is in
    /// them is older. Of SQL only.
    pub stale: Mask,
    /// The slots that are known to be null: in SQL, besides those with that for a stated value; elsewhere, where a
    /// reader takes that and no other value.
    pub blank: Mask,
    /// The version that wrote it last.
    pub writer: VersionId,
}

impl Kind {
    /// Whether nothing has gone wrong with it yet.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        (self.lost | self.bad).is_empty()
    }
}

/// An interned kind: its place in the [`KindTable`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(u32);

impl KindId {
    /// Its place in the table.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The kinds met so far, numbered in the order in which they were first seen.
///
/// The order is part of the trajectory: same scenario, same ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindTable {
    kinds: Vec<Kind>,
    ids: BTreeMap<Kind, KindId>,
}

impl KindTable {
    /// The id of `kind`, new or known.
    ///
    /// # Panics
    /// When there are more than `u32::MAX` kinds.
    pub fn intern(&mut self, kind: Kind) -> KindId {
        *self.ids.entry(kind).or_insert_with(|| {
            let id = u32::try_from(self.kinds.len()).expect("more kinds than an id can count");
            self.kinds.push(kind);
            KindId(id)
        })
    }

    /// The kind of that id.
    ///
    /// # Panics
    /// When `id` is of another table.
    #[must_use]
    pub fn get(&self, id: KindId) -> &Kind {
        &self.kinds[id.index()]
    }

    /// The id of `kind`, if it was met.
    #[must_use]
    pub fn find(&self, kind: &Kind) -> Option<KindId> {
        self.ids.get(kind).copied()
    }

    /// How many kinds were met.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether none was met.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// All kinds with their ids, in the order in which they were first seen.
    pub fn iter(&self) -> impl Iterator<Item = (KindId, &Kind)> {
        (0_u32..).map(KindId).zip(&self.kinds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::create;

    #[test]
    fn kinds_are_numbered_as_first_seen_and_only_once() {
        let kind = |bits| create(FormatId::new(0), Mask::from_bits(bits), Mask::EMPTY, VersionId::new(0));
        let mut table = KindTable::default();
        let (late, early) = (table.intern(kind(7)), table.intern(kind(1)));
        assert_eq!((late.index(), early.index()), (0, 1));
        assert_eq!(table.intern(kind(7)), late);
        assert_eq!(table.find(&kind(1)), Some(early));
        assert_eq!(table.find(&kind(2)), None);
        assert_eq!((table.len(), *table.get(early)), (2, kind(1)));
        assert_eq!(table.iter().map(|(id, _)| id).collect::<Vec<_>>(), [late, early]);
    }
}
