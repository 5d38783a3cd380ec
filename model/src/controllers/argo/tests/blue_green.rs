//! Blue-green: before the switch, after it, and back.

use super::world::{World, blue_green, secs, v};
use crate::controllers::argo::analysis::{Analysis, Metric, Phase as RunPhase};
use crate::controllers::argo::command;
use crate::controllers::argo::pause::Reason;
use crate::controllers::argo::phase::{Message, Phase};
use crate::controllers::argo::spec::{BlueGreen, RolloutSpec};
use crate::controllers::argo::state::{Change, RunKind};

fn by_hand() -> BlueGreen {
    BlueGreen { auto_promotion: false, ..BlueGreen::default() }
}

fn analysis() -> Option<Analysis> {
    Some(Analysis { metrics: vec![Metric::default()] })
}

#[test]
fn the_switch_comes_when_all_of_the_preview_is_up() {
    let mut world = World::new(blue_green(10, BlueGreen::default()));
    assert_eq!(world.status.active, Some(v(1)));
    (world.target, world.broken) = (v(2), Some(v(2)));
    world.run();
    assert_eq!((world.sizes(), world.status.active, world.status.preview), ([10, 10], Some(v(1)), Some(v(2))));
    world.broken = None;
    world.run();
    assert_eq!((world.status.active, world.status.stable), (Some(v(2)), Some(v(2))));
    assert_eq!((world.sizes(), world.status.phase), ([10, 10], Phase::Healthy));
    world.pass_time(29);
    assert_eq!(world.sizes(), [10, 10]);
    world.pass_time(2);
    assert_eq!(world.sizes(), [0, 10]);
}

#[test]
fn a_person_or_a_timer_lets_it_switch() {
    let mut world = World::releasing(blue_green(10, by_hand()));
    world.pass_time(86_400);
    assert_eq!((world.status.active, world.status.message), (Some(v(1)), Message::Waits(Reason::BlueGreenPause)));
    command::promote(&world.spec, &mut world.status);
    world.run();
    assert_eq!(world.status.active, Some(v(2)));
    let timed = BlueGreen { auto_promotion_after: secs(60), ..BlueGreen::default() };
    let mut world = World::releasing(blue_green(10, timed.clone()));
    world.pass_time(59);
    assert_eq!(world.status.active, Some(v(1)));
    world.pass_time(2);
    assert_eq!(world.status.active, Some(v(2)));
    let mut world = World::releasing(blue_green(10, timed));
    world.spec.paused = true;
    world.pass_time(600);
    assert_eq!(world.status.active, Some(v(1)), "a person's pause beats the timer");
}

#[test]
fn a_small_preview_grows_before_the_switch() {
    let mut world = World::releasing(blue_green(10, BlueGreen { preview_replicas: Some(2), ..by_hand() }));
    assert_eq!((world.sizes(), world.status.active), ([10, 2], Some(v(1))));
    command::promote(&world.spec, &mut world.status);
    world.run();
    assert_eq!((world.sizes(), world.status.active), ([10, 10], Some(v(2))));
}

#[test]
fn back_within_the_delay_is_a_switch_and_a_minute_later_a_start() {
    let mut world = World::releasing(blue_green(10, BlueGreen::default()));
    world.pass_time(20);
    world.forget();
    world.target = v(1);
    for _ in 0..6 {
        // No pod starts meanwhile.
        world.pass();
    }
    assert!(world.has(Change::Switch(v(1))) && world.status.active == Some(v(1)));
    assert!(!world.changes.iter().any(|change| matches!(change, Change::Scale { version, .. } if *version == v(1))));

    let mut world = World::releasing(blue_green(10, by_hand()));
    command::promote(&world.spec, &mut world.status);
    world.run();
    world.pass_time(60);
    world.target = v(1);
    for _ in 0..6 {
        world.pass();
    }
    assert_eq!((world.status.active, world.set(1).spec), (Some(v(2)), 10), "its pods have to start first");
    world.run();
    assert_eq!(world.status.active, Some(v(2)), "and it waits for a person again");
}

