//! The suites of rollouts: what they let pass, what they must not, and what they make of numbers nobody means.

use crate::{case, check, survive, verdict};
use conformance::Verdict;
use serde_json::{Value, json};

fn fenceposts() -> Value {
    case(
        "k8s_fenceposts/1",
        json!({"maxSurge": "39%", "maxUnavailable": "39%", "replicas": 10}),
        json!({"surge": 4, "unavailable": 3, "error": false}),
    )
}

fn resized() -> Value {
    let set = |name: &str, replicas: u32, role: &str, rank: u32| {
        json!({"name": name, "replicas": replicas, "role": role, "age_rank": rank,
               "max_replicas_annotation": 5, "desired_replicas_annotation": 5})
    };
    case(
        "k8s_proportional_scale/1",
        json!({"replicas": 10, "previous_replicas": 5, "maxSurge": 0, "maxUnavailable": 0,
               "replica_sets": [set("v2", 2, "new", 3), set("v1", 3, "old", 2)]}),
        json!({"sizes": {"v2": 4, "v1": 6}}),
    )
}

fn stalled() -> Value {
    case(
        "derived_k8s_rollout_traces/1",
        json!({"replicas": 10, "maxSurge": "25%", "maxUnavailable": "25%", "new_pods_become_available": false}),
        json!({"old_new_sizes": [[10, 0], [10, 3], [8, 3], [8, 5]]}),
    )
}

fn condition() -> Value {
    case(
        "k8s_progress/1",
        json!({"op": "sync_condition", "progressDeadlineSeconds": 60, "current_reason": "ReplicaSetUpdated",
               "replicas": 3, "old_status": {"replicas": 2, "updated": 2, "available": 2}, "other_replica_sets": [],
               "new_replica_set": {"spec": 3, "replicas": 2, "available": 2}}),
        json!({"progressing_status": "False", "progressing_reason": "ProgressDeadlineExceeded"}),
    )
}

fn shrunk() -> Value {
    case(
        "k8s_rolling_reconcile/1",
        json!({"op": "reconcile_old", "replicas": 10, "maxSurge": 0, "maxUnavailable": 2, "old": 10,
               "old_available": 8, "new": 0, "new_available": 0}),
        json!({"scaled": true, "old": 8}),
    )
}

fn waiting() -> Value {
    case(
        "kubectl_rollout_status/1",
        json!({"kind": "StatefulSet", "generation": 1, "spec_replicas": 3, "partition": 2,
               "status": {"observedGeneration": 2, "readyReplicas": 3, "updatedReplicas": 0}}),
        json!({"message": "Waiting for partitioned roll out to finish: 0 out of 1 new pods have been updated...",
               "done": false, "error": false}),
    )
}

#[test]
fn limits_are_told_apart() {
    check(&fenceposts(), &[("/expected/surge", json!(3)), ("/expected/unavailable", json!(4))]);
    check(&fenceposts(), &[("/expected/error", json!(true)), ("/input/maxSurge", json!("urg"))]);
}

#[test]
fn sizes_are_told_apart() {
    check(&resized(), &[("/expected/sizes/v1", json!(5)), ("/input/replicas", json!(11))]);
    check(&shrunk(), &[("/expected/old", json!(7)), ("/expected/scaled", json!(false))]);
    check(&stalled(), &[("/expected/old_new_sizes/3/1", json!(6)), ("/expected/old_new_sizes/0", json!([]))]);
}

/// The worked example in kubernetes `pkg/controller/deployment/rolling.go`, case 2.
#[test]
fn several_old_sets_are_told_apart() {
    let rolled_over = case(
        "k8s_rolling_reconcile/2",
        json!({"op": "reconcile_old", "replicas": 10, "maxSurge": 3, "maxUnavailable": 2, "new": 0, "new_available": 0,
               "old": [{"spec": 8, "available": 8}, {"spec": 5, "available": 0}]}),
        json!({"scaled": true, "old": [8, 0]}),
    );
    check(&rolled_over, &[("/expected/old/0", json!(7)), ("/expected/old/1", json!(5))]);
}

#[test]
fn pods_that_are_deleted_come_back_on_the_new_version() {
    let on_delete = case(
        "k8s_statefulset_update/3",
        json!({"strategy": "OnDelete", "initial_replicas": 2, "replicas": 3, "then": "delete all pods"}),
        json!({"after_update": ["old", "old", "new"], "after_delete_all": "new"}),
    );
    check(&on_delete, &[("/expected/after_update/0", json!("new")), ("/expected/after_delete_all", json!("old"))]);
}

#[test]
fn conditions_and_messages_are_told_apart() {
    check(&condition(), &[("/expected/progressing_status", json!("True")), ("/input/current_reason", json!("Odd"))]);
    check(&waiting(), &[("/expected/message", json!("")), ("/expected/done", json!(true))]);
    check(&waiting(), &[("/input/kind", json!("Job")), ("/input/partition", json!(3))]);
}

