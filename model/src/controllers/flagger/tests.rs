//! Whole releases, tick by tick; what surprises people; laws over random ones.

use super::{
    Analysis, Approvals, Check, Event, FlaggerSpec, FlaggerState, Observed, Phase, Provider, Readiness, RollbackReason,
    Routes, Step, TOTAL_WEIGHT, Target, Workload, readiness, tick,
};
use crate::id::VersionId;
use crate::time::Span;
use proptest::prelude::{ProptestConfig, Strategy as Generator, any, prop};
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};

fn target(version: usize) -> Target {
    Target { version: VersionId::new(version), config: 0 }
}

/// Flagger and its two workloads, without time.
#[derive(Clone, Debug)]
struct World {
    spec: FlaggerSpec,
    state: FlaggerState,
    seen: Observed,
    /// What the primary runs.
    primary: Option<VersionId>,
}

fn canary(step_weight: u32, max_weight: u32) -> FlaggerSpec {
    let analysis = Analysis { threshold: 2, step_weight, max_weight, ..Analysis::default() };
    FlaggerSpec { analysis, ..FlaggerSpec::default() }
}

fn iterated(iterations: u32, has_match: bool, provider: Provider) -> FlaggerSpec {
    let analysis = Analysis { iterations, has_match, ..Analysis::default() };
    FlaggerSpec { analysis, provider, ..FlaggerSpec::default() }
}

impl World {
    /// Version 1 with three pods, taken over.
    fn new(spec: FlaggerSpec) -> Self {
        let seen = Observed {
            target: target(1),
            primary: None,
            canary: Workload::ready(3),
            check: Check::Passed,
            approvals: Approvals::default(),
        };
        let mut world = Self { spec, state: FlaggerState::default(), seen, primary: None };
        world.tick();
        world.tick();
        assert_eq!((world.state.phase, world.seen.canary.wanted), (Phase::Initialized, 0));
        world
    }

    /// The same, with version 2 asked for.
    fn releasing(spec: FlaggerSpec) -> Self {
        let mut world = Self::new(spec);
        world.seen.target = target(2);
        world
    }

    /// One look. What is told to change has changed by the next.
    fn tick(&mut self) -> Event {
        let tick = tick(&self.spec, &self.state, &self.seen);
        for step in &tick.steps {
            self.apply(*step);
        }
        self.state = tick.state;
        tick.event
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::CreatePrimary(target) => {
                self.primary = Some(target.version);
                self.seen.primary = Some(Workload::ready(self.seen.canary.wanted));
            }
            Step::ScaleCanary { to } => self.seen.canary = Workload::ready(to),
            Step::Route(_) => {}
            Step::Promote { target, replicas } => {
                self.primary = Some(target.version);
                let pods = replicas.or(self.seen.primary.map(|primary| primary.wanted));
                self.seen.primary = Some(Workload::ready(pods.unwrap_or(1)));
            }
        }
    }

    /// Ticks until nothing is under way: the phase, and the canary's weight, after each.
    fn run(&mut self) -> Vec<(Phase, u32)> {
        let mut trace = Vec::new();
        while trace.len() < 50 && (self.tick() != Event::Unchanged) {
            trace.push((self.state.phase, self.state.routes.canary));
        }
        trace
    }

    fn stick(workload: &mut Workload) {
        *workload = Workload { available: 0, is_past_deadline: true, ..*workload };
    }

    fn primary_is_stuck(&mut self) {
        Self::stick(self.seen.primary.as_mut().expect("a primary"));
    }
}

use Phase::{Failed, Finalising, Progressing, Promoting, Succeeded, WaitingPromotion};

#[test]
fn a_canary_grows_by_steps_is_copied_to_the_primary_and_goes() {
    let mut world = World::releasing(canary(20, 50));
    let trace = world.run();
    let grown = [(Progressing, 0), (Progressing, 20), (Progressing, 40), (Progressing, 60)];
    assert_eq!(trace[..4], grown);
    assert_eq!(trace[4..], [(Promoting, 60), (Finalising, 0), (Succeeded, 0)]);
    assert_eq!((world.primary, world.seen.canary.wanted), (Some(VersionId::new(2)), 0));
}

/// fluxcd/flagger `scheduler_deployment_test.go`, `TestScheduler_DeploymentAnalysisPhases`: six ticks.
#[test]
fn a_promotion_goes_back_by_steps_too() {
    let mut spec = canary(100, 0);
    spec.analysis.step_weight_promotion = 50;
    let trace = World::releasing(spec).run();
    let expected =
        [(Progressing, 0), (Progressing, 100), (Promoting, 100), (Promoting, 50), (Finalising, 0), (Succeeded, 0)];
    assert_eq!(trace, expected);
}

