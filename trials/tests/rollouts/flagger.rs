//! Flagger at work: a canary beside the primary, checks at every tick, and a promotion that is a second rollout.

use model::action::{Action, ServiceAction};
use model::id::ServiceId;
use model::rollout::RolloutOrder;
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Outcome, World};
use trials::runs::{begun, first_told, library, lived, lived_until, minutes, model, share_of_new};
use trials::text::{bundled, edited, swapped};

const STEPS: &str = "      step_weight: 25 %
      max_weight: 50 %
";
const CHECK: &str = "{errors: new, most: 1 %, over: 30s}\n    runs";
const AGAIN: &str = "- {at: 10m, do: {deploy: checkout 12}}";
const FAULT: &str = "faults:\n  - {pause: pricing, at: 150s, lasts: 2m}\n";

fn seeds() -> impl Iterator<Item = u64> {
    1..=3
}

/// The lesson of the same image, without the accident, and edited further.
fn calm(edit: impl FnOnce(&str) -> String) -> Bundle {
    edited(bundled("same-image"), |text| edit(&swapped(text, FAULT, "")))
}

// The lessons.

#[test]
fn an_accident_rolls_a_repair_back_and_the_same_image_is_not_tried_again() {
    let model = library("same-image");
    for seed in seeds() {
        let alone = lived(&model, None, seed).summary();
        assert!(first_told(&alone, "rolled back: too many checks failed").is_some());
        assert!(first_told(&alone, "the release is complete").is_none());
        let again = lived(&model, Some("again"), seed).summary();
        assert!(first_told(&again, "refused: checkout 12 is what it is meant to run already").is_some());
        assert_eq!(again.harm.requests.failed, alone.harm.requests.failed);
        let other = lived(&model, Some("by-way-of-11"), seed).summary();
        assert!(
            first_told(&other, "in effect: deploy checkout 12").is_some(),
            "11 in between makes 12 another version"
        );
        // Twenty-five minutes of what 11 refuses, 2 % of 60 a second.
        assert!(other.harm.requests.failed + 1_500 < alone.harm.requests.failed);
    }
}

#[test]
fn without_the_accident_the_repair_goes_out() {
    let calm = model(&calm(str::to_owned));
    for seed in seeds() {
        let end = lived(&calm, None, seed).summary();
        assert!(
            first_told(&end, "the release is complete").is_some() && first_told(&end, "a check has failed").is_none()
        );
        assert!(end.harm.requests.failed < 1_000, "what 11 refused before it was gone: {:?}", end.harm.requests);
    }
}

#[test]
fn a_fix_waits_for_a_word_for_as_long_as_nobody_gives_it() {
    let gate = |text: &str| swapped(text, "      gates: promotion\n", "");
    let (waits, open) = (library("waits-for-a-word"), model(&edited(bundled("waits-for-a-word"), gate)));
    for seed in seeds() {
        let [fix, word] = [Some("fix"), Some("word")].map(|plan| lived(&waits, plan, seed).summary());
        let asked = first_told(&fix, "the promotion waits for somebody's word").expect("it gets that far");
        assert!(asked < Time::ZERO + minutes(15), "{asked}");
        let later: Vec<_> = fix.timeline.iter().filter(|line| line.at > asked).map(|line| line.what.as_str()).collect();
        assert_eq!(later, ["alert clears"], "neither a page nor a deadline");
        let mut world = begun(&waits, Some("fix"), seed);
        // Of the good answers; one in twenty of those of the old version is none. A standard deviation of 0.002.
        let share = share_of_new(&mut world, 30 * 60, 60 * 60);
        assert!((share - 0.5 / 0.975).abs() < 0.008, "{share} to the end");
        assert_eq!((fix.outcome, word.outcome), (Outcome::NotRecovered, Outcome::Recovered));
        // One in twenty of half of 40 a second, for forty minutes.
        let more = fix.harm.requests.failed as f64 - word.harm.requests.failed as f64;
        assert!((more - 2_400.0).abs() < 300.0, "{more}");
        let alone = lived(&open, Some("fix"), seed).summary();
        assert_eq!(alone.outcome, Outcome::Recovered, "without the gate");
        assert!(first_told(&alone, "in effect: deploy shop 9").is_some_and(|at| at < Time::ZERO + minutes(15)));
    }
}

