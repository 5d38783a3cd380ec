//! What has changed: the entries that tell why a version runs, a flag is seen on, a service is as large as it is, and
//! an endpoint gets requests.
//!
//! Of things that happen a thousand times the first is told. When they go on after another of these changes has come to
//! bear on them, the first from then on is told as well: what a figure began with would else leave the later change
//! out. So there are no more lines than kinds of things times changes, and changes are ordered by people.

use super::{EntryId, Happening};
use crate::observers::asking::Ask;
use crate::people::operations::OperationId;
use crate::world::World;
use model::action::{Action, ServiceAction};
use model::authority::Actor;
use model::control::{Change, DataChange, ServiceChange};
use model::fault::FaultKind;
use model::id::{CacheId, EndpointId, FlagId, ServiceId, VersionId};
use model::program::FlagSet;
use std::collections::BTreeSet;

impl World {
    /// What prompted a command of a responder who goes by what there is to see: the alerts that fire. Whoever follows a
    /// plan, or plays, decides for himself, and gives the same order without.
    pub(super) fn prompts(&self, who: Actor, what: &Happening) -> Vec<EntryId> {
        let Happening::Commanded(action, _) = what else { return vec![] };
        if !self.comes_to(who, action) {
            return vec![];
        }
        let firing = self.chronicle.fired.iter().filter(|(alert, _)| self.telemetry.firing[alert.index()].is_some());
        firing.map(|(_, entry)| *entry).collect()
    }

    /// From now on the operation is why its version runs, its flag is where it is, or its service as it is.
    pub(super) fn remember_cause(&mut self, id: OperationId) {
        let entry = self.chronicle.commanded[id.index()];
        let changes = self.operations[id.index()].planned().to_vec();
        let led = self.behind_target(self.operations[id.index()].action, &changes);
        let because = &mut self.chronicle.entries[entry as usize - 1].because;
        because.extend(led.into_iter().filter(|led| *led < entry));
        self.chronicle.lasting.forget();
        changes.iter().for_each(|change| self.remember_change(change, entry));
        changes.iter().for_each(|change| self.tell_idle_hold(change, entry));
        self.note_who_is_asked();
    }

    /// Why an order leads where it does that names no version: a service goes back to one that was brought in because
    /// that was, and because another one was in its place. To the one that was there at the start it goes back anyway.
    fn behind_target(&self, action: Action, changes: &[Change]) -> BTreeSet<EntryId> {
        let Action::Service(_, ServiceAction::Undo) = action else { return BTreeSet::new() };
        let brought = |version: &VersionId| self.chronicle.brought[version.index()];
        let targets = changes.iter().filter_map(Change::decided);
        let led = targets.filter_map(|(service, target)| {
            let others = self.model.system.service(service).versions.iter().filter(|version| **version != target);
            Some([Some(brought(&target)?), others.filter_map(brought).max()])
        });
        led.flatten().flatten().collect()
    }

    fn remember_change(&mut self, change: &Change, entry: EntryId) {
        if let Some(flag) = change.flag() {
            self.chronicle.switched[flag.index()] = Some(entry);
            self.chronicle.lasting.begin();
        }
        if let Some((service, version)) = change.decided() {
            self.bring(service, version, entry);
        }
        match change {
            Change::Service(service, ServiceChange::TargetOn(version, area))
                if self.is_idle_order(*service, *version, *area) => {}
            Change::Service(service, ServiceChange::TargetOn(version, _)) => self.bring(*service, *version, entry),
            // More of them are no reason for anything.
            Change::Service(service, ServiceChange::Replicas(count))
                if *count as usize >= self.fleet.pool(*service).ready.len() => {}
            // Others of them answer: as many as there are.
            Change::Service(
                service,
                ServiceChange::StandIn(..)
                | ServiceChange::Replicas(_)
                | ServiceChange::Restart(_)
                | ServiceChange::Stop(_)
                | ServiceChange::Roll(_),
            ) => {
                self.chronicle.handled[service.index()] = Some(entry);
                self.chronicle.afflicted.insert(*service, entry);
            }
            Change::Service(_, ServiceChange::Paused(true)) => self.chronicle.lasting.begin(),
            Change::Data(DataChange::Flush(cache)) => self.remember_flush(*cache, entry),
            _ => {}
        }
    }

    /// That entry brings a version in, from now on; if another one was brought in last, it comes back by that.
    fn bring(&mut self, service: ServiceId, version: VersionId, entry: EntryId) {
        if self.last_brought(service) != version {
            self.chronicle.returned[version.index()] = Some(entry);
            if self.serving.contains(&version) {
                self.chronicle.come_back(version);
            }
        }
        self.chronicle.brought[version.index()] = Some(entry);
    }

    /// The version of a service that was brought in last, or that was there at the start.
    fn last_brought(&self, service: ServiceId) -> VersionId {
        let spec = self.model.system.service(service);
        let brought = |version: &VersionId| self.chronicle.brought[version.index()];
        let last = spec.versions.iter().copied().filter(|version| brought(version).is_some()).max_by_key(brought);
        last.unwrap_or(spec.initial)
    }

    /// Those who are asked for what is missing from a cache are busier from now on.
    fn remember_flush(&mut self, cache: CacheId, entry: EntryId) {
        for service in (0..self.model.system.services.len()).map(ServiceId::new) {
            if self.model.system.stands_behind(service, cache) {
                self.chronicle.afflicted.insert(service, entry);
            }
        }
    }

