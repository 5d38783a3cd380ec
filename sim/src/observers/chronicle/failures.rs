//! Recording failures: the first of each kind, and why requests fail like that.

use super::motives::Matter;
use super::{EntryId, First, Happening, HowMisfit, Who};
use crate::fact::{Cause, Failure};
use crate::world::World;
use model::contract::{Dialect, Direction, Speaker, Verdict};
use model::id::{ClassId, DefectId, EndpointId, ExchangeId, StoreId, VersionId};
use model::part::Part;
use model::program::Op;
use std::collections::BTreeSet;

impl World {
    /// Tells the end of a request that failed, if it is the first of its kind.
    pub(crate) fn record_failure(&mut self, failure: Failure) {
        let line = self.tell_failure(failure);
        self.misunderstood_in(failure).into_iter().for_each(|between| self.clash(between, line));
    }

    fn tell_failure(&mut self, failure: Failure) -> EntryId {
        let said = if let Cause::Refused(exchange) | Cause::Garbled(exchange) = failure.cause {
            self.motives_to_ask(exchange)
        } else {
            vec![]
        };
        let first = First::Fails(failure, self.last_bearing_on(failure).max(said.last().copied()));
        if let Some(told) = self.chronicle.firsts.get(&first) {
            return *told;
        }
        let because = self.because_of_failure(failure);
        let who = self.whose(failure);
        self.chronicle.tell_first(first, self.now, who, Happening::Fails(failure), because)
    }

    /// Who a failure is told of.
    pub(super) fn whose(&self, failure: Failure) -> Who {
        let service = || Who::Service(self.model.system.endpoint(failure.endpoint).service);
        failure.version.map_or_else(service, Who::Version)
    }

    /// Whether what was told is why requests fail like this later on.
    fn explains(&self, first: &First, failure: Failure) -> bool {
        if let Cause::Statement(access, state) = failure.cause {
            return self.refuses(first, access, state);
        }
        let of_version = |version: VersionId| failure.version == Some(version);
        match first {
            First::Misfits(store, version, _, how, ..) => {
                of_version(*version) && how.fails(*store) == Some(failure.cause)
            }
            First::Crashes(version, ..) => {
                let service = |version| self.model.system.version(version).service;
                let asked = self.model.system.endpoint(failure.endpoint).service;
                let is_gone = failure.cause == Cause::NoReplica
                    || failure.cause == Cause::NoUpstream && !self.serving.contains(version);
                failure.cause == Cause::Stopped && of_version(*version) || is_gone && service(*version) == asked
            }
            First::Serves(..)
            | First::FlagSeen(..)
            | First::ConfigKept(..)
            | First::Scales(..)
            | First::Fails(..)
            | First::WorkFails(..)
            | First::Writes(..)
            | First::Harms(..)
            | First::Stale(..)
            | First::Unsafe(..)
            | First::Repeats(..)
            | First::Escapes(..)
            | First::Mistakes(..)
            | First::Stays(_)
            | First::Message(..)
            | First::Mishears(..)
            | First::Waits(..)
            | First::Rejected(..) => false,
        }
    }

    /// The last entry that tells of a change that bears on requests which fail like that: one later than all that was
    /// told of them makes them a new kind.
    fn last_bearing_on(&self, failure: Failure) -> Option<EntryId> {
        let told = &self.chronicle;
        let brought = failure.version.and_then(|version| told.brought[version.index()]);
        let of_cause = match failure.cause {
            Cause::Defect(defect) => {
                self.model.system.defect(defect).only_while.and_then(|flag| told.seen_on[flag.index()])
            }
            Cause::Unreadable(_) | Cause::Unwritable(_) | Cause::Statement(..) => {
                failure.version.and_then(|version| told.tripped[version.index()])
            }
            Cause::Refused(exchange) | Cause::Garbled(exchange) => self.last_parted(exchange),
            Cause::Offline(store) => told.offline.get(&store).copied(),
            Cause::NoReplica
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
            | Cause::Missing => None,
        };
        let asked = told.last_asked(failure.endpoint);
        [brought, of_cause, asked, self.affliction(failure)].into_iter().flatten().max()
    }

    /// Why requests fail like that, and why there are any.
    pub(super) fn because_of_failure(&self, failure: Failure) -> Vec<EntryId> {
        let mut because = self.why_asked(failure.endpoint).unwrap_or_default();
        because.extend(self.behind_cause(failure));
        because.into_iter().collect()
    }

