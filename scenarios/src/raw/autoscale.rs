//! Autoscaling.

use crate::syntax::{Spanned, choice, keyword, record};
use model::ratio::Ratio;
use model::time::Span;

record! {
    /// How the number of replicas follows the load.
    pub struct RawAutoscale as "an autoscaler" {
        /// The fewest replicas.
        min: Spanned<u32>,
        /// The most replicas.
        max: Spanned<u32>,
        /// The share of the workers' time that is to be used: a whole percentage, `70 %`.
        utilisation: Spanned<Ratio>,
        /// How fast it may go (default: what Kubernetes documents as the default).
        behavior: Option<RawBehavior>,
    }
}

record! {
    /// How fast an autoscaler may go: the `behavior` of a HorizontalPodAutoscaler.
    pub struct RawBehavior as "a behavior" {
        /// How it may grow (default: at once, by 4 replicas or to twice as many within 15 s).
        scale_up: Option<RawScalingRules>,
        /// How it may shrink (default: to the highest number proposed within 5 minutes, all at once).
        scale_down: Option<RawScalingRules>,
    }
}

record! {
    /// What holds in one direction.
    pub struct RawScalingRules as "scaling rules" {
        /// How far back proposals hold up a change: the lowest one of them that it grows, the highest one that it
        /// shrinks (default 0s to grow, 5m to shrink; 1h at most).
        stabilization: Option<Spanned<Span>>,
        /// Which of several policies counts (default `max`).
        select: Option<RawSelect>,
        /// How many replicas may come or go within a period (default: 4 replicas and 100 % within 15 s to grow, 100 %
        /// within 15 s to shrink).
        policies: Option<Spanned<Vec<RawScalingPolicy>>>,
    }
}

keyword! {
    /// Which of several policies counts.
    pub enum RawSelect as "a choice of policy" {
        /// The one that allows the most.
        Max = "max",
        /// The one that allows the least.
        Min = "min",
        /// None: nothing changes in this direction.
        Disabled = "disabled",
    }
}

choice! {
    /// How many replicas may come or go within a period.
    pub enum RawScalingPolicy as "a scaling policy" {
        /// So many.
        Pods(RawPodsPolicy),
        /// So large a part.
        Percent(RawPercentPolicy),
    }
}

record! {
    /// So many replicas within a period.
    pub struct RawPodsPolicy as "a policy of pods" {
        /// How many.
        pods: Spanned<u32>,
        /// In how long: whole seconds, 30m at most.
        period: Spanned<Span>,
    }
}

record! {
    /// So many percent of the replicas there were when the period began.
    pub struct RawPercentPolicy as "a policy of percent" {
        /// How many, as a number: `100`.
        percent: Spanned<u32>,
        /// In how long: whole seconds, 30m at most.
        period: Spanned<Span>,
    }
}
