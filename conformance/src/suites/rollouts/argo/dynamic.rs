//! A stable set that follows its share of the traffic, forward and back.

use super::super::Answer;
use super::super::input::{Input, no_such_op};
use super::{Rig, flag, new_version, older_version, routing, set, sizes, stable_version, weight_steps, weights};
use crate::case::Verdict;
use model::controllers::argo::canary::{router, weight};
use model::controllers::argo::spec::{Canary, Routing};
use model::controllers::argo::state::{ReplicaSet, Weights};
use serde_json::json;

/// Pods of a table that does not say how many.
const REPLICAS: u32 = 10;

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    match input.text("op")? {
        "replica_counts" => {
            let rig = rig(input)?;
            Ok(sizes(rig.view().sizes(rig.status.weights.as_ref())))
        }
        "abort_weight" => Ok(json!({"canary_weight": weight::desired(&rig(input)?.view()).weight()})),
        "traffic_weight_on_abort" => Ok(json!({"canary_weight": router::on_way_back(&rig(input)?.view()).weight()})),
        "rolling_back_to_stable" => rolling_back(input),
        other => Err(no_such_op(
            other,
            &["replica_counts", "abort_weight", "traffic_weight_on_abort", "rolling_back_to_stable"],
        )),
    }
}

fn rig(input: Input<'_>) -> Result<Rig, Verdict> {
    let routing = Routing { dynamic_stable_scale: true, ..routing(input)? };
    let steps = weight_steps(input, "setWeight_steps")?;
    let mut rig = Rig::new(input, Canary { steps, routing: Some(routing), ..Canary::default() })?;
    rig.status.step = Some(input.count_or("current_step_index", 0)?);
    rig.sets.extend(replica_set(input, "canary")?.map(|set| ReplicaSet { version: new_version(), ..set }));
    rig.sets.extend(replica_set(input, "stable")?.map(|set| ReplicaSet { version: stable_version(), ..set }));
    rig.status.weights = split(input)?;
    Ok(rig)
}

/// As `canary: {spec, available}`, or as `canary_spec` and `canary_available`. Without a size, it is what is available.
fn replica_set(input: Input<'_>, name: &str) -> Result<Option<ReplicaSet>, Verdict> {
    if input.get(name).is_some() {
        return set(input.inner(name)?, new_version()).map(Some);
    }
    let Some(available) = input.count_if_set(&format!("{name}_available"))? else { return Ok(None) };
    let spec = input.count_or(&format!("{name}_spec"), available)?;
    Ok(Some(ReplicaSet { spec, created: spec, available, ..ReplicaSet::default() }))
}

fn split(input: Input<'_>) -> Result<Option<Weights>, Verdict> {
    if input.get("traffic_weights").is_some() {
        let split = input.inner("traffic_weights")?;
        return Ok(Some(weights(split.count("canary")?, split.count("stable")?)));
    }
    let now = input.count_if_set("current_canary_weight")?;
    Ok(now.map(|canary| weights(canary, 100_u32.saturating_sub(canary))))
}

fn rolling_back(input: Input<'_>) -> Answer {
    let version = |member| {
        let hash = input.text_if_set(member)?.unwrap_or_default();
        let is_current = hash == input.text_if_set("current_hash")?.unwrap_or_default();
        Ok::<_, Verdict>(if is_current { new_version() } else { older_version() })
    };
    let is_routed = flag(input, "traffic_routing")?;
    let routing = is_routed.then(|| routing(input)).transpose()?;
    let mut rig = Rig::new(input, Canary { routing, ..Canary::default() })?;
    rig.spec.replicas = input.count_or("replicas", REPLICAS)?;
    rig.status.stable = Some(version("stable_hash")?);
    let available = input.count("desired_available")?;
    rig.sets.push(ReplicaSet { version: new_version(), available, ..ReplicaSet::default() });
    if input.get("canary_weight_target_hash").is_some() {
        let mut split = weights(0, 100);
        split.canary.version = Some(version("canary_weight_target_hash")?);
        rig.status.weights = Some(split);
    }
    Ok(json!({"rolling_back": router::leaving(&rig.view()).is_some()}))
}
