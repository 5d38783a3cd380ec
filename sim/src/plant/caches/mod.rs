//! Caches: what is kept of earlier answers, by key.
//!
//! A frame looks for the key of its request. What it does not find it fetches, and fills in when all of that went
//! well: a fetch that fails, or times out, leaves the cache as cold as it was. Nothing keeps two frames from
//! fetching the same key at once.
//!
//! Where entries have a format, what a frame finds it decodes as its version does: an entry is a record kind, and may
//! be one that another version wrote. Where the format is part of the key, versions do not find each other's entries,
//! and do not take them out either when something changes: what one of them left behind is stale then.
//!
//! A fetch is taken to read when it begins: what it fills in after somebody has said that the key has changed is stale,
//! too, and nobody takes it out.
//!
//! What was made of something misread stays wrong in a cache: each answer that is made of it is, too.

mod entries;

pub(crate) use entries::Entries;
pub use entries::Lookups;

use crate::fact::{Fact, Staleness};
use crate::kernel::stream::StreamKey;
use crate::plant::misled::Misled;
use crate::plant::requests::{Flow, FrameKey, Meaning};
use crate::plant::stores::RecordRef;
use crate::world::World;
use entries::Held;
use model::cache::{Content, Side, Undecodable};
use model::data::{self, Mask};
use model::id::{AccessId, CacheId, FormatId};
use model::ratio::Ratio;
use model::time::Time;

/// Where a frame looks in a cache.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spot {
    cache: CacheId,
    key: u32,
    place: u32,
}

impl World {
    /// Fills the caches with what was there before the run.
    pub(crate) fn boot_caches(&mut self) {
        let model = self.model.clone();
        for spec in &model.system.caches {
            let stream = StreamKey::new(self.seed, spec.name.as_str(), "warm");
            let entries = match spec.content {
                None => Entries::warm(spec, stream, 0, Held::default),
                Some(Content { warmed: None, .. }) => Entries::empty(spec),
                Some(content @ Content { warmed: Some((writer, format)), .. }) => {
                    let present = model.system.store(content.store).entity.format(format).usual();
                    let kind = data::create(format, present, Mask::EMPTY, writer);
                    let held = || Held { record: self.put_before_the_run(content.store, kind), ..Held::default() };
                    Entries::warm(spec, stream, plane_of(content, format), held)
                }
            };
            self.caches.push(entries);
        }
    }

    /// Looks for the key of the request, and passes over fetching it when it is there.
    pub(crate) fn look_up(&mut self, frame: FrameKey, cache: CacheId, skip: u16, side: Option<u16>) -> Flow {
        let Some(spot) = self.spot(frame, cache, side) else { return Flow::Next };
        let found = self.caches[cache.index()].look_up(spot.place, self.now);
        self.free(cache);
        let Some(held) = found else { return self.begin_fetch(frame, spot) };
        let flow = match self.side(frame, side).zip(self.model.system.cache(cache).content) {
            Some((side, content)) => self.decode_entry(frame, spot, side.read, content, held),
            None => {
                self.judge_age(frame, spot, held, None);
                Some(Flow::Next)
            }
        };
        let Some(flow) = flow else { return self.begin_fetch(frame, spot) }; // as good as not there
        let found = self.frames.get_mut(frame).expect("driven frames are alive");
        found.at += skip;
        if held.wrong {
            found.meaning = Meaning::Wrong;
            let origin = found.origin;
            self.blame(origin, held.misled);
            self.caches[cache.index()].lookups.wrong += 1;
        }
        flow
    }

    /// Decodes what was found; nothing when it is as good as not there.
    fn decode_entry(
        &mut self,
        frame: FrameKey,
        spot: Spot,
        read: AccessId,
        content: Content,
        held: Held,
    ) -> Option<Flow> {
        let record = RecordRef { store: content.store, index: held.record };
        if content.undecodable == Undecodable::Miss && !self.is_readable(read, record) {
            self.caches[spot.cache.index()].unfound(spot.place);
            self.free(spot.cache);
            return None;
        }
        self.judge_age(frame, spot, held, Some(record));
        Some(self.reread(frame, read, record))
    }

    /// Remembers what a frame that fetches will not hear of.
    fn begin_fetch(&mut self, frame: FrameKey, spot: Spot) -> Flow {
        if self.model.system.cache(spot.cache).changes {
            let changes = self.caches[spot.cache.index()].changes(spot.key);
            self.fetches.insert((frame, spot.cache), changes);
        }
        Flow::Next
    }

    /// A frame is gone, with what it was fetching.
    pub(crate) fn end_fetches(&mut self, frame: FrameKey) {
        while let Some((&(of, cache), _)) = self.fetches.range((frame, CacheId::ZERO)..).next() {
            if of != frame {
                return;
            }
            self.fetches.remove(&(of, cache));
        }
    }

