//! Contracts: who speaks which revision, and what each pair makes of the other.
//!
//! A version that does not say how it speaks speaks as the one listed before it; the first one speaks the first
//! revision. Dialects are made where calls are compiled, so only pairs that can meet are compared.

use super::Resolver;
use super::values::{Worth, stated};
use crate::raw::{RawContract, RawDefect, RawFormat, RawRevision, RawService, RawSpeech, RawVersion};
use crate::syntax::{Diagnostic, Map, SourceSpan, Text, quoted};
use model::contract::{Contract, Dialect, Direction, Exchange, Filled, Reading, Speaker};
use model::data::{Codec, Entity};
use model::id::{ContractId, DialectId, EndpointId, ExchangeId, FormatId, VersionId};
use model::name::Name;
use std::collections::BTreeMap;

/// The most exchanges of all contracts together: their ids have sixteen bits.
const EXCHANGES_MAX: usize = u16::MAX as usize;

/// What is known of contracts while programs are compiled.
#[derive(Clone, Debug, Default)]
pub(super) struct Contracts {
    all: Vec<Known>,
    /// In the order they are declared; nothing for one of an endpoint that is not there.
    ids: Vec<Option<ContractId>>,
    by_endpoint: BTreeMap<EndpointId, ContractId>,
    /// How versions call, where they or one before them say so.
    calls: BTreeMap<(VersionId, ContractId), Speech>,
    /// Where versions say how they call.
    stated: Vec<(VersionId, ContractId, SourceSpan)>,
    dialects: BTreeMap<(Speaker, ContractId), DialectId>,
    /// There are more exchanges than ids for them.
    crowded: bool,
}

/// A contract while programs are compiled.
#[derive(Clone, Debug, Default)]
struct Known {
    /// By version of the service: how it serves; not at all, when it lacks the endpoint.
    served: Vec<Option<Speech>>,
    /// Of requests and responses, by revision and class: the fields with values that not every revision can hold.
    filled: [Vec<Vec<Filled>>; 2],
}

/// The revision somebody speaks, and how their library reads it, where it was said.
#[derive(Clone, Copy, Debug, Default)]
struct Speech {
    revision: FormatId,
    codec: Option<Codec>,
}

