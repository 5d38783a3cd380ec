//! Canaries and blue-green rollouts at work: who gets the traffic, what analyses make of it, and the way back.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{begun, first_told, lived, model, share_of_new};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;
const ANALYSIS: &str = "
        - analysis:
            - {errors: new, most: 1 %, over: 1m, every: 30s, count: 4}";
const CANARY: &str = "    canary:
      router: {}
      steps:
        - weight: 10 %
        - pause: 1m
        - analysis:
            - {errors: new, most: 1 %, over: 1m, every: 30s, count: 4}
        - weight: 50 %
        - pause: 2m
";
const DEFECT: &str = "
        defects:
          - {defect: orders without a coupon are refused, endpoint: order, share: 5 %}";
const AGAIN: &str = "- {at: 10m, do: {retry: checkout}}";

fn canary(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("canary-abort"), edit)
}

/// Under other rules, with a sound new version.
fn sound(rules: &str) -> Bundle {
    canary(|text| swapped(&swapped(text, CANARY, rules), DEFECT, " {}"))
}

fn end(bundle: &Bundle, plan: Option<&str>) -> Summary {
    lived(&model(bundle), plan, SEED).summary()
}

// The lesson.

#[test]
fn a_tenth_of_the_traffic_finds_out_and_the_rollout_is_given_up() {
    let caught = end(&bundled("canary-abort"), None);
    let given_up = first_told(&caught, "the rollout is aborted: the analysis of step 3 failed");
    assert_eq!(given_up.map(|at| at.since(Time::ZERO).seconds().round()), Some(190.0));
    // A minute of a tenth of 100 requests a second, 5 in 100 of which fail: 30, with a standard deviation of 5.5.
    assert!((caught.harm.requests.failed as f64 - 30.0).abs() < 3.0 * 5.5, "{:?}", caught.harm.requests);
    assert_eq!(caught.outcome, Outcome::Recovered);
}

#[test]
fn an_abort_leaves_the_target_and_a_retry_meets_it_again() {
    let [once, again] = [Some("rollback"), Some("again")].map(|plan| end(&bundled("canary-abort"), plan));
    assert!(again.harm.requests.failed as f64 > 1.5 * once.harm.requests.failed as f64);
    assert!(
        first_told(&once, "in effect: roll back checkout").is_some()
            && first_told(&once, "overtaken: roll back").is_none()
    );
}

#[test]
fn without_an_analysis_nobody_notices_until_it_is_everywhere() {
    let blind = end(&canary(|text| swapped(text, ANALYSIS, "")), None);
    assert!(first_told(&blind, "the rollout is complete").is_some() && first_told(&blind, "aborted").is_none());
    assert!(blind.harm.requests.failed > 5_000, "{:?}", blind.harm.requests);
    let harmless = end(&sound(CANARY), None);
    assert!(first_told(&harmless, "the rollout is complete").is_some());
    assert_eq!(harmless.outcome, Outcome::NoHarm);
}

#[test]
fn five_measurements_that_cannot_be_made_give_a_good_version_up() {
    // Nobody asks for anything in the window an analysis looks at.
    let idle = canary(|text| {
        let text = swapped(text, DEFECT, " {}");
        let text = swapped(
            &text,
            "rate: 100/s",
            "rate: {steps: [{at: 0s, rate: 100/s}, {at: 3m, rate: 0/s}, {at: 20m, rate: 100/s}]}",
        );
        swapped(&text, "over: 1m, every: 30s, count: 4", "over: 15s, every: 30s, after: 1m, count: 4")
    });
    let given_up = first_told(&end(&idle, None), "the rollout is aborted: the analysis of step 3 failed");
    // Measured from 04:10 on, and again ten seconds after each error: the fifth in a row is one too many.
    let from = Time::ZERO + Span::from_secs(250);
    assert!(given_up.is_some_and(|at| at > from && at < from + Span::from_secs(60)), "{given_up:?}");
}

// Who gets the traffic.

