//! A Rollout, its pods and its runs.

use crate::controllers::argo::analysis::Phase as RunPhase;
use crate::controllers::argo::phase::Phase;
use crate::controllers::argo::reconcile;
use crate::controllers::argo::spec::{BlueGreen, Canary, RolloutSpec, Routing, Step, Strategy};
use crate::controllers::argo::state::{Change, Event, Observed, Pass, ReplicaSet, Run, RunId, Status, apply};
use crate::id::VersionId;
use crate::time::{Span, Time};

pub(super) struct World {
    pub(super) spec: RolloutSpec,
    pub(super) target: VersionId,
    pub(super) sets: Vec<ReplicaSet>,
    pub(super) status: Status,
    pub(super) now: Time,
    /// A version whose pods never become available.
    pub(super) broken: Option<VersionId>,
    /// What the router says of itself.
    pub(super) is_verified: Option<bool>,
    /// What every run comes to.
    pub(super) verdict: RunPhase,
    /// Runs that were told to stop.
    pub(super) terminated: Vec<RunId>,
    /// Everything that happened since somebody asked.
    pub(super) events: Vec<Event>,
    /// Everything that was written since then.
    pub(super) changes: Vec<Change>,
    pub(super) recheck: Option<Time>,
}

pub(super) fn v(index: usize) -> VersionId {
    VersionId::new(index)
}

pub(super) fn secs(secs: u64) -> Span {
    Span::from_secs(secs)
}

pub(super) fn canary(replicas: u32, canary: Canary) -> RolloutSpec {
    RolloutSpec { replicas, strategy: Strategy::Canary(canary), ..RolloutSpec::default() }
}

pub(super) fn steps(steps: impl IntoIterator<Item = Step>) -> Canary {
    Canary { steps: steps.into_iter().collect(), ..Canary::default() }
}

pub(super) fn routed(steps: impl IntoIterator<Item = Step>) -> Canary {
    Canary { steps: steps.into_iter().collect(), routing: Some(Routing::default()), ..Canary::default() }
}

pub(super) fn dynamic(steps: impl IntoIterator<Item = Step>) -> Canary {
    let routing = Routing { dynamic_stable_scale: true, ..Routing::default() };
    Canary { steps: steps.into_iter().collect(), routing: Some(routing), ..Canary::default() }
}

pub(super) fn blue_green(replicas: u32, it: BlueGreen) -> RolloutSpec {
    RolloutSpec { replicas, strategy: Strategy::BlueGreen(it), ..RolloutSpec::default() }
}

impl World {
    /// Nothing yet.
    pub(super) fn empty(spec: RolloutSpec) -> Self {
        Self {
            spec,
            target: v(1),
            sets: Vec::new(),
            status: Status::default(),
            now: Time::ZERO + secs(1),
            broken: None,
            is_verified: None,
            verdict: RunPhase::Running,
            terminated: Vec::new(),
            events: Vec::new(),
            changes: Vec::new(),
            recheck: None,
        }
    }

    /// Version 1 completely rolled out.
    pub(super) fn new(spec: RolloutSpec) -> Self {
        let mut world = Self::empty(spec);
        world.run();
        assert_eq!(world.status.phase, Phase::Healthy, "{:?} {:?}", world.status, world.sets);
        world.pass_time(3600);
        world.forget();
        world
    }

    /// Version 2 on its way, as far as it goes.
    pub(super) fn releasing(spec: RolloutSpec) -> Self {
        let mut world = Self::new(spec);
        world.target = v(2);
        world.run();
        world
    }

    pub(super) fn forget(&mut self) {
        self.events.clear();
        self.changes.clear();
    }

    /// One pass. A shrinking set stops its unavailable pods first.
    pub(super) fn pass(&mut self) -> Pass {
        let observed =
            Observed { sets: &self.sets, status: &self.status, is_weight_verified: self.is_verified, now: self.now };
        let pass = reconcile(&self.spec, self.target, &observed);
        for change in &pass.changes {
            apply(*change, self.spec.replicas, self.now, &mut self.sets);
            if let Change::TerminateRun { id } = change {
                self.terminated.push(*id);
            }
        }
        for set in &mut self.sets {
            set.created = set.created.min(set.spec);
            set.ready = set.ready.min(set.spec);
            set.available = set.available.min(set.spec);
        }
        self.status = pass.status.clone();
        self.end_terminated();
        self.recheck = pass.recheck;
        self.events.extend(&pass.events);
        self.changes.extend(&pass.changes);
        pass
    }

    /// Every pod that was asked for starts, and those that can become available do; runs come to their verdict.
    pub(super) fn settle(&mut self) {
        for set in &mut self.sets {
            set.created = set.spec;
            set.available = if Some(set.version) == self.broken { 0 } else { set.spec };
            set.ready = set.available;
        }
        self.settle_runs();
    }

    pub(super) fn settle_runs(&mut self) {
        self.open_runs().for_each(|(run, verdict)| run.phase = verdict);
    }

    /// Runs that were told to stop have nothing against anybody.
    fn end_terminated(&mut self) {
        let terminated = self.terminated.clone();
        let told = self.open_runs().filter(|(run, _)| terminated.contains(&run.id));
        told.for_each(|(run, _)| run.phase = RunPhase::Successful);
    }

    /// Runs that are not over, and what they come to.
    fn open_runs(&mut self) -> impl Iterator<Item = (&mut Run, RunPhase)> {
        let verdict = self.verdict;
        self.status.runs.iter_mut().filter(|run| !run.phase.is_completed()).map(move |run| (run, verdict))
    }

    /// Passes until one changes nothing; time stands still.
    pub(super) fn run(&mut self) {
        let bound = 20 * self.spec.replicas + 200;
        for _ in 0..bound {
            self.settle();
            let before = self.status.clone();
            if self.pass().is_idle(&before) {
                return;
            }
        }
        panic!("no rest after {bound} passes: {:?} {:?}", self.status, self.sets);
    }

    /// Lets time go by, and looks whenever a pass asked to.
    pub(super) fn pass_time(&mut self, seconds: u64) {
        let until = self.now + secs(seconds);
        while let Some(at) = self.recheck.filter(|at| *at <= until) {
            assert!(at > self.now, "a look at {at:?} is not after {:?}", self.now);
            self.now = at;
            self.run();
        }
        self.now = until;
        self.run();
    }

    pub(super) fn set(&self, version: usize) -> ReplicaSet {
        self.sets.iter().copied().find(|set| set.version == v(version)).unwrap_or_default()
    }

    /// The sizes of versions 1 and 2.
    pub(super) fn sizes(&self) -> [u32; 2] {
        [self.set(1).spec, self.set(2).spec]
    }

    /// The canary's version and its share.
    pub(super) fn canary_weight(&self) -> u32 {
        self.status.weights.map_or(0, |weights| weights.canary.weight)
    }

    pub(super) fn has(&self, change: Change) -> bool {
        self.changes.contains(&change)
    }
}
