//! The pods of one pass: create, scale down, update, each only when the one before had nothing to wait for.

use super::{Health, Management, PodState, StatefulSetSpec, StatefulSetState, Step, Strategy};
use crate::controllers::deployment::CountOrShare;
use crate::id::VersionId;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Pods created in one pass, at most (`MaxBatchSize`).
const CREATED_AT_ONCE: usize = 500;

/// Creates and deletes pods (`updateStatefulSet`). The two versions are the current and the update revision.
pub(super) fn steps(spec: &StatefulSetSpec, [current, update]: [VersionId; 2], pods: &[PodState]) -> Vec<Step> {
    let pods = pods.iter().map(|pod| (pod.ordinal, *pod)).collect();
    let pass = Pass { spec, current, update, pods };
    let mut steps = Vec::new();
    if pass.keep_replicas(&mut steps).is_continue() && pass.scale_down(&mut steps).is_continue() {
        steps.extend(pass.update());
    }
    steps
}

/// The pod that a pass waits for before it does anything with others: the lowest that is there and not available.
/// Without it nothing changes; no other version and no other size helps. `None` when pods do not wait for each other,
/// and while a lower one is missing, which a pass creates.
#[must_use]
pub fn waits_for(spec: &StatefulSetSpec, observed: &StatefulSetState) -> Option<u32> {
    let pods: BTreeMap<u32, &PodState> = observed.pods.iter().map(|pod| (pod.ordinal, pod)).collect();
    let first = (0..spec.replicas).find(|ordinal| pods.get(ordinal).is_none_or(|pod| pod.is_unavailable()));
    let waits = spec.management == Management::OrderedReady;
    first.filter(|ordinal| waits && pods.get(ordinal).is_some_and(|pod| pod.health != Health::Ended || pod.terminating))
}

struct Pass<'a> {
    spec: &'a StatefulSetSpec,
    current: VersionId,
    update: VersionId,
    pods: BTreeMap<u32, PodState>,
}

impl Pass<'_> {
    fn is_ordered(&self) -> bool {
        self.spec.management == Management::OrderedReady
    }

    /// Creates what is missing and deletes what has ended, lowest first (`processReplica`). Breaks when there is
    /// something to wait for.
    fn keep_replicas(&self, steps: &mut Vec<Step>) -> ControlFlow<()> {
        for ordinal in 0..self.spec.replicas {
            match self.pods.get(&ordinal) {
                None => steps.push(Step::Create { ordinal, version: self.version_of(ordinal) }),
                Some(pod) if pod.health == Health::Ended && !pod.terminating => steps.push(Step::Delete { ordinal }),
                Some(pod) if pod.is_unavailable() => {}
                Some(_) => continue,
            }
            if self.is_ordered() || steps.len() >= CREATED_AT_ONCE {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// The version of a pod that is created now (`newVersionedStatefulSetPod`).
    fn version_of(&self, ordinal: u32) -> VersionId {
        if ordinal < self.spec.partition() { self.current } else { self.update }
    }

    /// Deletes pods that are too many, highest first (`processCondemned`). In order, that is one at a time, and a pod
    /// that is not available waits for the lower ones that are not either.
    fn scale_down(&self, steps: &mut Vec<Step>) -> ControlFlow<()> {
        let condemned = || self.pods.range(self.spec.replicas..).map(|(_, pod)| pod);
        if !self.is_ordered() {
            let going = condemned().rev().filter(|pod| !pod.terminating);
            steps.extend(going.map(|pod| Step::Delete { ordinal: pod.ordinal }));
            return ControlFlow::Continue(());
        }
        let Some(highest) = condemned().next_back() else { return ControlFlow::Continue(()) };
        let first_unavailable = condemned().find(|pod| pod.is_unavailable());
        let is_first = first_unavailable.is_none_or(|pod| pod.ordinal == highest.ordinal);
        if !highest.terminating && (is_first || !highest.is_unavailable()) {
            steps.push(Step::Delete { ordinal: highest.ordinal });
        }
        ControlFlow::Break(())
    }

    fn update(&self) -> Vec<Step> {
        match self.spec.strategy {
            Strategy::OnDelete => Vec::new(),
            Strategy::RollingUpdate { partition, max_unavailable: None } => Vec::from_iter(self.update_one(partition)),
            Strategy::RollingUpdate { partition, max_unavailable: Some(limit) } => self.update_some(partition, limit),
        }
    }

    /// The highest pod of another revision, unless a higher one is not available.
    fn update_one(&self, partition: u32) -> Option<Step> {
        let visited = (partition..self.spec.replicas).rev().map(|ordinal| (ordinal, self.pods.get(&ordinal)));
        for (ordinal, pod) in visited {
            match pod {
                Some(pod) if self.is_outdated(pod) => return Some(Step::Delete { ordinal }),
                Some(pod) if !pod.is_unavailable() => {}
                Some(_) | None => return None,
            }
        }
        None
    }

    /// The highest pods of other revisions, as many as may be missing beside those that are
    /// (`updateStatefulSetAfterInvariantEstablished`, behind the gate `MaxUnavailableStatefulSet`). Pods of a broken
    /// version count as missing, so they can use up the room for their own replacement.
    fn update_some(&self, partition: u32, limit: CountOrShare) -> Vec<Step> {
        let replicas = self.spec.replicas as usize;
        let wanted = || self.pods.range(..self.spec.replicas);
        let available = wanted().filter(|(_, pod)| !pod.is_unavailable()).count();
        let missing = replicas.saturating_sub(available);
        let room = (limit.rounded_down(self.spec.replicas).max(1) as usize).saturating_sub(missing);
        let outdated = wanted().rev().filter(|(ordinal, pod)| **ordinal >= partition && self.is_outdated(pod));
        outdated.take(room).map(|(ordinal, _)| Step::Delete { ordinal: *ordinal }).collect()
    }

    /// Whether it has to make way. One that has ended makes way without an update.
    fn is_outdated(&self, pod: &PodState) -> bool {
        pod.version != self.update && !pod.terminating && pod.health != Health::Ended
    }
}
