//! How fast an autoscaler may go: the `behavior` of a HorizontalPodAutoscaler of `autoscaling/v2`.

#[cfg(test)]
mod tests;

use super::History;
use crate::time::{Span, Time};

/// What holds for growing and for shrinking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behavior {
    /// How it grows (`scaleUp`).
    pub up: Rules,
    /// How it shrinks (`scaleDown`).
    pub down: Rules,
}

/// What holds in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How far back proposals hold up a change in this direction (`stabilizationWindowSeconds`).
    pub window: Span,
    /// Which policy counts.
    pub select: Select,
    /// How much may change, at least one policy.
    pub policies: Vec<Policy>,
}

/// Which policy counts, out of several (`selectPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// The one that allows the most.
    Max,
    /// The one that allows the least.
    Min,
    /// None: nothing changes in this direction.
    Disabled,
}

/// How much may change in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How much.
    pub step: Step,
    /// In how long (`periodSeconds`).
    pub period: Span,
}

/// How much may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many pods.
    Pods(u32),
    /// So many percent of those there were when the period began.
    Percent(u32),
}

/// The defaults of `pkg/apis/autoscaling/v2/defaults.go`: up by 4 pods or to twice as many within 15 s; down as far as
/// the highest proposal of 300 s (`--horizontal-pod-autoscaler-downscale-stabilization`).
impl Default for Behavior {
    fn default() -> Self {
        let in_a_sync = |step| Policy { step, period: super::SYNC };
        let up = vec![in_a_sync(Step::Pods(4)), in_a_sync(Step::Percent(100))];
        Behavior {
            up: Rules { window: Span::ZERO, select: Select::Max, policies: up },
            down: Rules {
                window: Span::from_secs(300),
                select: Select::Max,
                policies: vec![in_a_sync(Step::Percent(100))],
            },
        }
    }
}

impl Behavior {
    /// What of a change the policies allow (`convertDesiredReplicasWithBehaviorRate`).
    pub(super) fn limited(&self, current: u32, wanted: u32, history: &History, now: Time) -> u32 {
        let (from, to) = (i64::from(current), i64::from(wanted));
        let reached = if to > from {
            to.min(self.up.highest(from, history, now).max(from))
        } else {
            to.max(self.down.lowest(from, history, now).min(from))
        };
        u32::try_from(reached).unwrap_or(u32::MAX) // between the two
    }
}

impl Rules {
    /// As many pods as there may be (`calculateScaleUpLimitWithScalingRules`).
    fn highest(&self, current: i64, history: &History, now: Time) -> i64 {
        let limits = self.policies.iter().map(|policy| policy.step.above(history.before(policy.period, current, now)));
        match self.select {
            Select::Max => limits.max(),
            Select::Min => limits.min(),
            Select::Disabled => None,
        }
        .unwrap_or(current)
    }

    /// As few pods as there may be (`calculateScaleDownLimitWithBehaviors`).
    fn lowest(&self, current: i64, history: &History, now: Time) -> i64 {
        let limits = self.policies.iter().map(|policy| policy.step.below(history.before(policy.period, current, now)));
        match self.select {
            Select::Max => limits.min(),
            Select::Min => limits.max(),
            Select::Disabled => None,
        }
        .unwrap_or(current)
    }

    /// How long a change is of interest to any policy (`getLongestPolicyPeriod`).
    pub(super) fn longest_period(&self) -> Span {
        self.policies.iter().map(|policy| policy.period).max().unwrap_or(Span::ZERO)
    }
}

/// In floating point, as the original counts: a tenth more than 100 pods is 111 there.
impl Step {
    /// So much more, rounded up, for otherwise few pods would never become more.
    fn above(self, pods: i64) -> i64 {
        match self {
            Step::Pods(more) => pods.saturating_add(i64::from(more)),
            Step::Percent(more) => (pods as f64 * (1.0 + f64::from(more) / 100.0)).ceil() as i64,
        }
    }

    /// So much less, the rest rounded towards zero.
    fn below(self, pods: i64) -> i64 {
        match self {
            Step::Pods(less) => pods.saturating_sub(i64::from(less)),
            Step::Percent(less) => (pods as f64 * (1.0 - f64::from(less) / 100.0)) as i64,
        }
    }
}
