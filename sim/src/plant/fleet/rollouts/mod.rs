//! Rollouts: what the controller of a service sees, and how its steps are carried out.
//!
//! Which controller it is, the scenario says; each has a file here that shows it what there is, and does what it
//! writes.

mod deployment;
mod flagger;
mod foretold;
mod in_place;
mod probes;
mod progressive;
mod quotas;
mod rolled;
mod stateful;
mod stuck;

use super::{Phase, Replica, ReplicaKey, Set, Side};
use crate::event::Event;
use crate::world::World;
use deployment::Sets;
use flagger::Flagged;
pub(crate) use foretold::{counted, replicas};
use in_place::Hosts;
use model::action::Stopped;
use model::control::Desired;
use model::controllers::deployment::ReplicaSetState;
use model::id::{HostId, ServiceId, VersionId};
use model::rollout::{Rollout, RolloutOrder};
use model::system::Service;
use model::time::{Span, Time};
use progressive::Canaries;
pub(super) use quotas::Refusals;
pub(crate) use rolled::Rolled;
use stateful::Places;
pub(super) use stuck::Told;

/// What the controller of a service has written down.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    /// The replica sets of a Deployment.
    Sets(Sets),
    /// The places of a StatefulSet.
    Places(Places),
    /// The sets of an Argo Rollout, and how far it is.
    Canaries(Box<Canaries>),
    /// The two Deployments that Flagger sees to, and how far it is.
    Flagged(Box<Flagged>),
    /// The places of a tool that goes from host to host.
    Hosts(Box<Hosts>),
}

/// Replicas of a version, as a controller counts its pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pods {
    /// All but those on their way out.
    created: u32,
    /// Of those, the ones that serve.
    ready: u32,
    /// Of those, the ones that have done so for long enough.
    available: u32,
    /// Those on their way out.
    terminating: u32,
}

/// How far a rollout is that goes step by step, for whoever gives orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whether there is something to go on with, or to give up.
    pub(crate) is_under_way: bool,
    /// Whether it was given up.
    pub(crate) is_given_up: bool,
    /// The version that was.
    pub(crate) given_up: Option<VersionId>,
    /// Whether somebody has asked for that.
    pub(crate) gives_up: bool,
    /// Whether somebody has asked to skip all that is left, and that goes on.
    pub(crate) skips_all: bool,
    /// The version for which somebody has asked that last.
    pub(crate) skipped_to: Option<VersionId>,
    /// Whether any other version than the stable one gets traffic.
    pub(crate) has_traffic: bool,
    /// The version to which it goes back.
    pub(crate) stable: Option<VersionId>,
}

impl Default for Written {
    fn default() -> Self {
        Written::Sets(Sets::default())
    }
}

impl Written {
    /// A process has died, and its replica has another key.
    pub(super) fn replace(&mut self, dead: ReplicaKey, fresh: ReplicaKey) {
        match self {
            Written::Sets(_) | Written::Canaries(_) | Written::Flagged(_) => {}
            Written::Places(places) => places.replace(dead, fresh),
            Written::Hosts(hosts) => hosts.replace(dead, fresh),
        }
    }

    /// A replica comes, goes or gets on in its life.
    pub(super) fn stir(&mut self, replica: &Replica) {
        if let Written::Hosts(hosts) = self {
            hosts.stir(replica.slot);
        }
    }

    /// How many replicas each of its sets is told to have; none, where replicas have places.
    fn sizes(&self) -> Vec<(Set, u32)> {
        let of_side =
            |side: Side| self.sets(side).iter().map(move |set| (Set { template: set.version, side }, set.spec));
        match self {
            Written::Sets(_) | Written::Flagged(_) => of_side(Side::Primary).chain(of_side(Side::Canary)).collect(),
            Written::Canaries(canaries) => canaries.sets.iter().map(|set| (set.version.into(), set.spec)).collect(),
            Written::Places(_) | Written::Hosts(_) => Vec::new(),
        }
    }

