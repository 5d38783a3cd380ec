//! A JSON document as people look at it: indented, with lists of numbers on a line.

use serde_json::Value;

/// The document in lines. A list of numbers is one line: a curve of a thousand figures is not a thousand lines.
#[must_use]
pub fn pretty(document: &Value) -> String {
    let mut text = String::new();
    write(document, "\n", &mut text);
    text
}

/// Writes a value whose lines begin with `line`.
fn write(value: &Value, line: &str, text: &mut String) {
    let deeper = format!("{line}  ");
    match value {
        Value::Array(items) if !items.is_empty() && !items.iter().all(Value::is_number) => {
            enclosed(['[', ']'], line, items, text, |item, text| {
                text.push_str(&deeper);
                write(item, &deeper, text);
            });
        }
        Value::Object(fields) if !fields.is_empty() => {
            enclosed(['{', '}'], line, fields, text, |(name, inner), text| {
                text.push_str(&format!("{deeper}{}: ", Value::from(name.as_str())));
                write(inner, &deeper, text);
            });
        }
        Value::Array(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(Value::to_string).collect();
            text.push_str(&format!("[{}]", numbers.join(", ")));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            text.push_str(&value.to_string());
        }
    }
}

/// Writes items between brackets, commas between them.
fn enclosed<I>(
    [open, close]: [char; 2],
    line: &str,
    items: impl IntoIterator<Item = I>,
    text: &mut String,
    mut write: impl FnMut(I, &mut String),
) {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        text.push_str(if index > 0 { "," } else { "" });
        write(item, text);
    }
    text.push_str(line);
    text.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_stand_in_a_line_and_all_else_in_lines() {
        let document = json!({"a": [1, 2.5], "b": [{"c\"": null}, []], "d": {}, "e": ["x"]});
        let lines = "{\n  \"a\": [1, 2.5],\n  \"b\": [\n    {\n      \"c\\\"\": null\n    },\n    []\n  ],\n  \
                     \"d\": {},\n  \"e\": [\n    \"x\"\n  ]\n}";
        assert_eq!(pretty(&document), lines);
        assert_eq!(serde_json::from_str::<Value>(&pretty(&document)).expect("JSON"), document);
    }
}
