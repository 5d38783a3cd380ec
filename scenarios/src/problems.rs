//! Everything that is wrong with what somebody typed.

use crate::bundle::Bundle;
use crate::syntax::{Diagnostic, Diagnostics, Node, Paint, SourceSpan, Sources, parse};
use std::fmt;

/// Something that is wrong with a scenario that was read without errors: it cannot be run here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The keys that lead to the place, as far as they are there: `stores`, `ledger`, `records`.
    pub place: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

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

    /// Objections to a scenario, each at its place.
    #[must_use]
    pub fn of_places(bundle: &Bundle, objections: Vec<Objection>) -> Self {
        let mut sources = Sources::default();
        let id = sources.add(bundle.label.clone(), bundle.text.clone());
        let root = parse(&sources, id, &mut Diagnostics::default());
        let mut found = Diagnostics::default();
        for Objection { place, message, help } in objections {
            let span = root.as_ref().map_or(SourceSpan::top(id), |root| deepest(root, &place).span);
            found.push(Diagnostic::error(span, message).help(help));
        }
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

/// The node the keys of a place lead to, as far as they are there.
fn deepest<'n>(root: &'n Node, place: &[String]) -> &'n Node {
    let mut node = root;
    for key in place {
        match node.get(key) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}
