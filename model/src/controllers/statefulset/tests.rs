//! Whole rollouts: pods follow the steps, and laws are checked on the way.

use super::{Health, Management, PodState, Revision, StatefulSetSpec, StatefulSetState, Status, Step, Strategy};
use super::{apply, is_complete, reconcile, waits_for};
use crate::controllers::deployment::CountOrShare;
use crate::controllers::rollout_status::{RolloutStatus, StatefulSetReport};
use crate::id::VersionId;
use proptest::prelude::{ProptestConfig, Strategy as Generator, any, prop};
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};

fn v(index: usize) -> VersionId {
    VersionId::new(index)
}

/// A StatefulSet and its pods, without time.
#[derive(Clone, Debug)]
struct World {
    spec: StatefulSetSpec,
    target: VersionId,
    /// A version whose pods never become ready.
    broken: Option<VersionId>,
    state: StatefulSetState,
}

fn spec(replicas: u32, management: Management) -> StatefulSetSpec {
    StatefulSetSpec { replicas, management, ..StatefulSetSpec::default() }
}

fn rolling(partition: u32, max_unavailable: Option<CountOrShare>) -> Strategy {
    Strategy::RollingUpdate { partition, max_unavailable }
}

impl World {
    /// Version 1, all of it available.
    fn running(spec: StatefulSetSpec) -> Self {
        let mut world = Self { spec, target: v(1), broken: None, state: StatefulSetState::default() };
        world.run();
        world
    }

    fn pass(&mut self) -> Vec<Step> {
        let steps = reconcile(&self.spec, self.target, &self.state);
        steps.iter().for_each(|step| apply(*step, &mut self.state));
        steps
    }

    /// Pods that were told to stop are gone, those that can become available are.
    fn settle(&mut self) {
        self.state.pods.retain(|pod| !pod.terminating);
        for pod in self.state.pods.iter_mut().filter(|pod| Some(pod.version) != self.broken) {
            pod.health = Health::Available;
        }
    }

    /// Passes until there is nothing to do.
    fn run(&mut self) -> Vec<Step> {
        let mut all = Vec::new();
        for _ in 0..200 {
            self.settle();
            let steps = self.pass();
            if steps.is_empty() {
                return all;
            }
            all.extend(steps);
        }
        panic!("no rest: {self:?}");
    }

    fn update(&mut self, version: usize) -> Vec<Step> {
        self.target = v(version);
        self.run()
    }

    /// The versions by ordinal.
    fn versions(&self) -> Vec<usize> {
        let mut pods = self.state.pods.clone();
        pods.sort_by_key(|pod| pod.ordinal);
        pods.iter().map(|pod| pod.version.index()).collect()
    }

    fn delete_by_hand(&mut self, ordinal: u32) {
        apply(Step::Delete { ordinal }, &mut self.state);
    }
}

/// What happens to pods, without the book-keeping.
fn on_pods(steps: &[Step]) -> Vec<Step> {
    let on_pods = |step: &&Step| matches!(step, Step::Create { .. } | Step::Delete { .. });
    steps.iter().filter(on_pods).copied().collect()
}

#[test]
fn pods_are_created_upwards_and_condemned_from_the_top() {
    let mut world = World::running(spec(3, Management::OrderedReady));
    assert_eq!(world.versions(), [1, 1, 1]);
    world.spec.replicas = 1;
    assert_eq!(on_pods(&world.run()), [2, 1].map(|ordinal| Step::Delete { ordinal }));
    world.spec.replicas = 3;
    assert_eq!(on_pods(&world.run()), [1, 2].map(|ordinal| Step::Create { ordinal, version: v(1) }));
}

#[test]
fn parallel_pods_come_and_go_together_and_are_updated_one_by_one() {
    let mut world = World::running(spec(3, Management::Parallel));
    world.spec.replicas = 5;
    assert_eq!(on_pods(&world.pass()), [3, 4].map(|ordinal| Step::Create { ordinal, version: v(1) }));
    world.run();
    world.target = v(2);
    assert_eq!(on_pods(&world.pass()), [Step::Delete { ordinal: 4 }]);
    world.spec.replicas = 3;
    assert_eq!(on_pods(&world.pass())[..1], [Step::Delete { ordinal: 3 }]);
}

