//! A pass under way: what it saw, and what has come of it so far.
//!
//! As upstream, everything in a pass looks at the status *before* it; what is to be remembered is written beside it and
//! put together at the end. Sizes that are written are not seen before the next pass; deadlines that are removed are,
//! but what kind of way back it is goes by those that were there when the pass began.

use super::canary::{View, steps};
use super::pause::{self, Pause};
use super::rollback::{self, Rollback};
use super::spec::{Canary, RolloutSpec, Strategy};
use super::state::{AbortReason, Change, Counts, Event, Observed, Pass, ReplicaSet, Run, RunId, RunKind, Sets, Status};
use super::{analysis, delay, phase, progress};
use crate::id::VersionId;
use crate::time::{Span, Time};

/// "After" a time is one of these later.
const INSTANT: Span = Span::from_nanos(1);

/// A pass under way.
pub(super) struct Work<'a> {
    pub(super) spec: &'a RolloutSpec,
    pub(super) target: VersionId,
    /// The status it began with.
    pub(super) before: &'a Status,
    pub(super) is_weight_verified: Option<bool>,
    pub(super) now: Time,
    pub(super) sets: Vec<ReplicaSet>,
    /// The sets as they were when it began.
    seen: &'a [ReplicaSet],
    /// The status it will end with.
    pub(super) status: Status,
    pub(super) is_aborted: bool,
    clears_pauses: bool,
    added: Vec<pause::Reason>,
    removed: Vec<pause::Reason>,
    pub(super) changes: Vec<Change>,
    pub(super) events: Vec<Event>,
    recheck: Option<Time>,
}

impl<'a> Work<'a> {
    pub(super) fn new(spec: &'a RolloutSpec, target: VersionId, observed: &Observed<'a>) -> Self {
        let before = observed.status;
        Self {
            spec,
            target,
            before,
            is_weight_verified: observed.is_weight_verified,
            now: observed.now,
            sets: observed.sets.to_vec(),
            seen: observed.sets,
            status: before.clone(),
            // What is stable already cannot be given up.
            is_aborted: before.abort && !before.is_fully_promoted(),
            clears_pauses: false,
            added: Vec::new(),
            removed: Vec::new(),
            changes: Vec::new(),
            events: Vec::new(),
            recheck: None,
        }
    }

