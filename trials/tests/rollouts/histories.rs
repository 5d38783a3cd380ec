//! Histories: how far back an undo can lead, and what it takes to go farther.

use model::time::Time;
use scenarios::Bundle;
use sim::Summary;
use trials::runs::{first_told, is_told, lived, minutes, model, told};

const SEED: u64 = 1;

const FORGOTTEN: &str = "no earlier revision of api is kept any more";

/// A service of four replicas at version 3, which two others were before, under a controller; somebody does this.
fn shop(controller: &str, steps: &str) -> Bundle {
    let text = format!(
        "title: T\nlesson: [L]\nhorizon: 40m\ntraffic:\n  users: {{to: api.get, rate: 2/s}}\nservices:\n  api:\n    \
         replicas: 4\n    startup: 10s\n    {controller}\n    runs: \"3\"\n    endpoints:\n      get: [work: 5ms]\n    \
         versions: {{\"1\": {{}}, \"2\": {{}}, \"3\": {{}}, \"4\": {{}}, \"5\": {{}}}}\nseats:\n  \
         ic: {{role: commander}}\nplans:\n  p:\n    about: x\n    steps: [{steps}]\n"
    );
    Bundle::from_text("shop", text, "")
}

fn end(controller: &str, steps: &str) -> Summary {
    lived(&model(&shop(controller, steps)), Some("p"), SEED).summary()
}

fn at(minute: u64) -> Time {
    Time::ZERO + minutes(minute)
}

/// Every controller that keeps a history, with a limit of its own where one is given.
fn controllers(history: Option<u32>) -> [String; 6] {
    let own = history.map_or(String::new(), |limit| format!("history: {limit}"));
    let [alone, also] = [own.clone(), if own.is_empty() { own } else { format!("{own}, ") }];
    [
        format!("rollout: {{{alone}}}"),
        format!("rollout: {{{also}strategy: recreate}}"),
        format!("statefulset: {{{alone}}}"),
        format!("canary: {{{also}router: {{}}, steps: [weight: 50 %, pause: 10s]}}"),
        format!("blue_green: {{{alone}}}"),
        format!(
            "rollout: {{{alone}}}\n    flagger: {{interval: 10s, step_weight: 50 %, threshold: 20, \
             metrics: [{{errors: new, most: 90 %}}]}}"
        ),
    ]
}

const DEPLOY_AND_UNDO: &str = "{at: 2m, do: {deploy: api 4}}, {at: 12m, do: {undo: api}}";

#[test]
fn an_undo_leads_to_what_is_kept_and_no_farther() {
    for controller in controllers(None) {
        let kept = end(&controller, DEPLOY_AND_UNDO);
        assert!(is_told(&kept, "in effect: roll back api"), "{controller}");
    }
    for controller in controllers(Some(0)) {
        let pruned = end(&controller, DEPLOY_AND_UNDO);
        assert_eq!(told(&pruned, FORGOTTEN), [at(12)], "{controller}");
    }
    for controller in controllers(Some(1)) {
        let one = end(&controller, DEPLOY_AND_UNDO);
        assert!(is_told(&one, "in effect: roll back api"), "{controller}");
    }
}

#[test]
fn what_is_forgotten_can_be_deployed_by_its_name() {
    for controller in controllers(Some(0)) {
        let named = end(&controller, "{at: 2m, do: {deploy: api 4}}, {at: 12m, do: {deploy: api 3}}");
        assert!(is_told(&named, "in effect: deploy api 3"), "{controller}: the artifact is there");
    }
}

#[test]
fn what_is_still_on_its_way_out_is_not_forgotten() {
    // Of the Deployment that Flagger puts to the test nothing runs between releases: it forgets at once.
    for controller in controllers(Some(0)).iter().filter(|own| !own.contains("flagger")) {
        let soon = end(controller, "{at: 2m, do: {deploy: api 4}}, {at: 125s, do: {undo: api}}");
        assert!(!is_told(&soon, FORGOTTEN), "{controller}: it has replicas");
        assert!(is_told(&soon, "in effect: roll back api"), "{controller}");
    }
}

#[test]
fn the_history_from_before_the_run_is_as_long_as_the_limit() {
    for history in [None, Some(2), Some(1), Some(0)] {
        for controller in controllers(history) {
            let undo = end(&controller, "{at: 2m, do: {undo: api}}");
            assert_eq!(is_told(&undo, "in effect: roll back api"), history != Some(0), "{controller}");
            assert_eq!(is_told(&undo, FORGOTTEN), history == Some(0), "{controller}");
        }
    }
}

#[test]
fn a_rollback_window_sees_what_is_kept() {
    let canary = |history: u32| {
        format!("canary: {{history: {history}, rollback_window: 3, router: {{}}, steps: [weight: 20 %, pause: 5m]}}")
    };
    let there_and_back = "{at: 1m, do: {deploy: api 4}}, {at: 9m, do: {deploy: api 5}}, {at: 20m, do: {deploy: api 3}}";
    let took = |history| {
        let end = end(&canary(history), there_and_back);
        first_told(&end, "in effect: deploy api 3").expect("it gets there").since(at(20))
    };
    assert!(took(10) < minutes(2), "{}", took(10));
    assert!(took(1) > minutes(5), "the set of 3 is deleted, so it is made anew: {}", took(1));
    let before_the_run = end(&canary(10), "{at: 1m, do: {deploy: api 2}}");
    let promoted = first_told(&before_the_run, "in effect: deploy api 2").expect("its set is kept from before");
    assert!(promoted < at(2), "{promoted}");
}

/// Nobody who goes from host to host keeps a history: what was told is told again.
#[test]
fn a_history_is_what_a_controller_keeps() {
    let problems = scenarios::compile(&shop("in_place: {history: 3}", "")).expect_err("it keeps none");
    assert!(problems.short().contains("unknown key `history`"), "{problems}");
}
