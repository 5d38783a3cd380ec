//! What a run does not judge: what migrations have made of rows, and what statements have met in them, where the model
//! cannot tell. Views of a moment ask the same here, of what is there and nobody has met yet.

use super::chronicle::Happening;
use super::open_columns::open_columns;
use crate::compiled::Model;
use crate::world::World;
use model::System;
use model::access::{Access, Rewrite, Verb};
use model::contract::{Direction, Exchange, Speaker};
use model::data::sql::{Met, nobody_says};
use model::data::{Decoding, Effect, Entity, Finding, Kind, Mask, Table, Why};
use model::id::{AccessId, ExchangeId, FormatId, StoreId, VersionId};
use model::migration::Migration;
use std::collections::BTreeSet;

impl World {
    /// What nobody knows of what has happened, a sentence each.
    pub(crate) fn not_judged(&self) -> Vec<String> {
        let mut told = Vec::new();
        for entry in &self.chronicle.entries {
            let Happening::Migrated(passed) = &entry.what else { continue };
            let Migration { name, caches, .. } = self.model.system.migration(passed.migration);
            let open = passed.open_questions(&self.model.system);
            told.extend(open.iter().map(|phrase| format!("{name}: {phrase}")));
            let used = caches.iter().filter(|id| passed.there > 0 && self.lookups(**id).hits > 0);
            let used = used.map(|id| &self.model.system.cache(*id).name);
            told.extend(
                used.map(|cache| format!("{cache}: whether what was filled in before {name} means what it did")),
            );
        }
        for (index, access) in self.model.system.accesses.iter().enumerate() {
            told.extend(self.open_questions(AccessId::new(index), access));
        }
        told.extend(self.heard_open.iter().flat_map(|id| unheard(&self.model.system, *id)));
        let mut known = BTreeSet::new();
        told.retain(|one| known.insert(one.clone()));
        told
    }

    /// What nobody knows of a statement in the states in which it has been said.
    fn open_questions(&self, id: AccessId, access: &Access) -> Vec<String> {
        let (states, met) = match &access.verb {
            Verb::Insert(insert) => (self.inserted_in(id), &insert.met),
            Verb::Update(update) => (self.stores[access.store.index()].formats_met(id), &update.met),
            Verb::Read(read) => {
                let left = self.columns_left(id, access, &|state| &read.decode[FormatId::new(state)]);
                return [left, self.opaque(id, access, &read.decode)].concat();
            }
            Verb::Rewrite(rewrite) => {
                let read = self.opaque(id, access, &rewrite.read.decode);
                return [read, self.unwritten(id, access, rewrite)].concat();
            }
            Verb::Create(_) => return Vec::new(),
        };
        let version = &self.model.system.version(access.version).name;
        let said = |met: &Met| {
            let all = met.undecided.iter().chain(&met.unjudged);
            all.map(|one| format!("{version}: {one}")).collect()
        };
        let mut told: Vec<String> =
            states.into_iter().flat_map(|state| -> Vec<String> { said(&met[state.index()]) }).collect();
        if let Verb::Update(_) = &access.verb {
            told.extend(self.columns_left(id, access, &|state| &met[state].decode));
        }
        told
    }

    /// Fields that a version has met of which it is not decided whether they are the same to it inside, or whether it
    /// takes them at all.
    fn opaque(&self, id: AccessId, access: &Access, decode: &Decoding) -> Vec<String> {
        self.asked_of(id, access, |kind, entity| taken(decode, kind, entity))
    }

    /// Fields that a version has met and writes back, of which it is not decided whether the format it writes takes
    /// them.
    fn unwritten(&self, id: AccessId, access: &Access, rewrite: &Rewrite) -> Vec<String> {
        self.asked_of(id, access, |kind, entity| written_back(rewrite, kind, entity))
    }

