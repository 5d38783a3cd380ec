//! The chronicle: what happened that is worth telling, and because of what.
//!
//! Entries are typed; words are made of them in [`crate::observers::story`]. Each names the entries that made it
//! happen, so that every figure of a report leads back to a decision. Of things that happen a thousand
//! times only the first of its kind is told.

mod alike;
mod changes;
mod deeds;
mod effects;
mod failures;
mod happening;
mod lasting;
mod lateness;
mod locks;
mod migrations;
mod mistakes;
mod motives;
mod pages;
mod record;
mod rollouts;
mod settings;
mod staleness;
mod work;
mod writers;

pub(crate) use self::happening::{Happening, Who};
use self::lasting::Lasting;
use self::mistakes::Misleading;
pub(crate) use self::writers::Encounter;
use crate::fact::{Again, Failure, Misfit, Place, Rewriter, Staleness, Written};
use crate::people::operations::OperationId;
use crate::plant::fleet::Death;
use crate::plant::misled::Misled;
use crate::plant::topics::Fate;
use model::System;
use model::contract::Direction;
use model::controllers::flags::Source;
use model::data::Mask;
use model::flag::Setting;
use model::id::{
    AccessId, AlertId, CacheId, EffectId, EndpointId, ExchangeId, FaultId, FlagId, FormatId, GroupId, JobId, ServiceId,
    StoreId, VersionId,
};
use model::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// How often an alert fires before it is told no more: one that flaps all year must not grow the chronicle with it.
/// Everything else in here is the first of its kind, of which there are finitely many, or the answer to a command.
const FIRINGS_TOLD: usize = 1000;

/// The number of an entry, from 1.
pub(crate) type EntryId = u32;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Its number.
    pub id: EntryId,
    /// When.
    pub at: Time,
    /// Who did it, or where it happened.
    pub who: Who,
    /// What.
    pub what: Happening,
    /// What made it happen.
    pub because: Vec<EntryId>,
}

/// How a read went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HowMisfit {
    /// It failed.
    Unreadable,
    /// The record could not be written back.
    Unwritable,
    /// Something else was read than was written.
    Misread,
    /// What is left of a damaged or lost value was read.
    Spoilt,
}

impl HowMisfit {
    const fn of(misfit: Misfit) -> Self {
        match misfit {
            Misfit::Unreadable(_) => HowMisfit::Unreadable,
            Misfit::Unwritable(_) => HowMisfit::Unwritable,
            Misfit::Misread(_) => HowMisfit::Misread,
            Misfit::Spoilt(_) => HowMisfit::Spoilt,
        }
    }
}

/// What makes a thing the first of its kind. A last entry is that of the last change that bears on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum First {
    Serves(VersionId, EntryId),
    FlagSeen(FlagId, Setting, Source, usize),
    ConfigKept(VersionId, FlagId),
    Scales(ServiceId, u32),
    Crashes(VersionId, Death, Option<EntryId>),
    Fails(Failure, Option<EntryId>),
    WorkFails(JobId, Failure, Option<EntryId>),
    /// With what brought its writer back, after another one was to take its place.
    Writes(StoreId, Written, Mask, Option<EntryId>),
    /// With the other formats under which fields of it were set; of a harm, too.
    Misfits(StoreId, VersionId, Written, HowMisfit, Mask, Vec<FormatId>, Option<EntryId>),
    Harms(StoreId, Rewriter, Written, [Mask; 2], Vec<FormatId>, Option<EntryId>),
    Stale(CacheId, VersionId, Option<Written>, Staleness, Option<EntryId>),
    Unsafe(StoreId, VersionId, Option<HowMisfit>),
    Repeats(EffectId, VersionId, bool, Again, Option<EntryId>),
    Escapes(EffectId, Option<Failure>, Option<Place>, Option<EntryId>),
    Mistakes(EffectId, VersionId, Misled, Option<EntryId>),
    Stays(EffectId),
    Message(GroupId, Fate, Option<Failure>, Option<EntryId>),
    Mishears(ExchangeId, Direction, Mask, Option<EntryId>),
    Rejected(AccessId, FormatId, Mask, Option<EntryId>),
    /// Since the order of which that entry tells; behind a migration that waits itself, or one that has its lock.
    Waits(StoreId, VersionId, Option<EntryId>, bool),
}