#[test]
fn weights_of_a_list_are_gone_through() {
    let mut spec = canary(0, 0);
    spec.analysis.step_weights = vec![1, 10, 80];
    let weights: Vec<u32> = World::releasing(spec).run().iter().map(|(_, weight)| *weight).collect();
    assert_eq!(weights, [0, 1, 10, 80, 80, 0, 0]);
}

#[test]
fn steps_that_are_none_or_go_down_never_end() {
    let mut spec = canary(0, 0);
    assert_eq!(spec.analysis.next_step(0), None);
    spec.analysis.step_weights = vec![50, 20];
    assert_eq!((spec.analysis.next_step(0), spec.analysis.next_step(50)), (Some(50), None));
    let mut world = World::releasing(spec);
    assert_eq!(world.run().last(), Some(&(Progressing, 50)));
    assert_eq!(world.tick(), Event::NoStep);
}

#[test]
fn a_mirrored_tick_comes_before_the_first_weight() {
    let mut spec = canary(10, 50);
    spec.analysis.mirror = true;
    let mut world = World::releasing(spec);
    world.tick();
    world.tick();
    assert_eq!(world.state.routes, Routes { mirrored: true, ..Routes::PRIMARY });
    world.tick();
    assert_eq!(world.state.routes, Routes { primary: 90, canary: 10, mirrored: false });
}

#[test]
fn an_a_b_test_sends_matched_users_for_so_many_ticks() {
    let trace = World::releasing(iterated(2, true, Provider::Router)).run();
    let tested = [(Progressing, 0), (Progressing, 100), (Progressing, 100)];
    assert_eq!(trace[..3], tested);
    assert_eq!(trace[3..], [(Promoting, 100), (Finalising, 0), (Succeeded, 0)]);
}

#[test]
fn blue_green_tests_beside_the_primary_and_takes_its_place_for_a_tick() {
    let trace = World::releasing(iterated(2, false, Provider::Router)).run();
    let tested = [(Progressing, 0), (Progressing, 0), (Progressing, 0), (Progressing, 100)];
    assert_eq!(trace[..4], tested);
    assert_eq!(trace[4..], [(Promoting, 100), (Finalising, 0), (Succeeded, 0)]);
}

#[test]
fn without_a_router_the_canary_never_gets_traffic_and_is_tested_ten_times() {
    let trace = World::releasing(FlaggerSpec { provider: Provider::Kubernetes, ..canary(10, 50) }).run();
    assert_eq!(trace.len(), 1 + 10 + 1 + 1 + 1 + 1);
    assert!(trace.iter().all(|(_, weight)| *weight == 0));
}

/// Time to roll back is the interval times the threshold, and a tick.
#[test]
fn no_data_is_a_failed_check_and_enough_of_them_are_the_way_back() {
    let mut world = World::releasing(canary(10, 50));
    world.tick();
    world.tick();
    world.seen.check = Check::NoData;
    assert_eq!([world.tick(), world.tick()], [Event::CheckFailed; 2]);
    world.seen.check = Check::Passed;
    assert_eq!(world.tick(), Event::RolledBack(RollbackReason::FailedChecks));
    assert_eq!((world.state.phase, world.state.routes, world.seen.canary.wanted), (Failed, Routes::PRIMARY, 0));
    assert_eq!(world.primary, Some(VersionId::new(1)));
}

#[test]
fn a_check_that_passes_does_not_make_up_for_one_that_failed() {
    let mut world = World::releasing(canary(1, 50));
    world.tick();
    world.tick();
    for (check, failed) in [(Check::Failed, 1), (Check::Passed, 1), (Check::Passed, 1), (Check::Failed, 2)] {
        world.seen.check = check;
        world.tick();
        assert_eq!(world.state.failed_checks, failed);
    }
}

#[test]
fn the_same_version_is_not_tried_again_and_neither_is_the_one_promoted_last() {
    let mut world = World::releasing(canary(10, 50));
    world.tick();
    World::stick(&mut world.seen.canary);
    assert_eq!(world.tick(), Event::RolledBack(RollbackReason::CanaryStuck));
    assert_eq!(world.tick(), Event::Unchanged);
    world.seen.target = target(1);
    assert_eq!(world.tick(), Event::Unchanged);
    world.seen.target = Target { config: 7, ..target(1) };
    assert_eq!(world.tick(), Event::Detected, "a changed configuration is a release of its own");
}

