//! Canaries: forward, stuck, and every way back.

use super::world::{World, canary, dynamic, routed, secs, steps, v};
use crate::controllers::argo::analysis::{Analysis, Metric, Phase as RunPhase};
use crate::controllers::argo::command;
use crate::controllers::argo::pause::Reason;
use crate::controllers::argo::phase::{Message, Phase};
use crate::controllers::argo::promotion::Promotion;
use crate::controllers::argo::rollback::Rollback;
use crate::controllers::argo::spec::{Background, Canary, RolloutSpec, Routing, Step};
use crate::controllers::argo::state::{AbortReason, Event, RunKind};
use crate::controllers::deployment::CountOrShare::Count;

fn analysis() -> Analysis {
    Analysis { metrics: vec![Metric::default()] }
}

#[test]
fn a_canary_waits_at_each_pause_and_goes_on_by_time_or_by_hand() {
    let minute = Step::Pause(Some(secs(60)));
    let mut world =
        World::releasing(canary(10, routed([Step::SetWeight(20), minute, Step::SetWeight(50), Step::Pause(None)])));
    assert_eq!((world.sizes(), world.canary_weight(), world.status.step), ([10, 2], 20, Some(1)));
    assert_eq!(world.status.message, Message::Waits(Reason::CanaryPauseStep));
    world.pass_time(59);
    assert_eq!(world.status.step, Some(1));
    world.pass_time(2);
    assert_eq!((world.sizes(), world.canary_weight(), world.status.step), ([10, 5], 50, Some(3)));
    world.pass_time(1_000_000);
    assert_eq!(world.status.phase, Phase::Paused, "no deadline passes while it waits");
    command::promote(&world.spec, &mut world.status);
    world.run();
    assert_eq!((world.sizes(), world.status.phase), ([10, 10], Phase::Healthy));
    assert!(world.events.contains(&Event::Promoted(Promotion::AllSteps(4))));
    world.pass_time(31);
    assert_eq!(world.sizes(), [0, 10], "the previous set stays for half a minute");
}

#[test]
fn without_a_router_weights_are_pods() {
    let without_surge = Canary { max_surge: Count(0), ..steps([Step::SetWeight(5), Step::Pause(None)]) };
    let world = World::releasing(canary(10, without_surge));
    assert_eq!(world.sizes(), [9, 1], "5 % of 10 pods are 10 %");
    assert_eq!(world.status.weights, None);
}

#[test]
fn a_broken_canary_stalls_at_its_step_and_nothing_goes_back_by_itself() {
    let mut world = World::new(canary(10, routed([Step::SetWeight(20), Step::SetWeight(50)])));
    (world.target, world.broken) = (v(2), Some(v(2)));
    world.run();
    world.pass_time(601);
    assert_eq!((world.sizes(), world.canary_weight()), ([10, 2], 0), "a share moves to available pods only");
    assert_eq!((world.status.phase, world.status.message), (Phase::Degraded, Message::TimedOut));
    world.pass_time(86_400);
    assert_eq!(world.sizes(), [10, 2]);
}

#[test]
fn the_deadline_aborts_only_where_it_is_told_to() {
    let spec = RolloutSpec { progress_deadline_abort: true, ..canary(10, routed([Step::SetWeight(20)])) };
    let mut world = World::new(spec);
    (world.target, world.broken) = (v(2), Some(v(2)));
    world.run();
    world.pass_time(602);
    assert_eq!((world.status.abort, world.status.message), (true, Message::Aborted));
    assert!(world.events.contains(&Event::Aborted(AbortReason::Deadline)));
    world.pass_time(31);
    assert_eq!(world.sizes(), [10, 0]);
    assert_eq!(world.target, v(2), "the new version is still wanted");
}

#[test]
fn an_abort_goes_back_at_once_and_keeps_the_canary_for_a_while() {
    let mut world = World::releasing(canary(10, routed([Step::SetWeight(50), Step::Pause(None)])));
    command::abort(&mut world.status);
    world.run();
    assert_eq!((world.sizes(), world.canary_weight(), world.status.step), ([10, 5], 0, Some(0)));
    assert_eq!(world.status.phase, Phase::Degraded);
    world.pass_time(31);
    assert_eq!(world.sizes(), [10, 0]);
    world.forget();
    world.pass_time(3600);
    assert_eq!(world.changes, [], "that was all");
    command::retry(&mut world.status);
    world.run();
    assert_eq!((world.sizes(), world.status.step), ([10, 5], Some(1)));
}

