//! An explanation as text: the figure, its parts, how it came, and what it began with.

use crate::paint::Paint;
use crate::paragraph::hanging;
use crate::run::RunContext;
use crate::run::text::{again, heading};
use crate::run::timeline;
use model::count::grouped;
use sim::{Amount, Explanation, Figure, Link, Part, Summary};

/// The explanation for a terminal, at most 80 columns wide.
#[must_use]
pub fn text(explanation: &Explanation, summary: &Summary, context: &RunContext<'_>, paint: Paint) -> String {
    let mut sections = vec![heading(summary, context, paint), answer(explanation, paint)];
    sections.extend(explanation.parts.iter().map(part));
    if !explanation.chain.is_empty() {
        sections.push(chain(explanation, paint));
        sections.push(roots(explanation, paint));
    }
    sections.push(again(summary, context, paint));
    sections.join("\n")
}

fn answer(explanation: &Explanation, paint: Paint) -> String {
    let figure = about(explanation.figure);
    hanging("", &format!("{}: {}", paint.strong(figure), counted(explanation.figure, explanation.count)))
}

/// How many of what.
pub(crate) fn counted(figure: Figure, count: Amount) -> String {
    let Amount { ever, remaining } = count;
    let (ever, remaining) = (grouped(ever), grouped(remaining));
    match kind(figure) {
        Counted::For(what) => format!("{ever} {what}"),
        Counted::OverTime(what) => format!("{ever} {what} ever, {remaining} at the end"),
    }
}

/// A figure in words.
pub(crate) const fn about(figure: Figure) -> &'static str {
    match figure {
        Figure::Failed => "failed",
        Figure::Slow => "late",
        Figure::Wrong => "wrong",
        Figure::Data => "unreadable, misread or damaged",
        Figure::Unreadable => "unreadable",
        Figure::Misread => "misread",
        Figure::Damaged => "damaged",
        Figure::FieldsLost => "fields lost",
        Figure::Lost => "lost",
        Figure::Undone => "undone",
        Figure::Escaped => "escaped",
        Figure::Duplicated => "duplicated",
        Figure::Mistaken => "mistaken",
        Figure::Uncompensated => "neither taken back nor accepted",
        Figure::Accepted => "accepted",
        Figure::Skipped => "passed over",
        Figure::Dropped => "dropped unread",
        Figure::DeadLetters => "put aside",
        Figure::Backlog => "not done",
    }
}

/// What a figure counts.
enum Counted {
    /// What has happened, and stays happened.
    For(&'static str),
    /// What is so, and may cease to be.
    OverTime(&'static str),
}

const fn kind(figure: Figure) -> Counted {
    match figure {
        Figure::Failed | Figure::Slow | Figure::Wrong => Counted::For("requests"),
        Figure::Data | Figure::Unreadable | Figure::Misread | Figure::Damaged | Figure::FieldsLost | Figure::Lost => {
            Counted::OverTime("records")
        }
        Figure::Undone => Counted::OverTime("updates"),
        Figure::Escaped | Figure::Duplicated | Figure::Mistaken | Figure::Accepted => Counted::For("effects"),
        Figure::Skipped | Figure::Dropped => Counted::For("messages"),
        Figure::DeadLetters => Counted::OverTime("messages"),
        Figure::Uncompensated => Counted::OverTime("effects"),
        Figure::Backlog => Counted::OverTime("pieces of work and messages"),
    }
}

fn part(part: &Part) -> String {
    let since = part.since.map_or(String::new(), |since| format!(", from {since} on"));
    let events = timeline::because(&part.events);
    let head = hanging("  ", &format!("{}{}{since}{events}", amount(part.count), part.what));
    let reasons = part.reasons.iter().map(|reason| hanging("      ", reason));
    format!("{head}{}", reasons.collect::<String>())
}

/// How many a part is, before what it is.
pub(crate) fn amount(count: Amount) -> String {
    match count {
        Amount { ever: 0, remaining: 0 } => String::new(),
        Amount { ever, remaining } if ever == remaining => format!("{} ", grouped(ever)),
        Amount { ever, remaining } => format!("{} ({} at the end) ", grouped(ever), grouped(remaining)),
    }
}

fn chain(explanation: &Explanation, paint: Paint) -> String {
    let legend = paint.quiet("[n]: because of line n   *: nobody could see it then");
    let lines = timeline::lines(explanation.chain.iter().map(|link| &link.line));
    format!("{}   {legend}\n{lines}", paint.strong("How it came"))
}

fn roots(explanation: &Explanation, paint: Paint) -> String {
    let roots = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    let lines = roots.map(|Link { line, .. }| hanging("  ", &format!("[{}] {}: {}", line.id, line.who, line.what)));
    format!("{}\n{}", paint.strong("It began with"), lines.collect::<String>())
}