#[test]
fn an_update_goes_from_the_top_one_pod_after_the_other() {
    let mut world = World::running(spec(2, Management::OrderedReady));
    let create = |ordinal| Step::Create { ordinal, version: v(2) };
    let expected = [Step::Delete { ordinal: 1 }, create(1), Step::Delete { ordinal: 0 }, create(0)];
    assert_eq!(on_pods(&world.update(2)), expected);
    assert_eq!(world.state.current, Some(v(2)));
}

/// kubernetes#67250, "forced rollback" in the documentation of StatefulSets.
#[test]
fn a_version_that_never_becomes_ready_blocks_its_own_rollback_until_somebody_deletes_its_pod() {
    let mut world = World::running(spec(3, Management::OrderedReady));
    world.broken = Some(v(2));
    world.update(2);
    assert_eq!((world.versions(), waits_for(&world.spec, &world.state)), (vec![1, 1, 2], Some(2)));
    assert_eq!(on_pods(&world.update(1)), []);
    assert_eq!((world.versions(), waits_for(&world.spec, &world.state)), (vec![1, 1, 2], Some(2)));
    world.delete_by_hand(2);
    assert_eq!(on_pods(&world.run()), [Step::Create { ordinal: 2, version: v(1) }]);
    assert_eq!((world.versions(), waits_for(&world.spec, &world.state)), (vec![1, 1, 1], None));
}

#[test]
fn parallel_pods_do_not_block_their_rollback() {
    let mut world = World::running(spec(3, Management::Parallel));
    world.broken = Some(v(2));
    world.update(2);
    assert_eq!((world.versions(), waits_for(&world.spec, &world.state)), (vec![1, 1, 2], None));
    world.update(1);
    assert_eq!(world.versions(), [1, 1, 1]);
}

#[test]
fn under_a_limit_of_missing_pods_a_broken_pod_uses_up_the_room_for_its_own_replacement() {
    let strategy = rolling(0, Some(CountOrShare::Count(1)));
    let mut world = World::running(StatefulSetSpec { strategy, ..spec(3, Management::Parallel) });
    world.broken = Some(v(2));
    world.update(2);
    assert_eq!(on_pods(&world.update(1)), []);
    world.spec.strategy = rolling(0, Some(CountOrShare::Count(2)));
    world.run();
    assert_eq!(world.versions(), [1, 1, 1]);
}

#[test]
fn several_pods_make_way_at_once_when_several_may_be_missing() {
    let strategy = rolling(1, Some(CountOrShare::Percent(50)));
    let mut world = World::running(StatefulSetSpec { strategy, ..spec(5, Management::OrderedReady) });
    world.target = v(2);
    assert_eq!(on_pods(&world.pass()), [4, 3].map(|ordinal| Step::Delete { ordinal }));
    world.run();
    assert_eq!(world.versions(), [1, 2, 2, 2, 2]);
}

#[test]
fn a_partition_freezes_what_is_below_and_raising_it_reverts_nothing() {
    let strategy = rolling(2, None);
    let mut world = World::running(StatefulSetSpec { strategy, ..spec(4, Management::OrderedReady) });
    world.update(2);
    assert_eq!((world.versions(), world.state.current), (vec![1, 1, 2, 2], Some(v(1))));
    world.spec.strategy = rolling(4, None);
    assert_eq!(on_pods(&world.run()), []);
    world.delete_by_hand(0);
    world.delete_by_hand(3);
    world.run();
    assert_eq!(world.versions(), [1, 1, 2, 1], "below the partition the current version comes back");
    world.spec.strategy = rolling(1, None);
    world.spec.replicas = 5;
    world.run();
    assert_eq!(world.versions(), [1, 2, 2, 2, 2]);
}