    /// The replica sets of a Deployment of the service.
    fn sets(&self, side: Side) -> &[ReplicaSetState] {
        match (self, side) {
            (Written::Sets(sets), Side::Primary) => &sets.all,
            (Written::Flagged(flagged), _) => &flagged.workload(side).sets,
            (Written::Sets(_) | Written::Places(_) | Written::Canaries(_) | Written::Hosts(_), _) => &[],
        }
    }

    fn sets_mut(&mut self, side: Side) -> Option<&mut Vec<ReplicaSetState>> {
        match (self, side) {
            (Written::Sets(sets), Side::Primary) => Some(&mut sets.all),
            (Written::Flagged(flagged), _) => Some(&mut flagged.workload_mut(side).sets),
            (Written::Sets(_) | Written::Places(_) | Written::Canaries(_) | Written::Hosts(_), _) => None,
        }
    }
}

impl World {
    /// Brings up a service as it was before the run: complete, at its first revision.
    pub(super) fn boot_rollout(&mut self, service: ServiceId, spec: &Service) {
        match &spec.rollout {
            Rollout::Deployment(deployment) => self.boot_deployment(service, spec.initial, deployment),
            Rollout::StatefulSet(_) => self.boot_places(service, spec.initial),
            Rollout::Progressive(rollout) => self.boot_progressive(service, spec.initial, rollout),
            Rollout::Flagger(flagger) => self.boot_flagger(service, spec.initial, flagger),
            Rollout::InPlace(tool) => self.boot_hosts(service, spec.initial, tool),
        }
        self.take_note(service);
    }

    /// Lets the controller take one look, and once more after each step it takes.
    pub(crate) fn reconcile(&mut self, service: ServiceId) {
        let model = self.model.clone();
        self.create_refused(service);
        if !self.may_look(service) {
            return;
        }
        self.take_note(service);
        let acted = match &model.system.service(service).rollout {
            Rollout::Deployment(spec) => self.reconcile_deployment(service, spec),
            Rollout::StatefulSet(spec) => self.reconcile_places(service, spec),
            Rollout::Progressive(rollout) => self.reconcile_progressive(service, rollout),
            Rollout::Flagger(flagger) => self.reconcile_flagger(service, flagger),
            Rollout::InPlace(spec) => self.reconcile_hosts(service, spec),
        };
        if acted {
            self.reconcile_soon(service);
            // A route, a switch or an abort moves no replica, of which others would hear.
            self.check_operations();
        }
    }

    /// Whether no other version of an Argo Rollout gets any traffic: its router gives it none, or, without a router, no
    /// replica of another one is left.
    fn sends_only_to(&self, service: ServiceId, version: VersionId) -> bool {
        let routes = &self.fleet.pool(service).routes;
        routes.lead_only_to(version)
            || routes.is_open() && self.fleet.members(service).all(|(_, replica)| replica.version == version)
    }

    /// The replicas of a service that count: not those that no router offers anything, and that their controller keeps
    /// for a while so that going back to them is a switch.
    pub(crate) fn in_use(&self, service: ServiceId) -> impl Iterator<Item = &Replica> {
        let pool = self.fleet.pool(service);
        let is_done = |replica: &Replica| replica.phase == Phase::Draining && replica.in_flight == 0;
        let is_kept = move |replica: &Replica| match &pool.written {
            Written::Canaries(canaries) => {
                !pool.routes.lead_to(replica) && (canaries.keeps(replica.version) || is_done(replica))
            }
            Written::Sets(_) | Written::Places(_) | Written::Flagged(_) | Written::Hosts(_) => false,
        };
        self.fleet.members(service).map(|(_, replica)| replica).filter(move |replica| !is_kept(replica))
    }

