//! Faults: what goes wrong by itself.

use super::law::RawLaw;
use crate::syntax::{Spanned, Text, choice, keyword, record};
use model::ratio::Ratio;
use model::time::Span;

/// When a fault strikes, as far as it is said, and how long it lasts.
#[derive(Clone, Copy, Debug)]
pub struct RawOnset<'r> {
    /// A time; with `every` when the time begins.
    pub at: Option<&'r Spanned<Span>>,
    /// What has to come to hold.
    pub when: Option<&'r Text>,
    /// How long after that.
    pub after: Option<&'r Spanned<Span>>,
    /// How long it takes to come, again and again.
    pub every: Option<&'r Spanned<RawLaw>>,
    /// How long it lasts.
    pub lasts: Option<&'r Spanned<Span>>,
}

/// Declares a fault: a record with the keys that say when it strikes and, unless it is over the moment it has struck,
/// how long it lasts.
macro_rules! fault {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident as $called:literal { $($fields:tt)* }
    ) => {
        fault! { @with $(#[doc = $doc])* $name $called { $($fields)* } }
        impl $name {
            fn onset(&self) -> RawOnset<'_> {
                self.begins()
            }
        }
    };
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident as $called:literal, for a while { $($fields:tt)* }
    ) => {
        fault! { @with $(#[doc = $doc])* $name $called {
            $($fields)*
            /// How long it lasts (default: to the end of the run).
            lasts: Option<Spanned<Span>>,
        } }
        impl $name {
            fn onset(&self) -> RawOnset<'_> {
                RawOnset { lasts: self.lasts.as_ref(), ..self.begins() }
            }
        }
    };
    (@with $(#[doc = $doc:literal])* $name:ident $called:literal { $($fields:tt)* }) => {
        record! {
            $(#[doc = $doc])*
            pub struct $name as $called {
                $($fields)*
                /// When it strikes, from the start of the run; with `every`, when its time begins (default 0s).
                at: Option<Spanned<Span>>,
                /// Instead: the first time that this comes to hold, as `payments rollout > 50 %` (more than half of
                /// the ready replicas run another version than at the start), `payments 51 > 50 %` or
                /// `alert NAME`.
                when: Option<Text>,
                /// With `when`: how long after that (default 0s).
                after: Option<Spanned<Span>>,
                /// Instead: again and again, so long after the start or after it was over; `{mean: 20m}` is a
                /// constant hazard rate.
                every: Option<Spanned<RawLaw>>,
            }
        }
        impl $name {
            fn begins(&self) -> RawOnset<'_> {
                let (at, when) = (self.at.as_ref(), self.when.as_ref());
                RawOnset { at, when, after: self.after.as_ref(), every: self.every.as_ref(), lasts: None }
            }
        }
    };
}

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
        /// Hosts are gone.
        Lose(RawLoss),
        /// Messages take longer.
        Delay(RawDelay),
        /// Messages are lost.
        Drop(RawDrop),
        /// No message comes through.
        Cut(RawCut),
        /// A service that somebody else runs becomes another version.
        Change(RawChange),
        /// A flag service is out of order.
        Outage(RawOutage),
        /// The registry is slow, or out of reach.
        Registry(RawRegistry),
        /// Monitoring is down.
        Monitoring(RawMonitoring),
        /// The tool that deploys is down.
        Deploy(RawDeployTool),
        /// The chat is down.
        Chat(RawChat),
        /// A secret gets another value.
        Rotate(RawRotate),
        /// A service gets no more replicas.
        Quota(RawQuota),
        /// What sees to a service does not look at it.
        Stuck(RawStuck),
        /// Somebody else has the lock of the tool that deploys a service.
        Lock(RawLock),
        /// An alert fires for nothing.
        Rings(RawRings),
        /// An alert does not fire, whatever happens.
        Mutes(RawMutes),
    }
}

impl RawFault {
    /// When it strikes, and how long it lasts.
    pub fn onset(&self) -> RawOnset<'_> {
        match self {
            RawFault::Pause(fault) => fault.onset(),
            RawFault::Slow(fault) => fault.onset(),
            RawFault::Wipe(fault) => fault.onset(),
            RawFault::Kill(fault) => fault.onset(),
            RawFault::Unreach(fault) => fault.onset(),
            RawFault::Lose(fault) => fault.onset(),
            RawFault::Delay(fault) => fault.onset(),
            RawFault::Drop(fault) => fault.onset(),
            RawFault::Cut(fault) => fault.onset(),
            RawFault::Change(fault) => fault.onset(),
            RawFault::Outage(fault) => fault.onset(),
            RawFault::Registry(fault) => fault.onset(),
            RawFault::Monitoring(fault) => fault.onset(),
            RawFault::Deploy(fault) => fault.onset(),
            RawFault::Chat(fault) => fault.onset(),
            RawFault::Rotate(fault) => fault.onset(),
            RawFault::Quota(fault) => fault.onset(),
            RawFault::Stuck(fault) => fault.onset(),
            RawFault::Lock(fault) => fault.onset(),
            RawFault::Rings(fault) => fault.onset(),
            RawFault::Mutes(fault) => fault.onset(),
        }
    }
}

fault! {
    /// The registry hands out artifacts at a share of its speed. A host that has one already does not ask for it.
    pub struct RawRegistry as "a fault of the registry", for a while {
        /// The share of its speed that is left: `20 %`; with `0 %` nothing can be fetched, and is tried again with
        /// longer and longer pauses, as the kubelet does.
        registry: Spanned<Ratio>,
    }
}

