//! The figures of a run as tables by name: how long what took, and how much was asked and when.

use crate::observers::latency::{Latencies, Latency};
use crate::observers::measures::Answers;
use crate::world::World;
use model::id::{EdgeId, EndpointId, ServiceId, VersionId};
use model::time::Span;

/// How long what took, by name. What took no time because nobody asked is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// By endpoint asked from outside, as customers see it.
    pub sources: Vec<SourceTiming>,
    /// By service, as it sees itself: what it took, from being asked to the end.
    pub services: Vec<ServiceTiming>,
    /// By caller and callee, as callers see it: one attempt each, until they stopped waiting.
    pub edges: Vec<EdgeTiming>,
}

/// How long something took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Its name.
    pub who: String,
    /// The times.
    pub times: Times,
}

/// How long customers waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceTiming {
    /// The endpoint they asked.
    pub endpoint: String,
    /// Requests without a result.
    pub failed: u64,
    /// The times to an answer with a result; none when there was no such answer.
    pub times: Option<Times>,
}

/// How long a service took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTiming {
    /// Its name.
    pub service: String,
    /// The times.
    pub times: Times,
    /// The times of each version that served, by its label.
    pub versions: Vec<Timing>,
}

/// How long calls from one endpoint to another took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeTiming {
    /// Who called.
    pub from: String,
    /// Who was called.
    pub to: String,
    /// The times.
    pub times: Times,
}

/// Many times, in a few: each at most 1/128 above what it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// How many.
    pub count: u64,
    /// Half of them took no longer.
    pub p50: Span,
    /// 90 % of them took no longer.
    pub p90: Span,
    /// 99 % of them took no longer.
    pub p99: Span,
    /// 99.9 % of them took no longer.
    pub p999: Span,
    /// The longest.
    pub max: Span,
}

/// How many requests there were, interval by interval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateTable {
    /// The length of an interval; the last one may be shorter.
    pub interval: Span,
    /// By service that was asked.
    pub services: Vec<ServiceRates>,
}

/// How many requests a service got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRates {
    /// Its name.
    pub service: String,
    /// Sent to it, every attempt of every caller.
    pub asked: Vec<u64>,
    /// Come to an end without a result.
    pub failed: Vec<u64>,
    /// Answered with a result, by version that did.
    pub answered: Vec<VersionRates>,
}

/// How many requests a version answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRates {
    /// Its label.
    pub version: String,
    /// Answered with a result.
    pub answered: Vec<u64>,
}

impl Times {
    fn of(latency: &Latency) -> Option<Self> {
        let quantile = |share| latency.quantile(share);
        Some(Times {
            count: latency.count(),
            p50: quantile(0.5)?,
            p90: quantile(0.9)?,
            p99: quantile(0.99)?,
            p999: quantile(0.999)?,
            max: latency.max()?,
        })
    }
}

fn timing(who: impl ToString, latency: &Latency) -> Option<Timing> {
    Times::of(latency).map(|times| Timing { who: who.to_string(), times })
}

impl World {
    /// How long what has taken so far, by name.
    pub(crate) fn timings(&self) -> Timings {
        let (system, latencies) = (&self.model.system, self.latencies());
        let services = (0..system.services.len()).map(ServiceId::new);
        let endpoints = (0..system.endpoints.len()).map(EndpointId::new);
        let edges = (0..system.edges.len()).map(EdgeId::new);
        Timings {
            sources: endpoints.filter_map(|id| self.source_timing(id, latencies.outside(id))).collect(),
            services: services.filter_map(|id| self.service_timing(id, &latencies)).collect(),
            edges: edges.filter_map(|id| self.edge_timing(id, latencies.edge(id))).collect(),
        }
    }

    fn source_timing(&self, id: EndpointId, latency: &Latency) -> Option<SourceTiming> {
        let Answers { count, failed, .. } = self.answers()[id.index()];
        let endpoint = self.model.system.endpoint(id).name.to_string();
        (count > 0).then(|| SourceTiming { endpoint, failed, times: Times::of(latency) })
    }

    fn service_timing(&self, id: ServiceId, latencies: &Latencies) -> Option<ServiceTiming> {
        let system = &self.model.system;
        let service = system.service(id);
        let times = Times::of(&latencies.service(system, id))?;
        let label = |version: VersionId| &system.version(version).label;
        let versions = service.versions.iter().filter_map(|own| timing(label(*own), latencies.version(*own)));
        Some(ServiceTiming { service: service.name.to_string(), times, versions: versions.collect() })
    }

    fn edge_timing(&self, id: EdgeId, latency: &Latency) -> Option<EdgeTiming> {
        let system = &self.model.system;
        let name = |endpoint| system.endpoint(endpoint).name.to_string();
        let edge = system.edge(id);
        let times = Times::of(latency)?;
        Some(EdgeTiming { from: name(edge.from), to: name(edge.to), times })
    }

    /// How many requests there have been, by name.
    pub(crate) fn rate_table(&self) -> RateTable {
        let services = (0..self.model.system.services.len()).map(|index| self.service_rates(ServiceId::new(index)));
        let asked = services.filter(|own| own.asked.iter().any(|count| *count > 0));
        RateTable { interval: self.rates.interval(), services: asked.collect() }
    }

    fn service_rates(&self, id: ServiceId) -> ServiceRates {
        let service = self.model.system.service(id);
        let answered = service.versions.iter().map(|version| VersionRates {
            version: self.model.system.version(*version).label.clone(),
            answered: self.rates.answered(*version),
        });
        ServiceRates {
            service: service.name.to_string(),
            asked: self.rates.asked(id),
            failed: self.rates.failed(id),
            answered: answered.filter(|own| own.answered.iter().any(|count| *count > 0)).collect(),
        }
    }
}
