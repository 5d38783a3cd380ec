//! `kubectl rollout status`: what somebody who waits for a rollout is told.
//!
//! After `pkg/polymorphichelpers/rollout_status.go` of kubernetes/kubectl: the checks in their order, the first that
//! applies answers. It looks at what a controller reports and never at a pod, so "done" says no more than that the
//! controller counts enough pods.

/// What a Deployment reports. Counts are pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeploymentReport {
    /// How often its spec was changed.
    pub generation: u64,
    /// Up to which change its controller has looked.
    pub observed: u64,
    /// Whether the condition `Progressing` says that the deadline was exceeded.
    pub is_past_deadline: bool,
    /// Pods asked for.
    pub wanted: u32,
    /// Pods of any version.
    pub pods: u32,
    /// Pods of the new version.
    pub updated: u32,
    /// Available pods of any version.
    pub available: u32,
}

/// What a DaemonSet reports. Counts are pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaemonSetReport {
    /// How often its spec was changed.
    pub generation: u64,
    /// Up to which change its controller has looked.
    pub observed: u64,
    /// Whether its strategy is `RollingUpdate`.
    pub rolls: bool,
    /// Nodes that should have a pod.
    pub wanted: u32,
    /// Pods of the new version.
    pub updated: u32,
    /// Available pods of any version.
    pub available: u32,
}

/// What a StatefulSet reports. Counts are pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatefulSetReport<'a> {
    /// How often its spec was changed.
    pub generation: u64,
    /// Up to which change its controller has looked; 0 when it never did.
    pub observed: u64,
    /// Whether its strategy is `RollingUpdate`.
    pub rolls: bool,
    /// Pods asked for.
    pub wanted: u32,
    /// The lowest ordinal that is updated; `None` when the strategy does not speak of one.
    pub partition: Option<u32>,
    /// Ready pods of any revision.
    pub ready: u32,
    /// Pods of the current revision.
    pub current: u32,
    /// Pods of the update revision.
    pub updated: u32,
    /// The name of the revision that pods below the partition have.
    pub current_revision: &'a str,
    /// The name of the revision that is rolled out.
    pub update_revision: &'a str,
}

/// A workload whose rollout can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Deployment.
    Deployment,
    /// A DaemonSet.
    DaemonSet,
    /// A StatefulSet.
    StatefulSet,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutStatus<'a> {
    /// The controller has not looked at the last change yet.
    Unobserved(Kind),
    /// An error: the Deployment is past its deadline. Whoever waits stops waiting; nothing else happens.
    DeadlineExceeded,
    /// An error: a strategy that waits for somebody to delete pods has no rollout to wait for.
    DoesNotRoll,
    /// Pods of the new version are missing.
    Updating {
        /// Of what.
        kind: Kind,
        /// Pods of the new version.
        updated: u32,
        /// Pods there should be.
        of: u32,
    },
    /// Pods of other versions are still there.
    Terminating {
        /// How many.
        old: u32,
    },
    /// Pods are not available yet.
    Starting {
        /// Of what.
        kind: Kind,
        /// Available pods, of any version.
        available: u32,
        /// Pods there should be.
        of: u32,
    },
    /// Pods of a StatefulSet are not ready.
    NotReady {
        /// How many are missing.
        missing: u32,
    },
    /// Pods above the partition are not updated yet.
    PartitionUpdating {
        /// Pods of the update revision.
        updated: u32,
        /// Pods above the partition.
        of: u32,
    },
    /// Done, above the partition.
    PartitionDone {
        /// Pods of the update revision.
        updated: u32,
    },
    /// The two revisions of a StatefulSet differ.
    BetweenRevisions {
        /// Pods of the update revision.
        updated: u32,
        /// Its name.
        revision: &'a str,
    },
    /// Done: the two revisions of a StatefulSet are one.
    AtRevision {
        /// Pods of it.
        current: u32,
        /// Its name.
        revision: &'a str,
    },
    /// Done.
    RolledOut(Kind),
}

impl DeploymentReport {
    /// `DeploymentStatusViewer.Status`.
    #[must_use]
    pub fn status(&self) -> RolloutStatus<'static> {
        let kind = Kind::Deployment;
        if self.generation > self.observed {
            RolloutStatus::Unobserved(kind)
        } else if self.is_past_deadline {
            RolloutStatus::DeadlineExceeded
        } else if self.updated < self.wanted {
            RolloutStatus::Updating { kind, updated: self.updated, of: self.wanted }
        } else if self.pods > self.updated {
            RolloutStatus::Terminating { old: self.pods - self.updated }
        } else if self.available < self.updated {
            RolloutStatus::Starting { kind, available: self.available, of: self.updated }
        } else {
            RolloutStatus::RolledOut(kind)
        }
    }
}

