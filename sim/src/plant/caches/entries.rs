//! The entries of a cache, from the least to the most recently used.
//!
//! The keys of a cache are few enough for a table with a place for each. The entries are linked, so each step takes the
//! same time however many there are.

use crate::kernel::paged::Paged;
use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use model::cache::Cache;
use model::ratio::Ratio;
use model::time::Time;

/// What is in a cache.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entries {
    /// By place: the key, and with a format in the key so many keys further on for each format.
    places: Paged<Option<Entry>>,
    /// The most and the least recently used.
    newest: Option<u32>,
    oldest: Option<u32>,
    count: u32,
    pub(super) lookups: Lookups,
    /// By key: how often it has changed, as far as those know who said so.
    changes: Paged<u32>,
    /// What was kept in entries that are gone.
    gone: Vec<u32>,
}

/// One entry, between its neighbours.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    /// From when on it is not good any more.
    expires: Time,
    newer: Option<u32>,
    older: Option<u32>,
    held: Held,
}

/// What an entry holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// The record in the cache's store; meaningless where entries have no format.
    pub(super) record: u32,
    /// How often its key had changed when it was fetched.
    pub(super) changes: u32,
    /// Its key had changed again by the time it was filled in.
    pub(super) raced: bool,
    /// It was made of something misread.
    pub(super) wrong: bool,
    /// The number of what misled the request that filled it in.
    pub(super) misled: u16,
}

/// How often something was looked for in a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lookups {
    /// And was there.
    pub hits: u64,
    /// And was not, or not any more; or could not be decoded, where that is as good as not there.
    pub misses: u64,
    /// Misses that were there and could not be decoded.
    pub undecodable: u64,
    /// Hits that had changed since they were fetched, and whoever said so did not take them out.
    pub stale: u64,
    /// Hits that were made of something misread when they were filled in.
    pub wrong: u64,
}

impl Entries {
    /// What the places and changes of a cache take, in bytes, however many of them are in use.
    pub(crate) fn bytes(spec: &Cache) -> u64 {
        spec.places() * size_of::<Option<Entry>>() as u64 + u64::from(watched(spec)) * size_of::<u32>() as u64
    }

    /// Whether nothing is kept.
    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A cache with nothing in it.
    pub(super) fn empty(spec: &Cache) -> Self {
        Entries {
            places: Paged::defaults(spec.places() as usize),
            newest: None,
            oldest: None,
            count: 0,
            lookups: Lookups::default(),
            changes: Paged::defaults(watched(spec) as usize),
            gone: Vec::new(),
        }
    }

    /// What is there at the start: the most popular keys, the most popular used last; `held` makes what they hold, and
    /// `plane` is where they lie. What they have left of their time to live is drawn evenly, as if they had been
    /// filled in one after the other.
    pub(super) fn warm(spec: &Cache, stream: StreamKey, plane: u32, mut held: impl FnMut() -> Held) -> Self {
        let mut entries = Entries::empty(spec);
        for key in (0..spec.initial()).rev() {
            let left = |ttl: u64| Time::from_nanos(1 + variate::bounded(stream.word(u64::from(key), 0), ttl));
            let expires = spec.ttl.map_or(Time::MAX, |ttl| left(ttl.nanos()));
            entries.insert(plane * spec.keys + key, expires, held());
        }
        entries
    }

    /// What is there for a place, if it is good; it is the most recently used one then.
    pub(super) fn look_up(&mut self, place: u32, now: Time) -> Option<Held> {
        let found = self.unlink(place);
        let good = found.filter(|entry| now < entry.expires);
        match (found, good) {
            (_, Some(entry)) => self.insert(place, entry.expires, entry.held),
            (Some(old), None) => self.gone.push(old.held.record),
            (None, None) => {}
        }
        let counter = if good.is_some() { &mut self.lookups.hits } else { &mut self.lookups.misses };
        *counter += 1;
        good.map(|entry| entry.held)
    }

