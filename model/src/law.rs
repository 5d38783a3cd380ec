//! How long things take: the laws durations are drawn from.

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
}

impl Law {
    /// No time at all.
    pub const NONE: Law = Law::Constant(Span::ZERO);

    /// The median: what to tell a person who asks how long it takes.
    #[must_use]
    pub fn median(self) -> Span {
        match self {
            Law::Constant(span) | Law::Lognormal { p50: span, .. } => span,
            // ln 2, in thousandths: an estimate for people, never fed back into a run.
            Law::Exponential { mean } => Span::from_nanos(mean.nanos() / 1000 * 693),
        }
    }
}
