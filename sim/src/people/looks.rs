//! Looking: what somebody finds who takes the time.
//!
//! A look reads the world, once, when its time is over; what it found is then known, and may be out of
//! date a minute later. An audit asks of every version that could be started what it would make of
//! every record: the same question the simulator and the review ask.

use crate::fact::{Cause, Fact, Failure, OperationStep};
use crate::observers::story::Teller;
use crate::people::operations::{Operation, State};
use crate::plant::fleet::Death;
use crate::plant::stores::Records;
use crate::world::World;
use model::access::{Access, Verb};
use model::action::{Action, Look, RoomAction};
use model::data::{self, Kind, Mask};
use model::id::{HostId, ServiceId, StoreId, VersionId};
use model::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What an audit has found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Audit {
    pub(crate) at: Time,
    /// Versions that cannot read some of the records, read something else, or would not keep all of what is in them.
    pub(crate) not_safe_for: BTreeSet<VersionId>,
}

impl World {
    /// What a look finds now.
    pub(crate) fn look(&self, look: Look) -> Vec<String> {
        match look {
            Look::Errors(service) => self.sample_errors(service),
            Look::Data(store) => self.audit(store),
        }
    }

    /// The failures of the last interval, most frequent first, and why processes have died.
    fn sample_errors(&self, service: ServiceId) -> Vec<String> {
        let failures = self.most_frequent(service).map(|(failure, count)| self.sampled(*failure, *count));
        let found: Vec<_> = failures.chain(self.last_words(service)).chain(self.left_behind(service)).collect();
        if found.is_empty() {
            let name = Teller(&self.model).service(service);
            return vec![format!("no request of {name} failed in the last {}", self.model.scrape)];
        }
        found
    }

    fn most_frequent(&self, service: ServiceId) -> impl Iterator<Item = (&Failure, &u64)> {
        let mut sample: Vec<_> = self.telemetry.seen.samples[service.index()].iter().collect();
        sample.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        sample.into_iter().take(4)
    }

    /// The versions that a look at the errors of a service shows to fail.
    pub(crate) fn seen_failing(&self, service: ServiceId) -> BTreeSet<VersionId> {
        let failing = self.most_frequent(service).filter_map(|(failure, _)| failure.version);
        failing.chain(self.crashed(service).into_keys().map(|(version, _)| version)).collect()
    }

    /// The versions for which an audit of a store says that they cannot live with what is in it.
    pub(crate) fn seen_unsafe(&self, store: StoreId) -> BTreeSet<VersionId> {
        self.audited_for(store).filter(|version| !self.verdict(store, *version).is_clean()).collect()
    }

    /// Keeps what an audit has found, if a fact says that one is over.
    pub(crate) fn note_audit(&mut self, fact: &Fact) {
        let Fact::Operation { id, step: OperationStep::Done, .. } = *fact else { return };
        let Operation { who, action, .. } = self.operations[id.index()];
        if let (Action::Room(RoomAction::Look(Look::Data(store))), true) = (action, self.seats.responds(who)) {
            let audit = Audit { at: self.now, not_safe_for: self.seen_unsafe(store) };
            self.audits.insert(store, audit);
        }
    }

    /// What an audit of a store has found, if there was one since anybody last changed something.
    pub(super) fn fresh_audit(&self, store: StoreId) -> Option<&Audit> {
        let changed = self.last_change();
        self.audits.get(&store).filter(|audit| audit.at >= changed)
    }

    /// When anybody last changed something, as far as that is in effect.
    fn last_change(&self) -> Time {
        let changes = self.operations.iter().filter(|order| order.action.mitigates() && order.state != State::Asking);
        changes.map(|order| order.course.last()).max().unwrap_or(Time::ZERO)
    }

    /// What the logs of dead processes say, for the replicas that have crashed and not come back.
    fn last_words(&self, service: ServiceId) -> Vec<String> {
        let crashed = self.crashed(service);
        let teller = Teller(&self.model);
        let words = crashed.iter().map(|((version, death), count)| {
            format!("{count} crashed in {}: {}", teller.version(*version), teller.death(*death))
        });
        words.collect()
    }

