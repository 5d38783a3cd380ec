//! One pass over a blue-green rollout, in the order of the original (`rolloutBlueGreen` in `rollout/bluegreen.go`).

use super::{is_fast_tracked, is_saturated, new_size, older, skips_post_promotion, skips_pre_promotion};
use crate::controllers::argo::analysis::{Analysis, Phase};
use crate::controllers::argo::canary::pass::{heed, listen, promote};
use crate::controllers::argo::pause::{self, Reason};
use crate::controllers::argo::promotion;
use crate::controllers::argo::rollback::Rollback;
use crate::controllers::argo::spec::BlueGreen;
use crate::controllers::argo::state::{Change, ReplicaSet, Run, RunKind};
use crate::controllers::argo::work::Work;
use crate::controllers::argo::{behind, new_set};

/// Reconciles a blue-green rollout.
pub(in super::super) fn reconcile(work: &mut Work<'_>, strategy: &BlueGreen) {
    show_preview(work, strategy);
    if !work.is_new_target() {
        scale(work, strategy);
        wait(work, strategy);
        switch(work, strategy);
        analyse(work, strategy);
    }
    advance(work, strategy);
}

/// Points the preview service to the new version.
fn show_preview(work: &mut Work<'_>, strategy: &BlueGreen) {
    if !strategy.has_preview_service {
        work.status.preview = None;
    } else if !work.is_halted() && work.before.preview != Some(work.target) {
        work.status.preview = Some(work.target);
        work.changes.push(Change::Preview(work.target));
    }
}

/// The size of the new set.
fn size(work: &Work<'_>, strategy: &BlueGreen) -> u32 {
    let active = work.before.active.is_some_and(|active| work.sets.iter().any(|set| set.version == active));
    new_size(work.spec, strategy, work.before, work.target, active)
}

/// Sizes all sets in one go (`reconcileBlueGreenReplicaSets`). A pause does not stop it.
pub(in super::super) fn scale(work: &mut Work<'_>, strategy: &BlueGreen) {
    work.remove_deadlines();
    if let Some(stable) = work.sets().stable.copied() {
        work.scale(&stable, work.spec.replicas);
    }
    let size = size(work, strategy);
    if work.before.stable != Some(work.target) || work.sets().stable.is_none() {
        new_set::reconcile(work, size);
    }
    older::scale_down(work, strategy);
    behind::prune(work);
}

/// Whether the new set has the pods of this stage, available (`ReadyForPause`).
fn is_ready(work: &Work<'_>, strategy: &BlueGreen, new: &ReplicaSet) -> bool {
    let size = size(work, strategy);
    new.spec == size && new.available == size
}

/// Begins to wait before the switch, or stops (`reconcileBlueGreenPause`).
fn wait(work: &mut Work<'_>, strategy: &BlueGreen) {
    let is_ready = work.new_set().is_some_and(|new| is_ready(work, strategy, &new));
    if work.before.abort || !is_ready || work.is_halted() {
        return;
    }
    let is_fast = is_fast_tracked(work.before, work.target, work.rollback());
    if is_fast || work.before.is_preview_done || !pause::precedes_switch(strategy) {
        return work.remove_pause(Reason::BlueGreenPause);
    }
    if !has_passed(work, strategy.pre_promotion.as_ref()) {
        return;
    }
    let after = strategy.auto_promotion_after;
    match pause::of(work.before, Reason::BlueGreenPause) {
        None if !work.before.controller_pause => work.add_pause(Reason::BlueGreenPause),
        None => {}
        Some(_) if is_switch_due(work, strategy) => work.remove_pause(Reason::BlueGreenPause),
        Some(pause) if strategy.auto_promotion => work.recheck_at(pause.since + after),
        Some(_) => {}
    }
}

fn is_switch_due(work: &Work<'_>, strategy: &BlueGreen) -> bool {
    pause::is_switch_due(strategy, work.before, work.adds_pause(), work.now)
}

/// Whether the analysis before the switch is content, or there is none (`completedPrePromotionAnalysis`).
fn has_passed(work: &Work<'_>, analysis: Option<&Analysis>) -> bool {
    let run = work.run(|kind| kind == RunKind::PrePromotion);
    analysis.is_none() || run.is_some_and(|run| run.phase == Phase::Successful)
}

