//! What a controller makes of an order, in words, held to what it then does.

use model::action::{Action, ServiceAction};
use model::time::Span;
use scenarios::Bundle;
use sim::{Summary, WayBack, WaysBack};
use trials::runs::{begun, first_told, is_told, library, lived, model, second, told};
use trials::text::{edited, swapped};

use crate::said_ways::{api, ways};

const SEED: u64 = 1;
const DEPLOYED: &str = "at: 2m, do: {deploy: api 2}";

fn all(ways: &WaysBack) -> impl Iterator<Item = &WayBack> {
    ways.changes.iter().flat_map(|changed| &changed.ways)
}

fn labels(ways: &WaysBack) -> Vec<&str> {
    all(ways).map(|way| way.choice.label.as_str()).collect()
}

fn labelled<'w>(ways: &'w WaysBack, label: &str) -> &'w WayBack {
    all(ways).find(|way| way.choice.label == label).unwrap_or_else(|| panic!("no `{label}` in {:?}", labels(ways)))
}

fn steps(way: &WayBack) -> String {
    way.steps.iter().map(|step| step.what.clone()).collect::<Vec<_>>().join("; ")
}

fn end(bundle: &Bundle) -> Summary {
    lived(&model(bundle), None, SEED).summary()
}

fn seconds(span: Option<Span>) -> u64 {
    span.expect("it gets there").nanos() / 1_000_000_000
}

// Blue-green.

/// The old replicas stand for twenty minutes, but all processes have been killed: what stands is none of them, and a
/// controller that has looked once forgets that they did.
#[test]
fn a_switch_to_replicas_that_are_dead_waits_for_somebody() {
    let rules = "blue_green: {auto: no, scale_down_delay: 20m}";
    let steps_of = |seconds, fault: &str| {
        let bundle = api(rules, &[DEPLOYED, "at: 3m, do: {promote: api}"]);
        let ways = ways(&edited(bundle, |text| format!("{text}{fault}")), seconds);
        (steps(labelled(&ways, "roll back api to 1")), ways)
    };
    let killed = "faults: [{kill: api, at: 5m}]\n";
    let (alive, ways) = steps_of(305, "");
    assert!(
        alive.contains("starts no replica; 10 replicas of it still stand") && alive.contains("when all of them serve")
    );
    assert_eq!(labelled(&ways, "roll back api to 1").durations.and_then(|took| took.p90), Some(Span::ZERO));

    let (dead, ways) = steps_of(305, killed);
    assert!(!dead.contains("still stand") && dead.contains("when somebody promotes it"), "{dead}");
    assert_eq!(labelled(&ways, "roll back api to 1").durations.map(|took| took.reached), Some(0));
    let both = labelled(&ways, "roll back api to 1, and promote api to the end");
    assert!(both.durations.is_some_and(|took| took.reached == took.tried && seconds(took.p50) >= 5), "{both:?}");
    assert!(both.left.as_ref().is_some_and(sim::Left::is_nothing), "{both:?}");

    let (back, _) = steps_of(330, killed);
    assert!(back.contains("10 replicas of it still stand"), "they have been started again: {back}");
}

// Restarts.

/// An undo right after a restart takes back the restart: while a release is on its way, that is no way back from it.
#[test]
fn an_undo_that_takes_back_a_restart_alone_is_no_way_back_from_a_release() {
    let restarted = [DEPLOYED, "at: 135s, do: {restart: api}"];
    for rules in ["rollout: {surge: 1, unavailable: 0}", "statefulset: {}", "in_place: {batch: 1}"] {
        let ways = ways(&api(rules, &restarted), 140);
        assert!(labels(&ways).iter().all(|label| !label.starts_with("roll back")), "{rules}: {:?}", labels(&ways));
        let back = labelled(&ways, "deploy api 1");
        assert!(back.left.as_ref().is_some_and(sim::Left::is_nothing), "{rules}: {back:?}");
        let undo = Action::Service(back.choice.action.service().expect("of api"), ServiceAction::Undo);
        let mut world = begun(&model(&api(rules, &restarted)), None, SEED);
        world.run_until(second(140));
        let offered = world.view(world.scenario().player).choices;
        let known = offered.into_iter().find(|choice| choice.action == undo).expect("whoever plays can order it").known;
        let said = "takes back the restart, and not the version: the rollout of 2 goes on";
        assert!(known.concat().starts_with(said), "{rules}: {known:?}");
    }
}

