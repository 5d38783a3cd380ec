//! A tool that goes from host to host: every place has a host, and one process.

use super::super::{Phase, Replica, ReplicaKey};
use super::{Rolled, Written};
use crate::fact::Fact;
use crate::kernel::slab::Slab;
use crate::world::World;
use model::control::{Desired, PartOrder};
use model::controllers::in_place::{self, InPlaceSpec, Inside, PlaceState, Places, State, Step};
use model::id::{HostId, ServiceId, VersionId};
use model::place::Area;
use model::rollout::{Rollout, Template};
use model::time::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The places of a tool that goes from host to host.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Hosts {
    /// Who is in them; one who is gone is found no more.
    at: BTreeMap<u32, ReplicaKey>,
    /// The number of the template that was in a place last.
    had: BTreeMap<u32, VersionId>,
    /// What the tool has written down.
    state: State,
    /// What it saw of them when it looked last.
    seen: Seen,
}

/// What a tool has seen of its places.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    places: Places,
    /// The number of the last order by then; none, where all places have to be looked at again.
    order: Option<usize>,
    /// Places of which the replica has got on in its life since.
    stirred: BTreeSet<u32>,
}

impl Hosts {
    pub(super) fn replace(&mut self, dead: ReplicaKey, fresh: ReplicaKey) {
        self.at.values_mut().filter(|key| **key == dead).for_each(|key| *key = fresh);
    }

    /// The replica in a place comes, goes or gets on in its life.
    pub(super) fn stir(&mut self, place: u32) {
        self.seen.stirred.insert(place);
    }

    /// Whether all but those that were passed over are like this. The last ones are looked at first: a rollout comes to
    /// them last.
    pub(super) fn all(&self, replicas: &Slab<Replica>, is_so: impl Fn(&Replica) -> bool) -> bool {
        let mut own = self.at.iter().rev().filter(|(place, _)| !self.state.passed.contains(place));
        own.all(|(_, key)| replicas.get(*key).is_some_and(&is_so))
    }

    /// Whether nobody could reach any of these hosts when their turn came.
    fn has_passed_over_all(&self, replicas: &Slab<Replica>, is_meant: impl Fn(HostId) -> bool) -> bool {
        if self.state.passed.is_empty() {
            return false;
        }
        let meant = self.at.iter().filter(|(_, key)| replicas.get(**key).is_some_and(|own| is_meant(own.host)));
        let mut places = meant.map(|(place, _)| place).peekable();
        places.peek().is_some() && places.all(|place| self.state.passed.contains(place))
    }
}

impl World {
    pub(super) fn boot_hosts(&mut self, service: ServiceId, version: VersionId, spec: &InPlaceSpec) {
        let state = State { wave: spec.wave_count() - 1, ..State::default() };
        self.fleet.pool_mut(service).written = Written::Hosts(Box::new(Hosts { state, ..Hosts::default() }));
        for place in 0..spec.replicas {
            let key = self.put(service, place, version);
            self.become_ready(key);
        }
    }

    /// One look; whether it did something.
    pub(super) fn reconcile_hosts(&mut self, service: ServiceId, spec: &InPlaceSpec) -> bool {
        let Desired { replicas, orders: given, paused, .. } = *self.control.desired(service);
        self.vacate(service, replicas);
        self.look_at_hosts(service, spec);
        let Written::Hosts(hosts) = &self.fleet.pool(service).written else { return false };
        let spec = InPlaceSpec { replicas, ..spec.clone() };
        let pass = in_place::reconcile(&spec, given, paused, &hosts.state, &hosts.seen.places, self.now);
        let is_taken_up = pass.state.order != hosts.state.order;
        if let Written::Hosts(hosts) = &mut self.fleet.pool_mut(service).written {
            hosts.state = pass.state;
        }
        pass.steps.iter().for_each(|step| self.do_in_place(service, *step, spec.wave_count()));
        if let Some(at) = pass.recheck {
            self.come_back(service, at);
        }
        // An order that replaces nobody is in effect as soon as it is taken up.
        is_taken_up || !pass.steps.is_empty()
    }

