//! Under whose meaning each slot of a record was set.

use super::Mask;
use crate::id::FormatId;

/// The binary digits of the id of a format.
const PLANES: usize = FormatId::BITS as usize;

/// Of each slot, the format under whose meaning it was last *set*: a field written by the old version keeps its true
/// unit in a record since rewritten by the new one.
///
/// The ids are written in binary, a mask for each digit: eight words tell all formats that there can be apart. A slot
/// that is absent has no stamp, and neither has one that nobody ever gave a value: a column that a migration has added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamps {
    /// Slots that have one.
    set: Mask,
    /// The digits of theirs.
    planes: [Mask; PLANES],
}

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
        self.set = self.set | slots;
        for (digit, plane) in self.planes.iter_mut().enumerate() {
            *plane = if has(format, digit) { *plane | slots } else { *plane - slots };
        }
    }

    /// Slots that have a stamp.
    #[must_use]
    pub const fn given(&self) -> Mask {
        self.set
    }

    /// The slots set under the meaning of `format`, among those that are `present`.
    #[must_use]
    pub fn with(&self, format: FormatId, present: Mask) -> Mask {
        let planes = self.planes.iter().enumerate();
        planes.fold(
            present & self.set,
            |slots, (digit, plane)| if has(format, digit) { slots & *plane } else { slots - *plane },
        )
    }

    /// Those of some slots.
    #[must_use]
    pub fn within(self, slots: Mask) -> Self {
        Stamps { set: self.set & slots, planes: self.planes.map(|plane| plane & slots) }
    }
}

/// Whether a binary digit of an id is one.
fn has(format: FormatId, digit: usize) -> bool {
    format.index() >> digit & 1 == 1
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
        }
        let none = Stamps::default();
        assert_eq!((none.with(FormatId::ZERO, Mask::from_bits(5)), none.given()), (Mask::EMPTY, Mask::EMPTY));
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