/// What somebody who waits is told: pods below the partition are not waited for.
#[test]
fn a_rollout_with_a_partition_is_done_above_it() {
    let mut world = World::running(StatefulSetSpec { strategy: rolling(2, None), ..spec(3, Management::OrderedReady) });
    world.target = v(2);
    let mut told = Vec::new();
    for _ in 0..4 {
        let Status { ready, current, updated, .. } = Status::of(world.target, &world.state);
        let report = StatefulSetReport {
            generation: 1,
            observed: 1,
            rolls: true,
            wanted: world.spec.replicas,
            partition: Some(world.spec.partition()),
            ready,
            current,
            updated,
            current_revision: "1",
            update_revision: "2",
        };
        told.push(report.status());
        world.pass();
        world.settle();
    }
    let (begun, done) =
        (RolloutStatus::PartitionUpdating { updated: 0, of: 1 }, RolloutStatus::PartitionDone { updated: 1 });
    assert_eq!(told, [begun, RolloutStatus::NotReady { missing: 1 }, done, done]);
}

#[test]
fn on_delete_only_the_pods_that_somebody_deletes_are_updated() {
    let strategy = Strategy::OnDelete;
    let mut world = World::running(StatefulSetSpec { strategy, ..spec(3, Management::OrderedReady) });
    assert_eq!(on_pods(&world.update(2)), []);
    world.delete_by_hand(1);
    world.run();
    assert_eq!((world.versions(), world.state.current), (vec![1, 2, 1], Some(v(1))));
}

#[test]
fn a_condemned_pod_that_is_not_available_waits_for_the_lower_ones() {
    let mut world = World::running(spec(4, Management::OrderedReady));
    world.spec.replicas = 2;
    for pod in world.state.pods.iter_mut().filter(|pod| pod.ordinal >= 2) {
        pod.health = Health::Unready;
    }
    assert_eq!(on_pods(&world.pass()), []);
    world.state.pods.retain(|pod| pod.ordinal != 2);
    assert_eq!(on_pods(&world.pass()), [Step::Delete { ordinal: 3 }]);
}

#[test]
fn a_pod_that_has_been_ready_for_too_short_a_time_is_waited_for() {
    let mut world = World::running(spec(2, Management::OrderedReady));
    world.target = v(2);
    world.state.pods[0].health = Health::Ready;
    assert_eq!(on_pods(&world.pass()), []);
    let status = Status { replicas: 2, ready: 2, available: 1, current: 2, updated: 0 };
    assert_eq!(Status::of(v(2), &world.state), status);
}

#[test]
fn a_pod_that_has_ended_is_deleted_once() {
    for management in [Management::OrderedReady, Management::Parallel] {
        let mut world = World::running(spec(2, management));
        world.state.pods[0].health = Health::Ended;
        assert_eq!(on_pods(&world.pass()), [Step::Delete { ordinal: 0 }]);
        assert_eq!(on_pods(&world.pass()), []);
        world.run();
        assert_eq!(world.versions(), [1, 1]);
    }
}

/// kubernetes `stateful_set_control_test.go`, `TestStatefulSetControlLimitsHistory`.
#[test]
fn history_keeps_so_many_revisions_beside_those_in_use() {
    let mut world = World::running(StatefulSetSpec { revision_history_limit: 2, ..spec(3, Management::OrderedReady) });
    for version in 2..12 {
        world.update(version);
        assert!(world.state.revisions.len() <= 3, "{:?}", world.state.revisions);
    }
    world.update(10);
    let revision = |version, number| Revision { version: v(version), number };
    assert_eq!(world.state.revisions, [revision(9, 9), revision(11, 11), revision(10, 12)]);
}

