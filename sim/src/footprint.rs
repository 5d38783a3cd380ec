//! How much memory a world takes, counted from what is in it.
//!
//! An estimate that is the same in every run: so many requests, events, records and tables, times the size of one. It
//! leaves out what does not grow (the compiled scenario, names) and the slack of an allocator, so a process takes more,
//! up to about twice as much.
//!
//! [`at_start`] tells the same of a scenario before there is a world, with what it will measure: histograms and curves
//! count as if all of them were in use.

use crate::event::Event;
use crate::kernel::slab::Slab;
use crate::observers::latency::Recorders;
use crate::observers::rates::Rates;
use crate::plant::effects::Stray;
use crate::plant::fleet::Replica;
use crate::plant::stores::Records;
use crate::plant::workers::Waiting;
use crate::world::World;
use model::id::{ServiceId, StoreId, TopicId};
use model::{Scenario, System};

/// What an event takes beside itself: its time and its turn.
const RANK_BYTES: u64 = 16;

/// Something that takes memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The records of a store.
    Records(StoreId),
    /// The replicas of a service.
    Replicas(ServiceId),
    /// Requests in flight.
    Requests,
    /// The messages of a topic.
    Messages(TopicId),
    /// Pieces of deferred work, and effects that can be taken back.
    Tasks,
    /// Events to come.
    Events,
    /// Latencies and rates.
    Measurements,
}

/// How much memory a part takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What takes it.
    pub part: Part,
    /// What it is called: `records of ledger`.
    pub what: String,
    /// How much, in bytes.
    pub bytes: u64,
}

impl Need {
    fn of((part, bytes): (Part, u64), system: &System) -> Self {
        let what = match part {
            Part::Records(store) => format!("records of {}", system.store(store).name),
            Part::Replicas(service) => format!("replicas of {}", system.service(service).name),
            Part::Messages(topic) => format!("messages of {}", system.topic(topic).name),
            Part::Requests => "requests in flight".to_owned(),
            Part::Tasks => "pieces of deferred work".to_owned(),
            Part::Events => "events to come".to_owned(),
            Part::Measurements => "latencies and rates".to_owned(),
        };
        Need { part, what, bytes }
    }
}

/// What the world of a scenario takes at its start, most first.
#[must_use]
pub fn at_start(scenario: &Scenario) -> Vec<Need> {
    let system = &scenario.system;
    let count = |store: &model::system::Store| store.initial.iter().map(|batch| u64::from(batch.count)).sum::<u64>();
    let records = system.stores.iter().map(|store| count(store) * Records::RECORD_BYTES);
    let replicas = system.services.iter().map(|service| replicas(u64::from(service.rollout.replicas)));
    let parts = by_store(records).chain(by_service(replicas)).chain([(Part::Measurements, measurements(system))]);
    most_first(parts, system)
}

fn by_store(bytes: impl Iterator<Item = u64>) -> impl Iterator<Item = (Part, u64)> {
    bytes.zip(0..).map(|(bytes, index)| (Part::Records(StoreId::new(index)), bytes))
}

fn by_service(bytes: impl Iterator<Item = u64>) -> impl Iterator<Item = (Part, u64)> {
    bytes.zip(0..).map(|(bytes, index)| (Part::Replicas(ServiceId::new(index)), bytes))
}

fn most_first(parts: impl Iterator<Item = (Part, u64)>, system: &System) -> Vec<Need> {
    let mut needs: Vec<Need> = parts.map(|part| Need::of(part, system)).collect();
    needs.sort_by_key(|need| std::cmp::Reverse(need.bytes));
    needs
}

/// So many replicas.
const fn replicas(count: u64) -> u64 {
    count * Slab::<Replica>::SLOT_BYTES
}

/// Every histogram and curve of a system.
const fn measurements(system: &System) -> u64 {
    let histograms = system.versions.len() + system.edges.len() + system.endpoints.len();
    histograms as u64 * Recorders::BYTES_EACH + Rates::bytes_at_most(system)
}

impl World {
    /// How much memory the world takes, in bytes: an estimate that grows with what is in it, and is the same in every
    /// run. The process takes more, up to about twice as much.
    #[must_use]
    pub fn footprint(&self) -> u64 {
        let records: u64 = self.stores.iter().map(Records::bytes).sum();
        let messages: u64 = self.messages().map(|(_, bytes)| bytes).sum();
        let others: u64 = self.passing().iter().map(|(_, bytes)| bytes).sum();
        records + messages + replicas(self.fleet.replicas.len() as u64) + others
    }

    /// What takes most.
    pub(crate) fn largest(&self) -> Need {
        let records = self.stores.iter().map(Records::bytes);
        let replicas = self.fleet.pools.iter().map(|pool| replicas(pool.members.len() as u64));
        let parts = by_store(records).chain(self.messages()).chain(by_service(replicas)).chain(self.passing());
        most_first(parts, &self.model.system).swap_remove(0)
    }

    /// Messages, and what their readers remember of them.
    fn messages(&self) -> impl Iterator<Item = (Part, u64)> + '_ {
        let groups = self.model.system.groups.iter().zip(&self.readers);
        let read = move |topic| groups.clone().filter(move |(group, _)| group.topic == topic);
        let logs = self.logs.iter().zip((0..).map(TopicId::new));
        logs.map(move |(log, topic)| {
            let readers: u64 = read(topic).map(|(_, reader)| reader.bytes()).sum();
            (Part::Messages(topic), log.bytes() + readers)
        })
    }

    /// What comes and goes, and what is measured of it.
    fn passing(&self) -> [(Part, u64); 4] {
        let waiting = self.frames.len() as u64 * size_of::<Waiting>() as u64;
        let strays = self.strays.iter().map(|strays| (strays.len() * size_of::<Stray>()) as u64).sum::<u64>();
        let event = size_of::<Event>() as u64 + RANK_BYTES;
        [
            (Part::Requests, self.frames.bytes() + self.origins.bytes() + waiting),
            (Part::Tasks, self.tasks.bytes() + strays),
            (Part::Events, self.queue.len() as u64 * event),
            (Part::Measurements, measurements(&self.model.system)),
        ]
    }
}
