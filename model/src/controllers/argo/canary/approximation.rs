//! Weights without a router: as near as whole pods come (`approximateWeightedCanaryStableReplicaCounts`).
//!
//! Of a version that is to have some of the traffic but not all, at least one pod stays, unless there is only one pod
//! at all. Weights are rough for that: 5 % of 10 pods are 10 %.

use super::Sizes;
use crate::controllers::argo::gates::Share;
use crate::controllers::argo::pods;
use std::cmp::Ordering;

/// The sizes whose ratio comes nearest to `share`, out of `replicas` pods or, if one may be added, one more. Of two
/// that are as near, it is the larger canary, and the smaller sum.
#[must_use]
pub fn sizes(replicas: u32, share: Share, can_surge: bool) -> Sizes {
    if replicas == 0 {
        return Sizes { canary: 0, stable: 0 };
    }
    let exact = u64::from(replicas) * u64::from(share.weight());
    let max = u64::from(share.max());
    let (floor, ceil) = (i64::from(pods_of(exact / max)), i64::from(pods_of(exact.div_ceil(max))));
    let is_whole = share.weight() == 0 || share.rest().weight() == 0;
    let may_be_empty = is_whole || (replicas == 1 && !can_surge);
    let replicas = i64::from(replicas);
    let with_floor = |total| (floor != 0 || may_be_empty) && !is_half(total, share);
    let options = [
        (ceil < replicas || may_be_empty).then_some(Split { canary: ceil, total: replicas }),
        with_floor(replicas).then_some(Split { canary: floor, total: replicas }),
        can_surge.then_some(Split { canary: ceil, total: replicas + 1 }),
        (can_surge && with_floor(replicas + 1)).then_some(Split { canary: floor, total: replicas + 1 }),
    ];
    // The first of equals is kept.
    let best = options.into_iter().flatten().min_by(|a, b| a.compare(*b, share));
    let best = best.unwrap_or(Split { canary: 0, total: replicas });
    Sizes { canary: pods(best.canary), stable: pods(best.total - best.canary) }
}

/// A share of 32-bit pods is one again.
fn pods_of(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Whether the share of `total` pods is half a pod away from whole ones on both sides: then the smaller canary is no
/// option (`floorCeilingTied`).
fn is_half(total: i64, share: Share) -> bool {
    let max = i128::from(share.max());
    2 * (i128::from(total) * i128::from(share.weight()) % max) == max
}

/// So many pods of so many.
#[derive(Clone, Copy)]
struct Split {
    canary: i64,
    total: i64,
}

impl Split {
    /// Which is nearer to `share`, in exact fractions.
    fn compare(self, other: Self, share: Share) -> Ordering {
        let gap = |split: Self| {
            let have = i128::from(split.canary) * i128::from(share.max());
            (have - i128::from(share.weight()) * i128::from(split.total)).abs()
        };
        (gap(self) * i128::from(other.total)).cmp(&(gap(other) * i128::from(self.total)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(replicas: u32, weight: u32, can_surge: bool) -> (u32, u32) {
        let Sizes { canary, stable } = sizes(replicas, Share::new(weight, 100), can_surge);
        (canary, stable)
    }

    /// argo-rollouts `utils/replicaset/canary_test.go`, `TestApproximateWeightedNewStableReplicaCounts`.
    #[test]
    fn weights_become_the_nearest_pods() {
        for (replicas, weight, can_surge, expected) in [
            (0, 100, true, (0, 0)),
            (1, 0, false, (0, 1)),
            (1, 49, true, (1, 1)),
            (1, 50, true, (1, 1)),
            (1, 99, true, (1, 1)),
            (2, 100, false, (2, 0)),
            (2, 99, true, (2, 1)),
            (3, 10, false, (1, 2)),
            (3, 25, false, (1, 2)),
            (3, 10, true, (1, 3)),
            (3, 33, true, (1, 2)),
            (10, 14, false, (1, 9)),
            (10, 15, false, (2, 8)),
            (10, 1, true, (1, 10)),
            (10, 18, true, (2, 9)),
            (10, 23, true, (2, 8)),
            (10, 24, true, (3, 8)),
            (10, 25, true, (3, 8)),
        ] {
            assert_eq!(split(replicas, weight, can_surge), expected, "{weight} % of {replicas}, surge {can_surge}");
        }
    }

    #[test]
    fn five_per_cent_of_ten_pods_are_ten() {
        assert_eq!(split(10, 5, false), (1, 9));
    }

    #[test]
    fn the_largest_numbers_fit() {
        assert_eq!(split(u32::MAX, 100, true), (u32::MAX, 0));
        let Sizes { canary, stable } = sizes(u32::MAX, Share::new(u32::MAX / 2, u32::MAX), true);
        assert_eq!(u64::from(canary) + u64::from(stable), u64::from(u32::MAX));
    }
}
