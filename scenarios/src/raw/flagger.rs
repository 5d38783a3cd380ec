//! Flagger: what a `Canary` object says.

use super::RawCheck;
use crate::syntax::{OneOrMany, Spanned, Text, keyword, record};
use model::ratio::Ratio;
use model::time::Span;

record! {
    /// Flagger: the version people ask for comes up beside the one that serves, is checked at every tick, and is then
    /// rolled out a second time, in the place of the old one. How replicas are replaced says `rollout`.
    pub struct RawFlagger as "a Flagger canary" {
        /// From one tick to the next, 10s at least (default 1m).
        interval: Option<Spanned<Span>>,
        /// So many failed checks, over the whole of a release, roll it back (default 1).
        threshold: Option<Spanned<u32>>,
        /// The share of the traffic that the new version gets more in each tick.
        step_weight: Option<Spanned<Ratio>>,
        /// Its shares, one after the other, instead of steps of one size.
        step_weights: Vec<Spanned<Ratio>>,
        /// The share from which it is promoted (default 100 %).
        max_weight: Option<Spanned<Ratio>>,
        /// The share that goes back to the primary in each tick of a promotion (default: all at once).
        step_weight_promotion: Option<Spanned<Ratio>>,
        /// Ticks with a check that passed before it is promoted, instead of steps.
        iterations: Option<Spanned<u32>>,
        /// An A/B test: the classes of which all requests go to the new version, for so many `iterations`.
        classes: OneOrMany<Text>,
        /// What is looked at in each tick.
        metrics: Vec<RawCheck>,
        /// What waits for somebody's word, each time.
        gates: OneOrMany<Spanned<RawGate>>,
        /// Whether there is a router (default yes). Without one, the new version gets no traffic while it is tested.
        router: Option<bool>,
        /// Whether the new version gets a copy of each request before it gets any of its own (default no): for a tick
        /// before the first step, or for all `iterations`. Its answers are thrown away; what it writes and sends stays.
        mirror: Option<Spanned<bool>>,
        /// The share of the primary's replicas that must be available for it to count as ready (default 100 %).
        primary_ready: Option<Spanned<Ratio>>,
        /// The same of the new version's.
        canary_ready: Option<Spanned<Ratio>>,
        /// Whether a Deployment without a replica that serves leaves its share to the other, as ingress-nginx does
        /// (default no: its requests fail, as behind Envoy or a load balancer of AWS).
        falls_back: Option<bool>,
        /// Promote at once what is ready, without a test (default no).
        skip_analysis: Option<bool>,
        /// Whether its ticks do nothing (default no): a version that is asked for is put to no test, and goes nowhere,
        /// until somebody says `resume`.
        suspend: Option<bool>,
        /// How long a Deployment may have too few replicas before it counts as stuck (default 10m).
        deadline: Option<Span>,
    }
}

keyword! {
    /// What waits for somebody's word.
    pub enum RawGate as "a gate" {
        /// The begin of a release.
        Start = "start",
        /// Every step.
        Step = "step",
        /// The promotion.
        Promotion = "promotion",
    }
}
