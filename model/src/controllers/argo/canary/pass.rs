//! One pass over a canary, in the order of the original (`rolloutCanary` in `rollout/canary.go`).
//!
//! Weights before analyses before sizes before pauses before the next step: a weight lags behind pods by a pass.

use super::{older, router, steps, weight};
use crate::controllers::argo::pause::{self, Reason};
use crate::controllers::argo::promotion::{self, Promotion};
use crate::controllers::argo::rollback::Rollback;
use crate::controllers::argo::spec::{Canary, Step};
use crate::controllers::argo::state::{AbortReason, Change, Event, RunKind, Weights};
use crate::controllers::argo::work::Work;
use crate::controllers::argo::{analysis, behind, new_set};
use crate::time::Span;

/// How soon to ask the router again whether it has done what it was told (`GetRolloutVerifyRetryInterval`).
const VERIFY_RETRY: Span = Span::from_secs(10);

/// Reconciles a canary.
pub(in super::super) fn reconcile(work: &mut Work<'_>, canary: &Canary) {
    if work.before.steps != Some(steps::fingerprint(canary)) || work.is_new_target() {
        return restart(work, canary);
    }
    behind::prune(work);
    if !route(work, canary) {
        return;
    }
    analyse(work, canary);
    if !work.adds_pause() && !scale(work, canary) {
        wait(work, canary);
    }
    advance(work, canary);
}

/// An update begins; some ways back begin at their end.
fn restart(work: &mut Work<'_>, canary: &Canary) {
    work.reset();
    let is_active = work.new_set().is_some_and(|new| new.spec > 0);
    let skip = match work.rollback() {
        Some(Rollback::Stable) => Some(Rollback::Stable),
        Some(Rollback::Window) if is_active => Some(Rollback::Window),
        Some(Rollback::Window | Rollback::StillUp | Rollback::Full) | None => None,
    };
    if let Some(rollback) = skip.filter(|_| !canary.is_empty()) {
        work.status.step = Some(canary.len());
        work.events.push(Event::StepsSkipped(rollback));
    }
}

/// Tells the router; whether the pass goes on. It does not while everything is to go to the new version and the router
/// has not confirmed it.
fn route(work: &mut Work<'_>, canary: &Canary) -> bool {
    if canary.routing.is_none() {
        work.status.weights = None;
        return true;
    }
    let Some(weights) = router::weights(&work.view(canary)) else { return true };
    let is_new = work.before.weights != Some(weights);
    if is_new {
        work.changes.push(Change::Route(weights));
        work.status.weights = Some(weights);
    }
    let is_unconfirmed = work.is_weight_verified.is_some_and(|is_verified| is_new || !is_verified);
    if !is_unconfirmed || !is_to_be_confirmed(work, canary, &weights) {
        return true;
    }
    work.recheck_at(work.now + VERIFY_RETRY);
    weights.canary.weight < canary.max_weight()
}

/// Routers are asked only at a step that sets a weight, and at the end of all (`ShouldVerifyWeight`).
fn is_to_be_confirmed(work: &Work<'_>, canary: &Canary, weights: &Weights) -> bool {
    let is_under_way = work.before.stable.is_some() && !work.before.is_fully_promoted();
    is_under_way
        && match weight::step(canary, work.before) {
            Some(Step::SetWeight(_)) => true,
            Some(Step::SetCanaryScale(_) | Step::Pause(_) | Step::Analysis(_)) => false,
            None => weights.canary.weight == canary.max_weight(),
        }
}

/// Starts, ends and listens to analyses (`reconcileAnalysisRuns`).
fn analyse(work: &mut Work<'_>, canary: &Canary) {
    let before = work.before;
    let is_idle = before.stable.is_none() || before.is_fully_promoted() || before.promote_full;
    if is_idle || work.is_aborted || work.is_fast_rollback() {
        return work.drop_runs(|_| true);
    }
    analyse_step(work, canary);
    analyse_background(work, canary);
}

fn analyse_step(work: &mut Work<'_>, canary: &Canary) {
    if !work.before.pauses.is_empty() {
        return;
    }
    let at = match weight::step(canary, work.before) {
        Some(Step::Analysis(_)) => weight::index(canary, work.before).map(RunKind::Step),
        Some(Step::SetWeight(_) | Step::SetCanaryScale(_) | Step::Pause(_)) | None => None,
    };
    let is_of_other = |kind| matches!(kind, RunKind::Step(_)) && Some(kind) != at;
    match at.filter(|_| work.run(is_of_other).is_none()) {
        Some(kind) => listen(work, kind),
        // The analysis of an earlier step ends in a pass of its own.
        None => work.drop_runs(is_of_other),
    }
}

fn analyse_background(work: &mut Work<'_>, canary: &Canary) {
    let kind = RunKind::Background;
    match &canary.background {
        None => work.drop_runs(|it| it == kind),
        Some(background) => {
            let is_early = weight::step(canary, work.before)
                .and(weight::index(canary, work.before))
                .is_some_and(|index| index < background.starting_step);
            if !is_early && pause::of(work.before, Reason::InconclusiveAnalysis).is_none() {
                listen(work, kind);
            }
        }
    }
}

