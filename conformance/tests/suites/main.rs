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

/// Where a value has numbers and texts.
fn leaves(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(value, format!("{pointer}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| leaves(value, format!("{pointer}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => found.push(pointer),
    }
}

/// Judges the cases with each of their inputs replaced by numbers nobody means, and by these.
fn survive(cases: &[Value], others: &[Value]) {
    let odd = [json!(0), json!(u32::MAX), json!(u64::MAX), json!(-1), json!(0.5), json!(1e300), json!(null)];
    for case in cases {
        let mut places = Vec::new();
        leaves(&case["input"], "/input".into(), &mut places);
        for place in &places {
            for value in odd.iter().chain(others) {
                let mut other = case.clone();
                *other.pointer_mut(place).expect("a place of this case") = value.clone();
                verdict(&other);
            }
        }
    }
}
