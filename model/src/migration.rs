//! Migrations of SQL tables: what takes a table from one state of its schema to the next, and back.
//!
//! A table is always in one state, for every row and every version. What a script does to rows, which lock it takes and
//! whether it writes every row is worked out from the script ([`crate::data::sql`]); how long that takes is stated.

use crate::backup::Pace;
use crate::control::Control;
use crate::data::Mask;
use crate::data::sql::{Lock, Passes, Upgrade};
use crate::id::{CacheId, FormatId, MigrationId, StoreId};
use crate::law::Law;
use crate::name::Name;
use crate::system::System;
use crate::time::Span;

/// A migration: one step of a table.
#[derive(Clone, Debug)]
pub struct Migration {
    /// Its name, which is also that of the state it leads to.
    pub name: Name,
    /// The table.
    pub store: StoreId,
    /// The state it starts from.
    pub from: FormatId,
    /// The state it leads to: the one after.
    pub to: FormatId,
    /// What it does.
    pub up: Script,
    /// The way back, if there is one.
    pub down: Option<Script>,
    /// How long it waits for its lock: until whoever holds the table is done.
    pub waits: Law,
    /// After how long it no longer waits.
    pub lock_timeout: Option<Span>,
    /// Caches that are filled from the table, where it changes what values mean.
    pub caches: Vec<CacheId>,
}

/// What a script does to the table.
#[derive(Clone, Debug)]
pub struct Script {
    /// What becomes of a row.
    pub upgrade: Upgrade,
    /// What becomes of a row that is made while it writes the others, and that it does not see; none where it sees all.
    pub unseen: Option<Upgrade>,
    /// The strongest lock it takes on the table, which it holds until it is over.
    pub lock: Option<Lock>,
    /// How long it takes once it has the lock.
    pub takes: Takes,
}

/// How long a script takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// No time: only the catalogue changes.
    Nothing,
    /// It goes through every row, all in one transaction.
    Rows(Work),
    /// It puts values into rows, so many in a second, each batch a transaction of its own.
    Sweep(u32),
}

/// How a script goes through the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// While others may write.
    pub beside: Passes,
    /// While nobody else may.
    pub alone: Passes,
    /// How fast rows are written.
    pub writes: Pace,
    /// How fast rows are looked at.
    pub scans: Pace,
}

impl Work {
    /// How long some passes take.
    #[must_use]
    pub fn takes(&self, passes: Passes, rows: u32) -> Span {
        let of = |pace: Pace, times: u32| pace.takes(u64::from(rows) * u64::from(times));
        of(self.writes, passes.writes) + of(self.scans, passes.scans)
    }
}

/// Which way a table goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// To the next state.
    Up,
    /// Back to the one before.
    Down,
}

/// Why a migration cannot be made, or comes to nothing. The table is what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmigrated {
    /// The table is there already, or further that way.
    There(Way),
    /// Another migration has to go that way first.
    NotYet(MigrationId, Way),
    /// It has no way back.
    NoWayBack,
    /// It is under way already.
    UnderWay,
    /// It did not get its lock in time.
    LockTimeout,
    /// A row stops it, with what is in these columns.
    Stopped(Way, Mask),
}

impl Script {
    /// Whether it writes rows, as opposed to the catalogue.
    #[must_use]
    pub const fn writes_rows(&self) -> bool {
        match self.takes {
            Takes::Nothing => false,
            Takes::Sweep(_) => true,
            Takes::Rows(work) => work.beside.writes + work.alone.writes > 0,
        }
    }

    /// How long it goes through so many rows while others may write, and while nobody else may.
    #[must_use]
    pub fn lasts(&self, rows: u32) -> [Span; 2] {
        match self.takes {
            Takes::Nothing | Takes::Sweep(_) => [Span::ZERO; 2],
            Takes::Rows(work) => [work.takes(work.beside, rows), work.takes(work.alone, rows)],
        }
    }

    /// Whether its lock keeps writers out, in the end.
    #[must_use]
    pub fn keeps_writers_out(&self) -> bool {
        self.lock.is_some_and(Lock::blocks_writes)
    }
}

impl Migration {
    /// The script that goes that way.
    #[must_use]
    pub const fn script(&self, way: Way) -> Option<&Script> {
        match way {
            Way::Up => Some(&self.up),
            Way::Down => self.down.as_ref(),
        }
    }

    /// Where that way leads.
    #[must_use]
    pub const fn target(&self, way: Way) -> FormatId {
        match way {
            Way::Up => self.to,
            Way::Down => self.from,
        }
    }

    /// Where that way starts.
    #[must_use]
    pub const fn start(&self, way: Way) -> FormatId {
        match way {
            Way::Up => self.from,
            Way::Down => self.to,
        }
    }
}

/// Whether a migration can be made from where its table is.
///
/// # Errors
/// Why not.
pub fn check(system: &System, control: &Control, id: MigrationId, way: Way) -> Result<(), Unmigrated> {
    let migration = system.migration(id);
    let state = control.schema(migration.store);
    if migration.script(way).is_none() {
        return Err(Unmigrated::NoWayBack);
    }
    if state == migration.start(way) {
        return Ok(());
    }
    let is_there = match way {
        Way::Up => state >= migration.to,
        Way::Down => state <= migration.from,
    };
    let first = system.migration_from(migration.store, state, way).filter(|_| !is_there);
    Err(first.map_or(Unmigrated::There(way), |first| Unmigrated::NotYet(first, way)))
}
