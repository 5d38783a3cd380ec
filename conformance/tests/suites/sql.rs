//! The suites of SQL: what they let pass, and what they must not.

use crate::{check, verdict};
use conformance::Verdict;
use serde_json::json;

#[test]
fn a_lock_is_told_from_a_weaker_one_and_a_rewrite_from_none() {
    let case = json!({
        "id": "lock", "prelude": null, "ddl": "ALTER TABLE t ALTER COLUMN v TYPE varchar(5)",
        "lock_on_t": "AccessExclusiveLock",
        "lock_on_referenced": null, "blocks_reads": true, "blocks_writes": true, "rewrites_table": true,
    });
    let wrong = [
        ("/lock_on_t", json!("ShareLock")),
        ("/lock_on_referenced", json!("RowShareLock")),
        ("/blocks_reads", json!(false)),
        ("/blocks_writes", json!(false)),
        ("/rewrites_table", json!(false)),
    ];
    check(&case, &wrong);
}

#[test]
fn a_changed_value_is_told_from_the_same_one() {
    let case = json!({
        "id": "type", "family": "sql", "old_type": "numeric(10,2)", "new_type": "int", "stored": "12.56", "using": null,
        "migration": "ALTER TABLE t ALTER COLUMN x TYPE int", "before": "12.56", "migration_result": {"outcome": "ok"},
        "after": "13", "stored_changed": true,
        "old_write": {"literal": "1.5", "would_have_stored": "1.50",
                      "outcome": "ok", "stored": "2", "silently_changed": true},
    });
    let wrong = [
        ("/before", json!("12.5")),
        ("/after", json!("12")),
        ("/stored_changed", json!(false)),
        ("/migration_result/outcome", json!("error")),
        ("/old_write/stored", json!("1")),
        ("/old_write/silently_changed", json!(false)),
    ];
    check(&case, &wrong);
}

#[test]
fn an_old_statement_that_fails_is_told_from_one_that_does_not() {
    let case = json!({
        "id": "old", "setup": "CREATE TABLE t(id bigint PRIMARY KEY, b int); INSERT INTO t VALUES (1,5),(2,NULL)",
        "migration": "ALTER TABLE t DROP COLUMN b", "migration_result": {"outcome": "ok", "rowcount": -1},
        "old_code": {
            "list": {"sql": "SELECT id,b FROM t", "outcome": "error", "sqlstate": "42703", "same_as_before": false},
            "star": {"sql": "SELECT * FROM t ORDER BY id", "outcome": "ok", "rows": [[1], [2]], "columns": ["id"],
                     "same_as_before": false},
        },
        "down": "ALTER TABLE t ADD COLUMN b int",
        "down_result": {"outcome": "ok", "data_restored": false, "rows": [[1, null], [2, null]]},
    });
    let wrong = [
        ("/migration_result/outcome", json!("error")),
        ("/old_code/list/sqlstate", json!("42P01")),
        ("/old_code/star/rows/1/0", json!(3)),
        ("/old_code/star/columns/0", json!("b")),
        ("/old_code/star/same_as_before", json!(true)),
        ("/down_result/data_restored", json!(true)),
        ("/down_result/rows/0/1", json!(5)),
    ];
    check(&case, &wrong);
}

#[test]
fn what_is_not_modelled_is_skipped_with_its_reason() {
    let case = json!({"id": "lock", "ddl": "CREATE VIEW w AS SELECT 1", "lock_on_t": "AccessShareLock"});
    let Verdict::Skipped { why } = verdict(&case) else { panic!("{:?}", verdict(&case)) };
    assert!(why.contains("1:8") && why.contains("VIEW"), "{why}");
}
