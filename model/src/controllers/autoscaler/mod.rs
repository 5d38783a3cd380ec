//! The Kubernetes HorizontalPodAutoscaler, scaling on the utilisation of its pods.
//!
//! What one sync does ([`recommend`]) follows `pkg/controller/podautoscaler` of kubernetes/kubernetes:
//!
//! 1. A *proposal* from the metric: pods · utilisation / target, rounded up, unless the ratio is within 10 % of one
//!    (`GetResourceReplicas` in `replica_calculator.go`). Pods that are not ready are left out when there are too
//!    many pods, and count as idle when there are too few; where that turns the verdict round, nothing changes.
//! 2. *Stabilisation*: nothing goes below the highest proposal of a window, nor above the lowest of another
//!    (`stabilizeRecommendationWithBehaviors` in `horizontal.go`).
//! 3. *Limits*: no faster than the policies of the [`Behavior`] allow, never outside `min` and `max`
//!    (`convertDesiredReplicasWithBehaviorRate`).
//!
//! Where the model is simpler than the original:
//!
//! - A pod is not ready until it has been ready for a whole interval between two syncs. Upstream looks at its metric's
//!   window during the CPU initialisation period (5 min), and at the initial readiness delay (30 s) after it; a pod
//!   that crashes later than that counts as ready there.
//! - No metric is ever missing. The tolerance is one for all, 10 % (`--horizontal-pod-autoscaler-tolerance`).
//! - An object without any `behavior` has the defaults the documentation states for one. Upstream it goes another way
//!   (`normalizeDesiredReplicas`): it may grow to 4 pods in all, not by 4, and an old high proposal makes it grow.

mod behavior;
mod history;
#[cfg(test)]
mod tests;

pub use behavior::{Behavior, Policy, Rules, Select, Step};
pub use history::History;

use crate::time::{Span, Time};

/// From one look to the next (`--horizontal-pod-autoscaler-sync-period`).
pub const SYNC: Span = Span::from_secs(15);

/// What an autoscaler is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoscalerSpec {
    /// The fewest pods, at least 1.
    pub min: u32,
    /// The most pods, at least `min`.
    pub max: u32,
    /// The utilisation it aims for, in percent, from 1 to 100.
    pub utilisation: u32,
    /// How fast it may go.
    pub behavior: Behavior,
}

/// What it sees at a sync. Counts are pods that are not on their way out, of whatever version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Pods the Deployment was told to have.
    pub replicas: u32,
    /// Pods that have been ready since the last sync.
    pub measured: u32,
    /// What they have used since, in any unit: worker time in nanoseconds.
    pub used: u128,
    /// What one pod could have used, in the same unit; at least 1.
    pub capacity: u128,
    /// Pods that have not been ready all that time.
    pub unready: u32,
}

/// What comes of a sync. The caller puts it into the [`History`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// What the metric alone asks for; `None` when nobody asked it, because the number was out of bounds.
    pub proposal: Option<u32>,
    /// Pods the Deployment is to have.
    pub replicas: u32,
}

/// One sync; `None` when there is no pod to measure, and nothing is decided. Somebody who tells the Deployment to have
/// none has switched autoscaling off (`ScalingDisabled` in `reconcileAutoscaler`).
#[must_use]
pub fn recommend(spec: &AutoscalerSpec, seen: &Observed, history: &History, now: Time) -> Option<Recommendation> {
    if seen.replicas == 0 {
        return None;
    }
    let within = seen.replicas.clamp(spec.min, spec.max);
    if within != seen.replicas {
        return Some(Recommendation { proposal: None, replicas: within });
    }
    let proposal = propose(spec.utilisation, seen)?;
    let wanted = history.stabilised(&spec.behavior, seen.replicas, proposal, now);
    let replicas = spec.behavior.limited(seen.replicas, wanted, history, now).clamp(spec.min, spec.max);
    Some(Recommendation { proposal: Some(proposal), replicas })
}

/// What the metric asks for.
fn propose(target: u32, seen: &Observed) -> Option<u32> {
    if seen.measured == 0 {
        return None;
    }
    let usage = Usage { percent: seen.percent_of(seen.measured), target };
    if seen.unready == 0 || !usage.is_high() {
        return Some(if usage.is_tolerable() { seen.replicas } else { usage.pods(seen.measured) });
    }
    let pods = seen.measured.saturating_add(seen.unready);
    let diluted = Usage { percent: seen.percent_of(pods), target };
    let grows = diluted.is_high() && !diluted.is_tolerable();
    Some(if grows { diluted.pods(pods).max(seen.replicas) } else { seen.replicas })
}

impl Observed {
    /// The mean utilisation over so many pods, in whole percent, as `GetResourceUtilizationRatio` counts it.
    fn percent_of(&self, pods: u32) -> u64 {
        let capacity = self.capacity.saturating_mul(u128::from(pods)).max(1);
        u64::try_from(self.used.saturating_mul(100) / capacity).unwrap_or(u64::MAX)
    }
}

/// A utilisation beside the one aimed for, both in percent.
#[derive(Clone, Copy)]
struct Usage {
    percent: u64,
    target: u32,
}

impl Usage {
    fn is_high(self) -> bool {
        self.percent > u64::from(self.target)
    }

    /// Within 10 % of the target (`--horizontal-pod-autoscaler-tolerance`).
    fn is_tolerable(self) -> bool {
        self.percent.abs_diff(u64::from(self.target)).saturating_mul(10) <= u64::from(self.target)
    }

    /// How many pods would bring so many to the target.
    fn pods(self, pods: u32) -> u32 {
        let pods = self.percent.saturating_mul(u64::from(pods)).div_ceil(u64::from(self.target.max(1)));
        u32::try_from(pods).unwrap_or(u32::MAX)
    }
}
