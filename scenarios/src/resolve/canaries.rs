//! Canaries and blue-green rollouts: their steps, and what is measured beside them.

use super::Resolver;
use super::analyses::Probes;
use crate::raw::{RawBlueGreen, RawCanary, RawCanaryStep, RawRouter, RawSetWeight};
use crate::syntax::{CountOrShare as Given, SourceSpan, Spanned};
use model::controllers::argo::spec::{
    Background, BlueGreen, Canary, CanaryScale, RolloutSpec, Routing, Step, Strategy,
};
use model::controllers::argo::state::RunKind;
use model::ratio::Ratio;
use model::rollout::Progressive;
use model::time::Span;

/// One percent, in parts per billion.
const PERCENT: u32 = 10_000_000;

impl Resolver<'_> {
    pub(super) fn canary(&mut self, replicas: u32, raw: &Spanned<RawCanary>) -> Progressive {
        let (given, mut probes) = (&raw.value, Probes::new());
        let steps = (0..).zip(&given.steps);
        let steps = steps.filter_map(|(index, step)| self.canary_step(index, step, &mut probes)).collect();
        self.check_weights(&given.steps);
        let default = Canary::default();
        let canary = Canary {
            steps,
            max_surge: given.surge.as_ref().map_or(default.max_surge, |fence| self.fence(Some(fence))),
            max_unavailable: given
                .unavailable
                .as_ref()
                .map_or(default.max_unavailable, |fence| self.fence(Some(fence))),
            routing: given.router.as_ref().map(routing),
            background: self.watch(given, &mut probes),
            ..default
        };
        let spec = RolloutSpec {
            replicas,
            strategy: Strategy::Canary(canary),
            progress_deadline: given.deadline.unwrap_or(RolloutSpec::default().progress_deadline),
            progress_deadline_abort: given.abort_at_deadline.unwrap_or(false),
            rollback_window: given.rollback_window.unwrap_or(0),
            ..RolloutSpec::default()
        };
        self.progressive(raw.span, Progressive { spec, min_ready: given.min_ready.unwrap_or(Span::ZERO), probes })
    }

    pub(super) fn blue_green(&mut self, replicas: u32, raw: &Spanned<RawBlueGreen>) -> Progressive {
        let (given, mut probes) = (&raw.value, Probes::new());
        let strategy = BlueGreen {
            auto_promotion: given.auto.unwrap_or(true),
            auto_promotion_after: given.auto_after.unwrap_or(Span::ZERO),
            preview_replicas: given.preview_replicas.as_ref().map(|count| count.value),
            scale_down_delay: given.scale_down_delay,
            abort_scale_down_delay: given.abort_scale_down_delay,
            pre_promotion: self.analysis(RunKind::PrePromotion, &given.before, &mut probes),
            post_promotion: self.analysis(RunKind::PostPromotion, &given.afterwards, &mut probes),
            ..BlueGreen::default()
        };
        let spec = RolloutSpec { replicas, strategy: Strategy::BlueGreen(strategy), ..RolloutSpec::default() };
        self.progressive(raw.span, Progressive { spec, min_ready: given.min_ready.unwrap_or(Span::ZERO), probes })
    }

    /// Tells what the controller itself would refuse.
    fn progressive(&mut self, span: SourceSpan, rollout: Progressive) -> Progressive {
        for error in rollout.spec.validate().err().unwrap_or_default() {
            self.error(span, error.to_string());
        }
        rollout
    }

    fn canary_step(&mut self, index: u32, raw: &RawCanaryStep, probes: &mut Probes) -> Option<Step> {
        Some(match raw {
            RawCanaryStep::Weight(step) => Step::SetWeight(self.percent(&step.weight)),
            RawCanaryStep::Pause(step) => Step::Pause(Some(step.pause)),
            RawCanaryStep::Wait(_) => Step::Pause(None),
            RawCanaryStep::Scale(step) => Step::SetCanaryScale(match step.scale.value {
                Given::Count(count) => CanaryScale::Replicas(count),
                Given::Share(value) => CanaryScale::Weight(self.percent(&Spanned { value, span: step.scale.span })),
            }),
            RawCanaryStep::Analysis(step) => {
                Step::Analysis(self.analysis(RunKind::Step(index), &step.analysis, probes).unwrap_or_default())
            }
        })
    }

    /// A share as controllers take it: a whole percentage.
    pub(super) fn percent(&mut self, given: &Spanned<Ratio>) -> u32 {
        if !given.value.ppb().is_multiple_of(PERCENT) {
            let message = format!("{} is not a whole percentage, which is what controllers take", given.value);
            self.error(given.span, message);
        }
        given.value.ppb() / PERCENT
    }

    /// A canary that gives traffic back half way is a mistake: whoever wants that aborts it.
    fn check_weights(&mut self, steps: &[RawCanaryStep]) {
        let weights = steps.iter().filter_map(|step| match step {
            RawCanaryStep::Weight(RawSetWeight { weight }) => Some(weight),
            RawCanaryStep::Pause(_) | RawCanaryStep::Wait(_) | RawCanaryStep::Scale(_) | RawCanaryStep::Analysis(_) => {
                None
            }
        });
        let weights: Vec<_> = weights.collect();
        for pair in weights.windows(2).filter(|pair| pair[1].value < pair[0].value) {
            let message = format!("the weight goes down, from {} to {}", pair[0].value, pair[1].value);
            self.error_with(pair[1].span, message, "write the steps in rising order");
        }
    }

    fn watch(&mut self, raw: &RawCanary, probes: &mut Probes) -> Option<Background> {
        let watch = raw.watch.as_ref()?;
        let analysis = self.analysis(RunKind::Background, &watch.metrics, probes).unwrap_or_default();
        let first = self.within(watch.from_step.as_ref(), 1, 1..=1_000, "a step");
        Some(Background { analysis, starting_step: first.saturating_sub(1) })
    }
}

fn routing(raw: &RawRouter) -> Routing {
    Routing {
        dynamic_stable_scale: raw.dynamic_stable.unwrap_or(false),
        min_pods: raw.min_replicas,
        scale_down_delay: raw.scale_down_delay,
        abort_scale_down_delay: raw.abort_scale_down_delay,
        ..Routing::default()
    }
}
