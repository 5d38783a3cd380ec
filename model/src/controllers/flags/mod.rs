//! Feature flags: who gets which variant, and what a process believes while it cannot ask.
//!
//! A flag is changed in one place and believed in many: each process has a **provider** that holds what it heard last.
//! Turning a flag off is therefore not one event but one per process, and some come late or never.
//!
//! - [`fractional`] puts users into buckets, so that they keep their variant while a share grows.
//! - [`polling`] asks again and again, and less often after failures (Unleash).
//! - [`streaming`] is told, and goes from ready to stale to error when the stream breaks (flagd).
//!
//! All of them fall back to the **code default**, the value written at the place that asks: a process that has never
//! heard anything uses it, whatever the rest of the fleet believes. It may be the opposite.

pub mod fractional;
pub mod polling;
pub mod streaming;

/// What a process takes a flag for. A value is on or off, or whatever else a flag may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluation<V = bool> {
    /// On, or off.
    pub value: V,
    /// Where that is from.
    pub source: Source,
}

/// Where the value of a flag is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The flag service, as it is now.
    Service,
    /// What the process heard last. It may have changed since.
    Memory,
    /// What an earlier process on the same disk heard last.
    Backup,
    /// The code.
    CodeDefault,
}
