//! Explanations: a figure of the summary, taken apart, with the chain of events that made it.
//!
//! A figure is a sum over *parts*: which records, written by whom, that whom makes what of, and why, down to the field.
//! Each part ends in entries of the chronicle; what led to them, entry by entry, is the chain. Its *roots* are the
//! entries that nothing in the run led to, orders that earlier ones have made what they are among them: take one of
//! them out of the scenario, and what hangs on it is gone.

mod answers;
mod backlog;
mod concerns;
mod effects;
mod lateness;
mod links;
mod losses;
mod messages;
mod records;

pub use concerns::Concerns;
pub use links::{About, Deed, Link};

use crate::observers::chronicle::{Entry, EntryId, Happening};
use crate::plant::stores::Trouble;
use crate::summary::Line;
use crate::world::World;
use model::time::Time;
use std::collections::BTreeSet;

/// A figure that can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Requests without a result.
    Failed,
    /// Requests whose result was later than its objective allows.
    Slow,
    /// Requests whose result was computed from something that was not read as it was meant.
    Wrong,
    /// Records that are unreadable, misread or damaged: what the data clock waits for.
    Data,
    /// Records a serving version cannot read.
    Unreadable,
    /// Records a serving version misreads.
    Misread,
    /// Records with a value that is no longer what was meant.
    Damaged,
    /// Records with a field gone.
    FieldsLost,
    /// Records that are gone.
    Lost,
    /// Updates of records that a restore has undone.
    Undone,
    /// Effects done for something that then failed.
    Escaped,
    /// Effects done again, where the other side does not recognise a repetition.
    Duplicated,
    /// Effects done of something misread.
    Mistaken,
    /// Of all these, those neither taken back nor accepted: what the effects clock waits for.
    Uncompensated,
    /// Of all these, those that somebody has accepted as they are.
    Accepted,
    /// Messages passed over, once for each consumer group.
    Skipped,
    /// Messages dropped before they were read, once for each consumer group.
    Dropped,
    /// Messages put aside, once for each consumer group.
    DeadLetters,
    /// Deferred work that fails, dead letters, and messages that wait for a group that is behind: what the backlog
    /// clock waits for.
    Backlog,
}

/// What made a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The figure.
    pub figure: Figure,
    /// How much it is.
    pub count: Amount,
    /// What it is made of, the largest first.
    pub parts: Vec<Part>,
    /// Everything that led to it, in the order in which it happened.
    pub chain: Vec<Link>,
    /// The links of the chain that nothing in the run led to.
    pub roots: Vec<EntryId>,
}

/// How many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    /// At any time.
    pub ever: u64,
    /// At the end; requests cannot be put right again, so all of them.
    pub remaining: u64,
}

impl Amount {
    /// As many as there ever were: what has happened stays happened.
    const fn for_good(count: u64) -> Self {
        Amount { ever: count, remaining: count }
    }
}

/// A part of a figure. Parts may overlap: two versions can trip over the same record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is: `ledger-3 records of payments 51 in ledger-entries that payments 50 cannot read`.
    pub what: String,
    /// Why, field by field.
    pub reasons: Vec<String>,
    /// How many of them.
    pub count: Amount,
    /// Since when there are any.
    pub since: Option<Time>,
    /// The entries that tell of it.
    pub events: Vec<EntryId>,
}

impl Figure {
    /// All of them, in the order of a report.
    pub const ALL: [Figure; 19] = [
        Figure::Failed,
        Figure::Slow,
        Figure::Wrong,
        Figure::Data,
        Figure::Unreadable,
        Figure::Misread,
        Figure::Damaged,
        Figure::FieldsLost,
        Figure::Lost,
        Figure::Undone,
        Figure::Escaped,
        Figure::Duplicated,
        Figure::Mistaken,
        Figure::Uncompensated,
        Figure::Accepted,
        Figure::Skipped,
        Figure::Dropped,
        Figure::DeadLetters,
        Figure::Backlog,
    ];

    /// As it is called in a report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Figure::Failed => "failed",
            Figure::Slow => "slow",
            Figure::Wrong => "wrong",
            Figure::Data => "data",
            Figure::Unreadable => "unreadable",
            Figure::Misread => "misread",
            Figure::Damaged => "damaged",
            Figure::FieldsLost => "fields_lost",
            Figure::Lost => "lost",
            Figure::Undone => "undone",
            Figure::Escaped => "escaped",
            Figure::Duplicated => "duplicated",
            Figure::Mistaken => "mistaken",
            Figure::Uncompensated => "uncompensated",
            Figure::Accepted => "accepted",
            Figure::Skipped => "skipped",
            Figure::Dropped => "dropped",
            Figure::DeadLetters => "dead_letters",
            Figure::Backlog => "backlog",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Figure::ALL.into_iter().find(|figure| figure.name() == name)
    }

    /// The troubles with records it counts; none for requests, and for what is gone.
    const fn troubles(self) -> &'static [Trouble] {
        match self {
            Figure::Failed
            | Figure::Slow
            | Figure::Wrong
            | Figure::Lost
            | Figure::Undone
            | Figure::Escaped
            | Figure::Duplicated
            | Figure::Mistaken
            | Figure::Uncompensated
            | Figure::Accepted
            | Figure::Skipped
            | Figure::Dropped
            | Figure::DeadLetters
            | Figure::Backlog => &[],
            Figure::Data => &[Trouble::Unreadable, Trouble::Misread, Trouble::Damaged],
            Figure::Unreadable => &[Trouble::Unreadable],
            Figure::Misread => &[Trouble::Misread],
            Figure::Damaged => &[Trouble::Damaged],
            Figure::FieldsLost => &[Trouble::FieldsLost],
        }
    }
}