    /// What nobody knows of what a version makes of records of a kind, whether it has met them or not: a view that
    /// shows no harm says so.
    pub(crate) fn left_open(&self, store: StoreId, version: VersionId, kind: &Kind) -> Vec<String> {
        let entity = &self.model.system.store(store).entity;
        let own = self.model.system.accesses.iter().filter(|own| (own.store, own.version) == (store, version));
        let asked = own.flat_map(|access| match &access.verb {
            Verb::Read(read) => {
                [taken(&read.decode, kind, entity), left(&read.decode[kind.format], kind, entity)].concat()
            }
            Verb::Rewrite(rewrite) => {
                [taken(&rewrite.read.decode, kind, entity), written_back(rewrite, kind, entity)].concat()
            }
            Verb::Update(update) => {
                let met = &update.met[kind.format.index()];
                let said = met.undecided.iter().chain(&met.unjudged).cloned();
                said.chain(left(&met.decode, kind, entity)).collect()
            }
            Verb::Create(_) | Verb::Insert(_) => vec![],
        });
        asked.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What nobody knows of what is there now: of what versions that serve make of what is stored, and of each other.
    pub(crate) fn left_open_now(&self) -> Vec<String> {
        let mut told = BTreeSet::new();
        for (records, store) in self.stores.iter().zip((0..).map(StoreId::new)) {
            for (kind, _) in records.tallies().filter(|(_, tally)| tally.count > 0) {
                for version in &self.serving {
                    let name = &self.model.system.version(*version).name;
                    let open = self.left_open(store, *version, kind).into_iter();
                    told.extend(open.map(|question| format!("{name}: {question}")));
                }
            }
        }
        told.extend(self.meeting_open().flat_map(|id| unheard(&self.model.system, id)));
        told.into_iter().collect()
    }

    /// What is asked of the kinds that an access has met, each question once.
    fn asked_of(&self, id: AccessId, access: &Access, ask: impl Fn(&Kind, &Entity) -> Vec<String>) -> Vec<String> {
        let entity = &self.model.system.store(access.store).entity;
        let version = &self.model.system.version(access.version).name;
        let met = self.stores[access.store.index()].kinds_met(id);
        let told: BTreeSet<String> = met.flat_map(|kind| ask(kind, entity)).collect();
        told.into_iter().map(|question| format!("{version}: {question}")).collect()
    }

    /// Remembers which exchanges that the schemas leave open may take place from now on.
    pub(crate) fn note_open_exchanges(&mut self) {
        let meeting: Vec<_> = self.meeting_open().collect();
        self.heard_open.extend(meeting);
    }

    /// The exchanges that the schemas leave open and that may take place now.
    fn meeting_open(&self) -> impl Iterator<Item = ExchangeId> {
        let (system, serving) = (&self.model.system, &self.serving);
        let serves = |speaker| match speaker {
            Speaker::Version(version) => serving.contains(&version),
            Speaker::Source(_) => true,
        };
        self.model.open_exchanges().iter().copied().filter(move |id| {
            let exchange = system.exchange(*id);
            serving.contains(&exchange.callee) && serves(system.dialect(exchange.dialect).speaker)
        })
    }

    /// Columns that a version reads and that were left behind in some rows: beside those that they go with, or where
    /// nobody says whether they go with others.
    fn columns_left<'a>(&self, id: AccessId, access: &Access, decode: &dyn Fn(usize) -> &'a Table) -> Vec<String> {
        self.asked_of(id, access, |kind, entity| left(decode(kind.format.index()), kind, entity))
    }

    fn inserted_in(&self, id: AccessId) -> BTreeSet<FormatId> {
        self.inserted.iter().filter(|(own, _)| *own == id).map(|(_, state)| *state).collect()
    }
}

/// What nobody knows of what is made of the messages of an exchange in one direction.
pub(crate) fn unheard_in(system: &System, exchange: &Exchange, direction: Direction) -> Vec<String> {
    let contract = system.contract(system.dialect(exchange.dialect).contract);
    let asked = exchange.reading(direction).zip(contract.messages(direction));
    asked.map_or(vec![], |(reading, entity)| questions(&reading.table, entity, reading.table.known, "takes"))
}

