//! Telemetry: what monitoring collects, at its interval.
//!
//! Players see this, not the world. Counters are read every scrape and forgotten; windows are rings of
//! scrapes. What came before the run is taken as the same traffic without failures.

use crate::compiled::Model;
use crate::event::Event;
use crate::fact::{Fact, Failure, Served};
use crate::observers::histogram::Histogram;
use crate::observers::objectives::Objectives;
use crate::observers::overdue::{Overdue, Verdict};
use crate::world::World;
use model::Scenario;
use model::id::{AlertId, GroupId, ServiceId, SloId};
use model::slo::Rule;
use model::system::Service;
use model::time::{Span, Time};
use model::tool::Tool;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Scrapes kept for curves: an hour at the default interval.
const KEPT: usize = 240;

/// Good and bad answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// All.
    pub total: u64,
    /// Those that count against the objective.
    pub bad: u64,
}

impl Tally {
    pub(crate) fn count(&mut self, bad: bool) {
        self.total += 1;
        self.bad += u64::from(bad);
    }

    /// So many bad ones more.
    pub(crate) fn add_bad(&mut self, count: u64) {
        self.total += count;
        self.bad += count;
    }

    /// Both together.
    pub(crate) fn plus(self, other: Tally) -> Tally {
        Tally { total: self.total + other.total, bad: self.bad + other.bad }
    }

    /// The share that was good; everything, when there was nothing.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn good_share(self) -> f64 {
        if self.total == 0 { 1.0 } else { 1.0 - self.bad as f64 / self.total as f64 }
    }
}

/// What monitoring knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Telemetry {
    /// Counted since the last scrape: answers by version.
    versions: Vec<Tally>,
    /// By version: how long they took; nothing, where no analysis asks for it.
    latencies: Vec<Histogram>,
    /// By service: requests no replica took. They belong to no version.
    unserved: Vec<u64>,
    slos: Vec<Tally>,
    /// By version, and by service: intervals that somebody looks at, at least one.
    kept_versions: Vec<usize>,
    kept_services: Vec<usize>,
    /// When what is under way was last looked at.
    looked: Time,
    /// By version: processes that have died, since the start.
    pub(crate) crashes: Vec<u64>,
    /// When there was anything collected last.
    pub(crate) collected: Option<Time>,
    /// As of the last scrape.
    pub(crate) seen: Seen,
    /// By service: failed requests and why, since the last scrape.
    samples: Vec<BTreeMap<Failure, u64>>,
    /// By objective: failures that counted against it since its alert last cleared.
    causes: Vec<BTreeSet<Failure>>,
    /// By alert: since when it fires.
    pub(crate) firing: Vec<Option<Time>>,
    /// By alert: since when what it watches for is there.
    pub(super) pending: Vec<Option<Time>>,
}

/// What the last scrapes brought in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    /// By version: answers, as many intervals as somebody looks at.
    pub(crate) versions: Vec<Ring>,
    /// By version: how long answers took, the same; nothing, where no analysis asks for it.
    pub(crate) latencies: Vec<VecDeque<Histogram>>,
    /// By service: requests no replica took, the same.
    pub(crate) unserved: Vec<Ring>,
    /// By objective: every interval, newest last.
    pub(crate) slos: Vec<Ring>,
    /// By service: failed requests and why, in the last interval.
    pub(crate) samples: Vec<BTreeMap<Failure, u64>>,
    /// By job: failed work waiting to be tried again, newest last.
    pub(crate) backlogs: Vec<VecDeque<u64>>,
    /// By consumer group: messages that wait, newest last.
    pub(crate) lags: Vec<VecDeque<u64>>,
}

/// An objective's intervals.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ring {
    /// Newest last.
    pub(crate) intervals: VecDeque<Tally>,
    /// Everything since the start.
    pub(crate) all: Tally,
}

impl Ring {
    fn push(&mut self, tally: Tally, keep: usize) {
        self.all = self.all.plus(tally);
        self.intervals.push_back(tally);
        if self.intervals.len() > keep {
            self.intervals.pop_front();
        }
    }

    /// The last `count` intervals, as far as they are there.
    pub(crate) fn last(&self, count: usize) -> Tally {
        self.intervals.iter().rev().take(count).fold(Tally::default(), |sum, tally| sum.plus(*tally))
    }