#[test]
fn a_promotion_hands_all_the_traffic_to_cold_processes() {
    let model = library("second-deploy");
    for seed in seeds() {
        let end = lived(&model, None, seed).summary();
        assert!(first_told(&end, "a check has failed").is_none(), "nothing was wrong with the canary");
        assert!(end.harm.requests.slow > 2_000, "{:?}", end.harm.requests);
        let back = first_told(&end, "traffic goes back to the primary").expect("it is promoted");
        assert!(end.clocks.first_harm_at.is_some_and(|at| at >= back), "{:?} {back}", end.clocks);
        let undone = lived(&model, Some("rollback"), seed).summary();
        assert!(undone.harm.requests.slow * 2 > end.harm.requests.slow * 3, "the way back is a release, too");
    }
}

#[test]
fn warm_processes_or_traffic_that_comes_back_in_steps_do_no_harm() {
    let warm =
        model(&edited(bundled("second-deploy"), |text| swapped(text, "    warmup: {lasts: 2m, slowdown: 5}\n", "")));
    let stepwise = model(&edited(bundled("second-deploy"), |text| {
        swapped(text, "      threshold: 3\n", "      threshold: 3\n      step_weight_promotion: 20 %\n")
    }));
    let cold = library("second-deploy");
    for seed in seeds() {
        let [warm, stepwise, cold] = [&warm, &stepwise, &cold].map(|model| lived(model, None, seed).summary());
        assert!([&warm, &stepwise].iter().all(|end| first_told(end, "the release is complete").is_some()));
        assert_eq!(warm.outcome, Outcome::NoHarm, "{:?}", warm.harm.requests);
        assert!(stepwise.harm.requests.slow * 20 < cold.harm.requests.slow, "{:?}", stepwise.harm.requests);
    }
}

// Who gets the traffic.

#[test]
fn the_canary_gets_its_weight_and_no_more() {
    // At a quarter for ever: the next step waits for somebody.
    let held = model(&calm(|text| swapped(text, "      threshold: 2\n", "      threshold: 2\n      gates: step\n")));
    let mut world = begun(&held, None, 1);
    assert!(share_of_new(&mut world, 240, 600).abs() < f64::EPSILON, "the first step waits, too");
    let opened = model(&calm(|text| {
        let text = swapped(text, "      threshold: 2\n", "      threshold: 2\n      gates: promotion\n");
        swapped(&text, "max_weight: 50 %", "max_weight: 25 %")
    }));
    let mut world = begun(&opened, None, 1);
    // 21,600 requests: a standard deviation of 0.003.
    let share = share_of_new(&mut world, 240, 600);
    assert!((share - 0.25).abs() < 0.009, "{share}");
}

#[test]
fn a_gate_waits_for_ever_and_a_word_opens_it() {
    let gated = |plan: &str| {
        model(&calm(|text| {
            let text = swapped(text, "      threshold: 2\n", "      threshold: 2\n      gates: [start, promotion]\n");
            swapped(&text, AGAIN, plan)
        }))
    };
    let shut = lived(&gated("- {at: 10m, do: {promote: checkout}}"), Some("again"), 1).summary();
    assert!(first_told(&shut, "waits for somebody's word to begin").is_some());
    assert!(first_told(&shut, "the promotion waits for somebody's word").is_some(), "one gate is open");
    assert!(first_told(&shut, "the release is complete").is_none(), "the other is not");
    let both = "- {at: 10m, do: {promote: checkout}}\n      - {at: 20m, do: {promote: checkout}}";
    let open = lived(&gated(both), Some("again"), 1).summary();
    assert!(first_told(&open, "the release is complete").is_some_and(|at| at > Time::ZERO + minutes(20)));
}

#[test]
fn an_ab_test_sends_matched_users_and_nobody_else() {
    let tested = model(&calm(|text| {
        let text = swapped(text, STEPS, "      iterations: 6\n      classes: staff\n");
        let text = swapped(&text, "horizon: 40m\n", "horizon: 40m\nclasses: [staff, customer]\n");
        swapped(&text, "rate: 60/s", "rate: 60/s, classes: {staff: 10 %, customer: 90 %}")
    }));
    let mut world = begun(&tested, None, 1);
    // From the first iteration, at three minutes at the latest, to the last, two and a half minutes later.
    let share = share_of_new(&mut world, 190, 290);
    assert!((share - 0.1).abs() < 0.015, "{share}");
    world.run_until(Time::ZERO + minutes(20));
    assert!(first_told(&world.summary(), "the release is complete").is_some());
}

