//! Skew: who calls whom in which versions, and what the two make of each other.
//!
//! Calls are counted only while somebody asks for it, from then on: every attempt that was sent, whatever became of
//! it. What an exchange makes of them is not measured but known before the run.

use super::open_questions::unheard_in;
use super::places::Whereabouts;
use super::schemas::SkewedTable;
use super::story::Teller;
use crate::plant::requests::{Ask, Caller};
use crate::world::World;
use model::contract::{Dialect, Direction, Exchange, Reading, Speaker, Verdict};
use model::data::Mask;
use model::id::{ClassId, DialectId, EndpointId, ServiceId, SourceId, VersionId};
use model::time::{Span, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// One caller, the endpoint it asked, and the version that took the request.
type Pair = (Speaker, EndpointId, VersionId);

/// Calls since they are counted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Calls {
    since: Time,
    counts: BTreeMap<Pair, u64>,
}

/// Who calls whom in which versions, at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skew {
    /// The instant.
    pub at: Time,
    /// For how long calls were counted up to it.
    pub counted: Span,
    /// Edges with a contract, on which more than one pair of versions can meet, or without what is called.
    pub edges: Vec<SkewedEdge>,
    /// SQL tables, and the versions that speak to them.
    pub tables: Vec<SkewedTable>,
    /// Where versions run, of services that run several, or are rolled out from host to host.
    pub places: Vec<Whereabouts>,
}

/// One service, or client outside, that calls an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkewedEdge {
    /// The service or traffic source that calls.
    pub caller: String,
    /// The endpoint.
    pub endpoint: String,
    /// Whether the endpoint has a contract that the caller is held to.
    pub contract: bool,
    /// Calls counted.
    pub calls: u64,
    /// Its pairs of versions that serve now or were counted, oldest first.
    pub pairs: Vec<SkewedPair>,
}

/// A caller and the version that takes its requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkewedPair {
    /// The calling version, or the traffic source.
    pub caller: String,
    /// The version that serves.
    pub callee: String,
    /// Calls counted.
    pub calls: u64,
    /// What the callee makes of requests.
    pub request: Understanding,
    /// What the caller makes of answers.
    pub response: Understanding,
}

/// What is made of the messages of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understanding {
    /// The worst that happens.
    pub outcome: Hearing,
    /// The classes it happens to; none when it happens to all, or nothing happens.
    pub classes: Vec<String>,
    /// The fields it is about; none when it is the message as a whole.
    pub fields: Vec<String>,
    /// Why, field by field.
    pub reasons: Vec<String>,
    /// What happens to other classes, the worst first: not as bad, or to other fields.
    pub others: Vec<Understanding>,
}

/// What happens to messages, best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hearing {
    /// They are read as they were meant, or there is no contract.
    #[default]
    Understood,
    /// The same, with defaults for what the writer does not have.
    Defaults,
    /// They are read as they were meant, as far as anything tells: something about them is not judged.
    Open,
    /// They are read, but not as they were meant.
    Wrong,
    /// They cannot be read.
    Refused,
    /// The version has no such endpoint.
    Missing,
}

impl Skew {
    /// Whether those who called understood each other, and every table those who serve.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        let pairs = self.edges.iter().flat_map(|edge| &edge.pairs).filter(|pair| pair.calls > 0);
        let mut codes = self.tables.iter().flat_map(|table| &table.versions);
        pairs.into_iter().all(|pair| pair.request.is_harmless() && pair.response.is_harmless())
            && codes.all(|code| code.refused.is_empty())
    }
}

impl Skew {
    /// Whether it is not judged whether those who called understood each other.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let pairs = self.edges.iter().flat_map(|edge| &edge.pairs).filter(|pair| pair.calls > 0);
        let mut heard = pairs.flat_map(|pair| [&pair.request, &pair.response]);
        heard.any(|heard| heard.outcome == Hearing::Open)
    }
}

impl SkewedEdge {
    /// The share of a pair in the calls that were counted; none when there were none.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn share(&self, pair: &SkewedPair) -> Option<f64> {
        (self.calls > 0).then(|| pair.calls as f64 / self.calls as f64)
    }
}

impl Hearing {
    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Hearing::Understood => "understood",
            Hearing::Defaults => "defaults",
            Hearing::Open => "open",
            Hearing::Wrong => "wrong",
            Hearing::Refused => "refused",
            Hearing::Missing => "missing",
        }
    }
}

impl World {
    /// Counts calls from now on, for [`World::skew`].
    pub fn count_calls(&mut self) {
        self.calls = Some(Calls { since: self.now, counts: BTreeMap::new() });
    }

