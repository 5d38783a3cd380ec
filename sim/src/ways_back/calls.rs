//! Calls that fail between versions: in the end of a way back, and while it is on its way.
//!
//! A version goes back, and who calls it does not: it lacks the endpoint that came with the one before, or cannot read
//! what the caller sends, or the caller its answers. Whoever is told which versions run then has to know who calls
//! whom to see it. What counts are the calls that are made of what work gets to, by the settings of the processes it
//! gets to, and the replicas they can land on; of what a contract says, the classes of requests that come there.
//! Whether a caller tries again until it finds another version is left open. One that goes on without an answer fails
//! nothing.

use super::asked::{Asked, Asker};
use super::at_work::AtWork;
use crate::observers::asking::asked_by;
use crate::observers::story::Teller;
use crate::plant::balancing::Near;
use crate::plant::fleet::ReplicaKey;
use crate::world::World;
use model::contract::{Direction, Speaker, Verdict};
use model::id::{ClassId, EndpointId, ExchangeId, VersionId};
use model::program::ClassSet;
use model::system::System;
use std::collections::BTreeSet;

/// What a version says that has no such endpoint.
const LACKS: &str = "no such endpoint";

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// The version has no such endpoint.
    Missing,
    /// One of the two cannot read the other.
    Unread(ExchangeId, Direction),
    /// It reads something else than was meant, in requests of this class, among others.
    Misheard(ExchangeId, Direction, ClassId),
}

/// A request that fails at a version it can land on, or is misunderstood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Misfit {
    endpoint: EndpointId,
    callee: VersionId,
    fault: Fault,
    by: Asker,
}

/// A version that asks, or somebody outside, and one that it does not get on with at an endpoint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meeting {
    caller: Option<VersionId>,
    endpoint: EndpointId,
    callee: VersionId,
}

impl Meeting {
    /// All that there may be in a system.
    pub(super) fn all_of(system: &System) -> Vec<Self> {
        let endpoints = (0..system.endpoints.len()).map(EndpointId::new);
        let lacking = endpoints.flat_map(|endpoint| {
            let versions = system.service(system.endpoint(endpoint).service).versions.iter();
            versions.filter(move |own| system.program(**own, endpoint).is_missing()).map(move |own| (endpoint, *own))
        });
        let callers: BTreeSet<_> =
            (0..system.versions.len()).map(VersionId::new).flat_map(|own| asks(system, own)).collect();
        let missing = lacking.flat_map(|(endpoint, callee)| {
            let asking = callers.iter().filter(move |(_, asked)| *asked == endpoint).map(|(caller, _)| Some(*caller));
            asking.chain([None]).map(move |caller| Meeting { caller, endpoint, callee })
        });
        let at_odds = system.exchanges.iter().filter(|own| {
            let mut verdicts = [Direction::Request, Direction::Response]
                .into_iter()
                .flat_map(|way| (0..system.classes.len()).map(move |class| own.verdict(way, ClassId::new(class))));
            verdicts.any(|verdict| verdict != Verdict::Understood)
        });
        let at_odds = at_odds.map(|own| {
            let dialect = system.dialect(own.dialect);
            let caller = match dialect.speaker {
                Speaker::Version(version) => Some(version),
                Speaker::Source(_) => None,
            };
            Meeting { caller, endpoint: system.contract(dialect.contract).endpoint, callee: own.callee }
        });
        missing.chain(at_odds).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether the two serve now, and are not known to meet.
    pub(super) fn is_there(&self, world: &World, known: &BTreeSet<Misfit>) -> bool {
        let is_it =
            |met: &Misfit| (met.by.version(), met.endpoint, met.callee) == (self.caller, self.endpoint, self.callee);
        let mut both = self.caller.into_iter().chain([self.callee]);
        both.all(|version| world.serving.contains(&version)) && !known.iter().any(is_it)
    }
}

/// The endpoints that a version asks, each with that version.
fn asks(system: &System, version: VersionId) -> Vec<(VersionId, EndpointId)> {
    let programs = system.version(version).programs.iter();
    let ops = programs.flat_map(|program| program.ops.iter().map(move |op| (program, op)));
    ops.flat_map(|(program, op)| asked_by(system, program, op)).map(|asked| (version, asked)).collect()
}

impl World {
    /// The requests that fail where work gets to, or are misunderstood.
    pub(super) fn misfits_at(&self, at_work: &AtWork) -> BTreeSet<Misfit> {
        self.asked_at(at_work).iter().flat_map(|asked| self.misfits_of(asked)).collect()
    }

    /// The same without work that is put off: when it is due is left open, and it is tried again until somebody can do
    /// it.
    pub(super) fn misfits_at_once(&self, at_work: &AtWork) -> BTreeSet<Misfit> {
        let asked = self.asked_at(at_work);
        asked.iter().filter(|asked| !asked.is_put_off()).flat_map(|asked| self.misfits_of(asked)).collect()
    }

