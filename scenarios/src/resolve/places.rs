//! Places: regions, zones and hosts, who is where, and the network between them.

use super::{Resolver, scaling};
use crate::raw::{RawLaw, RawNetwork, RawScenario, RawService};
use crate::syntax::{SourceSpan, Text};
use model::id::{HostId, RegionId, ZoneId};
use model::law::Law;
use model::name::Name;
use model::place::{Host, Network, Zone};

/// Where a scenario is that does not say.
const HOME: (&str, &str) = ("home", "a");
/// A network keeps a law for each pair of zones.
const ZONES_MAX: usize = 100;
/// No service is spread over more hosts.
const HOSTS_MAX: usize = 1000;

/// The regions of a scenario, as many as may have zones.
pub(super) fn region_names(raw: &RawScenario) -> Vec<String> {
    let names: Vec<_> = raw.regions.names().take(ZONES_MAX).map(str::to_owned).collect();
    if names.is_empty() { vec![HOME.0.to_owned()] } else { names }
}

/// The zones of a scenario, by region: `eu-a`; as many as there may be.
pub(super) fn zone_names(raw: &RawScenario) -> Vec<String> {
    let declared = raw.regions.iter().flat_map(|(region, zones)| zones.0.iter().map(move |zone| (region, zone)));
    let names = declared.take(ZONES_MAX).map(|(region, zone)| zone_name(&region.value, &zone.value));
    let names: Vec<_> = names.collect();
    if names.is_empty() { vec![zone_name(HOME.0, HOME.1)] } else { names }
}

fn zone_name(region: &str, zone: &str) -> String {
    format!("{region}-{zone}")
}

/// The laws of a network by how far apart two zones are.
struct Distances {
    same_zone: Law,
    between_zones: Law,
    between_regions: Law,
    links: Vec<([RegionId; 2], Law)>,
}

impl Distances {
    fn law(&self, from: (ZoneId, RegionId), to: (ZoneId, RegionId)) -> Law {
        if from.0 == to.0 {
            return self.same_zone;
        }
        if from.1 == to.1 {
            return self.between_zones;
        }
        let ends = |pair: &[RegionId; 2]| *pair == [from.1, to.1] || *pair == [to.1, from.1];
        self.links.iter().find(|(pair, _)| ends(pair)).map_or(self.between_regions, |(_, law)| *law)
    }
}

