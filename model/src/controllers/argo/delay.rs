//! How long a set stays that no longer serves.
//!
//! After a promotion the previous set stays for the *scale-down delay*, so that going back to it is a switch and not a
//! start. After an abort, the canary or preview stays for the *abort scale-down delay*. Neither exists in a canary
//! without a router: there, pods that stay would serve (`utils/defaults/defaults.go`).

use super::spec::{RolloutSpec, Strategy};
use crate::time::Span;

/// What both delays are unless they are set (`DefaultScaleDownDelaySeconds`, `DefaultAbortScaleDownDelaySeconds`).
pub const DEFAULT: Span = Span::from_secs(30);

/// How long the previous set stays after a promotion (`GetScaleDownDelaySecondsOrDefault`).
#[must_use]
pub fn after_promotion(strategy: &Strategy) -> Span {
    match strategy {
        Strategy::BlueGreen(it) => it.scale_down_delay.unwrap_or(DEFAULT),
        Strategy::Canary(canary) => {
            canary.routing.as_ref().map_or(Span::ZERO, |routing| routing.scale_down_delay.unwrap_or(DEFAULT))
        }
    }
}

/// How many sets may stay behind at once (`GetScaleDownRevisionLimit`).
#[must_use]
pub fn revision_limit(strategy: &Strategy) -> u32 {
    let limit = match strategy {
        Strategy::BlueGreen(it) => it.scale_down_delay_revision_limit,
        Strategy::Canary(canary) => canary.routing.as_ref().and_then(|it| it.scale_down_delay_revision_limit),
    };
    limit.unwrap_or(u32::MAX)
}

/// What becomes of a canary or preview after an abort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfterAbort {
    /// How long it stays; `None` is until a person does something (a delay written as 0).
    pub delay: Option<Span>,
    /// Whether the delay was written down.
    pub is_explicit: bool,
}

impl AfterAbort {
    /// The rule of this strategy (`GetAbortScaleDownDelaySecondsOrDefault`).
    #[must_use]
    pub fn of(strategy: &Strategy) -> Self {
        match strategy {
            Strategy::BlueGreen(it) => Self::written(it.abort_scale_down_delay),
            Strategy::Canary(canary) => match &canary.routing {
                Some(routing) => Self::written(routing.abort_scale_down_delay),
                None => Self { delay: Some(Span::ZERO), is_explicit: false },
            },
        }
    }

    fn written(delay: Option<Span>) -> Self {
        match delay {
            None => Self { delay: Some(DEFAULT), is_explicit: false },
            Some(Span::ZERO) => Self { delay: None, is_explicit: true },
            Some(delay) => Self { delay: Some(delay), is_explicit: true },
        }
    }

    /// Whether it was written down and is not for ever (`HasExplicitAbortScaleDownDelay`).
    #[must_use]
    pub fn is_explicit_delay(self) -> bool {
        self.is_explicit && self.delay.is_some()
    }
}

/// Whether an aborted update keeps its canary or preview in full until a deadline
/// (`shouldDelayScaleDownOnAbort`). With a dynamic stable scale it does so only when the delay is written down;
/// otherwise the canary shrinks as its traffic leaves.
#[must_use]
pub fn holds_after_abort(spec: &RolloutSpec, is_aborted: bool, has_stable: bool) -> bool {
    let after = AfterAbort::of(&spec.strategy);
    let applies = match &spec.strategy {
        Strategy::BlueGreen(_) => true,
        Strategy::Canary(canary) => canary.routing.is_some() && (!canary.is_dynamic() || after.is_explicit_delay()),
    };
    is_aborted && has_stable && applies && after.delay.is_some()
}

#[cfg(test)]
mod tests {
    use super::super::spec::{BlueGreen, Canary, Routing};
    use super::*;

    fn routed(routing: Routing) -> Strategy {
        Strategy::Canary(Canary { routing: Some(routing), ..Canary::default() })
    }

    fn secs(secs: u64) -> Option<Span> {
        Some(Span::from_secs(secs))
    }

    /// argo-rollouts `utils/defaults/defaults_test.go`, `TestGetScaleDownDelaySecondsOrDefault`.
    #[test]
    fn the_previous_set_stays_only_where_traffic_does_not_go_by_pods() {
        assert_eq!(after_promotion(&Strategy::BlueGreen(BlueGreen::default())), DEFAULT);
        assert_eq!(after_promotion(&Strategy::Canary(Canary::default())), Span::ZERO);
        assert_eq!(after_promotion(&routed(Routing::default())), DEFAULT);
        let routing = Routing { scale_down_delay: secs(60), ..Routing::default() };
        assert_eq!(after_promotion(&routed(routing)), Span::from_secs(60));
    }

    /// argo-rollouts `utils/defaults/defaults_test.go`, `TestGetAbortScaleDownDelaySecondsOrDefault`.
    #[test]
    fn an_abort_delay_of_zero_is_for_ever() {
        let after = |abort_scale_down_delay| {
            let strategy = routed(Routing { abort_scale_down_delay, ..Routing::default() });
            let AfterAbort { delay, is_explicit } = AfterAbort::of(&strategy);
            (delay, is_explicit)
        };
        assert_eq!(after(None), (secs(30), false));
        assert_eq!(after(secs(0)), (None, true));
        assert_eq!(after(secs(60)), (secs(60), true));
        let basic = AfterAbort::of(&Strategy::Canary(Canary::default()));
        assert_eq!(basic, AfterAbort { delay: secs(0), is_explicit: false });
    }

    #[test]
    fn a_dynamic_stable_scale_holds_the_canary_only_when_told_to() {
        let holds = |dynamic_stable_scale, abort_scale_down_delay| {
            let routing = Routing { dynamic_stable_scale, abort_scale_down_delay, ..Routing::default() };
            let spec = RolloutSpec { strategy: routed(routing), ..RolloutSpec::default() };
            assert!(!holds_after_abort(&spec, false, true) && !holds_after_abort(&spec, true, false));
            holds_after_abort(&spec, true, true)
        };
        assert_eq!([None, secs(0), secs(9)].map(|delay| holds(false, delay)), [true, false, true]);
        assert_eq!([None, secs(0), secs(9)].map(|delay| holds(true, delay)), [false, false, true]);
        assert!(!holds_after_abort(&RolloutSpec::default(), true, true));
    }
}
