//! What is expected of an answer, beside the answer.

use crate::case::Verdict;
use serde_json::Value;

/// A value that is not the expected one, and where it is.
struct Difference {
    place: String,
    expected: String,
    got: String,
}

/// Whether an answer holds everything that is expected. It may hold more members; lists have the same length. Words
/// under `note` are for people.
pub(super) fn compare(expected: &Value, answer: &Value) -> Verdict {
    let mut differences = Vec::new();
    collect(expected, answer, "", &mut differences);
    if differences.is_empty() {
        return Verdict::Passed;
    }
    let list = |side: fn(&Difference) -> &str| {
        let all: Vec<String> = differences.iter().map(|it| format!("{}: {}", it.place, side(it))).collect();
        all.join(", ")
    };
    Verdict::failed(list(|it| &it.expected), list(|it| &it.got))
}

fn collect(expected: &Value, got: &Value, place: &str, differences: &mut Vec<Difference>) {
    match (expected, got) {
        (Value::Object(members), Value::Object(answer)) => {
            for (name, expected) in members.iter().filter(|(name, _)| *name != "note") {
                let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                match answer.get(name) {
                    Some(got) => collect(expected, got, &place, differences),
                    None => differences.push(Difference::new(&place, expected, &"nothing")),
                }
            }
        }
        (Value::Array(items), Value::Array(answer)) if items.len() == answer.len() => {
            for (index, (expected, got)) in items.iter().zip(answer).enumerate() {
                collect(expected, got, &format!("{place}[{index}]"), differences);
            }
        }
        _ if is_same(expected, got) => {}
        _ => differences.push(Difference::new(place, expected, got)),
    }
}

/// Numbers are the same however they are written: 4 is 4.0.
fn is_same(expected: &Value, got: &Value) -> bool {
    expected == got || expected.as_f64().is_some_and(|number| got.as_f64() == Some(number))
}

impl Difference {
    fn new(place: &str, expected: &Value, got: &impl ToString) -> Self {
        Difference { place: place.to_owned(), expected: expected.to_string(), got: got.to_string() }
    }
}
