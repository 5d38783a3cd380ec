//! Whether a rollout is complete, moving or stuck, and how much of its history stays.

use super::super::Answer;
use super::super::input::{Input, no_such_op};
use super::{deployment, new_version, old_version};
use crate::case::Verdict;
use model::controllers::deployment::progress::{self, Progress, Reason, deadline_from_seconds};
use model::controllers::deployment::{DeploymentSpec, ReplicaSetState, Status, history};
use model::id::VersionId;
use model::time::{Span, Time};
use serde_json::json;

/// Longer than any deadline: the conditions of a table are old unless it says how old.
const LONG: Span = Span::from_secs(1 << 32);

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    match input.text("op")? {
        "complete" => {
            let is_complete = progress::is_complete(input.count("replicas")?, &status(input, "status")?);
            Ok(json!({"complete": is_complete}))
        }
        "progressing" => {
            let (before, after) = (status(input, "old_status")?, status(input, "new_status")?);
            Ok(json!({"progressing": progress::is_progressing(&before, &after)}))
        }
        "timed_out" => timed_out(input),
        "requeue_after" => requeue_after(input),
        "sync_condition" => sync_condition(input),
        "history_cleanup" => history_cleanup(input),
        other => Err(no_such_op(
            other,
            &["complete", "progressing", "timed_out", "requeue_after", "sync_condition", "history_cleanup"],
        )),
    }
}

fn timed_out(input: Input<'_>) -> Answer {
    let now = Time::ZERO + input.seconds("seconds_since_last_update")?;
    let condition = condition(input, "progressing_reason")?;
    Ok(json!({"timed_out": progress::is_timed_out(deadline(input)?, condition, now)}))
}

fn requeue_after(input: Input<'_>) -> Answer {
    let now = Time::ZERO + input.seconds("seconds_since_last_update")?;
    let condition = condition(input, "progressing_reason")?;
    let after = progress::recheck_after(&with_deadline(input)?, condition, &status(input, "status")?, now);
    Ok(json!({"requeue_after_seconds": after.map_or(-1.0, Span::seconds)}))
}

fn sync_condition(input: Input<'_>) -> Answer {
    let since = match input.get("seconds_since_last_update") {
        Some(_) => input.seconds("seconds_since_last_update")?,
        None => LONG,
    };
    let others = input.list("other_replica_sets")?;
    let mut sets =
        others.into_iter().map(|set| replica_set(set, old_version())).collect::<Result<Vec<_>, Verdict>>()?;
    if input.get("new_replica_set").is_some() {
        sets.push(replica_set(input.inner("new_replica_set")?, new_version())?);
    }
    let (before, after) = (status(input, "old_status")?, Status::of(new_version(), &sets));
    let was = condition(input, "current_reason")?;
    let condition = progress::observed(&with_deadline(input)?, was, &before, &after, Time::ZERO + since);
    let word = |is_true: Option<bool>| is_true.map_or("Unknown", |is_true| if is_true { "True" } else { "False" });
    Ok(json!({
        "progressing_status": condition.map(|condition| word(condition.reason.is_true())),
        "progressing_reason": condition.map(|condition| condition.reason.as_str()),
    }))
}

fn history_cleanup(input: Input<'_>) -> Answer {
    let mut old = Vec::new();
    for (index, set) in input.list("old_replica_sets")?.into_iter().enumerate() {
        old.push(ReplicaSetState {
            version: VersionId::new(index),
            revision: index as u64 + 1,
            spec: set.count("spec")?,
            created: set.count("status")?,
            deleting: set.flag_if_set("deleting")?,
            ..ReplicaSetState::default()
        });
    }
    Ok(json!({"deletions": history::prune(input.count_if_set("revisionHistoryLimit")?, &old).len()}))
}

fn replica_set(set: Input<'_>, version: VersionId) -> Result<ReplicaSetState, Verdict> {
    let (spec, created, available) = (set.count("spec")?, set.count("replicas")?, set.count("available")?);
    Ok(ReplicaSetState { version, spec, created, available, ..ReplicaSetState::default() })
}

fn status(input: Input<'_>, member: &str) -> Result<Status, Verdict> {
    let status = input.inner(member)?;
    let count = |member| status.count_or(member, 0);
    Ok(Status {
        replicas: count("replicas")?,
        updated: count("updated")?,
        ready: count("ready")?,
        available: count("available")?,
    })
}

fn deadline(input: Input<'_>) -> Result<Option<Span>, Verdict> {
    Ok(input.count_if_set("progressDeadlineSeconds")?.and_then(deadline_from_seconds))
}

fn with_deadline(input: Input<'_>) -> Result<DeploymentSpec, Verdict> {
    Ok(DeploymentSpec { progress_deadline: deadline(input)?, ..deployment(input)? })
}

/// The condition, last updated at the start. Some have no reason upstream: it is one like another.
fn condition(input: Input<'_>, member: &str) -> Result<Option<Progress>, Verdict> {
    let Some(word) = input.text_if_set(member)? else { return Ok(None) };
    let reasons = [
        Reason::NewReplicaSetCreated,
        Reason::FoundNewReplicaSet,
        Reason::ReplicaSetUpdated,
        Reason::NewReplicaSetAvailable,
        Reason::ProgressDeadlineExceeded,
        Reason::DeploymentPaused,
        Reason::DeploymentResumed,
    ];
    let known = reasons.into_iter().find(|reason| reason.as_str() == word);
    let reason = known.or(word.is_empty().then_some(Reason::ReplicaSetUpdated));
    let reason = reason.ok_or_else(|| Verdict::failed("a reason of the condition Progressing", word))?;
    Ok(Some(Progress { reason, updated_at: Time::ZERO }))
}