/// Starts the run of this kind if there is none, or a new one when a person resumed after no verdict or tries again
/// (`needsNewAnalysisRun`); otherwise does what it says.
pub(in super::super) fn listen(work: &mut Work<'_>, kind: RunKind) {
    let Some(run) = work.run(|it| it == kind).filter(|run| !is_stale(work, run.phase)) else {
        return work.start_run(kind);
    };
    heed(work, kind, run.phase);
}

fn is_stale(work: &Work<'_>, phase: analysis::Phase) -> bool {
    let before = work.before;
    let waits = |reason| pause::of(before, reason).is_some();
    if before.controller_pause && !waits(Reason::CanaryPauseStep) && !waits(Reason::BlueGreenPause) {
        phase == analysis::Phase::Inconclusive
    } else {
        before.aborted_at.is_some()
    }
}

/// A bad run ends the update, one without a verdict holds it.
pub(in super::super) fn heed(work: &mut Work<'_>, kind: RunKind, phase: analysis::Phase) {
    match phase {
        analysis::Phase::Failed | analysis::Phase::Error => work.abort(AbortReason::Analysis(kind)),
        analysis::Phase::Inconclusive => work.add_pause(Reason::InconclusiveAnalysis),
        analysis::Phase::Successful | analysis::Phase::Running | analysis::Phase::Pending => {}
    }
}

/// Sizes the stable set, else the new one, else the others; whether one was sized (`reconcileCanaryReplicaSets`).
pub(in super::super) fn scale(work: &mut Work<'_>, canary: &Canary) -> bool {
    if work.is_halted() {
        return false;
    }
    work.remove_deadlines();
    scale_stable(work, canary) || scale_new(work, canary) || older::scale_down(work, canary)
}

/// By the weights *before* this pass: at the end of the steps, when all goes to a new stable set at once, the old one
/// would be sized up for a moment otherwise.
fn scale_stable(work: &mut Work<'_>, canary: &Canary) -> bool {
    let view = work.view(canary);
    let Some(stable) = view.sets.other_stable().copied() else { return false };
    let size = view.sizes(work.before.weights.as_ref()).stable;
    work.scale(&stable, size)
}

fn scale_new(work: &mut Work<'_>, canary: &Canary) -> bool {
    let size = work.view(canary).sizes(work.status.weights.as_ref()).canary;
    new_set::reconcile(work, size)
}

/// Begins to wait at a pause step, or says when its time is over (`reconcileCanaryPause`).
fn wait(work: &mut Work<'_>, canary: &Canary) {
    let Some(Step::Pause(length)) = weight::step(canary, work.before) else { return };
    if work.spec.paused || work.before.promote_full {
        return;
    }
    match pause::of(work.before, Reason::CanaryPauseStep) {
        None if !work.before.controller_pause => work.add_pause(Reason::CanaryPauseStep),
        None => {}
        Some(pause) => {
            if let Some(length) = length {
                work.recheck_at(pause.since + *length);
            }
        }
    }
}

/// Marks the target as stable, goes back to the first step after an abort, or on to the next one
/// (`syncRolloutStatusCanary`).
fn advance(work: &mut Work<'_>, canary: &Canary) {
    let before = work.before;
    let mut step = weight::index(canary, before);
    let rollback = work.rollback();
    if before.promote_full || rollback == Some(Rollback::Window) {
        work.clear_pauses();
        work.remove_abort();
        step = step.map(|_| canary.len());
    }
    if let Some(promotion) = due(work, rollback) {
        promote(work, promotion);
        work.status.step = step.map(|_| canary.len());
        return;
    }
    if work.is_aborted {
        let is_stable = before.stable == Some(work.target);
        work.status.step = step.map(|_| if is_stable { canary.len() } else { 0 });
        return;
    }
    let weights = work.status.weights;
    // What the router has just been told it has not done yet.
    let is_verified = work.is_weight_verified.map(|is_verified| is_verified && weights == before.weights);
    if steps::is_done(&work.view(canary), weights.as_ref(), is_verified, work.now) {
        work.events.extend(step.map(|step| Event::StepCompleted { step }));
        step = step.map(|step| step.saturating_add(1).min(canary.len()));
        work.drop_runs(|kind| matches!(kind, RunKind::Step(_)));
        work.remove_pause(Reason::CanaryPauseStep);
    }
    work.status.step = step;
}

fn due(work: &Work<'_>, rollback: Option<Rollback>) -> Option<Promotion> {
    let mut status = work.before.clone();
    status.abort = work.is_aborted;
    promotion::due(work.spec, &status, &work.sets(), rollback)
}

/// Marks the target as stable (`promoteStable`).
pub(in super::super) fn promote(work: &mut Work<'_>, promotion: Promotion) {
    work.clear_pauses();
    work.remove_abort();
    work.status.promote_full = false;
    work.status.is_preview_done = false;
    if work.status.stable != Some(work.target) {
        work.status.stable = Some(work.target);
        work.events.push(Event::Promoted(promotion));
    }
}
