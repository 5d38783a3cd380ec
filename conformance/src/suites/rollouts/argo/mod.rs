//! Argo Rollouts: sizes and weights, gates, analyses, deadlines, ways back.

pub(super) mod analysis;
pub(super) mod counts;
pub(super) mod deadline;
pub(super) mod defaults;
pub(super) mod dynamic;
pub(super) mod gates;
pub(super) mod metric;
mod promotion;
pub(super) mod rollback;
mod switch;
pub(super) mod weights;

use super::input::Input;
use crate::case::Verdict;
use model::controllers::argo::canary::{Sizes, View};
use model::controllers::argo::spec::{Canary, RolloutSpec, Routing, Step, Strategy, Threshold, limit};
use model::controllers::argo::state::{Destination, ReplicaSet, Sets, Status, Weights};
use model::controllers::deployment::CountOrShare;
use model::id::VersionId;
use model::time::{Span, Time};
use serde_json::{Value, json};

/// What limits are when they are not set.
const UNSET: CountOrShare = CountOrShare::Percent(25);

/// The version that is released.
fn new_version() -> VersionId {
    VersionId::new(1)
}

/// The stable one.
fn stable_version() -> VersionId {
    VersionId::new(2)
}

/// One that is neither.
fn older_version() -> VersionId {
    VersionId::new(3)
}

/// A canary in the middle of an update, and its sets.
struct Rig {
    spec: RolloutSpec,
    canary: Canary,
    status: Status,
    sets: Vec<ReplicaSet>,
}

impl Rig {
    /// With the canary's steps at the last of them.
    fn new(input: Input<'_>, canary: Canary) -> Result<Self, Verdict> {
        let status = Status {
            current: Some(new_version()),
            stable: Some(stable_version()),
            step: Some(canary.len().saturating_sub(1)),
            abort: flag(input, "abort")?,
            promote_full: flag(input, "promoteFull")?,
            ..Status::default()
        };
        let strategy = Strategy::Canary(canary.clone());
        let spec = RolloutSpec { replicas: input.count_or("replicas", 1)?, strategy, ..RolloutSpec::default() };
        Ok(Self { spec, canary, status, sets: Vec::new() })
    }

    fn view(&self) -> View<'_> {
        let sets = Sets::of(&self.sets, new_version(), self.status.stable);
        View { spec: &self.spec, canary: &self.canary, status: &self.status, sets }
    }

    /// The sets of an input: new, stable and older ones.
    fn fill(&mut self, input: Input<'_>) -> Result<(), Verdict> {
        if input.get("canary").is_some() {
            self.sets.push(set(input.inner("canary")?, new_version())?);
        }
        match input.get("stable") {
            None => self.status.stable = None,
            Some(Value::String(_)) => self.status.stable = Some(new_version()),
            Some(_) => self.sets.push(set(input.inner("stable")?, stable_version())?),
        }
        if input.get("older").is_some() {
            for older in input.list("older")? {
                self.sets.push(set(older, older_version())?);
            }
        }
        Ok(())
    }
}

/// A set; what it has is what it was told to have, unless that is given.
fn set(input: Input<'_>, version: VersionId) -> Result<ReplicaSet, Verdict> {
    let spec = input.count_or("spec", 1)?;
    let created = input.count_or("status_replicas", spec)?;
    Ok(ReplicaSet { version, spec, created, available: input.count_or("available", 0)?, ..ReplicaSet::default() })
}

/// Steps that set these weights.
fn weight_steps(input: Input<'_>, member: &str) -> Result<Vec<Step>, Verdict> {
    let weights = input.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
    let weight = |value: &Value| value.as_u64().and_then(|weight| u32::try_from(weight).ok());
    let steps: Option<Vec<Step>> = weights.iter().map(|value| weight(value).map(Step::SetWeight)).collect();
    steps.ok_or_else(|| Verdict::failed(format!("an input with `{member}`: a list of weights"), json!(weights)))
}

/// What a router and its strategy are told in an input.
fn routing(input: Input<'_>) -> Result<Routing, Verdict> {
    Ok(Routing {
        max_weight: input.count_or("maxWeight", 100)?,
        dynamic_stable_scale: flag(input, "dynamicStableScale")?,
        min_pods: input.count_if_set("minPodsPerReplicaSet")?,
        scale_down_delay: seconds_if_set(input, "scaleDownDelaySeconds")?,
        scale_down_delay_revision_limit: input.count_if_set("scaleDownDelayRevisionLimit")?,
        abort_scale_down_delay: seconds_if_set(input, "abortScaleDownDelaySeconds")?,
    })
}

fn weights(canary: u32, stable: u32) -> Weights {
    Weights {
        canary: Destination { version: Some(new_version()), weight: canary },
        stable: Destination { version: Some(stable_version()), weight: stable },
    }
}

fn threshold(input: Input<'_>) -> Result<Option<Threshold>, Verdict> {
    if input.get("threshold").is_none() {
        return Ok(None);
    }
    let threshold = input.inner("threshold")?;
    // A threshold below 0 is none.
    if threshold.get("value").and_then(Value::as_i64).is_some_and(|value| value < 0) {
        return Ok(None);
    }
    let value = threshold.count("value")?;
    match threshold.text("type")? {
        "Percentage" => Ok(Some(Threshold::Percent(value))),
        "Pods" => Ok(Some(Threshold::Pods(value))),
        other => Err(Verdict::failed("a threshold of the type Percentage or Pods", other)),
    }
}

/// A limit: a number of pods, or a text that is a percentage.
fn pod_limit(input: Input<'_>, member: &str, unset: CountOrShare) -> Result<CountOrShare, Verdict> {
    match input.get(member) {
        None => Ok(unset),
        Some(Value::String(text)) => limit(text).map_err(|error| Verdict::failed("a limit", error)),
        Some(_) => input.count(member).map(CountOrShare::Count),
    }
}

/// False when it is not set.
fn flag(input: Input<'_>, member: &str) -> Result<bool, Verdict> {
    input.get(member).map_or(Ok(false), |_| input.flag(member))
}

fn seconds_if_set(input: Input<'_>, member: &str) -> Result<Option<Span>, Verdict> {
    input.get(member).map(|_| input.seconds(member)).transpose()
}

/// A long time after the start, so that there is time before it.
fn now() -> Time {
    Time::ZERO + Span::from_secs(1 << 30)
}

/// This long before [`now`].
fn ago(span: Span) -> Time {
    Time::from_nanos(now().nanos().saturating_sub(span.nanos()))
}

fn sizes(sizes: Sizes) -> Value {
    json!({"canary": sizes.canary, "stable": sizes.stable})
}
