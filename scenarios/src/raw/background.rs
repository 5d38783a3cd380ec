//! Background jobs.

use super::RawLaw;
use crate::syntax::{Spanned, Text, keyword, record};
use model::time::Span;

record! {
    /// Work that is run periodically, whatever else goes on, like a CronJob.
    pub struct RawBackground as "a background job" {
        /// The endpoint it runs, as `service.endpoint`.
        run: Text,
        /// From one time a run is due to the next: `10m`, or `{mean: 10m}`.
        every: Spanned<RawLaw>,
        /// When the first run is due, from the start of the simulation (default 0s).
        starts: Option<Spanned<Span>>,
        /// What happens when a run is due and the one before has not ended (default `forbid`).
        overlap: Option<RawOverlap>,
    }
}

keyword! {
    /// What happens when a run is due and the one before has not ended.
    pub enum RawOverlap as "an overlap rule" {
        /// Both go on side by side.
        Allow = "allow",
        /// The new one is skipped.
        Forbid = "forbid",
        /// The one before is stopped where it is, and the new one begins.
        Replace = "replace",
    }
}
