//! What lets something be, or last: an order that holds a rollout, a flag that somebody switched off, a restore; and
//! what has a version do something that it did not do at the start.
//!
//! It is asked about each record that a version trips over, so what was found is kept until the next change; and
//! nothing is looked for before there has been an order of one of these kinds.

use super::motives::Matter;
use super::{Encounter, EntryId, Happening};
use crate::fact::Written;
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::action::{Action, ServiceAction};
use model::data::{KindId, Mask};
use model::id::{EffectId, FormatId, StoreId, VersionId};
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
    /// What has versions do what they do.
    motives: BTreeMap<(VersionId, Matter), Vec<EntryId>>,
    /// What has effects be done, by a version or any.
    doing: BTreeMap<(EffectId, Option<VersionId>), Vec<EntryId>>,
}

impl Lasting {
    /// A flag was switched, a rollout held, a snapshot put back, or something is asked that was not asked before.
    pub(super) fn begin(&mut self) {
        self.is_any = true;
        self.forget();
    }

    /// Something has changed that may bear on what was found.
    pub(super) fn forget(&mut self) {
        self.found.clear();
        self.made.clear();
        self.motives.clear();
        self.doing.clear();
    }

    /// Whether there is anything that could be found.
    pub(super) const fn is_any(&self) -> bool {
        self.is_any
    }

    /// What was found to have a version do something.
    pub(super) fn motives(&self, version: VersionId, matter: Matter) -> Option<&[EntryId]> {
        self.motives.get(&(version, matter)).map(Vec::as_slice)
    }

    /// Keeps what has a version do something.
    pub(super) fn keep_motives(&mut self, version: VersionId, matter: Matter, found: Vec<EntryId>) {
        self.motives.insert((version, matter), found);
    }

    /// What was found to have an effect be done.
    pub(super) fn doing(&self, effect: EffectId, by: Option<VersionId>) -> Option<&[EntryId]> {
        self.doing.get(&(effect, by)).map(Vec::as_slice)
    }

    /// Keeps what has an effect be done.
    pub(super) fn keep_doing(&mut self, effect: EffectId, by: Option<VersionId>, found: Vec<EntryId>) {
        self.doing.insert((effect, by), found);
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
