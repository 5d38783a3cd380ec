//! What went on inside, a line each: nothing of what a system does not have.

use crate::figure::grouped;
use crate::paint::Paint;
use crate::paragraph::hanging;
use sim::{CacheUse, CrashCount, JobRuns, Lookups, Runs, Scaling, Workings};

/// The lines, at most 80 columns wide; nothing when there are none.
pub(super) fn lines(workings: &Workings, paint: Paint) -> Option<String> {
    let Workings { crashes, caches, background, autoscaled } = workings;
    let crashes = crashes.iter().map(crash);
    let lines: Vec<_> = crashes
        .chain(caches.iter().map(cache))
        .chain(background.iter().map(job))
        .chain(autoscaled.iter().map(scaling))
        .map(|line| hanging("  ", &line))
        .collect();
    (!lines.is_empty()).then(|| format!("{}\n{}", paint.strong("Inside"), lines.concat()))
}

fn crash(crashes: &CrashCount) -> String {
    let CrashCount { service, version, count } = crashes;
    format!("{service} {version}: {} crashed", processes(*count))
}

fn processes(count: u64) -> String {
    if count == 1 { "1 process".to_owned() } else { format!("{} processes", grouped(count)) }
}

fn cache(used: &CacheUse) -> String {
    let Lookups { hits, misses } = used.lookups;
    format!("cache {}: {} hits, {} misses", used.cache, grouped(hits), grouped(misses))
}

fn job(job: &JobRuns) -> String {
    let Runs { failed, skipped, .. } = job.runs;
    let [started, failed, skipped] = [job.runs.started(), failed, skipped].map(grouped);
    format!("background {}: {started} runs started, {failed} failed, {skipped} skipped", job.job)
}

fn scaling(scaling: &Scaling) -> String {
    let Scaling { service, replicas, ready, highest } = scaling;
    format!("autoscaled {service}: {ready} ready of {replicas} replicas at the end, {highest} at most")
}
