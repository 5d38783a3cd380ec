//! The suites of Argo Rollouts: what they let pass, what they must not, and what they make of numbers nobody means.

use crate::{case, check, survive, verdict};
use conformance::Verdict;
use serde_json::{Value, json};

fn basic() -> Value {
    case(
        "argo_replica_counts_basic/1",
        json!({"replicas": 10, "setWeight": 20, "maxSurge": 0, "maxUnavailable": "20%", "promoteFull": false,
               "abort": false, "stable": {"spec": 10, "available": 10}, "canary": {"spec": 0, "available": 0},
               "older": []}),
        json!({"canary": 0, "stable": 8}),
    )
}

fn routed() -> Value {
    case(
        "argo_replica_counts_traffic_routed/1",
        json!({"replicas": 10, "setWeight": 20, "maxSurge": "20%", "maxUnavailable": 0, "promoteFull": false,
               "abort": false, "setCanaryScale": {"replicas": 9, "weight": 100, "matchTrafficWeight": true},
               "abortScaleDownDelaySeconds": null, "minPodsPerReplicaSet": null, "dynamicStableScale": false,
               "traffic_weights": null}),
        json!({"canary": 2, "stable": 10}),
    )
}

fn approximated() -> Value {
    case(
        "argo_weight_to_replicas/1",
        json!({"op": "approximate", "replicas": 10, "weight": 24, "maxWeight": 100, "maxSurge": 1}),
        json!({"canary": 3, "stable": 8}),
    )
}

fn going_back() -> Value {
    case(
        "argo_dynamic_stable_scale/1",
        json!({"op": "traffic_weight_on_abort", "replicas": 5, "setWeight_steps": [50], "abort": true,
               "stable": {"spec": 5, "available": 3}, "canary": {"spec": 4, "available": 4},
               "current_canary_weight": 100}),
        json!({"canary_weight": 50}),
    )
}

fn at_sizes() -> Value {
    case(
        "argo_gates/1",
        json!({"op": "at_desired_counts", "replicas": 4, "setWeight": 50, "maxSurge": 1, "maxUnavailable": 1,
               "canary": {"spec": 2, "available": 2, "status_replicas": 2},
               "stable": {"spec": 2, "available": 0, "status_replicas": 2}}),
        json!({"at_desired": true}),
    )
}

fn delay() -> Value {
    case(
        "argo_defaults/1",
        json!({"op": "abort_scale_down_delay", "strategy": "Canary", "trafficRouting": true,
               "abortScaleDownDelaySeconds": 0}),
        json!({"seconds": null, "explicit": true}),
    )
}

fn measured() -> Value {
    case(
        "argo_metric_status/1",
        json!({"metric": {"failureLimit": 2, "interval": "60s"},
               "result": {"failed": 3, "count": 3, "last_measurement": "Failed"}, "terminating": false}),
        json!({"phase": "Failed"}),
    )
}

fn looked_at_again() -> Value {
    case(
        "argo_analysis_run/1",
        json!({"op": "next_reconcile", "metrics": [{"interval": "5m", "finished_ago": 0, "phase": "Error"},
                                                   {"interval": "1m", "finished_ago": 20}]}),
        json!({"in_seconds": 10}),
    )
}

fn timed_out() -> Value {
    case(
        "argo_progress_deadline/1",
        json!({"op": "timed_out", "progressDeadlineSeconds": 5, "progressing_reason": "ReplicaSetUpdated",
               "seconds_since_last_update": 10}),
        json!({"timed_out": true}),
    )
}

fn back_to_stable() -> Value {
    case(
        "argo_rollback_promotion/1",
        json!({"op": "template_reverted_to_stable", "replicas": 10, "steps": [{"setWeight": 10}],
               "current_step_index": 0, "stable": {"spec": 9, "available": 9},
               "canary": {"spec": 1, "available": 1}}),
        json!({"current_step_index": 1, "event": "SkipSteps", "completion_status": "FastRolledBack"}),
    )
}

fn switched() -> Value {
    case(
        "argo_rollback_promotion/1",
        json!({"op": "blue_green_pause", "replicas": 1, "preview_available": 1, "autoPromotionEnabled": true,
               "autoPromotionSeconds": 10, "paused_for_seconds": 60}),
        json!({"action": "switch_active_service", "stable_becomes_new": true}),
    )
}

#[test]
fn sizes_are_told_apart() {
    check(
        &basic(),
        &[("/expected/stable", json!(7)), ("/input/maxUnavailable", json!("x")), ("/input/older", json!(1))],
    );
    check(&routed(), &[("/expected/canary", json!(9)), ("/input/setCanaryScale/matchTrafficWeight", json!(false))]);
    check(
        &approximated(),
        &[("/expected/canary", json!(2)), ("/input/weight", json!(23)), ("/input/op", json!("guess"))],
    );
    check(&going_back(), &[("/expected/canary_weight", json!(0)), ("/input/stable/available", json!(2))]);
}

#[test]
fn gates_and_delays_are_told_apart() {
    check(&at_sizes(), &[("/input/canary/available", json!(1)), ("/input/stable/status_replicas", json!(3))]);
    check(&delay(), &[("/expected/seconds", json!(30)), ("/input/strategy", json!("Recreate"))]);
    check(&timed_out(), &[("/input/progressing_reason", json!("RolloutPaused")), ("/input/op", json!("guess"))]);
}

#[test]
fn verdicts_are_told_apart() {
    check(&measured(), &[("/input/metric/failureLimit", json!(3)), ("/input/result/last_measurement", json!("Bad"))]);
    check(&looked_at_again(), &[("/expected/in_seconds", json!(40)), ("/input/metrics/0/phase", json!("Failed"))]);
}

#[test]
fn ways_back_and_switches_are_told_apart() {
    check(&back_to_stable(), &[("/expected/current_step_index", json!(0)), ("/expected/event", json!(null))]);
    check(&switched(), &[("/input/paused_for_seconds", json!(9)), ("/input/preview_available", json!(0))]);
}

#[test]
fn what_is_not_modelled_is_skipped_with_its_reason() {
    let condition = |text: &str| {
        let input = json!({"op": "measurement_phase", "successCondition": text, "failureCondition": ""});
        verdict(&case("argo_analysis_run/1", input, json!({"phase": "Successful"})))
    };
    let Verdict::Skipped { why } = condition("result[0] > 0.95") else { panic!("an expression was evaluated") };
    assert!(why.contains("expressions"), "{why}");
    assert_eq!(condition("true"), Verdict::Passed);
}

#[test]
fn no_number_is_too_large_and_no_word_too_strange() {
    let cases = [
        basic(),
        routed(),
        approximated(),
        going_back(),
        at_sizes(),
        delay(),
        measured(),
        looked_at_again(),
        timed_out(),
        back_to_stable(),
        switched(),
    ];
    survive(&cases, &[json!("4294967295%"), json!("9999999999h"), json!([]), json!({})]);
}
