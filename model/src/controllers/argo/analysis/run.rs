//! A run: its metrics side by side (`analysis/analysis.go`).
//!
//! A run is bad as soon as one of its metrics is; the others stop. One that is told to stop, by an abort or because the
//! rollout is over, is successful unless something spoke against it.
//!
//! Who drives it asks what is [due](AnalysisRun::due), measures, [records](AnalysisRun::record) it,
//! [assesses](AnalysisRun::assess) the run and comes back at [the next time](AnalysisRun::next_at).

use super::metric::ERROR_RETRY;
use super::{Analysis, Metric, MetricResult, Phase};
use crate::time::Time;

/// What a run remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnalysisRun {
    /// When it was first assessed.
    pub started_at: Option<Time>,
    /// Whether it was told to stop.
    pub is_terminated: bool,
    /// What was measured, a place for each metric; `None` until there is a measurement.
    pub results: Vec<Option<MetricResult>>,
    /// What it comes to so far.
    pub phase: Phase,
}

impl AnalysisRun {
    /// One that has not measured anything.
    #[must_use]
    pub fn new(analysis: &Analysis) -> Self {
        Self { results: vec![None; analysis.metrics.len()], ..Self::default() }
    }

    fn result(&self, index: usize) -> Option<&MetricResult> {
        self.results.get(index)?.as_ref()
    }

