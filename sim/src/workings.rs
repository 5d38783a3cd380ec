//! What went on inside, as tables by name: crashes, caches, background jobs, autoscalers.

use crate::plant::background::Runs;
use crate::plant::caches::Lookups;
use crate::world::World;
use model::id::{BackgroundId, CacheId, ServiceId};

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

impl World {
    /// What has gone on inside so far, by name.
    pub(crate) fn workings(&self) -> Workings {
        let system = &self.model.system;
        Workings {
            crashes: self.crash_counts(),
            caches: (0..system.caches.len()).map(|index| self.cache_use(CacheId::new(index))).collect(),
            background: (0..system.background.len()).map(|index| self.job_runs(BackgroundId::new(index))).collect(),
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

    fn scaling(&self, id: ServiceId) -> Option<Scaling> {
        let spec = self.model.system.service(id);
        spec.autoscale?;
        let replicas = self.control.desired(id).replicas;
        let ready = self.fleet.pool(id).ready.len();
        let highest = self.chronicle.most_wanted(id).max(spec.rollout.replicas);
        Some(Scaling { service: spec.name.to_string(), replicas, ready, highest })
    }
}
