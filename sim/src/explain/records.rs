//! Parts of a figure that counts records: by what is wrong with them, whose they are, and whom they trip.

use super::{Amount, Part};
use crate::fact::Written;
use crate::observers::chronicle::{Encounter, Entry, EntryId, Happening, HowMisfit, Who};
use crate::observers::story::Teller;
use crate::plant::stores::{Tally, Trouble};
use crate::world::World;
use model::System;
use model::data::{self, Kind, Mask};
use model::id::{FormatId, StoreId, VersionId};
use std::collections::BTreeMap;

/// What sets a part apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Heading {
    store: StoreId,
    trouble: Trouble,
    /// For what a reader trips over: who wrote it, in which format, and who the reader is.
    read: Option<(FormatId, VersionId, VersionId)>,
    /// For what is wrong with the record itself: the fields.
    slots: Mask,
}

impl World {
    /// Records that have any of these troubles.
    pub(super) fn with_troubles(&self, troubles: &[Trouble]) -> Amount {
        let (ever, remaining) = self.troubles();
        let sum =
            |of: crate::plant::stores::TroubleCounts| troubles.iter().map(|trouble| u64::from(of.of(*trouble))).sum();
        Amount { ever: sum(ever), remaining: sum(remaining) }
    }

    /// The records with each of these troubles, taken apart.
    pub(super) fn record_parts(&self, troubles: &[Trouble]) -> Vec<Part> {
        let mut parts: BTreeMap<Heading, Part> = BTreeMap::new();
        for (index, records) in self.stores.iter().enumerate() {
            let kinds = records.tallies().filter(|(_, tally)| tally.since.is_some());
            for (kind, tally) in kinds {
                for &trouble in troubles {
                    self.add_kind(StoreId::new(index), trouble, kind, tally, &mut parts);
                }
            }
        }
        let told = parts.into_iter().map(|(heading, part)| {
            // Records may have come into trouble first as others, of another part.
            let Amount { ever, remaining } = part.count;
            Part { events: self.events_of(heading), count: Amount { ever: ever.max(remaining), remaining }, ..part }
        });
        told.filter(|part| part.count.ever > 0 || part.count.remaining > 0).collect()
    }

    fn add_kind(
        &self,
        store: StoreId,
        trouble: Trouble,
        kind: &Kind,
        tally: &Tally,
        parts: &mut BTreeMap<Heading, Part>,
    ) {
        let has = tally.troubles.has(trouble);
        let remaining = u64::from(if has { tally.count } else { 0 });
        let whole = Amount { ever: tally.ever.of(trouble).into(), remaining };
        let of_itself = |slots| Heading { store, trouble, read: None, slots };
        match trouble {
            Trouble::Damaged if !kind.bad.is_empty() => self.add(of_itself(kind.bad), whole, (kind, tally), parts),
            Trouble::FieldsLost if !kind.lost.is_empty() => self.add(of_itself(kind.lost), whole, (kind, tally), parts),
            Trouble::Damaged | Trouble::FieldsLost => {}
            Trouble::Unreadable | Trouble::Misread => {
                for (reader, slots) in self.tripped(store, trouble, (kind, tally)) {
                    let read = Some((kind.format, kind.writer, reader));
                    let remaining = if self.serving.contains(&reader) { whole.remaining } else { 0 };
                    let heading = Heading { store, trouble, read, slots };
                    let ever = whole.ever.min(tally.met_by(reader).into());
                    self.add(heading, Amount { ever, remaining }, (kind, tally), parts);
                }
            }
        }
    }

    fn add(
        &self,
        heading: Heading,
        count: Amount,
        (kind, tally): (&Kind, &Tally),
        parts: &mut BTreeMap<Heading, Part>,
    ) {
        let part = parts.entry(heading).or_insert_with(|| Part {
            what: self.what(heading),
            reasons: Vec::new(),
            count: Amount::default(),
            since: None,
            events: Vec::new(),
        });
        part.count = Amount { ever: part.count.ever + count.ever, remaining: part.count.remaining + count.remaining };
        for reason in self.reasons_of(heading, kind) {
            if !part.reasons.contains(&reason) {
                part.reasons.push(reason);
            }
        }
        let since = match heading.read {
            Some((.., reader)) => tally.tripped_since(reader, heading.trouble),
            None => tally.troubled[heading.trouble as usize],
        };
        part.since = [part.since, since].into_iter().flatten().min();
    }

    /// The versions that served while there were records of a kind and trip over them, and on which fields.
    fn tripped(&self, store: StoreId, trouble: Trouble, (kind, tally): (&Kind, &Tally)) -> Vec<(VersionId, Mask)> {
        let mut tripped: BTreeMap<VersionId, Mask> = BTreeMap::new();
        for access in self.model.system.accesses.iter().filter(|access| access.store == store) {
            let Some(reader) = access.reader().filter(|_| tally.met.contains_key(&access.version)) else { continue };
            let read = data::read(kind, &reader.decode.table(kind));
            let slots = match trouble {
                Trouble::Unreadable => read.error.map(|refusal| refusal.slots),
                Trouble::Misread | Trouble::Damaged | Trouble::FieldsLost => {
                    Some(read.not_as_meant()).filter(|slots| read.error.is_none() && !slots.is_empty())
                }
            };
            if let Some(slots) = slots {
                *tripped.entry(access.version).or_default() |= slots;
            }
        }
        tripped.into_iter().collect()
    }

