//! Objectives and the alerts that watch them.

use crate::id::{EndpointId, GroupId, JobId, SeatId, SloId};
use crate::name::Name;
use crate::ratio::Ratio;
use crate::time::Span;

/// A service level objective over the answers of one endpoint.
#[derive(Clone, Debug)]
pub struct Slo {
    /// Its name.
    pub name: Name,
    /// Whose answers count.
    pub endpoint: EndpointId,
    /// The share of answers that must be good.
    pub target: Ratio,
    /// An answer later than this is slow, and not good.
    pub within: Option<Span>,
    /// The period the error budget is for.
    pub period: Span,
}

/// A rule that pages somebody.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Its name.
    pub name: Name,
    /// What it watches.
    pub rule: Rule,
    /// Whom it pages, if the scenario says so.
    pub pages: Option<SeatId>,
}

/// What an alert watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Multi-window burn rate (SRE workbook ch. 5): fires while the budget burns at least `factor`
    /// times too fast over both windows.
    BurnRate {
        /// The objective.
        slo: SloId,
        /// The window that makes it significant.
        long: Span,
        /// The window that makes it stop when the harm stops.
        short: Span,
        /// How many times too fast.
        factor_thousandths: u64,
    },
    /// Fires while more than `over` pieces of deferred work have failed and wait to be tried again.
    Backlog {
        /// Which work.
        job: JobId,
        /// How many are still normal.
        over: u64,
    },
    /// Fires while more than `over` messages wait for a consumer group.
    Lag {
        /// Which group.
        group: GroupId,
        /// How many are still normal.
        over: u64,
    },
}