#[test]
fn an_abort_delay_of_zero_leaves_the_canary_sized_as_it_is_told_for_ever() {
    let routing = Routing { abort_scale_down_delay: Some(secs(0)), ..Routing::default() };
    let canary_of = Canary { routing: Some(routing), ..routed([Step::SetWeight(50), Step::Pause(None)]) };
    let mut world = World::releasing(canary(10, canary_of));
    command::abort(&mut world.status);
    world.run();
    world.pass_time(86_400);
    assert_eq!(world.canary_weight(), 0);
    assert_eq!(world.sizes(), [10, 0], "its weight is 0; only a size set by a step stays");
}

#[test]
fn an_abort_without_a_router_is_a_rolling_update_back() {
    let mut world = World::releasing(canary(10, steps([Step::SetWeight(50), Step::Pause(None)])));
    assert_eq!(world.sizes(), [5, 5]);
    command::abort(&mut world.status);
    let mut seen = Vec::new();
    for _ in 0..40 {
        world.settle();
        world.pass();
        seen.push(world.sizes());
    }
    seen.dedup();
    assert_eq!(seen, [[8, 5], [8, 0], [10, 0]]);
}

#[test]
fn a_dynamic_stable_set_goes_back_as_fast_as_its_pods_start() {
    let all = [Step::SetWeight(20), Step::SetWeight(60), Step::SetWeight(90), Step::Pause(None)];
    let mut world = World::releasing(canary(10, dynamic(all)));
    assert_eq!((world.sizes(), world.canary_weight()), ([1, 9], 90));
    command::abort(&mut world.status);
    let mut weights = vec![world.canary_weight()];
    for _ in 0..60 {
        let mut stable = world.set(1);
        stable.available = (stable.available + 1).min(stable.spec);
        let at = world.sets.iter().position(|set| set.version == v(1)).unwrap();
        (stable.created, stable.ready) = (stable.spec, stable.available);
        world.sets[at] = stable;
        world.pass();
        let carried = world.set(1).available * 10;
        assert!(100 - world.canary_weight() <= carried, "{} % on {carried} %", 100 - world.canary_weight());
        weights.push(world.canary_weight());
    }
    weights.dedup();
    assert_eq!(weights, [90, 60, 20, 10, 0]);
    assert_eq!(world.sizes(), [10, 0]);
}

#[test]
fn back_to_the_stable_version_in_the_middle_skips_all_steps() {
    let mut world = World::releasing(canary(10, steps([Step::SetWeight(10), Step::Pause(None), Step::SetWeight(50)])));
    world.forget();
    world.target = v(1);
    world.run();
    assert!(world.events.contains(&Event::StepsSkipped(Rollback::Stable)), "{:?}", world.events);
    assert_eq!((world.sizes(), world.status.phase, world.status.step), ([10, 0], Phase::Healthy, Some(3)));
    assert_eq!(Rollback::Stable.completion_status(), "FastRolledBack");
}

/// A release of version 2 that went through, undone long after.
fn undone(rollback_window: u32) -> World {
    let spec = RolloutSpec { rollback_window, ..canary(10, routed([Step::SetWeight(10), Step::Pause(None)])) };
    let mut world = World::releasing(spec);
    command::promote_fully(&mut world.status);
    world.run();
    world.pass_time(3600);
    assert_eq!((world.sizes(), world.status.phase), ([0, 10], Phase::Healthy));
    world.forget();
    world.target = v(1);
    world.run();
    world
}

#[test]
fn an_undo_long_after_takes_every_step_again() {
    let world = undone(0);
    assert_eq!((world.sizes(), world.status.step, world.status.phase), ([1, 10], Some(1), Phase::Paused));
}

#[test]
fn an_undo_within_the_window_takes_no_step_but_needs_all_pods() {
    let mut world = undone(1);
    assert!(world.events.contains(&Event::Promoted(Promotion::WithinWindow)), "{:?}", world.events);
    world.pass_time(31);
    assert_eq!((world.sizes(), world.status.phase), ([10, 0], Phase::Healthy));
}

