//! Places of records that a restore has taken away.

use std::ops::Range;

/// Places in a list whose records are gone: ranges, ascending, none of which touches the next. There are at most as
/// many as there were restores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gone(Vec<Range<u32>>);

impl Gone {
    /// How many there are.
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
        Gone(ranges)
    }

    /// The place of the n-th record, from 0, among those that are not gone.
    pub(super) fn place(&self, nth: u32) -> u32 {
        self.0.iter().fold(nth, |at, range| if at < range.start { at } else { at + (range.end - range.start) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn neighbours_become_one() {
        let gone = Gone::default().and(3..5).and(5..5).and(5..7).and(9..10);
        assert_eq!(gone, Gone(vec![3..7, 9..10]));
    }

    proptest! {
        /// Against a list of what is there.
        #[test]
        fn every_record_that_is_there_has_its_place(steps in prop::collection::vec((0..5_u32, 0..5_u32), 0..8)) {
            let (mut gone, mut there, mut end) = (Gone::default(), vec![], 0);
            for (kept, taken) in steps {
                there.extend(end..end + kept);
                gone = gone.and(end + kept..end + kept + taken);
                end += kept + taken;
            }
            prop_assert_eq!(gone.count() as usize, end as usize - there.len());
            for (nth, place) in (0..).zip(there) {
                prop_assert_eq!(gone.place(nth), place);
            }
        }
    }
}
