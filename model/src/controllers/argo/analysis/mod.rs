//! Analyses: what is measured says whether a rollout goes on.
//!
//! A *measurement* comes to a verdict by its conditions ([`measurement`]), a *metric* by its measurements and their
//! limits ([`metric`]), a *run* by its metrics ([`run`]), and the rollout does what the run says: a run that failed or
//! could not measure aborts it, one without a verdict pauses it until a person decides (`analysis/analysis.go`).
//!
//! Limits are "more than": a failure limit of 3 fails on the fourth failure. Five measurements in a row that could not
//! be made are an error, however good the version is.

pub mod measurement;
pub mod metric;
pub mod run;

pub use metric::{Metric, MetricResult};
pub use run::AnalysisRun;

/// What a run measures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Analysis {
    /// Side by side.
    pub metrics: Vec<Metric>,
}

/// How far a measurement, a metric or a run is, best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It is good.
    Successful,
    /// It is measured.
    Running,
    /// It has not begun.
    #[default]
    Pending,
    /// There is no saying.
    Inconclusive,
    /// It could not be measured.
    Error,
    /// It is bad.
    Failed,
}

impl Phase {
    /// All of them, best first.
    pub const ALL: [Self; 6] =
        [Self::Successful, Self::Running, Self::Pending, Self::Inconclusive, Self::Error, Self::Failed];

    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Successful => "Successful",
            Self::Running => "Running",
            Self::Pending => "Pending",
            Self::Inconclusive => "Inconclusive",
            Self::Error => "Error",
            Self::Failed => "Failed",
        }
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_completed(self) -> bool {
        match self {
            Self::Successful | Self::Inconclusive | Self::Error | Self::Failed => true,
            Self::Running | Self::Pending => false,
        }
    }

    /// Whether it is over and not good.
    #[must_use]
    pub fn is_bad(self) -> bool {
        self.is_completed() && self != Self::Successful
    }

    /// Whether this is worse than `other` (`IsWorse`).
    #[must_use]
    pub fn is_worse_than(self, other: Self) -> bool {
        self > other
    }
}
