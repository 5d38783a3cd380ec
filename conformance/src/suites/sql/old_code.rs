//! What each statement of the old application sees after a migration, and what the way back restores.
//!
//! A case has `setup`, `migration`, `migration_result` and `old_code`, maybe `down` and `down_result`. Each statement
//! meets the migrated database as it was right after the migration.

use std::cmp::Ordering;

use super::{code, is_same, modelled, run, shown};
use crate::case::{Case, Verdict};
use crate::suites::Suite;
use formats::sql::statement;
use model::data::sql::{Answer, Database, SqlError, execute};
use serde_json::{Map, Value as Json, json};

pub(in crate::suites) const SUITE: Suite = Suite { recognises, run: verdict };

fn recognises(case: &Case<'_>) -> bool {
    case.has(&["setup", "migration", "migration_result"])
}

fn verdict(case: &Case<'_>) -> Verdict {
    run_case(case).unwrap_or_else(|verdict| verdict)
}

/// The first difference ends a case.
fn run_case(case: &Case<'_>) -> Result<Verdict, Verdict> {
    let text = |member: &str| case.body.get(member).and_then(Json::as_str).unwrap_or_default();
    let mut before = Database::default();
    run(text("setup"), &mut before)?.map_err(super::skipped)?;
    let mut after = before.clone();
    let migrated = run(text("migration"), &mut after)?;
    check("migration", &case.body["migration_result"], &result(&migrated))?;
    for (name, known) in case.body.get("old_code").and_then(Json::as_object).into_iter().flatten() {
        check(name, known, &seen(known, &before, &after)?)?;
    }
    if let Some(known) = case.body.get("down_result") {
        check("down", known, &down(text("down"), &before, after)?)?;
    }
    Ok(Verdict::Passed)
}

/// Compares the members that both sides have; a member that only the case has tells nothing new.
fn check(what: &str, known: &Json, got: &Json) -> Result<(), Verdict> {
    let members = got.as_object().into_iter().flatten();
    let differs = |(member, got): &(&String, &Json)| known.get(*member).is_some_and(|known| !matches(known, got));
    match members.into_iter().find(differs) {
        None => Ok(()),
        Some((member, got)) => {
            let told = known.get("sqlstate").map(|state| format!(" ({state})")).unwrap_or_default();
            let expected = format!("{what}: {member} {}{told}", known[member]);
            Err(Verdict::failed(expected, format!("{what}: {member} {got} in {got}")))
        }
    }
}

/// Lists are compared item by item, values as a driver may write them.
fn matches(known: &Json, got: &Json) -> bool {
    match (known, got) {
        (Json::Array(known), Json::Array(got)) => {
            known.len() == got.len() && known.iter().zip(got).all(|(known, got)| matches(known, got))
        }
        _ => is_same(known, got),
    }
}

/// The answer as the cases write it down. What is done without counting has -1 rows.
fn result(answer: &Result<Answer, SqlError>) -> Json {
    match answer {
        Ok(Answer::Count(count)) => json!({"outcome": "ok", "rowcount": count}),
        Ok(Answer::Done) => json!({"outcome": "ok", "rowcount": -1}),
        Ok(Answer::Rows(columns, rows)) => {
            let row = |row: &Vec<_>| row.iter().zip(columns).map(|(value, (_, of))| shown(value, of)).collect();
            let rows: Vec<Vec<Json>> = rows.iter().map(row).collect();
            let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
            json!({"outcome": "ok", "rows": rows, "columns": names})
        }
        Err(error) => json!({"outcome": "error", "sqlstate": code(error)}),
    }
}

/// What one statement sees on a copy of both databases.
fn seen(known: &Json, before: &Database, after: &Database) -> Result<Json, Verdict> {
    let sql = known.get("sql").and_then(Json::as_str).unwrap_or_default();
    let statement = statement("old code", sql).map_err(super::skipped)?;
    let old = modelled(execute(&statement, &mut before.clone()))?;
    let new = modelled(execute(&statement, &mut after.clone()))?;
    let (old, mut new) = (result(&old), result(&new));
    let same = old == new;
    if let Json::Object(new) = &mut new {
        new.insert("same_as_before".into(), json!(same));
    }
    Ok(new)
}

fn down(script: &str, before: &Database, mut after: Database) -> Result<Json, Verdict> {
    let went = run(script, &mut after)?;
    let mut down = result(&went);
    if let (Ok(_), Json::Object(down)) = (&went, &mut down) {
        let restored = compare_rows(before, &after, down)?;
        down.insert("data_restored".into(), json!(restored));
    }
    Ok(down)
}

/// The rows of the table `t`, by the columns it had.
fn compare_rows(before: &Database, after: &Database, down: &mut Map<String, Json>) -> Result<bool, Verdict> {
    let Ok(table) = before.table("t") else { return Ok(before.tables.keys().eq(after.tables.keys())) };
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let sql = format!("SELECT {} FROM t", columns.join(","));
    let statement = statement("rows", &sql).map_err(super::skipped)?;
    let [old, new] = [before, after].map(|database| execute(&statement, &mut database.clone()));
    let (old, new) = (result(&modelled(old)?), result(&modelled(new)?));
    let (old, new) = (sorted(&old["rows"]), sorted(&new["rows"]));
    down.insert("rows".into(), new.clone());
    Ok(old == new)
}

/// By the first column, which is the key.
fn sorted(rows: &Json) -> Json {
    let mut rows: Vec<Json> = rows.as_array().cloned().unwrap_or_default();
    let key = |row: &Json| row[0].as_f64();
    rows.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(Ordering::Equal));
    Json::Array(rows)
}