/// Points the active service to the new version when it may, back to the stable one after an abort
/// (`reconcileActiveService`).
fn switch(work: &mut Work<'_>, strategy: &BlueGreen) {
    let Some(new) = work.new_set() else { return };
    if work.is_halted() || !is_ready(work, strategy, &new) || !is_saturated(work.spec, &new) {
        return;
    }
    let is_fast = is_fast_tracked(work.before, work.target, work.rollback());
    let may = is_fast || (is_switch_due(work, strategy) && has_passed(work, strategy.pre_promotion.as_ref()));
    let to = match work.before.stable {
        Some(stable) if work.before.abort => Some(stable),
        Some(_) | None if may => Some(work.target),
        Some(_) | None => work.before.active,
    };
    if let Some(to) = to.filter(|to| work.before.active != Some(*to)) {
        work.status.active = Some(to);
        work.changes.push(Change::Switch(to));
    }
}

/// Starts, ends and listens to analyses (`reconcileAnalysisRuns`). Runs that are over stay to be looked at.
fn analyse(work: &mut Work<'_>, strategy: &BlueGreen) {
    let before = work.before;
    let is_idle = before.stable.is_none() || before.is_fully_promoted() || before.promote_full;
    if is_idle || work.is_aborted || work.is_fast_rollback() {
        return stop(work, |_| true);
    }
    let Some(new) = work.new_set() else { return };
    for (kind, analysis) in
        [(RunKind::PrePromotion, &strategy.pre_promotion), (RunKind::PostPromotion, &strategy.post_promotion)]
    {
        if analysis.is_none() {
            work.drop_runs(|it| it == kind);
        } else {
            analyse_one(work, strategy, kind, &new);
        }
    }
}

fn analyse_one(work: &mut Work<'_>, strategy: &BlueGreen, kind: RunKind, new: &ReplicaSet) {
    let run = work.run(|it| it == kind);
    let skips = match kind {
        RunKind::PrePromotion => skips_pre_promotion(work.spec, strategy, work.before, new, run.is_some()),
        RunKind::PostPromotion => skips_post_promotion(work.spec, work.before, new, run.is_some()),
        RunKind::Step(_) | RunKind::Background => true,
    };
    if skips {
        stop(work, |it| it == kind);
        run.into_iter().for_each(|run| heed(work, kind, run.phase));
    } else if pause::of(work.before, Reason::InconclusiveAnalysis).is_none() {
        listen(work, kind);
    }
}

/// Ends the runs of these kinds; they still count.
fn stop(work: &mut Work<'_>, is: impl Fn(RunKind) -> bool) {
    let running: Vec<Run> = work.status.runs.iter().copied().filter(|run| is(run.kind)).collect();
    running.into_iter().for_each(|run| work.terminate(run));
}

/// Marks the target as stable, or lets the preview grow (`syncRolloutStatusBlueGreen`).
fn advance(work: &mut Work<'_>, strategy: &BlueGreen) {
    if work.is_new_target() {
        work.reset();
    }
    let rollback = work.rollback();
    if work.before.promote_full || rollback == Some(Rollback::Window) {
        work.clear_pauses();
        work.remove_abort();
    }
    let mut status = work.status.clone();
    status.current = Some(work.target);
    status.abort = work.is_aborted;
    status.promote_full = work.before.promote_full;
    match promotion::due(work.spec, &status, &work.sets(), rollback) {
        Some(promotion) => promote(work, promotion),
        None => work.status.is_preview_done = is_preview_done(work, strategy),
    }
}

/// Whether the small preview has done its part (`calculateScaleUpPreviewCheckPoint`); once it has, it has for the rest
/// of the update.
fn is_preview_done(work: &Work<'_>, strategy: &BlueGreen) -> bool {
    let Some(preview) = strategy.preview_replicas else { return false };
    let is_full = work.new_set().is_some_and(|new| new.available == preview);
    let may = has_passed(work, strategy.pre_promotion.as_ref()) && is_switch_due(work, strategy);
    work.before.is_preview_done || (may && is_full)
}
