//! The suites of cases: what they let pass, what they must not, and what they make of numbers nobody means.

mod argo;
mod rollouts;
mod sql;

use conformance::{Verdict, run};
use serde_json::{Value, json};

/// A case of the suites of rollouts.
fn case(id: &str, input: Value, expected: Value) -> Value {
    json!({"id": id, "name": "a case", "input": input, "expected": expected, "source": "a table"})
}

fn verdict(case: &Value) -> Verdict {
    let outcomes = run(&json!({"cases": [case]}).to_string()).expect("a document of cases");
    outcomes[0].verdict.clone()
}

/// Passes as it is, and fails with each of these members changed.
fn check(case: &Value, wrong: &[(&str, Value)]) {
    assert_eq!(verdict(case), Verdict::Passed, "{case}");
    for (pointer, value) in wrong {
        let mut other = case.clone();
        *other.pointer_mut(pointer).unwrap_or_else(|| panic!("{case} has {pointer}")) = value.clone();
        assert!(matches!(verdict(&other), Verdict::Failed { .. }), "{other}: {:?}", verdict(&other));
    }
}
