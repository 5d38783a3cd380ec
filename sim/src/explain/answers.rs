//! Parts of a figure that counts requests: by what went wrong first, and where.

use super::{Amount, Part};
use crate::fact::Failure;
use crate::observers::chronicle::{Entry, Happening, HowMisfit};
use crate::observers::story::Teller;
use crate::world::World;

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

    /// What was misread on the way to a wrong answer. An answer may hang on several, so none is counted.
    pub(super) fn wrong_parts(&self) -> Vec<Part> {
        let misread = |entry: &&Entry| {
            let read = matches!(entry.what, Happening::Misfits { how: HowMisfit::Misread | HowMisfit::Spoilt, .. });
            read || matches!(entry.what, Happening::Stale { .. } | Happening::Mishears(..))
        };
        let told = self.chronicle.entries.iter().filter(misread);
        told.map(|entry| {
            let line = self.tell(entry);
            Part {
                what: format!("{} {}", line.who, line.what),
                reasons: vec![],
                count: Amount::default(),
                since: Some(entry.at),
                events: vec![entry.id],
            }
        })
        .collect()
    }
}
