//! Rollouts: what real controllers do next, after the test tables of the originals and after their formulas.
//!
//! A case has an `input` and what is `expected`. Its id begins with the name of the table it is from, as in
//! `k8s_fenceposts/002`: inputs of different tables look alike, so their shape tells nothing. A table gives its
//! answer through the functions that the simulator runs on; every member of `expected` has to be in it.

mod argo;
mod comparison;
mod flagd;
mod flagger;
mod input;
mod kubectl;
mod kubernetes;

use super::Suite;
use crate::case::{Case, Verdict};
use comparison::compare;
use input::Input;
use serde_json::Value;

pub(super) const SUITE: Suite = Suite { recognises, run };

/// What there is to say about an input, or why nothing is said.
type Answer = Result<Value, Verdict>;

/// Cases that are answered in the same way.
struct Table {
    /// What the ids of its cases begin with, up to the slash.
    name: &'static str,
    /// The product's answer. It may tell more than is asked.
    answer: fn(Input<'_>) -> Answer,
}

/// All of them.
const TABLES: &[Table] = &[
    Table { name: "k8s_fenceposts", answer: kubernetes::fenceposts::answer },
    Table { name: "k8s_progress", answer: kubernetes::progress::answer },
    Table { name: "k8s_proportional_scale", answer: kubernetes::proportional::answer },
    Table { name: "k8s_rolling_reconcile", answer: kubernetes::rolling::answer },
    Table { name: "k8s_statefulset_update", answer: kubernetes::statefulset::answer },
    Table { name: "derived_k8s_rollout_traces", answer: kubernetes::traces::answer },
    Table { name: "kubectl_rollout_status", answer: kubectl::answer },
    Table { name: "flagger_scheduler", answer: flagger::answer },
    Table { name: "flagd_fractional", answer: flagd::answer },
    Table { name: "argo_replica_counts_basic", answer: argo::counts::basic },
    Table { name: "derived_argo_basic_grid", answer: argo::counts::basic },
    Table { name: "argo_replica_counts_traffic_routed", answer: argo::counts::routed },
    Table { name: "argo_weight_to_replicas", answer: argo::weights::answer },
    Table { name: "argo_dynamic_stable_scale", answer: argo::dynamic::answer },
    Table { name: "argo_gates", answer: argo::gates::answer },
    Table { name: "argo_defaults", answer: argo::defaults::answer },
    Table { name: "argo_metric_status", answer: argo::metric::answer },
    Table { name: "argo_analysis_run", answer: argo::analysis::answer },
    Table { name: "argo_progress_deadline", answer: argo::deadline::answer },
    Table { name: "argo_rollback_promotion", answer: argo::rollback::answer },
];

fn recognises(case: &Case<'_>) -> bool {
    case.has(&["input", "expected"])
}

fn run(case: &Case<'_>) -> Verdict {
    let name = case.id.split_once('/').map_or(case.id, |(name, _)| name);
    let Some(table) = TABLES.iter().find(|table| table.name == name) else { return unknown(name) };
    let answer = Input::of(&case.body["input"]).and_then(table.answer);
    match answer {
        Ok(answer) => compare(&case.body["expected"], &answer),
        Err(verdict) => verdict,
    }
}

fn unknown(name: &str) -> Verdict {
    let known: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    let known = format!("an id that begins with the name of a table: {}", known.join(", "));
    Verdict::failed(known, format!("{name:?}, a table nobody knows"))
}
