//! Faults: what goes wrong by itself.

use crate::syntax::{Spanned, Text, choice, keyword, record};
use model::ratio::Ratio;
use model::time::Span;

choice! {
    /// Something that goes wrong by itself.
    pub enum RawFault as "a fault" {
        /// A service stands still.
        Pause(RawStandstill),
        /// A service works slower.
        Slow(RawSlowdown),
        /// A cache is emptied.
        Wipe(RawWipe),
        /// Processes die.
        Kill(RawKill),
        /// Those who roll out cannot reach some hosts.
        Unreach(RawUnreach),
        /// A service that somebody else runs becomes another version.
        Change(RawChange),
        /// A flag service is out of order.
        Outage(RawOutage),
        /// The registry is slow, or out of reach.
        Registry(RawRegistry),
        /// Monitoring is down.
        Monitoring(RawMonitoring),
        /// A secret gets another value.
        Rotate(RawRotate),
        /// A service gets no more replicas.
        Quota(RawQuota),
        /// What sees to a service does not look at it.
        Stuck(RawStuck),
        /// Somebody else has the lock of the tool that deploys a service.
        Lock(RawLock),
    }
}

record! {
    /// The registry hands out artifacts at a share of its speed. A host that has one already does not ask for it.
    pub struct RawRegistry as "a fault of the registry" {
        /// The share of its speed that is left: `20 %`; with `0 %` nothing can be fetched, and is tried again with
        /// longer and longer pauses, as the kubelet does.
        registry: Spanned<Ratio>,
        /// When it strikes, from the start of the run.
        at: Spanned<Span>,
        /// How long it lasts (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

record! {
    /// Monitoring neither collects nor answers: alerts stay as they are, and nothing can be measured.
    pub struct RawMonitoring as "a fault of monitoring" {
        /// What it is.
        monitoring: RawMonitoringIs,
        /// When it strikes, from the start of the run.
        at: Spanned<Span>,
        /// How long it lasts (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

keyword! {
    /// How something is out of order.
    pub enum RawMonitoringIs as "a way to be out of order" {
        /// It does not answer.
        Down = "down",
    }
}

record! {
    /// A secret gets its next value. Processes that run keep what they have; those that are started from then on, and
    /// need the value before, die.
    pub struct RawRotate as "a rotation" {
        /// The secret.
        rotate: Text,
        /// When, from the start of the run.
        at: Spanned<Span>,
    }
}

record! {
    /// A service stands still: nothing is worked on, requests still arrive and queue, and what was at work goes
    /// on afterwards.
    pub struct RawStandstill as "a standstill" {
        /// The service.
        pause: Text,
        /// When it strikes, from the start of the run.
        at: Spanned<Span>,
        /// How long it lasts (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

record! {
    /// A service works slower: every replica at a share of its speed.
    pub struct RawSlowdown as "a slowdown" {
        /// The service.
        slow: Text,
        /// The share of its speed that is left: `20 %`.
        to: Spanned<Ratio>,
        /// When it strikes, from the start of the run.
        at: Spanned<Span>,
        /// How long it lasts (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

record! {
    /// Entries of a cache are gone, all at once. They come back as they are asked for and fetched.
    pub struct RawWipe as "an emptied cache" {
        /// The cache.
        wipe: Text,
        /// The share of its entries that is gone, the most popular ones: `50 %` (default all).
        share: Option<Spanned<Ratio>>,
        /// When it strikes, from the start of the run.
        at: Spanned<Span>,
    }
}

record! {
    /// Processes of a service die with everything they have in hand, and are restarted where they were.
    pub struct RawKill as "dying processes" {
        /// The service.
        kill: Text,
        /// Of how many replicas, those first that have been ready longest (default: of all that are ready).
        replicas: Option<Spanned<u32>>,
        /// When it strikes, from the start of the run.
        at: Spanned<Span>,
    }
}

record! {
    /// Those who roll out cannot reach some hosts. What runs there serves on.
    pub struct RawUnreach as "hosts out of reach" {
        /// The region, zone or host.
        unreach: Text,
        /// When it begins, from the start of the run.
        at: Spanned<Span>,
        /// How long it lasts (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

record! {
    /// No replica of a service is created beyond a number: a ResourceQuota of Kubernetes. Those that are there stay;
    /// what is refused is tried again, with longer and longer pauses.
    pub struct RawQuota as "a quota" {
        /// The service.
        quota: Text,
        /// How many replicas there may be in all, of every version, those on their way out included.
        replicas: Spanned<u32>,
        /// When it begins, from the start of the run.
        at: Spanned<Span>,
        /// How long it lasts (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

record! {
    /// What sees to a service does not look at it: orders are accepted, and nothing comes of them. Processes run on,
    /// and those that die are restarted.
    pub struct RawStuck as "something that is stuck" {
        /// The service.
        stuck: Text,
        /// What does not look (default `rollout`).
        what: Option<Spanned<RawControlLoop>>,
        /// When it begins, from the start of the run.
        at: Spanned<Span>,
        /// How long it lasts (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

keyword! {
    /// What sees to a service.
    pub enum RawControlLoop as "something that sees to a service" {
        /// The controller of its rollouts; under Flagger, that of its two Deployments.
        Rollout = "rollout",
        /// Flagger.
        Flagger = "flagger",
        /// The tool that makes it what is written in Git.
        GitOps = "gitops",
        /// Its autoscaler.
        Autoscaler = "autoscaler",
    }
}

record! {
    /// Somebody else has the lock of the tool that deploys a service: what would change its version is refused.
    pub struct RawLock as "a lock" {
        /// The service.
        lock: Text,
        /// When it is taken, from the start of the run.
        at: Spanned<Span>,
        /// How long it is held (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

record! {
    /// Whoever runs a service with `external: yes` brings out another version of it, and tells nobody.
    pub struct RawChange as "a change of somebody else's" {
        /// The version, as `service version`.
        change: Text,
        /// When it begins, from the start of the run.
        at: Spanned<Span>,
    }
}

record! {
    /// The flag service of a provider is out of order: processes hear nothing new.
    pub struct RawOutage as "an outage" {
        /// The provider.
        outage: Text,
        /// What processes meet there (default `unreachable`).
        how: Option<RawTrouble>,
        /// When it strikes, from the start of the run.
        at: Spanned<Span>,
        /// How long it lasts (default: to the end of the run).
        lasts: Option<Spanned<Span>>,
    }
}

keyword! {
    /// How a flag service is out of order.
    pub enum RawTrouble as "a kind of outage" {
        /// Nobody answers: streams break, and polls go on at their pace.
        Unreachable = "unreachable",
        /// It answers with 429, 500 or 503: streams break, and polls become rarer.
        Errors = "errors",
        /// It answers with 401 or 403: streams that are there hold, polls end for good.
        Refuses = "refuses",
    }
}
