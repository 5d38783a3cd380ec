//! What a Rollout asks for, apart from the version: that is the target.
//!
//! Defaults are those of `utils/defaults/defaults.go`. Upstream writes surge and unavailable as the *string* "25",
//! which its helper reads as a percentage.

use super::analysis::Analysis;
use super::state::RunKind;
use crate::controllers::deployment::budget::NotAPercentage;
use crate::controllers::deployment::{CountOrShare, Fenceposts};
use crate::time::Span;
use std::fmt;

/// A Rollout, without its pod template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolloutSpec {
    /// Pods wanted.
    pub replicas: u32,
    /// How one version makes way for another.
    pub strategy: Strategy,
    /// How long an update may go without progress before it is reported.
    pub progress_deadline: Span,
    /// Whether passing the deadline aborts the update, too.
    pub progress_deadline_abort: bool,
    /// Old sets kept.
    pub revision_history_limit: u32,
    /// How many revisions back a rollback skips steps and analysis; 0 is none. See [`super::rollback::is_within`].
    pub rollback_window: u32,
    /// Whether a person has paused it as a whole. Sizes are left alone, too.
    pub paused: bool,
}

/// How one version makes way for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Step by step.
    Canary(Canary),
    /// Both in full, and one switch.
    BlueGreen(BlueGreen),
}

/// Step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// In their order. Without any, it is a rolling update.
    pub steps: Vec<Step>,
    /// Pods allowed above the replicas; not looked at with a traffic router.
    pub max_surge: CountOrShare,
    /// Pods allowed to be missing from the replicas.
    pub max_unavailable: CountOrShare,
    /// Who splits the traffic; without a router, the numbers of pods do.
    pub routing: Option<Routing>,
    /// What counts as enough pods for a step; all of them by default.
    pub threshold: Option<Threshold>,
    /// An analysis beside the steps.
    pub background: Option<Background>,
}

/// A traffic router, and what only makes sense with one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    /// What all weights add up to, at least 1.
    pub max_weight: u32,
    /// Whether the stable set shrinks as its share of the traffic does.
    pub dynamic_stable_scale: bool,
    /// The fewest pods of a set that has any.
    pub min_pods: Option<u32>,
    /// How long the previous stable set stays after a promotion.
    pub scale_down_delay: Option<Span>,
    /// How many sets may stay behind at once; `None` is any number.
    pub scale_down_delay_revision_limit: Option<u32>,
    /// How long the canary stays after an abort. With zero nothing holds it: it goes at once, unless the first step
    /// gives it a size of its own, which it then keeps.
    pub abort_scale_down_delay: Option<Span>,
}

/// One step of a canary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The canary's share of the traffic, of [`Canary::max_weight`].
    SetWeight(u32),
    /// The canary's size apart from its share; only with a router.
    SetCanaryScale(CanaryScale),
    /// Waits this long; `None` until a person resumes.
    Pause(Option<Span>),
    /// Waits for an analysis.
    Analysis(Analysis),
}

/// What the canary's size goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanaryScale {
    /// This many pods.
    Replicas(u32),
    /// This share of the replicas.
    Weight(u32),
    /// Its share of the traffic again.
    MatchTrafficWeight,
}

/// How many of the pods wanted are enough to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// So many hundredths of those wanted.
    Percent(u32),
    /// So many.
    Pods(u32),
}

/// An analysis beside the steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Background {
    /// What is measured.
    pub analysis: Analysis,
    /// The step at which it starts.
    pub starting_step: u32,
}

/// Both in full, and one switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlueGreen {
    /// Whether the switch comes without a person.
    pub auto_promotion: bool,
    /// How long the preview is up before that; zero is at once.
    pub auto_promotion_after: Span,
    /// Whether there is a service that shows the preview.
    pub has_preview_service: bool,
    /// Pods of the preview; all by default.
    pub preview_replicas: Option<u32>,
    /// How long the previous set stays after the switch.
    pub scale_down_delay: Option<Span>,
    /// How many sets may stay behind at once; `None` is any number.
    pub scale_down_delay_revision_limit: Option<u32>,
    /// How long the preview stays after an abort; zero is for ever.
    pub abort_scale_down_delay: Option<Span>,
    /// Has to succeed before the switch.
    pub pre_promotion: Option<Analysis>,
    /// Has to succeed before the new version counts as stable.
    pub post_promotion: Option<Analysis>,
    /// Pods that a restart may take at once. No step of a rollout reads it.
    pub max_unavailable: CountOrShare,
}

impl Default for RolloutSpec {
    fn default() -> Self {
        Self {
            replicas: 1,
            strategy: Strategy::Canary(Canary::default()),
            progress_deadline: Span::from_secs(600),
            progress_deadline_abort: false,
            revision_history_limit: 10,
            rollback_window: 0,
            paused: false,
        }
    }
}