/// From host to host, too, an undo of a restart in the middle of a rollout is in effect when that is through: no
/// sooner, though no old replica has been restarted.
#[test]
fn an_undo_of_a_restart_is_in_effect_when_all_run_the_version() {
    let orders = [DEPLOYED, "at: 135s, do: {restart: api}", "at: 140s, do: {undo: api}"];
    for rules in ["in_place: {batch: 1}", "rollout: {surge: 1, unavailable: 0}", "statefulset: {}"] {
        let bundle = api(rules, &orders);
        let at = first_told(&end(&bundle), "in effect: roll back api").expect("it is in effect");
        let mut world = begun(&model(&bundle), None, SEED);
        world.run_until(at);
        let service = &world.view(world.scenario().player).services[0];
        assert_eq!(service.versions.len(), 1, "{rules} at {at}: {:?}", service.versions);
        assert!(service.versions[0].label == "2" && service.versions[0].ready == 10, "{rules}: {:?}", service.versions);
        assert!(at > second(200), "ten replicas one after the other: {at}");
    }
}

// Waves.

/// Version 2 is in the first of two waves, and held there: going back has nothing to do in the second one.
#[test]
fn a_wave_with_nothing_left_to_do_is_not_waited_for() {
    let tool = "in_place: {batch: 5, waves: [{on: eu, bake: 10m}, {on: us, bake: 10m}]}";
    let undone = |at| {
        let ways = ways(&api(tool, &[DEPLOYED]), at);
        let way = labelled(&ways, "roll back api to 1");
        (steps(way), seconds(way.durations.and_then(|took| took.p50)))
    };
    let first = "replaces 5 replicas, host by host, at most 5 at a time, \
                 in 1 of 2 waves, as the others have nothing left to do";
    assert_eq!(undone(300), (first.to_owned(), 10));
    let both = "replaces 10 replicas, host by host, at most 5 at a time, in 2 waves that bake 10m 00s in all";
    assert_eq!(undone(1000), (both.to_owned(), 620));
}

#[test]
fn a_wave_that_begins_after_others_had_nothing_to_do_says_so() {
    let tool = "in_place: {batch: 5, waves: [{on: eu, bake: 5m}, {on: us, bake: 5m}]}";
    let told_idle = |orders: &[&str]| told(&end(&api(tool, orders)), "1 wave before it had nothing left to do");
    let back = ["at: 2m, do: {deploy: api 2, on: us}", "at: 5m, do: {deploy: api 1}"];
    assert_eq!(told_idle(&back), [second(300)]);
    assert_eq!(told_idle(&[DEPLOYED]), [], "both have something to do");
}

#[test]
fn hosts_that_have_it_all_are_left_alone() {
    let mut world = begun(&library("region-wave"), Some("after-the-second"), SEED);
    world.run_until(second(20 * 60));
    let ways = world.ways_back(5);
    assert!(steps(labelled(&ways, "roll back shop to 41")).contains("every host has it, and no wave bakes"));
}

// Flagger.

/// After a release that failed, the version before is no change to Flagger: it was promoted last.
#[test]
fn what_flagger_takes_for_no_change_is_said_and_told() {
    let mut world = begun(&library("same-image"), None, SEED);
    world.run_until(second(600));
    let ways = world.ways_back(5);
    let undo = labelled(&ways, "roll back checkout to 11");
    assert!(steps(undo).starts_with("no change to Flagger, which promoted it last: nothing is released"), "{undo:?}");
    let end = lived(&library("same-image"), Some("by-way-of-11"), SEED).summary();
    let words = "what is asked for is no change: it was promoted last, and nothing is released";
    let at = first_told(&end, words).expect("it is told at the next tick");
    assert!(at > second(600) && at <= second(630), "{at}");
    assert!(!is_told(&lived(&library("same-image"), Some("again"), SEED).summary(), words), "nobody asked for 11");
    assert!(!is_told(&lived(&library("second-deploy"), None, SEED).summary(), words), "a release is a change");
}

// Flagger suspended.

const SUSPENDED: &str =
    "flagger: {suspend: yes, step_weight: 50 %, interval: 20s, metrics: [{errors: all, most: 10 %}]}";

/// It looks at nothing until somebody lets it go on, and then it goes through its test as ever.
#[test]
fn flagger_that_is_suspended_goes_on_when_it_is_told_to() {
    let let_go = [DEPLOYED, "at: 4m, do: {resume: api}"];
    let [held, free] = [&let_go[..1], &let_go].map(|steps| end(&api(SUSPENDED, steps)));
    assert!(!is_told(&held, "in effect: deploy api 2") && !is_told(&held, "canary"));
    let at = first_told(&free, "in effect: deploy api 2").expect("it goes on");
    assert!(at > second(240) && !is_told(&free, "refused"), "{at}");
    let again = end(&api(SUSPENDED, &[DEPLOYED, let_go[1], "at: 6m, do: {resume: api}"]));
    assert!(is_told(&again, "refused: the rollout of api is not held"), "it was let go on already");
}

