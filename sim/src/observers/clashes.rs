//! Clashes: two versions that serve at the same time, and one of them cannot read, or misreads, what the other wrote.
//!
//! They are watched for on behalf of ways back: one that stands still half way leaves both versions where they are,
//! and what does not fit goes on meeting. Records of a version that serves no more are leftovers, and no clash.

use crate::fact::{Cause, Fact, Failure};
use crate::observers::chronicle::EntryId;
use crate::people::operations::{Operation, OperationId, State};
use crate::world::World;
use model::contract::Speaker;
use model::id::{ExchangeId, ServiceId, VersionId};
use model::time::{Span, Time};
use std::collections::BTreeMap;

/// How long none of a service's replicas starts, gets ready or stops before its rollout stands still.
const STILL: Span = Span::from_secs(300);

/// Ways back that stand still, and what meets meanwhile.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Clashes {
    /// By service: when one of its replicas last entered or left a phase of its life.
    moved: BTreeMap<ServiceId, Time>,
    /// By way back: the first clash while it stood still, and the line that tells of the first of its kind.
    half_way: BTreeMap<OperationId, (Time, EntryId)>,
}

impl Clashes {
    /// A way back stood still while versions clashed: since when that is known, and a line that tells of the clash.
    pub(crate) fn of(&self, order: OperationId) -> Option<(Time, EntryId)> {
        self.half_way.get(&order).copied()
    }
}

impl World {
    /// Takes note of replicas that come and go.
    pub(crate) fn watch_moves(&mut self, fact: &Fact) {
        if let Fact::Replica { service, .. } = *fact {
            self.clashes.moved.insert(service, self.now);
        }
    }

    /// One version has met something that another one wrote, and does not fit.
    pub(crate) fn clash(&mut self, between: [VersionId; 2], line: EntryId) {
        if !between.iter().all(|version| self.serving.contains(version)) {
            return;
        }
        let services = between.map(|version| self.model.system.version(version).service);
        for index in 0..self.operations.len() {
            let order = &self.operations[index];
            if order.action.service().is_some_and(|own| services.contains(&own)) && self.waits_half_way(order) {
                self.clashes.half_way.entry(OperationId::new(index)).or_insert((self.now, line));
            }
        }
    }

    /// The versions that a failed request shows not to fit, if it does.
    pub(crate) fn misunderstood_in(&self, failure: Failure) -> Option<[VersionId; 2]> {
        match failure.cause {
            Cause::Refused(exchange) | Cause::Garbled(exchange) => self.versions_of(exchange),
            Cause::Missing => failure.version.map(|version| [version; 2]),
            Cause::Defect(_)
            | Cause::Offline(_)
            | Cause::Unreadable(_)
            | Cause::Unwritable(_)
            | Cause::Statement(..)
            | Cause::NoReplica
            | Cause::Unweighted
            | Cause::NoUpstream
            | Cause::Overloaded
            | Cause::BreakerOpen
            | Cause::Expired
            | Cause::Timeout
            | Cause::Stopped
            | Cause::Replaced
            | Cause::Isolated
            | Cause::Lost => None,
        }
    }

    /// The versions at both ends of an exchange; none where one of them is a customer.
    pub(crate) fn versions_of(&self, exchange: ExchangeId) -> Option<[VersionId; 2]> {
        let exchange = self.model.system.exchange(exchange);
        match self.model.system.dialect(exchange.dialect).speaker {
            Speaker::Version(caller) => Some([caller, exchange.callee]),
            Speaker::Source(_) => None,
        }
    }

    /// Whether an order about a service is on its way, and nothing of that service has moved for long.
    pub(crate) fn waits_half_way(&self, order: &Operation) -> bool {
        let Some(service) = order.action.service() else { return false };
        let applied = order.course.applied.filter(|_| order.state == State::Spreading);
        let last = applied.max(self.clashes.moved.get(&service).copied());
        applied.is_some() && last.is_some_and(|last| last + STILL <= self.now)
    }
}
