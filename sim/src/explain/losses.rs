//! Parts of the figures that count what is gone, and what is undone: by where it was.

use super::{Amount, Part};
use crate::observers::chronicle::{Entry, Happening, Who};
use crate::plant::stores::Restored;
use crate::plant::topics::Fate;
use crate::summary::Count;
use crate::world::World;
use model::id::{StoreId, TopicId};

impl From<Count> for Amount {
    fn from(count: Count) -> Self {
        Amount { ever: count.ever.into(), remaining: count.remaining.into() }
    }
}

impl World {
    /// Records that a restore or a migration has taken away, by store, and messages that were dropped, by topic.
    pub(super) fn lost_parts(&self) -> Vec<Part> {
        let stores = self.stores.iter().zip((0..).map(StoreId::new));
        let records = stores.map(|(records, store)| self.lost_records(store, records.lost().into()));
        let topics = self.logs.iter().zip((0..).map(TopicId::new));
        let messages = topics.map(|(log, topic)| self.lost_messages(topic, log.lost));
        records.chain(messages).filter(|part| part.count.ever > 0).collect()
    }

    fn lost_records(&self, store: StoreId, count: Count) -> Part {
        let by = if self.model.system.store(store).is_table() { "a restore or a migration" } else { "a restore" };
        let what = format!("records of {} that {by} took away", self.model.system.store(store).name);
        let migrated = |entry: &Entry| {
            let Happening::Migrated(passed) = &entry.what else { return false };
            passed.gone > 0 && self.model.system.migration(passed.migration).store == store
        };
        self.told_part(what, count.into(), |entry| {
            migrated(entry) || self.is_restore(entry, store, |restored| restored.lost > 0)
        })
    }

    /// Updates that a restore has undone, by store.
    pub(super) fn undone_parts(&self) -> Vec<Part> {
        let stores = self.stores.iter().zip((0..).map(StoreId::new));
        let parts = stores.map(|(records, store)| {
            let what = format!("updates of {} that a restore has undone", self.model.system.store(store).name);
            let count = Count::from(records.undone()).into();
            self.told_part(what, count, |entry| self.is_restore(entry, store, |restored| restored.undone > 0))
        });
        parts.filter(|part| part.count.ever > 0).collect()
    }

    /// Whether an entry tells of a restore of a store that did something.
    fn is_restore(&self, entry: &Entry, store: StoreId, did: impl Fn(&Restored) -> bool) -> bool {
        let Happening::Restored { backup, restored, .. } = &entry.what else { return false };
        did(restored) && self.model.system.backup(*backup).store == store
    }

    fn lost_messages(&self, topic: TopicId, lost: u32) -> Part {
        let reads = |who| matches!(who, Who::Group(group) if self.model.system.group(group).topic == topic);
        let tells = |entry: &&Entry| matches!(entry.what, Happening::Message(Fate::Dropped, _)) && reads(entry.who);
        let what = format!("messages of {} dropped before they were read", self.model.system.topic(topic).name);
        self.told_part(what, Amount::for_good(lost.into()), tells)
    }
}
