//! Under whose meaning each slot of a record was set.

use super::{Mask, Slot};
use crate::id::FormatId;

/// The binary digits of a stamp.
const PLANES: usize = FormatId::BITS as usize + 1;

/// Of each slot, the format under whose meaning it was last *set*: a field written by the old version keeps its true
/// unit in a record since rewritten by the new one.
///
/// The stamp of a format is its id and one more, written in binary, a mask for each digit: nine words tell all formats
/// that there can be apart. A slot that is absent has no stamp, all zeros, and neither has a NULL, which means nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamps([Mask; PLANES]);

impl Stamps {
    /// Slots set under the meaning of `format`, and none besides.
    #[must_use]
    pub fn of(slots: Mask, format: FormatId) -> Self {
        let mut stamps = Stamps::default();
        stamps.set(slots, format);
        stamps
    }

    /// Sets slots under the meaning of `format`.
    pub fn set(&mut self, slots: Mask, format: FormatId) {
        for (digit, plane) in self.0.iter_mut().enumerate() {
            *plane = if has(format, digit) { *plane | slots } else { *plane - slots };
        }
    }

    /// Takes the stamps of slots away.
    pub fn clear(&mut self, slots: Mask) {
        self.0.iter_mut().for_each(|plane| *plane -= slots);
    }

    /// The slots that have one.
    #[must_use]
    pub fn slots(&self) -> Mask {
        self.0.iter().fold(Mask::EMPTY, |all, plane| all | *plane)
    }

    /// The slots set under the meaning of `format`, among those that are `present`.
    #[must_use]
    pub fn with(&self, format: FormatId, present: Mask) -> Mask {
        let planes = self.0.iter().enumerate();
        planes.fold(present, |slots, (digit, plane)| if has(format, digit) { slots & *plane } else { slots - *plane })
    }

    /// The format under whose meaning a slot was set, if it has a stamp.
    #[must_use]
    pub fn of_slot(&self, slot: Slot) -> Option<FormatId> {
        let planes = self.0.iter().enumerate();
        let stamp = planes.fold(0, |stamp, (digit, plane)| stamp | usize::from(plane.contains(slot)) << digit);
        stamp.checked_sub(1).map(FormatId::new)
    }

    /// Those of some slots.
    #[must_use]
    pub fn within(self, slots: Mask) -> Self {
        Stamps(self.0.map(|plane| plane & slots))
    }
}

/// Whether a binary digit of the stamp of a format is one.
fn has(format: FormatId, digit: usize) -> bool {
    (format.index() + 1) >> digit & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_stamp_of_its_own() {
        for one in (0..256).map(FormatId::new) {
            let stamps = Stamps::of(Mask::from_bits(5), one);
            let same = (0..256).map(FormatId::new).filter(|other| !stamps.with(*other, Mask::from_bits(5)).is_empty());
            assert_eq!(same.collect::<Vec<_>>(), [one]);
            assert_eq!(stamps.slots().into_iter().map(|slot| stamps.of_slot(slot)).collect::<Vec<_>>(), [Some(one); 2]);
        }
        assert_eq!(Stamps::default().with(FormatId::ZERO, Mask::ALL), Mask::EMPTY, "none is none");
        assert!(Mask::from_bits(5).into_iter().all(|slot| Stamps::default().of_slot(slot).is_none()));
    }

    #[test]
    fn the_last_meaning_counts() {
        let mut stamps = Stamps::of(Mask::from_bits(3), FormatId::new(5));
        stamps.set(Mask::from_bits(2), FormatId::new(2));
        let all = Mask::from_bits(3);
        assert_eq!(
            (stamps.with(FormatId::new(5), all), stamps.with(FormatId::new(2), all)),
            (Mask::from_bits(1), Mask::from_bits(2))
        );
        assert_eq!(stamps.within(Mask::from_bits(2)), Stamps::of(Mask::from_bits(2), FormatId::new(2)));
    }
}
