//! What it cost, and what that came of.

use super::markdown::{Table, escaped, lines, section};
use crate::explanation::text::{about, amount, counted};
use model::count::grouped;
use sim::{Explanation, Harm, Link, Part};

/// The harm in counts.
pub(super) fn impact(harm: &Harm) -> String {
    let (asked, done, messages) = (harm.requests, harm.effects, harm.messages);
    let mut table = Table::new(["", "ever", "at the end"]);
    let requests = [("failed", asked.failed), ("slow", asked.slow), ("wrong", asked.wrong)];
    requests.iter().for_each(|(kind, count)| table.row([format!("requests {kind}"), grouped(*count), String::new()]));
    let records = [
        ("records unreadable", harm.unreadable),
        ("records misread", harm.misread),
        ("records damaged", harm.damaged),
        ("records with fields lost", harm.fields_lost),
        ("records lost", harm.lost),
        ("updates undone", harm.undone),
    ];
    for (kind, count) in records {
        table.row([kind.to_owned(), grouped(count.ever.into()), grouped(count.remaining.into())]);
    }
    let others = [
        ("effects escaped", done.escaped, None),
        ("effects duplicated", done.duplicated, None),
        ("effects done of something misread", done.mistaken, None),
        ("effects neither taken back nor accepted", done.uncompensated(), Some(done.uncompensated())),
        ("messages skipped", messages.skipped, None),
        ("messages dropped unread", messages.dropped, None),
        ("dead letters", messages.dead_letters, Some(messages.dead_letters)),
    ];
    for (kind, count, left) in others.into_iter().filter(|(_, count, _)| *count > 0) {
        table.row([kind.to_owned(), grouped(count), left.map_or(String::new(), grouped)]);
    }
    section("What it cost", &format!("Of {} requests from outside:\n\n{table}", grouped(asked.total)))
}

/// A part for each figure: what it is made of, and what it began with.
pub(super) fn causes(explanations: &[Explanation]) -> Option<String> {
    let causes: Vec<_> = explanations.iter().map(cause).collect();
    (!causes.is_empty()).then(|| section("What it came of", &causes.join("\n")))
}

fn cause(explanation: &Explanation) -> String {
    let count = counted(explanation.figure, explanation.count);
    let parts: String = explanation.parts.iter().map(part).collect();
    let roots = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    let roots: String = roots.map(root).collect();
    let lines = lines(explanation.chain.iter().map(|link| link.line.id));
    let began =
        if roots.is_empty() { roots } else { format!("\nIt came of lines {lines}, and began with:\n\n{roots}") };
    format!("### {}: {count}\n\n{parts}{began}", escaped(about(explanation.figure)))
}

fn part(part: &Part) -> String {
    let since = part.since.map_or(String::new(), |since| format!(", from {since} on"));
    let reasons: String = part.reasons.iter().map(|reason| format!("  - {}\n", escaped(reason))).collect();
    let told =
        if part.events.is_empty() { String::new() } else { format!(" (line {})", lines(part.events.iter().copied())) };
    format!("- {}{}{since}{told}\n{reasons}", amount(part.count), escaped(&part.what))
}

fn root(Link { line, .. }: &Link) -> String {
    format!("- line {}, {}: {}: {}\n", line.id, line.at, escaped(&line.who), escaped(&line.what))
}
