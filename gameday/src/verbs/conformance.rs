//! `gameday conformance`: cases with known answers.

use crate::cli::Conformance;
use crate::console::{say, say_json, stdout_paint};
use crate::exit::{Exit, Failure};
use conformance::Report;
use reports::conformance::{json, text};
use std::fs;

/// Runs the cases of each file, whatever is wrong with the ones before it. A file of which one case in twenty is
/// skipped, or more, says nothing good.
pub(crate) fn conformance(what: &Conformance) -> Result<Exit, Failure> {
    let (mut reports, mut is_refused) = (Vec::new(), false);
    for file in &what.files {
        match run(file) {
            Ok(report) => reports.push(report),
            Err(failure) => is_refused |= failure.explain() == Exit::Refused,
        }
    }
    match what.json {
        true => say_json(&json(&reports))?,
        false => reports.iter().try_for_each(|report| say(&text(report, stdout_paint())))?,
    }
    let is_good = |report: &Report| report.failed() == 0 && report.is_telling();
    Ok(match (is_refused, reports.iter().all(is_good)) {
        (true, _) => Exit::Refused,
        (false, true) => Exit::Good,
        (false, false) => Exit::Bad,
    })
}

fn run(file: &str) -> Result<Report, Failure> {
    let text = fs::read_to_string(file).map_err(Failure::while_doing(format!("read {file}")))?;
    match conformance::run(&text) {
        Ok(outcomes) => Ok(Report { file: file.to_owned(), outcomes }),
        Err(bad) => {
            let at = bad.position;
            Err(Failure::usage(format!("{file}:{}:{}: {}", at.line, at.column, bad.found), bad.help))
        }
    }
}
