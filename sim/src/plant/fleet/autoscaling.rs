//! Autoscaling: how busy replicas were since the last sync, and what the autoscaler makes of it.
//!
//! Only services with an autoscaler have meters and syncs; the others pay nothing.

use super::{Phase, Replica, Side};
use crate::event::Event;
use crate::fact::Fact;
use crate::world::World;
use model::control::{Change, ServiceChange};
use model::controllers::autoscaler::{self, History, Observed, SYNC};
use model::fault::ControlLoop;
use model::id::ServiceId;
use model::time::Time;

/// Worker time used on a replica since it was last read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meter {
    /// How many there are: where they are shared, more requests are at work than that.
    workers: u32,
    /// In nanoseconds, all workers together.
    used: u64,
    /// Up to when.
    upto: Time,
}

impl Meter {
    pub(super) const fn started(workers: u32, now: Time) -> Self {
        Meter { workers, used: 0, upto: now }
    }

    /// Counts what so many busy workers have used by now.
    fn run(&mut self, busy: u32, now: Time) {
        let busy = u64::from(busy.min(self.workers));
        self.used = self.used.saturating_add(now.since(self.upto).times(busy).nanos());
        self.upto = now;
    }
}

impl Replica {
    /// A worker begins.
    pub(crate) fn engage(&mut self, now: Time) {
        self.run_meter(now);
        self.busy += 1;
    }

    /// A worker is free again.
    pub(crate) fn release(&mut self, now: Time) {
        self.run_meter(now);
        self.busy -= 1;
    }

    fn run_meter(&mut self, now: Time) {
        if let Some(meter) = &mut self.meter {
            meter.run(self.busy, now);
        }
    }

    /// The worker time used since the last reading, in nanoseconds.
    fn read_meter(&mut self, now: Time) -> u64 {
        self.run_meter(now);
        self.meter.as_mut().map_or(0, |meter| std::mem::take(&mut meter.used))
    }
}

impl World {
    /// Starts the autoscaler of a service, if it has one. What it had before the run counts as a proposal.
    pub(super) fn boot_autoscaler(&mut self, service: ServiceId) {
        if self.model.system.service(service).autoscale.is_none() {
            return;
        }
        for side in [Side::Primary, Side::Canary] {
            if let Some(replicas) = self.asked_for(service, side) {
                self.fleet.autoscalers.insert((service, side), History::starting(self.now, replicas));
            }
        }
        self.schedule(SYNC, Event::Autoscale(service));
    }

    /// A sync: the autoscaler looks, and changes the number of replicas wanted. The canary's Deployment of Flagger has
    /// one of its own, with the same spec.
    pub(crate) fn autoscale(&mut self, service: ServiceId) {
        self.schedule(SYNC, Event::Autoscale(service));
        [Side::Primary, Side::Canary].into_iter().for_each(|side| self.autoscale_side(service, side));
    }

    /// How many replicas a Deployment of a service was told to have; none, where there is no such Deployment.
    fn asked_for(&self, service: ServiceId, side: Side) -> Option<u32> {
        match side {
            Side::Primary => Some(self.control.desired(service).replicas),
            Side::Canary => self.canary_replicas(service),
            Side::Standby => None,
        }
    }

    fn autoscale_side(&mut self, service: ServiceId, side: Side) {
        let model = self.model.clone();
        let Some(spec) = &model.system.service(service).autoscale else { return };
        let Some(seen) = self.read_meters(service, side) else { return };
        if self.control.desired(service).hands_off || self.is_stuck(service, ControlLoop::Autoscaler) {
            return;
        }
        let now = self.now;
        let Some(history) = self.fleet.autoscalers.get_mut(&(service, side)) else { return };
        let Some(recommended) = autoscaler::recommend(spec, &seen, history, now) else { return };
        history.remember(&spec.behavior, now, seen.replicas, &recommended);
        let replicas = recommended.replicas;
        if replicas == seen.replicas {
            return;
        }
        match side {
            Side::Primary => {
                self.apply(Change::Service(service, ServiceChange::Replicas(replicas)));
                self.report(Fact::Scaled { service, replicas });
            }
            Side::Canary => self.size_canary(service, replicas),
            // Its size is fixed.
            Side::Standby => {}
        }
    }

    /// What there is to see of a Deployment, or of the set of a blue-green rollout that gets the traffic. Reading a
    /// meter sets it back.
    fn read_meters(&mut self, service: ServiceId, side: Side) -> Option<Observed> {
        let replicas = self.asked_for(service, side)?;
        let active = self.active_set(service);
        let now = self.now;
        let workers = self.model.system.service(service).concurrency;
        let capacity = SYNC.times(u64::from(workers)).nanos();
        let mut seen = Observed { replicas, capacity: u128::from(capacity), ..Observed::default() };
        for key in &self.fleet.pools[service.index()].members {
            let Some(replica) = self.fleet.replicas.get_mut(*key).filter(|own| own.side == side) else { continue };
            let used = replica.read_meter(now);
            if active.is_some_and(|active| active != replica.version) {
                continue;
            }
            match replica.phase {
                Phase::Ready if now.since(replica.ready_at) >= SYNC => {
                    seen.measured += 1;
                    seen.used += u128::from(used);
                }
                Phase::Ready | Phase::Starting | Phase::Crashed => seen.unready += 1,
                Phase::Draining | Phase::Stopped => {}
            }
        }
        Some(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Span;

    #[test]
    fn a_meter_adds_up_workers_times_time() {
        let at = |secs| Time::ZERO + Span::from_secs(secs);
        let mut meter = Meter::started(3, at(10));
        meter.run(0, at(12));
        meter.run(5, at(14));
        meter.run(1, at(14));
        meter.run(1, at(15));
        assert_eq!(meter, Meter { workers: 3, used: Span::from_secs(7).nanos(), upto: at(15) });
    }
}
