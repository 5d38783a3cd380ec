//! What went on inside, a line each: nothing of what a system does not have.

use crate::paint::Paint;
use crate::paragraph::hanging;
use model::count::grouped;
use sim::{CacheUse, CrashCount, Deliveries, GroupUse, JobRuns, Lookups, Runs, Scaling, TopicUse, Workings};

/// The lines, at most 80 columns wide; nothing when there are none.
pub(super) fn lines(workings: &Workings, paint: Paint) -> Option<String> {
    let Workings { crashes, caches, background, autoscaled, topics } = workings;
    let crashes = crashes.iter().map(crash);
    let lines: Vec<_> = crashes
        .chain(caches.iter().map(cache))
        .chain(background.iter().map(job))
        .chain(autoscaled.iter().map(scaling))
        .chain(topics.iter().flat_map(|used| std::iter::once(topic(used)).chain(used.groups.iter().map(group))))
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
    let Lookups { hits, misses, undecodable, stale, wrong } = used.lookups;
    let some = |count: u64, what: &str| if count > 0 { format!(", {} {what}", grouped(count)) } else { String::new() };
    let odd = [(undecodable, "of them undecodable"), (stale, "stale answers"), (wrong, "wrong answers")];
    let odd = odd.map(|(count, what)| some(count, what)).concat();
    format!("cache {}: {} hits, {} misses{odd}", used.cache, grouped(hits), grouped(misses))
}

fn job(job: &JobRuns) -> String {
    let Runs { failed, skipped, replaced, .. } = job.runs;
    let stopped = if replaced > 0 { format!(" ({} for the next one)", grouped(replaced)) } else { String::new() };
    let [started, failed, skipped] = [job.runs.started(), failed, skipped].map(grouped);
    format!("background {}: {started} runs started, {failed} failed{stopped}, {skipped} skipped", job.job)
}

fn topic(used: &TopicUse) -> String {
    let [published, kept] = [used.published, used.kept].map(grouped);
    format!("topic {}: {published} messages published, {kept} kept", used.topic)
}

fn group(used: &GroupUse) -> String {
    let Deliveries { consumed, skipped, dropped, replayed } = used.deliveries;
    let rare = [(skipped, "skipped"), (dropped, "dropped unread"), (replayed, "replayed")];
    let letters = [(used.dead_letters, "dead letters")];
    let told = rare.into_iter().chain(letters).filter(|(count, _)| *count > 0);
    let told: String = told.map(|(count, what)| format!(", {} {what}", grouped(count))).collect();
    let standing = match used.standing() {
        0 => String::new(),
        count => format!("; {count} of {} partitions stand", used.partitions.len()),
    };
    format!("consumer {}: {} consumed{told}, {} wait{standing}", used.group, grouped(consumed), grouped(used.lag()))
}

fn scaling(scaling: &Scaling) -> String {
    let Scaling { service, replicas, ready, highest } = scaling;
    let noun = if *replicas == 1 { "replica" } else { "replicas" };
    format!("autoscaled {service}: {ready} ready of {replicas} {noun} at the end, {highest} at most")
}
