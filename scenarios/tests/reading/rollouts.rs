//! Controllers of a service: what is refused, with its place and a way out.

use scenarios::{Bundle, compile};

/// A service `web` under these rules.
fn web(rules: &str) -> String {
    format!(
        "title: t\nhorizon: 10m\ntraffic:\n  users: {{to: web.get, rate: 1/s}}\nservices:\n  web:\n    replicas: 4\n\
         {rules}\n    endpoints:\n      get: [{{work: 1ms}}]\n    versions: {{\"1\": {{}}, \"2\": {{}}}}\n"
    )
}

/// Errors and warnings, one a line.
fn said(rules: &str) -> String {
    match compile(&Bundle::from_text("web", web(rules), "")) {
        Err(problems) => problems.short(),
        Ok(compiled) => compiled.warnings.map_or(String::new(), |warnings| warnings.short()),
    }
}

fn refused(rules: &str, what: &str) {
    let found = said(rules);
    assert!(found.contains(what), "{rules}\n{found}");
}

#[test]
fn a_service_has_one_controller() {
    refused("    rollout: {surge: 1}\n    statefulset: {}", "one service has one controller");
    refused("    canary: {}\n    blue_green: {}", "one service has one controller");
}

#[test]
fn what_could_never_move_is_refused() {
    refused("    canary: {surge: 0, unavailable: 0}", "leaves no room to move");
    refused("    statefulset: {unavailable: 0}", "none is ever replaced");
    refused("    statefulset: {update: on-delete, partition: 1}", "this is for rolling updates");
}

/// Kubernetes bounds the replicas that may be missing by all of them, and those beyond by nothing.
#[test]
fn there_may_be_several_times_as_many_and_no_more_than_all_may_be_missing() {
    for rules in ["    rollout: {surge: 200 %, unavailable: 0}", "    canary: {surge: 150 %}"] {
        assert_eq!(said(rules), "");
    }
    refused("    rollout: {unavailable: 200 %}", "`200 %` is more than the whole: at most 100 %");
    refused("    in_place: {batch: 150 %}", "`150 %` is more than the whole: at most 100 %");
    refused("    rollout: {surge: 1001 %}", "is more than the whole");
}

#[test]
fn an_action_by_the_name_it_has_elsewhere_is_told_its_own() {
    let text = format!("{}release:\n  - {{at: 1m, do: {{rollback: web}}}}\n", web(""));
    let Err(problems) = compile(&Bundle::from_text("web", text, "")) else { panic!("there is no such action") };
    let told = problems.render(scenarios::syntax::Paint::Plain);
    assert!(told.contains("`rollback` does not start an action") && told.contains("did you mean `undo`?"), "{told}");
}

#[test]
fn a_canary_goes_up_in_whole_percent() {
    refused("    canary:\n      steps: [{weight: 50 %}, {weight: 20 %}]", "the weight goes down, from 50 % to 20 %");
    refused("    canary:\n      steps: [{weight: 0.5 %}]", "not a whole percentage");
    refused("    canary:\n      steps: [{scale: 2}]", "needs a traffic router");
    refused("    canary:\n      steps: [{analysis: []}]", "an analysis measures nothing");
    let unread = said("    canary:\n      steps: [{analysis: [{most: 1 %}]}]");
    assert!(unread.contains("not a metric") && unread.lines().count() == 1, "one mistake, one message: {unread}");
    refused("    canary:\n      steps: [{weigth: 10 %}]", "`weigth` does not start a step of a canary");
    refused("    blue_green: {preview_replicas: 9}", "the preview has more pods");
}

/// Where it is refused: line and column of the first complaint.
fn place(rules: &str) -> String {
    let found = said(rules);
    let mut parts = found.split(':').skip(1);
    format!("{}:{}", parts.next().unwrap_or(""), parts.next().unwrap_or(""))
}

