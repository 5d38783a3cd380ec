//! Caches, and the step that looks into one.

use super::RawOp;
use crate::syntax::{Spanned, Text, record};
use model::ratio::Ratio;
use model::time::Span;

record! {
    /// A look-aside cache of answers by the key of a request. It outlives every version.
    pub struct RawCache as "a cache" {
        /// The share of the keys that is there at the start, the most popular ones (default 0 %).
        warm: Option<Ratio>,
        /// How many entries it holds; a further one takes the place of the least recently used (default any number).
        capacity: Option<Spanned<u32>>,
        /// How long an entry is good for after it was filled in (default for ever).
        ttl: Option<Spanned<Span>>,
    }
}

record! {
    /// Looks into a cache for what the request is about. What is not there is fetched and filled in.
    pub struct RawLookup as "a cache step" {
        /// The cache.
        cache: Text,
        /// What fetches it, when it is not there. If that fails, nothing is filled in.
        miss: Spanned<Vec<RawOp>>,
    }
}