    fn do_in_place(&mut self, service: ServiceId, step: Step, waves: usize) {
        match step {
            Step::Stop(place) => {
                if let Written::Hosts(hosts) = &self.fleet.pool(service).written {
                    hosts.at.get(&place).copied().into_iter().for_each(|key| self.retire(key));
                }
            }
            Step::Start(place, number) => {
                let key = self.put(service, place, number);
                self.come_up(key);
            }
            Step::Pass(place) => {
                let host = self.host_of(service, place);
                self.report(Fact::Rolled { service, event: Rolled::PassedOver(host) });
            }
            Step::Idle(idle, begins) => {
                self.report(Fact::Rolled { service, event: Rolled::Idle { waves: idle, begins, of: waves } });
            }
            Step::Through(wave) => {
                self.report(Fact::Rolled { service, event: Rolled::Through { wave, of: waves } });
            }
        }
    }

    /// Ends those whose places are no longer there.
    fn vacate(&mut self, service: ServiceId, replicas: u32) {
        let Written::Hosts(hosts) = &mut self.fleet.pool_mut(service).written else { return };
        if hosts.at.last_key_value().is_none_or(|(last, _)| *last < replicas) {
            return;
        }
        let gone = hosts.at.split_off(&replicas);
        gone.into_values().for_each(|key| self.retire(key));
    }

    /// Looks at the places that may have changed since the last look; at all of them after an order, or when there are
    /// more or fewer.
    fn look_at_hosts(&mut self, service: ServiceId, spec: &InPlaceSpec) {
        let Written::Hosts(hosts) = &mut self.fleet.pool_mut(service).written else { return };
        let mut seen = std::mem::take(&mut hosts.seen);
        let stirred = std::mem::take(&mut seen.stirred);
        let desired = self.control.desired(service);
        let all = 0..desired.replicas;
        let observe = |place| self.observe_host(service, spec, place);
        if seen.order == Some(desired.orders) && seen.places.all().len() == all.len() {
            // Whoever serves has served for long enough at some time, without any change.
            let ripens = |place: &&PlaceState| spec.min_ready > Span::ZERO && place.inside == Inside::Unavailable;
            let ripening: Vec<_> = seen.places.all_away().filter(ripens).map(|place| place.place).collect();
            let changed = stirred.into_iter().filter(|place| all.contains(place)).chain(ripening);
            changed.filter_map(observe).for_each(|place| seen.places.update(place));
        } else {
            seen = Seen { order: Some(desired.orders), ..Seen::default() };
            seen.places = Places::of(desired.whole, all.clone().filter_map(observe).collect());
        }
        debug_assert_eq!(seen.places.all(), all.filter_map(observe).collect::<Vec<_>>(), "at {}", self.now);
        if let Written::Hosts(hosts) = &mut self.fleet.pool_mut(service).written {
            hosts.seen = seen;
        }
    }

    fn observe_host(&self, service: ServiceId, spec: &InPlaceSpec, place: u32) -> Option<PlaceState> {
        let Written::Hosts(hosts) = &self.fleet.pool(service).written else { return None };
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let host = self.host_of(service, place);
        let replica = hosts.at.get(&place).and_then(|key| self.fleet.replicas.get(*key));
        let part = desired.part_of(host, system);
        let version = part.map_or(desired.version, |part| part.version);
        Some(PlaceState {
            place,
            wave: wave_of(spec, host, self),
            wanted: Template { version, restarts: desired.restarts }.number(system),
            order: part.map_or(0, |part| part.order).max(desired.whole),
            has: replica.map(|replica| replica.template).or_else(|| hosts.had.get(&place).copied()),
            inside: replica.map_or(Inside::Empty, |replica| self.inside(replica, spec)),
            is_reachable: self.control.is_reachable(system, host),
        })
    }

