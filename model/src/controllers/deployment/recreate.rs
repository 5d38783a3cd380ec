//! Recreation: `pkg/controller/deployment/recreate.go`.
//!
//! The service is down from the first old pod stopping to the first new pod becoming available.
//! Two versions never run side by side: it is the only strategy that waits for terminating pods.

use super::{DeploymentSpec, Step, View};

/// One pass: old sets to zero, else wait for their pods, else size the new set, else prune
/// (`rolloutRecreate`).
pub(super) fn recreate(spec: &DeploymentSpec, view: View<'_>) -> Vec<Step> {
    let stopping: Vec<_> = stop_old(view).collect();
    if !stopping.is_empty() || old_pods_running(view) {
        return view.revise_existing().into_iter().chain(stopping).collect();
    }
    let mut steps = Vec::from_iter(view.revise());
    if view.new_or_empty().spec != spec.replicas {
        steps.push(Step::Scale { version: view.target, to: spec.replicas });
    } else if view.is_complete(spec) {
        steps.extend(view.prune(spec));
    }
    steps
}

fn stop_old(view: View<'_>) -> impl Iterator<Item = Step> {
    let active = view.old().filter(|set| set.is_active());
    active.map(|set| Step::Scale { version: set.version, to: 0 })
}

fn old_pods_running(view: View<'_>) -> bool {
    view.old().any(|set| set.created > 0 || set.terminating > 0)
}

#[cfg(test)]
mod tests {
    use super::super::{ReplicaSetState, Strategy, reconcile};
    use super::*;
    use crate::id::VersionId;

    fn spec() -> DeploymentSpec {
        let strategy = Strategy::Recreate;
        DeploymentSpec { replicas: 3, strategy, ..DeploymentSpec::default() }
    }

    fn old(spec: u32, created: u32, terminating: u32) -> ReplicaSetState {
        let version = VersionId::new(1);
        let status = ReplicaSetState { created, terminating, ..ReplicaSetState::default() };
        ReplicaSetState { version, revision: 1, spec, ..status }
    }

    #[test]
    fn no_new_pod_starts_before_the_last_old_one_is_gone() {
        let (v1, v2) = (VersionId::new(1), VersionId::new(2));
        let stop = Step::Scale { version: v1, to: 0 };
        assert_eq!(reconcile(&spec(), v2, &[old(3, 3, 0)]), [stop]);
        assert_eq!(reconcile(&spec(), v2, &[old(0, 1, 2)]), []);
        assert_eq!(reconcile(&spec(), v2, &[old(0, 0, 1)]), []);
        let start = [Step::Revise { version: v2, revision: 2 }, Step::Scale { version: v2, to: 3 }];
        assert_eq!(reconcile(&spec(), v2, &[old(0, 0, 0)]), start);
    }
}
