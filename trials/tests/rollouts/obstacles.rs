//! What stands in the way of a way back: a controller that is stuck, a quota that is used up, a lock that somebody else
//! has.

use model::action::{Action, ServiceAction};
use model::rollout::RolloutOrder;
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Outcome, Summary, WayBack, World};
use trials::runs::{begun, first_told, is_told, lived, lived_until, minutes, model, second, told};
use trials::text::{bundled, edited, swapped};

const SEED: u64 = 1;

const FLAGGER: &str = "flagger: {interval: 10s, step_weight: 50 %, threshold: 20, \
                       metrics: [{errors: new, most: 90 %, over: 30s}]}";

fn end(bundle: &Bundle, plan: &str) -> Summary {
    lived(&model(bundle), Some(plan), SEED).summary()
}

fn at(minute: u64) -> Time {
    Time::ZERO + minutes(minute)
}

/// A bundled scenario with other faults.
fn with_faults(name: &str, faults: &str) -> Bundle {
    edited(bundled(name), |text| {
        let (before, rest) = text.split_once("faults:\n").expect("it has some");
        let after = rest.split_once("\nslos:").expect("they come after the faults").1;
        format!("{before}faults:\n{faults}\nslos:{after}")
    })
}

fn failed_between(bundle: &Bundle, plan: &str, from: u64, to: u64) -> u64 {
    let world = model(bundle);
    let [before, after] = [from, to].map(|until| lived_until(&world, Some(plan), SEED, minutes(until)).summary());
    after.harm.requests.failed - before.harm.requests.failed
}

/// The way back that an action is, at this minute.
fn way(bundle: &Bundle, minute: u64, is_it: fn(ServiceAction) -> bool) -> WayBack {
    let mut world = begun(&model(bundle), None, SEED);
    world.run_until(at(minute));
    let ways = world.ways_back(20).changes.into_iter().flat_map(|changed| changed.ways);
    let is_it = |way: &WayBack| matches!(way.choice.action, Action::Service(_, action) if is_it(action));
    ways.into_iter().find(is_it).expect("there is such a way")
}

const fn is_undo(action: ServiceAction) -> bool {
    matches!(action, ServiceAction::Undo)
}

fn middle(way: &WayBack) -> Option<Span> {
    way.durations.expect("it can be done").p50
}

fn shown(world: &World) -> String {
    let view = world.view(world.scenario().player);
    view.services[0].rollout.clone().unwrap_or_default()
}

// A controller that is stuck.

#[test]
fn an_undo_that_nobody_carries_out_waits_for_its_controller() {
    let stuck = bundled("undo-stuck");
    let back = first_told(&end(&stuck, "undo"), "in effect: roll back cart").expect("the controller comes back");
    assert!(back > at(30) && back < at(31), "{back}");
    assert!(failed_between(&stuck, "undo", 10, 29) > 60 * 60 * 19 / 10, "an eighth of 60 a second, for 19 minutes");
    assert_eq!(failed_between(&stuck, "undo", 32, 45), 0);

    let free = with_faults("undo-stuck", "  []");
    let back = first_told(&end(&free, "undo"), "in effect: roll back cart").expect("it is carried out");
    assert!(back < at(9), "{back}");
    assert_eq!(failed_between(&free, "undo", 10, 29), 0);
}

#[test]
fn a_flag_asks_no_controller() {
    let off = end(&bundled("undo-stuck"), "flag-off");
    let back = first_told(&off, "in effect: switch bundles").expect("it asks nobody");
    assert!(back < at(9), "{back}");
    assert_eq!(failed_between(&bundled("undo-stuck"), "flag-off", 9, 45), 0);
    assert_eq!(off.outcome, Outcome::Recovered);
}

#[test]
fn who_waits_for_the_rollout_is_told_that_nobody_has_looked() {
    let mut world = begun(&model(&bundled("undo-stuck")), Some("undo"), SEED);
    world.run_until(at(20));
    assert!(shown(&world).contains("spec update to be observed"), "{}", shown(&world));
    world.run_until(at(32));
    assert!(!shown(&world).contains("observed"), "{}", shown(&world));
}