    /// How many replicas have crashed and not come back, by what they run and died of.
    fn crashed(&self, service: ServiceId) -> BTreeMap<(VersionId, Death), u32> {
        let mut crashed = BTreeMap::new();
        for (_, replica) in self.fleet.members(service).filter(|(_, replica)| !replica.is_running()) {
            let Some(crash) = replica.crash else { continue };
            *crashed.entry((replica.version, crash.death)).or_insert(0_u32) += 1;
        }
        crashed
    }

    /// Where a tool that goes from host to host has left something else than it was told to.
    fn left_behind(&self, service: ServiceId) -> Vec<String> {
        let system = &self.model.system;
        let on = |host: HostId| self.fleet.members(service).find(|(_, own)| own.host == host);
        let told = |host: HostId| {
            let runs = Teller(&self.model).version(on(host)?.1.version);
            Some(format!("{} still runs {runs}", system.hosts[host.index()].name))
        };
        let seen = self.behind(service).into_iter().filter(|host| self.control.is_reachable(system, *host));
        seen.filter_map(told).collect()
    }

    /// Whether somebody has looked at what a service does, and knows what was to be seen there.
    pub(crate) fn has_looked_at(&self, service: ServiceId) -> bool {
        let wanted = Action::Room(RoomAction::Look(Look::Errors(service)));
        self.operations.iter().any(|operation| operation.state == State::Done && operation.action == wanted)
    }

    fn sampled(&self, failure: Failure, count: u64) -> String {
        let teller = Teller(&self.model);
        let version = failure.version.map_or(String::new(), |version| format!(" in {}", teller.version(version)));
        let detail = match failure.cause {
            Cause::Unreadable(store) => failure.version.map_or(String::new(), |by| self.why_unreadable(store, by)),
            Cause::Statement(..)
            | Cause::Defect(_)
            | Cause::Unwritable(_)
            | Cause::NoReplica
            | Cause::Offline(_)
            | Cause::Unweighted
            | Cause::NoUpstream
            | Cause::Overloaded
            | Cause::BreakerOpen
            | Cause::Expired
            | Cause::Timeout
            | Cause::Stopped
            | Cause::Replaced
            | Cause::Isolated
            | Cause::Lost
            | Cause::Missing
            | Cause::Refused(_)
            | Cause::Garbled(_) => String::new(),
        };
        format!("{count} x {}{version}{detail}", teller.failure(failure))
    }

    /// Why a version cannot read some records of a store: field by field.
    fn why_unreadable(&self, store: StoreId, version: VersionId) -> String {
        let verdict = self.verdict(store, version);
        verdict.why.map_or(String::new(), |why| format!(" ({why})"))
    }

    /// What every version that could run makes of the records of a store.
    fn audit(&self, store: StoreId) -> Vec<String> {
        let mut lines = vec![self.inventory(store)];
        let users = self.audited_for(store);
        lines.extend(users.map(|version| self.verdict(store, version).sentence(&Teller(&self.model), store, version)));
        lines
    }

    /// The versions that use a store and could be started.
    fn audited_for(&self, store: StoreId) -> impl Iterator<Item = VersionId> {
        let versions = (0..self.model.system.versions.len()).map(VersionId::new);
        versions.filter(move |version| self.control.retains(*version) && self.uses(*version, store))
    }

    fn uses(&self, version: VersionId, store: StoreId) -> bool {
        self.model.system.accesses.iter().any(|access| access.version == version && access.store == store)
    }

