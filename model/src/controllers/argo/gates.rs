//! What has to hold of a set before a rollout goes on (`utils/replicaset/canary.go`).

use super::spec::Threshold;
use super::state::ReplicaSet;

/// Whether a set was told to have `desired` pods and as many are available (`allDesiredAreAvailable`). A set that does
/// not exist never has.
#[must_use]
pub fn all_available(set: Option<&ReplicaSet>, desired: u32) -> bool {
    set.is_some_and(|set| set.spec == desired && set.available == desired)
}

/// Whether a set was told to have `desired` pods and as many exist, available or not (`allDesiredAreCreated`).
#[must_use]
pub fn all_created(set: Option<&ReplicaSet>, desired: u32) -> bool {
    set.is_some_and(|set| set.spec == desired && set.created == desired)
}

/// Whether enough of `desired` pods are available (`ReplicaProgressThresholdMet`). With a threshold, what the set was
/// told to have does not matter.
#[must_use]
pub fn is_threshold_met(threshold: Option<Threshold>, set: Option<&ReplicaSet>, desired: u32) -> bool {
    match (threshold, set) {
        (Some(Threshold::Percent(_)), Some(_)) if desired == 0 => true,
        (Some(Threshold::Percent(percent)), Some(set)) => {
            u64::from(set.available) * 100 >= u64::from(percent) * u64::from(desired)
        }
        (Some(Threshold::Pods(pods)), Some(set)) => set.available >= pods,
        (None, _) | (_, None) => all_available(set, desired),
    }
}

/// Whether a set has the pods for this share of the traffic, rounded down (`checkReplicasAvailable`). A set that does
/// not exist never has.
#[must_use]
pub fn can_carry(threshold: Option<Threshold>, set: Option<&ReplicaSet>, share: Share, replicas: u32) -> bool {
    let desired = share.rounded_down(replicas);
    set.is_some_and(|set| set.available >= desired || is_threshold_met(threshold, Some(set), desired))
}

/// A weight and what all weights add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    weight: u32,
    max: u32,
}

impl Share {
    /// This weight of that whole, and no more.
    #[must_use]
    pub fn new(weight: u32, max: u32) -> Self {
        let max = max.max(1);
        Self { weight: weight.min(max), max }
    }

    /// The weight.
    #[must_use]
    pub fn weight(self) -> u32 {
        self.weight
    }

    /// The whole.
    #[must_use]
    pub fn max(self) -> u32 {
        self.max
    }

    /// What is missing to the whole.
    #[must_use]
    pub fn rest(self) -> Self {
        Self { weight: self.max - self.weight, ..self }
    }

    /// Pods of `replicas`, a part of a pod counting as a whole one (`trafficWeightToReplicas`).
    #[must_use]
    pub fn rounded_up(self, replicas: u32) -> u32 {
        self.pods(replicas, u64::from(self.max) - 1)
    }

    /// Pods of `replicas`, a part of a pod not counting.
    #[must_use]
    pub fn rounded_down(self, replicas: u32) -> u32 {
        self.pods(replicas, 0)
    }

    fn pods(self, replicas: u32, round: u64) -> u32 {
        // At most `replicas`, because the weight is at most the whole.
        u32::try_from((u64::from(self.weight) * u64::from(replicas) + round) / u64::from(self.max)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(spec: u32, available: u32) -> ReplicaSet {
        ReplicaSet { spec, created: spec, available, ..ReplicaSet::default() }
    }

    /// argo-rollouts `utils/replicaset/canary_test.go`, `TestTrafficWeightToReplicas`.
    #[test]
    fn a_share_of_pods_rounds_up() {
        for (replicas, weight, max, expected) in [
            (10, 0, 100, 0),
            (10, 5, 100, 1),
            (3, 25, 100, 1),
            (3, 50, 100, 2),
            (10, 99, 100, 10),
            (10, 100, 100, 10),
            (23, 100_000_000, 100_000_000, 23),
            (u32::MAX, u32::MAX, u32::MAX, u32::MAX),
            (10, 5, 0, 10),
            (10, 101, 100, 10),
        ] {
            assert_eq!(Share::new(weight, max).rounded_up(replicas), expected, "{weight}/{max} of {replicas}");
        }
    }

    /// argo-rollouts `utils/replicaset/canary_test.go`, `TestAllReplicaProgressThresholdMet`.
    #[test]
    fn a_threshold_looks_at_what_is_available_only() {
        let met = |threshold, available, desired| is_threshold_met(threshold, Some(&set(2, available)), desired);
        assert!(met(Some(Threshold::Percent(90)), 9, 10) && !met(Some(Threshold::Percent(90)), 8, 10));
        assert!(met(Some(Threshold::Percent(90)), 0, 0));
        assert!(met(Some(Threshold::Pods(9)), 9, 10) && !met(Some(Threshold::Pods(9)), 8, 10));
        assert!(met(None, 2, 2) && !met(None, 9, 10) && !met(None, 1, 2));
        assert!(!is_threshold_met(Some(Threshold::Percent(0)), None, 0));
        assert!(met(Some(Threshold::Percent(u32::MAX)), u32::MAX, 1) && !met(Some(Threshold::Percent(u32::MAX)), 1, 1));
    }

    /// argo-rollouts `rollout/trafficrouting_test.go`, `TestCheckReplicasAvailableWithReplicaProgressThreshold`.
    #[test]
    fn a_set_carries_the_pods_it_has() {
        let half = Share::new(50, 100);
        assert!(can_carry(None, Some(&set(5, 5)), half, 10) && can_carry(None, Some(&set(9, 9)), half, 10));
        assert!(!can_carry(None, Some(&set(5, 4)), half, 10) && !can_carry(None, None, half, 10));
        assert!(!can_carry(Some(Threshold::Percent(80)), Some(&set(5, 3)), half, 10));
        assert!(can_carry(Some(Threshold::Percent(80)), Some(&set(5, 4)), half, 10));
    }
}
