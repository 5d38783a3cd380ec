//! Deadlines: timeouts shorter than the way there and back, and deadlines that are passed on and never set.

use super::{Resolver, calls::Call};
use crate::syntax::{Diagnostic, Exact};
use model::id::{EndpointId, ServiceId, ZoneId};
use model::law::Law;
use model::time::Span;
use std::collections::{BTreeMap, BTreeSet};

impl Resolver<'_> {
    /// Says which calls cannot be answered in time, and which pass on what they do not have.
    pub(super) fn check_deadlines(&mut self, calls: &[Call]) {
        self.check_round_trips(calls);
        self.check_passed_on(calls);
    }

    fn check_round_trips(&mut self, calls: &[Call]) {
        if self.system.network.is_instant() {
            return;
        }
        let mut known: BTreeMap<[ServiceId; 2], Span> = BTreeMap::new();
        for call in calls {
            let Some(timeout) = call.waits.timeout else { continue };
            let ends = [call.from, call.to].map(|endpoint| self.system.endpoint(endpoint).service);
            let trip = *known.entry(ends).or_insert_with(|| self.round_trip(ends));
            if timeout < trip {
                let (timeout, trip) = (Exact(timeout), Exact(trip));
                let message =
                    format!("no answer is back after {timeout}: the way there and back takes {trip} at least");
                self.out.push(Diagnostic::warning(call.span, message).help("wait longer, or place the two nearer"));
            }
        }
    }

    /// The least time a message between two services, and its answer, can take.
    fn round_trip(&self, [from, to]: [ServiceId; 2]) -> Span {
        let (from, to) = (self.zones_with(from), self.zones_with(to));
        let pairs = from.iter().flat_map(|one| to.iter().map(move |other| (*one, *other)));
        let way = |from, to| self.least(self.system.network.latency(from, to));
        pairs.map(|(one, other)| way(one, other) + way(other, one)).min().unwrap_or(Span::ZERO)
    }

    /// The zones a service has hosts in.
    fn zones_with(&self, service: ServiceId) -> BTreeSet<ZoneId> {
        self.system.service(service).hosts.iter().map(|host| self.system.hosts[host.index()].zone).collect()
    }

    /// What is never drawn less than.
    fn least(&self, law: Law) -> Span {
        match law {
            Law::Constant(span) => span,
            Law::Exponential { .. } | Law::Lognormal { .. } => Span::ZERO,
            Law::Percentiles(id) => self.system.percentiles[id.index()].points()[0].time,
        }
    }

    fn check_passed_on(&mut self, calls: &[Call]) {
        let told = self.told(calls);
        let empty = |call: &&Call| call.waits.told && call.waits.timeout.is_none() && !told[call.from.index()];
        for call in calls.iter().filter(empty) {
            let finding = Diagnostic::warning(call.span, "this call passes on a deadline, and there is none");
            self.out.push(finding.help("give it a `timeout`, or let a caller pass one on"));
        }
    }

    /// By endpoint: whether anybody tells it a deadline.
    fn told(&self, calls: &[Call]) -> Vec<bool> {
        let mut passed_on: BTreeMap<EndpointId, Vec<EndpointId>> = BTreeMap::new();
        let passes = || calls.iter().filter(|call| call.waits.told);
        passes().for_each(|call| passed_on.entry(call.from).or_default().push(call.to));
        let mut told = vec![false; self.system.endpoints.len()];
        let mut next: Vec<_> = passes().filter(|call| call.waits.timeout.is_some()).map(|call| call.to).collect();
        while let Some(at) = next.pop() {
            if !std::mem::replace(&mut told[at.index()], true) {
                next.extend(passed_on.get(&at).into_iter().flatten());
            }
        }
        told
    }
}