impl Resolver<'_> {
    /// The places of a scenario, and the network between them.
    pub(super) fn places(&mut self) {
        self.system.regions = region_names(self.raw).into_iter().map(Name::new).collect();
        self.declare_zones();
        self.declare_hosts();
        self.system.network = self.network();
    }

    fn declare_zones(&mut self) {
        let raw = self.raw;
        let zones = raw.regions.iter().flat_map(|(_, zones)| &zones.0);
        self.at_most("regions", raw.regions.iter().map(|(region, _)| region.span), ZONES_MAX);
        self.at_most("zones", zones.map(|zone| zone.span), ZONES_MAX);
        for (index, (region, own)) in raw.regions.iter().take(ZONES_MAX).enumerate() {
            own.0.iter().for_each(|zone| self.declare_zone(RegionId::new(index), &region.value, zone));
        }
        if self.system.zones.is_empty() {
            let name = Name::new(zone_name(HOME.0, HOME.1));
            self.system.zones.push(Zone { name, region: RegionId::ZERO });
        }
    }

    /// One zone more, unless there are too many already.
    fn declare_zone(&mut self, region: RegionId, region_name: &str, zone: &Text) {
        let zones = &mut self.system.zones;
        if zones.len() == ZONES_MAX {
            return;
        }
        let name = Name::new(zone_name(region_name, &zone.value));
        let known = zones.iter().any(|other| other.name == name);
        zones.push(Zone { name: name.clone(), region });
        if known {
            self.error(zone.span, format!("there is a zone {name} already"));
        }
    }

    /// As many hosts in each zone as the service with the most replicas there needs.
    fn declare_hosts(&mut self) {
        let raw = self.raw;
        let needs: Vec<_> = raw.services.iter().map(|(_, service)| self.hosts_in_each_zone(service)).collect();
        let each = needs.into_iter().max().unwrap_or(1);
        let names = self.system.zones.iter().enumerate().map(|(index, zone)| (ZoneId::new(index), zone.name.clone()));
        let hosts = names.flat_map(|(zone, name)| (1..=each).map(move |number| (zone, name.clone(), number)));
        let prefix = |name: &Name| if raw.regions.is_empty() { String::new() } else { format!("{name}-") };
        self.system.hosts = hosts
            .map(|(zone, name, number)| Host { name: Name::new(format!("{}host-{number}", prefix(&name))), zone })
            .collect();
    }

    fn hosts_in_each_zone(&mut self, service: &RawService) -> usize {
        hosts(service).div_ceil(self.zones_of(service).len())
    }

    /// As many hosts as it has replicas, in its zones in turn, so that the size of one service does not move
    /// another's replicas.
    pub(super) fn hosts_of(&mut self, service: &RawService) -> Vec<HostId> {
        let zones = self.zones_of(service);
        let each = self.system.hosts.len() / self.system.zones.len();
        let place = |index: usize| zones[index % zones.len()].index() * each + index / zones.len();
        (0..hosts(service)).map(|index| HostId::new(place(index))).collect()
    }

    /// The zones of a service; all of them when it does not say.
    fn zones_of(&mut self, service: &RawService) -> Vec<ZoneId> {
        if let (Some(region), false) = (service.regions.0.first(), service.zones.0.is_empty()) {
            let help = "name the regions whose zones are all meant, or the zones one by one";
            self.error_with(region.span, "`zones` and `regions` cannot stand together in a service", help);
        }
        let mut zones = Vec::new();
        self.once_each(&service.zones.0);
        self.once_each(&service.regions.0);
        for zone in &service.zones.0 {
            zones.extend(self.names.zones.find(zone, self.out).map(ZoneId::new));
        }
        for region in &service.regions.0 {
            let region = self.names.regions.find(region, self.out).map(RegionId::new);
            zones.extend(region.into_iter().flat_map(|region| self.zones_in(region)));
        }
        self.or_everywhere(zones)
    }

    /// Where a source's requests come from: regions or zones, by name; everywhere when it does not say.
    pub(super) fn origin_zones(&mut self, from: &[Text]) -> Vec<ZoneId> {
        let mut zones = Vec::new();
        self.once_each(from);
        for place in from {
            match self.names.regions.position(&place.value) {
                Some(region) => zones.extend(self.zones_in(RegionId::new(region))),
                None => zones.extend(self.names.zones.find(place, self.out).map(ZoneId::new)),
            }
        }
        self.or_everywhere(zones)
    }

    fn zones_in(&self, region: RegionId) -> Vec<ZoneId> {
        let zones = self.system.zones.iter().enumerate();
        zones.filter(|(_, zone)| zone.region == region).map(|(index, _)| ZoneId::new(index)).collect()
    }

    /// These zones, each once and as far as they exist; all there are when none is left.
    fn or_everywhere(&self, mut zones: Vec<ZoneId>) -> Vec<ZoneId> {
        let count = self.system.zones.len();
        let mut seen = vec![false; count];
        zones.retain(|zone| zone.index() < count && !std::mem::replace(&mut seen[zone.index()], true));
        if zones.is_empty() { (0..count).map(ZoneId::new).collect() } else { zones }
    }

    fn network(&mut self) -> Network {
        let Some(raw) = &self.raw.network else { return Network::default() };
        let distances = self.distances(raw);
        let zones = &self.system.zones;
        let placed = |zone: ZoneId| (zone, zones[zone.index()].region);
        Network::new(zones.len(), |from, to| distances.law(placed(from), placed(to)))
    }

    fn distances(&mut self, raw: &RawNetwork) -> Distances {
        let mut links: Vec<([RegionId; 2], Law)> = Vec::new();
        for link in &raw.links {
            let Some([one, other]) = self.ends(&link.between.value, link.between.span) else { continue };
            if links.iter().any(|(ends, _)| *ends == [one, other] || *ends == [other, one]) {
                self.error(link.between.span, "there is a link between these regions already");
            }
            links.push(([one, other], self.law(&link.takes)));
        }
        Distances {
            same_zone: self.distance(raw.same_zone.as_ref()),
            between_zones: self.distance(raw.between_zones.as_ref()),
            between_regions: self.distance(raw.between_regions.as_ref()),
            links,
        }
    }

    fn distance(&mut self, law: Option<&RawLaw>) -> Law {
        law.map_or(Law::NONE, |law| self.law(law))
    }

    /// The two regions of a link.
    fn ends(&mut self, between: &[Text], span: SourceSpan) -> Option<[RegionId; 2]> {
        let [one, other] = between else {
            self.error_with(span, "a link is between two regions", "write `between: [eu, us]`");
            return None;
        };
        let [one, other] = [one, other].map(|name| self.names.regions.find(name, self.out).map(RegionId::new));
        let ends = [one?, other?];
        if ends[0] == ends[1] {
            let help = "within a region, `same_zone` and `between_zones` say how long a message takes";
            self.error_with(span, "a link is between two different regions", help);
        }
        Some(ends)
    }
}

/// How many hosts a service is spread over.
pub(super) fn hosts(service: &RawService) -> usize {
    (scaling::replicas(service) as usize).clamp(1, HOSTS_MAX)
}
