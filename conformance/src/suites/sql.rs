//! SQL: what PostgreSQL 15 did, on a database that is filled anew for each answer.

pub(super) mod lock;
pub(super) mod old_code;
pub(super) mod type_change;

use crate::case::Verdict;
use formats::SchemaError;
use formats::sql::migration;
use model::data::sql::{Answer, Database, SqlError, SqlType, Value, migrate};
use serde_json::{Value as Json, json};

/// Why a case has no answer.
pub(super) fn skipped(why: impl ToString) -> Verdict {
    Verdict::Skipped { why: why.to_string() }
}

/// Runs a script; what the database says is the inner result, what is not understood the outer one. The answer is
/// that of the first statement, which is the one a driver is at after a script.
pub(super) fn run(script: &str, database: &mut Database) -> Result<Result<Answer, SqlError>, Verdict> {
    let steps = migration("script", script).map_err(|errors| unread(&errors))?;
    let answers = modelled(migrate(&steps, database))?;
    Ok(answers.map(|answers| answers.into_iter().next().unwrap_or(Answer::Done)))
}

fn unread(errors: &[SchemaError]) -> Verdict {
    let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
    skipped(said.join("; "))
}

/// What the model does not know is no answer.
pub(super) fn modelled<T>(result: Result<T, SqlError>) -> Result<Result<T, SqlError>, Verdict> {
    match result {
        Err(SqlError::Unsupported(what)) => Err(skipped(format!("not modelled: {what}"))),
        told => Ok(told),
    }
}

/// The SQLSTATE, for a case that tells nothing else of an error.
pub(super) fn code(error: &SqlError) -> Option<&'static str> {
    error.state().map(|state| state.code())
}

/// A value as a driver gives it: numbers as numbers, everything else as text.
pub(super) fn shown(value: &Value, of: &SqlType) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Real(_) | Value::Double(_) | Value::Numeric(_) => {
            let text = value.text(of).unwrap_or_default();
            serde_json::from_str(&text).unwrap_or(Json::String(text))
        }
        Value::Text(text) if *of == SqlType::Json || *of == SqlType::Jsonb => {
            serde_json::from_str(text).unwrap_or_else(|_| json!(text))
        }
        Value::Text(_)
        | Value::Date(_)
        | Value::Timestamp(_)
        | Value::Uuid(_)
        | Value::Bytes(_)
        | Value::Symbol(..) => {
            json!(value.text(of))
        }
    }
}

/// Whether two values are the same, whichever way a driver writes numbers, times and padding.
pub(super) fn is_same(expected: &Json, got: &Json) -> bool {
    let plain = |value: &Json| match value {
        Json::String(text) => Some(text.trim_end_matches(' ').replacen('T', " ", usize::from(text.len() > 10))),
        Json::Number(number) => Some(number.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    };
    let number = |value: &Json| plain(value).and_then(|text| text.parse::<f64>().ok());
    match (number(expected), number(got)) {
        (Some(a), Some(b)) => a == b,
        _ => expected == got || (plain(expected).is_some() && plain(expected) == plain(got)),
    }
}
