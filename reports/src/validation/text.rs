//! A validation as text: a table for each suite, a line for each figure, and where the figures come from.

use crate::paint::Paint;
use crate::paragraph::hanging;
use validation::{Report, Row, Unit, Verdict};

/// Room for what a figure is; a longer text pushes its own line only.
const WHAT: usize = 40;

/// One suite for a terminal, at most 80 columns wide.
#[must_use]
pub fn text(report: &Report, paint: Paint) -> String {
    let sources = sources(report);
    let parts = [heading(report, paint), rows(report, &sources, paint), gaps(report), legend(&sources, paint)];
    parts.concat()
}

/// The last line: whether everything agreed.
#[must_use]
pub fn total(reports: &[Report], paint: Paint) -> String {
    let rows = || reports.iter().flat_map(|report| &report.rows);
    let count = |verdict| rows().filter(|row| row.verdict == verdict).count();
    let (all, bad) = (rows().count() - count(Verdict::Shown), rows().filter(|row| !row.verdict.passes()).count());
    let said = match (bad, count(Verdict::Known)) {
        (0, 0) => paint.good(&format!("ALL {all} FIGURES AGREE")),
        (0, 1) => paint.good(&format!("{} FIGURES AGREE, 1 DIFFERS AS IS KNOWN", all - 1)),
        (0, known) => paint.good(&format!("{} FIGURES AGREE, {known} DIFFER AS IS KNOWN", all - known)),
        (bad, _) => paint.bad(&format!("{bad} OF {all} FIGURES DO NOT AGREE")),
    };
    format!("{said}\n")
}

fn heading(report: &Report, paint: Paint) -> String {
    let head = format!("  {:<WHAT$} {:>9} {:>9} {:>9}", "", "published", "simulated", "tolerance");
    format!("{}\n{}\n", paint.strong(report.suite.name()), paint.quiet(head.trim_end()))
}

/// Every figure, under the name of its model.
fn rows(report: &Report, sources: &[&str], paint: Paint) -> String {
    let mut text = String::new();
    let mut model = "";
    for row in &report.rows {
        if row.claim.model != model {
            model = row.claim.model;
            text.push_str(&format!("  {}\n", paint.strong(model)));
        }
        text.push_str(&line(row, sources, paint));
    }
    text
}

fn line(row: &Row, sources: &[&str], paint: Paint) -> String {
    let unit = row.claim.unit;
    let width = WHAT - 2;
    let source = sources.iter().position(|source| *source == row.claim.source).map_or(0, |at| at + 1);
    let what = format!("{} [{source}]", row.claim.what);
    let published = if row.verdict == Verdict::Shown { "-".to_owned() } else { figure(row.claim.published, unit) };
    let simulated = figure(row.simulated, unit);
    let tolerance = tolerance(row);
    let verdict = verdict(row.verdict, paint);
    format!("    {what:<width$} {published:>9} {simulated:>9} {tolerance:>9} {verdict}\n")
}

fn verdict(verdict: Verdict, paint: Paint) -> String {
    match verdict {
        Verdict::Agrees => paint.good("ok"),
        Verdict::Differs => paint.bad("DIFFERS"),
        Verdict::Unclear => paint.bad("UNCLEAR"),
        Verdict::Known => paint.quiet("known"),
        Verdict::Shown => paint.quiet("shown"),
    }
}

/// A figure with as many places as its size calls for, and its unit.
fn figure(value: Option<f64>, unit: Unit) -> String {
    let Some(value) = value else { return "never".to_owned() };
    match unit {
        Unit::Seconds if value.abs() < 1.0 => format!("{} ms", digits(value * 1000.0)),
        Unit::Seconds => format!("{} s", digits(value)),
        Unit::Share => format!("{} %", digits(value * 100.0)),
        Unit::Number => digits(value),
    }
}

/// The tolerance, in the unit the figure beside it is shown in.
fn tolerance(row: &Row) -> String {
    let Some(shown) = row.claim.published else { return "-".to_owned() };
    match row.claim.unit {
        _ if row.tolerance == 0.0 => "exact".to_owned(),
        Unit::Seconds if shown.abs() < 1.0 => digits(row.tolerance * 1000.0),
        Unit::Share => digits(row.tolerance * 100.0),
        Unit::Seconds | Unit::Number => digits(row.tolerance),
    }
}

/// About four digits that count; whole numbers as such.
fn digits(value: f64) -> String {
    match value.abs() {
        _ if value.fract() == 0.0 && value.abs() < 1e9 => format!("{value:.0}"),
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 100.0 => format!("{value:.1}"),
        size if size >= 10.0 => format!("{value:.2}"),
        size if size >= 1.0 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}

fn gaps(report: &Report) -> String {
    report.gaps.iter().map(|gap| hanging("  not held to: ", &format!("{} ({})", gap.what, gap.reason))).collect()
}

/// The sources of a suite, each once, in the order they come up.
fn sources(report: &Report) -> Vec<&'static str> {
    let mut sources = Vec::new();
    for row in &report.rows {
        if !sources.contains(&row.claim.source) {
            sources.push(row.claim.source);
        }
    }
    sources
}

fn legend(sources: &[&str], paint: Paint) -> String {
    let numbered = (1..).zip(sources);
    numbered.map(|(number, source)| paint.quiet(&hanging(&format!("  [{number}] "), source))).collect()
}
