//! Where an event stands: its place in the total order, and the line it came in.

use model::time::Time;

/// Bits of a turn below the class: the sequence number, enough for a million pushes a second for nine years.
const SEQUENCE_BITS: u32 = 48;
/// Behind the last sequence number.
const SEQUENCE_MAX: u64 = (1 << SEQUENCE_BITS) - 1;
/// Bits of a turn below the sequence number: the line.
const LINE_BITS: u32 = 12;

/// Lines an event can be in.
pub(super) const LINES_MAX: usize = (1 << LINE_BITS) - 1;

/// An event's place in the total order, as one number that is compared at once: time, class, sequence number.
///
/// The lowest bits say which line it came in. They order nothing, because no two events have the same sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(u128);

impl Rank {
    /// After everything: no push has it.
    pub(super) const LAST: Rank = Rank(u128::MAX);

    /// The place of the push numbered `sequence`.
    ///
    /// # Panics
    /// When the sequence numbers are used up, just before the 2⁴⁸th push.
    pub(super) fn new(time: Time, class: u8, sequence: u64, line: Option<usize>) -> Self {
        assert!(sequence < SEQUENCE_MAX, "the sequence numbers are used up");
        debug_assert!(class < 16, "a class has four bits");
        let line = line.map_or(0, |line| line as u64 + 1);
        let turn = u64::from(class) << (SEQUENCE_BITS + LINE_BITS) | sequence << LINE_BITS | line;
        Rank(u128::from(time.nanos()) << u64::BITS | u128::from(turn))
    }

    pub(crate) fn time(self) -> Time {
        Time::from_nanos((self.0 >> u64::BITS) as u64)
    }

    pub(crate) fn class(self) -> u8 {
        (self.0 as u64 >> (SEQUENCE_BITS + LINE_BITS)) as u8
    }

    /// The line it came in, if it came in one.
    pub(super) fn line(self) -> Option<usize> {
        (self.0 as usize & LINES_MAX).checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_gives_back_what_it_was_made_of() {
        for line in [None, Some(0), Some(LINES_MAX - 1)] {
            let rank = Rank::new(Time::MAX, 15, SEQUENCE_MAX - 1, line);
            assert_eq!((rank.time(), rank.class(), rank.line()), (Time::MAX, 15, line));
            assert!(rank < Rank::LAST);
        }
    }

    #[test]
    fn the_line_orders_nothing() {
        let rank = |sequence, line| Rank::new(Time::ZERO, 3, sequence, line);
        assert!(rank(7, Some(LINES_MAX - 1)) < rank(8, None));
    }

    #[test]
    #[should_panic(expected = "sequence numbers are used up")]
    fn the_sequence_never_runs_into_the_class() {
        Rank::new(Time::ZERO, 0, SEQUENCE_MAX, None);
    }
}
