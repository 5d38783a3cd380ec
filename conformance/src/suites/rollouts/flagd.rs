//! Which variant flagd gives a user.

use super::Answer;
use super::input::Input;
use crate::case::Verdict;
use model::controllers::flags::fractional::{bucket_key, variant};
use serde_json::{Value, json};

pub(super) fn answer(input: Input<'_>) -> Answer {
    let default = || json!({"variant": input.get("default_variant"), "reason": "DEFAULT"});
    let (named, user) = (input.text_if_set("bucket_value")?, input.text_if_set("targeting_key")?);
    let key = bucket_key(input.text_if_set("flag_key")?.unwrap_or_default(), named, user);
    let (names, weights): (Vec<&Value>, Vec<Option<i64>>) = variants(input)?.into_iter().unzip();
    let weights: Option<Vec<i64>> = weights.into_iter().collect();
    let (Ok(key), Some(weights)) = (key, weights) else { return Ok(default()) };
    let picked = variant(&key, &weights).ok().map(|place| names[place]).filter(|name| !name.is_null());
    Ok(picked.map_or_else(default, |name| json!({"variant": name, "reason": "TARGETING_MATCH"})))
}

/// The variants and what they weigh; a weight that is no whole number is none.
fn variants(input: Input<'_>) -> Result<Vec<(&Value, Option<i64>)>, Verdict> {
    let items = input.get("variants").and_then(Value::as_array);
    let items = items.ok_or_else(|| Verdict::failed("an input with a list `variants`", "none"))?;
    items.iter().map(one).collect()
}

fn one(item: &Value) -> Result<(&Value, Option<i64>), Verdict> {
    match item.as_array().map(Vec::as_slice) {
        Some([name]) => Ok((name, Some(1))),
        Some([name, value, ..]) => Ok((name, weight(value))),
        Some([]) | None => Err(Verdict::failed("a variant and its weight", item)),
    }
}

fn weight(value: &Value) -> Option<i64> {
    match value {
        Value::Null => Some(1),
        Value::Number(_) => value.as_i64().or_else(|| value.as_f64().filter(|w| w.fract() == 0.0).map(|w| w as i64)),
        Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
