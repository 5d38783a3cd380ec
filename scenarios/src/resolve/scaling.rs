//! Scaling: how many replicas, and who changes that; and who makes a service what is written of it.

use super::Resolver;
use crate::raw::{RawAutoscale, RawGitOps, RawService};
use crate::syntax::{Diagnostic, Spanned};
use model::controllers::autoscaler::AutoscalerSpec;
use model::controllers::gitops::GitOpsSpec;
use model::law::Law;
use model::ratio::Ratio;
use model::time::Span;

/// How many replicas a service runs that does not say.
const REPLICAS: u32 = 2;
/// The most replicas of a service.
pub(super) const REPLICAS_MAX: u32 = 10_000;
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
        Some(AutoscalerSpec { min, max, utilisation: self.utilisation(&scale.utilisation) })
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
