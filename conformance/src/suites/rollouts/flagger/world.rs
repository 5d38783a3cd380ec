//! Flagger and its two workloads, of one pod each, without time.

use model::controllers::flagger::{
    Approvals, Check, FlaggerSpec, FlaggerState, Observed, Phase, Routes, Step, Target, Workload, tick,
};
use model::id::VersionId;
use serde_json::{Value, json};

/// Everything that a tick looks at, and what it changes.
pub(super) struct World {
    pub(super) spec: FlaggerSpec,
    pub(super) state: FlaggerState,
    pub(super) seen: Observed,
    /// What the primary was given.
    promoted: Option<Target>,
    /// Versions that were asked for so far, apart from the first.
    revisions: usize,
}

impl World {
    /// One pod of the first version, not yet taken over.
    pub(super) fn new(spec: FlaggerSpec) -> Self {
        let target = Target { version: VersionId::new(0), config: 0 };
        let (check, approvals) = (Check::Passed, Approvals::default());
        let seen = Observed { target, primary: None, canary: Workload::ready(1), check, approvals };
        World { spec, state: FlaggerState::default(), seen, promoted: None, revisions: 0 }
    }

    /// Taken over, with nothing to release.
    pub(super) fn initialise(&mut self) {
        self.tick();
        self.primary_ready();
        self.tick();
    }

    /// One look; what the world is like after it.
    pub(super) fn tick(&mut self) -> Value {
        let canary = self.seen.canary.wanted;
        let tick = tick(&self.spec, &self.state, &self.seen);
        tick.steps.iter().for_each(|step| self.apply(*step));
        self.state = tick.state;
        let Routes { primary, canary: weight, mirrored } = self.state.routes;
        let is_new = |target: Option<Target>| target.is_some_and(|target| target == self.seen.target);
        let spec = if is_new(self.promoted) { "new" } else { "old" };
        json!({
            "phase": self.state.phase.as_str(),
            "primary_weight": primary, "canary_weight": weight, "mirrored": mirrored,
            "canary_replicas": self.seen.canary.wanted, "canary_replicas_unchanged": self.seen.canary.wanted == canary,
            "primary_spec": spec, "primary_image": spec, "primary_config": spec,
            "primary_exists": self.seen.primary.is_some(),
            "failed_checks": self.state.failed_checks, "failedChecks": self.state.failed_checks,
            "iterations": self.state.iterations,
        })
    }

    /// Pods that are told to come are not there yet; those told to go are gone. A promoted primary stays ready.
    fn apply(&mut self, step: Step) {
        match step {
            Step::CreatePrimary(target) => {
                self.promoted = Some(target);
                self.seen.primary = Some(starting(1));
            }
            Step::ScaleCanary { to } => self.seen.canary = starting(to),
            Step::Route(_) => {}
            Step::Promote { target, .. } => self.promoted = Some(target),
        }
    }

    pub(super) fn primary_ready(&mut self) {
        self.seen.primary = Some(Workload::ready(1));
    }

    pub(super) fn primary_stuck(&mut self) {
        self.seen.primary = Some(Workload { is_past_deadline: true, ..starting(1) });
    }

    pub(super) fn canary_ready(&mut self) {
        self.seen.canary = Workload::ready(1);
    }

    pub(super) fn canary_stuck(&mut self) {
        self.seen.canary = Workload { is_past_deadline: true, ..starting(1) };
    }

    pub(super) fn ask_for_another_version(&mut self) {
        self.revisions += 1;
        self.seen.target.version = VersionId::new(self.revisions);
    }

    /// A phase in the middle of a release: its version has been seen, and its canary is up.
    pub(super) fn begin(&mut self, phase: Phase) {
        if phase.is_under_way() && !self.state.phase.is_under_way() {
            if self.state.last_promoted == Some(self.seen.target.version) {
                self.ask_for_another_version();
            }
            self.state.last_applied = Some(self.seen.target);
            self.canary_ready();
        }
        if matches!(phase, Phase::Promoting | Phase::Finalising) {
            self.promoted = Some(self.seen.target);
        }
        self.state.phase = phase;
    }
}

fn starting(pods: u32) -> Workload {
    Workload { pods, updated: pods, available: 0, ..Workload::ready(pods) }
}