    /// Whether all replicas of a service that count run a version.
    pub(crate) fn is_only(&self, service: ServiceId, version: VersionId) -> bool {
        match self.fleet.pool(service).written {
            Written::Canaries(_) => self.in_use(service).all(|replica| replica.version == version),
            Written::Sets(_) | Written::Places(_) | Written::Flagged(_) | Written::Hosts(_) => {
                self.fleet.headcount(service).versions().all(|own| own == version)
            }
        }
    }

    /// How many replicas of a service serve and count.
    pub(crate) fn count_ready(&self, service: ServiceId) -> usize {
        match self.fleet.pool(service).written {
            Written::Canaries(_) => self.in_use(service).filter(|replica| replica.phase == Phase::Ready).count(),
            Written::Sets(_) | Written::Places(_) | Written::Flagged(_) | Written::Hosts(_) => {
                self.fleet.headcount(service).ready() as usize
            }
        }
    }

    /// Whether a service has been sized as it was told last: its controller has taken up the number, and as many
    /// replicas serve, drained ones too. A set that is kept for a while does not count, and neither does a preview.
    pub(crate) fn has_scaled(&self, service: ServiceId, replicas: u32) -> bool {
        let pool = self.fleet.pool(service);
        let counts = |replica: &&Replica| replica.phase == Phase::Ready && replica.side == Side::Primary;
        let ready: Vec<_> = self.fleet.asked(service).filter(counts).map(|replica| replica.version).collect();
        let of = |version| ready.iter().filter(|own| **own == version).count();
        let (wanted, serving) = (replicas as usize, ready.len());
        match &pool.written {
            Written::Sets(_) | Written::Flagged(_) => {
                let mut sets = pool.written.sets(Side::Primary).iter().filter(|set| set.is_active());
                let is_taken_up = sets.all(|set| set.sizing.is_some_and(|sizing| sizing.desired == replicas));
                is_taken_up && serving >= wanted
            }
            Written::Canaries(canaries) => canaries.has_sized(replicas, of) && serving >= wanted,
            Written::Places(_) | Written::Hosts(_) => serving == wanted,
        }
    }

    /// Whether the controller has brought a version as far as it was told to.
    pub(crate) fn has_rolled_out(&self, service: ServiceId, version: VersionId) -> bool {
        match &self.fleet.pool(service).written {
            Written::Sets(_) => self.runs_only(service, version),
            Written::Canaries(canaries) => {
                canaries.has_promoted(version)
                    && self.sends_only_to(service, version)
                    && self.serves_in_full(service, version)
            }
            Written::Hosts(_) => self.has_gone_through_all(service),
            Written::Flagged(flagged) => {
                flagged.has_promoted(version, &self.model.system) && self.runs_only(service, version)
            }
            Written::Places(places) => self.is_at_strength(service) && self.has_gone_down(service, places, version),
        }
    }

    /// Whether a StatefulSet has brought a version down to its partition. Below it there may be what was there before,
    /// but nothing that was on its way and left; and where all places are below it nothing has come at all.
    fn has_gone_down(&self, service: ServiceId, places: &Places, version: VersionId) -> bool {
        let replicas = &self.fleet.replicas;
        let Desired { partition: from, replicas: count, .. } = *self.control.desired(service);
        let before = places.current(&self.model.system);
        let has = |replica: &Replica| replica.version == version;
        if from >= count {
            return places.all(0, replicas, has);
        }
        places.all(from, replicas, has)
            && places.all(0, replicas, |replica| has(replica) || Some(replica.version) == before)
    }

    /// Whether all replicas were made since a service was told to restart the last time, as far as its controller
    /// replaces them.
    pub(crate) fn has_restarted(&self, service: ServiceId) -> bool {
        let desired = self.control.desired(service);
        let wanted = desired.template().number(&self.model.system);
        let mut members = self.fleet.members(service).map(|(_, replica)| replica);
        let is_new = match &self.fleet.pool(service).written {
            Written::Places(places) => {
                places.all(desired.partition, &self.fleet.replicas, |replica| replica.template == wanted)
            }
            Written::Sets(_) | Written::Flagged(_) => members.all(|replica| replica.template == wanted),
            Written::Hosts(_) => self.has_restarted_in_place(service),
            Written::Canaries(_) => members.all(|replica| replica.restarts == desired.restarts),
        };
        is_new && self.is_at_strength(service)
    }

