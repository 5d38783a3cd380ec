//! What a version does at an endpoint, one thing after the other. In which formats it reads and writes is no part of
//! that, nor how it words its calls, nor what it takes back when something fails.

use model::System;
use model::access::Verb;
use model::id::{EndpointId, StoreId, TopicId, VersionId};
use model::program::{CallSite, Op, Program};

/// One thing that is done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Deed {
    Calls(Vec<CallSite>),
    Touches(Vec<Touch>),
    /// Whatever the flags, or only under some.
    Publishes(TopicId, bool),
    Other(Op),
}

/// Something done with a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Touch {
    store: StoreId,
    manner: Manner,
    /// Whatever the flags, or only under some.
    always: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    Makes,
    Reads,
    Changes,
}

/// All that a version does at an endpoint.
pub(super) fn deeds(system: &System, version: VersionId, endpoint: EndpointId) -> Vec<Deed> {
    let program = system.program(version, endpoint);
    program.ops.iter().filter_map(|op| deed(system, program, *op)).collect()
}

fn deed(system: &System, program: &Program, op: Op) -> Option<Deed> {
    let other = match op {
        Op::Saga(_) | Op::Pivot | Op::Receive(_) => return None,
        Op::Calls { .. } => {
            let calls = program.calls_of(&op).iter();
            return Some(Deed::Calls(calls.map(|call| CallSite { dialect: None, ..call.clone() }).collect()));
        }
        Op::Touch { first, count } => return Some(Deed::Touches(touches(system, program, (first, count)))),
        Op::Publish { topic, first, count } => return Some(Deed::Publishes(topic, always(program, (first, count)))),
        Op::Defer { job, .. } => Op::Defer { job, dialect: None },
        Op::Lookup { cache, skip, .. } => Op::Lookup { cache, skip, side: None },
        Op::Fill { cache, changed, .. } => Op::Fill { cache, side: None, changed },
        Op::Invalidate { cache, .. } => Op::Invalidate { cache, side: None },
        Op::Work(_) | Op::Cause { .. } | Op::Fail(_) | Op::Missing | Op::Unless { .. } => op,
    };
    Some(Deed::Other(other))
}

/// The ways of touching a record among some gates, each once: one in another format is no other way.
fn touches(system: &System, program: &Program, gates: (u16, u16)) -> Vec<Touch> {
    let always = always(program, gates);
    let ways = program.gates[usize::from(gates.0)..][..usize::from(gates.1)].iter().map(|gate| {
        let access = system.access(gate.access);
        Touch { store: access.store, manner: manner(&access.verb), always }
    });
    let mut all: Vec<Touch> = ways.collect();
    all.dedup();
    all
}

/// Whether one of some gates is open whatever the flags.
fn always(program: &Program, (first, count): (u16, u16)) -> bool {
    program.gates[usize::from(first)..][..usize::from(count)].iter().any(|gate| gate.flag.is_none())
}

const fn manner(verb: &Verb) -> Manner {
    match verb {
        Verb::Create(_) | Verb::Insert(_) => Manner::Makes,
        Verb::Read(_) => Manner::Reads,
        Verb::Rewrite(_) | Verb::Update(_) => Manner::Changes,
    }
}
