//! Look-aside caches: what is kept of earlier answers, by key.
//!
//! A frame looks for the key of its request. What it does not find it fetches, and fills in when all of that went
//! well: a fetch that fails, or times out, leaves the cache as cold as it was. Nothing keeps two frames from
//! fetching the same key at once.
//!
//! The keys of a cache are few enough for a table with a place for each. The entries are linked from the least to
//! the most recently used, so each step takes the same time however many there are.

use crate::kernel::paged::Paged;
use crate::kernel::stream::StreamKey;
use crate::kernel::variate;
use crate::plant::requests::{Flow, FrameKey};
use crate::world::World;
use model::cache::Cache;
use model::id::CacheId;
use model::ratio::Ratio;
use model::time::Time;

/// What is in a cache.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entries {
    /// By key.
    places: Paged<Option<Entry>>,
    /// The most and the least recently used.
    newest: Option<u32>,
    oldest: Option<u32>,
    count: u32,
    lookups: Lookups,
}

/// One entry, between its neighbours.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    /// From when on it is not good any more.
    expires: Time,
    newer: Option<u32>,
    older: Option<u32>,
}

/// How often something was looked for in a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lookups {
    /// And was there.
    pub hits: u64,
    /// And was not, or not any more.
    pub misses: u64,
}

impl Entries {
    /// What is there at the start: the most popular keys, the most popular used last. What they have left of their
    /// time to live is drawn evenly, as if they had been filled in one after the other.
    fn warm(spec: &Cache, stream: StreamKey) -> Self {
        let places = Paged::defaults(spec.keys as usize);
        let mut entries = Entries { places, newest: None, oldest: None, count: 0, lookups: Lookups::default() };
        for key in (0..spec.initial()).rev() {
            let left = |ttl: u64| Time::from_nanos(1 + variate::bounded(stream.word(u64::from(key), 0), ttl));
            entries.insert(key, spec.ttl.map_or(Time::MAX, |ttl| left(ttl.nanos())));
        }
        entries
    }

    /// Whether a key is there and good; it is the most recently used one then.
    fn look_up(&mut self, key: u32, now: Time) -> bool {
        let found = self.remove(key).filter(|entry| now < entry.expires);
        if let Some(entry) = found {
            self.insert(key, entry.expires);
        }
        let counter = if found.is_some() { &mut self.lookups.hits } else { &mut self.lookups.misses };
        *counter += 1;
        found.is_some()
    }

    /// Fills a key in; when there are too many, the least recently used one goes.
    fn fill(&mut self, key: u32, expires: Time, capacity: u32) {
        self.remove(key);
        if let Some(oldest) = self.oldest.filter(|_| self.count >= capacity) {
            self.remove(oldest);
        }
        self.insert(key, expires);
    }

    /// Puts in a key that is not there, as the most recently used one.
    fn insert(&mut self, key: u32, expires: Time) {
        *self.places.get_mut(key as usize) = Some(Entry { expires, newer: None, older: self.newest });
        match self.newest.replace(key) {
            Some(before) => self.entry(before).newer = Some(key),
            None => self.oldest = Some(key),
        }
        self.count += 1;
    }

    /// Takes a key out, if it is there.
    fn remove(&mut self, key: u32) -> Option<Entry> {
        let entry = self.places[key as usize]?;
        *self.places.get_mut(key as usize) = None;
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
    fn wipe(&mut self, share: Ratio, keys: u32) {
        let mut left = u64::from(self.count) * u64::from(share.ppb()) / u64::from(Ratio::ONE.ppb());
        for key in 0..keys {
            if left == 0 {
                return;
            }
            left -= u64::from(self.remove(key).is_some());
        }
    }

    fn entry(&mut self, key: u32) -> &mut Entry {
        self.places.get_mut(key as usize).as_mut().expect("neighbours are there")
    }
}

impl World {
    /// Fills the caches with what was there before the run.
    pub(crate) fn boot_caches(&mut self) {
        let model = self.model.clone();
        let warm = |spec: &Cache| Entries::warm(spec, StreamKey::new(self.seed, spec.name.as_str(), "warm"));
        self.caches = model.system.caches.iter().map(warm).collect();
    }