    /// Has the controller look in this instant.
    pub(crate) fn reconcile_soon(&mut self, service: ServiceId) {
        self.schedule(Span::ZERO, Event::Reconcile(service));
    }

    /// Has the controller look again at a time, once. What is due *after* an instant is not yet due in it, so it comes
    /// back no earlier than in the next one.
    fn come_back(&mut self, service: ServiceId, at: Time) {
        let now = self.now;
        let at = at.max(now + Span::from_nanos(1));
        let pool = self.fleet.pool_mut(service);
        let waits = pool.recheck.is_some_and(|pending| pending > now && pending <= at);
        if !waits {
            pool.recheck = Some(at);
            self.schedule(at.since(now), Event::Reconcile(service));
        }
    }

    /// How far a rollout is that goes step by step; none under a controller that does not.
    pub(crate) fn standing(&self, service: ServiceId) -> Option<Standing> {
        match &self.fleet.pool(service).written {
            Written::Canaries(canaries) => {
                let stable = canaries.status.stable;
                Some(canaries.standing(stable.is_none_or(|stable| !self.sends_only_to(service, stable))))
            }
            Written::Flagged(flagged) => Some(flagged.standing(&self.model.system)),
            Written::Sets(_) | Written::Places(_) | Written::Hosts(_) => None,
        }
    }

    /// How far a rollout is that goes step by step, as its tool shows it; nothing, when nothing is on its way.
    pub(crate) fn rollout_shown(&self, service: ServiceId) -> Option<String> {
        let desired = self.control.desired(service);
        let is_seen = self.has_seen(service);
        match (&self.fleet.pool(service).written, &self.model.system.service(service).rollout) {
            (Written::Canaries(_), _) if !is_seen => Some(stuck::UNSEEN.to_owned()),
            (Written::Canaries(canaries), Rollout::Progressive(rollout)) => canaries.shown(&rollout.spec),
            (Written::Flagged(flagged), _) => flagged.shown(),
            (Written::Sets(sets), _) if desired.changes > 0 => sets.shown(desired.replicas, is_seen),
            (Written::Places(_), Rollout::StatefulSet(spec)) => self.places_shown(service, spec),
            (Written::Sets(_) | Written::Places(_) | Written::Canaries(_) | Written::Hosts(_), _) => None,
        }
    }

    /// Whether a rollout that was given up has been taken back: the stable version has all the traffic, and is there in
    /// full.
    pub(crate) fn is_back(&self, service: ServiceId) -> bool {
        let Some(standing) = self.standing(service) else { return false };
        let is_there = standing.stable.is_some_and(|stable| self.serves_in_full(service, stable));
        standing.is_given_up && !standing.has_traffic && is_there
    }

    /// Whether as many replicas of a version serve as are wanted of it: what takes traffic back has to be there. Where
    /// an autoscaler changes that number all the time, its smallest is enough.
    fn serves_in_full(&self, service: ServiceId, version: VersionId) -> bool {
        let (wanted, spec) = (self.control.desired(service).replicas, self.model.system.service(service));
        let least = spec.autoscale.as_ref().map_or(wanted, |autoscale| autoscale.min.min(wanted));
        self.serving_of(service, version) >= least as usize
    }

    fn serving_of(&self, service: ServiceId, version: VersionId) -> usize {
        let serves = |replica: &Replica| replica.version == version && replica.phase == Phase::Ready;
        self.fleet.members(service).filter(|(_, replica)| serves(replica)).count()
    }

