//! What becomes of sets that are neither new nor stable (`scaleDownOldReplicaSetsForBlueGreen` in
//! `rollout/bluegreen.go`).

use super::{keeps_older, skips_post_promotion};
use crate::controllers::argo::analysis::Phase;
use crate::controllers::argo::behind;
use crate::controllers::argo::spec::BlueGreen;
use crate::controllers::argo::state::RunKind;
use crate::controllers::argo::work::Work;

/// Takes older sets down whose time is over, newest revision first. A set that a service still points to stays, and one
/// that waits for its time is kept in full.
pub(super) fn scale_down(work: &mut Work<'_>, strategy: &BlueGreen) {
    if keeps_older(strategy, work.before, awaits_analysis(work, strategy)) {
        return;
    }
    let mut staying = 0;
    for set in behind::newest_first(work) {
        if behind::is_referenced(work, &set) {
            continue;
        }
        let size = behind::keep(work, &set, &mut staying, work.spec.replicas);
        if size != set.spec {
            work.scale(&set, size);
        }
    }
}

/// Whether the analysis after the switch is due and not content.
fn awaits_analysis(work: &Work<'_>, strategy: &BlueGreen) -> bool {
    let run = work.run(|kind| kind == RunKind::PostPromotion);
    let is_due = |new| !skips_post_promotion(work.spec, work.before, &new, run.is_some());
    let is_content = run.is_some_and(|run| run.phase == Phase::Successful);
    strategy.post_promotion.is_some() && work.new_set().is_some_and(is_due) && !is_content
}