    /// What is wrong between a request and the versions that it can land on. Work that was put off is tried again until
    /// it lands on one that can do it.
    fn misfits_of(&self, asked: &Asked) -> Vec<Misfit> {
        let all: Vec<_> = self.landing(asked).into_iter().map(|callee| self.misfits(asked, callee)).collect();
        let is_done = asked.is_put_off() && all.iter().any(Vec::is_empty);
        if is_done { Vec::new() } else { all.concat() }
    }

    /// The versions that a request can land on.
    fn landing(&self, asked: &Asked) -> BTreeSet<VersionId> {
        let keys = match asked.by {
            Asker::Group(group) => self.all_readers_of(group),
            Asker::Source(_) | Asker::Version(..) | Asker::Clock(_) => self.takers_of(asked.endpoint, asked.near),
        };
        keys.into_iter().map(|key| self.version_at(key)).collect()
    }

    pub(super) fn version_at(&self, key: ReplicaKey) -> VersionId {
        self.fleet.replicas.get(key).expect("it serves").version
    }

    pub(super) fn takers_of(&self, endpoint: EndpointId, near: Option<Near>) -> Vec<ReplicaKey> {
        let system = &self.model.system;
        self.fleet.takers(system.endpoint(endpoint).service, system, near)
    }

    /// What is wrong between a request and a version that it lands on.
    fn misfits(&self, asked: &Asked, callee: VersionId) -> Vec<Misfit> {
        let Asked { by, endpoint, dialect, classes, hears, needs, .. } = *asked;
        let of = |fault| Misfit { endpoint, callee, fault, by };
        if self.model.system.program(callee, endpoint).is_missing() {
            return if needs { vec![of(Fault::Missing)] } else { Vec::new() };
        }
        let Some(exchange) = dialect.map(|dialect| self.model.system.dialect(dialect).with(callee)) else {
            return Vec::new();
        };
        let directions = [Some(Direction::Request), hears.then_some(Direction::Response)].into_iter().flatten();
        let faults = directions.filter_map(|direction| self.worst_between(exchange, direction, classes));
        faults.filter(|fault| needs || matches!(fault, Fault::Misheard(..))).map(of).collect()
    }

    /// What becomes of messages of some classes that is worst.
    fn worst_between(&self, id: ExchangeId, direction: Direction, classes: ClassSet) -> Option<Fault> {
        let exchange = self.model.system.exchange(id);
        let all = (0..self.model.system.classes.len()).map(ClassId::new).filter(|class| classes.has(*class));
        let (verdict, class) = all.map(|class| (exchange.verdict(direction, class), class)).max()?;
        match verdict {
            Verdict::Understood => None,
            Verdict::Wrong => Some(Fault::Misheard(id, direction, class)),
            Verdict::Refused => Some(Fault::Unread(id, direction)),
        }
    }

    /// In words, which requests fail, and why.
    pub(super) fn misfits_in_words(&self, misfits: &BTreeSet<Misfit>) -> Vec<String> {
        let system = &self.model.system;
        let mut told: Vec<(String, BTreeSet<String>)> = Vec::new();
        for misfit in misfits {
            let (words, by) = (self.misfit_in_words(misfit), misfit.by.name(system));
            match told.iter_mut().find(|(known, _)| *known == words) {
                Some((_, all)) => _ = all.insert(by),
                None => told.push((words, BTreeSet::from([by]))),
            }
        }
        let callers = |all: BTreeSet<String>| all.into_iter().collect::<Vec<_>>().join(" and ");
        let whole = |(words, all): (String, BTreeSet<String>)| {
            if words.ends_with(LACKS) { format!("{words}, called by {}", callers(all)) } else { words }
        };
        told.into_iter().map(whole).collect()
    }

    /// The same of one, without who asks: of a contract that is said in what is wrong.
    fn misfit_in_words(&self, misfit: &Misfit) -> String {
        let (system, teller) = (&self.model.system, Teller(&self.model));
        let Misfit { endpoint, callee, fault, by } = *misfit;
        let (how, what) = match fault {
            Fault::Missing => ("fails", LACKS.to_owned()),
            Fault::Unread(id, Direction::Request) => ("fails", teller.refused(id)),
            Fault::Unread(id, Direction::Response) => ("fails", teller.garbled(id)),
            Fault::Misheard(id, direction, class) => ("answers wrong", teller.misunderstood(id, direction, class)),
        };
        let (at, of) = match (fault, by) {
            // Who cannot read an answer fails, and not whoever gave it.
            (
                Fault::Unread(_, Direction::Response) | Fault::Misheard(_, Direction::Response, _),
                Asker::Version(own, at),
            ) => (at, own),
            _ => (endpoint, callee),
        };
        format!("{} of {} {how}: {what}", system.endpoint(at).name, system.version(of).name)
    }
}
