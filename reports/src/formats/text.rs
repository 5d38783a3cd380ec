//! A comparison as text: first whether it is safe, then field by field, then why, then what nobody states.

use super::{Compared, name, words};
use crate::paint::Paint;
use crate::paragraph::{hanging, printable};
use model::data::{Comparison, Consequence, Judgement, Outcome, Row, Way};

/// Room for a field's name; a longer one is cut in the table, and whole below.
const NAME: usize = 24;
/// How a sentence begins that speaks against a rollback.
const ROLLBACK: &str = "rollback is not safe";

/// Room for what becomes of it on one way.
const WAY: usize = 17;

/// The comparison for a terminal, at most 80 columns wide.
#[must_use]
pub fn text(compared: &Compared<'_>, paint: Paint) -> String {
    let (quiet, told): (Vec<_>, Vec<_>) =
        compared.types.iter().partition(|one| compared.types.len() > 1 && is_quiet(one));
    let types: String = told.into_iter().map(|one| of_type(one, paint)).collect();
    let safe = if quiet.is_empty() { String::new() } else { hanging("safe both ways: ", &listed(&quiet)) };
    let alone = [("gone", &compared.gone), ("new", &compared.added)];
    let alone =
        alone.map(|(how, names)| names.iter().map(|name| hanging(&format!("{how}: "), name)).collect::<String>());
    format!("{types}{safe}{}{}", alone.concat(), quietly(&hanging("read by: ", &codecs(compared)), paint))
}

/// Whether there is nothing to say of a type.
fn is_quiet(comparison: &Comparison) -> bool {
    comparison.rows.iter().flat_map(Row::outcomes).all(|outcome| outcome == Outcome::Ok)
}

fn listed(types: &[&Comparison]) -> String {
    types.iter().map(|one| printable(&one.entity.name)).collect::<Vec<_>>().join(", ")
}

fn codecs(compared: &Compared<'_>) -> String {
    let Compared { old, new, codecs, .. } = compared;
    format!("{old}: {}, {new}: {}", codecs[0], codecs[1])
}

fn quietly(lines: &str, paint: Paint) -> String {
    lines.lines().map(|line| format!("{}\n", paint.quiet(line))).collect()
}

fn of_type(comparison: &Comparison, paint: Paint) -> String {
    let heading = format!("{}\n", paint.strong(&printable(&comparison.entity.name)));
    let parts =
        [heading, verdicts(comparison, paint), table(comparison, paint), reasons(comparison), units(comparison)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n") + "\n"
}

/// What somebody has to know who decides on a rollback.
fn verdicts(comparison: &Comparison, paint: Paint) -> String {
    let harms = harms(comparison);
    let lines: String = harms.iter().map(|harm| paint.bad(hanging("", harm).trim_end()) + "\n").collect();
    let calm = match comparison.judgement() {
        Judgement::Harmful if harms.iter().any(|harm| harm.starts_with(ROLLBACK)) => return lines,
        Judgement::Harmful => return lines + "nothing was found against a rollback\n",
        Judgement::Lossless => "rollback is safe, and so is the upgrade: nothing fails, lies or is lost".to_owned(),
        Judgement::Undecided => {
            "nothing fails or is lost; whether numbers are misread is not decided: units are not stated".to_owned()
        }
    };
    paint.good(hanging("", &calm).trim_end()) + "\n"
}

/// Everything that goes wrong, that of a rollback first.
fn harms(comparison: &Comparison) -> Vec<String> {
    let [old, new] = [0, 1].map(|index| comparison.entity.formats[index].name.as_str());
    let mut harms = Vec::new();
    for row in &comparison.rows {
        let ways = [&row.old_reads_new, &row.old_rewrites_new];
        harms.extend(sentences(ways, name(comparison, row)).map(|harm| format!("{ROLLBACK}: {old} {harm}")));
    }
    for row in &comparison.rows {
        let ways = [&row.new_reads_old, &row.new_rewrites_old];
        harms.extend(sentences(ways, name(comparison, row)).map(|harm| format!("upgrade is not safe: {new} {harm}")));
    }
    harms.dedup();
    harms
}

/// What goes wrong in reading a field, and is lost in rewriting it: what else is rewritten was read like that.
fn sentences<'a>([read, rewritten]: [&'a Way; 2], name: &'a str) -> impl Iterator<Item = String> {
    let is_lost = rewritten.outcome == Outcome::Lost;
    let lost = is_lost.then(|| format!("loses {name} when it writes records back"));
    read.consequences.iter().filter_map(move |one| harm(name, one)).chain(lost)
}

