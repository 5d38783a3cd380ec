//! The compiled system: everything that stays the same during a run.

mod version;

use crate::access::{Access, Io};
use crate::audience::Audience;
use crate::background::Background;
use crate::backup::{Backup, BackupSet};
use crate::cache::Cache;
use crate::capacity::{Limits, Standby};
use crate::config::Config;
use crate::contract::{Contract, Dialect, Exchange};
use crate::controllers::autoscaler::AutoscalerSpec;
use crate::controllers::gitops::GitOpsSpec;
use crate::costs::Costs;
use crate::data::{Entity, Family, Mask, Slot};
use crate::fault::Fault;
use crate::flag::{Flag, Provider};
use crate::id::{
    AudienceId, BackgroundId, BackupId, CacheId, ClassId, ConfigId, ContractId, ConversionId, DefectId, DialectId,
    EdgeId, EffectId, EndpointId, ExchangeId, FaultId, FlagId, FormatId, GroupId, HostId, JobId, MigrationId,
    ProviderId, RegionId, RunbookId, SecretId, ServiceId, SourceId, StoreId, TopicId, VersionId, ZoneId,
};
use crate::law::{Law, Percentiles};
use crate::migration::{Migration, Way};
use crate::name::Name;
use crate::place::{Host, Locality, Network, Zone};
use crate::program::{ClassSet, FlagSet, Op, Program};
use crate::ratio::Ratio;
use crate::rollout::Rollout;
use crate::runbook::Runbook;
use crate::time::Span;
use crate::tool::Tool;
use crate::topic::{Group, Topic};
use crate::traffic::Source;
use crate::workers::{Breakdowns, Discipline, Warmup};
use std::collections::{BTreeMap, BTreeSet};

pub use version::{Artifact, Need, Stage, Version, WrongFix};

/// A compiled system. Tables are dense; ids index them.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// Regions.
    pub regions: Vec<Name>,
    /// Zones, each in a region.
    pub zones: Vec<Zone>,
    /// Hosts, each in a zone.
    pub hosts: Vec<Host>,
    /// How long messages take between zones.
    pub network: Network,
    /// The services that tools run on, of those that run on one.
    pub tools: BTreeMap<Tool, ServiceId>,
    /// Classes of requests.
    pub classes: Vec<Name>,
    /// Feature flags. Behind those a scenario names, one for each version of each config.
    pub flags: Vec<Flag>,
    /// What processes have in them to learn of flags.
    pub providers: Vec<Provider>,
    /// Configs.
    pub configs: Vec<Config>,
    /// Services, callers before the called where the graph allows.
    pub services: Vec<Service>,
    /// Versions of all services.
    pub versions: Vec<Version>,
    /// Endpoints of all services.
    pub endpoints: Vec<Endpoint>,
    /// Edges of the call graph: who calls whom in any version, each pair once.
    pub edges: Vec<Edge>,
    /// Stores of records. Behind those a scenario names, one for the messages of each topic, and
    /// one for the entries of each cache whose entries have a format.
    pub stores: Vec<Store>,
    /// Topics.
    pub topics: Vec<Topic>,
    /// Consumer groups of all topics.
    pub groups: Vec<Group>,
    /// Look-aside caches.
    pub caches: Vec<Cache>,
    /// What calls carry, by endpoint that has a contract.
    pub contracts: Vec<Contract>,
    /// How those who call such an endpoint speak.
    pub dialects: Vec<Dialect>,
    /// What each of them and each version that serves make of each other.
    pub exchanges: Vec<Exchange>,
    /// Every compiled way of touching a record.
    pub accesses: Vec<Access>,
    /// Conversions that can be run as a repair.
    pub conversions: Vec<Conversion>,
    /// Migrations of tables, those of a table in their order.
    pub migrations: Vec<Migration>,
    /// Backups of stores.
    pub backups: Vec<Backup>,
    /// Kinds of deferred work. Behind those a scenario names, the compensations of effects.
    pub jobs: Vec<Job>,
    /// Work that is run periodically.
    pub background: Vec<Background>,
    /// External effects.
    pub effects: Vec<Effect>,
    /// Defects of versions.
    pub defects: Vec<Defect>,
    /// Sources of traffic.
    pub sources: Vec<Source>,
    /// Laws that are stated by percentiles.
    pub percentiles: Vec<Percentiles>,
    /// What goes wrong by itself.
    pub faults: Vec<Fault>,
    /// What processes need to start, and somebody rotates.
    pub secrets: Vec<Name>,
    /// Who is kept informed.
    pub audiences: Vec<Audience>,
    /// What was written down in quiet times about how to do something.
    pub runbooks: Vec<Runbook>,
    /// What things cost, where that is stated.
    pub costs: Option<Costs>,
}

