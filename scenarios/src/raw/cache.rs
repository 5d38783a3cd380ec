//! Caches, and the step that looks into one.

use super::{RawFormat, RawOp};
use crate::syntax::{Map, Spanned, Text, keyword, record};
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
        /// The schemas of the formats of its entries, oldest first: a file beside this one, or the schema itself.
        /// Versions say under `formats:` which they read and write. Without any, an entry is only there or not.
        formats: Map<RawFormat>,
        /// What an entry is found by (default `shared`).
        keys: Option<Spanned<RawCacheKeys>>,
        /// What an entry is to a version that cannot decode it (default `error`).
        undecodable: Option<Spanned<RawUndecodable>>,
    }
}

keyword! {
    /// What an entry is found by.
    pub enum RawCacheKeys as "a kind of keys" {
        /// By what it is about: versions find each other's entries.
        Shared = "shared",
        /// By the format it is written in, too: versions that write different formats do not find each other's
        /// entries, nor take them out when they change something.
        Versioned = "versioned",
    }
}

keyword! {
    /// What an entry is to a version that cannot decode it.
    pub enum RawUndecodable as "what becomes of undecodable entries" {
        /// An error: the request fails.
        Error = "error",
        /// As good as not there: it is fetched and filled in anew.
        Miss = "miss",
    }
}

record! {
    /// Writes what the request is about into a cache because it has changed: a write-through.
    pub struct RawPut as "a put step" {
        /// The cache.
        put: Text,
        /// Values worth telling apart, by field and class of request, as in `create`.
        values: Map<Map<Text>>,
    }
}

record! {
    /// Takes what the request is about out of a cache because it has changed.
    pub struct RawInvalidate as "an invalidate step" {
        /// The cache.
        invalidate: Text,
    }
}

record! {
    /// Looks into a cache for what the request is about. What is not there is fetched and filled in.
    pub struct RawLookup as "a cache step" {
        /// The cache.
        cache: Text,
        /// What fetches it, when it is not there. If that fails, nothing is filled in.
        miss: Spanned<Vec<RawOp>>,
        /// Values worth telling apart in what is filled in, by field and class of request, as in `create`.
        values: Map<Map<Text>>,
    }
}
