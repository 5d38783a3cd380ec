//! Background jobs: work nobody outside asks for, over and over, like a CronJob of Kubernetes.

use crate::id::EndpointId;
use crate::law::Law;
use crate::name::Name;
use crate::time::Span;

/// Work that is run periodically.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Background {
    /// Its name.
    pub name: Name,
    /// What is run.
    pub endpoint: EndpointId,
    /// From the start of the simulation to the first time a run is due.
    pub starts: Span,
    /// From one time a run is due to the next.
    pub every: Law,
    /// What happens when the run before has not ended.
    pub overlap: Overlap,
}

/// What happens when a run is due and the one before has not ended: the `concurrencyPolicy` of a CronJob.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// Both go on side by side.
    Allow,
    /// The new one is skipped.
    #[default]
    Forbid,
    /// The one before is stopped where it is, and the new one begins.
    Replace,
}
