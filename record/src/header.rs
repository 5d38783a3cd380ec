//! What a recording begins with.

use serde::{Deserialize, Serialize};

/// Which run it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The program and its version, for people.
    pub made_by: String,
    /// The number of the trajectory: a program with another number has other runs.
    pub trajectory: u32,
    /// What the scenario was opened by: its name in the library, or a file.
    pub scenario: String,
    /// The scenario's own name.
    pub name: String,
    /// A hash of its text and its files.
    pub scenario_hash: u64,
    /// Whose luck.
    pub seed: u64,
    /// The plan that was followed, if there was one.
    pub plan: Option<String>,
    /// Who responded by themselves, if somebody did: what they did is no command, but follows from the rest.
    #[serde(default)]
    pub responder: Option<String>,
    /// Where it was to end, in nanoseconds.
    pub until_ns: u64,
    /// The most events it may take, if somebody has said so.
    pub max_events: Option<u64>,
    /// The most bytes it may take, if somebody has said so.
    pub max_memory: Option<u64>,
    /// Whether somebody played it.
    pub is_played: bool,
}

/// A file of the scenario: its own first, then those it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// What the scenario calls it.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A header as its frame has it: how many files follow is part of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    #[serde(flatten)]
    pub(crate) header: Header,
    pub(crate) files: usize,
}

impl Beside {
    /// Its frame: the name, a zero, what is in it.
    pub(crate) fn frame(&self) -> Vec<u8> {
        [self.name.as_bytes(), &[0], &self.bytes].concat()
    }

    pub(crate) fn of_frame(frame: &[u8]) -> Option<Self> {
        let zero = frame.iter().position(|byte| *byte == 0)?;
        let name = String::from_utf8(frame[..zero].to_vec()).ok()?;
        Some(Beside { name, bytes: frame[zero + 1..].to_vec() })
    }
}