    /// A request is sent to a version.
    pub(crate) fn count_call(&mut self, ask: &Ask, callee: VersionId) {
        if self.calls.is_none() {
            return;
        }
        let Some(speaker) = self.speaker(ask) else { return };
        if let Some(calls) = &mut self.calls {
            *calls.counts.entry((speaker, ask.endpoint, callee)).or_insert(0) += 1;
        }
    }

    /// Who makes a call. What is run later or by the clock is no call.
    fn speaker(&self, ask: &Ask) -> Option<Speaker> {
        match ask.caller {
            Caller::Branch(attempt) => self.frames.get(attempt.parent).map(|caller| Speaker::Version(caller.version)),
            Caller::Root => {
                let origin = self.origins.get(ask.origin).filter(|origin| origin.asker.is_outside())?;
                origin.source.map(Speaker::Source)
            }
            Caller::Gone(_) => None,
        }
    }

    /// Who calls whom in which versions, and what they make of each other: calls since [`World::count_calls`].
    #[must_use]
    pub fn skew(&self) -> Skew {
        let none = Calls { since: self.now, counts: BTreeMap::new() };
        let calls = self.calls.as_ref().unwrap_or(&none);
        let edges = self.called().into_iter().map(|(caller, endpoint)| self.skewed_edge(caller, endpoint, calls));
        let missing = |pair: &SkewedPair| pair.request.outcome == Hearing::Missing;
        let told = |edge: &SkewedEdge| edge.contract || edge.pairs.len() > 1 || edge.pairs.iter().any(missing);
        let (counted, tables) = (self.now.since(calls.since), self.skewed_tables());
        Skew { at: self.now, counted, edges: edges.filter(told).collect(), tables, places: self.whereabouts() }
    }

    /// Services and clients that call, with the endpoints they call.
    fn called(&self) -> Vec<(Side, EndpointId)> {
        let system = &self.model.system;
        let sources = system.sources.iter().enumerate();
        let clients = sources.map(|(index, source)| (Side::Source(SourceId::new(index)), source.endpoint));
        let services = system.edges.iter().map(|edge| (Side::Service(system.endpoint(edge.from).service), edge.to));
        let mut seen = BTreeSet::new();
        clients.chain(services).filter(|called| seen.insert(*called)).collect()
    }

    fn skewed_edge(&self, caller: Side, endpoint: EndpointId, calls: &Calls) -> SkewedEdge {
        let speakers = self.speakers(caller);
        let counted = |pair: &Pair| calls.counts.get(pair).copied().unwrap_or(0);
        let callees = &self.model.system.service(self.model.system.endpoint(endpoint).service).versions;
        let all = speakers.iter().flat_map(|speaker| callees.iter().map(|callee| (*speaker, endpoint, *callee)));
        let there = all.filter(|pair| counted(pair) > 0 || (self.speaks(pair.0) && self.serving.contains(&pair.2)));
        let pairs: Vec<_> = there.map(|pair| self.skewed_pair(pair, counted(&pair))).collect();
        let has_contract = |speaker: &Speaker| self.dialect(*speaker, endpoint).is_some();
        SkewedEdge {
            caller: caller.name(&Teller(&self.model)),
            endpoint: self.model.system.endpoint(endpoint).name.to_string(),
            contract: speakers.iter().any(has_contract),
            calls: pairs.iter().map(|pair| pair.calls).sum(),
            pairs,
        }
    }

    fn speakers(&self, caller: Side) -> Vec<Speaker> {
        match caller {
            Side::Source(source) => vec![Speaker::Source(source)],
            Side::Service(service) => {
                let versions = self.model.system.service(service).versions.iter();
                versions.map(|version| Speaker::Version(*version)).collect()
            }
        }
    }

    /// Whether a caller is there to speak.
    fn speaks(&self, speaker: Speaker) -> bool {
        match speaker {
            Speaker::Version(version) => self.serving.contains(&version),
            Speaker::Source(_) => true,
        }
    }

    /// How a caller speaks to an endpoint, where there is a contract it is held to.
    fn dialect(&self, speaker: Speaker, endpoint: EndpointId) -> Option<DialectId> {
        let system = &self.model.system;
        let its =
            |dialect: &Dialect| dialect.speaker == speaker && system.contract(dialect.contract).endpoint == endpoint;
        system.dialects.iter().position(its).map(DialectId::new)
    }

