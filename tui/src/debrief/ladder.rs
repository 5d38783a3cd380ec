//! The ladder of clocks, the player's beside par's.

use super::Row;
use crate::figures::stopwatch;
use crate::par::Beside;
use crate::theme::Tone;
use model::time::Span;
use sim::{Clocks, Summary};

/// The heading.
pub(crate) const TITLE: &str = "when what was reached, from first harm";

/// A rung: its name, what it means, how to read it off.
type Rung = (&'static str, &'static str, fn(&Clocks) -> Option<Span>);

const RUNGS: [Rung; 12] = [
    ("detected", "the first alert", |clocks| clocks.detected),
    ("acknowledged", "somebody took the page", |clocks| clocks.acknowledged),
    ("declared", "an incident was declared", |clocks| clocks.declared),
    ("decided", "a remedy was approved", |clocks| clocks.decided),
    ("executed", "a remedy was in effect", |clocks| clocks.executed),
    ("traffic", "answers in objective", |clocks| clocks.traffic),
    ("skew", "every version as intended", |clocks| clocks.skew),
    ("backlog", "no failed or late work", |clocks| clocks.backlog),
    ("data", "every record can be read", |clocks| clocks.data),
    ("effects", "nothing outside left open", |clocks| clocks.effects),
    ("full", "the latest of these five", Clocks::full),
    ("illusion gap", "full minus traffic", Clocks::illusion_gap),
];

/// The rows of the ladder.
pub(crate) fn rows(summary: &Summary, beside: Beside<'_>) -> Vec<Row> {
    let mut rows = vec![row("", "", "you", &heading(beside), Tone::Strong)];
    rows.extend(RUNGS.iter().map(|rung| rung_row(*rung, &summary.clocks, beside)));
    rows.extend(footnote(beside));
    rows
}

fn rung_row((name, about, read): Rung, clocks: &Clocks, beside: Beside<'_>) -> Row {
    let theirs = match beside {
        Beside::Done(_, par) => cell(read(&par.clocks)),
        Beside::Nothing | Beside::Pending(_) => String::new(),
    };
    let tone = if matches!(name, "full" | "illusion gap") { Tone::Strong } else { Tone::Plain };
    row(name, about, &cell(read(clocks)), &theirs, tone)
}

fn row(name: &str, about: &str, yours: &str, theirs: &str, tone: Tone) -> Row {
    Row::new(format!("{name:<13} {about:<26} {yours:>8} {theirs:>8}").trim_end(), tone)
}

fn cell(at: Option<Span>) -> String {
    at.map_or("never".to_owned(), stopwatch)
}

fn heading(beside: Beside<'_>) -> String {
    match beside {
        Beside::Nothing => String::new(),
        Beside::Pending(_) => "(par)".to_owned(),
        Beside::Done(..) => "par".to_owned(),
    }
}

fn footnote(beside: Beside<'_>) -> Option<Row> {
    match beside {
        Beside::Nothing => None,
        Beside::Pending(name) => Some(Row::new(format!("par ({name}) is still being worked out"), Tone::Quiet)),
        Beside::Done(name, _) => {
            Some(Row::new(format!("par is the plan {name}: same seed, same customers, same luck"), Tone::Quiet))
        }
    }
}
