//! Recorders: how long something took, written down as it happens.
//!
//! What is read of it is a histogram of `hdrhistogram`; what is written is the same buckets as plain numbers, because a
//! time is written down for every request and every attempt, and hardly ever read. Only as many buckets are kept as
//! the longest time so far needs: a fork copies them.

use hdrhistogram::Histogram;
use model::time::Span;

/// The shortest time told apart, in microseconds; what is shorter counts as it.
const SHORTEST_US: u64 = 1;
/// The longest time told apart, in microseconds, an hour; what is longer counts as it.
const LONGEST_US: u64 = 3_600_000_000;
/// Significant decimal digits kept.
const DIGITS: u8 = 2;
/// Buckets of a histogram of that range and resolution.
const BUCKETS: usize = 3328;
/// Buckets of the same width, as a power of two: enough for two digits. The first row has twice as many.
const ROW_BITS: u32 = 7;

/// Times that something took.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Recorder {
    /// By bucket: how many. Whole rows, up to that of the longest time.
    counts: Vec<u32>,
}

impl Recorder {
    /// What all buckets take, in bytes.
    pub(super) const BYTES: u64 = (BUCKETS * size_of::<u32>()) as u64;

    /// Writes down a time.
    pub(super) fn note(&mut self, took: Span) {
        let bucket = bucket_of(micros(took));
        match self.counts.get_mut(bucket) {
            Some(count) => *count = count.saturating_add(1),
            None => self.begin(bucket),
        }
    }

    /// Writes down a time longer than those before.
    #[cold]
    fn begin(&mut self, bucket: usize) {
        self.counts.resize((bucket + 1).next_multiple_of(1 << ROW_BITS), 0);
        self.counts[bucket] = 1;
    }

    /// Everything written down so far, if there is anything.
    pub(super) fn histogram(&self) -> Option<Histogram<u32>> {
        let mut counted = self.counts.iter().zip(0..).filter(|(count, _)| **count > 0).peekable();
        counted.peek()?;
        let mut histogram = empty();
        counted.for_each(|(count, bucket)| histogram.saturating_record_n(start_of(bucket), *count));
        Some(histogram)
    }
}

/// A histogram with nothing in it.
fn empty() -> Histogram<u32> {
    Histogram::new_with_bounds(SHORTEST_US, LONGEST_US, DIGITS).expect("the range is not empty")
}

/// A time as histograms hold it: in microseconds that have begun, within the range.
fn micros(took: Span) -> u32 {
    took.nanos().div_ceil(1000).clamp(SHORTEST_US, LONGEST_US) as u32 // an hour in microseconds has 32 bits
}

/// The bucket a time is counted in: each row is twice as wide as the one before.
fn bucket_of(micros: u32) -> usize {
    let row = (u32::BITS - 1 - ROW_BITS).saturating_sub(micros.leading_zeros());
    ((row << ROW_BITS) + (micros >> row)) as usize
}

/// The shortest time of a bucket, in microseconds.
fn start_of(bucket: usize) -> u64 {
    let row = (bucket >> ROW_BITS).saturating_sub(1);
    ((bucket - (row << ROW_BITS)) as u64) << row
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn there_are_as_many_buckets_as_the_histogram_has() {
        assert_eq!(empty().distinct_values(), BUCKETS);
        assert!(bucket_of(micros(Span::from_nanos(u64::MAX))) < BUCKETS);
    }

    #[test]
    fn a_bucket_begins_with_the_time_it_says() {
        for bucket in 0..BUCKETS {
            let start = start_of(bucket);
            assert_eq!((bucket_of(u32::try_from(start).unwrap()), empty().lowest_equivalent(start)), (bucket, start));
        }
    }

    #[test]
    fn a_bucket_that_is_full_stays_full() {
        let mut recorder = Recorder::default();
        recorder.note(Span::from_millis(1));
        recorder.counts[bucket_of(1000)] = u32::MAX - 1;
        (0..3).for_each(|_| recorder.note(Span::from_millis(1)));
        assert_eq!(recorder.histogram().unwrap().count_at(1000), u32::MAX);
    }

    proptest! {
        #[test]
        fn it_counts_as_the_histogram_would(times in prop::collection::vec((1..u64::MAX, 0..64_u32), 0..300)) {
            let (mut recorder, mut histogram) = (Recorder::default(), empty());
            for (nanos, shift) in &times {
                let took = Span::from_nanos(nanos >> shift);
                recorder.note(took);
                histogram.saturating_record(u64::from(micros(took)));
            }
            prop_assert_eq!(recorder.histogram(), Some(histogram).filter(|_| !times.is_empty()));
        }
    }
}
