//! What misled a request: the first thing on its way that was not read as it was meant.
//!
//! A request tree carries the number of it, to be counted by should its answer turn out wrong. An answer may hang on
//! several; the first is blamed.

use crate::fact::Written;
use crate::plant::requests::{FrameKey, OriginKey};
use crate::world::World;
use model::System;
use model::contract::Direction;
use model::data::Mask;
use model::id::{CacheId, ClassId, ExchangeId, StoreId, VersionId};
use std::collections::BTreeMap;

/// Something that was not read as it was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Misled {
    /// A record, by fields that are misread.
    Misread(StoreId, Written, VersionId, Mask),
    /// A record, by fields that were damaged or lost before.
    Spoilt(StoreId, Written, VersionId, Mask),
    /// An entry of a cache that has changed since.
    Stale(CacheId, VersionId, Option<Written>),
    /// A request, or an answer.
    Misheard(ExchangeId, Direction, Mask),
}

impl Misled {
    /// What a message of a class is misread for.
    pub(crate) fn misheard(system: &System, id: ExchangeId, direction: Direction, class: ClassId) -> Self {
        let reading = system.exchange(id).reading(direction);
        Misled::Misheard(id, direction, reading.map_or(Mask::EMPTY, |reading| reading.concerned(class)))
    }
}

/// Everything that has misled a request, numbered from one as it was met.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Culprits {
    all: Vec<Misled>,
    numbers: BTreeMap<Misled, u16>,
}

impl Culprits {
    fn number(&mut self, misled: Misled) -> u16 {
        let next = u16::try_from(self.all.len() + 1).unwrap_or(u16::MAX);
        *self.numbers.entry(misled).or_insert_with(|| {
            self.all.push(misled);
            next
        })
    }

    /// What is blamed under a number, if something is.
    pub(crate) fn get(&self, number: u16) -> Option<Misled> {
        self.all.get(usize::from(number).checked_sub(1)?).copied()
    }
}

impl World {
    /// A request is misled, if it was not before.
    pub(crate) fn mislead(&mut self, origin: OriginKey, misled: Misled) {
        let number = self.culprits.number(misled);
        self.blame(origin, number);
    }

    /// A request is misled by what has that number, if it was not misled before.
    pub(crate) fn blame(&mut self, origin: OriginKey, number: u16) {
        let origin = self.origins.get_mut(origin).expect("its frames hold it");
        if origin.misled == 0 {
            origin.misled = number;
        }
    }

    /// The number of what misled the request of a frame.
    pub(crate) fn misled(&self, frame: FrameKey) -> u16 {
        self.origins.get(self.frame(frame).origin).expect("its frames hold it").misled
    }
}
