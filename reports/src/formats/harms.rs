//! What goes wrong, in sentences.

use super::name;
use model::data::{Comparison, Consequence, Outcome, Row, Way};

/// How a sentence begins that speaks against a rollback.
pub(super) const ROLLBACK: &str = "rollback is not safe";

/// How one begins that speaks against the upgrade.
pub(super) const UPGRADE: &str = "upgrade is not safe";

/// How many of a list are told; a program reads all of them.
const TOLD: usize = 8;

/// How a sentence ends that is about all records.
const ALL: &str = "any record";

/// What is before a value in a sentence.
const SUCH: &str = " such as ";

/// What a version is at when it goes wrong.
#[derive(Clone, Copy)]
enum Deed {
    Read,
    Convert,
    Insert,
    Update,
}

impl Deed {
    const fn word(self) -> &'static str {
        match self {
            Deed::Read => "read",
            Deed::Convert => "convert",
            Deed::Insert => "insert",
            Deed::Update => "update",
        }
    }

    /// What it does with a value that is taken for another one.
    const fn mistaking(self) -> [&'static str; 2] {
        match self {
            Deed::Read => ["takes", "for another value"],
            Deed::Convert => ["makes", "another value"],
            Deed::Insert | Deed::Update => ["writes", "so that it is taken for another value"],
        }
    }
}

/// Everything that goes wrong, that of a rollback first.
pub(super) fn harms(comparison: &Comparison) -> Vec<String> {
    let [old, new] = [0, 1].map(|index| comparison.entity.formats[index].name.as_str());
    let each = |told: fn(&str, &Row) -> Vec<String>| {
        gathered(comparison.rows.iter().flat_map(move |row| told(name(comparison, row), row)).collect())
    };
    let back = each(of_rollback).into_iter().map(|harm| format!("{ROLLBACK}: {old} {harm}"));
    let forth = each(of_upgrade).into_iter().map(|harm| format!("{UPGRADE}: {new} {harm}"));
    back.chain(forth).collect()
}

/// Sentences without those that another one has said of all records, and in one what several values of a field meet.
fn gathered(told: Vec<String>) -> Vec<String> {
    let is_of_all = |one: &String| {
        let all = told.iter().filter_map(|whole| whole.strip_suffix(ALL));
        all.into_iter().any(|begins| one.strip_prefix(begins).is_some_and(|rest| rest.starts_with("records ")))
    };
    let mut gathered: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in told.iter().filter(|one| !is_of_all(one)) {
        let (begins, value) =
            one.split_once(SUCH).map_or((one.as_str(), None), |(begins, value)| (begins, Some(value)));
        let is_same =
            |(other, values): &&mut (&str, Vec<&str>)| *other == begins && values.is_empty() == value.is_none();
        match gathered.iter_mut().find(is_same) {
            Some((_, values)) => values.extend(value),
            None => gathered.push((begins, Vec::from_iter(value))),
        }
    }
    gathered.iter_mut().for_each(|(_, values)| values.dedup());
    gathered.into_iter().map(|(begins, values)| with_values(begins, &values)).collect()
}

fn with_values(begins: &str, values: &[&str]) -> String {
    match values {
        [] => begins.to_owned(),
        [one] => format!("{begins}{SUCH}{one}"),
        [others @ .., last] => format!("{begins}{SUCH}{} or {last}", others.join(", ")),
    }
}

fn of_rollback(name: &str, row: &Row) -> Vec<String> {
    let mut told = sentences(Deed::Read, name, &row.old_reads_new);
    told.extend(lost(name, &row.old_rewrites_new));
    let inserted = row.old_inserts_new.iter().flat_map(|way| &way.consequences).collect::<Vec<_>>();
    told.extend(inserted.iter().filter_map(|one| harm(Deed::Insert, name, one)));
    // What an insert meets as well is told once.
    let updated = row.old_updates_new.iter().flat_map(|way| &way.consequences);
    let only = updated.filter(|one| inserted.iter().all(|other| other.finding != one.finding));
    told.extend(only.filter_map(|one| harm(Deed::Update, name, one)));
    told
}

