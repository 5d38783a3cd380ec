//! Faults of the network: between whom, and what becomes of messages there.

use super::Resolver;
use super::names::Table;
use crate::syntax::{Spanned, Text, quoted};
use model::fault::{FaultKind, NetworkTrouble, Way};
use model::id::{ServiceId, ZoneId};
use model::name::Name;
use model::place::Area;
use model::ratio::Ratio;

impl Resolver<'_> {
    pub(super) fn network_fault(
        &mut self,
        verb: &str,
        between: &Text,
        trouble: NetworkTrouble,
    ) -> Option<(Name, FaultKind)> {
        let way = self.way(between)?;
        let network = std::mem::take(&mut self.system.network);
        self.system.network = network.troubled();
        Some((Name::new(format!("{verb} {}", between.value)), FaultKind::Network { way, trouble }))
    }

    pub(super) fn lost_share(&mut self, share: &Spanned<Ratio>) -> Ratio {
        let Spanned { value, span } = *share;
        if value == Ratio::ZERO {
            self.error_with(span, "nothing is lost, and it is no fault", "write the share of the calls, like `5 %`");
        } else if value == Ratio::ONE {
            self.error_with(span, "where every call is lost nothing comes through", "write `cut` instead");
        }
        value
    }

    /// Two regions or zones, or a service and one that it calls.
    fn way(&mut self, between: &Text) -> Option<Way> {
        let words: Vec<&str> = between.value.split_whitespace().collect();
        let [one, other] = words.as_slice() else {
            let help = "write two regions or zones, as `eu us`, or a service and one that it calls, as `shop bank`";
            let message = format!("{} does not say between whom", quoted(&between.value));
            self.error_with(between.span, message, help);
            return None;
        };
        let [one, other] = [one, other].map(|word| Text { value: (*word).to_owned(), span: between.span });
        match (self.wide_area(&one.value), self.wide_area(&other.value)) {
            (Some(one), Some(other)) => self.between(between, one, other),
            (Some(_), None) => self.place_expected(&other),
            (None, Some(_)) if self.names.services.position(&one.value).is_none() => self.place_expected(&one),
            (None, Some(_) | None) => self.calls_between(between, &one, &other),
        }
    }

    fn between(&mut self, between: &Text, one: Area, other: Area) -> Option<Way> {
        let system = &self.system;
        let mut zones = (0..system.zones.len()).map(ZoneId::new);
        if zones.any(|zone| one.has_zone(zone, system) && other.has_zone(zone, system)) {
            let help = "name two places of which none is in the other";
            self.error_with(between.span, "a place has no way to itself", help);
            return None;
        }
        Some(Way::Between(one, other))
    }

    fn calls_between(&mut self, between: &Text, from: &Text, to: &Text) -> Option<Way> {
        let from = ServiceId::new(self.names.services.find(from, self.out)?);
        let to = ServiceId::new(self.names.services.find(to, self.out)?);
        let system = &self.system;
        let mut edges = system.edges.iter();
        let service = |endpoint| system.endpoint(endpoint).service;
        if !edges.any(|edge| service(edge.from) == from && service(edge.to) == to) {
            let names = [from, to].map(|own| system.service(own).name.clone());
            let message = format!("{} never calls {}", names[0], names[1]);
            self.error_with(between.span, message, "write the service that calls first, then the one it calls");
            return None;
        }
        Some(Way::Calls { from, to })
    }

    /// A region or a zone.
    fn wide_area(&self, name: &str) -> Option<Area> {
        self.wide_areas().into_iter().find(|(own, _)| own == name).map(|(_, area)| area)
    }

    fn place_expected(&mut self, name: &Text) -> Option<Way> {
        let all = self.wide_areas();
        Table::new("region or zone", all.iter().map(|(own, _)| own.as_str())).find(name, self.out)?;
        None
    }

    fn wide_areas(&self) -> Vec<(String, Area)> {
        let all = self.areas().into_iter();
        all.filter(|(_, area)| matches!(area, Area::Region(_) | Area::Zone(_))).collect()
    }
}
