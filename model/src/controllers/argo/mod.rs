//! Argo Rollouts: canaries with and without a traffic router, blue-green, analysis.
//!
//! A Rollout owns one ReplicaSet per version of its pod template, as a Deployment does, but tells three kinds apart:
//! the **new** set, whose version is the *target*; the **stable** set, the last one that was promoted; and **older**
//! ones, which are neither. New and stable are the same set when nothing is on its way. An **abort** goes back to the
//! stable set and leaves the target as it is.
//!
//! What one pass does ([`reconcile`]) follows `rollout/` and `utils/` of argoproj/argo-rollouts (v1.9):
//!
//! | file here | what it decides | there |
//! |---|---|---|
//! | [`spec`], [`delay`] | what is asked for, defaults, mistakes | `utils/defaults`, `validation` |
//! | [`state`] | what is seen, remembered and changed | the API types |
//! | [`canary`] | sizes, router weights, steps | `utils/replicaset/canary.go`, `rollout/{canary,trafficrouting}.go` |
//! | [`blue_green`] | preview, switch, what stays behind | `rollout/{bluegreen,service}.go` |
//! | [`analysis`] | measurement, metric, run | `analysis/analysis.go` |
//! | [`gates`], [`pause`] | what has to hold before the next step | `utils/replicaset`, `rollout/pause.go` |
//! | [`promotion`], [`rollback`], [`history`] | when new is stable; which ways back skip steps | `rollout/sync.go` |
//! | [`progress`], [`phase`] | the deadline, and what a person sees | `utils/conditions`, `utils/rollout` |
//! | [`command`] | what a person can do | `pkg/kubectl-argo-rollouts` |
//!
//! Who runs it keeps a [`Status`](state::Status), the sets and the runs of analyses, applies the changes of a pass and
//! calls again until a pass changes nothing; after that when pods or runs change, somebody acts, or at the time the
//! pass names.
//!
//! Where the model is simpler than the original:
//!
//! - A template *is* a [`VersionId`](crate::id::VersionId): one version has at most one set.
//! - Writes do not fail, and a snapshot is consistent; specs and statuses can still be apart.
//! - The router sends traffic to versions by weight, as subsets do. The canary and stable *Services* that some routers
//!   use besides, and which follow a version only once it has a pod, are left out, as are header and mirror routes.
//! - Experiments, step plugins, ping-pong services, restarts and load balancer verification are not there. A set made
//!   by an experiment is known, because the rollback window skips it.

pub mod analysis;
mod behind;
pub mod blue_green;
pub mod canary;
pub mod command;
pub mod delay;
pub mod gates;
pub mod history;
mod new_set;
pub mod pause;
pub mod phase;
pub mod progress;
pub mod promotion;
mod reconcile;
pub mod rollback;
pub mod spec;
pub mod state;
mod work;

#[cfg(test)]
mod tests;

pub use reconcile::reconcile;

/// Back from the signed arithmetic of budgets, where differences may be negative, to a count.
fn pods(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}