/// A service: replicas of one or, during a rollout, several versions behind one balancer.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: Name,
    /// Workload tier, 1 (revenue) to 5 (data pipelines).
    pub tier: u8,
    /// Whether somebody else runs it: nobody here can change its version.
    pub external: bool,
    /// Its endpoints.
    pub endpoints: Vec<EndpointId>,
    /// Its versions, oldest first.
    pub versions: Vec<VersionId>,
    /// The version that runs at the start.
    pub initial: VersionId,
    /// How its rollouts go, and how many replicas it has at the start.
    pub rollout: Rollout,
    /// What is kept running beside it for traffic to be switched to.
    pub standby: Option<Standby>,
    /// Who changes that number, if anybody does.
    pub autoscale: Option<AutoscalerSpec>,
    /// Who makes it what is written of it, if anybody does.
    pub gitops: Option<GitOpsSpec>,
    /// How many requests a replica works on at a time.
    pub concurrency: u32,
    /// How many more may wait for a worker; the next is rejected.
    pub queue: u32,
    /// What versions of configs make of both; a process goes by the last one that holds for it.
    pub limits: Vec<(FlagId, Limits)>,
    /// How its requests are spread over its replicas.
    pub balancer: Balancer,
    /// The shares a [`Balancer::Weighted`] gives to versions; a version that is not here gets none.
    pub weights: Vec<(VersionId, Ratio)>,
    /// Whether replicas near the caller are preferred.
    pub locality: Option<Locality>,
    /// How its requests share the workers of a replica.
    pub discipline: Discipline,
    /// How its replicas break down, if they do.
    pub breakdowns: Option<Breakdowns>,
    /// How slow a replica is at first, if it is.
    pub warmup: Option<Warmup>,
    /// Whether a request nobody waits for any more is dropped when its turn comes.
    pub drops_expired: bool,
    /// From the start of a process to its first request.
    pub startup: Law,
    /// How long a stopping replica may finish what it has begun.
    pub drain: Span,
    /// How many of its replicas an eviction may leave missing, where that is limited.
    pub disruptions: Option<u32>,
    /// Where its replicas run, in turn.
    pub hosts: Vec<HostId>,
    /// The stages a new build goes through before it can be deployed.
    pub pipeline: Vec<Stage>,
}

/// How requests are spread over the replicas that serve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Balancer {
    /// Each in turn.
    #[default]
    RoundRobin,
    /// The one with the fewest requests in flight; the one that has served longest, of equals.
    LeastLoaded,
    /// The less loaded of two drawn at random (Mitzenmacher 2001); the first drawn, of equals.
    PowerOfTwo,
    /// The same one for the same key, while it serves: rendezvous hashing (Thaler and Ravishankar 1998).
    Sticky,
    /// A version drawn by [`Service::weights`], and each of its replicas in turn.
    Weighted,
}

/// An endpoint of a service.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Service and endpoint: `payments.pay`.
    pub name: Name,
    /// Who serves it.
    pub service: ServiceId,
    /// Its place in [`Service::endpoints`].
    pub place: usize,
}

/// An edge of the call graph: what all calls from one endpoint to another have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Who calls.
    pub from: EndpointId,
    /// Who is called.
    pub to: EndpointId,
}

/// A store of records that outlive every version.
#[derive(Clone, Debug)]
pub struct Store {
    /// Its name.
    pub name: Name,
    /// The fields and formats of its records.
    pub entity: Entity,
    /// Records present at the start.
    pub initial: Vec<InitialRecords>,
}

impl Store {
    /// Whether it is a SQL table, whose records are all in the state of its schema.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.entity.formats.first().is_some_and(|format| format.family == Family::Sql)
    }
}

