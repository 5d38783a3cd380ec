//! Updates of the records of a store: which of them the records still hold.
//!
//! A restore takes a store back as a whole. It undoes every update since its snapshot was taken, of whichever record,
//! so it is enough to number updates as they are made.

use super::ranges::Ranges;

/// The updates of a store, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Updates {
    /// How many there were. What does not fit is not counted.
    made: u32,
    /// How many there were at the last restore.
    before: u32,
    /// Those before it that the records hold.
    held: Ranges,
    /// Those before it that no restore has ever undone.
    firm: Ranges,
}

impl Updates {
    /// One more.
    pub(super) fn make(&mut self) {
        self.made = self.made.saturating_add(1);
    }

    /// Those the records hold.
    pub(super) fn held(&self) -> Ranges {
        self.held.and(self.before..self.made)
    }

    /// The records hold those again that they held once. Says how many are undone, and how many are there again.
    pub(super) fn restore(&mut self, held: &Ranges) -> (u32, u32) {
        let now = self.held();
        let same = now.shared(held).count();
        self.firm = self.firm.and(self.before..self.made).shared(held);
        (self.held, self.before) = (held.clone(), self.made);
        (now.count() - same, held.count() - same)
    }

    /// Those that a restore has undone: at any time, and for now.
    pub(super) fn undone(&self) -> (u32, u32) {
        (self.before - self.firm.count(), self.before - self.held.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::Index;
    use std::collections::BTreeSet;

    /// What may happen.
    #[derive(Clone, Debug)]
    enum Step {
        Make,
        Keep,
        Restore(Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![4 => Just(Step::Make), 2 => Just(Step::Keep), 1 => any::<Index>().prop_map(Step::Restore)]
    }

    proptest! {
        /// Against sets of updates.
        #[test]
        fn each_update_is_held_or_undone(steps in prop::collection::vec(step(), 0..60)) {
            let mut updates = Updates::default();
            let (mut made, mut held, mut undone) = (0, BTreeSet::new(), BTreeSet::new());
            let mut images = vec![(updates.held(), BTreeSet::new())];
            for step in steps {
                match step {
                    Step::Make => {
                        updates.make();
                        held.insert(made);
                        made += 1;
                    }
                    Step::Keep => images.push((updates.held(), held.clone())),
                    Step::Restore(which) => {
                        let (image, then) = which.get(&images);
                        let expected = (held.difference(then).count(), then.difference(&held).count());
                        let (gone, again) = updates.restore(image);
                        prop_assert_eq!((gone as usize, again as usize), expected);
                        undone.extend(held.difference(then).copied());
                        held.clone_from(then);
                    }
                }
                let (ever, now) = updates.undone();
                prop_assert_eq!((ever as usize, now as usize), (undone.len(), made - held.len()));
            }
        }
    }
}
