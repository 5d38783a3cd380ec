//! AP5 and AP6: too many decisions, and none.

use super::{Found, Order, Pattern};
use crate::people::operations::State;
use crate::world::World;
use model::time::Span;

/// How long a proposal waits before it is said that nobody decides: the seeds' example of an approval chain is 12
/// minutes, that of a decision without one 90 seconds.
const LONG: Span = Span::from_secs(600);

impl World {
    /// AP5.
    pub(super) fn overlapping(&self) -> Option<Found> {
        let mut overlaps = self.remedies_in_pairs().into_iter().filter(|(first, second)| {
            let (course, given) = (first.operation.course, second.operation.course.given);
            let is_under_way = course.started.is_some_and(|started| started <= given);
            is_under_way && course.over.is_none_or(|over| given < over)
        });
        let (first, second) = overlaps.find(|(_, second)| !second.operation.is_commanders)?;
        let at = second.operation.course.given;
        Some(Found { pattern: Pattern::Overlapping, at, evidence: vec![first.line, second.line] })
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
