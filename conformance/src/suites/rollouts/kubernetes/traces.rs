//! A whole rolling update: the sizes it goes through.

use super::super::Answer;
use super::super::input::Input;
use super::{deployment, new_version, old_version};
use crate::case::Verdict;
use model::controllers::deployment::{DeploymentSpec, ReplicaSetState, apply, reconcile};
use model::id::VersionId;
use serde_json::json;

/// More passes than this are not followed: a case is read by people.
const PASSES: usize = 10_000;

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    let spec = deployment(input)?;
    let is_good = input.flag("new_pods_become_available")?;
    let old = ReplicaSetState { version: old_version(), spec: spec.replicas, ..ReplicaSetState::default() };
    let mut sets = vec![ReplicaSetState { revision: 1, sizing: Some(spec.sizing()), ..old }];
    let mut sizes = vec![[spec.replicas, 0]];
    for _ in 0..PASSES {
        settle(&mut sets, is_good);
        if !pass(&spec, &mut sets) {
            return Ok(json!({"old_new_sizes": sizes}));
        }
        let now = [old_version(), new_version()].map(|version| size(&sets, version));
        if sizes.last() != Some(&now) {
            sizes.push(now);
        }
    }
    Err(Verdict::Skipped { why: format!("a rollout that is not over after {PASSES} passes is not followed") })
}

/// Pods follow their specs between two passes.
fn settle(sets: &mut [ReplicaSetState], is_good: bool) {
    for set in sets {
        set.created = set.spec;
        set.available = if is_good || set.version == old_version() { set.spec } else { 0 };
        set.ready = set.available;
    }
}

/// Whether the controller changed anything.
fn pass(spec: &DeploymentSpec, sets: &mut Vec<ReplicaSetState>) -> bool {
    let steps = reconcile(spec, new_version(), sets);
    for step in &steps {
        apply(*step, spec, sets);
    }
    !steps.is_empty()
}

fn size(sets: &[ReplicaSetState], version: VersionId) -> u32 {
    sets.iter().find(|set| set.version == version).map_or(0, |set| set.spec)
}
