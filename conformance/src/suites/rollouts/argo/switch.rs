//! Blue-green: the preview, the switch, what stays behind. Where a case tells what a pass does, a whole pass is made.

use super::super::Answer;
use super::super::input::Input;
use super::promotion::made;
use super::{flag, new_version, older_version, seconds_if_set, stable_version};
use crate::case::Verdict;
use model::controllers::argo::blue_green::{self, skips_post_promotion, skips_pre_promotion};
use model::controllers::argo::pause::{self, Pause, Reason};
use model::controllers::argo::reconcile;
use model::controllers::argo::spec::{BlueGreen, RolloutSpec, Strategy};
use model::controllers::argo::state::{Change, Observed, Pass, ReplicaSet, Status};
use model::id::VersionId;
use model::time::{Span, Time};
use serde_json::json;

/// When the pass takes place.
const NOW: Time = Time::from_nanos(1 << 62);

fn strategy(input: Input<'_>) -> Result<BlueGreen, Verdict> {
    Ok(BlueGreen {
        auto_promotion: input.get("autoPromotionEnabled").is_none() || input.flag("autoPromotionEnabled")?,
        auto_promotion_after: seconds_if_set(input, "autoPromotionSeconds")?.unwrap_or_default(),
        preview_replicas: input.count_if_set("previewReplicaCount")?,
        scale_down_delay_revision_limit: input.count_if_set("scaleDownDelayRevisionLimit")?,
        abort_scale_down_delay: seconds_if_set(input, "abortScaleDownDelaySeconds")?,
        ..BlueGreen::default()
    })
}

fn spec(replicas: u32, strategy: BlueGreen) -> RolloutSpec {
    RolloutSpec { replicas, strategy: Strategy::BlueGreen(strategy), ..RolloutSpec::default() }
}

fn replica_set(version: VersionId, spec: u32, available: u32) -> ReplicaSet {
    ReplicaSet { version, spec, created: spec, available, ..ReplicaSet::default() }
}

/// In the middle of an update: the new version is previewed, the stable one active.
fn under_way() -> Status {
    Status {
        stable: Some(stable_version()),
        current: Some(new_version()),
        active: Some(stable_version()),
        preview: Some(new_version()),
        ..Status::default()
    }
}

/// A pass, and the one after it when the first only looked at the conditions.
fn pass(spec: &RolloutSpec, status: &Status, sets: &[ReplicaSet]) -> Pass {
    let observed = Observed { sets, status, is_weight_verified: None, now: NOW };
    let first = reconcile(spec, new_version(), &observed);
    if first.status.progress == status.progress || !first.changes.is_empty() {
        return first;
    }
    reconcile(spec, new_version(), &Observed { status: &first.status, ..observed })
}

/// The size that a pass tells a version to have.
fn scaled(pass: &Pass, of: VersionId) -> Option<u32> {
    pass.changes.iter().find_map(|change| match change {
        Change::Scale { version, to } if *version == of => Some(*to),
        Change::Scale { .. }
        | Change::Create { .. }
        | Change::Revise { .. }
        | Change::ScaleDownAt { .. }
        | Change::Delete { .. }
        | Change::Route(_)
        | Change::Preview(_)
        | Change::Switch(_)
        | Change::StartRun { .. }
        | Change::TerminateRun { .. } => None,
    })
}

pub(super) fn new_size(input: Input<'_>) -> Answer {
    let strategy = strategy(input)?;
    let spec = spec(input.count("replicas")?, strategy.clone());
    let new = input.text("new_hash")?;
    let version = |member| {
        let hash = input.text_if_set(member)?.filter(|hash| !hash.is_empty());
        Ok::<_, Verdict>(hash.map(|hash| if hash == new { new_version() } else { stable_version() }))
    };
    let status = Status {
        active: version("active_hash")?,
        current: version("recorded_current_hash")?,
        is_preview_done: flag(input, "scaleUpPreviewCheckPoint")?,
        promote_full: flag(input, "promoteFull")?,
        ..under_way()
    };
    let has_active = status.active.is_some();
    Ok(json!({"replicas": blue_green::new_size(&spec, &strategy, &status, new_version(), has_active)}))
}

/// A write that fails leaves the set as it was; there is an error when there was anything to write to it.
pub(super) fn reconcile_new(input: Input<'_>) -> Answer {
    let (replicas, size) = (input.count("replicas")?, input.count("new")?);
    let spec = spec(replicas, strategy(input)?);
    let mut new = made(replica_set(new_version(), size, size), replicas, 2);
    if flag(input, "deadline_annotated")? {
        let second = Span::SECOND.nanos();
        let is_over = flag(input, "deadline_passed")?;
        new.scale_down_at = Some(Time::from_nanos(if is_over { NOW.nanos() - second } else { NOW.nanos() + second }));
    }
    let stable = made(replica_set(stable_version(), replicas, input.count("stable_available")?), replicas, 1);
    let abort = flag(input, "abort")?;
    let pass = pass(&spec, &Status { abort, ..under_way() }, &[stable, new]);
    let fails = flag(input, "api_write_fails")?;
    let to = scaled(&pass, new_version()).filter(|_| !fails).unwrap_or(size);
    let is_written = pass.changes.iter().any(|change| writes_to(new_version(), change));
    Ok(json!({"scaled": to != size, "new": to, "error": fails && is_written}))
}

