//! How the replicas of one version make way for those of another: which controller sees to it, and what it is told.

use crate::controllers::deployment::DeploymentSpec;
use crate::controllers::statefulset::StatefulSetSpec;
use crate::time::Span;

/// A controller, and what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// A Kubernetes Deployment.
    Deployment(DeploymentSpec),
    /// A Kubernetes StatefulSet: replicas have places, and are replaced one by one.
    StatefulSet(StatefulSetSpec),
}

impl Rollout {
    /// How many replicas there are at the start.
    #[must_use]
    pub const fn replicas(&self) -> u32 {
        match self {
            Rollout::Deployment(spec) => spec.replicas,
            Rollout::StatefulSet(spec) => spec.replicas,
        }
    }

    /// How long a replica must have been ready to count as available.
    #[must_use]
    pub const fn min_ready(&self) -> Span {
        match self {
            Rollout::Deployment(spec) => spec.min_ready,
            Rollout::StatefulSet(spec) => spec.min_ready,
        }
    }

    /// The lowest place that is replaced; none where replicas have no places.
    #[must_use]
    pub fn partition(&self) -> u32 {
        match self {
            Rollout::Deployment(_) => 0,
            Rollout::StatefulSet(spec) => spec.partition(),
        }
    }
}

impl Default for Rollout {
    fn default() -> Self {
        Rollout::Deployment(DeploymentSpec::default())
    }
}
