//! What a script takes of the table it changes: its lock, and whether every row is written.

use super::SqlError;
use super::history::History;
use super::lock::{Lock, footprint};
use super::migrate::migrate;
use super::schema::Database;
use super::statement::{Statement, Step};
use crate::id::FormatId;

/// What a script takes of the table, as one transaction: what is locked stays so until its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Toll {
    /// The strongest lock on the table, if it takes one.
    pub lock: Option<Lock>,
    /// Whether every row is written: the table is made anew, or updated.
    pub rewrites: bool,
}

impl History {
    /// What a script takes that is executed in a state.
    ///
    /// # Errors
    /// When it fails even on empty tables.
    pub fn toll(&self, state: FormatId, steps: &[Step]) -> Result<Toll, SqlError> {
        let start = &self.states[state.index()];
        let mut database: Database = start.database.clone();
        let mut table = start.table.clone();
        let mut toll = Toll { lock: None, rewrites: false };
        for step in steps {
            let footprint = footprint(step, &database)?;
            let own = footprint.locks.first().is_some_and(|(name, _)| *name == table);
            toll.lock = toll.lock.max(footprint.lock(&table));
            toll.rewrites |= own && (footprint.rewrites == Some(true) || writes_rows(step));
            migrate(std::slice::from_ref(step), &mut database)?;
            if let Step::RenameTable(from, to) = step
                && *from == table
            {
                table.clone_from(to);
            }
        }
        Ok(toll)
    }
}

/// Whether a script puts values into rows and does nothing else: it can be done a few rows at a time.
#[must_use]
pub fn is_backfill(steps: &[Step]) -> bool {
    !steps.is_empty() && steps.iter().all(|step| matches!(step, Step::Run(Statement::Update(_))))
}

const fn writes_rows(step: &Step) -> bool {
    matches!(step, Step::Run(Statement::Update(_) | Statement::Delete(_)))
}
