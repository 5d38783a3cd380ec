//! Strays in the order in which they went astray, and by the request they were caused for.
//!
//! Somebody who orders them back takes the oldest first, a saga that fails looks for those of its request. There may be
//! as many of them as requests have failed, so neither may look at all.

use super::effects::Stray;
use crate::kernel::stream::StreamKey;
use std::collections::{BTreeMap, BTreeSet};

/// Strays, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Queue {
    /// By number: later ones have higher ones.
    strays: BTreeMap<u64, Stray>,
    /// By request: their numbers.
    numbers: BTreeSet<(StreamKey, u64, u64)>,
    /// The number of the next one.
    next: u64,
}

impl Queue {
    /// What each of them takes, in bytes.
    pub(crate) const EACH: usize = size_of::<(u64, Stray)>() + size_of::<(StreamKey, u64, u64)>();

    pub(crate) fn len(&self) -> usize {
        self.strays.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.strays.is_empty()
    }

    /// Adds the youngest.
    pub(crate) fn push(&mut self, stray: Stray) {
        self.numbers.insert((stray.stream, stray.index, self.next));
        self.strays.insert(self.next, stray);
        self.next += 1;
    }

    /// Takes out the oldest.
    pub(crate) fn pop(&mut self) -> Option<Stray> {
        let (number, stray) = self.strays.pop_first()?;
        self.numbers.remove(&(stray.stream, stray.index, number));
        Some(stray)
    }

    /// Takes out the oldest one of a request; says whether there was one.
    pub(crate) fn take_of(&mut self, stream: StreamKey, index: u64) -> bool {
        let own = (stream, index, 0)..=(stream, index, u64::MAX);
        let Some(found) = self.numbers.range(own).next().copied() else { return false };
        self.numbers.remove(&found);
        self.strays.remove(&found.2).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::id::{ClassId, ZoneId};
    use proptest::prelude::*;
    use std::collections::VecDeque;

    fn stray(index: u64, path: u64) -> Stray {
        let stream = StreamKey::new(1, ["even", "odd"][(index % 2) as usize], "strays");
        Stray { stream, index: index / 2, class: ClassId::ZERO, source: None, zone: ZoneId::ZERO, path, subject: None }
    }

    proptest! {
        /// Against a list that is searched from end to end.
        #[test]
        fn it_is_a_list_by_age(steps in prop::collection::vec((0..3_u8, 0..6_u64), 0..200)) {
            let (mut queue, mut list) = (Queue::default(), VecDeque::new());
            for (path, (what, index)) in (0..).zip(steps) {
                let one = stray(index, path);
                match what {
                    0 => prop_assert_eq!(queue.pop(), list.pop_front()),
                    1 => {
                        let is_it = |own: &Stray| (own.stream, own.index) == (one.stream, one.index);
                        let found = list.iter().position(is_it).and_then(|place| list.remove(place));
                        prop_assert_eq!(queue.take_of(one.stream, one.index), found.is_some());
                    }
                    _ => {
                        queue.push(one);
                        list.push_back(one);
                    }
                }
                prop_assert_eq!(queue.strays.values().collect::<Vec<_>>(), list.iter().collect::<Vec<_>>());
                prop_assert_eq!(queue.numbers.len(), queue.len());
            }
        }
    }
}