    /// What was just found is of no use.
    pub(super) fn unfound(&mut self, place: u32) {
        self.remove(place);
        self.lookups.hits -= 1;
        self.lookups.misses += 1;
        self.lookups.undecodable += 1;
    }

    /// Fills a place; when there are too many entries, the least recently used one goes.
    pub(super) fn fill(&mut self, place: u32, expires: Time, capacity: u32, held: Held) {
        self.remove(place);
        if let Some(oldest) = self.oldest.filter(|_| self.count >= capacity) {
            self.remove(oldest);
        }
        self.insert(place, expires, held);
    }

    /// A key has changed.
    pub(super) fn change(&mut self, key: u32) {
        if key as usize >= self.changes.len() {
            return; // nobody counts them
        }
        *self.changes.get_mut(key as usize) += 1;
    }

    /// How often a key has changed.
    pub(super) fn changes(&self, key: u32) -> u32 {
        if key as usize >= self.changes.len() { 0 } else { self.changes[key as usize] }
    }

    /// What was kept in entries that are gone, since this was asked last.
    pub(super) fn take_gone(&mut self) -> impl Iterator<Item = u32> + '_ {
        self.gone.drain(..)
    }

    /// Fills a place that is empty, as the most recently used one.
    fn insert(&mut self, place: u32, expires: Time, held: Held) {
        *self.places.get_mut(place as usize) = Some(Entry { expires, newer: None, older: self.newest, held });
        match self.newest.replace(place) {
            Some(before) => self.entry(before).newer = Some(place),
            None => self.oldest = Some(place),
        }
        self.count += 1;
    }

    /// Takes an entry out, if there is one.
    pub(super) fn remove(&mut self, place: u32) -> bool {
        let entry = self.unlink(place);
        self.gone.extend(entry.map(|entry| entry.held.record));
        entry.is_some()
    }

    /// Takes an entry from between its neighbours.
    fn unlink(&mut self, place: u32) -> Option<Entry> {
        let entry = self.places[place as usize]?;
        *self.places.get_mut(place as usize) = None;
        match entry.newer {
            Some(newer) => self.entry(newer).older = entry.older,
            None => self.newest = entry.older,
        }
        match entry.older {
            Some(older) => self.entry(older).newer = entry.newer,
            None => self.oldest = entry.newer,
        }
        self.count -= 1;
        Some(entry)
    }

    /// Takes out a share of the entries, those of the most popular of so many keys, rounded down.
    pub(super) fn wipe(&mut self, share: Ratio, keys: u32) {
        let mut left = u64::from(self.count) * u64::from(share.ppb()) / u64::from(Ratio::ONE.ppb());
        let places = u32::try_from(self.places.len()).expect("places have numbers of 32 bits");
        for place in (0..keys).flat_map(|key| (key..places).step_by(keys.max(1) as usize)) {
            if left == 0 {
                return;
            }
            left -= u64::from(self.remove(place));
        }
    }

    fn entry(&mut self, place: u32) -> &mut Entry {
        self.places.get_mut(place as usize).as_mut().expect("neighbours are there")
    }
}

