//! Canaries and blue-green rollouts: their steps, and what is measured beside them.

use super::Resolver;
use super::analyses::Probes;
use super::rollouts::NO_ROOM;
use super::scaling::REPLICAS_MAX;
use crate::raw::{RawBlueGreen, RawCanary, RawCanaryStep, RawMetric, RawRouter, RawSetWeight};
use crate::syntax::{CountOrShare as Given, Diagnostic, SourceSpan, Spanned};
use model::controllers::argo::spec::{
    Background, BlueGreen, Canary, CanaryScale, RolloutSpec, Routing, SpecError, Step, Strategy, Threshold,
};
use model::controllers::argo::state::RunKind;
use model::ratio::Ratio;
use model::rollout::Progressive;
use model::time::Span;

/// One percent, in parts per billion.
const PERCENT: u32 = 10_000_000;
/// What weights add up to, unless the router says something else.
const HUNDRED: u32 = 100;

/// What both have.
struct Common<'a> {
    min_ready: Option<Span>,
    rollback_window: Option<u32>,
    history: Option<u32>,
    deadline: Option<&'a Spanned<Span>>,
    aborts: Option<bool>,
}

impl Resolver<'_> {
    pub(super) fn canary(&mut self, replicas: u32, raw: &Spanned<RawCanary>) -> Progressive {
        let (given, mut probes) = (&raw.value, Probes::new());
        let steps = (0..).zip(&given.steps);
        let whole = self.whole(given);
        let steps = steps.filter_map(|(index, step)| self.canary_step(index, step, whole, &mut probes)).collect();
        self.check_weights(&given.steps);
        let default = Canary::default();
        let canary = Canary {
            steps,
            max_surge: given.surge.as_ref().map_or(default.max_surge, |fence| self.surge(Some(fence))),
            max_unavailable: given
                .unavailable
                .as_ref()
                .map_or(default.max_unavailable, |fence| self.fence(Some(fence))),
            routing: given.router.as_ref().map(|router| self.routing(router, whole)),
            background: self.watch(given, &mut probes),
            threshold: given.progress_threshold.as_ref().map(|given| self.threshold(given, replicas)),
        };
        let falls_back = given.router.as_ref().and_then(|router| router.falls_back).unwrap_or(false);
        let rollout = self.progressive(replicas, Strategy::Canary(canary), given.common(), probes);
        let rollout = Progressive { falls_back, ..rollout };
        self.check_rollout(&rollout.spec, |error| given.span_of(error).unwrap_or(raw.span));
        rollout
    }

    pub(super) fn blue_green(&mut self, replicas: u32, raw: &Spanned<RawBlueGreen>) -> Progressive {
        let (given, mut probes) = (&raw.value, Probes::new());
        if let Some(before) = given.before.as_ref().filter(|before| before.value.iter().any(RawMetric::is_of_new)) {
            self.warn_unasked(before.span, "measure `all`, or `afterwards`");
        }
        let strategy = BlueGreen {
            auto_promotion: given.auto.unwrap_or(true),
            auto_promotion_after: given.auto_after.unwrap_or(Span::ZERO),
            preview_replicas: given.preview_replicas.as_ref().map(|count| count.value),
            scale_down_delay: given.scale_down_delay,
            scale_down_delay_revision_limit: given.scale_down_limit,
            abort_scale_down_delay: given.abort_scale_down_delay,
            pre_promotion: given.before.as_ref().map(|it| self.analysis(RunKind::PrePromotion, it, &mut probes)),
            post_promotion: given.afterwards.as_ref().map(|it| self.analysis(RunKind::PostPromotion, it, &mut probes)),
            max_unavailable: self.fence(given.unavailable.as_ref()),
            ..BlueGreen::default()
        };
        let rollout = self.progressive(replicas, Strategy::BlueGreen(strategy), given.common(), probes);
        self.check_rollout(&rollout.spec, |error| given.span_of(error).unwrap_or(raw.span));
        rollout
    }

    fn progressive(&mut self, replicas: u32, strategy: Strategy, common: Common<'_>, probes: Probes) -> Progressive {
        let min_ready = common.min_ready.unwrap_or(Span::ZERO);
        let default = RolloutSpec::default();
        let progress_deadline = common.deadline.map_or(default.progress_deadline, |given| given.value);
        if let Some(given) = common.deadline.filter(|given| given.value <= min_ready) {
            let message = format!("a deadline of {} is over before a replica counts as available", given.value);
            self.error_with(given.span, message, format!("let it be more than `min_ready`, {min_ready}"));
        }
        let spec = RolloutSpec {
            replicas,
            strategy,
            progress_deadline,
            progress_deadline_abort: common.aborts.unwrap_or(false),
            rollback_window: common.rollback_window.unwrap_or(0),
            revision_history_limit: common.history.unwrap_or(default.revision_history_limit),
            ..default
        };
        Progressive { spec, min_ready, probes, falls_back: false }
    }

    /// Answers of a version are measured that nobody asks.
    pub(super) fn warn_unasked(&mut self, span: SourceSpan, help: &str) {
        let message = "nobody asks the new version before the switch: what is measured of its answers is an error";
        self.out.push(Diagnostic::warning(span, message).help(help));
    }

    /// Tells what the controller itself would refuse.
    fn check_rollout(&mut self, spec: &RolloutSpec, span_of: impl Fn(&SpecError) -> SourceSpan) {
        for error in spec.validate().err().unwrap_or_default() {
            let message = match error {
                SpecError::NoRoomToMove => NO_ROOM.to_owned(),
                SpecError::WeightAboveMax { .. }
                | SpecError::ScaleWithoutRouter { .. }
                | SpecError::AnalysisWithoutMetric(_)
                | SpecError::DelayOfDynamicStable
                | SpecError::PreviewAboveReplicas => error.to_string(),
            };
            self.error(span_of(&error), message);
        }
    }

    fn canary_step(&mut self, index: u32, raw: &RawCanaryStep, whole: u32, probes: &mut Probes) -> Option<Step> {
        Some(match raw {
            RawCanaryStep::Weight(step) => Step::SetWeight(self.parts(&step.weight, whole)),
            RawCanaryStep::Follow(_) => Step::SetCanaryScale(CanaryScale::MatchTrafficWeight),
            RawCanaryStep::Pause(step) => Step::Pause(Some(step.pause)),
            RawCanaryStep::Wait(_) => Step::Pause(None),
            RawCanaryStep::Scale(step) => Step::SetCanaryScale(match step.scale.value {
                Given::Count(count) => {
                    CanaryScale::Replicas(self.count(&Spanned { value: count, span: step.scale.span }))
                }
                Given::Share(value) => {
                    CanaryScale::Weight(self.parts(&Spanned { value, span: step.scale.span }, whole))
                }
                Given::Above(percent) => {
                    self.exceeds(step.scale.span, percent);
                    CanaryScale::Weight(whole)
                }
            }),
            RawCanaryStep::Analysis(step) => {
                Step::Analysis(self.analysis(RunKind::Step(index), &step.analysis, probes))
            }
        })
    }

    /// A number of replicas, or of those that may be missing or more.
    pub(super) fn count(&mut self, given: &Spanned<u32>) -> u32 {
        self.within(Some(given), 0, 0..=REPLICAS_MAX, "a number of replicas")
    }

    /// A share as controllers take it: a whole percentage.
    pub(super) fn percent(&mut self, given: &Spanned<Ratio>) -> u32 {
        if !given.value.ppb().is_multiple_of(PERCENT) {
            let message = format!("{} is not a whole percentage, which is what controllers take", given.value);
            self.error(given.span, message);
        }
        given.value.ppb() / PERCENT
    }

    /// A share as a router takes it: a whole number of parts.
    fn parts(&mut self, given: &Spanned<Ratio>, whole: u32) -> u32 {
        if whole == HUNDRED {
            return self.percent(given);
        }
        let parts = u64::from(given.value.ppb()) * u64::from(whole);
        let one = u64::from(Ratio::ONE.ppb());
        if !parts.is_multiple_of(one) {
            let message =
                format!("{} is not a whole number of {whole} parts, which is what the router takes", given.value);
            self.error_with(given.span, message, "let `max_weight` be more, or write a share that it can split");
        }
        u32::try_from(parts / one).unwrap_or(whole)
    }

    /// What all weights add up to.
    fn whole(&mut self, raw: &RawCanary) -> u32 {
        let given = raw.router.as_ref().and_then(|router| router.max_weight.as_ref());
        self.within(given, HUNDRED, 1..=1_000_000, "what weights add up to").max(1)
    }

    /// How many replicas are enough to go on; the original takes no more than there are.
    fn threshold(&mut self, given: &Spanned<Given>, replicas: u32) -> Threshold {
        let span = given.span;
        match given.value {
            Given::Count(value) => {
                let what = "how many replicas are enough";
                Threshold::Pods(self.within(Some(&Spanned { value, span }), 0, 1..=replicas.max(1), what))
            }
            Given::Share(Ratio::ZERO) => {
                self.error_with(span, "0 % of the replicas are nobody to wait for", "say how many are enough: `90 %`");
                Threshold::Percent(100)
            }
            Given::Share(value) => Threshold::Percent(self.percent(&Spanned { value, span })),
            Given::Above(percent) => {
                self.exceeds(span, percent);
                Threshold::Percent(100)
            }
        }
    }

    /// A canary that gives traffic back half way is a mistake: whoever wants that aborts it.
    fn check_weights(&mut self, steps: &[RawCanaryStep]) {
        let weights = steps.iter().filter_map(|step| match step {
            RawCanaryStep::Weight(RawSetWeight { weight }) => Some(weight),
            RawCanaryStep::Pause(_)
            | RawCanaryStep::Wait(_)
            | RawCanaryStep::Scale(_)
            | RawCanaryStep::Follow(_)
            | RawCanaryStep::Analysis(_) => None,
        });
        let weights: Vec<_> = weights.collect();
        for pair in weights.windows(2).filter(|pair| pair[1].value < pair[0].value) {
            let message = format!("the weight goes down, from {} to {}", pair[0].value, pair[1].value);
            self.error_with(pair[1].span, message, "write the steps in rising order");
        }
    }

    fn watch(&mut self, raw: &RawCanary, probes: &mut Probes) -> Option<Background> {
        let watch = raw.watch.as_ref()?;
        let analysis = self.analysis(RunKind::Background, &watch.metrics, probes);
        let first = self.within(watch.from_step.as_ref(), 1, 1..=1_000, "a step");
        Some(Background { analysis, starting_step: first.saturating_sub(1) })
    }

    fn routing(&mut self, raw: &RawRouter, whole: u32) -> Routing {
        Routing {
            max_weight: whole,
            dynamic_stable_scale: raw.dynamic_stable.unwrap_or(false),
            min_pods: raw.min_replicas.as_ref().map(|given| self.count(given)),
            scale_down_delay: raw.scale_down_delay.as_ref().map(|given| given.value),
            scale_down_delay_revision_limit: raw.scale_down_limit,
            abort_scale_down_delay: raw.abort_scale_down_delay,
        }
    }
}

