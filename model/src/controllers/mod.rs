//! Rollout controllers as pure functions: `reconcile(spec, observed) -> steps`.
//!
//! Each submodule is one real controller, faithful to its source and nothing more. It owns no
//! state, reads no clock and touches no pod: it looks at what was observed and answers with the
//! writes the real controller would make in one pass. The simulator applies them over time, the
//! review follows every order in which they can land, and `gameday conformance` compares them
//! with the upstream test tables; all three call the same functions.
//!
//! Invariant: a controller never changes its target. Undo is a request from outside that does; the
//! same reconciliation then carries it out. Argo Rollouts and Flagger can give an update up by
//! themselves, when an analysis fails: traffic goes back to the version before, and the target stays
//! what it is.

pub mod argo;
pub mod autoscaler;
pub mod deployment;
pub mod flagger;
pub mod flags;
pub mod gitops;
pub mod in_place;
pub mod kubelet;
pub mod rollout_status;
pub mod statefulset;
