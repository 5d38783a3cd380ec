//! Links of a chain: entries of the chronicle with what they are about, by name.

use super::concerns::Concerns;
use crate::fact::{RequestRef, Written};
use crate::observers::chronicle::{Entry, EntryId, Happening, Who};
use crate::observers::story::Teller;
use crate::plant::stores::RecordRef;
use crate::summary::Line;
use crate::world::World;
use model::data::Mask;
use model::id::VersionId;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The entry, in words.
    pub line: Line,
    /// What it is about.
    pub concerns: Concerns,
    /// The record it is about, if it is about one.
    pub about: Option<About>,
    /// What was done outside, if it is about that.
    pub deed: Option<Deed>,
}

/// Something done outside that an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The effect.
    pub effect: String,
    /// The traffic whose request it was done for; none for a background job.
    pub source: Option<String>,
    /// The number of that request among those of the source, from 0.
    pub request: u64,
    /// The version that did it, if only one could have.
    pub version: Option<String>,
    /// Whether it sent the same key with each attempt, if there is no doubt.
    pub keyed: Option<bool>,
}

/// The record an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Where it is.
    pub store: String,
    /// Its number there, in order of creation. A message gets that of one that is gone, if there is one.
    pub record: u32,
    /// Its format.
    pub format: String,
    /// The version that wrote it.
    pub writer: String,
    /// The version that reads it, or would.
    pub reader: Option<String>,
    /// The fields concerned.
    pub fields: Vec<String>,
}

impl World {
    /// The entry of that number.
    pub(super) fn entry(&self, id: EntryId) -> &Entry {
        &self.chronicle.entries[id as usize - 1]
    }

    pub(super) fn link(&self, entry: &Entry) -> Link {
        let by = entry.who.version();
        let about = match &entry.what {
            Happening::Writes { record, written, hard } => Some(self.about(*record, *written, None, *hard)),
            Happening::Misfits { record, written, slots, .. } => Some(self.about(*record, *written, by, *slots)),
            Happening::Stale { entry, .. } => {
                entry.map(|(record, written)| self.about(record, written, by, Mask::EMPTY))
            }
            Happening::Unsafe { record, written, reader, slots, .. } => {
                Some(self.about(*record, *written, Some(*reader), *slots))
            }
            Happening::Harms { record, written, lost, damaged, by } => {
                let reader = by.version(&self.model.system);
                Some(self.about(*record, *written, Some(reader), *lost | *damaged))
            }
            Happening::Commanded(..)
            | Happening::Approved(_)
            | Happening::Taken(_)
            | Happening::Unopposed(_)
            | Happening::Late(_)
            | Happening::BrokeGlass(_)
            | Happening::Refused(_)
            | Happening::InEffect(..)
            | Happening::Overtaken(_)
            | Happening::Again(_)
            | Happening::Held(_)
            | Happening::Mistaken(_)
            | Happening::Fault(..)
            | Happening::Alert(_)
            | Happening::Pages(_)
            | Happening::Proposes(_)
            | Happening::Serves
            | Happening::FlagSeen(..)
            | Happening::ConfigKept(_)
            | Happening::Scales(_)
            | Happening::Rolls(_)
            | Happening::HoldsNothing
            | Happening::Crashes(_)
            | Happening::Fails(_)
            | Happening::WorkFails(..)
            | Happening::Repeats { .. }
            | Happening::Mishears(..)
            | Happening::Escapes { .. }
            | Happening::Mistakes { .. }
            | Happening::Stays(_)
            | Happening::Message(..)
            | Happening::Redriven { .. }
            | Happening::Recalled { .. }
            | Happening::Accepted { .. }
            | Happening::Found(..)
            | Happening::Verified(..)
            | Happening::Followed(_)
            | Happening::Informed(..)
            | Happening::Migrated(_)
            | Happening::Waits { .. }
            | Happening::Sweeps { .. }
            | Happening::Rejected { .. }
            | Happening::Restores { .. }
            | Happening::Restored { .. }
            | Happening::Converted { .. } => None,
        };
        let concerns = self.concerns(entry, about.as_ref());
        Link { line: self.tell(entry), concerns, about, deed: self.deed(entry) }
    }

    /// What was done outside, of an entry that tells of it.
    fn deed(&self, entry: &Entry) -> Option<Deed> {
        let teller = Teller(&self.model);
        let deed = |effect, request: RequestRef, version: Option<VersionId>, keyed| Deed {
            effect: teller.effect(effect),
            source: request.source.map(|source| self.model.system.source(source).name.to_string()),
            request: request.index,
            version: version.map(|version| teller.version(version)),
            keyed,
        };
        if let (Happening::Repeats { effect, keyed, request }, Who::Version(version)) = (&entry.what, entry.who) {
            return Some(deed(*effect, *request, Some(version), Some(*keyed)));
        }
        if let (Happening::Mistakes { effect, request, .. }, Who::Version(version)) = (&entry.what, entry.who) {
            return Some(deed(*effect, *request, Some(version), None));
        }
        let Happening::Escapes { effect, request, .. } = entry.what else { return None };
        let [only] = self.doers(effect)[..] else { return Some(deed(effect, request, None, None)) };
        Some(deed(effect, request, Some(only.version), Some(only.keyed)))
    }

    fn about(&self, record: RecordRef, written: Written, reader: Option<VersionId>, slots: Mask) -> About {
        let (system, teller) = (&self.model.system, Teller(&self.model));
        let store = system.store(record.store);
        About {
            store: store.name.to_string(),
            record: record.index,
            format: store.entity.format(written.format).name.clone(),
            writer: teller.version(written.by),
            reader: reader.map(|version| teller.version(version)),
            fields: self.field_names(record.store, slots),
        }
    }
}
