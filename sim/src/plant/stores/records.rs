//! The records of a store, or the messages of a topic: interned kinds, counted, and judged by who serves.
//!
//! Records of a store stay, unless a restore takes them away. Messages go: those everybody has read who has to are no
//! longer counted, and the place of one that is gone is taken by the next.

use super::memo::Memo;
use super::ranges::Ranges;
use super::troubles::{Trouble, TroubleCounts, Troubles, troubles_of};
use super::updates::Updates;
use super::{Done, work_out};
use crate::kernel::Paged;
use model::access::Access;
use model::data::{Kind, KindId, KindTable};
use model::id::{AccessId, StoreId, VersionId};
use model::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// A record of a store. Records are never moved, so its index is its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordRef {
    /// Which store.
    pub store: StoreId,
    /// Which record, in order of creation.
    pub index: u32,
}

/// What came of touching a record.
#[derive(Clone, Copy, Debug)]
pub struct Touched<'a> {
    /// The kind it was.
    pub(super) from: KindId,
    pub(super) done: &'a Done,
    /// Whether it is the first record of the kind it has become.
    pub(super) is_first: bool,
}

/// The records of one store: how many there are of each kind, and which kind each is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    pub(crate) kinds: KindTable,
    pub(super) records: Paged<Record>,
    /// Places of records that a restore has taken away.
    pub(super) gone: Ranges,
    /// Distinct records that a restore has taken away at some time.
    lost: u32,
    /// Places of messages that are gone.
    free: Vec<u32>,
    /// By kind.
    tallies: Vec<Tally>,
    memo: Memo,
    reign: Reign,
    pub(super) updates: Updates,
}

/// The records of one kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// How many there are.
    pub(crate) count: u32,
    /// What is wrong with them under the versions that serve.
    pub(crate) troubles: Troubles,
    /// Distinct records that came to have each trouble for the first time as records of this kind.
    pub(crate) ever: TroubleCounts,
    /// When there was the first.
    pub(crate) since: Option<Time>,
    /// By trouble: when the first record came to have it.
    pub(crate) troubled: [Option<Time>; Trouble::ALL.len()],
    /// How many there have been, each as often as it has come to be one.
    entered: u32,
    /// Versions that served while there were such records.
    pub(crate) met: BTreeMap<VersionId, Meeting>,
    /// The last reign they were met in.
    reign: u32,
}

/// A version that serves, and records of a kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Meeting {
    /// When there was the first that it could meet.
    pub(crate) first: Time,
    /// When the last time began in which it served and there were such records.
    pub(crate) last: Time,
    /// How many there were in the times that are over.
    over: u32,
    /// While it serves: how many there had been when it began, but for those that were there.
    since: Option<u32>,
}

/// A time in which the same versions serve.
#[derive(Clone, Debug, Default, PartialEq)]
struct Reign {
    /// Its number, from 1.
    number: u32,
    serving: BTreeSet<VersionId>,
}

impl Meeting {
    /// How many there were until so many had been.
    fn until(&self, entered: u32) -> u32 {
        self.over + self.since.map_or(0, |since| entered - since)
    }
}

impl Tally {
    /// One more.
    fn add(&mut self, now: Time, reign: &Reign) {
        self.count += 1;
        self.entered += 1;
        if self.reign != reign.number {
            self.meet(now, reign);
        }
    }

    /// One more that was none. Says whether it is the first.
    fn enter(&mut self, now: Time, reign: &Reign) -> bool {
        self.add(now, reign);
        let is_first = self.since.is_none();
        if is_first {
            self.since = Some(now);
        }
        is_first
    }

    /// Whoever serves can meet records of this kind.
    #[cold]
    fn meet(&mut self, now: Time, reign: &Reign) {
        let since = Some(self.entered - self.count);
        for version in &reign.serving {
            let meeting = self.met.entry(*version).or_insert(Meeting { first: now, last: now, over: 0, since });
            (meeting.last, meeting.since) = (now, meeting.since.or(since));
        }
        self.reign = reign.number;
    }

