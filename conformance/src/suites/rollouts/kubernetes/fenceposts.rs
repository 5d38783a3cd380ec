//! How many pods a rolling update may add and miss.

use super::super::Answer;
use super::super::input::Input;
use super::deployment;
use model::controllers::deployment::{CountOrShare, Fenceposts};
use serde_json::{Value, json};

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    if ["maxSurge", "maxUnavailable"].into_iter().any(|limit| is_no_share(input.get(limit))) {
        return Ok(json!({"surge": 0, "unavailable": 0, "error": true}));
    }
    let spec = deployment(input)?;
    let posts = Fenceposts::resolve(input.limit("maxSurge")?, input.limit("maxUnavailable")?, spec.replicas);
    Ok(json!({
        "surge": posts.surge, "unavailable": posts.unavailable, "error": false,
        "maxSurge": spec.fenceposts().surge, "maxUnavailable": spec.fenceposts().unavailable,
    }))
}

fn is_no_share(limit: Option<&Value>) -> bool {
    limit.and_then(Value::as_str).is_some_and(|text| text.parse::<CountOrShare>().is_err())
}
