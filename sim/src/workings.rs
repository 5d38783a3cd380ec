//! What went on inside, as tables by name: crashes, caches, background jobs, autoscalers, topics.

use crate::plant::background::Runs;
use crate::plant::caches::Lookups;
use crate::plant::topics::Deliveries;
use crate::world::World;
use model::id::{BackgroundId, CacheId, GroupId, ServiceId, TopicId};

/// What went on inside. A list is empty where a system has nothing of the kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workings {
    /// By version whose processes died.
    pub crashes: Vec<CrashCount>,
    /// By cache.
    pub caches: Vec<CacheUse>,
    /// By background job.
    pub background: Vec<JobRuns>,
    /// By service with an autoscaler.
    pub autoscaled: Vec<Scaling>,
    /// By topic.
    pub topics: Vec<TopicUse>,
}

/// How often processes of a version died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrashCount {
    /// The service.
    pub service: String,
    /// The label of its version.
    pub version: String,
    /// Processes that died.
    pub count: u64,
}

/// How a cache was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheUse {
    /// Its name.
    pub cache: String,
    /// How often something was looked for, and there.
    pub lookups: Lookups,
}

/// The runs of a background job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRuns {
    /// Its name.
    pub job: String,
    /// How many there were.
    pub runs: Runs,
}

/// What an autoscaler came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// The service.
    pub service: String,
    /// Replicas it wants at the end.
    pub replicas: u32,
    /// Of those, replicas that serve; old versions count.
    pub ready: usize,
    /// The most it ever wanted.
    pub highest: u32,
}

/// How a topic was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicUse {
    /// Its name.
    pub topic: String,
    /// Messages published.
    pub published: u64,
    /// Of those, messages that are still there.
    pub kept: u64,
    /// By consumer group.
    pub groups: Vec<GroupUse>,
}

/// How far a consumer group has come. Messages published, and those replayed, are those consumed, skipped, dropped,
/// in the dead letters and in the lags together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupUse {
    /// Its name.
    pub group: String,
    /// What became of messages.
    pub deliveries: Deliveries,
    /// Messages put aside at the end.
    pub dead_letters: u64,
    /// By partition.
    pub partitions: Vec<PartitionLag>,
}

/// What waits in a partition for a consumer group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionLag {
    /// Messages, the one at work included.
    pub lag: u64,
    /// Whether it stands on a message that fails.
    pub stands: bool,
}

impl GroupUse {
    /// Messages that wait in all partitions.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.partitions.iter().map(|partition| partition.lag).sum()
    }

    /// Partitions that stand on a message that fails.
    #[must_use]
    pub fn standing(&self) -> usize {
        self.partitions.iter().filter(|partition| partition.stands).count()
    }
}

impl World {
    /// What has gone on inside so far, by name.
    pub(crate) fn workings(&self) -> Workings {
        let system = &self.model.system;
        Workings {
            crashes: self.crash_counts(),
            caches: (0..system.caches.len()).map(|index| self.cache_use(CacheId::new(index))).collect(),
            background: (0..system.background.len()).map(|index| self.job_runs(BackgroundId::new(index))).collect(),
            topics: (0..system.topics.len()).map(|index| self.topic_use(TopicId::new(index))).collect(),
            autoscaled: (0..system.services.len()).filter_map(|index| self.scaling(ServiceId::new(index))).collect(),
        }
    }

    fn crash_counts(&self) -> Vec<CrashCount> {
        let system = &self.model.system;
        let counted = system.versions.iter().zip(&self.telemetry.crashes).filter(|(_, count)| **count > 0);
        let named = counted.map(|(version, count)| CrashCount {
            service: system.service(version.service).name.to_string(),
            version: version.label.clone(),
            count: *count,
        });
        named.collect()
    }

    fn cache_use(&self, id: CacheId) -> CacheUse {
        CacheUse { cache: self.model.system.cache(id).name.to_string(), lookups: self.lookups(id) }
    }

    fn job_runs(&self, id: BackgroundId) -> JobRuns {
        JobRuns { job: self.model.system.background_job(id).name.to_string(), runs: self.runs(id) }
    }

    fn topic_use(&self, id: TopicId) -> TopicUse {
        let log = &self.logs[id.index()];
        TopicUse {
            topic: self.model.system.topic(id).name.to_string(),
            published: log.published,
            kept: log.kept(),
            groups: self.model.system.readers_of(id).map(|group| self.group_use(group)).collect(),
        }
    }

    fn group_use(&self, id: GroupId) -> GroupUse {
        let spec = self.model.system.group(id);
        let (reader, log) = (&self.readers[id.index()], &self.logs[spec.topic.index()]);
        let lanes = reader.partitions().zip(&log.partitions);
        GroupUse {
            group: spec.name.to_string(),
            deliveries: reader.tally,
            dead_letters: reader.dead_letters(),
            partitions: lanes.map(|(lane, own)| PartitionLag { lag: lane.lag(own), stands: lane.stands() }).collect(),
        }
    }

    fn scaling(&self, id: ServiceId) -> Option<Scaling> {
        let spec = self.model.system.service(id);
        spec.autoscale.as_ref()?;
        let replicas = self.control.desired(id).replicas;
        let ready = self.fleet.pool(id).ready.len();
        let highest = self.chronicle.most_wanted(id).max(spec.rollout.replicas());
        Some(Scaling { service: spec.name.to_string(), replicas, ready, highest })
    }
}
