//! How much the replicas of a service take on, and what is kept beside them.

use crate::flag::Settings;
use crate::id::VersionId;
use crate::rollout::Rollout;
use crate::system::Service;

/// How much a replica takes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// How many requests it works on at a time, if that is stated.
    pub concurrency: Option<u32>,
    /// How many more may wait for a worker, if that is stated.
    pub queue: Option<u32>,
}

impl Service {
    /// Whether its replicas can be evicted, because a controller makes new ones elsewhere. A tool that goes from host
    /// to host does not, and nobody here moves what somebody else runs.
    #[must_use]
    pub fn is_evicted(&self) -> bool {
        !self.external && !matches!(self.rollout, Rollout::InPlace(_))
    }

    /// How many requests a process works on at a time, and how many more may wait, under these settings.
    #[must_use]
    pub fn room(&self, settings: &Settings) -> (u32, u32) {
        let holds = self.limits.iter().filter(|(config, _)| settings.get(*config).is_on());
        holds.fold((self.concurrency, self.queue), |(concurrency, queue), (_, limits)| {
            (limits.concurrency.unwrap_or(concurrency), limits.queue.unwrap_or(queue))
        })
    }
}

/// Replicas of one version that run and are asked by nobody, until traffic is switched to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standby {
    /// Their version.
    pub version: VersionId,
    /// How many, at least one.
    pub replicas: u32,
}
