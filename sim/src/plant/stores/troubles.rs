//! What can be wrong with a record, under the versions that serve.

use model::access::Access;
use model::data::{self, Kind};

/// What can be wrong with a record: a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Troubles(u8);

/// Kinds of trouble, in the order they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

    pub(super) const fn and(self, other: Troubles) -> Self {
        Troubles(self.0 | other.0)
    }

    /// Those that `other` does not have.
    pub(super) const fn without(self, other: Troubles) -> Self {
        Troubles(self.0 & !other.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl TroubleCounts {
    pub(super) fn add(&mut self, troubles: Troubles, count: u32) {
        for trouble in Trouble::ALL {
            self.0[trouble as usize] += if troubles.has(trouble) { count } else { 0 };
        }
    }

    /// Both counts together.
    pub(crate) fn and(self, other: TroubleCounts) -> Self {
        TroubleCounts(std::array::from_fn(|trouble| self.0[trouble] + other.0[trouble]))
    }

    pub(crate) const fn of(&self, trouble: Trouble) -> u32 {
        self.0[trouble as usize]
    }
}

/// What is wrong with records of a kind when these accesses are in use.
pub(super) fn troubles_of(kind: &Kind, serving: &[&Access]) -> Troubles {
    let reads = || {
        serving.iter().filter_map(|access| access.reader()).map(|reader| data::read(kind, &reader.decode.table(kind)))
    };
    Troubles::default()
        .with(Trouble::Unreadable, reads().any(|read| read.error.is_some()))
        // Who gets nothing takes nothing for something else.
        .with(Trouble::Misread, reads().any(|read| read.error.is_none() && !read.not_as_meant().is_empty()))
        .with(Trouble::Damaged, !kind.bad.is_empty())
        .with(Trouble::FieldsLost, !kind.lost.is_empty())
}
