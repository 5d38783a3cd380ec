//! What is under way at an instant, counted: nothing may be left of it when nobody asks any more.

use crate::world::World;
use model::id::ServiceId;

/// How much is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnderWay {
    /// Endpoints that were asked and have not come to their end; those nobody waits for any more, and those whose
    /// answer is on its way, included.
    pub frames: u64,
    /// Requests, runs and attempts of deferred work of which something is under way.
    pub trees: u64,
    /// Pieces of deferred work that are not done.
    pub tasks: u64,
    /// What balancers take to be in flight at the replicas there are.
    pub at_replicas: u64,
}

impl World {
    /// What is under way now.
    #[must_use]
    pub fn under_way(&self) -> UnderWay {
        UnderWay {
            frames: self.frames.len() as u64,
            trees: self.origins.len() as u64,
            tasks: self.tasks.len() as u64,
            at_replicas: self.fleet.replicas.iter().map(|(_, replica)| u64::from(replica.in_flight)).sum(),
        }
    }

    /// Requests that were sent to a service and have not come to their end.
    #[must_use]
    pub fn under_way_at(&self, service: ServiceId) -> u64 {
        let asked = |endpoint| self.model.system.endpoint(endpoint).service == service;
        self.frames.iter().filter(|(_, frame)| asked(frame.endpoint)).count() as u64
    }
}
