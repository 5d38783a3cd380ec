//! What happens in a run, as far as it has to be known to have the run again.

use serde::{Deserialize, Serialize};

/// Something that was written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// Somebody gave a command.
    Command {
        /// When it was given, in nanoseconds from the start of the run. A plan is given at the start, whatever the
        /// times of its steps.
        given_ns: u64,
        /// A step as a plan file has it, with its time and who it was.
        step: String,
    },
    /// The run had come to here.
    Mark(Mark),
    /// The run was over.
    End(Mark),
}

/// An instant of a run, and all that had happened by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Nanoseconds from the start of the run.
    pub at_ns: u64,
    /// The digest of everything up to there.
    pub digest: u64,
}