    fn behind_cause(&self, failure: Failure) -> Vec<EntryId> {
        let firsts = self.chronicle.firsts.iter();
        let known: Vec<_> = firsts.filter(|(first, _)| self.explains(first, failure)).map(|(_, id)| *id).collect();
        if !known.is_empty() {
            return known;
        }
        match failure.cause {
            Cause::BreakerOpen => self.behind_the_breaker(failure).into_iter().collect(),
            Cause::Refused(exchange) | Cause::Garbled(exchange) => {
                let asks = self.caller_in(exchange).map(|(caller, matter)| self.why_done(caller, matter));
                self.parted(exchange).into_iter().chain(asks.into_iter().flatten()).collect()
            }
            Cause::Isolated => self.behind_isolation(failure.endpoint).into_iter().collect(),
            Cause::Offline(store) => self.chronicle.offline.get(&store).copied().into_iter().collect(),
            Cause::Defect(defect) => {
                let flag = self.model.system.defect(defect).only_while;
                let brought = self.brought(failure.version).into_iter().filter(|_| self.is_new(defect, failure));
                brought.chain(flag.and_then(|flag| self.why_on(flag))).collect()
            }
            Cause::Stopped | Cause::NoReplica => self.behind_absence(failure),
            Cause::Unreadable(_)
            | Cause::Unwritable(_)
            | Cause::Statement(..)
            | Cause::Unweighted
            | Cause::NoUpstream
            | Cause::Replaced
            | Cause::Missing => self.behind_the_rest(failure),
            Cause::Overloaded | Cause::Expired | Cause::Timeout | Cause::Lost => self.behind_lateness(failure),
        }
    }

    /// Whether another version of the service that has served does not have the same defect at the same place, or there
    /// was no other.
    fn is_new(&self, defect: DefectId, failure: Failure) -> bool {
        let system = &self.model.system;
        let own = system.defect(defect);
        let same = |other: &DefectId| {
            let other = system.defect(*other);
            (&other.about, other.share, other.classes) == (&own.about, own.share, own.classes)
        };
        let has = |version: VersionId| {
            let ops = system.program(version, failure.endpoint).ops.iter();
            ops.filter_map(|op| if let Op::Fail(other) = op { Some(other) } else { None }).any(same)
        };
        let versions = system.service(system.endpoint(failure.endpoint).service).versions.iter();
        let others = versions.filter(|own| Some(**own) != failure.version && self.served.contains(own));
        let mut others = others.peekable();
        others.peek().is_none() || others.any(|other| !has(*other))
    }

    fn behind_the_rest(&self, failure: Failure) -> Vec<EntryId> {
        let mut because = self.brought(failure.version);
        because.extend(self.unweighted_behind(failure));
        because.extend(self.faults_behind(failure));
        because
    }

    /// Why no replica is there, or is there no more, that has not died: the rollout, and the orders about its replicas.
    fn behind_absence(&self, failure: Failure) -> Vec<EntryId> {
        let service = self.model.system.endpoint(failure.endpoint).service;
        let mut because = self.brought(failure.version);
        because.extend(self.brought(Some(self.control.desired(service).version)));
        because.extend(self.chronicle.handled[service.index()]);
        because.extend(self.faults_on(service));
        because
    }

    fn behind_isolation(&self, endpoint: EndpointId) -> Option<EntryId> {
        let asked = self.model.system.endpoint(endpoint).service;
        let cuts = |part: Part| part.concerns(asked, &self.model.system);
        self.last_order(|order| order.isolates().is_some_and(cuts))
    }

    /// What brought in the versions that serve and get nothing, or the one that a router chose and that does not serve.
    fn unweighted_behind(&self, failure: Failure) -> BTreeSet<EntryId> {
        let service = self.model.system.endpoint(failure.endpoint).service;
        if failure.cause == Cause::NoUpstream {
            return self.brought(Some(self.control.desired(service).version)).into_iter().collect();
        }
        let serving = self.model.system.service(service).versions.iter().filter(|id| self.serving.contains(id));
        let brought = serving.filter_map(|id| self.chronicle.brought[id.index()]);
        brought.filter(|_| failure.cause == Cause::Unweighted).collect()
    }

    /// The faults a service is under that gives no answer in time, or takes no more requests.
    fn faults_behind(&self, failure: Failure) -> Vec<EntryId> {
        let service = self.model.system.endpoint(failure.endpoint).service;
        if !may_be_slowness(failure.cause) {
            return vec![];
        }
        let mut behind = self.slowing(service);
        behind.extend(self.locks_behind(failure.endpoint));
        behind
    }

    /// What has last made a service slow, or changed its replicas, if it fails the way such ones do. Each fault has
    /// first failures of its own: one that is over is not what later ones go back to.
    fn affliction(&self, failure: Failure) -> Option<EntryId> {
        if self.chronicle.afflicted.is_empty() || !is_of_replicas(failure.cause) {
            return None;
        }
        let service = self.model.system.endpoint(failure.endpoint).service;
        self.chronicle.afflicted.get(&service).copied()
    }