/// A batch of records that is there when the run starts.
#[derive(Clone, Debug)]
pub struct InitialRecords {
    /// Their format.
    pub format: FormatId,
    /// Who wrote them.
    pub writer: VersionId,
    /// How many.
    pub count: u32,
    /// Values worth telling apart, each with the share of records that have it.
    pub values: Vec<Valued>,
    /// Fields that may be left out, each with the share of records that do not have it.
    pub without: Vec<(Mask, Ratio)>,
}

impl InitialRecords {
    /// Whether they are all alike.
    #[must_use]
    pub fn is_uniform(&self) -> bool {
        self.values.is_empty() && self.without.is_empty()
    }

    /// The fields that one does not have, those with a hard value, and with null. `word` is a uniform word by share.
    pub fn drawn(&self, word: impl Fn(u64) -> u64) -> (Mask, Mask, Mask) {
        let hits = |at: u64, share: Ratio| share.admits(word(at));
        let without = (0..).zip(&self.without).filter(|(at, (_, share))| hits(2 * at, *share));
        let values = (0..).zip(&self.values).filter(|(at, value)| hits(2 * at + 1, value.share));
        let without = without.fold(Mask::EMPTY, |all, (_, (slots, _))| all | *slots);
        let none = (without, Mask::EMPTY, Mask::EMPTY);
        values.fold(none, |(all, hard, null), (_, it)| (all | it.lacks, hard | it.hard, null | it.blank))
    }
}

/// A value worth telling apart, and the share of records that have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Valued {
    /// The field, where not every format can hold the value.
    pub hard: Mask,
    /// The field, where it is null, and some reader takes that and no other value.
    pub blank: Mask,
    /// What is not there where the field has it: what is in a record that is null.
    pub lacks: Mask,
    /// The share of records.
    pub share: Ratio,
}

/// A repair that rewrites the records of a store from one format to another, with one version's code.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// Its name.
    pub name: Name,
    /// The store it works on.
    pub store: StoreId,
    /// Whose code reads the records; its artifact must be there.
    pub version: VersionId,
    /// What becomes of the fields.
    pub rule: crate::data::Conversion,
    /// The reader's tables, by the format a record is in.
    pub decode: crate::data::Decoding,
    /// Records per second.
    pub per_second: u32,
}

/// Work left for later, at least once: it is tried again until it succeeds.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name.
    pub name: Name,
    /// What is run.
    pub endpoint: EndpointId,
    /// From the moment it is left to its first attempt.
    pub after: Law,
    /// From a failed attempt to the next.
    pub retry: Span,
}

/// Something done outside the system.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Its name.
    pub name: Name,
    /// Whether the other side recognises a repetition that carries an idempotency key.
    pub idempotent: bool,
    /// How it is taken back, if it can be.
    pub compensation: Option<Compensation>,
}

/// How an effect is taken back: by deferred work, which is tried again until it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compensation {
    /// The work that takes it back.
    pub job: JobId,
    /// The share of effects that it does take back. The others stay, for good.
    pub success: Ratio,
    /// How many are begun in a second when somebody orders it.
    pub per_second: u32,
}

/// A mistake in a version: a cause, from which harm follows.
#[derive(Clone, Debug)]
pub struct Defect {
    /// Version and mistake: its draws go by it.
    pub name: Name,
    /// What is wrong, in a few words.
    pub about: String,
    /// The classes it strikes; all, when it strikes at the start of a process.
    pub classes: ClassSet,
    /// The flag that a process must see on for it to strike there.
    pub only_while: Option<FlagId>,
    /// The share of those requests, or of the starts, that it strikes.
    pub share: Ratio,
    /// Whether the process dies of it. Otherwise the request fails, and nothing else.
    pub crashes: bool,
}

macro_rules! tables {
    ($($(#[$doc:meta])* $get:ident($id:ty) -> $table:ident: $entry:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $get(&self, id: $id) -> &$entry {
            &self.$table[id.index()]
        }
    )*};
}