    /// The last `count` intervals; missing ones are like those that are there, without failures.
    pub(crate) fn window(&self, count: usize) -> Tally {
        let have = self.intervals.len().min(count).max(1);
        let last = self.last(count);
        Tally { total: last.total * count as u64 / have as u64, bad: last.bad }
    }
}

impl Telemetry {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let kept = |service: &Service| intervals(service.rollout.longest_window(), scenario.scrape);
        let kept_services: Vec<_> = scenario.system.services.iter().map(kept).collect();
        let versions = scenario.system.versions.iter();
        let mut probes = scenario.system.services.iter().flat_map(|service| service.rollout.probes());
        let is_timed = probes.any(|probe| probe.limit.is_latency());
        let timed = if is_timed { scenario.system.versions.len() } else { 0 };
        Telemetry {
            kept_versions: versions.map(|version| kept_services[version.service.index()]).collect(),
            kept_services,
            versions: vec![Tally::default(); scenario.system.versions.len()],
            latencies: vec![Histogram::default(); timed],
            unserved: vec![0; scenario.system.services.len()],
            crashes: vec![0; scenario.system.versions.len()],
            slos: vec![Tally::default(); scenario.slos.len()],
            looked: Time::ZERO,
            collected: None,
            seen: Seen {
                versions: vec![Ring::default(); scenario.system.versions.len()],
                latencies: vec![VecDeque::new(); timed],
                unserved: vec![Ring::default(); scenario.system.services.len()],
                slos: vec![Ring::default(); scenario.slos.len()],
                samples: vec![BTreeMap::new(); scenario.system.services.len()],
                backlogs: vec![VecDeque::new(); scenario.system.jobs.len()],
                lags: vec![VecDeque::new(); scenario.system.groups.len()],
            },
            samples: vec![BTreeMap::new(); scenario.system.services.len()],
            causes: vec![BTreeSet::new(); scenario.slos.len()],
            firing: vec![None; scenario.alerts.len()],
            pending: vec![None; scenario.alerts.len()],
        }
    }

    /// Counts a fact, if it is one monitoring can count.
    pub(crate) fn note(&mut self, fact: &Fact) {
        if let Fact::Crashed { version, .. } = fact {
            self.crashes[version.index()] += 1;
        }
    }

    /// Counts the end of a request.
    pub(crate) fn served(&mut self, served: &Served, model: &Model, now: Time) {
        let service = || model.door(served.endpoint).service;
        match served.version {
            // One message that is tried again every second is not many failed requests: the lag tells of it.
            Some(_) if served.undelivered => {}
            Some(version) => {
                self.versions[version.index()].count(served.failure.is_some());
                if let Some(latencies) = self.latencies.get_mut(version.index()) {
                    latencies.count(served.took);
                }
            }
            None => self.unserved[service().index()] += 1,
        }
        if let Some(failure) = served.failure {
            *self.samples[service().index()].entry(failure).or_insert(0) += 1;
        }
        let objectives = model.objectives();
        let Some(places) = objectives.stated_for(served.endpoint) else { return };
        for objective in &objectives.all()[places] {
            let Some(slo) = objective.slo else { continue };
            match objective.judge(served, now, self.looked) {
                Verdict::Good => self.slos[slo.index()].count(false),
                Verdict::Bad(_) => self.slos[slo.index()].count(true),
                Verdict::Counted => {}
            }
            self.causes[slo.index()].extend(served.failure);
        }
    }

    /// Counts what has become late without an answer.
    pub(crate) fn count_overdue(&mut self, overdue: &[Overdue], objectives: &Objectives, now: Time) {
        for (overdue, objective) in overdue.iter().zip(objectives.all()) {
            if let Some(slo) = objective.slo {
                self.slos[slo.index()].add_bad(overdue.fresh);
            }
        }
        self.looked = now;
    }

    /// Failures that counted against an objective since its alert last cleared.
    pub(crate) fn causes_of(&self, slo: SloId) -> impl Iterator<Item = &Failure> {
        self.causes[slo.index()].iter()
    }

    /// Whether what an alert watches for is there; a false alarm fires without.
    pub(super) fn is_pending(&self, alert: AlertId) -> bool {
        self.pending[alert.index()].is_some()
    }

    /// A cleared alert is over: what caused it does not cause the next one.
    pub(super) fn forget_causes(&mut self, rule: Rule, fires: bool) {
        if let (Rule::BurnRate { slo, .. } | Rule::Errors { slo, .. }, false) = (rule, fires) {
            self.causes[slo.index()].clear();
        }
    }

    fn collect(&mut self, failing: &[u64], lags: &[u64], keep: usize) {
        for ((ring, counted), keep) in self.seen.versions.iter_mut().zip(&mut self.versions).zip(&self.kept_versions) {
            ring.push(std::mem::take(counted), *keep);
        }
        let latencies = self.seen.latencies.iter_mut().zip(&mut self.latencies);
        for ((curve, counted), keep) in latencies.zip(&self.kept_versions) {
            curve.push_back(std::mem::take(counted));
            if curve.len() > *keep {
                curve.pop_front();
            }
        }
        for ((ring, counted), keep) in self.seen.unserved.iter_mut().zip(&mut self.unserved).zip(&self.kept_services) {
            let count = std::mem::take(counted);
            ring.push(Tally { total: count, bad: count }, *keep);
        }
        for (seen, counted) in self.seen.samples.iter_mut().zip(&mut self.samples) {
            *seen = std::mem::take(counted);
        }
        for (ring, tally) in self.seen.slos.iter_mut().zip(&mut self.slos) {
            ring.push(std::mem::take(tally), keep);
        }
        let backlogs = self.seen.backlogs.iter_mut().zip(failing);
        for (curve, waiting) in backlogs.chain(self.seen.lags.iter_mut().zip(lags)) {
            curve.push_back(*waiting);
            if curve.len() > KEPT {
                curve.pop_front();
            }
        }
    }
}

