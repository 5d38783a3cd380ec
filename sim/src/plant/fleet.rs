//! Replicas: starting, serving, draining, gone; and the pools a service's balancer chooses from.

use crate::event::Event;
use crate::fact::Fact;
use crate::kernel::slab::{Key, Slab};
use crate::kernel::variate;
use crate::plant::requests::FrameKey;
use crate::plant::requests::guards::{Guard, SiteKey};
use crate::world::World;
use model::controllers::deployment::{self, DeploymentSpec, ReplicaSetState, Step};
use model::id::{FlagId, HostId, ServiceId, VersionId};
use model::program::FlagSet;
use model::system::{Balancer, Service};
use model::time::{Span, Time};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A replica, for as long as it lives.
pub(crate) type ReplicaKey = Key<Replica>;

/// A process of one version of a service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Replica {
    pub(crate) service: ServiceId,
    pub(crate) version: VersionId,
    pub(crate) host: HostId,
    pub(crate) phase: Phase,
    /// Flags as this process last saw them.
    pub(crate) flags: FlagSet,
    /// Where in a poll interval this process asks the flag service: a uniform word.
    pub(crate) poll_phase: u64,
    pub(crate) ready_at: Time,
    /// Workers in use.
    pub(crate) busy: u32,
    /// Frames waiting for a worker.
    pub(crate) waiting: VecDeque<FrameKey>,
    /// Frames begun here and not ended.
    pub(crate) in_flight: u32,
    /// What this process remembers of its guarded call sites.
    pub(crate) guards: BTreeMap<SiteKey, Guard>,
}

/// Where a replica is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Being fetched and started.
    Starting,
    /// Serving.
    Ready,
    /// Finishing what it began, taking nothing new.
    Draining,
    /// Gone.
    Stopped,
}

/// All replicas.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fleet {
    pub(crate) replicas: Slab<Replica>,
    pub(crate) pools: Vec<Pool>,
    /// Hosts that have a version's image.
    cached: BTreeSet<(VersionId, HostId)>,
    /// Replicas ever started, by version: the index of start-up draws.
    started: BTreeMap<VersionId, u64>,
}

/// The replicas of one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pool {
    /// Every replica that is not gone, oldest first.
    pub(crate) members: Vec<ReplicaKey>,
    /// Those that serve, in the order they became ready.
    pub(crate) ready: Vec<ReplicaKey>,
    /// Where the balancer's round stands.
    turn: usize,
    /// The replica sets as its controller has specified them, in order of creation.
    sets: Vec<ReplicaSetState>,
    /// Replicas placed so far: the next one's host.
    placed: usize,
}

impl Replica {
    fn starting(service: ServiceId, version: VersionId, host: HostId, poll_phase: u64) -> Self {
        Replica {
            service,
            version,
            host,
            phase: Phase::Starting,
            flags: FlagSet::default(),
            poll_phase,
            ready_at: Time::MAX,
            busy: 0,
            waiting: VecDeque::new(),
            in_flight: 0,
            guards: BTreeMap::new(),
        }
    }
}

impl Pool {
    /// Round robin over what is ready.
    fn next(&mut self) -> Option<ReplicaKey> {
        let count = self.ready.len();
        if count == 0 {
            return None;
        }
        self.turn = (self.turn + 1) % count;
        Some(self.ready[self.turn])
    }
}

impl Fleet {
    pub(crate) fn pool(&self, service: ServiceId) -> &Pool {
        &self.pools[service.index()]
    }

    pub(crate) fn pool_mut(&mut self, service: ServiceId) -> &mut Pool {
        &mut self.pools[service.index()]
    }

    /// The members of a service's pool, oldest first.
    pub(crate) fn members(&self, service: ServiceId) -> impl DoubleEndedIterator<Item = (ReplicaKey, &Replica)> {
        self.pool(service).members.iter().filter_map(|key| Some((*key, self.replicas.get(*key)?)))
    }

    /// The replica a request goes to; `luck` is a random word of the request, for balancers that draw.
    pub(crate) fn choose(
        &mut self,
        service: ServiceId,
        balancer: Balancer,
        luck: impl Fn() -> u64,
    ) -> Option<ReplicaKey> {
        match balancer {
            Balancer::RoundRobin => self.pool_mut(service).next(),
            Balancer::LeastLoaded => {
                let ready = self.pool(service).ready.iter().copied();
                ready.min_by_key(|key| self.load(*key))
            }
            Balancer::PowerOfTwo => {
                let ready = &self.pool(service).ready;
                let word = luck();
                let [one, other] = [word, word.rotate_left(32)].map(|word| pick(ready, word));
                if self.load(other?) < self.load(one?) { other } else { one }
            }
        }
    }

