//! Contracts: what calls carry, and what each pair of versions makes of it.
//!
//! A contract belongs to an endpoint and has *revisions*, oldest first: a format of requests and one of answers
//! each. A version that serves the endpoint speaks one revision, and so does each version that calls it, or a
//! client outside: that is its [`Dialect`]. A dialect and a version that serves make an [`Exchange`]: a request in
//! one format is read with another, and an answer the other way round, by the very tables that records are read
//! with. What comes of it depends on the class of the request alone, so it is worked out before the run.

use crate::data::{self, Codec, Entity, Finding, Kind, Mask, Read, Slot, Table};
use crate::id::{ClassId, ContractId, DialectId, EndpointId, ExchangeId, FormatId, SourceId, VersionId};
use crate::name::Name;

/// What calls to an endpoint carry.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Its revisions, oldest first; the place of one is its format in both entities.
    pub revisions: Vec<Name>,
    /// Requests; none when they carry nothing worth a format.
    pub request: Option<Entity>,
    /// Answers; none when they carry nothing worth a format.
    pub response: Option<Entity>,
}

/// How somebody who calls an endpoint speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Who calls.
    pub speaker: Speaker,
    /// Which contract.
    pub contract: ContractId,
    /// The revision it was built against.
    pub revision: FormatId,
    /// Its exchange with the first version of the service that is called; those with the others follow.
    pub first: ExchangeId,
    /// That version.
    pub first_callee: VersionId,
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speaker {
    /// A version of a service.
    Version(VersionId),
    /// A client outside, which nobody can roll back.
    Source(SourceId),
}

/// What a caller and a version that serves make of each other.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// How the caller speaks.
    pub dialect: DialectId,
    /// The version that serves.
    pub callee: VersionId,
    /// The revision that version speaks; none when it has no such endpoint.
    pub revision: Option<FormatId>,
    /// What it makes of requests.
    pub request: Option<Reading>,
    /// What the caller makes of answers.
    pub response: Option<Reading>,
}

/// The two directions of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the caller to the version that serves.
    Request,
    /// Back.
    Response,
}

/// What a reader makes of messages of one format, by class of the request.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The format they are in and the one they are read with, compared.
    pub table: Table,
    /// By class: what is in them.
    messages: Vec<Message>,
}

/// Messages of one class.
#[derive(Clone, Copy, Debug)]
struct Message {
    kind: Kind,
    verdict: Verdict,
    read: Read,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is understood.
    Understood,
    /// It is read, but not as it was meant.
    Wrong,
    /// It cannot be read.
    Refused,
}

impl Dialect {
    /// Its exchange with a version of the service that is called.
    #[must_use]
    pub fn with(&self, callee: VersionId) -> ExchangeId {
        ExchangeId::new(self.first.index() + callee.index() - self.first_callee.index())
    }
}

impl Contract {
    /// The messages of one direction.
    #[must_use]
    pub const fn messages(&self, direction: Direction) -> Option<&Entity> {
        match direction {
            Direction::Request => self.request.as_ref(),
            Direction::Response => self.response.as_ref(),
        }
    }
}

impl Exchange {
    /// What is made of messages of one direction, where they carry anything.
    #[must_use]
    pub const fn reading(&self, direction: Direction) -> Option<&Reading> {
        match direction {
            Direction::Request => self.request.as_ref(),
            Direction::Response => self.response.as_ref(),
        }
    }

    /// What becomes of messages of one direction.
    #[must_use]
    pub fn verdict(&self, direction: Direction, class: ClassId) -> Verdict {
        self.reading(direction).map_or(Verdict::Understood, |reading| reading.verdict(class))
    }
}

/// What somebody puts into new messages or records of a format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// The fields they have.
    pub present: Mask,
    /// Those with a value that not every format can hold.
    pub hard: Mask,
    /// Those that nobody set, and that are written all the same.
    pub unset: Mask,
    /// Those that are null, where some reader takes that and no other value.
    pub blank: Mask,
}

impl Reading {
    /// Messages written in a format and read with another; by class, what is in them.
    #[must_use]
    pub fn new(entity: &Entity, [written, read]: [FormatId; 2], codec: &Codec, filled: &[Filled]) -> Self {
        let table = Table::decode(entity, written, read, codec);
        let message = |filled: &Filled| {
            let kind = data::create(written, filled.present, filled.hard, VersionId::ZERO);
            let kind = Kind { unset: filled.unset, blank: filled.blank, ..kind };
            let read = data::read(&kind, &table);
            Message { kind, verdict: verdict(&read), read }
        };
        let messages = filled.iter().map(message).collect();
        Reading { table, messages }
    }

    /// What becomes of messages of a class.
    #[must_use]
    pub fn verdict(&self, class: ClassId) -> Verdict {
        self.messages[class.index()].verdict
    }

    /// The fields that are the reason for it.
    #[must_use]
    pub fn concerned(&self, class: ClassId) -> Mask {
        let Message { verdict, read, .. } = &self.messages[class.index()];
        match verdict {
            Verdict::Understood => Mask::EMPTY,
            Verdict::Wrong => read.not_as_meant(),
            Verdict::Refused => read.error.map_or(Mask::EMPTY, |refusal| refusal.slots),
        }
    }

    /// The fields that the reader fills in by itself, because the writer has none.
    #[must_use]
    pub fn defaulted(&self, class: ClassId) -> Mask {
        let read = &self.messages[class.index()].read;
        read.defaulted - read.replaced
    }

    /// What the schemas say about these.
    pub fn filled_in(&self, class: ClassId) -> impl Iterator<Item = &Finding> {
        let (slots, kind) = (self.defaulted(class), &self.messages[class.index()].kind);
        let is_met = move |slot: Slot, finding: &Finding| slots.contains(slot) && finding.effect.strikes(kind, slot);
        self.table.findings.iter().filter(move |finding| finding.slot.is_some_and(|slot| is_met(slot, finding)))
    }

    /// What the schemas say about the verdict.
    pub fn findings(&self, class: ClassId) -> Vec<&Finding> {
        let (slots, kind) = (self.concerned(class), &self.messages[class.index()].kind);
        match self.verdict(class) {
            Verdict::Understood => Vec::new(),
            Verdict::Wrong => self.table.deceptions(kind, slots).collect(),
            Verdict::Refused => self.table.refusals(kind, slots).collect(),
        }
    }
}

fn verdict(read: &Read) -> Verdict {
    if read.error.is_some() {
        Verdict::Refused
    } else if read.not_as_meant().is_empty() {
        Verdict::Understood
    } else {
        Verdict::Wrong
    }
}