#[test]
fn a_mistake_in_a_canary_is_told_at_its_step() {
    refused("    canary:\n      steps: [{weight: 5 %}, {scale: 2}]", "step 2 sets the canary's size");
    assert_eq!(place("    canary:\n      steps:\n        - weight: 5 %\n        - analysis: []"), "11:21");
    assert_eq!(place("    canary:\n      steps:\n        - weight: 5 %\n        - scale: 2"), "11:18");
    assert_eq!(place("    canary:\n      surge: 1\n      watch: {metrics: []}"), "10:24");
    assert_eq!(place("    blue_green:\n      auto: yes\n      before: []"), "10:15");
    assert_eq!(place("    blue_green:\n      auto: yes\n      afterwards: []"), "10:19");
    assert_eq!(place("    blue_green:\n      auto: yes\n      preview_replicas: 9"), "10:25");
    assert_eq!(place("    canary:\n      surge: 0\n      unavailable: 0"), "10:20");
}

#[test]
fn what_argo_refuses_is_refused() {
    let dynamic = "    canary: {router: {dynamic_stable: yes, scale_down_delay: 30s}}";
    refused(dynamic, "a stable version that shrinks with its share has nothing left");
    for kind in ["canary", "blue_green"] {
        let late = |deadline: &str| format!("    {kind}: {{min_ready: 10m, deadline: {deadline}}}");
        refused(&late("5m"), "a deadline of 5m 00s is over before a replica counts as available");
        refused(&late("10m"), "a deadline of 10m 00s is over");
        assert_eq!(said(&late("11m")), "");
    }
    let measured = |keys: &str| format!("    blue_green: {{before: [{{errors: all, most: 1 %, {keys}}}]}}");
    refused(&measured("count: 3"), "several measurements need an interval between them");
    refused(&measured("every: 10s, count: 3, failures: 5"), "3 measurements, of which 5 may go wrong");
    refused(&measured("count: 1, inconclusive: 5"), "1 measurements, of which 5 may go wrong");
    assert_eq!(said(&measured("every: 10s, count: 3, failures: 3, inconclusive: 3")), "");
    assert_eq!(said(&measured("count: 1, failures: 1")), "");
}

#[test]
fn who_measures_answers_that_nobody_gives_is_told_so() {
    let unasked = "nobody asks the new version before the switch";
    refused("    blue_green: {before: [{errors: new, most: 1 %}]}", unasked);
    refused("    blue_green: {before: [{errors: all, most: 1 %}, {latency: new, most: 1s}]}", unasked);
    assert_eq!(
        said("    blue_green: {before: [{errors: all, most: 1 %}], afterwards: [{errors: new, most: 1 %}]}"),
        ""
    );
    for of in ["errors: new, most: 1 %", "latency: new, most: 1s"] {
        let flagger = |keys: &str| format!("    flagger: {{{keys}, metrics: [{{{of}}}]}}");
        refused(&flagger("iterations: 3"), unasked);
        refused(&flagger("router: no"), unasked);
        assert_eq!(said(&flagger("step_weight: 10 %")), "");
        assert_eq!(said(&flagger("iterations: 3").replace("new", "all")), "");
    }
}

#[test]
fn measurements_are_apart_and_look_back() {
    for kind in ["errors: new, most: 1 %", "latency: new, most: 1s"] {
        let metric = |keys: &str| format!("    canary: {{watch: {{metrics: [{{{kind}, {keys}}}]}}}}");
        refused(&metric("every: 0s"), "measurements are apart at least 1s");
        refused(&metric("every: 999ms"), "measurements are apart at least 1s");
        refused(&metric("over: 0s"), "a metric looks back at least 1s");
        assert_eq!(said(&metric("every: 1s, over: 1s")), "");
        let check = format!("    flagger: {{step_weight: 10 %, metrics: [{{{kind}, over: 0s}}]}}");
        refused(&check, "a metric looks back at least 1s");
    }
}

#[test]
fn nobody_asks_for_more_replicas_than_a_run_can_hold() {
    let what = "a number of replicas is from 0 to 10000";
    refused("    canary: {router: {}, steps: [{scale: 4000000000}]}", what);
    refused("    canary: {router: {min_replicas: 4000000000}}", what);
    refused("    canary: {surge: 4000000000}", what);
    refused("    rollout: {surge: 10001}", what);
    refused("    statefulset: {unavailable: 10001}", what);
}