impl DaemonSetReport {
    /// `DaemonSetStatusViewer.Status`.
    #[must_use]
    pub fn status(&self) -> RolloutStatus<'static> {
        let kind = Kind::DaemonSet;
        if !self.rolls {
            RolloutStatus::DoesNotRoll
        } else if self.generation > self.observed {
            RolloutStatus::Unobserved(kind)
        } else if self.updated < self.wanted {
            RolloutStatus::Updating { kind, updated: self.updated, of: self.wanted }
        } else if self.available < self.wanted {
            RolloutStatus::Starting { kind, available: self.available, of: self.wanted }
        } else {
            RolloutStatus::RolledOut(kind)
        }
    }
}

impl<'a> StatefulSetReport<'a> {
    /// `StatefulSetStatusViewer.Status`. With a partition, pods below it are not waited for.
    #[must_use]
    pub fn status(&self) -> RolloutStatus<'a> {
        let updated = self.updated;
        if !self.rolls {
            RolloutStatus::DoesNotRoll
        } else if self.observed == 0 || self.generation > self.observed {
            RolloutStatus::Unobserved(Kind::StatefulSet)
        } else if self.ready < self.wanted {
            RolloutStatus::NotReady { missing: self.wanted - self.ready }
        } else if let Some(partition) = self.partition {
            let of = self.wanted.saturating_sub(partition);
            match updated < of {
                true => RolloutStatus::PartitionUpdating { updated, of },
                false => RolloutStatus::PartitionDone { updated },
            }
        } else if self.update_revision != self.current_revision {
            RolloutStatus::BetweenRevisions { updated, revision: self.update_revision }
        } else {
            RolloutStatus::AtRevision { current: self.current, revision: self.current_revision }
        }
    }
}

impl RolloutStatus<'_> {
    /// Whether there is nothing left to wait for.
    #[must_use]
    pub fn is_done(&self) -> bool {
        match self {
            Self::DoesNotRoll | Self::PartitionDone { .. } | Self::AtRevision { .. } | Self::RolledOut(_) => true,
            Self::Unobserved(_)
            | Self::DeadlineExceeded
            | Self::Updating { .. }
            | Self::Terminating { .. }
            | Self::Starting { .. }
            | Self::NotReady { .. }
            | Self::PartitionUpdating { .. }
            | Self::BetweenRevisions { .. } => false,
        }
    }

    /// Whether waiting ends with an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        matches!(self, Self::DeadlineExceeded | Self::DoesNotRoll)
    }

    /// The line that is printed about a workload of that name; empty for an error, which is told elsewhere.
    #[must_use]
    pub fn message(&self, name: &str) -> String {
        let told = self.told();
        match *self {
            Self::DeadlineExceeded | Self::DoesNotRoll => String::new(),
            Self::Unobserved(kind) => format!("Waiting for {} {told}...", kind.unspaced()),
            Self::Updating { kind, .. } | Self::Starting { kind, .. } => {
                format!("Waiting for {} {name:?} rollout to finish: {told}...", kind.spaced())
            }
            Self::Terminating { .. } => format!("Waiting for deployment {name:?} rollout to finish: {told}..."),
            Self::NotReady { .. } => format!("Waiting for {told}..."),
            Self::PartitionUpdating { .. } => format!("Waiting for partitioned roll out to finish: {told}..."),
            Self::PartitionDone { .. } => format!("partitioned roll out complete: {told}..."),
            Self::BetweenRevisions { .. } => format!("waiting for statefulset rolling update to complete {told}..."),
            Self::AtRevision { .. } => format!("statefulset rolling update complete {told}..."),
            Self::RolledOut(kind) => format!("{} {name:?} {told}", kind.spaced()),
        }
    }

    /// What it says of the replicas, or of the error, without saying of which workload.
    #[must_use]
    pub fn told(&self) -> String {
        match *self {
            Self::DeadlineExceeded => "the progress deadline has passed".to_owned(),
            Self::DoesNotRoll => "it does not roll by itself".to_owned(),
            Self::Unobserved(_) => "spec update to be observed".to_owned(),
            Self::Updating { kind, updated, of } => {
                format!("{updated} out of {of} new {} have been updated", kind.instances())
            }
            Self::Terminating { old } => format!("{old} old replicas are pending termination"),
            Self::Starting { kind, available, of } => {
                format!("{available} of {of} updated {} are available", kind.instances())
            }
            Self::NotReady { missing } => format!("{missing} pods to be ready"),
            Self::PartitionUpdating { updated, of } => format!("{updated} out of {of} new pods have been updated"),
            Self::PartitionDone { updated } => format!("{updated} new pods have been updated"),
            Self::BetweenRevisions { updated, revision } => format!("{updated} pods at revision {revision}"),
            Self::AtRevision { current, revision } => format!("{current} pods at revision {revision}"),
            Self::RolledOut(_) => "successfully rolled out".to_owned(),
        }
    }
}

