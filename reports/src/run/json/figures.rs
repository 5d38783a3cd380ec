//! Latencies and rates of `gameday.run/1`.

use crate::figure::Seconds;
use model::time::Span;
use serde::Serialize;
use sim::{EdgeTiming, RateTable, ServiceRates, ServiceTiming, SourceTiming, Timing, Timings, VersionRates};

#[derive(Serialize)]
pub(super) struct Latencies<'a> {
    sources: Vec<Source<'a>>,
    services: Vec<Service<'a>>,
    versions: Vec<Version<'a>>,
    edges: Vec<Edge<'a>>,
}

#[derive(Serialize)]
struct Source<'a> {
    endpoint: &'a str,
    failed: u64,
    count: u64,
    p50_us: Option<u64>,
    p90_us: Option<u64>,
    p99_us: Option<u64>,
    p999_us: Option<u64>,
    max_us: Option<u64>,
}

#[derive(Serialize)]
struct Service<'a> {
    service: &'a str,
    #[serde(flatten)]
    times: Times,
}

#[derive(Serialize)]
struct Version<'a> {
    service: &'a str,
    version: &'a str,
    #[serde(flatten)]
    times: Times,
}

#[derive(Serialize)]
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    #[serde(flatten)]
    times: Times,
}

#[derive(Serialize)]
struct Times {
    count: u64,
    p50_us: u64,
    p90_us: u64,
    p99_us: u64,
    p999_us: u64,
    max_us: u64,
}

#[derive(Serialize)]
pub(super) struct Rates<'a> {
    interval_s: Seconds,
    services: Vec<ServiceCounts<'a>>,
}

#[derive(Serialize)]
struct ServiceCounts<'a> {
    service: &'a str,
    asked: &'a [u64],
    failed: &'a [u64],
    answered: Vec<VersionCounts<'a>>,
}

#[derive(Serialize)]
struct VersionCounts<'a> {
    version: &'a str,
    answered: &'a [u64],
}

impl<'a> Latencies<'a> {
    pub(super) fn of(timings: &'a Timings) -> Self {
        let service = |own: &'a ServiceTiming| Service { service: &own.service, times: Times::of(own.times) };
        Latencies {
            sources: timings.sources.iter().map(Source::of).collect(),
            services: timings.services.iter().map(service).collect(),
            versions: timings.services.iter().flat_map(Version::all_of).collect(),
            edges: timings.edges.iter().map(Edge::of).collect(),
        }
    }
}

impl<'a> Source<'a> {
    fn of(source: &'a SourceTiming) -> Self {
        let times = source.times.map(Times::of);
        let time = |of: fn(&Times) -> u64| times.as_ref().map(of);
        Source {
            endpoint: &source.endpoint,
            failed: source.failed,
            count: times.as_ref().map_or(0, |times| times.count),
            p50_us: time(|times| times.p50_us),
            p90_us: time(|times| times.p90_us),
            p99_us: time(|times| times.p99_us),
            p999_us: time(|times| times.p999_us),
            max_us: time(|times| times.max_us),
        }
    }
}

impl<'a> Version<'a> {
    fn all_of(service: &'a ServiceTiming) -> impl Iterator<Item = Self> {
        let version = |own: &'a Timing| (own.who.as_str(), Times::of(own.times));
        let versions = service.versions.iter().map(version);
        versions.map(|(version, times)| Version { service: &service.service, version, times })
    }
}

impl<'a> Edge<'a> {
    fn of(edge: &'a EdgeTiming) -> Self {
        Edge { from: &edge.from, to: &edge.to, times: Times::of(edge.times) }
    }
}

impl Times {
    fn of(times: sim::Times) -> Self {
        let sim::Times { count, p50, p90, p99, p999, max } = times;
        let [p50_us, p90_us, p99_us, p999_us, max_us] = [p50, p90, p99, p999, max].map(micros);
        Times { count, p50_us, p90_us, p99_us, p999_us, max_us }
    }
}

/// What was measured is whole microseconds.
const fn micros(span: Span) -> u64 {
    span.nanos() / 1000
}

impl<'a> Rates<'a> {
    pub(super) fn of(rates: &'a RateTable) -> Self {
        let services = rates.services.iter().map(ServiceCounts::of).collect();
        Rates { interval_s: rates.interval.into(), services }
    }
}

impl<'a> ServiceCounts<'a> {
    fn of(rates: &'a ServiceRates) -> Self {
        let ServiceRates { service, asked, failed, answered } = rates;
        let version = |own: &'a VersionRates| VersionCounts { version: &own.version, answered: &own.answered };
        ServiceCounts { service, asked, failed, answered: answered.iter().map(version).collect() }
    }
}