    fn load(&self, key: ReplicaKey) -> u32 {
        self.replicas.get(key).map_or(u32::MAX, |replica| replica.in_flight)
    }

    /// Versions with at least one process that still runs code: serving or draining.
    pub(crate) fn serving(&self) -> BTreeSet<VersionId> {
        let running = self.replicas.iter().filter(|(_, r)| matches!(r.phase, Phase::Ready | Phase::Draining));
        running.map(|(_, replica)| replica.version).collect()
    }
}

impl World {
    /// Brings up the fleet as it was before the run: ready, with the images on the hosts.
    pub(crate) fn boot_fleet(&mut self) {
        let model = self.model.clone();
        for (index, spec) in model.system.services.iter().enumerate() {
            let service = ServiceId::new(index);
            self.fleet.pools.push(Pool { sets: vec![first_set(spec)], ..Pool::default() });
            self.fleet.cached.extend(spec.hosts.iter().map(|host| (spec.initial, *host)));
            for _ in 0..spec.rollout.replicas {
                let (key, _) = self.place(service, spec.initial);
                self.become_ready(key);
            }
        }
    }

    /// Puts a new replica on the next host of its service. Also says which start of its version this is.
    fn place(&mut self, service: ServiceId, version: VersionId) -> (ReplicaKey, u64) {
        let hosts = &self.model.system.service(service).hosts;
        let pool = &mut self.fleet.pools[service.index()];
        let host = hosts[pool.placed % hosts.len()];
        pool.placed += 1;
        let starts = self.fleet.started.entry(version).or_insert(0);
        let ordinal = *starts;
        *starts += 1;
        let poll_phase = self.version_stream(version, "poll").word(ordinal, 0);
        let key = self.fleet.replicas.insert(Replica::starting(service, version, host, poll_phase));
        self.fleet.pool_mut(service).members.push(key);
        (key, ordinal)
    }

    /// Fetches the image, unless the host has it, and starts a process.
    fn start(&mut self, service: ServiceId, version: VersionId) {
        let (key, ordinal) = self.place(service, version);
        let host = self.fleet.replicas.get(key).expect("just placed").host;
        let stream = self.version_stream(version, "start");
        let pull = if self.fleet.cached.insert((version, host)) {
            variate::draw(self.model.system.version(version).pull, stream.word(ordinal, 0))
        } else {
            Span::ZERO
        };
        let startup = variate::draw(self.model.system.service(service).startup, stream.word(ordinal, 1));
        self.schedule(pull + startup, Event::Ready(key));
        self.report(Fact::Replica { service, version, phase: Phase::Starting });
    }

    /// A process asks for its flags and starts to serve.
    pub(crate) fn become_ready(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        replica.phase = Phase::Ready;
        replica.flags = self.control.flags;
        replica.ready_at = self.now;
        let (service, version) = (replica.service, replica.version);
        self.fleet.pool_mut(service).ready.push(key);
        let min_ready = self.model.system.service(service).rollout.min_ready;
        self.schedule(min_ready, Event::Reconcile(service));
        self.report(Fact::Replica { service, version, phase: Phase::Ready });
    }

    /// Takes a replica out of the balancer; it goes once it has finished what it began.
    fn drain(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        let (service, version, idle) = (replica.service, replica.version, replica.in_flight == 0);
        replica.phase = Phase::Draining;
        self.fleet.pool_mut(service).ready.retain(|other| *other != key);
        self.report(Fact::Replica { service, version, phase: Phase::Draining });
        if idle {
            self.stop(key);
        } else {
            self.schedule(self.model.system.service(service).drain, Event::Stop(key));
        }
    }

    /// The end of a replica. What it has not finished fails.
    pub(crate) fn stop(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.replicas.remove(key) else { return };
        let pool = self.fleet.pool_mut(replica.service);
        pool.members.retain(|other| *other != key);
        self.fail_all_on(key);
        self.schedule(Span::ZERO, Event::Reconcile(replica.service));
        let Replica { service, version, .. } = replica;
        self.report(Fact::Replica { service, version, phase: Phase::Stopped });
    }

    /// Lets the controller take one look, and once more after each step it takes.
    pub(crate) fn reconcile(&mut self, service: ServiceId) {
        let desired = self.control.desired(service);
        let (target, paused) = (desired.version, desired.paused);
        let spec = DeploymentSpec { paused, ..self.model.system.service(service).rollout };
        let steps = deployment::reconcile(&spec, target, &self.observe_sets(service));
        if steps.is_empty() {
            return;
        }
        for step in steps {
            deployment::apply(step, &spec, &mut self.fleet.pool_mut(service).sets);
            if let Step::Scale { version, to } = step {
                self.scale(service, version, to);
            }
        }
        self.schedule(Span::ZERO, Event::Reconcile(service));
    }

