//! A comparison as text: first whether it is safe, then field by field, then why, then what nobody states.

use super::harms::{ROLLBACK, UPGRADE, harms, shortened};
use super::nested::without_parts;
use super::{Compared, name, words};
use crate::paint::Paint;
use crate::paragraph::{hanging, printable};
use model::data::{Comparison, Consequence, Field, Judgement, Outcome, Row, UnitSource, Why};

/// Room for a field's name; a longer one has a line of its own in the table.
const NAME: usize = 24;
/// Room for what becomes of it on one way.
const WAY: usize = 17;

/// The comparison for a terminal, at most 80 columns wide.
#[must_use]
pub fn text(compared: &Compared<'_>, paint: Paint) -> String {
    let (quiet, told): (Vec<_>, Vec<_>) =
        compared.types.iter().partition(|one| compared.types.len() > 1 && is_quiet(one));
    let types: String = told.into_iter().map(|one| of_type(compared, one, paint)).collect();
    let safe = if quiet.is_empty() { String::new() } else { hanging("safe both ways: ", &listed(&quiet)) };
    let missed: String = compared.gone.iter().map(|name| missed(name, paint)).collect();
    let gone = compared.gone.iter().map(|name| hanging("gone: ", &breakable(name)));
    let alone: String = gone.chain(compared.added.iter().map(|name| added(name))).collect();
    let read = if compared.types.is_empty() { String::new() } else { hanging("read by: ", &codecs(compared)) };
    format!("{}{missed}{types}{safe}{}{}", overall(compared, paint), alone, quietly(&read, paint))
}

/// Whom it concerns that something is in the old file only. What is called fails in whoever calls it as before, on the
/// way there and on the way back.
fn missed(name: &str, paint: Paint) -> String {
    let name = &breakable(name);
    let harms = if is_called(name) {
        vec![
            format!("{ROLLBACK}: a caller that goes back alone finds no {name}"),
            format!("{UPGRADE}: a caller that is still old finds no {name}"),
        ]
    } else {
        vec![format!("{ROLLBACK}: the old version finds no {name}")]
    };
    harms.iter().map(|harm| paint.bad(hanging("", harm).trim_end()) + "\n").collect()
}

/// What is in the new file only. What is called there is called in vain where the old version answers.
fn added(name: &str) -> String {
    let order = "; whoever calls it fails where the old version answers: first whoever answers, then whoever calls, \
                 and back the other way round";
    hanging("new: ", &format!("{}{}", breakable(name), if is_called(name) { order } else { "" }))
}

/// With room for the end of a line before what a call takes: both together may be longer than one.
fn breakable(name: &str) -> String {
    printable(name).replace('(', " (")
}

/// Whether it is something that is called, and not a record.
fn is_called(name: &str) -> bool {
    name.starts_with("rpc ")
}

/// What it comes to for all types together, where there are several.
fn overall(compared: &Compared<'_>, paint: Paint) -> String {
    let all = compared.types.len();
    if all < 2 {
        return String::new();
    }
    let harmed = |begins: &str| {
        let of = |one: &&Comparison| harms(one).iter().any(|harm| harm.starts_with(begins));
        compared.types.iter().filter(of).count()
    };
    let (back, forth) = (harmed(ROLLBACK), harmed(UPGRADE));
    let open = compared.types.iter().filter(|one| one.judgement() == Judgement::Undecided).count();
    let line = if back > 0 {
        paint.bad(&format!("{ROLLBACK}: {back} of {all} record types"))
    } else if forth > 0 {
        paint.bad(&format!("{UPGRADE}: {forth} of {all} record types"))
    } else if !compared.gone.is_empty() {
        return String::new();
    } else if open > 0 {
        format!("nothing was found that fails or is lost; not decided: {open} of {all} record types")
    } else {
        paint.good(&format!("rollback is safe, and so is the upgrade: all {all} record types"))
    };
    line + "\n\n"
}

