//! What a run does not judge: what migrations have made of rows, and what statements have met in them, where the model
//! cannot tell.

use super::chronicle::Happening;
use crate::world::World;
use model::access::{Access, Read, Verb};
use model::data::sql::Met;
use model::data::{Kind, Mask};
use model::id::{AccessId, FormatId};
use std::collections::BTreeSet;

impl World {
    /// What nobody knows of what has happened, a sentence each.
    pub(crate) fn not_judged(&self) -> Vec<String> {
        let mut told = Vec::new();
        for entry in &self.chronicle.entries {
            let Happening::Migrated(passed) = &entry.what else { continue };
            let name = &self.model.system.migration(passed.migration).name;
            let open = passed.open_questions(&self.model.system);
            told.extend(open.iter().map(|phrase| format!("{name}: {phrase}")));
        }
        for (index, access) in self.model.system.accesses.iter().enumerate() {
            told.extend(self.open_questions(AccessId::new(index), access));
        }
        let mut known = BTreeSet::new();
        told.retain(|one| known.insert(one.clone()));
        told
    }

    /// What nobody knows of a statement in the states in which it has been said.
    fn open_questions(&self, id: AccessId, access: &Access) -> Vec<String> {
        let (states, met) = match &access.verb {
            Verb::Insert(insert) => (self.inserted_in(id), &insert.met),
            Verb::Update(update) => (self.stores[access.store.index()].formats_met(id), &update.met),
            Verb::Read(read) => return self.torn(id, access, read),
            Verb::Create(_) | Verb::Rewrite(_) => return Vec::new(),
        };
        let version = &self.model.system.version(access.version).name;
        let said = |met: &Met| {
            let all = met.undecided.iter().chain(&met.unjudged);
            all.map(|one| format!("{version}: {one}")).collect()
        };
        states.into_iter().flat_map(|state| -> Vec<String> { said(&met[state.index()]) }).collect()
    }

    /// Columns that a version reads beside those that they go with, and that were left behind in some rows.
    fn torn(&self, id: AccessId, access: &Access, read: &Read) -> Vec<String> {
        let records = &self.stores[access.store.index()];
        let behind = |kind: &Kind| (kind.stale - kind.blank) & read.decode[kind.format.index()].torn;
        let slots = records.kinds_met(id).map(behind).fold(Mask::EMPTY, |all, slots| all | slots);
        let names = self.model.system.store(access.store).entity.slot_names(slots).into_iter();
        let version = &self.model.system.version(access.version).name;
        names
            .map(|name| format!("{version}: whether it goes by {name} where only what that goes with was set"))
            .collect()
    }

    fn inserted_in(&self, id: AccessId) -> BTreeSet<FormatId> {
        self.inserted.iter().filter(|(own, _)| *own == id).map(|(_, state)| *state).collect()
    }
}
