//! Blue-green: both versions in full, and one switch.
//!
//! The *active* service gets all traffic, the *preview* service shows the new version to whoever wants to see it. The
//! switch is at once; going back is, too, as long as the previous set is still up.

mod older;
pub(super) mod pass;

use super::pause;
use super::rollback::Rollback;
use super::spec::{BlueGreen, RolloutSpec};
use super::state::{ReplicaSet, Status};
use crate::id::VersionId;

/// How many pods the new set shall have (`NewRSNewReplicas`): all, or those of the preview until a person or the
/// controller has let it go on. `active` says that a set of the active version exists.
#[must_use]
pub fn new_size(spec: &RolloutSpec, strategy: &BlueGreen, status: &Status, target: VersionId, active: bool) -> u32 {
    let Some(preview) = strategy.preview_replicas else { return spec.replicas };
    let is_active = !active || status.active == Some(target);
    let goes_on = status.is_preview_done && !spec.paused && status.pauses.is_empty();
    let is_known = status.current == Some(target);
    if is_active || status.promote_full || (is_known && goes_on) { spec.replicas } else { preview }
}

/// Whether a set has all pods of the rollout, available, and was sized for them (`IsSaturated`).
#[must_use]
pub fn is_saturated(spec: &RolloutSpec, set: &ReplicaSet) -> bool {
    let sized_for = set.desired == Some(spec.replicas);
    sized_for && set.spec == spec.replicas && set.available == spec.replicas
}

/// Whether the update goes to the switch without waiting (`isBlueGreenFastTracked`): a fast way back, a full promotion,
/// the first version of all, or one that is active already.
#[must_use]
pub fn is_fast_tracked(status: &Status, target: VersionId, rollback: Option<Rollback>) -> bool {
    let is_fast = rollback.is_some_and(Rollback::is_fast);
    is_fast || status.promote_full || status.active.is_none_or(|active| active == target)
}

/// Whether no analysis comes before the switch yet, or any longer (`skipPrePromotionAnalysisRun`). One that runs is not
/// stopped because pods come and go.
#[must_use]
pub fn skips_pre_promotion(
    spec: &RolloutSpec,
    strategy: &BlueGreen,
    status: &Status,
    new: &ReplicaSet,
    is_running: bool,
) -> bool {
    let is_there = status.stable == Some(new.version) || status.active.is_none_or(|active| active == new.version);
    let is_ready = match strategy.preview_replicas {
        Some(preview) => new.spec == preview && new.available == preview,
        None => is_saturated(spec, new),
    };
    is_there || (!is_running && !is_ready)
}

/// Whether no analysis comes after the switch yet, or any longer (`skipPostPromotionAnalysisRun`).
#[must_use]
pub fn skips_post_promotion(spec: &RolloutSpec, status: &Status, new: &ReplicaSet, is_running: bool) -> bool {
    let is_elsewhere = status.stable == Some(new.version) || status.active != Some(new.version);
    is_elsewhere || (!is_running && !is_saturated(spec, new))
}

/// Whether older sets have to stay for now: an analysis came to no verdict, or the one after the switch is not content
/// and no delay was written down.
#[must_use]
pub fn keeps_older(strategy: &BlueGreen, status: &Status, awaits_analysis: bool) -> bool {
    let waits = pause::of(status, pause::Reason::InconclusiveAnalysis).is_some();
    waits || (strategy.scale_down_delay.is_none() && awaits_analysis)
}
