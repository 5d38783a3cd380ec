//! Effects that are done of something misread, and the entries that tell of what is.

use super::motives::Matter;
use super::{EntryId, First, Happening, HowMisfit, Who};
use crate::fact::{RequestRef, Written};
use crate::plant::misled::Misled;
use crate::world::World;
use model::System;
use model::data::Mask;
use model::id::{EffectId, EndpointId, StoreId, VersionId};
use std::collections::{BTreeMap, BTreeSet};

/// By what misleads requests: where that is told, as it is since the last change that bears on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Misleading(BTreeMap<Misled, Told>);

#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    /// The entry of that change.
    since: Option<EntryId>,
    lines: Vec<EntryId>,
}

impl Misleading {
    /// An entry is the first to tell of something that misleads, after that change.
    pub(super) fn tell(&mut self, misled: Misled, since: Option<EntryId>, line: EntryId) {
        let told = self.0.entry(misled).or_default();
        if told.since != since {
            *told = Told { since, lines: vec![] };
        }
        if !told.lines.contains(&line) {
            told.lines.push(line);
        }
    }

    fn lines(&self, misled: Misled) -> &[EntryId] {
        self.0.get(&misled).map_or(&[], |told| &told.lines)
    }
}

impl HowMisfit {
    /// What misleads requests, of a record that goes wrong like that.
    pub(crate) const fn misleads(
        self,
        (store, written): (StoreId, Written),
        reader: VersionId,
        slots: Mask,
    ) -> Option<Misled> {
        match self {
            HowMisfit::Misread => Some(Misled::Misread(store, written, reader, slots)),
            HowMisfit::Spoilt => Some(Misled::Spoilt(store, written, reader, slots)),
            HowMisfit::Unreadable | HowMisfit::Unwritable => None,
        }
    }
}

impl World {
    /// An effect was done of all that has misled its request: each is told apart.
    pub(super) fn record_mistake(&mut self, effect: EffectId, version: VersionId, number: u16, request: RequestRef) {
        let doing = self.behind_doing(effect, Some(version));
        for place in 0..self.culprits.get(number).len() {
            let misled = self.culprits.get(number)[place];
            let lines = self.chronicle.misleading.lines(misled);
            let first = First::Mistakes(effect, version, misled, lines.last().max(doing.last()).copied());
            if !self.chronicle.firsts.contains_key(&first) {
                let because = lines.iter().chain(&doing).copied().collect();
                let what = Happening::Mistakes { effect, misled, request };
                self.chronicle.tell_first(first, self.now, Who::Version(version), what, because);
            }
        }
    }

    /// What was misread of which a version makes records, and what has it make them, if the one before the run did not.
    pub(super) fn behind_making(&mut self, store: StoreId, version: VersionId, number: u16) -> Vec<EntryId> {
        let motives = self.motives(version, Matter::Makes(store));
        let system = &self.model.system;
        let misread = self.culprits.get(number).iter().flat_map(|misled| self.chronicle.misleading.lines(*misled));
        let mut because: BTreeSet<_> = misread.copied().collect();
        if self.does_otherwise(version, |endpoint| makes_in(system, store, version, endpoint)) {
            because.extend(self.chronicle.what_brought(version));
        }
        because.extend(motives);
        because.into_iter().collect()
    }
}

/// Whether a version makes records of a store, or messages, at an endpoint.
fn makes_in(system: &System, store: StoreId, version: VersionId, endpoint: EndpointId) -> bool {
    let gates = &system.program(version, endpoint).gates;
    gates.iter().map(|gate| system.access(gate.access)).any(|access| Matter::Makes(store).is_done_by(access))
}
