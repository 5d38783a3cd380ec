//! What has to hold before a canary goes on, and what its steps ask for.

use super::super::Answer;
use super::super::input::{Input, no_such_op};
use super::counts::limited;
use super::{Rig, UNSET, new_version, pod_limit, routing, set, stable_version, threshold};
use crate::case::Verdict;
use model::controllers::argo::canary::weight::{self, Wanted};
use model::controllers::argo::gates::{self, Share};
use model::controllers::argo::spec::{BlueGreen, Canary, CanaryScale, RolloutSpec, Step, Strategy};
use model::controllers::argo::state::{ReplicaSet, Status};
use model::controllers::deployment::{CountOrShare, Fenceposts};
use serde_json::json;

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    match input.text("op")? {
        "replica_progress_threshold" => {
            let (threshold, set) = (threshold(input)?, replica_set(input)?);
            let is_met = gates::is_threshold_met(threshold, set.as_ref(), input.count("desired")?);
            Ok(json!({"met": is_met}))
        }
        "all_desired_available" => {
            Ok(json!({"met": gates::all_available(replica_set(input)?.as_ref(), input.count("desired")?)}))
        }
        "at_desired_counts" => at_desired_counts(input),
        "canary_replicas_or_weight" => replicas_or_weight(input),
        "current_set_weight" => current_set_weight(input),
        "replicas_available_for_weight" => available_for_weight(input),
        "fenceposts" => Ok(fenceposts(input)),
        "max_surge" => Ok(json!({"value": posts(input)?.surge})),
        "max_unavailable" => Ok(json!({"value": posts(input)?.unavailable})),
        other => Err(no_such_op(
            other,
            &[
                "replica_progress_threshold",
                "all_desired_available",
                "at_desired_counts",
                "canary_replicas_or_weight",
                "current_set_weight",
                "replicas_available_for_weight",
                "fenceposts",
                "max_surge",
                "max_unavailable",
            ],
        )),
    }
}

fn replica_set(input: Input<'_>) -> Result<Option<ReplicaSet>, Verdict> {
    input.get("rs").map(|_| set(input.inner("rs")?, new_version())).transpose()
}

fn at_desired_counts(input: Input<'_>) -> Answer {
    let canary = Canary { threshold: threshold(input)?, ..limited(input)? };
    let mut rig = Rig::new(input, canary)?;
    rig.fill(input)?;
    Ok(json!({"at_desired": rig.view().is_at_sizes(None)}))
}

fn available_for_weight(input: Input<'_>) -> Answer {
    let share = Share::new(input.count("weight")?, input.count_or("maxWeight", 100)?);
    let available = input.count_if_set("rs_available")?;
    let set = available.map(|available| ReplicaSet { available, ..ReplicaSet::default() });
    let can = gates::can_carry(threshold(input)?, set.as_ref(), share, input.count("replicas")?);
    Ok(json!({"available": can}))
}

fn current_set_weight(input: Input<'_>) -> Answer {
    let steps = steps(&input.list("steps")?)?;
    let mut rig = Rig::new(input, Canary { steps, ..Canary::default() })?;
    rig.status.step = input.count_if_set("current_step_index")?;
    Ok(json!({"weight": weight::of_steps(&rig.canary, &rig.status).weight()}))
}

