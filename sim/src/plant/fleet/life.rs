//! A replica's life: placed, started, ready, drained, stopped; and crashed, and restarted where it was.
//!
//! A replica outlives its process. When that dies, a fresh one takes the replica's place in the pool, under a key of
//! its own: whatever was meant for the dead one finds nothing.

use super::autoscaling::Meter;
use super::{Crash, Death, Phase, Replica, ReplicaKey, Set};
use crate::event::Event;
use crate::fact::{Cause, Fact};
use crate::world::World;
use model::controllers::kubelet::Restart;
use model::flag::Settings;
use model::id::{DefectId, HostId, ServiceId, VersionId, mix};
use model::ratio::Ratio;
use model::rollout::Template;
use model::system::Artifact;
use model::time::Span;

impl World {
    /// Puts a new replica on the next host of its service.
    pub(super) fn place(&mut self, service: ServiceId, set: Set) -> ReplicaKey {
        let pool = &mut self.fleet.pools[service.index()];
        let place = pool.placed;
        pool.placed += 1;
        self.place_on(service, set, (self.open_host(service, place), self.free_slot(service, set)))
    }

    /// The host of a place, or the next one on which something may be put.
    pub(super) fn open_host(&self, service: ServiceId, place: usize) -> HostId {
        let (system, hosts) = (&self.model.system, &self.model.system.service(service).hosts);
        let own = hosts[place % hosts.len()];
        if self.control.cordoned.is_empty() && self.fleet.lost.is_empty() {
            return own;
        }
        let mut from_there = (place..place + hosts.len()).map(|place| hosts[place % hosts.len()]);
        let is_open = |host: &HostId| !self.control.is_cordoned(system, *host) && !self.fleet.lost.contains_key(host);
        from_there.find(is_open).unwrap_or(own)
    }

    /// Puts a new replica on a host, in a slot.
    pub(super) fn place_on(&mut self, service: ServiceId, set: Set, (host, slot): (HostId, u32)) -> ReplicaKey {
        let zone = self.model.system.host(host).zone;
        let version = Template::version(set.template, &self.model.system);
        let restarts = self.control.desired(service).restarts;
        let Set { template, side } = set;
        let replica = Replica { template, restarts, side, slot, ..Replica::new(service, version, (host, zone)) };
        let key = self.fleet.admit(replica);
        self.number(key);
        let replica = self.fleet.replicas.get_mut(key).expect("just made");
        replica.sign = mix(replica.poll_phase);
        self.fleet.pool_mut(service).members.push(key);
        key
    }

    /// Numbers a new process among those of its version: its draws go by it.
    fn number(&mut self, key: ReplicaKey) {
        let version = self.fleet.replicas.get(key).expect("just made").version;
        let starts = self.fleet.started.entry(version).or_insert(0);
        let start = *starts;
        *starts += 1;
        let poll_phase = self.poll_phase(version, start);
        let replica = self.fleet.replicas.get_mut(key).expect("just made");
        (replica.start, replica.poll_phase) = (start, poll_phase);
        replica.is_steady = self.model.system.is_steady(replica.service);
        self.take_configs(key);
    }

    /// A uniform word: where in a poll interval a process asks the flag service.
    pub(crate) fn poll_phase(&self, version: VersionId, start: u64) -> u64 {
        self.version_stream(version, "poll").word(start, 0)
    }

    /// A new replica, and its first process.
    pub(super) fn start(&mut self, service: ServiceId, set: Set) {
        let key = self.place(service, set);
        self.come_up(key);
    }

    /// Fetches the image, unless the host has it, and starts the process.
    pub(super) fn come_up(&mut self, key: ReplicaKey) {
        let Replica { service, version, host, start, .. } = *self.fleet.replicas.get(key).expect("just made");
        if let Some(loss) = self.control.loss_of(&self.model.system, host) {
            return self.crash(key, Death::Fault(loss));
        }
        let stream = self.version_stream(version, "start");
        let Some(pull) = self.pull(version, host, stream.word(start, 0)) else {
            return self.crash(key, Death::Imageless);
        };
        let startup = self.sample(self.model.system.service(service).startup, stream.word(start, 1));
        if pull > Span::ZERO {
            self.take_environment_after(pull, key);
        }
        self.schedule(pull + startup, Event::Ready(key));
        self.report(Fact::Replica { service, version, phase: Phase::Starting });
    }