impl RawCanary {
    fn common(&self) -> Common<'_> {
        Common {
            min_ready: self.min_ready,
            rollback_window: self.rollback_window,
            history: self.history,
            deadline: self.deadline.as_ref(),
            aborts: self.abort_at_deadline,
        }
    }

    /// Where it says what the controller refuses.
    fn span_of(&self, error: &SpecError) -> Option<SourceSpan> {
        match error {
            SpecError::NoRoomToMove => self.unavailable.as_ref().or(self.surge.as_ref()).map(|given| given.span),
            SpecError::DelayOfDynamicStable => Some(self.router.as_ref()?.scale_down_delay.as_ref()?.span),
            SpecError::AnalysisWithoutMetric(RunKind::Background) => Some(self.watch.as_ref()?.metrics.span),
            SpecError::WeightAboveMax { step, .. }
            | SpecError::ScaleWithoutRouter { step }
            | SpecError::AnalysisWithoutMetric(RunKind::Step(step)) => self.steps.get(*step as usize)?.span(),
            SpecError::AnalysisWithoutMetric(RunKind::PrePromotion | RunKind::PostPromotion)
            | SpecError::PreviewAboveReplicas => None,
        }
    }
}

impl RawCanaryStep {
    /// Where its value stands, for those that can be wrong.
    fn span(&self) -> Option<SourceSpan> {
        match self {
            Self::Weight(step) => Some(step.weight.span),
            Self::Scale(step) => Some(step.scale.span),
            Self::Follow(step) => Some(step.follow.span),
            Self::Analysis(step) => Some(step.analysis.span),
            Self::Pause(_) | Self::Wait(_) => None,
        }
    }
}

impl RawBlueGreen {
    fn common(&self) -> Common<'_> {
        Common {
            min_ready: self.min_ready,
            rollback_window: self.rollback_window,
            history: self.history,
            deadline: self.deadline.as_ref(),
            aborts: self.abort_at_deadline,
        }
    }

    /// Where it says what the controller refuses.
    fn span_of(&self, error: &SpecError) -> Option<SourceSpan> {
        match error {
            SpecError::AnalysisWithoutMetric(RunKind::PrePromotion) => self.before.as_ref().map(|it| it.span),
            SpecError::AnalysisWithoutMetric(RunKind::PostPromotion) => self.afterwards.as_ref().map(|it| it.span),
            SpecError::PreviewAboveReplicas => self.preview_replicas.as_ref().map(|it| it.span),
            SpecError::AnalysisWithoutMetric(RunKind::Step(_) | RunKind::Background)
            | SpecError::NoRoomToMove
            | SpecError::DelayOfDynamicStable
            | SpecError::WeightAboveMax { .. }
            | SpecError::ScaleWithoutRouter { .. } => None,
        }
    }
}
