//! The revisions of a StatefulSet: which number they have, and how long they are kept.
//!
//! An undo applies the template of an old revision again, and nothing else. The revision is reused and gets the highest
//! number.

use super::{StatefulSetState, Step};
use crate::id::VersionId;

/// A template that was applied once (`ControllerRevision`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The version it stands for.
    pub version: VersionId,
    /// Its place in the history; the update revision has the highest.
    pub number: u64,
}

/// Gives the update revision the highest number, creating it if needed (`getStatefulSetRevisions`).
#[must_use]
pub fn revise(target: VersionId, revisions: &[Revision]) -> Option<Step> {
    let highest = revisions.iter().max_by_key(|revision| revision.number);
    match highest {
        Some(last) if last.version == target => None,
        _ => {
            let number = highest.map_or(0, |last| last.number).saturating_add(1);
            Some(Step::Revise(Revision { version: target, number }))
        }
    }
}

/// The current revision, if it is still in the history.
pub(super) fn current(state: &StatefulSetState) -> Option<VersionId> {
    state.current.filter(|current| state.revisions.iter().any(|revision| revision.version == *current))
}

/// Forgets revisions beyond `limit`, lowest number first (`truncateHistory`). Those `live`, and those that a pod has,
/// are not counted and stay.
#[must_use]
pub fn truncate(limit: u32, live: [VersionId; 2], state: &StatefulSetState) -> Vec<Step> {
    let in_use = |version| live.contains(&version) || state.pods.iter().any(|pod| pod.version == version);
    let mut history: Vec<_> = state.revisions.iter().filter(|revision| !in_use(revision.version)).collect();
    history.sort_by_key(|revision| revision.number);
    let excess = history.len().saturating_sub(limit as usize);
    history[..excess].iter().map(|revision| Step::Forget { version: revision.version }).collect()
}
