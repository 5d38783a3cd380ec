//! AP5 and AP6: too many decisions, and none.

use super::{Found, Order, Pattern};
use crate::observers::chronicle::{Happening, Who};
use crate::people::operations::{Operation, State};
use crate::world::World;
use model::time::{Span, Time};
use std::collections::BTreeSet;

/// How long a proposal waits before it is said that nobody decides: the seeds' example of an approval chain is 12
/// minutes, that of a decision without one 90 seconds.
const LONG: Span = Span::from_secs(600);

/// So long an alert takes to clear after what ends it is in effect: its short window.
const CLEARING: Span = Span::from_secs(300);

impl World {
    /// AP5.
    pub(super) fn overlapping(&self) -> Option<Found> {
        let mut overlaps = self.remedies_in_pairs().into_iter().filter(|(first, second)| {
            let (course, given) = (first.operation.course, second.operation.course.given);
            let is_begun = course.started.is_some_and(|started| started <= given);
            let is_one = first.operation.runbook.is_some() && first.operation.runbook == second.operation.runbook;
            is_begun && !is_one && self.verified_at(first.operation).is_none_or(|verified| given < verified)
        });
        let (first, second) = overlaps.find(|(_, second)| !second.operation.is_commanders)?;
        let at = second.operation.course.given;
        Some(Found { pattern: Pattern::Overlapping, at, evidence: vec![first.line, second.line] })
    }

    /// When it shows what a remedy has come to: no alert fires any more after it is in effect, or there has been the
    /// time for one to clear. What came to nothing shows that at once.
    fn verified_at(&self, remedy: &Operation) -> Option<Time> {
        let over = remedy.course.over?;
        if remedy.state != State::Done {
            return Some(over);
        }
        let until = over + CLEARING;
        Some(self.quiet_from(over).map_or(until, |quiet| quiet.min(until)))
    }

    /// The first instant from `since` on at which no alert fires, if there was one.
    fn quiet_from(&self, since: Time) -> Option<Time> {
        let mut firing = BTreeSet::new();
        let mut quiet = None;
        for entry in &self.chronicle.entries {
            let (Happening::Alert(fires), Who::Alert(alert)) = (&entry.what, entry.who) else { continue };
            if entry.at > since && firing.is_empty() {
                break;
            }
            match fires {
                true => firing.insert(alert),
                false => firing.remove(&alert),
            };
            quiet = Some(entry.at.max(since));
        }
        firing.is_empty().then(|| quiet.unwrap_or(since))
    }

    /// Any two, in the order in which they were given.
    fn remedies_in_pairs(&self) -> Vec<(Order<'_>, Order<'_>)> {
        let all: Vec<_> = self.remedies_ordered().collect();
        let after = |place: usize| all[place + 1..].iter().copied();
        all.iter().enumerate().flat_map(|(place, first)| after(place).map(|second| (*first, second))).collect()
    }

    /// AP6.
    pub(super) fn undecided(&self) -> Option<Found> {
        self.waited_for_a_word().or_else(|| self.contradicted())
    }

    /// Something was proposed after an alert, and for a long time nobody said yes or no.
    fn waited_for_a_word(&self) -> Option<Found> {
        let known = self.measures.marks.detected?;
        let waited = self.remedies_ordered().find(|order| {
            let course = order.operation.course;
            let until = course.agreed.unwrap_or(self.now);
            let asked = order.operation.taken().unwrap_or(until);
            course.given >= known && until.since(asked) >= LONG
        })?;
        Some(Found { pattern: Pattern::Undecided, at: waited.operation.course.given, evidence: vec![waited.line] })
    }

    /// Somebody's order was overtaken by somebody else's before it was in effect.
    fn contradicted(&self) -> Option<Found> {
        let mut against = self.remedies_in_pairs().into_iter().filter(|(first, second)| {
            let is_same =
                first.operation.action.service().is_some_and(|one| second.operation.action.service() == Some(one));
            first.operation.state == State::Overtaken
                && first.operation.who != second.operation.who
                && is_same
                && first.operation.course.over.is_some_and(|over| second.operation.course.given <= over)
        });
        let (first, second) = against.next()?;
        let at = second.operation.course.given;
        Some(Found { pattern: Pattern::Undecided, at, evidence: vec![first.line, second.line] })
    }
}
