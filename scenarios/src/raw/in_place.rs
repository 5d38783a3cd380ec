//! Rollouts from host to host.

use crate::syntax::{CountOrShare, OneOrMany, Spanned, Text, keyword, record};
use model::time::Span;

record! {
    /// How a tool that goes from host to host replaces what runs there.
    pub struct RawInPlace as "a rollout in place" {
        /// How many places may be without a replica that serves at a time: a count or a share (default 1).
        batch: Option<Spanned<CountOrShare>>,
        /// How long a replica must have been ready to count as available (default 0s).
        min_ready: Option<Span>,
        /// The waves, in their order (default: one, with all places). Places that no wave names come last.
        waves: Vec<RawWave>,
        /// What becomes of a host that is out of reach when its turn comes (default `skip`).
        unreachable: Option<RawUnreachable>,
    }
}

record! {
    /// A wave of a rollout.
    pub struct RawWave as "a wave" {
        /// The regions, zones and hosts it is about.
        on: OneOrMany<Text>,
        /// From its last replica that is available to the next wave (default 0s).
        bake: Option<Span>,
    }
}

keyword! {
    /// What becomes of a host that is out of reach.
    pub enum RawUnreachable as "what becomes of a host out of reach" {
        /// It is passed over, and the rollout goes on without it.
        Skip = "skip",
        /// The rollout waits for it.
        Wait = "wait",
    }
}