/// Steps, in the spelling of manifests or of the API's types.
pub(super) fn steps(steps: &[Input<'_>]) -> Result<Vec<Step>, Verdict> {
    steps.iter().map(|step| one_step(*step)).collect()
}

fn one_step(step: Input<'_>) -> Result<Step, Verdict> {
    let either = |names: [&'static str; 2]| names.into_iter().find(|name| step.get(name).is_some());
    if let Some(name) = either(["setWeight", "SetWeight"]) {
        return step.count(name).map(Step::SetWeight);
    }
    if let Some(name) = either(["setCanaryScale", "SetCanaryScale"]) {
        return scale(step.inner(name)?).map(Step::SetCanaryScale);
    }
    match either(["pause", "Pause"]) {
        Some(name) => super::seconds_if_set(step.inner(name)?, "duration").map(Step::Pause),
        None => Err(Verdict::Skipped { why: "experiments, plugins, header and mirror routes are not modelled".into() }),
    }
}

fn scale(scale: Input<'_>) -> Result<CanaryScale, Verdict> {
    let count = |names: [&str; 2]| names.into_iter().find_map(|name| scale.count_if_set(name).transpose()).transpose();
    let matches = super::flag(scale, "matchTrafficWeight")? || super::flag(scale, "MatchTrafficWeight")?;
    match (count(["replicas", "Replicas"])?, count(["weight", "Weight"])?) {
        _ if matches => Ok(CanaryScale::MatchTrafficWeight),
        (Some(replicas), _) => Ok(CanaryScale::Replicas(replicas)),
        (None, Some(weight)) => Ok(CanaryScale::Weight(weight)),
        (None, None) => {
            Err(Verdict::failed("a canary scale with a number, a weight or the traffic's weight", "nothing"))
        }
    }
}

/// The input is a part of the API object.
fn replicas_or_weight(input: Input<'_>) -> Answer {
    let rollout = input.inner("rollout")?;
    let status = rollout.get("Status").map(|_| rollout.inner("Status")).transpose()?;
    let spec = rollout.get("Spec").map(|_| rollout.inner("Spec")?.inner("Strategy")?.inner("Canary")).transpose()?;
    let mut canary = Canary::default();
    if let Some(spec) = spec {
        canary.steps = spec.get("Steps").map_or(Ok(Vec::new()), |_| steps(&spec.list("Steps")?))?;
        canary.routing = spec.get("TrafficRouting").map(|_| routing(input)).transpose()?;
        if let Some(routing) = &mut canary.routing {
            routing.max_weight = spec.inner("TrafficRouting")?.count_or("MaxTrafficWeight", 100)?;
            routing.dynamic_stable_scale = super::flag(spec, "DynamicStableScale")?;
            routing.abort_scale_down_delay = super::seconds_if_set(spec, "AbortScaleDownDelaySeconds")?;
        }
    }
    let mut rig = Rig::new(input, canary)?;
    rig.status = status.map_or(Ok(Status::default()), remembered)?;
    let (replicas, weight) = match weight::wanted(&rig.view()) {
        Wanted::Replicas(replicas) => (Some(replicas), 0),
        Wanted::Share(share) => (None, share.weight()),
    };
    Ok(json!({"replicas": replicas, "weight": weight}))
}

fn remembered(status: Input<'_>) -> Result<Status, Verdict> {
    let hash = |member| Ok::<_, Verdict>(status.text_if_set(member)?.filter(|hash| !hash.is_empty()));
    let (stable, current) = (hash("StableRS")?, hash("CurrentPodHash")?);
    let is_same = stable == current;
    Ok(Status {
        stable: stable.map(|_| if is_same { new_version() } else { stable_version() }),
        current: current.map(|_| new_version()),
        step: status.count_if_set("CurrentStepIndex")?,
        abort: super::flag(status, "Abort")?,
        promote_full: super::flag(status, "PromoteFull")?,
        ..Status::default()
    })
}

/// Limits that are not set are 0 here.
fn fenceposts(input: Input<'_>) -> serde_json::Value {
    let limit = |member| pod_limit(input, member, CountOrShare::default());
    match (limit("maxSurge"), limit("maxUnavailable"), input.count("replicas")) {
        (Ok(surge), Ok(unavailable), Ok(replicas)) => {
            let posts = Fenceposts::resolve(surge, unavailable, replicas);
            json!({"surge": posts.surge, "unavailable": posts.unavailable, "error": false})
        }
        _ => json!({"surge": 0, "unavailable": 0, "error": true}),
    }
}

fn posts(input: Input<'_>) -> Result<Fenceposts, Verdict> {
    let max_surge = pod_limit(input, "maxSurge", UNSET)?;
    let max_unavailable = pod_limit(input, "maxUnavailable", UNSET)?;
    let strategy = match input.text("strategy")? {
        "Canary" => Strategy::Canary(Canary { max_surge, max_unavailable, ..Canary::default() }),
        "BlueGreen" => Strategy::BlueGreen(BlueGreen { max_unavailable, ..BlueGreen::default() }),
        other => return Err(Verdict::failed("the strategy Canary or BlueGreen", other)),
    };
    let spec = RolloutSpec { replicas: input.count_or("replicas", 1)?, strategy, ..RolloutSpec::default() };
    Ok(spec.fenceposts())
}