    /// How long it takes until a host has the image of a version; nothing, when the registry is out of reach, or has it
    /// no more. A host fetches an image once: whoever comes while it does waits for the rest of it.
    fn pull(&mut self, version: VersionId, host: HostId, word: u64) -> Option<Span> {
        if let Some(there) = self.fleet.images.get(&(version, host)) {
            return Some(there.since(self.now));
        }
        if self.control.artifacts[version.index()] == Artifact::Gone {
            return None;
        }
        let pace = self.control.registry_pace(&self.model.system);
        let takes = self.sample(self.model.system.version(version).pull, word);
        let takes = slowed(takes, pace)?;
        self.fleet.images.insert((version, host), self.now + takes);
        Some(takes)
    }

    /// Whether a host has an image, or could fetch it now.
    pub(crate) fn is_fetchable(&self, version: VersionId, host: HostId) -> bool {
        let is_there = self.control.artifacts[version.index()] != Artifact::Gone;
        let pace = self.control.registry_pace(&self.model.system);
        self.fleet.images.contains_key(&(version, host)) || is_there && slowed(Span::SECOND, pace).is_some()
    }

    /// A replica has gone. An image that nobody else on its host waits for is not fetched any further.
    fn break_off_pull(&mut self, version: VersionId, host: HostId) {
        let waits = |own: &Replica| own.phase == Phase::Starting && own.version == version && own.host == host;
        let is_on_its_way = self.fleet.images.get(&(version, host)).is_some_and(|there| *there > self.now);
        if is_on_its_way && !self.fleet.replicas.iter().any(|(_, own)| waits(own)) {
            self.fleet.images.remove(&(version, host));
        }
    }

    /// A process has come up: it serves, unless it lacks a secret or a defect strikes it first.
    pub(crate) fn come_to_life(&mut self, key: ReplicaKey) {
        match self.death_at_start(key) {
            Some(death) => self.crash(key, death),
            None => {
                self.become_ready(key);
                self.learn(key);
            }
        }
    }

    fn death_at_start(&self, key: ReplicaKey) -> Option<Death> {
        let replica = self.fleet.replicas.get(key)?;
        let secret = self.control.lacks_secret(&self.model.system, replica.version).map(Death::Secret);
        let again = || self.dies_again(key).filter(|_| self.is_trial).map(Death::Defect);
        secret.or_else(|| self.start_defect(key, &replica.settings).map(Death::Defect)).or_else(again)
    }

    /// The defect of which a process will die as soon as it is asked: those before it have died of it one after the
    /// other. In a trial, in which nobody asks, it dies of it all the same.
    pub(crate) fn dies_again(&self, key: ReplicaKey) -> Option<DefectId> {
        let Replica { version, crash, .. } = self.fleet.replicas.get(key)?;
        let crash = crash.filter(|crash| crash.count > 1)?;
        match crash.death {
            Death::Defect(defect) => {
                let only_while = self.model.system.defect(defect).only_while;
                let is_there = only_while.is_none_or(|flag| self.control.flags.get(flag).is_on());
                let is_of_starts = self.model.system.version(*version).start_defects.contains(&defect);
                (is_there && !is_of_starts).then_some(defect)
            }
            Death::Fault(_) | Death::Secret(_) | Death::Imageless => None,
        }
    }

    /// The defect that strikes a process at its start under these settings, if one does.
    pub(super) fn start_defect(&self, key: ReplicaKey, settings: &Settings) -> Option<DefectId> {
        let Replica { version, start, .. } = *self.fleet.replicas.get(key)?;
        let defects = self.model.system.version(version).start_defects.iter();
        let strikes = |id: &&DefectId| {
            let defect = self.model.system.defect(**id);
            let is_there = defect.only_while.is_none_or(|flag| settings.get(flag).is_on());
            is_there && defect.share.admits(self.version_stream(version, "start").word(start, defect.name.hash()))
        };
        defects.copied().find(|id| strikes(&id))
    }

    /// A process starts to serve.
    pub(super) fn become_ready(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.turn(key, Phase::Ready) else { return };
        replica.ready_at = self.now;
        let (service, version, set) = (replica.service, replica.version, replica.set());
        let spec = self.model.system.service(service);
        replica.meter = spec.autoscale.as_ref().map(|_| Meter::started(spec.concurrency, self.now));
        let min_ready = spec.rollout.min_ready();
        self.stir(service, set);
        self.offer(service, key);
        self.begin_to_work(key);
        self.schedule(min_ready, Event::Reconcile(service));
        self.report(Fact::Replica { service, version, phase: Phase::Ready });
        self.may_serve_others(service);
    }

    /// Puts a replica that serves into its balancer, unless it is kept out of it.
    fn offer(&mut self, service: ServiceId, key: ReplicaKey) {
        let is_in = |replica: &Replica| !replica.is_kept_out(&self.control, &self.model.system);
        let pool = self.fleet.pool(service);
        if pool.is_asked(key) && self.fleet.replicas.get(key).is_some_and(is_in) {
            self.fleet.pool_mut(service).ready.push(key);
        }
    }

