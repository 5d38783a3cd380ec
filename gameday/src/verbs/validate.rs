//! `gameday validate`: published results against simulated ones, side by side.

use crate::cli::Validate;
use crate::console::{say, say_json, stdout_paint};
use crate::exit::{Exit, Failure};
use reports::validation::{json, text, total};
use validation::{Effort, Report, Runner, Suite};

/// Threads that runs are spread over; they change nothing but the wait.
const THREADS: usize = 2;

/// Runs one suite, or all of them one after the other.
pub(crate) fn validate(what: &Validate) -> Result<Exit, Failure> {
    let effort = if what.quick { Effort::Quick } else { Effort::Full };
    let suites = what.suite.map_or(Suite::ALL.to_vec(), |suite| vec![suite]);
    let reports = if what.json { silently(suites, effort) } else { aloud(suites, effort)? };
    if what.json {
        say_json(&json(&reports, effort))?;
    }
    Ok(if reports.iter().all(Report::passed) { Exit::Good } else { Exit::Bad })
}

fn silently(suites: Vec<Suite>, effort: Effort) -> Vec<Report> {
    suites.into_iter().map(|suite| suite.run(Runner::new(effort, THREADS))).collect()
}

/// Prints each suite as soon as it is there.
fn aloud(suites: Vec<Suite>, effort: Effort) -> Result<Vec<Report>, Failure> {
    let paint = stdout_paint();
    let mut reports = Vec::new();
    for suite in suites {
        let report = suite.run(Runner::new(effort, THREADS));
        say(&format!("{}\n", text(&report, paint)))?;
        reports.push(report);
    }
    say(&total(&reports, paint))?;
    Ok(reports)
}
