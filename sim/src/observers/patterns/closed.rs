//! AP1 and AP4: over, or taken to be over, and not over.

use super::{Found, Pattern};
use crate::explain::Figure;
use crate::summary::Clocks;
use crate::world::World;
use model::action::{Action, RoomAction};
use model::time::{Span, Time};

/// How long nobody does anything before damage that goes on growing is nobody's business.
const IDLE: Span = Span::from_secs(300);

/// What can be left behind.
const LEFT: [Figure; 3] = [Figure::Data, Figure::Backlog, Figure::Uncompensated];

impl World {
    /// AP1.
    pub(super) fn resolved_unchecked(&self, clocks: &Clocks) -> Option<Found> {
        let harm = clocks.first_harm_at?;
        let is_resolve = |action: &Action| matches!(action, Action::Room(RoomAction::Resolve));
        let resolve = self.orders().find(|order| is_resolve(&order.operation.action))?;
        let resolved = resolve.operation.course.started?;
        let done =
            self.remedies_ordered().filter_map(|order| order.operation.course.over).filter(|over| *over <= resolved);
        let last = done.max().unwrap_or(harm);
        let is_checked = self.audits().any(|at| last <= at && at <= resolved);
        if is_checked || !was_left(clocks, resolved) {
            return None;
        }
        let evidence = [resolve.line].into_iter().chain(self.lines_of(&LEFT)).collect();
        Some(Found { pattern: Pattern::Unchecked, at: resolved, evidence })
    }

    /// AP4.
    pub(super) fn illusions(&self, clocks: &Clocks) -> Option<Found> {
        let traffic = clocks.first_harm_at? + clocks.traffic?;
        let idle_since = self.measures.growth.iter().filter_map(|grown| {
            let since = self.idle_since(*grown)?.max(traffic);
            (since + IDLE <= *grown).then_some(since)
        });
        let at = idle_since.min()?;
        let figures = [Figure::Data, Figure::FieldsLost, Figure::Backlog, Figure::Uncompensated];
        Some(Found { pattern: Pattern::Illusion, at, evidence: self.lines_of(&figures).into_iter().collect() })
    }

    /// Since when nobody had anything under way at an instant; nothing where somebody had.
    fn idle_since(&self, at: Time) -> Option<Time> {
        let begun = self.orders().filter(|order| order.operation.course.given <= at);
        let ends = begun.map(|order| order.operation.course.over.filter(|over| *over <= at));
        ends.collect::<Option<Vec<_>>>().map(|ends| ends.into_iter().max().unwrap_or(Time::ZERO))
    }
}

/// Whether something came back later than that, or not at all.
fn was_left(clocks: &Clocks, resolved: Time) -> bool {
    let Some(harm) = clocks.first_harm_at.filter(|harm| *harm <= resolved) else { return false };
    let rungs = [clocks.skew, clocks.backlog, clocks.data, clocks.effects];
    rungs.into_iter().any(|rung| rung.is_none_or(|after| harm + after > resolved))
}
