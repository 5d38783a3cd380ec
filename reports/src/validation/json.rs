//! A validation as JSON: `gameday.validate/1`. Fields are documented in `docs/JSON.md`.

use serde::Serialize;
use serde_json::Value;
use validation::{Claim, Effort, Report, Unit, Verdict};

/// The name and version of the format.
const SCHEMA: &str = "gameday.validate/1";

/// The suites that were run as one JSON document.
///
/// # Panics
/// Never: nothing in the document fails to be JSON.
#[must_use]
pub fn json(reports: &[Report], effort: Effort) -> Value {
    serde_json::to_value(Document::of(reports, effort)).expect("text, numbers and lists are JSON")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    effort: &'static str,
    passed: bool,
    suites: Vec<Suite<'a>>,
}

#[derive(Serialize)]
struct Suite<'a> {
    name: &'static str,
    passed: bool,
    rows: Vec<Row<'a>>,
    gaps: Vec<Gap>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    model: &'static str,
    what: &'a str,
    unit: &'static str,
    published: Option<f64>,
    source: &'static str,
    simulated: Option<f64>,
    half_width: Option<f64>,
    tolerance: f64,
    verdict: &'static str,
}

#[derive(Serialize)]
struct Gap {
    what: &'static str,
    reason: &'static str,
}

impl<'a> Document<'a> {
    fn of(reports: &'a [Report], effort: Effort) -> Self {
        Document {
            schema: SCHEMA,
            effort: match effort {
                Effort::Full => "full",
                Effort::Quick => "quick",
            },
            passed: reports.iter().all(Report::passed),
            suites: reports.iter().map(Suite::of).collect(),
        }
    }
}

impl<'a> Suite<'a> {
    fn of(report: &'a Report) -> Self {
        let gaps = report.gaps.iter();
        Suite {
            name: report.suite.name(),
            passed: report.passed(),
            rows: report.rows.iter().map(Row::of).collect(),
            gaps: gaps.map(|gap| Gap { what: gap.what, reason: gap.reason }).collect(),
        }
    }
}

impl<'a> Row<'a> {
    fn of(row: &'a validation::Row) -> Self {
        let Claim { model, what, unit, published, source, .. } = &row.claim;
        Row {
            id: row.id(),
            model,
            what,
            unit: unit_name(*unit),
            published: *published,
            source,
            simulated: row.simulated,
            half_width: row.half_width,
            tolerance: row.tolerance,
            verdict: verdict_name(row.verdict),
        }
    }
}

const fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "s",
        Unit::Share => "share",
        Unit::Number => "number",
    }
}

const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Agrees => "agrees",
        Verdict::Differs => "differs",
        Verdict::Unclear => "unclear",
        Verdict::Known => "known",
        Verdict::Shown => "shown",
    }
}