/// Whether there is nothing to say of a type.
fn is_quiet(comparison: &Comparison) -> bool {
    comparison.unjudged.is_empty()
        && comparison.rows.iter().flat_map(Row::outcomes).all(|outcome| outcome == Outcome::Ok)
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

fn of_type(compared: &Compared<'_>, whole: &Comparison, paint: Paint) -> String {
    let heading = format!("{}\n", paint.strong(&on_a_line(&whole.entity.name)));
    let (own, parts) = without_parts(compared, whole);
    let names: Vec<String> = parts.into_iter().map(printable).collect();
    let elsewhere = hanging("", &format!("as told of what is inside it: {}", names.join(", ")));
    if !names.is_empty() && is_quiet(&own) {
        return heading + &elsewhere + "\n";
    }
    let comparison = &own;
    let open = units(comparison) + &unjudged(comparison);
    // What is inside may be all that speaks against it.
    let verdicts = match own.judgement() {
        Judgement::Harmful => verdicts(comparison, paint),
        Judgement::Lossless | Judgement::Undecided if names.is_empty() => verdicts(comparison, paint),
        Judgement::Lossless | Judgement::Undecided => String::new(),
    };
    let verdicts = if names.is_empty() { verdicts } else { verdicts + &elsewhere };
    let parts = [heading, verdicts, table(comparison, paint), reasons(comparison), open];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n") + "\n"
}

/// What somebody has to know who decides on a rollback.
fn verdicts(comparison: &Comparison, paint: Paint) -> String {
    let harms = harms(comparison);
    let lines: String = harms.iter().map(|harm| paint.bad(hanging("", harm).trim_end()) + "\n").collect();
    let calm = match comparison.judgement() {
        Judgement::Harmful if harms.iter().any(|harm| harm.starts_with(ROLLBACK)) => return lines,
        Judgement::Harmful if comparison.unjudged.is_empty() => {
            return lines + "nothing was found against a rollback\n";
        }
        Judgement::Harmful => return lines + "not everything is judged that could speak against a rollback\n",
        Judgement::Lossless => "rollback is safe, and so is the upgrade: nothing fails, lies or is lost".to_owned(),
        Judgement::Undecided => undecided(comparison),
    };
    paint.good(hanging("", &calm).trim_end()) + "\n"
}

/// What is not decided although nothing goes wrong that is known.
fn undecided(comparison: &Comparison) -> String {
    let open = |is_of: fn(&Consequence) -> bool| {
        let mut all = comparison.rows.iter().flat_map(Row::ways).flat_map(|way| &way.consequences);
        all.any(|one| one.outcome == Outcome::UnitUnknown && is_of(one))
    };
    let units = open(is_of_unit).then_some("whether numbers are misread is not decided: units are not stated");
    let names = open(|one| !is_of_unit(one)).then_some("whether all values mean the same to both is not decided");
    let unjudged = (!comparison.unjudged.is_empty()).then_some("not everything is judged");
    let all: Vec<&str> = units.into_iter().chain(names).chain(unjudged).collect();
    format!("nothing was found that fails or is lost; {}", all.join("; "))
}

/// What nobody looked at.
fn unjudged(comparison: &Comparison) -> String {
    comparison.unjudged.iter().map(|what| hanging("  not judged: ", what)).collect()
}

fn table(comparison: &Comparison, paint: Paint) -> String {
    let is_table = comparison.rows.iter().any(|row| row.old_inserts_new.is_some());
    let last = if is_table { "old writes new" } else { "old rewrites new" };
    let head = format!("  {:<NAME$} {:<WAY$} {:<WAY$} {last}", "field", "new reads old", "old reads new");
    let rows: String = comparison.rows.iter().map(|row| line(comparison, row, paint)).collect();
    format!("{}\n{rows}", paint.quiet(&head))
}

fn line(comparison: &Comparison, row: &Row, paint: Paint) -> String {
    let written = row.old_inserts_new.iter().chain(&row.old_updates_new).map(|way| way.outcome).max();
    let outcomes =
        [row.new_reads_old.outcome, row.old_reads_new.outcome, written.unwrap_or(row.old_rewrites_new.outcome)];
    let [upgrade, rollback, write] = outcomes.map(|outcome| cell(outcome, paint));
    // The new version reads all, and does not write back all of it.
    let is_lost = row.new_rewrites_old.outcome == Outcome::Lost && !row.new_reads_old.outcome.is_harm();
    let upgrade = if is_lost { paint.bad(&format!("{:<WAY$}", "lost written back")) } else { upgrade };
    // A migration takes it away: nobody has to write anything back.
    let is_gone = row.old_inserts_new.is_some() && row.new_reads_old.outcome == Outcome::Lost;
    let upgrade = if is_gone { paint.bad(&format!("{:<WAY$}", "lost")) } else { upgrade };
    let name = on_a_line(name(comparison, row));
    let is_long = name.chars().count() > NAME;
    let (above, beside) = if is_long { (format!("  {name}\n"), "") } else { (String::new(), name.as_str()) };
    let line = format!("  {beside:<NAME$} {upgrade} {rollback} {write}");
    format!("{above}{}\n", line.trim_end())
}

/// Padded before it is painted: colours have no width.
fn cell(outcome: Outcome, paint: Paint) -> String {
    let padded = format!("{:<WAY$}", words(outcome));
    if outcome.is_harm() { paint.bad(&padded) } else { padded }
}

/// A name without what would end its line.
fn on_a_line(name: &str) -> String {
    printable(name).replace(char::is_whitespace, " ")
}

/// Why, once for each thing that was found on a field.
fn reasons(comparison: &Comparison) -> String {
    let mut lines: Vec<String> = Vec::new();
    for row in &comparison.rows {
        // Harm first: where the same finding is harmless on another way, its example says more.
        let mut all: Vec<&Consequence> = row.ways().flat_map(|way| &way.consequences).collect();
        all.sort_by_key(|one| !one.outcome.is_harm());
        let mut told: Vec<String> = Vec::new();
        let is_told = |one: &&Consequence| !is_of_unit(one) || !one.finding.detail.is_empty();
        for one in all.into_iter().filter(|one| one.outcome > Outcome::Nothing).filter(is_told) {
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
    hanging("  ", &format!("{name}: {}{example}", shortened(&consequence.finding.to_string())))
}

/// Whether it is that nobody says the unit of a number.
fn is_of_unit(consequence: &Consequence) -> bool {
    consequence.outcome == Outcome::UnitUnknown && consequence.finding.why == Why::UnitUnknown
}

/// The fields whose numbers nobody says the unit of, and those whose names alone do.
fn units(comparison: &Comparison) -> String {
    let listed = |what: &str, is_meant: &dyn Fn(&Row) -> bool| {
        let meant = comparison.rows.iter().filter(|row| is_meant(row));
        let names: Vec<&str> = meant.map(|row| name(comparison, row)).collect();
        if names.is_empty() { String::new() } else { hanging("  ", &format!("{what}: {}", names.join(", "))) }
    };
    let unknown = |row: &Row| row.ways().flat_map(|way| &way.consequences).any(is_of_unit);
    let open = listed("unit not stated on both sides, so no verdict on misreading", &unknown);
    open + &listed("unit inferred from the name, stated nowhere", &|row| is_guessed(comparison, row))
}

/// Whether only its name tells the unit of a field, in a comparison that has something to say of it.
fn is_guessed(comparison: &Comparison, row: &Row) -> bool {
    let fields = row.slot.map(|slot| [0, 1].map(|side| comparison.entity.formats[side].field(slot)));
    let [old, new] = fields.unwrap_or_default();
    let is_inferred = |field: &Field| field.unit.source() == UnitSource::Inferred;
    old != new && old.into_iter().chain(new).any(is_inferred)
}
