//! Backups at work: snapshots are taken, and put back.
//!
//! While a store is being put back it is offline: what was written meanwhile would be lost. What a snapshot holds is
//! put in the place of what is there at the end, all at once; one that turns out to be unusable changes nothing.

use super::stores::{Image, Records, Restored, Stays};
use crate::event::Event;
use crate::fact::Fact;
use crate::world::World;
use model::backup::BackupSet;
use model::control::{Change, DataChange};
use model::id::{BackupId, FormatId, StoreId};
use model::time::{Span, Time};
use std::collections::VecDeque;

/// What a store was like when its backup was taken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    /// When.
    pub(crate) at: Time,
    pub(crate) image: Image,
    /// The state of the schema, where the store is a table: it comes back with the rows.
    pub(crate) schema: FormatId,
    /// What there was beside the store.
    beside: Beside,
}

/// What no snapshot of a store takes back: how much of it there ever was, by an instant.
#[derive(Clone, Debug, Default, PartialEq)]
struct Beside {
    /// By store: records that were made.
    records: Vec<u32>,
    messages: u64,
    effects: u64,
}

/// Snapshots that are being put back by one order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UnderWay {
    snapshot: Snapshot,
    /// When that will be done.
    pub(crate) done: Time,
    /// All backups of the order: one that is of no use spoils it for the others.
    with: BackupSet,
}

/// The snapshots of a backup.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Snapshots {
    /// Those that are kept, oldest first.
    pub(crate) kept: VecDeque<Snapshot>,
    /// The one that is being put back.
    pub(crate) under_way: Option<UnderWay>,
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
        let under_way = self.under_way.iter().map(|under_way| &under_way.snapshot);
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
            let (schema, beside) = (self.control.schema(store), self.beside());
            self.backups[id.index()].add(Snapshot { at: self.now, image, schema, beside }, keep);
        }
        self.schedule(every, Event::Snapshot(id));
    }

    fn beside(&self) -> Beside {
        Beside {
            records: self.stores.iter().map(Records::places).collect(),
            messages: self.logs.iter().map(|log| log.published).sum(),
            effects: self.strays.iter().map(|strays| strays.done).sum(),
        }
    }

    /// The instant to which a backup, or several, can be put back: at which the youngest snapshot was taken, or the
    /// youngest by then; of several, the youngest that was taken of each.
    pub(crate) fn instant_of(&self, backups: BackupSet, as_of: Option<Time>) -> Option<Time> {
        let kept = |backup: BackupId| self.backups[backup.index()].kept.iter().map(|snapshot| snapshot.at);
        let first = kept(backups.iter().next()?).rev().filter(|at| as_of.is_none_or(|by| *at <= by));
        first.into_iter().find(|at| backups.iter().all(|backup| kept(backup).any(|other| other == *at)))
    }

    /// The snapshots of some backups by an instant.
    pub(crate) fn taken_at(&self, backups: BackupSet, at: Time) -> impl Iterator<Item = (BackupId, &Snapshot)> {
        backups.iter().filter_map(move |id| Some((id, self.backups[id.index()].as_of(Some(at))?)))
    }

    /// How long it takes to put them back together: as long as the slowest.
    pub(crate) fn restore_takes(&self, backups: BackupSet, at: Time) -> Span {
        let takes = |(id, one): (BackupId, &Snapshot)| {
            self.model.system.backup(id).restores.takes(u64::from(one.image.count()))
        };
        self.taken_at(backups, at).map(takes).max().unwrap_or(Span::ZERO)
    }

    /// Begins to put snapshots back; all are there again when the last one is.
    ///
    /// # Panics
    /// When there are none: an order without them is refused.
    pub(crate) fn begin_restore(&mut self, backups: BackupSet, as_of: Option<Time>) {
        let at = self.instant_of(backups, as_of).expect("an order without a snapshot is refused");
        let takes = self.restore_takes(backups, at);
        let found: Vec<_> = self.taken_at(backups, at).map(|(id, snapshot)| (id, snapshot.clone())).collect();
        for (id, snapshot) in found {
            self.report(Fact::Restoring { backup: id, at, records: snapshot.image.count() });
            let done = self.now + takes;
            self.backups[id.index()].under_way = Some(UnderWay { snapshot, done, with: backups });
            self.schedule(takes, Event::Restored(id));
        }
    }

    /// The time is over that putting a snapshot back takes.
    pub(crate) fn end_restore(&mut self, id: BackupId) {
        let Some(UnderWay { snapshot, with, .. }) = self.backups[id.index()].under_way.take() else { return };
        let store = self.model.system.backup(id).store;
        self.control.apply(Change::Data(DataChange::Restored(id)));
        if let Some(unusable) = with.iter().find(|one| !self.model.system.backup(*one).usable) {
            return self.give_up_restore(id, unusable);
        }
        let mut restored = self.stores[store.index()].restore(&snapshot.image, self.now);
        restored.stays = self.stays(&snapshot.beside, with);
        if self.model.system.store(store).is_table() {
            self.control.apply(Change::Data(DataChange::Schema(store, snapshot.schema)));
        }
        self.sweep_again(store);
        let Restored { lost, found, undone, ref back, .. } = restored;
        self.report(Fact::Restored { backup: id, lost, found, undone, back: back.values().sum() });
        self.backups[id.index()].last = Some((restored, snapshot.at));
    }

    /// What has been made since beside the stores that are put back together.
    fn stays(&self, then: &Beside, with: BackupSet) -> Stays {
        let (now, system) = (self.beside(), &self.model.system);
        let is_back = |store: StoreId| with.iter().any(|backup| system.backup(backup).store == store);
        let is_own = |store: StoreId| system.topic_of(store).is_none() && system.cache_of(store).is_none();
        let both = now.records.iter().zip(&then.records).zip((0..).map(StoreId::new));
        let others = both.filter(|(_, store)| is_own(*store) && !is_back(*store));
        Stays {
            records: others.map(|((now, then), _)| now - then).sum(),
            messages: now.messages - then.messages,
            effects: now.effects - then.effects,
        }
    }
}
