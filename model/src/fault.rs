//! Faults: what goes wrong by itself, at a time the scenario states, again and again, or when something comes to hold.
//!
//! A fault is a cause like a defect or a command; what it does to anybody follows from the model. It acts
//! through the same steps as everybody else: one when it strikes, one when it is over.

use crate::action::Action;
use crate::authority::Actor;
use crate::flag::Trouble;
use crate::id::{AlertId, CacheId, FaultId, ProviderId, SecretId, ServiceId, VersionId, ZoneId};
use crate::law::Law;
use crate::name::Name;
use crate::place::Area;
use crate::ratio::Ratio;
use crate::scenario::Step;
use crate::system::System;
use crate::time::{Span, Time};
use crate::tool::Tool;

/// Something that goes wrong by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it does and to whom, for stable keys: two faults that do the same share it.
    pub name: Name,
    /// When it strikes.
    pub onset: Onset,
    /// How long it lasts; to the end of the run without. What is over at once has none.
    pub lasts: Option<Span>,
    /// What it does.
    pub kind: FaultKind,
}

/// When a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onset {
    /// Once, at a time.
    At(Time),
    /// Again and again: first so long after a time, then so long after it was over. A fault that lasts to the end of
    /// the run strikes once.
    Every {
        /// How long it takes to come; exponential for a constant hazard rate.
        law: Law,
        /// When its time begins.
        from: Time,
    },
    /// Once, the first time that something comes to hold that did not hold before.
    When {
        /// What.
        condition: Condition,
        /// How long after.
        after: Span,
    },
}

/// What a fault may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// More than a share of the ready replicas of a service run a version; those that stand by count on neither side.
    Runs {
        /// Which service.
        service: ServiceId,
        /// Which version; any but the one it starts with, without.
        version: Option<VersionId>,
        /// The share.
        beyond: Ratio,
    },
    /// An alert fires.
    Alert(AlertId),
}

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Every replica of a service works slower, those included that start meanwhile.
    Slow {
        /// Which service.
        service: ServiceId,
        /// The share of its speed that is left; at nothing, work stands still.
        to: Ratio,
    },
    /// Entries of a cache are gone, all at once.
    Wipe {
        /// Which cache.
        cache: CacheId,
        /// The share of its entries, the most popular ones, rounded down.
        share: Ratio,
    },
    /// Processes of a service die, all at once, and are restarted where they were.
    Kill {
        /// Which service.
        service: ServiceId,
        /// How many, those first that have been ready longest; all that are ready without.
        replicas: Option<u32>,
    },
    /// Whoever runs a service elsewhere brings out another version of it.
    Change {
        /// Which service.
        service: ServiceId,
        /// The version it is from then on.
        version: VersionId,
    },
    /// A flag service is out of order.
    Outage {
        /// The provider that learns from it.
        provider: ProviderId,
        /// How.
        trouble: Trouble,
    },
    /// The registry hands artifacts out slower, or not at all.
    Registry {
        /// The share of its speed that is left; at nothing, no artifact can be fetched.
        to: Ratio,
    },
    /// A tool does not answer. Monitoring does not collect anything either.
    Down {
        /// Which.
        tool: Tool,
    },
    /// A secret gets another value, and the one before is good for nothing any more.
    Rotate {
        /// Which secret.
        secret: SecretId,
    },
    /// Those who roll out cannot reach some hosts. What runs there serves on.
    Unreach {
        /// Which.
        area: Area,
    },
    /// Hosts are gone, with all that runs on them.
    Lose {
        /// Which.
        area: Area,
    },
    /// Messages on a way take longer, or are lost.
    Network {
        /// Which.
        way: Way,
        /// What becomes of them.
        trouble: NetworkTrouble,
    },
    /// The registry deletes an artifact, as its rule of retention says.
    Expire {
        /// Of which version.
        version: VersionId,
    },
    /// No replica of a service is created beyond a number. Those that are there stay.
    Quota {
        /// Which service.
        service: ServiceId,
        /// How many there may be in all, of every version, those on their way out included.
        replicas: u32,
    },
    /// Something that sees to a service does not look at it.
    Stuck {
        /// Which service.
        service: ServiceId,
        /// What does not look.
        what: ControlLoop,
    },
    /// An alert fires for nothing.
    Rings {
        /// Which.
        alert: AlertId,
    },
    /// An alert does not fire, whatever happens: its rule is broken, or somebody has silenced it.
    Mutes {
        /// Which.
        alert: AlertId,
    },
    /// Somebody else has the lock of the tool that deploys a service.
    Lock {
        /// Which service.
        service: ServiceId,
    },
}

