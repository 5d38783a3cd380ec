//! What trials may cost, counted and not measured, so that the same is tried on every machine.

use crate::people::operations::State;
use crate::world::World;
use model::rollout::Rollout;
use model::time::Span;

/// What all ways together may cost, in looks at a replica: some twenty nanoseconds each. One trial of each way is made
/// in any case.
const BUDGET: u64 = 60_000_000;
/// What an event costs, whoever it is about.
const EVENT: u64 = 50;
/// What a place costs with each event, where a controller looks at all of them.
const PLACE: u64 = 2;
/// What it costs with each event to ask whether an order is in effect that is on its way.
const ASKED: u64 = 1;
/// What a trial costs for each replica there is: it is copied, its luck is drawn, and it may be told something.
const COPIED: u64 = 20;
/// Of how many replicas one is looked at with each event, where their controller counts them by kind.
const COUNTED: u64 = 16;
/// The same where it waits until they have served for long enough.
const WAITED: u64 = 4;
/// The same where it splits traffic among them.
const SPLIT: u64 = 2;

/// How much may be tried, over all ways: told in looks at a replica, so that the same is tried on every machine.
pub(super) struct Budget {
    left: u64,
    ways: u64,
    spent: u64,
}

impl Budget {
    /// For so many ways.
    pub(super) fn of(ways: usize) -> Self {
        Budget { left: BUDGET, ways: ways as u64, spent: 0 }
    }

    /// The share of one more way. What the ways before have left over is for those that come.
    pub(super) fn share(&self) -> u64 {
        self.left / self.ways.max(1)
    }

    pub(super) fn spend(&mut self, cost: u64) {
        self.left = self.left.saturating_sub(cost);
        self.ways = self.ways.saturating_sub(1);
        self.spent += cost;
    }

    /// What has been tried so far.
    pub(super) const fn spent(&self) -> u64 {
        self.spent
    }
}

impl World {
    /// What a trial has cost that began here.
    pub(super) fn cost_of(&self, fork: &World) -> u64 {
        let copied = COPIED * self.fleet.replicas.len() as u64;
        copied + (1 + fork.steps - self.steps) * self.cost_of_an_event()
    }

    /// What an event costs in the middle: a StatefulSet's controller looks at each place, and finds who is there; the
    /// others count replicas by kind, and look at some.
    fn cost_of_an_event(&self) -> u64 {
        let services = self.model.system.services.iter().zip(&self.fleet.pools);
        let looked_at = services.map(|(service, pool)| {
            let (own, waits) = (pool.members.len() as u64, service.rollout.min_ready() > Span::ZERO);
            match service.rollout {
                Rollout::Deployment(_) | Rollout::Flagger(_) if !waits => own / COUNTED,
                Rollout::Deployment(_) | Rollout::Flagger(_) => own / WAITED,
                Rollout::Progressive(_) => own / SPLIT,
                // It looks at the places that have changed.
                Rollout::InPlace(_) => own / COUNTED,
                Rollout::StatefulSet(_) => PLACE * own,
            }
        });
        let asked = self.operations.iter().filter(|own| own.state == State::Spreading).count() as u64;
        EVENT + looked_at.max().unwrap_or(0) + ASKED * asked
    }
}