    /// What is found may have changed since it was fetched, and whoever changed it looked under another key, or before
    /// it was filled in.
    fn judge_age(&mut self, frame: FrameKey, spot: Spot, held: Held, record: Option<RecordRef>) {
        let Spot { cache, key, .. } = spot;
        let entries = &mut self.caches[cache.index()];
        if held.changes >= entries.changes(key) {
            return;
        }
        entries.lookups.stale += 1;
        let entry = record.map(|record| (record, self.written(record)));
        let frame = self.frame_mut(frame);
        frame.meaning = Meaning::Wrong;
        let (version, origin) = (frame.version, frame.origin);
        let how = if held.raced { Staleness::Raced } else { Staleness::Missed };
        self.mislead(origin, Misled::Stale(cache, entry.map(|(_, was)| was), version, how));
        self.report(Fact::Stale { cache, entry, version, how });
    }

    /// Fills in what was fetched, or has changed.
    pub(crate) fn fill(&mut self, frame: FrameKey, cache: CacheId, side: Option<u16>, changed: bool) -> Flow {
        let Some(spot) = self.spot(frame, cache, side) else { return Flow::Next };
        if changed {
            self.caches[cache.index()].change(spot.key);
        }
        let record = self.encoder(frame, side).map(|access| {
            let kind = self.new_kind(frame, access);
            let store = self.model.system.access(access).store;
            self.create(store, kind).index
        });
        let spec = self.model.system.cache(cache);
        let (expires, capacity) = (spec.ttl.map_or(Time::MAX, |ttl| self.now + ttl), spec.capacity.unwrap_or(u32::MAX));
        let (wrong, misled) = (self.frame(frame).is_wrong(), self.misled(frame));
        let known = self.fetches.remove(&(frame, cache)).filter(|_| !changed);
        let entries = &mut self.caches[cache.index()];
        let last = entries.changes(spot.key);
        let changes = known.unwrap_or(last);
        let held = Held { record: record.unwrap_or_default(), changes, raced: changes < last, wrong, misled };
        entries.fill(spot.place, expires, capacity, held);
        self.free(cache);
        Flow::Next
    }

    /// Takes out what has changed, where it is looked for.
    pub(crate) fn invalidate(&mut self, frame: FrameKey, cache: CacheId, side: Option<u16>) -> Flow {
        if let Some(spot) = self.spot(frame, cache, side) {
            let entries = &mut self.caches[cache.index()];
            entries.change(spot.key);
            entries.remove(spot.place);
            self.free(cache);
        }
        Flow::Next
    }

    /// A fault empties a cache.
    pub(crate) fn wipe(&mut self, cache: CacheId, share: Ratio) {
        let keys = self.model.system.cache(cache).keys;
        self.caches[cache.index()].wipe(share, keys);
        self.free(cache);
    }

    /// Lets go of what was kept in entries that are gone.
    fn free(&mut self, cache: CacheId) {
        let gone = self.caches[cache.index()].take_gone();
        if let Some(content) = self.model.system.cache(cache).content {
            let records = &mut self.stores[content.store.index()];
            gone.for_each(|record| records.remove(record));
        }
    }

    /// The place of the request a frame works on: what is about nothing has none.
    fn spot(&self, frame: FrameKey, cache: CacheId, side: Option<u16>) -> Option<Spot> {
        let spec = self.model.system.cache(cache);
        let key = self.key_of(frame).and_then(|key| u32::try_from(key).ok()).filter(|key| *key < spec.keys)?;
        let plane = spec.content.map_or(Some(0), |content| self.plane(frame, content, side))?;
        Some(Spot { cache, key, place: plane * spec.keys + key })
    }

    /// Where the entries lie that a frame's version finds.
    fn plane(&self, frame: FrameKey, content: Content, side: Option<u16>) -> Option<u32> {
        let access = self.model.system.access(self.encoder(frame, side)?);
        access.written().map(|format| plane_of(content, format))
    }

    /// How a frame's version encodes an entry now.
    fn encoder(&self, frame: FrameKey, side: Option<u16>) -> Option<AccessId> {
        let Side { first, count, .. } = self.side(frame, side)?;
        let frame = self.frame(frame);
        self.model.program(frame.program).open_gate(first, count, frame.flags)
    }

    fn side(&self, frame: FrameKey, side: Option<u16>) -> Option<Side> {
        let program = self.model.program(self.frame(frame).program);
        side.map(|side| program.sides[usize::from(side)])
    }

    /// How often something was looked for in a cache so far.
    #[must_use]
    pub fn lookups(&self, cache: CacheId) -> Lookups {
        self.caches[cache.index()].lookups
    }
}

/// Where the entries of a format lie.
fn plane_of(content: Content, format: FormatId) -> u32 {
    if content.is_versioned() { u32::try_from(format.index()).expect("formats are few") } else { 0 }
}
