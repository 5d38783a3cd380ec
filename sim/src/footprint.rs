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
use crate::plant::backups::Snapshots;
use crate::plant::caches::Entries;
use crate::plant::fleet::Replica;
use crate::plant::requests::guards::{GUARD_BYTES, is_guarded};
use crate::plant::stores::Records;
use crate::plant::strays::Queue;
use crate::plant::workers::Waiting;
use crate::plant::workers::sharing::Sharing;
use crate::world::World;
use model::cache::Cache;
use model::id::{BackupId, CacheId, ServiceId, SourceId, StoreId, TopicId, VersionId};
use model::system::Service;
use model::traffic::Keys;
use model::{Scenario, System};

/// What an event takes beside itself: its time and its turn.
const RANK_BYTES: u64 = 16;

/// Something that takes memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The records of a store.
    Records(StoreId),
    /// The snapshots of a backup, as if they shared nothing.
    Snapshots(BackupId),
    /// The replicas of a service.
    Replicas(ServiceId),
    /// The entries of a cache: there is a place for each key.
    Cache(CacheId),
    /// How popular the keys of a source are.
    Keys(SourceId),
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
            Part::Snapshots(backup) => format!("snapshots of {}", system.backup(backup).name),
            Part::Replicas(service) => format!("replicas of {}", system.service(service).name),
            Part::Messages(topic) => format!("messages of {}", system.topic(topic).name),
            Part::Cache(cache) => format!("entries of {}", system.cache(cache).name),
            Part::Keys(source) => format!("keys of {}", system.source(source).name),
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
    let stores = (0..system.stores.len()).map(StoreId::new);
    let records = stores.map(|store| records_at_start(system, store) * Records::RECORD_BYTES);
    let standby = |service: &Service| service.standby.map_or(0, |standby| standby.replicas);
    let counts = system.services.iter().map(|service| u64::from(service.rollout.replicas() + standby(service)));
    let replicas = counts.zip(guards(system)).map(|(count, (_, guards))| replicas(count) + count * guards);
    let parts = by_store(records).chain(by_service(replicas)).chain(keyed(system));
    let parts = parts.chain([(Part::Measurements, measurements(system))]);
    most_first(parts, system)
}

/// Records of a store at the start, those included that are the contents of a warm cache.
fn records_at_start(system: &System, store: StoreId) -> u64 {
    let batches = system.store(store).initial.iter().map(|batch| u64::from(batch.count));
    let warm = |cache: &&Cache| cache.content.is_some_and(|own| own.store == store && own.warmed.is_some());
    let entries = system.caches.iter().filter(warm).map(|cache| u64::from(cache.initial()));
    batches.chain(entries).sum()
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

/// What goes with the number of keys, and does not change in a run.
fn keyed(system: &System) -> impl Iterator<Item = (Part, u64)> {
    let caches = system.caches.iter().map(Entries::bytes);
    let tables = system.sources.iter().map(|source| source.keys.as_ref().map_or(0, Keys::bytes));
    let caches = caches.zip(0..).map(|(bytes, index)| (Part::Cache(CacheId::new(index)), bytes));
    caches.chain(tables.zip(0..).map(|(bytes, index)| (Part::Keys(SourceId::new(index)), bytes)))
}

/// By service: what the guards of a replica take, when it has asked at every call site.
pub(crate) fn guards(system: &System) -> impl Iterator<Item = (ServiceId, u64)> {
    let sites = |version: &VersionId| {
        let calls = system.version(*version).programs.iter().flat_map(|program| &program.calls);
        calls.filter(|call| is_guarded(call)).count() as u64
    };
    let most = system.services.iter().map(move |service| service.versions.iter().map(sites).max().unwrap_or(0));
    most.zip(0..).map(|(sites, index)| (ServiceId::new(index), sites * GUARD_BYTES))
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
        let snapshots: u64 = self.snapshots().map(|(_, bytes)| bytes).sum();
        let messages: u64 = self.messages().map(|(_, bytes)| bytes).sum();
        let others: u64 = self.passing().iter().map(|(_, bytes)| bytes).sum();
        let keyed: u64 = keyed(&self.model.system).map(|(_, bytes)| bytes).sum();
        let guards: u64 = self.model.guards().iter().map(|(service, bytes)| self.members(*service) * bytes).sum();
        records + snapshots + messages + replicas(self.fleet.replicas.len() as u64) + guards + keyed + others
    }

    /// What takes most.
    pub(crate) fn largest(&self) -> Need {
        let records = self.stores.iter().map(Records::bytes);
        let replicas = guards(&self.model.system).map(|(service, guards)| {
            let count = self.members(service);
            replicas(count) + count * guards
        });
        let parts = by_store(records).chain(self.snapshots()).chain(self.messages()).chain(by_service(replicas));
        let parts = parts.chain(keyed(&self.model.system)).chain(self.passing());
        most_first(parts, &self.model.system).swap_remove(0)
    }

    fn members(&self, service: ServiceId) -> u64 {
        (self.fleet.pool(service).members.len() + self.standby(service).count()) as u64
    }

    fn snapshots(&self) -> impl Iterator<Item = (Part, u64)> + '_ {
        let backups = (0..).map(|index| Part::Snapshots(BackupId::new(index)));
        backups.zip(self.backups.iter().map(Snapshots::bytes))
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
        let waiting = self.frames.len() as u64 * Sharing::ENTRY_BYTES.max(size_of::<Waiting>() as u64);
        let strays = self.strays.iter().map(|strays| (strays.open.len() * Queue::EACH) as u64).sum::<u64>();
        let event = size_of::<Event>() as u64 + RANK_BYTES;
        [
            (Part::Requests, self.frames.bytes() + self.origins.bytes() + waiting),
            (Part::Tasks, self.tasks.bytes() + strays),
            (Part::Events, self.queue.len() as u64 * event),
            (Part::Measurements, measurements(&self.model.system)),
        ]
    }
}
