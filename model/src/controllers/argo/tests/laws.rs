//! Laws over random rollouts: whatever pods, people and time do between two passes.

use super::world::{World, blue_green, canary, secs, v};
use crate::controllers::argo::analysis::{Analysis, Metric, Phase as RunPhase};
use crate::controllers::argo::canary::steps::fingerprint;
use crate::controllers::argo::gates::Share;
use crate::controllers::argo::phase::Phase;
use crate::controllers::argo::spec::{BlueGreen, Canary, CanaryScale, RolloutSpec, Routing, Step, Strategy, Threshold};
use crate::controllers::argo::state::{Change, Observed, ReplicaSet, Status};
use crate::controllers::argo::{command, reconcile};
use crate::controllers::deployment::CountOrShare::{self, Count, Percent};
use crate::time::{Span, Time};
use proptest::prelude::{Just, ProptestConfig, Strategy as Generator, any, prop};
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};

fn any_limit() -> impl Generator<Value = CountOrShare> {
    prop_oneof![(0..12_u32).prop_map(Count), (0..=100_u32).prop_map(Percent)]
}

fn any_step() -> impl Generator<Value = Step> {
    prop_oneof![
        4 => (0..=100_u32).prop_map(Step::SetWeight),
        2 => prop::option::of((0..90_u64).prop_map(secs)).prop_map(Step::Pause),
        1 => Just(Step::Analysis(Analysis { metrics: vec![Metric::default()] })),
    ]
}

fn any_scale() -> impl Generator<Value = Step> {
    let scale = prop_oneof![
        (0..20_u32).prop_map(CanaryScale::Replicas),
        (0..=100_u32).prop_map(CanaryScale::Weight),
        Just(CanaryScale::MatchTrafficWeight),
    ];
    scale.prop_map(Step::SetCanaryScale)
}

fn any_basic() -> impl Generator<Value = RolloutSpec> {
    let steps = prop::collection::vec(any_step(), 0..5);
    (1..25_u32, any_limit(), any_limit(), steps).prop_map(|(replicas, max_surge, max_unavailable, steps)| {
        canary(replicas, Canary { steps, max_surge, max_unavailable, ..Canary::default() })
    })
}

fn any_delay() -> impl Generator<Value = Option<Span>> {
    prop::option::of((0..90_u64).prop_map(secs))
}

fn any_routing() -> impl Generator<Value = Routing> {
    (any::<bool>(), prop::option::of(0..5_u32), any_delay(), prop::option::of(0..3_u32), any_delay()).prop_map(
        |(
            dynamic_stable_scale,
            min_pods,
            scale_down_delay,
            scale_down_delay_revision_limit,
            abort_scale_down_delay,
        )| {
            Routing {
                max_weight: 100,
                dynamic_stable_scale,
                min_pods,
                scale_down_delay,
                scale_down_delay_revision_limit,
                abort_scale_down_delay,
            }
        },
    )
}

fn any_routed() -> impl Generator<Value = RolloutSpec> {
    let steps = prop::collection::vec(prop_oneof![4 => any_step(), 1 => any_scale()], 0..5);
    (1..25_u32, any_routing(), steps).prop_map(|(replicas, routing, steps)| {
        canary(replicas, Canary { steps, routing: Some(routing), ..Canary::default() })
    })
}

fn any_analysis() -> impl Generator<Value = Option<Analysis>> {
    prop::option::of(Just(Analysis { metrics: vec![Metric::default()] }))
}

fn any_blue_green() -> impl Generator<Value = RolloutSpec> {
    let promotion = (any::<bool>(), (0..90_u64).prop_map(secs), prop::option::of(1..4_u32));
    (1..25_u32, promotion, any_delay(), any_delay(), [any_analysis(), any_analysis()]).prop_map(
        |(
            replicas,
            (auto_promotion, auto_promotion_after, preview),
            scale_down_delay,
            abort_scale_down_delay,
            runs,
        )| {
            let [pre_promotion, post_promotion] = runs;
            let it = BlueGreen {
                auto_promotion,
                auto_promotion_after,
                preview_replicas: preview.map(|preview| preview.min(replicas)),
                scale_down_delay,
                abort_scale_down_delay,
                pre_promotion,
                post_promotion,
                ..BlueGreen::default()
            };
            blue_green(replicas, it)
        },
    )
}

