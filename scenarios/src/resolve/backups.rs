//! Backups: of which store, and when.

use super::Resolver;
use crate::raw::RawBackup;
use crate::syntax::{Spanned, Text};
use model::backup::{Backup, BackupSet, Pace};
use model::id::{BackupId, StoreId};
use model::name::Name;
use model::time::Span;

/// More snapshots than this do not help anybody to understand anything.
const KEEP_MAX: u16 = 100;
/// What every backup there is is called.
const ALL: &str = "all";
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
        let every = self.at_least(Some(&backup.every), Span::ZERO, Span::SECOND, "snapshots are apart");
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

    /// The backups of an order: those that are named, or all. They are of different stores, and at some instant each
    /// takes a snapshot.
    pub(super) fn restored(&mut self, named: &[Text]) -> Option<BackupSet> {
        self.once_each(named);
        let is_all = |name: &Text| name.value == ALL && self.names.backups.position(ALL).is_none();
        let found: Vec<BackupId> = match named {
            [] => return None,
            [only] if is_all(only) => (0..self.system.backups.len()).map(BackupId::new).collect(),
            named => {
                let found: Vec<_> = named.iter().map(|name| self.names.backups.find(name, self.out)).collect();
                found.into_iter().map(|place| place.map(BackupId::new)).collect::<Option<_>>()?
            }
        };
        // One of which something is wrong is no backup, and told of elsewhere.
        let found: Vec<_> = found.into_iter().filter(|id| id.index() < self.system.backups.len()).collect();
        let pairs = found.iter().enumerate().flat_map(|(at, one)| found[..at].iter().map(move |other| (*other, *one)));
        let pairs: Vec<_> = pairs.map(|(one, other)| (self.system.backup(one), self.system.backup(other))).collect();
        let told = pairs.iter().find_map(|(one, other)| clash(one, other));
        if let Some((message, help)) = told {
            self.error_with(named[0].span, message, help);
        }
        (!found.is_empty()).then(|| found.into_iter().collect())
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

/// Why two backups are not put back together, and what to do.
fn clash(one: &Backup, other: &Backup) -> Option<(String, &'static str)> {
    let names = format!("{} and {}", one.name, other.name);
    if one.store == other.store {
        return Some((format!("{names} are backups of one store"), "name one of them"));
    }
    let common = greatest_common_divisor(one.every.nanos(), other.every.nanos());
    let apart = one.starts.nanos().abs_diff(other.starts.nanos());
    (!apart.is_multiple_of(common)).then(|| {
        let message = format!("{names} never take a snapshot at one instant");
        (message, "let them start at one time, or restore one after the other")
    })
}

/// Euclid's; neither is zero.
const fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