/// Under `OnDelete` the current revision is never another one, whatever its pods run.
#[test]
fn the_current_revision_stays_in_history_when_no_pod_has_it() {
    let spec = StatefulSetSpec { strategy: Strategy::OnDelete, ..spec(1, Management::OrderedReady) };
    let mut world = World::running(StatefulSetSpec { revision_history_limit: 0, ..spec });
    for version in [2, 3] {
        world.update(version);
        world.delete_by_hand(0);
        world.run();
    }
    let kept: Vec<_> = world.state.revisions.iter().map(|revision| revision.version).collect();
    assert_eq!((world.versions(), world.state.current, kept), (vec![3], Some(v(1)), vec![v(1), v(3)]));
}

#[test]
fn an_update_is_not_complete_while_one_of_its_pods_goes() {
    let mut world = World::running(spec(2, Management::OrderedReady));
    world.update(2);
    assert!(is_complete(&world.spec, v(2), &world.state.pods));
    world.delete_by_hand(0);
    assert!(!is_complete(&world.spec, v(2), &world.state.pods));
}

#[test]
fn absurd_numbers_end() {
    for management in [Management::OrderedReady, Management::Parallel] {
        for limit in [None, Some(CountOrShare::Percent(u32::MAX)), Some(CountOrShare::Count(0))] {
            let strategy = rolling(u32::MAX, limit);
            let spec = StatefulSetSpec { strategy, revision_history_limit: 0, ..spec(u32::MAX, management) };
            let revisions = vec![Revision { version: v(0), number: u64::MAX }];
            let mut world = World { spec, target: v(1), broken: None, state: StatefulSetState::default() };
            world.state.revisions = revisions;
            for _ in 0..4 {
                assert_eq!(waits_for(&world.spec, &world.state), None, "the lowest pod is missing or available");
                world.pass();
                world.settle();
            }
            world.spec.replicas = 0;
            world.pass();
        }
    }
}

fn any_management() -> impl Generator<Value = Management> {
    prop_oneof![proptest::strategy::Just(Management::OrderedReady), proptest::strategy::Just(Management::Parallel)]
}

fn any_strategy() -> impl Generator<Value = Strategy> {
    let limit = prop::option::of(prop_oneof![
        (0..4_u32).prop_map(CountOrShare::Count),
        (0..=100_u32).prop_map(CountOrShare::Percent)
    ]);
    prop_oneof![
        9 => (0..6_u32, limit).prop_map(|(partition, limit)| rolling(partition, limit)),
        1 => proptest::strategy::Just(Strategy::OnDelete),
    ]
}

/// What happens between two passes.
#[derive(Clone, Debug)]
enum Turn {
    Target(usize),
    Replicas(u32),
    Strategy(Strategy),
    Health(u32, Health),
    Gone(u32),
    Delete(u32),
}

fn any_turn() -> impl Generator<Value = Turn> {
    let health =
        (0..4_usize).prop_map(|index| [Health::Unready, Health::Ready, Health::Available, Health::Ended][index]);
    prop_oneof![
        2 => (1..5_usize).prop_map(Turn::Target),
        1 => (0..7_u32).prop_map(Turn::Replicas),
        1 => any_strategy().prop_map(Turn::Strategy),
        9 => (0..7_u32, health).prop_map(|(ordinal, health)| Turn::Health(ordinal, health)),
        3 => (0..7_u32).prop_map(Turn::Gone),
        1 => (0..7_u32).prop_map(Turn::Delete),
    ]
}

impl World {
    fn take(&mut self, turn: &Turn) {
        let pods = &mut self.state.pods;
        match *turn {
            Turn::Target(version) => self.target = v(version),
            Turn::Replicas(replicas) => self.spec.replicas = replicas,
            Turn::Strategy(strategy) => self.spec.strategy = strategy,
            Turn::Health(ordinal, health) => {
                pods.iter_mut().filter(|pod| pod.ordinal == ordinal).for_each(|pod| pod.health = health);
            }
            Turn::Gone(ordinal) => pods.retain(|pod| pod.ordinal != ordinal || !pod.terminating),
            Turn::Delete(ordinal) => self.delete_by_hand(ordinal),
        }
    }

