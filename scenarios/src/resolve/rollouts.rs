//! Rollouts: which controller sees to them, and what it is told.

use super::Resolver;
use super::scaling::{REPLICAS_MAX, replicas};
use crate::raw::{RawBalancer, RawManagement, RawRollout, RawService, RawStatefulSet, RawStrategy, RawUpdate};
use crate::syntax::{CountOrShare as Given, Diagnostic, SourceSpan, Spanned, Text, quoted};
use model::controllers::deployment::{CountOrShare, DeploymentSpec, SpecError, Strategy};
use model::controllers::statefulset::{self, Management, StatefulSetSpec};
use model::rollout::Rollout;
use model::time::Span;

impl Resolver<'_> {
    /// The controller of a service.
    pub(super) fn rollout(&mut self, name: &Text, raw: &RawService) -> Rollout {
        let bounds = 1..=REPLICAS_MAX;
        let what = "a service has replicas, and their number";
        let replicas = self.within(raw.replicas.as_ref(), replicas(raw), bounds, what);
        self.check_one_controller(raw);
        self.warn_unsticky(raw);
        if let Some(set) = &raw.statefulset {
            return Rollout::StatefulSet(self.stateful_set(replicas, &set.value));
        }
        if let Some(tool) = &raw.in_place {
            return Rollout::InPlace(self.in_place(replicas, raw, &tool.value));
        }
        if let Some(canary) = &raw.canary {
            return Rollout::Progressive(self.canary(replicas, canary));
        }
        if let Some(blue_green) = &raw.blue_green {
            return Rollout::Progressive(self.blue_green(replicas, blue_green));
        }
        let default = DeploymentSpec { replicas, ..DeploymentSpec::default() };
        let deployment = raw.rollout.as_ref().map_or(default, |given| self.deployment(name, replicas, &given.value));
        match &raw.flagger {
            Some(flagger) => {
                Rollout::Flagger(self.flagger(flagger, deployment, raw.autoscale.as_ref().map(|it| it.min.value)))
            }
            None => Rollout::Deployment(deployment),
        }
    }

    /// A router draws a version for each request, and a balancer sees to the replicas of that version alone
    /// (istio#9764, flagger#7). In an A/B test of Flagger the class of a request says where it goes.
    fn warn_unsticky(&mut self, raw: &RawService) {
        let Some(sticky) = raw.balancer.as_ref().filter(|own| own.value == RawBalancer::Sticky) else { return };
        let by_canary = raw.canary.as_ref().is_some_and(|canary| canary.value.router.is_some());
        let by_flagger = raw.flagger.as_ref().is_some_and(|it| {
            it.value.router != Some(false) && it.value.iterations.is_none() && it.value.classes.0.is_empty()
        });
        if by_canary || by_flagger {
            let message = "a router draws a version for each request: a client sticks within a version only";
            let help = "between two it goes to and fro; for sides that last take a flag with a percentage";
            self.out.push(Diagnostic::warning(sticky.span, message).help(help));
        }
    }

    /// One service has one controller. Flagger has two Deployments, and `rollout` says how they roll.
    fn check_one_controller(&mut self, raw: &RawService) {
        let flagger = raw.flagger.as_ref().map(|given| given.span);
        let rollout = raw.rollout.as_ref().filter(|_| flagger.is_none()).map(|given| given.span);
        let set = raw.statefulset.as_ref().map(|given| given.span);
        let canary = raw.canary.as_ref().map(|given| given.span);
        let blue_green = raw.blue_green.as_ref().map(|given| given.span);
        let in_place = raw.in_place.as_ref().map(|given| given.span);
        for span in [rollout, set, canary, blue_green, flagger, in_place].into_iter().flatten().skip(1) {
            let help = "keep one of `rollout`, `statefulset`, `canary`, `blue_green`, `flagger` and `in_place`";
            self.error_with(span, "one service has one controller, and this is another one", help);
        }
    }

    fn deployment(&mut self, name: &Text, replicas: u32, rollout: &RawRollout) -> DeploymentSpec {
        let default = DeploymentSpec::default();
        let spec = DeploymentSpec {
            replicas,
            min_ready: rollout.min_ready.unwrap_or(Span::ZERO),
            strategy: self.strategy(rollout),
            revision_history_limit: rollout.history.or(default.revision_history_limit),
            progress_deadline: rollout.deadline.as_ref().map_or(default.progress_deadline, |given| Some(given.value)),
            ..default
        };
        for error in spec.validate().err().unwrap_or_default() {
            let span = match error {
                SpecError::NoRoomToMove | SpecError::UnavailableAboveWhole { .. } => fence_span(rollout),
                SpecError::DeadlineWithinMinReady { .. } => rollout.deadline.as_ref().map(|given| given.span),
            };
            self.error(span.unwrap_or(name.span), spec_error(&error));
        }
        spec
    }

    fn strategy(&mut self, rollout: &RawRollout) -> Strategy {
        if rollout.strategy.as_ref().is_some_and(|given| given.value == RawStrategy::Recreate) {
            if let Some(span) = fence_span(rollout) {
                let help = "leave it out, or write `strategy: rolling`";
                self.error_with(span, "this is for rolling updates, and recreating stops all old replicas first", help);
            }
            return Strategy::Recreate;
        }
        Strategy::RollingUpdate {
            max_surge: self.surge(rollout.surge.as_ref()),
            max_unavailable: self.fence(rollout.unavailable.as_ref()),
        }
    }

    fn stateful_set(&mut self, replicas: u32, raw: &RawStatefulSet) -> StatefulSetSpec {
        let management = match raw.management {
            None | Some(RawManagement::Ordered) => Management::OrderedReady,
            Some(RawManagement::Parallel) => Management::Parallel,
        };
        let max_unavailable = raw.unavailable.as_ref().map(|given| self.missing(given));
        let strategy = match raw.update {
            None | Some(RawUpdate::Rolling) => statefulset::Strategy::RollingUpdate {
                partition: raw.partition.as_ref().map_or(0, |it| it.value),
                max_unavailable,
            },
            Some(RawUpdate::OnDelete) => {
                self.check_on_delete(raw);
                statefulset::Strategy::OnDelete
            }
        };
        let min_ready = raw.min_ready.unwrap_or(Span::ZERO);
        let revision_history_limit = raw.history.unwrap_or(StatefulSetSpec::default().revision_history_limit);
        StatefulSetSpec { replicas, management, strategy, min_ready, revision_history_limit }
    }

    /// How many may be missing: Kubernetes refuses none.
    fn missing(&mut self, given: &Spanned<Given>) -> CountOrShare {
        let fence = self.fence(Some(given));
        if fence.is_zero() && !self.out.is_unread(given.span) {
            self.error_with(given.span, "with no replica missing none is ever replaced", "write 1, or more");
        }
        fence
    }

    /// Where replicas are replaced when somebody stops them, nothing says from where on, or how many.
    fn check_on_delete(&mut self, raw: &RawStatefulSet) {
        let given = [raw.partition.as_ref().map(|it| it.span), raw.unavailable.as_ref().map(|it| it.span)];
        for span in given.into_iter().flatten() {
            let help = "leave it out, or write `update: rolling`";
            self.error_with(
                span,
                "this is for rolling updates, and replicas are replaced when somebody stops them",
                help,
            );
        }
    }

    /// Replicas that may be there beyond those wanted: several times as many, if somebody says so
    /// (`ValidateRollingUpdateDeployment` bounds only those that may be missing).
    pub(super) fn surge(&mut self, given: Option<&Spanned<Given>>) -> CountOrShare {
        match given.map(|given| given.value) {
            Some(Given::Above(percent)) => CountOrShare::Percent(percent),
            Some(Given::Count(_) | Given::Share(_)) | None => self.fence(given),
        }
    }

    /// A part of the replicas as Kubernetes takes it: a count, or a whole percentage.
    pub(super) fn fence(&mut self, given: Option<&Spanned<Given>>) -> CountOrShare {
        let Some(given) = given else { return CountOrShare::Percent(25) };
        match given.value {
            Given::Count(value) => CountOrShare::Count(self.count(&Spanned { value, span: given.span })),
            Given::Share(share) => {
                if share.ppb() % 10_000_000 != 0 {
                    self.error(
                        given.span,
                        format!("{share} is not a whole percentage, which is what Kubernetes takes"),
                    );
                }
                CountOrShare::Percent(share.ppb() / 10_000_000)
            }
            Given::Above(percent) => {
                self.exceeds(given.span, percent);
                CountOrShare::Percent(100)
            }
        }
    }

    /// More than there is cannot be had.
    pub(super) fn exceeds(&mut self, span: SourceSpan, percent: u32) {
        self.error(span, format!("`{percent} %` is more than the whole: at most 100 %"));
    }
}

fn fence_span(rollout: &RawRollout) -> Option<SourceSpan> {
    rollout.unavailable.as_ref().or(rollout.surge.as_ref()).map(|fence| fence.span)
}

/// What Kubernetes and Argo Rollouts both refuse.
pub(super) const NO_ROOM: &str = "surge 0 with unavailable 0 leaves no room to move: no replica could ever be replaced";

fn spec_error(error: &SpecError) -> String {
    match error {
        SpecError::NoRoomToMove => NO_ROOM.to_owned(),
        SpecError::UnavailableAboveWhole { percent } => format!("{percent} % unavailable is more than all"),
        SpecError::DeadlineWithinMinReady { deadline, .. } => {
            format!("{} must be shorter than the progress deadline of {deadline}", quoted("min_ready"))
        }
    }
}
