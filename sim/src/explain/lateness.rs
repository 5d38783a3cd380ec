//! Parts of the figure that counts late answers: by who gave them, and what they waited for.
//!
//! What makes an answer late is no event of the request: it is what was so around it. So a part leads to all that was,
//! in the services its endpoint depends on: faults, flags that bear on their work, statements on its way that waited
//! for a lock, caches that somebody has emptied before them; without any, to statements that waited beside it, or else
//! to what brought in versions that were not there at the start, or that ask more. Where nothing of it is told, the
//! answers were late of the load alone.

use super::{Amount, Part};
use crate::observers::chronicle::{Entry, EntryId, Happening, Who};
use crate::observers::story::Teller;
use crate::world::World;
use model::action::{Action, DataAction};
use model::id::{EndpointId, ServiceId, VersionId};
use std::collections::BTreeMap;

impl World {
    /// Requests from outside whose answer was late, or has not come although it is.
    pub(super) fn late_parts(&self) -> Vec<Part> {
        let mut late: BTreeMap<(EndpointId, Option<VersionId>), u64> = self.measures.late.clone();
        for (endpoint, count) in self.late_unanswered() {
            *late.entry((endpoint, None)).or_default() += count;
        }
        let parts = late.into_iter().map(|((endpoint, version), count)| self.late_part(endpoint, version, count));
        parts.filter(|part| !part.events.is_empty()).collect()
    }

    fn late_part(&self, endpoint: EndpointId, version: Option<VersionId>, count: u64) -> Part {
        let teller = Teller(&self.model);
        let by = version.map_or(String::new(), |version| format!(" of {}", teller.version(version)));
        let events = self.lateness(endpoint);
        Part {
            what: format!("answers of {}{by} later than they may be", self.model.system.endpoint(endpoint).name),
            reasons: vec![],
            count: Amount::for_good(count),
            since: events.first().map(|event| self.entry(*event).at),
            events,
        }
    }

    /// What has made the answers of an endpoint late, at any time.
    pub(super) fn lateness(&self, endpoint: EndpointId) -> Vec<EntryId> {
        let mut events = self.told_to_slow(endpoint);
        let services = self.depended_on(endpoint);
        if events.is_empty() {
            events = self.told_to_wait(&services);
        }
        if events.is_empty() {
            events.extend(self.newcomers(&services).union(&self.asking_more(services[0])));
        }
        events
    }

    /// The entries that tell of something by which the answers of an endpoint get late.
    pub(super) fn told_to_slow(&self, endpoint: EndpointId) -> Vec<EntryId> {
        let services = self.depended_on(endpoint);
        let told = self.chronicle.entries.iter();
        let told = told.filter(|entry| self.slows(entry, &services) || self.keeps_waiting(entry, endpoint));
        told.map(|entry| entry.id).collect()
    }

    /// The entries that tell of statements of some services that wait for a lock, whoever has asked for them: when it
    /// is given back, all who have waited go on at once.
    fn told_to_wait(&self, services: &[ServiceId]) -> Vec<EntryId> {
        let waits = |entry: &&Entry| match (&entry.what, entry.who) {
            (Happening::Waits { .. }, Who::Version(version)) => {
                services.contains(&self.model.system.version(version).service)
            }
            _ => false,
        };
        self.chronicle.entries.iter().filter(waits).map(|entry| entry.id).collect()
    }

    fn slows(&self, entry: &Entry, services: &[ServiceId]) -> bool {
        let system = &self.model.system;
        match &entry.what {
            Happening::FlagSeen(flag, to, _) => {
                to.is_on() && services.iter().any(|own| self.model.asking().busy(*own).has(*flag))
            }
            Happening::Fault(fault, true) => services.iter().any(|own| system.bears_on(*fault, *own)),
            Happening::Commanded(Action::Data(DataAction::Flush(cache)), _) => {
                services.iter().any(|own| system.stands_behind(*own, *cache))
            }
            _ => false,
        }
    }
}
