//! How long what took, as a table: customers first, then services, then calls.

use crate::figure::brief;
use crate::paint::Paint;
use model::count::grouped;
use sim::{EdgeTiming, ServiceTiming, SourceTiming, Times, Timing, Timings};

/// Room for a name and what it stands under; a longer name has a line of its own.
const NAME: usize = 28;
/// Lines of a part at most: the rest is for `--json`.
const ROWS: usize = 12;

/// A line: its name, and what it says.
struct Row {
    name: String,
    /// None when there was no answer to measure.
    times: Option<Times>,
    /// Requests that failed, where times leave them out.
    failed: u64,
    /// Rows under it.
    parts: Vec<Row>,
}

/// The table, at most 80 columns wide; nothing when nothing was measured.
pub(super) fn table(timings: &Timings, paint: Paint) -> Option<String> {
    let parts = [
        ("customers", timings.sources.iter().map(Row::of_source).collect::<Vec<_>>()),
        ("services", timings.services.iter().map(Row::of_service).collect()),
        ("calls", timings.edges.iter().map(Row::of_edge).collect()),
    ];
    let some = parts.iter().any(|(_, rows)| !rows.is_empty());
    some.then(|| heading(paint) + &parts.map(|(name, rows)| part(name, rows)).concat())
}

fn heading(paint: Paint) -> String {
    let columns = ["p50", "p90", "p99", "p99.9", "max"].map(|column| format!("{column:>8}")).concat();
    let gap = " ".repeat(NAME - "Latency".len());
    format!("{}{gap}{}\n", paint.strong("Latency"), paint.quiet(&format!("{:>11}{columns}", "requests")))
}

/// A part of the table: all of its rows, or the slowest when there are too many.
fn part(name: &str, mut rows: Vec<Row>) -> String {
    let more = rows.len().saturating_sub(ROWS);
    if more > 0 {
        rows.sort_by_key(|row| std::cmp::Reverse(row.times.map(|times| times.p99)));
        rows.truncate(ROWS);
    }
    let title = if rows.is_empty() { String::new() } else { format!("  {name}\n") };
    let lines: String = rows.iter().map(|row| row.lines(4)).collect();
    let rest = if more > 0 { format!("    and {more} faster ones, with --json\n") } else { String::new() };
    title + &lines + &rest
}

impl Row {
    fn of(timing: &Timing) -> Self {
        Row { name: timing.who.clone(), times: Some(timing.times), failed: 0, parts: vec![] }
    }

    fn of_source(source: &SourceTiming) -> Self {
        Row { name: source.endpoint.clone(), times: source.times, failed: source.failed, parts: vec![] }
    }

    /// A service, and its versions when there were several.
    fn of_service(service: &ServiceTiming) -> Self {
        let versions = if service.versions.len() > 1 { service.versions.as_slice() } else { &[] };
        let parts = versions.iter().map(Row::of).collect();
        Row { name: service.service.clone(), times: Some(service.times), failed: 0, parts }
    }

    fn of_edge(edge: &EdgeTiming) -> Self {
        let name = format!("{} -> {}", edge.from, edge.to);
        Row { name, times: Some(edge.times), failed: 0, parts: vec![] }
    }

    fn lines(&self, indent: usize) -> String {
        let times = self.times.map(|times| line(indent, &self.name, times.count, &columns(times)));
        let name = if times.is_some() { "failed".to_owned() } else { format!("{}, failed", self.name) };
        let indented = indent + if times.is_some() { 2 } else { 0 };
        let failed = if self.failed > 0 { line(indented, &name, self.failed, "") } else { String::new() };
        let parts: String = self.parts.iter().map(|part| part.lines(indent + 2)).collect();
        times.unwrap_or_default() + &failed + &parts
    }
}

fn columns(times: Times) -> String {
    let Times { p50, p90, p99, p999, max, .. } = times;
    [p50, p90, p99, p999, max].map(|time| format!("{:>8}", brief(time))).concat()
}

/// A name, how many there are of it, and the rest; a long name has a line of its own.
fn line(indent: usize, name: &str, count: u64, rest: &str) -> String {
    let lead = format!("{}{name}", " ".repeat(indent));
    let lead = if lead.chars().count() < NAME { lead } else { format!("{lead}\n") };
    let room = if lead.ends_with('\n') { NAME } else { NAME - lead.chars().count() };
    format!("{lead}{}{:>11}{rest}\n", " ".repeat(room), grouped(count))
}
