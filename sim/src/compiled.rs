//! A compiled scenario as runs share it, with what is worked out from it once so that nobody looks for it twice.

use crate::footprint::guards;
use crate::kernel::variate::Sampler;
use crate::observers::asking::Asking;
use crate::observers::objectives::Objectives;
use crate::observers::open_questions::unheard_in;
use model::contract::{Direction, Exchange};
use model::id::{AccessId, EndpointId, ExchangeId, ServiceId, SourceId, VersionId};
use model::law::Law;
use model::program::{CallSite, Op, Program};
use model::system::Endpoint;
use model::time::Span;
use model::traffic::{Demand, Source};
use model::{Scenario, System};
use std::collections::BTreeSet;
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
    /// By source: the gaps between its requests at its nominal rate, where it is open.
    spacings: Vec<Sampler>,
    /// What the guards of a replica take, in bytes, of the services that have any.
    guards: Vec<(ServiceId, u64)>,
    /// By endpoint.
    doors: Vec<Door>,
    /// Accesses that hang on flags.
    gated: Vec<AccessId>,
    /// Exchanges of which the schemas do not say whether all that is sent is understood.
    open: Vec<ExchangeId>,
    asking: Asking,
}

/// What every request asks of an endpoint, in a few bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Door {
    /// Who serves it.
    pub(crate) service: ServiceId,
    /// Its place among the endpoints of the service.
    place: u32,
    /// Whether calls to it have a contract.
    pub(crate) has_contract: bool,
    /// Whether the first step of some version is work that takes a random time.
    pub(crate) begins_with_luck: bool,
}

/// What a version does at an endpoint: its place among all programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProgramId(u32);

/// The programs of all versions in one row: a frame knows its own by number.
#[derive(Debug)]
struct Programs {
    all: Vec<Program>,
    /// By program and operation: how much work it is, where it is work.
    works: Vec<Vec<Sampler>>,
    /// By program: its call sites.
    sites: Vec<Vec<Site>>,
    /// By version: where its own begin.
    first: Vec<u32>,
}

/// A call site, and the lines of the queue its timeouts stand in: all that are equally long stand in one.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) call: CallSite,
    /// The line of its timeout, if it has one.
    pub(crate) timeout: Option<usize>,
    /// The line of its hedge, if it has one.
    pub(crate) hedge: Option<usize>,
}

impl Site {
    fn of(call: &CallSite, lengths: &BTreeSet<Span>) -> Self {
        let line = |length: Span| lengths.range(..length).count();
        Site { call: call.clone(), timeout: call.timeout.map(line), hedge: call.hedge.map(line) }
    }
}

impl Programs {
    fn of(system: &System) -> Self {
        let mut programs = Programs { all: Vec::new(), works: Vec::new(), sites: Vec::new(), first: Vec::new() };
        let calls = system.versions.iter().flat_map(|version| &version.programs).flat_map(|program| &program.calls);
        let lengths: BTreeSet<_> = calls.flat_map(|call| call.timeout.into_iter().chain(call.hedge)).collect();
        for version in &system.versions {
            programs.first.push(u32::try_from(programs.all.len()).expect("a scenario has far fewer programs"));
            for program in &version.programs {
                programs.all.push(program.clone());
                programs.works.push(works(program));
                programs.sites.push(program.calls.iter().map(|call| Site::of(call, &lengths)).collect());
            }
        }
        programs
    }
}

/// By operation: how much work it is.
fn works(program: &Program) -> Vec<Sampler> {
    let laws = program.ops.iter().map(|op| match op {
        Op::Work(law) => *law,
        Op::Calls { .. }
        | Op::Touch { .. }
        | Op::Defer { .. }
        | Op::Publish { .. }
        | Op::Receive(_)
        | Op::Saga(_)
        | Op::Pivot
        | Op::Invalidate { .. }
        | Op::Cause { .. }
        | Op::Missing
        | Op::Fail(_)
        | Op::Lookup { .. }
        | Op::Fill { .. }
        | Op::Unless { .. } => Law::NONE,
    });
    laws.map(Sampler::of).collect()
}

