//! What a store was like at an instant, and the way back there.
//!
//! An image shares its pages with the store until one of them changes: it takes no time, and no memory but for what
//! changes afterwards. Records never move, so the way back is a comparison place by place. What is gone leaves its
//! place behind: whoever has it at hand must not find another one there.

use super::gone::Gone;
use super::records::{Record, Records};
use crate::kernel::Paged;
use model::data::KindId;
use model::id::FormatId;
use model::time::Time;
use std::collections::BTreeMap;

/// The records of a store at an instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Image {
    records: Paged<Record>,
    gone: Gone,
}

/// What putting an image back came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Restored {
    /// Records that were there, and are gone.
    pub(crate) lost: u32,
    /// Records that an earlier restore had taken away, and are there again.
    pub(crate) found: u32,
    /// Records that are what they were before, by the format they are in again.
    pub(crate) back: BTreeMap<FormatId, u32>,
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
        Image { records: self.records.clone(), gone: self.gone.clone() }
    }

    /// Puts an image of the same records back. What was ever wrong with a record stays known.
    pub(crate) fn restore(&mut self, image: &Image, now: Time) -> Restored {
        let mut restored = Restored::default();
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
}

fn places(records: &Paged<Record>) -> u32 {
    u32::try_from(records.len()).expect("checked on creation")
}
