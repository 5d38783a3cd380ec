//! Whole rollouts: pods follow the specs, sizes are watched, laws are checked on the way.

use super::CountOrShare::{Count, Percent};
use super::progress::is_complete;
use super::{CountOrShare, DeploymentSpec, ReplicaSetState, Status, Step, Strategy};
use super::{apply, history, reconcile, scale, total_available, total_spec};
use crate::id::VersionId;
use proptest::prelude::{ProptestConfig, Strategy as Generator, any, prop};
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};

/// A Deployment and its pods, without time: pods start and stop between two passes.
#[derive(Clone)]
struct World {
    spec: DeploymentSpec,
    target: VersionId,
    /// A version whose pods never become available.
    broken: Option<VersionId>,
    sets: Vec<ReplicaSetState>,
}

fn v(index: usize) -> VersionId {
    VersionId::new(index)
}

fn rolling(replicas: u32, max_surge: CountOrShare, max_unavailable: CountOrShare) -> DeploymentSpec {
    let strategy = Strategy::RollingUpdate { max_surge, max_unavailable };
    DeploymentSpec { replicas, strategy, ..DeploymentSpec::default() }
}

impl World {
    /// Version 1 completely rolled out; version 2 on its way.
    fn releasing(spec: DeploymentSpec) -> Self {
        let mut world = Self { spec, target: v(1), broken: None, sets: Vec::new() };
        world.run();
        world.target = v(2);
        world
    }

    fn with_broken(self, version: usize) -> Self {
        Self { broken: Some(v(version)), ..self }
    }

    /// One pass of the controller. A shrinking set stops its unavailable pods first.
    fn pass(&mut self) -> Vec<Step> {
        let steps = reconcile(&self.spec, self.target, &self.sets);
        steps.iter().for_each(|step| apply(*step, &self.spec, &mut self.sets));
        for set in &mut self.sets {
            set.created = set.created.min(set.spec);
            set.ready = set.ready.min(set.spec);
            set.available = set.available.min(set.spec);
        }
        steps
    }

    /// Every pod that was asked for starts; those that can become available do.
    fn settle(&mut self) {
        for set in &mut self.sets {
            set.created = set.spec;
            set.available = if Some(set.version) == self.broken { 0 } else { set.spec };
            set.ready = set.available;
        }
    }

    /// Up to `pods` pods of one set start and become available.
    fn start(&mut self, index: usize, pods: u32) {
        let count = self.sets.len().max(1);
        let Some(set) = self.sets.get_mut(index % count) else { return };
        set.created = set.spec;
        if Some(set.version) != self.broken {
            set.available = set.available.saturating_add(pods).min(set.spec);
            set.ready = set.available;
        }
    }

    fn size(&self, version: usize) -> u32 {
        self.sets.iter().find(|set| set.version == v(version)).map_or(0, |set| set.spec)
    }

    /// Passes until there is nothing to do; the sizes of versions 1 and 2 each time they change.
    fn run(&mut self) -> Vec<[u32; 2]> {
        let mut trace = vec![[self.size(1), self.size(2)]];
        let bound = 4 * self.spec.replicas + 20;
        for _ in 0..bound {
            self.settle();
            if self.pass().is_empty() {
                return trace;
            }
            let sizes = [self.size(1), self.size(2)];
            if trace.last() != Some(&sizes) {
                trace.push(sizes);
            }
        }
        panic!("no rest after {bound} passes: {:?}", self.sets);
    }

    fn total(&self) -> i64 {
        total_spec(&self.sets)
    }

    fn available(&self) -> i64 {
        total_available(&self.sets)
    }
}

/// Re-derived from the formulas of `rolling.go`: new pods become available between passes.
#[test]
fn a_healthy_rollout_goes_through_these_sizes() {
    for (replicas, surge, unavailable, expected) in [
        (1, Percent(25), Percent(25), &[[1, 0], [1, 1], [0, 1]][..]),
        (1, Count(0), Percent(25), &[[1, 0], [0, 0], [0, 1]]),
        (4, Count(2), Count(3), &[[4, 0], [4, 2], [0, 2], [0, 4]]),
        (5, Percent(25), Percent(25), &[[5, 0], [5, 2], [2, 2], [2, 5], [0, 5]]),
        (7, Percent(25), Percent(25), &[[7, 0], [7, 2], [4, 2], [4, 5], [1, 5], [1, 7], [0, 7]]),
        (15, Percent(100), Count(0), &[[15, 0], [15, 15], [0, 15]]),
        (
            10,
            Count(0),
            Percent(25),
            &[[10, 0], [8, 0], [8, 2], [6, 2], [6, 4], [4, 4], [4, 6], [2, 6], [2, 8], [0, 8], [0, 10]],
        ),
    ] {
        let mut world = World::releasing(rolling(replicas, surge, unavailable));
        assert_eq!(world.run(), expected, "{replicas} replicas, {surge}, {unavailable}");
    }
}

