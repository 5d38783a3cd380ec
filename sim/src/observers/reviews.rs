//! What is gone through after an incident: what somebody did without the word of others, and what a commander did with
//! their own hands although somebody was there to do it.

use crate::observers::chronicle::EntryId;
use crate::people::operations::Operation;
use crate::world::World;
use model::authority::{Asked, Blast};
use model::time::Time;

/// Something to be gone through afterwards. It is a question, not a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// When the order was given.
    pub at: Time,
    /// The line of the timeline that tells of it.
    pub line: EntryId,
    /// Who.
    pub who: String,
    /// What they ordered, in words.
    pub what: String,
    /// What it is reviewed for.
    pub why: Reviewed,
}

/// What an order is reviewed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reviewed {
    /// It was given without the word of these, who would have had to be asked.
    BrokeGlass(Vec<Asked>),
    /// The commander gave it, and this seat was on call for the service.
    HandsOn(String),
}

impl Review {
    /// What it is reviewed for, in words.
    #[must_use]
    pub fn reason(&self) -> String {
        let left_out = self.why.left_out().join(" and ");
        match self.why {
            Reviewed::BrokeGlass(_) => format!("broke the glass, without the word of the {left_out}"),
            Reviewed::HandsOn(_) => format!("hands-on while commanding: {left_out} is on call for it"),
        }
    }
}

impl Reviewed {
    /// A stable word for it.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Reviewed::BrokeGlass(_) => "break-glass",
            Reviewed::HandsOn(_) => "hands-on",
        }
    }

    /// Whom it leaves out, in words.
    #[must_use]
    pub fn left_out(&self) -> Vec<&str> {
        match self {
            Reviewed::BrokeGlass(words) => words.iter().map(|part| part.name()).collect(),
            Reviewed::HandsOn(seat) => vec![seat],
        }
    }
}

impl World {
    /// All of them, in the order in which they were given.
    pub(crate) fn reviews(&self) -> Vec<Review> {
        let ordered = self.operations.iter().zip(self.chronicle.commanded());
        let reviewed = ordered.filter_map(|(operation, line)| {
            let why = self.reviewed_for(operation)?;
            let told = self.tell(&self.chronicle.entries[*line as usize - 1]);
            Some(Review { at: operation.course.given, line: *line, who: told.who, what: told.what, why })
        });
        reviewed.collect()
    }

    fn reviewed_for(&self, operation: &Operation) -> Option<Reviewed> {
        if !operation.unasked.is_empty() && operation.course.started.is_some() {
            return Some(Reviewed::BrokeGlass(operation.unasked.clone()));
        }
        let Blast::Service(service) = operation.action.blast(&self.model.system) else { return None };
        let on_call =
            self.seats.all.iter().find(|seat| seat.role.is_on_call(service)).filter(|_| operation.is_hands_on)?;
        Some(Reviewed::HandsOn(on_call.name.to_string()))
    }
}
