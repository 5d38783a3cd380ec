//! `ALTER COLUMN ... TYPE` over one stored value, and what an old `INSERT` stores afterwards.
//!
//! A case has `old_type`, `new_type`, `stored`, the `migration`, its `migration_result`, and maybe an `old_write`.
//! Values are compared as text, as `x::text` gives them.

use super::{code, run, skipped};
use crate::case::{Case, Verdict};
use crate::suites::Suite;
use model::data::sql::{Database, SqlError, Value};
use serde_json::{Value as Json, json};

pub(in crate::suites) const SUITE: Suite = Suite { recognises, run: verdict };

fn recognises(case: &Case<'_>) -> bool {
    case.has(&["old_type", "new_type", "stored", "migration"])
}

fn verdict(case: &Case<'_>) -> Verdict {
    match answer(case) {
        Ok(answer) => compare(case, &answer),
        Err(verdict) => verdict,
    }
}

fn compare(case: &Case<'_>, answer: &Json) -> Verdict {
    let members = answer.as_object().into_iter().flatten();
    let mut wrong = members.filter(|(member, got)| case.body.get(*member).is_some_and(|known| !covers(known, got)));
    match wrong.next() {
        None => Verdict::Passed,
        Some((member, got)) => Verdict::failed(format!("{member}: {}", case.body[member]), format!("{member}: {got}")),
    }
}

/// Whether everything known is in the answer.
fn covers(known: &Json, got: &Json) -> bool {
    match (known, got) {
        (Json::Object(known), Json::Object(got)) => {
            got.iter().all(|(k, v)| known.get(k).is_none_or(|known| known == v))
        }
        _ => known == got,
    }
}

fn answer(case: &Case<'_>) -> Result<Json, Verdict> {
    let text = |member: &str| case.body.get(member).and_then(Json::as_str).unwrap_or_default();
    let before = table(text("old_type"), text("stored"))?;
    let mut after = before.clone();
    let migrated = run(text("migration"), &mut after)?;
    let mut answer = json!({"before": content(&before)?, "migration_result": outcome(&migrated)});
    if migrated.is_ok() {
        let (was, is) = (content(&before)?, content(&after)?);
        answer["stored_changed"] = json!(was != is);
        answer["after"] = is;
        if let Some(literal) = case.body.get("old_write").and_then(|write| write["literal"].as_str()) {
            answer["old_write"] = old_write(literal, text("old_type"), after)?;
        }
    }
    Ok(answer)
}

fn table(of: &str, value: &str) -> Result<Database, Verdict> {
    let mut database = Database::default();
    let types = "CREATE TYPE mood AS ENUM ('sad','ok','happy')";
    let script = format!("{types}; CREATE TABLE t(x {of}); INSERT INTO t VALUES ({value})");
    run(&script, &mut database)?.map_err(skipped)?;
    Ok(database)
}

/// The one value of the table.
fn content(database: &Database) -> Result<Json, Verdict> {
    let table = database.table("t").map_err(skipped)?;
    let value = table.rows.first().map_or(&Value::Null, |row| &row[0]);
    Ok(json!(value.text(&table.columns[0].of)))
}

fn outcome<T>(result: &Result<T, SqlError>) -> Json {
    match result {
        Ok(_) => json!({"outcome": "ok"}),
        Err(error) => json!({"outcome": "error", "sqlstate": code(error)}),
    }
}

fn old_write(literal: &str, old_type: &str, mut after: Database) -> Result<Json, Verdict> {
    let would = content(&table(old_type, literal)?)?;
    run("DELETE FROM t", &mut after)?.map_err(skipped)?;
    let written = run(&format!("INSERT INTO t VALUES ({literal})"), &mut after)?;
    let mut answer = outcome(&written);
    answer["would_have_stored"] = would.clone();
    if written.is_ok() {
        let stored = content(&after)?;
        answer["silently_changed"] = json!(stored != would);
        answer["stored"] = stored;
    }
    Ok(answer)
}
