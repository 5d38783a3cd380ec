//! A moment of a run: which versions call which, what is stored, and what they make of each other and of that.

use super::{gameday, stderr, stdout};
use serde_json::Value;

const MOMENT: [&str; 5] = ["run", "tightened-contract", "--at", "4m", "--skew"];

fn document(words: &[&str], code: i32) -> Value {
    serde_json::from_str(&stdout(gameday(&[words, &["--json"]].concat()), code)).expect("JSON")
}

#[test]
fn each_pair_is_told_with_its_share_and_the_field_it_fails_on() {
    let skew = document(&MOMENT, 1);
    let fields = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(fields(&skew), "schema scenario plan seed at_s counted_s edges tables places");
    assert_eq!(
        (&skew["schema"], &skew["at_s"], &skew["counted_s"]),
        (&"gameday.skew/1".into(), &240.into(), &60.into())
    );
    let edges = skew["edges"].as_array().expect("a list");
    let edge = edges.iter().find(|edge| edge["caller"] == "checkout").expect("it calls");
    assert_eq!(fields(edge), "caller endpoint contract calls pairs");
    let pairs = edge["pairs"].as_array().expect("a list");
    let shares: f64 = pairs.iter().filter_map(|pair| pair["share"].as_f64()).sum();
    assert!((shares - 1.0).abs() < 1e-9, "{edge}");
    let new = pairs.iter().find(|pair| pair["callee"] == "payment 4").expect("it serves");
    assert_eq!(fields(new), "caller callee calls share request response");
    assert_eq!(fields(&new["request"]), "outcome classes fields reasons others");
    assert_eq!((&new["request"]["outcome"], &new["request"]["fields"][0]), (&"refused".into(), &"device".into()));
    assert_eq!(new["response"]["outcome"], "understood");
}

#[test]
fn the_text_fits_a_terminal_and_says_the_same() {
    let text = stdout(gameday(&MOMENT), 1);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("checkout 7 -> payment 4") && text.contains("request REFUSED"), "{text}");
    assert!(text.contains("`device`: field missing and no default"), "{text}");
}

#[test]
fn a_table_is_told_with_the_statements_that_no_longer_run() {
    let moment = ["run", "dropped-column", "--plan", "rollback", "--at", "10m", "--skew"];
    let tables = &document(&moment, 1)["tables"];
    assert_eq!((&tables[0]["table"], &tables[0]["state"]), (&"orders".into(), &"without-discount".into()));
    let code = &tables[0]["versions"][0];
    assert_eq!((&code["version"], &code["written_for"][0]), (&"orders 11".into(), &"initial".into()));
    assert_eq!(code["refused"].as_array().map(Vec::len), Some(2), "{code}");
    let text = stdout(gameday(&moment), 1);
    assert!(text.contains("orders   a table, in state without-discount"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80) && text.contains("42703"), "{text}");
    let whole = stdout(gameday(&["run", "dropped-column", "--at", "1m", "--skew"]), 0);
    assert!(whole.contains("orders 11  written for initial: its statements run"), "{whole}");
}

#[test]
fn before_anybody_is_released_all_understand_each_other() {
    let early = document(&["run", "tightened-contract", "--at", "30s", "--skew"], 0);
    assert_eq!(early["counted_s"], 30);
    let alone = stdout(gameday(&["run", "mm1", "--at", "30s", "--skew"]), 0);
    assert!(alone.contains("no call has a contract"), "{alone}");
}

#[test]
fn a_moment_that_is_not_reached_is_undecided() {
    let cut = document(&[&MOMENT[..], &["--max-events", "2000"]].concat(), 3);
    assert!(cut["at_s"].as_f64().expect("a number") < 240.0, "{cut}");
}

#[test]
fn a_moment_is_looked_at_for_something() {
    stderr(gameday(&["run", "mm1", "--at", "30s"]), 2);
    stderr(gameday(&["run", "mm1", "--skew"]), 2);
    stderr(gameday(&[&MOMENT[..], &["--until", "5m"]].concat()), 2);
    stderr(gameday(&[&MOMENT[..], &["--explain", "failed"]].concat()), 2);
}

#[test]
fn at_a_moment_it_is_told_what_is_stored_and_who_can_read_it() {
    let stored = ["run", "enum-symbol", "--plan", "rollback", "--records", "--at"];
    let early = document(&[&stored[..], &["1m"]].concat(), 0);
    assert_eq!((&early["schema"], &early["at_s"]), (&"gameday.records/1".into(), &60.into()));
    let late = stdout(gameday(&[&stored[..], &["30m"]].concat()), 1);
    assert!(late.lines().all(|line| line.chars().count() <= 80) && late.contains("CANNOT READ"), "{late}");
    let alone = stdout(gameday(&["run", "mm1", "--at", "30s", "--records"]), 0);
    assert!(alone.contains("there is no store and no topic"), "{alone}");
    stderr(gameday(&["run", "mm1", "--records"]), 2);
    stderr(gameday(&["run", "mm1", "--at", "30s", "--records", "--skew"]), 2);
}

#[test]
fn at_a_moment_it_is_told_what_a_seat_sees_and_nothing_of_the_truth() {
    let seen = ["run", "ledger-format", "--plan", "rollback", "--at", "13m", "--view"];
    let view = document(&[&seen[..], &["raj"]].concat(), 0);
    assert_eq!((&view["schema"], &view["seat"], &view["at_s"]), (&"gameday.view/1".into(), &"raj".into(), &780.into()));
    let text = stdout(gameday(&[&seen[..], &["raj"]].concat()), 0);
    assert!(text.lines().all(|line| line.chars().count() <= 80) && text.contains("checkout-burn FIRES"), "{text}");
    let complaint = stderr(gameday(&[&seen[..], &["rai"]].concat()), 2);
    assert!(complaint.contains("did you mean `raj`?"), "{complaint}");
    let complaint = stderr(gameday(&[&seen[..], &["nobody-here"]].concat()), 2);
    assert!(complaint.contains("its seats are `ana`, `raj`, `olga`"), "{complaint}");
    stderr(gameday(&[&seen[..], &["raj", "--skew"]].concat()), 2);
    stderr(gameday(&["run", "ledger-format", "--view", "raj"]), 2);
}

#[test]
fn a_check_names_the_versions_that_will_meet() {
    let assert = gameday(&["check", "tightened-contract"]).assert().code(0);
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(said.contains("checkout 7 and payment 4 will meet, and do not understand each other"), "{said}");
}
