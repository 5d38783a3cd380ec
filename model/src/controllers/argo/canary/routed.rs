//! Sizes with a router (`CalculateReplicaCountsForTrafficRoutedCanary`).
//!
//! The stable set stays in full, so that going back needs no pod to start. With a dynamic scale it follows its share
//! instead, and going back is as slow as its pods are to start.

use super::weight::{Wanted, wanted};
use super::{Sizes, View};
use crate::controllers::argo::gates::Share;
use crate::controllers::argo::spec::Routing;
use crate::controllers::argo::state::Weights;

/// What new and stable set shall have, given how traffic is split (`weights`) and how it should be.
#[must_use]
pub fn sizes(view: &View<'_>, routing: &Routing, weights: Option<&Weights>) -> Sizes {
    let (replicas, max) = (view.spec.replicas, view.canary.max_weight());
    let at_least = |count: u32| min_pods(count, routing.min_pods, replicas);
    // An explicit size is a size and no share: a stable set that follows shares keeps all of it then.
    let (canary, share) = match wanted(view) {
        Wanted::Replicas(count) => (count, Share::new(0, max)),
        Wanted::Share(share) => (at_least(share.rounded_up(replicas)), share),
    };
    if !routing.dynamic_stable_scale {
        return Sizes { canary, stable: replicas };
    }
    let carried = |weight| Share::new(weight, max).rounded_up(replicas);
    let stable = share.rest().rounded_up(replicas).max(weights.map_or(0, |split| carried(split.stable.weight)));
    let still = weights.filter(|_| view.status.abort).map_or(0, |split| carried(split.canary.weight));
    Sizes { canary: at_least(canary.max(still)), stable: at_least(stable) }
}

/// No fewer than the least, unless there is none (`CheckMinPodsPerReplicaSet`).
fn min_pods(count: u32, least: Option<u32>, replicas: u32) -> u32 {
    match least {
        Some(least) if count > 0 => count.max(least.min(replicas)),
        Some(_) | None => count,
    }
}
