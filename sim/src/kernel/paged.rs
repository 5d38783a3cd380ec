//! A long list that is cheap to fork: pages that a list and its clones share until one of them writes.
//!
//! A clone counts one more reference per page, and copies a page when it first writes to it. So forking a world
//! with a million records costs microseconds, and what it costs afterwards goes with what it changes.
//!
//! The pages are counted by `triomphe`, which knows no weak references: so whether a page is shared is a load, where
//! `std` takes an atomic exchange, and that for every write.

use std::ops::Index;
use triomphe::Arc;

/// Entries on a page: 8 KiB of records.
const PAGE: usize = 1024;

/// A list of small things. It grows at the end and never shrinks.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    pages: Vec<Arc<[T; PAGE]>>,
    len: usize,
}

impl<T: Copy + Default> Paged<T> {
    /// A list with nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        Paged { pages: Vec::new(), len: 0 }
    }

    /// A list of so many defaults: they share one page until they differ.
    #[must_use]
    pub fn defaults(len: usize) -> Self {
        let page = Arc::new([T::default(); PAGE]);
        Paged { pages: vec![page; len.div_ceil(PAGE)], len }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds one at the end.
    pub fn push(&mut self, entry: T) {
        if self.len == self.pages.len() * PAGE {
            self.pages.push(Arc::new([T::default(); PAGE]));
        }
        self.len += 1;
        *self.get_mut(self.len - 1) = entry;
    }

    /// The entry at `index`, to change it. A page that somebody else has, too, is copied first.
    ///
    /// # Panics
    /// When there is none.
    pub fn get_mut(&mut self, index: usize) -> &mut T {
        assert!(index < self.len, "there is no entry {index} of {}", self.len);
        &mut Arc::make_mut(&mut self.pages[index / PAGE])[index % PAGE]
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flat_map(|page| page.iter()).take(self.len)
    }

    /// The size of the pages that no clone shares.
    #[cfg(test)]
    fn own_bytes(&self) -> usize {
        self.pages.iter().filter(|page| page.is_unique()).count() * size_of::<[T; PAGE]>()
    }
}

impl<T: Copy + Default> Index<usize> for Paged<T> {
    type Output = T;
    fn index(&self, index: usize) -> &T {
        assert!(index < self.len, "there is no entry {index} of {}", self.len);
        &self.pages[index / PAGE][index % PAGE]
    }
}

impl<T: Copy + Default> Default for Paged<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Pages both share are equal without looking. What lies behind the end is never written, so it is equal, too.
impl<T: PartialEq> PartialEq for Paged<T> {
    fn eq(&self, other: &Self) -> bool {
        let pages = || self.pages.iter().zip(&other.pages);
        self.len == other.len && pages().all(|(own, other)| Arc::ptr_eq(own, other) || own == other)
    }
}

impl<T: Eq> Eq for Paged<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(entries: usize) -> Paged<u32> {
        let mut list = Paged::new();
        (0..entries).for_each(|entry| list.push(u32::try_from(entry).expect("few")));
        list
    }

    #[test]
    fn a_fork_copies_only_the_page_it_writes_to() {
        let original = filled(10 * PAGE);
        let mut fork = original.clone();
        assert_eq!(fork.own_bytes(), 0);
        *fork.get_mut(3 * PAGE + 1) += 1;
        assert_eq!(fork.own_bytes(), 4 * PAGE);
        assert_ne!(fork, original);
        *fork.get_mut(3 * PAGE + 1) -= 1;
        assert_eq!(fork, original);
    }

    #[test]
    fn defaults_share_a_page_until_they_differ() {
        let mut list = Paged::defaults(2 * PAGE + 1);
        assert_eq!((list.len(), list.own_bytes()), (2 * PAGE + 1, 0));
        *list.get_mut(PAGE) = 7;
        assert_eq!((list[0], list[PAGE], list[2 * PAGE], list.own_bytes()), (0, 7, 0, 4 * PAGE));
    }

    #[test]
    #[should_panic(expected = "there is no entry 3 of 3")]
    fn behind_the_end_is_nothing() {
        let _ = filled(3)[3];
    }

    proptest! {
        /// Writes go to a fork and to a plain list, next to each other.
        #[test]
        fn a_fork_is_a_list_of_its_own(
            len in 1..3 * PAGE, writes in prop::collection::vec((any::<prop::sample::Index>(), any::<u32>()), 0..50)
        ) {
            let original = filled(len);
            let mut fork = original.clone();
            let mut plain: Vec<u32> = original.iter().copied().collect();
            for (at, value) in writes {
                let at = at.index(plain.len());
                *fork.get_mut(at) = value;
                plain[at] = value;
                fork.push(value);
                plain.push(value);
            }
            prop_assert_eq!(fork.iter().copied().collect::<Vec<_>>(), plain);
            prop_assert_eq!(&original, &filled(len));
        }
    }
}
