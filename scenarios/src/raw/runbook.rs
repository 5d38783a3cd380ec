//! Runbooks: ordered steps, with a verification at each.

use super::RawAction;
use crate::syntax::{OneOrMany, Spanned, Text, choice, record};
use model::ratio::Ratio;
use model::time::Span;

record! {
    /// What was written down in quiet times about how to do something: hops, each verified before the next one.
    pub struct RawRunbook as "a runbook" {
        /// What it is for, in a line.
        about: String,
        /// The services that it takes back: seats that respond by themselves follow it there.
        takes_back: OneOrMany<Text>,
        /// The hops, in their order.
        hops: Vec<Spanned<RawHop>>,
    }
}

record! {
    /// A step of a runbook. Where the order is refused, or what has to be seen is not in time, the runbook ends.
    pub struct RawHop as "a hop" {
        /// What is ordered; without it the hop only verifies.
        act = "do": Option<RawAction>,
        /// Who orders it (default: whoever follows the runbook).
        who: Option<Text>,
        /// What has to be seen before the next hop (default: that the order is in effect).
        verify: OneOrMany<RawVerification>,
        /// How long the order and what has to be seen may take together (default 10m).
        within: Option<Spanned<Span>>,
    }
}

choice! {
    /// Something to be seen.
    pub enum RawVerification as "a verification" {
        /// An alert does not fire.
        Clear(RawClear),
        /// Few answers are bad.
        Errors(RawFewErrors),
        /// Little failed work waits.
        Backlog(RawSmallBacklog),
        /// Few messages wait.
        Lag(RawSmallLag),
        /// An audit finds nothing that a version could not live with.
        Data(RawSafeData),
    }
}

record! {
    /// An alert does not fire.
    pub struct RawClear as "a verification of an alert" {
        /// The alert.
        clear: Text,
    }
}

record! {
    /// No more than a share of the answers were bad, over a window after what was ordered is in effect.
    pub struct RawFewErrors as "a verification of errors" {
        /// The objective whose bad answers count.
        errors: Text,
        /// The share.
        most: Ratio,
        /// The window (default 1m).
        over: Option<Spanned<Span>>,
    }
}

record! {
    /// No more pieces of deferred work have failed and wait to be tried again.
    pub struct RawSmallBacklog as "a verification of a backlog" {
        /// The job.
        backlog: Text,
        /// How many.
        most: u64,
    }
}

record! {
    /// No more messages wait for a consumer group.
    pub struct RawSmallLag as "a verification of a lag" {
        /// The consumer group.
        lag: Text,
        /// How many.
        most: u64,
    }
}

record! {
    /// An audit, which takes a minute, finds nothing in a store that a version could not live with.
    pub struct RawSafeData as "a verification of data" {
        /// The store.
        data: Text,
        /// The version, as `service version`.
        safe_for: Text,
    }
}