/// The keys whose changes are counted: where nobody says that anything has changed, nothing is stale.
const fn watched(spec: &Cache) -> u32 {
    if spec.changes { spec.keys } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::name::Name;
    use model::time::Span;
    use proptest::prelude::*;

    fn spec(keys: u32, warm: u32, capacity: Option<u32>, ttl: Option<Span>) -> Cache {
        Cache {
            name: Name::new("profiles"),
            keys,
            warm: Ratio::percent(warm).unwrap(),
            capacity,
            ttl,
            changes: false,
            content: None,
        }
    }

    fn entries(spec: &Cache) -> Entries {
        Entries::warm(spec, StreamKey::new(1, "profiles", "warm"), 0, Held::default)
    }

    fn at(second: u64) -> Time {
        Time::ZERO + Span::from_secs(second)
    }

    #[test]
    fn the_most_popular_keys_are_there_at_the_start() {
        let mut half = entries(&spec(11, 50, None, None));
        let there: Vec<_> = (0..11).filter(|key| half.look_up(*key, at(0)).is_some()).collect();
        assert_eq!((there, half.lookups), (vec![0, 1, 2, 3, 4], Lookups { hits: 5, misses: 6, ..Lookups::default() }));
        assert_eq!(entries(&spec(11, 50, Some(3), None)).count, 3, "no more than there is room for");
    }

    #[test]
    fn the_least_recently_used_key_goes() {
        let mut three = entries(&spec(10, 30, Some(3), None)); // 0 used last, then 1, then 2
        assert!(three.look_up(2, at(0)).is_some());
        three.fill(7, Time::MAX, 3, Held::default());
        let there: Vec<_> = (0..10).filter(|key| three.places[*key].is_some()).collect();
        assert_eq!(there, [0, 2, 7], "1 was used before 0");
    }

    #[test]
    fn an_entry_is_good_for_its_time_to_live() {
        let mut cold = entries(&spec(10, 0, None, None));
        cold.fill(4, at(60), u32::MAX, Held::default());
        assert!(cold.look_up(4, Time::from_nanos(at(60).nanos() - 1)).is_some(), "a hit does not prolong it");
        assert!(cold.look_up(4, at(60)).is_none());
        assert_eq!(cold.count, 0);
    }

    #[test]
    fn a_wipe_takes_the_most_popular_of_those_that_are_there() {
        let mut cache = entries(&spec(20, 50, None, None)); // 0 to 9
        let there = |cache: &Entries| (0..20).filter(|key| cache.places[*key].is_some()).collect::<Vec<_>>();
        cache.remove(2);
        cache.wipe(Ratio::percent(50).unwrap(), 20); // half of nine, rounded down
        assert_eq!((there(&cache), cache.count), (vec![5, 6, 7, 8, 9], 5));
        cache.wipe(Ratio::percent(19).unwrap(), 20);
        assert_eq!(cache.count, 5, "less than one entry");
        cache.wipe(Ratio::ONE, 20);
        assert_eq!((there(&cache), cache.count, cache.oldest, cache.newest), (vec![], 0, None, None));
        cache.fill(3, Time::MAX, 1, Held::default());
        assert_eq!(there(&cache), [3]);
    }

    #[test]
    fn warm_entries_expire_one_after_the_other() {
        let mut warm = entries(&spec(1000, 100, None, Some(Span::from_secs(100))));
        let left = [1, 25, 50, 75, 100].map(|second| {
            (0..1000).for_each(|key| {
                warm.look_up(key, at(second));
            });
            warm.count
        });
        assert!(left.iter().zip([990, 750, 500, 250, 0]).all(|(left, even)| left.abs_diff(even) < 60), "{left:?}");
    }

    proptest! {
        /// Against a list that is searched from end to end.
        #[test]
        fn it_is_a_list_by_use(steps in prop::collection::vec((0..2_u8, 0..12_u32, 1..20_u64), 0..200)) {
            let mut cache = entries(&spec(12, 40, Some(5), None));
            let mut list: Vec<(u32, Time)> = (0..4).rev().map(|key| (key, Time::MAX)).collect();
            let mut now = 0;
            for (fills, key, wait) in steps {
                now += wait;
                let found = list.iter().position(|own| own.0 == key).map(|place| list.remove(place));
                if fills == 1 {
                    cache.fill(key, at(now + 30), 5, Held::default());
                    list.drain(..list.len().saturating_sub(4));
                    list.push((key, at(now + 30)));
                } else {
                    let good = found.filter(|own| at(now) < own.1);
                    prop_assert_eq!(cache.look_up(key, at(now)).is_some(), good.is_some());
                    list.extend(good);
                }
                prop_assert_eq!(cache.count as usize, list.len());
                prop_assert_eq!(cache.oldest, list.first().map(|own| own.0));
                prop_assert_eq!(cache.newest, list.last().map(|own| own.0));
            }
        }
    }
}