/// `isBlueGreenFastTracked`: neither a person nor a timer nor an analysis is waited for.
#[test]
fn back_within_the_delay_nobody_is_waited_for() {
    let timed = BlueGreen { auto_promotion_after: secs(180), ..BlueGreen::default() };
    let analysed = BlueGreen { pre_promotion: analysis(), ..BlueGreen::default() };
    for strategy in [by_hand(), timed, analysed] {
        let strategy = BlueGreen { scale_down_delay: Some(secs(600)), ..strategy };
        let mut world = World::releasing(blue_green(10, strategy));
        world.verdict = RunPhase::Successful;
        command::promote_fully(&mut world.status);
        world.run();
        world.pass_time(60);
        assert_eq!((world.status.active, world.status.stable), (Some(v(2)), Some(v(2))));
        (world.target, world.verdict) = (v(1), RunPhase::Running);
        for _ in 0..6 {
            world.pass();
        }
        assert_eq!((world.status.active, world.status.stable), (Some(v(1)), Some(v(1))), "{:?}", world.spec);
    }
}

#[test]
fn the_analysis_before_the_switch_holds_it() {
    let spec = blue_green(10, BlueGreen { pre_promotion: analysis(), ..BlueGreen::default() });
    let mut world = World::releasing(spec);
    assert_eq!((world.status.active, world.status.runs[0].kind), (Some(v(1)), RunKind::PrePromotion));
    world.verdict = RunPhase::Successful;
    world.run();
    assert_eq!(world.status.active, Some(v(2)));
}

#[test]
fn a_bad_analysis_before_the_switch_aborts_and_the_preview_goes_after_a_while() {
    let spec = blue_green(10, BlueGreen { pre_promotion: analysis(), ..BlueGreen::default() });
    let mut world = World::releasing(spec);
    world.verdict = RunPhase::Failed;
    world.run();
    assert_eq!((world.status.active, world.status.phase), (Some(v(1)), Phase::Degraded));
    assert_eq!(world.sizes(), [10, 10]);
    world.pass_time(31);
    assert_eq!(world.sizes(), [10, 0]);
    world.verdict = RunPhase::Successful;
    command::retry(&mut world.status);
    world.run();
    assert_eq!((world.status.active, world.status.runs_started), (Some(v(2)), 2), "it is measured anew");
}

#[test]
fn a_bad_analysis_after_the_switch_goes_back() {
    let spec = blue_green(10, BlueGreen { post_promotion: analysis(), ..BlueGreen::default() });
    let mut world = World::releasing(spec);
    assert_eq!((world.status.active, world.status.stable), (Some(v(2)), Some(v(1))));
    assert_eq!(world.status.message, Message::Analysis);
    world.pass_time(3600);
    assert_eq!(world.sizes(), [10, 10], "without a written delay the previous set waits for the verdict");
    world.verdict = RunPhase::Failed;
    world.run();
    assert_eq!((world.status.active, world.status.phase), (Some(v(1)), Phase::Degraded));
    world.pass_time(31);
    assert_eq!(world.sizes(), [10, 0]);
}

#[test]
fn only_so_many_sets_stay_behind() {
    let limited = BlueGreen {
        scale_down_delay: Some(secs(3600)),
        scale_down_delay_revision_limit: Some(1),
        ..BlueGreen::default()
    };
    let mut world = World::releasing(blue_green(3, limited));
    for version in 3..5 {
        world.target = v(version);
        world.run();
    }
    assert_eq!([1, 2, 3, 4].map(|version| world.set(version).spec), [0, 0, 3, 3]);
}

#[test]
fn a_delay_of_zero_keeps_the_previous_set() {
    let mut world =
        World::releasing(blue_green(3, BlueGreen { scale_down_delay: Some(secs(0)), ..BlueGreen::default() }));
    world.pass_time(86_400);
    assert_eq!(world.sizes(), [3, 3]);
}

#[test]
fn history_beyond_its_limit_is_deleted() {
    let spec = RolloutSpec { revision_history_limit: 1, ..blue_green(1, BlueGreen::default()) };
    let mut world = World::releasing(spec);
    for version in 3..6 {
        world.pass_time(60);
        world.target = v(version);
        world.run();
    }
    world.pass_time(60);
    let versions: Vec<_> = world.sets.iter().map(|set| set.version).collect();
    assert_eq!(versions, [v(4), v(5)]);
}
