//! Rows of a table: made by a statement that may be refused, and changed all at once by a migration.

use super::records::Records;
use crate::fact::{Cause, Fact, Rewriter};
use crate::plant::requests::{Flow, FrameKey};
use crate::world::World;
use model::access::{Access, Verb};
use model::data::{Failure, Kind, KindId, Mask};
use model::id::{AccessId, FormatId};
use model::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

impl World {
    /// Statements that hang on flags, and that no running process says.
    pub(super) fn shut_statements(&self) -> BTreeSet<AccessId> {
        self.model.gated().iter().copied().filter(|id| !self.is_said(self.model.system.access(*id))).collect()
    }

    fn is_said(&self, access: &Access) -> bool {
        let running = self.fleet.replicas.iter().filter(|(_, replica)| replica.is_running());
        let mut own = running.filter(|(_, replica)| replica.version == access.version);
        own.any(|(_, replica)| access.gate.is_open(&replica.settings))
    }

    /// A frame makes a new row, in the state the table is in.
    pub(super) fn insert(&mut self, key: FrameKey, id: AccessId) -> Flow {
        let access = self.model.system.access(id);
        let Verb::Insert(insert) = &access.verb else { unreachable!("only inserts insert") };
        let (store, version) = (access.store, access.version);
        let state = self.control.schema(store);
        let hard = insert.hard[self.class_of(key).index()];
        match insert.met[state.index()].insert(hard, version) {
            Ok((kind, done)) => {
                self.inserted.insert((id, state));
                let record = self.create(store, kind);
                self.frame_mut(key).subject = Some(record);
                if !done.damaged_now.is_empty() {
                    let (was, lost, damaged) = (self.written(record), done.lost_now, done.damaged_now);
                    let kind = self.stores[store.index()].kind_of(record.index);
                    self.report(Fact::Harmed { record, was, kind, by: Rewriter::Version(version), lost, damaged });
                }
                Flow::Next
            }
            Err(Failure::Read(refusal) | Failure::Encode(refusal)) => {
                self.report(Fact::Rejected { access: id, state, slots: refusal.slots });
                self.fail(key, Cause::Statement(id, state))
            }
        }
    }

    /// A frame says something where there is no record for it. Whether a statement runs at all, a database finds out
    /// before it looks at a row.
    pub(super) fn find_nothing(&mut self, key: FrameKey, id: AccessId) -> Flow {
        let access = self.model.system.access(id);
        if !self.model.system.store(access.store).is_table() {
            return Flow::Next;
        }
        let state = self.control.schema(access.store);
        let runs = match &access.verb {
            Verb::Read(read) => !read.decode[state].mismatch,
            Verb::Update(update) => !update.met[state.index()].decode.mismatch,
            Verb::Create(_) | Verb::Insert(_) | Verb::Rewrite(_) => true,
        };
        if runs {
            return Flow::Next;
        }
        self.report(Fact::Rejected { access: id, state, slots: Mask::EMPTY });
        self.fail(key, Cause::Statement(id, state))
    }
}

impl Records {
    /// The formats of the records that an access has met.
    pub(crate) fn formats_met(&self, access: AccessId) -> BTreeSet<FormatId> {
        self.kinds_met(access).map(|kind| kind.format).collect()
    }

    /// The kinds of the records that an access has met.
    pub(crate) fn kinds_met(&self, access: AccessId) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().filter(move |(id, _)| self.is_known(access, *id)).map(|(_, kind)| kind)
    }

    /// The kinds of which there are records, and how many.
    pub(crate) fn counted_kinds(&self) -> Vec<(KindId, u32)> {
        let ids = self.kinds.iter().map(|(id, _)| id).zip(self.tallies());
        ids.map(|(id, (_, tally))| (id, tally.count)).filter(|(_, count)| *count > 0).collect()
    }

    /// The first record of a kind.
    ///
    /// # Panics
    /// When there is none.
    pub(crate) fn first_of(&self, kind: KindId) -> u32 {
        let mut indices = (0..self.len()).map(|index| u32::try_from(index).expect("checked on creation"));
        indices.find(|index| self.kind_of(*index) == kind && !self.is_gone(*index)).expect("one was counted")
    }

    /// The kinds of some records, each with how many there are of it.
    pub(crate) fn kinds_among(&self, rows: Range<u32>) -> BTreeMap<KindId, u32> {
        let mut kinds = BTreeMap::new();
        if rows == (0..self.places()) {
            return self.counted_kinds().into_iter().collect();
        }
        for index in rows.filter(|index| !self.is_gone(*index)) {
            *kinds.entry(self.kind_of(index)).or_default() += 1;
        }
        kinds
    }

    /// Each of some records becomes one of another kind. Says how many there are.
    pub(crate) fn become_others(&mut self, rows: Range<u32>, becomes: &BTreeMap<KindId, KindId>, now: Time) -> u32 {
        let mut count = 0;
        for index in rows {
            if let Some(to) = becomes.get(&self.kind_of(index)).filter(|_| !self.is_gone(index)) {
                self.change(index, *to, now);
                count += 1;
            }
        }
        count
    }

    /// A record becomes one of another kind. Says whether it is the first of it.
    pub(crate) fn become_other(&mut self, index: u32, to: KindId, now: Time) -> bool {
        self.change(index, to, now)
    }
}
