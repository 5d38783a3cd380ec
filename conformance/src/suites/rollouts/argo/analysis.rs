//! Runs of analyses: what to measure now, what it comes to, and when to look again.

use super::super::Answer;
use super::super::input::{Input, no_such_op};
use super::metric::{metric, phase};
use super::{ago, flag, now, seconds_if_set};
use crate::case::Verdict;
use model::controllers::argo::analysis::measurement::{Condition, Measurement, verdict};
use model::controllers::argo::analysis::{Analysis, AnalysisRun, Metric, MetricResult, Phase};
use model::time::{Span, Time};
use serde_json::{Value, json};

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    match input.text("op")? {
        "is_worse" => {
            let (current, new) = (phase(input.text("current")?)?, phase(input.text("new")?)?);
            Ok(json!({"worse": new.is_worse_than(current)}))
        }
        "is_terminating" => is_terminating(input),
        "run_status" => run_status(input),
        "due_measurements" => due(input),
        "due_measurements_multi" => due_of_several(input),
        "next_reconcile" => next(input),
        "measurement_phase" => {
            let phase = verdict(condition(input, "successCondition")?, condition(input, "failureCondition")?);
            Ok(json!({"phase": phase.as_str()}))
        }
        other => Err(no_such_op(
            other,
            &[
                "is_worse",
                "is_terminating",
                "run_status",
                "due_measurements",
                "due_measurements_multi",
                "next_reconcile",
                "measurement_phase",
            ],
        )),
    }
}

/// Metrics and what was measured of them, side by side.
#[derive(Default)]
struct Rig {
    analysis: Analysis,
    run: AnalysisRun,
}

impl Rig {
    fn push(&mut self, metric: Metric, result: Option<MetricResult>) {
        self.analysis.metrics.push(metric);
        self.run.results.push(result);
    }

    fn tasks(&self) -> Value {
        json!({"tasks": self.run.due(&self.analysis, now()).len()})
    }
}

fn measured(phase: Phase, last: Option<Measurement>) -> Option<MetricResult> {
    Some(MetricResult { phase, last, ..MetricResult::default() })
}

/// Phases by name; `dry:Failed` is that of a metric that decides nothing.
fn is_terminating(input: Input<'_>) -> Answer {
    let mut rig = Rig::default();
    rig.run.is_terminated = flag(input, "terminate")?;
    for name in input.get("metric_phases").and_then(Value::as_array).into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        let dry = name.strip_prefix("dry:");
        let metric = Metric { is_dry_run: dry.is_some(), ..Metric::default() };
        rig.push(metric, measured(phase(dry.unwrap_or(name))?, None));
    }
    Ok(json!({"terminating": rig.run.is_terminating(&rig.analysis)}))
}

fn run_status(input: Input<'_>) -> Answer {
    let mut rig = Rig::default();
    rig.run.is_terminated = flag(input, "terminate")?;
    for of in input.list("metrics")? {
        let phase = of.text_if_set("phase")?.map(phase).transpose()?;
        let last =
            |phase: Phase| (!phase.is_completed()).then_some(Measurement { phase, finished_at: None, resume_at: None });
        rig.push(metric(of)?, phase.and_then(|phase| measured(phase, last(phase))));
    }
    Ok(json!({"phase": rig.run.assess(&rig.analysis, now()).as_str()}))
}

fn due(input: Input<'_>) -> Answer {
    let mut rig = Rig::default();
    rig.run.is_terminated = flag(input, "terminating")?;
    rig.run.started_at = seconds_if_set(input, "seconds_since_run_start")?.map(ago);
    let of = input.inner("metric")?;
    if is_no_time(of.get("initialDelay")) {
        return Err(Verdict::Skipped {
            why: "a delay that is no length of time is refused before a run starts".into(),
        });
    }
    rig.push(metric(of)?, result(input)?);
    Ok(rig.tasks())
}

fn is_no_time(value: Option<&Value>) -> bool {
    value
        .and_then(Value::as_str)
        .is_some_and(|text| !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()))
}

