//! A generational slab: a home for things that come and go, and keys that outlive them safely.
//!
//! A [`Key`] is a slot and the generation of its tenant. Removing the tenant ends the generation,
//! so a key held by a pending event or a late reply finds nothing from then on, never the next
//! tenant. That is how timeouts of answered requests fall away without being cancelled.
//!
//! Slots are reused last freed first: deterministic, and kind to the cache. A slot whose
//! generations are used up (after four billion tenants) is left empty for good rather than begin
//! again, so the promise about stale keys holds without an exception.
//!
//! Keys are part of a run's state but not of its meaning: they depend on what else came and went,
//! so they belong neither in a digest nor in the address of a random draw.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::num::{NonZeroU32, NonZeroU64};

/// Things of one type, found by key.
///
/// A clone answers to the same keys. Equality takes in generations and free slots: two equal slabs
/// also give the same keys to whatever is inserted next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// Slots to reuse, the next one last.
    free: Vec<u32>,
    len: usize,
}

/// Begins on a cache line, so that a tenant is on as few of them as it can be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(align(64))]
struct Slot<T> {
    /// Of the tenant, or of the next one while there is none.
    generation: NonZeroU32,
    tenant: Option<T>,
}

/// Finds one `T` in the slab that gave this key out, for as long as it is there.
///
/// 8 bytes, and no more inside an `Option`. The keys of frames and of replicas are different
/// types. The order is by slot, then by generation: arbitrary but fixed.
///
/// It is one number, the slot above and the generation below, so that it is always written and read in one piece: a
/// machine that reads in one piece what was just written in two has to wait. It lies where half a number may lie,
/// so that what holds it is no larger for it.
#[repr(Rust, packed(4))]
pub struct Key<T> {
    number: NonZeroU64,
    of: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    fn new(index: u32, generation: NonZeroU32) -> Self {
        Key { number: NonZeroU64::from(generation) | u64::from(index) << u32::BITS, of: PhantomData }
    }

    const fn index(self) -> u32 {
        (self.number.get() >> u32::BITS) as u32
    }

    const fn generation(self) -> u32 {
        self.number.get() as u32
    }
}

impl<T> Slab<T> {
    /// A slab with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Slab { slots: Vec::new(), free: Vec::new(), len: 0 }
    }

    /// Takes `value` in, and says how to find it.
    ///
    /// # Panics
    /// When 2³² slots are taken.
    #[inline]
    pub fn insert(&mut self, value: T) -> Key<T> {
        let index = self.free.pop().unwrap_or_else(|| self.add_slot());
        let slot = &mut self.slots[index as usize];
        slot.tenant = Some(value);
        self.len += 1;
        Key::new(index, slot.generation)
    }

    fn add_slot(&mut self) -> u32 {
        let index = u32::try_from(self.slots.len()).expect("a slab has at most 2^32 slots");
        self.slots.push(Slot { generation: NonZeroU32::MIN, tenant: None });
        index
    }

    /// What `key` stands for, unless it has been removed.
    #[must_use]
    pub fn get(&self, key: Key<T>) -> Option<&T> {
        let slot = self.slots.get(key.index() as usize)?;
        slot.tenant.as_ref().filter(|_| slot.generation.get() == key.generation())
    }

    /// What `key` stands for, to change it, unless it has been removed.
    pub fn get_mut(&mut self, key: Key<T>) -> Option<&mut T> {
        let slot = self.slots.get_mut(key.index() as usize)?;
        slot.tenant.as_mut().filter(|_| slot.generation.get() == key.generation())
    }

    /// Gives back what `key` stands for, unless it has been removed already. From now on the key
    /// finds nothing.
    pub fn remove(&mut self, key: Key<T>) -> Option<T> {
        let slot = self.slots.get_mut(key.index() as usize)?;
        let value = slot.tenant.take_if(|_| slot.generation.get() == key.generation())?;
        self.vacate(key.index());
        Some(value)
    }

    /// Removes what `key` stands for, unless it has been removed already.
    pub fn discard(&mut self, key: Key<T>) {
        let Some(slot) = self.slots.get_mut(key.index() as usize) else { return };
        if slot.generation.get() != key.generation() || slot.tenant.is_none() {
            return;
        }
        slot.tenant = None;
        self.vacate(key.index());
    }

    /// Ends the generation of a slot that has become empty.
    fn vacate(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            self.free.push(index);
        }
        self.len -= 1;
    }

    /// How many things are in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What a slot takes, in bytes.
    pub const SLOT_BYTES: u64 = size_of::<Slot<T>>() as u64;

    /// What the slots take, those that are free included: a slab never shrinks.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.slots.len() as u64 * Self::SLOT_BYTES
    }

    /// Everything that is in, in the order of the slots, which is not the order of insertion.
    pub fn iter(&self) -> impl Iterator<Item = (Key<T>, &T)> {
        let numbered = self.slots.iter().zip(0..);
        numbered.filter_map(|(slot, index)| Some((Key::new(index, slot.generation), slot.tenant.as_ref()?)))
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}

// Written out because deriving would ask the same traits of `T`, which a key does not hold.

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Key<T> {}