#[test]
fn a_release_of_flagger_can_fail_and_comes_to_its_end() {
    let flagger = |keys: &str| format!("    flagger: {{{keys}, metrics: [{{errors: new, most: 1 %}}]}}");
    refused("    flagger: {step_weight: 10 %}", "without a metric no check ever fails");
    refused(&flagger("threshold: 2"), "without a step this release never comes to its end");
    refused(&flagger("step_weight: 10 %, iterations: 5"), "a release is tested in one way, and this is another one");
    refused(&flagger("step_weights: [10 %, 5 %]"), "the weight does not go up, from 10 % to 5 %");
    refused(&flagger("step_weights: [10 %, 50 %], max_weight: 40 %"), "the last of `step_weights`");
    refused(&flagger("step_weight: 0.5 %"), "not a whole percentage");
    refused(&flagger("step_weight: 10 %, interval: 5s"), "an interval of Flagger is at least 10s");
    refused(&flagger("step_weight: 10 %, threshold: 0"), "a threshold is from 1");
    refused(&flagger("step_weight: 10 %, gates: stop"), "`stop` is not a gate");
    refused(&flagger("step_weight: 10 %, classes: vip"), "no class `vip`");
    refused(&flagger("step_wait: 10 %"), "unknown key `step_wait` in a Flagger canary");
    refused(&format!("{}\n    canary: {{}}", flagger("step_weight: 10 %")), "one service has one controller");
    refused("    rollout: {surge: 0, unavailable: 0}\n    flagger: {skip_analysis: yes}", "no room to move");
}

#[test]
fn a_metric_says_what_is_good_before_what_has_failed() {
    let measured = |metric: &str| format!("    canary:\n      steps: [{{analysis: [{metric}]}}]");
    refused(&measured("{errors: new, most: 5 %, fails: 1 %}"), "from 1 % on it fails, and up to 5 % it is good");
    refused(&measured("{latency: new, most: 1s, fails: 500ms}"), "from 500ms on it fails, and up to 1s it is good");
    refused(&measured("{latency: new, most: 1s, quantile: 100 %}"), "no quantile a histogram can tell");
    refused(&measured("{latency: old, most: 1s}"), "`old` is not whose answers");
    refused(&measured("{most: 1 %}"), "this is not a metric");
}

#[test]
fn what_a_controller_takes_is_taken() {
    for rules in [
        "    blue_green: {rollback_window: 2, deadline: 5m, abort_at_deadline: yes, scale_down_limit: 1}",
        "    canary: {router: {scale_down_limit: 0}, watch: {metrics: [{errors: new, most: 1 %, dry_run: yes}]}}",
        "    canary: {}",
        "    canary:\n      router: {dynamic_stable: true}\n      steps: [{weight: 5 %}, {pause: 1m}, {scale: 2}]",
        "    canary:\n      steps: [{weight: 5 %}, {wait: promotion}]",
        "    canary:\n      watch: {metrics: [{errors: all, most: 1 %, every: 1m}], from_step: 1}",
        "    blue_green: {auto: false, before: [{errors: all, most: 0 %}]}",
        "    canary:\n      steps:\n        - analysis:\n            - {latency: new, quantile: 95 %, most: 1s, \
         fails: 2s, inconclusive: 1}",
        "    flagger: {step_weight: 10 %, metrics: [{errors: new, most: 1 %}, {latency: all, most: 1s}]}",
        "    rollout: {surge: 1}\n    flagger: {skip_analysis: yes}",
        "    flagger: {router: no, gates: [start, promotion], metrics: [{errors: all, most: 1 %}]}",
        "    statefulset: {management: parallel, unavailable: 50 %, min_ready: 5s}",
    ] {
        assert_eq!(said(rules), "", "{rules}");
    }
}

