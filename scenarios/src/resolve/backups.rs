//! Backups: of which store, and when.

use super::Resolver;
use crate::raw::RawBackup;
use crate::syntax::{Spanned, Text};
use model::backup::{Backup, Pace};
use model::id::StoreId;
use model::name::Name;
use model::time::Span;

/// More snapshots than this do not help anybody to understand anything.
const KEEP_MAX: u16 = 100;
/// Unless stated: one may turn out to be too young.
const KEEP: u16 = 2;

impl Resolver<'_> {
    pub(super) fn resolve_backups(&mut self) {
        let raw = self.raw;
        for (name, backup) in raw.backups.iter() {
            let backup = self.backup(name, backup);
            self.system.backups.extend(backup);
        }
    }

    fn backup(&mut self, name: &Text, backup: &RawBackup) -> Option<Backup> {
        let store = self.names.stores.find(&backup.of, self.out);
        backup.starts.iter().for_each(|starts| self.warn_after_the_end(starts, "the first snapshot is due"));
        let rate = backup.restores.value;
        if rate.events() == 0 {
            let help = "say how many records are put back in a second, like `200/s`";
            self.error_with(backup.restores.span, "nothing would ever be put back", help);
        }
        let every = self.at_least(Some(&backup.every), Span::ZERO, Span::SECOND, "a snapshot is taken every");
        let keep = self.keep(backup.keep.as_ref());
        Some(Backup {
            name: Name::new(&name.value),
            store: StoreId::new(store?),
            starts: backup.starts.map_or(Span::ZERO, |starts| starts.value),
            every,
            keep,
            restores: Pace { records: rate.events().max(1), within: rate.period() },
            usable: backup.usable.unwrap_or(true),
        })
    }

    fn keep(&mut self, keep: Option<&Spanned<u32>>) -> u16 {
        let Some(given) = keep else { return KEEP };
        let kept = u16::try_from(given.value).ok().filter(|kept| (1..=KEEP_MAX).contains(kept));
        if kept.is_none() {
            self.error(given.span, format!("a backup keeps 1 to {KEEP_MAX} snapshots"));
        }
        kept.unwrap_or(KEEP)
    }
}
