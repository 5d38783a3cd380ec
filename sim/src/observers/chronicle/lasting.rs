//! What lets something be, or last: an order that holds a rollout, a flag that somebody switched off, a restore.
//!
//! It is asked about each record that a version trips over, so what was found is kept until the next change; and
//! nothing is looked for before there has been an order of one of these kinds.

use super::{Encounter, EntryId, Happening};
use crate::fact::Written;
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::action::{Action, ServiceAction};
use model::data::{KindId, Mask};
use model::id::{FormatId, StoreId, VersionId};
use std::collections::BTreeMap;

/// Who meets what: a version, records of a kind, and as what they were written.
type Meeting = (StoreId, KindId, VersionId, Written);

/// A version, records of a kind, the fields on which that goes wrong, and whether those were spoilt before.
type Made = (StoreId, KindId, VersionId, Mask, bool);

/// What was found so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lasting {
    /// Whether there is anything that could be found.
    is_any: bool,
    found: BTreeMap<Meeting, Vec<EntryId>>,
    /// By who meets what, and on which fields that goes wrong: the last change that bears on who has made it so.
    made: BTreeMap<Made, Option<EntryId>>,
}

impl Lasting {
    /// A flag was switched, a rollout held, or a snapshot put back.
    pub(super) fn begin(&mut self) {
        self.is_any = true;
        self.forget();
    }

    /// Something has changed that may bear on what was found.
    pub(super) fn forget(&mut self) {
        self.found.clear();
        self.made.clear();
    }

    /// Something was told, and may be why records are as they are.
    pub(super) fn forget_made(&mut self) {
        self.made.clear();
    }
}

impl World {
    /// Why a version that met a record was still there, and said what it did, and why the record was: what holds the
    /// version where it is, who switched off the flags under which it would have done with that record, and the restore
    /// that has brought records of its format back.
    pub(super) fn behind_meeting(&mut self, record: RecordRef, written: Written, version: VersionId) -> Vec<EntryId> {
        if !self.chronicle.lasting.is_any {
            return vec![];
        }
        let kind = self.stores[record.store.index()].kind_of(record.index);
        let meeting = (record.store, kind, version, written);
        if let Some(found) = self.chronicle.lasting.found.get(&meeting) {
            return found.clone();
        }
        let off = self.flags_missed(record, version).into_iter();
        let switched = off.filter_map(|flag| self.chronicle.switched[flag.index()]);
        let restored = self.brought_back(record.store, written.format);
        let found: Vec<_> = switched.chain(self.held(version)).chain(restored).collect();
        self.chronicle.lasting.found.insert(meeting, found.clone());
        found
    }

    /// The last change that bears on who has made records of a kind what they are: from then on there may be others of
    /// the same kind, because of something else.
    pub(super) fn last_made(&mut self, kind: KindId, met: Encounter, is_spoilt: bool) -> Option<EntryId> {
        let Encounter { store, reader, slots } = met;
        let meeting = (store, kind, reader, slots, is_spoilt);
        if let Some(found) = self.chronicle.lasting.made.get(&meeting) {
            return *found;
        }
        let last = if is_spoilt {
            self.chronicle.last_spoilt(store, slots)
        } else {
            self.last_written(self.stores[store.index()].kinds.get(kind), met)
        };
        self.chronicle.lasting.made.insert(meeting, last);
        last
    }

    /// The order that holds the rollout by which a version is to go.
    pub(super) fn held(&self, version: VersionId) -> Option<EntryId> {
        let service = self.model.system.version(version).service;
        let desired = self.control.desired(service);
        let order = Action::Service(service, ServiceAction::Pause);
        let is_held = desired.paused && desired.version != version;
        if is_held { self.last_order(|action| *action == order) } else { None }
    }

    /// The last restore that put records of a format back into a store.
    fn brought_back(&self, store: StoreId, format: FormatId) -> Option<EntryId> {
        let back = |what: &Happening| {
            let Happening::Restored { backup, restored, .. } = what else { return false };
            self.model.system.backup(*backup).store == store && restored.back.contains_key(&format)
        };
        self.chronicle.entries.iter().rev().find(|entry| back(&entry.what)).map(|entry| entry.id)
    }
}
