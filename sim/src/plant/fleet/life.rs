//! A replica's life: placed, started, ready, drained, stopped.

use super::{Phase, Replica, ReplicaKey};
use crate::event::Event;
use crate::fact::Fact;
use crate::kernel::variate;
use crate::world::World;
use model::id::{ServiceId, VersionId};
use model::time::Span;

impl World {
    /// Puts a new replica on the next host of its service. Also says which start of its version this is.
    pub(super) fn place(&mut self, service: ServiceId, version: VersionId) -> (ReplicaKey, u64) {
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
    pub(super) fn start(&mut self, service: ServiceId, version: VersionId) {
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
    pub(super) fn drain(&mut self, key: ReplicaKey) {
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
}
