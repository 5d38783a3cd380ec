//! Everything that is wrong with what somebody typed.

use crate::syntax::{Diagnostic, Diagnostics, Paint, SourceSpan, Sources};
use std::fmt;

/// Why there is no compiled scenario: every error at once, with the texts they are in.
#[derive(Clone, Debug)]
pub struct Problems {
    sources: Sources,
    found: Diagnostics,
}

impl Problems {
    /// Findings in these texts.
    #[must_use]
    pub fn new(sources: Sources, found: Diagnostics) -> Self {
        Problems { sources, found }
    }

    /// A single problem with something that has no text: a name, a file that is not there.
    #[must_use]
    pub fn of_name(name: &str, message: impl Into<String>, help: Option<String>) -> Self {
        let mut sources = Sources::default();
        let id = sources.add(name, "");
        let mut found = Diagnostics::default();
        found.push(Diagnostic::error(SourceSpan::top(id), message).maybe_help(help));
        Problems { sources, found }
    }

    /// For a person: each with its line and a caret under the place.
    #[must_use]
    pub fn render(&self, paint: Paint) -> String {
        self.found.render(&self.sources, paint)
    }

    /// One line each: `file:line:col: error: message`.
    #[must_use]
    pub fn short(&self) -> String {
        self.found.short(&self.sources)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

impl std::error::Error for Problems {}
