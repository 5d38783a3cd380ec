//! Rollouts: which controller sees to them, and what it is told.

use crate::syntax::{CountOrShare, Spanned, keyword, record};
use model::time::Span;

record! {
    /// How pods of one version make way for pods of another: a Kubernetes Deployment's rolling update.
    pub struct RawRollout as "a rollout" {
        /// Replicas allowed above the wanted number: a count or a share (default 25 %).
        surge: Option<Spanned<CountOrShare>>,
        /// Replicas allowed to be missing: a count or a share (default 25 %).
        unavailable: Option<Spanned<CountOrShare>>,
        /// How long a replica must have been ready to count as available (default 0s).
        min_ready: Option<Span>,
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
