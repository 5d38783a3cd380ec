//! A metric: its limits, what was measured, and what that comes to (`analysis/analysis.go`).

use super::Phase;
use super::measurement::Measurement;
use crate::time::{Span, Time};
use std::fmt;

/// After this, a measurement that could not be made is tried again, whatever the interval.
pub const ERROR_RETRY: Span = Span::from_secs(10);

/// When to measure, and how much may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// From the end of one measurement to the next; `None` measures once, if there is no count either.
    pub interval: Option<Span>,
    /// From the start of the run to the first one.
    pub initial_delay: Option<Span>,
    /// How many measurements; `None` with an interval is for ever.
    pub count: Option<u32>,
    /// Failures beyond this many fail the metric; `None` (upstream -1) never does.
    pub failure_limit: Option<u32>,
    /// The same for those without a verdict.
    pub inconclusive_limit: u32,
    /// The same for those that could not be made, in a row.
    pub consecutive_error_limit: u32,
    /// So many good ones in a row end the metric well; 0 is not looked at.
    pub consecutive_success_limit: u32,
    /// Whether it is only watched and decides nothing.
    pub is_dry_run: bool,
}

impl Default for Metric {
    fn default() -> Self {
        Self {
            interval: None,
            initial_delay: None,
            count: None,
            failure_limit: Some(0),
            inconclusive_limit: 0,
            consecutive_error_limit: 4,
            consecutive_success_limit: 0,
            is_dry_run: false,
        }
    }
}

/// What has been measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MetricResult {
    /// What it comes to so far.
    pub phase: Phase,
    /// Measurements that were made. Errors are none.
    pub count: u32,
    /// Good ones.
    pub successful: u32,
    /// Bad ones.
    pub failed: u32,
    /// Those without a verdict.
    pub inconclusive: u32,
    /// Those that could not be made.
    pub error: u32,
    /// Good ones in a row.
    pub consecutive_success: u32,
    /// Errors in a row.
    pub consecutive_error: u32,
    /// The last one.
    pub last: Option<Measurement>,
}

/// Why a metric is refused (`ValidateMetric` in `utils/analysis/factory.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricError {
    /// Several measurements, and nothing that sets them apart.
    CountWithoutInterval,
    /// Its limit could never be passed, or only just.
    CountBelow {
        /// Measurements.
        count: u32,
        /// What may go wrong of them.
        limit: u32,
    },
}

impl fmt::Display for MetricError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CountWithoutInterval => write!(f, "several measurements need an interval between them"),
            Self::CountBelow { count, limit } => {
                write!(f, "{count} measurements, of which {limit} may go wrong: measure more often, or allow less")
            }
        }
    }
}

impl Metric {
    /// Checks what the original refuses.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn validate(&self) -> Result<(), MetricError> {
        let Some(count) = self.count.filter(|count| *count > 0) else { return Ok(()) };
        let limits =
            [self.failure_limit.unwrap_or(0).saturating_add(self.consecutive_success_limit), self.inconclusive_limit];
        match limits.into_iter().find(|limit| count < *limit) {
            Some(limit) => Err(MetricError::CountBelow { count, limit }),
            None if count > 1 && self.interval.is_none() => Err(MetricError::CountWithoutInterval),
            None => Ok(()),
        }
    }

    /// How many measurements are enough (`EffectiveCount`); `None` never are.
    #[must_use]
    pub fn effective_count(&self) -> Option<u32> {
        match (self.count, self.interval) {
            (None | Some(0), None) => Some(1),
            (None | Some(0), Some(_)) => None,
            (Some(count), _) => Some(count),
        }
    }

    /// Whether enough was measured.
    #[must_use]
    pub fn has_counted(&self, result: &MetricResult) -> bool {
        self.effective_count().is_some_and(|count| result.count >= count)
    }

    /// What was measured comes to (`assessMetricStatus`). `is_terminating` says that the run ends: a metric that
    /// nothing speaks against is then successful, even one that was never measured.
    #[must_use]
    pub fn assess(&self, result: &MetricResult, is_terminating: bool) -> Phase {
        let undecided = if is_terminating { Phase::Successful } else { Phase::Running };
        if result.phase.is_completed() {
            return result.phase;
        }
        match result.last {
            None if is_terminating => Phase::Successful,
            None => Phase::Pending,
            Some(last) if !last.phase.is_completed() => Phase::Running,
            Some(_) => self.beyond(result).or_else(|| self.good(result)).unwrap_or(undecided),
        }
    }

    /// The limit that was passed (`assessMetricFailureInconclusiveOrError`); of several the last.
    fn beyond(&self, result: &MetricResult) -> Option<Phase> {
        let limits = [
            (result.consecutive_error > self.consecutive_error_limit, Phase::Error),
            (result.inconclusive > self.inconclusive_limit, Phase::Inconclusive),
            (self.failure_limit.is_some_and(|limit| result.failed > limit), Phase::Failed),
        ];
        limits.into_iter().find(|(is_passed, _)| *is_passed).map(|(_, phase)| phase)
    }

    /// Enough good ones in a row, or enough measured. With a limit for good ones in a row that was not reached, enough
    /// measured is bad, or says nothing where a limit for failures was kept.
    fn good(&self, result: &MetricResult) -> Option<Phase> {
        let wants_row = self.consecutive_success_limit > 0;
        if wants_row && result.consecutive_success >= self.consecutive_success_limit {
            return Some(Phase::Successful);
        }
        let verdict = match (wants_row, self.failure_limit.is_some()) {
            (true, true) => Phase::Inconclusive,
            (true, false) => Phase::Failed,
            (false, _) => Phase::Successful,
        };
        self.has_counted(result).then_some(verdict)
    }

    /// From the end of the last measurement to the next (`generateMetricTasks`).
    #[must_use]
    pub fn pace(&self, last: Phase) -> Option<Span> {
        if last == Phase::Error { Some(ERROR_RETRY) } else { self.interval }
    }
}

impl MetricResult {
    /// Counts a measurement (`runMeasurements`). An error breaks no row of failures, but one of successes.
    pub fn count_in(&mut self, phase: Phase, now: Time) {
        let finished_at = phase.is_completed().then_some(now);
        self.last = Some(Measurement { phase, finished_at, resume_at: None });
        let tally = match phase {
            Phase::Successful => &mut self.successful,
            Phase::Failed => &mut self.failed,
            Phase::Inconclusive => &mut self.inconclusive,
            Phase::Error => &mut self.error,
            Phase::Running | Phase::Pending => return,
        };
        *tally = tally.saturating_add(1);
        let is = |wanted| phase == wanted;
        self.consecutive_success = if is(Phase::Successful) { self.consecutive_success.saturating_add(1) } else { 0 };
        self.consecutive_error = if is(Phase::Error) { self.consecutive_error.saturating_add(1) } else { 0 };
        self.count = self.count.saturating_add(u32::from(!is(Phase::Error)));
    }
}