#[test]
fn another_version_starts_the_test_anew() {
    let mut world = World::releasing(canary(10, 50));
    world.run_to(Progressing, 30);
    world.seen.check = Check::Failed;
    world.tick();
    world.seen.target = target(3);
    assert_eq!(world.tick(), Event::Restarted);
    assert_eq!((world.state.routes, world.state.failed_checks), (Routes::PRIMARY, 0));
}

/// fluxcd/flagger#1898.
#[test]
fn when_the_primary_does_not_come_up_the_canary_stays_and_gets_everything() {
    for phase in [Promoting, Finalising] {
        let mut world = World::releasing(canary(50, 50));
        world.run_to(phase, if phase == Promoting { 50 } else { 0 });
        world.primary_is_stuck();
        assert_eq!(world.tick(), Event::PromotionFailed);
        assert_eq!((world.state.phase, world.state.routes), (Failed, Routes::CANARY));
        assert_eq!(world.seen.canary.wanted, 3);
        assert_eq!(world.tick(), Event::Unchanged);
        world.seen.target = target(3);
        assert_eq!(world.tick(), Event::RolledBack(RollbackReason::PrimaryStuck));
        assert_eq!(world.state.routes, Routes::PRIMARY, "to the primary, which is still stuck");
    }
}

/// The version that is pushed after a failure while the primary is not ready counts as looked at.
#[test]
fn a_version_can_be_missed_after_a_failure() {
    let mut world = World::releasing(canary(10, 50));
    world.tick();
    World::stick(&mut world.seen.canary);
    world.tick();
    world.seen.target = target(3);
    let ready = world.seen.primary;
    world.seen.primary = ready.map(|primary| Workload { available: 0, ..primary });
    assert_eq!(world.tick(), Event::PrimaryNotReady);
    world.seen.primary = ready;
    assert_eq!(world.tick(), Event::Unchanged);
}

#[test]
fn gates_wait_for_ever() {
    let mut world = World::releasing(canary(50, 50));
    world.seen.approvals = Approvals { rollout: false, promotion: false, ..Approvals::default() };
    for _ in 0..20 {
        assert_eq!(world.tick(), Event::RolloutUnconfirmed);
    }
    world.seen.approvals.rollout = true;
    world.run_to(WaitingPromotion, 50);
    for _ in 0..20 {
        assert_eq!(world.tick(), Event::PromotionUnconfirmed);
    }
    world.seen.approvals.rollback = true;
    assert_eq!(world.tick(), Event::RolledBack(RollbackReason::Asked));
}

#[test]
fn without_analysis_it_is_promoted_at_once() {
    let mut world = World::releasing(FlaggerSpec { skip_analysis: true, ..canary(10, 50) });
    assert_eq!(world.run(), [(Progressing, 0), (Succeeded, 0)]);
    assert_eq!(world.primary, Some(VersionId::new(2)));
}

/// fluxcd/flagger `deployment_ready_test.go`.
#[test]
fn a_workload_is_ready_when_enough_of_its_updated_pods_are_available() {
    let deadline = Span::from_secs(600);
    let base = Workload { available: 3, ..Workload::ready(4) };
    for (workload, threshold, expected) in [
        (Workload::ready(4), None, Readiness::Ready),
        (Workload::ready(0), None, Readiness::Ready),
        (base, None, Readiness::Waiting),
        (base, Some(75), Readiness::Ready),
        (base, Some(99), Readiness::Ready),
        (Workload { pods: 5, ..base }, Some(50), Readiness::Waiting),
        (Workload { updated: 3, ..base }, Some(50), Readiness::Waiting),
        (Workload { is_past_deadline: true, ..Workload::ready(4) }, None, Readiness::Stuck),
        (Workload { unavailable_for: Some(deadline), ..base }, None, Readiness::Waiting),
        (Workload { unavailable_for: Some(deadline + Span::SECOND), ..base }, None, Readiness::Stuck),
        (Workload { unavailable_for: Some(deadline + Span::SECOND), ..base }, Some(50), Readiness::Ready),
        (Workload { is_observed: false, is_past_deadline: true, ..base }, None, Readiness::Waiting),
    ] {
        assert_eq!(readiness(&workload, deadline, threshold), expected, "{workload:?} {threshold:?}");
    }
}

impl World {
    fn run_to(&mut self, phase: Phase, weight: u32) {
        for _ in 0..50 {
            if (self.state.phase, self.state.routes.canary) == (phase, weight) {
                return;
            }
            self.tick();
        }
        panic!("never {phase:?} at {weight}: {self:?}");
    }
}

fn any_number() -> impl Generator<Value = u32> {
    prop_oneof![4 => 0..60_u32, 1 => prop_oneof![0..120_u32, (u32::MAX - 1)..=u32::MAX]]
}

