//! What a store was like at an instant, and the way back there.
//!
//! An image shares its pages with the store until one of them changes: it takes no time, and no memory but for what
//! changes afterwards. Records never move, so the way back is a comparison place by place. What is gone leaves its
//! place behind: whoever has it at hand must not find another one there.

use super::ranges::Ranges;
use super::records::{Record, Records};
use crate::kernel::Paged;
use model::data::KindId;
use model::id::FormatId;
use model::time::Time;
use std::collections::BTreeMap;
use std::ops::Range;

/// The records of a store at an instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Image {
    records: Paged<Record>,
    gone: Ranges,
    updates: Ranges,
}

/// What putting an image back came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Restored {
    /// Records that were there, and are gone.
    pub(crate) lost: u32,
    /// Records that an earlier restore had taken away, and are there again.
    pub(crate) found: u32,
    /// Updates that are undone.
    pub(crate) undone: u32,
    /// Updates that an earlier restore had undone, and that are there again.
    pub(crate) redone: u32,
    /// Records that are what they were before, by the format they are in again.
    pub(crate) back: BTreeMap<FormatId, u32>,
    /// What it could not take back.
    pub(crate) stays: Stays,
}

/// What has been made since a snapshot beside the stores that are put back, and stays: it may speak of what is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stays {
    /// Records of other stores.
    pub(crate) records: u32,
    /// Messages, of all topics.
    pub(crate) messages: u64,
    /// Effects outside.
    pub(crate) effects: u64,
}

impl Image {
    /// How many records there are in it.
    pub(crate) fn count(&self) -> u32 {
        places(&self.records) - self.gone.count()
    }

    /// What it takes, in bytes, as if it shared nothing: what it does share depends on who has copies of the world.
    pub(crate) fn bytes(&self) -> u64 {
        self.records.len() as u64 * Records::RECORD_BYTES
    }

    /// What a record is in here, if it is.
    fn kind_of(&self, index: u32) -> Option<KindId> {
        (index < places(&self.records)).then(|| self.records[index as usize]).and_then(Record::counted)
    }
}

impl Records {
    /// The records as they are.
    pub(crate) fn image(&self) -> Image {
        Image { records: self.records.clone(), gone: self.gone.clone(), updates: self.updates.held() }
    }

    /// Puts an image of the same records back. What was ever wrong with a record stays known.
    pub(crate) fn restore(&mut self, image: &Image, now: Time) -> Restored {
        let (undone, redone) = self.updates.restore(&image.updates);
        let mut restored = Restored { undone, redone, ..Restored::default() };
        for index in 0..places(&self.records) {
            let (before, after) = (self.records[index as usize].counted(), image.kind_of(index));
            if before == after {
                continue;
            }
            self.settle(index);
            match after {
                Some(kind) => self.put_back(index, kind, now),
                None => self.lose(index),
            }
            restored.lost += u32::from(after.is_none());
            restored.found += u32::from(before.is_none());
            if let (Some(_), Some(kind)) = (before, after) {
                *restored.back.entry(self.kinds.get(kind).format).or_default() += 1;
            }
        }
        self.gone = image.gone.and(places(&image.records)..places(&self.records));
        restored
    }

    /// How many records there are, those that are gone as well.
    pub(crate) fn places(&self) -> u32 {
        places(&self.records)
    }

    /// Takes some records away. Says how many.
    pub(crate) fn lose_among(&mut self, rows: Range<u32>) -> u32 {
        let before = self.kept();
        for index in rows.clone() {
            if !self.is_gone(index) {
                self.settle(index);
                self.lose(index);
            }
        }
        self.gone = self.gone.with(rows);
        before - self.kept()
    }
}

