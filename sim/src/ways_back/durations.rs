//! How long a way back takes: what many trials of it say together.

use model::time::Span;

/// How long a way back takes, over many trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// Trials that were made.
    pub tried: u32,
    /// Of those, the ones that got there.
    pub reached: u32,
    /// Of those that were made, the ones in which a pipeline built something else than was meant: they have come to
    /// their end without getting there, and there is no time they took.
    pub wrong: u32,
    /// Whether nothing of it is drawn, so that one trial is as good as many.
    pub is_certain: bool,
    /// Half of all others took no longer; none, when fewer got there.
    pub p50: Option<Span>,
    /// Nine in ten of all others took no longer; none, when fewer got there.
    pub p90: Option<Span>,
}

impl Durations {
    /// Of so many trials of something drawn: how long those took that got there.
    pub(super) fn of(mut took: Vec<Span>, tried: u32, wrong: u32) -> Self {
        took.sort_unstable();
        let reached = u32::try_from(took.len()).expect("no more than were tried");
        let [p50, p90] = [50, 90].map(|percent| nearest_rank(&took, tried - wrong, percent));
        Durations { tried, reached, wrong, is_certain: false, p50, p90 }
    }
}

/// The smallest of these (sorted) that so many percent of the trials are no larger than. One that never got there is
/// larger than any.
fn nearest_rank(sorted: &[Span], trials: u32, percent: usize) -> Option<Span> {
    sorted.get((trials as usize * percent).div_ceil(100).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_nine_in_ten_are_trials_that_happened() {
        let spans: Vec<_> = (1..=10).map(Span::from_secs).collect();
        assert_eq!(nearest_rank(&spans, 10, 50), Some(Span::from_secs(5)));
        assert_eq!(nearest_rank(&spans, 10, 90), Some(Span::from_secs(9)));
        assert_eq!(nearest_rank(&spans[..1], 1, 50), Some(Span::from_secs(1)));
        assert_eq!(nearest_rank(&[], 0, 90), None);
    }

    /// Seven in ten got there: nine in ten did not, however fast those were.
    #[test]
    fn trials_that_never_got_there_count() {
        let spans: Vec<_> = (1..=7).map(Span::from_secs).collect();
        let expected = Durations { tried: 10, reached: 7, p50: Some(Span::from_secs(5)), ..Durations::default() };
        assert_eq!(Durations::of(spans.iter().rev().copied().collect(), 10, 0), expected);
        let right = Durations { wrong: 3, p90: Some(Span::from_secs(7)), p50: Some(Span::from_secs(4)), ..expected };
        assert_eq!(Durations::of(spans, 10, 3), right, "of the seven that came out as they were meant");
    }
}