// What is no data is a failure.

#[test]
fn without_a_router_the_canary_is_asked_by_nobody_and_fails_for_want_of_data() {
    let blind = model(&calm(|text| swapped(text, STEPS, "      router: no\n")));
    let end = lived_until(&blind, None, 1, minutes(10)).summary();
    assert!(first_told(&end, "rolled back: too many checks failed").is_some());
}

#[test]
fn a_check_of_latency_sees_what_errors_do_not_show() {
    let slow = |check: &str| {
        model(&calm(|text| {
            let text = swapped(text, CHECK, &format!("{check}\n    runs"));
            swapped(&text, "      \"12\": {}", "      \"12\": {endpoints: {order: [{work: 400ms}]}}")
        }))
    };
    let errors = lived_until(&slow("{errors: new, most: 1 %, over: 30s}"), None, 1, minutes(10)).summary();
    assert!(first_told(&errors, "the version is promoted").is_some());
    let latency = lived_until(&slow("{latency: new, most: 250ms, over: 30s}"), None, 1, minutes(10)).summary();
    assert!(first_told(&latency, "rolled back: too many checks failed").is_some());
}

// Ways back.

#[test]
fn an_abort_takes_the_traffic_back_at_the_next_tick_and_leaves_the_target() {
    let aborted = model(&calm(|text| {
        let text = swapped(text, "      threshold: 2\n", "      threshold: 2\n      gates: promotion\n");
        swapped(&text, AGAIN, "- {at: 10m, do: {abort: checkout}}")
    }));
    let mut world = begun(&aborted, Some("again"), 1);
    assert!((share_of_new(&mut world, 500, 599) - 0.5).abs() < 0.02);
    assert!(share_of_new(&mut world, 640, 700).abs() < f64::EPSILON, "a tick is 30 s");
    world.run_until(Time::ZERO + minutes(15));
    let end = world.summary();
    assert!(first_told(&end, "rolled back: somebody asked for it").is_some());
    assert!(first_told(&end, "in effect: abort the rollout of checkout").is_some());
}

#[test]
fn a_canary_that_cannot_start_is_rolled_back_at_its_deadline() {
    let dead = model(&calm(|text| {
        let text = swapped(text, "      threshold: 2\n", "      threshold: 2\n      deadline: 3m\n");
        swapped(&text, "      \"12\": {}", "      \"12\": {defects: [{defect: no such setting, at: start}]}")
    }));
    let end = lived_until(&dead, None, 1, minutes(10)).summary();
    let back = first_told(&end, "rolled back: the canary is stuck").expect("it never gets ready");
    assert!(back > Time::ZERO + minutes(5) && back < Time::ZERO + minutes(6) + Span::from_secs(30), "{back}");
    assert!(first_told(&end, "the canary gets").is_none());
}

#[test]
fn ways_back_from_a_test_are_an_abort_at_the_next_tick_and_no_retry() {
    let held =
        model(&calm(|text| swapped(text, "      threshold: 2\n", "      threshold: 2\n      gates: promotion\n")));
    let mut world = begun(&held, None, 1);
    world.run_until(Time::ZERO + minutes(10));
    let ways = world.ways_back(10);
    let [checkout] = &ways.changes[..] else { panic!("one service was changed: {ways:?}") };
    let abort = Action::Service(ServiceId::ZERO, ServiceAction::Roll(RolloutOrder::Abort));
    let way = checkout.ways.iter().find(|way| way.choice.action == abort).expect("it is under way");
    let took = way.durations.and_then(|durations| durations.p90).expect("it gets there");
    assert!(took <= Span::from_secs(30), "a tick: {took}");
    let left = way.left.as_ref().expect("it gets there");
    assert_eq!(left.services, ["checkout"], "what is asked for is 12 still");
    let retry = swapped(AGAIN, "deploy: checkout 12", "retry: checkout");
    let refused = model(&edited(bundled("same-image"), |text| swapped(text, AGAIN, &retry)));
    let end = lived(&refused, Some("again"), 1).summary();
    assert!(first_told(&end, "refused: the same version again is no change").is_some());
}

