//! Migrations at work: a table waits for its lock, is changed, and is in another state.
//!
//! From the moment a lock is asked for to the end of the transaction, statements that conflict with it queue, those
//! before it is given, too: that is PostgreSQL's lock queue ("Explicit Locking" in its manual). They go on in the order
//! in which they came. A script that writes rows beside others, and asks for such a lock only then or never, sees the
//! rows that are there when it begins: those made meanwhile stay as they are, or are gone with the table that it has
//! copied. One that only puts values into rows goes through them a second's worth at a time instead, and nobody waits
//! for it.
//!
//! All rows change at the end, at once, or none of them; of a script that goes bit by bit, those before the row that
//! stops it.

use super::requests::{Flow, FrameKey};
use super::stores::RecordRef;
use crate::event::Event;
use crate::fact::{Cause, Fact, Passed};
use crate::kernel::stream::StreamKey;
use crate::world::World;
use model::access::Verb;
use model::action::{Action, DataAction};
use model::control::{Change, DataChange};
use model::data::sql::{Leaves, Lock, Upgrade};
use model::data::{Failure, KindId, Mask, Refusal};
use model::id::{AccessId, MigrationId, StoreId};
use model::migration::{Script, Takes, Unmigrated, Way};
use model::program::Op;
use model::time::{Span, Time};
use std::collections::BTreeMap;
use std::ops::Range;

/// A migration under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Passage {
    /// Which way it goes.
    pub(crate) way: Way,
    /// When its lock is given back; at the latest, if it never gets it.
    pub(crate) until: Time,
    /// Whether it gets its lock in time.
    granted: bool,
    /// When it gets it, if it does.
    locks: Time,
    /// From when on it keeps others out who conflict with its lock.
    asks: Time,
    /// How many rows there were when it began to write them; all there are, where none is made meanwhile.
    sees: u32,
    /// Rows that have been looked at, where it goes through them.
    pub(crate) at: u32,
    /// Rows it has put values into.
    done: u32,
    /// Columns of them whose value is no longer what was meant.
    damaged: Mask,
}

/// What becomes of some rows, and what is lost and damaged by that.
struct Outcome {
    rows: Range<u32>,
    /// None is left, or each kind becomes another one.
    becomes: Option<BTreeMap<KindId, KindId>>,
    lost: Mask,
    damaged: Mask,
}

impl Passage {
    /// Whether it has its lock.
    pub(crate) fn is_locked(&self, now: Time) -> bool {
        self.granted && self.locks <= now
    }
}

impl World {
    /// A migration begins: it asks for its lock, or goes through the rows.
    pub(crate) fn begin_migration(&mut self, id: MigrationId, way: Way) {
        let model = self.model.clone();
        let migration = model.system.migration(id);
        let script = migration.script(way).expect("an order without a script is refused");
        let sweeps = matches!(script.takes, Takes::Sweep(_));
        let waits = if sweeps { Span::ZERO } else { self.lock_wait(id, way) };
        let granted = migration.lock_timeout.is_none_or(|timeout| waits <= timeout);
        let [beside, alone] = script.lasts(self.stores[migration.store.index()].kept());
        // What keeps nobody out is had from the start.
        let first = if script.keeps_writers_out() { beside } else { Span::ZERO };
        let (asks, locks) = (self.now + first, self.now + first + waits);
        let held = if granted { waits + beside + alone } else { first + migration.lock_timeout.unwrap_or(waits) };
        let (sees, damaged) = (self.stores[migration.store.index()].places(), Mask::EMPTY);
        let until = self.now + held;
        self.passages.insert(id, Passage { way, until, granted, locks, asks, sees, at: 0, done: 0, damaged });
        if sweeps {
            self.control.apply(Change::Data(DataChange::Schema(migration.store, migration.target(way))));
            self.report(Fact::Sweeping { migration: id, way });
            return self.schedule(Span::SECOND, Event::Sweep(id));
        }
        self.schedule(held, Event::Migrated(id));
    }