impl<T> PartialOrd for Key<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Key<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        { self.number }.cmp(&{ other.number })
    }
}

/// `5#2`: slot 5, its second tenant.
impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.index(), self.generation())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_stale_key_finds_nothing_in_a_reused_slot() {
        let mut slab = Slab::new();
        let stale = slab.insert("old");
        assert_eq!(slab.remove(stale), Some("old"));
        let fresh = slab.insert("new");

        assert_eq!(fresh.index(), stale.index());
        assert_eq!(slab.get(stale), None);
        assert_eq!(slab.get_mut(stale), None);
        assert_eq!(slab.remove(stale), None);
        assert_eq!(slab.get(fresh), Some(&"new"));
    }

    #[test]
    fn the_slot_freed_last_is_reused_first() {
        let mut slab = Slab::new();
        let [a, b, c] = ["a", "b", "c"].map(|value| slab.insert(value));
        for key in [a, c, b] {
            slab.remove(key);
        }
        let again = ["d", "e", "f", "g"].map(|value| format!("{:?}", slab.insert(value)));
        assert_eq!(again, ["1#2", "2#2", "0#2", "3#1"]);
    }

    #[test]
    fn iteration_goes_by_slot() {
        let mut slab = Slab::new();
        let [a, b, c] = ["a", "b", "c"].map(|value| slab.insert(value));
        slab.remove(a);
        let d = slab.insert("d");
        assert_eq!(Vec::from_iter(slab.iter()), [(d, &"d"), (b, &"b"), (c, &"c")]);
    }

    #[test]
    fn a_key_for_another_slab_finds_nothing_beyond_the_end() {
        let key = Slab::new().insert(());
        assert_eq!(Slab::new().get(key), None);
    }

    #[test]
    fn a_slot_without_generations_left_is_never_reused() {
        let mut slab = Slab::new();
        slab.insert("first");
        slab.slots[0].generation = NonZeroU32::MAX;
        let (last, _) = slab.iter().next().unwrap();

        assert_eq!(slab.remove(last), Some("first"));
        assert_eq!(slab.get(last), None);
        assert_eq!(slab.remove(last), None);
        assert_eq!(format!("{:?}", slab.insert("second")), "1#1");
        assert_eq!(slab.len(), 1);
    }

    #[test]
    fn a_key_takes_eight_bytes_and_needs_no_more_to_be_absent() {
        assert_eq!(size_of::<Key<String>>(), 8);
        assert_eq!(size_of::<Option<Key<String>>>(), 8);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u8),
        Overwrite(prop::sample::Index, u8),
        Remove(prop::sample::Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => any::<u8>().prop_map(Step::Insert),
            1 => any::<(prop::sample::Index, u8)>().prop_map(|(i, v)| Step::Overwrite(i, v)),
            2 => any::<prop::sample::Index>().prop_map(Step::Remove),
        ]
    }

    /// Steps that pick a key pick any ever given out, stale ones included.
    fn apply(step: Step, slab: &mut Slab<u8>, model: &mut BTreeMap<usize, u8>, keys: &mut Vec<Key<u8>>) {
        match step {
            Step::Insert(value) => {
                model.insert(keys.len(), value);
                keys.push(slab.insert(value));
            }
            Step::Overwrite(i, value) if !keys.is_empty() => {
                let i = i.index(keys.len());
                let old = slab.get_mut(keys[i]).map(|tenant| std::mem::replace(tenant, value));
                assert_eq!(old, model.get_mut(&i).map(|tenant| std::mem::replace(tenant, value)));
            }
            Step::Remove(i) if !keys.is_empty() => {
                let i = i.index(keys.len());
                assert_eq!(slab.remove(keys[i]), model.remove(&i));
            }
            Step::Overwrite(..) | Step::Remove(_) => {}
        }
    }

    proptest! {
        #[test]
        fn a_slab_is_a_map_from_every_key_ever_given_out(
            steps in prop::collection::vec(step(), 0..200)
        ) {
            let (mut slab, mut model, mut keys) = (Slab::new(), BTreeMap::new(), Vec::new());
            for step in steps {
                apply(step, &mut slab, &mut model, &mut keys);
                prop_assert_eq!(slab.len(), model.len());
                prop_assert_eq!(slab.iter().count(), model.len());
                prop_assert!(slab.iter().all(|(key, tenant)| slab.get(key) == Some(tenant)));
            }
            for (i, &key) in keys.iter().enumerate() {
                prop_assert_eq!(slab.get(key), model.get(&i));
            }
        }

        #[test]
        fn a_fork_is_equal_and_gives_out_the_same_keys(
            steps in prop::collection::vec(step(), 0..100)
        ) {
            let (mut slab, mut model, mut keys) = (Slab::new(), BTreeMap::new(), Vec::new());
            for step in steps {
                apply(step, &mut slab, &mut model, &mut keys);
            }
            let mut fork = slab.clone();
            prop_assert_eq!(&fork, &slab);
            for value in 0..20 {
                prop_assert_eq!(fork.insert(value), slab.insert(value));
            }
            prop_assert_eq!(fork, slab);
        }
    }
}
