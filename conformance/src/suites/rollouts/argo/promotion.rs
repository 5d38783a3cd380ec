//! When the new version becomes the stable one, and when a step is done: whole passes over a canary.

use super::super::Answer;
use super::super::input::Input;
use super::{UNSET, flag, gates, new_version, older_version, pod_limit, set, stable_version, threshold};
use crate::case::Verdict;
use model::controllers::argo::analysis::Analysis;
use model::controllers::argo::canary::steps::fingerprint;
use model::controllers::argo::spec::{BlueGreen, Canary, RolloutSpec, Step, Strategy};
use model::controllers::argo::state::{Event, Observed, Pass, ReplicaSet, Sets, Status};
use model::controllers::argo::{promotion, reconcile, rollback};
use model::id::VersionId;
use model::time::{Span, Time};
use serde_json::json;

/// When the pass takes place.
const NOW: Time = Time::from_nanos(3_600_000_000_000);

/// More steps than this are no rollout, and do not fit in memory in the end.
const STEPS_MAX: u32 = 1000;

/// A set of the kind that the original makes for its tests: sized for what it has, and created in its turn.
pub(super) fn made(set: ReplicaSet, replicas: u32, turn: u64) -> ReplicaSet {
    let created_at = Time::ZERO + Span::from_secs(turn);
    ReplicaSet { revision: turn, created_at, desired: Some(replicas), ready: set.available, ..set }
}

pub(super) fn should_full_promote(input: Input<'_>) -> Answer {
    let replicas = input.count("replicas")?;
    let available = input.count("new_available")?;
    let steps = input.count_or("steps", 0)?;
    if steps > STEPS_MAX {
        return Err(Verdict::failed(format!("an input with `steps`: at most {STEPS_MAX}"), steps));
    }
    let strategy = match input.text("strategy")? {
        "Canary" => Strategy::Canary(Canary {
            steps: vec![Step::SetWeight(0); steps as usize],
            threshold: threshold(input)?,
            ..Canary::default()
        }),
        "BlueGreen" => Strategy::BlueGreen(BlueGreen {
            post_promotion: flag(input, "postPromotionAnalysis")?.then(Analysis::default),
            ..BlueGreen::default()
        }),
        other => return Err(Verdict::failed("the strategy Canary or BlueGreen", other)),
    };
    let spec = RolloutSpec { replicas, strategy, ..RolloutSpec::default() };
    let new = ReplicaSet { version: new_version(), spec: replicas, available, ..ReplicaSet::default() };
    let stable = ReplicaSet { version: stable_version(), spec: replicas, ..ReplicaSet::default() };
    let sets = [made(stable, replicas, 1), made(new, replicas, 2)];
    let status = Status {
        stable: Some(stable_version()),
        current: Some(new_version()),
        active: Some(new_version()),
        step: input.count_if_set("current_step_index")?,
        abort: flag(input, "abort")?,
        promote_full: flag(input, "promoteFull")?,
        ..Status::default()
    };
    let told = Sets::of(&sets, new_version(), status.stable);
    let way_back = rollback::of(&spec, &told, &sets, NOW);
    let promotion = promotion::due(&spec, &status, &told, way_back);
    Ok(json!({"reason": promotion.map(|promotion| promotion.to_string())}))
}

/// A canary under way, from an input with steps and sets.
struct Rig {
    spec: RolloutSpec,
    status: Status,
    sets: Vec<ReplicaSet>,
}

impl Rig {
    fn of(input: Input<'_>) -> Result<Self, Verdict> {
        let replicas = input.count("replicas")?;
        let canary = Canary {
            steps: gates::steps(&input.list("steps")?)?,
            max_surge: pod_limit(input, "maxSurge", UNSET)?,
            max_unavailable: pod_limit(input, "maxUnavailable", UNSET)?,
            ..Canary::default()
        };
        let status = Status {
            stable: Some(stable_version()),
            current: Some(new_version()),
            step: input.count_if_set("current_step_index")?,
            steps: Some(fingerprint(&canary)),
            ..Status::default()
        };
        let older = input.get("older").map_or(Ok(Vec::new()), |_| input.list("older"))?;
        let older = older.into_iter().map(|older| set(older, older_version()));
        let own = [set(input.inner("stable")?, stable_version()), set(input.inner("canary")?, new_version())];
        let sets = older.chain(own).collect::<Result<Vec<_>, Verdict>>()?;
        let sets = (1..).zip(sets).map(|(turn, set)| made(set, replicas, turn)).collect();
        Ok(Self {
            spec: RolloutSpec { replicas, strategy: Strategy::Canary(canary), ..RolloutSpec::default() },
            status,
            sets,
        })
    }

    /// Passes until the first that is no look at the conditions only.
    fn pass(&self, target: VersionId) -> Pass {
        let observed = Observed { sets: &self.sets, status: &self.status, is_weight_verified: None, now: NOW };
        reconcile(&self.spec, target, &observed)
    }
}

pub(super) fn template_reverted(input: Input<'_>) -> Answer {
    let rig = Rig::of(input)?;
    let pass = rig.pass(stable_version());
    let skipped = pass.events.iter().find_map(|event| match event {
        Event::StepsSkipped(way_back) => Some(*way_back),
        Event::StepCompleted { .. } | Event::Promoted(_) | Event::Aborted(_) | Event::Waits(_) => None,
    });
    Ok(json!({
        "current_step_index": pass.status.step,
        "event": skipped.map(|_| "SkipSteps"),
        "completion_status": skipped.map(rollback::Rollback::completion_status),
    }))
}

pub(super) fn advance_step(input: Input<'_>) -> Answer {
    let pass = Rig::of(input)?.pass(new_version());
    Ok(json!({"current_step_index": pass.status.step}))
}