    pub(super) fn sets(&self) -> Sets<'_> {
        Sets::of(&self.sets, self.target, self.before.stable)
    }

    pub(super) fn new_set(&self) -> Option<ReplicaSet> {
        self.sets().new.copied()
    }

    /// What the rules of a canary look at: the status before.
    pub(super) fn view<'b>(&'b self, canary: &'b Canary) -> View<'b> {
        View { spec: self.spec, canary, status: self.before, sets: self.sets() }
    }

    /// The kind of way back that this update is. A set that was to be scaled down is still up for this pass, although
    /// its deadline goes in the middle of it: it is removed from the set in the API, not from the one looked at.
    pub(super) fn rollback(&self) -> Option<Rollback> {
        let sets = Sets::of(self.seen, self.target, self.before.stable);
        rollback::of(self.spec, &sets, self.seen, self.now)
    }

    pub(super) fn is_fast_rollback(&self) -> bool {
        self.rollback().is_some_and(Rollback::is_fast)
    }

    /// Whether the target is another than at the last pass (`CheckPodSpecChange`).
    pub(super) fn is_new_target(&self) -> bool {
        self.before.current.is_some_and(|current| current != self.target)
    }

    /// Whether sizes and services have to stay as they are.
    pub(super) fn is_halted(&self) -> bool {
        pause::halts(self.spec, self.before)
    }

    /// Whether an aborted update keeps its new set until a deadline.
    pub(super) fn holds_new_set(&self) -> bool {
        delay::holds_after_abort(self.spec, self.is_aborted, self.sets().stable.is_some())
    }

    /// Looks again at this time.
    pub(super) fn recheck_at(&mut self, at: Time) {
        let at = at + INSTANT;
        if at > self.now {
            self.recheck = Some(self.recheck.map_or(at, |other| other.min(at)));
        }
    }

    /// Gives the update up.
    pub(super) fn abort(&mut self, reason: AbortReason) {
        self.is_aborted = true;
        self.events.push(Event::Aborted(reason));
    }

    pub(super) fn remove_abort(&mut self) {
        self.is_aborted = false;
    }

    pub(super) fn clear_pauses(&mut self) {
        self.clears_pauses = true;
    }

    pub(super) fn add_pause(&mut self, reason: pause::Reason) {
        self.added.push(reason);
    }

    pub(super) fn remove_pause(&mut self, reason: pause::Reason) {
        self.removed.push(reason);
    }

    /// Whether this pass began to wait for something.
    pub(super) fn adds_pause(&self) -> bool {
        !self.added.is_empty()
    }

    /// Tells a set how many pods to have; whether that is another number (`scaleReplicaSetAndRecordEvent`). A set that
    /// has none left loses its deadline.
    pub(super) fn scale(&mut self, set: &ReplicaSet, to: u32) -> bool {
        if set.spec != to || set.desired != Some(self.spec.replicas) {
            self.changes.push(Change::Scale { version: set.version, to });
            if to == 0 && !self.holds_new_set() {
                self.set_deadline(set.version, None);
            }
        }
        set.spec != to
    }

    /// Sets or removes the time at which a set is to be scaled down.
    pub(super) fn set_deadline(&mut self, version: VersionId, at: Option<Time>) {
        let known = self.sets.iter_mut().filter(|set| set.version == version && set.scale_down_at != at);
        for set in known {
            set.scale_down_at = at;
            self.changes.push(Change::ScaleDownAt { version, at });
        }
    }

    /// New and stable sets are not to be scaled down, even if they once were to be (`removeScaleDownDeadlines`).
    pub(super) fn remove_deadlines(&mut self) {
        if !self.holds_new_set() {
            self.set_deadline(self.target, None);
        }
        if let Some(stable) = self.before.stable.filter(|stable| *stable != self.target) {
            self.set_deadline(stable, None);
        }
    }

    /// The run of this kind that counts.
    pub(super) fn run(&self, is: impl Fn(RunKind) -> bool) -> Option<Run> {
        self.status.runs.iter().copied().find(|run| is(run.kind))
    }

    /// Starts a run; the one that counted before for the same does no longer.
    pub(super) fn start_run(&mut self, kind: RunKind) {
        self.status.runs.retain(|run| run.kind != kind);
        let id = RunId(self.status.runs_started);
        self.status.runs_started = self.status.runs_started.saturating_add(1);
        self.status.runs.push(Run { id, kind, phase: analysis::Phase::Pending });
        self.changes.push(Change::StartRun { id, kind });
    }

    /// Ends a run that is not over.
    pub(super) fn terminate(&mut self, run: Run) {
        if !run.phase.is_completed() {
            self.changes.push(Change::TerminateRun { id: run.id });
        }
    }

    /// Ends the runs of these kinds; they do not count any longer.
    pub(super) fn drop_runs(&mut self, is: impl Fn(RunKind) -> bool) {
        let (dropped, kept) = self.status.runs.iter().partition(|run| is(run.kind));
        self.status.runs = kept;
        let dropped: Vec<Run> = dropped;
        dropped.into_iter().for_each(|run| self.terminate(run));
    }

    /// Back to the beginning of an update (`resetRolloutStatus`).
    pub(super) fn reset(&mut self) {
        self.clear_pauses();
        self.remove_abort();
        self.drop_runs(|_| true);
        self.status.promote_full = false;
        self.status.is_preview_done = false;
        self.status.step = match &self.spec.strategy {
            Strategy::Canary(canary) => (!canary.is_empty()).then_some(0),
            Strategy::BlueGreen(_) => None,
        };
    }

    /// Writes down what the pass was about (`calculateBaseStatus`).
    pub(super) fn observe(&mut self) {
        self.status.current = Some(self.target);
        self.status.counts = self.counts();
        if let Strategy::Canary(canary) = &self.spec.strategy {
            self.status.steps = Some(steps::fingerprint(canary));
        }
    }

    /// Writes down what a pass was about that only sized: an update that came with the new size is still to be noticed
    /// (`syncReplicasOnly`).
    pub(super) fn observe_size(&mut self) {
        self.status.counts.available = self.counts().available;
    }

    /// Puts the pass together (`persistRolloutStatus`).
    pub(super) fn finish(mut self) -> Pass {
        let waits = progress::waits_by_design(self.spec, self.before, self.target, &self.sets);
        self.abort_at_deadline(waits);
        self.settle_pauses();
        self.judge(waits);
        self.end()
    }

    /// The pass as it is (`patchCondition`).
    pub(super) fn end(mut self) -> Pass {
        (self.status.phase, self.status.message) = phase::of(self.spec, &self.status);
        Pass { changes: self.changes, status: self.status, events: self.events, recheck: self.recheck }
    }

    fn counts(&self) -> Counts {
        let sets = self.sets();
        let mut counts = Counts { updated: sets.new.map_or(0, |new| new.created), ..Counts::default() };
        for set in sets.all() {
            counts.replicas = counts.replicas.saturating_add(set.created);
            counts.ready = counts.ready.saturating_add(set.ready);
            counts.available = counts.available.saturating_add(set.available);
        }
        let active = self.status.active.and_then(|active| self.sets.iter().find(|set| set.version == active));
        match (&self.spec.strategy, active) {
            (Strategy::BlueGreen(_), Some(active)) => {
                Counts { ready: active.ready, available: active.available, ..counts }
            }
            (Strategy::BlueGreen(_), None) | (Strategy::Canary(_), _) => counts,
        }
    }

    /// Gives up an update that passed its deadline, where it is told to (`evaluateProgressDeadlineAbort`).
    fn abort_at_deadline(&mut self, waits: bool) {
        let is_late = || progress::is_timed_out(self.spec.progress_deadline, self.before.progress, self.now);
        let moves = progress::is_progressing(&self.spec.strategy, self.before, &self.status);
        let applies = self.spec.progress_deadline_abort && !self.is_aborted && !self.status.is_completed();
        if applies && !moves && !waits && is_late() {
            self.abort(AbortReason::Deadline);
        }
    }

    /// What it waits for from now on (`CalculatePauseStatus`). An update that is given up waits for nothing.
    fn settle_pauses(&mut self) {
        self.status.abort = self.is_aborted;
        self.status.aborted_at = self.is_aborted.then(|| self.before.aborted_at.unwrap_or(self.now));
        let drops = self.is_aborted || self.clears_pauses;
        let before = if drops { &[][..] } else { &self.before.pauses[..] };
        let mut pauses: Vec<Pause> =
            before.iter().copied().filter(|pause| !self.removed.contains(&pause.reason)).collect();
        let mut adds = false;
        for reason in self.added.iter().filter(|_| !drops) {
            if !self.before.pauses.iter().chain(&pauses).any(|pause| pause.reason == *reason) {
                pauses.push(Pause { reason: *reason, since: self.now });
                adds = true;
                if pause::needs_person(*reason, self.spec, self.before) {
                    self.events.push(Event::Waits(*reason));
                }
            }
        }
        self.status.controller_pause = !pauses.is_empty() && (adds || self.before.controller_pause);
        self.status.pauses = pauses;
    }

    fn judge(&mut self, waits: bool) {
        let is_healthy = !progress::is_paused(self.spec, &self.status) && progress::is_healthy(self.spec, &self.status);
        self.status.is_healthy = self.before.is_healthy.map(|_| is_healthy).or(is_healthy.then_some(true));
        self.status.progress = progress::judged(self.spec, self.before, &self.status, waits, self.now);
        if let Some(at) = progress::recheck_at(self.spec, &self.status, waits, self.now) {
            self.recheck_at(at);
        }
    }
}
