//! How the replicas of one version make way for those of another: which controller sees to it, and what it is told.

use crate::controllers::argo::analysis::Analysis;
use crate::controllers::argo::spec::{RolloutSpec, Step, Strategy};
use crate::controllers::argo::state::RunKind;
use crate::controllers::deployment::DeploymentSpec;
use crate::controllers::statefulset::StatefulSetSpec;
use crate::ratio::Ratio;
use crate::time::Span;
use std::collections::BTreeMap;

/// A controller, and what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// A Kubernetes Deployment.
    Deployment(DeploymentSpec),
    /// A Kubernetes StatefulSet: replicas have places, and are replaced one by one.
    StatefulSet(StatefulSetSpec),
    /// An Argo Rollout: a canary or a blue-green rollout.
    Progressive(Progressive),
}

/// An Argo Rollout, and what its analyses look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progressive {
    /// What it is told.
    pub spec: RolloutSpec,
    /// How long a replica must have been ready to count as available.
    pub min_ready: Span,
    /// By analysis, what its metrics measure, in their order.
    pub probes: BTreeMap<RunKind, Vec<Probe>>,
}

/// What a metric measures: the share of failed answers, as monitoring knows it. A measurement over a window without any
/// answer cannot be made, as a query without a result cannot be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Whose answers.
    pub of: Watched,
    /// Those of the last so much.
    pub over: Span,
    /// More than this share is a failure.
    pub most: Ratio,
}

/// Whose answers a metric measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Those of the version that is rolled out.
    New,
    /// Those of the service, whatever version gave them, and of no version at all.
    All,
}

/// What a person can tell the controller of an Argo Rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutOrder {
    /// Give the update up.
    Abort,
    /// Go past what it waits for.
    Promote {
        /// Past everything that is left.
        full: bool,
    },
    /// Try it again.
    Retry,
}

impl Progressive {
    /// The analysis a run is of, where there is one.
    #[must_use]
    pub fn analysis(&self, kind: RunKind) -> Option<&Analysis> {
        match (&self.spec.strategy, kind) {
            (Strategy::Canary(canary), RunKind::Step(index)) => match canary.steps.get(index as usize)? {
                Step::Analysis(analysis) => Some(analysis),
                Step::SetWeight(_) | Step::SetCanaryScale(_) | Step::Pause(_) => None,
            },
            (Strategy::Canary(canary), RunKind::Background) => Some(&canary.background.as_ref()?.analysis),
            (Strategy::BlueGreen(it), RunKind::PrePromotion) => it.pre_promotion.as_ref(),
            (Strategy::BlueGreen(it), RunKind::PostPromotion) => it.post_promotion.as_ref(),
            (Strategy::Canary(_), RunKind::PrePromotion | RunKind::PostPromotion)
            | (Strategy::BlueGreen(_), RunKind::Step(_) | RunKind::Background) => None,
        }
    }
}

impl Rollout {
    /// How many replicas there are at the start.
    #[must_use]
    pub const fn replicas(&self) -> u32 {
        match self {
            Rollout::Deployment(spec) => spec.replicas,
            Rollout::StatefulSet(spec) => spec.replicas,
            Rollout::Progressive(rollout) => rollout.spec.replicas,
        }
    }

    /// How long a replica must have been ready to count as available.
    #[must_use]
    pub const fn min_ready(&self) -> Span {
        match self {
            Rollout::Deployment(spec) => spec.min_ready,
            Rollout::StatefulSet(spec) => spec.min_ready,
            Rollout::Progressive(rollout) => rollout.min_ready,
        }
    }

    /// The lowest place that is replaced; none where replicas have no places.
    #[must_use]
    pub fn partition(&self) -> u32 {
        match self {
            Rollout::Deployment(_) | Rollout::Progressive(_) => 0,
            Rollout::StatefulSet(spec) => spec.partition(),
        }
    }
}

impl Rollout {
    /// The longest window that an analysis looks at.
    #[must_use]
    pub fn longest_window(&self) -> Span {
        match self {
            Rollout::Deployment(_) | Rollout::StatefulSet(_) => Span::ZERO,
            Rollout::Progressive(rollout) => {
                let probes = rollout.probes.values().flatten();
                probes.map(|probe| probe.over).max().unwrap_or(Span::ZERO)
            }
        }
    }
}

impl Default for Rollout {
    fn default() -> Self {
        Rollout::Deployment(DeploymentSpec::default())
    }
}
