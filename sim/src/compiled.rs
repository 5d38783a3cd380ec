//! A compiled scenario as runs share it, with what is worked out from it once so that nobody looks for it twice.

use crate::observers::objectives::Objectives;
use model::id::{EndpointId, VersionId};
use model::program::Program;
use model::{Scenario, System};
use std::ops::Deref;
use std::sync::Arc;

/// A compiled scenario, shared by a world and all its forks. Equal only to itself.
#[derive(Clone, Debug)]
pub struct Model(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    scenario: Scenario,
    objectives: Objectives,
    programs: Programs,
    /// By endpoint, whether it has a contract; empty when none has.
    contracted: Vec<bool>,
}

/// What a version does at an endpoint: its place among all programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProgramId(u32);

/// The programs of all versions in one row: a frame knows its own by number.
#[derive(Debug)]
struct Programs {
    all: Vec<Program>,
    /// By version: where its own begin.
    first: Vec<usize>,
}

impl Programs {
    fn of(system: &System) -> Self {
        let mut programs = Programs { all: Vec::new(), first: Vec::new() };
        for version in &system.versions {
            programs.first.push(programs.all.len());
            programs.all.extend(version.programs.iter().cloned());
        }
        programs
    }
}

impl Model {
    /// Shares a compiled scenario.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        let (objectives, programs) = (Objectives::of(&scenario), Programs::of(&scenario.system));
        let contracted = contracted(&scenario.system);
        Model(Arc::new(Shared { scenario, objectives, programs, contracted }))
    }

    /// What the answers of each endpoint are held to.
    pub(crate) fn objectives(&self) -> &Objectives {
        &self.0.objectives
    }

    /// Whether calls to an endpoint have a contract.
    pub(crate) fn has_contract(&self, endpoint: EndpointId) -> bool {
        self.0.contracted.get(endpoint.index()).is_some_and(|contracted| *contracted)
    }

    /// The number of the program a version runs at an endpoint of its service.
    pub(crate) fn program_id(&self, version: VersionId, endpoint: EndpointId) -> ProgramId {
        let place = self.0.programs.first[version.index()] + self.system.endpoint(endpoint).place;
        ProgramId(u32::try_from(place).expect("a scenario has far fewer programs"))
    }

    /// The program of that number.
    pub(crate) fn program(&self, id: ProgramId) -> &Program {
        &self.0.programs.all[id.0 as usize]
    }
}

fn contracted(system: &System) -> Vec<bool> {
    let mut contracted = Vec::new();
    for contract in &system.contracts {
        contracted.resize(system.endpoints.len(), false);
        contracted[contract.endpoint.index()] = true;
    }
    contracted
}

impl Deref for Model {
    type Target = Scenario;
    fn deref(&self) -> &Scenario {
        &self.0.scenario
    }
}

impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
