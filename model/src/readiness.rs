//! Readiness: what was settled about a way back before anybody needed it.

use crate::id::{AlertId, BackupId, MigrationId, SeatId, ServiceId};
use crate::time::Span;

/// What is stated about a way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// What is gone back with.
    pub of: Returning,
    /// When to go: one of these alerts fires.
    pub when: Vec<AlertId>,
    /// Who sees to it that it works.
    pub owner: Option<SeatId>,
    /// How long ago it was last gone, to see whether it works.
    pub exercised: Option<Span>,
}

/// What can be gone back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Returning {
    /// A service, to a version of before.
    Service(ServiceId),
    /// A table, out of the state a migration has left it in.
    Migration(MigrationId),
    /// A store, to a snapshot.
    Backup(BackupId),
}

impl Readiness {
    /// Whether it is settled when to go, who sees to it, and that it has been tried.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        !self.when.is_empty() && self.owner.is_some() && self.exercised.is_some()
    }
}
