//! Flagger: its ticks, the steps of a test, and who is asked.

use super::Resolver;
use crate::raw::{RawCheck, RawFlagger, RawGate};
use crate::syntax::{SourceSpan, Spanned};
use model::controllers::deployment::DeploymentSpec;
use model::controllers::flagger::{Analysis, Approvals, FlaggerSpec, Provider};
use model::program::ClassSet;
use model::ratio::Ratio;
use model::rollout::Flagger;
use model::time::Span;

/// The shortest interval that Flagger takes.
const SHORTEST: Span = Span::from_secs(10);

impl Resolver<'_> {
    pub(super) fn flagger(
        &mut self,
        raw: &Spanned<RawFlagger>,
        deployment: DeploymentSpec,
        autoscaled_from: Option<u32>,
    ) -> Flagger {
        let (span, given) = (raw.span, &raw.value);
        let interval =
            self.at_least(given.interval.as_ref(), Span::from_secs(60), SHORTEST, "an interval of Flagger is");
        let default = FlaggerSpec::default();
        let skip_analysis = given.skip_analysis.unwrap_or(false);
        let analysis = self.test(given);
        if !skip_analysis {
            self.check_test(span, given, &analysis);
        }
        let spec = FlaggerSpec {
            interval,
            analysis,
            skip_analysis,
            progress_deadline: given.deadline.unwrap_or(default.progress_deadline),
            provider: if given.router.unwrap_or(true) { Provider::Router } else { Provider::Kubernetes },
            autoscaled_from,
            suspended: given.suspend.unwrap_or(false),
        };
        let matched = if given.classes.0.is_empty() { ClassSet::ALL } else { self.classes(&given.classes.0) };
        let probes = given.metrics.iter().map(|check| self.check(check)).collect();
        let falls_back = given.falls_back.unwrap_or(false);
        Flagger { spec, deployment, probes, approvals: approvals(given), matched, falls_back }
    }

    fn test(&mut self, raw: &RawFlagger) -> Analysis {
        let mut percent = |given: Option<&Spanned<Ratio>>| given.map_or(0, |given| self.percent(given));
        let max_weight = percent(raw.max_weight.as_ref());
        let step_weight = percent(raw.step_weight.as_ref());
        let step_weight_promotion = percent(raw.step_weight_promotion.as_ref());
        let step_weights = raw.step_weights.iter().map(|weight| self.percent(weight)).collect();
        Analysis {
            threshold: self.within(raw.threshold.as_ref(), 1, 1..=1_000_000, "a threshold"),
            max_weight,
            step_weight,
            step_weights,
            step_weight_promotion,
            iterations: self.within(raw.iterations.as_ref(), 0, 1..=1_000_000, "the number of iterations"),
            has_match: !raw.classes.0.is_empty(),
            mirror: raw.mirror.as_ref().is_some_and(|mirror| mirror.value),
            primary_ready_threshold: raw.primary_ready.as_ref().map(|share| self.percent(share)),
            canary_ready_threshold: raw.canary_ready.as_ref().map(|share| self.percent(share)),
        }
    }

    /// A test that comes to an end, and can fail.
    fn check_test(&mut self, span: SourceSpan, raw: &RawFlagger, test: &Analysis) {
        if raw.metrics.is_empty() && !self.out.is_unread(span) {
            let help = "name one under `metrics`, like `{errors: new, most: 1 %}`";
            self.error_with(span, "without a metric no check ever fails", help);
        }
        let is_beside = raw.router == Some(false) || test.iterations > 0 && !test.has_match;
        if is_beside && raw.metrics.iter().any(RawCheck::is_of_new) {
            self.warn_unasked(span, "measure `all`, or let some classes ask it: `classes`");
        }
        self.check_steps(span, raw, test);
        self.check_mirror(raw);
        for pair in raw.step_weights.windows(2).filter(|pair| pair[1].value <= pair[0].value) {
            let message = format!("the weight does not go up, from {} to {}", pair[0].value, pair[1].value);
            self.error_with(pair[1].span, message, "write the weights in rising order");
        }
        if let Some(class) = raw.classes.0.first().filter(|_| raw.iterations.is_none()) {
            let help = "say for how many ticks: `iterations: 10`";
            self.error_with(class.span, "an A/B test lasts so many iterations, and none are given", help);
        }
    }

    /// Copies take a router, and in an A/B test nobody gets one.
    fn check_mirror(&mut self, raw: &RawFlagger) {
        let Some(mirror) = raw.mirror.as_ref().filter(|mirror| mirror.value) else { return };
        if raw.router == Some(false) {
            self.error_with(mirror.span, "without a router nothing is copied", "leave out `mirror`, or `router: no`");
        }
        if !raw.classes.0.is_empty() {
            let help = "leave out `mirror`, or `classes`";
            self.error_with(mirror.span, "an A/B test copies no requests", help);
        }
    }

    /// Either steps of one size, or steps of several, or iterations.
    fn check_steps(&mut self, span: SourceSpan, raw: &RawFlagger, test: &Analysis) {
        let step = raw.step_weight.as_ref().map(|given| given.span);
        let steps = raw.step_weights.first().map(|given| given.span);
        let iterations = raw.iterations.as_ref().map(|given| given.span);
        let given: Vec<_> = [step, steps, iterations].into_iter().flatten().collect();
        let help = "keep one of `step_weight`, `step_weights` and `iterations`";
        for span in given.iter().skip(1) {
            self.error_with(*span, "a release is tested in one way, and this is another one", help);
        }
        if let (Some(max), Some(_)) = (&raw.max_weight, steps) {
            self.error_with(max.span, "the last of `step_weights` is the largest weight", "leave out `max_weight`");
        }
        let has_step = test.step_weight > 0 || !test.step_weights.is_empty() || test.iterations > 0;
        let is_without_router = raw.router == Some(false);
        if !has_step && !is_without_router && !self.out.is_unread(span) {
            let help = "write `step_weight: 10 %`, `step_weights: [5 %, 20 %, 50 %]` or `iterations: 10`";
            self.error_with(span, "without a step this release never comes to its end", help);
        }
    }
}

/// What those say who have a say, before they are asked.
fn approvals(raw: &RawFlagger) -> Approvals {
    let is_open = |gate: RawGate| raw.gates.0.iter().all(|closed| closed.value != gate);
    Approvals {
        rollout: is_open(RawGate::Start),
        traffic_increase: is_open(RawGate::Step),
        promotion: is_open(RawGate::Promotion),
        ..Approvals::default()
    }
}
