//! The parts of one pass of a rolling update.

use super::super::Answer;
use super::super::input::{Input, no_such_op};
use super::{deployment, new_version, old_version};
use crate::case::Verdict;
use model::controllers::deployment::rolling::{
    clean_up_unhealthy, new_set_size, resized_new, scale_down_healthy, shrink_old,
};
use model::controllers::deployment::{ReplicaSetState, Step};
use serde_json::json;

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    match input.text("op")? {
        "reconcile_new" => reconcile_new(input),
        "reconcile_old" => reconcile_old(input),
        "cleanup_unhealthy" => {
            let cleaned = clean_up_unhealthy(&mut [old_set(input)?], input.count("maxCleanupCount")?);
            Ok(json!({"cleaned": cleaned.unwrap_or(0), "error": cleaned.is_err()}))
        }
        "scale_down_old" => scale_down_old(input),
        "new_rs_replicas" => {
            let total = input.count("sum_of_all_replica_sets_passed")?;
            Ok(json!({"new": new_set_size(&deployment(input)?, total, input.count("new")?)}))
        }
        other => Err(no_such_op(
            other,
            &["reconcile_new", "reconcile_old", "cleanup_unhealthy", "scale_down_old", "new_rs_replicas"],
        )),
    }
}

fn reconcile_new(input: Input<'_>) -> Answer {
    let new = input.count("new")?;
    let total = input.count("old")?.saturating_add(new);
    let to = resized_new(&deployment(input)?, total, new);
    Ok(json!({"scaled": to.is_some(), "new": to.unwrap_or(new)}))
}

fn reconcile_old(input: Input<'_>) -> Answer {
    let (old, new) = (old_set(input)?, new_set(input)?);
    let steps = shrink_old(&deployment(input)?, &[old], &new);
    let to = steps.iter().find_map(|step| match *step {
        Step::Scale { to, .. } => Some(to),
        Step::Revise { .. } | Step::Delete { .. } => None,
    });
    Ok(json!({"scaled": to.is_some(), "old": to.unwrap_or(old.spec)}))
}

fn scale_down_old(input: Input<'_>) -> Answer {
    let mut old = [old_set(input)?];
    let removed = scale_down_healthy(&deployment(input)?, &mut old, new_set(input)?.available);
    Ok(json!({"scaled": removed > 0, "old": old[0].spec}))
}

fn old_set(input: Input<'_>) -> Result<ReplicaSetState, Verdict> {
    let (spec, available) = (input.count("old")?, input.count("old_available")?);
    Ok(ReplicaSetState { version: old_version(), spec, available, ..ReplicaSetState::default() })
}

fn new_set(input: Input<'_>) -> Result<ReplicaSetState, Verdict> {
    let (spec, available) = (input.count_or("new", 0)?, input.count_or("new_available", 0)?);
    Ok(ReplicaSetState { version: new_version(), spec, available, ..ReplicaSetState::default() })
}
