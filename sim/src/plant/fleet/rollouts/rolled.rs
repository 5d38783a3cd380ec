//! What rollouts that go step by step report of themselves: words for people, numbers for the digest.

use super::counted;
use model::System;
use model::controllers::argo::pause::Reason as Waited;
use model::controllers::argo::state::{AbortReason, Event as Argo, RunKind};
use model::controllers::flagger::{Event as Flagger, RollbackReason};
use model::controllers::gitops::Sync;
use model::id::HostId;
use model::time::Span;

/// A rollout came a step further, or was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rolled {
    /// One of Argo Rollouts.
    Argo(Argo),
    /// It was made what is written in Git.
    Synced(Sync),
    /// One of Flagger.
    Flagger {
        /// What came of a tick.
        event: Flagger,
        /// The canary's part of the traffic from then on, in percent.
        canary: u32,
        /// Checks that have failed by then.
        failed_checks: u32,
        /// Which tick of an A/B or blue-green test it is.
        round: Option<Round>,
    },
    /// It has not come further for as long as it may; its controller says so.
    Stalled(Span),
    /// A host was out of reach when its turn came, and keeps what it has.
    PassedOver(HostId),
    /// A replica is not created: a quota is used up.
    Refused {
        /// How many there may be in all.
        quota: u32,
    },
    /// A wave of one that goes from host to host is through.
    Through {
        /// Which, from 0.
        wave: usize,
        /// Of how many.
        of: usize,
    },
    /// A wave begins after others that had nothing left to do.
    Idle {
        /// How many those are.
        waves: usize,
        /// Which begins, from 0.
        begins: usize,
        /// Of how many.
        of: usize,
    },
}

/// A tick of a test that has so many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Round {
    /// Which, from 1.
    pub(super) nth: u32,
    /// Of how many.
    pub(super) of: u32,
    /// Whether some classes go to the canary meanwhile.
    pub(super) is_matched: bool,
}

impl Round {
    fn told(self) -> String {
        let Round { nth, of, is_matched } = self;
        if nth > of {
            "the canary takes the place of the primary for a tick".to_owned()
        } else if is_matched {
            format!("iteration {nth} of {of}: the classes of the test go to the canary")
        } else {
            format!("iteration {nth} of {of}: the canary is tested beside the primary")
        }
    }
}

impl Rolled {
    /// In explicit words, for the digest.
    pub(crate) fn words(self, system: &System) -> [u64; 2] {
        match self {
            Rolled::Stalled(deadline) => [200, deadline.nanos()],
            Rolled::PassedOver(host) => [201, system.host(host).name.hash()],
            Rolled::Through { wave, of } => [202, (wave as u64) << 32 | of as u64],
            Rolled::Idle { waves, begins, of: _ } => [206, (begins as u64) << 32 | waves as u64],
            Rolled::Argo(event) => argo_words(event),
            Rolled::Synced(Sync::Commit) => [203, 0],
            Rolled::Synced(Sync::Drift) => [204, 0],
            Rolled::Refused { quota } => [205, quota.into()],
            Rolled::Flagger { event, canary, failed_checks, round: _ } => {
                [100 + flagger_word(event), u64::from(canary) << 32 | u64::from(failed_checks)]
            }
        }
    }

    /// As people are told.
    pub(crate) fn told(self, system: &System) -> String {
        match self {
            Rolled::Stalled(deadline) => {
                format!("no progress of the rollout for {deadline}: the deadline has passed")
            }
            Rolled::PassedOver(host) => {
                format!("{} is out of reach: it is passed over, and keeps what it has", system.host(host).name)
            }
            Rolled::Through { wave, of } => format!("wave {} of {of} is through", wave + 1),
            Rolled::Idle { waves, begins, of } => {
                let before = counted(waves as u64, "wave");
                format!("wave {} of {of} begins: {before} before it had nothing left to do", begins + 1)
            }
            Rolled::Refused { quota } => {
                format!("a replica is not created: the quota of {quota} is used up by those that are there")
            }
            Rolled::Argo(event) => argo_told(event),
            Rolled::Synced(Sync::Commit) => "what is written in Git is applied".to_owned(),
            Rolled::Synced(Sync::Drift) => "what was changed by hand is taken back: Git says otherwise".to_owned(),
            Rolled::Flagger { event: Flagger::Advanced, round: Some(round), .. } => round.told(),
            Rolled::Flagger { event, canary, failed_checks, round: _ } => flagger_told(event, canary, failed_checks),
        }
    }
}

fn argo_words(event: Argo) -> [u64; 2] {
    match event {
        Argo::StepsSkipped(rollback) => [1, rollback as u64],
        Argo::StepCompleted { step } => [2, u64::from(step)],
        Argo::Promoted(_) => [3, 0],
        Argo::Aborted(AbortReason::Deadline) => [4, 0],
        Argo::Aborted(AbortReason::Analysis(RunKind::Step(step))) => [5, u64::from(step)],
        Argo::Aborted(AbortReason::Analysis(RunKind::Background)) => [6, 0],
        Argo::Aborted(AbortReason::Analysis(RunKind::PrePromotion)) => [7, 0],
        Argo::Aborted(AbortReason::Analysis(RunKind::PostPromotion)) => [8, 0],
        Argo::Waits(reason) => [9, reason as u64],
    }
}

