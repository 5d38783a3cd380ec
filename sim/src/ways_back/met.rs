//! What fails where work gets to, because of what meets there: in the end of a way back, and while it is on its way.

use super::calls::{Meeting, Misfit};
use super::refused::{Hazard, Refused};
use crate::world::World;
use model::system::System;
use std::collections::BTreeSet;

/// What fails.
#[derive(Clone, Default)]
pub(super) struct Met {
    /// Statements that tables refuse.
    statements: BTreeSet<Refused>,
    /// Calls that fail between two versions.
    calls: BTreeSet<Misfit>,
}

/// All that could.
#[derive(Default)]
pub(super) struct Hazards {
    statements: Vec<Hazard>,
    calls: Vec<Meeting>,
}

/// What fails while a way is gone.
pub(super) struct Watch<'g> {
    hazards: Option<&'g Hazards>,
    pub(super) met: Met,
}

impl Met {
    /// The same without what others are, too.
    pub(super) fn without(mut self, others: &[&Met]) -> Self {
        self.statements.retain(|own| !others.iter().any(|other| other.statements.contains(own)));
        self.calls.retain(|own| !others.iter().any(|other| other.calls.contains(own)));
        self
    }
}

impl Hazards {
    /// Of a system.
    pub(super) fn of(system: &System) -> Self {
        Hazards { statements: Hazard::all_of(system), calls: Meeting::all_of(system) }
    }
}

impl<'g> Watch<'g> {
    /// For some of them. Of calls that fail already nothing more is asked.
    pub(super) fn of(hazards: &'g Hazards, known: &Met) -> Self {
        Watch { hazards: Some(hazards), met: Met { statements: BTreeSet::new(), calls: known.calls.clone() } }
    }

    /// For nothing.
    pub(super) fn none() -> Self {
        Watch { hazards: None, met: Met::default() }
    }

    /// Sees what work meets now. Where work gets to is asked only where there is something to meet that is not known,
    /// and of calls only when an instant is over: nobody calls between two events of one.
    pub(super) fn look(&mut self, world: &mut World) {
        let Some(hazards) = self.hazards else { return };
        let is_over = world.queue.next_before(world.now).is_none();
        let Met { statements, calls } = &mut self.met;
        if hazards.statements.iter().any(|own| own.is_there(world, statements)) {
            statements.extend(world.refused_at(&world.at_work()));
        }
        if is_over && hazards.calls.iter().any(|own| own.is_there(world, calls)) {
            calls.extend(world.misfits_at_once(&world.at_work()));
        }
    }
}

impl World {
    /// What fails now.
    pub(super) fn met_now(&self) -> Met {
        let at_work = self.at_work();
        Met { statements: self.refused_at(&at_work), calls: self.misfits_at(&at_work) }
    }

    /// In words.
    pub(super) fn met_in_words(&self, met: &Met) -> Vec<String> {
        [self.refused_in_words(&met.statements), self.misfits_in_words(&met.calls)].concat()
    }
}
