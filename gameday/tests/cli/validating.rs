//! What the engine is held to, as somebody sees it who does not trust it.

use super::{gameday, stderr, stdout};

#[test]
fn a_suite_is_a_table_that_fits_a_terminal() {
    let table = stdout(gameday(&["validate", "retries", "--quick"]), 0);
    assert!(table.starts_with("retries\n") && table.ends_with("FIGURES AGREE\n"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn a_suite_is_json_on_request() {
    let said = stdout(gameday(&["validate", "retries", "--quick", "--json"]), 0);
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["schema"], "gameday.validate/1");
    assert_eq!(said["suites"][0]["rows"][0]["published"], 64.0);
    assert_eq!(said["suites"][0]["rows"][0]["verdict"], "agrees");
}

#[test]
fn a_model_that_is_validated_can_be_looked_at() {
    let said = stdout(gameday(&["validate", "retries", "--quick", "--json"]), 0);
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    for row in said["suites"][0]["rows"].as_array().expect("rows") {
        let model = row["model"].as_str().expect("a name");
        assert!(stdout(gameday(&["show", model]), 0).contains("# Covers"), "{model}");
    }
}

#[test]
fn an_unknown_suite_brings_the_ones_there_are() {
    let complaint = stderr(gameday(&["validate", "astrology"]), 2);
    assert!(complaint.contains("[possible values: queueing, retries, metastability, alerts, skew]"), "{complaint}");
}
