//! Argo Rollouts: sets of two versions side by side, a router between them, and analyses that look at both.

use super::super::Phase;
use super::{Pods, Rolled, Standing, Written};
use crate::fact::Fact;
use crate::plant::balancing::{Group, Routes};
use crate::world::World;
use model::controllers::argo::analysis::AnalysisRun;
use model::controllers::argo::progress::Reason;
use model::controllers::argo::spec::{RolloutSpec, Strategy};
use model::controllers::argo::state::{Change, Observed, ReplicaSet, RunId, RunKind, Status, Weights, apply};
use model::controllers::argo::{self, command};
use model::id::{ServiceId, VersionId};
use model::ratio::Ratio;
use model::rollout::{Progressive, RolloutOrder};
use model::time::{Span, Time};
use std::collections::BTreeMap;

/// Passes before the run, until a rollout is at rest: it takes a handful.
const PASSES: usize = 32;

/// What the controller of an Argo Rollout has written down.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Canaries {
    pub(super) sets: Vec<ReplicaSet>,
    pub(super) status: Status,
    /// Analyses under way and over, with what they are of.
    pub(super) runs: BTreeMap<RunId, (RunKind, AnalysisRun)>,
    /// The version for which somebody asked last to skip all that is left.
    skipped_to: Option<VersionId>,
}

impl Canaries {
    /// Whether a version is what the controller takes for good.
    pub(super) fn has_promoted(&self, version: VersionId) -> bool {
        self.status.stable == Some(version) && self.status.current == Some(version)
    }

    /// As its tool shows it; nothing, when nothing is on its way.
    pub(super) fn shown(&self, spec: &RolloutSpec) -> Option<String> {
        let status = &self.status;
        if status.is_fully_promoted() {
            return None;
        }
        let step = match (&spec.strategy, status.step) {
            (Strategy::Canary(canary), Some(step)) => format!(", step {step} of {}", canary.steps.len()),
            (Strategy::Canary(_), None) | (Strategy::BlueGreen(_), _) => String::new(),
        };
        let share = |weights: Weights| {
            let whole = u64::from(weights.canary.weight) + u64::from(weights.stable.weight);
            Ratio::part(weights.canary.weight.into(), whole).unwrap_or(Ratio::ZERO)
        };
        let weight = status.weights.map_or(String::new(), |weights| format!(", canary {}", share(weights)));
        Some(format!("{}{step}{weight}", status.phase.as_str()))
    }

    /// Whether the controller keeps the set of a version for a while, so that going back to it is no start.
    pub(super) fn keeps(&self, version: VersionId) -> bool {
        self.sets.iter().any(|set| set.version == version && set.scale_down_at.is_some())
    }

    /// Whether the controller has taken up a number of replicas, and the set that is to carry them has all it was told
    /// to have. `ready` says how many replicas of a version serve.
    pub(super) fn has_sized(&self, replicas: u32, ready: impl Fn(VersionId) -> usize) -> bool {
        let main = self.status.active.or(self.status.stable);
        let main = self.sets.iter().find(|set| Some(set.version) == main);
        main.is_some_and(|set| set.desired == Some(replicas) && ready(set.version) >= set.spec as usize)
    }

    /// How far it is, for whoever gives orders.
    pub(super) fn standing(&self, has_traffic: bool) -> Standing {
        let status = &self.status;
        Standing {
            is_under_way: !status.is_fully_promoted(),
            is_given_up: status.abort,
            given_up: status.current.filter(|current| status.abort && status.stable != Some(*current)),
            gives_up: status.abort,
            skips_all: status.promote_full,
            skipped_to: self.skipped_to,
            has_traffic,
            stable: status.stable,
        }
    }
}

impl World {
    /// When the replicas of a version go that are kept for a while, if they are.
    pub(crate) fn kept_until(&self, service: ServiceId, version: VersionId) -> Option<Time> {
        let sets = &self.canaries(service)?.sets;
        sets.iter().find(|set| set.version == version)?.scale_down_at
    }