#[test]
fn ways_back_take_until_the_controller_looks_again() {
    let undo = way(&bundled("undo-stuck"), 10, is_undo);
    let takes = middle(&undo).expect("it gets there");
    assert!(takes > minutes(20) && takes < minutes(21), "{takes}");
    let forever = with_faults("undo-stuck", "  - {stuck: cart, at: 5m}");
    assert_eq!(middle(&way(&forever, 10, is_undo)), None, "nobody will ever look");
}

/// The same release and undo under another controller, stuck from 5m to 15m; when the undo at 8m is in effect.
fn undone(controller: &str, faults: &str) -> Option<Time> {
    let other = edited(with_faults("undo-stuck", faults), |text| {
        swapped(text, "    runs: \"11\"\n", &format!("    {controller}\n    runs: \"11\"\n"))
    });
    let end = lived_until(&model(&other), Some("undo"), SEED, minutes(25)).summary();
    first_told(&end, "in effect: roll back cart")
}

#[test]
fn every_controller_can_be_stuck() {
    for controller in [
        "rollout: {strategy: recreate}",
        "statefulset: {}",
        "in_place: {}",
        "canary: {router: {}, steps: [weight: 50 %, pause: 10s]}",
        "blue_green: {}",
        FLAGGER,
    ] {
        let free = undone(controller, "  []").expect(controller);
        assert!(free < at(10), "{controller}: {free}");
        let stuck = undone(controller, "  - {stuck: cart, at: 5m, lasts: 10m}").expect(controller);
        assert!(stuck > at(15) && stuck < at(18), "{controller}: {stuck}");
    }
}

#[test]
fn what_looks_beside_the_controller_can_be_stuck_by_itself() {
    let late = undone(FLAGGER, "  - {stuck: cart, what: flagger, at: 5m, lasts: 10m}").expect("it ticks again");
    assert!(late > at(15) && late < at(18), "{late}");

    let heals = "gitops: {every: 1m, self_heal: yes}";
    let undo = |faults: &str| {
        let other = edited(with_faults("undo-stuck", faults), |text| {
            swapped(text, "    runs: \"11\"\n", &format!("    {heals}\n    runs: \"11\"\n"))
        });
        let text = edited(other, |text| swapped(text, "{deploy: cart 12}", "{commit: cart 12}"));
        told(&end(&text, "undo"), "what was changed by hand is taken back")
    };
    assert!(undo("  []").first().is_some_and(|at_once| *at_once < at(10)));
    let later = undo("  - {stuck: cart, what: gitops, at: 7m, lasts: 10m}");
    assert!(later.first().is_some_and(|first| *first > at(17)), "{later:?}");
}

/// What a Deployment reports of the version before is nothing Flagger goes by.
#[test]
fn flagger_waits_for_deployments_that_have_not_looked() {
    let complete = |faults: &str| {
        let other = edited(with_faults("undo-stuck", faults), |text| {
            swapped(text, "    runs: \"11\"\n", &format!("    {FLAGGER}\n    runs: \"11\"\n"))
        });
        first_told(&end(&other, "undo"), "the release is complete").expect("it gets there")
    };
    assert!(complete("  []") < at(4));
    // The canary has passed, and the primary is told the version while nobody looks.
    let late = complete("  - {stuck: cart, at: 160s, lasts: 10m}");
    assert!(late > at(12), "{late}");
}

/// Replicas of the only service that serve at this second, when all are stopped by hand at 8m.
fn serving_after_a_stop(controller: &str, second_of: u64) -> u32 {
    let other = edited(bundled("undo-stuck"), |text| {
        let text = swapped(text, "    runs: \"11\"\n", &format!("    {controller}\n    runs: \"11\"\n"));
        swapped(&text, "{at: 8m, do: {undo: cart}}", "{at: 8m, do: {stop: cart, which: all}}")
    });
    let mut world = begun(&model(&other), Some("undo"), SEED);
    world.run_until(second(second_of));
    world.view(world.scenario().player).services[0].versions.iter().map(|version| version.ready).sum()
}

/// The sets of an Argo Rollout are kept by Kubernetes, those of a Deployment by what is stuck.
#[test]
fn who_is_stopped_is_made_anew_where_somebody_looks() {
    assert_eq!(serving_after_a_stop("rollout: {}", 600), 0);
    assert_eq!(serving_after_a_stop("rollout: {}", 1860), 6);
    assert_eq!(serving_after_a_stop("canary: {router: {}}", 600), 6);
}

// A quota that is used up.

