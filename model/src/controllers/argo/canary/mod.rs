//! Canaries: the new version takes over step by step.
//!
//! Without a router, the numbers of pods *are* the weights ([`basic`], [`approximation`]); with one, sizes follow
//! weights ([`routed`]), and weights follow available pods ([`router`]).

pub mod approximation;
pub mod basic;
mod older;
pub(super) mod pass;
pub mod routed;
pub mod router;
pub mod steps;
pub mod weight;

use super::gates;
use super::spec::{Canary, RolloutSpec};
use super::state::{Sets, Status, Weights};

/// What the rules of a canary look at.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// What is asked for.
    pub spec: &'a RolloutSpec,
    /// Its strategy.
    pub canary: &'a Canary,
    /// What is remembered.
    pub status: &'a Status,
    /// What there is.
    pub sets: Sets<'a>,
}

/// How many pods the new and the stable set shall have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// The new one.
    pub canary: u32,
    /// The stable one; means nothing when it is the new one.
    pub stable: u32,
}

impl View<'_> {
    /// How many pods new and stable set shall have now. `weights` are those the sets have to be able to carry.
    #[must_use]
    pub fn sizes(&self, weights: Option<&Weights>) -> Sizes {
        match &self.canary.routing {
            None => basic::sizes(self),
            Some(routing) => routed::sizes(self, routing, weights),
        }
    }

    /// Whether the sets have the sizes of this step, and enough pods of the new one are available
    /// (`AtDesiredReplicaCountsForCanary`). Stable pods need only exist. Older sets must have no available pod where
    /// they would serve.
    #[must_use]
    pub fn is_at_sizes(&self, weights: Option<&Weights>) -> bool {
        let Sizes { canary, stable } = self.sizes(weights);
        let is_basic = self.canary.routing.is_none();
        gates::is_threshold_met(self.canary.threshold, self.sets.new, canary)
            && (self.canary.is_dynamic() || gates::all_created(self.sets.stable, stable))
            && (!is_basic || self.sets.others.iter().all(|set| set.available == 0))
    }
}
