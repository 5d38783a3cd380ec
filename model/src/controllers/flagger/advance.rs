//! The order of a tick (`advanceCanary`): who is waited for, and what is rolled back.

use super::{Event, FlaggerSpec, Observed, Phase, Readiness, RollbackReason, Routes, Step, Tick, readiness};
use super::{analysis, promotion};

/// Up to the first thing that happens or is waited for.
pub(super) fn advance(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) -> Event {
    if let Some(event) = initialise(spec, tick, observed) {
        return event;
    }
    if !should_advance(tick, observed) {
        return Event::Unchanged;
    }
    let begun = if spec.skip_analysis { None } else { await_primary(spec, tick, observed) };
    let begun = begun.or_else(|| begin(spec, tick, observed)).or_else(|| restart(tick, observed));
    begun.or_else(|| await_canary(spec, tick, observed)).unwrap_or_else(|| go_on(spec, tick, observed))
}

/// Makes the primary and waits for it, once.
fn initialise(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) -> Option<Event> {
    if observed.primary.is_none() {
        tick.steps.push(Step::CreatePrimary(observed.target));
    }
    if tick.state.phase != Phase::Initializing {
        return None;
    }
    if let Some(event) = (!spec.skip_analysis).then(|| await_primary(spec, tick, observed)).flatten() {
        return Some(event);
    }
    tick.steps.push(Step::ScaleCanary { to: 0 });
    tick.route(Routes::PRIMARY);
    tick.state.sync(Phase::Initialized, observed.target);
    None
}

/// Whether there is something to do (`shouldAdvance`). In phase Failed whatever is asked for counts as looked at,
/// released or not.
fn should_advance(tick: &mut Tick, observed: &Observed) -> bool {
    let is_changed = tick.state.is_changed_by(observed.target);
    if tick.state.phase == Phase::Failed {
        tick.state.last_applied = Some(observed.target);
    }
    tick.state.phase.is_under_way() || is_changed
}

fn await_primary(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) -> Option<Event> {
    let threshold = spec.analysis.primary_ready_threshold;
    let primary = observed.primary.map(|primary| readiness(&primary, spec.progress_deadline, threshold));
    match primary.unwrap_or(Readiness::Waiting) {
        Readiness::Ready => None,
        Readiness::Waiting => Some(Event::PrimaryNotReady),
        Readiness::Stuck if matches!(tick.state.phase, Phase::Promoting | Phase::Finalising) => {
            Some(promotion::fail(tick, observed))
        }
        Readiness::Stuck => Some(promotion::roll_back(tick, observed, RollbackReason::PrimaryStuck)),
    }
}

/// Brings the canary up for a version that is not under way yet (`checkCanaryStatus`).
fn begin(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) -> Option<Event> {
    match tick.state.phase {
        Phase::Progressing | Phase::WaitingPromotion | Phase::Promoting | Phase::Finalising => return None,
        Phase::Initializing | Phase::Initialized | Phase::Waiting | Phase::Succeeded | Phase::Failed => {}
    }
    if !observed.approvals.rollout {
        tick.state.phase = Phase::Waiting;
        return Some(Event::RolloutUnconfirmed);
    }
    tick.steps.push(Step::ScaleCanary { to: canary_size(spec, observed) });
    tick.state.sync(Phase::Progressing, observed.target);
    Some(Event::Detected)
}

/// The canary's own size, else the primary's, else one; with an autoscaler its smallest number, at least one
/// (`ScaleFromZero` in `pkg/canary/deployment_controller.go`).
fn canary_size(spec: &FlaggerSpec, observed: &Observed) -> u32 {
    let primary = || observed.primary.and_then(|primary| primary.size());
    let start = spec.autoscaled_from.map(|fewest| fewest.max(1)).or_else(primary);
    observed.canary.size().or(start).unwrap_or(1)
}

/// Starts anew when another version came meanwhile (`hasCanaryRevisionChanged`).
fn restart(tick: &mut Tick, observed: &Observed) -> Option<Event> {
    let is_tested = matches!(tick.state.phase, Phase::Progressing | Phase::WaitingPromotion);
    if !is_tested || !tick.state.is_changed_by(observed.target) {
        return None;
    }
    tick.route(Routes::PRIMARY);
    tick.state.sync(Phase::Progressing, observed.target);
    Some(Event::Restarted)
}

fn await_canary(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) -> Option<Event> {
    match readiness(&observed.canary, spec.progress_deadline, spec.analysis.canary_ready_threshold) {
        Readiness::Ready => None,
        Readiness::Waiting => Some(Event::CanaryNotReady),
        Readiness::Stuck => Some(promotion::roll_back(tick, observed, RollbackReason::CanaryStuck)),
    }
}

/// Both workloads are ready: the next step of whatever is under way.
fn go_on(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) -> Event {
    let phase = tick.state.phase;
    if spec.skip_analysis {
        return promotion::without_analysis(spec, tick, observed);
    }
    let is_promoted = matches!(phase, Phase::Promoting | Phase::Finalising);
    if !is_promoted && observed.approvals.rollback {
        return promotion::roll_back(tick, observed, RollbackReason::Asked);
    }
    match phase {
        Phase::Promoting => promotion::shift_back(spec, tick),
        Phase::Finalising => promotion::finalise(tick),
        Phase::Initializing
        | Phase::Initialized
        | Phase::Waiting
        | Phase::Progressing
        | Phase::WaitingPromotion
        | Phase::Succeeded
        | Phase::Failed => analysis::test(spec, tick, observed),
    }
}
