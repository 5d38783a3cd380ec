//! Scaling: how many replicas, and who changes that; and who makes a service what is written of it.

use super::Resolver;
use crate::raw::{
    RawAutoscale, RawBehavior, RawGitOps, RawPercentPolicy, RawPodsPolicy, RawScalingPolicy, RawScalingRules,
    RawSelect, RawService,
};
use crate::syntax::{Diagnostic, Exact, Spanned};
use model::controllers::autoscaler::{AutoscalerSpec, Behavior, Policy, Rules, Select, Step};
use model::controllers::gitops::GitOpsSpec;
use model::law::Law;
use model::ratio::Ratio;
use model::time::Span;
use std::ops::RangeInclusive;

/// How many replicas a service runs that does not say.
const REPLICAS: u32 = 2;
/// The most replicas of a service.
pub(super) const REPLICAS_MAX: u32 = 10_000;
/// The most a policy lets the number of replicas change by, in percent: from one to as many as there may be.
const PERCENT_MAX: u32 = 100 * REPLICAS_MAX;
/// One percent, in parts per billion.
const PERCENT: u32 = 10_000_000;

/// How many replicas a service runs at the start.
pub(super) fn replicas(raw: &RawService) -> u32 {
    let nearest = raw.autoscale.as_ref().map_or(REPLICAS, |scale| REPLICAS.min(scale.max.value).max(scale.min.value));
    raw.replicas.as_ref().map_or(nearest, |replicas| replicas.value)
}

impl Resolver<'_> {
    /// The autoscaler of a service, if it declares one.
    pub(super) fn autoscale(&mut self, raw: &RawService) -> Option<AutoscalerSpec> {
        let scale = raw.autoscale.as_ref()?;
        let min = self.within(Some(&scale.min), 1, 1..=REPLICAS_MAX, "the smallest number of replicas");
        let max = self.within(Some(&scale.max), 1, 1..=REPLICAS_MAX, "the largest number of replicas");
        if min > max {
            self.error_with(
                scale.max.span,
                format!("at most {max} replicas, and at least {min}"),
                "swap `min` and `max`",
            );
        } else {
            self.check_start(raw, scale);
        }
        let utilisation = self.utilisation(&scale.utilisation);
        let behavior = scale.behavior.as_ref().map_or_else(Behavior::default, |raw| self.behavior(raw));
        Some(AutoscalerSpec { min, max, utilisation, behavior })
    }

    /// How fast it may go; what is not said is as Kubernetes has it.
    fn behavior(&mut self, raw: &RawBehavior) -> Behavior {
        let Behavior { up, down } = Behavior::default();
        Behavior { up: self.rules(raw.scale_up.as_ref(), up), down: self.rules(raw.scale_down.as_ref(), down) }
    }

    fn rules(&mut self, raw: Option<&RawScalingRules>, default: Rules) -> Rules {
        let Some(raw) = raw else { return default };
        Rules {
            window: raw.stabilization.as_ref().map_or(default.window, |window| {
                self.whole_seconds(window, Span::ZERO..=Span::from_secs(3600), "proposals hold up a change for")
            }),
            select: match raw.select {
                None => default.select,
                Some(RawSelect::Max) => Select::Max,
                Some(RawSelect::Min) => Select::Min,
                Some(RawSelect::Disabled) => Select::Disabled,
            },
            policies: raw.policies.as_ref().map_or(default.policies, |policies| self.policies(policies)),
        }
    }

    fn policies(&mut self, raw: &Spanned<Vec<RawScalingPolicy>>) -> Vec<Policy> {
        if raw.value.is_empty() && !self.out.is_unread(raw.span) {
            let help = "leave out `policies`, or write `select: disabled` if nothing is to change";
            self.error_with(raw.span, "no policy at all", help);
        }
        raw.value.iter().map(|policy| self.policy(policy)).collect()
    }

    fn policy(&mut self, raw: &RawScalingPolicy) -> Policy {
        let (step, period) = match raw {
            RawScalingPolicy::Pods(RawPodsPolicy { pods, period }) => {
                (Step::Pods(self.within(Some(pods), 1, 1..=REPLICAS_MAX, "a policy's number of pods")), period)
            }
            RawScalingPolicy::Percent(RawPercentPolicy { percent, period }) => {
                (Step::Percent(self.within(Some(percent), 1, 1..=PERCENT_MAX, "a policy's percentage")), period)
            }
        };
        let period = self.whole_seconds(period, Span::SECOND..=Span::from_secs(1800), "the period of a policy is");
        Policy { step, period }
    }

    /// A span as Kubernetes takes it.
    fn whole_seconds(&mut self, given: &Spanned<Span>, bounds: RangeInclusive<Span>, what: &str) -> Span {
        let is_whole = given.value.nanos().is_multiple_of(Span::SECOND.nanos());
        let is_taken = is_whole && bounds.contains(&given.value);
        if !is_taken && !self.out.is_unread(given.span) {
            let (least, most) = (Exact(*bounds.start()), Exact(*bounds.end()));
            self.error(given.span, format!("{what} {least} to {most}, in whole seconds"));
        }
        given.value
    }

    /// The tool that makes a service what is written of it.
    pub(super) fn gitops(&mut self, raw: &RawGitOps) -> GitOpsSpec {
        GitOpsSpec {
            every: self.at_least(raw.every.as_ref(), Span::from_secs(180), Span::SECOND, "syncs are apart"),
            heals: raw.self_heal.unwrap_or(false),
            merge: raw.merge.as_ref().map_or(Law::NONE, |law| self.law(law)),
        }
    }

    /// An autoscaler would put a number outside its bounds right before anything happened.
    fn check_start(&mut self, raw: &RawService, scale: &RawAutoscale) {
        let (min, max) = (scale.min.value, scale.max.value);
        if let Some(given) = raw.replicas.as_ref().filter(|given| !(min..=max).contains(&given.value)) {
            let message = format!("{} replicas are not from {min} to {max}, where `autoscale` keeps them", given.value);
            self.error_with(given.span, message, "write a number between the two, or leave out `replicas`");
        }
    }

    /// The utilisation aimed for, as Kubernetes takes it: a whole percentage.
    fn utilisation(&mut self, given: &Spanned<Ratio>) -> u32 {
        let share = given.value;
        if share == Ratio::ZERO && !self.out.is_unread(given.span) {
            self.error_with(
                given.span,
                "no number of replicas is ever used 0 %",
                "write what they may be used, as `70 %`",
            );
        } else if !share.ppb().is_multiple_of(PERCENT) {
            let message = format!("{share} is not a whole percentage, which is what Kubernetes takes");
            self.error(given.span, message);
        } else if share.ppb() > 90 * PERCENT {
            let message =
                format!("with {share} it never grows: workers are used 100 % at most, and a tenth more is tolerated");
            self.out.push(Diagnostic::warning(given.span, message).help("90 % is the highest it can act on"));
        }
        share.ppb() / PERCENT
    }
}