/// A sentence without its subject.
fn harm(name: &str, it: &Consequence) -> Option<String> {
    Some(match it.outcome {
        Outcome::Fails => format!("cannot read {}", records(it, "any record")),
        Outcome::FailsForSome => format!("cannot read {}", records(it, "some records")),
        Outcome::Misread => format!("takes {name} for another value{}", because(it)),
        Outcome::Narrowed => format!("narrows {name} in {}", records(it, "some records")),
        Outcome::Replaced => format!("puts a default for {name} into {}", records(it, "some records")),
        Outcome::Missed => {
            format!("does not find {name} in {}, where it is{}", records(it, "any record"), because(it))
        }
        Outcome::Lost => format!("loses {name}"),
        Outcome::Ok | Outcome::Nothing | Outcome::Default | Outcome::Unseen | Outcome::UnitUnknown => return None,
    })
}

fn records(consequence: &Consequence, all: &str) -> String {
    consequence.records.as_ref().map_or_else(|| all.to_owned(), |records| format!("records {records}"))
}

fn because(consequence: &Consequence) -> String {
    let detail = consequence.finding.detail.as_str();
    if detail.is_empty() { String::new() } else { format!(": {detail}") }
}

fn table(comparison: &Comparison, paint: Paint) -> String {
    let head =
        format!("  {:<NAME$} {:<WAY$} {:<WAY$} {}", "field", "new reads old", "old reads new", "old rewrites new");
    let rows: String = comparison.rows.iter().map(|row| line(comparison, row, paint)).collect();
    format!("{}\n{rows}", paint.quiet(&head))
}

fn line(comparison: &Comparison, row: &Row, paint: Paint) -> String {
    let [upgrade, rollback, rewrite, _] = row.ways().map(|way| cell(way.outcome, paint));
    let line = format!("  {:<NAME$} {upgrade} {rollback} {rewrite}", shortened(&printable(name(comparison, row))));
    format!("{}\n", line.trim_end())
}

/// Padded before it is painted: colours have no width.
fn cell(outcome: Outcome, paint: Paint) -> String {
    let padded = format!("{:<WAY$}", words(outcome));
    if outcome.is_harm() { paint.bad(&padded) } else { padded }
}

fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= NAME { name.to_owned() } else { format!("{}..", name.chars().take(NAME - 2).collect::<String>()) }
}

/// Why, once for each thing that was found on a field.
fn reasons(comparison: &Comparison) -> String {
    let mut lines: Vec<String> = Vec::new();
    for row in &comparison.rows {
        // Harm first: where the same finding is harmless on another way, its example says more.
        let mut all: Vec<&Consequence> = row.ways().into_iter().flat_map(|way| &way.consequences).collect();
        all.sort_by_key(|one| !one.outcome.is_harm());
        let mut told: Vec<String> = Vec::new();
        for one in all.into_iter().filter(|one| one.outcome > Outcome::Nothing && one.outcome != Outcome::UnitUnknown) {
            let finding = one.finding.to_string();
            if !told.contains(&finding) {
                lines.push(reason(name(comparison, row), one));
                told.push(finding);
            }
        }
    }
    lines.concat()
}

fn reason(name: &str, consequence: &Consequence) -> String {
    let example = consequence.example.as_ref().filter(|_| consequence.outcome.is_harm());
    let example = example.map_or(String::new(), |example| format!(" (for example {example})"));
    hanging("  ", &format!("{name}: {}{example}", consequence.finding))
}

/// The fields whose numbers nobody says the unit of.
fn units(comparison: &Comparison) -> String {
    let unknown = |row: &&Row| {
        let mut all = row.ways().into_iter().flat_map(|way| &way.consequences);
        all.any(|one| one.outcome == Outcome::UnitUnknown)
    };
    let names: Vec<&str> = comparison.rows.iter().filter(unknown).map(|row| name(comparison, row)).collect();
    if names.is_empty() {
        return String::new();
    }
    hanging("  ", &format!("unit not stated on both sides, so no verdict on misreading: {}", names.join(", ")))
}