    /// Looks for the key of the request, and passes over fetching it when it is there.
    pub(crate) fn look_up(&mut self, frame: FrameKey, cache: CacheId, skip: u16) -> Flow {
        let (key, now) = (self.place_of(frame, cache), self.now);
        if key.is_some_and(|key| self.caches[cache.index()].look_up(key, now)) {
            self.frame_mut(frame).at += skip;
        }
        Flow::Next
    }

    /// Fills in what was fetched.
    pub(crate) fn fill(&mut self, frame: FrameKey, cache: CacheId) -> Flow {
        if let Some(key) = self.place_of(frame, cache) {
            let spec = self.model.system.cache(cache);
            let expires = spec.ttl.map_or(Time::MAX, |ttl| self.now + ttl);
            self.caches[cache.index()].fill(key, expires, spec.capacity.unwrap_or(u32::MAX));
        }
        Flow::Next
    }

    /// A fault empties a cache.
    pub(crate) fn wipe(&mut self, cache: CacheId, share: Ratio) {
        let keys = self.model.system.cache(cache).keys;
        self.caches[cache.index()].wipe(share, keys);
    }

    /// The key of the request a frame works on: what is about nothing has no place in a cache.
    fn place_of(&self, frame: FrameKey, cache: CacheId) -> Option<u32> {
        let keys = self.model.system.cache(cache).keys;
        self.key_of(frame).and_then(|key| u32::try_from(key).ok()).filter(|key| *key < keys)
    }

    /// How often something was looked for in a cache so far.
    #[must_use]
    pub fn lookups(&self, cache: CacheId) -> Lookups {
        self.caches[cache.index()].lookups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::name::Name;
    use model::time::Span;
    use proptest::prelude::*;

    fn spec(keys: u32, warm: u32, capacity: Option<u32>, ttl: Option<Span>) -> Cache {
        Cache { name: Name::new("profiles"), keys, warm: Ratio::percent(warm).unwrap(), capacity, ttl }
    }

    fn entries(spec: &Cache) -> Entries {
        Entries::warm(spec, StreamKey::new(1, "profiles", "warm"))
    }

    fn at(second: u64) -> Time {
        Time::ZERO + Span::from_secs(second)
    }

    #[test]
    fn the_most_popular_keys_are_there_at_the_start() {
        let mut half = entries(&spec(11, 50, None, None));
        let there: Vec<_> = (0..11).filter(|key| half.look_up(*key, at(0))).collect();
        assert_eq!((there, half.lookups), (vec![0, 1, 2, 3, 4], Lookups { hits: 5, misses: 6 }));
        assert_eq!(entries(&spec(11, 50, Some(3), None)).count, 3, "no more than there is room for");
    }

    #[test]
    fn the_least_recently_used_key_goes() {
        let mut three = entries(&spec(10, 30, Some(3), None)); // 0 used last, then 1, then 2
        assert!(three.look_up(2, at(0)));
        three.fill(7, Time::MAX, 3);
        let there: Vec<_> = (0..10).filter(|key| three.places[*key].is_some()).collect();
        assert_eq!(there, [0, 2, 7], "1 was used before 0");
    }

    #[test]
    fn an_entry_is_good_for_its_time_to_live() {
        let mut cold = entries(&spec(10, 0, None, None));
        cold.fill(4, at(60), u32::MAX);
        assert!(cold.look_up(4, Time::from_nanos(at(60).nanos() - 1)), "a hit does not prolong it");
        assert!(!cold.look_up(4, at(60)));
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
        cache.fill(3, Time::MAX, 1);
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
                    cache.fill(key, at(now + 30), 5);
                    list.drain(..list.len().saturating_sub(4));
                    list.push((key, at(now + 30)));
                } else {
                    let good = found.filter(|own| at(now) < own.1);
                    prop_assert_eq!(cache.look_up(key, at(now)), good.is_some());
                    list.extend(good);
                }
                prop_assert_eq!(cache.count as usize, list.len());
                prop_assert_eq!(cache.oldest, list.first().map(|own| own.0));
                prop_assert_eq!(cache.newest, list.last().map(|own| own.0));
            }
        }
    }
}