fn places(records: &Paged<Record>) -> u32 {
    u32::try_from(records.len()).expect("checked on creation")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plant::stores::Trouble;
    use model::data::{self, Kind, Mask};
    use model::id::VersionId;
    use proptest::prelude::*;
    use proptest::sample::Index;

    /// What may happen to a store.
    #[derive(Clone, Debug)]
    enum Step {
        Create(usize),
        Change(Index, usize),
        Keep,
        Restore(Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..4_usize).prop_map(Step::Create),
            4 => (any::<Index>(), 0..4_usize).prop_map(|(which, kind)| Step::Change(which, kind)),
            1 => Just(Step::Keep),
            1 => any::<Index>().prop_map(Step::Restore),
        ]
    }

    /// Four kinds in two formats; records of the last are damaged.
    fn kinds(records: &mut Records) -> Vec<KindId> {
        let kind = |number: usize| {
            let plain = data::create(FormatId::new(number / 2), Mask::EMPTY, Mask::EMPTY, VersionId::new(number));
            Kind { bad: Mask::from_bits(u64::from(number == 3)), ..plain }
        };
        (0..4).map(|number| records.intern(kind(number), Vec::new)).collect()
    }

    /// The same store as a plain list: what each record is, if it is there.
    #[derive(Clone, Debug, Default)]
    struct Plain {
        there: Vec<Option<usize>>,
        lost: Vec<bool>,
        damaged: Vec<bool>,
    }

    impl Plain {
        fn set(&mut self, at: usize, kind: Option<usize>) {
            self.lost[at] |= self.there[at].is_some() && kind.is_none();
            self.damaged[at] |= kind == Some(3);
            self.there[at] = kind;
        }

        fn create(&mut self, kind: usize) {
            self.there.push(None);
            self.lost.push(false);
            self.damaged.push(false);
            self.set(self.there.len() - 1, Some(kind));
        }

        fn places(&self) -> Vec<u32> {
            (0..).zip(&self.there).filter(|(_, kind)| kind.is_some()).map(|(place, _)| place).collect()
        }
    }

    fn many(flags: &[bool]) -> u32 {
        u32::try_from(flags.iter().filter(|flag| **flag).count()).expect("few")
    }

    proptest! {
        /// Against a plain list: nothing appears or disappears but by what a restore says it did, and what ever was,
        /// was.
        #[test]
        fn records_are_conserved(steps in prop::collection::vec(step(), 0..80)) {
            let mut records = Records::default();
            let ids = kinds(&mut records);
            let (mut plain, mut images) = (Plain::default(), vec![(records.image(), vec![])]);
            for step in steps {
                match step {
                    Step::Create(kind) => {
                        records.push(ids[kind], Time::ZERO);
                        plain.create(kind);
                    }
                    Step::Change(which, kind) if !plain.places().is_empty() => {
                        let place = *which.get(&plain.places());
                        records.change(place, ids[kind], Time::ZERO);
                        plain.set(place as usize, Some(kind));
                    }
                    Step::Change(..) => {}
                    Step::Keep => images.push((records.image(), plain.there.clone())),
                    Step::Restore(which) => {
                        let (image, there) = which.get(&images);
                        let before = records.kept();
                        let restored = records.restore(image, Time::ZERO);
                        prop_assert_eq!(before + restored.found, records.kept() + restored.lost);
                        prop_assert_eq!(image.count(), records.kept());
                        for place in 0..plain.there.len() {
                            plain.set(place, there.get(place).copied().flatten());
                        }
                    }
                }
                let places = plain.places();
                let found: Vec<_> = (0..records.kept()).map(|nth| records.place(nth)).collect();
                prop_assert_eq!(&found, &places);
                let is = |place: &u32| plain.there[*place as usize].map(|kind| ids[kind]);
                prop_assert!(places.iter().all(|place| is(place) == Some(records.kind_of(*place))));
                let now = plain.there.iter().filter(|kind| **kind == Some(3)).count();
                prop_assert_eq!(records.remaining().of(Trouble::Damaged) as usize, now);
                prop_assert_eq!(records.ever().of(Trouble::Damaged), many(&plain.damaged));
                let gone = u32::try_from(plain.there.len() - places.len()).expect("few");
                prop_assert_eq!(records.lost(), (many(&plain.lost), gone));
            }
        }
    }
}
