//! What a run cost, by kind of harm.

use super::Row;
use crate::figures::count;
use crate::par::Beside;
use crate::theme::Tone;
use sim::{Count, Harm, Summary};

/// Harm to records: its name, what it means, how to read it off.
type Kind = (&'static str, &'static str, fn(&Harm) -> Count);

const RECORDS: [Kind; 5] = [
    ("unreadable", "serving code cannot read", |harm| harm.unreadable),
    ("misread", "something else is read", |harm| harm.misread),
    ("damaged", "no longer what was meant", |harm| harm.damaged),
    ("fields lost", "written back without one", |harm| harm.fields_lost),
    ("lost", "acknowledged and gone", |harm| harm.lost),
];

const UNDONE: Kind = ("undone", "acknowledged updates", |harm| harm.undone);

/// The rows of the table.
pub(crate) fn rows(summary: &Summary, beside: Beside<'_>) -> Vec<Row> {
    let par = match beside {
        Beside::Done(_, par) => Some(&par.harm),
        Beside::Nothing | Beside::Pending(_) => None,
    };
    let mut rows = vec![requests("requests", summary)];
    if let Beside::Done(_, par) = beside {
        rows.push(requests("  at par", par));
    }
    rows.push(heading(par.is_some()));
    rows.extend(RECORDS.iter().map(|kind| record_row(*kind, &summary.harm, par)));
    rows.extend((summary.harm.undone.ever > 0).then(|| record_row(UNDONE, &summary.harm, par)));
    rows.push(effects(&summary.harm));
    rows.extend(messages(&summary.harm));
    rows
}

/// With the time they came in: a run that has recovered ends, par runs to its horizon.
fn requests(name: &str, run: &Summary) -> Row {
    let sim::Requests { total, failed, slow, wrong, unanswered } = run.harm.requests;
    let unanswered = if unanswered == 0 { String::new() } else { format!(", {} unanswered", count(unanswered)) };
    let [total, failed, slow, wrong] = [total, failed, slow, wrong].map(count);
    Row::plain(format!(
        "{name:<13} {failed} failed, {slow} slow, {wrong} wrong of {total} in {}{unanswered}",
        run.simulated
    ))
}

fn heading(par: bool) -> Row {
    let theirs = if par { "par ever  par left" } else { "" };
    Row::new(format!("{:<13} {:<24} {:>9} {:>9} {theirs:>19}", "records", "", "ever", "left").trim_end(), Tone::Strong)
}

fn record_row((name, about, read): Kind, yours: &Harm, par: Option<&Harm>) -> Row {
    let theirs = par.map_or(String::new(), |harm| cells(read(harm)));
    let text = format!("{name:<13} {about:<24} {} {theirs}", cells(read(yours)));
    let tone = if read(yours).ever > 0 { Tone::Data } else { Tone::Plain };
    Row::new(text.trim_end(), tone)
}

fn cells(records: Count) -> String {
    format!("{:>9} {:>9}", count(records.ever.into()), count(records.remaining.into()))
}

fn effects(harm: &Harm) -> Row {
    let sim::Effects { escaped, duplicated, mistaken, accepted, .. } = harm.effects;
    let left = harm.effects.uncompensated();
    let accepted = if accepted > 0 { format!(", {accepted} accepted") } else { String::new() };
    let mistaken = if mistaken > 0 { format!("{mistaken} of something misread, ") } else { String::new() };
    Row::plain(format!(
        "{:<13} {escaped} escaped, {duplicated} duplicated, {mistaken}{left} not compensated{accepted}",
        "effects"
    ))
}

/// A row only where some message has not done, or not in time, what it is for.
fn messages(harm: &Harm) -> Option<Row> {
    let sim::Messages { skipped, dropped, dead_letters } = harm.messages;
    let text = format!("{:<13} {skipped} skipped, {dropped} dropped unread, {dead_letters} dead letters", "messages");
    (skipped + dropped + dead_letters > 0).then(|| Row::new(text, Tone::Data))
}