#[test]
fn a_rollback_that_creates_first_has_no_room() {
    let full = bundled("no-room");
    let stalled = end(&full, "undo");
    assert!(!is_told(&stalled, "in effect: roll back search"));
    assert_eq!(told(&stalled, "the quota of 8 is used up").len(), 1);
    assert!(!is_told(&stalled, "the deadline has passed"), "to the controller nothing has begun");
    assert!(failed_between(&full, "undo", 30, 45) > 15 * 60 * 40 / 6, "a fifth of 40 a second, to the end");

    let roomy = with_faults("no-room", "  []");
    let back = first_told(&end(&roomy, "undo"), "in effect: roll back search").expect("there is room");
    assert!(back < at(10), "{back}");
    assert_eq!(failed_between(&roomy, "undo", 30, 45), 0);
}

#[test]
fn fewer_replicas_make_room() {
    let made = end(&bundled("no-room"), "make-room");
    let back = first_told(&made, "in effect: roll back search").expect("it goes through");
    assert!(back > at(12) && back < at(20), "{back}");
    assert_eq!(made.outcome, Outcome::Recovered);
}

#[test]
fn who_deletes_first_fits_into_what_there_is() {
    let careful = edited(bundled("no-room"), |text| {
        swapped(text, "{surge: 25 %, unavailable: 0}", "{surge: 0, unavailable: 25 %}")
    });
    let back = first_told(&end(&careful, "undo"), "in effect: roll back search").expect("it needs no room");
    assert!(back < at(10), "{back}");
}

/// To a Deployment those on their way out are gone, and to a quota they are not.
#[test]
fn who_is_on_the_way_out_takes_room_until_the_end() {
    let back = |quota: u32| {
        let slow = edited(bundled("no-room"), |text| {
            let text = swapped(text, "{surge: 25 %, unavailable: 0}", "{surge: 0, unavailable: 25 %}");
            let text = swapped(&text, "startup: 10s", "startup: 10s\n    drain: 60s");
            let text = swapped(&text, "work: {p50: 10ms, p99: 50ms}", "work: 5m");
            let text = swapped(&text, "rate: 40/s", "rate: 0.1/s");
            swapped(&text, "replicas: 8, at: 5m", &format!("replicas: {quota}, at: 5m"))
        });
        first_told(&end(&slow, "undo"), "in effect: roll back search").expect("it gets there")
    };
    let [roomy, tight] = [16, 8].map(back);
    assert!(roomy < at(10) && tight > roomy + minutes(2), "{roomy} with room, {tight} without");
}

#[test]
fn a_quota_that_is_lifted_is_found_out_at_the_next_attempt() {
    let lifted = with_faults("no-room", "  - {quota: search, replicas: 8, at: 5m, lasts: 15m}");
    let back = first_told(&end(&lifted, "undo"), "in effect: roll back search").expect("it goes on");
    // Attempts are ever farther apart: 5 ms · (2^n - 1) after the first, which was at 8m.
    let attempt = (0..30).map(|n| Span::from_nanos(5_000_000 * ((1 << n) - 1))).find(|wait| at(8) + *wait > at(20));
    let first = at(8) + attempt.expect("there is one");
    assert!(back > first && back < first + minutes(3), "{back}, and the attempt at {first}");
    let undo = way(&lifted, 8, is_undo);
    assert!(middle(&undo).is_some_and(|takes| takes > minutes(12)), "{:?}", middle(&undo));
    assert_eq!(middle(&way(&bundled("no-room"), 8, is_undo)), None, "it stalls for good");
}

#[test]
fn every_controller_that_creates_comes_under_a_quota() {
    let undone = |controller: &str, quota: u32| {
        let other = edited(bundled("no-room"), |text| {
            let text = swapped(text, "rollout: {surge: 25 %, unavailable: 0}", controller);
            swapped(&text, "replicas: 8, at: 5m", &format!("replicas: {quota}, at: 5m"))
        });
        let end = lived_until(&model(&other), Some("undo"), SEED, minutes(30)).summary();
        (first_told(&end, "in effect: roll back search").is_some(), told(&end, "is used up").len())
    };
    for (controller, enough, little) in [
        ("statefulset: {}", 8, 7),
        ("rollout: {strategy: recreate}", 8, 7),
        ("blue_green: {}", 16, 15),
        ("canary: {router: {}, steps: [weight: 50 %, pause: 10s]}", 16, 15),
        (FLAGGER, 20, 8),
    ] {
        assert_eq!(undone(controller, enough), (true, 0), "{controller} has room");
        assert_eq!(undone(controller, little), (false, 1), "{controller} has none");
    }
}

