//! What a run does not judge: what migrations have made of rows, and what statements have met in them, where the model
//! cannot tell.

use super::chronicle::Happening;
use crate::world::World;
use model::access::{Access, Verb};
use model::data::sql::Met;
use model::data::{Decoding, Mask, Table, Why};
use model::id::{AccessId, FormatId};
use model::migration::Migration;
use std::collections::BTreeSet;

impl World {
    /// What nobody knows of what has happened, a sentence each.
    pub(crate) fn not_judged(&self) -> Vec<String> {
        let mut told = Vec::new();
        for entry in &self.chronicle.entries {
            let Happening::Migrated(passed) = &entry.what else { continue };
            let Migration { name, caches, .. } = self.model.system.migration(passed.migration);
            let open = passed.open_questions(&self.model.system);
            told.extend(open.iter().map(|phrase| format!("{name}: {phrase}")));
            let used = caches.iter().filter(|id| passed.there > 0 && self.lookups(**id).hits > 0);
            let used = used.map(|id| &self.model.system.cache(*id).name);
            told.extend(
                used.map(|cache| format!("{cache}: whether what was filled in before {name} means what it did")),
            );
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
            Verb::Read(read) => {
                let left = self.columns_left(id, access, &|state| &read.decode[FormatId::new(state)]);
                return [left, self.opaque(id, access, &read.decode)].concat();
            }
            Verb::Rewrite(rewrite) => return self.opaque(id, access, &rewrite.read.decode),
            Verb::Create(_) => return Vec::new(),
        };
        let version = &self.model.system.version(access.version).name;
        let said = |met: &Met| {
            let all = met.undecided.iter().chain(&met.unjudged);
            all.map(|one| format!("{version}: {one}")).collect()
        };
        let mut told: Vec<String> =
            states.into_iter().flat_map(|state| -> Vec<String> { said(&met[state.index()]) }).collect();
        if let Verb::Update(_) = &access.verb {
            told.extend(self.columns_left(id, access, &|state| &met[state].decode));
        }
        told
    }

    /// Fields that a version has met of which it is not decided whether they are the same to it inside.
    fn opaque(&self, id: AccessId, access: &Access, decode: &Decoding) -> Vec<String> {
        let entity = &self.model.system.store(access.store).entity;
        let version = &self.model.system.version(access.version).name;
        let mut told = BTreeSet::new();
        for kind in self.stores[access.store.index()].kinds_met(id) {
            // What is inside a field is asked with that.
            let wholes = entity.format(kind.format).slots() & decode[kind.format].known & kind.present;
            let table = decode.table(kind);
            let open = table.findings.iter().filter(|finding| finding.why == Why::Opaque);
            let open = open.filter(|finding| finding.slot.is_some_and(|slot| wholes.contains(slot)));
            told.extend(open.filter_map(|finding| Some((entity.slot_name(finding.slot?), finding.detail.clone()))));
        }
        let phrase = |(name, detail)| format!("{version}: whether {name} is to it what was written ({detail})");
        told.into_iter().map(phrase).collect()
    }

    /// Columns that a version reads and that were left behind in some rows: beside those that they go with, or where
    /// nobody says whether they go with others.
    fn columns_left<'a>(&self, id: AccessId, access: &Access, decode: &dyn Fn(usize) -> &'a Table) -> Vec<String> {
        let mut slots = [Mask::EMPTY; 2];
        for kind in self.stores[access.store.index()].kinds_met(id) {
            let table = decode(kind.format.index());
            slots[0] |= (kind.stale - kind.blank) & table.torn;
            slots[1] |= kind.stale & table.adrift;
        }
        let version = &self.model.system.version(access.version).name;
        let entity = &self.model.system.store(access.store).entity;
        let [torn, adrift] = slots.map(|slots| entity.slot_names(slots).into_iter());
        let torn = torn.map(|name| format!("whether it goes by {name} where only what that goes with was set"));
        let adrift = adrift.map(|name| {
            format!("whether {name} is what was meant: nobody says if it goes with another column (`in_step:`)")
        });
        torn.chain(adrift).map(|phrase| format!("{version}: {phrase}")).collect()
    }

    fn inserted_in(&self, id: AccessId) -> BTreeSet<FormatId> {
        self.inserted.iter().filter(|(own, _)| *own == id).map(|(_, state)| *state).collect()
    }
}
