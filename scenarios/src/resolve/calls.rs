//! Where calls lead: in circles, which never end, or into more requests than anybody can serve.

use super::{Resolver, waits::Waits};
use crate::syntax::SourceSpan;
use model::id::{EndpointId, VersionId};
use std::collections::BTreeMap;

/// The largest number of endpoints one request may reach.
const TREE_MAX: u64 = 10_000;

/// One call that was compiled, or work left for later, and where it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) from: EndpointId,
    pub(super) version: VersionId,
    pub(super) to: EndpointId,
    pub(super) span: SourceSpan,
    /// Work left for later, as opposed to a call.
    pub(super) later: bool,
    pub(super) waits: Waits,
}

/// How far the search has come with an endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Not,
    /// On the way that is being followed.
    OnTheWay,
    Done,
}

/// A depth-first search that looks at every call once, without recursion: a file may chain thousands.
struct Search<'c> {
    /// By endpoint: its calls.
    calls: Vec<Vec<&'c Call>>,
    visits: Vec<Visit>,
    /// The way being followed: endpoints, each with the next of its calls to look at.
    way: Vec<(EndpointId, usize)>,
    circles: Vec<(SourceSpan, Vec<EndpointId>)>,
    /// Endpoints in the order they were done with: the called before their callers.
    done: Vec<EndpointId>,
}

impl<'c> Search<'c> {
    fn new(endpoints: usize, all: &'c [Call]) -> Self {
        let mut calls = vec![Vec::new(); endpoints];
        all.iter().for_each(|call| calls[call.from.index()].push(call));
        Search { calls, visits: vec![Visit::Not; endpoints], way: Vec::new(), circles: Vec::new(), done: Vec::new() }
    }

    /// Looks at everything. Each circle is found once, at the call that closes it.
    fn run(mut self) -> Self {
        for start in (0..self.visits.len()).map(EndpointId::new) {
            self.enter(start);
            while self.step() {}
        }
        // Versions that make the same call are one circle.
        self.circles.dedup_by_key(|(span, _)| *span);
        self
    }

    /// For each endpoint, how many endpoints a request to it reaches, in the version where that is most.
    /// Where calls go in circles it means nothing.
    fn tree_sizes(&self) -> Vec<u64> {
        let mut sizes = vec![1_u64; self.visits.len()];
        for endpoint in &self.done {
            let mut trees: BTreeMap<VersionId, u64> = BTreeMap::new();
            for call in &self.calls[endpoint.index()] {
                let tree = trees.entry(call.version).or_insert(1);
                *tree = tree.saturating_add(sizes[call.to.index()]);
            }
            sizes[endpoint.index()] = trees.into_values().max().unwrap_or(1);
        }
        sizes
    }

    fn enter(&mut self, endpoint: EndpointId) {
        if self.visits[endpoint.index()] == Visit::Not {
            self.visits[endpoint.index()] = Visit::OnTheWay;
            self.way.push((endpoint, 0));
        }
    }

    /// Looks at one more call. Says whether there is anything left to look at.
    fn step(&mut self) -> bool {
        let Some((at, next)) = self.way.last_mut() else { return false };
        let Some(call) = self.calls[at.index()].get(*next).copied() else {
            self.visits[at.index()] = Visit::Done;
            self.done.push(*at);
            self.way.pop();
            return true;
        };
        *next += 1;
        match self.visits[call.to.index()] {
            Visit::Not => self.enter(call.to),
            Visit::OnTheWay => self.circles.push((call.span, self.circle_to(call.to))),
            Visit::Done => {}
        }
        true
    }

    /// The endpoints of the way from `back` to its end, and `back` again.
    fn circle_to(&self, back: EndpointId) -> Vec<EndpointId> {
        let way = self.way.iter().map(|(endpoint, _)| *endpoint);
        way.skip_while(|endpoint| *endpoint != back).chain([back]).collect()
    }
}

impl Resolver<'_> {
    /// Reports each circle of calls, each piece of work that leaves itself, and requests that reach too much.
    pub(super) fn check_calls(&mut self) {
        let all = self.calls.clone();
        let calls: Vec<_> = all.iter().filter(|call| !call.later).copied().collect();
        let endpoints = self.system.endpoints.len();
        let search = Search::new(endpoints, &calls).run();
        self.report(
            &search,
            "these calls go in a circle",
            "a request would never end; leave work for later with `later`",
        );
        if search.circles.is_empty() {
            let sizes = search.tree_sizes();
            self.check_trees(&calls, &sizes);
            self.check_waits(&calls);
            self.check_deadlines(&calls);
            self.check_load(&sizes);
            let search = Search::new(endpoints, &all).run();
            self.report(&search, "this work leaves itself again", "it would never come to an end");
        }
    }

    /// By endpoint: whether a request to this one may reach it, by calls or by the work it leaves for later.
    pub(super) fn reached_from(&self, endpoint: EndpointId) -> Vec<bool> {
        let mut reached = vec![false; self.system.endpoints.len()];
        let mut next = vec![endpoint];
        while let Some(at) = next.pop() {
            if !std::mem::replace(&mut reached[at.index()], true) {
                next.extend(self.calls.iter().filter(|call| call.from == at).map(|call| call.to));
            }
        }
        reached
    }

    fn report(&mut self, search: &Search<'_>, what: &str, help: &str) {
        for (span, way) in &search.circles {
            let names: Vec<_> = way.iter().map(|id| self.system.endpoint(*id).name.to_string()).collect();
            self.error_with(*span, format!("{what}: {}", names.join(" -> ")), help);
        }
    }

    /// Reports the first endpoint from which calls multiply beyond measure.
    fn check_trees(&mut self, calls: &[Call], sizes: &[u64]) {
        let too_large = |endpoint: EndpointId| sizes[endpoint.index()] > TREE_MAX;
        if let Some(call) = calls.iter().find(|call| too_large(call.from) && !too_large(call.to)) {
            let name = self.system.endpoint(call.from).name.clone();
            let message = format!("one request to {name} reaches more than {TREE_MAX} endpoints");
            self.error_with(call.span, message, "calls multiply along a chain: make fewer at once");
        }
    }
}
