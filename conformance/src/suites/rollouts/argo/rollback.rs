//! Ways back, promotion, history, pauses: one table for canaries and blue-green.

use super::super::Answer;
use super::super::input::{Input, no_such_op};
use super::{flag, promotion, seconds_if_set, switch};
use crate::case::Verdict;
use model::controllers::argo::history;
use model::controllers::argo::pause::{self, Pause, Reason};
use model::controllers::argo::rollback;
use model::controllers::argo::spec::{BlueGreen, Canary, RolloutSpec, Step, Strategy};
use model::controllers::argo::state::{ReplicaSet, Status};
use model::id::VersionId;
use model::time::{Span, Time};
use serde_json::json;

/// How an operation is answered.
type Operation = fn(Input<'_>) -> Answer;

const OPERATIONS: [(&str, Operation); 15] = [
    ("rollback_window", rollback_window),
    ("revision_history", revision_history),
    ("canary_pause_complete", canary_pause_complete),
    ("requires_manual_action", requires_manual_action),
    ("should_full_promote", promotion::should_full_promote),
    ("template_reverted_to_stable", promotion::template_reverted),
    ("advance_step", promotion::advance_step),
    ("blue_green_new_rs_replicas", switch::new_size),
    ("blue_green_reconcile_new", switch::reconcile_new),
    ("blue_green_reconcile_other", switch::reconcile_other),
    ("blue_green_pause", switch::pause),
    ("blue_green_abort", switch::abort),
    ("blue_green_pause_complete", switch::pause_complete),
    ("skip_pre_promotion_analysis", switch::skip_pre_promotion),
    ("skip_post_promotion_analysis", switch::skip_post_promotion),
];

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    let op = input.text("op")?;
    match OPERATIONS.iter().find(|(name, _)| *name == op) {
        Some((_, operation)) => operation(input),
        None => Err(no_such_op(op, &OPERATIONS.map(|(name, _)| name))),
    }
}

fn rollback_window(input: Input<'_>) -> Answer {
    let named = input.list("replica_sets")?;
    let oldest = named.iter().map(|set| set.seconds("age_seconds")).collect::<Result<Vec<Span>, Verdict>>()?;
    let oldest = Time::ZERO + oldest.into_iter().max().unwrap_or_default();
    let mut sets = Vec::new();
    for set in &named {
        let created_at = Time::ZERO + oldest.since(Time::ZERO + set.seconds("age_seconds")?);
        sets.push(ReplicaSet { created_at, is_experiment: flag(*set, "experiment")?, ..ReplicaSet::default() });
    }
    let find = |member| {
        let name = input.text(member)?;
        let index = named.iter().position(|set| set.text_if_set("name").ok().flatten() == Some(name));
        index.map(|index| sets[index]).ok_or_else(|| Verdict::failed("the name of a replica set", name))
    };
    let (new, stable) = (find("new")?, find("stable")?);
    Ok(json!({"within": rollback::is_within(input.count_or("revisions", 0)?, &sets, &new, &stable)}))
}

fn revision_history(input: Input<'_>) -> Answer {
    let named = input.list("old_replica_sets_oldest_first")?;
    let mut sets = Vec::new();
    for (index, set) in named.iter().enumerate() {
        sets.push(ReplicaSet {
            version: VersionId::new(index),
            created_at: Time::from_nanos(index as u64),
            spec: set.count("spec")?,
            created: set.count("status")?,
            is_deleting: flag(*set, "deleting")?,
            ..ReplicaSet::default()
        });
    }
    let limit = input.count_or("revisionHistoryLimit", RolloutSpec::default().revision_history_limit)?;
    let deleted = history::beyond_limit(limit, &sets.iter().collect::<Vec<_>>());
    let names: Result<Vec<&str>, Verdict> =
        deleted.into_iter().map(|version| named[version.index()].text("name")).collect();
    Ok(json!({"deleted": names?}))
}

fn canary_pause_complete(input: Input<'_>) -> Answer {
    let is_paused = flag(input, "pause_condition")?;
    let pause = Pause { reason: Reason::CanaryPauseStep, since: Time::ZERO };
    let controller_pause = flag(input, "controllerPause")?;
    let pauses = is_paused.then_some(pause).into_iter().collect();
    let status = Status { controller_pause, pauses, ..Status::default() };
    let length = seconds_if_set(input, "duration_seconds")?;
    let elapsed = match input.get("elapsed_seconds").and_then(|value| value.as_str()) {
        // The least that is more than nothing.
        Some(">0") => Span::from_nanos(1),
        Some(other) => return Err(Verdict::failed("seconds, or `>0`", other)),
        None => input.seconds("elapsed_seconds")?,
    };
    Ok(json!({"complete": pause::is_step_over(&status, length, Time::ZERO + elapsed)}))
}

fn requires_manual_action(input: Input<'_>) -> Answer {
    let name = input.text("reason")?;
    let reason = Reason::ALL.into_iter().find(|reason| reason.as_str() == name);
    let reason = reason.ok_or_else(|| Verdict::failed("the reason of a pause", name))?;
    let length = ["duration_seconds", "duration"].into_iter().find(|member| input.get(member).is_some());
    let length = length.map(|member| input.seconds(member)).transpose()?;
    let auto_promotion = input.get("autoPromotionEnabled").is_none() || input.flag("autoPromotionEnabled")?;
    let strategy = match reason {
        Reason::BlueGreenPause => Strategy::BlueGreen(BlueGreen { auto_promotion, ..BlueGreen::default() }),
        Reason::CanaryPauseStep | Reason::InconclusiveAnalysis | Reason::InconclusiveExperiment => {
            Strategy::Canary(Canary { steps: vec![Step::Pause(length)], ..Canary::default() })
        }
    };
    let spec = RolloutSpec { strategy, ..RolloutSpec::default() };
    Ok(json!({"manual": pause::needs_person(reason, &spec, &Status::default())}))
}
