//! Numbers out of a list that is told off in runs: the places of records that a restore has taken away, the updates
//! that it has left.

use std::ops::Range;

/// Ranges of numbers, ascending, none of which touches the next. There are at most as many as there were restores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<Range<u32>>);

impl Ranges {
    /// How many numbers there are.
    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// These and those from `range`, which begins behind all of them.
    pub(super) fn and(&self, range: Range<u32>) -> Self {
        let mut ranges = self.0.clone();
        match ranges.last_mut() {
            _ if range.is_empty() => {}
            Some(last) if last.end == range.start => last.end = range.end,
            Some(_) | None => ranges.push(range),
        }
        Ranges(ranges)
    }

    /// These and all of `range`.
    pub(super) fn with(&self, range: Range<u32>) -> Self {
        let ahead = self.0.iter().map(|own| own.start..own.end.min(range.start));
        let behind = self.0.iter().map(|own| own.start.max(range.end)..own.end);
        let all = ahead.chain([range.clone()]).chain(behind);
        all.filter(|part| part.start < part.end).fold(Ranges::default(), |all, part| all.and(part))
    }

    /// Those that are here and there.
    pub(super) fn shared(&self, other: &Self) -> Self {
        let overlaps = |one: &Range<u32>, two: &Range<u32>| one.start.max(two.start)..one.end.min(two.end);
        let pairs = self.0.iter().flat_map(|one| other.0.iter().map(move |two| overlaps(one, two)));
        pairs.fold(Ranges::default(), |all, range| all.and(range))
    }

    /// The n-th number, from 0, among those that are not here.
    pub(super) fn place(&self, nth: u32) -> u32 {
        self.0.iter().fold(nth, |at, range| if at < range.start { at } else { at + (range.end - range.start) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Ranges that begin with so many numbers left out and so many taken, and so on.
    fn ranges(steps: &[(u32, u32)]) -> Ranges {
        let (mut all, mut end) = (Ranges::default(), 0);
        for (left, taken) in steps {
            all = all.and(end + left..end + left + taken);
            end += left + taken;
        }
        all
    }

    fn numbers(ranges: &Ranges) -> Vec<u32> {
        ranges.0.iter().cloned().flatten().collect()
    }

    #[test]
    fn neighbours_become_one() {
        let all = Ranges::default().and(3..5).and(5..5).and(5..7).and(9..10);
        assert_eq!(all, Ranges(vec![3..7, 9..10]));
    }

    proptest! {
        /// Against a list of what is not there.
        #[test]
        fn a_range_is_put_among_others(
            steps in prop::collection::vec((0_u32..4, 0_u32..4), 0..6),
            (start, length) in (0_u32..20, 0_u32..20),
        ) {
            let own = ranges(&steps);
            let both = own.with(start..start + length);
            let is_in = |ranges: &Ranges, n: u32| ranges.0.iter().any(|range| range.contains(&n));
            for n in 0..60 {
                prop_assert_eq!(is_in(&both, n), is_in(&own, n) || (start..start + length).contains(&n));
            }
            prop_assert!(both.0.windows(2).all(|pair| pair[0].end < pair[1].start), "{:?}", both);
        }

        #[test]
        fn every_number_that_is_left_out_has_its_place(steps in prop::collection::vec((0..5_u32, 0..5_u32), 0..8)) {
            let all = ranges(&steps);
            let end = steps.iter().map(|(left, taken)| left + taken).sum();
            let there: Vec<u32> = (0..end).filter(|number| !numbers(&all).contains(number)).collect();
            prop_assert_eq!(all.count() as usize, end as usize - there.len());
            for (nth, place) in (0..).zip(there) {
                prop_assert_eq!(all.place(nth), place);
            }
        }

        /// Against lists of numbers.
        #[test]
        fn what_is_shared_is_in_both(
            one in prop::collection::vec((0..5_u32, 0..5_u32), 0..8),
            two in prop::collection::vec((0..5_u32, 0..5_u32), 0..8),
        ) {
            let (one, two) = (ranges(&one), ranges(&two));
            let both: Vec<u32> = numbers(&one).into_iter().filter(|number| numbers(&two).contains(number)).collect();
            let shared = one.shared(&two);
            prop_assert_eq!(numbers(&shared), both);
            prop_assert!(shared.0.windows(2).all(|pair| pair[0].end < pair[1].start), "{:?}", shared);
        }
    }
}