    /// The last other failure of an endpoint that is not asked any more.
    fn behind_the_breaker(&self, failure: Failure) -> Option<EntryId> {
        let told = self.chronicle.firsts.iter().filter_map(|(first, id)| match first {
            First::Fails(other, _) if other.endpoint == failure.endpoint && other.cause != failure.cause => Some(*id),
            _ => None,
        });
        told.max()
    }

    /// What brought in the two sides of an exchange.
    pub(super) fn parted(&self, exchange: ExchangeId) -> Vec<EntryId> {
        let to_blame = self.sides(exchange).into_iter().filter(|side| self.is_better_without(exchange, *side));
        let brought: BTreeSet<_> = to_blame.flat_map(|side| self.brought(side)).collect();
        brought.into_iter().collect()
    }

    /// Whether another version of the same service that has served would not do as badly in its place: where all do,
    /// it is the other side's doing.
    fn is_better_without(&self, exchange: ExchangeId, side: Option<VersionId>) -> bool {
        let Some(side) = side else { return false };
        let system = &self.model.system;
        let others = system.service(system.version(side).service).versions.iter().filter(|other| **other != side);
        let mut others = others.filter(|other| self.served.contains(other)).peekable();
        others.peek().is_none() || others.any(|other| self.fits_better(exchange, side, *other))
    }

    /// Whether more is understood with another version in the place of one of the two.
    fn fits_better(&self, exchange: ExchangeId, side: VersionId, other: VersionId) -> bool {
        let system = &self.model.system;
        let (own, classes) = (system.exchange(exchange), 0..system.classes.len());
        let dialect = system.dialect(own.dialect);
        let instead = if own.callee == side {
            Some(dialect.with(other))
        } else {
            let speaks = |one: &&Dialect| one.contract == dialect.contract && one.speaker == Speaker::Version(other);
            system.dialects.iter().find(speaks).map(|one| one.with(own.callee))
        };
        let Some(instead) = instead.map(|id| system.exchange(id)) else { return true }; // it does not ask
        let both = [Direction::Request, Direction::Response];
        let mut heard = both.into_iter().flat_map(|way| classes.clone().map(move |class| (way, ClassId::new(class))));
        heard.any(|(way, class)| {
            own.verdict(way, class) != Verdict::Understood && instead.verdict(way, class) == Verdict::Understood
        })
    }

    /// What has the caller of an exchange ask at all, where that is a version.
    pub(super) fn motives_to_ask(&mut self, exchange: ExchangeId) -> Vec<EntryId> {
        self.caller_in(exchange).map_or(vec![], |(caller, matter)| self.motives(caller, matter))
    }

    /// The caller of an exchange, where it is a version, and what it does there.
    fn caller_in(&self, exchange: ExchangeId) -> Option<(VersionId, Matter)> {
        let dialect = self.model.system.exchange(exchange).dialect;
        self.sides(exchange)[0].map(|caller| (caller, Matter::Asks(dialect)))
    }

    /// The last entry that tells what brought in one of them.
    pub(super) fn last_parted(&self, exchange: ExchangeId) -> Option<EntryId> {
        self.sides(exchange).into_iter().flatten().filter_map(|side| self.chronicle.brought[side.index()]).max()
    }

    /// The caller, where it is a version, and the callee.
    fn sides(&self, exchange: ExchangeId) -> [Option<VersionId>; 2] {
        let exchange = self.model.system.exchange(exchange);
        let caller = match self.model.system.dialect(exchange.dialect).speaker {
            Speaker::Version(version) => Some(version),
            Speaker::Source(_) => None,
        };
        [caller, Some(exchange.callee)]
    }
}

impl HowMisfit {
    /// What a request fails of that meets a record of a store that way; what is only misread lets it go on.
    pub(super) const fn fails(self, store: StoreId) -> Option<Cause> {
        match self {
            HowMisfit::Unreadable => Some(Cause::Unreadable(store)),
            HowMisfit::Unwritable => Some(Cause::Unwritable(store)),
            HowMisfit::Misread | HowMisfit::Spoilt => None,
        }
    }
}

/// Whether a service that is slow may fail that way.
const fn may_be_slowness(cause: Cause) -> bool {
    match cause {
        Cause::Timeout | Cause::Overloaded | Cause::Expired | Cause::BreakerOpen => true,
        Cause::Defect(_)
        | Cause::Statement(..)
        | Cause::Offline(_)
        | Cause::Unreadable(_)
        | Cause::Unwritable(_)
        | Cause::NoReplica
        | Cause::Unweighted
        | Cause::NoUpstream
        | Cause::Stopped
        | Cause::Replaced
        | Cause::Isolated
        | Cause::Lost
        | Cause::Missing
        | Cause::Refused(_)
        | Cause::Garbled(_) => false,
    }
}

/// Whether it may come of how many replicas there are.
const fn is_of_replicas(cause: Cause) -> bool {
    may_be_slowness(cause) || matches!(cause, Cause::NoReplica | Cause::Stopped)
}