/// Steps are counted from 1.
fn argo_told(event: Argo) -> String {
    match event {
        Argo::StepsSkipped(_) => "the rollout skips all steps: it goes back to a version it knows".to_owned(),
        Argo::StepCompleted { step } => format!("step {} of the rollout is done", step.saturating_add(1)),
        Argo::Promoted(_) => "the rollout is complete: the new version is the stable one".to_owned(),
        Argo::Aborted(AbortReason::Deadline) => "the rollout is aborted: no progress within the deadline".to_owned(),
        Argo::Aborted(AbortReason::Analysis(kind)) => format!("the rollout is aborted: {} failed", analysis(kind)),
        Argo::Waits(Waited::CanaryPauseStep) => "the rollout waits for somebody to promote it".to_owned(),
        Argo::Waits(Waited::BlueGreenPause) => "the new version is up, and waits for somebody to promote it".to_owned(),
        Argo::Waits(Waited::InconclusiveAnalysis | Waited::InconclusiveExperiment) => {
            "an analysis came to no verdict: the rollout waits for somebody".to_owned()
        }
    }
}

/// What an analysis is for.
fn analysis(kind: RunKind) -> String {
    match kind {
        RunKind::Step(step) => format!("the analysis of step {}", step.saturating_add(1)),
        RunKind::Background => "the analysis beside the steps".to_owned(),
        RunKind::PrePromotion => "the analysis before the switch".to_owned(),
        RunKind::PostPromotion => "the analysis after the switch".to_owned(),
    }
}

const fn flagger_word(event: Flagger) -> u64 {
    match event {
        Flagger::Suspended => 1,
        Flagger::Unchanged => 2,
        Flagger::PrimaryNotReady => 3,
        Flagger::CanaryNotReady => 4,
        Flagger::RolloutUnconfirmed => 5,
        Flagger::Detected => 6,
        Flagger::Restarted => 7,
        Flagger::CheckFailed => 8,
        Flagger::IncreaseUnconfirmed => 9,
        Flagger::PromotionUnconfirmed => 10,
        Flagger::Advanced => 11,
        Flagger::NoStep => 12,
        Flagger::Promoted => 13,
        Flagger::ShiftedBack => 14,
        Flagger::Succeeded => 15,
        Flagger::RolledBack(RollbackReason::FailedChecks) => 16,
        Flagger::RolledBack(RollbackReason::PrimaryStuck) => 17,
        Flagger::RolledBack(RollbackReason::CanaryStuck) => 18,
        Flagger::RolledBack(RollbackReason::Asked) => 19,
        Flagger::PromotionFailed => 20,
    }
}

fn flagger_told(event: Flagger, canary: u32, failed_checks: u32) -> String {
    match event {
        Flagger::Suspended => "ticks do nothing".to_owned(),
        Flagger::Unchanged => {
            "what is asked for is no change: it was promoted last, and nothing is released".to_owned()
        }
        Flagger::PrimaryNotReady => "the release waits for the primary to be ready".to_owned(),
        Flagger::CanaryNotReady => "the release waits for the canary to be ready".to_owned(),
        Flagger::RolloutUnconfirmed => "the release waits for somebody's word to begin".to_owned(),
        Flagger::Detected => "the canary is brought up".to_owned(),
        Flagger::Restarted => "another version came meanwhile: its test begins anew".to_owned(),
        Flagger::CheckFailed => format!("a check has failed, number {failed_checks} of this release"),
        Flagger::IncreaseUnconfirmed => "the next step waits for somebody's word".to_owned(),
        Flagger::PromotionUnconfirmed => "the promotion waits for somebody's word".to_owned(),
        Flagger::Advanced => format!("the canary gets {canary} % of the traffic"),
        Flagger::NoStep => "there is no step to take".to_owned(),
        Flagger::Promoted => "the version is promoted: the primary rolls it out anew".to_owned(),
        Flagger::ShiftedBack => format!("traffic goes back to the primary, {canary} % stays on the canary"),
        Flagger::Succeeded => "the release is complete: the primary serves it, and the canary goes".to_owned(),
        Flagger::RolledBack(reason) => {
            let why = match reason {
                RollbackReason::FailedChecks => "too many checks failed",
                RollbackReason::PrimaryStuck => "the primary is stuck",
                RollbackReason::CanaryStuck => "the canary is stuck",
                RollbackReason::Asked => "somebody asked for it",
            };
            format!("the release is rolled back: {why}; all traffic goes to the primary")
        }
        Flagger::PromotionFailed => {
            "the promotion has failed: the primary is stuck, and all traffic goes to the canary, which stays".to_owned()
        }
    }
}
