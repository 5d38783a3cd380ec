//! Parts of a figure that counts requests: by what went wrong first, and where.

use super::{Amount, Part};
use crate::fact::Failure;
use crate::observers::chronicle::{Entry, Happening, HowMisfit, Who};
use crate::observers::story::Teller;
use crate::plant::misled::Misled;
use crate::world::World;
use std::collections::BTreeMap;

impl World {
    /// Requests from outside that failed, by what they failed of.
    pub(super) fn failed_parts(&self) -> Vec<Part> {
        self.measures.failures.iter().map(|(failure, count)| self.failed_part(*failure, *count)).collect()
    }

    fn failed_part(&self, failure: Failure, count: u64) -> Part {
        let teller = Teller(&self.model);
        let by = failure.version.map_or(String::new(), |version| format!(", in {}", teller.version(version)));
        let told = self.chronicle.entries.iter().filter(|entry| entry.what == Happening::Fails(failure));
        let events: Vec<&Entry> = told.collect();
        Part {
            what: format!("requests: {}{by}", teller.failure(failure)),
            reasons: vec![],
            count: Amount { ever: count, remaining: count },
            since: events.first().map(|entry| entry.at),
            events: events.iter().map(|entry| entry.id).collect(),
        }
    }

    /// Requests from outside with a wrong answer, by what misled them first.
    pub(super) fn wrong_parts(&self) -> Vec<Part> {
        let mut counts: BTreeMap<Misled, u64> = BTreeMap::new();
        for (number, count) in &self.measures.misled {
            let Some(misled) = self.culprits.get(*number) else { continue };
            *counts.entry(misled).or_default() += count;
        }
        let parts = counts.into_iter().map(|(misled, count)| self.wrong_part(misled, count));
        parts.filter(|part| !part.events.is_empty()).collect()
    }

    fn wrong_part(&self, misled: Misled, count: u64) -> Part {
        let told: Vec<_> = self.chronicle.entries.iter().filter(|entry| self.misleads(entry) == Some(misled)).collect();
        let first = told.first().map(|entry| self.tell(entry));
        Part {
            what: first.as_ref().map_or(String::new(), |line| format!("{} {}", line.who, line.what)),
            reasons: vec![],
            count: Amount { ever: count, remaining: count },
            since: first.map(|line| line.at),
            events: told.iter().map(|entry| entry.id).collect(),
        }
    }

    /// What an entry tells of, if that misleads requests.
    fn misleads(&self, entry: &Entry) -> Option<Misled> {
        let Who::Version(version) = entry.who else { return None };
        if let Happening::Stale { cache, entry } = &entry.what {
            return Some(Misled::Stale(*cache, entry.map(|(_, was)| was), version));
        }
        if let Happening::Mishears(exchange, direction, class) = &entry.what {
            return Some(Misled::misheard(&self.model.system, *exchange, *direction, *class));
        }
        let Happening::Misfits { record, written, how, slots, .. } = &entry.what else { return None };
        match how {
            HowMisfit::Misread => Some(Misled::Misread(record.store, *written, version, *slots)),
            HowMisfit::Spoilt => Some(Misled::Spoilt(record.store, *written, version, *slots)),
            HowMisfit::Unreadable | HowMisfit::Unwritable => None,
        }
    }
}
