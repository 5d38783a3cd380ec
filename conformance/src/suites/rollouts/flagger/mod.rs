//! Flagger: ticks, and what is done between them.
//!
//! A case lists `events`. One that is `set` changes the world, in words; one that is a `tick` is a look of Flagger,
//! and is answered by what the world is like after it. A case whose first tick is called `initialise` begins before
//! the primary is there; any other with the first version served and nothing under way.

mod words;
mod world;

use super::Answer;
use super::input::Input;
use crate::case::Verdict;
use model::controllers::flagger::{Analysis, FlaggerSpec, Provider};
use serde_json::{Value, json};
use world::World;

pub(super) fn answer(input: Input<'_>) -> Answer {
    let events = input.list("events")?;
    let first = events.iter().find_map(|event| event.get("tick"));
    let mut world = World::new(spec(input)?);
    if first.and_then(Value::as_str) != Some("initialise") {
        world.initialise();
    }
    let mut answers = Vec::new();
    for event in events {
        answers.push(follow(event, &mut world)?);
    }
    Ok(json!({"events": answers}))
}

/// The event, as it is in the answer.
fn follow(event: Input<'_>, world: &mut World) -> Answer {
    if let Some(words) = event.text_if_set("set")? {
        words::set(words, world)?;
        return Ok(json!({"set": words}));
    }
    let Some(name) = event.get("tick") else { return Err(Verdict::failed("an event `set` or `tick`", "neither")) };
    Ok(json!({"tick": name, "expect": world.tick()}))
}

fn spec(input: Input<'_>) -> Result<FlaggerSpec, Verdict> {
    let given = input.inner("analysis")?;
    let analysis = Analysis {
        threshold: given.count_or("threshold", 0)?,
        max_weight: given.count_or("maxWeight", 0)?,
        step_weight: given.count_or("stepWeight", 0)?,
        step_weights: given.counts("stepWeights")?,
        step_weight_promotion: given.count_or("stepWeightPromotion", 0)?,
        iterations: given.count_or("iterations", 0)?,
        has_match: given.get("match").is_some(),
        mirror: given.flag_if_set("mirror")?,
        primary_ready_threshold: given.count_if_set("primaryReadyThreshold")?,
        canary_ready_threshold: given.count_if_set("canaryReadyThreshold")?,
    };
    let provider = match input.text_if_set("provider")? {
        Some("kubernetes") => Provider::Kubernetes,
        Some(_) | None => Provider::Router,
    };
    let skip_analysis = input.flag_if_set("skipAnalysis")? || given.flag_if_set("skipAnalysis")?;
    Ok(FlaggerSpec { analysis, provider, skip_analysis, ..FlaggerSpec::default() })
}
