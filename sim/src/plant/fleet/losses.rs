//! Hosts that are lost, with all that runs on them, and what comes of it.
//!
//! Every process there dies at once. Its replica is still counted, for nobody can tell a host that is gone from one
//! that does not answer: controllers of Kubernetes wait for it. When they give it up, they put another one elsewhere;
//! but no two pods of a `StatefulSet` may ever have the same place, so these wait for their host. What still waits when
//! the host is there again is started on it. Balancers know at once; nobody moves anything back.

use super::{Death, Phase, Replica, ReplicaKey};
use crate::event::Event;
use crate::world::World;
use model::id::{FaultId, HostId, ServiceId};
use model::place::Area;
use model::rollout::Rollout;
use model::time::Span;

/// How long pods are waited for whose host does not answer: until it counts as not ready
/// (`--node-monitor-grace-period`, 40 s), and as long as they tolerate that (`DefaultTolerationSeconds`, 300 s).
const PATIENCE: Span = Span::from_secs(40 + 300);

impl World {
    /// A place is lost, or is there again.
    pub(crate) fn lost_changed(&mut self, fault: FaultId, area: Area) {
        let system = &self.model.system;
        let hosts: Vec<_> = (0..system.hosts.len()).map(HostId::new).filter(|host| area.has(*host, system)).collect();
        for host in hosts {
            let is_gone = self.control.loss_of(&self.model.system, host).is_some();
            match (is_gone, self.fleet.lost.contains_key(&host)) {
                (true, false) => self.lose(fault, host),
                (false, true) => self.regain(host),
                (true, true) | (false, false) => {}
            }
        }
        self.schedule(PATIENCE, Event::GiveUp(area));
        self.reach_changed();
    }

    fn lose(&mut self, fault: FaultId, host: HostId) {
        self.fleet.lost.insert(host, self.now);
        let now = self.now;
        self.fleet.images.retain(|(_, own), there| *own != host || *there <= now);
        let alive = |replica: &Replica| replica.phase != Phase::Crashed;
        self.on_host(host, alive).into_iter().for_each(|key| self.crash(key, Death::Fault(fault)));
    }

    fn regain(&mut self, host: HostId) {
        self.fleet.lost.remove(&host);
        let now = self.now;
        let is_due = |replica: &Replica| replica.crash.is_some_and(|crash| crash.restart.at < now);
        let waiting = self.on_host(host, |replica| replica.phase == Phase::Crashed && is_due(replica));
        waiting.into_iter().for_each(|key| self.schedule(Span::ZERO, Event::Restart(key)));
    }

    fn on_host(&self, host: HostId, is_meant: impl Fn(&Replica) -> bool) -> Vec<ReplicaKey> {
        let all = self.fleet.replicas.iter();
        all.filter(|(_, replica)| replica.host == host && is_meant(replica)).map(|(key, _)| key).collect()
    }

    /// Gives up the pods of a place on hosts that have been lost for so long, and has others made elsewhere.
    pub(crate) fn give_up_pods(&mut self, area: Area) {
        for service in (0..self.model.system.services.len()).map(ServiceId::new) {
            let gone: Vec<_> = self.overdue_pods(service, area).map(|(key, _)| key).collect();
            if !gone.is_empty() {
                gone.into_iter().for_each(|key| self.retire(key));
                self.refill(service);
                self.reconcile_soon(service);
            }
        }
    }

    fn overdue_pods(&self, service: ServiceId, area: Area) -> impl Iterator<Item = (ReplicaKey, &Replica)> {
        let (system, now) = (&self.model.system, self.now);
        let spec = system.service(service);
        let is_replaced = spec.is_evicted() && !matches!(spec.rollout, Rollout::StatefulSet(_));
        let is_over = move |host: HostId| self.fleet.lost.get(&host).is_some_and(|since| *since + PATIENCE <= now);
        let members = self.fleet.members(service).filter(move |_| is_replaced);
        members.filter(move |(_, own)| area.has(own.host, system) && is_over(own.host))
    }
}
