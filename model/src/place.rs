//! Places, and how long messages take between them.
//!
//! A region has zones, a zone has hosts. The network knows one law per pair of zones: the time of a message one
//! way. A system that states no network has one without laws, where messages take no time at all.

use crate::id::{HostId, RegionId, ZoneId};
use crate::law::Law;
use crate::name::Name;
use crate::system::System;

/// A zone of a region.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its name.
    pub name: Name,
    /// Where it is.
    pub region: RegionId,
}

/// A host in a zone.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its name.
    pub name: Name,
    /// Where it is.
    pub zone: ZoneId,
}

/// A part of the world: all that is in a region, in a zone, or on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// In a region.
    Region(RegionId),
    /// In a zone.
    Zone(ZoneId),
    /// On a host.
    Host(HostId),
}

impl Area {
    /// Whether a host is there.
    #[must_use]
    pub fn has(self, host: HostId, system: &System) -> bool {
        match self {
            Area::Region(_) | Area::Zone(_) => self.has_zone(system.host(host).zone, system),
            Area::Host(own) => own == host,
        }
    }

    /// Whether all of a zone is there.
    #[must_use]
    pub fn has_zone(self, zone: ZoneId, system: &System) -> bool {
        match self {
            Area::Region(region) => system.zone(zone).region == region,
            Area::Zone(own) => own == zone,
            Area::Host(_) => false,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self, system: &System) -> &Name {
        match self {
            Area::Region(region) => &system.regions[region.index()],
            Area::Zone(zone) => &system.zone(zone).name,
            Area::Host(host) => &system.host(host).name,
        }
    }
}

/// How near a replica a balancer prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locality {
    /// In the caller's zone.
    Zone,
    /// In the caller's region.
    Region,
}

/// How long a message takes from one zone to another, one way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// By the zone it comes from, then by the zone it goes to; empty when nothing takes time.
    laws: Vec<Law>,
    /// How many zones there are.
    zones: usize,
    /// Whether messages may be held up or lost on their way.
    is_troubled: bool,
}

impl Network {
    /// The network of `zones` zones with the law of each pair, from first to last. It is instant when every law
    /// is [`Law::NONE`].
    #[must_use]
    pub fn new(zones: usize, law: impl Fn(ZoneId, ZoneId) -> Law) -> Self {
        let ids = || (0..zones).map(ZoneId::new);
        let laws: Vec<_> = ids().flat_map(|from| ids().map(move |to| (from, to))).map(|(a, b)| law(a, b)).collect();
        if laws.iter().all(|law| *law == Law::NONE) {
            return Network::default();
        }
        Network { laws, zones, is_troubled: false }
    }

    /// The same where messages may be held up or lost on their way.
    #[must_use]
    pub fn troubled(self) -> Self {
        Network { is_troubled: true, ..self }
    }

    /// Whether messages may be held up or lost on their way.
    #[must_use]
    pub const fn is_troubled(&self) -> bool {
        self.is_troubled
    }

    /// Whether messages take no time, wherever they go, and none is lost.
    #[must_use]
    pub const fn is_instant(&self) -> bool {
        self.laws.is_empty() && !self.is_troubled
    }

    /// How long a message takes.
    ///
    /// # Panics
    /// When messages take time and a zone is not one of it.
    #[must_use]
    pub fn latency(&self, from: ZoneId, to: ZoneId) -> Law {
        if self.laws.is_empty() { Law::NONE } else { self.laws[from.index() * self.zones + to.index()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn a_network_of_no_laws_is_instant() {
        let network = Network::new(3, |_, _| Law::NONE);
        assert!(network.is_instant());
        assert_eq!(network.latency(ZoneId::new(2), ZoneId::ZERO), Law::NONE);
    }

    #[test]
    fn each_pair_of_zones_has_its_law() {
        let law = |from: ZoneId, to: ZoneId| Law::Constant(Span::from_millis((10 * from.index() + to.index()) as u64));
        let network = Network::new(3, law);
        assert!(!network.is_instant());
        for (from, to) in [(0, 0), (0, 2), (2, 1)].map(|(a, b)| (ZoneId::new(a), ZoneId::new(b))) {
            assert_eq!(network.latency(from, to), law(from, to));
        }
    }
}
