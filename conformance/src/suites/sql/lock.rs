//! What a change of the schema locks, and whether it writes the table anew.
//!
//! A case has `ddl`, maybe a `prelude`, and the `lock_on_t`. It does not say what the table `t` is; it was measured on
//! one like [`TABLES`], and a case about another column has no answer.

use super::{run, skipped};
use crate::case::{Case, Verdict};
use crate::suites::Suite;
use formats::sql::migration;
use model::data::sql::{Database, Lock, footprint};
use serde_json::{Value as Json, json};

pub(in crate::suites) const SUITE: Suite = Suite { recognises, run: verdict };

/// The tables that the cases speak of.
const TABLES: &str = "CREATE TABLE p(id int PRIMARY KEY); \
                      CREATE TABLE t(id int PRIMARY KEY, a text, b int, v varchar(10), n numeric(10,2), ts timestamp, \
                      tz timestamptz, CONSTRAINT c_old CHECK (id > 0)); \
                      INSERT INTO p VALUES (5); INSERT INTO t(id, a, b, v, n) VALUES (1, 'x', 5, 'y', 1.5)";

fn recognises(case: &Case<'_>) -> bool {
    case.has(&["ddl", "lock_on_t"])
}

fn verdict(case: &Case<'_>) -> Verdict {
    let text = |member: &str| case.body.get(member).and_then(Json::as_str).unwrap_or_default();
    match answer(text("prelude"), text("ddl")) {
        Ok(answer) => compare(case, &answer),
        Err(verdict) => verdict,
    }
}

/// Every member of the case that the answer has, and that differs.
fn compare(case: &Case<'_>, answer: &Json) -> Verdict {
    let members = answer.as_object().into_iter().flatten();
    let wrong: Vec<_> =
        members.filter(|(member, got)| case.body.get(*member).is_some_and(|known| known != *got)).collect();
    if wrong.is_empty() {
        return Verdict::Passed;
    }
    let list = |pick: &dyn Fn(&str) -> Json| {
        let all: Vec<String> = wrong.iter().map(|(member, _)| format!("{member}: {}", pick(member))).collect();
        all.join(", ")
    };
    Verdict::failed(list(&|member| case.body[member].clone()), list(&|member| answer[member].clone()))
}

fn answer(prelude: &str, ddl: &str) -> Result<Json, Verdict> {
    let mut database = Database::default();
    for script in [TABLES, prelude] {
        run(script, &mut database)?.map_err(skipped)?;
    }
    let steps = migration("ddl", ddl).map_err(|errors| skipped(&errors[0]))?;
    let [step] = &steps[..] else { return Err(skipped("a case about one step has several")) };
    let taken = footprint(step, &database).map_err(skipped)?;
    let on_t = taken.lock("t");
    Ok(json!({
        "lock_on_t": on_t.map(Lock::name),
        "lock_on_referenced": taken.lock("p").map(Lock::name),
        "blocks_reads": on_t.is_some_and(Lock::blocks_reads),
        "blocks_writes": on_t.is_some_and(Lock::blocks_writes),
        "rewrites_table": taken.rewrites,
    }))
}