/// No steps and no router.
impl Default for Canary {
    fn default() -> Self {
        let quarter = CountOrShare::Percent(25);
        Self {
            steps: Vec::new(),
            max_surge: quarter,
            max_unavailable: quarter,
            routing: None,
            threshold: None,
            background: None,
        }
    }
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            max_weight: 100,
            dynamic_stable_scale: false,
            min_pods: None,
            scale_down_delay: None,
            scale_down_delay_revision_limit: None,
            abort_scale_down_delay: None,
        }
    }
}

impl Default for BlueGreen {
    fn default() -> Self {
        Self {
            auto_promotion: true,
            auto_promotion_after: Span::ZERO,
            has_preview_service: true,
            preview_replicas: None,
            scale_down_delay: None,
            scale_down_delay_revision_limit: None,
            abort_scale_down_delay: None,
            pre_promotion: None,
            post_promotion: None,
            max_unavailable: CountOrShare::Percent(25),
        }
    }
}

impl Canary {
    /// What all weights add up to; never 0.
    #[must_use]
    pub fn max_weight(&self) -> u32 {
        self.routing.as_ref().map_or(100, |routing| routing.max_weight).max(1)
    }

    /// Whether a router splits the traffic and the stable set follows its share.
    #[must_use]
    pub fn is_dynamic(&self) -> bool {
        self.routing.as_ref().is_some_and(|routing| routing.dynamic_stable_scale)
    }

    /// How many steps there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is no step.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl RolloutSpec {
    /// Pods allowed above and missing from the replicas (`MaxSurge`, `MaxUnavailable`). A blue-green rollout has no
    /// surge, and its unavailable may round to 0.
    #[must_use]
    pub fn fenceposts(&self) -> Fenceposts {
        match &self.strategy {
            Strategy::Canary(canary) => {
                Fenceposts::resolve(canary.max_surge, canary.max_unavailable, self.replicas).clamped_to(self.replicas)
            }
            Strategy::BlueGreen(it) => {
                let unavailable = it.max_unavailable.rounded_down(self.replicas);
                Fenceposts { surge: 0, unavailable }.clamped_to(self.replicas)
            }
        }
    }

    /// Available pods below which no healthy pod is taken away.
    #[must_use]
    pub fn min_available(&self) -> u32 {
        self.replicas - self.fenceposts().unavailable
    }

    /// Pods that new, stable and older sets of a canary without router may be told to have in all.
    #[must_use]
    pub fn max_pods(&self) -> u32 {
        self.replicas.saturating_add(self.fenceposts().surge)
    }
}

/// A limit written as a text is a percentage, with or without its sign.
///
/// # Errors
/// When it is no whole number.
pub fn limit(text: &str) -> Result<CountOrShare, NotAPercentage> {
    let number = text.replace('%', "").parse().ok();
    number.map(CountOrShare::Percent).ok_or_else(|| NotAPercentage { text: text.to_owned() })
}

/// Why a Rollout is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// Surge and unavailable are both *written* as zero.
    NoRoomToMove,
    /// A step asks for more than the whole.
    WeightAboveMax {
        /// Which step, from 0.
        step: u32,
        /// What it asks for.
        weight: u32,
        /// The whole.
        max: u32,
    },
    /// A step sets the size of the canary apart from its share, but no router splits the traffic.
    ScaleWithoutRouter {
        /// Which step, from 0.
        step: u32,
    },
    /// An analysis measures nothing.
    AnalysisWithoutMetric(RunKind),
    /// The previous stable set shall stay after a promotion, and shrink with its share before.
    DelayOfDynamicStable,
    /// More pods are previewed than there are.
    PreviewAboveReplicas,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoomToMove => {
                write!(f, "max_unavailable may not be 0 when max_surge is 0; set one of them to 1")
            }
            Self::WeightAboveMax { step, weight, max } => {
                write!(f, "step {} sets a weight of {weight}; the whole is {max}", u64::from(*step) + 1)
            }
            Self::ScaleWithoutRouter { step } => {
                write!(f, "step {} sets the canary's size, which needs a traffic router", u64::from(*step) + 1)
            }
            Self::AnalysisWithoutMetric(_) => write!(f, "an analysis measures nothing; give it a metric"),
            Self::DelayOfDynamicStable => {
                write!(f, "a stable version that shrinks with its share has nothing left to stay for a delay")
            }
            Self::PreviewAboveReplicas => write!(f, "the preview has more pods than the rollout; ask for fewer"),
        }
    }
}

impl std::error::Error for SpecError {}