    /// Whoever serves no more meets no more of them.
    fn part(&mut self, serving: &BTreeSet<VersionId>) {
        let entered = self.entered;
        let gone = self.met.iter_mut().filter(|(version, _)| !serving.contains(version));
        for (_, meeting) in gone {
            (meeting.over, meeting.since) = (meeting.until(entered), None);
        }
    }

    /// How many of them there were while a version served; one that was there twice may count twice.
    pub(crate) fn met_by(&self, version: VersionId) -> u32 {
        self.met.get(&version).map_or(0, |meeting| meeting.until(self.entered))
    }

    /// Since when a version has tripped over such records, of which there is that trouble: not before there was one
    /// that it could meet, nor before one of them had the trouble, if none had it before as something else.
    pub(crate) fn tripped_since(&self, version: VersionId, trouble: Trouble) -> Option<Time> {
        let meeting = self.met.get(&version)?;
        Some(meeting.first).max(self.troubled[trouble as usize])
    }

    fn mark(&mut self, troubles: Troubles, now: Time) {
        self.ever.add(troubles, 1);
        for trouble in Trouble::ALL.into_iter().filter(|trouble| troubles.has(*trouble)) {
            self.troubled[trouble as usize].get_or_insert(now);
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Record {
    kind: KindId,
    /// What was ever wrong with it.
    ever: Troubles,
    /// A message nobody has to read any more, or a record that is gone: it is not counted.
    settled: bool,
    /// Whether a restore has ever taken it away, or retention has before each group was done with it.
    lost: bool,
}

impl Record {
    /// What it is, if it is counted.
    pub(super) const fn counted(self) -> Option<KindId> {
        if self.settled { None } else { Some(self.kind) }
    }
}

impl Records {
    /// What a record takes, in bytes.
    pub(crate) const RECORD_BYTES: u64 = size_of::<Record>() as u64;

    /// What the records take, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.records.len() as u64 * Self::RECORD_BYTES + self.free.len() as u64 * size_of::<u32>() as u64
    }

    /// How many records there are, or were at most at a time where they go.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Records that are there.
    pub(crate) fn kept(&self) -> u32 {
        u32::try_from(self.len()).expect("checked on creation") - self.gone.count()
    }

    /// The n-th record that is there, from 0.
    pub(super) fn place(&self, nth: u32) -> u32 {
        self.gone.place(nth)
    }

    /// Whether a restore has taken a record away.
    pub(crate) fn is_gone(&self, index: u32) -> bool {
        self.records[index as usize].settled
    }

    /// Records that a restore has taken away: at any time, and for now.
    pub(crate) fn lost(&self) -> (u32, u32) {
        (self.lost, self.gone.count())
    }

    /// Distinct records that were ever damaged, lost a field or taken away by a restore.
    pub(crate) fn harmed(&self) -> u32 {
        let is_harmed =
            |record: &&Record| record.lost || record.ever.has(Trouble::Damaged) || record.ever.has(Trouble::FieldsLost);
        u32::try_from(self.records.iter().filter(is_harmed).count()).unwrap_or(u32::MAX)
    }

    /// Updates that a restore has undone: at any time, and for now.
    pub(crate) fn undone(&self) -> (u32, u32) {
        self.updates.undone()
    }

    pub(crate) fn kind_of(&self, index: u32) -> KindId {
        self.records[index as usize].kind
    }

    /// Every kind met, and its records.
    pub(crate) fn tallies(&self) -> impl Iterator<Item = (&Kind, &Tally)> {
        self.kinds.iter().map(|(_, kind)| kind).zip(&self.tallies)
    }

    /// Distinct records that ever had each trouble.
    pub(crate) fn ever(&self) -> TroubleCounts {
        self.tallies.iter().fold(TroubleCounts::default(), |sum, tally| sum.and(tally.ever))
    }

    /// Records that have each trouble now.
    pub(crate) fn remaining(&self) -> TroubleCounts {
        let mut counts = TroubleCounts::default();
        for tally in &self.tallies {
            counts.add(tally.troubles, tally.count);
        }
        counts
    }

    /// The id of a kind. One that is new is judged by the accesses `in_use`, which are asked for only then.
    pub fn intern<'a>(&mut self, kind: Kind, in_use: impl FnOnce() -> Vec<&'a Access>) -> KindId {
        if let Some(id) = self.kinds.find(&kind) {
            return id;
        }
        self.tallies.push(Tally { troubles: troubles_of(&kind, &in_use()), ..Tally::default() });
        self.kinds.intern(kind)
    }

    /// Reads a record, and writes it back if that is what the access does.
    ///
    /// # Panics
    /// When there is no such record, or the access creates one.
    pub fn touch<'a>(
        &mut self,
        index: u32,
        access: (AccessId, &Access),
        in_use: impl FnOnce() -> Vec<&'a Access>,
        now: Time,
    ) -> Touched<'_> {
        let from = self.kind_of(index);
        if self.memo.get(access.0, from).is_none() {
            return self.touch_first(index, access, in_use, now);
        }
        self.touch_known(index, access.0, now)
    }

    /// The same for the first record of a kind that the access meets. It is set apart so that whoever meets the others
    /// need not look up a second time what the first look has found.
    #[cold]
    #[inline(never)]
    fn touch_first<'a>(
        &mut self,
        index: u32,
        access: (AccessId, &Access),
        in_use: impl FnOnce() -> Vec<&'a Access>,
        now: Time,
    ) -> Touched<'_> {
        self.work_out(self.kind_of(index), access, in_use);
        self.touch_known(index, access.0, now)
    }

    /// The same where it is known what comes of it.
    #[inline(always)]
    fn touch_known(&mut self, index: u32, access: AccessId, now: Time) -> Touched<'_> {
        let from = self.kind_of(index);
        let Records { records, tallies, memo, reign, updates, .. } = self;
        let done = memo.get(access, from).expect("known by now");
        if let Done::Changed { updates: true, .. } = done {
            updates.make();
        }
        let is_first = match *done {
            Done::Changed { to, .. } if to != from => change(records, tallies, (index, to), (now, reign)),
            Done::Changed { .. } | Done::Failed(_) => false,
        };
        Touched { from, done, is_first }
    }

    /// Whether it is known what an access makes of records of a kind: it has met one.
    pub(super) fn is_known(&self, access: AccessId, kind: KindId) -> bool {
        self.memo.get(access, kind).is_some()
    }

    /// What an access makes of records of a kind: worked out once.
    pub(super) fn outcome<'a>(
        &mut self,
        from: KindId,
        (id, access): (AccessId, &Access),
        in_use: impl FnOnce() -> Vec<&'a Access>,
    ) -> &Done {
        if self.memo.get(id, from).is_none() {
            self.work_out(from, (id, access), in_use);
        }
        self.memo.get(id, from).expect("known by now")
    }

    #[cold]
    #[inline(never)]
    fn work_out<'a>(
        &mut self,
        from: KindId,
        (id, access): (AccessId, &Access),
        in_use: impl FnOnce() -> Vec<&'a Access>,
    ) {
        let kind = *self.kinds.get(from);
        let done = match work_out(access, &kind) {
            Err(misfit) => Done::Failed(misfit),
            Ok((after, read)) => Done::Changed {
                to: self.intern(after, in_use),
                misread: read.not_as_meant(),
                spoilt: read.spoilt,
                lost: after.lost - kind.lost,
                damaged: after.bad - kind.bad,
                updates: !(access.sets(kind.format) - after.bad).is_empty(),
            },
        };
        self.memo.put(id, from, done);
    }

    /// Adds a record of a kind. Says where.
    pub fn push(&mut self, kind: KindId, now: Time) -> u32 {
        let index = self.next_place();
        self.put(index, Record { kind, ..Record::default() });
        self.tallies[kind.index()].enter(now, &self.reign);
        self.mark(index, now);
        index
    }

    /// Puts a record in its place.
    fn put(&mut self, index: u32, record: Record) {
        if index as usize == self.records.len() {
            self.records.push(record);
        } else {
            self.free.pop();
            *self.records.get_mut(index as usize) = record;
        }
    }

    /// Nobody has to read a message any more.
    pub(crate) fn settle(&mut self, index: u32) {
        let record = self.records.get_mut(index as usize);
        if !record.settled {
            record.settled = true;
            self.tallies[record.kind.index()].count -= 1;
        }
    }

    /// Somebody has to read a message again.
    pub(crate) fn reopen(&mut self, index: u32, now: Time) {
        let record = self.records.get_mut(index as usize);
        if record.settled {
            record.settled = false;
            self.tallies[record.kind.index()].add(now, &self.reign);
            self.mark(index, now);
        }
    }

    /// A record that was taken out is there again, as one of a kind.
    pub(super) fn put_back(&mut self, index: u32, kind: KindId, now: Time) {
        let record = self.records.get_mut(index as usize);
        (record.kind, record.settled) = (kind, false);
        self.tallies[kind.index()].enter(now, &self.reign);
        self.mark(index, now);
    }

    /// A record that was taken out is not there any more.
    pub(super) fn lose(&mut self, index: u32) {
        self.lost += u32::from(self.is_first_loss(index));
    }

    /// A record, or a message, is lost. Says whether it never was before.
    pub(crate) fn is_first_loss(&mut self, index: u32) -> bool {
        !std::mem::replace(&mut self.records.get_mut(index as usize).lost, true)
    }

    /// A message is gone.
    pub(crate) fn remove(&mut self, index: u32) {
        self.settle(index);
        self.free.push(index);
    }

    /// Where the next record goes.
    fn next_place(&self) -> u32 {
        let end = || u32::try_from(self.records.len()).expect("stores are bounded well below 2^32 records");
        self.free.last().copied().unwrap_or_else(end)
    }

    /// Makes a record one of another kind. Says whether it is the first of that kind.
    pub(super) fn change(&mut self, index: u32, to: KindId, now: Time) -> bool {
        change(&mut self.records, &mut self.tallies, (index, to), (now, &self.reign))
    }

    /// Whether there never was a record of a kind.
    pub(super) fn is_new(&self, kind: KindId) -> bool {
        self.tallies[kind.index()].since.is_none()
    }

    /// Remembers what is wrong with a record now.
    fn mark(&mut self, index: u32, now: Time) {
        let record = self.records[index as usize];
        let tally = &mut self.tallies[record.kind.index()];
        if !tally.troubles.is_empty() {
            mark(self.records.get_mut(index as usize), tally, now);
        }
    }

    /// Other versions serve from now on.
    pub(super) fn begin_reign(&mut self, serving: &BTreeSet<VersionId>, now: Time) {
        self.reign = Reign { number: self.reign.number.wrapping_add(1), serving: serving.clone() };
        self.tallies.iter_mut().for_each(|tally| tally.part(serving));
        self.tallies.iter_mut().filter(|tally| tally.count > 0).for_each(|tally| tally.meet(now, &self.reign));
    }

    /// Looks at every kind again because other versions serve now, or say other statements; if that makes anything
    /// worse, every record is marked.
    pub(crate) fn judge(&mut self, in_use: &[&Access], now: Time) {
        let mut worse = false;
        for ((_, kind), tally) in self.kinds.iter().zip(&mut self.tallies) {
            let before = std::mem::replace(&mut tally.troubles, troubles_of(kind, in_use));
            worse |= !tally.troubles.without(before).is_empty();
        }
        if worse {
            (0..self.records.len())
                .for_each(|index| self.mark(u32::try_from(index).expect("checked on creation"), now));
        }
    }
}

fn change(
    records: &mut Paged<Record>,
    tallies: &mut [Tally],
    (index, to): (u32, KindId),
    (now, reign): (Time, &Reign),
) -> bool {
    let record = records.get_mut(index as usize);
    tallies[record.kind.index()].count -= 1;
    record.kind = to;
    let tally = &mut tallies[to.index()];
    if !tally.troubles.is_empty() {
        mark(record, tally, now);
    }
    tally.enter(now, reign)
}

/// Remembers what is wrong with a record of a kind.
fn mark(record: &mut Record, tally: &mut Tally, now: Time) {
    if !record.settled {
        tally.mark(tally.troubles.without(record.ever), now);
        record.ever = record.ever.and(tally.troubles);
    }
}
