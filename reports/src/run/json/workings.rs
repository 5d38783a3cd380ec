//! Crashes, caches, background jobs, autoscalers and topics of `gameday.run/1`.

use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Workings<'a> {
    crashes: Vec<CrashCount<'a>>,
    caches: Vec<CacheUse<'a>>,
    background: Vec<JobRuns<'a>>,
    autoscaled: Vec<Scaling<'a>>,
    topics: Vec<TopicUse<'a>>,
}

#[derive(Serialize)]
struct CrashCount<'a> {
    service: &'a str,
    version: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct CacheUse<'a> {
    cache: &'a str,
    hits: u64,
    misses: u64,
    undecodable: u64,
    stale: u64,
    wrong: u64,
}

#[derive(Serialize)]
struct JobRuns<'a> {
    job: &'a str,
    started: u64,
    failed: u64,
    replaced: u64,
    skipped: u64,
}

#[derive(Serialize)]
struct Scaling<'a> {
    service: &'a str,
    replicas: u32,
    ready: usize,
    highest: u32,
}

#[derive(Serialize)]
struct TopicUse<'a> {
    topic: &'a str,
    published: u64,
    kept: u64,
    groups: Vec<GroupUse<'a>>,
}

#[derive(Serialize)]
struct GroupUse<'a> {
    group: &'a str,
    consumed: u64,
    skipped: u64,
    dropped: u64,
    replayed: u64,
    dead_letters: u64,
    lag: u64,
    partitions: Vec<PartitionLag>,
}

#[derive(Serialize)]
struct PartitionLag {
    lag: u64,
    stands: bool,
}

impl<'a> Workings<'a> {
    pub(super) fn of(workings: &'a sim::Workings) -> Self {
        let sim::Workings { crashes, caches, background, autoscaled, topics } = workings;
        Workings {
            crashes: crashes.iter().map(CrashCount::of).collect(),
            caches: caches.iter().map(CacheUse::of).collect(),
            background: background.iter().map(JobRuns::of).collect(),
            autoscaled: autoscaled.iter().map(Scaling::of).collect(),
            topics: topics.iter().map(TopicUse::of).collect(),
        }
    }
}

impl<'a> CrashCount<'a> {
    fn of(crashes: &'a sim::CrashCount) -> Self {
        CrashCount { service: &crashes.service, version: &crashes.version, count: crashes.count }
    }
}

impl<'a> CacheUse<'a> {
    fn of(used: &'a sim::CacheUse) -> Self {
        let sim::Lookups { hits, misses, undecodable, stale, wrong } = used.lookups;
        CacheUse { cache: &used.cache, hits, misses, undecodable, stale, wrong }
    }
}

impl<'a> JobRuns<'a> {
    fn of(runs: &'a sim::JobRuns) -> Self {
        let sim::Runs { skipped, failed, replaced, .. } = runs.runs;
        JobRuns { job: &runs.job, started: runs.runs.started(), failed, replaced, skipped }
    }
}

impl<'a> TopicUse<'a> {
    fn of(used: &'a sim::TopicUse) -> Self {
        let sim::TopicUse { topic, published, kept, groups } = used;
        TopicUse { topic, published: *published, kept: *kept, groups: groups.iter().map(GroupUse::of).collect() }
    }
}

impl<'a> GroupUse<'a> {
    fn of(used: &'a sim::GroupUse) -> Self {
        let sim::Deliveries { consumed, skipped, dropped, replayed } = used.deliveries;
        GroupUse {
            group: &used.group,
            consumed,
            skipped,
            dropped,
            replayed,
            dead_letters: used.dead_letters,
            lag: used.lag(),
            partitions: used.partitions.iter().map(PartitionLag::of).collect(),
        }
    }
}

impl PartitionLag {
    const fn of(partition: &sim::PartitionLag) -> Self {
        PartitionLag { lag: partition.lag, stands: partition.stands }
    }
}

impl<'a> Scaling<'a> {
    fn of(scaling: &'a sim::Scaling) -> Self {
        let sim::Scaling { service, replicas, ready, highest } = scaling;
        Scaling { service, replicas: *replicas, ready: *ready, highest: *highest }
    }
}
