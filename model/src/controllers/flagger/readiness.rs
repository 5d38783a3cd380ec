//! Whether a workload is ready, not yet, or stuck: `pkg/canary/deployment_ready.go`.

use crate::time::Span;

/// A Deployment as Flagger sees it. Counts are pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    /// Whether its controller has looked at the last change.
    pub is_observed: bool,
    /// Pods asked for.
    pub wanted: u32,
    /// Pods of any version.
    pub pods: u32,
    /// Pods of the version in the template.
    pub updated: u32,
    /// Available pods of any version.
    pub available: u32,
    /// Whether its controller reports that the progress deadline was exceeded.
    pub is_past_deadline: bool,
    /// For how long it has had fewer pods available than it must (`MinimumReplicasUnavailable`); `None` when it has
    /// enough.
    pub unavailable_for: Option<Span>,
}

impl Workload {
    /// So many pods of one version, all available.
    #[must_use]
    pub fn ready(pods: u32) -> Self {
        Self { is_observed: true, wanted: pods, pods, updated: pods, available: pods, ..Self::default() }
    }

    /// Pods it needs to have, of any version, to be asked for more: what it was told, else one.
    pub(super) fn size(&self) -> Option<u32> {
        Some(self.wanted).filter(|wanted| *wanted > 0)
    }
}

/// Whether a workload is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// All its pods are of one version, and enough of them are available.
    Ready,
    /// Not yet.
    Waiting,
    /// Not, and for too long to wait on (an error that is not *retriable*).
    Stuck,
}

/// Whether a workload is ready (`isDeploymentReady`). `threshold` is the percentage of updated pods that must be
/// available; a fraction of a pod does not count.
#[must_use]
pub fn readiness(workload: &Workload, deadline: Span, threshold: Option<u32>) -> Readiness {
    if !workload.is_observed {
        return Readiness::Waiting;
    }
    let percent = u64::from(threshold.unwrap_or(100));
    let needed = u64::from(workload.updated) * percent / 100;
    let is_ready = workload.updated >= workload.wanted
        && workload.pods <= workload.updated
        && u64::from(workload.available) >= needed;
    let is_overdue = workload.unavailable_for.is_some_and(|missing| missing > deadline);
    match (workload.is_past_deadline, is_ready, is_overdue) {
        (true, _, _) | (false, false, true) => Readiness::Stuck,
        (false, true, _) => Readiness::Ready,
        (false, false, false) => Readiness::Waiting,
    }
}