    /// Processes see a flag on, as that entry tells.
    pub(super) fn remember_seen(&mut self, flag: FlagId, entry: EntryId) {
        self.chronicle.seen_on[flag.index()] = Some(entry);
        self.chronicle.lasting.begin();
        for service in (0..self.model.system.services.len()).map(ServiceId::new) {
            if self.model.asking().busy(service).has(flag) {
                self.chronicle.afflicted.insert(service, entry);
            }
        }
        self.note_who_is_asked();
    }

    /// What brought that version in, from now on.
    pub(super) fn remember_brought(&mut self, version: VersionId, entry: EntryId) {
        self.bring(self.model.system.version(version).service, version, entry);
        self.chronicle.lasting.forget();
        self.note_who_is_asked();
    }

    /// What brought a version in, and the rotations without which none of its processes could have been started: of a
    /// secret that it needs in a later value than the first.
    pub(crate) fn brought(&self, version: Option<VersionId>) -> Vec<EntryId> {
        let brought = version.and_then(|version| Some((version, self.chronicle.brought[version.index()]?)));
        let Some((version, entry)) = brought else { return vec![] };
        let system = &self.model.system;
        let rotations = system.version(version).needs.iter().flat_map(|need| {
            let mut struck = self.struck_by(self.control.rotations(system, need.secret));
            struck.sort_unstable();
            struck.into_iter().take(need.generation - 1)
        });
        let mut because: Vec<_> = rotations.collect();
        because.push(entry);
        because
    }

    /// What brought in the versions of services that were not there at the start.
    pub(crate) fn newcomers(&self, services: &[ServiceId]) -> BTreeSet<EntryId> {
        let system = &self.model.system;
        let own = |version: &&VersionId| services.contains(&system.version(**version).service);
        let new = |version: &&VersionId| system.service(system.version(**version).service).initial != **version;
        let newcomers = system.services.iter().flat_map(|service| &service.versions).filter(own).filter(new);
        newcomers.flat_map(|version| self.brought(Some(*version))).collect()
    }

    /// The faults and the order that keep a version where it is, which is no more the one that its service is to run.
    pub(super) fn staying(&self, version: VersionId) -> Vec<EntryId> {
        if self.control.desired(self.model.system.version(version).service).version == version {
            return vec![];
        }
        let struck = self.chronicle.struck.iter();
        let keeps = |kind: FaultKind| matches!(kind, FaultKind::Unreach { .. } | FaultKind::Lose { .. });
        let keeping = struck.filter(|(id, _)| keeps(self.model.system.fault(**id).kind));
        keeping.map(|(_, entry)| *entry).chain(self.held(version)).collect()
    }

    /// Why processes see flags on, those of them that were not on at the start.
    pub(super) fn seen(&self, flags: FlagSet) -> BTreeSet<EntryId> {
        flags.iter().filter_map(|flag| self.why_on(flag)).collect()
    }

    /// The line that tells of processes that see a flag on, or else of whoever switched it.
    pub(super) fn why_on(&self, flag: FlagId) -> Option<EntryId> {
        self.chronicle.seen_on[flag.index()].or(self.chronicle.switched[flag.index()])
    }

    /// What an endpoint that got no requests at the start gets them because of; none where it gets none.
    pub(super) fn why_asked(&self, endpoint: EndpointId) -> Option<BTreeSet<EntryId>> {
        let asking = self.model.asking();
        if asking.is_from_start(endpoint) || asking.later().is_empty() {
            return Some(BTreeSet::new());
        }
        self.chronicle.asked[endpoint.index()].clone()
    }

    /// For each endpoint the entries because of which it gets requests.
    fn note_who_is_asked(&mut self) {
        if !self.model.asking().later().is_empty() {
            self.chronicle.asked = self.all_asked();
            self.chronicle.lasting.begin();
        }
    }

    /// By endpoint: why it gets requests; none where it gets none.
    fn all_asked(&self) -> Vec<Option<BTreeSet<EntryId>>> {
        let asking = self.model.asking();
        let endpoints = (0..self.model.system.endpoints.len()).map(EndpointId::new);
        let start = |endpoint| asking.is_from_start(endpoint).then(BTreeSet::new);
        let mut why: Vec<Option<BTreeSet<EntryId>>> = endpoints.map(start).collect();
        let open: Vec<&Ask> = asking.later().iter().filter(|ask| self.asks_now(ask)).collect();
        loop {
            let before = why.clone();
            for ask in &open {
                let Some(own) = why[ask.asked.index()].clone() else { continue };
                let all = own.into_iter().chain(self.chronicle.brought[ask.by.index()]).chain(self.seen(ask.flags));
                why[ask.asks.index()].get_or_insert_default().extend(all);
            }
            if why == before {
                return why;
            }
        }
    }

    /// Whether a version that asks was there at the start or brought in, and sees the flags on that it asks under.
    fn asks_now(&self, ask: &Ask) -> bool {
        let system = &self.model.system;
        let initial = system.service(system.version(ask.by).service).initial == ask.by;
        let sees = |flag: FlagId| system.flag(flag).initial.is_on() || self.why_on(flag).is_some();
        (initial || self.chronicle.brought[ask.by.index()].is_some()) && ask.flags.iter().all(sees)
    }
}
