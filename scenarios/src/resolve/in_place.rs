//! Rollouts from host to host, and the places that people name.

use super::{Resolver, Table};
use crate::raw::{RawInPlace, RawService, RawUnreachable, RawWave};
use crate::syntax::{Diagnostic, Text};
use model::controllers::deployment::CountOrShare;
use model::controllers::in_place::{InPlaceSpec, Unreachable, Wave};
use model::id::{HostId, RegionId, ServiceId, ZoneId};
use model::place::Area;
use model::rollout::Rollout;
use model::time::Span;
use std::collections::BTreeSet;

impl Resolver<'_> {
    pub(super) fn in_place(&mut self, replicas: u32, service: &RawService, raw: &RawInPlace) -> InPlaceSpec {
        let hosts: BTreeSet<_> = self.hosts_of(service).into_iter().collect();
        let batch = raw.batch.as_ref().map_or(CountOrShare::Count(1), |given| self.fence(Some(given)));
        if let Some(given) = raw.batch.as_ref().filter(|given| batch.is_zero() && !self.out.is_unread(given.span)) {
            self.error_with(given.span, "with none at a time nothing is ever replaced", "write 1, or more");
        }
        let mut left = hosts.clone();
        let mut waves: Vec<_> = raw.waves.iter().map(|wave| self.wave(wave, &hosts, &mut left)).collect();
        if !waves.is_empty() && !left.is_empty() {
            waves.push(Wave { on: left.into_iter().map(Area::Host).collect(), bake: Span::ZERO });
        }
        let unreachable = match raw.unreachable {
            None | Some(RawUnreachable::Skip) => Unreachable::Skip,
            Some(RawUnreachable::Wait) => Unreachable::Wait,
        };
        InPlaceSpec { replicas, batch, min_ready: raw.min_ready.unwrap_or(Span::ZERO), waves, unreachable }
    }

    /// A wave; those that are `left` are in none before it.
    fn wave(&mut self, raw: &RawWave, hosts: &BTreeSet<HostId>, left: &mut BTreeSet<HostId>) -> Wave {
        let mut on = Vec::new();
        for name in &raw.on.0 {
            let Some(area) = self.area(name) else { continue };
            let mut own = hosts.iter().filter(|host| area.has(**host, &self.system)).peekable();
            if own.peek().is_none() {
                self.nobody_there(name, hosts);
            } else if own.all(|host| !left.contains(host)) {
                let help = "leave it out, or take it out of the wave before";
                self.error_with(name.span, "all replicas there are in an earlier wave", help);
            }
            left.retain(|host| !area.has(*host, &self.system));
            on.push(area);
        }
        Wave { on, bake: raw.bake.unwrap_or(Span::ZERO) }
    }

    fn nobody_there(&mut self, name: &Text, hosts: &BTreeSet<HostId>) {
        let near = hosts.iter().next().map(|host| self.system.host(*host).name.clone());
        let help = near.map(|near| format!("the first one is on {near}"));
        let finding = Diagnostic::error(name.span, "no replica of the service is there").maybe_help(help);
        self.out.push(finding);
    }

    /// A region, a zone or a host, by its name.
    pub(super) fn area(&mut self, name: &Text) -> Option<Area> {
        let all = self.areas();
        let names = Table::new("place", all.iter().map(|(own, _)| own.as_str()));
        names.find(name, self.out).map(|at| all[at].1)
    }

    /// A region, a zone or a host, where a service could be meant as well.
    pub(super) fn area_or_service(&mut self, name: &Text) -> Option<Area> {
        let all = self.areas();
        let places = all.iter().map(|(own, _)| own.as_str());
        let names = self.names.services.names().chain(places).collect::<Vec<_>>();
        let at = Table::new("service or place", names).find(name, self.out)?;
        at.checked_sub(self.names.services.len()).map(|at| all[at].1)
    }

    /// All regions, zones and hosts by name.
    pub(super) fn areas(&self) -> Vec<(String, Area)> {
        let system = &self.system;
        let regions = system.regions.iter().zip(0..).map(|(own, at)| (own, Area::Region(RegionId::new(at))));
        let zones = system.zones.iter().zip(0..).map(|(own, at)| (&own.name, Area::Zone(ZoneId::new(at))));
        let hosts = system.hosts.iter().zip(0..).map(|(own, at)| (&own.name, Area::Host(HostId::new(at))));
        regions.chain(zones).chain(hosts).map(|(own, area)| (own.to_string(), area)).collect()
    }

    /// A place where a service has replicas.
    pub(super) fn area_of(&mut self, service: ServiceId, name: &Text) -> Option<Area> {
        let area = self.area(name)?;
        let spec = self.system.services.get(service.index())?;
        let hosts: BTreeSet<_> = spec.hosts.iter().copied().collect();
        let is_there = hosts.iter().any(|host| area.has(*host, &self.system));
        if !is_there {
            self.nobody_there(name, &hosts);
        }
        is_there.then_some(area)
    }

    /// A part of a service that is to run something else. Says so when its controller knows no parts.
    pub(super) fn part(&mut self, service: ServiceId, name: &Text) -> Option<Area> {
        let area = self.area_of(service, name)?;
        let spec = self.system.services.get(service.index())?;
        if !matches!(spec.rollout, Rollout::InPlace(_)) {
            let message = format!("the controller of {} knows no places, so this is refused", spec.name);
            let help = "leave `on` out, or say `in_place: {}` in the service";
            self.out.push(Diagnostic::warning(name.span, message).help(help));
        }
        Some(area)
    }

    /// Hosts that nobody can reach. What is rolled out otherwise takes no notice.
    pub(super) fn unreached(&mut self, name: &Text) -> Option<Area> {
        let area = self.area(name)?;
        let in_place = self.system.services.iter().filter(|service| matches!(service.rollout, Rollout::InPlace(_)));
        if !in_place.flat_map(|service| &service.hosts).any(|host| area.has(*host, &self.system)) {
            let help = "name a place where a service runs that is rolled out `in_place`";
            self.error_with(name.span, "nothing there is rolled out from host to host", help);
        }
        Some(area)
    }
}