fn of_upgrade(name: &str, row: &Row) -> Vec<String> {
    let deed = if row.old_inserts_new.is_some() { Deed::Convert } else { Deed::Read };
    let mut told = sentences(deed, name, &row.new_reads_old);
    told.extend(lost(name, &row.new_rewrites_old));
    told
}

fn sentences(deed: Deed, name: &str, way: &Way) -> Vec<String> {
    way.consequences.iter().filter_map(|one| harm(deed, name, one)).collect()
}

/// What is lost in rewriting, or cannot be written back; what else is rewritten was read like that.
fn lost(name: &str, rewritten: &Way) -> Vec<String> {
    let lost = (rewritten.outcome == Outcome::Lost).then(|| format!("loses {name} when it writes records back"));
    let failing = |one: &&Consequence| matches!(one.outcome, Outcome::Fails | Outcome::FailsForSome);
    let failing = rewritten.consequences.iter().filter(failing);
    lost.into_iter().chain(failing.map(|one| format!("cannot write back {}", records(one, "any record")))).collect()
}

/// A sentence without its subject.
fn harm(deed: Deed, name: &str, it: &Consequence) -> Option<String> {
    let word = deed.word();
    Some(match it.outcome {
        Outcome::Fails => format!("cannot {word} {}", records(it, ALL)),
        Outcome::FailsForSome => format!("cannot {word} {}", records(it, "some records")),
        Outcome::Misread => {
            let [takes, other] = deed.mistaking();
            format!("{takes} {name} {other}{}{}", only_in(it), because(it))
        }
        Outcome::Narrowed => format!("narrows {name} in {}", records(it, "some records")),
        Outcome::Replaced => format!("puts a default for {name} into {}", records(it, "some records")),
        Outcome::Missed => {
            format!("does not find {name} in {}, where it is{}", records(it, ALL), because(it))
        }
        Outcome::Lost if it.finding.slot.is_none() => format!("loses records{}", because(it)),
        Outcome::Lost => format!("loses {name}"),
        Outcome::Ok | Outcome::Nothing | Outcome::Default | Outcome::Unseen | Outcome::UnitUnknown => return None,
    })
}

fn records(consequence: &Consequence, all: &str) -> String {
    consequence.records.as_ref().map_or_else(|| all.to_owned(), |records| format!("records {}", shortened(records)))
}

fn only_in(consequence: &Consequence) -> String {
    consequence.records.as_ref().map_or(String::new(), |records| format!(" in records {}", shortened(records)))
}

fn because(consequence: &Consequence) -> String {
    let detail = consequence.finding.detail.as_str();
    if detail.is_empty() { String::new() } else { format!(": {}", shortened(detail)) }
}

/// A list, as long as somebody would want to read it.
pub(super) fn shortened(list: &str) -> String {
    let more = list.split(", ").count().saturating_sub(TOLD);
    let told: Vec<&str> = list.split(", ").take(TOLD).collect();
    if more == 0 { list.to_owned() } else { format!("{} and {more} more", told.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_told_once() {
        let told = |all: &[&str]| gathered(all.iter().map(|one| (*one).to_owned()).collect());
        let some = ["cannot insert records with a such as 1", "cannot insert records with a such as 2", "loses b"];
        assert_eq!(told(&some), ["cannot insert records with a such as 1 or 2", "loses b"]);
        let another = ["cannot read records with a such as 1", "cannot insert records with a such as 1"];
        assert_eq!(told(&another), another);
        let all = ["cannot insert records without a", "cannot insert any record", "cannot read records without a"];
        assert_eq!(told(&all), all[1..]);
    }

    #[test]
    fn a_long_list_is_cut() {
        let list = |count: usize| (1..=count).map(|n| format!("S{n}")).collect::<Vec<_>>().join(", ");
        assert_eq!(shortened(&list(8)), list(8));
        assert_eq!(shortened(&list(40_000)), format!("{} and 39992 more", list(8)));
    }
}