#[test]
fn ways_back_from_what_flagger_never_looked_at() {
    let ways = ways(&api(SUSPENDED, &[DEPLOYED]), 200);
    let undo = labelled(&ways, "roll back api to 1");
    assert_eq!(undo.durations.and_then(|took| took.p90), Some(Span::ZERO), "it is no change to Flagger");
    assert!(labels(&ways).iter().all(|label| !label.starts_with("hold")), "{:?}", labels(&ways));
}

/// What a hold leaves is what is there: no second version, where no replica runs the new one yet.
#[test]
fn a_hold_says_which_versions_it_leaves() {
    let rules = SUSPENDED.replace("suspend: yes, ", "").replace("20s", "5m");
    let early = self::ways(&api(&rules, &[DEPLOYED]), 121);
    assert_eq!(steps(labelled(&early, "hold the rollout of api")), "no replica runs 2 yet: it stays so");
    let rolling = self::ways(&api("rollout: {surge: 1, unavailable: 0}", &[DEPLOYED]), 150);
    assert_eq!(steps(labelled(&rolling, "hold the rollout of api")), "leaves two versions side by side");
}

/// A Deployment that has made all replicas of the new version stops the others, held or not, once those are available.
#[test]
fn a_hold_may_come_too_late() {
    let rules = "rollout: {surge: 100 %, unavailable: 0}";
    let ways = ways(&api(rules, &[DEPLOYED]), 125);
    let said = "it comes too late: once all replicas of 2 are available, the others are stopped";
    assert_eq!(steps(labelled(&ways, "hold the rollout of api")), said);
    let held = |rules: &str, at: u64| {
        let end = end(&api(rules, &[DEPLOYED, &format!("at: {at}s, do: {{pause: api}}")]));
        is_told(&end, "in effect: deploy api 2")
    };
    assert!(held(rules, 125), "the run says so, too");
    assert!(!held("rollout: {surge: 1, unavailable: 0}", 150), "before that a hold holds");
}

// Flagger in the middle of a release.

const TESTED: &str = "flagger: {step_weight: 10 %, interval: 20s, metrics: [{errors: all, most: 10 %}]}";

/// What was promoted last is no change until the release under way is through, and then it is one.
#[test]
fn an_undo_in_the_middle_of_a_release_of_flagger_is_a_release_more() {
    let undone = |at: u64| {
        let bundle = api(TESTED, &[DEPLOYED, &format!("at: {at}s, do: {{undo: api}}")]);
        let end = end(&bundle);
        (first_told(&end, "in effect: roll back api").is_some(), told(&end, "the canary is brought up").len())
    };
    let [tested, promoting] = [200, 395].map(|at| {
        let ways = ways(&api(TESTED, &[DEPLOYED]), at);
        assert_eq!(undone(at), (true, 2), "a second release at {at} s");
        steps(labelled(&ways, "roll back api to 1"))
    });
    assert!(tested.contains("the test that is under way goes on, with this version in the canary; then "), "{tested}");
    assert!(promoting.contains("the promotion that is under way goes on; then "), "{promoting}");
    for said in [&tested, &promoting] {
        assert!(said.contains("it is a change, and a release of its own: tests a canary beside the primary"), "{said}");
    }
}

/// A pause is one of the canary's Deployment: once that is up there is nothing to hold, and the test goes on.
#[test]
fn a_hold_of_a_canary_that_is_up_is_not_listed() {
    let paused = end(&api(TESTED, &[DEPLOYED, "at: 200s, do: {pause: api}"]));
    assert!(is_told(&paused, "in effect: deploy api 2"), "Flagger goes on");
    let hold = paused.timeline.iter().find(|line| line.what == "hold the rollout of api").expect("it was ordered");
    let idle = paused.timeline.iter().find(|line| line.what.contains("the hold stops nothing")).expect("it is told");
    assert_eq!((idle.at, idle.because.as_slice()), (hold.at, &[hold.id][..]));
    let early = end(&api(TESTED, &[DEPLOYED, "at: 121s, do: {pause: api}"]));
    assert!(is_told(&early, "hold the rollout of api") && !is_told(&early, "the hold stops nothing"), "it is held");
    let is_listed = |at| labels(&ways(&api(TESTED, &[DEPLOYED]), at)).iter().any(|label| label.starts_with("hold"));
    assert!(!is_listed(200) && !is_listed(395));
    let offered = |at| {
        let mut world = begun(&model(&api(TESTED, &[DEPLOYED])), None, SEED);
        world.run_until(second(at));
        let choices = world.view(world.scenario().player).choices;
        choices.iter().any(|own| matches!(own.action, Action::Service(_, ServiceAction::Pause)))
    };
    assert!(!offered(200));
    let slow = TESTED.replace("20s", "5m");
    let before = labels(&ways(&api(&slow, &[DEPLOYED]), 121)).join("; ");
    assert!(before.contains("hold the rollout of api"), "{before}");
}

