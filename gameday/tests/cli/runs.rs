//! Runs: their answers, their exit codes, their documents.

use super::{folder, gameday, stderr, stdout};
use serde_json::Value;
use std::fs;

/// The document of a run of the first drill.
fn document(words: &[&str], code: i32) -> Value {
    let words = [&["run", "ledger-format", "--json"], words].concat();
    serde_json::from_str(&stdout(gameday(&words), code)).expect("JSON")
}

#[test]
fn a_good_answer_exits_with_0_and_a_bad_one_with_1() {
    assert_eq!(document(&["--plan", "flag-first"], 0)["outcome"], "recovered");
    assert_eq!(document(&["--plan", "rollback"], 1)["outcome"], "not_recovered");
    assert_eq!(document(&["--until", "1m"], 0)["outcome"], "no_harm");
}

#[test]
fn nobody_acts_unless_told_to() {
    let alone = document(&[], 1);
    assert_eq!(alone, document(&["--responder", "none", "--seed", "1"], 1));
    assert_eq!(alone["plan"], Value::Null);
    assert_eq!(alone["clocks"]["acknowledged_s"], Value::Null);
}

#[test]
fn what_the_effects_clock_waits_for_is_found_under_its_name() {
    let explain = |figure| {
        let words = ["run", "double-charge", "--json", "--explain", figure];
        serde_json::from_str::<Value>(&stdout(gameday(&words), 1)).expect("JSON")
    };
    assert_eq!(explain("effects"), explain("uncompensated"));
}

#[test]
fn a_figure_is_explained_down_to_the_field() {
    let explained = document(&["--plan", "rollback", "--explain", "unreadable"], 1);
    let run = document(&["--plan", "rollback"], 1);
    assert_eq!((&explained["schema"], &explained["digest"]), (&"gameday.explanation/1".into(), &run["digest"]));
    assert_eq!(explained["count"], run["harm"]["records"]["unreadable"]);
    let read = explained["chain"].as_array().expect("a chain").last().expect("links");
    assert_eq!(read["record"]["fields"], serde_json::json!(["rail"]));
    assert_eq!(read["record"]["reader"], "payments 50");
    let text = stdout(gameday(&["run", "ledger-format", "--plan", "rollback", "--explain", "unreadable"]), 1);
    assert!(text.contains("It began with") && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let help = stderr(gameday(&["run", "ledger-format", "--explain", "unreadible"]), 2);
    assert!(help.contains("'unreadable'"), "{help}");
}

/// With prices in the scenario.
#[test]
fn a_run_ends_with_a_bill_where_something_has_a_price() {
    assert!(document(&[], 1).get("bill").is_none(), "nothing has a price");
    let words = ["run", "right-sized", "--plan", "back"];
    let text = stdout(gameday(&words), 0);
    let standby = "    K2 warm standby      4.00 replica hours                 0.40          438.00";
    assert!(text.lines().any(|line| line == standby) && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let bill: Value = serde_json::from_str(&stdout(gameday(&[&words[..], &["--json"]].concat()), 0)).expect("JSON");
    let bill = &bill["bill"];
    assert_eq!((&bill["currency"], &bill["month"]["releases"]), (&"USD".into(), &8.into()));
    let standby = &bill["services"][0]["charges"][1];
    assert_eq!((&standby["id"], &standby["run"], &standby["month"]), (&"K2".into(), &"0.40".into(), &"438.00".into()));
}

#[test]
fn the_document_has_its_fields_in_order() {
    let run = document(&["--plan", "rollback"], 1);
    let fields = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(" ");
    let top = "schema scenario plan seed digest outcome stopped objective simulated_s \
               clocks time_budget patterns reviews informed harm latencies rates \
               workings not_judged timeline";
    assert_eq!(fields(&run), top);
    assert_eq!((run["schema"].as_str(), run["plan"].as_str()), (Some("gameday.run/1"), Some("rollback")));
    assert_eq!(run["digest"].as_str().map(str::len), Some(16));
    assert_eq!(run["simulated_s"], 3600);
    assert_eq!(fields(&run["timeline"][0]), "at_s id who what because");
}

#[test]
fn the_seed_makes_the_run() {
    let digest = |seed: &str| document(&["--until", "90s", "--seed", seed], 0)["digest"].clone();
    assert_eq!(digest("7"), digest("7"));
    assert_ne!(digest("7"), digest("8"));
}

#[test]
fn a_run_ends_before_or_after_its_horizon_as_told() {
    assert_eq!(document(&["--until", "1m 30s"], 0)["simulated_s"], 90);
    assert_eq!(document(&["--until", "61m"], 1)["simulated_s"], 3660);
}

#[test]
fn a_time_needs_a_unit() {
    let complaint = stderr(gameday(&["run", "ledger-format", "--until", "30"]), 2);
    assert!(complaint.contains("write `30s` or `30ms`"), "{complaint}");
}

#[test]
fn a_plan_can_be_a_file() {
    let folder = folder("plan");
    fs::write(folder.join("late.yaml"), "- {at: 30m, do: {undo: payments}}\n").expect("the folder can be written");
    let run = gameday(&["run", "ledger-format", "--plan", "late.yaml", "--json"]).current_dir(&folder);
    let run: Value = serde_json::from_str(&stdout(run, 1)).expect("JSON");
    assert_eq!(run["plan"], "late.yaml");
    let steps = run["timeline"].as_array().expect("a list");
    assert!(steps.iter().any(|line| line["at_s"] == 1800 && line["what"] == "roll back payments"), "{steps:#?}");
}

#[test]
fn a_plan_that_is_wrong_runs_nothing() {
    let folder = folder("bad-plan");
    fs::write(folder.join("bad.yaml"), "- {at: 30m, do: {undo: paymets}}\n").expect("the folder can be written");
    let complaint = stderr(gameday(&["run", "ledger-format", "--plan", "bad.yaml"]).current_dir(&folder), 2);
    assert!(complaint.contains("bad.yaml:1:") && complaint.contains("`payments`"), "{complaint}");
}

#[test]
fn text_says_how_to_see_the_same_again() {
    let text = stdout(gameday(&["run", "ledger-format", "--until", "90s", "--seed", "7"]), 0);
    let again = text.lines().last().and_then(|line| line.strip_prefix("  gameday ")).expect("the last line");
    assert_eq!(again, "run ledger-format --until 1m30s --seed 7");
    assert_eq!(stdout(gameday(&again.split(' ').collect::<Vec<_>>()), 0), text);
}