// A lock that somebody else has.

#[test]
fn an_undo_is_refused_while_somebody_else_deploys() {
    let locked = bundled("locked-out");
    let refused = end(&locked, "undo");
    assert_eq!(told(&refused, "somebody else deploys feed, and has the lock"), [at(8), at(18)]);
    assert!(failed_between(&locked, "undo", 20, 45) > 25 * 60 * 60 / 5 / 15, "a tenth of a fifth of 60 a second");

    let free =
        edited(with_faults("locked-out", "  []"), |text| swapped(text, "      - {at: 18m, do: {undo: feed}}\n", ""));
    assert!(is_told(&end(&free, "undo"), "in effect: roll back feed"));
    assert_eq!(failed_between(&free, "undo", 20, 45), 0);
}

#[test]
fn an_abort_needs_no_lock() {
    let abort = end(&bundled("locked-out"), "abort");
    assert!(first_told(&abort, "in effect: abort").is_some_and(|back| back < at(9)));
    assert_eq!(failed_between(&bundled("locked-out"), "abort", 9, 45), 0);
}

#[test]
fn what_needs_the_lock_is_no_way_back_and_the_abort_is() {
    let undo = way(&bundled("locked-out"), 8, is_undo);
    assert_eq!(undo.choice.refused.as_deref(), Some("somebody else deploys feed, and has the lock"));
    let is_abort = |action| matches!(action, ServiceAction::Roll(RolloutOrder::Abort));
    assert!(middle(&way(&bundled("locked-out"), 8, is_abort)).is_some_and(|takes| takes < minutes(1)));
}

/// What was built stays built: the same order after the lock deploys it at once.
#[test]
fn a_fix_that_finds_the_lock_taken_is_built_and_not_deployed() {
    let late = edited(bundled("locked-out"), |text| {
        let text =
            swapped(text, "    versions:\n", "    pipeline:\n      - {stage: build, takes: 5m}\n    versions:\n");
        let text = swapped(&text, "      \"30\": {}\n", "      \"30\": {}\n      \"32\": {artifact: unbuilt}\n");
        let text = swapped(&text, "{at: 8m, do: {undo: feed}}", "{at: 3m, do: {forward: feed 32}}");
        swapped(&text, "{at: 18m, do: {undo: feed}}", "{at: 36m, do: {deploy: feed 32}}")
    });
    let end = end(&late, "undo");
    assert_eq!(told(&end, "somebody else deploys feed, and has the lock"), [at(8)]);
    assert!(!is_told(&end, "feed 32 is not built"));
    assert!(told(&end, "deploy feed 32").iter().any(|given| *given == at(36)));
}

// What makes no sense.

#[test]
fn obstacles_that_make_no_sense_are_refused_with_a_way_out() {
    for (fault, said) in [
        ("{stuck: crat, at: 5m}", "there is no service `crat`"),
        ("{stuck: cart, what: flagger, at: 5m}", "cart has no `flagger`: there is nothing that could be stuck"),
        ("{stuck: cart, what: gitops, at: 5m}", "cart has no `gitops`"),
        ("{stuck: cart, what: autoscaler, at: 5m}", "cart has no `autoscale`"),
        ("{stuck: cart, what: kubelet, at: 5m}", "kubelet"),
        ("{quota: cart, at: 5m}", "missing key `replicas`"),
        ("{quota: cart, replicas: 4000000000, at: 5m}", "a number of replicas"),
        ("{lock: cart, at: 5m, lasts: 0s}", "a fault lasts"),
    ] {
        let problems = scenarios::compile(&with_faults("undo-stuck", &format!("  - {fault}"))).expect_err(fault);
        assert!(problems.short().contains(said), "{fault}: {problems}");
    }
    let in_place = edited(with_faults("undo-stuck", "  - {quota: cart, replicas: 3, at: 5m}"), |text| {
        swapped(text, "    runs: \"11\"\n", "    in_place: {}\n    runs: \"11\"\n")
    });
    let problems = scenarios::compile(&in_place).expect_err("nobody counts processes on hosts");
    assert!(problems.short().contains("goes from host to host"), "{problems}");
}
