//! GitOps: a tool that makes a service what is written of it in a repository, as Flux and Argo CD do.
//!
//! At every sync it looks at what is written. When that is another commit than the one it applied last, the whole of
//! it is applied, whatever was changed by hand meanwhile. When it is the same one, a tool that *heals* applies it, too,
//! and so takes back what was changed by hand; one that does not leaves it alone until the next commit (`selfHeal` of
//! Argo CD, off unless asked for; the kustomize-controller of Flux always heals).
//!
//! What is written of a service is its version and, unless an autoscaler sees to that, how many replicas it has. How
//! far a rollout is, and whether it was aborted, is not written down, and no sync changes it: an abort leaves the
//! version that was given up where it is, in the cluster and in Git.
//!
//! Simpler than the originals: a tool that heals does so at its next sync, not when it notices; syncs do not fail and
//! take no time; nothing is pruned.

use crate::id::VersionId;
use crate::law::Law;
use crate::time::Span;

/// What a tool is told.
#[derive(Clone, Debug, PartialEq)]
pub struct GitOpsSpec {
    /// From one sync to the next.
    pub every: Span,
    /// Whether it takes back what was changed by hand.
    pub heals: bool,
    /// From the decision to write something else to its being there: review and checks.
    pub merge: Law,
}

/// What is written of a service, or is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its version.
    pub version: VersionId,
    /// How many replicas it has; nothing, where an autoscaler sees to that.
    pub replicas: Option<u32>,
}

/// Why a sync changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// There is another commit.
    Commit,
    /// Somebody has changed something by hand.
    Drift,
}

/// Whether what is `written` is to be applied where `applied` was the last time and it is `live` now.
#[must_use]
pub fn sync(heals: bool, written: &Manifest, applied: &Manifest, live: &Manifest) -> Option<Sync> {
    match (written == applied, written == live) {
        (false, _) => Some(Sync::Commit),
        (true, false) if heals => Some(Sync::Drift),
        (true, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(version: usize, replicas: u32) -> Manifest {
        Manifest { version: VersionId::new(version), replicas: Some(replicas) }
    }

    #[test]
    fn another_commit_is_applied_whoever_changed_what() {
        for heals in [false, true] {
            assert_eq!(sync(heals, &of(2, 4), &of(1, 4), &of(1, 4)), Some(Sync::Commit));
            assert_eq!(sync(heals, &of(1, 4), &of(2, 4), &of(1, 4)), Some(Sync::Commit), "done by hand already");
        }
    }

    #[test]
    fn what_was_changed_by_hand_is_taken_back_by_a_tool_that_heals() {
        for live in [of(1, 4), of(2, 9)] {
            assert_eq!(sync(true, &of(2, 4), &of(2, 4), &live), Some(Sync::Drift));
            assert_eq!(sync(false, &of(2, 4), &of(2, 4), &live), None);
        }
    }

    #[test]
    fn what_is_as_written_is_left_alone() {
        assert_eq!(sync(true, &of(2, 4), &of(2, 4), &of(2, 4)), None);
    }
}
