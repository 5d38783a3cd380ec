//! Patterns: ways of responding that are known to go wrong, found in what was done and what came of it.
//!
//! They are those of the seeds' list of anti-patterns, under its numbers. Each is a rule about orders and figures that
//! are known at the end; only for AP2 somebody watches while a run goes on ([`clashes`](super::clashes)). Each leads to
//! the lines that show it.

mod closed;
mod half_way;
mod uncoordinated;
mod unready;
mod unseen;

use crate::explain::Figure;
use crate::observers::chronicle::EntryId;
use crate::people::operations::{Operation, State};
use crate::summary::Clocks;
use crate::world::World;
use model::action::{Action, Look, RoomAction};
use model::time::Time;
use std::collections::BTreeSet;

/// A way of responding that is known to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// AP1: declared over with something left that nobody had checked for.
    Unchecked,
    /// AP2: a way back stood still half way, and versions that do not fit went on meeting.
    HalfWay,
    /// AP3: a way back was started, nobody had looked at the data, and it did harm to data.
    Unseen,
    /// AP4: traffic was back, nobody did anything more, and damage or backlog went on growing.
    Illusion,
    /// AP5: a second remedy before the first was in effect, and whoever leads the incident had not decided it.
    Overlapping,
    /// AP6: nobody decided for a long time although something was proposed, or two seats ordered opposite things.
    Undecided,
    /// AP7: a way back failed, and when to go it, who sees to it or that it works had never been settled.
    Unready,
}

/// A pattern that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub pattern: Pattern,
    /// Since when.
    pub at: Time,
    /// The lines of the timeline that show it, the first one first.
    pub evidence: Vec<EntryId>,
}

impl Pattern {
    /// Its number among the anti-patterns of the seeds.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Pattern::Unchecked => "AP1",
            Pattern::HalfWay => "AP2",
            Pattern::Unseen => "AP3",
            Pattern::Illusion => "AP4",
            Pattern::Overlapping => "AP5",
            Pattern::Undecided => "AP6",
            Pattern::Unready => "AP7",
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Pattern::Unchecked => "declared over with something left that nobody had checked for",
            Pattern::HalfWay => "a way back stood still half way, and versions that do not fit went on meeting",
            Pattern::Unseen => "a way back was started before anybody had looked at the data, and did harm to it",
            Pattern::Illusion => "traffic was back, nobody did anything more, and damage or backlog went on growing",
            Pattern::Overlapping => "a remedy was started before the one before was in effect; no commander decided it",
            Pattern::Undecided => "what was proposed waited for a decision, or was ordered against",
            Pattern::Unready => "a way back failed, and had no trigger, no owner, or was never exercised",
        }
    }
}

/// An order that was not refused, with the line of the timeline that tells of it.
#[derive(Clone, Copy)]
struct Order<'w> {
    line: EntryId,
    operation: &'w Operation,
}

impl World {
    /// The patterns that show by now, in the order of their numbers.
    pub(crate) fn patterns(&self, clocks: &Clocks) -> Vec<Found> {
        let (unchecked, illusion) = (self.resolved_unchecked(clocks), self.illusions(clocks));
        let found = [
            unchecked,
            self.stalled_back(),
            self.back_unseen(),
            illusion,
            self.overlapping(),
            self.undecided(),
            self.unready(),
        ];
        found.into_iter().flatten().collect()
    }

    /// What responders have ordered and was not refused.
    fn orders(&self) -> impl Iterator<Item = Order<'_>> {
        let orders = self.told_orders().map(|(_, order)| order);
        orders.filter(|order| !matches!(order.operation.state, State::Refused(_)))
    }

    /// What responders have ordered, each with its number among all that was ordered.
    fn told_orders(&self) -> impl Iterator<Item = (usize, Order<'_>)> {
        let told = self.chronicle.commanded().iter().zip(&self.operations);
        let orders = told.map(|(line, operation)| Order { line: *line, operation }).enumerate();
        orders.filter(|(_, order)| self.seats.responds(order.operation.who))
    }

    /// Those that change what runs.
    fn remedies_ordered(&self) -> impl Iterator<Item = Order<'_>> {
        self.orders().filter(|order| order.operation.action.mitigates())
    }

    /// When somebody had looked at data.
    fn audits(&self) -> impl Iterator<Item = Time> {
        let audits = self
            .orders()
            .filter(|order| matches!(order.operation.action, Action::Room(RoomAction::Look(Look::Data(_)))));
        audits.filter_map(|order| order.operation.course.over)
    }

    /// The lines that some figures end in.
    fn lines_of(&self, figures: &[Figure]) -> BTreeSet<EntryId> {
        figures.iter().flat_map(|figure| self.parts_of(*figure).1).flat_map(|part| part.events).collect()
    }
}
