//! Why records are as they are: who wrote the first like that, or whose order it was.

use super::EntryId;
use crate::fact::Written;
use crate::plant::stores::RecordRef;
use crate::world::World;
use model::access::{Access, Verb};
use model::action::{Action, DataAction};
use model::data::Mask;
use model::id::{ConversionId, FormatId, StoreId};
use std::collections::BTreeSet;

impl World {
    /// The first records written like this one, or the repair that writes them. None for values that a migration has
    /// put there.
    pub(super) fn because_of_writer(&self, record: RecordRef, written: Written, slots: Mask) -> Vec<EntryId> {
        if self.is_migrated(record, written, slots) {
            return vec![];
        }
        let first = self.chronicle.first_written(record.store, written, slots);
        if first.is_empty() { self.repairs_to(record.store, written) } else { first }
    }

    /// The orders of repairs by which a version has come to write a format.
    pub(super) fn repairs_to(&self, store: StoreId, written: Written) -> Vec<EntryId> {
        let conversions = self.model.system.conversions.iter().zip((0..).map(ConversionId::new));
        let own = conversions.filter(|(one, _)| one.store == store);
        let own = own.filter(|(one, _)| (one.rule.to, one.version) == (written.format, written.by));
        own.filter_map(|(_, id)| self.last_order(|action| *action == Action::Data(DataAction::Repair(id)))).collect()
    }

    /// Whether what a row has in some columns means what its last writer never says: a migration has made it that.
    fn is_migrated(&self, record: RecordRef, written: Written, slots: Mask) -> bool {
        let system = &self.model.system;
        if !system.store(record.store).is_table() || slots.is_empty() {
            return false;
        }
        let records = &self.stores[record.store.index()];
        let stamps = records.kinds.get(records.kind_of(record.index)).stamps;
        let own = system.accesses.iter().filter(|one| (one.store, one.version) == (record.store, written.by));
        let meant: BTreeSet<FormatId> = own.filter_map(meaning).collect();
        meant.into_iter().all(|format| stamps.with(format, slots).is_empty())
    }
}

/// The state for which the statement of a version was written, if it gives values to rows.
fn meaning(access: &Access) -> Option<FormatId> {
    match &access.verb {
        Verb::Insert(insert) => Some(insert.schema),
        Verb::Update(update) => Some(update.read.schema),
        Verb::Create(_) | Verb::Read(_) | Verb::Rewrite(_) => None,
    }
}