/// What was measured last: with a phase and when it was over, or still under way. A measurement that was made counts.
fn result(input: Input<'_>) -> Result<Option<MetricResult>, Verdict> {
    let phase = input.text_if_set("last_phase")?.map(phase).transpose()?;
    let finished_at = seconds_if_set(input, "seconds_since_last_finished")?.map(ago);
    let resume_at = resume_at(input)?;
    let is_under_way = flag(input, "in_flight")? || resume_at.is_some();
    if phase.is_none() && finished_at.is_none() && !is_under_way {
        return Ok(None);
    }
    let phase = phase.unwrap_or(Phase::Running);
    let finished_at = finished_at.filter(|_| !is_under_way);
    let is_made = finished_at.is_some() && phase != Phase::Error;
    let count = input.count_or("count", u32::from(is_made))?;
    let last = Some(Measurement { phase, finished_at, resume_at });
    Ok(Some(MetricResult { phase: Phase::Running, count, last, ..MetricResult::default() }))
}

/// When to ask again: in so many seconds, or so many ago.
fn resume_at(input: Input<'_>) -> Result<Option<Time>, Verdict> {
    let seconds = input.get("resume_in").and_then(Value::as_i64);
    match seconds {
        Some(seconds) if seconds < 0 => Ok(Some(ago(Span::from_secs(seconds.unsigned_abs())))),
        Some(_) | None => Ok(seconds_if_set(input, "resume_in")?.map(|span| now() + span)),
    }
}

/// Metrics by name, and the phases of some.
fn due_of_several(input: Input<'_>) -> Answer {
    let mut rig = Rig::default();
    let results = input.get("results").map(|_| input.inner("results")).transpose()?;
    for name in input.get("metrics").and_then(Value::as_array).into_iter().flatten() {
        let told = results.and_then(|results| results.text_if_set(name.as_str()?).transpose()).transpose()?;
        let phase = told.map(phase).transpose()?;
        rig.push(Metric::default(), phase.and_then(|phase| measured(phase, None)));
    }
    Ok(rig.tasks())
}

fn next(input: Input<'_>) -> Answer {
    let mut rig = Rig::default();
    rig.run.started_at = started_at(input)?;
    for of in input.list("metrics")? {
        rig.run.started_at = started_at(of)?.or(rig.run.started_at);
        rig.push(metric(of)?, last_of(of)?);
    }
    let at = rig.run.next_at(&rig.analysis, now());
    Ok(json!({"in_seconds": at.map(|at| at.since(now()).seconds())}))
}

fn started_at(input: Input<'_>) -> Result<Option<Time>, Verdict> {
    let member =
        ["seconds_since_run_start", "run_started_ago", "started_ago"].into_iter().find(|it| input.get(it).is_some());
    Ok(member.map(|member| input.seconds(member)).transpose()?.map(ago))
}

/// The last measurement of one of several metrics, and what the metric came to if that is known.
fn last_of(input: Input<'_>) -> Result<Option<MetricResult>, Verdict> {
    let finished_at = seconds_if_set(input, "finished_ago")?.map(ago);
    let is_under_way = flag(input, "in_flight")?;
    if finished_at.is_none() && !is_under_way {
        return Ok(None);
    }
    let of_last = input.text_if_set("phase")?.map_or(Ok(Phase::Successful), phase)?;
    let of_metric = if flag(input, "completed")? { Phase::Successful } else { Phase::Running };
    let resume_at = resume_at(input)?;
    let last = Measurement { phase: of_last, finished_at: finished_at.filter(|_| !is_under_way), resume_at };
    Ok(measured(of_metric, Some(last)))
}

/// The cases have conditions that are constant, and some that name a value nobody has.
fn condition(input: Input<'_>, member: &str) -> Result<Condition, Verdict> {
    match input.text_if_set(member)?.unwrap_or_default() {
        "" => Ok(Condition::Unset),
        "true" => Ok(Condition::Met),
        "false" => Ok(Condition::Unmet),
        text if text.contains("result") => Err(Verdict::Skipped {
            why:
                "expressions over results are not evaluated; a metric of a simulation says whether its conditions hold"
                    .into(),
        }),
        _ => Ok(Condition::Broken),
    }
}
