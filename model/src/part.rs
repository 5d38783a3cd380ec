//! A part of what runs: what can be cut off from the rest.

use crate::id::{HostId, ServiceId, VersionId, mix};
use crate::place::Area;
use crate::system::System;

/// A part of what runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Whatever runs at a place.
    Area(Area),
    /// Replicas of a service.
    Of(ServiceId, Portion),
}

/// Replicas of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Portion {
    /// All of them.
    All,
    /// Those of a version.
    Version(VersionId),
    /// Those at a place.
    On(Area),
}

impl Part {
    /// Whether a replica of a version on a host is one of it.
    #[must_use]
    pub fn has(self, version: VersionId, host: HostId, system: &System) -> bool {
        let service = system.version(version).service;
        match self {
            Part::Area(area) => area.has(host, system),
            Part::Of(own, portion) if own == service => match portion {
                Portion::All => true,
                Portion::Version(own) => own == version,
                Portion::On(area) => area.has(host, system),
            },
            Part::Of(..) => false,
        }
    }

    /// Whether it may have replicas of a service.
    #[must_use]
    pub fn concerns(self, service: ServiceId, system: &System) -> bool {
        match self {
            Part::Area(area) => system.service(service).hosts.iter().any(|host| area.has(*host, system)),
            Part::Of(own, _) => own == service,
        }
    }
}

impl Portion {
    /// A number that depends on names alone.
    pub(crate) fn key(self, system: &System) -> u64 {
        match self {
            Portion::All => 0,
            Portion::Version(version) => mix(system.version(version).name.hash()),
            Portion::On(area) => mix(area.name(system).hash()),
        }
    }
}
