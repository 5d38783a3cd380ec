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

/// `3:7: found no case; a document of cases has at least one`.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(f, "{line}:{column}: {}; {}", self.found, self.help)
    }
}

impl Error for Malformed {}

/// What the text is.
pub(crate) fn read(text: &str) -> Result<Value, Malformed> {
    serde_json::from_str(text).map_err(|error| not_json(&error))
}

/// The cases of a document: those of a list, or those under `cases` of an object.
pub(crate) fn cases<'a>(text: &str, document: &'a Value) -> Result<Vec<Case<'a>>, Malformed> {
    match document {
        Value::Array(cases) => all(text, "", cases),
        Value::Object(members) => under_cases(text, members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let help = "a document of cases is a list of them, or an object with one under `cases`";
            Err(malformed(text, "", format!("found {document}"), help))
        }
    }
}

fn under_cases<'a>(text: &str, document: &'a Map<String, Value>) -> Result<Vec<Case<'a>>, Malformed> {
    let help = "an object of cases has a list of them under `cases`";
    match document.get("cases") {
        None => Err(malformed(text, "", "found no key `cases`", help)),
        Some(Value::Array(cases)) => all(text, "/cases", cases),
        Some(other) => Err(malformed(text, "/cases", format!("found {other}"), help)),
    }
}

fn all<'a>(text: &str, pointer: &str, cases: &'a [Value]) -> Result<Vec<Case<'a>>, Malformed> {
    if cases.is_empty() {
        return Err(malformed(text, pointer, "found no case", "a document of cases has at least one"));
    }
    let cases = cases.iter().enumerate();
    cases.map(|(index, case)| one(text, &inside(pointer, &index.to_string()), case)).collect()
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