    /// Records by format.
    fn inventory(&self, store: StoreId) -> String {
        let entity = &self.model.system.store(store).entity;
        let records = &self.stores[store.index()];
        let mut formats = BTreeMap::new();
        for (kind, count) in counted(records) {
            *formats.entry(kind.format).or_insert(0_u32) += count;
        }
        let parts: Vec<_> = formats
            .iter()
            .filter(|(_, n)| **n > 0)
            .map(|(format, n)| format!("{n} in {}", entity.format(*format).name))
            .collect();
        let kept: u32 = records.tallies().map(|(_, tally)| tally.count).sum();
        format!("{kept} records: {}", parts.join(", "))
    }

    /// What a version would make of the records of a store as they are.
    pub(crate) fn verdict(&self, store: StoreId, version: VersionId) -> Verdict {
        let accesses = self.model.system.accesses.iter();
        let own = accesses.filter(|access| access.version == version && access.store == store);
        let own: Vec<_> = own.filter(|access| access.gate.is_open(&self.control.flags)).collect();
        let mut verdict = Verdict::default();
        for (kind, count) in counted(&self.stores[store.index()]).filter(|(_, count)| *count > 0) {
            verdict.add(kind, count, &own);
        }
        verdict
    }
}

fn counted(records: &Records) -> impl Iterator<Item = (&Kind, u32)> {
    records.tallies().map(|(kind, tally)| (kind, tally.count))
}

/// What a version would make of a store's records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Records it cannot read.
    pub(crate) unreadable: u32,
    /// Why, for the first of them.
    why: Option<String>,
    /// Records it would misread.
    misread: u32,
    /// Records it would write back without some fields, and which.
    narrowed: u32,
    dropped: Mask,
}

impl Verdict {
    /// Whether it reads all records as they were meant, and would keep what is in them.
    fn is_clean(&self) -> bool {
        self.unreadable == 0 && self.misread == 0 && self.narrowed == 0
    }

    fn add(&mut self, kind: &Kind, count: u32, own: &[&Access]) {
        for read in own.iter().filter_map(|access| access.reader()) {
            let table = read.decode.table(kind);
            let seen = data::read(kind, &table);
            if let Some(refusal) = seen.error {
                self.unreadable += count;
                let first = refusal.slots.first();
                let finding = table.findings.iter().find(|finding| finding.slot == first && finding.effect.is_error());
                self.why = self.why.take().or(finding.map(ToString::to_string));
                return;
            }
            if !seen.not_as_meant().is_empty() {
                self.misread += count;
                return;
            }
        }
        let dropped = own.iter().map(|access| dropped_by(access, kind)).fold(Mask::EMPTY, |all, mask| all | mask);
        if !dropped.is_empty() {
            self.narrowed += count;
            self.dropped |= dropped;
        }
    }

    /// In words.
    pub(crate) fn sentence(&self, teller: &Teller<'_>, store: StoreId, version: VersionId) -> String {
        let name = teller.version(version);
        let mut parts = Vec::new();
        if self.unreadable > 0 {
            let why = self.why.as_deref().unwrap_or("not its format");
            parts.push(format!("cannot read {} ({why})", self.unreadable));
        }
        if self.misread > 0 {
            parts.push(format!("misreads {}", self.misread));
        }
        if self.narrowed > 0 {
            parts.push(format!(
                "drops {} of {} when it writes them back",
                teller.slots(store, self.dropped),
                self.narrowed
            ));
        }
        if parts.is_empty() { format!("{name} reads all") } else { format!("{name} {}", parts.join(", ")) }
    }
}

/// Fields a version loses when it writes a record of this kind back.
fn dropped_by(access: &Access, kind: &Kind) -> Mask {
    match &access.verb {
        Verb::Rewrite(rewrite) => crate::plant::stores::rewritten(rewrite, access.version, kind)
            .map_or(Mask::EMPTY, |(after, _)| after.lost - kind.lost),
        Verb::Update(update) => update.met[kind.format.index()]
            .update(kind, update.derived, update.hard, access.version)
            .map_or(Mask::EMPTY, |(after, _)| after.lost - kind.lost),
        Verb::Create(_) | Verb::Read(_) | Verb::Insert(_) => Mask::EMPTY,
    }
}