/// Nothing is on its way any more when an abort is in effect: what was promoted last is no change then, and nothing is
/// tested or rolled out.
#[test]
fn an_undo_after_an_abort_says_what_it_finds_then() {
    let gated = TESTED.replace("metrics", "gates: [promotion], metrics");
    let orders = [DEPLOYED, "at: 10m, do: {abort: api}", "at: 12m, do: {undo: api}"];
    let run = end(&api(&gated, &orders));
    assert!(is_told(&run, "in effect: roll back api") && told(&run, "the canary is brought up").len() == 1);
    let ways = ways(&api(&gated, &[DEPLOYED]), 600);
    let both = labelled(&ways, "abort the rollout of api, then roll back api to 1");
    let said = steps(both);
    let after = said.split_once("when that is in effect; ").expect("it is waited for").1;
    assert!(after.starts_with("no change to Flagger, which promoted it last: nothing is released"), "{said}");
    assert!(!after.contains("canary"), "{said}");
    assert_eq!(both.keeps, "the artifact; 10 replicas of api 1 beside those that serve", "of both, and now");
    assert!(seconds(both.durations.and_then(|took| took.p90)) <= 20, "{both:?}");
}

/// Flagger asks whether to roll back while it tests, and not when it promotes, or waits to begin.
#[test]
fn an_abort_says_why_nothing_comes_of_it() {
    let begins = TESTED.replace("metrics", "gates: [start], metrics");
    let untested = TESTED.replace("metrics", "skip_analysis: yes, metrics");
    for (rules, at, why) in [
        (TESTED, 395, "the version has been promoted"),
        (&begins, 200, "waits until somebody lets the release begin"),
        (&untested, 141, "promoted without a test"),
    ] {
        let ways = ways(&api(rules, &[DEPLOYED]), at);
        let abort = labelled(&ways, "abort the rollout of api");
        let aborted = end(&api(rules, &[DEPLOYED, &format!("at: {at}s, do: {{abort: api}}")]));
        assert!(!is_told(&aborted, "in effect: abort"), "{rules}: nothing came of it");
        assert_eq!(abort.durations.map(|took| took.reached), Some(0), "{rules}");
        assert!(steps(abort).contains(why) && !steps(abort).contains("all traffic"), "{rules}: {}", steps(abort));
    }
    let ways = ways(&api(TESTED, &[DEPLOYED]), 200);
    assert!(steps(labelled(&ways, "abort the rollout of api")).contains("at the next tick, within 20s: all traffic"));
}

/// Flagger asks whether to roll back when both of its Deployments are ready. One that does not get ready is given up
/// when its deadline is over; one that starts is waited for.
#[test]
fn an_abort_says_that_the_canary_is_waited_for() {
    let fails = |text: &str| swapped(text, "\"2\": {}", "\"2\": {defects: [{defect: it dies, at: start}]}");
    for (bundle, within) in [(edited(api(TESTED, &[DEPLOYED]), fails), 560..660), (api(TESTED, &[DEPLOYED]), 2..40)] {
        let ups: Vec<_> = (125..160).map(|at| ways(&bundle, at)).collect();
        let abort = |ways: &WaysBack| {
            let all = ways.changes.iter().flat_map(|own| own.ways.clone());
            all.into_iter().find(|way| way.choice.label == "abort the rollout of api")
        };
        let waits = "Flagger asks for it at a tick at which the canary is ready, or has made no progress for 10m 00s";
        let (early, late): (Vec<_>, Vec<_>) = ups.iter().filter_map(abort).partition(|way| steps(way).contains(waits));
        assert!(!early.is_empty(), "{:?}", late.first().map(steps));
        assert!(
            early.iter().all(|way| within.contains(&seconds(way.durations.and_then(|took| took.p50)))),
            "{early:?}"
        );
        let is_soon = |way: &WayBack| steps(way).contains("at the next tick, within 20s");
        assert!(late.iter().all(is_soon), "{late:?}");
    }
}

/// A restart lies behind, and everything is as it was: an undo would lead to the version one came from.
#[test]
fn an_undo_of_a_restart_leads_to_the_same_version() {
    let steps = [DEPLOYED, "at: 4m, do: {restart: api}", "at: 6m, do: {deploy: api 1}"];
    for rules in ["rollout: {}", "statefulset: {}", "canary: {}"] {
        let ways = ways(&api(rules, &steps), 900);
        assert_eq!(labels(&ways), [""; 0], "{rules}: nothing is other than it was");
    }
    let restarted = ways(&api("rollout: {}", &["at: 2m, do: {restart: api}"]), 600);
    assert_eq!(labels(&restarted), ["roll back api"], "that is a way back from the restart");
}
