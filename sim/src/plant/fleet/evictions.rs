//! Evictions: a place is made empty, and what ran there comes up elsewhere.
//!
//! As `kubectl drain` does: the place is cordoned first, then each replica there is evicted as soon as its service may
//! lose one, and those that may not go yet are tried again. The budget is that of a PodDisruptionBudget with
//! `maxUnavailable`, and with its default policy for pods that do not serve: those go as long as the others are enough.

use super::{Phase, Replica, ReplicaKey};
use crate::event::Event;
use crate::world::World;
use model::id::ServiceId;
use model::place::Area;
use model::time::Span;

/// How soon an eviction is tried again that was refused (`evictPods` in kubectl).
const AGAIN: Span = Span::from_secs(5);

impl World {
    /// Evicts what may go from a place, and comes back for the rest.
    pub(crate) fn evict(&mut self, area: Area) {
        if !self.control.cordoned.contains(&area) {
            return;
        }
        for service in (0..self.model.system.services.len()).map(ServiceId::new) {
            self.evict_of(service, area);
        }
        if self.has_emptied(area) {
            self.check_operations();
        } else {
            self.schedule(AGAIN, Event::Evict(area));
        }
    }

    fn evict_of(&mut self, service: ServiceId, area: Area) {
        let there: Vec<_> = self.evictable(service, area).map(|(key, replica)| (key, replica.phase)).collect();
        let mut has_gone = false;
        for (key, phase) in there {
            if self.may_go(service, phase) {
                self.retire(key);
                has_gone = true;
            }
        }
        if has_gone {
            self.refill(service);
            self.reconcile_soon(service);
        }
    }

    /// Whether a service may lose a replica that is in this phase.
    fn may_go(&self, service: ServiceId, phase: Phase) -> bool {
        let Some(most) = self.model.system.service(service).disruptions else { return true };
        let serving = self.fleet.members(service).filter(|(_, own)| own.phase == Phase::Ready).count();
        let wanted = self.control.desired(service).replicas.saturating_sub(most) as usize;
        if phase == Phase::Ready { serving > wanted } else { serving >= wanted }
    }

    /// Replicas at a place that are to go and are not on their way.
    fn evictable(&self, service: ServiceId, area: Area) -> impl Iterator<Item = (ReplicaKey, &Replica)> {
        let system = &self.model.system;
        let is_evicted = system.service(service).is_evicted();
        let members = self.fleet.members(service).filter(move |_| is_evicted);
        members.filter(move |(_, own)| own.phase != Phase::Draining && area.has(own.host, system))
    }

    /// Whether nothing is left at a place that can be evicted.
    pub(crate) fn has_emptied(&self, area: Area) -> bool {
        let mut services = (0..self.model.system.services.len()).map(ServiceId::new);
        services.all(|service| self.evictable(service, area).next().is_none())
    }
}