    pub(super) fn boot_progressive(&mut self, service: ServiceId, version: VersionId, rollout: &Progressive) {
        let replicas = rollout.spec.replicas;
        self.place_ready(service, version.into(), replicas);
        let full = ReplicaSet {
            version,
            spec: replicas,
            created: replicas,
            ready: replicas,
            available: replicas,
            desired: Some(replicas),
            ..ReplicaSet::default()
        };
        // Those of earlier versions are kept, empty, and were created in their order.
        let known = self.control.desired(service).versions().into_iter().map(|past| {
            let set = if past.version == version {
                full
            } else {
                ReplicaSet { version: past.version, ..ReplicaSet::default() }
            };
            ReplicaSet { revision: past.revision, created_at: Time::from_nanos(past.revision), ..set }
        });
        let sets: Vec<_> = known.collect();
        self.fleet.pool_mut(service).written = Written::Canaries(Box::new(Canaries { sets, ..Canaries::default() }));
        for _ in 0..PASSES {
            let Some(canaries) = self.canaries(service) else { return };
            let sets = canaries.sets.clone();
            if !self.roll(service, rollout, &rollout.spec, &sets) {
                break;
            }
        }
    }

    /// One look; whether it took a step.
    pub(super) fn reconcile_progressive(&mut self, service: ServiceId, rollout: &Progressive) -> bool {
        let desired = self.control.desired(service);
        let spec = RolloutSpec { replicas: desired.replicas, paused: desired.paused, ..rollout.spec.clone() };
        self.replace_older(service, rollout.min_ready, &spec);
        self.analyse(service, rollout);
        let sets = self.observe_canaries(service, rollout.min_ready);
        self.roll(service, rollout, &spec, &sets)
    }

    /// A pass over these sets; whether anything came of it.
    fn roll(&mut self, service: ServiceId, rollout: &Progressive, spec: &RolloutSpec, sets: &[ReplicaSet]) -> bool {
        let target = self.control.desired(service).version;
        let Some(canaries) = self.canaries(service) else { return false };
        let before = canaries.status.clone();
        let observed = Observed { sets, status: &before, is_weight_verified: None, now: self.now };
        let pass = argo::reconcile(spec, target, &observed);
        let acted = !pass.is_idle(&before);
        let is_late = |status: &Status| {
            status.progress.is_some_and(|progress| progress.reason == Reason::ProgressDeadlineExceeded)
        };
        if is_late(&pass.status) && !is_late(&before) {
            self.report(Fact::Rolled { service, event: Rolled::Stalled(spec.progress_deadline) });
        }
        if let Some(canaries) = self.canaries_mut(service) {
            canaries.status = pass.status;
        }
        pass.changes.into_iter().for_each(|change| self.write(service, rollout, spec.replicas, change));
        pass.events.into_iter().for_each(|event| self.report(Fact::Rolled { service, event: Rolled::Argo(event) }));
        if let Some(at) = pass.recheck {
            self.come_back(service, at);
        }
        acted
    }

    /// Carries out what the controller writes.
    fn write(&mut self, service: ServiceId, rollout: &Progressive, replicas: u32, change: Change) {
        let now = self.now;
        let Some(canaries) = self.canaries_mut(service) else { return };
        let newest = canaries.sets.iter().map(|set| set.created_at).max().unwrap_or_default();
        apply(change, replicas, now.max(newest + Span::from_nanos(1)), &mut canaries.sets);
        match change {
            Change::StartRun { id, kind } => {
                let run = rollout.analysis(kind).map(AnalysisRun::new).unwrap_or_default();
                canaries.runs.insert(id, (kind, run));
            }
            Change::TerminateRun { id } => {
                canaries.runs.entry(id).and_modify(|(_, run)| run.is_terminated = true);
            }
            Change::Scale { version, to } => self.scale(service, version.into(), to),
            Change::Route(weights) => {
                self.fleet.pool_mut(service).routes = routes(&weights).falling_back(rollout.falls_back);
            }
            Change::Switch(version) => {
                self.fleet.pool_mut(service).routes = Routes::of([(Group::Version(version), Ratio::ONE)]);
            }
            Change::Delete { version } => self.control.forget(service, |past| past.version == version),
            Change::Create { .. } | Change::Revise { .. } | Change::ScaleDownAt { .. } | Change::Preview(_) => {}
        }
    }

