//! The way back: which revision an undo restores, and how long it is kept.
//!
//! An undo copies the template of an old revision into the Deployment, nothing else: not the
//! number of replicas, not the strategy, no configuration and no data. The old set is reused and
//! moves to the top of the history, which is why undoing twice restores what was undone.

use super::{DeploymentSpec, ReplicaSetState, Step};
use crate::id::VersionId;
use std::cmp::Reverse;
use std::fmt;

/// Why an undo changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoRefusal {
    /// There is no earlier revision: it never existed, or history was pruned.
    NothingToUndo,
    /// The revision asked for is not, or no longer, in the history.
    RevisionNotFound {
        /// As asked for.
        revision: u64,
    },
    /// A paused Deployment must be resumed first.
    Paused,
    /// The template is already the one that would be restored.
    SameTemplate {
        /// The version on both sides.
        version: VersionId,
    },
}

impl fmt::Display for UndoRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingToUndo => write!(f, "find an earlier revision: the history is empty"),
            Self::RevisionNotFound { revision } => {
                write!(f, "find revision {revision} in the history")
            }
            Self::Paused => write!(f, "undo a paused rollout; resume it first"),
            Self::SameTemplate { .. } => write!(f, "undo: this template is already the current one"),
        }
    }
}

impl std::error::Error for UndoRefusal {}

/// The version `kubectl rollout undo` makes the target: that of `to_revision`, or without one
/// that of the second-highest revision (`DeploymentRollbacker.Rollback` and `deploymentRevision`
/// in kubernetes/kubectl `pkg/polymorphichelpers/rollback.go`).
///
/// # Errors
/// When it would change nothing. As in kubectl, the history is searched before the pause is
/// noticed.
pub fn undo_target(
    spec: &DeploymentSpec,
    target: VersionId,
    observed: &[ReplicaSetState],
    to_revision: Option<u64>,
) -> Result<VersionId, UndoRefusal> {
    let version = match to_revision {
        Some(revision) => version_of(revision, observed)?,
        None => previous(observed).ok_or(UndoRefusal::NothingToUndo)?,
    };
    if spec.paused {
        Err(UndoRefusal::Paused)
    } else if version == target {
        Err(UndoRefusal::SameTemplate { version })
    } else {
        Ok(version)
    }
}

fn version_of(revision: u64, observed: &[ReplicaSetState]) -> Result<VersionId, UndoRefusal> {
    let found = observed.iter().find(|set| set.revision == revision);
    found.map(|set| set.version).ok_or(UndoRefusal::RevisionNotFound { revision })
}

fn previous(observed: &[ReplicaSetState]) -> Option<VersionId> {
    let mut newest_first: Vec<_> = observed.iter().collect();
    newest_first.sort_by_key(|set| Reverse(set.revision));
    newest_first.get(1).map(|set| set.version)
}

/// Deletes old sets beyond the limit, lowest revision first (`cleanupDeployment` in `sync.go`).
///
/// A set with pods, wanted or still there, is skipped and *not* replaced by the next candidate,
/// so history can stay longer than the limit for a while.
#[must_use]
pub fn prune<'a>(limit: Option<u32>, old: impl IntoIterator<Item = &'a ReplicaSetState>) -> Vec<Step> {
    let mut alive: Vec<_> = old.into_iter().filter(|set| !set.deleting).collect();
    alive.sort_by_key(|set| set.revision);
    let keep = limit.map_or(usize::MAX, |limit| limit as usize);
    let excess = alive.len().saturating_sub(keep);
    let empty = alive[..excess].iter().filter(|set| set.spec == 0 && set.created == 0);
    empty.map(|set| Step::Delete { version: set.version }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(version: usize, revision: u64) -> ReplicaSetState {
        let version = VersionId::new(version);
        ReplicaSetState { version, revision, ..ReplicaSetState::default() }
    }

    fn undo(sets: &[ReplicaSetState], target: usize) -> Result<usize, UndoRefusal> {
        let spec = DeploymentSpec::default();
        undo_target(&spec, VersionId::new(target), sets, None).map(VersionId::index)
    }

    /// kubernetes/kubectl `pkg/polymorphichelpers/rollback.go`.
    #[test]
    fn undo_takes_the_second_highest_revision() {
        assert_eq!(undo(&[set(1, 1), set(2, 2), set(3, 3)], 3), Ok(2));
    }

    #[test]
    fn undoing_twice_restores_what_was_undone() {
        let undone = [set(1, 1), set(2, 4), set(3, 3)];
        assert_eq!(undo(&undone, 2), Ok(3));
    }

    #[test]
    fn undo_to_a_revision_finds_that_one_or_none() {
        let (spec, sets) = (DeploymentSpec::default(), [set(1, 3), set(2, 2)]);
        let undo = |revision| undo_target(&spec, VersionId::new(1), &sets, Some(revision));
        assert_eq!(undo(2), Ok(VersionId::new(2)));
        assert_eq!(undo(1), Err(UndoRefusal::RevisionNotFound { revision: 1 }));
        assert_eq!(undo(3), Err(UndoRefusal::SameTemplate { version: VersionId::new(1) }));
    }

    #[test]
    fn a_pruned_history_leaves_nothing_to_undo() {
        assert_eq!(undo(&[set(3, 3)], 3), Err(UndoRefusal::NothingToUndo));
    }

    #[test]
    fn a_paused_deployment_cannot_be_undone() {
        let paused = DeploymentSpec { paused: true, ..DeploymentSpec::default() };
        let sets = [set(1, 1), set(2, 2)];
        let refusal = undo_target(&paused, VersionId::new(2), &sets, None);
        assert_eq!(refusal, Err(UndoRefusal::Paused));
    }

    /// kubernetes `sync_test.go`, `TestDeploymentController_cleanupDeployment`. Sets are
    /// (spec, status), oldest first.
    #[test]
    fn only_empty_sets_beyond_the_limit_are_deleted() {
        for (limit, old, deleted) in [
            (Some(1), &[(0, 0), (0, 0), (0, 0)][..], 2),
            (Some(0), &[(0, 0), (0, 1), (1, 0), (1, 1)], 1),
            (Some(0), &[(0, 0), (0, 0)], 2),
            (Some(0), &[(1, 1), (1, 1)], 0),
            (Some(1), &[(1, 1), (0, 0)], 0),
            (Some(10), &[(0, 0)], 0),
            (None, &[(0, 0), (0, 0)], 0),
        ] {
            let sized = |(index, &(spec, created))| ReplicaSetState { spec, created, ..set(index, index as u64 + 1) };
            let sets: Vec<_> = old.iter().enumerate().map(sized).collect();
            assert_eq!(prune(limit, &sets).len(), deleted, "{limit:?} {old:?}");
        }
    }

    #[test]
    fn a_set_being_deleted_is_no_candidate() {
        let gone = ReplicaSetState { deleting: true, ..set(1, 1) };
        assert_eq!(prune(Some(0), &[gone]), []);
        let version = VersionId::new(2);
        assert_eq!(prune(Some(0), &[gone, set(2, 2)]), [Step::Delete { version }]);
    }

    #[test]
    fn history_is_pruned_by_revision_not_by_age() {
        let version = VersionId::new(2);
        assert_eq!(prune(Some(1), &[set(1, 3), set(2, 2)]), [Step::Delete { version }]);
    }
}
