//! From a weight to pods.

use super::super::Answer;
use super::super::input::{Input, no_such_op};
use super::sizes;
use model::controllers::argo::canary::approximation;
use model::controllers::argo::gates::Share;
use serde_json::json;

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    let share = Share::new(input.count("weight")?, input.count_or("maxWeight", 100)?);
    let replicas = input.count("replicas")?;
    match input.text("op")? {
        "approximate" => Ok(sizes(approximation::sizes(replicas, share, input.count("maxSurge")? > 0))),
        "traffic_weight" => Ok(json!({"replicas": share.rounded_up(replicas)})),
        other => Err(no_such_op(other, &["approximate", "traffic_weight"])),
    }
}
