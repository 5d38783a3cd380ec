//! How many pods new and stable set have, without a router and with one.

use super::super::Answer;
use super::super::input::Input;
use super::{Rig, UNSET, flag, pod_limit, routing, sizes, weights};
use crate::case::Verdict;
use model::controllers::argo::spec::{Canary, CanaryScale, Step};

/// Without a router.
pub(in super::super) fn basic(input: Input<'_>) -> Answer {
    let mut rig = Rig::new(input, limited(input)?)?;
    rig.fill(input)?;
    Ok(sizes(rig.view().sizes(None)))
}

/// A canary at a step that sets a weight.
pub(super) fn limited(input: Input<'_>) -> Result<Canary, Verdict> {
    Ok(Canary {
        steps: vec![Step::SetWeight(input.count("setWeight")?)],
        max_surge: pod_limit(input, "maxSurge", UNSET)?,
        max_unavailable: pod_limit(input, "maxUnavailable", UNSET)?,
        ..Canary::default()
    })
}

/// With one.
pub(in super::super) fn routed(input: Input<'_>) -> Answer {
    let mut canary = Canary { routing: Some(routing(input)?), ..limited(input)? };
    canary.steps.extend(scale(input)?.map(Step::SetCanaryScale));
    let rig = Rig::new(input, canary)?;
    let weights = match input.get("traffic_weights") {
        None => None,
        Some(_) => {
            let split = input.inner("traffic_weights")?;
            Some(weights(split.count("canary")?, split.count("stable")?))
        }
    };
    Ok(sizes(rig.view().sizes(weights.as_ref())))
}

/// Of a step that says several things, the first of these counts: the traffic's weight, a number, a weight.
fn scale(input: Input<'_>) -> Result<Option<CanaryScale>, Verdict> {
    if input.get("setCanaryScale").is_none() {
        return Ok(None);
    }
    let scale = input.inner("setCanaryScale")?;
    if flag(scale, "matchTrafficWeight")? {
        return Ok(Some(CanaryScale::MatchTrafficWeight));
    }
    let replicas = scale.count_if_set("replicas")?.map(CanaryScale::Replicas);
    Ok(replicas.or(scale.count_if_set("weight")?.map(CanaryScale::Weight)))
}
