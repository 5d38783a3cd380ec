//! Whether an update moves, and when it has not moved for too long.

use super::super::Answer;
use super::super::input::{Input, no_such_op};
use crate::case::Verdict;
use model::controllers::argo::progress::{self, Progress, Reason};
use model::controllers::argo::spec::{BlueGreen, Canary, RolloutSpec, Strategy};
use model::controllers::argo::state::{Counts, Status};
use model::id::{VersionId, stable_hash};
use model::time::{Span, Time};
use serde_json::json;

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    match input.text("op")? {
        "timed_out" => timed_out(input),
        "progressing" => {
            let (before, after) = (input.inner("old_status")?, input.inner("new_status")?);
            let strategy = strategy(before.text("strategy")?)?;
            let moves = progress::is_progressing(&strategy, &status(before)?, &status(after)?);
            Ok(json!({"progressing": moves}))
        }
        other => Err(no_such_op(other, &["timed_out", "progressing"])),
    }
}

fn timed_out(input: Input<'_>) -> Answer {
    let deadline = input.count_if_set("progressDeadlineSeconds")?.map(|secs| Span::from_secs(secs.into()));
    let deadline = deadline.unwrap_or(RolloutSpec::default().progress_deadline);
    let name = input.text_if_set("progressing_reason")?.filter(|name| !name.is_empty());
    let reason = name.map(reason).transpose()?;
    let condition = reason.map(|reason| Progress { reason, updated_at: Time::ZERO });
    let now = Time::ZERO + input.seconds("seconds_since_last_update")?;
    Ok(json!({"timed_out": progress::is_timed_out(deadline, condition, now)}))
}

fn reason(name: &str) -> Result<Reason, Verdict> {
    let known = Reason::ALL.into_iter().find(|reason| reason.as_str() == name);
    known.ok_or_else(|| Verdict::failed("the reason of a progressing condition", name))
}

fn strategy(name: &str) -> Result<Strategy, Verdict> {
    match name {
        "Canary" => Ok(Strategy::Canary(Canary::default())),
        "BlueGreen" => Ok(Strategy::BlueGreen(BlueGreen::default())),
        other => Err(Verdict::failed("the strategy Canary or BlueGreen", other)),
    }
}

fn status(input: Input<'_>) -> Result<Status, Verdict> {
    let count = |member| input.count_or(member, 0);
    let counts = Counts {
        replicas: count("replicas")?,
        updated: count("updated")?,
        ready: count("ready")?,
        available: count("available")?,
    };
    Ok(Status {
        counts,
        active: version(input, "active")?,
        preview: version(input, "preview")?,
        stable: version(input, "stable")?,
        step: input.count_if_set("step_index")?,
        steps: input.text_if_set("step_hash")?.map(stable_hash),
        ..Status::default()
    })
}

/// A version for a name: the same for the same.
fn version(input: Input<'_>, member: &str) -> Result<Option<VersionId>, Verdict> {
    let name = input.text_if_set(member)?.filter(|name| !name.is_empty());
    Ok(name.map(|name| VersionId::new((stable_hash(name) & 0xffff) as usize)))
}
