//! Orders to an Argo Rollout: when they are in effect, and what they do to one that is held, given up or half way.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{begun, first_told, library, lived, model, share_of_new, told};

const SEED: u64 = 1;
const ROUTED: &str =
    "canary: {router: {}, steps: [weight: 20 %, pause: 1m, weight: 40 %, pause: 10s, weight: 60 %, pause: 10s]}";
const BASIC: &str = "canary: {steps: [weight: 20 %, pause: 1m, weight: 60 %, pause: 10s]}";
const BLUE_GREEN: &str = "blue_green: {scale_down_delay: 10m}";
const AFTERWARDS: &str = "blue_green: {afterwards: [{errors: new, most: 50 %, every: 10s, count: 60}], \
                          scale_down_delay: 30m}";
const CRASHES: &str = "{defects: [{defect: it dies, endpoint: get, share: 5 %, crash: yes}]}";

/// Ten replicas that start in ten seconds; version 2 is deployed at 2:00, and `steps` are taken.
fn under(rules: &str, second: &str, steps: &str) -> Bundle {
    let text = format!(
        "title: t\nhorizon: 15m\ntraffic:\n  users: {{to: api.get, rate: 20/s}}\nservices:\n  api:\n    \
         replicas: 10\n    \
         startup: 10s\n    {rules}\n    runs: \"1\"\n    endpoints:\n      get: [work: 5ms]\n    versions:\n      \
         \"1\": {{}}\n      \"2\": {second}\nslos:\n  get: {{endpoint: api.get, good: 99 %}}\nseats:\n  \
         ic: {{role: commander}}\n  release: {{role: release}}\nrelease:\n  - {{at: 2m, do: {{deploy: api 2}}}}\n\
         plans:\n  p:\n    about: what is ordered\n    steps:\n      {steps}\n"
    );
    Bundle::from_text("orders", text, "")
}

fn ended(rules: &str, second: &str, steps: &str) -> Summary {
    lived(&model(&under(rules, second, steps)), Some("p"), SEED).summary()
}

/// The second in which it is first told.
fn at(end: &Summary, words: &str) -> Option<u64> {
    first_told(end, words).map(|at| at.since(Time::ZERO).nanos() / Span::SECOND.nanos())
}

// When an order is in effect.

#[test]
fn an_undo_is_not_in_effect_while_the_router_waits_for_the_version_one_goes_back_to() {
    // Two of ten replicas are left of version 1; ten seconds later there are ten.
    let shrinks = "canary: {router: {dynamic_stable: yes}, steps: [weight: 80 %, wait: promotion]}";
    let steps = "- {at: 5m, do: {undo: api}}";
    let end = ended(shrinks, "{}", steps);
    assert_eq!(at(&end, "in effect: roll back api"), Some(310));
    let mut world = begun(&model(&under(shrinks, "{}", steps)), Some("p"), SEED);
    assert!(share_of_new(&mut world, 301, 309) > 0.5, "it still has most of the traffic");
    assert!(share_of_new(&mut world, 311, 400).abs() < f64::EPSILON);
}

#[test]
fn an_abort_after_a_switch_is_not_in_effect_while_everything_goes_to_the_version_given_up() {
    // The switch back waits for all replicas of the version that crashes: rollout/service.go, reconcileActiveService.
    let end = ended(AFTERWARDS, CRASHES, "- {at: 3m, do: {abort: api}}");
    assert_eq!(at(&end, "in effect: abort"), None);
    assert_eq!(end.outcome, Outcome::NotRecovered);
    let undone = ended(AFTERWARDS, CRASHES, "- {at: 3m, do: {undo: api}}");
    assert!(at(&undone, "in effect: roll back api").is_some_and(|second| second <= 190));
    assert_eq!(undone.outcome, Outcome::Recovered);
}

#[test]
fn without_a_router_nothing_is_back_before_the_last_replica_is() {
    let end = ended(BASIC, "{}", "- {at: 170s, do: {abort: api}}");
    let back = at(&end, "in effect: abort").expect("it comes");
    let mut world = begun(&model(&under(BASIC, "{}", "- {at: 170s, do: {abort: api}}")), Some("p"), SEED);
    assert!(share_of_new(&mut world, back + 1, 600).abs() < f64::EPSILON);
}

#[test]
fn a_new_size_is_in_effect_when_so_many_serve() {
    let to_12 = "- {at: 5m, do: {scale: api, to: 12}}";
    // The old version stays behind for ten minutes, and is none of the twelve.
    assert_eq!(at(&ended(BLUE_GREEN, "{}", to_12), "in effect: scale"), Some(310));
    // Ten that serve and ten of the preview are not twenty that serve.
    let mid = ended(BLUE_GREEN, "{}", "- {at: 125s, do: {scale: api, to: 20}}");
    assert_eq!(at(&mid, "in effect: scale"), Some(135));
    // Neither is a canary beside ten.
    let canary = ended(ROUTED, "{}", "- {at: 150s, do: {scale: api, to: 12}}");
    assert_eq!(at(&canary, "in effect: scale"), Some(160));
    // Those on a host that is drained serve, though nobody asks them.
    let drained = "- {at: 5m, do: {drain: host-1}}\n      - {at: 6m, do: {scale: api, to: 12}}";
    assert_eq!(at(&ended("rollout: {}", "{}", drained), "in effect: scale"), Some(370));
    for rules in [BLUE_GREEN, ROUTED, BASIC, "rollout: {}", "statefulset: {}"] {
        let down = ended(rules, "{}", "- {at: 10m, do: {scale: api, to: 6}}");
        assert_eq!(at(&down, "in effect: scale"), Some(600), "{rules}");
    }
}