    fn inside(&self, replica: &Replica, spec: &InPlaceSpec) -> Inside {
        match replica.phase {
            Phase::Ready if replica.is_available(spec.min_ready, self.now) => Inside::Available,
            Phase::Ready | Phase::Starting | Phase::Crashed => Inside::Unavailable,
            Phase::Draining => Inside::Stopping,
            Phase::Stopped => Inside::Empty,
        }
    }

    /// A new replica in a place, without a process yet.
    fn put(&mut self, service: ServiceId, place: u32, number: VersionId) -> ReplicaKey {
        let host = self.host_of(service, place);
        let key = self.place_on(service, number.into(), (host, place));
        if let Written::Hosts(hosts) = &mut self.fleet.pool_mut(service).written {
            hosts.at.insert(place, key);
            hosts.had.insert(place, number);
        }
        key
    }

    /// The hosts with a replica like this that nobody reaches now.
    pub(crate) fn out_of_reach(&self, service: ServiceId, is_so: impl Fn(&Replica) -> bool) -> BTreeSet<HostId> {
        let own = self.fleet.members(service).map(|(_, replica)| replica).filter(|replica| is_so(replica));
        own.map(|own| own.host).filter(|host| !self.control.is_reachable(&self.model.system, *host)).collect()
    }

    /// In words, hosts one after the other.
    pub(crate) fn hosts_in_words(&self, hosts: &BTreeSet<HostId>) -> String {
        let names = hosts.iter().map(|host| Area::Host(*host).name(&self.model.system).as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    /// The waves in which a replica is like this.
    pub(super) fn waves_with(
        &self,
        service: ServiceId,
        spec: &InPlaceSpec,
        is_so: impl Fn(&Replica) -> bool,
    ) -> BTreeSet<usize> {
        let own = self.fleet.members(service).map(|(_, replica)| replica);
        let own = own.filter(|replica| replica.phase != Phase::Draining && is_so(replica));
        own.map(|replica| wave_of(spec, replica.host, self)).collect()
    }

    /// Whether every place that was not passed over has a process of the template it was told, made since that.
    pub(super) fn has_restarted_in_place(&self, service: ServiceId) -> bool {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let Written::Hosts(hosts) = &self.fleet.pool(service).written else { return false };
        hosts.all(&self.fleet.replicas, |replica| {
            let version = desired.version_on(replica.host, system);
            replica.template == Template { version, restarts: desired.restarts }.number(system)
        })
    }

    /// Whether every place that was not passed over runs what it was told to. Where all were told the same, and none
    /// was passed over, it is enough to count.
    pub(super) fn has_gone_through_all(&self, service: ServiceId) -> bool {
        let Written::Hosts(hosts) = &self.fleet.pool(service).written else { return false };
        let desired = self.control.desired(service);
        if !desired.parts.is_empty() || !hosts.state.passed.is_empty() {
            return self.has_gone_through(service, |_| true);
        }
        let serving = self.fleet.headcount(service).by_version(Phase::Ready);
        let own = serving.filter(|(version, _)| *version == desired.version).map(|(_, count)| count as usize);
        let is_through = hosts.state.order == desired.orders && own.sum::<usize>() == hosts.at.len();
        debug_assert_eq!(is_through, self.has_gone_through(service, |_| true), "at {}", self.now);
        is_through
    }

    /// The same of a part of a service.
    pub(crate) fn has_gone_through(&self, service: ServiceId, is_meant: impl Fn(HostId) -> bool) -> bool {
        let Written::Hosts(hosts) = &self.fleet.pool(service).written else { return false };
        let desired = self.control.desired(service);
        hosts.state.order == desired.orders
            && hosts.all(&self.fleet.replicas, |replica| {
                let version = desired.version_on(replica.host, &self.model.system);
                !is_meant(replica.host) || replica.version == version && replica.phase == Phase::Ready
            })
            && !hosts.has_passed_over_all(&self.fleet.replicas, &is_meant)
    }

    /// Whether an order to run a version somewhere leaves all as it is: that was told before, and all who are there,
    /// whoever was passed over among them, run it already.
    pub(crate) fn is_idle_order(&self, service: ServiceId, version: VersionId, area: Area) -> bool {
        let Written::Hosts(hosts) = &self.fleet.pool(service).written else { return false };
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let own = hosts.at.values().filter_map(|key| self.fleet.replicas.get(*key));
        let mut there = own.filter(|own| area.has(own.host, system));
        there.all(|own| own.version == version && desired.version_on(own.host, system) == version)
    }

    /// What parts of a service were told instead of the version it was told as a whole, as far as it has places there.
    pub(crate) fn told_apart(&self, service: ServiceId) -> Vec<(Area, VersionId)> {
        let desired = self.control.desired(service);
        let other = desired.parts.iter().filter(|part| part.version != desired.version);
        let is_any = |part: &&PartOrder| self.places_of(service).any(|host| self.part_of(service, host) == Some(*part));
        other.filter(is_any).map(|part| (part.area, part.version)).collect()
    }

    /// Whether no place is left that a service was told the version for that it was told as a whole.
    pub(crate) fn is_told_apart_everywhere(&self, service: ServiceId) -> bool {
        let (system, desired) = (&self.model.system, self.control.desired(service));
        !desired.parts.is_empty()
            && self.places_of(service).all(|host| desired.version_on(host, system) != desired.version)
    }

    /// The hosts of the places that a service is to have.
    fn places_of(&self, service: ServiceId) -> impl Iterator<Item = HostId> {
        (0..self.control.desired(service).replicas).map(move |place| self.host_of(service, place))
    }

    fn part_of(&self, service: ServiceId, host: HostId) -> Option<&PartOrder> {
        self.control.desired(service).part_of(host, &self.model.system)
    }

    /// Hosts that were passed over, and run something else than they are meant to; while others are still on their way,
    /// only those that can be reached now.
    pub(crate) fn behind(&self, service: ServiceId) -> Vec<HostId> {
        let Written::Hosts(hosts) = &self.fleet.pool(service).written else { return Vec::new() };
        let (system, desired) = (&self.model.system, self.control.desired(service));
        let passed = hosts.state.passed.iter().filter_map(|place| self.fleet.replicas.get(*hosts.at.get(place)?));
        let is_over = self.has_gone_through_all(service);
        let behind = passed.filter(|replica| {
            replica.version != desired.version_on(replica.host, system)
                && (is_over || self.control.is_reachable(system, replica.host))
        });
        behind.map(|replica| replica.host).collect()
    }

    /// Whether a rollout has passed over a host of a service, and does not come back to it by itself.
    pub(crate) fn is_passed_over(&self, service: ServiceId, host: HostId) -> bool {
        let Written::Hosts(hosts) = &self.fleet.pool(service).written else { return false };
        let mut passed = hosts.state.passed.iter().filter_map(|place| self.fleet.replicas.get(*hosts.at.get(place)?));
        passed.any(|replica| replica.host == host)
    }

    /// Somebody can be reached again, or no longer.
    pub(crate) fn reach_changed(&mut self) {
        let model = self.model.clone();
        for (index, service) in model.system.services.iter().enumerate() {
            if let Rollout::InPlace(_) = service.rollout {
                let service = ServiceId::new(index);
                if let Written::Hosts(hosts) = &mut self.fleet.pool_mut(service).written {
                    hosts.seen.order = None;
                }
                self.reconcile_soon(service);
            }
        }
    }
}

/// The first wave that names a host; the last one when none does.
fn wave_of(spec: &InPlaceSpec, host: HostId, world: &World) -> usize {
    let system = &world.model.system;
    let named = spec.waves.iter().position(|wave| wave.on.iter().any(|area| area.has(host, system)));
    named.unwrap_or(spec.wave_count() - 1)
}