fn spacing(source: &Source) -> Sampler {
    Sampler::of(match source.demand {
        Demand::Open { spacing, .. } => spacing,
        Demand::Closed { .. } => Law::NONE,
    })
}

impl Model {
    /// Shares a compiled scenario.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        let (objectives, programs) = (Objectives::of(&scenario), Programs::of(&scenario.system));
        let spacings = scenario.system.sources.iter().map(spacing).collect();
        let guards = guards(&scenario.system).filter(|(_, bytes)| *bytes > 0).collect();
        let doors = doors(&scenario.system, &programs);
        let (gated, asking) = (gated(&scenario.system), Asking::of(&scenario.system));
        let open = open(&scenario.system);
        Model(Arc::new(Shared { scenario, objectives, programs, spacings, guards, doors, gated, open, asking }))
    }

    /// Exchanges of which the schemas do not say whether all that is sent is understood.
    pub(crate) fn open_exchanges(&self) -> &[ExchangeId] {
        &self.0.open
    }

    /// Accesses that hang on flags.
    pub(crate) fn gated(&self) -> &[AccessId] {
        &self.0.gated
    }

    /// Who asks whom at all.
    pub(crate) fn asking(&self) -> &Asking {
        &self.0.asking
    }

    /// What the answers of each endpoint are held to.
    pub(crate) fn objectives(&self) -> &Objectives {
        &self.0.objectives
    }

    /// What a request asks of an endpoint.
    pub(crate) fn door(&self, endpoint: EndpointId) -> &Door {
        &self.0.doors[endpoint.index()]
    }

    /// The number of the program a version runs at an endpoint of its service.
    pub(crate) fn program_id(&self, version: VersionId, endpoint: EndpointId) -> ProgramId {
        ProgramId(self.0.programs.first[version.index()] + self.door(endpoint).place)
    }

    /// The program of that number.
    pub(crate) fn program(&self, id: ProgramId) -> &Program {
        &self.0.programs.all[id.0 as usize]
    }

    /// The call site of that number in the program.
    pub(crate) fn site(&self, id: ProgramId, site: u16) -> &Site {
        &self.0.programs.sites[id.0 as usize][usize::from(site)]
    }

    /// How much work that operation of that program is: none, if it is something else.
    pub(crate) fn work(&self, id: ProgramId, op: u16) -> &Sampler {
        let works = &self.0.programs.works[id.0 as usize];
        works.get(usize::from(op)).unwrap_or(&Sampler::Constant(Span::ZERO))
    }

    /// What the guards of a replica take, in bytes, of the services that have any.
    pub(crate) fn guards(&self) -> &[(ServiceId, u64)] {
        &self.0.guards
    }

    /// The gaps between the requests of an open source at its nominal rate.
    pub(crate) fn spacing(&self, id: SourceId) -> &Sampler {
        &self.0.spacings[id.index()]
    }
}

fn gated(system: &System) -> Vec<AccessId> {
    let accesses = system.accesses.iter().enumerate().filter(|(_, access)| !access.gate.is_free());
    accesses.map(|(index, _)| AccessId::new(index)).collect()
}

fn open(system: &System) -> Vec<ExchangeId> {
    let is_open = |exchange: &Exchange| {
        [Direction::Request, Direction::Response].iter().any(|way| !unheard_in(system, exchange, *way).is_empty())
    };
    let exchanges = system.exchanges.iter().enumerate().filter(|(_, exchange)| is_open(exchange));
    exchanges.map(|(index, _)| ExchangeId::new(index)).collect()
}

fn doors(system: &System, programs: &Programs) -> Vec<Door> {
    let of = |endpoint: &Endpoint| Door {
        service: endpoint.service,
        place: u32::try_from(endpoint.place).expect("a service has far fewer endpoints"),
        has_contract: false,
        begins_with_luck: system.service(endpoint.service).versions.iter().any(|version| {
            let program = programs.first[version.index()] as usize + endpoint.place;
            programs.works[program].first().is_some_and(|work| !matches!(work, Sampler::Constant(_)))
        }),
    };
    let mut doors: Vec<_> = system.endpoints.iter().map(of).collect();
    system.contracts.iter().for_each(|contract| doors[contract.endpoint.index()].has_contract = true);
    doors
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