fn writes_to(of: VersionId, change: &Change) -> bool {
    matches!(change, Change::Scale { version, .. } | Change::ScaleDownAt { version, .. } if *version == of)
}

pub(super) fn reconcile_other(input: Input<'_>) -> Answer {
    let (replicas, old) = (input.count("replicas")?, input.count("old")?);
    let spec = spec(replicas, strategy(input)?);
    let older = made(replica_set(older_version(), old, input.count("old_available")?), replicas, 1);
    let new = made(replica_set(new_version(), input.count("new")?, input.count("new_available")?), replicas, 2);
    let is_new = Some(new_version());
    let status = Status { stable: is_new, active: is_new, ..under_way() };
    let to = scaled(&pass(&spec, &status, &[older, new]), older_version()).unwrap_or(old);
    Ok(json!({"scaled": to != old, "old": to}))
}

pub(super) fn pause(input: Input<'_>) -> Answer {
    let replicas = input.count("replicas")?;
    let spec = RolloutSpec { paused: flag(input, "user_paused")?, ..spec(replicas, strategy(input)?) };
    let available = input.count("preview_available")?;
    let sets = [
        made(replica_set(stable_version(), replicas, replicas), replicas, 1),
        made(replica_set(new_version(), replicas, available), replicas, 2),
    ];
    let waited = seconds_if_set(input, "paused_for_seconds")?;
    let since = |span: Span| Time::from_nanos(NOW.nanos().saturating_sub(span.nanos()));
    let pauses: Vec<Pause> =
        waited.map(|span| Pause { reason: Reason::BlueGreenPause, since: since(span) }).into_iter().collect();
    let is_resumed = flag(input, "resumed")?;
    let status = Status { controller_pause: waited.is_some() || is_resumed, pauses, ..under_way() };
    let pass = pass(&spec, &status, &sets);
    let is_switched = pass.changes.contains(&Change::Switch(new_version()));
    let action = match pass.status.pauses.len() > status.pauses.len() {
        _ if is_switched => "switch_active_service",
        true => "pause",
        false => "wait",
    };
    Ok(json!({"action": action, "stable_becomes_new": pass.status.stable == Some(new_version())}))
}

pub(super) fn pause_complete(input: Input<'_>) -> Answer {
    let is_paused = flag(input, "pause_condition")?;
    let pause = Pause { reason: Reason::BlueGreenPause, since: Time::ZERO };
    let status = Status {
        controller_pause: flag(input, "controllerPause")?,
        pauses: is_paused.then_some(pause).into_iter().collect(),
        is_preview_done: flag(input, "scaleUpPreviewCheckPoint")?,
        ..Status::default()
    };
    let elapsed = seconds_if_set(input, "elapsed_seconds")?.unwrap_or_default();
    Ok(json!({"complete": pause::is_switch_due(&strategy(input)?, &status, false, Time::ZERO + elapsed)}))
}

pub(super) fn abort(input: Input<'_>) -> Answer {
    let (active, stable) = (input.text("active_hash")?, input.text("stable_hash")?);
    let sets = [made(replica_set(stable_version(), 1, 1), 1, 1), made(replica_set(new_version(), 1, 1), 1, 2)];
    let named = |version| if version == stable_version() { stable } else { active };
    let status = Status {
        active: Some(if active == stable { stable_version() } else { new_version() }),
        abort: flag(input, "abort")?,
        ..under_way()
    };
    let pass = pass(&spec(1, BlueGreen::default()), &status, &sets);
    Ok(json!({"active_hash": pass.status.active.map(named), "phase": pass.status.phase.as_str()}))
}

/// Stable and active version by name: `new`, any other, or none.
fn named(input: Input<'_>) -> Result<Status, Verdict> {
    let version = |member| {
        let name = input.text_if_set(member)?.filter(|name| !name.is_empty());
        Ok::<_, Verdict>(name.map(|name| if name == "new" { new_version() } else { stable_version() }))
    };
    Ok(Status { stable: version("stable")?, active: version("active")?, ..under_way() })
}

/// The new set: as told by size and available pods, or all there, or one missing.
fn new_set(input: Input<'_>, replicas: u32) -> Result<ReplicaSet, Verdict> {
    let counts = input.get("new").and_then(|value| value.as_array().cloned());
    let count = |value: &serde_json::Value| value.as_u64().and_then(|count| u32::try_from(count).ok());
    let told: Vec<u32> = counts.iter().flatten().filter_map(count).collect();
    let set = match told[..] {
        [size, available] => replica_set(new_version(), size, available),
        _ if flag(input, "saturated")? => replica_set(new_version(), replicas, replicas),
        _ => replica_set(new_version(), replicas, replicas - 1),
    };
    Ok(made(set, replicas, 2))
}

pub(super) fn skip_pre_promotion(input: Input<'_>) -> Answer {
    let strategy = strategy(input)?;
    let spec = spec(2, strategy.clone());
    let new = new_set(input, spec.replicas)?;
    let skips = skips_pre_promotion(&spec, &strategy, &named(input)?, &new, flag(input, "running")?);
    Ok(json!({"skip": skips}))
}

pub(super) fn skip_post_promotion(input: Input<'_>) -> Answer {
    let spec = spec(2, strategy(input)?);
    let skips = skips_post_promotion(&spec, &named(input)?, &new_set(input, spec.replicas)?, flag(input, "running")?);
    Ok(json!({"skip": skips}))
}
