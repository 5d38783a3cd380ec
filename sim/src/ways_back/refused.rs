//! Statements that a table refuses of what serves: in the end of a way back, and while it is on its way.
//!
//! Code goes back, and its table does not: a column that has gone meanwhile, or must have a value, fails every
//! statement that was written before. What counts is the state in which the table is, or which a migration brings it
//! to, and the statements to which work comes by the settings of the processes it gets to.

use super::at_work::AtWork;
use crate::observers::statements::runs;
use crate::observers::story::Teller;
use crate::plant::fleet::Replica;
use crate::world::World;
use model::id::{AccessId, EndpointId, FormatId, StoreId, VersionId};
use model::program::Op;
use model::system::System;
use std::collections::BTreeSet;

/// A statement that fails for every row in a state of its table, at an endpoint that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Refused {
    endpoint: EndpointId,
    statement: AccessId,
    state: FormatId,
}

/// A statement that fails for every row in a state of its table, whoever says it.
pub(super) struct Hazard {
    version: VersionId,
    store: StoreId,
    statement: AccessId,
    state: FormatId,
}

impl Hazard {
    /// Whether somebody may meet it now who is not known to.
    pub(super) fn is_there(&self, world: &World, known: &BTreeSet<Refused>) -> bool {
        let is_it = |met: &Refused| (met.statement, met.state) == (self.statement, self.state);
        let is_in_state = world.control.schema(self.store) == self.state;
        is_in_state && world.serving.contains(&self.version) && !known.iter().any(is_it)
    }

    /// All that there are in a system.
    pub(super) fn all_of(system: &System) -> Vec<Self> {
        let statements = system.accesses.iter().zip((0..).map(AccessId::new));
        let of_tables = statements.filter(|(access, _)| system.store(access.store).is_table());
        let hazards = of_tables.flat_map(|(access, statement)| {
            let states = (0..system.store(access.store).entity.formats.len()).map(FormatId::new);
            let refusing = states.filter(|state| !runs(access, *state));
            refusing.map(move |state| Hazard { version: access.version, store: access.store, statement, state })
        });
        hazards.collect()
    }
}

impl World {
    /// The statements that tables refuse where work gets to them.
    pub(super) fn refused_at(&self, at_work: &AtWork) -> BTreeSet<Refused> {
        self.places_at_work(at_work).flat_map(|(replica, endpoint)| self.refused_of(replica, endpoint)).collect()
    }

    fn refused_of(&self, replica: &Replica, endpoint: EndpointId) -> Vec<Refused> {
        let system = &self.model.system;
        let (program, settings) = (system.program(replica.version, endpoint), &replica.settings);
        let said = program.reachable(settings.on_for_some()).flat_map(|op| match *op {
            Op::Touch { first, count } => program.gates_met(first, count, settings),
            _ => Vec::new(),
        });
        let refused = said.flat_map(|statement| {
            let access = system.access(statement);
            let states = self.states_of(access.store).into_iter().filter(|state| !runs(access, *state));
            states.map(move |state| Refused { endpoint, statement, state })
        });
        refused.collect()
    }

    /// The state in which a table is, and the one that a migration which is under way brings it to.
    fn states_of(&self, store: StoreId) -> BTreeSet<FormatId> {
        if !self.model.system.store(store).is_table() {
            return BTreeSet::new();
        }
        let passage = self.passage_of(store);
        let coming = passage.map(|(id, passage)| self.model.system.migration(id).target(passage.way));
        coming.into_iter().chain([self.control.schema(store)]).collect()
    }

    /// In words, who says these statements, and what the database says to them.
    pub(super) fn refused_in_words<'r>(&self, refused: impl IntoIterator<Item = &'r Refused>) -> Vec<String> {
        let (system, teller) = (&self.model.system, Teller(&self.model));
        let told = refused.into_iter().map(|Refused { endpoint, statement, state }| {
            let version = &system.version(system.access(*statement).version).name;
            let (endpoint, said) = (&system.endpoint(*endpoint).name, teller.refused_statement(*statement, *state));
            format!("{endpoint} of {version} fails: {said}")
        });
        told.collect()
    }
}