#[test]
fn a_pipeline_lets_something_through_and_a_wrong_fix_is_another_build() {
    refused(
        "    pipeline: [{stage: build, takes: 1m, fails: 100 %}]",
        "a stage that always fails lets nothing through",
    );
    let wrong = |versions: &str| {
        let text = web("").replace("{\"1\": {}, \"2\": {}}", versions);
        compile(&Bundle::from_text("web", text, "")).map_or_else(|problems| problems.short(), |_| String::new())
    };
    let unbuilt = "artifact: unbuilt, wrong: {share: 5 %, version: ";
    let cases = [
        (format!("{{\"1\": {{}}, \"2\": {{{unbuilt}1}}}}}}"), "1 is there already, so it is not what is built"),
        (format!("{{\"1\": {{}}, \"2\": {{{unbuilt}2}}}}}}"), "that is the version that was meant"),
        (format!("{{\"1\": {{}}, \"2\": {{{unbuilt}3}}}}}}"), "there is no version `3`"),
        (
            "{\"1\": {}, \"2\": {wrong: {share: 5 %, version: 3}}, \"3\": {artifact: unbuilt}}".to_owned(),
            "2 is built already",
        ),
    ];
    for (versions, what) in cases {
        let found = wrong(&versions);
        assert!(found.contains(what), "{versions}\n{found}");
    }
    assert_eq!(wrong(&format!("{{\"1\": {{}}, \"2\": {{{unbuilt}3}}}}, \"3\": {{artifact: unbuilt}}}}")), "");
}

#[test]
fn a_release_brings_out_what_there_is() {
    let of = |artifact: &str| {
        let text = web("").replace("\"2\": {}", &format!("\"2\": {{artifact: {artifact}}}"));
        let text =
            format!("{text}seats: {{release: {{role: release}}}}\nrelease: [{{at: 1m, do: {{deploy: web 2}}}}]\n");
        let compiled = compile(&Bundle::from_text("web", text, "")).expect("odd, not wrong");
        compiled.warnings.map_or(String::new(), |warnings| warnings.short())
    };
    assert_eq!(of("retained"), "");
    assert!(of("unbuilt").contains("web 2 has not been built, so this is refused"), "{}", of("unbuilt"));
    assert!(of("gone").contains("web 2 is gone from the registry, so this is refused"), "{}", of("gone"));
}

#[test]
fn an_undo_to_what_the_registry_has_deleted_by_then_is_named() {
    let said = |undone: &str, between: &str| {
        let text = web("").replace("\"1\": {}", "\"1\": {expires: 3m}");
        let text = format!("{text}seats: {{release: {{role: release}}, ic: {{role: commander}}}}\n");
        let released = format!("release: [{{at: 1m, do: {{deploy: web 2}}}}{between}]\n");
        let plan = format!("plans: {{late: {{about: x, steps: [{{at: {undone}, do: {{undo: web}}}}]}}}}\n");
        let bundle = Bundle::from_text("web", format!("{text}{released}{plan}"), "");
        let compiled = compile(&bundle).expect("odd, not wrong");
        compiled.warnings.map_or(String::new(), |warnings| warnings.short())
    };
    let late = said("4m", "");
    assert!(late.contains("this leads to web 1, which is deleted from the registry at 00:03:00"), "{late}");
    assert_eq!(said("2m", ""), "");
    assert_eq!(said("4m", ", {at: 2m, do: {undo: web}}"), "", "undone twice it leads to 2");
}

/// What is refused changes nothing, so an undo after it leads to where it would have led without it.
#[test]
fn an_undo_does_not_lead_to_what_an_order_could_not_bring_out() {
    let undone = |artifact: &str| {
        let versions = format!("runs: \"1\"\n    versions: {{\"0\": {{artifact: {artifact}}}, ");
        let text = web("").replace("versions: {", &versions);
        let text = format!("{text}seats: {{release: {{role: release}}, ic: {{role: commander}}}}\n");
        let released = "release: [{at: 1m, do: {deploy: web 2}}]\n";
        let steps = "{at: 4m, do: {deploy: web 0}}, {at: 6m, do: {deploy: web 1}}, {at: 8m, do: {undo: web}}";
        let plan = format!("plans: {{odd: {{about: x, steps: [{steps}]}}}}\n");
        let compiled =
            compile(&Bundle::from_text("web", format!("{text}{released}{plan}"), "")).expect("odd, not wrong");
        compiled.warnings.map_or(String::new(), |warnings| warnings.short())
    };
    for (artifact, why) in [("gone", "is gone"), ("unbuilt", "has not been built")] {
        let said = undone(artifact);
        assert!(said.contains(&format!("web 0 {why}")), "{said}");
        assert!(!said.contains("this leads to"), "{said}");
    }
}

