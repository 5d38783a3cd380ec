//! Objectives, and the alerts that watch them.

use crate::syntax::{Spanned, Text, choice, record};
use model::ratio::Ratio;
use model::time::Span;

record! {
    /// A service level objective over the answers of an endpoint.
    pub struct RawSlo as "an objective" {
        /// Whose answers count, as `service.endpoint`.
        endpoint: Text,
        /// The share of answers that must be good.
        good: Spanned<Ratio>,
        /// An answer later than this is not good.
        within: Option<Span>,
        /// The period the error budget is for (default 30d).
        period: Option<Span>,
    }
}

choice! {
    /// An alert.
    pub enum RawAlert as "an alert" {
        /// The error budget burns too fast.
        Burn(RawBurn),
        /// Failed work piles up.
        Backlog(RawBacklog),
        /// Messages pile up.
        Lag(RawLag),
        /// Too many answers are bad.
        Errors(RawErrors),
        /// Something that should be there is not.
        Absent(RawAbsent),
    }
}

record! {
    /// Fires while more than a share of the answers are bad.
    pub struct RawErrors as "an alert on errors" {
        /// The objective whose bad answers count.
        errors: Text,
        /// The share that is still normal.
        over: Ratio,
        /// Over which window (default 1m).
        window: Option<Span>,
        /// How long that must last before it fires (default 0s).
        lasting = "for": Option<Span>,
        /// The seat that is paged (default: the on-call of that service, else the commander).
        pages: Option<Text>,
    }
}

record! {
    /// Fires while something that should be there is not.
    pub struct RawAbsent as "an alert on absence" {
        /// The objective that no answer counts for; or `monitoring`, a dead man's switch: nothing is collected.
        absent: Text,
        /// How long that must last before it fires (default 5m).
        lasting = "for": Option<Span>,
        /// The seat that is paged (default: the on-call of that service, else the commander).
        pages: Option<Text>,
    }
}

record! {
    /// Fires while the error budget burns too fast over both windows.
    pub struct RawBurn as "a burn-rate alert" {
        /// The objective.
        burn: Text,
        /// How many times too fast, like `14.4`.
        factor: Text,
        /// The long window (default 1h).
        long: Option<Span>,
        /// The short window (default 5m).
        short: Option<Span>,
        /// The seat that is paged (default: the on-call of that service, else the commander).
        pages: Option<Text>,
    }
}

record! {
    /// Fires while more failed work waits to be tried again than is normal.
    pub struct RawBacklog as "a backlog alert" {
        /// The job.
        backlog: Text,
        /// How many are still normal.
        over: u64,
        /// The seat that is paged (default: the on-call of the service that works it off, else the commander).
        pages: Option<Text>,
    }
}

record! {
    /// Fires while more messages wait for a consumer group than is normal.
    pub struct RawLag as "a lag alert" {
        /// The consumer group.
        lag: Text,
        /// How many are still normal.
        over: u64,
        /// The seat that is paged (default: the on-call of the service that reads them, else the commander).
        pages: Option<Text>,
    }
}