    /// How long it is until everybody is done who holds the table.
    fn lock_wait(&self, id: MigrationId, way: Way) -> Span {
        let stream = StreamKey::new(self.seed, self.model.system.migration(id).name.as_str(), "lock");
        let action = Action::Data(DataAction::Migrate(id, way));
        let given = self.operations.iter().filter(|operation| operation.action == action).count();
        self.sample(self.model.system.migration(id).waits, stream.word(given as u64, way as u64))
    }

    /// The transaction of a migration is over.
    pub(crate) fn end_migration(&mut self, id: MigrationId) {
        let Some(passage) = self.passages.remove(&id) else { return };
        self.control.apply(Change::Data(DataChange::Migrated(id)));
        if !passage.granted {
            return self.give_up_migration(id, Unmigrated::LockTimeout);
        }
        match self.migrated(id, passage) {
            Err(Failure::Read(refusal) | Failure::Encode(refusal)) => {
                self.give_up_migration(id, Unmigrated::Stopped(passage.way, refusal.slots));
            }
            Ok(outcomes) => self.arrive_at(id, passage.way, &outcomes),
        }
    }

    /// What a migration makes of all rows, of those that it has seen and of those made behind it.
    fn migrated(&mut self, id: MigrationId, passage: Passage) -> Result<Vec<Outcome>, Failure> {
        let model = self.model.clone();
        let migration = model.system.migration(id);
        let script = migration.script(passage.way).expect("it is under way");
        let all = self.stores[migration.store.index()].places();
        let sees = if script.unseen.is_some() { passage.sees } else { all };
        let mut outcomes = vec![self.upgraded(migration.store, &script.upgrade, 0..sees)?];
        if let Some(unseen) = script.unseen.as_ref().filter(|_| sees < all) {
            outcomes.push(self.upgraded(migration.store, unseen, sees..all)?);
        }
        Ok(outcomes)
    }

    /// What a script makes of every kind of row among these, or the first that stops it.
    fn upgraded(&mut self, store: StoreId, upgrade: &Upgrade, rows: Range<u32>) -> Result<Outcome, Failure> {
        let (mut lost, mut damaged) = (Mask::EMPTY, Mask::EMPTY);
        let kinds = self.stores[store.index()].kinds_among(rows.clone());
        upgrade.rows(kinds.values().sum())?;
        if upgrade.leaves == Leaves::None {
            // What stops a row before it is gone, stops all of them.
            for id in kinds.into_keys() {
                let kind = *self.stores[store.index()].kinds.get(id);
                upgrade.row(&kind, kind.writer)?;
            }
            return Ok(Outcome { rows, becomes: None, lost, damaged });
        }
        let mut becomes = BTreeMap::new();
        for from in kinds.into_keys() {
            let kind = *self.stores[store.index()].kinds.get(from);
            let (after, done) = upgrade.row(&kind, kind.writer)?;
            becomes.insert(from, self.intern(store, after));
            lost |= done.lost_now;
            damaged |= done.damaged_now;
        }
        Ok(Outcome { rows, becomes: Some(becomes), lost, damaged })
    }

    fn arrive_at(&mut self, id: MigrationId, way: Way, outcomes: &[Outcome]) {
        let model = self.model.clone();
        let migration = model.system.migration(id);
        let (store, state) = (migration.store, migration.target(way));
        self.control.apply(Change::Data(DataChange::Schema(store, state)));
        let (there, none) = (self.stores[store.index()].kept(), Mask::EMPTY);
        let mut passed = Passed { migration: id, way, there, records: 0, gone: 0, lost: none, damaged: none };
        for (number, Outcome { rows, becomes, lost, damaged }) in outcomes.iter().enumerate() {
            match becomes {
                None => passed.gone += self.stores[store.index()].lose_among(rows.clone()),
                Some(becomes) => {
                    let changed = self.stores[store.index()].become_others(rows.clone(), becomes, self.now);
                    let writes = migration.script(way).is_some_and(Script::writes_rows);
                    passed.records += if number == 0 && writes { changed } else { 0 };
                }
            }
            passed.lost |= *lost;
            passed.damaged |= *damaged;
        }
        self.report(Fact::Migrated(passed));
    }