/// Everything told so far, and what later entries refer to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Chronicle {
    pub(crate) entries: Vec<Entry>,
    firsts: BTreeMap<First, EntryId>,
    /// By version: the entry that brought it in.
    brought: Vec<Option<EntryId>>,
    /// By version: the entry by which it was to take the place of another one, the last time.
    returned: Vec<Option<EntryId>>,
    /// By version: the same, once a replica of it serves.
    back: Vec<Option<EntryId>>,
    /// By flag: the entry that switched it.
    switched: Vec<Option<EntryId>>,
    /// By flag: the last line that tells of processes that see it on.
    seen_on: Vec<Option<EntryId>>,
    /// By service: the last order about its replicas as such, whatever their version.
    handled: Vec<Option<EntryId>>,
    /// By endpoint: the entries because of which it gets requests, if it gets any that it did not get at the start.
    asked: Vec<Option<BTreeSet<EntryId>>>,
    /// By version: the last entry that tells of a record over which its requests fail.
    tripped: Vec<Option<EntryId>>,
    /// By operation: the entry of its command.
    commanded: Vec<EntryId>,
    /// By fault: the last entry about it.
    struck: BTreeMap<FaultId, EntryId>,
    /// By service: the last entry about a fault that struck it, a flag that bears on how busy it is, or its replicas.
    afflicted: BTreeMap<ServiceId, EntryId>,
    /// By table: the entry of its last migration.
    moved: BTreeMap<StoreId, EntryId>,
    /// By table and state: the entry by which it has come there the last time.
    arrived: BTreeMap<(StoreId, FormatId), EntryId>,
    /// By store: the entry of the last restore that was begun.
    offline: BTreeMap<StoreId, EntryId>,
    /// By alert: the entry of its last firing that was told.
    fired: BTreeMap<AlertId, EntryId>,
    /// By order to go through a runbook: the line of the last hop that was verified.
    verified: BTreeMap<OperationId, EntryId>,
    /// By alert: how often it has fired.
    firings: BTreeMap<AlertId, usize>,
    /// By entry that tells of a record over which a version trips: what it is because of only in that the version read
    /// it. The record would be as bad if nobody read it.
    occasions: BTreeMap<EntryId, Vec<EntryId>>,
    /// What lets versions be that meet records, and records that they meet.
    lasting: Lasting,
    /// Where it is told what misleads requests.
    misleading: Misleading,
}

impl Chronicle {
    pub(crate) fn of(system: &System) -> Self {
        Chronicle {
            brought: vec![None; system.versions.len()],
            returned: vec![None; system.versions.len()],
            back: vec![None; system.versions.len()],
            switched: vec![None; system.flags.len()],
            seen_on: vec![None; system.flags.len()],
            handled: vec![None; system.services.len()],
            asked: vec![None; system.endpoints.len()],
            tripped: vec![None; system.versions.len()],
            ..Chronicle::default()
        }
    }

    fn tell(&mut self, at: Time, who: Who, what: Happening, because: Vec<EntryId>) -> EntryId {
        let because = each_once(because);
        let id = EntryId::try_from(self.entries.len() + 1).expect("only firsts are told");
        self.entries.push(Entry { id, at, who, what, because });
        self.lasting.forget_made();
        id
    }

    /// Tells it if it is the first of its kind, and not in the words of another one, because of the same; the line that
    /// tells of it.
    fn tell_first(&mut self, first: First, at: Time, who: Who, what: Happening, because: Vec<EntryId>) -> EntryId {
        if let Some(told) = self.firsts.get(&first) {
            return *told;
        }
        let because = each_once(because);
        let is_it = |own: &&Entry| own.who == who && own.because == because && own.what.is_alike(&what);
        let told = self.entries.iter().find(is_it).map(|own| own.id);
        let id = told.unwrap_or_else(|| self.tell(at, who, what, because));
        self.firsts.insert(first, id);
        id
    }

    /// A replica of a version serves that was to take the place of another one.
    fn come_back(&mut self, version: VersionId) {
        if self.back[version.index()] != self.returned[version.index()] {
            self.back[version.index()] = self.returned[version.index()];
            self.lasting.forget();
        }
    }

