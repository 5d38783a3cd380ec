//! A change of size in the middle of a rollout.

use super::super::Answer;
use super::super::input::Input;
use super::deployment;
use crate::case::Verdict;
use model::controllers::deployment::{DeploymentSpec, ReplicaSetState, Sizing, apply, reconcile};
use model::id::VersionId;
use serde_json::{Map, json};

/// A paused Deployment resizes whatever its stamps say, and does nothing else: that is the step the table is about.
pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    let spec = DeploymentSpec { paused: true, ..deployment(input)? };
    let mut listed = input.list("replica_sets")?;
    listed.sort_by_key(|set| set.count_or("age_rank", 0).unwrap_or(0));
    let mut sets = Vec::new();
    for (index, set) in listed.iter().enumerate() {
        sets.push(replica_set(*set, VersionId::new(index))?);
    }
    let new = listed.iter().position(|set| set.text("role") == Ok("new")).unwrap_or(listed.len());
    for step in reconcile(&spec, VersionId::new(new), &sets.clone()) {
        apply(step, &spec, &mut sets);
    }
    let mut sizes = Map::new();
    for (set, sized) in listed.iter().zip(&sets) {
        sizes.insert(set.text("name")?.to_owned(), json!(sized.spec));
    }
    Ok(json!({"sizes": sizes}))
}

fn replica_set(set: Input<'_>, version: VersionId) -> Result<ReplicaSetState, Verdict> {
    let spec = set.count("replicas")?;
    let (max, desired) =
        (set.count_if_set("max_replicas_annotation")?, set.count_if_set("desired_replicas_annotation")?);
    let sizing = max.zip(desired).map(|(max, desired)| Sizing { desired, max });
    let available = set.count_or("available", 0)?;
    Ok(ReplicaSetState { version, spec, created: spec, available, sizing, ..ReplicaSetState::default() })
}