impl System {
    tables! {
        /// The service with this id.
        service(ServiceId) -> services: Service;
        /// The version with this id.
        version(VersionId) -> versions: Version;
        /// The endpoint with this id.
        endpoint(EndpointId) -> endpoints: Endpoint;
        /// The edge with this id.
        edge(EdgeId) -> edges: Edge;
        /// The store with this id.
        store(StoreId) -> stores: Store;
        /// The topic with this id.
        topic(TopicId) -> topics: Topic;
        /// The consumer group with this id.
        group(GroupId) -> groups: Group;
        /// The cache with this id.
        cache(CacheId) -> caches: Cache;
        /// The contract with this id.
        contract(ContractId) -> contracts: Contract;
        /// The dialect with this id.
        dialect(DialectId) -> dialects: Dialect;
        /// The exchange with this id.
        exchange(ExchangeId) -> exchanges: Exchange;
        /// The access with this id.
        access(crate::id::AccessId) -> accesses: Access;
        /// The conversion with this id.
        conversion(ConversionId) -> conversions: Conversion;
        /// The migration with this id.
        migration(MigrationId) -> migrations: Migration;
        /// The backup with this id.
        backup(BackupId) -> backups: Backup;
        /// The job with this id.
        job(JobId) -> jobs: Job;
        /// The background job with this id.
        background_job(BackgroundId) -> background: Background;
        /// The effect with this id.
        effect(EffectId) -> effects: Effect;
        /// The defect with this id.
        defect(DefectId) -> defects: Defect;
        /// The fault with this id.
        fault(FaultId) -> faults: Fault;
        /// The flag with this id.
        flag(FlagId) -> flags: Flag;
        /// The provider with this id.
        provider(ProviderId) -> providers: Provider;
        /// The config with this id.
        config(ConfigId) -> configs: Config;
        /// The zone with this id.
        zone(ZoneId) -> zones: Zone;
        /// The host with this id.
        host(HostId) -> hosts: Host;
        /// The source with this id.
        source(SourceId) -> sources: Source;
        /// The audience with this id.
        audience(AudienceId) -> audiences: Audience;
        /// The runbook with this id.
        runbook(RunbookId) -> runbooks: Runbook;
        /// The name of the secret with this id.
        secret(SecretId) -> secrets: Name;
        /// The name of the class with this id.
        class(ClassId) -> classes: Name;
    }

    /// What goes wrong by itself, in the order of declaration.
    pub fn fault_ids(&self) -> impl Iterator<Item = FaultId> + use<> {
        (0..self.faults.len()).map(FaultId::new)
    }

    /// The program `version` runs for `endpoint`.
    #[must_use]
    pub fn program(&self, version: VersionId, endpoint: EndpointId) -> &Program {
        &self.version(version).programs[self.endpoint(endpoint).place]
    }

    /// The mistakes a version carries, each once.
    #[must_use]
    pub fn defects_of(&self, version: VersionId) -> BTreeSet<DefectId> {
        let Version { programs, start_defects, .. } = self.version(version);
        let ops = programs.iter().flat_map(|program| &program.ops);
        let of_requests = ops.filter_map(|op| if let Op::Fail(defect) = op { Some(*defect) } else { None });
        of_requests.chain(start_defects.iter().copied()).collect()
    }

    /// Every format `version` may read or write while it sees `flags`, whatever is asked of it.
    #[must_use]
    pub fn io(&self, version: VersionId, flags: FlagSet) -> Io {
        let mut io = Io::default();
        for program in &self.version(version).programs {
            for access in program.accesses(flags) {
                self.access(access).add_to(&mut io);
            }
        }
        io
    }

    /// Whether somebody can set out to build a version: nobody means to build a fix that is none.
    #[must_use]
    pub fn is_meant(&self, version: VersionId) -> bool {
        !self.versions.iter().filter_map(|other| other.wrong).any(|wrong| wrong.version == version)
    }

    /// The services whose versions touch `store` in any way.
    #[must_use]
    pub fn users_of(&self, store: StoreId) -> BTreeSet<ServiceId> {
        let touching = self.accesses.iter().filter(|access| access.store == store);
        touching.map(|access| self.version(access.version).service).collect()
    }

    /// The migration of a table that takes it from that state up, or back down.
    #[must_use]
    pub fn migration_from(&self, store: StoreId, state: FormatId, way: Way) -> Option<MigrationId> {
        let found = self.migrations.iter().position(|one| one.store == store && one.start(way) == state);
        found.map(MigrationId::new)
    }

    /// Whether `service` touches a store that another service touches too.
    #[must_use]
    pub fn shares_data(&self, service: ServiceId) -> bool {
        (0..self.stores.len())
            .map(|index| self.users_of(StoreId::new(index)))
            .any(|users| users.contains(&service) && users.len() > 1)
    }

