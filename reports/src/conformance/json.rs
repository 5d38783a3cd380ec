//! Cases as JSON: `gameday.conformance/1`. Fields are documented in `docs/JSON.md`.

use conformance::{Outcome, Report, Verdict};
use serde::Serialize;
use serde_json::Value;

/// The name and version of the format.
const SCHEMA: &str = "gameday.conformance/1";

/// The files that were run as one JSON document.
///
/// # Panics
/// Never: nothing in the document fails to be JSON.
#[must_use]
pub fn json(reports: &[Report]) -> Value {
    serde_json::to_value(Document::of(reports)).expect("text, numbers and lists are JSON")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    passed: bool,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    file: &'a str,
    passed: usize,
    failed: usize,
    skipped: usize,
    failures: Vec<Failure<'a>>,
    skips: Vec<Skip<'a>>,
}

#[derive(Serialize)]
struct Failure<'a> {
    id: &'a str,
    expected: &'a str,
    got: &'a str,
}

#[derive(Serialize)]
struct Skip<'a> {
    id: &'a str,
    why: &'a str,
}

impl<'a> Document<'a> {
    fn of(reports: &'a [Report]) -> Self {
        Document {
            schema: SCHEMA,
            passed: reports.iter().all(|report| report.failed() == 0 && report.is_telling()),
            files: reports.iter().map(File::of).collect(),
        }
    }
}

impl<'a> File<'a> {
    fn of(report: &'a Report) -> Self {
        File {
            file: &report.file,
            passed: report.passed(),
            failed: report.failed(),
            skipped: report.skipped(),
            failures: report.outcomes.iter().filter_map(failure).collect(),
            skips: report.outcomes.iter().filter_map(skip).collect(),
        }
    }
}

fn failure(outcome: &Outcome) -> Option<Failure<'_>> {
    match &outcome.verdict {
        Verdict::Failed { expected, got } => Some(Failure { id: &outcome.id, expected, got }),
        Verdict::Passed | Verdict::Skipped { .. } => None,
    }
}

fn skip(outcome: &Outcome) -> Option<Skip<'_>> {
    match &outcome.verdict {
        Verdict::Skipped { why } => Some(Skip { id: &outcome.id, why }),
        Verdict::Passed | Verdict::Failed { .. } => None,
    }
}