fn any_spec() -> impl Generator<Value = RolloutSpec> {
    let spec = prop_oneof![any_basic(), any_routed(), any_blue_green()];
    (spec, 0..3_u32, any::<bool>()).prop_map(|(spec, rollback_window, progress_deadline_abort)| RolloutSpec {
        rollback_window,
        progress_deadline_abort,
        ..spec
    })
}

/// What happens between two passes.
#[derive(Clone, Debug)]
enum Turn {
    /// Pods of a set become available.
    Start(usize, u32),
    /// Available pods of a set break.
    Break(usize, u32),
    /// Somebody sets the target.
    Target(usize),
    Abort,
    Retry,
    Promote,
    PromoteFully,
    /// Somebody holds the Rollout as a whole, or lets it go on.
    Hold(bool),
    /// Runs come to this.
    Judge(RunPhase),
    Wait(u64),
}

fn any_turn() -> impl Generator<Value = Turn> {
    prop_oneof![
        12 => (0..4_usize, 0..12_u32).prop_map(|(set, pods)| Turn::Start(set, pods)),
        1 => (0..4_usize, 0..3_u32).prop_map(|(set, pods)| Turn::Break(set, pods)),
        2 => (1..4_usize).prop_map(Turn::Target),
        1 => Just(Turn::Abort),
        1 => Just(Turn::Retry),
        2 => Just(Turn::Promote),
        1 => Just(Turn::PromoteFully),
        2 => any::<bool>().prop_map(Turn::Hold),
        2 => prop::sample::select(RunPhase::ALL.to_vec()).prop_map(Turn::Judge),
        3 => (0..120_u64).prop_map(Turn::Wait),
    ]
}

impl World {
    fn take(&mut self, turn: &Turn) {
        let count = self.sets.len().max(1);
        match *turn {
            Turn::Start(index, pods) => {
                if let Some(set) = self.sets.get_mut(index % count) {
                    set.created = set.spec;
                    let is_broken = Some(set.version) == self.broken;
                    set.available = if is_broken { 0 } else { (set.available + pods).min(set.spec) };
                    set.ready = set.available;
                }
            }
            Turn::Break(index, pods) => {
                if let Some(set) = self.sets.get_mut(index % count) {
                    set.available = set.available.saturating_sub(pods);
                    set.ready = set.available;
                }
            }
            Turn::Target(version) => self.target = v(version),
            Turn::Abort => command::abort(&mut self.status),
            Turn::Retry => command::retry(&mut self.status),
            Turn::Promote => command::promote(&self.spec, &mut self.status),
            Turn::PromoteFully => command::promote_fully(&mut self.status),
            Turn::Hold(is_held) => self.spec.paused = is_held,
            Turn::Judge(verdict) => {
                self.verdict = verdict;
                self.settle_runs();
            }
            Turn::Wait(seconds) => self.now += secs(seconds),
        }
    }

    fn total(&self) -> u32 {
        self.sets.iter().map(|set| set.spec).sum()
    }

    fn available(&self) -> u32 {
        self.sets.iter().map(|set| set.available).sum()
    }

    /// Whether the previous set stays for ever, because the delay after a promotion is written as zero. Pods of it
    /// count as old ones, so that a canary never gets healthy and misses its deadline in the end.
    fn keeps_the_previous(&self) -> bool {
        let delay = match &self.spec.strategy {
            Strategy::Canary(canary) => canary.routing.as_ref().and_then(|it| it.scale_down_delay),
            Strategy::BlueGreen(it) => it.scale_down_delay,
        };
        delay == Some(Span::ZERO)
    }