#[test]
fn a_router_splits_the_traffic_by_weight() {
    let steps = "    canary:\n      router: {}\n      steps: [{weight: 20 %}, {wait: promotion}]\n";
    let mut world = begun(&model(&sound(steps)), None, SEED);
    // 30,000 requests: a standard deviation of 0.0023.
    let share = share_of_new(&mut world, 300, 600);
    assert!((share - 0.2).abs() < 0.007, "{share}");
}

#[test]
fn without_a_router_replicas_do() {
    let steps = "    canary:\n      steps: [{weight: 20 %}, {wait: promotion}]\n";
    let mut world = begun(&model(&sound(steps)), None, SEED);
    let share = share_of_new(&mut world, 300, 600);
    assert!((share - 0.2).abs() < 0.02, "two of ten or eleven: {share}");
}

#[test]
fn somebody_lets_it_go_on() {
    let steps = "    canary:\n      router: {}\n      steps: [{weight: 20 %}, {wait: promotion}, {weight: 60 %}, \
                 {wait: promotion}]\n";
    let promoted = |to: &str| {
        let bundle =
            edited(sound(steps), |text| swapped(text, AGAIN, &format!("- {{at: 10m, do: {{promote: checkout{to}}}}}")));
        let mut world = begun(&model(&bundle), Some("again"), SEED);
        share_of_new(&mut world, 900, 1200)
    };
    assert!((promoted("") - 0.6).abs() < 0.01);
    assert!((promoted(", to: end") - 1.0).abs() < f64::EPSILON);
}

#[test]
fn an_abort_by_hand_takes_the_traffic_back_at_once() {
    let steps = "    canary:\n      router: {}\n      steps: [{weight: 50 %}, {wait: promotion}]\n";
    let bundle = edited(sound(steps), |text| swapped(text, AGAIN, "- {at: 10m, do: {abort: checkout}}"));
    let mut world = begun(&model(&bundle), Some("again"), SEED);
    assert!((share_of_new(&mut world, 500, 599) - 0.5).abs() < 0.02);
    assert!(share_of_new(&mut world, 601, 700).abs() < f64::EPSILON);
    let told_twice = edited(sound(steps), |text| {
        swapped(
            text,
            AGAIN,
            &format!("{}\n      - {}", "- {at: 10m, do: {abort: checkout}}", "{at: 11m, do: {abort: checkout}}"),
        )
    });
    assert!(
        first_told(&end(&told_twice, Some("again")), "refused: the rollout of checkout is aborted already").is_some()
    );
}

// Blue-green.

/// How long after the order to go back the new version still gets traffic, when it is given after so many seconds.
fn way_back(delay: &str, minutes: u64) -> (u64, Summary) {
    let rules = format!("    blue_green: {{scale_down_delay: {delay}}}\n");
    let bundle = edited(sound(&rules), |text| {
        let undo = format!("- {{at: {minutes}m, do: {{undo: checkout}}}}");
        swapped(text, "- {at: 10m, do: {undo: checkout}}", &undo)
    });
    let mut world = begun(&model(&bundle), Some("rollback"), SEED);
    world.run_until(Time::ZERO + Span::from_secs(60 * minutes));
    let mut seconds = 0;
    while share_of_new(&mut world, 60 * minutes + seconds, 60 * minutes + seconds + 1) > 0.5 {
        seconds += 1;
        assert!(seconds < 600, "it never comes back");
    }
    world.run_until(Time::ZERO + Span::from_secs(2_400));
    (seconds, world.summary())
}

