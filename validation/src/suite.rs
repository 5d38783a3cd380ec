//! Suites, and what running one comes to.

use crate::claim::Row;
use crate::effort::Runner;
use crate::suites::{alerts, metastability, queueing, retries, skew};

/// A handful of models of the library and what is known about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Queues whose answer is exact.
    Queueing,
    /// What retries do to load.
    Retries,
    /// Systems that stay down when what brought them down is over.
    Metastability,
    /// When burn-rate alerts fire.
    Alerts,
    /// Two versions side by side, what they leave in the data, and repairing it.
    Skew,
}

/// Something a suite should show and the engine does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What is missing from the suite.
    pub what: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// What running a suite came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The suite.
    pub suite: Suite,
    /// Its claims, those about one model next to each other.
    pub rows: Vec<Row>,
    /// What it does not hold the engine to.
    pub gaps: Vec<Gap>,
}

impl Suite {
    /// All suites.
    pub const ALL: [Suite; 5] = [Suite::Queueing, Suite::Retries, Suite::Metastability, Suite::Alerts, Suite::Skew];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Suite::Queueing => "queueing",
            Suite::Retries => "retries",
            Suite::Metastability => "metastability",
            Suite::Alerts => "alerts",
            Suite::Skew => "skew",
        }
    }

    /// The suite of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Suite::ALL.into_iter().find(|suite| suite.name() == name)
    }

    /// Runs every model of the suite.
    #[must_use]
    pub fn run(self, runner: Runner) -> Report {
        let (rows, gaps) = match self {
            Suite::Queueing => (queueing::rows(runner), queueing::GAPS),
            Suite::Retries => (retries::rows(runner), retries::GAPS),
            Suite::Metastability => (metastability::rows(runner), metastability::GAPS),
            Suite::Alerts => (alerts::rows(runner), alerts::GAPS),
            Suite::Skew => (skew::rows(runner), skew::GAPS),
        };
        Report { suite: self, rows, gaps: gaps.to_vec() }
    }
}

impl Report {
    /// Whether every figure agrees, or is known not to.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.rows.iter().all(|row| row.verdict.passes())
    }
}
