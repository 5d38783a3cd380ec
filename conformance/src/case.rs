//! A case, and what became of it.

use serde_json::{Map, Value};

/// An input with a known answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    /// What it is called: `avro-exec/105`.
    pub(crate) id: &'a str,
    /// All of it.
    pub(crate) body: &'a Map<String, Value>,
}

impl Case<'_> {
    /// Whether it has all of these members.
    pub(crate) fn has(&self, members: &[&str]) -> bool {
        members.iter().all(|member| self.body.contains_key(*member))
    }
}

/// A case that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it is called.
    pub id: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The answer is the known one.
    Passed,
    /// It is not.
    Failed {
        /// The known answer.
        expected: String,
        /// The one given.
        got: String,
    },
    /// There is none, for this reason.
    Skipped {
        /// Why the product does not model it.
        why: String,
    },
}

/// What became of the cases of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The file, as it was named.
    pub file: String,
    /// Its cases, in its order.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// How many passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.count(|verdict| *verdict == Verdict::Passed)
    }

    /// How many failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Failed { .. }))
    }

    /// How many were skipped.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Skipped { .. }))
    }

    /// Whether so few cases are left out that the others say something: less than one in twenty.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        20 * self.skipped() < self.outcomes.len().max(1)
    }

    fn count(&self, holds: impl Fn(&Verdict) -> bool) -> usize {
        self.outcomes.iter().filter(|outcome| holds(&outcome.verdict)).count()
    }
}

impl Verdict {
    /// A difference.
    pub(crate) fn failed(expected: impl ToString, got: impl ToString) -> Self {
        Verdict::Failed { expected: expected.to_string(), got: got.to_string() }
    }
}
