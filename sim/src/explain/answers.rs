//! Parts of a figure that counts requests: by what went wrong first, and where.

use super::{Amount, Part};
use crate::fact::Failure;
use crate::observers::chronicle::{Entry, Happening, Who};
use crate::observers::story::Teller;
use crate::plant::misled::Misled;
use crate::summary::Line;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};

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

    /// Requests from outside with a wrong answer, by what misled them first. They hang on whatever else has, too.
    pub(super) fn wrong_parts(&self) -> Vec<Part> {
        let mut groups: BTreeMap<Misled, (u64, BTreeSet<Misled>)> = BTreeMap::new();
        for (number, count) in &self.measures.misled {
            let all = self.culprits.get(*number);
            let Some(first) = all.first() else { continue };
            let group = groups.entry(*first).or_default();
            group.0 += count;
            group.1.extend(all);
        }
        let parts = groups.into_iter().map(|(first, (count, all))| self.wrong_part(first, &all, count));
        parts.filter(|part| !part.events.is_empty()).collect()
    }

    fn wrong_part(&self, misled: Misled, all: &BTreeSet<Misled>, count: u64) -> Part {
        let first = self.first_told(misled);
        let entries = self.chronicle.entries.iter();
        let events = entries.filter(|entry| self.misleads(entry).is_some_and(|own| all.contains(&own)));
        Part {
            what: first.as_ref().map_or(String::new(), |line| format!("{} {}", line.who, line.what)),
            reasons: vec![],
            count: Amount { ever: count, remaining: count },
            since: first.map(|line| line.at),
            events: events.map(|entry| entry.id).collect(),
        }
    }

    /// The line that tells first of something that misleads requests.
    pub(super) fn first_told(&self, misled: Misled) -> Option<Line> {
        let first = self.chronicle.entries.iter().find(|entry| self.misleads(entry) == Some(misled));
        first.map(|entry| self.tell(entry))
    }

    /// What an entry tells of, if that misleads requests.
    fn misleads(&self, entry: &Entry) -> Option<Misled> {
        let Who::Version(version) = entry.who else { return None };
        match &entry.what {
            Happening::Stale { cache, entry, how } => {
                Some(Misled::Stale(*cache, entry.map(|(_, was)| was), version, *how))
            }
            Happening::Mishears(exchange, direction, class) => {
                Some(Misled::misheard(&self.model.system, *exchange, *direction, *class))
            }
            Happening::Misfits { record, written, how, slots, .. } => {
                how.misleads((record.store, *written), version, *slots)
            }
            _ => None,
        }
    }
}
