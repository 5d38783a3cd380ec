//! Histograms as monitoring keeps them: a few buckets, from which a quantile is estimated.
//!
//! The buckets are the default ones of Prometheus client libraries (`DefBuckets` of prometheus/client_golang,
//! `prometheus/histogram.go`), the estimate is its `histogram_quantile` (`promql/quantile.go`, `BucketQuantile`):
//! evenly spread inside a bucket, and never beyond the last bound. What lies in one bucket cannot be told apart: a
//! quantile between 250 ms and 500 ms is a guess.

use model::ratio::Ratio;
use model::time::Span;
use std::array;

/// The upper bounds of the buckets, in milliseconds; one without a bound follows.
const BOUNDS: [u64; 11] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// How many answers took how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histogram {
    /// By bucket, not added up.
    counts: [u64; BOUNDS.len() + 1],
}

const fn bound(index: usize) -> Span {
    Span::from_millis(BOUNDS[index])
}

impl Histogram {
    pub(crate) fn count(&mut self, took: Span) {
        let bucket = (0..BOUNDS.len()).find(|index| took <= bound(*index)).unwrap_or(BOUNDS.len());
        self.counts[bucket] += 1;
    }

    /// Both together.
    pub(crate) fn plus(self, other: Histogram) -> Histogram {
        Histogram { counts: array::from_fn(|index| self.counts[index] + other.counts[index]) }
    }

    /// The time within which this share of the answers was given, as far as the buckets tell; nothing without any.
    pub(crate) fn quantile(&self, share: Ratio) -> Option<Span> {
        let total: u64 = self.counts.iter().sum();
        if total == 0 {
            return None;
        }
        // In billionths of an answer.
        let rank = u128::from(share.ppb()) * u128::from(total);
        let mut below = 0;
        for (index, count) in self.counts.iter().enumerate() {
            let here = u128::from(*count) * 1_000_000_000;
            if here > 0 && below + here >= rank {
                return Some(between(index, rank - below, here));
            }
            below += here;
        }
        Some(bound(BOUNDS.len() - 1))
    }
}

/// So much of the way through a bucket.
fn between(index: usize, part: u128, whole: u128) -> Span {
    if index == BOUNDS.len() {
        return bound(index - 1);
    }
    let lower = index.checked_sub(1).map_or(Span::ZERO, bound);
    let width = u128::from(bound(index).nanos() - lower.nanos());
    lower + Span::from_nanos(u64::try_from(width * part / whole).expect("no more than the width"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(millis: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        millis.into_iter().for_each(|ms| histogram.count(Span::from_millis(ms)));
        histogram
    }

    fn quantile(histogram: &Histogram, percent: u32) -> Option<u64> {
        let share = Ratio::percent(percent).expect("a share");
        histogram.quantile(share).map(|span| span.nanos() / 1_000_000)
    }

    #[test]
    fn inside_a_bucket_answers_count_as_evenly_spread() {
        // Ten between 100 and 250 ms, wherever they are.
        let ten = of([249; 10]);
        assert_eq!(quantile(&ten, 50), Some(175));
        assert_eq!(quantile(&ten, 100), Some(250));
        assert_eq!(quantile(&of([1; 4]), 50), Some(2), "the first bucket begins at nothing");
    }

    #[test]
    fn a_bound_belongs_to_the_bucket_below_it() {
        assert_eq!(quantile(&of([100]), 100), Some(100));
        assert_eq!(quantile(&of([101]), 100), Some(250));
    }

    #[test]
    fn beyond_the_last_bound_nothing_is_known() {
        assert_eq!(quantile(&of([60_000; 3]), 99), Some(10_000));
    }

    #[test]
    fn of_nothing_there_is_no_quantile() {
        assert_eq!(quantile(&Histogram::default(), 99), None);
    }

    #[test]
    fn two_histograms_add_up() {
        let both = of([7; 99]).plus(of([800]));
        assert_eq!(both, of([7; 99].into_iter().chain([800])));
        assert_eq!(quantile(&both, 99), Some(10));
        assert!(quantile(&both, 100) == Some(1_000));
    }
}
