//! One pass over a Rollout (`reconcile` in `rollout/context.go`).

use super::progress::{self, Reason};
use super::spec::{RolloutSpec, Strategy};
use super::state::{Change, Observed, Pass, ReplicaSet};
use super::work::Work;
use super::{blue_green, canary};
use crate::id::VersionId;

/// What the controller does in one pass.
///
/// The first pass after a new target creates its set; the second notices the update and starts it at its first step;
/// then one thing after the other. When `replicas` changed, a pass only sizes the sets.
#[must_use]
pub fn reconcile(spec: &RolloutSpec, target: VersionId, observed: &Observed<'_>) -> Pass {
    let mut work = Work::new(spec, target, observed);
    let Some(new) = work.new_set() else { return create(work) };
    work.status.progress = progress::pause_checked(spec, observed.status, observed.now);
    if work.status.progress != observed.status.progress {
        return work.end();
    }
    revise(&mut work, &new);
    if work.status.progress.is_none() {
        work.status.progress = Some(progress::with_reason(Reason::FoundNewReplicaSet, None, observed.now));
    }
    if is_resized(&work) {
        resize(&mut work);
        work.observe_size();
    } else {
        roll(&mut work);
        work.observe();
    }
    work.finish()
}

fn roll(work: &mut Work<'_>) {
    match &work.spec.strategy {
        Strategy::Canary(canary) => canary::pass::reconcile(work, canary),
        Strategy::BlueGreen(it) => blue_green::pass::reconcile(work, it),
    }
}

fn resize(work: &mut Work<'_>) {
    match &work.spec.strategy {
        Strategy::Canary(canary) => {
            canary::pass::scale(work, canary);
        }
        Strategy::BlueGreen(it) => blue_green::pass::scale(work, it),
    }
}

/// Creates the new set, empty (`createDesiredReplicaSet`).
fn create(mut work: Work<'_>) -> Pass {
    let (version, revision) = (work.target, next_revision(&work));
    work.changes.push(Change::Create { version, revision });
    work.status.progress = Some(progress::with_reason(Reason::NewReplicaSetCreated, work.status.progress, work.now));
    work.end()
}

/// A set that becomes new again gets a new number (`syncReplicaSetRevision`).
fn revise(work: &mut Work<'_>, new: &ReplicaSet) {
    let revision = next_revision(work);
    if new.revision < revision {
        work.changes.push(Change::Revise { version: new.version, revision });
    }
}

/// One more than the highest of all others.
fn next_revision(work: &Work<'_>) -> u64 {
    let others = work.sets.iter().filter(|set| set.version != work.target);
    others.map(|set| set.revision).max().unwrap_or(0).saturating_add(1)
}

/// Whether `replicas` changed since new or stable set were sized (`isScalingEvent`).
fn is_resized(work: &Work<'_>) -> bool {
    let sets = work.sets();
    let mut active = sets.new.into_iter().chain(sets.stable).filter(|set| set.spec > 0);
    active.any(|set| set.desired.is_some_and(|desired| desired != work.spec.replicas))
}
