//! Skew between code and tables: which versions that serve have statements that no longer run.

use super::statements::runs;
use super::story::Teller;
use crate::world::World;
use model::access::Access;
use model::id::{AccessId, FormatId, StoreId, VersionId};
use model::time::Time;
use std::collections::BTreeSet;

/// A table, and the versions that have something to say to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkewedTable {
    /// Its name.
    pub table: String,
    /// The state it is in.
    pub state: String,
    /// The migration behind whose lock statements wait, and until when.
    pub lock: Option<(String, Time)>,
    /// The versions that serve, oldest first.
    pub versions: Vec<SkewedCode>,
}

/// What a version says to a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkewedCode {
    /// The version.
    pub version: String,
    /// The states its statements were written for.
    pub written_for: Vec<String>,
    /// Its statements that fail for every row, and what the database says to them.
    pub refused: Vec<String>,
}

impl World {
    /// Every table, with the versions that serve and speak to it.
    pub(super) fn skewed_tables(&self) -> Vec<SkewedTable> {
        let system = &self.model.system;
        let stores = (0..system.stores.len()).map(StoreId::new).filter(|store| system.store(*store).is_table());
        stores.map(|store| self.skewed_table(store)).collect()
    }

    fn skewed_table(&self, id: StoreId) -> SkewedTable {
        let store = self.model.system.store(id);
        let versions = self.serving.iter().filter_map(|version| self.skewed_code(id, *version));
        SkewedTable {
            table: store.name.to_string(),
            state: store.entity.format(self.control.schema(id)).name.clone(),
            lock: self.lock_on(id),
            versions: versions.collect(),
        }
    }

    /// The lock that a migration has on a table, or waits for.
    fn lock_on(&self, store: StoreId) -> Option<(String, Time)> {
        let (id, passage) = self.passage_of(store)?;
        let migration = self.model.system.migration(id);
        migration.script(passage.way)?.lock?;
        (passage.until > self.now).then(|| (migration.name.to_string(), passage.until))
    }

    /// What a version says; nothing for one that says nothing.
    fn skewed_code(&self, store: StoreId, version: VersionId) -> Option<SkewedCode> {
        let (system, teller, state) = (&self.model.system, Teller(&self.model), self.control.schema(store));
        let accesses = (0..system.accesses.len()).map(AccessId::new).filter(|id| !self.shut.contains(id));
        let own = accesses.map(|id| (id, system.access(id)));
        let own: Vec<_> = own.filter(|(_, one)| (one.store, one.version) == (store, version)).collect();
        let schemas: BTreeSet<_> = own.iter().filter_map(|(_, access)| written_for(access)).collect();
        let fails = own.iter().filter(|(_, access)| !runs(access, state));
        let refused: BTreeSet<_> = fails.map(|(id, _)| teller.refused_statement(*id, state)).collect();
        let name = |schema| system.store(store).entity.format(schema).name.clone();
        (!own.is_empty()).then(|| SkewedCode {
            version: teller.version(version),
            written_for: schemas.into_iter().map(name).collect(),
            refused: refused.into_iter().collect(),
        })
    }
}

fn written_for(access: &Access) -> Option<FormatId> {
    access.written().or_else(|| access.reader().map(|read| read.schema))
}
