//! Kubernetes: the controllers of Deployments and StatefulSets.

pub(super) mod fenceposts;
pub(super) mod progress;
pub(super) mod proportional;
pub(super) mod rolling;
pub(super) mod statefulset;
pub(super) mod traces;

use super::input::Input;
use crate::case::Verdict;
use model::controllers::deployment::{DeploymentSpec, Strategy};
use model::id::VersionId;

/// A Deployment with the limits and the strategy of an input. Without history: no table asks for both.
fn deployment(input: Input<'_>) -> Result<DeploymentSpec, Verdict> {
    let strategy = match input.text_if_set("strategy")? {
        None | Some("RollingUpdate") => Strategy::RollingUpdate {
            max_surge: input.limit("maxSurge")?,
            max_unavailable: input.limit("maxUnavailable")?,
        },
        Some("Recreate") => Strategy::Recreate,
        Some(other) => return Err(Verdict::failed("the strategy RollingUpdate or Recreate", other)),
    };
    let replicas = input.count_or("replicas", 1)?;
    Ok(DeploymentSpec { replicas, strategy, revision_history_limit: None, ..DeploymentSpec::default() })
}

/// The version that is rolled out.
fn new_version() -> VersionId {
    VersionId::new(1)
}

/// The one before.
fn old_version() -> VersionId {
    VersionId::new(0)
}