fn any_spec() -> impl Generator<Value = FlaggerSpec> {
    let weights = (any_number(), any_number(), any_number(), prop::collection::vec(any_number(), 0..4));
    (weights, any_number(), any_number(), any::<[bool; 5]>()).prop_map(|(weights, threshold, iterations, bits)| {
        let (step_weight, max_weight, step_weight_promotion, step_weights) = weights;
        let [has_match, mirror, is_iterated, is_kubernetes, skip_analysis] = bits;
        let analysis = Analysis {
            threshold,
            max_weight,
            step_weight: if step_weights.is_empty() { step_weight } else { 0 },
            step_weights,
            step_weight_promotion,
            iterations: if is_iterated { iterations } else { 0 },
            has_match,
            mirror,
            ..Analysis::default()
        };
        let provider = if is_kubernetes { Provider::Kubernetes } else { Provider::Router };
        FlaggerSpec { analysis, provider, skip_analysis: skip_analysis && threshold == 0, ..FlaggerSpec::default() }
    })
}

/// What happens between two ticks.
#[derive(Clone, Debug)]
enum Turn {
    Target(usize),
    Check(Check),
    Approvals(Approvals),
    CanaryStuck,
    PrimaryStuck,
    Wait,
}

fn any_turn() -> impl Generator<Value = Turn> {
    let approvals = any::<[bool; 5]>().prop_map(|[rollout, pre_rollout, traffic_increase, promotion, rollback]| {
        Turn::Approvals(Approvals { rollout, pre_rollout, traffic_increase, promotion, rollback })
    });
    prop_oneof![
        2 => (1..4_usize).prop_map(Turn::Target),
        1 => approvals,
        1 => (0..3_usize).prop_map(|index| Turn::Check([Check::Passed, Check::Failed, Check::NoData][index])),
        1 => prop_oneof![proptest::strategy::Just(Turn::CanaryStuck), proptest::strategy::Just(Turn::PrimaryStuck)],
        9 => proptest::strategy::Just(Turn::Wait),
    ]
}

impl World {
    fn take(&mut self, turn: &Turn) {
        match turn {
            Turn::Target(version) => self.seen.target = target(*version),
            Turn::Check(check) => self.seen.check = *check,
            Turn::Approvals(approvals) => self.seen.approvals = *approvals,
            Turn::CanaryStuck => World::stick(&mut self.seen.canary),
            Turn::PrimaryStuck => self.primary_is_stuck(),
            Turn::Wait => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn traffic_adds_up_and_goes_to_pods_that_were_asked_for(
        spec in any_spec(),
        turns in prop::collection::vec(any_turn(), 1..80),
    ) {
        let mut world = World::new(spec);
        for turn in &turns {
            world.take(turn);
            let was = world.clone();
            let event = world.tick();
            let routes = world.state.routes;
            prop_assert_eq!(routes.primary.checked_add(routes.canary), Some(TOTAL_WEIGHT));
            prop_assert!(routes.canary == 0 && !routes.mirrored || world.seen.canary.wanted > 0, "{:?}", world);
            prop_assert!(world.state.failed_checks <= world.spec.analysis.threshold());
            let is_new = world.primary != was.primary;
            prop_assert!(!is_new || matches!(event, Event::Promoted | Event::Succeeded), "{event:?}");
            if let Event::RolledBack(_) = event {
                let left = (world.state.phase, routes, world.seen.canary.wanted);
                prop_assert_eq!(left, (Failed, Routes::PRIMARY, 0));
            }
        }
    }

    #[test]
    fn a_good_version_gets_through_unless_there_is_no_step_to_take(spec in any_spec()) {
        let is_short = spec.analysis.iterations < 1000;
        let mut world = World::releasing(spec);
        let mut event = world.tick();
        for _ in 0..2500 {
            if matches!(event, Event::Succeeded | Event::NoStep) {
                break;
            }
            event = world.tick();
        }
        let analysis = &world.spec.analysis;
        let reaches = analysis.max_weight() <= TOTAL_WEIGHT;
        prop_assert!(event == Event::Succeeded || event == Event::NoStep || !is_short || !reaches, "{event:?}");
        let is_canary = world.spec.provider == Provider::Router && analysis.iterations == 0;
        if event == Event::NoStep {
            prop_assert!(is_canary && analysis.next_step(world.state.routes.canary).is_none()
                || world.state.phase == Promoting && world.state.routes.canary == 0);
        } else if event == Event::Succeeded {
            prop_assert_eq!(world.primary, Some(VersionId::new(2)));
        }
    }
}