    /// By operation: the entry of its command.
    pub(crate) fn commanded(&self) -> &[EntryId] {
        &self.commanded
    }

    /// Whether requests failed like that before something was told.
    fn has_failed(&self, failure: Failure, before: EntryId) -> bool {
        let is_it = |first: &First| matches!(first, First::Fails(other, _) if *other == failure);
        self.firsts.iter().any(|(first, told)| is_it(first) && *told < before)
    }

    /// What brought a version in the last time up to then, if anything did.
    pub(crate) fn what_brought_by(&self, version: VersionId, then: Time) -> Option<EntryId> {
        let served = self.firsts.keys().filter_map(|first| match first {
            First::Serves(own, brought) if *own == version => Some(*brought),
            _ => None,
        });
        let comings = served.chain(self.brought[version.index()]);
        comings.filter(|brought| self.entries[*brought as usize - 1].at <= then).max()
    }

    /// The last entry because of which an endpoint gets requests that it did not get at the start.
    fn last_asked(&self, endpoint: EndpointId) -> Option<EntryId> {
        self.asked[endpoint.index()].as_ref().and_then(|why| why.last().copied())
    }

    /// What brought a version in, if anything did.
    pub(crate) fn what_brought(&self, version: VersionId) -> Option<EntryId> {
        self.brought[version.index()]
    }

    /// The last entry about a failure of this kind.
    fn last_failure(&self, failure: Failure) -> Option<EntryId> {
        let told = self.firsts.range(First::Fails(failure, None)..=First::Fails(failure, Some(EntryId::MAX)));
        told.map(|(_, id)| *id).next_back()
    }

    /// The most replicas an autoscaler has ever asked for; 0 when it never asked.
    pub(crate) fn most_wanted(&self, service: ServiceId) -> u32 {
        let asked = self.firsts.keys().filter_map(|first| match first {
            First::Scales(at, replicas) if *at == service => Some(*replicas),
            _ => None,
        });
        asked.max().unwrap_or(0)
    }

    /// The first time that each version spoilt one of some fields: why a later reader gets what is left.
    fn first_spoilt(&self, store: StoreId, slots: Mask) -> Vec<EntryId> {
        let harms = self.firsts.iter().filter_map(|(first, id)| {
            let First::Harms(at, _, _, [lost, damaged], ..) = first else { return None };
            (*at == store && !((*lost | *damaged) & slots).is_empty()).then_some(*id)
        });
        harms.collect()
    }

    /// The last change since which somebody has spoilt some fields.
    fn last_spoilt(&self, store: StoreId, slots: Mask) -> Option<EntryId> {
        let harms = self.firsts.keys().filter_map(|first| {
            let First::Harms(at, _, _, [lost, damaged], _, since) = first else { return None };
            since.filter(|_| *at == store && !((*lost | *damaged) & slots).is_empty())
        });
        harms.max()
    }

    /// The first records of each kind with values worth telling apart in some slots.
    fn first_with(&self, store: StoreId, slots: Mask) -> Vec<EntryId> {
        let written = self.firsts.iter().filter_map(|(first, id)| {
            let First::Writes(at, _, hard, _) = first else { return None };
            (*at == store && !(*hard & slots).is_empty()).then_some(*id)
        });
        written.collect()
    }

    /// The first records `written` that way, and the first when their writer was back: why a later reader trips over
    /// them.
    fn first_written(&self, store: StoreId, written: Written, slots: Mask) -> Vec<EntryId> {
        let (mut first, mut hard) = (BTreeMap::new(), Vec::new());
        for (told, id) in &self.firsts {
            let First::Writes(at, how, own, since) = told else { continue };
            if *at == store && *how == written {
                first.entry(since).or_insert(*id);
                hard.extend((!(*own & slots).is_empty()).then_some(*id));
            }
        }
        if hard.is_empty() { first.into_values().collect() } else { hard }
    }
}

/// A list without what comes again.
fn each_once(mut all: Vec<EntryId>) -> Vec<EntryId> {
    let mut known = BTreeSet::new();
    all.retain(|id| known.insert(*id));
    all
}