#[test]
fn a_restart_is_another_template_and_a_release_of_its_own() {
    let restarted = model(&calm(|text| {
        let text =
            swapped(text, "  - {at: 2m, do: {deploy: checkout 12}}\n", "  - {at: 2m, do: {restart: checkout}}\n");
        swapped(&text, "errors: new, most: 1 %", "errors: new, most: 5 %")
    }));
    let end = lived_until(&restarted, None, 1, minutes(15)).summary();
    let promoted =
        first_told(&end, "the version is promoted: the primary rolls it out anew").expect("it goes through a test");
    assert!(first_told(&end, "in effect: restart").is_some_and(|at| at > promoted), "{:?}", end.timeline);
}

#[test]
fn a_seat_sees_how_far_a_release_is() {
    let shown = |world: &World| world.view(world.scenario().player).services[0].rollout.clone();
    let held =
        model(&calm(|text| swapped(text, "      threshold: 2\n", "      threshold: 2\n      gates: promotion\n")));
    let mut world = begun(&held, None, 1);
    assert_eq!(shown(&world), None);
    world.run_until(Time::ZERO + minutes(10));
    assert_eq!(shown(&world).as_deref(), Some("WaitingPromotion, canary 50 %"));
    let given_up = lived(&library("same-image"), None, 1);
    assert_eq!(shown(&given_up).as_deref(), Some("Failed, canary 0 %"));
    let aborted = lived(&library("metric-errors"), None, 1);
    assert_eq!(shown(&aborted).as_deref(), Some("Degraded, step 0 of 4, canary 0 %"));
}

/// Nobody asks the copy before it takes over: only what the whole service answers can be checked.
#[test]
fn blue_green_needs_something_to_check_and_then_takes_over_for_a_tick() {
    let checked = |errors: &str| {
        model(&calm(|text| {
            let text = swapped(text, STEPS, "      iterations: 3\n");
            swapped(&text, "errors: new, most: 1 %", errors)
        }))
    };
    let blind = lived_until(&checked("errors: new, most: 1 %"), None, 1, minutes(10)).summary();
    assert!(first_told(&blind, "rolled back: too many checks failed").is_some());
    let seeing = lived_until(&checked("errors: all, most: 5 %"), None, 1, minutes(10)).summary();
    let [switched, promoted] = ["the canary takes the place of the primary for a tick", "the version is promoted"]
        .map(|what| first_told(&seeing, what).expect("it passes"));
    assert_eq!(promoted.since(switched), Span::from_secs(30), "for a tick");
    for round in 1..=3 {
        let told = format!("iteration {round} of 3: the canary is tested beside the primary");
        assert!(first_told(&seeing, &told).is_some_and(|at| at < switched), "{told}");
    }
}

/// The canary's Deployment has an autoscaler of its own: its smallest number is where it starts, and it goes by its own
/// load.
#[test]
fn beside_an_autoscaler_the_canary_grows_with_its_share() {
    let released = |fewest: u32| {
        let service = format!(
            "    replicas: 10\n    startup: 10s\n    concurrency: 2\n    queue: 10\n    \
             autoscale: {{min: {fewest}, max: 20, utilisation: 60 %}}\n    \
             flagger: {{interval: 60s, threshold: 2, step_weight: 25 %, metrics: [{{errors: new, most: 1 %}}]}}\n    \
             runs: \"1\"\n    endpoints:\n      get: [work: 100ms]\n    versions: {{\"1\": {{}}, \"2\": {{}}}}\n"
        );
        let text = format!(
            "title: t\nhorizon: 15m\ntraffic:\n  users: {{to: api.get, rate: 60/s}}\nservices:\n  api:\n{service}\
             seats:\n  release: {{role: release}}\nrelease:\n  - {{at: 2m, do: {{deploy: api 2}}}}\n"
        );
        lived(&model(&Bundle::from_text("api", text, "")), None, 1).summary()
    };
    for fewest in [5, 2] {
        let end = released(fewest);
        assert!(first_told(&end, "in effect: deploy api 2").is_some(), "from {fewest} on: {:?}", end.harm.requests);
        assert!(end.harm.requests.failed < 20, "from {fewest} on: {:?}", end.harm.requests);
    }
}