fn analysed() -> RolloutSpec {
    canary(10, routed([Step::SetWeight(20), Step::Analysis(analysis()), Step::SetWeight(50)]))
}

#[test]
fn a_failed_analysis_aborts() {
    let mut world = World::releasing(analysed());
    assert_eq!((world.status.step, world.canary_weight()), (Some(1), 20));
    world.verdict = RunPhase::Failed;
    world.run();
    assert!(world.events.contains(&Event::Aborted(AbortReason::Analysis(RunKind::Step(1)))));
    assert_eq!((world.canary_weight(), world.status.phase), (0, Phase::Degraded));
    assert_eq!(world.status.runs, []);
}

#[test]
fn an_analysis_without_a_verdict_waits_for_a_person() {
    let mut world = World::releasing(analysed());
    world.verdict = RunPhase::Inconclusive;
    world.run();
    assert_eq!(world.status.message, Message::Waits(Reason::InconclusiveAnalysis));
    world.pass_time(86_400);
    assert_eq!((world.status.step, world.status.phase), (Some(1), Phase::Paused));
    world.verdict = RunPhase::Successful;
    command::promote(&world.spec, &mut world.status);
    world.run();
    assert_eq!((world.sizes(), world.status.phase), ([10, 10], Phase::Healthy));
}

#[test]
fn a_background_analysis_stops_at_promotion() {
    let background = Some(Background { analysis: analysis(), starting_step: 1 });
    let canary_of = Canary { background, ..routed([Step::SetWeight(20), Step::Pause(None)]) };
    let mut world = World::releasing(canary(10, canary_of));
    assert_eq!(world.status.runs.iter().map(|run| run.kind).collect::<Vec<_>>(), [RunKind::Background]);
    command::promote(&world.spec, &mut world.status);
    world.run();
    assert_eq!((world.status.runs.len(), world.terminated.len()), (0, 1));
    world.verdict = RunPhase::Failed;
    world.run();
    assert_eq!(world.status.phase, Phase::Healthy, "nothing goes back after a promotion");
}

#[test]
fn a_third_version_lets_the_second_go_at_once() {
    let mut world = World::releasing(canary(10, routed([Step::SetWeight(20), Step::Pause(None)])));
    world.target = v(3);
    world.run();
    assert_eq!((world.sizes(), world.set(3).spec), ([10, 0], 2));
}

#[test]
fn a_change_of_size_in_the_middle_keeps_the_step() {
    let mut world = World::releasing(canary(10, routed([Step::SetWeight(20), Step::Pause(None)])));
    world.spec.replicas = 20;
    world.run();
    assert_eq!((world.sizes(), world.status.step), ([20, 4], Some(1)));
}

#[test]
fn a_router_that_does_not_confirm_holds_a_step_and_the_end() {
    let mut world = World::new(canary(10, routed([Step::SetWeight(20), Step::SetWeight(50)])));
    (world.target, world.is_verified) = (v(2), Some(false));
    world.run();
    assert_eq!((world.status.step, world.canary_weight()), (Some(0), 20));
    assert_eq!(world.recheck.map(|at| at.since(world.now)), Some(secs(10) + crate::time::Span::from_nanos(1)));
    world.is_verified = Some(true);
    world.run();
    assert_eq!((world.status.stable, world.status.phase), (Some(v(2)), Phase::Healthy));
}

/// Sizes go by the weights before the pass, shares by the pods before it: a share of 55 % and a size for 33 %.
#[test]
fn a_shrinking_stable_set_can_lose_pods_in_the_pass_that_gives_it_traffic() {
    let all = [Step::SetWeight(45), Step::SetWeight(67), Step::Pause(None)];
    let mut world = World::releasing(canary(9, dynamic(all)));
    assert_eq!((world.sizes(), world.canary_weight()), ([3, 7], 67));
    command::abort(&mut world.status);
    world.pass();
    command::retry(&mut world.status);
    (0..3).for_each(|_| drop(world.pass()));
    assert_eq!((world.sizes(), world.status.step), ([5, 5], Some(1)), "the step is done without the stable pods");
    world.sets[0].available = 4;
    let pass = world.pass();
    assert_eq!((world.canary_weight(), world.sizes()), (45, [3, 5]), "{:?}", pass.changes);
}
