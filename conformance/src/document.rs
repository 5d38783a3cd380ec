//! From a text to its cases.

use crate::case::Case;
use formats::{Position, inside, position_of};
use serde_json::{Map, Value};
use std::error::Error;
use std::fmt;

/// Why a text is no document of cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where in the text.
    pub position: Position,
    /// What was found.
    pub found: String,
    /// What would do.
    pub help: String,
}

/// `3:7: found a list; cases stand under the key "cases" of an object`.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(f, "{line}:{column}: {}; {}", self.found, self.help)
    }
}

impl Error for Malformed {}

/// The object that the text is.
pub(crate) fn read(text: &str) -> Result<Map<String, Value>, Malformed> {
    let value: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    match value {
        Value::Object(document) => Ok(document),
        Value::Array(_) => Err(malformed(
            text,
            "",
            "found a list of cases, a layout that is not known yet",
            "known are objects with a list under `cases`",
        )),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(malformed(text, "", format!("found {value}"), "a document of cases is an object"))
        }
    }
}

/// The cases of a document.
pub(crate) fn cases<'a>(text: &str, document: &'a Map<String, Value>) -> Result<Vec<Case<'a>>, Malformed> {
    let help = "a document of cases has a list of them under `cases`";
    match document.get("cases") {
        None => Err(malformed(text, "", "found no key `cases`", help)),
        Some(Value::Array(cases)) if cases.is_empty() => Err(malformed(text, "/cases", "found no case", help)),
        Some(Value::Array(cases)) => {
            let cases = cases.iter().enumerate();
            cases.map(|(index, case)| one(text, &inside("/cases", &index.to_string()), case)).collect()
        }
        Some(other) => Err(malformed(text, "/cases", format!("found {other}"), help)),
    }
}

fn one<'a>(text: &str, pointer: &str, case: &'a Value) -> Result<Case<'a>, Malformed> {
    let body = case.as_object().ok_or_else(|| malformed(text, pointer, "found no object", "a case is an object"))?;
    let id = body.get("id").and_then(Value::as_str);
    let id = id.ok_or_else(|| malformed(text, pointer, "found a case without `id`", "give it one: a text"))?;
    Ok(Case { id, body })
}

fn not_json(error: &serde_json::Error) -> Malformed {
    let said = error.to_string();
    let found = said.split(" at line ").next().unwrap_or(&said).to_owned();
    let position = Position { line: error.line().max(1), column: error.column().max(1) };
    Malformed { position, found, help: "a document of cases is JSON".into() }
}

fn malformed(text: &str, pointer: &str, found: impl Into<String>, help: impl Into<String>) -> Malformed {
    let position = position_of(text, pointer).unwrap_or(Position { line: 1, column: 1 });
    Malformed { position, found: found.into(), help: help.into() }
}
