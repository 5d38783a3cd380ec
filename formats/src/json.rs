//! JSON texts: read as they are written, or refused.
//!
//! A key that an object has twice is an error. The library would take the last one without a word, others take the
//! first, and a schema must not mean one thing here and another where it is used.

use serde_json::Value;

use crate::place::repeated;
use crate::{Position, SchemaError};

/// How many repeated keys are told of one text.
const TOLD: usize = 16;

/// Reads a JSON text; `language` says what it should be, with its article: `an Avro schema`.
pub(crate) fn read(format: &str, text: &str, language: &str) -> Result<Value, Vec<SchemaError>> {
    let value = serde_json::from_str(text).map_err(|error| vec![syntax(format, &error, language)])?;
    let twice = |(place, position)| {
        let help = "an object has a key once: remove one of them";
        let error = SchemaError::new(format, place, "found a key that is there already", help);
        SchemaError { position: Some(position), ..error }
    };
    let errors: Vec<_> = repeated(text, TOLD).into_iter().map(twice).collect();
    if errors.is_empty() { Ok(value) } else { Err(errors) }
}

/// What the library says: of an end it has no column, and its limit is not a matter of JSON.
fn syntax(format: &str, error: &serde_json::Error, language: &str) -> SchemaError {
    let position = Position { line: error.line().max(1), column: error.column().max(1) };
    let said = error.to_string();
    let found = said.split(" at line ").next().unwrap_or(&said);
    let help = match found {
        "recursion limit exceeded" => format!("{language} is nested at most 127 deep: give inner types a name"),
        _ => format!("{language} is a JSON document"),
    };
    SchemaError { position: Some(position), ..SchemaError::new(format, "", found, help) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let errors = read("f", text, "an Avro schema").expect_err("nothing that is wrong is taken");
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_key_is_there_once() {
        let text = "{\"a\": 1,\n \"b\": [{\"c\": 1, \"\\u0063\": 2}],\n \"a\": 2}";
        let expected = "f:2:17: /b/0/c: found a key that is there already; an object has a key once: \
                        remove one of them\n\
                        f:3:2: /a: found a key that is there already; an object has a key once: remove one of them";
        assert_eq!(said(text), expected);
        assert_eq!(read("f", "{\"a\": {\"a\": 1}, \"b\": {\"a\": 1}}", "a").map(|_| ()), Ok(()));
    }

    #[test]
    fn an_end_has_a_place() {
        assert_eq!(said(""), "f:1:1: EOF while parsing a value; an Avro schema is a JSON document");
        assert_eq!(said("{\n"), "f:2:1: EOF while parsing an object; an Avro schema is a JSON document");
    }

    #[test]
    fn what_is_too_deep_is_told_so() {
        let help = "recursion limit exceeded; an Avro schema is nested at most 127 deep: give inner types a name";
        assert!(said(&"[".repeat(200)).ends_with(help), "{}", said(&"[".repeat(200)));
        let deepest = format!("{}{}", "[".repeat(127), "]".repeat(127));
        assert!(read("f", &deepest, "a schema").is_ok());
    }
}
