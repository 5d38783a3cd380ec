//! How long things take: the laws durations are drawn from.

use crate::id::PercentilesId;
use crate::ratio::Ratio;
use crate::time::Span;

/// A distribution of durations. Sampling lives in the simulator; the law itself is data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// Always the same.
    Constant(Span),
    /// Memoryless, with this mean.
    Exponential {
        /// Mean, which is also the standard deviation.
        mean: Span,
    },
    /// Right-skewed, as latencies and people are; stated by its median and 99th percentile.
    Lognormal {
        /// Half of all draws are below.
        p50: Span,
        /// 99 of 100 draws are below; at least `p50`.
        p99: Span,
    },
    /// Stated by a table of percentiles.
    Percentiles(PercentilesId),
}

impl Law {
    /// No time at all.
    pub const NONE: Law = Law::Constant(Span::ZERO);
}

/// A distribution by some of its percentiles: between two of them the logarithm of the time grows evenly, below
/// the first and above the last the time is theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Percentiles(Vec<Percentile>);

/// A point of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentile {
    /// The share of draws that are not above the time.
    pub share: Ratio,
    /// The time, above zero.
    pub time: Span,
}

impl Percentiles {
    /// A table of at least two points, of which both shares and times ascend; times may stay the same.
    #[must_use]
    pub fn new(points: Vec<Percentile>) -> Option<Self> {
        let ascends = |pair: &[Percentile]| pair[0].share < pair[1].share && pair[0].time <= pair[1].time;
        let good = points.len() >= 2 && points[0].time > Span::ZERO && points.windows(2).all(ascends);
        good.then_some(Percentiles(points))
    }

    /// Its points, ascending; at least two.
    #[must_use]
    pub fn points(&self) -> &[Percentile] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_ascends_and_has_two_points_at_least() {
        let table = |points: &[(u32, u64)]| {
            let point = |(percent, nanos): &(u32, u64)| Percentile {
                share: Ratio::percent(*percent).expect("a share"),
                time: Span::from_nanos(*nanos),
            };
            Percentiles::new(points.iter().map(point).collect()).is_some()
        };
        assert!(table(&[(50, 5), (90, 5), (99, 80)]));
        let wrong: [&[(u32, u64)]; 4] = [&[(50, 5)], &[(50, 5), (50, 6)], &[(50, 5), (90, 4)], &[(0, 0), (90, 4)]];
        assert!(wrong.iter().all(|points| !table(points)));
    }
}