#[test]
fn an_order_for_what_the_registry_has_deleted_by_then_is_named() {
    let of = |expires: &str, at: &str| {
        let text = web("").replace("\"2\": {}", &format!("\"2\": {{expires: {expires}}}"));
        let step = format!("{{at: {at}, do: {{deploy: web 2}}}}");
        let text = format!("{text}seats: {{release: {{role: release}}, ic: {{role: commander}}}}\n");
        let said = |text: String| {
            let compiled = compile(&Bundle::from_text("web", text, "")).expect("odd, not wrong");
            compiled.warnings.map_or(String::new(), |warnings| warnings.short())
        };
        let released = said(format!("{text}release: [{step}]\n"));
        [released, said(format!("{text}plans: {{late: {{about: x, steps: [{step}]}}}}\n"))]
    };
    for said in of("1m", "61s") {
        assert!(said.contains("web 2 is deleted from the registry at 00:01:00, so this is refused"), "{said}");
    }
    assert_eq!(of("1m", "59s"), ["", ""]);
}

/// What `check` says of this version 2, and this order in the release and in a plan.
fn said_of(version: &str, rules: &str, order: &str) -> [String; 2] {
    let text = web(rules).replace("\"2\": {}", &format!("\"2\": {{{version}}}"));
    let text = format!("{text}seats: {{release: {{role: release}}, ic: {{role: commander}}}}\n");
    let step = format!("{{at: 1m, do: {{{order}}}}}");
    let said = |text: String| {
        let compiled = compile(&Bundle::from_text("web", text, "")).expect("odd, not wrong");
        compiled.warnings.map_or(String::new(), |warnings| warnings.short())
    };
    let released = said(format!("{text}release: [{step}]\n"));
    [released, said(format!("{text}plans: {{late: {{about: x, steps: [{step}]}}}}\n"))]
}

const GIT: &str = "    gitops: {every: 3m, merge: 4m}";

/// Nobody deploys, builds or writes in Git what was built and is gone, in a release as in a plan.
#[test]
fn an_order_for_what_is_gone_is_named() {
    let gone = "web 2 is gone from the registry, so this is refused";
    for (rules, order) in [(GIT, "forward: web 2"), (GIT, "commit: web 2"), ("", "deploy: web 2")] {
        for said in said_of("artifact: gone", rules, order) {
            assert!(said.contains(gone), "{order}: {said}");
        }
    }
    let unbuilt = said_of("artifact: unbuilt", GIT, "commit: web 2");
    assert!(unbuilt.iter().all(|said| said.contains("web 2 has not been built, so this is refused")), "{unbuilt:?}");
    assert_eq!(said_of("artifact: unbuilt", "", "forward: web 2"), ["", ""]);
}

#[test]
fn a_commit_that_merges_after_its_artifact_has_gone_is_named() {
    let early = "web 2 is deleted from the registry at 00:04:00, and this is merged at about 00:05:00";
    for said in said_of("expires: 4m", GIT, "commit: web 2") {
        assert!(said.contains(early), "{said}");
    }
    assert_eq!(said_of("expires: 6m", GIT, "commit: web 2"), ["", ""]);
}

#[test]
fn a_canary_that_cannot_move_is_named_by_its_own_keys() {
    let text = web("    canary: {surge: 0, unavailable: 0, steps: [weight: 20 %]}");
    let said = compile(&Bundle::from_text("web", text, "")).expect_err("it can never move").short();
    assert!(said.contains("surge 0 with unavailable 0 leaves no room to move"), "{said}");
    assert!(!said.contains("max_"), "{said}");
}