impl Resolver<'_> {
    pub(super) fn resolve_contracts(&mut self) {
        let raw = self.raw;
        for (name, contract) in raw.contracts.iter() {
            let endpoint = self.names.endpoints.find(name, self.out).map(EndpointId::new);
            let contract = self.contract(name, contract, endpoint);
            let id = contract.as_ref().map(|_| ContractId::new(self.system.contracts.len()));
            self.contracts.ids.push(id);
            self.contracts.by_endpoint.extend(endpoint.zip(id));
            self.system.contracts.extend(contract);
        }
        for (name, service) in raw.services.iter() {
            self.resolve_serving(name, service);
            self.resolve_calling(name, service);
        }
    }

    /// The contract of a name that is not there is one mistake: nobody speaks it, but what it says is looked at.
    fn contract(&mut self, name: &Text, raw: &RawContract, endpoint: Option<EndpointId>) -> Option<Contract> {
        let mut request = self.messages(name, raw, Direction::Request);
        let mut response = self.messages(name, raw, Direction::Response);
        if raw.revisions.iter().all(|(_, revision)| revision.request.is_none() && revision.response.is_none()) {
            let help = "give it a revision, as in `revisions: {v1: {request: pay.avsc}}`";
            self.error_with(name.span, "a contract that says nothing of requests or responses", help);
        }
        let revisions = raw.revisions.names().map(Name::new).collect();
        let values = raw.values.as_ref();
        let filled = [
            self.worth(request.as_mut(), values.map(|values| &values.request)),
            self.worth(response.as_mut(), values.map(|values| &values.response)),
        ];
        let endpoint = endpoint?;
        self.contracts.all.push(Known { served: Vec::new(), filled });
        Some(Contract { endpoint, revisions, request, response })
    }

    /// The contract a version names; reports one that is not declared.
    fn contract_named(&mut self, name: &Text) -> Option<ContractId> {
        let place = self.names.contracts.find(name, self.out)?;
        self.contracts.ids[place]
    }

    /// The messages of one direction, which all revisions have a format for, or none has.
    fn messages(&mut self, name: &Text, raw: &RawContract, direction: Direction) -> Option<Entity> {
        let formats = || raw.revisions.iter().filter_map(|(name, revision)| Some((name, format(revision, direction)?)));
        formats().next()?;
        let lacking = raw.revisions.iter().filter(|(_, revision)| format(revision, direction).is_none());
        let lacking: Vec<_> = lacking.map(|(revision, _)| revision.span).collect();
        for span in &lacking {
            let message = format!("this revision has no {}, and others have one", word(direction));
            self.error_with(*span, message, "state one for each revision, or for none");
        }
        if !lacking.is_empty() {
            return None;
        }
        let title = Text { value: format!("{} {}", name.value, word(direction)), span: name.span };
        self.entity_of(&title, formats())
    }

    /// By revision and class, what is worth telling apart.
    fn worth(&mut self, entity: Option<&mut Entity>, values: Option<&Map<Map<Text>>>) -> Vec<Vec<Filled>> {
        let Some(entity) = entity else {
            let stray = values.and_then(|values| values.iter().next());
            stray.into_iter().for_each(|(field, _)| self.error(field.span, "no revision has a format for these"));
            return Vec::new();
        };
        let values: Vec<Worth> = values.map_or(Vec::new(), |values| self.values(entity, values));
        entity.stated |= stated(&values);
        entity.format_ids().map(|format| self.filled(entity, format, &values)).collect()
    }

    /// How the versions of a service serve its endpoints.
    fn resolve_serving(&mut self, name: &Text, service: &RawService) {
        let full = |endpoint: &Text| Text { value: format!("{}.{}", name.value, endpoint.value), span: endpoint.span };
        for (_, version) in service.versions.iter() {
            version.serves.iter().for_each(|(endpoint, _)| {
                self.names.contracts.find(&full(endpoint), self.out);
            });
            self.check_lacks(service, version);
        }
        for endpoint in service.endpoints.names() {
            let place = self.names.contracts.position(&format!("{}.{endpoint}", name.value));
            let Some(contract) = place.and_then(|place| self.contracts.ids[place]) else { continue };
            let says = |version: &RawVersion| version.serves.get(endpoint).cloned();
            let speeches = self.speeches(service, contract, Direction::Request, says);
            let lacking = super::names::labels(service).into_iter().map(|label| service.versions.get(&label));
            let has = |version: Option<&RawVersion>| !lacks(version, endpoint);
            let served = speeches.into_iter().zip(lacking).map(|(speech, version)| has(version).then_some(speech));
            self.contracts.all[contract.index()].served = served.collect();
        }
    }

    fn check_lacks(&mut self, service: &RawService, version: &RawVersion) {
        let endpoints = super::Table::new("endpoint of this service", service.endpoints.names());
        self.once_each(&version.lacks.0);
        for name in &version.lacks.0 {
            endpoints.find(name, self.out);
            let strikes = |defect: &RawDefect| defect.endpoint.as_ref().is_some_and(|own| own.value == name.value);
            let does = version.endpoints.get(&name.value).is_some() || version.defects.iter().any(strikes);
            if does || version.serves.get(&name.value).is_some() {
                let message = format!("this version lacks {}, and says what it does there", quoted(&name.value));
                self.error_with(name.span, message, "leave out one of the two");
            }
        }
    }

    /// How the versions of a service call, as far as one of them says.
    fn resolve_calling(&mut self, name: &Text, service: &RawService) {
        let said = service.versions.iter().flat_map(|(_, version)| version.calls.iter());
        let contracts: BTreeMap<_, _> = said.map(|(endpoint, _)| (endpoint.value.clone(), endpoint)).collect();
        for (endpoint, place) in contracts {
            let Some(contract) = self.contract_named(place) else { continue };
            let says = |version: &RawVersion| version.calls.get(&endpoint).cloned();
            let speeches = self.speeches(service, contract, Direction::Response, says);
            let labels = super::names::labels(service);
            for (label, speech) in labels.iter().zip(speeches) {
                let version = self.names.versions.position(&format!("{} {label}", name.value)).map(VersionId::new);
                let Some(version) = version else { continue };
                self.contracts.calls.insert((version, contract), speech);
                let stated = service.versions.get(label).and_then(|version| version.calls.get(&endpoint));
                self.contracts.stated.extend(stated.map(|said| (version, contract, said.revision.span)));
            }
        }
    }

    /// By version of a service: how it speaks, which is as the one before it unless it says so.
    fn speeches(
        &mut self,
        service: &RawService,
        contract: ContractId,
        reads: Direction,
        says: impl Fn(&RawVersion) -> Option<RawSpeech>,
    ) -> Vec<Speech> {
        let mut speech = Speech::default();
        let mut all = Vec::new();
        for label in super::names::labels(service) {
            if let Some(said) = service.versions.get(&label).and_then(&says) {
                speech = self.speech(&said, contract, reads);
            }
            all.push(speech);
        }
        all
    }

    fn speech(&mut self, said: &RawSpeech, contract: ContractId, reads: Direction) -> Speech {
        let revisions = self.system.contract(contract).revisions.iter().map(|name| name.as_str().to_owned());
        let names = super::Table::new("revision", revisions);
        let Some(revision) = names.find(&said.revision, self.out).map(FormatId::new) else { return Speech::default() };
        let messages = self.system.contract(contract).messages(reads);
        let family = messages.map(|entity| entity.format(revision).family);
        let codec = said.codec.as_ref().and_then(|codec| match family {
            Some(family) => Some(self.codec(Some(codec), family)),
            None => {
                self.error(said.revision.span, format!("nothing is read here: no {} has a format", word(reads)));
                None
            }
        });
        Speech { revision, codec }
    }

    /// How a version calls an endpoint, where that has a contract.
    pub(super) fn dialect_of(&mut self, version: VersionId, endpoint: EndpointId) -> Option<DialectId> {
        let contract = *self.contracts.by_endpoint.get(&endpoint)?;
        let speech = self.contracts.calls.get(&(version, contract)).copied().unwrap_or_default();
        self.dialect(Speaker::Version(version), contract, speech)
    }

    /// How clients outside speak to an endpoint, where they say.
    pub(super) fn client(&mut self, speaker: Speaker, endpoint: EndpointId, said: &RawSpeech) -> Option<DialectId> {
        let Some(contract) = self.contracts.by_endpoint.get(&endpoint).copied() else {
            let name = &self.system.endpoint(endpoint).name;
            let message = format!("{name} has no contract");
            self.error_with(said.revision.span, message, "state one under `contracts:`, or leave this out");
            return None;
        };
        let speech = self.speech(said, contract, Direction::Response);
        self.dialect(speaker, contract, speech)
    }

    fn dialect(&mut self, speaker: Speaker, contract: ContractId, speech: Speech) -> Option<DialectId> {
        if let Some(known) = self.contracts.dialects.get(&(speaker, contract)) {
            return Some(*known);
        }
        let service = self.system.endpoint(self.system.contract(contract).endpoint).service;
        let callees = self.system.service(service).versions.clone();
        if self.system.exchanges.len() + callees.len() > EXCHANGES_MAX {
            self.contracts.crowded = true;
            return None;
        }
        let id = DialectId::new(self.system.dialects.len());
        let first = ExchangeId::new(self.system.exchanges.len());
        let (revision, first_callee) = (speech.revision, callees[0]);
        self.system.dialects.push(Dialect { speaker, contract, revision, first, first_callee });
        self.contracts.dialects.insert((speaker, contract), id);
        for (place, callee) in callees.into_iter().enumerate() {
            let exchange = self.exchange((id, contract, speech), callee, place);
            self.system.exchanges.push(exchange);
        }
        Some(id)
    }

    /// What a caller and the version at a place of its service make of each other.
    fn exchange(
        &self,
        (dialect, contract, caller): (DialectId, ContractId, Speech),
        callee: VersionId,
        place: usize,
    ) -> Exchange {
        let (spec, known) = (self.system.contract(contract), &self.contracts.all[contract.index()]);
        let served = known.served.get(place).copied().flatten();
        let reading = |direction, [from, to]: [Speech; 2]| {
            let entity = spec.messages(direction)?;
            let codec = to.codec.unwrap_or(entity.format(to.revision).family.codec());
            let filled = &known.filled[direction as usize][from.revision.index()];
            Some(Reading::new(entity, [from.revision, to.revision], &codec, filled))
        };
        let request = served.and_then(|served| reading(Direction::Request, [caller, served]));
        let response = served.and_then(|served| reading(Direction::Response, [served, caller]));
        Exchange { dialect, callee, revision: served.map(|served| served.revision), request, response }
    }

    /// Says who states how it calls what it never calls, and whether there are too many to compare.
    pub(super) fn check_contracts(&mut self) {
        for (version, contract, span) in self.contracts.stated.clone() {
            if !self.contracts.dialects.contains_key(&(Speaker::Version(version), contract)) {
                let endpoint = &self.system.endpoint(self.system.contract(contract).endpoint).name;
                let message = format!("{} never calls {endpoint}", self.system.version(version).name);
                self.out.push(Diagnostic::warning(span, message).help("leave this out"));
            }
        }
        let crowd = self.raw.contracts.iter().next().filter(|_| self.contracts.crowded);
        if let Some((first, _)) = crowd {
            let message = "all contracts together have too many pairs of a caller and a version that serves";
            self.error_with(
                first.span,
                message,
                format!("at most {EXCHANGES_MAX}: state contracts for fewer endpoints"),
            );
        }
    }
}

const fn format(revision: &RawRevision, direction: Direction) -> Option<&RawFormat> {
    match direction {
        Direction::Request => revision.request.as_ref(),
        Direction::Response => revision.response.as_ref(),
    }
}

const fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Request => "request",
        Direction::Response => "response",
    }
}

/// Whether a version says that it lacks an endpoint.
pub(super) fn lacks(version: Option<&RawVersion>, endpoint: &str) -> bool {
    version.is_some_and(|version| version.lacks.0.iter().any(|name| name.value == endpoint))
}
