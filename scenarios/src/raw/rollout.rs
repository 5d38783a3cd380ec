//! Rollouts: which controller sees to them, and what it is told.

use super::RawMetric;
use crate::syntax::{CountOrShare, Spanned, choice, keyword, record};
use model::ratio::Ratio;
use model::time::Span;

record! {
    /// How pods of one version make way for pods of another: a Kubernetes Deployment.
    pub struct RawRollout as "a rollout" {
        /// Whether both versions serve side by side meanwhile (default `rolling`).
        strategy: Option<Spanned<RawStrategy>>,
        /// Replicas allowed above the wanted number: a count or a share (default 25 %).
        surge: Option<Spanned<CountOrShare>>,
        /// Replicas allowed to be missing: a count or a share (default 25 %).
        unavailable: Option<Spanned<CountOrShare>>,
        /// How long a replica must have been ready to count as available (default 0s).
        min_ready: Option<Span>,
        /// How long it may go without progress before that is reported (default 10m). Nothing else comes of it.
        deadline: Option<Spanned<Span>>,
        /// How many revisions are kept beside the present one, so that somebody can go back to them (default 10).
        history: Option<u32>,
    }
}

keyword! {
    /// Whether both versions serve side by side during a rollout.
    pub enum RawStrategy as "a strategy" {
        /// A few replicas at a time, within `surge` and `unavailable`.
        Rolling = "rolling",
        /// All old replicas are gone before the first new one starts: nobody serves in between.
        Recreate = "recreate",
    }
}

record! {
    /// How a Kubernetes StatefulSet replaces replicas.
    pub struct RawStatefulSet as "a StatefulSet" {
        /// Whether replicas wait for each other (default `ordered`).
        management: Option<RawManagement>,
        /// When replicas are replaced (default `rolling`).
        update: Option<RawUpdate>,
        /// The lowest place that a rolling update replaces; those below keep their version (default 0).
        partition: Option<Spanned<u32>>,
        /// Replicas that may be missing at a time: a count or a share (default: one by one, without counting those that
        /// are missing already).
        unavailable: Option<Spanned<CountOrShare>>,
        /// How long a replica must have been ready to count as available (default 0s).
        min_ready: Option<Span>,
        /// How many revisions are kept beside the present one, so that somebody can go back to them (default 10).
        history: Option<u32>,
    }
}

keyword! {
    /// Whether the replicas of a StatefulSet wait for each other.
    pub enum RawManagement as "a management policy" {
        /// One at a time: nothing happens beyond the first that is not available.
        Ordered = "ordered",
        /// All at once when there are to be more or fewer; updates go one by one all the same.
        Parallel = "parallel",
    }
}

keyword! {
    /// When a StatefulSet replaces replicas.
    pub enum RawUpdate as "an update strategy" {
        /// From the highest place down, as soon as there is another version.
        Rolling = "rolling",
        /// When somebody stops them.
        OnDelete = "on-delete",
    }
}

record! {
    /// A rollout step by step.
    pub struct RawCanary as "a canary" {
        /// Its steps, in their order (default: none, which is a rolling update).
        steps: Vec<RawCanaryStep>,
        /// Replicas allowed above the wanted number, without a router: a count or a share (default 25 %).
        surge: Option<Spanned<CountOrShare>>,
        /// Replicas allowed to be missing: a count or a share (default 25 %).
        unavailable: Option<Spanned<CountOrShare>>,
        /// How long a replica must have been ready to count as available (default 0s).
        min_ready: Option<Span>,
        /// A router splits the traffic by weight (default: none; the numbers of replicas do).
        router: Option<RawRouter>,
        /// What is measured beside the steps.
        watch: Option<RawWatch>,
        /// How many revisions back a rollback skips steps and analyses (default 0: none). It sees only what is
        /// kept.
        rollback_window: Option<u32>,
        /// How many revisions are kept beside the present one, so that somebody can go back to them (default 10).
        history: Option<u32>,
        /// How long an update may go without progress before it counts as degraded (default 10m).
        deadline: Option<Spanned<Span>>,
        /// Whether that aborts it, too (default no).
        abort_at_deadline: Option<bool>,
        /// How many of the replicas that a step asks for have to be available for it to be done: a count or a share
        /// (default: all).
        progress_threshold: Option<Spanned<CountOrShare>>,
    }
}

choice! {
    /// A step of a canary.
    pub enum RawCanaryStep as "a step of a canary" {
        /// Sets the share of the traffic.
        Weight(RawSetWeight),
        /// Waits for a while.
        Pause(RawPauseStep),
        /// Waits for somebody.
        Wait(RawWaitStep),
        /// Sets the size of the canary apart from its share.
        Scale(RawSetScale),
        /// Lets the size of the canary follow its share again.
        Follow(RawFollowStep),
        /// Measures, and goes on when it is good.
        Analysis(RawAnalysisStep),
    }
}

