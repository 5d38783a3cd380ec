//! Analyses: what is measured while a version is rolled out, and how much of it is good.

use super::Resolver;
use crate::raw::{RawCheck, RawErrorCheck, RawErrorMetric, RawLatencyCheck, RawLatencyMetric, RawMetric, RawWatched};
use crate::syntax::{Exact, Spanned};
use model::controllers::argo::analysis::{Analysis, Metric};
use model::controllers::argo::state::RunKind;
use model::ratio::Ratio;
use model::rollout::{Limit, Probe, Watched};
use model::time::Span;
use std::collections::BTreeMap;
use std::fmt::Display;

/// What a metric looks back at.
const WINDOW: Span = Span::from_secs(60);
/// The quantile that is measured unless another one is given.
const QUANTILE: u32 = 990_000_000;

/// What analyses measure, by what they are for.
pub(super) type Probes = BTreeMap<RunKind, Vec<Probe>>;

impl Resolver<'_> {
    /// What is measured, side by side.
    pub(super) fn analysis(&mut self, kind: RunKind, raw: &Spanned<Vec<RawMetric>>, probes: &mut Probes) -> Analysis {
        probes.insert(kind, raw.value.iter().map(|metric| self.probe(metric)).collect());
        Analysis { metrics: raw.value.iter().map(|metric| self.metric(metric)).collect() }
    }

    fn probe(&mut self, raw: &RawMetric) -> Probe {
        match raw {
            RawMetric::Errors(RawErrorMetric { errors, most, fails, over, .. }) => {
                self.check_fails(*most, fails.as_ref(), |share| share);
                let fails = fails.as_ref().map(|fails| fails.value);
                self.looking_back(*errors, over.as_ref(), Limit::Errors { most: *most, fails })
            }
            RawMetric::Latency(RawLatencyMetric { latency, quantile, most, fails, over, .. }) => {
                self.check_fails(*most, fails.as_ref(), Exact);
                let fails = fails.as_ref().map(|fails| fails.value);
                let quantile = self.quantile(quantile.as_ref());
                self.looking_back(*latency, over.as_ref(), Limit::Latency { quantile, most: *most, fails })
            }
        }
    }

    /// What a tick of Flagger looks at.
    pub(super) fn check(&mut self, raw: &RawCheck) -> Probe {
        match raw {
            RawCheck::Errors(it) => {
                self.looking_back(it.errors, it.over.as_ref(), Limit::Errors { most: it.most, fails: None })
            }
            RawCheck::Latency(it) => {
                let quantile = self.quantile(it.quantile.as_ref());
                self.looking_back(it.latency, it.over.as_ref(), Limit::Latency { quantile, most: it.most, fails: None })
            }
        }
    }

    /// What is good is good, and what fails lies beyond it.
    fn check_fails<T: Copy + Ord, W: Display>(&mut self, most: T, fails: Option<&Spanned<T>>, words: impl Fn(T) -> W) {
        let Some(fails) = fails.filter(|fails| fails.value < most) else { return };
        let message = format!("from {} on it fails, and up to {} it is good", words(fails.value), words(most));
        self.error_with(fails.span, message, "let `fails` be more than `most`");
    }

    fn quantile(&mut self, given: Option<&Spanned<Ratio>>) -> Ratio {
        let default = Ratio::from_ppb(QUANTILE).unwrap_or(Ratio::ONE);
        let Some(given) = given else { return default };
        if given.value == Ratio::ZERO || given.value == Ratio::ONE {
            let message = format!("{} of the answers is no quantile a histogram can tell", given.value);
            self.error_with(given.span, message, "write one between, like `99 %`");
        }
        given.value
    }

    fn looking_back(&mut self, of: RawWatched, over: Option<&Spanned<Span>>, limit: Limit) -> Probe {
        let of = match of {
            RawWatched::New => Watched::New,
            RawWatched::All => Watched::All,
        };
        Probe { of, over: self.at_least(over, WINDOW, Span::SECOND, "a metric looks back"), limit }
    }

    fn metric(&mut self, raw: &RawMetric) -> Metric {
        let (default, pace) = (Metric::default(), raw.pace());
        let metric = Metric {
            interval: pace
                .every
                .map(|_| self.at_least(pace.every, Span::SECOND, Span::SECOND, "measurements are apart")),
            initial_delay: pace.after,
            count: pace.count.map(|count| count.value),
            failure_limit: pace.failures.or(default.failure_limit),
            consecutive_error_limit: pace.errors_in_row.unwrap_or(default.consecutive_error_limit),
            inconclusive_limit: pace.inconclusive.unwrap_or(default.inconclusive_limit),
            consecutive_success_limit: pace.successes_in_row.unwrap_or(default.consecutive_success_limit),
            is_dry_run: pace.dry_run,
        };
        if let (Err(error), Some(count)) = (metric.validate(), pace.count) {
            self.error(count.span, error.to_string());
        }
        metric
    }
}

/// When a metric measures, and how much may go wrong.
struct Pace<'a> {
    every: Option<&'a Spanned<Span>>,
    after: Option<Span>,
    count: Option<&'a Spanned<u32>>,
    failures: Option<u32>,
    errors_in_row: Option<u32>,
    inconclusive: Option<u32>,
    successes_in_row: Option<u32>,
    dry_run: bool,
}

impl RawCheck {
    /// Whether it measures the answers of the new version.
    pub(super) fn is_of_new(&self) -> bool {
        let (Self::Errors(RawErrorCheck { errors: of, .. }) | Self::Latency(RawLatencyCheck { latency: of, .. })) =
            self;
        *of == RawWatched::New
    }
}

impl RawMetric {
    /// Whether it measures the answers of the new version.
    pub(super) fn is_of_new(&self) -> bool {
        let (Self::Errors(RawErrorMetric { errors: of, .. }) | Self::Latency(RawLatencyMetric { latency: of, .. })) =
            self;
        *of == RawWatched::New
    }

    fn pace(&self) -> Pace<'_> {
        let (Self::Errors(RawErrorMetric {
            every,
            after,
            count,
            failures,
            errors_in_row,
            inconclusive,
            successes_in_row,
            dry_run,
            ..
        })
        | Self::Latency(RawLatencyMetric {
            every,
            after,
            count,
            failures,
            errors_in_row,
            inconclusive,
            successes_in_row,
            dry_run,
            ..
        })) = self;
        Pace {
            every: every.as_ref(),
            after: *after,
            count: count.as_ref(),
            failures: *failures,
            errors_in_row: *errors_in_row,
            inconclusive: *inconclusive,
            successes_in_row: *successes_in_row,
            dry_run: dry_run.unwrap_or(false),
        }
    }
}