    fn pod(&self, ordinal: u32) -> Option<PodState> {
        self.state.pods.iter().find(|pod| pod.ordinal == ordinal).copied()
    }

    fn missing(&self) -> usize {
        let wanted = 0..self.spec.replicas;
        wanted.filter(|ordinal| self.pod(*ordinal).is_none_or(|pod| pod.is_unavailable())).count()
    }

    /// Pods that may be missing because of an update.
    fn limit(&self) -> usize {
        match self.spec.strategy {
            Strategy::RollingUpdate { max_unavailable: Some(limit), .. } => {
                limit.rounded_down(self.spec.replicas).max(1) as usize
            }
            Strategy::RollingUpdate { max_unavailable: None, .. } => 1,
            Strategy::OnDelete => 0,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_step_breaks_the_order_the_partition_or_the_limit(
        management in any_management(),
        turns in prop::collection::vec(any_turn(), 1..80),
    ) {
        let mut world = World::running(spec(3, management));
        for turn in &turns {
            world.take(turn);
            let before = world.clone();
            let steps = on_pods(&world.pass());
            for step in &steps {
                let Step::Delete { ordinal } = *step else { continue };
                let pod = before.pod(ordinal).expect("a pod that is there");
                prop_assert!(!pod.terminating);
                let (is_condemned, is_over) = (ordinal >= before.spec.replicas, pod.health == Health::Ended);
                let is_updated = ordinal >= before.spec.partition() && pod.version != before.target;
                prop_assert!(is_condemned || is_over || is_updated, "{step:?}");
            }
            for step in &steps {
                let Step::Create { ordinal, version } = *step else { continue };
                prop_assert!(before.pod(ordinal).is_none() && ordinal < before.spec.replicas);
                let is_frozen = ordinal < before.spec.partition();
                prop_assert!(is_frozen || version == before.target);
            }
            if management == Management::OrderedReady {
                let least = before.missing().max(before.limit()).max(1);
                prop_assert!(world.missing() <= least, "{steps:?}");
                prop_assert!(before.missing() == 0 || steps.len() <= 1, "{steps:?}");
            }
        }
    }

    #[test]
    fn a_healthy_rollout_converges_from_anywhere(
        management in any_management(),
        turns in prop::collection::vec(any_turn(), 0..40),
        last in 1..5_usize,
    ) {
        let mut world = World::running(spec(3, management));
        for turn in &turns {
            world.take(turn);
            world.pass();
        }
        world.spec.strategy = Strategy::default();
        world.update(last);
        prop_assert_eq!(world.versions(), vec![last; world.spec.replicas as usize]);
        prop_assert!(is_complete(&world.spec, world.target, &world.state.pods));
        prop_assert_eq!(world.state.current, Some(world.target));
    }

    #[test]
    fn a_rollback_is_stuck_only_behind_a_pod_that_is_not_available(
        management in any_management(),
        strategy in any_strategy(),
        replicas in 0..7_u32,
        by_hand in any::<bool>(),
    ) {
        let mut world = World::running(StatefulSetSpec { strategy, ..spec(replicas, management) });
        world.broken = Some(v(2));
        world.update(2);
        world.update(1);
        while let Some(stuck) = waits_for(&world.spec, &world.state).filter(|_| by_hand) {
            prop_assert_eq!(world.pod(stuck).map(|pod| pod.version), Some(v(2)));
            world.delete_by_hand(stuck);
            world.run();
        }
        let is_limited = matches!(strategy, Strategy::RollingUpdate { max_unavailable: Some(_), .. });
        let is_stuck = match management {
            Management::OrderedReady => waits_for(&world.spec, &world.state).is_some(),
            Management::Parallel => is_limited && world.missing() >= world.limit(),
        };
        prop_assert_eq!(world.versions().iter().all(|version| *version == 1), !is_stuck);
        prop_assert!(is_stuck || world.versions().len() == replicas as usize);
    }
}