record! {
    /// Sets the share of the traffic.
    pub struct RawSetWeight as "a weight step" {
        /// The share that goes to the new version, in whole percent, or in whole parts of the router's `max_weight`.
        weight: Spanned<Ratio>,
    }
}

record! {
    /// Waits for a while.
    pub struct RawPauseStep as "a pause step" {
        /// How long.
        pause: Span,
    }
}

record! {
    /// Waits for somebody.
    pub struct RawWaitStep as "a wait step" {
        /// For what.
        wait: RawWaitFor,
    }
}

keyword! {
    /// What a rollout waits for.
    pub enum RawWaitFor as "something to wait for" {
        /// That somebody promotes it.
        Promotion = "promotion",
    }
}

record! {
    /// Sets the size of the canary apart from its share of the traffic; only with a router.
    pub struct RawSetScale as "a scale step" {
        /// A count, or a share of the replicas in whole percent.
        scale: Spanned<CountOrShare>,
    }
}

record! {
    /// Lets the size of the canary follow its share of the traffic again; only with a router.
    pub struct RawFollowStep as "a follow step" {
        /// What it follows.
        follow: Spanned<RawFollowed>,
    }
}

keyword! {
    /// What the size of a canary follows.
    pub enum RawFollowed as "something to follow" {
        /// Its share of the traffic (`matchTrafficWeight`).
        Weight = "weight",
    }
}

record! {
    /// Measures, and goes on when it is good.
    pub struct RawAnalysisStep as "an analysis step" {
        /// What is measured, side by side.
        analysis: Spanned<Vec<RawMetric>>,
    }
}

record! {
    /// What is measured beside the steps of a canary.
    pub struct RawWatch as "a watch" {
        /// What is measured, side by side.
        metrics: Spanned<Vec<RawMetric>>,
        /// The step at which it starts, from 1 (default 1).
        from_step: Option<Spanned<u32>>,
    }
}

record! {
    /// A traffic router.
    pub struct RawRouter as "a router" {
        /// Whether the stable version shrinks as its share of the traffic does (default no).
        dynamic_stable: Option<bool>,
        /// What all weights add up to (default 100): with 1000, shares can be set in tenths of a percent.
        max_weight: Option<Spanned<u32>>,
        /// The fewest replicas of a version that has any.
        min_replicas: Option<Spanned<u32>>,
        /// How long the previous version stays after a promotion (default 30s). Not with `dynamic_stable`.
        scale_down_delay: Option<Spanned<Span>>,
        /// How many previous versions may stay for that at once, the newest of them (default: any number).
        scale_down_limit: Option<u32>,
        /// How long the new version stays after an abort (default 30s). With 0s it goes at once, unless the first step
        /// is a `scale`: what that asks for stays.
        abort_scale_down_delay: Option<Span>,
        /// Whether a version without a replica that serves leaves its share to the other, as ingress-nginx does
        /// (default no: its requests fail, as behind Envoy or a load balancer of AWS).
        falls_back: Option<bool>,
    }
}

record! {
    /// Both versions in full, and one switch.
    pub struct RawBlueGreen as "a blue-green rollout" {
        /// Whether the switch comes by itself (default yes).
        auto: Option<bool>,
        /// How long the new version is up before that (default 0s).
        auto_after: Option<Span>,
        /// Replicas of the new version before the switch (default: all).
        preview_replicas: Option<Spanned<u32>>,
        /// How long the previous version stays after the switch (default 30s).
        scale_down_delay: Option<Span>,
        /// How many previous versions may stay for that at once, the newest of them (default: any number).
        scale_down_limit: Option<u32>,
        /// How long the new version stays after an abort (default 30s; 0s is for ever).
        abort_scale_down_delay: Option<Span>,
        /// Replicas that a restart may take at a time: a count or a share (default 25 %).
        unavailable: Option<Spanned<CountOrShare>>,
        /// What has to be good before the switch.
        before: Option<Spanned<Vec<RawMetric>>>,
        /// What has to be good after it, before the new version counts as stable.
        afterwards: Option<Spanned<Vec<RawMetric>>>,
        /// How long a replica must have been ready to count as available (default 0s).
        min_ready: Option<Span>,
        /// How many revisions back a rollback skips the wait and the analyses (default 0: none). It sees only what is
        /// kept.
        rollback_window: Option<u32>,
        /// How many revisions are kept beside the present one, so that somebody can go back to them (default 10).
        history: Option<u32>,
        /// How long an update may go without progress before it counts as degraded (default 10m).
        deadline: Option<Spanned<Span>>,
        /// Whether that aborts it, too (default no).
        abort_at_deadline: Option<bool>,
    }
}
