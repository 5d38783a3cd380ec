//! Look-aside caches: the caller looks, and fills in what it did not find.

use crate::id::{AccessId, FormatId, StoreId, VersionId};
use crate::name::Name;
use crate::ratio::Ratio;
use crate::time::Span;

/// A cache of answers by key, shared by everybody who looks into it. It outlives every version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// Its name.
    pub name: Name,
    /// How many keys there are to look for: those of the source that reaches it with most of them.
    pub keys: u32,
    /// The share of those that is there at the start, the most popular ones.
    pub warm: Ratio,
    /// How many entries it holds, at least 1: a further one takes the place of the least recently used. Any number
    /// without one.
    pub capacity: Option<u32>,
    /// How long an entry is good for after it was filled in; for ever without one.
    pub ttl: Option<Span>,
    /// Whether any step says that a key has changed: by a `put` or an `invalidate`.
    pub changes: bool,
    /// What is in it, where versions say how they encode it; otherwise an entry is only there or not.
    pub content: Option<Content>,
}

/// What is in a cache whose entries have a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// The fields and formats of its entries: an entry is a record kind, too.
    pub store: StoreId,
    /// How many entries there may be for one key: one, or with a format in the key one for each format.
    pub planes: u32,
    /// What an entry is to a version that cannot decode it.
    pub undecodable: Undecodable,
    /// Who wrote what is there at the start, and in which format; nobody, where nobody fills it in then.
    pub warmed: Option<(VersionId, FormatId)>,
}

/// What an entry is to a version that cannot decode it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// An error: the request fails, until somebody fills in another entry or this one is too old.
    Error,
    /// As good as not there: it is fetched and filled in anew.
    Miss,
}

/// How a version decodes and encodes the entries of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// How it reads an entry.
    pub read: AccessId,
    /// Index of the first of the gates by which it writes one.
    pub first: u16,
    /// How many, at least one.
    pub count: u16,
}

impl Content {
    /// Whether the format is part of the key.
    #[must_use]
    pub const fn is_versioned(&self) -> bool {
        self.planes > 1
    }

    /// Whether a version that cannot decode an entry, or misreads it, is harmed by it.
    #[must_use]
    pub const fn trips(&self) -> bool {
        match self.undecodable {
            Undecodable::Error => !self.is_versioned(),
            Undecodable::Miss => false,
        }
    }
}

impl Cache {
    /// How many places for entries it has.
    #[must_use]
    pub fn places(&self) -> u64 {
        u64::from(self.keys) * self.content.map_or(1, |content| u64::from(content.planes))
    }

    /// Entries at the start: the warm share of the keys, rounded down, as far as there is room.
    #[must_use]
    pub fn initial(&self) -> u32 {
        let warm = u64::from(self.keys) * u64::from(self.warm.ppb()) / u64::from(Ratio::ONE.ppb());
        u32::try_from(warm).map_or(self.keys, |warm| warm.min(self.capacity.unwrap_or(u32::MAX)))
    }
}
