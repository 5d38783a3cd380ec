//! What is wrong with a schema, and where.

use std::error::Error;
use std::fmt;

/// Why a schema was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    /// The name of the format it describes: `ledger-3`.
    pub format: String,
    /// Where inside it, in words: ``field `rail`, items``. Empty for the schema as a whole.
    pub place: String,
    /// Where in the text. Known for text that is not JSON; otherwise see `place`.
    pub position: Option<Position>,
    /// What was found.
    pub found: String,
    /// What to do about it, or what is supported.
    pub help: String,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in bytes.
    pub column: usize,
}

impl SchemaError {
    /// An error at `place`, without a position in the text.
    pub(crate) fn new(
        format: &str,
        place: impl Into<String>,
        found: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        SchemaError {
            format: format.to_owned(),
            place: place.into(),
            position: None,
            found: found.into(),
            help: help.into(),
        }
    }
}

/// ``ledger-3:2:7: field `rail`: found a nested record; flatten it``.
impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.format)?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        if !self.place.is_empty() {
            write!(f, ": {}", self.place)?;
        }
        write!(f, ": {}; {}", self.found, self.help)
    }
}

impl Error for SchemaError {}
