//! What a script takes of the table it changes: its lock, and whether every row is written.

use super::SqlError;
use super::history::History;
use super::lock::{Lock, footprint};
use super::migrate::migrate;
use super::schema::Database;
use super::statement::{Alteration, Source, Statement, Step, Upkeep};
use crate::id::FormatId;

/// What a script takes of the table, as one transaction: what is locked stays so until its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Toll {
    /// The strongest lock on the table, if it takes one.
    pub lock: Option<Lock>,
    /// How often it goes through the rows while others may write.
    pub beside: Passes,
    /// The same, while nobody else may.
    pub alone: Passes,
    /// The script without the steps that write rows beside others: what becomes of a row that is made meanwhile, which
    /// those do not see. `None` where there is no such step.
    pub unseen: Option<Vec<Step>>,
}

/// How often a script goes through the rows of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passes {
    /// Every row is written: the table is made anew, or copied, or updated.
    pub writes: u32,
    /// Every row is looked at: for a new rule or an index.
    pub scans: u32,
}

impl Passes {
    const fn and(self, more: Passes) -> Self {
        Passes { writes: self.writes + more.writes, scans: self.scans + more.scans }
    }
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
        let (mut lock, mut beside, mut alone) = (None, Passes::default(), Passes::default());
        let mut unseen = Vec::new();
        for step in steps {
            let footprint = footprint(step, &database)?;
            let own = footprint.locks.first().is_some_and(|(name, _)| *name == table);
            let copies = copies(step, &table);
            lock = lock.max(footprint.lock(&table));
            // A table that is emptied is a new file, whatever was in the old one.
            let is_new = footprint.rewrites == Some(true) && !matches!(step, Step::Truncate(_));
            let writes = u32::from(copies || own && (is_new || writes_rows(step)));
            let passes = Passes { writes, scans: if own { scans(step) } else { 0 } };
            if lock.is_some_and(Lock::blocks_writes) {
                alone = alone.and(passes);
            } else {
                beside = beside.and(passes);
            }
            if writes == 0 || lock.is_some_and(Lock::blocks_writes) {
                unseen.push(step.clone());
            }
            migrate(std::slice::from_ref(step), &mut database)?;
            if let Step::RenameTable(from, to) = step
                && *from == table
            {
                table.clone_from(to);
            }
        }
        let unseen = (unseen.len() < steps.len()).then_some(unseen);
        Ok(Toll { lock, beside, alone, unseen })
    }
}

/// Whether a step copies the rows of a table.
fn copies(step: &Step, table: &str) -> bool {
    let Step::Run(Statement::Insert(insert)) = step else { return false };
    matches!(&insert.source, Source::Select(select) if select.table == table)
}

/// How often a step looks at all rows, of those it does not write.
fn scans(step: &Step) -> u32 {
    match step {
        Step::CreateIndex(index) if index.concurrently => 2,
        Step::CreateIndex(_) | Step::Upkeep(_, Upkeep::Reindex) => 1,
        Step::AlterTable(_, alterations) => alterations.iter().map(scans_of).sum(),
        Step::CreateTable(_)
        | Step::DropTable(..)
        | Step::RenameTable(..)
        | Step::RenameColumn(..)
        | Step::RenameConstraint(..)
        | Step::DropIndex { .. }
        | Step::CreateEnum(..)
        | Step::AddSymbol(..)
        | Step::DropEnum(_)
        | Step::CommentColumn(..)
        | Step::Truncate(_)
        | Step::Upkeep(..)
        | Step::Run(_) => 0,
    }
}

fn scans_of(alteration: &Alteration) -> u32 {
    match alteration {
        Alteration::AddConstraint(_, true) | Alteration::Validate(_) | Alteration::SetNotNull(_) => 1,
        Alteration::AddColumn(column, _) => u32::from(!column.constraints.is_empty()),
        Alteration::AddConstraint(_, false)
        | Alteration::DropColumn(..)
        | Alteration::SetType(..)
        | Alteration::SetDefault(..)
        | Alteration::DropDefault(_)
        | Alteration::Number(..)
        | Alteration::DropIdentity(..)
        | Alteration::DropNotNull(_)
        | Alteration::DropConstraint(..) => 0,
    }
}

/// What cannot be done in one transaction with other steps, as every script is.
#[must_use]
pub fn is_alone(step: &Step) -> bool {
    match step {
        Step::CreateIndex(index) => index.concurrently,
        Step::DropIndex { concurrently, .. } => *concurrently,
        Step::Upkeep(_, upkeep) => matches!(upkeep, Upkeep::Vacuum | Upkeep::VacuumFull),
        _ => false,
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