    fn what(&self, heading: Heading) -> String {
        let (system, teller) = (&self.model.system, Teller(&self.model));
        let store = system.store(heading.store);
        let fields = teller.slots(heading.store, heading.slots);
        let Some((format, writer, reader)) = heading.read else {
            let how = if heading.trouble == Trouble::Damaged { "whose" } else { "without" };
            let end = if heading.trouble == Trouble::Damaged { " is not what was meant" } else { "" };
            return format!("records of {} {how} {fields}{end}", store.name);
        };
        let verb = if heading.trouble == Trouble::Unreadable { "cannot read" } else { "misreads" };
        let (writer, reader) = (teller.version(writer), teller.version(reader));
        let format = &store.entity.format(format).name;
        format!("{format} records of {writer} in {} that {reader} {verb}", store.name)
    }

    /// Why a reader trips over records of a kind, field by field: what its schema says.
    fn reasons_of(&self, heading: Heading, kind: &Kind) -> Vec<String> {
        let Some((_, _, reader)) = heading.read else { return vec![] };
        self.reasons(heading.store, reader, kind, (how_of(heading.trouble), heading.slots))
    }

    /// The entries that tell of a part. What nobody has tripped over yet is told by who wrote it, and what brought in
    /// the reader.
    fn events_of(&self, heading: Heading) -> Vec<EntryId> {
        let entries = self.chronicle.entries.iter().filter(|entry| tells_of(&self.model.system, entry, heading));
        let told = entries.map(|entry| entry.id).filter(|id| !self.chronicle.is_only_read_again(*id));
        let mut told: Vec<_> = told.collect();
        if heading.trouble == Trouble::Damaged {
            told.extend(self.made_final(heading.store, heading.slots));
        }
        let Some((format, writer, reader)) = heading.read.filter(|_| told.is_empty()) else { return told };
        let met = Encounter { store: heading.store, reader, slots: heading.slots };
        let kinds = self.stores[heading.store.index()].tallies().filter(|(_, tally)| tally.since.is_some());
        let own = kinds.filter(|(kind, tally)| {
            let tripped = self.tripped(heading.store, heading.trouble, (kind, tally));
            (kind.format, kind.writer) == (format, writer) && tripped.contains(&(reader, heading.slots))
        });
        let how = how_of(heading.trouble);
        let mut why = Vec::new();
        for (kind, tally) in own {
            why.extend(self.because_of_writers(kind, met));
            let last = tally.met.get(&reader).filter(|_| !self.trips_as_others(kind, met, how));
            why.extend(last.and_then(|met| self.chronicle.what_brought_by(reader, met.last)));
        }
        let entries = self.chronicle.entries.iter();
        let made = entries.filter(|entry| makes(&self.model.system, entry, heading, (format, writer, reader)));
        why.extend(made.map(|entry| entry.id));
        why
    }
}

/// How a reader goes wrong of that.
const fn how_of(trouble: Trouble) -> HowMisfit {
    match trouble {
        Trouble::Unreadable => HowMisfit::Unreadable,
        Trouble::Misread | Trouble::Damaged | Trouble::FieldsLost => HowMisfit::Misread,
    }
}

/// Whether an entry tells how rows have come to be in a state that a reader trips over.
fn makes(system: &System, entry: &Entry, heading: Heading, read: (FormatId, VersionId, VersionId)) -> bool {
    let (store, (state, writer, reader)) = (heading.store, read);
    let leads = |id, way| system.migration(id).store == store && system.migration(id).target(way) == state;
    match &entry.what {
        Happening::Migrated(passed) => leads(passed.migration, passed.way),
        Happening::Sweeps { migration, way } => leads(*migration, *way),
        Happening::Unsafe { record, written, reader: own, how, slots, .. } => {
            let is_alike = (*how, *slots) == (Some(how_of(heading.trouble)), heading.slots);
            record.store == store && *own == reader && *written == Written { format: state, by: writer } && is_alike
        }
        _ => false,
    }
}

/// What a reader trips over is told of as a misfit, what is wrong with a record itself as harm.
fn tells_of(system: &System, entry: &Entry, heading: Heading) -> bool {
    match heading.read {
        Some(read) => is_misfit(entry, heading, read),
        None => is_harm(system, entry, heading),
    }
}

fn is_misfit(entry: &Entry, heading: Heading, read: (FormatId, VersionId, VersionId)) -> bool {
    let Happening::Misfits { record, written, how, slots, .. } = &entry.what else { return false };
    let Who::Version(reader) = entry.who else { return false };
    let expected = how_of(heading.trouble);
    record.store == heading.store
        && read == (written.format, written.by, reader)
        && *how == expected
        && *slots == heading.slots
}

fn is_harm(system: &System, entry: &Entry, heading: Heading) -> bool {
    let (store, lost, damaged) = if let Happening::Harms { record, lost, damaged, .. } = &entry.what {
        (record.store, *lost, *damaged)
    } else if let Happening::Migrated(passed) = &entry.what {
        (system.migration(passed.migration).store, passed.lost, passed.damaged)
    } else {
        return false;
    };
    let harmed = if heading.trouble == Trouble::Damaged { damaged } else { lost };
    store == heading.store && !(harmed & heading.slots).is_empty()
}