impl RolloutSpec {
    /// Checks what the original refuses, as far as it is modelled (`pkg/apis/rollouts/validation`).
    ///
    /// # Errors
    /// Every rule broken, not only the first.
    pub fn validate(&self) -> Result<(), Vec<SpecError>> {
        let errors = match &self.strategy {
            Strategy::Canary(canary) => canary.errors(),
            Strategy::BlueGreen(it) => it.errors(self.replicas),
        };
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Canary {
    fn errors(&self) -> Vec<SpecError> {
        let mut errors = Vec::new();
        if self.max_surge.is_zero() && self.max_unavailable.is_zero() {
            errors.push(SpecError::NoRoomToMove);
        }
        if self.routing.as_ref().is_some_and(|it| it.dynamic_stable_scale && it.scale_down_delay.is_some()) {
            errors.push(SpecError::DelayOfDynamicStable);
        }
        errors.extend(self.background.as_ref().and_then(|it| without_metric(RunKind::Background, &it.analysis)));
        errors.extend((0..).zip(&self.steps).filter_map(|(index, step)| self.step_error(index, step)));
        errors
    }

    fn step_error(&self, index: u32, step: &Step) -> Option<SpecError> {
        let max = self.max_weight();
        match step {
            Step::SetWeight(weight) | Step::SetCanaryScale(CanaryScale::Weight(weight)) if *weight > max => {
                Some(SpecError::WeightAboveMax { step: index, weight: *weight, max })
            }
            Step::SetCanaryScale(_) if self.routing.is_none() => Some(SpecError::ScaleWithoutRouter { step: index }),
            Step::Analysis(analysis) => without_metric(RunKind::Step(index), analysis),
            Step::SetWeight(_) | Step::SetCanaryScale(_) | Step::Pause(_) => None,
        }
    }
}

impl BlueGreen {
    fn errors(&self, replicas: u32) -> Vec<SpecError> {
        let kinds = [(RunKind::PrePromotion, &self.pre_promotion), (RunKind::PostPromotion, &self.post_promotion)];
        let empty = |(kind, given): (RunKind, &Option<Analysis>)| without_metric(kind, given.as_ref()?);
        let mut errors: Vec<_> = kinds.into_iter().filter_map(empty).collect();
        if self.preview_replicas.is_some_and(|preview| preview > replicas) {
            errors.push(SpecError::PreviewAboveReplicas);
        }
        errors
    }
}

fn without_metric(kind: RunKind, analysis: &Analysis) -> Option<SpecError> {
    analysis.metrics.is_empty().then_some(SpecError::AnalysisWithoutMetric(kind))
}

#[cfg(test)]
mod tests {
    use super::CountOrShare::{Count, Percent};
    use super::*;

    fn canary(replicas: u32, canary: Canary) -> RolloutSpec {
        RolloutSpec { replicas, strategy: Strategy::Canary(canary), ..RolloutSpec::default() }
    }

    #[test]
    fn the_defaults_are_a_quarter_each_way() {
        let spec = canary(10, Canary::default());
        assert_eq!(spec.fenceposts(), Fenceposts { surge: 3, unavailable: 2 });
        assert_eq!((spec.min_available(), spec.max_pods()), (8, 13));
        assert_eq!(canary(0, Canary::default()).fenceposts(), Fenceposts { surge: 0, unavailable: 0 });
    }

    /// argo-rollouts `utils/replicaset/replicaset_test.go`, `TestMaxUnavailable`.
    #[test]
    fn blue_green_does_not_surge_and_may_allow_nobody_to_be_missing() {
        let strategy = Strategy::BlueGreen(BlueGreen::default());
        let spec = RolloutSpec { strategy, ..RolloutSpec::default() };
        assert_eq!(spec.fenceposts(), Fenceposts { surge: 0, unavailable: 0 });
    }

    #[test]
    fn a_text_is_a_percentage_with_or_without_its_sign() {
        assert_eq!((limit("25"), limit("25%")), (Ok(Percent(25)), Ok(Percent(25))));
        for text in ["", "%", "many", "-5%", "2.5%"] {
            assert!(limit(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let empty = Analysis { metrics: Vec::new() };
        let steps = vec![
            Step::SetWeight(100),
            Step::SetWeight(101),
            Step::SetCanaryScale(CanaryScale::Replicas(1)),
            Step::Analysis(empty.clone()),
        ];
        let spec = canary(1, Canary { steps, max_surge: Count(0), max_unavailable: Percent(0), ..Canary::default() });
        assert_eq!(
            spec.validate(),
            Err(vec![
                SpecError::NoRoomToMove,
                SpecError::WeightAboveMax { step: 1, weight: 101, max: 100 },
                SpecError::ScaleWithoutRouter { step: 2 },
                SpecError::AnalysisWithoutMetric(RunKind::Step(3)),
            ])
        );
        let delayed =
            Routing { dynamic_stable_scale: true, scale_down_delay: Some(Span::from_secs(30)), ..Routing::default() };
        let spec = canary(1, Canary { routing: Some(delayed), ..Canary::default() });
        assert_eq!(spec.validate(), Err(vec![SpecError::DelayOfDynamicStable]));
        let blue_green = BlueGreen { preview_replicas: Some(2), pre_promotion: Some(empty), ..BlueGreen::default() };
        let spec = RolloutSpec { strategy: Strategy::BlueGreen(blue_green), ..RolloutSpec::default() };
        let empty = SpecError::AnalysisWithoutMetric(RunKind::PrePromotion);
        assert_eq!(spec.validate(), Err(vec![empty, SpecError::PreviewAboveReplicas]));
        assert_eq!(RolloutSpec::default().validate(), Ok(()));
    }
}