#[test]
fn a_member_of_the_answer_that_is_missing_is_a_difference() {
    let mut case = fenceposts();
    case["expected"]["colour"] = json!("red");
    let Verdict::Failed { expected, got } = verdict(&case) else { panic!("{:?}", verdict(&case)) };
    assert_eq!((expected.as_str(), got.as_str()), ("colour: \"red\"", "colour: nothing"));
}

#[test]
fn a_table_nobody_knows_is_refused_by_name() {
    let Verdict::Failed { expected, got } = verdict(&case("k8s_lost/1", json!({}), json!({}))) else {
        panic!("a table that is not there has passed")
    };
    assert!(expected.contains("k8s_fenceposts") && got.contains("k8s_lost"), "{expected}: {got}");
}

#[test]
fn an_operation_nobody_knows_is_refused_by_name() {
    check(&shrunk(), &[("/input/op", json!("reconcile_all"))]);
    check(&condition(), &[("/input/op", json!("reconcile_all"))]);
}

fn rolled_back() -> Value {
    case(
        "k8s_statefulset_update/1",
        json!({"strategy": "RollingUpdate", "podManagementPolicy": "OrderedReady", "partition": 1,
               "initial_replicas": 2, "replicas": 3, "change": "image", "then": "apply the previous revision"}),
        json!({"after_update": ["old", "new", "new"], "after_rollback_all": "old", "note": "for people"}),
    )
}

fn history() -> Value {
    case(
        "k8s_statefulset_update/2",
        json!({"podManagementPolicy": "Parallel", "updates_applied": 4}),
        json!({"revisions_kept_at_most": "revisionHistoryLimit + 2 (current and update revisions are live)"}),
    )
}

#[test]
fn versions_of_pods_are_told_apart() {
    check(
        &rolled_back(),
        &[("/expected/after_update/0", json!("new")), ("/expected/after_rollback_all", json!("new"))],
    );
    check(&rolled_back(), &[("/input/partition", json!(0)), ("/input/strategy", json!("OnDelete"))]);
    check(&rolled_back(), &[("/input/then", json!("wait")), ("/input/podManagementPolicy", json!("Odd"))]);
    check(&history(), &[("/expected/revisions_kept_at_most", json!("revisionHistoryLimit + 3"))]);
}

fn promoted() -> Value {
    case(
        "flagger_scheduler/1",
        json!({"analysis": {"threshold": 1, "stepWeight": 50, "maxWeight": 50}, "events": [
            {"set": "new revision"}, {"tick": 1}, {"set": "canary ready"}, {"tick": 2}, {"tick": 3}, {"tick": 4},
            {"set": "primary past its deadline"}, {"tick": 5},
        ]}),
        json!({"events": [
            {"set": "new revision"}, {"tick": 1, "expect": {"canary_replicas": 1}}, {"set": "canary ready"},
            {"tick": 2, "expect": {"canary_weight": 50}},
            {"tick": 3, "expect": {"phase": "Promoting", "primary_spec": "new"}},
            {"tick": 4, "expect": {"phase": "Finalising", "primary_weight": 100}},
            {"set": "primary past its deadline"},
            {"tick": 5, "expect": {"phase": "Failed", "canary_weight": 100, "canary_replicas_unchanged": true}},
        ]}),
    )
}

#[test]
fn ticks_are_told_apart() {
    check(&promoted(), &[("/expected/events/1/expect/canary_replicas", json!(0))]);
    check(&promoted(), &[("/expected/events/3/expect/canary_weight", json!(40))]);
    check(&promoted(), &[("/expected/events/4/expect/primary_spec", json!("old"))]);
    check(&promoted(), &[("/expected/events/7/expect/phase", json!("Succeeded"))]);
    check(&promoted(), &[("/input/events/2/set", json!("canary past its deadline"))]);
    check(&promoted(), &[("/input/events/6/set", json!("the moon is full")), ("/input/events/0", json!({}))]);
}

fn bucketed() -> Value {
    case(
        "flagd_fractional/1",
        json!({"flag_key": "headerColor", "bucket_value": null, "targeting_key": "rachel@faas.com",
               "variants": [["red", 25], ["blue", 25], ["green", 25], ["yellow", 25]], "default_variant": "red"}),
        json!({"variant": "blue", "reason": "TARGETING_MATCH"}),
    )
}

#[test]
fn variants_are_told_apart() {
    check(&bucketed(), &[("/expected/variant", json!("red")), ("/expected/reason", json!("DEFAULT"))]);
    check(&bucketed(), &[("/input/targeting_key", json!("")), ("/input/variants/1/1", json!(0.5))]);
    check(&bucketed(), &[("/input/variants/1/1", json!(-25)), ("/input/variants/0", json!([]))]);
}

#[test]
fn no_number_is_too_large_and_no_word_too_strange() {
    let cases =
        [fenceposts(), resized(), stalled(), condition(), shrunk(), waiting(), rolled_back(), history(), promoted()];
    survive(&cases, &[json!("4294967295%"), json!("%"), json!([]), json!({})]);
}
