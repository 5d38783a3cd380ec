//! Slots, the logical fields of an entity, and sets of them.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::{BitAnd, BitOr, BitOrAssign, Sub, SubAssign};

/// A logical field of an entity, shared by all its formats: 0 to 63.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u8);

impl Slot {
    /// How many slots an entity can have: the width of a [`Mask`].
    pub const COUNT: usize = 64;

    /// The slot at `index`; `None` from 64 on.
    #[must_use]
    pub fn new(index: usize) -> Option<Self> {
        u8::try_from(index).ok().filter(|_| index < Self::COUNT).map(Slot)
    }

    /// Its place among the entity's slots, 0 to 63.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A set of slots.
///
/// `a | b` is the union, `a & b` the intersection, `a - b` the difference. There is no complement
/// on purpose: a set of slots that the entity does not have means nothing.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mask(u64);

impl Mask {
    /// No slot.
    pub const EMPTY: Mask = Mask(0);

    /// Every slot.
    pub const ALL: Mask = Mask(u64::MAX);

    /// The set whose bit `i` stands for slot `i`.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Mask(bits)
    }

    /// Bit `i` stands for slot `i`.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many slots are in it.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether `slot` is in it.
    #[must_use]
    pub const fn contains(self, slot: Slot) -> bool {
        self.0 >> slot.0 & 1 == 1
    }

    /// Whether every slot in it is in `other` too.
    #[must_use]
    pub const fn is_subset(self, other: Mask) -> bool {
        self.0 & !other.0 == 0
    }

    /// Adds `slot`.
    pub fn insert(&mut self, slot: Slot) {
        *self |= Mask::from(slot);
    }

    /// Its lowest slot.
    #[must_use]
    pub fn first(self) -> Option<Slot> {
        self.into_iter().next()
    }
}

impl From<Slot> for Mask {
    fn from(slot: Slot) -> Self {
        Mask(1 << slot.0)
    }
}

impl BitOr for Mask {
    type Output = Mask;
    fn bitor(self, other: Mask) -> Mask {
        Mask(self.0 | other.0)
    }
}

impl BitAnd for Mask {
    type Output = Mask;
    fn bitand(self, other: Mask) -> Mask {
        Mask(self.0 & other.0)
    }
}

impl Sub for Mask {
    type Output = Mask;
    fn sub(self, other: Mask) -> Mask {
        Mask(self.0 & !other.0)
    }
}

impl BitOrAssign for Mask {
    fn bitor_assign(&mut self, other: Mask) {
        *self = *self | other;
    }
}

impl SubAssign for Mask {
    fn sub_assign(&mut self, other: Mask) {
        *self = *self - other;
    }
}

impl FromIterator<Slot> for Mask {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Self {
        slots.into_iter().fold(Mask::EMPTY, |mask, slot| mask | slot.into())
    }
}

impl IntoIterator for Mask {
    type Item = Slot;
    type IntoIter = Slots;
    fn into_iter(self) -> Slots {
        Slots(self.0)
    }
}

/// `{0, 3, 17}`.
impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.into_iter().map(Slot::index)).finish()
    }
}

/// The slots of a [`Mask`], lowest first.
#[derive(Clone, Debug)]
pub struct Slots(u64);

impl Iterator for Slots {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        let index = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        Slot::new(index)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.0.count_ones() as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Slots {}
impl FusedIterator for Slots {}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(indices: &[usize]) -> Mask {
        indices.iter().map(|&i| Slot::new(i).unwrap()).collect()
    }

    #[test]
    fn there_is_no_slot_64() {
        assert_eq!(Slot::new(64), None);
        assert_eq!(Slot::new(256), None, "the index must not wrap");
        assert_eq!(Slot::new(63).unwrap().index(), 63);
    }

    #[test]
    fn a_mask_yields_its_slots_lowest_first() {
        let mask = slots(&[63, 0, 17]);
        let indices: Vec<usize> = mask.into_iter().map(Slot::index).collect();
        assert_eq!(indices, [0, 17, 63]);
        assert_eq!(mask.into_iter().len(), 3);
        assert_eq!(Mask::EMPTY.first(), None);
    }

    #[test]
    fn difference_removes_and_subset_compares() {
        let (all, some) = (slots(&[1, 2, 3]), slots(&[2]));
        assert_eq!(all - some, slots(&[1, 3]));
        assert!(some.is_subset(all) && !all.is_subset(some));
        assert_eq!(format!("{all:?}"), "{1, 2, 3}");
    }
}
