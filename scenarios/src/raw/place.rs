//! Places: regions and their zones, and how long messages take between them.

use super::RawLaw;
use crate::syntax::{Spanned, Text, record};

record! {
    /// How long messages take, one way. Without it they take no time.
    pub struct RawNetwork as "a network" {
        /// Within a zone (default 0s).
        same_zone: Option<RawLaw>,
        /// Between two zones of a region (default 0s).
        between_zones: Option<RawLaw>,
        /// Between two regions (default 0s).
        between_regions: Option<RawLaw>,
        /// Pairs of regions with a latency of their own.
        links: Vec<RawLink>,
    }
}

record! {
    /// Two regions with a latency of their own.
    pub struct RawLink as "a link" {
        /// The two regions.
        between: Spanned<Vec<Text>>,
        /// How long a message takes, one way and the other.
        takes: RawLaw,
    }
}
