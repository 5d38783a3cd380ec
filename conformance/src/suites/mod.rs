//! A suite for each kind of case, told apart by what a case has.

mod avro_values;
mod protobuf;
mod protobuf_kinds;
mod protobuf_values;
mod rollouts;
mod sql;

use crate::case::{Case, Outcome, Verdict};

/// One kind of case.
struct Suite {
    /// Whether a case is of this kind.
    recognises: fn(&Case<'_>) -> bool,
    /// Comes to a verdict.
    run: fn(&Case<'_>) -> Verdict,
}

/// All of them. A case belongs to the first that recognises it.
const SUITES: [Suite; 7] = [
    avro_values::SUITE,
    protobuf_kinds::SUITE,
    protobuf_values::SUITE,
    sql::type_change::SUITE,
    sql::old_code::SUITE,
    sql::lock::SUITE,
    rollouts::SUITE,
];

/// Runs a case.
pub(crate) fn run(case: &Case<'_>) -> Outcome {
    let suite = SUITES.iter().find(|suite| (suite.recognises)(case));
    let verdict = suite.map_or_else(|| unknown(case), |suite| (suite.run)(case));
    Outcome { id: case.id.to_owned(), verdict }
}

/// A case that nobody knows what to do with.
fn unknown(case: &Case<'_>) -> Verdict {
    let members: Vec<&str> = case.body.keys().map(String::as_str).collect();
    Verdict::failed("a case of a known kind", format!("a case nobody recognises, with {}", members.join(", ")))
}
