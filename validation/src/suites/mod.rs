//! The suites, a file each: which models, which figures, how long the runs.

pub(crate) mod alerts;
pub(crate) mod metastability;
pub(crate) mod queueing;
pub(crate) mod retries;
pub(crate) mod skew;
