//! Backups at work: snapshots are taken, and put back.
//!
//! While a store is being put back it is offline: what was written meanwhile would be lost. What a snapshot holds is
//! put in the place of what is there at the end, all at once; one that turns out to be unusable changes nothing.

use super::stores::{Image, Restored};
use crate::event::Event;
use crate::fact::Fact;
use crate::world::World;
use model::control::{Change, DataChange};
use model::id::{BackupId, FormatId, StoreId};
use model::time::Time;
use std::collections::VecDeque;

/// What a store was like when its backup was taken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    /// When.
    pub(crate) at: Time,
    pub(crate) image: Image,
    /// The state of the schema, where the store is a table: it comes back with the rows.
    pub(crate) schema: FormatId,
}

/// The snapshots of a backup.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Snapshots {
    /// Those that are kept, oldest first.
    pub(crate) kept: VecDeque<Snapshot>,
    /// The one that is being put back, and when that will be done.
    pub(crate) under_way: Option<(Snapshot, Time)>,
    /// What the last restore came to, and when its snapshot was taken.
    pub(crate) last: Option<(Restored, Time)>,
}

impl Snapshots {
    fn add(&mut self, snapshot: Snapshot, keep: u16) {
        self.kept.push_back(snapshot);
        if self.kept.len() > usize::from(keep) {
            self.kept.pop_front();
        }
    }

    /// The youngest snapshot, or the youngest taken by then.
    pub(crate) fn as_of(&self, as_of: Option<Time>) -> Option<&Snapshot> {
        self.kept.iter().rev().find(|snapshot| as_of.is_none_or(|by| snapshot.at <= by))
    }

    /// What they take, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        let under_way = self.under_way.iter().map(|(snapshot, _)| snapshot);
        self.kept.iter().chain(under_way).map(|snapshot| snapshot.image.bytes()).sum()
    }
}

impl World {
    pub(crate) fn boot_backups(&mut self) {
        let model = self.model.clone();
        for (index, backup) in model.system.backups.iter().enumerate() {
            self.backups.push(Snapshots::default());
            self.schedule(backup.starts, Event::Snapshot(BackupId::new(index)));
        }
    }

    /// Whether a store is being put back: nobody can touch its records.
    pub(crate) fn is_offline(&self, store: StoreId) -> bool {
        self.control.restoring.iter().any(|backup| self.model.system.backup(*backup).store == store)
    }

    /// A snapshot is due. A store that is offline is passed over.
    pub(crate) fn take_snapshot(&mut self, id: BackupId) {
        let backup = self.model.system.backup(id);
        let (store, every, keep) = (backup.store, backup.every, backup.keep);
        if !self.is_offline(store) {
            let image = self.stores[store.index()].image();
            self.backups[id.index()].add(Snapshot { at: self.now, image, schema: self.control.schema(store) }, keep);
        }
        self.schedule(every, Event::Snapshot(id));
    }

    /// Begins to put a snapshot back.
    ///
    /// # Panics
    /// When there is none: an order without one is refused.
    pub(crate) fn begin_restore(&mut self, id: BackupId, as_of: Option<Time>) {
        let found = self.backups[id.index()].as_of(as_of).cloned();
        let snapshot = found.expect("an order without a snapshot is refused");
        let records = snapshot.image.count();
        let takes = self.model.system.backup(id).restores.takes(u64::from(records));
        self.report(Fact::Restoring { backup: id, at: snapshot.at, records });
        self.backups[id.index()].under_way = Some((snapshot, self.now + takes));
        self.schedule(takes, Event::Restored(id));
    }

    /// The time is over that putting a snapshot back takes.
    pub(crate) fn end_restore(&mut self, id: BackupId) {
        let Some((snapshot, _)) = self.backups[id.index()].under_way.take() else { return };
        let backup = self.model.system.backup(id);
        let (store, usable) = (backup.store, backup.usable);
        self.control.apply(Change::Data(DataChange::Restored(id)));
        if !usable {
            return self.give_up_restore(id);
        }
        let restored = self.stores[store.index()].restore(&snapshot.image, self.now);
        if self.model.system.store(store).is_table() {
            self.control.apply(Change::Data(DataChange::Schema(store, snapshot.schema)));
        }
        self.sweep_again(store);
        let Restored { lost, found, undone, redone: _, ref back } = restored;
        self.report(Fact::Restored { backup: id, lost, found, undone, back: back.values().sum() });
        self.backups[id.index()].last = Some((restored, snapshot.at));
    }
}
