//! Look-aside caches: the caller looks, and fills in what it did not find.

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
}

impl Cache {
    /// Entries at the start: the warm share of the keys, rounded down, as far as there is room.
    #[must_use]
    pub fn initial(&self) -> u32 {
        let warm = u64::from(self.keys) * u64::from(self.warm.ppb()) / u64::from(Ratio::ONE.ppb());
        u32::try_from(warm).map_or(self.keys, |warm| warm.min(self.capacity.unwrap_or(u32::MAX)))
    }
}
