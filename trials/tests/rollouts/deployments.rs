//! Deployments at work: where a broken version stalls, what a deadline does, and what recreating costs.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Outcome, Summary, World};
use trials::runs::{begun, lived, model, told};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;
const DEFECT: &str = "
        defects:
          - {defect: it asks for a setting nobody has made, at: start}";
const FENCES: &str = "rollout: {surge: 25 %, unavailable: 25 %}";
const DEADLINE: &str = "rollout: {deadline: 10m}";
const STALLED: &str = "no progress of the rollout for 10m 00s: the deadline has passed";

fn stalls(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("stalls-at-8-5"), edit)
}

fn reports(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("deadline-reports"), edit)
}

fn sound(text: &str) -> String {
    swapped(text, DEFECT, " {}")
}

fn end(bundle: &Bundle, plan: Option<&str>) -> Summary {
    lived(&model(bundle), plan, SEED).summary()
}

/// Replicas of the first version that serve, and those of the second that are there at all.
fn counted(world: &World) -> (u32, u32) {
    let view = world.view(world.scenario().player);
    let [web] = &view.services[..] else { panic!("one service") };
    let of = |label| web.versions.iter().filter(move |own| own.label == label);
    (of("41").map(|own| own.ready).sum(), of("42").map(|own| own.ready + own.starting + own.crashed).sum())
}

/// The same, each time another one, second by second.
fn sequence(bundle: &Bundle, plan: Option<&str>, seconds: u64) -> Vec<(u32, u32)> {
    let mut world = begun(&model(bundle), plan, SEED);
    let mut seen = vec![counted(&world)];
    for second in 1..=seconds {
        world.run_until(Time::ZERO + Span::from_secs(second));
        let now = counted(&world);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    seen
}

// Where it stalls.

#[test]
fn a_version_that_cannot_start_stalls_at_eight_and_five() {
    assert_eq!(sequence(&bundled("stalls-at-8-5"), None, 1200), [(10, 0), (8, 5)]);
    let end = end(&bundled("stalls-at-8-5"), None);
    assert_eq!(end.outcome, Outcome::NotRecovered);
    // Eight carry 80 of 90 a second, for 28 of 30 minutes.
    let failed = end.harm.requests.failed as f64 / end.harm.requests.total as f64;
    let over = 10.0 / 90.0 * (28.0 / 30.0);
    assert!((failed - over).abs() < 0.01, "{failed} beside {over}");
}

#[test]
fn an_undo_takes_the_crashing_ones_first() {
    let back = sequence(&bundled("stalls-at-8-5"), Some("rollback"), 600);
    assert_eq!(back, [(10, 0), (8, 5), (8, 0), (10, 0)]);
    assert_eq!(end(&bundled("stalls-at-8-5"), Some("rollback")).outcome, Outcome::Recovered);
    assert_eq!(end(&bundled("stalls-at-8-5"), Some("forward-fix")).outcome, Outcome::Recovered);
}

#[test]
fn with_room_above_it_stalls_without_harm() {
    let roomy = stalls(|text| swapped(text, FENCES, "rollout: {surge: 100 %, unavailable: 0}"));
    assert_eq!(sequence(&roomy, None, 1200), [(10, 0), (10, 10)]);
    assert_eq!(end(&roomy, None).outcome, Outcome::NoHarm);
}

#[test]
fn a_version_that_starts_does_not_stall() {
    let sound = stalls(sound);
    let mut world = begun(&model(&sound), None, SEED);
    world.run_until(Time::ZERO + Span::from_secs(600));
    assert_eq!(counted(&world), (0, 10));
}

// The deadline.

#[test]
fn the_deadline_reports_once_and_nothing_rolls_back() {
    let world = lived(&model(&bundled("deadline-reports")), None, SEED);
    assert_eq!(counted(&world), (8, 5));
    let end = world.summary();
    let [at] = told(&end, STALLED)[..] else { panic!("once: {:?}", told(&end, STALLED)) };
    // The last progress is that crashing processes were made; a second is the controller's own.
    let since = at.since(Time::ZERO + Span::from_secs(120)).seconds();
    assert!((600.0..630.0).contains(&since), "{since}");
    assert_eq!(end.outcome, Outcome::NotRecovered);
    assert!(end.clocks.detected.is_some());
}

#[test]
fn the_length_of_a_deadline_changes_nothing() {
    let failed = |rules: &str| end(&reports(|text| swapped(text, DEADLINE, rules)), None).harm.requests.failed;
    let [short, long] = ["rollout: {deadline: 2m}", "rollout: {deadline: 10h}"].map(failed);
    assert!(short > 1_000, "{short}");
    assert_eq!(short, long);
}

#[test]
fn who_acts_on_the_report_spares_the_customers() {
    assert_eq!(end(&bundled("deadline-reports"), Some("act-on-the-report")).outcome, Outcome::NoHarm);
    let late = end(&bundled("deadline-reports"), Some("wait-for-the-alert"));
    assert!(late.outcome == Outcome::Recovered && late.harm.requests.failed > 1_000, "{:?}", late.harm.requests);
}

#[test]
fn a_controller_that_aborts_at_its_deadline_does_roll_back() {
    let canary = |abort: &str| {
        let rules = format!("canary: {{deadline: 10m, abort_at_deadline: {abort}}}");
        end(&reports(|text| swapped(text, DEADLINE, &rules)), None)
    };
    assert_eq!(canary("yes").outcome, Outcome::NoHarm);
    assert_eq!(canary("no").outcome, Outcome::NotRecovered);
}

#[test]
fn a_rollout_that_comes_along_is_not_reported() {
    let end = end(&reports(sound), None);
    assert_eq!((end.outcome, told(&end, "no progress")), (Outcome::NoHarm, vec![]));
    // Five replicas, and five more when those have been ready for five minutes: longer than the deadline, which counts
    // from the last progress.
    let slow = reports(|text| {
        sound(&swapped(text, DEADLINE, "rollout: {surge: 5, unavailable: 0, min_ready: 5m, deadline: 8m}"))
    });
    let end = self::end(&slow, None);
    assert_eq!(told(&end, "no progress"), vec![]);
    assert!(told(&end, "in effect: deploy web 42")[0] > Time::ZERO + Span::from_secs(720));
}

// Recreating.

#[test]
fn recreating_leaves_nobody_to_serve() {
    let recreated = reports(|text| sound(&swapped(text, DEADLINE, "rollout: {strategy: recreate}")));
    assert_eq!(sequence(&recreated, None, 300), [(10, 0), (0, 0), (0, 10)]);
    let end = end(&recreated, None);
    // Ten seconds of 60 a second, from the last old replica to the first new one, and what the old ones did not finish.
    let failed = end.harm.requests.failed as f64;
    assert!((failed - 600.0).abs() < 3.0 * 600.0_f64.sqrt(), "{failed}");
    assert!(!told(&end, "no replica is ready").is_empty());
}

#[test]
fn two_versions_never_run_side_by_side_while_recreating() {
    let recreated = reports(|text| sound(&swapped(text, DEADLINE, "rollout: {strategy: recreate}")));
    let mut world = begun(&model(&recreated), Some("act-on-the-report"), SEED);
    for tenth in 1..12_000 {
        world.run_until(Time::ZERO + Span::from_millis(100 * tenth));
        let view = world.view(world.scenario().player);
        let running = view.services[0].versions.iter().filter(|own| own.ready + own.draining > 0);
        assert!(running.count() <= 1, "at {}", world.now());
    }
}