    /// Goes through another second's worth of rows.
    pub(crate) fn sweep_rows(&mut self, id: MigrationId) {
        let Some(mut passage) = self.passages.get(&id).copied() else { return };
        let batch = self.sweep_batch(id, &mut passage);
        if batch == Ok(false) {
            self.passages.insert(id, passage);
            return self.schedule(Span::SECOND, Event::Sweep(id));
        }
        self.passages.remove(&id);
        self.control.apply(Change::Data(DataChange::Migrated(id)));
        let (lost, damaged) = (Mask::EMPTY, passage.damaged);
        let (way, records) = (passage.way, passage.done);
        let there = self.stores[self.model.system.migration(id).store.index()].kept();
        self.report(Fact::Migrated(Passed { migration: id, way, there, records, gone: 0, lost, damaged }));
        if let Err(refusal) = batch {
            self.give_up_migration(id, Unmigrated::Stopped(way, refusal.slots));
        }
    }

    /// Says whether that was all, or what is in the row that stops it. Rows that come to be behind it are in the new
    /// state already.
    fn sweep_batch(&mut self, id: MigrationId, passage: &mut Passage) -> Result<bool, Refusal> {
        let model = self.model.clone();
        let migration = model.system.migration(id);
        let script = migration.script(passage.way).expect("it is under way");
        let Takes::Sweep(mut left) = script.takes else { unreachable!("only sweeps sweep") };
        let store = migration.store;
        while left > 0 {
            let records = &self.stores[store.index()];
            if passage.at as usize == records.len() {
                return Ok(true);
            }
            let index = passage.at;
            passage.at += 1;
            let kind = *records.kinds.get(records.kind_of(index));
            if records.is_gone(index) || kind.format == migration.target(passage.way) {
                continue;
            }
            left -= 1;
            let upgraded = script.upgrade.row(&kind, kind.writer);
            let (after, done) = upgraded.map_err(Failure::refusal)?;
            passage.done += 1;
            passage.damaged |= done.damaged_now;
            let to = self.intern(store, after);
            if self.stores[store.index()].become_other(index, to, self.now) {
                self.endanger(RecordRef { store, index }, None);
            }
        }
        Ok(false)
    }

    /// The migration of a table that is under way.
    pub(crate) fn passage_of(&self, store: StoreId) -> Option<(MigrationId, Passage)> {
        let id = self.control.migration_of(&self.model.system, store)?;
        Some((id, *self.passages.get(&id)?))
    }

    /// Until when a statement waits for the lock of a migration, if it does.
    pub(crate) fn locked_until(&self, store: StoreId, verb: &Verb) -> Option<Time> {
        if self.passages.is_empty() {
            return None;
        }
        let (id, passage) = self.passage_of(store)?;
        let lock = self.model.system.migration(id).script(passage.way)?.lock?;
        let is_asked_for = passage.asks <= self.now && self.now < passage.until;
        (is_asked_for && conflicts(lock, verb)).then_some(passage.until)
    }

    /// A statement waits until a lock is given back.
    pub(crate) fn await_lock(&mut self, key: FrameKey, access: AccessId, until: Time) -> Flow {
        self.report(Fact::Waits { access });
        self.schedule(until.since(self.now), Event::Unlocked(key));
        Flow::Wait
    }

    /// A lock has been given back: whoever waited for it says its statement again.
    pub(crate) fn unlocked(&mut self, key: FrameKey) {
        let Some(frame) = self.frames.get(key) else { return };
        let ops = &self.model.program(frame.program).ops;
        let Op::Touch { first, count } = ops[usize::from(frame.at) - 1] else {
            unreachable!("only a touch waits for a lock")
        };
        let in_time = frame.deadline >= self.now;
        match if in_time { self.touch(key, first, count) } else { self.fail(key, Cause::Expired) } {
            Flow::Next => self.runnable.push(key),
            Flow::Wait => {}
            Flow::Done => self.end(key, None),
            Flow::Failed(failure) => self.end(key, Some(&failure)),
        }
    }
}

/// Whether a statement waits for a lock.
pub(crate) fn conflicts(lock: Lock, verb: &Verb) -> bool {
    match verb {
        Verb::Read(_) => lock.blocks_reads(),
        Verb::Insert(_) | Verb::Update(_) | Verb::Create(_) | Verb::Rewrite(_) => lock.blocks_writes(),
    }
}
