//! Analyses: what is measured while a version is rolled out.

use crate::syntax::{Spanned, choice, keyword, record};
use model::ratio::Ratio;
use model::time::Span;

keyword! {
    /// Whose answers a metric measures.
    pub enum RawWatched as "whose answers" {
        /// Those of the version that is rolled out.
        New = "new",
        /// Those of the whole service.
        All = "all",
    }
}

choice! {
    /// A metric of an analysis, as monitoring knows it.
    pub enum RawMetric as "a metric" {
        /// The share of failed answers.
        Errors(RawErrorMetric),
        /// How long answers take.
        Latency(RawLatencyMetric),
    }
}

record! {
    /// A metric: the share of failed answers, as monitoring knows it.
    pub struct RawErrorMetric as "a metric" {
        /// Whose answers.
        errors: RawWatched,
        /// More than this share is a failure.
        most: Ratio,
        /// More than this share is a failure, and between `most` and this it is inconclusive, which waits for somebody.
        fails: Option<Spanned<Ratio>>,
        /// The answers of the last so much (default 1m). Without any, it cannot be measured, which is an error.
        over: Option<Spanned<Span>>,
        /// From one measurement to the next (default: one measurement).
        every: Option<Spanned<Span>>,
        /// From the start to the first measurement (default 0s).
        after: Option<Span>,
        /// How many measurements (default: one; with `every`, for ever).
        count: Option<Spanned<u32>>,
        /// So many failures are still good (default 0).
        failures: Option<u32>,
        /// So many errors in a row are still good (default 4).
        errors_in_row: Option<u32>,
        /// So many inconclusive measurements are still good (default 0).
        inconclusive: Option<u32>,
        /// So many good ones in a row end it well, whatever is left of `count` (default: not looked at).
        successes_in_row: Option<u32>,
        /// Whether it is only watched, and decides nothing (default no).
        dry_run: Option<bool>,
    }
}

record! {
    /// A metric: a quantile of how long answers take, as monitoring estimates it from a histogram.
    pub struct RawLatencyMetric as "a metric" {
        /// Whose answers.
        latency: RawWatched,
        /// Which quantile (default 99 %).
        quantile: Option<Spanned<Ratio>>,
        /// Longer than this is a failure.
        most: Span,
        /// Longer than this is a failure, and between `most` and this it is inconclusive, which waits for somebody.
        fails: Option<Spanned<Span>>,
        /// The answers of the last so much (default 1m). Without any, it cannot be measured, which is an error.
        over: Option<Spanned<Span>>,
        /// From one measurement to the next (default: one measurement).
        every: Option<Spanned<Span>>,
        /// From the start to the first measurement (default 0s).
        after: Option<Span>,
        /// How many measurements (default: one; with `every`, for ever).
        count: Option<Spanned<u32>>,
        /// So many failures are still good (default 0).
        failures: Option<u32>,
        /// So many errors in a row are still good (default 4).
        errors_in_row: Option<u32>,
        /// So many inconclusive measurements are still good (default 0).
        inconclusive: Option<u32>,
        /// So many good ones in a row end it well, whatever is left of `count` (default: not looked at).
        successes_in_row: Option<u32>,
        /// Whether it is only watched, and decides nothing (default no).
        dry_run: Option<bool>,
    }
}

choice! {
    /// What Flagger looks at in each tick, as monitoring knows it.
    pub enum RawCheck as "a check" {
        /// The share of failed answers.
        Errors(RawErrorCheck),
        /// How long answers take.
        Latency(RawLatencyCheck),
    }
}

record! {
    /// A check: the share of failed answers.
    pub struct RawErrorCheck as "a check" {
        /// Whose answers.
        errors: RawWatched,
        /// With more than this share it has failed.
        most: Ratio,
        /// The answers of the last so much (default 1m). Without any, it has failed, too.
        over: Option<Spanned<Span>>,
    }
}

record! {
    /// A check: a quantile of how long answers take, as monitoring estimates it from a histogram.
    pub struct RawLatencyCheck as "a check" {
        /// Whose answers.
        latency: RawWatched,
        /// Which quantile (default 99 %).
        quantile: Option<Spanned<Ratio>>,
        /// When it is longer than this it has failed.
        most: Span,
        /// The answers of the last so much (default 1m). Without any, it has failed, too.
        over: Option<Spanned<Span>>,
    }
}
