//! Words for callers and callees that do not understand each other.

use super::story::Teller;
use model::contract::{Direction, Exchange, Reading, Speaker};
use model::data::{Entity, Finding};
use model::id::{ClassId, ExchangeId};

impl Teller<'_> {
    /// A request that the version which is asked cannot read.
    pub(crate) fn refused(&self, id: ExchangeId) -> String {
        let (exchange, from) = (self.0.system.exchange(id), self.speaker_of(id));
        let revision = self.revision_of(exchange, Direction::Request);
        format!("cannot read a {revision} request of {from}{}", self.why_not(exchange, Direction::Request))
    }

    /// An answer that the caller cannot read.
    pub(crate) fn garbled(&self, id: ExchangeId) -> String {
        let exchange = self.0.system.exchange(id);
        let revision = self.revision_of(exchange, Direction::Response);
        let why = self.why_not(exchange, Direction::Response);
        match self.0.system.dialect(exchange.dialect).speaker {
            Speaker::Version(_) => format!("cannot read a {revision} answer of {}{why}", self.version(exchange.callee)),
            Speaker::Source(_) => format!("{} cannot read its {revision} answer{why}", self.speaker_of(id)),
        }
    }

    /// A message that is read, but not as it was meant.
    pub(crate) fn misunderstood(&self, id: ExchangeId, direction: Direction, class: ClassId) -> String {
        let exchange = self.0.system.exchange(id);
        let revision = self.revision_of(exchange, direction);
        let fields = self.sentences(exchange, direction, |reading| reading.findings(class));
        let message = match (direction, self.0.system.dialect(exchange.dialect).speaker) {
            (Direction::Request, _) => format!("misunderstands a {revision} request of {}", self.speaker_of(id)),
            (Direction::Response, Speaker::Version(_)) => {
                format!("misunderstands a {revision} answer of {}", self.version(exchange.callee))
            }
            (Direction::Response, Speaker::Source(_)) => {
                format!("{} misunderstands its {revision} answer", self.speaker_of(id))
            }
        };
        format!("{message}: {}", fields.join("; "))
    }

    /// What is called in an exchange.
    pub(crate) fn called(&self, id: ExchangeId) -> &str {
        let dialect = self.0.system.dialect(self.0.system.exchange(id).dialect);
        self.0.system.endpoint(self.0.system.contract(dialect.contract).endpoint).name.as_str()
    }

    /// Who calls in an exchange.
    pub(crate) fn speaker_of(&self, id: ExchangeId) -> String {
        self.speaker(self.0.system.dialect(self.0.system.exchange(id).dialect).speaker)
    }

    /// A caller, by name.
    pub(crate) fn speaker(&self, speaker: Speaker) -> String {
        match speaker {
            Speaker::Version(version) => self.version(version),
            Speaker::Source(source) => self.0.system.source(source).name.to_string(),
        }
    }

    /// The revision that messages of one direction are written in.
    fn revision_of(&self, exchange: &Exchange, direction: Direction) -> &str {
        let dialect = self.0.system.dialect(exchange.dialect);
        let written = match direction {
            Direction::Request => Some(dialect.revision),
            Direction::Response => exchange.revision,
        };
        let revisions = &self.0.system.contract(dialect.contract).revisions;
        written.map_or("", |revision| revisions[revision.index()].as_str())
    }

    /// Why some messages cannot be read, field by field.
    fn why_not(&self, exchange: &Exchange, direction: Direction) -> String {
        let sentences = self.sentences(exchange, direction, |reading| {
            reading.table.findings.iter().filter(|finding| finding.effect.is_error()).collect()
        });
        if sentences.is_empty() { String::new() } else { format!(": {}", sentences.join("; ")) }
    }

    /// Findings about messages, in words.
    pub(crate) fn sentences<'e>(
        &self,
        exchange: &'e Exchange,
        direction: Direction,
        which: impl Fn(&'e Reading) -> Vec<&'e Finding>,
    ) -> Vec<String> {
        let contract = self.0.system.contract(self.0.system.dialect(exchange.dialect).contract);
        let both = contract.messages(direction).zip(exchange.reading(direction));
        let told = |(entity, reading): (&Entity, _)| -> Vec<String> {
            which(reading).into_iter().map(|finding| finding.sentence(entity)).collect()
        };
        both.map_or(Vec::new(), told)
    }
}
