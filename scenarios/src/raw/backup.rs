//! Backups.

use crate::syntax::{Rate, Spanned, Text, record};
use model::time::Span;

record! {
    /// A backup: a snapshot of a store now and then, which can be put back.
    pub struct RawBackup as "a backup" {
        /// The store.
        of: Text,
        /// From one snapshot to the next.
        every: Spanned<Span>,
        /// When the first one is taken, from the start of the simulation (default 0s).
        starts: Option<Spanned<Span>>,
        /// How many are kept: the youngest (default 2).
        keep: Option<Spanned<u32>>,
        /// How fast a snapshot is put back, in records: `200/s`.
        restores: Spanned<Rate>,
        /// Whether what was kept can be put back (default yes). Nobody knows before it was tried.
        usable: Option<bool>,
    }
}