    /// Stops replicas from before the last restart that was ordered, as many at a time as may be missing, at least one
    /// (`rollout/restart.go`). Their sets make new ones.
    fn replace_older(&mut self, service: ServiceId, min_ready: Span, spec: &RolloutSpec) {
        let restarts = self.control.desired(service).restarts;
        let alive = || self.fleet.members(service).filter(|(_, replica)| replica.phase != Phase::Draining);
        let older: Vec<_> = alive().filter(|(_, replica)| replica.restarts != restarts).map(|(key, _)| key).collect();
        if older.is_empty() {
            return;
        }
        let missing = alive().filter(|(_, replica)| !replica.is_available(min_ready, self.now)).count();
        let may = (spec.fenceposts().unavailable.max(1) as usize).saturating_sub(missing);
        older.into_iter().take(may).for_each(|key| self.retire(key));
        self.refill(service);
    }

    /// The sets as the controller sees them.
    pub(super) fn observe_canaries(&self, service: ServiceId, min_ready: Span) -> Vec<ReplicaSet> {
        let sets = self.canaries(service).map_or(&[][..], |canaries| &canaries.sets);
        let seen = sets.iter().map(|set| {
            let Pods { created, ready, available, .. } = self.count_pods(service, set.version.into(), min_ready);
            ReplicaSet { created, ready, available, ..*set }
        });
        seen.collect()
    }

    pub(super) fn tell_argo(&mut self, service: ServiceId, spec: &RolloutSpec, order: RolloutOrder) {
        let target = self.control.desired(service).version;
        let Some(canaries) = self.canaries_mut(service) else { return };
        let status = &mut canaries.status;
        match order {
            RolloutOrder::Abort => command::abort(status),
            RolloutOrder::Promote { full: true } => {
                command::promote_fully(status);
                canaries.skipped_to = Some(target);
            }
            RolloutOrder::Promote { full: false } => command::promote(spec, status),
            RolloutOrder::Retry => command::retry(status),
        }
    }

    /// The version that gets the traffic of a blue-green rollout; none, where there is no such rollout.
    pub(crate) fn active_set(&self, service: ServiceId) -> Option<VersionId> {
        self.canaries(service).and_then(|canaries| canaries.status.active)
    }

    /// Whether the controller has paused a rollout.
    pub(crate) fn has_paused(&self, service: ServiceId) -> bool {
        self.canaries(service).is_some_and(|canaries| !canaries.status.pauses.is_empty())
    }

    /// The version of a blue-green rollout that was given up and has the traffic, while it is not there in full: only
    /// then is the traffic pointed back.
    pub(crate) fn points_back_after(&self, service: ServiceId) -> Option<VersionId> {
        let status = &self.canaries(service)?.status;
        let active = status.active.filter(|active| status.abort && status.stable != Some(*active))?;
        (!self.serves_in_full(service, active)).then_some(active)
    }

    pub(super) fn canaries(&self, service: ServiceId) -> Option<&Canaries> {
        match &self.fleet.pool(service).written {
            Written::Canaries(canaries) => Some(canaries),
            Written::Sets(_) | Written::Places(_) | Written::Flagged(_) | Written::Hosts(_) => None,
        }
    }

    pub(super) fn canaries_mut(&mut self, service: ServiceId) -> Option<&mut Canaries> {
        match &mut self.fleet.pool_mut(service).written {
            Written::Canaries(canaries) => Some(canaries),
            Written::Sets(_) | Written::Places(_) | Written::Flagged(_) | Written::Hosts(_) => None,
        }
    }
}

/// The shares of traffic as a router takes them.
fn routes(weights: &Weights) -> Routes {
    let whole = u64::from(weights.canary.weight) + u64::from(weights.stable.weight);
    let share = |weight: u32| Ratio::part(u64::from(weight), whole).unwrap_or(Ratio::ZERO);
    let both = [weights.stable, weights.canary].into_iter();
    let shares = both.filter_map(|to| Some((Group::Version(to.version?), share(to.weight))));
    Routes::of(shares.filter(|(_, share)| *share > Ratio::ZERO))
}
