//! What Flagger remembers from tick to tick, what it sees, and what it does.

use super::readiness::Workload;
use super::spec::TOTAL_WEIGHT;
use crate::id::VersionId;

/// Where a release is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// The primary is being made.
    #[default]
    Initializing,
    /// The primary serves; nothing was released yet.
    Initialized,
    /// A new version waits for approval to begin.
    Waiting,
    /// It is put to the test.
    Progressing,
    /// It has passed and waits for approval to be promoted.
    WaitingPromotion,
    /// Its spec was copied to the primary, which rolls out; then the traffic goes back.
    Promoting,
    /// The traffic is back; the canary is about to go.
    Finalising,
    /// It was promoted.
    Succeeded,
    /// It was rolled back, or its promotion failed.
    Failed,
}

impl Phase {
    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initializing => "Initializing",
            Self::Initialized => "Initialized",
            Self::Waiting => "Waiting",
            Self::Progressing => "Progressing",
            Self::WaitingPromotion => "WaitingPromotion",
            Self::Promoting => "Promoting",
            Self::Finalising => "Finalising",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }

    /// Whether it is one in which every tick goes on, changed or not.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        match self {
            Self::Waiting | Self::Progressing | Self::WaitingPromotion | Self::Promoting | Self::Finalising => true,
            Self::Initializing | Self::Initialized | Self::Succeeded | Self::Failed => false,
        }
    }
}

/// What people ask for: the template of the canary's Deployment, and the configuration it mounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The version in the template.
    pub version: VersionId,
    /// What its ConfigMaps and Secrets hold, as any number that is another one when they change.
    pub config: u64,
}

/// Who gets the traffic. The weights are of [`TOTAL_WEIGHT`] and add up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Routes {
    /// The primary's part.
    pub primary: u32,
    /// The canary's part. In an A/B test, of the matched users; the others stay on the primary.
    pub canary: u32,
    /// Whether the canary gets a copy of the requests, and answers none.
    pub mirrored: bool,
}

impl Routes {
    /// Everything to the primary.
    pub const PRIMARY: Routes = Routes { primary: TOTAL_WEIGHT, canary: 0, mirrored: false };
    /// Everything to the canary.
    pub const CANARY: Routes = Routes { primary: 0, canary: TOTAL_WEIGHT, mirrored: false };
}

/// What Flagger remembers, and what the router is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlaggerState {
    /// Where the release is.
    pub phase: Phase,
    /// Who gets the traffic.
    pub routes: Routes,
    /// Checks that failed. Only a new version, and the end, set it to zero.
    pub failed_checks: u32,
    /// Ticks of an A/B test or of blue-green that are behind it.
    pub iterations: u32,
    /// What was looked at last, and is therefore no change.
    pub last_applied: Option<Target>,
    /// The version that the primary was given last, by a release that came to its end.
    pub last_promoted: Option<VersionId>,
}

impl Default for FlaggerState {
    fn default() -> Self {
        Self {
            phase: Phase::default(),
            routes: Routes::PRIMARY,
            failed_checks: 0,
            iterations: 0,
            last_applied: None,
            last_promoted: None,
        }
    }
}

impl FlaggerState {
    /// Whether this is something to release (`hasSpecChanged`, `HaveDependenciesChanged`). The version promoted last is
    /// not, unless its configuration is another one.
    #[must_use]
    pub fn is_changed_by(&self, target: Target) -> bool {
        let Some(applied) = self.last_applied else { return true };
        let is_new = applied.version != target.version && self.last_promoted != Some(target.version);
        is_new || applied.config != target.config
    }

    /// Begins a phase with all counters at zero, with this as what was looked at last (`SyncStatus`).
    pub(super) fn sync(&mut self, phase: Phase, target: Target) {
        self.phase = phase;
        self.failed_checks = 0;
        self.iterations = 0;
        self.last_applied = Some(target);
        if phase == Phase::Initialized {
            self.last_promoted = Some(target.version);
        }
    }

    /// Begins a phase that has nothing more to count (`SetStatusPhase`).
    pub(super) fn end_with(&mut self, phase: Phase) {
        self.phase = phase;
        self.iterations = 0;
        if phase == Phase::Succeeded {
            self.last_promoted = self.last_applied.map(|applied| applied.version);
        }
    }
}

/// What a tick looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What people ask for now.
    pub target: Target,
    /// The primary, once it is there.
    pub primary: Option<Workload>,
    /// The canary.
    pub canary: Workload,
    /// What the metrics and webhooks of the analysis say now.
    pub check: Check,
    /// What those say who have a say.
    pub approvals: Approvals,
}

/// What the metrics and webhooks of the analysis say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// All is well.
    #[default]
    Passed,
    /// A metric is out of its range, or a webhook failed.
    Failed,
    /// A metric has no value, for want of traffic or of its server. It counts as failed.
    NoData,
}

/// What those say who have a say (webhooks). By default nobody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approvals {
    /// A new version may begin (`confirm-rollout`).
    pub rollout: bool,
    /// What runs before the first step passed (`pre-rollout`).
    pub pre_rollout: bool,
    /// The next step may be taken (`confirm-traffic-increase`).
    pub traffic_increase: bool,
    /// It may be promoted (`confirm-promotion`).
    pub promotion: bool,
    /// Somebody asks to roll back (`rollback`).
    pub rollback: bool,
}

impl Default for Approvals {
    fn default() -> Self {
        Self { rollout: true, pre_rollout: true, traffic_increase: true, promotion: true, rollback: false }
    }
}

/// What comes of a tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// What is remembered. Its routes are what the router is set to.
    pub state: FlaggerState,
    /// What is done, in this order.
    pub steps: Vec<Step>,
    /// What happened, or what is waited for.
    pub event: Event,
}

/// One write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make the primary, as a copy of the canary.
    CreatePrimary(Target),
    /// Tell the canary to have so many pods.
    ScaleCanary {
        /// Pods.
        to: u32,
    },
    /// Split the traffic like this.
    Route(Routes),
    /// Copy the canary's spec and configuration to the primary: a rolling update of it.
    Promote {
        /// What is copied.
        target: Target,
        /// Pods it shall have; `None` leaves that to the autoscaler.
        replicas: Option<u32>,
    },
}

/// What happened in a tick, or what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Ticks do nothing.
    Suspended,
    /// There is nothing to release.
    Unchanged,
    /// The primary is not ready.
    PrimaryNotReady,
    /// The canary is not ready.
    CanaryNotReady,
    /// A version waits for approval to begin.
    RolloutUnconfirmed,
    /// The canary is brought up.
    Detected,
    /// Another version came meanwhile; the test begins anew.
    Restarted,
    /// A check failed, and counts.
    CheckFailed,
    /// The next step waits for approval.
    IncreaseUnconfirmed,
    /// The promotion waits for approval.
    PromotionUnconfirmed,
    /// A step of the test.
    Advanced,
    /// Nothing will ever happen: the analysis has no step to take.
    NoStep,
    /// The primary was given the version.
    Promoted,
    /// Traffic went back to the primary.
    ShiftedBack,
    /// It is over and well.
    Succeeded,
    /// All traffic is on the primary, and the canary goes.
    RolledBack(RollbackReason),
    /// The primary does not come up with the version: all traffic is on the canary, which stays.
    PromotionFailed,
}

/// Why it was rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollbackReason {
    /// Too many checks failed.
    FailedChecks,
    /// The primary is stuck.
    PrimaryStuck,
    /// The canary is stuck.
    CanaryStuck,
    /// Somebody asked for it.
    Asked,
}
