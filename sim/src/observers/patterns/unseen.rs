//! AP3: back, without a look at what is there.

use super::{Found, Order, Pattern};
use crate::explain::Figure;
use crate::observers::chronicle::EntryId;
use crate::world::World;
use model::action::{Action, DataAction, ServiceAction};
use model::id::{ServiceId, VersionId};
use model::migration::Way;
use std::collections::BTreeSet;

/// Harm to data.
const HARM: [Figure; 6] =
    [Figure::Unreadable, Figure::Misread, Figure::Damaged, Figure::FieldsLost, Figure::Lost, Figure::Undone];

impl World {
    /// AP3.
    pub(super) fn back_unseen(&self) -> Option<Found> {
        let first_audit = self.audits().min();
        let blind = self.remedies_ordered().filter(|order| self.goes_back(&order.operation.action));
        let blind = blind.filter(|order| first_audit.is_none_or(|audit| audit > order.operation.course.given));
        let mut blind = blind.peekable();
        blind.peek()?;
        let harm = self.lines_of(&HARM);
        blind.find_map(|order| self.did_harm(order, &harm))
    }

    fn did_harm(&self, order: Order<'_>, harm: &BTreeSet<EntryId>) -> Option<Found> {
        let harm = harm.iter().filter(|line| **line > order.line && self.leading_to([**line]).contains(&order.line));
        let evidence: Vec<_> = [order.line].into_iter().chain(harm.copied()).collect();
        let at = order.operation.course.given;
        (evidence.len() > 1).then_some(Found { pattern: Pattern::Unseen, at, evidence })
    }

    /// Whether an order leads back: to a revision before, the version of the start or an older one, a schema or records
    /// of before.
    pub(super) fn goes_back(&self, action: &Action) -> bool {
        match action {
            Action::Service(_, ServiceAction::Undo)
            | Action::Data(DataAction::Restore(..) | DataAction::Migrate(_, Way::Down)) => true,
            Action::Service(
                service,
                ServiceAction::Deploy(to) | ServiceAction::DeployOn(to, _) | ServiceAction::Commit(to),
            ) => self.is_of_before(*service, *to),
            Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Room(_)
            | Action::Fault { .. } => false,
        }
    }

    /// Whether a version is that of the start, or an older one.
    fn is_of_before(&self, service: ServiceId, version: VersionId) -> bool {
        let spec = self.model.system.service(service);
        let place = |of| spec.versions.iter().position(|own| *own == of);
        place(version) <= place(spec.initial)
    }
}