impl World {
    /// Metrics are collected, and alerts evaluated on them.
    pub(crate) fn scrape(&mut self) {
        let works = !self.is_out(Tool::Monitoring);
        if works {
            self.collect();
        }
        self.evaluate_alerts(works);
        self.consider();
        self.read_metrics();
        self.schedule(self.model.scrape, Event::Scrape);
    }

    fn collect(&mut self) {
        let keep = self.intervals_kept();
        let lags: Vec<_> = (0..self.readers.len()).map(|index| self.lag(GroupId::new(index))).collect();
        self.telemetry.collect(&self.failing, &lags, keep);
        self.telemetry.collected = Some(self.now);
    }

    /// As many intervals as the longest window needs.
    fn intervals_kept(&self) -> usize {
        let windows = self.model.alerts.iter().filter_map(|alert| match alert.rule {
            Rule::BurnRate { long: window, .. } | Rule::Errors { window, .. } => Some(self.intervals(window)),
            Rule::Absent { .. } | Rule::Backlog { .. } | Rule::Lag { .. } => None,
        });
        windows.max().unwrap_or(0).max(KEPT)
    }

    /// How many scrapes a window holds, at least one.
    pub(crate) fn intervals(&self, window: Span) -> usize {
        intervals(window, self.model.scrape)
    }

    /// The share of an objective's error budget that is left: of the bad answers its period allows at the
    /// traffic seen so far.
    pub(crate) fn budget_left(&self, slo: SloId) -> f64 {
        let spec = &self.model.slos[slo.index()];
        let all = self.telemetry.seen.slos[slo.index()].all;
        let elapsed = self.now.since(Time::ZERO).seconds();
        if all.total == 0 || elapsed <= 0.0 {
            return 1.0;
        }
        #[allow(clippy::cast_precision_loss)]
        let allowed = all.total as f64 / elapsed * spec.period.seconds() * spec.target.complement().as_f64();
        #[allow(clippy::cast_precision_loss)]
        let spent = all.bad as f64 / allowed.max(f64::MIN_POSITIVE);
        (1.0 - spent).max(0.0)
    }

    /// Failing work of a service's endpoints, as monitoring last saw it.
    pub(crate) fn seen_backlog(&self, service: ServiceId) -> u64 {
        let jobs = self.model.system.jobs.iter().zip(&self.telemetry.seen.backlogs);
        let own = jobs.filter(|(job, _)| self.model.system.endpoint(job.endpoint).service == service);
        own.filter_map(|(_, curve)| curve.back()).sum()
    }
}

fn intervals(window: Span, scrape: Span) -> usize {
    let count = window.nanos() / scrape.nanos().max(1);
    usize::try_from(count).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_before_the_run_was_good() {
        let mut ring = Ring::default();
        ring.push(Tally { total: 100, bad: 10 }, 240);
        assert_eq!(ring.window(240), Tally { total: 24_000, bad: 10 });
    }
}