/// Between whom messages go: requests, and their answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Between two places, whoever asks.
    Between(Area, Area),
    /// Between a service that calls and one that it calls.
    Calls {
        /// Who calls.
        from: ServiceId,
        /// Who is called.
        to: ServiceId,
    },
}

/// What becomes of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkTrouble {
    /// Each takes longer by so much, one way.
    Delay(Law),
    /// Of a share of the calls nobody hears again: of one half of them the request is lost, of the other the answer.
    Drop(Ratio),
    /// None comes through.
    Cut,
}

/// One end of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Where it is.
    pub zone: ZoneId,
    /// The service it is of; none outside.
    pub service: Option<ServiceId>,
}

impl Way {
    /// Whether a call goes that way, and its answer back.
    #[must_use]
    pub fn leads(self, caller: End, callee: End, system: &System) -> bool {
        match self {
            Way::Between(one, other) => {
                let ends = |a: Area, b: Area| a.has_zone(caller.zone, system) && b.has_zone(callee.zone, system);
                ends(one, other) || ends(other, one)
            }
            Way::Calls { from, to } => caller.service == Some(from) && callee.service == Some(to),
        }
    }

    /// Whether a service may be asked that way.
    #[must_use]
    pub fn concerns(self, asked: ServiceId, system: &System) -> bool {
        match self {
            Way::Between(one, other) => {
                let hosts = &system.service(asked).hosts;
                hosts.iter().any(|host| one.has(*host, system) || other.has(*host, system))
            }
            Way::Calls { to, .. } => to == asked,
        }
    }
}

/// Something that looks at a service again and again, and does what it takes to make it what it was told to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlLoop {
    /// The controller of its rollouts; where Flagger sees to them, that of its two Deployments.
    Rollout,
    /// Flagger, which tells those Deployments what to do.
    Flagger,
    /// The tool that makes it what is written of it in Git.
    GitOps,
    /// Its autoscaler.
    Autoscaler,
}

impl FaultKind {
    /// Whether it is there for a time, and is over; what is not has happened the moment it strikes.
    #[must_use]
    pub const fn is_state(&self) -> bool {
        match self {
            FaultKind::Wipe { .. }
            | FaultKind::Kill { .. }
            | FaultKind::Change { .. }
            | FaultKind::Rotate { .. }
            | FaultKind::Expire { .. } => false,
            FaultKind::Slow { .. }
            | FaultKind::Outage { .. }
            | FaultKind::Registry { .. }
            | FaultKind::Down { .. }
            | FaultKind::Unreach { .. }
            | FaultKind::Lose { .. }
            | FaultKind::Network { .. }
            | FaultKind::Quota { .. }
            | FaultKind::Stuck { .. }
            | FaultKind::Rings { .. }
            | FaultKind::Mutes { .. }
            | FaultKind::Lock { .. } => true,
        }
    }

    /// The service whose speed it changes, if it does.
    #[must_use]
    pub const fn slows(&self) -> Option<ServiceId> {
        if let FaultKind::Slow { service, .. } = self { Some(*service) } else { None }
    }

    /// The provider whose service it puts out of order, and how, if it does.
    #[must_use]
    pub const fn outage(&self) -> Option<(ProviderId, Trouble)> {
        if let FaultKind::Outage { provider, trouble } = self { Some((*provider, *trouble)) } else { None }
    }
}

impl Fault {
    /// When it strikes, if that is stated.
    #[must_use]
    pub const fn at(&self) -> Option<Time> {
        match self.onset {
            Onset::At(at) => Some(at),
            Onset::Every { .. } | Onset::When { .. } => None,
        }
    }

    /// Whether it strikes again and again.
    #[must_use]
    pub const fn recurs(&self) -> bool {
        matches!(self.onset, Onset::Every { .. })
    }

    /// What it leads to when it strikes at a time: it does and, where it says how long it lasts, is over.
    pub fn steps(&self, fault: FaultId, at: Time) -> impl Iterator<Item = Step> {
        let step = |at, strikes| Step::new(at, Actor::Fault, Action::Fault { fault, strikes });
        let over = self.lasts.map(|lasts| step(at + lasts, false));
        [step(at, true)].into_iter().chain(over)
    }
}
