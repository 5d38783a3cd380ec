//! How the replicas of one version make way for those of another: which controller sees to it, and what it is told.

use crate::controllers::argo::analysis::Analysis;
use crate::controllers::argo::spec::{RolloutSpec, Step, Strategy};
use crate::controllers::argo::state::RunKind;
use crate::controllers::deployment::DeploymentSpec;
use crate::controllers::flagger::{Approvals, FlaggerSpec};
use crate::controllers::in_place::{self, InPlaceSpec};
use crate::controllers::statefulset::{self, StatefulSetSpec};
use crate::id::VersionId;
use crate::program::ClassSet;
use crate::ratio::Ratio;
use crate::system::System;
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
    /// Flagger, with two Deployments.
    Flagger(Flagger),
    /// A tool that goes from host to host.
    InPlace(InPlaceSpec),
}

/// Flagger, and what its checks look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flagger {
    /// What it is told.
    pub spec: FlaggerSpec,
    /// How each of its Deployments rolls out.
    pub deployment: DeploymentSpec,
    /// What a check measures.
    pub probes: Vec<Probe>,
    /// What those say who have a say, until somebody asks them.
    pub approvals: Approvals,
    /// The classes of an A/B test; all, without one.
    pub matched: ClassSet,
    /// Whether its router gives the share of a Deployment without a replica that serves to the other.
    pub falls_back: bool,
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
    /// Whether its router gives the share of a version without a replica that serves to the other.
    pub falls_back: bool,
}

/// What a metric measures, as monitoring knows it. A measurement over a window without any answer cannot be made, as a
/// query without a result cannot be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Whose answers.
    pub of: Watched,
    /// Those of the last so much.
    pub over: Span,
    /// What is measured of them, and how much of it is good.
    pub limit: Limit,
}

/// What is measured of answers, and how much of it is good. Where there is a value from which on it fails, what lies
/// between the two is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The share that failed.
    Errors {
        /// No more than this is good.
        most: Ratio,
        /// More than this has failed.
        fails: Option<Ratio>,
    },
    /// A quantile of how long they took, as estimated from a histogram.
    Latency {
        /// Which.
        quantile: Ratio,
        /// No longer than this is good.
        most: Span,
        /// Longer than this has failed.
        fails: Option<Span>,
    },
}

impl Limit {
    /// Whether it is about how long answers take.
    #[must_use]
    pub const fn is_latency(&self) -> bool {
        matches!(self, Limit::Latency { .. })
    }
}

/// Whose answers a metric measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Those of the version that is rolled out.
    New,
    /// Those of the service, whatever version gave them, and of no version at all.
    All,
}

/// What replicas are made from: a version, and how often its service had been told to restart by then. It stands for a
/// pod template with the annotation `kubectl.kubernetes.io/restartedAt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Template {
    /// The version.
    pub version: VersionId,
    /// How often.
    pub restarts: u32,
}

impl Template {
    /// How many numbers there are.
    const NUMBERS: usize = 1 << VersionId::BITS;

    /// The number by which a controller knows it that tells templates apart by their version: versions come first, and
    /// behind them those of services that were restarted. Numbers are used again when there are no more.
    #[must_use]
    pub fn number(self, system: &System) -> VersionId {
        let versions = system.versions.len().max(1);
        let rounds = (Self::NUMBERS / versions).max(1);
        VersionId::new(self.restarts as usize % rounds * versions + self.version.index())
    }

    /// The version of the template with this number.
    #[must_use]
    pub fn version(number: VersionId, system: &System) -> VersionId {
        VersionId::new(number.index() % system.versions.len().max(1))
    }
}

/// What a person can tell a controller that goes step by step.
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
            Rollout::Flagger(flagger) => flagger.deployment.replicas,
            Rollout::InPlace(spec) => spec.replicas,
        }
    }

    /// How long a replica must have been ready to count as available.
    #[must_use]
    pub const fn min_ready(&self) -> Span {
        match self {
            Rollout::Deployment(spec) => spec.min_ready,
            Rollout::StatefulSet(spec) => spec.min_ready,
            Rollout::Progressive(rollout) => rollout.min_ready,
            Rollout::Flagger(flagger) => flagger.deployment.min_ready,
            Rollout::InPlace(spec) => spec.min_ready,
        }
    }

    /// The lowest place that is replaced; none where replicas have no places.
    #[must_use]
    pub fn partition(&self) -> u32 {
        match self {
            Rollout::Deployment(_) | Rollout::Progressive(_) | Rollout::Flagger(_) | Rollout::InPlace(_) => 0,
            Rollout::StatefulSet(spec) => spec.partition(),
        }
    }

    /// Whether its controller replaces nothing by itself: a StatefulSet with `OnDelete`.
    #[must_use]
    pub const fn waits_for_stops(&self) -> bool {
        match self {
            Rollout::StatefulSet(spec) => matches!(spec.strategy, statefulset::Strategy::OnDelete),
            Rollout::Deployment(_) | Rollout::Progressive(_) | Rollout::Flagger(_) | Rollout::InPlace(_) => false,
        }
    }

    /// Whether it goes on without the hosts that nobody reaches.
    #[must_use]
    pub const fn passes_over(&self) -> bool {
        match self {
            Rollout::InPlace(spec) => matches!(spec.unreachable, in_place::Unreachable::Skip),
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::Progressive(_) | Rollout::Flagger(_) => false,
        }
    }

    /// Whether its controller does nothing until somebody lets it go on: Flagger's `suspend`.
    #[must_use]
    pub const fn is_suspended(&self) -> bool {
        match self {
            Rollout::Flagger(flagger) => flagger.spec.suspended,
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::Progressive(_) | Rollout::InPlace(_) => false,
        }
    }

    /// How many revisions its controller keeps beside the present one, so that somebody can go back to them; all,
    /// without a number.
    #[must_use]
    pub const fn history(&self) -> Option<u32> {
        match self {
            Rollout::Deployment(spec) => spec.revision_history_limit,
            Rollout::StatefulSet(spec) => Some(spec.revision_history_limit),
            Rollout::Progressive(rollout) => Some(rollout.spec.revision_history_limit),
            Rollout::Flagger(flagger) => flagger.deployment.revision_history_limit,
            Rollout::InPlace(_) => None,
        }
    }

    /// The longest window that an analysis looks at.
    #[must_use]
    pub fn longest_window(&self) -> Span {
        self.probes().map(|probe| probe.over).max().unwrap_or(Span::ZERO)
    }

    /// What its analyses and checks measure.
    pub fn probes(&self) -> impl Iterator<Item = &Probe> {
        let (of_analyses, of_checks) = match self {
            Rollout::Deployment(_) | Rollout::StatefulSet(_) | Rollout::InPlace(_) => (None, None),
            Rollout::Progressive(rollout) => (Some(rollout.probes.values().flatten()), None),
            Rollout::Flagger(flagger) => (None, Some(flagger.probes.iter())),
        };
        of_analyses.into_iter().flatten().chain(of_checks.into_iter().flatten())
    }
}

impl Default for Rollout {
    fn default() -> Self {
        Rollout::Deployment(DeploymentSpec::default())
    }
}