/// Parts that do not overlap, behind how much they are together.
fn summed(parts: Vec<Part>) -> (Amount, Vec<Part>) {
    let sum = parts.iter().fold(Amount::default(), |sum, part| Amount {
        ever: sum.ever + part.count.ever,
        remaining: sum.remaining + part.count.remaining,
    });
    (sum, parts)
}

impl World {
    /// What made a figure what it is by now.
    #[must_use]
    pub fn explain(&self, figure: Figure) -> Explanation {
        let (count, mut parts) = self.parts_of(figure);
        parts.sort_by_key(|part| std::cmp::Reverse(part.count));
        // Records of several kinds may have come of the same line.
        for part in &mut parts {
            part.events.sort_unstable();
            part.events.dedup();
        }
        let ends = parts.iter().flat_map(|part| &part.events).copied();
        let known = if figure.troubles().is_empty() { self.leading_to(ends) } else { self.behind_records(ends) };
        let mut chain: Vec<_> = known.iter().map(|id| self.link(self.entry(*id))).collect();
        chain.iter_mut().for_each(|link| link.line.because.retain(|id| known.contains(id)));
        let roots = chain.iter().map(|link| &link.line).filter(|line| self.is_root(line)).map(|line| line.id).collect();
        Explanation { figure, count, parts, chain, roots }
    }

    /// Whether nothing led to an entry. An order hangs on those that have made what it refers to, and is given all the
    /// same: only an alert leads to one, and a runbook that somebody goes through.
    fn is_root(&self, line: &Line) -> bool {
        let is_order = matches!(self.entry(line.id).what, Happening::Commanded(..));
        let leads = |id: &EntryId| !is_order || self.entry(*id).what.has_orders_given();
        !line.because.iter().any(leads)
    }

    /// How much a figure is, and what it is made of.
    pub(crate) fn parts_of(&self, figure: Figure) -> (Amount, Vec<Part>) {
        let (requests, effects) = (self.measures.requests, self.measures.all_effects());
        let all = Amount::for_good;
        match figure {
            Figure::Failed => (all(requests.failed), self.failed_parts()),
            Figure::Slow => (all(self.harm().requests.slow), self.late_parts()),
            Figure::Wrong => (all(requests.wrong), self.wrong_parts()),
            Figure::Lost => (self.lost().into(), self.lost_parts()),
            Figure::Undone => (self.undone().into(), self.undone_parts()),
            Figure::Escaped => (all(effects.escaped), self.escaped_parts()),
            Figure::Duplicated => (all(effects.duplicated), self.repeated_parts()),
            Figure::Accepted => (all(effects.accepted), self.accepted_parts()),
            Figure::Mistaken => (all(effects.mistaken), self.mistaken_parts()),
            Figure::Skipped => summed(self.skipped_parts()),
            Figure::Dropped => summed(self.dropped_parts()),
            Figure::DeadLetters => summed(self.dead_letter_parts()),
            Figure::Uncompensated => summed(self.astray_parts()),
            Figure::Backlog => summed(self.backlog_parts()),
            Figure::Data | Figure::Unreadable | Figure::Misread | Figure::Damaged | Figure::FieldsLost => {
                (self.with_troubles(figure.troubles()), self.record_parts(figure.troubles()))
            }
        }
    }

    /// A part, with the entries that tell of it.
    fn told_part(&self, what: String, count: Amount, tells: impl Fn(&&Entry) -> bool) -> Part {
        let told: Vec<_> = self.chronicle.entries.iter().filter(tells).collect();
        let (since, events) = (told.first().map(|entry| entry.at), told.iter().map(|entry| entry.id).collect());
        Part { what, reasons: vec![], count, since, events }
    }

    /// What led to records being as bad as these entries tell: that somebody read them did not.
    fn behind_records(&self, ends: impl IntoIterator<Item = EntryId>) -> BTreeSet<EntryId> {
        let ends = Vec::from_iter(ends);
        let mut known = self.leading_to(ends.iter().flat_map(|end| self.chronicle.but_for_reading(*end)));
        known.extend(ends);
        known
    }

    /// Entries with everything that led to them.
    pub(crate) fn leading_to(&self, ends: impl IntoIterator<Item = EntryId>) -> BTreeSet<EntryId> {
        let (mut known, mut next) = (BTreeSet::new(), Vec::from_iter(ends));
        while let Some(id) = next.pop() {
            if known.insert(id) {
                next.extend(&self.entry(id).because);
            }
        }
        known
    }
}