#[test]
fn one_surge_pod_replaces_pods_one_by_one() {
    let trace = World::releasing(rolling(10, Percent(1), Percent(0))).run();
    assert_eq!(trace.len(), 21);
    for (pass, sizes) in trace.iter().enumerate() {
        let pass = u32::try_from(pass).unwrap();
        assert_eq!(*sizes, [10 - pass / 2, pass.div_ceil(2)]);
    }
}

/// Re-derived from the formulas of `rolling.go`: new pods never become available.
#[test]
fn a_broken_version_stalls_by_itself() {
    for (replicas, surge, unavailable, expected) in [
        (1, Count(1), Count(0), &[[1, 0], [1, 1]][..]),
        (2, Percent(25), Percent(25), &[[2, 0], [2, 1]]),
        (2, Percent(1), Percent(0), &[[2, 0], [2, 1]]),
        (4, Count(0), Percent(25), &[[4, 0], [3, 0], [3, 1]]),
        (5, Count(0), Percent(25), &[[5, 0], [4, 0], [4, 1]]),
        (7, Count(0), Count(1), &[[7, 0], [6, 0], [6, 1]]),
        (7, Count(2), Count(3), &[[7, 0], [7, 2], [4, 2], [4, 5]]),
        (10, Percent(25), Percent(25), &[[10, 0], [10, 3], [8, 3], [8, 5]]),
        (10, Percent(100), Count(0), &[[10, 0], [10, 10]]),
        (15, Percent(25), Percent(25), &[[15, 0], [15, 4], [12, 4], [12, 7]]),
        (15, Count(0), Percent(25), &[[15, 0], [12, 0], [12, 3]]),
        (20, Percent(25), Count(0), &[[20, 0], [20, 5]]),
    ] {
        let mut world = World::releasing(rolling(replicas, surge, unavailable)).with_broken(2);
        assert_eq!(world.run(), expected, "{replicas} replicas, {surge}, {unavailable}");
    }
}

fn stalled() -> World {
    let spec = DeploymentSpec { replicas: 10, ..DeploymentSpec::default() };
    let mut world = World::releasing(spec).with_broken(2);
    world.run();
    assert_eq!([world.size(1), world.size(2)], [8, 5]);
    world
}

/// The worked example in the comment of `reconcileOldReplicaSets` in `rolling.go`, case 1.
#[test]
fn undo_removes_the_crashing_pods_first_and_refills_the_good_set() {
    let mut world = stalled();
    world.target = history::undo_target(&world.spec, v(2), &world.sets, None).unwrap();
    assert_eq!(world.target, v(1));
    assert_eq!(world.run(), [[8, 5], [8, 0], [10, 0]]);
}

/// The same, after one of the good pods was lost with its node.
#[test]
fn undo_with_a_lost_pod_keeps_within_the_budget() {
    let mut world = stalled();
    world.target = v(1);
    world.sets[0].available = 7;
    world.sets[0].ready = 7;
    let steps = world.pass();
    let revise = Step::Revise { version: v(1), revision: 3 };
    assert_eq!(steps, [revise, Step::Scale { version: v(2), to: 1 }]);
    assert_eq!(world.pass(), [Step::Scale { version: v(1), to: 10 }]);
}

/// The worked example in `rolling.go`, case 2.
#[test]
fn rolling_over_a_stalled_release_starts_empty_and_clears_the_crashing_pods() {
    let mut world = stalled();
    world.target = v(3);
    let steps = world.pass();
    let revise = Step::Revise { version: v(3), revision: 3 };
    assert_eq!(steps, [revise, Step::Scale { version: v(2), to: 0 }]);
    assert_eq!(world.pass(), [Step::Scale { version: v(3), to: 5 }]);
    world.run();
    assert_eq!([world.size(1), world.size(2), world.size(3)], [0, 0, 10]);
}

#[test]
fn the_oldest_version_leaves_first() {
    let mut world = World::releasing(rolling(10, Count(0), Count(4)));
    assert_eq!(world.pass().last(), Some(&Step::Scale { version: v(1), to: 6 }));
    world.pass();
    world.settle();
    world.target = v(3);
    let revise = Step::Revise { version: v(3), revision: 3 };
    assert_eq!(world.pass(), [revise, Step::Scale { version: v(1), to: 2 }]);
}

#[test]
fn an_undone_version_reuses_its_set_and_tops_the_history() {
    let mut world = World::releasing(DeploymentSpec::default());
    world.run();
    world.target = v(1);
    world.run();
    let revisions: Vec<_> = world.sets.iter().map(|set| (set.version, set.revision)).collect();
    assert_eq!(revisions, [(v(1), 3), (v(2), 2)]);
}