    /// The metrics that are not over, with their places and what was measured.
    fn open<'a>(
        &'a self,
        analysis: &'a Analysis,
    ) -> impl Iterator<Item = (usize, &'a Metric, Option<&'a MetricResult>)> {
        let all = analysis.metrics.iter().enumerate().map(|(index, metric)| (index, metric, self.result(index)));
        all.filter(|(.., result)| result.is_none_or(|result| !result.phase.is_completed()))
    }

    /// Whether it ends: it was told to, or a metric that counts went bad (`IsTerminating`).
    #[must_use]
    pub fn is_terminating(&self, analysis: &Analysis) -> bool {
        let measured = analysis.metrics.iter().enumerate().filter(|(_, metric)| !metric.is_dry_run);
        let mut results = measured.filter_map(|(index, _)| self.result(index));
        self.is_terminated || results.any(|result| result.phase.is_bad())
    }

    /// The metrics to measure now, by place (`generateMetricTasks`). One that takes a while is asked again when it said
    /// so, and at once when the run ends; nothing else is measured then.
    #[must_use]
    pub fn due(&self, analysis: &Analysis, now: Time) -> Vec<usize> {
        let is_terminating = self.is_terminating(analysis);
        let due = self.open(analysis).filter(|(_, metric, result)| self.is_due(metric, *result, is_terminating, now));
        due.map(|(index, ..)| index).collect()
    }

    fn is_due(&self, metric: &Metric, result: Option<&MetricResult>, is_terminating: bool, now: Time) -> bool {
        let last = result.and_then(|result| result.last);
        let finished = last.and_then(|last| last.finished_at.map(|at| (at, last.phase)));
        match (last, finished) {
            (Some(last), None) => is_terminating || last.resume_at.is_none_or(|at| at <= now),
            _ if is_terminating => false,
            (Some(_), Some((at, phase))) => {
                let is_enough = result.is_some_and(|result| metric.has_counted(result));
                !is_enough && now > at + metric.pace(phase).unwrap_or(ERROR_RETRY)
            }
            (None, _) => match metric.initial_delay {
                None => true,
                Some(delay) => self.started_at.is_some_and(|start| start + delay <= now),
            },
        }
    }

    /// Writes down what the metric at a place came to.
    ///
    /// # Panics
    /// When there is no such metric.
    pub fn record(&mut self, index: usize, phase: Phase, now: Time) {
        let result =
            self.results[index].get_or_insert_with(|| MetricResult { phase: Phase::Running, ..Default::default() });
        result.count_in(phase, now);
    }

    /// Comes to a verdict on every metric and on the run (`assessRunStatus`): the worst of those that count, once all
    /// are over or the run ends.
    pub fn assess(&mut self, analysis: &Analysis, now: Time) -> Phase {
        if self.phase.is_completed() {
            return self.phase;
        }
        let is_terminating = self.is_terminating(analysis);
        self.started_at.get_or_insert(now);
        let (mut worst, mut is_over) = (None, true);
        for (metric, result) in analysis.metrics.iter().zip(&mut self.results) {
            let phase = result.as_mut().map(|result| {
                result.phase = metric.assess(result, is_terminating);
                result.phase
            });
            match phase.filter(|phase| phase.is_completed()) {
                None => is_over = false,
                Some(_) if metric.is_dry_run => worst = worst.or(Some(Phase::Successful)),
                Some(phase) => worst = worst.max(Some(phase)),
            }
        }
        self.phase = match worst {
            worst if is_terminating => worst.unwrap_or(Phase::Successful),
            Some(worst) if is_over => worst,
            Some(_) | None => Phase::Running,
        };
        self.phase
    }

    /// When to look again (`calculateNextReconcileTime`); `None` when nothing is to come.
    #[must_use]
    pub fn next_at(&self, analysis: &Analysis, now: Time) -> Option<Time> {
        self.open(analysis).filter_map(|(_, metric, result)| self.next_of(metric, result, now)).min()
    }

    fn next_of(&self, metric: &Metric, result: Option<&MetricResult>, now: Time) -> Option<Time> {
        let Some((result, last)) = result.and_then(|result| Some((result, result.last?))) else {
            return metric.initial_delay.map(|delay| self.started_at.unwrap_or(now) + delay);
        };
        match last.finished_at {
            None => last.resume_at,
            Some(_) if metric.has_counted(result) => None,
            Some(at) => metric.pace(last.phase).map(|pace| at + pace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn secs(secs: u64) -> Span {
        Span::from_secs(secs)
    }

    fn at(seconds: u64) -> Time {
        Time::ZERO + secs(seconds)
    }

    fn every_minute() -> Metric {
        Metric { interval: Some(secs(60)), ..Metric::default() }
    }

    /// Runs for `horizon` seconds, a second at a time; when each measurement was made, and the verdict.
    fn drive(analysis: &Analysis, horizon: u64, answer: impl Fn(usize, u64) -> Phase) -> (Vec<u64>, Phase) {
        let (mut run, mut made) = (AnalysisRun::new(analysis), Vec::new());
        for second in 0..horizon {
            for metric in run.due(analysis, at(second)) {
                run.record(metric, answer(metric, second), at(second));
                made.push(second);
            }
            if run.assess(analysis, at(second)).is_completed() {
                break;
            }
        }
        (made, run.phase)
    }

    #[test]
    fn five_outages_in_a_row_abort_a_good_release() {
        let analysis = Analysis { metrics: vec![Metric { interval: Some(secs(300)), ..Metric::default() }] };
        let (made, phase) = drive(&analysis, 3600, |_, _| Phase::Error);
        assert_eq!((made, phase), (vec![0, 11, 22, 33, 44], Phase::Error));
        let (_, phase) =
            drive(&analysis, 3600, |_, second| if second == 44 { Phase::Successful } else { Phase::Error });
        assert_eq!(phase, Phase::Error, "a good one starts the row anew, and the next five end it");
    }

    #[test]
    fn a_limit_of_three_fails_on_the_fourth() {
        let metric = Metric { failure_limit: Some(3), ..every_minute() };
        let (made, phase) = drive(&Analysis { metrics: vec![metric] }, 3600, |_, _| Phase::Failed);
        assert_eq!((made.len(), phase), (4, Phase::Failed));
    }

    #[test]
    fn one_bad_metric_stops_the_others() {
        let analysis = Analysis { metrics: vec![every_minute(), Metric { count: Some(9), ..every_minute() }] };
        let answer = |metric, second| if metric == 1 && second > 60 { Phase::Failed } else { Phase::Successful };
        let (made, phase) = drive(&analysis, 3600, answer);
        assert_eq!((made, phase), (vec![0, 0, 61, 61], Phase::Failed));
    }

    #[test]
    fn a_dry_run_decides_nothing() {
        let dry = Metric { is_dry_run: true, ..Metric::default() };
        let (_, phase) = drive(&Analysis { metrics: vec![dry] }, 9, |_, _| Phase::Failed);
        assert_eq!(phase, Phase::Successful);
        let analysis = Analysis { metrics: vec![dry, Metric::default()] };
        let (_, phase) = drive(&analysis, 9, |metric, _| if metric == 0 { Phase::Failed } else { Phase::Inconclusive });
        assert_eq!(phase, Phase::Inconclusive);
    }

    #[test]
    fn a_run_told_to_stop_is_good_unless_something_spoke_against_it() {
        let analysis = Analysis { metrics: vec![every_minute()] };
        let mut unmeasured = AnalysisRun { is_terminated: true, ..AnalysisRun::new(&analysis) };
        assert!(unmeasured.due(&analysis, at(0)).is_empty());
        assert_eq!(unmeasured.assess(&analysis, at(0)), Phase::Successful);
        let mut failed = AnalysisRun::new(&analysis);
        failed.record(0, Phase::Failed, at(0));
        failed.is_terminated = true;
        assert_eq!(failed.assess(&analysis, at(0)), Phase::Failed);
    }

    #[test]
    fn the_next_look_is_at_the_first_metric_due() {
        let late = Metric { initial_delay: Some(secs(40)), ..Metric::default() };
        let analysis = Analysis { metrics: vec![every_minute(), late] };
        let mut run = AnalysisRun::new(&analysis);
        assert_eq!(run.due(&analysis, at(0)), [0], "a delay counts from the first assessment");
        run.record(0, Phase::Successful, at(0));
        assert_eq!(run.assess(&analysis, at(0)), Phase::Running);
        assert_eq!(run.next_at(&analysis, at(0)), Some(at(40)));
        assert_eq!((run.due(&analysis, at(39)), run.due(&analysis, at(40))), (vec![], vec![1]));
        run.record(1, Phase::Successful, at(40));
        run.assess(&analysis, at(40));
        assert_eq!(run.next_at(&analysis, at(40)), Some(at(60)));
    }
}
