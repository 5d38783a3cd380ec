//! What the measurements of a metric come to.

use super::super::Answer;
use super::super::input::Input;
use super::{flag, now};
use crate::case::Verdict;
use model::controllers::argo::analysis::measurement::Measurement;
use model::controllers::argo::analysis::{Metric, MetricResult, Phase};
use model::time::Span;
use serde_json::{Value, json};

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    let result = result(input.inner("result")?)?;
    let phase = metric(input.inner("metric")?)?.assess(&result, flag(input, "terminating")?);
    Ok(json!({"phase": phase.as_str()}))
}

/// A metric as a manifest writes it.
pub(super) fn metric(input: Input<'_>) -> Result<Metric, Verdict> {
    let default = Metric::default();
    let failure_limit = match input.get("failureLimit") {
        Some(value) if value.as_i64().is_some_and(|limit| limit < 0) => None,
        Some(_) => Some(input.count("failureLimit")?),
        None => default.failure_limit,
    };
    Ok(Metric {
        interval: duration(input, "interval")?,
        initial_delay: duration(input, "initialDelay")?,
        count: input.count_if_set("count")?,
        failure_limit,
        inconclusive_limit: input.count_or("inconclusiveLimit", default.inconclusive_limit)?,
        consecutive_error_limit: input.count_or("consecutiveErrorLimit", default.consecutive_error_limit)?,
        consecutive_success_limit: input.count_or("consecutiveSuccessLimit", default.consecutive_success_limit)?,
        is_dry_run: flag(input, "dry_run")?,
    })
}

fn result(input: Input<'_>) -> Result<MetricResult, Verdict> {
    let count = |member| input.count_or(member, 0);
    let last = input.text_if_set("last_measurement")?.map(phase).transpose()?;
    Ok(MetricResult {
        phase: input.text_if_set("phase")?.map_or(Ok(Phase::Running), phase)?,
        count: count("count")?,
        successful: count("successful")?,
        failed: count("failed")?,
        inconclusive: count("inconclusive")?,
        error: count("error")?,
        consecutive_success: count("consecutiveSuccess")?,
        consecutive_error: count("consecutiveError")?,
        last: last.map(|phase| Measurement { phase, finished_at: phase.is_completed().then(now), resume_at: None }),
    })
}

/// A phase by its name.
pub(super) fn phase(name: &str) -> Result<Phase, Verdict> {
    let known = Phase::ALL.into_iter().find(|phase| phase.as_str() == name);
    known.ok_or_else(|| Verdict::failed("the phase of an analysis", name))
}

/// A length of time as a manifest writes it: `40s`, `1h30m`, or seconds as a number.
pub(super) fn duration(input: Input<'_>, member: &str) -> Result<Option<Span>, Verdict> {
    match input.get(member) {
        None => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => {
            let why =
                || Verdict::Skipped { why: format!("{text:?} is no length of time: refused before a run starts") };
            parse(text).map(Some).ok_or_else(why)
        }
        Some(_) => input.seconds(member).map(Some),
    }
}

fn parse(text: &str) -> Option<Span> {
    let mut rest = text;
    let mut total = Span::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total = total + unit_span(&rest[..unit])?.times(number);
        rest = &rest[unit..];
    }
    Some(total)
}

fn unit_span(unit: &str) -> Option<Span> {
    match unit {
        "ms" => Some(Span::from_millis(1)),
        "s" => Some(Span::SECOND),
        "m" => Some(Span::from_secs(60)),
        "h" => Some(Span::from_secs(3600)),
        _ => None,
    }
}
