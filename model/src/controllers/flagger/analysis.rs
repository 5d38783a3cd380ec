//! The test: a check, and a step when it passed.
//!
//! A *canary* gets more traffic with each step, up to the maximum. An *A/B test* gives it all requests of matched
//! users for so many ticks. *Blue-green* gives it none for so many ticks, then all for one. Before the first step
//! there is nothing to measure: the first tick runs the hooks that come before a rollout, and takes the step.

use super::spec::{FlaggerSpec, Provider, TOTAL_WEIGHT};
use super::{Check, Event, Observed, Phase, RollbackReason, Routes, Tick, promotion};

/// Ticks of blue-green where a canary was asked for and nothing can split traffic.
const ITERATIONS: u32 = 10;

/// How many ticks a test takes that is no canary; none for a canary, which grows.
#[must_use]
pub fn iterations(spec: &FlaggerSpec) -> Option<u32> {
    match Kind::of(spec) {
        Kind::Canary => None,
        Kind::Ab { iterations } | Kind::BlueGreen { iterations } => Some(iterations),
    }
}

/// The check and, when it passed, the step. Too many failed ones before: the way back.
pub(super) fn test(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) -> Event {
    if tick.state.failed_checks >= spec.analysis.threshold() {
        return promotion::roll_back(tick, observed, RollbackReason::FailedChecks);
    }
    if !passes(spec, tick, observed) {
        tick.state.failed_checks = tick.state.failed_checks.saturating_add(1);
        return Event::CheckFailed;
    }
    match Kind::of(spec) {
        Kind::Canary => grow(spec, tick, observed),
        Kind::Ab { iterations } => iterate_ab(spec, iterations, tick, observed),
        Kind::BlueGreen { iterations } => iterate_blue_green(spec, iterations, tick, observed),
    }
}

fn passes(spec: &FlaggerSpec, tick: &Tick, observed: &Observed) -> bool {
    let is_mirrored = spec.analysis.mirror && tick.state.routes.mirrored;
    if tick.state.routes.canary == 0 && tick.state.iterations == 0 && !is_mirrored {
        return observed.approvals.pre_rollout;
    }
    match observed.check {
        Check::Passed => true,
        Check::Failed | Check::NoData => false,
    }
}

/// How a version is put to the test (`DeploymentStrategy`).
enum Kind {
    Canary,
    Ab { iterations: u32 },
    BlueGreen { iterations: u32 },
}

impl Kind {
    fn of(spec: &FlaggerSpec) -> Self {
        let iterations = spec.analysis.iterations;
        match (spec.provider, iterations) {
            (Provider::Kubernetes, 0) => Self::BlueGreen { iterations: ITERATIONS },
            (Provider::Kubernetes, _) => Self::BlueGreen { iterations },
            (Provider::Router, 0) => Self::Canary,
            (Provider::Router, _) if spec.analysis.has_match => Self::Ab { iterations },
            (Provider::Router, _) => Self::BlueGreen { iterations },
        }
    }
}

/// More traffic to the canary, or its promotion (`runCanary`).
fn grow(spec: &FlaggerSpec, tick: &mut Tick, observed: &Observed) -> Event {
    let routes = tick.state.routes;
    let Some(step) = spec.analysis.next_step(routes.canary) else { return Event::NoStep };
    let is_asked = !routes.mirrored && tick.state.phase != Phase::WaitingPromotion;
    if is_asked && !observed.approvals.traffic_increase {
        return Event::IncreaseUnconfirmed;
    }
    if routes.canary >= spec.analysis.max_weight() {
        return confirm(0, tick, observed).unwrap_or_else(|| promotion::promote(spec, tick, observed));
    }
    let begins_mirrored = spec.analysis.mirror && routes.canary == 0 && !routes.mirrored;
    tick.route(match begins_mirrored {
        true => Routes { mirrored: true, ..Routes::PRIMARY },
        false => Routes {
            primary: routes.primary.saturating_sub(step),
            canary: routes.canary.saturating_add(step).min(TOTAL_WEIGHT),
            mirrored: false,
        },
    });
    Event::Advanced
}

/// All matched users to the canary for a tick, or its promotion (`runAB`).
fn iterate_ab(spec: &FlaggerSpec, iterations: u32, tick: &mut Tick, observed: &Observed) -> Event {
    if iterations > tick.state.iterations {
        tick.route(Routes::CANARY);
        tick.state.iterations += 1;
        return Event::Advanced;
    }
    let unconfirmed = confirm(iterations, tick, observed);
    unconfirmed.unwrap_or_else(|| match iterations == tick.state.iterations {
        true => promotion::promote(spec, tick, observed),
        false => Event::NoStep,
    })
}

/// Another tick beside the primary, the one in its place, or its promotion (`runBlueGreen`).
fn iterate_blue_green(spec: &FlaggerSpec, iterations: u32, tick: &mut Tick, observed: &Observed) -> Event {
    let is_routed = spec.provider == Provider::Router;
    if iterations > tick.state.iterations {
        if is_routed && spec.analysis.mirror {
            tick.route(Routes { mirrored: true, ..Routes::PRIMARY });
        }
        tick.state.iterations += 1;
        return Event::Advanced;
    }
    if let Some(unconfirmed) = confirm(iterations, tick, observed) {
        return unconfirmed;
    }
    if iterations < tick.state.iterations {
        return promotion::promote(spec, tick, observed);
    }
    if is_routed {
        tick.route(Routes::CANARY);
    }
    tick.state.iterations = tick.state.iterations.saturating_add(1);
    Event::Advanced
}

/// Asks whether it may be promoted (`runConfirmPromotionHooks`). While it may not, the last iteration is repeated.
fn confirm(iterations: u32, tick: &mut Tick, observed: &Observed) -> Option<Event> {
    if observed.approvals.promotion {
        return None;
    }
    tick.state.phase = Phase::WaitingPromotion;
    tick.state.iterations = iterations.saturating_sub(1);
    Some(Event::PromotionUnconfirmed)
}
