//! Ways around what was brought in: traffic away from where it is, and the replicas that run it cut off.

use crate::plant::fleet::Phase;
use crate::world::World;
use model::action::{Action, AreaAction, ServiceAction};
use model::control::Steering;
use model::id::{RegionId, ServiceId};
use model::part::{Part, Portion};
use model::place::Area;
use model::ratio::Ratio;
use model::traffic::Source;
use std::collections::BTreeMap;

impl World {
    /// Traffic away from the regions that have the version wanted, while others do not have it yet; and back again.
    pub(crate) fn ways_around(&self, service: ServiceId) -> Vec<Action> {
        let regions = self.regions_with(service);
        let without: Vec<_> = regions.iter().filter(|(_, has_it)| !**has_it).map(|(region, _)| *region).collect();
        let mut actions = Vec::new();
        for (region, has_it) in regions {
            let (area, away) = (Area::Region(region), has_it && !without.is_empty());
            let is_drained = self.control.drained.contains(&area);
            match is_drained || self.control.cordoned.contains(&area) {
                true => actions.push(Action::Area(area, AreaAction::Admit)),
                false if away => actions.push(Action::Area(area, AreaAction::Drain)),
                false => {}
            }
            actions.extend(self.eviction_of(service, area).filter(|_| away || is_drained));
            actions.extend(self.shifts_from(region, if away { &without } else { &[] }));
        }
        actions
    }

    /// What runs in a place stopped, where its controller brings it up elsewhere.
    fn eviction_of(&self, service: ServiceId, area: Area) -> Option<Action> {
        let evict = Action::Area(area, AreaAction::Evict);
        let is_moved = self.model.system.service(service).is_evicted();
        (is_moved && self.attempt_action(&evict).is_ok()).then_some(evict)
    }

    /// By region: whether a replica of the service there has the version wanted.
    fn regions_with(&self, service: ServiceId) -> BTreeMap<RegionId, bool> {
        let (system, wanted) = (&self.model.system, self.control.desired(service).version);
        let mut regions = BTreeMap::new();
        for (_, replica) in self.fleet.members(service) {
            let has_it = replica.version == wanted;
            regions.entry(system.zone(replica.zone).region).and_modify(|all| *all |= has_it).or_insert(has_it);
        }
        regions
    }

    /// All traffic of a region to one of these others, or back where it was.
    fn shifts_from(&self, from: RegionId, others: &[RegionId]) -> Vec<Action> {
        let shift = |to: RegionId, share| Action::Area(Area::Region(from), AreaAction::Shift(to, share));
        match self.control.shifts.get(&from) {
            Some((to, _)) => vec![shift(*to, Ratio::ZERO)],
            None if !self.model.system.enters_by_place(from) => vec![],
            None => others.iter().map(|to| shift(*to, Ratio::ONE)).collect(),
        }
    }

    /// To the standby of a service, or back from it.
    pub(crate) fn switch_of(&self, service: ServiceId) -> Option<Action> {
        self.model.system.service(service).standby?;
        Some(Action::Service(service, ServiceAction::Switch(!self.control.desired(service).stands_in)))
    }

    /// The version wanted cut off while another one serves beside it, and what is cut off put back.
    pub(crate) fn isolation_of(&self, service: ServiceId) -> Option<Action> {
        let wanted = self.control.desired(service).version;
        let portion = Portion::Version(wanted);
        if self.control.isolated.contains(&Part::Of(service, portion)) {
            return Some(Action::Service(service, ServiceAction::Admit(portion)));
        }
        let serves = |is_wanted: bool| {
            let mut members = self.fleet.members(service);
            members.any(|(_, own)| own.phase == Phase::Ready && (own.version == wanted) == is_wanted)
        };
        (serves(true) && serves(false)).then_some(Action::Service(service, ServiceAction::Isolate(portion)))
    }

    /// What the tools say about traffic that is kept away or sent elsewhere.
    pub(super) fn known_of_steering(&self, steering: Steering) -> Option<String> {
        match steering {
            Steering::Drain(_, false) | Steering::Isolate(_, false) | Steering::Evict(_, false) => None,
            Steering::Evict(_, true) => Some(
                "what runs there is stopped and comes up elsewhere, as fast as services may lose replicas".to_owned(),
            ),
            Steering::Drain(_, true) => {
                Some("its requests go to the places that are left, however many those are".to_owned())
            }
            Steering::Isolate(part, true) => {
                let own = self.fleet.replicas.iter();
                let busy = own.filter(|(_, own)| part.has(own.version, own.host, &self.model.system));
                let (replicas, in_flight) =
                    busy.fold((0, 0), |(count, sum), (_, own)| (count + 1, sum + u64::from(own.in_flight)));
                Some(format!("{replicas} replicas take nothing new; the {in_flight} requests there end now, and fail"))
            }
            Steering::Shift { from, to, share } => Some(self.known_of_shift(from, to, share)),
        }
    }

    /// Who hears of a shift when, and how many are there to take what comes.
    fn known_of_shift(&self, from: RegionId, to: RegionId, share: Ratio) -> String {
        let system = &self.model.system;
        let of_region = |source: &&Source| source.from.iter().any(|zone| system.zone(*zone).region == from);
        let keep = system.sources.iter().filter(of_region).filter_map(|source| source.dns).map(|dns| dns.keep).max();
        let ttl = system.longest_ttl(from);
        let heard = match keep {
            None => "at once".to_owned(),
            Some(Ratio::ZERO) => format!("within {ttl}, when they ask for the name again"),
            Some(keep) => format!("within {ttl}, when they ask for the name again; {keep} never do"),
        };
        if share == Ratio::ZERO {
            return heard;
        }
        let name = |region: RegionId| &system.regions[region.index()];
        let [there, here] = [to, from].map(|region| self.serving_in(region));
        format!(
            "{heard}; {there} replicas serve in {}, {here} in {}: nobody asks whether they are enough",
            name(to),
            name(from)
        )
    }

    /// Replicas of the services that traffic enters by place, as far as they serve in a region.
    fn serving_in(&self, region: RegionId) -> usize {
        let system = &self.model.system;
        let entered = |id: ServiceId| {
            let mut sources = system.sources.iter();
            system.service(id).locality.is_some()
                && sources.any(|source| system.endpoint(source.endpoint).service == id)
        };
        let services = (0..system.services.len()).map(ServiceId::new).filter(|id| entered(*id));
        let ready = services.flat_map(|id| &self.fleet.pool(id).ready).filter_map(|key| self.fleet.replicas.get(*key));
        ready.filter(|replica| system.zone(replica.zone).region == region).count()
    }
}
