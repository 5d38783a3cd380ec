//! The ends of a release: the promotion, which is a second rollout, and the ways back.
//!
//! As long as a version is put to the test, the primary has the old one, and going back to it is right. Once it was
//! promoted, the primary has the new one too: when it does not come up, the canary has the only pods that work. Until
//! June 2026 all traffic went to the broken primary, and the canary was removed; since then the canary stays and gets
//! all of it (fluxcd/flagger#1898).

use super::spec::{FlaggerSpec, Provider, TOTAL_WEIGHT};
use super::{Event, Observed, Phase, RollbackReason, Routes, Step, Tick};

impl Tick {
    /// Splits the traffic, if it is split otherwise.
    pub(super) fn route(&mut self, routes: Routes) {
        if self.state.routes != routes {
            self.state.routes = routes;
            self.steps.push(Step::Route(routes));
        }
    }
}

/// Copies the canary to the primary, and begins to promote it.
pub(super) fn promote(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) -> Event {
    copy(spec, tick, observed);
    tick.state.phase = Phase::Promoting;
    Event::Promoted
}

fn copy(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) {
    let replicas = Some(observed.canary.wanted).filter(|_| spec.autoscaled_from.is_none());
    tick.steps.push(Step::Promote { target: observed.target, replicas });
}

/// Traffic goes back to the primary, which is ready: at once, or step by step (`runPromotionTrafficShift`).
pub(super) fn shift_back(spec: &FlaggerSpec, tick: &mut Tick) -> Event {
    let Routes { primary, canary, .. } = tick.state.routes;
    let routes = match (spec.provider, spec.analysis.step_weight_promotion) {
        (Provider::Kubernetes, _) => tick.state.routes,
        (Provider::Router, 0) => Routes::PRIMARY,
        (Provider::Router, _) if canary == 0 => return Event::NoStep,
        (Provider::Router, step) => {
            let primary = primary.saturating_add(step).min(TOTAL_WEIGHT);
            Routes { primary, canary: canary.saturating_sub(step), mirrored: false }
        }
    };
    tick.route(routes);
    if routes.primary == TOTAL_WEIGHT || spec.provider == Provider::Kubernetes {
        tick.state.end_with(Phase::Finalising);
    }
    Event::ShiftedBack
}

/// The canary goes.
pub(super) fn finalise(tick: &mut Tick) -> Event {
    tick.steps.push(Step::ScaleCanary { to: 0 });
    tick.state.end_with(Phase::Succeeded);
    Event::Succeeded
}

/// Promotes what is ready, all at once (`shouldSkipAnalysis`). Nobody waits for the primary.
pub(super) fn without_analysis(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) -> Event {
    tick.route(Routes::PRIMARY);
    copy(spec, tick, observed);
    finalise(tick)
}

/// All traffic to the primary, and the canary goes (`rollback`). The version stays in the spec, as looked at.
pub(super) fn roll_back(tick: &mut Tick, observed: &Observed, reason: RollbackReason) -> Event {
    tick.route(Routes::PRIMARY);
    tick.steps.push(Step::ScaleCanary { to: 0 });
    tick.state.sync(Phase::Failed, observed.target);
    Event::RolledBack(reason)
}

/// All traffic to the canary, which stays (`handleFailedPromotion`).
pub(super) fn fail(tick: &mut Tick, observed: &Observed) -> Event {
    tick.route(Routes::CANARY);
    tick.state.sync(Phase::Failed, observed.target);
    Event::PromotionFailed
}