impl Kind {
    fn spaced(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::DaemonSet => "daemon set",
            Self::StatefulSet => "stateful set",
        }
    }

    /// As in the line about an unobserved change, which spells only one of them in two words.
    fn unspaced(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::DaemonSet => "daemon set",
            Self::StatefulSet => "statefulset",
        }
    }

    fn instances(self) -> &'static str {
        match self {
            Self::Deployment => "replicas",
            Self::DaemonSet | Self::StatefulSet => "pods",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPLOYMENT: DeploymentReport = DeploymentReport {
        generation: 1,
        observed: 1,
        is_past_deadline: false,
        wanted: 2,
        pods: 2,
        updated: 2,
        available: 2,
    };

    const SET: StatefulSetReport<'_> = StatefulSetReport {
        generation: 1,
        observed: 2,
        rolls: true,
        wanted: 3,
        partition: None,
        ready: 3,
        current: 3,
        updated: 3,
        current_revision: "foo",
        update_revision: "foo",
    };

    /// kubernetes/kubectl `rollout_status_test.go`, `TestDeploymentStatusViewerStatus`, and the order of the checks.
    #[test]
    fn a_deployment_is_done_when_nothing_old_is_left_and_everything_new_is_available() {
        let kind = Kind::Deployment;
        let broken = DeploymentReport { available: 0, is_past_deadline: true, updated: 1, ..DEPLOYMENT };
        for (report, expected) in [
            (DEPLOYMENT, RolloutStatus::RolledOut(kind)),
            (DeploymentReport { available: 1, ..DEPLOYMENT }, RolloutStatus::Starting { kind, available: 1, of: 2 }),
            (DeploymentReport { pods: 3, available: 1, ..DEPLOYMENT }, RolloutStatus::Terminating { old: 1 }),
            (
                DeploymentReport { updated: 1, pods: 3, ..DEPLOYMENT },
                RolloutStatus::Updating { kind, updated: 1, of: 2 },
            ),
            (broken, RolloutStatus::DeadlineExceeded),
            (DeploymentReport { generation: 2, ..broken }, RolloutStatus::Unobserved(kind)),
        ] {
            assert_eq!(report.status(), expected, "{report:?}");
        }
    }

    /// kubernetes/kubectl `rollout_status_test.go`, `TestStatefulSetStatusViewerStatus`.
    #[test]
    fn a_stateful_set_is_done_above_its_partition() {
        let partitioned = StatefulSetReport { partition: Some(2), ..SET };
        for (report, expected) in [
            (SET, RolloutStatus::AtRevision { current: 3, revision: "foo" }),
            (
                StatefulSetReport { update_revision: "bar", updated: 1, ..SET },
                RolloutStatus::BetweenRevisions { updated: 1, revision: "bar" },
            ),
            (StatefulSetReport { ready: 2, ..partitioned }, RolloutStatus::NotReady { missing: 1 }),
            (StatefulSetReport { updated: 0, ..partitioned }, RolloutStatus::PartitionUpdating { updated: 0, of: 1 }),
            (StatefulSetReport { updated: 1, ..partitioned }, RolloutStatus::PartitionDone { updated: 1 }),
            (
                StatefulSetReport { updated: 0, partition: Some(u32::MAX), ..SET },
                RolloutStatus::PartitionDone { updated: 0 },
            ),
            (StatefulSetReport { observed: 0, generation: 0, ..SET }, RolloutStatus::Unobserved(Kind::StatefulSet)),
            (StatefulSetReport { rolls: false, observed: 0, ..SET }, RolloutStatus::DoesNotRoll),
        ] {
            assert_eq!(report.status(), expected, "{report:?}");
        }
    }

    #[test]
    fn waiting_ends_when_it_is_done_or_an_error() {
        assert!(RolloutStatus::DoesNotRoll.is_done() && RolloutStatus::DoesNotRoll.is_error());
        assert!(!RolloutStatus::DeadlineExceeded.is_done() && RolloutStatus::DeadlineExceeded.is_error());
        assert_eq!(DEPLOYMENT.status().message("a"), "deployment \"a\" successfully rolled out");
    }
}