/// Fields of messages of which a version that serves, or a caller, does not know whether it takes them.
fn unheard(system: &System, id: ExchangeId) -> Vec<String> {
    let exchange = system.exchange(id);
    let dialect = system.dialect(exchange.dialect);
    let caller = match dialect.speaker {
        Speaker::Version(version) => &system.version(version).name,
        Speaker::Source(source) => &system.source(source).name,
    };
    let callee = &system.version(exchange.callee).name;
    let asked = |direction| {
        let (reader, what) = match direction {
            Direction::Request => (callee, format!("requests of {caller}")),
            Direction::Response => (caller, format!("answers of {callee}")),
        };
        let open = unheard_in(system, exchange, direction).into_iter();
        open.map(|question| format!("{reader}: in {what}, {question}")).collect::<Vec<_>>()
    };
    [Direction::Request, Direction::Response].into_iter().flat_map(asked).collect()
}

impl Model {
    /// What any pair of versions would leave open if they met, whatever they make of it: no run decides it.
    #[must_use]
    pub fn open_questions(&self) -> Vec<String> {
        let system = &self.system;
        let mut told: BTreeSet<String> = self.open_exchanges().iter().flat_map(|id| unheard(system, *id)).collect();
        for access in &system.accesses {
            let store = system.store(access.store);
            let Some(read) = access.reader().filter(|_| !store.is_table()) else { continue };
            let writers = system.accesses.iter().filter(|own| own.store == access.store);
            let initial = store.initial.iter().map(|records| records.format);
            let written: BTreeSet<FormatId> = writers.filter_map(Access::written).chain(initial).collect();
            let version = &system.version(access.version).name;
            for format in written {
                let wholes = store.entity.format(format).slots() & read.decode[format].known;
                let open = questions(&read.decode[format], &store.entity, wholes, "takes").into_iter();
                told.extend(open.map(|question| format!("{version}: {question}")));
            }
        }
        told.extend(open_columns(system));
        told.into_iter().collect()
    }
}

/// What nobody knows of fields of a record that a version reads: what is inside a field is asked with that.
fn taken(decode: &Decoding, kind: &Kind, entity: &Entity) -> Vec<String> {
    let wholes = entity.format(kind.format).slots() & decode[kind.format].known & kind.present;
    questions(&decode.table(kind), entity, wholes, "takes")
}

/// What nobody knows of fields of a record that a version writes back.
fn written_back(rewrite: &Rewrite, kind: &Kind, entity: &Entity) -> Vec<String> {
    let encode = rewrite.encode[rewrite.target[kind.format.index()].index()].as_ref();
    let kept = kind.present - rewrite.touch.sets;
    encode.map_or(vec![], |table| questions(table, entity, kept & table.known, "can write"))
}

/// What nobody knows of columns that were left behind in a row, and that code reads by a table.
pub(super) fn left(table: &Table, kind: &Kind, entity: &Entity) -> Vec<String> {
    let slots = [(kind.stale - kind.blank) & table.torn, kind.stale & table.adrift];
    let [torn, adrift] = slots.map(|slots| entity.slot_names(slots).into_iter());
    let torn = torn.map(|name| format!("whether it goes by {name} where only what that goes with was set"));
    torn.chain(adrift.map(nobody_says)).collect()
}

/// What the schemas leave open about some fields.
fn questions(table: &Table, entity: &Entity, slots: Mask, takes: &str) -> Vec<String> {
    let met = table.findings.iter().filter(|finding| finding.slot.is_some_and(|slot| slots.contains(slot)));
    met.filter_map(|finding| question(finding, entity, takes)).collect()
}

/// What a finding about a field leaves open, if it does.
fn question(finding: &Finding, entity: &Entity, takes: &str) -> Option<String> {
    let (slot, family) = (finding.slot?, entity.formats.first()?.family);
    let (field, detail) = (entity.slot_name(slot), &finding.detail);
    let is_unstated = finding.effect == Effect::ErrHard && !entity.stated.contains(slot);
    match finding.why {
        Why::Opaque => Some(format!("whether {field} is to it what was written ({detail})")),
        why if why.no_run_tells() => Some(format!("whether it {takes} all texts of {field} ({detail})")),
        why if is_unstated && why.asks_for_a_value(family) => {
            Some(format!("whether it {takes} all values of {field}, of which none is stated ({why}: {detail})"))
        }
        _ => None,
    }
}