#[test]
fn nobody_meets_the_preview_and_then_all_do() {
    let rules = "    blue_green: {auto_after: 5m}\n";
    let mut world = begun(&model(&sound(rules)), None, SEED);
    assert!(share_of_new(&mut world, 200, 420).abs() < f64::EPSILON);
    assert!((share_of_new(&mut world, 450, 600) - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_switch_back_is_instant_inside_the_delay_and_pays_for_the_start_outside() {
    let (inside, _) = way_back("20m", 10);
    let (outside, _) = way_back("1m", 10);
    assert!(inside <= 1, "the old replicas are still there: {inside} s");
    assert!((9..=12).contains(&outside), "they have to start again, which takes 10 s: {outside} s");
}

#[test]
fn an_analysis_before_the_switch_keeps_customers_from_a_bad_version_only_if_it_sees_it() {
    let rules = "    blue_green:\n      afterwards: [{errors: new, most: 1 %, over: 30s, after: 1m}]\n";
    let bad = canary(|text| swapped(text, CANARY, rules));
    let caught = end(&bad, None);
    assert!(first_told(&caught, "the rollout is aborted: the analysis after the switch failed").is_some());
    // All of the traffic for about a minute, 5 in 100 of it.
    assert!((250..400).contains(&caught.harm.requests.failed), "{:?}", caught.harm.requests);
}

// The stable version that has shrunk.

const DEFECT_OF_12: &str = "        defects:
          - {defect: vouchers are counted twice, endpoint: order, share: 2 %}
";
/// When somebody rolls back.
const ORDERED: u64 = 15 * 60;

fn shrunk(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("shrunk-stable"), edit)
}

/// Requests of checkout that failed in the five minutes after the order, with another mistake than that of version 12.
fn turned_away(bundle: &Bundle, plan: Option<&str>) -> u64 {
    let mut world = begun(&model(bundle), plan, SEED);
    let mut failed = |second| {
        world.run_until(Time::ZERO + Span::from_secs(second));
        world.summary().harm.requests.failed
    };
    let before = failed(ORDERED);
    failed(ORDERED + 300) - before
}

#[test]
fn the_size_of_the_new_version_is_too_small_for_the_old_one() {
    let harmless = shrunk(|text| swapped(text, DEFECT_OF_12, ""));
    assert_eq!(turned_away(&harmless, None), 0, "without the way back nobody is turned away");
    // 50 a second for three replicas of 10 a second each, for the quarter of a minute until the autoscaler has looked
    // and the minute until new ones are up: 20 a second are turned away.
    let failed = turned_away(&harmless, Some("undo"));
    assert!((1_000..2_200).contains(&failed), "{failed}");
    let end = lived(&model(&harmless), Some("undo"), SEED).summary();
    let full = first_told(&end, "checkout.order: the queue is full");
    assert!(full.is_some_and(|at| at > Time::ZERO + Span::from_secs(ORDERED)), "the order is the cause: {full:?}");
    assert_eq!(end.outcome, Outcome::Recovered);
}

/// The set that is kept for the way back is to have what the service is to have: it goes with the autoscaler.
#[test]
fn what_is_kept_has_shrunk_before_anybody_rolls_back() {
    let mut world = begun(&model(&bundled("shrunk-stable")), Some("undo"), SEED);
    let mut serving = |second, label: &str| {
        world.run_until(Time::ZERO + Span::from_secs(second));
        let versions = world.view(world.scenario().player).services[0].versions.clone();
        versions.iter().filter(|own| own.label == label).map(|own| own.ready).sum::<u32>()
    };
    assert_eq!([190, 470, 490, ORDERED - 1].map(|second| serving(second, "11")), [10, 10, 3, 3]);
    assert_eq!(serving(ORDERED - 1, "12"), 3);
    let end = lived(&model(&bundled("shrunk-stable")), Some("undo"), SEED).summary();
    let [wants, paged] = ["the autoscaler wants 3 replicas", "alert fires"].map(|what| first_told(&end, what));
    assert!(wants.is_some() && wants < paged, "{wants:?} before {paged:?}");
}

#[test]
fn whoever_makes_room_first_and_whoever_has_none_taken_away_turns_nobody_away() {
    let harmless = shrunk(|text| swapped(text, DEFECT_OF_12, ""));
    assert_eq!(turned_away(&harmless, Some("room-first")), 0);
    let whole = edited(harmless, |text| swapped(text, "    autoscale: {min: 2, max: 20, utilisation: 50 %}\n", ""));
    assert_eq!(turned_away(&whole, Some("undo")), 0);
    for plan in ["undo", "room-first"] {
        assert_eq!(end(&bundled("shrunk-stable"), Some(plan)).outcome, Outcome::Recovered, "{plan}");
    }
}
