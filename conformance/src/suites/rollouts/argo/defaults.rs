//! How long sets stay that no longer serve, by default and as told.

use super::super::Answer;
use super::super::input::{Input, no_such_op};
use super::{flag, routing, seconds_if_set};
use crate::case::Verdict;
use model::controllers::argo::delay::{self, AfterAbort};
use model::controllers::argo::spec::{BlueGreen, Canary, Strategy};
use model::time::Span;
use serde_json::json;

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    match input.text("op")? {
        "scale_down_delay" => match strategy(input)? {
            Some(strategy) => Ok(json!({"seconds": delay::after_promotion(&strategy).seconds()})),
            None => Ok(json!({"seconds": 0})),
        },
        "abort_scale_down_delay" => {
            let after = strategy(input)?.map(|strategy| AfterAbort::of(&strategy));
            let after = after.unwrap_or(AfterAbort { delay: Some(Span::ZERO), is_explicit: false });
            Ok(json!({"seconds": after.delay.map(Span::seconds), "explicit": after.is_explicit}))
        }
        other => Err(no_such_op(other, &["scale_down_delay", "abort_scale_down_delay"])),
    }
}

/// `None` without any.
fn strategy(input: Input<'_>) -> Result<Option<Strategy>, Verdict> {
    match input.text_if_set("strategy")? {
        None | Some("") => Ok(None),
        Some("BlueGreen") => Ok(Some(Strategy::BlueGreen(BlueGreen {
            scale_down_delay: seconds_if_set(input, "scaleDownDelaySeconds")?,
            abort_scale_down_delay: seconds_if_set(input, "abortScaleDownDelaySeconds")?,
            ..BlueGreen::default()
        }))),
        Some("Canary") => {
            let routing = flag(input, "trafficRouting")?.then(|| routing(input)).transpose()?;
            Ok(Some(Strategy::Canary(Canary { routing, ..Canary::default() })))
        }
        Some(other) => Err(Verdict::failed("the strategy Canary or BlueGreen", other)),
    }
}