    fn has_all(&self, version: usize) -> bool {
        self.set(version).spec == self.spec.replicas && self.status.stable == Some(v(version))
    }

    /// Goes on by hand until all is done.
    fn push_through(&mut self) {
        for _ in 0..20 {
            command::retry(&mut self.status);
            command::promote_fully(&mut self.status);
            self.run();
            command::promote(&self.spec, &mut self.status);
            self.run();
            self.pass_time(120);
        }
    }
}

/// What a pass wrote to the router.
fn routed(changes: &[Change]) -> impl Iterator<Item = (u32, u32)> {
    changes.iter().filter_map(|change| match change {
        Change::Route(weights) => Some((weights.canary.weight, weights.stable.weight)),
        Change::Create { .. }
        | Change::Revise { .. }
        | Change::Scale { .. }
        | Change::ScaleDownAt { .. }
        | Change::Delete { .. }
        | Change::Preview(_)
        | Change::Switch(_)
        | Change::StartRun { .. }
        | Change::TerminateRun { .. } => None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn without_a_router_no_pass_breaks_a_fencepost(
        spec in any_basic(),
        turns in prop::collection::vec(any_turn(), 1..80),
        broken in prop::option::of(2..4_usize),
    ) {
        let mut world = World::releasing(spec);
        world.broken = broken.map(v);
        for turn in &turns {
            world.take(turn);
            let (total, available) = (world.total(), world.available());
            let pass = world.pass();
            let most = total.max(world.spec.max_pods());
            prop_assert!(world.total() <= most, "{:?} went above {most}", pass.changes);
            let least = available.min(world.spec.min_available());
            prop_assert!(world.available() >= least, "{:?} went below {least}", pass.changes);
        }
    }

    #[test]
    fn weights_are_a_whole_and_the_stable_set_can_carry_its_share(
        spec in any_routed(),
        turns in prop::collection::vec(any_turn(), 1..80),
    ) {
        let mut world = World::releasing(spec);
        for turn in &turns {
            world.take(turn);
            let (stable, sets) = (world.status.stable, world.sets.clone());
            let pass = world.pass();
            for (canary, rest) in routed(&pass.changes) {
                prop_assert_eq!(canary + rest, 100);
                let carried = sets.iter().find(|set| Some(set.version) == stable).map_or(0, |set| set.available);
                let needed = Share::new(rest, 100).rounded_down(world.spec.replicas);
                prop_assert!(carried >= needed, "{rest} % on {carried}: {sets:?} {:?}", pass);
            }
        }
    }

    #[test]
    fn passes_come_to_rest_while_no_pod_moves(
        spec in any_spec(),
        turns in prop::collection::vec(any_turn(), 1..40),
        is_verified in prop::option::of(any::<bool>()),
    ) {
        let mut world = World::releasing(spec);
        world.is_verified = is_verified;
        for turn in &turns {
            world.take(turn);
            let bound = 60;
            let rests = (0..bound).any(|_| {
                let before = world.status.clone();
                world.pass().is_idle(&before)
            });
            prop_assert!(rests, "no rest after {bound} passes: {:?} {:?}", world.status, world.sets);
            prop_assert!(world.recheck.is_none_or(|at| at > world.now));
        }
    }

    #[test]
    fn a_healthy_rollout_comes_to_an_end_from_anywhere(
        spec in any_spec(),
        turns in prop::collection::vec(any_turn(), 0..40),
        last in 1..4_usize,
    ) {
        let mut world = World::releasing(spec);
        for turn in &turns {
            world.take(turn);
            world.pass();
        }
        world.spec.paused = false;
        world.verdict = RunPhase::Successful;
        world.target = v(last);
        world.run();
        world.push_through();
        prop_assert!(world.has_all(last), "{:?} {:?}", world.status, world.sets);
        prop_assert!(world.status.phase == Phase::Healthy || world.keeps_the_previous(), "{:?}", world.status);
    }

    #[test]
    fn a_broken_release_never_gets_through_and_can_always_be_undone(spec in any_spec(), by_hand in any::<bool>()) {
        let mut world = World::new(spec);
        (world.target, world.broken) = (v(2), Some(v(2)));
        world.run();
        if by_hand {
            world.push_through();
        }
        world.pass_time(3600);
        prop_assert_eq!(world.status.stable, Some(v(1)));
        prop_assert!(world.status.phase != Phase::Healthy);
        prop_assert!(world.set(1).available >= world.spec.min_available().min(world.set(1).spec));
        prop_assert_eq!(world.status.active.unwrap_or(v(1)), v(1));
        world.target = v(1);
        world.run();
        world.pass_time(120);
        prop_assert!(world.has_all(1), "{:?} {:?}", world.status, world.sets);
        prop_assert!(world.set(2).spec == 0 || world.keeps_the_previous(), "{:?} {:?}", world.status, world.sets);
        prop_assert_eq!(world.canary_weight(), 0);
    }

    #[test]
    fn a_pass_answers_to_any_numbers(
        replicas in any_number(),
        weight in any_number(),
        counts in prop::collection::vec((any_number(), any_number(), any_number()), 0..4),
        limits in (any_limit_at_all(), any_limit_at_all()),
        routing in prop::option::of((any_number(), any::<bool>(), any_number())),
        threshold in prop::option::of((any::<bool>(), any_number())),
        status in (any_number(), any_number(), any::<bool>(), any::<bool>()),
    ) {
        let routing = routing.map(|(max_weight, dynamic_stable_scale, pods)| {
            Routing { max_weight, dynamic_stable_scale, min_pods: Some(pods), ..Routing::default() }
        });
        let by = |(shares, value)| if shares { Threshold::Percent(value) } else { Threshold::Pods(value) };
        let scale = Step::SetCanaryScale(CanaryScale::Replicas(weight));
        let canary_of = Canary {
            steps: vec![Step::SetWeight(weight), scale, Step::Pause(Some(LONGEST))],
            max_surge: limits.0,
            max_unavailable: limits.1,
            routing,
            threshold: threshold.map(by),
            background: None,
        };
        let blue_green_of =
            BlueGreen { preview_replicas: Some(weight), auto_promotion_after: LONGEST, ..BlueGreen::default() };
        let sets: Vec<_> = (1..).zip(counts).map(|(index, counts)| set_of(index, counts, replicas)).collect();
        let (step, version, abort, promote_full) = status;
        let status = Status {
            stable: Some(v(2)),
            current: Some(v(1 + version as usize % 2)),
            step: Some(step),
            steps: Some(fingerprint(&canary_of)),
            abort,
            promote_full,
            ..Status::default()
        };
        let observed = Observed { sets: &sets, status: &status, is_weight_verified: Some(false), now: Time::MAX };
        let most = u64::from(canary_of.max_weight());
        let pass = reconcile(&canary(replicas, canary_of), v(1), &observed);
        for (canary, rest) in routed(&pass.changes) {
            prop_assert_eq!(u64::from(canary) + u64::from(rest), most);
        }
        let pass = reconcile(&blue_green(replicas, blue_green_of), v(1), &observed);
        prop_assert_eq!(routed(&pass.changes).count(), 0);
    }
}

const LONGEST: Span = Span::from_nanos(u64::MAX);

/// A set that was told to have so many pods, has so many, and so many of them available.
fn set_of(version: usize, (spec, created, available): (u32, u32, u32), replicas: u32) -> ReplicaSet {
    ReplicaSet {
        version: v(version),
        revision: u64::MAX,
        spec,
        created,
        ready: available,
        available,
        desired: Some(replicas),
        ..ReplicaSet::default()
    }
}

fn any_number() -> impl Generator<Value = u32> {
    prop_oneof![Just(0), Just(1), Just(u32::MAX), Just(u32::MAX - 1), any::<u32>(), 0..20_u32]
}

fn any_limit_at_all() -> impl Generator<Value = CountOrShare> {
    prop_oneof![any_number().prop_map(Count), any_number().prop_map(Percent)]
}
