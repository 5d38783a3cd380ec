//! Runbooks: what was written down in quiet times about how to do something, step by step.
//!
//! A runbook is a list of *hops*. Each gives an order, or only looks, and says how to verify that it has helped before
//! the next one is taken. A hop that is not verified in its time is where the runbook ends: whoever follows it decides
//! anew.

use crate::action::Action;
use crate::id::{AlertId, GroupId, JobId, SeatId, ServiceId, SloId, StoreId, VersionId};
use crate::name::Name;
use crate::ratio::Ratio;
use crate::time::Span;

/// Ordered steps, with a verification at each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runbook {
    /// What it is called.
    pub name: Name,
    /// What it is for, in a line.
    pub about: String,
    /// The services that it takes back: those who respond by themselves follow it where one of them has to go back.
    pub takes_back: Vec<ServiceId>,
    /// The hops, in their order.
    pub hops: Vec<Hop>,
}

/// One step of it: what is ordered, if anything is, and how it shows that it has helped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// What is ordered.
    pub order: Option<Action>,
    /// Who orders it, if not whoever follows the runbook.
    pub who: Option<SeatId>,
    /// What has to be seen before the next hop.
    pub checks: Vec<Check>,
    /// How long the order and what has to be seen may take together.
    pub within: Span,
}

/// Something to be seen, in what monitoring has collected or by a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The alert does not fire.
    Clear(AlertId),
    /// Over a window, no more than a share of the answers were bad.
    Errors {
        /// Whose answers.
        slo: SloId,
        /// The share.
        most: Ratio,
        /// The window, all of it after what was ordered is in effect.
        window: Span,
    },
    /// No more pieces of deferred work than these have failed and wait to be tried again.
    Backlog {
        /// Which work.
        job: JobId,
        /// How many.
        most: u64,
    },
    /// No more messages than these wait for a consumer group.
    Lag {
        /// Which group.
        group: GroupId,
        /// How many.
        most: u64,
    },
    /// An audit finds nothing in a store that a version could not live with.
    Safe {
        /// Which store.
        store: StoreId,
        /// For which version.
        version: VersionId,
    },
}

/// Why a runbook ended before its last hop was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// The order of the hop was refused, or overtaken by somebody else's.
    Thwarted,
    /// It was not in effect in time.
    NotInEffect,
    /// What had to be seen was not, in time: its place among the checks of the hop.
    Unseen(usize),
    /// An audit has found what the version cannot live with.
    Unsafe(VersionId),
}

impl Check {
    /// What somebody has to look at by hand, because no monitoring tells.
    #[must_use]
    pub const fn audits(self) -> Option<StoreId> {
        match self {
            Check::Safe { store, .. } => Some(store),
            Check::Clear(_) | Check::Errors { .. } | Check::Backlog { .. } | Check::Lag { .. } => None,
        }
    }
}
