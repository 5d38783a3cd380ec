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
    /// Fires while, over a window, more than a share of the answers are bad, once that has lasted for a time.
    Errors {
        /// Whose answers.
        slo: SloId,
        /// The share that is still normal.
        over: Ratio,
        /// The window.
        window: Span,
        /// How long that must last.
        lasts: Span,
    },
    /// Fires while something that should be there is not, once that has lasted for a time.
    Absent {
        /// What.
        what: Expected,
        /// How long that must last.
        lasts: Span,
    },
    /// Fires while more than `over` messages wait for a consumer group.
    Lag {
        /// Which group.
        group: GroupId,
        /// How many are still normal.
        over: u64,
    },
}

/// What may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Answers that an objective counts, good or bad.
    Answers(SloId),
    /// Anything that monitoring collects. Somebody else watches that: a dead man's switch.
    Metrics,
}

impl Rule {
    /// How long what it watches for must last before it fires.
    #[must_use]
    pub const fn lasts(self) -> Span {
        match self {
            Rule::Errors { lasts, .. } | Rule::Absent { lasts, .. } => lasts,
            Rule::BurnRate { .. } | Rule::Backlog { .. } | Rule::Lag { .. } => Span::ZERO,
        }
    }
}