    /// A part is taken out of every balancer, or put back.
    pub(crate) fn kept_out_changed(&mut self) {
        for index in 0..self.fleet.pools.len() {
            let service = ServiceId::new(index);
            let (model, control, replicas) = (&self.model, &self.control, &self.fleet.replicas);
            let is_out =
                |key: &ReplicaKey| replicas.get(*key).is_none_or(|replica| replica.is_kept_out(control, &model.system));
            let pool = &mut self.fleet.pools[index];
            let asked = if pool.stands_in { &pool.standby } else { &pool.members };
            pool.ready.retain(|key| asked.contains(key) && !is_out(key));
            let back = asked.iter().copied().filter(|key| !pool.ready.contains(key));
            let ready = |key: &ReplicaKey| replicas.get(*key).is_some_and(|replica| replica.phase == Phase::Ready);
            let back: Vec<_> = back.filter(ready).collect();
            back.into_iter().for_each(|key| self.offer(service, key));
        }
    }

    /// A process dies, and what it had in hand fails. The replica waits for its restart, unless it was
    /// on its way out.
    pub(crate) fn crash(&mut self, key: ReplicaKey, death: Death) {
        let Some(replica) = self.fleet.replicas.get(key) else { return };
        let Replica { service, version, phase, crash, in_flight, .. } = *replica;
        let Replica { host, zone, template, restarts, side, slot, sign, .. } = *replica;
        self.report(Fact::Crashed { version, death });
        if phase == Phase::Draining {
            return self.stop(key);
        }
        let restart = Restart::after(crash.map(|crash| crash.restart), self.now);
        let crash = Crash { death, restart, count: crash.map_or(0, |crash| crash.count).saturating_add(1) };
        let place = Replica { template, restarts, side, slot, sign, ..Replica::new(service, version, (host, zone)) };
        let backups = self.backups_of(key);
        let dead = Replica { phase: Phase::Crashed, crash: Some(crash), backups, ..place };
        let fresh = self.fleet.admit(dead);
        self.fleet.pool_mut(service).replace(key, fresh);
        self.fleet.dismiss(key);
        if in_flight > 0 {
            self.fail_all_on(key, Cause::Stopped);
        }
        self.schedule(restart.at.since(self.now), Event::Restart(fresh));
        self.stir(service, Set { template, side });
        self.reconcile_soon(service);
        self.may_serve_others(service);
    }

    /// A crashed replica gets a new process.
    pub(crate) fn restart(&mut self, key: ReplicaKey) {
        let host = self.fleet.replicas.get(key).map(|replica| replica.host);
        if host.is_some_and(|host| self.fleet.lost.contains_key(&host)) {
            return; // until it is there again
        }
        if self.fleet.turn(key, Phase::Starting).is_none() {
            return;
        }
        self.number(key);
        self.come_up(key);
    }

    /// Takes a replica out of the balancer; it goes once it has finished what it began.
    pub(super) fn drain(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.turn(key, Phase::Draining) else { return };
        let (service, version, idle) = (replica.service, replica.version, replica.in_flight == 0);
        strike_out(&mut self.fleet.pool_mut(service).ready, key);
        self.report(Fact::Replica { service, version, phase: Phase::Draining });
        self.may_serve_others(service);
        if idle {
            self.stop(key);
        } else {
            self.schedule(self.model.system.service(service).drain, Event::Stop(key));
        }
    }

    /// The end of a replica. What it has not finished fails.
    pub(crate) fn stop(&mut self, key: ReplicaKey) {
        let Some(replica) = self.fleet.dismiss(key) else { return };
        let pool = self.fleet.pool_mut(replica.service);
        strike_out(&mut pool.members, key);
        if replica.in_flight > 0 {
            self.fail_all_on(key, Cause::Stopped);
        }
        self.reconcile_soon(replica.service);
        self.stir(replica.service, replica.set());
        self.break_off_pull(replica.version, replica.host);
        self.gave_up_slot(&replica);
        let Replica { service, version, .. } = replica;
        self.report(Fact::Replica { service, version, phase: Phase::Stopped });
    }
}

/// Takes a key out of a list in which it is once at most. The oldest come first, and are the first to go.
fn strike_out(keys: &mut Vec<ReplicaKey>, key: ReplicaKey) {
    if let Some(place) = keys.iter().position(|other| *other == key) {
        keys.remove(place);
    }
}

/// How long it takes at a share of the speed; for ever, at nothing.
fn slowed(takes: Span, pace: Ratio) -> Option<Span> {
    let nanos = (u128::from(takes.nanos()) * u128::from(Ratio::ONE.ppb())).checked_div(u128::from(pace.ppb()))?;
    Some(Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
}
