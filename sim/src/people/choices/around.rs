//! Ways around what was brought in: traffic away from where it is, and the replicas that run it cut off.

use crate::plant::fleet::{Death, Phase, Replica, replicas as counted};
use crate::world::World;
use model::action::{Action, AreaAction, ServiceAction, Stopped};
use model::control::Steering;
use model::id::{RegionId, ServiceId, VersionId};
use model::part::{Part, Portion};
use model::place::Area;
use model::ratio::Ratio;
use model::traffic::Source;
use std::collections::{BTreeMap, BTreeSet};

impl World {
    /// Traffic away from the regions that have the version wanted, while others serve that do not have it yet; and back
    /// again.
    pub(crate) fn ways_around(&self, service: ServiceId) -> Vec<Action> {
        let regions = self.regions_with(service);
        let without = regions.iter().filter(|(region, has_it)| !**has_it && self.is_served_in(service, **region));
        let without: Vec<_> = without.map(|(region, _)| *region).collect();
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

    /// The versions that a service and parts of it are told to run, without the one from before the run; that one,
    /// where there is no other.
    fn brought_in(&self, service: ServiceId) -> BTreeSet<VersionId> {
        let (initial, desired) = (self.model.system.service(service).initial, self.control.desired(service));
        let told = desired.parts.iter().map(|part| part.version).chain([desired.version]);
        let other: BTreeSet<_> = told.filter(|version| *version != initial).collect();
        if other.is_empty() { BTreeSet::from([initial]) } else { other }
    }

    /// By region: whether a replica of the service there has a version that was brought in.
    fn regions_with(&self, service: ServiceId) -> BTreeMap<RegionId, bool> {
        let (system, brought_in) = (&self.model.system, self.brought_in(service));
        let mut regions = BTreeMap::new();
        for (_, replica) in self.fleet.members(service) {
            let has_it = brought_in.contains(&replica.version);
            regions.entry(system.zone(replica.zone).region).and_modify(|all| *all |= has_it).or_insert(has_it);
        }
        regions
    }

    /// Whether requests to a service find somebody in a region: a replica that is up, and nothing that keeps them away.
    fn is_served_in(&self, service: ServiceId, region: RegionId) -> bool {
        let system = &self.model.system;
        let is_there =
            |own: &Replica| system.zone(own.zone).region == region && !own.is_kept_out(&self.control, system);
        self.fleet.pool(service).ready.iter().any(|key| self.fleet.replicas.get(*key).is_some_and(is_there))
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

    /// Back from the standby of a service that answers for it; to it, where that is no version one goes back from.
    pub(crate) fn switch_that_helps(&self, service: ServiceId) -> Option<Action> {
        let standby = self.model.system.service(service).standby?;
        let to_standby = !self.control.desired(service).stands_in;
        let helps = !to_standby || !self.is_left_behind(service, standby.version);
        helps.then_some(Action::Service(service, ServiceAction::Switch(to_standby)))
    }

    /// Whether a version is one that a service goes back from: any but the one it is told to run while it goes back,
    /// or has got there; what it is told to run, unless it ran that before the run, until somebody takes it back.
    fn is_left_behind(&self, service: ServiceId, version: VersionId) -> bool {
        let (desired, first) = (self.control.desired(service), self.model.system.service(service).initial);
        let is_told = |own| desired.version == own || desired.parts.iter().any(|part| part.version == own);
        let is_back = desired.version == first && desired.parts.iter().all(|part| part.version == first);
        match is_back || self.comes_from(service).is_some() {
            true => version != desired.version,
            false => version != first && is_told(version),
        }
    }

    /// Each version that was brought in cut off where that helps, and what is cut off put back.
    pub(crate) fn isolation_of(&self, service: ServiceId) -> Vec<Action> {
        let brought_in = self.brought_in(service);
        let orders = brought_in.iter().filter_map(|version| {
            let portion = Portion::Version(*version);
            if self.control.isolated.contains(&Part::Of(service, portion)) {
                return Some(ServiceAction::Admit(portion));
            }
            self.can_do_without(service, *version, &brought_in).then_some(ServiceAction::Isolate(portion))
        });
        orders.map(|order| Action::Service(service, order)).collect()
    }

    /// Whether a service can do without a version: others serve beside it that were not brought in, with no fewer
    /// replicas; nobody replaces those; and no router goes on to send what is meant for the version to it.
    fn can_do_without(&self, service: ServiceId, version: VersionId, brought_in: &BTreeSet<VersionId>) -> bool {
        let serving = || self.fleet.members(service).filter(|(_, own)| own.phase == Phase::Ready);
        let own = serving().filter(|(_, own)| own.version == version).count();
        let others = serving().filter(|(_, own)| !brought_in.contains(&own.version)).count();
        own > 0 && others >= own && self.stands_still(service) && self.fleet.pool(service).routes.is_open()
    }

    /// Stopped by hand, where a controller makes new replicas of what it is told, and stops none of the old ones.
    pub(crate) fn stop_that_helps(&self, service: ServiceId) -> Option<Action> {
        let desired = self.control.desired(service);
        let is_old = |own: &Replica| own.version != desired.version && own.phase != Phase::Draining;
        let waits = self.model.system.service(service).rollout.waits_for_stops();
        let helps = waits && self.fleet.members(service).any(|(_, own)| is_old(own));
        helps.then_some(Action::Service(service, ServiceAction::Stop(Stopped::All)))
    }

    /// Whether to stop what does not get ready may help: what takes its place gets an image, or is something else.
    pub(crate) fn has_stoppable(&self, service: ServiceId) -> bool {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let is_lost = |own: &Replica| {
            let is_imageless = own.crash.is_some_and(|crash| crash.death == Death::Imageless);
            let is_same = own.version == desired.version_on(own.host, system);
            is_imageless && is_same && !self.is_fetchable(own.version, own.host)
        };
        let mut failing = self.fleet.members(service).map(|(_, own)| own);
        failing.any(|own| own.is_stuck() && own.crash.is_some() && !is_lost(own))
    }

    /// Whether a rollout is over, or held.
    pub(super) fn stands_still(&self, service: ServiceId) -> bool {
        let desired = self.control.desired(service);
        desired.paused || self.has_rolled_out(service, desired.version)
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
                let take = if replicas == 1 { "takes" } else { "take" };
                let ends = match in_flight {
                    0 => "nothing is in flight there".to_owned(),
                    1 => "the 1 request there ends now, and fails".to_owned(),
                    more => format!("the {more} requests there end now, and fail"),
                };
                Some(format!("{} {take} nothing new; {ends}", counted(replicas)))
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
        let serve = if there == 1 { "serves" } else { "serve" };
        format!(
            "{heard}; {} {serve} in {}, {here} in {}: nobody asks whether they are enough",
            counted(there),
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
