//! The parts of one pass of a rolling update.

use super::super::Answer;
use super::super::input::{Input, no_such_op};
use super::{deployment, new_version};
use crate::case::Verdict;
use model::controllers::deployment::rolling::{
    clean_up_unhealthy, new_set_size, resized_new, scale_down_healthy, shrink_old,
};
use model::controllers::deployment::{ReplicaSetState, apply};
use model::id::VersionId;
use serde_json::{Value, json};

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    match input.text("op")? {
        "reconcile_new" => reconcile_new(input),
        "reconcile_old" => reconcile_old(input),
        "cleanup_unhealthy" => {
            let cleaned = clean_up_unhealthy(&mut old_sets(input)?, input.count("maxCleanupCount")?);
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
    let mut old = old_sets(input)?;
    let spec = deployment(input)?;
    let steps = shrink_old(&spec, &old, &new_set(input)?);
    for step in &steps {
        apply(*step, &spec, &mut old);
    }
    Ok(json!({"scaled": !steps.is_empty(), "old": sizes(input, &old)}))
}

fn scale_down_old(input: Input<'_>) -> Answer {
    let mut old = old_sets(input)?;
    let removed = scale_down_healthy(&deployment(input)?, &mut old, new_set(input)?.available);
    Ok(json!({"scaled": removed > 0, "old": sizes(input, &old)}))
}

/// Oldest first. One is given by its counts, several as a list.
fn old_sets(input: Input<'_>) -> Result<Vec<ReplicaSetState>, Verdict> {
    let counts = match input.get("old") {
        Some(Value::Array(_)) => {
            let sets = input.list("old")?.into_iter();
            sets.map(|set| Ok((set.count("spec")?, set.count("available")?))).collect::<Result<Vec<_>, Verdict>>()?
        }
        Some(_) | None => vec![(input.count("old")?, input.count("old_available")?)],
    };
    let set = |(index, (spec, available))| {
        let version = VersionId::new(new_version().index() + 1 + index);
        ReplicaSetState { version, spec, available, ..ReplicaSetState::default() }
    };
    Ok(counts.into_iter().enumerate().map(set).collect())
}

/// Their sizes, as they were given.
fn sizes(input: Input<'_>, old: &[ReplicaSetState]) -> Value {
    let sizes: Vec<u32> = old.iter().map(|set| set.spec).collect();
    match (input.get("old"), &sizes[..]) {
        (Some(Value::Array(_)), _) => json!(sizes),
        (_, sizes) => json!(sizes.first()),
    }
}

fn new_set(input: Input<'_>) -> Result<ReplicaSetState, Verdict> {
    let (spec, available) = (input.count_or("new", 0)?, input.count_or("new_available", 0)?);
    Ok(ReplicaSetState { version: new_version(), spec, available, ..ReplicaSetState::default() })
}
