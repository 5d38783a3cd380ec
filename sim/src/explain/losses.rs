//! Parts of the figure that counts what is gone: by where it was.

use super::{Amount, Part};
use crate::observers::chronicle::{Entry, Happening, Who};
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
        let records = stores.map(|(records, store)| self.lost_records(store, records.lost()));
        let topics = self.logs.iter().zip((0..).map(TopicId::new));
        let messages = topics.map(|(log, topic)| self.lost_messages(topic, log.lost));
        records.chain(messages).filter(|part| part.count.ever > 0).collect()
    }

    fn lost_records(&self, store: StoreId, (ever, remaining): (u32, u32)) -> Part {
        let of_backup = |backup| self.model.system.backup(backup).store == store;
        let of_migration = |migration| self.model.system.migration(migration).store == store;
        let takes = |what: &Happening| match what {
            Happening::Restored { backup, lost, .. } => *lost > 0 && of_backup(*backup),
            Happening::Migrated(passed) => passed.gone > 0 && of_migration(passed.migration),
            _ => false,
        };
        let tells = |entry: &&Entry| takes(&entry.what);
        let by = if self.model.system.store(store).is_table() { "a restore or a migration" } else { "a restore" };
        let what = format!("records of {} that {by} took away", self.model.system.store(store).name);
        self.gone(what, Count { ever, remaining }, tells)
    }

    fn lost_messages(&self, topic: TopicId, lost: u32) -> Part {
        let reads = |who| matches!(who, Who::Group(group) if self.model.system.group(group).topic == topic);
        let tells = |entry: &&Entry| matches!(entry.what, Happening::Message(Fate::Dropped, _)) && reads(entry.who);
        let what = format!("messages of {} dropped before they were read", self.model.system.topic(topic).name);
        self.gone(what, Count { ever: lost, remaining: lost }, tells)
    }

    /// A part, with the entries that tell of it.
    fn gone(&self, what: String, count: Count, tells: impl Fn(&&Entry) -> bool) -> Part {
        let told: Vec<_> = self.chronicle.entries.iter().filter(tells).collect();
        Part {
            what,
            reasons: vec![],
            count: count.into(),
            since: told.first().map(|entry| entry.at),
            events: told.iter().map(|entry| entry.id).collect(),
        }
    }
}