    /// Whether `service` is asked for what is missing from `cache`.
    #[must_use]
    pub fn stands_behind(&self, service: ServiceId, cache: CacheId) -> bool {
        let programs = self.versions.iter().flat_map(|version| &version.programs);
        let mut fetches = programs.flat_map(|program| program.fetches(cache));
        fetches.any(|call| self.endpoint(call.endpoint).service == service)
    }

    /// The services `service` calls in any of its versions.
    #[must_use]
    pub fn called_by(&self, service: ServiceId) -> BTreeSet<ServiceId> {
        let versions = self.service(service).versions.iter();
        versions
            .flat_map(|version| &self.version(*version).programs)
            .flat_map(|program| &program.calls)
            .map(|call| self.endpoint(call.endpoint).service)
            .collect()
    }

    /// The topic whose messages a store keeps, if it is one of a topic.
    #[must_use]
    pub fn topic_of(&self, store: StoreId) -> Option<TopicId> {
        self.topics.iter().position(|topic| topic.store == store).map(TopicId::new)
    }

    /// A backup of each store that has any: the first.
    #[must_use]
    pub fn backups_of_all(&self) -> BackupSet {
        let is_first = |(index, backup): &(usize, &Backup)| {
            self.backups[..*index].iter().all(|before| before.store != backup.store)
        };
        self.backups.iter().enumerate().filter(is_first).map(|(index, _)| BackupId::new(index)).collect()
    }

    /// The cache whose entries a store keeps, if it is one of a cache.
    #[must_use]
    pub fn cache_of(&self, store: StoreId) -> Option<CacheId> {
        let of_store = |cache: &Cache| cache.content.is_some_and(|content| content.store == store);
        self.caches.iter().position(of_store).map(CacheId::new)
    }

    /// The groups that read a topic.
    pub fn readers_of(&self, topic: TopicId) -> impl Iterator<Item = GroupId> + '_ {
        let groups = self.groups.iter().enumerate();
        groups.filter(move |(_, group)| group.topic == topic).map(|(index, _)| GroupId::new(index))
    }

    /// Who calls whom: for each service, the indices of the services it calls.
    #[must_use]
    pub fn call_graph(&self) -> Vec<Vec<usize>> {
        let ids = (0..self.services.len()).map(ServiceId::new);
        ids.map(|id| self.called_by(id).into_iter().map(ServiceId::index).collect()).collect()
    }

    /// Whether some traffic from a region enters at a service whose balancers go by place.
    #[must_use]
    pub fn enters_by_place(&self, region: RegionId) -> bool {
        let of_region = |source: &&Source| source.from.iter().any(|zone| self.zone(*zone).region == region);
        let mut sources = self.sources.iter().filter(of_region);
        sources.any(|source| self.service(self.endpoint(source.endpoint).service).locality.is_some())
    }

    /// The longest time for which those of a region keep the address of a name.
    #[must_use]
    pub fn longest_ttl(&self, region: RegionId) -> Span {
        let of_region = |source: &&Source| source.from.iter().any(|zone| self.zone(*zone).region == region);
        let named = self.sources.iter().filter(of_region).filter_map(|source| source.dns);
        named.map(|dns| dns.ttl).max().unwrap_or(Span::ZERO)
    }

    /// Whether nothing in the system can change how fast a service works.
    #[must_use]
    pub fn is_steady(&self, service: ServiceId) -> bool {
        let slowed = self.faults.iter().any(|fault| fault.kind.slows() == Some(service));
        !slowed && self.service(service).breakdowns.is_none()
    }

    /// The name of a slot of a store's records.
    #[must_use]
    pub fn slot_name(&self, store: StoreId, slot: Slot) -> &str {
        self.store(store).entity.slot_name(slot)
    }
}

/// The column of each service on a map with callers on the left: the length of the longest chain of
/// callers above it. Services that call each other in a circle end up as far right as they can get.
#[must_use]
pub fn columns(calls: &[Vec<usize>]) -> Vec<usize> {
    let mut columns = vec![0; calls.len()];
    for _ in 0..calls.len() {
        for (caller, callees) in calls.iter().enumerate() {
            for callee in callees {
                if columns[caller] + 1 > columns[*callee] && columns[caller] + 1 < calls.len() {
                    columns[*callee] = columns[caller] + 1;
                }
            }
        }
    }
    columns
}
