//! Who asks whom at all: why an endpoint gets requests.
//!
//! An endpoint that gets requests at the start of a run, whatever is done then, needs no reason. One that only a later
//! version asks, or asks only while a flag is on, gets them because of what brought that version in and switched the
//! flag on, and because of what has its asker asked.

use model::System;
use model::id::{EndpointId, FlagId, ServiceId, VersionId};
use model::program::{FlagSet, Op, Program};

/// An operation of a version by which an endpoint gets requests, some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    /// Who asks.
    pub(crate) by: VersionId,
    /// In answer to what.
    pub(crate) asked: EndpointId,
    /// What is asked.
    pub(crate) asks: EndpointId,
    /// The flags that have to be on.
    pub(crate) flags: FlagSet,
}

/// All that makes endpoints get requests, and services busy.
#[derive(Debug)]
pub(crate) struct Asking {
    /// To endpoints that get none at the start.
    later: Vec<Ask>,
    /// By service: the flags that make it work on something, or that say how much it takes on.
    busy: Vec<FlagSet>,
    /// By endpoint: whether it gets requests with the versions and flags of the start.
    from_start: Vec<bool>,
}

impl Asking {
    pub(crate) fn of(system: &System) -> Self {
        let all = asks(system);
        let from_start = from_start(system, &all);
        let later = all.into_iter().filter(|ask| !from_start[ask.asks.index()]).collect();
        let busy = (0..system.services.len()).map(|index| busy(system, ServiceId::new(index))).collect();
        Asking { later, busy, from_start }
    }

    /// By what endpoints get requests that get none at the start.
    pub(crate) fn later(&self) -> &[Ask] {
        &self.later
    }

    /// Whether an endpoint gets requests with the versions and flags of the start.
    pub(crate) fn is_from_start(&self, endpoint: EndpointId) -> bool {
        self.from_start[endpoint.index()]
    }

    /// The flags that bear on how busy a service is.
    pub(crate) fn busy(&self, service: ServiceId) -> FlagSet {
        self.busy[service.index()]
    }
}

fn asks(system: &System) -> Vec<Ask> {
    let mut all = Vec::new();
    for (endpoint, asked) in system.endpoints.iter().zip((0..).map(EndpointId::new)) {
        for by in &system.service(endpoint.service).versions {
            let program = system.program(*by, asked);
            for (at, op) in program.ops.iter().enumerate() {
                let asks = asked_by(system, program, op).into_iter();
                all.extend(asks.map(|asks| Ask { by: *by, asked, asks, flags: program.guards(at) }));
            }
        }
    }
    all
}

/// The endpoints that get requests by an operation, now or later.
pub(crate) fn asked_by(system: &System, program: &Program, op: &Op) -> Vec<EndpointId> {
    match *op {
        Op::Calls { .. } => program.calls_of(op).iter().map(|call| call.endpoint).collect(),
        Op::Defer { job, .. } => vec![system.job(job).endpoint],
        Op::Publish { topic, .. } => {
            system.groups.iter().filter(|group| group.topic == topic).map(|group| group.endpoint).collect()
        }
        Op::Work(_)
        | Op::Touch { .. }
        | Op::Receive(_)
        | Op::Cause { .. }
        | Op::Saga(_)
        | Op::Pivot
        | Op::Fail(_)
        | Op::Missing
        | Op::Lookup { .. }
        | Op::Fill { .. }
        | Op::Invalidate { .. }
        | Op::Unless { .. } => vec![],
    }
}

/// By endpoint: whether it gets requests with the versions and flags of the start.
fn from_start(system: &System, all: &[Ask]) -> Vec<bool> {
    let mut gets = vec![false; system.endpoints.len()];
    let sources = system.sources.iter().map(|source| source.endpoint);
    let given = sources.chain(system.background.iter().map(|background| background.endpoint));
    // A compensation is asked for by what goes astray, which has reasons of its own.
    let compensated = system.effects.iter().filter_map(|effect| effect.compensation.map(|own| own.job));
    let given = given.chain(compensated.map(|job| system.job(job).endpoint));
    let is_on = |flag: FlagId| system.flag(flag).initial.is_on();
    let initial = |ask: &&Ask| {
        let service = system.service(system.version(ask.by).service);
        service.initial == ask.by && ask.flags.iter().all(is_on)
    };
    let mut asks = vec![Vec::new(); system.endpoints.len()];
    all.iter().filter(initial).for_each(|ask| asks[ask.asked.index()].push(ask.asks));
    let mut next: Vec<EndpointId> = given.collect();
    while let Some(endpoint) = next.pop() {
        if !std::mem::replace(&mut gets[endpoint.index()], true) {
            next.extend(&asks[endpoint.index()]);
        }
    }
    gets
}

fn busy(system: &System, service: ServiceId) -> FlagSet {
    let spec = system.service(service);
    let limits = spec.limits.iter().fold(FlagSet::default(), |set, (config, _)| set.with(*config, true));
    let programs = spec.versions.iter().flat_map(|version| &system.version(*version).programs);
    programs.flat_map(Program::tests).fold(limits, |set, flag| set.with(flag, true))
}
