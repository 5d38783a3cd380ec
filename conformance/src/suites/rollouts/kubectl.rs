//! What `kubectl rollout status` says.

use super::Answer;
use super::input::Input;
use crate::case::Verdict;
use model::controllers::rollout_status::{DaemonSetReport, DeploymentReport, RolloutStatus, StatefulSetReport};
use serde_json::json;

/// What the workloads of this table are called.
const NAME: &str = "foo";

pub(super) fn answer(input: Input<'_>) -> Answer {
    let status = match input.text("kind")? {
        "Deployment" => deployment(input)?,
        "DaemonSet" => daemon_set(input)?,
        "StatefulSet" => stateful_set(input)?,
        other => return Err(Verdict::failed("a Deployment, DaemonSet or StatefulSet", other)),
    };
    Ok(json!({"message": status.message(NAME), "done": status.is_done(), "error": status.is_error()}))
}

fn deployment(input: Input<'_>) -> Result<RolloutStatus<'_>, Verdict> {
    let status = input.inner("status")?;
    let count = |member| status.count_or(member, 0);
    let report = DeploymentReport {
        generation: input.count_or("generation", 0)?.into(),
        observed: count("ObservedGeneration")?.into(),
        is_past_deadline: input.text_if_set("progressing_reason")? == Some("ProgressDeadlineExceeded"),
        wanted: input.count_or("spec_replicas", 1)?,
        pods: count("Replicas")?,
        updated: count("UpdatedReplicas")?,
        available: count("AvailableReplicas")?,
    };
    Ok(report.status())
}

fn daemon_set(input: Input<'_>) -> Result<RolloutStatus<'_>, Verdict> {
    let status = input.inner("status")?;
    let count = |member| status.count_or(member, 0);
    let report = DaemonSetReport {
        generation: input.count_or("generation", 0)?.into(),
        observed: count("ObservedGeneration")?.into(),
        rolls: rolls(input)?,
        wanted: count("DesiredNumberScheduled")?,
        updated: count("UpdatedNumberScheduled")?,
        available: count("NumberAvailable")?,
    };
    Ok(report.status())
}

fn stateful_set(input: Input<'_>) -> Result<RolloutStatus<'_>, Verdict> {
    let status = input.inner("status")?;
    let count = |member| status.count_or(member, 0);
    let report = StatefulSetReport {
        generation: input.count_or("generation", 0)?.into(),
        observed: count("observedGeneration")?.into(),
        rolls: rolls(input)?,
        wanted: input.count_or("spec_replicas", 1)?,
        partition: input.count_if_set("partition")?,
        ready: count("readyReplicas")?,
        current: count("currentReplicas")?,
        updated: count("updatedReplicas")?,
        current_revision: status.text_if_set("currentRevision")?.unwrap_or_default(),
        update_revision: status.text_if_set("updateRevision")?.unwrap_or_default(),
    };
    Ok(report.status())
}

/// Whether the strategy is to roll, as it is when none is named.
fn rolls(input: Input<'_>) -> Result<bool, Verdict> {
    let strategy = ["strategy", "updateStrategy", "update_strategy"].into_iter().find(|key| input.get(key).is_some());
    Ok(strategy.map(|key| input.text(key)).transpose()?.is_none_or(|strategy| strategy == "RollingUpdate"))
}