    /// The replica sets of a service as its controller sees them.
    fn observe_sets(&self, service: ServiceId) -> Vec<ReplicaSetState> {
        let sets = self.fleet.pool(service).sets.iter();
        sets.map(|set| self.observe_set(service, *set)).collect()
    }

    fn observe_set(&self, service: ServiceId, set: ReplicaSetState) -> ReplicaSetState {
        let min_ready = self.model.system.service(service).rollout.min_ready;
        let mut seen = ReplicaSetState { created: 0, ready: 0, available: 0, terminating: 0, ..set };
        for (_, replica) in self.fleet.members(service).filter(|(_, replica)| replica.version == set.version) {
            let ready = replica.phase == Phase::Ready;
            let draining = replica.phase == Phase::Draining;
            seen.created += u32::from(!draining);
            seen.terminating += u32::from(draining);
            seen.ready += u32::from(ready);
            seen.available += u32::from(ready && self.now.since(replica.ready_at) >= min_ready);
        }
        seen
    }

    /// Starts or stops replicas until a version has as many as wanted. Those that do not serve go
    /// first, then the youngest.
    fn scale(&mut self, service: ServiceId, version: VersionId, to: u32) {
        let alive = |(_, r): &(ReplicaKey, &Replica)| r.version == version && r.phase != Phase::Draining;
        let mut members: Vec<_> = self.fleet.members(service).filter(alive).map(|(key, r)| (r.phase, key)).collect();
        for _ in members.len()..to as usize {
            self.start(service, version);
        }
        members.sort_by_key(|(phase, _)| *phase != Phase::Ready);
        for (phase, key) in members.into_iter().skip(to as usize).rev() {
            match phase {
                Phase::Ready => self.drain(key),
                Phase::Starting | Phase::Draining | Phase::Stopped => self.stop(key),
            }
        }
    }

    /// Tells every process that knows a flag of its new state, each when it next asks.
    pub(crate) fn spread_flag(&mut self, flag: FlagId) {
        let interval = self.model.system.flag(flag).poll;
        let knows = |replica: &Replica| self.model.system.version(replica.version).knows.has(flag);
        let replicas = self.fleet.replicas.iter().filter(|(_, replica)| knows(replica));
        let asks: Vec<_> = replicas.map(|(key, replica)| (key, replica.poll_phase)).collect();
        for (key, phase) in asks {
            let wait = until_next_poll(self.now, interval, phase);
            self.schedule(wait, Event::Poll(key, flag));
        }
    }

    /// A process asks the flag service, and believes what it hears.
    pub(crate) fn poll(&mut self, key: ReplicaKey, flag: FlagId) {
        let on = self.control.flags.has(flag);
        let Some(replica) = self.fleet.replicas.get_mut(key) else { return };
        if replica.phase != Phase::Starting && replica.flags.has(flag) != on {
            replica.flags = replica.flags.with(flag, on);
            self.report(Fact::FlagSeen { flag, on });
        }
    }
}

/// One of the replicas, by a random word.
fn pick(ready: &[ReplicaKey], word: u64) -> Option<ReplicaKey> {
    let count = ready.len() as u64;
    (count > 0).then(|| ready[usize::try_from(variate::bounded(word, count)).expect("an index of the pool")])
}

/// The replica set of a service before the run: complete, at its first revision.
fn first_set(service: &Service) -> ReplicaSetState {
    ReplicaSetState {
        version: service.initial,
        revision: 1,
        spec: service.rollout.replicas,
        sizing: Some(service.rollout.sizing()),
        ..ReplicaSetState::default()
    }
}

/// From `now` to the next time a process asks that asks every `interval`, at its own offset.
fn until_next_poll(now: Time, interval: Span, phase: u64) -> Span {
    let interval = interval.nanos().max(1);
    let offset = variate::bounded(phase, interval);
    let into = now.nanos() % interval;
    Span::from_nanos(if into <= offset { offset - into } else { interval - (into - offset) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_is_at_most_one_interval_away() {
        for interval in [Span::from_secs(30), Span::from_nanos(u64::MAX)] {
            for now in [0, 1, 29_999_999_999, 30_000_000_000, 77_123_456_789] {
                for phase in [0, u64::MAX / 3, u64::MAX] {
                    assert!(until_next_poll(Time::from_nanos(now), interval, phase) < interval);
                }
            }
        }
    }
}