    fn skewed_pair(&self, (speaker, endpoint, callee): Pair, calls: u64) -> SkewedPair {
        let teller = Teller(&self.model);
        let system = &self.model.system;
        let exchange = self.dialect(speaker, endpoint).map(|id| system.exchange(system.dialect(id).with(callee)));
        let heard = |direction| exchange.map(|exchange| self.understanding(exchange, direction)).unwrap_or_default();
        let missing = system.program(callee, endpoint).is_missing();
        let request = if missing { Understanding::MISSING } else { heard(Direction::Request) };
        let (caller, callee) = (teller.speaker(speaker), teller.version(callee));
        SkewedPair { caller, callee, calls, request, response: heard(Direction::Response) }
    }

    /// The worst that becomes of messages, and what else becomes of those of other classes.
    fn understanding(&self, exchange: &Exchange, direction: Direction) -> Understanding {
        let Some(reading) = exchange.reading(direction) else { return Understanding::default() };
        let mut alike: BTreeMap<(Reverse<Hearing>, Mask), Vec<ClassId>> = BTreeMap::new();
        for class in (0..self.model.system.classes.len()).map(ClassId::new) {
            let (outcome, slots) = heard(reading, class);
            alike.entry((Reverse(outcome), slots)).or_default().push(class);
        }
        let told = alike.into_iter().map(|((Reverse(outcome), slots), classes)| {
            self.understood_alike((exchange, direction), (outcome, slots), &classes)
        });
        let mut told = told.filter(|heard| heard.outcome != Hearing::Understood);
        let worst = told.next().unwrap_or_default();
        let worst = Understanding { others: told.collect(), ..worst };
        let open = unheard_in(&self.model.system, exchange, direction);
        if open.is_empty() || worst.outcome > Hearing::Open { worst } else { worst.with_open(open) }
    }

    /// What becomes of messages of classes to which the same happens.
    fn understood_alike(
        &self,
        (exchange, direction): (&Exchange, Direction),
        (outcome, slots): (Hearing, Mask),
        classes: &[ClassId],
    ) -> Understanding {
        let class = classes[0];
        let reasons = Teller(&self.model).sentences(exchange, direction, |reading| match outcome {
            Hearing::Defaults => reading.filled_in(class).collect(),
            Hearing::Understood | Hearing::Open | Hearing::Wrong | Hearing::Refused | Hearing::Missing => {
                reading.findings(class)
            }
        });
        let contract = self.model.system.contract(self.model.system.dialect(exchange.dialect).contract);
        let fields = contract.messages(direction).map(|entity| entity.slot_names(slots)).unwrap_or_default();
        let fields = fields.into_iter().map(str::to_owned).collect();
        let everybody = classes.len() == self.model.system.classes.len();
        let named = classes.iter().filter(|_| !everybody).map(|class| self.model.system.class(*class).to_string());
        Understanding { outcome, classes: named.collect(), fields, reasons, others: vec![] }
    }
}

/// What becomes of messages of a class, and the fields it is about.
fn heard(reading: &Reading, class: ClassId) -> (Hearing, Mask) {
    match reading.verdict(class) {
        Verdict::Understood if reading.defaulted(class).is_empty() => (Hearing::Understood, Mask::EMPTY),
        Verdict::Understood => (Hearing::Defaults, reading.defaulted(class)),
        Verdict::Wrong => (Hearing::Wrong, reading.concerned(class)),
        Verdict::Refused => (Hearing::Refused, reading.concerned(class)),
    }
}

impl Understanding {
    const MISSING: Understanding =
        Understanding { outcome: Hearing::Missing, classes: vec![], fields: vec![], reasons: vec![], others: vec![] };

    /// The same, where that leaves questions open.
    fn with_open(self, reasons: Vec<String>) -> Self {
        let others = if self.outcome == Hearing::Understood { vec![] } else { vec![self] };
        Understanding { outcome: Hearing::Open, reasons, others, ..Understanding::default() }
    }

    /// Whether all is read as it was meant, as far as anything tells.
    const fn is_harmless(&self) -> bool {
        match self.outcome {
            Hearing::Understood | Hearing::Defaults | Hearing::Open => true,
            Hearing::Wrong | Hearing::Refused | Hearing::Missing => false,
        }
    }
}

/// A service or a client outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Service(ServiceId),
    Source(SourceId),
}

impl Side {
    fn name(self, teller: &Teller<'_>) -> String {
        match self {
            Side::Service(service) => teller.service(service),
            Side::Source(source) => teller.speaker(Speaker::Source(source)),
        }
    }
}