// What is held or given up.

#[test]
fn whoever_promotes_a_rollout_that_is_held_lets_it_go_on() {
    let end = ended(ROUTED, "{}", "- {at: 150s, do: {pause: api}}\n      - {at: 200s, do: {promote: api}}");
    assert_eq!(at(&end, "step 2 of the rollout is done"), Some(200), "its pause is not begun anew");
    assert!(at(&end, "in effect: deploy api 2").is_some());
    let fully = ended(ROUTED, "{}", "- {at: 150s, do: {pause: api}}\n      - {at: 200s, do: {promote: api, to: end}}");
    assert_eq!(at(&fully, "in effect: promote api"), Some(210));
    assert_eq!(at(&fully, "the rollout is complete"), Some(210));
}

/// Whoever aborts has decided for the version that serves, whatever they decided before.
#[test]
fn the_last_word_to_a_controller_is_what_is_intended() {
    let second = "{defects: [{defect: broken, endpoint: get, share: 50 %}]}";
    for [first, then] in [["abort: api", "retry: api"], ["undo: api", "deploy: api 2"]] {
        let orders = [("150s", first), ("200s", then), ("260s", "abort: api")];
        let steps = |count: usize| {
            let steps = orders[..count].iter().map(|(at, what)| format!("- {{at: {at}, do: {{{what}}}}}"));
            steps.collect::<Vec<_>>().join("\n      ")
        };
        let outcomes = [1, 2, 3].map(|count| ended(ROUTED, second, &steps(count)).outcome);
        assert_eq!(outcomes, [Outcome::Recovered, Outcome::NotRecovered, Outcome::Recovered], "{first}, {then}, abort");
    }
}

#[test]
fn whoever_promotes_past_all_after_an_abort_is_not_overtaken() {
    for rules in [ROUTED, BASIC] {
        let end = ended(rules, "{}", "- {at: 150s, do: {abort: api}}\n      - {at: 200s, do: {promote: api, to: end}}");
        assert!(at(&end, "in effect: promote").is_some() && at(&end, "overtaken: promote").is_none(), "{rules}");
    }
    let again = "- {at: 150s, do: {promote: api, to: end}}\n      - {at: 155s, do: {undo: api}}";
    let end = ended(ROUTED, "{}", again);
    assert_eq!((at(&end, "overtaken: promote"), at(&end, "in effect: promote")), (Some(155), None));
}

#[test]
fn a_rollout_of_argo_that_is_held_goes_back_and_a_deployment_does_not() {
    let steps = "- {at: 150s, do: {pause: api}}\n      - {at: 200s, do: {undo: api}}";
    assert_eq!(at(&ended(ROUTED, "{}", steps), "in effect: roll back api"), Some(200));
    assert!(at(&ended(BLUE_GREEN, "{}", &steps.replace("150s", "125s")), "in effect: roll back api").is_some());
    let slow = "rollout: {min_ready: 2m}";
    assert!(at(&ended(slow, "{}", steps), "refused: the rollout of api is held").is_some());
}

#[test]
fn one_that_is_held_after_its_switch_comes_to_rest() {
    let afterwards = "blue_green: {afterwards: [{errors: new, most: 10 %, every: 10s, count: 3}]}";
    let steps = "- {at: 140s, do: {pause: api}}";
    assert_eq!(ended(afterwards, "{}", steps).outcome, Outcome::NoHarm);
    let undecided = "blue_green: {afterwards: [{errors: new, most: 1 %, fails: 50 %, over: 30s, after: 40s}]}";
    let end = ended(undecided, "{defects: [{defect: d, endpoint: get, share: 10 %}]}", "- {at: 14m, do: {undo: api}}");
    assert_eq!(told(&end, "an analysis came to no verdict: the rollout waits for somebody").len(), 1);
    assert!(at(&end, "in effect: roll back api").is_some());
}

// What is told.

#[test]
fn a_rollout_that_does_not_move_says_so_once() {
    let stuck = "{defects: [{defect: it does not start, at: start}]}";
    for rules in ["canary: {router: {}, deadline: 2m, steps: [weight: 10 %, pause: 1m]}", "blue_green: {deadline: 2m}"]
    {
        let end = ended(rules, stuck, "- {at: 14m, do: {undo: api}}");
        assert_eq!(told(&end, "no progress of the rollout for 2m 00s: the deadline has passed").len(), 1, "{rules}");
        assert_eq!(end.outcome, Outcome::NoHarm);
    }
}