fault! {
    /// Monitoring neither collects nor answers: alerts stay as they are, and nothing can be measured.
    pub struct RawMonitoring as "a fault of monitoring", for a while {
        /// What it is.
        monitoring: RawToolIs,
    }
}

fault! {
    /// The tool that deploys is down: orders that change what a service runs wait until it is back.
    pub struct RawDeployTool as "a fault of the deploy tool", for a while {
        /// What it is.
        deploy: RawToolIs,
    }
}

fault! {
    /// The chat is down: nobody hears that they are asked to agree, until it is back.
    pub struct RawChat as "a fault of the chat", for a while {
        /// What it is.
        chat: RawToolIs,
    }
}

keyword! {
    /// How something is out of order.
    pub enum RawToolIs as "a way to be out of order" {
        /// It does not answer.
        Down = "down",
    }
}

fault! {
    /// A secret gets its next value. Processes that run keep what they have; those that are started from then on, and
    /// need the value before, die.
    pub struct RawRotate as "a rotation" {
        /// The secret.
        rotate: Text,
    }
}

fault! {
    /// A service stands still: nothing is worked on, requests still arrive and queue, and what was at work goes
    /// on afterwards.
    pub struct RawStandstill as "a standstill", for a while {
        /// The service.
        pause: Text,
    }
}

fault! {
    /// A service works slower: every replica at a share of its speed.
    pub struct RawSlowdown as "a slowdown", for a while {
        /// The service.
        slow: Text,
        /// The share of its speed that is left: `20 %`.
        to: Spanned<Ratio>,
    }
}

fault! {
    /// Entries of a cache are gone, all at once. They come back as they are asked for and fetched.
    pub struct RawWipe as "an emptied cache" {
        /// The cache.
        wipe: Text,
        /// The share of its entries that is gone, the most popular ones: `50 %` (default all).
        share: Option<Spanned<Ratio>>,
    }
}

fault! {
    /// Processes of a service die with everything they have in hand, and are restarted where they were.
    pub struct RawKill as "dying processes" {
        /// The service.
        kill: Text,
        /// Of how many replicas, those first that have been ready longest (default: of all that are ready).
        replicas: Option<Spanned<u32>>,
    }
}

fault! {
    /// Those who roll out cannot reach some hosts. What runs there serves on.
    pub struct RawUnreach as "hosts out of reach", for a while {
        /// The region, zone or host.
        unreach: Text,
    }
}

fault! {
    /// Hosts are gone, and every replica on them dies with what it has in hand. Controllers of Kubernetes put others
    /// elsewhere after 340 s, but for those that have places of their own; what is left comes back when it is over.
    pub struct RawLoss as "lost hosts", for a while {
        /// The region, zone or host.
        lose: Text,
    }
}

fault! {
    /// Requests and answers take longer between two places, or between a service and one that it calls.
    pub struct RawDelay as "a delay", for a while {
        /// Two regions or zones, as `eu us`, or a service and one that it calls, as `shop bank`.
        delay: Text,
        /// By how much, one way.
        by: RawLaw,
    }
}

fault! {
    /// A share of the calls between two places, or between a service and one that it calls, is never answered: of one
    /// half of them the request is lost, of the other the answer. A caller without a timeout gives up after 127 s.
    pub struct RawDrop as "a loss of messages", for a while {
        /// Two regions or zones, as `eu us`, or a service and one that it calls, as `shop bank`.
        drop: Text,
        /// The share of the calls: `5 %`.
        share: Spanned<Ratio>,
    }
}

fault! {
    /// A partition: no request and no answer comes through between two places, or between a service and one that it
    /// calls. A caller without a timeout gives up after 127 s.
    pub struct RawCut as "a partition", for a while {
        /// Two regions or zones, as `eu us`, or a service and one that it calls, as `shop bank`.
        cut: Text,
    }
}

fault! {
    /// No replica of a service is created beyond a number: a ResourceQuota of Kubernetes. Those that are there stay;
    /// what is refused is tried again, with longer and longer pauses.
    pub struct RawQuota as "a quota", for a while {
        /// The service.
        quota: Text,
        /// How many replicas there may be in all, of every version, those on their way out included.
        replicas: Spanned<u32>,
    }
}

fault! {
    /// What sees to a service does not look at it: orders are accepted, and nothing comes of them. Processes run on,
    /// and those that die are restarted.
    pub struct RawStuck as "something that is stuck", for a while {
        /// The service.
        stuck: Text,
        /// What does not look (default `rollout`).
        what: Option<Spanned<RawControlLoop>>,
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

fault! {
    /// An alert fires for nothing: noise. With `every`, again and again.
    pub struct RawRings as "a false alarm", for a while {
        /// The alert.
        rings: Text,
    }
}

fault! {
    /// An alert does not fire, whatever happens: its rule is broken, or somebody has silenced it.
    pub struct RawMutes as "a broken alert", for a while {
        /// The alert.
        mutes: Text,
    }
}

fault! {
    /// Somebody else has the lock of the tool that deploys a service: what would change its version is refused.
    pub struct RawLock as "a lock", for a while {
        /// The service.
        lock: Text,
    }
}

fault! {
    /// Whoever runs a service with `external: yes` brings out another version of it, and tells nobody.
    pub struct RawChange as "a change of somebody else's" {
        /// The version, as `service version`.
        change: Text,
    }
}

fault! {
    /// The flag service of a provider is out of order: processes hear nothing new.
    pub struct RawOutage as "an outage", for a while {
        /// The provider.
        outage: Text,
        /// What processes meet there (default `unreachable`).
        how: Option<RawTrouble>,
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