    /// How many replicas fewer of a version serve than are wanted of a service.
    pub(super) fn lacks(&self, service: ServiceId, version: VersionId) -> usize {
        (self.control.desired(service).replicas as usize).saturating_sub(self.serving_of(service, version))
    }

    /// A person tells the controller to do something; it does so when it looks next.
    pub(crate) fn command_rollout(&mut self, service: ServiceId, order: RolloutOrder) {
        let model = self.model.clone();
        match &model.system.service(service).rollout {
            Rollout::Progressive(rollout) => self.tell_argo(service, &rollout.spec, order),
            Rollout::Flagger(_) => self.tell_flagger(service, order),
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::InPlace(_) => return,
        }
        self.reconcile_soon(service);
    }

    /// Whether some replica does not serve, and is not on its way out.
    pub(crate) fn has_stuck(&self, service: ServiceId) -> bool {
        self.fleet.members(service).any(|(_, replica)| replica.is_stuck())
    }

    /// Whether a process of some replica has died, and none has come up since: what is only starting may get there yet.
    pub(crate) fn has_failing(&self, service: ServiceId) -> bool {
        self.fleet.members(service).any(|(_, replica)| replica.is_stuck() && replica.crash.is_some())
    }

    /// Somebody stops replicas by hand: their controller makes new ones.
    pub(crate) fn stop_by_hand(&mut self, service: ServiceId, which: Stopped) {
        let chosen = |replica: &Replica| match which {
            Stopped::Stuck => replica.is_stuck(),
            Stopped::All => replica.phase != Phase::Draining,
        };
        let members = self.fleet.members(service).filter(|(_, replica)| chosen(replica));
        let members: Vec<_> = members.map(|(key, _)| key).collect();
        members.into_iter().for_each(|key| self.retire(key));
        self.refill(service);
    }

    /// Starts as many replicas as the sets of a service are short of.
    pub(in super::super) fn refill(&mut self, service: ServiceId) {
        if !self.keeps_sets(service) {
            return;
        }
        let sizes = self.fleet.pool(service).written.sizes();
        sizes.into_iter().for_each(|(set, to)| self.scale(service, set, to));
    }

    /// The host that a place of a service is on.
    fn host_of(&self, service: ServiceId, place: u32) -> HostId {
        let hosts = &self.model.system.service(service).hosts;
        hosts[place as usize % hosts.len()]
    }

    /// So many replicas of a set that serve, as they do before the run.
    fn place_ready(&mut self, service: ServiceId, set: Set, count: u32) {
        for _ in 0..count {
            let key = self.place(service, set);
            self.become_ready(key);
        }
    }

    /// The replicas of a set.
    fn count_pods(&self, service: ServiceId, set: Set, min_ready: Span) -> Pods {
        let headcount = self.fleet.headcount(service);
        let of = |phase| headcount.of(set, phase);
        let (ready, terminating) = (of(Phase::Ready), of(Phase::Draining));
        let available = if min_ready == Span::ZERO { ready } else { self.count_available(service, set, min_ready) };
        Pods { created: of(Phase::Starting) + ready + of(Phase::Crashed), ready, available, terminating }
    }

    /// Those of a set that have served for long enough.
    fn count_available(&self, service: ServiceId, set: Set, min_ready: Span) -> u32 {
        let own = self.fleet.members(service).filter(|(_, replica)| replica.is_of(set));
        own.map(|(_, replica)| u32::from(replica.is_available(min_ready, self.now))).sum()
    }

    /// Ends a replica: one that serves may finish what it has begun.
    pub(in super::super) fn retire(&mut self, key: ReplicaKey) {
        match self.fleet.replicas.get(key).map(|replica| replica.phase) {
            Some(Phase::Ready) => self.drain(key),
            Some(Phase::Starting | Phase::Crashed) => self.stop(key),
            Some(Phase::Draining | Phase::Stopped) | None => {}
        }
    }
}