#[test]
fn a_rollout_that_waits_for_somebody_says_so() {
    let nothing = "- {at: 14m, do: {undo: api}}";
    let canary = "canary: {router: {}, steps: [weight: 10 %, wait: promotion]}";
    assert_eq!(told(&ended(canary, "{}", nothing), "the rollout waits for somebody to promote it").len(), 1);
    let blue_green = "blue_green: {auto: no}";
    assert_eq!(told(&ended(blue_green, "{}", nothing), "is up, and waits for somebody to promote it").len(), 1);
    assert!(told(&ended(ROUTED, "{}", nothing), "waits for somebody").is_empty(), "its pauses end by themselves");
}

// What a rollout is told.

#[test]
fn a_metric_that_is_only_watched_decides_nothing_and_some_good_ones_in_a_row_are_enough() {
    let analysed = |keys: &str, second: &str| {
        let metric = format!("{{errors: new, most: 1 %, after: 30s, every: 10s, count: 12{keys}}}");
        let rules = format!("canary: {{router: {{}}, steps: [weight: 20 %, analysis: [{metric}]]}}");
        ended(&rules, second, "- {at: 14m, do: {undo: api}}")
    };
    let bad = "{defects: [{defect: d, endpoint: get, share: 20 %}]}";
    assert!(at(&analysed("", bad), "the rollout is aborted: the analysis of step 2 failed").is_some());
    let watched = analysed(", dry_run: yes", bad);
    assert!(at(&watched, "aborted").is_none() && at(&watched, "the rollout is complete").is_some());
    let passed = |keys: &str| at(&analysed(keys, "{}"), "step 2 of the rollout is done").expect("it is good");
    assert_eq!(passed("") - passed(", successes_in_row: 3"), 90, "nine measurements fewer");
}

#[test]
fn no_more_versions_stay_than_may() {
    let back = |limit: u32| {
        let rules = format!("blue_green: {{scale_down_delay: 10m, scale_down_limit: {limit}}}");
        at(&ended(&rules, "{}", "- {at: 5m, do: {undo: api}}"), "in effect: roll back api")
    };
    assert_eq!([back(0), back(1)], [Some(310), Some(300)]);
}

// Who gets the traffic.

#[test]
fn a_router_sends_the_share_of_a_version_without_replicas_nowhere_unless_it_falls_back() {
    // The first request that a process of version 2 gets kills it.
    let killed = "{defects: [{defect: it dies, endpoint: get, crash: yes}]}";
    let canary = |router: &str| format!("canary: {{router: {{{router}}}, steps: [weight: 50 %, wait: promotion]}}");
    let failed = |router: &str| ended(&canary(router), killed, "- {at: 14m, do: {undo: api}}");
    let nobody = "no replica serves of the version that the router chose";
    let strict = failed("dynamic_stable: yes");
    assert!(at(&strict, nobody).is_some());
    // Half of 20 a second for twelve minutes: five stable replicas are too few for Argo to take the share back.
    assert!((6_800..7_600).contains(&strict.harm.requests.failed), "{:?}", strict.harm.requests);
    for router in ["dynamic_stable: yes, falls_back: yes", ""] {
        let end = failed(router);
        assert!(at(&end, nobody).is_none() && end.harm.requests.failed < 100, "{router}: {:?}", end.harm.requests);
    }
}

#[test]
fn flagger_leaves_its_router_alone_until_it_looks() {
    let killed = "{defects: [{defect: it dies, endpoint: get, crash: yes}]}";
    let flagger = |more: &str| {
        format!("flagger: {{interval: 60s, step_weight: 50 %, metrics: [{{errors: all, most: 100 %}}]{more}}}")
    };
    let failed = |more: &str| ended(&flagger(more), killed, "- {at: 10m, do: {abort: api}}").harm.requests.failed;
    let [strict, kind] = ["", ", falls_back: yes"].map(failed);
    assert!(strict > 20 * kind, "{strict} and {kind}");
}

// Skew.

#[test]
fn a_set_that_is_kept_for_going_back_is_no_skew() {
    let [in_time, too_late] =
        ["in-time", "too-late"].map(|plan| lived(&library("too-late"), Some(plan), SEED).summary());
    let traffic = in_time.clocks.traffic.expect("it recovers");
    assert!(in_time.met && in_time.clocks.skew.is_some_and(|skew| skew <= traffic), "{:?}", in_time.clocks);
    assert!(!too_late.met && too_late.clocks.skew.is_some_and(|skew| skew > Span::from_secs(12 * 60)));
    // What still gets traffic is skew, and so is what has not been told to stay.
    let end =
        ended("canary: {router: {}, steps: [weight: 20 %, wait: promotion]}", CRASHES, "- {at: 8m, do: {undo: api}}");
    assert!(end.clocks.skew.is_some_and(|skew| skew > Span::from_secs(5 * 60)), "{:?}", end.clocks);
}