#[test]
fn a_completed_rollout_prunes_its_history() {
    let spec = DeploymentSpec { revision_history_limit: Some(0), ..DeploymentSpec::default() };
    let mut world = World::releasing(spec);
    world.run();
    assert_eq!(world.sets.iter().map(|set| set.version).collect::<Vec<_>>(), [v(2)]);
    let refusal = history::undo_target(&world.spec, v(2), &world.sets, None);
    assert_eq!(refusal, Err(history::UndoRefusal::NothingToUndo));
}

#[test]
fn a_paused_deployment_does_not_roll() {
    let spec = DeploymentSpec { replicas: 10, ..DeploymentSpec::default() };
    let mut world = World::releasing(spec);
    world.spec.paused = true;
    assert_eq!(world.pass(), []);
    world.spec.paused = false;
    world.run();
    assert_eq!([world.size(1), world.size(2)], [0, 10]);
}

#[test]
fn recreating_goes_through_zero() {
    let spec = DeploymentSpec { replicas: 3, strategy: Strategy::Recreate, ..DeploymentSpec::default() };
    assert_eq!(World::releasing(spec).run(), [[3, 0], [0, 0], [0, 3]]);
}

fn any_limit() -> impl Generator<Value = CountOrShare> {
    prop_oneof![(0..12_u32).prop_map(Count), (0..=100_u32).prop_map(Percent)]
}

fn any_spec() -> impl Generator<Value = DeploymentSpec> {
    (1..40_u32, any_limit(), any_limit())
        .prop_map(|(replicas, surge, unavailable)| rolling(replicas, surge, unavailable))
}

/// What happens between two passes.
#[derive(Clone, Debug)]
enum Turn {
    /// Pods of a set become available.
    Start(usize, u32),
    /// Somebody releases or undoes.
    Target(usize),
    /// Somebody pauses or resumes.
    Pause(bool),
}

fn any_turn() -> impl Generator<Value = Turn> {
    prop_oneof![
        8 => (0..4_usize, 0..12_u32).prop_map(|(set, pods)| Turn::Start(set, pods)),
        2 => (1..5_usize).prop_map(Turn::Target),
        1 => any::<bool>().prop_map(Turn::Pause),
    ]
}

impl World {
    fn take(&mut self, turn: &Turn) {
        match *turn {
            Turn::Start(set, pods) => self.start(set, pods),
            Turn::Target(version) => self.target = v(version),
            Turn::Pause(paused) => self.spec.paused = paused,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_step_breaks_a_fencepost(
        spec in any_spec(),
        turns in prop::collection::vec(any_turn(), 1..60),
        broken in prop::option::of(2..5_usize),
    ) {
        let mut world = World::releasing(spec.clone());
        world.broken = broken.map(v);
        for turn in &turns {
            world.take(turn);
            let (total, available) = (world.total(), world.available());
            let steps = world.pass();
            let most = total.max(i64::from(spec.sizing().max));
            prop_assert!(world.total() <= most, "{steps:?} went above {most}");
            let least = available.min(i64::from(spec.min_available()));
            prop_assert!(world.available() >= least, "{steps:?} went below {least}");
        }
    }

    #[test]
    fn a_healthy_rollout_converges_from_anywhere(
        spec in any_spec(),
        turns in prop::collection::vec(any_turn(), 0..30),
        last in 1..5_usize,
    ) {
        let mut world = World::releasing(spec);
        for turn in &turns {
            world.take(turn);
            world.pass();
        }
        world.spec.paused = false;
        world.target = v(last);
        world.run();
        prop_assert_eq!(world.size(last), world.spec.replicas);
        prop_assert_eq!(world.total(), i64::from(world.spec.replicas));
        let status = Status::of(world.target, &world.sets);
        prop_assert!(is_complete(world.spec.replicas, &status));
    }

    #[test]
    fn a_broken_release_keeps_the_minimum_and_can_be_undone(spec in any_spec()) {
        let mut world = World::releasing(spec).with_broken(2);
        world.run();
        prop_assert!(world.available() >= i64::from(world.spec.min_available()));
        world.target = v(1);
        world.run();
        prop_assert_eq!([world.size(1), world.size(2)], [world.spec.replicas, 0]);
    }

    #[test]
    fn a_change_of_size_during_a_rollout_respects_the_new_ceiling(
        spec in any_spec(),
        turns in prop::collection::vec(any_turn(), 0..20),
        replicas in 0..60_u32,
    ) {
        let mut world = World::releasing(spec);
        for turn in &turns {
            world.take(turn);
            world.pass();
        }
        world.spec.replicas = replicas;
        let before = world.total();
        let active = world.sets.iter().filter(|set| set.is_active()).count();
        if active > 1 && scale::is_scaling_event(&world.spec, &world.sets) {
            world.pass();
            prop_assert!(!scale::is_scaling_event(&world.spec, &world.sets));
            let ceiling = if replicas == 0 { 0 } else { i64::from(world.spec.sizing().max) };
            prop_assert_eq!(world.total(), ceiling, "from {}", before);
        }
    }
}
