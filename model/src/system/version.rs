//! Versions: artifacts, what they declare, and the pipeline they come through.

use crate::id::{DefectId, SecretId, ServiceId, VersionId};
use crate::law::Law;
use crate::name::Name;
use crate::program::{FlagSet, Program};
use crate::ratio::Ratio;

/// A stage of a delivery pipeline, or of anything else that takes its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What it does.
    pub name: Name,
    /// How long it takes.
    pub takes: Law,
    /// The share of the times it is gone through that it fails: all stages are gone through again then. Below one.
    pub fails: Ratio,
}

impl Stage {
    /// A stage that does not fail.
    #[must_use]
    pub fn sure(name: impl Into<String>, takes: Law) -> Self {
        Stage { name: Name::new(name), takes, fails: Ratio::ZERO }
    }
}

/// What comes out of a pipeline, now and then, instead of the version that was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongFix {
    /// The share of builds that come out that way.
    pub share: Ratio,
    /// What they are.
    pub version: VersionId,
}

/// A version of a service: an artifact and what it declares.
#[derive(Clone, Debug)]
pub struct Version {
    /// Service and label: `payments 51`.
    pub name: Name,
    /// The label alone: `51`.
    pub label: String,
    /// Whose version it is.
    pub service: ServiceId,
    /// What its change log says, if it says anything.
    pub about: Option<String>,
    /// Where its artifact is at the start.
    pub artifact: Artifact,
    /// Fetching the artifact to a host that does not have it.
    pub pull: Law,
    /// The flags its programs look at: the ones its processes ask for.
    pub knows: FlagSet,
    /// One program per endpoint of the service, in the order of [`super::Service::endpoints`].
    pub programs: Vec<Program>,
    /// Defects its processes may die of instead of becoming ready.
    pub start_defects: Vec<DefectId>,
    /// What its build may be in truth.
    pub wrong: Option<WrongFix>,
    /// The secrets without which they do not.
    pub needs: Vec<Need>,
}

/// A secret in the value that a version was built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Which secret.
    pub secret: SecretId,
    /// Which of its values, counted from 1.
    pub generation: usize,
}

/// Whether a version can be started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Artifact {
    /// In the registry.
    #[default]
    Retained,
    /// Not built yet: it has to go through the pipeline first.
    Unbuilt,
    /// Garbage-collected (IR5).
    Gone,
}
