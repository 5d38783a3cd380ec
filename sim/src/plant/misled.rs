//! What misled a request: all on its way that was not read as it was meant, the first thing first.
//!
//! A request tree carries the number of that set, and so does the work and the messages it leaves, to be counted by
//! should an answer turn out wrong, or something be done outside of it. The first thing is blamed; what was done hangs
//! on all of it.

use crate::fact::{Staleness, Written};
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
    Stale(CacheId, Option<Written>, VersionId, Staleness),
    /// A request, or an answer.
    Misheard(ExchangeId, Direction, Mask),
}

impl Misled {
    /// What a message of a class is misread for.
    pub(crate) fn misheard(system: &System, id: ExchangeId, direction: Direction, class: ClassId) -> Self {
        let reading = system.exchange(id).reading(direction);
        Misled::Misheard(id, direction, reading.map_or(Mask::EMPTY, |reading| reading.concerned(class)))
    }

    /// Whether it is about some fields of the records of a store, or of a topic or a cache.
    pub(crate) fn concerns(self, system: &System, store: StoreId, fields: Mask) -> bool {
        match self {
            Misled::Misread(own, _, _, slots) | Misled::Spoilt(own, _, _, slots) => {
                own == store && !(slots & fields).is_empty()
            }
            Misled::Stale(cache, ..) => system.cache(cache).content.is_some_and(|content| content.store == store),
            Misled::Misheard(..) => false,
        }
    }
}

/// Sets of more than one thing that are told apart. What a request misreads besides is left out when there are more.
const SETS: usize = 1000;

/// The sets of what has misled requests, numbered from one as they were met.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Culprits {
    /// Each with what was met first ahead of the others, and those in order.
    sets: Vec<Vec<Misled>>,
    /// By the number of a set, none being zero, and what comes to it: the number of both.
    numbers: BTreeMap<(u16, Misled), u16>,
}

impl Culprits {
    /// The number of a set that has something besides.
    fn with(&mut self, number: u16, misled: Misled) -> u16 {
        if let Some(known) = self.numbers.get(&(number, misled)) {
            return *known;
        }
        let found = self.number_of(number, misled);
        self.numbers.insert((number, misled), found);
        found
    }

    fn number_of(&mut self, number: u16, misled: Misled) -> u16 {
        let mut set = self.get(number).to_vec();
        if set.contains(&misled) || (number > 0 && self.sets.len() >= SETS) {
            return number;
        }
        set.push(misled);
        set[1..].sort_unstable();
        let place = self.sets.iter().position(|own| *own == set).unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        });
        u16::try_from(place + 1).unwrap_or(u16::MAX)
    }

    /// The number of some of these, in the order in which they were met.
    pub(crate) fn numbered(&mut self, all: impl IntoIterator<Item = Misled>) -> u16 {
        all.into_iter().fold(0, |number, one| self.with(number, one))
    }

    /// What is blamed under a number, what was met first ahead of the others; nothing under zero.
    pub(crate) fn get(&self, number: u16) -> &[Misled] {
        let set = usize::from(number).checked_sub(1).and_then(|place| self.sets.get(place));
        set.map_or(&[], Vec::as_slice)
    }
}

impl World {
    /// A request is misled by something.
    pub(crate) fn mislead(&mut self, origin: OriginKey, misled: Misled) {
        let origin = self.origins.get_mut(origin).expect("its frames hold it");
        origin.misled = self.culprits.with(origin.misled, misled);
    }

    /// A request is misled by what has that number, too.
    pub(crate) fn blame(&mut self, origin: OriginKey, number: u16) {
        let origin = self.origins.get_mut(origin).expect("its frames hold it");
        if origin.misled == 0 {
            origin.misled = number;
        } else if origin.misled != number {
            let others = self.culprits.get(number).to_vec();
            origin.misled = others.into_iter().fold(origin.misled, |number, one| self.culprits.with(number, one));
        }
    }

    /// The number of what misled the request of a frame.
    pub(crate) fn misled(&self, frame: FrameKey) -> u16 {
        self.origins.get(self.frame(frame).origin).expect("its frames hold it").misled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_met_first_is_blamed_first_whatever_came_besides() {
        let stale = |cache| Misled::Stale(CacheId::new(cache), None, VersionId::new(0), Staleness::Missed);
        let mut culprits = Culprits::default();
        let first = culprits.with(0, stale(2));
        let (one, other) = (culprits.with(first, stale(1)), culprits.with(first, stale(3)));
        assert_eq!(culprits.get(first), [stale(2)]);
        assert_eq!(culprits.with(one, stale(3)), culprits.with(other, stale(1)), "the order of the others is none");
        let all = culprits.with(other, stale(1));
        assert_eq!(culprits.get(all), [stale(2), stale(1), stale(3)]);
        assert_eq!(culprits.with(one, stale(2)), one, "nothing comes twice");
        assert_eq!(culprits.get(0), []);
    }

    #[test]
    fn sets_are_bounded_and_single_things_are_not() {
        let stale = |index: usize| Misled::Misheard(ExchangeId::new(index), Direction::Request, Mask::EMPTY);
        let mut culprits = Culprits::default();
        let singles: Vec<_> = (0..2 * SETS).map(|index| culprits.with(0, stale(index))).collect();
        assert_eq!(culprits.with(singles[0], stale(1)), singles[0]);
        assert_eq!(culprits.get(singles[2 * SETS - 1]), [stale(2 * SETS - 1)]);
    }
}
