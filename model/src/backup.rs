//! Backups of stores: what they were like at some instants, and how fast that can be put back.

use crate::id::{BackupId, StoreId};
use crate::name::Name;
use crate::time::Span;

/// A backup: snapshots of a store, the last few of which are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Its name.
    pub name: Name,
    /// The store it is of: one that a scenario names.
    pub store: StoreId,
    /// From the start of the simulation to the first snapshot.
    pub starts: Span,
    /// From one snapshot to the next; not zero.
    pub every: Span,
    /// How many snapshots are kept, at least one: the youngest.
    pub keep: u16,
    /// How fast records are put back.
    pub restores: Pace,
    /// Whether a snapshot can be put back. Nobody knows before it was tried.
    pub usable: bool,
}

/// Backups whose snapshots are put back by one order, to one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BackupSet(u64);

impl BackupSet {
    /// How many backups a system may have.
    pub const LIMIT: usize = 64;

    /// This set and `backup`.
    ///
    /// # Panics
    /// Beyond [`BackupSet::LIMIT`].
    #[must_use]
    pub fn with(self, backup: BackupId) -> Self {
        assert!(backup.index() < Self::LIMIT, "a scenario with {} backups was taken", backup.index() + 1);
        BackupSet(self.0 | 1 << backup.index())
    }

    /// Whether `backup` is in the set.
    #[must_use]
    pub fn has(self, backup: BackupId) -> bool {
        self.iter().any(|own| own == backup)
    }

    /// How many there are.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// All of them, in order.
    pub fn iter(self) -> impl Iterator<Item = BackupId> + Clone {
        (0..Self::LIMIT).filter(move |index| self.0 >> index & 1 == 1).map(BackupId::new)
    }
}

impl From<BackupId> for BackupSet {
    fn from(backup: BackupId) -> Self {
        BackupSet::default().with(backup)
    }
}

impl FromIterator<BackupId> for BackupSet {
    fn from_iter<I: IntoIterator<Item = BackupId>>(backups: I) -> Self {
        backups.into_iter().fold(BackupSet::default(), BackupSet::with)
    }
}

/// So many records in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Records, at least one.
    pub records: u64,
    /// The time in which they are put back.
    pub within: Span,
}

impl Pace {
    /// How long so many records take, rounded up to whole nanoseconds; for ever when it is longer than time can tell.
    ///
    /// # Panics
    /// When the pace is none.
    #[must_use]
    pub fn takes(self, records: u64) -> Span {
        let nanos = (u128::from(records) * u128::from(self.within.nanos())).div_ceil(u128::from(self.records));
        Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_exact_and_never_wraps() {
        let pace = Pace { records: 200, within: Span::SECOND };
        assert_eq!(pace.takes(0), Span::ZERO);
        assert_eq!(pace.takes(500), Span::from_millis(2500));
        assert_eq!(Pace { records: 3, ..pace }.takes(1), Span::from_nanos(333_333_334));
        let slow = Pace { records: 1, within: Span::from_nanos(u64::MAX) };
        assert_eq!(slow.takes(u64::MAX), Span::from_nanos(u64::MAX));
    }
}
