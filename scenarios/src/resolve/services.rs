//! Services: how many, how fast, how they roll out, which versions there are.

use super::places::hosts;
use super::scaling::REPLICAS_MAX;
use super::workers::discipline;
use super::{Resolver, names};
use crate::raw::{RawArtifact, RawBalancer, RawLocality, RawService, RawVersion};
use crate::syntax::{Spanned, Text};
use model::capacity::{Limits, Standby};
use model::id::{EndpointId, FlagId, ServiceId, VersionId};
use model::law::Law;
use model::name::Name;
use model::place::Locality;
use model::program::FlagSet;
use model::ratio::Ratio;
use model::system::{Artifact, Balancer, Endpoint, Service, Version};
use model::time::Span;

impl Resolver<'_> {
    /// Fills the tables of services, endpoints and versions; programs come later, when everything
    /// they can name is there.
    pub(super) fn declare_services(&mut self) {
        let raw = self.raw;
        for (name, service) in raw.services.iter() {
            let id = ServiceId::new(self.system.services.len());
            let endpoints = self.declare_endpoints(id, name, service);
            let versions = self.declare_versions(id, name, service);
            self.resolve_wrong_fixes(service, &versions);
            let service = self.service(name, service, endpoints, versions);
            self.system.services.push(service);
        }
    }

    fn declare_endpoints(&mut self, id: ServiceId, service: &Text, raw: &RawService) -> Vec<EndpointId> {
        let first = self.system.endpoints.len();
        for (place, name) in raw.endpoints.names().enumerate() {
            let name = Name::new(format!("{}.{name}", service.value));
            self.system.endpoints.push(Endpoint { name, service: id, place });
        }
        (first..self.system.endpoints.len()).map(EndpointId::new).collect()
    }

    fn declare_versions(&mut self, id: ServiceId, service: &Text, raw: &RawService) -> Vec<VersionId> {
        let first = self.system.versions.len();
        for label in names::labels(raw) {
            let version = raw.versions.get(&label);
            let pull = version.and_then(|version| version.pull.as_ref()).map_or(Law::NONE, |law| self.law(law));
            self.system.versions.push(Version {
                name: Name::new(format!("{} {label}", service.value)),
                label,
                service: id,
                about: version.and_then(|version| version.about.clone()),
                artifact: artifact(version),
                pull,
                knows: FlagSet::default(),
                programs: Vec::new(),
                start_defects: Vec::new(),
                wrong: None,
                needs: Vec::new(),
            });
        }
        (first..self.system.versions.len()).map(VersionId::new).collect()
    }

    fn service(
        &mut self,
        name: &Text,
        raw: &RawService,
        endpoints: Vec<EndpointId>,
        versions: Vec<VersionId>,
    ) -> Service {
        let tier = self.within(raw.tier.as_ref(), 2, 1..=5, "a tier");
        Service {
            name: Name::new(&name.value),
            tier: u8::try_from(tier).unwrap_or(5),
            external: raw.external.unwrap_or(false),
            initial: self.initial(name, raw, &versions),
            rollout: self.rollout(name, raw),
            standby: self.standby(raw, &versions),
            autoscale: self.autoscale(raw),
            gitops: raw.gitops.as_ref().map(|gitops| self.gitops(gitops)),
            concurrency: self.within(raw.concurrency.as_ref(), 8, 1..=1_000_000, "concurrency"),
            queue: raw.queue.unwrap_or(1000),
            limits: self.limits(raw, &versions),
            balancer: balancer(raw.balancer.as_ref().map(|own| own.value)),
            weights: self.weights(name, raw, &versions),
            locality: raw.locality.map(locality),
            discipline: discipline(raw),
            breakdowns: raw.breakdowns.as_ref().map(|breakdowns| self.breakdowns(breakdowns)),
            warmup: raw.warmup.as_ref().map(|warmup| self.warmup(warmup)),
            drops_expired: self.drops_expired(raw),
            startup: raw.startup.as_ref().map_or(Law::Constant(Span::from_secs(10)), |law| self.law(law)),
            drain: raw.drain.unwrap_or(Span::from_secs(30)),
            disruptions: raw.disruptions,
            hosts: self.hosts_of(raw),
            pipeline: raw.pipeline.iter().map(|stage| self.stage(stage)).collect(),
            endpoints,
            versions,
        }
    }

    /// What configs make of how much a replica takes on: every version of the service reads them.
    fn limits(&mut self, raw: &RawService, versions: &[VersionId]) -> Vec<(FlagId, Limits)> {
        let mut all = Vec::new();
        for limits in &raw.limits {
            let Some(config) = self.config_version(&limits.config) else { continue };
            if limits.concurrency.is_none() && limits.queue.is_none() {
                let help = "say `concurrency` or `queue` beside it";
                self.error_with(limits.config.span, "this changes nothing", help);
            }
            let concurrency = limits.concurrency.as_ref();
            let concurrency = concurrency.map(|own| self.within(Some(own), 8, 1..=1_000_000, "concurrency"));
            all.push((config, Limits { concurrency, queue: limits.queue }));
            for version in versions {
                let compiled = &mut self.system.versions[version.index()];
                compiled.knows = compiled.knows.with(config, true);
            }
        }
        all
    }

    /// What stands by; it must be there to run.
    fn standby(&mut self, raw: &RawService, versions: &[VersionId]) -> Option<Standby> {
        let own = raw.standby.as_ref()?;
        let labels = names::Table::new("version", names::labels(raw));
        let version = versions[labels.find(&own.version, self.out)?];
        if self.system.version(version).artifact == Artifact::Unbuilt {
            let help = "name another version";
            self.error_with(own.version.span, "this version is not built, so it cannot stand by", help);
        }
        if raw.external == Some(true) {
            let help = "leave `standby` out, or `external`";
            self.error_with(own.version.span, "nobody here can switch what somebody else runs", help);
        }
        let replicas = u32::try_from(hosts(raw)).unwrap_or(2);
        Some(Standby { version, replicas: self.within(own.replicas.as_ref(), replicas, 1..=REPLICAS_MAX, "a standby") })
    }

    /// A count with a default and bounds.
    pub(super) fn within(
        &mut self,
        given: Option<&Spanned<u32>>,
        default: u32,
        bounds: std::ops::RangeInclusive<u32>,
        what: &str,
    ) -> u32 {
        let Some(given) = given else { return default };
        if !bounds.contains(&given.value) {
            self.error(given.span, format!("{what} is from {} to {}", bounds.start(), bounds.end()));
        }
        given.value
    }

    /// The version that runs at the start; it must be there to run.
    fn initial(&mut self, name: &Text, raw: &RawService, versions: &[VersionId]) -> VersionId {
        let labels = names::Table::new("version", names::labels(raw));
        let Some(place) = raw.runs.as_ref().map_or(Some(0), |runs| labels.find(runs, self.out)) else {
            return versions[0]; // there is one, and nothing is said of it
        };
        let id = versions[place];
        if self.system.version(id).artifact == Artifact::Unbuilt {
            let span = raw.runs.as_ref().map_or(name.span, |runs| runs.span);
            self.error_with(span, "this version is not built, so it cannot run", "name another under `runs:`");
        }
        id
    }

    /// The shares of versions, which must add up to the whole.
    fn weights(&mut self, name: &Text, raw: &RawService, versions: &[VersionId]) -> Vec<(VersionId, Ratio)> {
        match (raw.balancer.as_ref().map(|own| own.value), raw.weights.iter().next()) {
            (Some(RawBalancer::Weighted), None) => {
                let help = "say which share each version gets: `weights: {1: 100 %}`";
                self.error_with(name.span, "a weighted balancer has weights", help);
            }
            (Some(RawBalancer::Weighted), Some(_)) => self.check_whole(name.span, "weights", &raw.weights),
            (_, Some((first, _))) => {
                let help = "add `balancer: weighted`, or leave the weights out";
                self.error_with(first.span, "weights are for a weighted balancer", help);
            }
            (_, None) => {}
        }
        let labels = names::Table::new("version", names::labels(raw));
        let shares = raw.weights.iter();
        shares.filter_map(|(label, share)| Some((versions[labels.find(label, self.out)?], share.value))).collect()
    }
}

fn balancer(raw: Option<RawBalancer>) -> Balancer {
    match raw {
        None | Some(RawBalancer::RoundRobin) => Balancer::RoundRobin,
        Some(RawBalancer::LeastLoaded) => Balancer::LeastLoaded,
        Some(RawBalancer::PowerOfTwo) => Balancer::PowerOfTwo,
        Some(RawBalancer::Sticky) => Balancer::Sticky,
        Some(RawBalancer::Weighted) => Balancer::Weighted,
    }
}

const fn locality(raw: RawLocality) -> Locality {
    match raw {
        RawLocality::Zone => Locality::Zone,
        RawLocality::Region => Locality::Region,
    }
}

fn artifact(version: Option<&RawVersion>) -> Artifact {
    match version.and_then(|version| version.artifact) {
        None | Some(RawArtifact::Retained) => Artifact::Retained,
        Some(RawArtifact::Unbuilt) => Artifact::Unbuilt,
        Some(RawArtifact::Gone) => Artifact::Gone,
    }
}
